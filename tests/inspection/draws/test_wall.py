"""The wall screen of a draw, step by step: what it shows, what it keeps, and that it stands alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from inspection import clock
from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.db import Database
from inspection.draws import service
from inspection.draws.models import Commitment, Draw, Reveal
from tests.conftest import DRAW_KEY, settings_for
from tests.inspection.draws.office import EMBARGO, LATER, NOT_BEFORE, REVEAL_BY, REVEALED, VALUE, Office
from tests.people import Browser, sign_in


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return Office(sqlite_database)


@pytest.fixture
def app(office: Office, tmp_path: Path) -> Any:
    return create_app(settings_for(office.database, tmp_path), office.database)


def seen(browser: Browser, draw: Draw) -> str:
    answer = browser.get(f"/draws/{draw.id}/ceremony")
    assert answer.status_code == 200
    return str(answer.text)


def grouped(value: str) -> str:
    return "".join(f"<span>{value[i:i + 8]}</span> " for i in range(0, 64, 8))


def test_before_the_reveal_the_room_sees_digest_source_countdown_and_who_has_typed(office: Office, app: Any) -> None:
    draw = office.committed()
    with clock.at(REVEALED):
        planner = sign_in(app, "leader")
        page = seen(planner, draw)
        assert "<nav" not in page and "sidebar" not in page and " style=" not in page and "onclick" not in page
        with office.database.read() as session:
            digest = session.get_one(Commitment, draw.id).digest
        assert grouped(digest) in page and "快乐8 第2026055期" in page and "2026-03-03 21:30" in page
        assert f'data-countdown="{NOT_BEFORE.isoformat()}"' in page and f'data-until="{REVEAL_BY.isoformat()}"' in page
        assert f'data-now="{REVEALED.isoformat()}"' in page and "data-waits" in page and VALUE not in page
    office.enter(draw, office.officer)
    with clock.at(REVEALED):
        again = seen(planner, draw)
        assert "见证人officer" in again and "测试officer" in again and VALUE not in again, "one entry tells nothing of the value"
    states = [re.search(r'data-state="([^"]+)"', text)[1] for text in (page, again)]  # type: ignore[index]
    assert states[0] != states[1], "the wall notices that somebody typed"


def test_after_the_reveal_the_list_stands_in_rank_order(office: Office, app: Any) -> None:
    draw = office.revealed()
    with clock.at(REVEALED):
        page = seen(sign_in(app, "leader"), draw)
    with office.database.read() as session:
        seed = session.get_one(Reveal, draw.id).seed
        rows = session.execute(service.selection(draw.id).order_by("stratum", "rank")).all()
    assert grouped(seed) in page and VALUE in page and "见证人officer、见证人leader" in page and "data-waits" not in page
    listed = re.findall(r'<span class="rank">(\S+)</span> <span class="name">([^<]+)</span> <code>(\w{8})</code>', page)
    assert listed == [(f"{row.stratum}-{row.rank}", name, row.ticket[:8]) for row, name in rows] and len(listed) == 11


def test_the_wall_keeps_an_embargo_and_shows_everything_when_it_ends(office: Office, app: Any) -> None:
    draw = office.revealed(embargo_until=EMBARGO, announced=False)
    with office.database.read() as session:
        seed = session.get_one(Reveal, draw.id).seed
    from tests.people import person

    person(office.database, "planner", "planner")
    with clock.at(REVEALED):
        page = seen(sign_in(app, "planner"), draw)
        assert grouped(seed) not in page and VALUE not in page and 'class="rank"' not in page and "名单保密中" in page and "data-waits" in page
    with clock.at(LATER):
        with office.database.write() as session:
            session.info["actor"] = SYSTEM
            service.publish_due(session, DRAW_KEY)
        page = seen(sign_in(app, "planner"), draw)
        assert grouped(seed) in page and VALUE in page and page.count('class="rank"') == 11


def test_drafts_and_void_draws_have_a_wall_too(office: Office, app: Any) -> None:
    with clock.at(REVEALED):
        leader = sign_in(app, "leader")
        assert "尚未作出承诺" in seen(leader, office.configured())
        assert "底册漏了一条街" in seen(leader, office.void(office.committed()))
        leader.post("/language", {"language": "en", "next": "/"})
        page = seen(leader, office.revealed())
        words = re.sub(r"(?s)<small>[^<]*</small>|<h1>.*?</header>|<title>.*?</title>", "", page)
        assert "Leave the wall screen" in page and "Pause" in words

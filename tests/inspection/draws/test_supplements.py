"""A draw that supplements another: the same scope without those selected, a promise and a seed of its own, each public page names the other."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from inspection import clock
from inspection.app import create_app
from inspection.db import Database
from inspection.draws import service
from inspection.draws.models import Commitment, Reveal, Selection
from inspection.errors import Invalid, Refused
from sampling import bundle, frame, verify
from tests.conftest import DRAW_KEY, settings_for
from tests.inspection.draws.office import EMBARGO, GIVEN, OTHER_VALUE, REVEALED, Office
from tests.inspection.draws.test_service import refused
from tests.people import sign_in

SCOPE = {"rates": {"A": (1, 3), "B": (1, 2)}, "title": "补充抽取", "period_from": date(2026, 4, 1), "period_to": date(2026, 4, 30)}


def chosen(office: Office, draw_id: int) -> set[str]:
    with office.database.read() as session:
        return set(session.scalars(select(Selection.unit_code).where(Selection.draw_id == draw_id, Selection.role == "selected")))


def test_who_was_selected_before_is_left_out_by_a_code_and_everything_else_is_its_own(database: Database) -> None:
    office = Office(database)
    first = office.revealed()
    again = office.revealed(OTHER_VALUE, supplements_id=first.id, **SCOPE)
    third = office.revealed(supplements_id=again.id, **SCOPE)
    sets = [chosen(office, draw.id) for draw in (first, again, third)]
    assert not sets[0] & sets[1] and not (sets[0] | sets[1]) & sets[2] and all(sets)
    with database.read() as session:
        data = service.opened(session, third, DRAW_KEY)[1]
        assert verify.check_bundle(data).outcome.n_selected == len(sets[2])
        rows = list(frame.rows(bundle.unpack(data)["frame.tsv"]))
        assert {cells[0] for cells in rows if cells[3] == "DRAWN"} == sets[0] | sets[1]
        strata = json.loads(bundle.unpack(data)["rule.json"])["strata"]
        assert sum(s["population"] for s in strata.values()) == 30 - len(sets[0] | sets[1])
        seeds = session.scalars(select(Reveal.seed)).all()
        assert len(set(seeds)) == len(session.scalars(select(Commitment)).all()) == 3


def test_only_a_published_draw_over_the_same_scope_is_supplemented_one_at_a_time(sqlite_database: Database) -> None:
    office = Office(sqlite_database)
    hidden = office.revealed(embargo_until=EMBARGO)
    refused("supplement-needs-published", lambda: office.configured(supplements_id=hidden.id))
    refused("supplement-unknown", lambda: office.configured(supplements_id=999_999), Invalid)
    first = office.revealed()
    error = refused("other-scope", lambda: office.configured(supplements_id=first.id, stratify_by="none", rates={"ALL": (1, 3)}, tags=("连锁",)), Invalid)
    assert set(error.fields) == {"stratify_by", "tags"} and "分层、标签" in error.message
    waiting = office.frozen(supplements_id=first.id)
    refused("supplement-under-way", lambda: office.configured(supplements_id=first.id))
    with office.at(REVEALED, office.officer) as session:
        refused("frame-frozen", lambda: service.configure(session, office.officer, waiting.id, replace(GIVEN, supplements_id=None), version=waiting.version_id))
    office.void(first, REVEALED)
    with office.at(REVEALED, office.officer) as session:
        from tests.inspection.draws.office import PROMISE

        refused("supplement-needs-published", lambda: service.commit(session, office.officer, waiting.id, PROMISE, version=waiting.version_id, draw_key=DRAW_KEY), Refused)


def test_both_public_pages_and_both_pages_of_the_office_name_each_other(sqlite_database: Database, tmp_path: Path) -> None:
    office = Office(sqlite_database)
    first = office.revealed()
    app: Any = create_app(settings_for(office.database, tmp_path), office.database)
    with clock.at(REVEALED):
        officer = sign_in(app, "officer")
        assert f"/draws/new?supplements={first.id}" in officer.get(f"/draws/{first.id}").text
        form = officer.get(f"/draws/new?supplements={first.id}").text
        assert f'name="supplements_id" value="{first.id}"' in form and "这是一次补充抽取" in form
    again = office.committed(supplements_id=first.id)
    with clock.at(REVEALED):
        assert again.number in officer.get(f"/draws/{first.id}").text and first.number in officer.get(f"/draws/{again.id}").text
        old, new = (officer.get(f"/public/draws/{draw.number}").text for draw in (first, again))
        assert f"/public/draws/{again.number}" in old and "已公布名单" in old
        assert f"/public/draws/{first.number}" in new and "已在被补充的抽取中抽中" in new
        assert officer.get("/public/draws").status_code == 200

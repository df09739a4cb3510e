"""Several public sources on the page: chosen from the dated catalogue or written out, counted in bits, entered one by one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inspection import clock
from inspection.app import create_app
from inspection.db import Database
from inspection.draws import catalogue
from inspection.draws.models import Commitment
from inspection.rulebook.models import Code
from sampling import seed
from tests.conftest import settings_for
from tests.inspection.draws.office import DRAWN, NOT_BEFORE, PREPARED, REVEAL_BY, REVEALED, Office
from tests.people import sign_in

LAST = {"reveal_not_before": clock.stamp(NOT_BEFORE), "reveal_by": clock.stamp(REVEAL_BY)}


def source(row: int, known: str, issue: str = "26031", **more: str) -> dict[str, str]:
    return {f"known-{row}": known, f"issue-{row}": issue, f"drawn_at-{row}": clock.stamp(DRAWN), **{f"{name}-{row}": text for name, text in more.items()}}


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return Office(sqlite_database)


@pytest.fixture
def app(office: Office, tmp_path: Path) -> Any:
    return create_app(settings_for(office.database, tmp_path), office.database)


def test_three_sources_of_the_catalogue_carry_a_draw_together(office: Office, app: Any) -> None:
    draw = office.frozen()
    path, version = f"/draws/{draw.id}", {"version": str(draw.version_id)}
    with clock.at(PREPARED):
        officer = sign_in(app, "officer")
        page = officer.get(f"{path}/commit").text
        assert "每日 21:30" in page and "快乐8（61 比特）" in page and page.count("<fieldset") == 6
        short = officer.post(f"{path}/commit", {**version, **LAST, **source(0, "ssq_red"), **source(1, "dlt_front")})
        assert short.status_code == 409 and "38 比特" in short.text and "请增加来源，例如快乐8" in short.text
        gap = officer.post(f"{path}/commit", {**version, **LAST, **source(0, "kl8"), **source(3, "", "", name="骰子", form="digits", pick="3")})
        assert gap.status_code == 422 and 'href="#f-issue-3"' in gap.text, "the fault stands at the row where it was made"
        assert officer.post(f"{path}/commit", {**version, **LAST}).status_code == 422
        early = {**LAST, "reveal_not_before": clock.stamp(PREPARED)}
        assert "不得早于公开随机源" in officer.post(f"{path}/commit", {**version, **early, **source(0, "kl8")}).text
        given = {**source(0, "ssq_red"), **source(2, "dlt_front"), **source(4, "", "见证", name="十面骰", form="digits", pick="8")}
        assert officer.post(f"{path}/commit", {**version, **LAST, **given}).status_code == 303
    with office.database.read() as session:
        kept = json.loads(session.get_one(Commitment, draw.id).content)["public_sources"]
        assert [(s["name"], seed.bits(s)) for s in kept] == [("双色球（红球）", 20), ("超级大乐透（前区）", 18), ("十面骰", 26)]
    values = {"value-0": "01 05 09 13 20 33", "value-1": "02 04 06 08 35", "value-2": "00712345"}
    entry = {**values, **{name.replace("value", "again"): text for name, text in values.items()}, "witnesses": "公证员"}
    with clock.at(REVEALED):
        officer, leader = sign_in(app, "officer"), sign_in(app, "leader")
        page = officer.get(f"{path}/reveal").text
        assert page.count('name="value-') == 3 and "8 位数字" in page
        assert 'href="#f-again-1"' in officer.post(f"{path}/reveal", {**entry, "again-1": "02 04 06 08 34"}).text
        assert "从小到大" in officer.post(f"{path}/reveal", {**entry, "value-1": "2 4 6 8 35", "again-1": "2 4 6 8 35"}).text
        assert officer.post(f"{path}/reveal", entry).status_code == 303
        assert leader.post(f"{path}/reveal", entry).status_code == 303
    assert office.now(draw).state == "published"


def test_the_catalogue_is_dated_words_of_the_rulebook_that_the_protocol_can_use(office: Office) -> None:
    with office.at(PREPARED, office.officer) as session:
        found = catalogue.known(session)
        assert {code: known.bits for code, known in found.items()} == {
            "kl8": 61, "ssq_red": 20, "ssq_blue": 4, "dlt_front": 18, "dlt_back": 6, "qlc": 20, "pl5": 16, "d3": 9, "dice20": 66, "drand": 256, "nist": 512,
        }  # fmt: skip
        assert all(known.when and known.when_en and known.source for known in found.values())
        # a later version of the list replaces it from its day on
        session.add(
            Code(list="draw.source", version="2", code="kl8", position=1, label="快乐8新版", parent="balls 20/90", source="新规则", verified=False, valid_from=clock.today())
        )
        session.flush()
        assert [(known.name, known.most) for known in catalogue.known(session).values()] == [("快乐8新版", 90)]

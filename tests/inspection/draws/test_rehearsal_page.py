"""The rehearsal on screen: bottlenecks named in both languages, over HTTP."""

from __future__ import annotations

from pathlib import Path

from inspection import clock
from inspection.app import create_app
from inspection.db import Database
from tests.conftest import settings_for
from tests.inspection.draws.office import PREPARED, Office
from tests.people import sign_in


def test_the_planner_reads_what_may_stay_empty_and_who_must_carry_most(sqlite_database: Database, tmp_path: Path) -> None:
    draw = Office(sqlite_database, people=2).frozen()
    with clock.at(PREPARED):
        browser = sign_in(create_app(settings_for(sqlite_database, tmp_path), sqlite_database), "officer")
        page = browser.get(f"/draws/{draw.id}/rehearsal").get_data(as_text=True)
        browser.post("/language", {"language": "en", "next": "/"})
        english = browser.get(f"/draws/{draw.id}/rehearsal").get_data(as_text=True)
    assert "共 22 个席位，按回避、区域、资格和组长的要求最多能满 22 个。" in page
    assert "最忙的人至少 11 次" in page and "只有 2 人可任" in page
    assert "at most 22 be filled" in english and "the busiest inspector makes at least 11 visits" in english
    assert not any("一" <= letter <= "鿿" for letter in english.split("<main")[-1].split("Bottlenecks")[1].split("</p>")[0])

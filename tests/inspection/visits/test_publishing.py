"""待公示: results by the day on which their term ends, warned of by the rulebook, published by hand and together."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from inspection import clock, ledger
from inspection.app import create_app
from inspection.db import Database
from inspection.visits import service as visits
from inspection.visits.models import Visit
from tests.conftest import settings_for
from tests.inspection.visits.conftest import Office
from tests.inspection.visits.town import Town, problem, settle
from tests.people import sign_in

MORNING = datetime(2026, 12, 9, 1, 0, tzinfo=UTC)  # five working days before 2026-12-16


def all_visits(town: Town) -> list[Visit]:
    with town.database.read() as session:
        return list(session.scalars(select(Visit).order_by(Visit.number)))


def on_board(town: Town) -> int:
    with town.database.read() as session:
        return ledger.count(session, "results")


def left_of(page: str) -> list[tuple[str, str]]:
    """Shape and words of each line, in the order of the lines."""
    return re.findall(r'data-label="剩余"><span class="state state-(\w+)"><span aria-hidden="true">.</span> ([^<]+)<', page)


def test_the_days_left_are_told_in_words_and_shape_by_the_rule_of_the_day(office: Office) -> None:
    town = office.town
    visit = all_visits(town)[0]
    town.approved(visit)
    for day, expected in (
        (date(2026, 11, 20), ("wait", "还剩 18 个工作日")), (date(2026, 12, 8), ("wait", "还剩 6 个工作日")), (date(2026, 12, 9), ("open", "还剩 5 个工作日")),
        (date(2026, 12, 16), ("bad", "今天到期")), (date(2026, 12, 17), ("bad", "逾期 1 个工作日")), (date(2026, 12, 18), ("bad", "逾期 2 个工作日")),
    ):
        with clock.at(datetime(day.year, day.month, day.day, 1, tzinfo=UTC)):
            browser = office.signed_in("publisher")
            assert left_of(browser.get("/visits/publishing").text) == [expected], day
            assert ("共 1 条" in browser.get("/visits/publishing?soon=1").text) == (expected[0] != "wait"), day
            home = browser.get("/").text
            assert ("公示期限将至的检查结果" in home) == (expected[0] != "wait") and "/visits/publishing" in home, day
            assert ('card-link late"' in home) == ("逾期" in expected[1]), day
    assert on_board(town) == 0, "never by the clock"


def test_a_day_counted_over_an_unannounced_year_says_so_on_the_page(office: Office) -> None:
    town = office.town
    visit = all_visits(town)[0]
    town.submit(visit)
    town.act(visits.approve, "leader", visit, at=datetime(2026, 12, 18, 7, 0, tzinfo=UTC))
    with clock.at(MORNING):
        page = office.signed_in("publisher").get("/visits/publishing").text
    assert re.search(r'data-label="公示期限">2027-\d\d-\d\d（节假日安排未公布，按周末推算）', page)


def test_chosen_results_are_published_together_or_not_at_all(office: Office) -> None:
    town = office.town
    first, second, third = all_visits(town)[:3]
    for visit, entry in ((first, problem()), (second, None), (third, None)):
        town.approved(visit, entry)
    with clock.at(MORNING):
        browser = office.signed_in("publisher")
        page = browser.get("/visits/publishing").text
        boxes = re.findall(r'name="visits" value="(\d+:\d+)"', page)
        assert len(boxes) == 3
        stale = browser.post("/visits/publishing", {"visits": [boxes[0], f"{second.id}:1"]})
        assert stale.status_code == 409 and second.number in stale.text and "一条也没有公示" in stale.text and on_board(town) == 0
        for bad in ({}, {"visits": "x"}, {"visits": ["1:1"] * 201}):
            assert browser.post("/visits/publishing", bad).status_code == 422
        assert "已公示 2 条" in browser.post("/visits/publishing", {"visits": boxes[:2]}, follow=True).text
        assert on_board(town) == 2 and re.findall(r'name="visits" value="(\d+:\d+)"', browser.get("/visits/publishing").text) == boxes[2:]
        leader = office.signed_in("leader")
        seen = leader.get("/visits/publishing").text
        assert third.number in seen and 'name="visits"' not in seen and leader.post("/visits/publishing", {"visits": boxes[2:]}).status_code == 403
        later = browser.json("GET", "/api/v1/visits/publications").json
        assert [(row["number"], row["workdays_left"], row["soon"], row["obstacle"]) for row in later["items"]] == [(third.number, 5, True, "")]
        answer = browser.json("POST", "/api/v1/visits/publications", {"visits": [{"id": third.id, "version": later["items"][0]["version"]}]})
        assert answer.status_code == 201 and [row["kind"] for row in answer.json] == ["result"]
    town.act(visits.correct, "leader", first, entry=problem(), reason="补记", at=MORNING)
    with clock.at(MORNING + timedelta(minutes=6)):
        page = browser.get("/visits/publishing").text
        assert "更正：旧版已公示" in page
        again = browser.post("/visits/publishing", {"visits": re.findall(r'name="visits" value="(\d+:\d+)"', page)})
        assert again.status_code == 303 and "/account/confirm" in again.location and on_board(town) == 3


def test_what_is_kept_secret_is_unknown_to_the_publisher_and_says_why_to_who_knows(sqlite_database: Database, tmp_path: Any) -> None:
    town = settle(sqlite_database, kind="flight", embargo_until=datetime(2026, 12, 11, 1, 0, tzinfo=UTC))
    visit = all_visits(town)[0]
    town.approved(visit)
    app = create_app(settings_for(sqlite_database, tmp_path), sqlite_database)
    with clock.at(MORNING):
        page = sign_in(app, "publisher").get("/visits/publishing").text
        assert visit.number not in page and "没有待公示" in page
        assert "待公示的检查结果" not in sign_in(app, "publisher").get("/").text
        known = sign_in(app, "leader").get("/visits/publishing").text
        assert visit.number in known and "不能先行公示" in known

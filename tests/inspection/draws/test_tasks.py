"""A draw that carries out a task: it stays within it, sets the plan in motion, and makes a flight inspection public with its list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from inspection import clock, ledger
from inspection.db import Database
from inspection.draws import service as draws
from inspection.draws import strata
from inspection.draws.tasks import fitting, progress
from inspection.errors import Forbidden, Invalid, NotFound, Refused
from inspection.plans.annual import rules, service
from inspection.plans.annual.models import CheckTask
from inspection.portal import search
from tests.conftest import DRAW_KEY
from tests.inspection.draws.office import EMBARGO, GIVEN, LATER, Office
from tests.inspection.plans import annual
from tests.people import person

WITHIN: dict[str, Any] = {"period_from": date(2026, 3, 9), "period_to": date(2026, 3, 31)}


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return Office(sqlite_database)


@pytest.fixture
def planner(office: Office) -> annual.Office:
    made = annual.Office(office.database, build=False)
    made.leader = office.leader
    return made


def ordered(planner: annual.Office, **more: Any) -> CheckTask:
    """A task of a published plan."""
    plan = planner.drafted()
    task = planner.task(plan, **more)
    planner.published(plan)
    return task


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"item_codes": ("A01", "Z9")}, "item_codes"), ({"region_code": "330100"}, "region_code"), ({"period_to": date(2026, 5, 1)}, "period_to"),
        ({"period_from": None}, "period_from"), ({"kind": "flight"}, "kind"), ({"stratify_by": "none"}, "stratify_by"),
        ({"rates": {"A": (1, 1000), "B": (1, 2)}}, "rates"), ({"rates": {"A": (1, 2), "B": (1, 2)}}, "rates"),
    ],
)  # fmt: skip
def test_a_draw_that_leaves_its_task_is_refused_by_field(office: Office, planner: annual.Office, change: dict[str, Any], field: str) -> None:
    task = ordered(planner)
    with office.database.read() as session, pytest.raises(Invalid) as refusal:
        fitting.check(session, replace(GIVEN, task_id=task.id, **{**WITHIN, **change}))
    assert set(refusal.value.fields) == {field}


def test_the_first_frozen_frame_sets_the_plan_in_motion_and_the_last_closed_task_completes_it(office: Office, planner: annual.Office) -> None:
    task = ordered(planner)
    draw = office.committed(task_id=task.id)
    with office.database.read() as session:
        assert search.draws_of(session, task.code) == [draw.number], "the public finds the draw of a task from its promise on"
        found = service.task(session, task.id)
        assert found.begun_at is not None and found.plan is not None and found.plan.state == "executing" and draw.task_id == task.id
    with pytest.raises(Refused, match="不能办理"):
        planner.do(office.leader, service.cancel, found.plan_id, version=found.plan.version_id, reason="不做了")
    planner.do(office.leader, service.close_task, task.id, version=found.version_id, conclusion="全部办结")
    with office.database.read() as session:
        assert service.get(session, found.plan_id or 0).state == "completed"
    with pytest.raises(Refused, match="已办结"):
        office.configured(task_id=task.id)


def test_a_flight_inspection_becomes_public_with_its_list_and_not_before(office: Office, planner: annual.Office) -> None:
    task = ordered(planner, check_kind="flight")
    with pytest.raises(Invalid, match="名单须保密"):
        office.configured(task_id=task.id, kind="flight")
    draw = office.revealed(task_id=task.id, kind="flight", embargo_until=EMBARGO)
    with office.database.read() as session:
        assert not ledger.of(session, "task", task.code) and not search.draws_of(session, task.code)
        assert all(task.code not in str(entry.content) for entry in ledger.of(session, "draws", draw.number))
    with clock.at(LATER), office.database.write() as session:
        assert draws.publish_due(session, DRAW_KEY) == [draw.number]
    with office.database.read() as session:
        (row,) = ledger.of(session, "task", task.code)
        assert row.content["check_kind"] == "flight" and row.content["plan_code"].startswith("CC2026-330106")
        assert search.draws_of(session, task.code) == [draw.number]


def test_a_task_of_the_city_is_drawn_by_the_county_but_kept_by_the_city(office: Office, planner: annual.Office) -> None:
    city = planner.task(None, planner.above, region_code="330100", lead_department="YJ")
    flight = planner.task(None, planner.above, region_code="330100", lead_department="YJ", check_kind="flight")
    for task in (city, flight):
        planner.do(office.leader, service.approve_task, task.id, version=1)
    officer = person(office.database, "officer2", "draw_officer", region_code="330106")
    with office.database.read(officer) as session:
        assert [row.code for row in session.scalars(service.tasks(session))] == [city.code]
        fitting.check(session, replace(GIVEN, task_id=city.id, kind="adhoc", **WITHIN))
        with pytest.raises(NotFound):
            service.task(session, flight.id)
    with pytest.raises(Forbidden):
        planner.do(planner.planner, service.cancel_task, city.id, version=2, reason="县里不做")


def test_a_table_by_industry_gives_each_stratum_of_the_registers_its_ratio(office: Office, planner: annual.Office) -> None:
    with office.database.write() as session:
        session.execute(text("UPDATE enterprises SET industry = '餐饮业' WHERE credit_class = 'A'"))
    rows = (annual.rate("餐饮业", "1/5", "1/10", "1/2"), annual.rate("其余", "2/5", "1/10", "1/2"))
    plan = planner.drafted()
    planner.do(planner.planner, service.set_rates, plan.id, rules.RateTable("general", "industry", rows), version=plan.version_id)
    task = planner.task(plan, stratify_by="industry")
    planner.published(plan)
    with clock.at(annual.NOW), office.database.read() as session:
        given = fitting.configuration(session, service.task(session, task.id))
        assert sorted(given.rates.values()) == [(1, 5), (2, 5)]
        fitting.check(session, given)
        assert {(c.name, c.n, c.population) for c in progress.estimated(session, service.task(session, task.id))} == {("餐饮业", 3, 15), ("未分级", 6, 15)}
        with pytest.raises(Invalid, match="餐饮业 类的比例 3/5 高于批准的上限 1/2"):
            fitting.check(session, replace(given, rates={**given.rates, strata.name_of("餐饮业"): (3, 5)}))

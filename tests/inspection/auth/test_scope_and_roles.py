"""Who is kept apart from whom, who sees which rows, and that an unguarded route stops the start."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.auth import guard, rules, service
from inspection.auth.roles import (
    ADMINISTRATORS,
    BUSINESS,
    LABORATORY,
    ROLE_PERMISSIONS,
    STEP_UP,
    Permission,
    Role,
    conflict_of,
)
from inspection.db import Database
from inspection.errors import Forbidden, Invalid, Refused
from inspection.registers import service as registers
from inspection.registers.entries import LaboratoryEntry
from tests.conftest import settings_for
from tests.inspection.registers.county import build, firm
from tests.inspection.registers.county import person as inspector
from tests.people import account_of, person, sign_in

APART = [
    *itertools.combinations(sorted(ADMINISTRATORS), 2),
    *itertools.product(sorted(ADMINISTRATORS), sorted(BUSINESS | {Role.AUDITOR})),
    *((Role.AUDITOR, role) for role in sorted(BUSINESS)),
    *itertools.combinations(sorted(LABORATORY), 2),
    *itertools.product(sorted(LABORATORY), sorted(BUSINESS - LABORATORY)),
    (Role.INSPECTOR, Role.SAMPLER), (Role.DRAW_OFFICER, Role.INSPECTOR), (Role.DRAW_OFFICER, Role.LEADER), (Role.PLANNER, Role.LEADER),
    (Role.PUBLISHER, Role.LEADER),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), APART)
def test_these_two_are_never_one_person(one: Role, other: Role) -> None:
    assert conflict_of(frozenset({one, other}))
    assert rules.roles_fault(frozenset({one.value, other.value}), lab_id=1, inspector_id=1)


def test_administrators_hold_no_power_over_the_business_and_the_auditor_writes_nothing() -> None:
    reading = {p for p in Permission if p.value.endswith(".read")} | {Permission.ACCOUNT_SELF, Permission.AUDIT_VERIFY}
    assert ROLE_PERMISSIONS[Role.AUDITOR] <= reading
    business = {p for p in Permission if p.value.split(".")[0] in {"register", "plan", "draw", "visit", "sample", "result", "case", "indicator", "publication"}}
    for role in ADMINISTRATORS:
        assert not ROLE_PERMISSIONS[role] & business
    assert {P for P in Permission if P.value.split(".")[1] in {"commit", "reveal", "void", "approve", "publish", "correct", "grant"}} <= STEP_UP


def test_roles_in_conflict_are_refused_and_nobody_grants_to_himself(database: Database) -> None:
    chief = person(database, "anquan", "security_admin")
    wang = person(database, "wang", "planner")
    with pytest.raises(Refused, match="编制与审批"), database.write(chief) as session:
        service.grant(session, chief, wang.id, service.Grant(frozenset({"planner", "leader"})))
    with pytest.raises(Refused, match="检验机构"), database.write(chief) as session:
        service.grant(session, chief, wang.id, service.Grant(frozenset({"lab_entry"})))
    with pytest.raises(Refused, match="执法人员"), database.write(chief) as session:
        service.grant(session, chief, wang.id, service.Grant(frozenset({"inspector"})))
    for given, field in (
        (service.Grant(frozenset({"lab_entry"}), lab_id=77), "lab_id"),
        (service.Grant(frozenset({"inspector"}), inspector_id=77), "inspector_id"),
    ):
        with pytest.raises(Invalid, match="77") as raised, database.write(chief) as session:
            service.grant(session, chief, wang.id, given)
        assert list(raised.value.fields) == [field]
    with pytest.raises(Invalid, match="姓名"), database.write(chief) as session:
        service.create_account(session, chief, login="li", name=" ")
    with pytest.raises(Forbidden, match="给自己"), database.write(chief) as session:
        service.grant(session, chief, chief.id, service.Grant(frozenset({"security_admin"})))
    assert account_of(database, "wang").role_codes == {"planner"}


def test_a_route_that_says_nothing_stops_the_start() -> None:
    app = Flask("bare", static_folder=None)
    app.add_url_rule("/open", "open", guard.public(lambda: "x"))
    guard.check_routes(app)
    app.add_url_rule("/forgotten", "forgotten", lambda: "x")
    with pytest.raises(RuntimeError, match="forgotten"):
        guard.check_routes(app)


def test_a_guard_without_a_permission_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="public"):
        guard.requires()


class Two:
    """Two districts and two laboratories, each with its people."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.app = create_app(settings_for(database, folder, log_level="ERROR"), database)
        with database.write() as session:
            build(session)
            self.here = registers.create_enterprise(session, SYSTEM, firm(1)).id
            self.there = registers.create_enterprise(session, SYSTEM, firm(2, region_code="330102")).id
            self.mine = registers.create_inspector(session, SYSTEM, inspector(1)).id
            self.theirs = registers.create_inspector(session, SYSTEM, inspector(2, region_code="330102")).id
            self.labs = [registers.create_laboratory(session, SYSTEM, LaboratoryEntry(f"LAB-{x}", f"{x}检验院")).id for x in "AB"]
        person(database, "district", "planner", region_code="330106")
        person(database, "city", "planner", region_code="330100")
        person(database, "township", "planner", region_code="330106001")


@pytest.fixture
def two(database: Database, tmp_path: Path) -> Two:
    return Two(database, tmp_path)


def test_a_region_that_is_not_in_the_register_is_no_scope(two: Two, database: Database) -> None:
    with pytest.raises(Invalid, match="999999"), database.write() as session:
        service.grant(session, SYSTEM, account_of(database, "city").id, service.Grant(frozenset({"planner"}), region_code="999999"))


def test_a_row_of_another_district_is_not_there(two: Two, database: Database) -> None:
    browser = sign_in(two.app, "district")
    for path, own, foreign in (("/registers/enterprises", two.here, two.there), ("/registers/inspectors", two.mine, two.theirs),
                               ("/api/v1/registers/enterprises", two.here, two.there), ("/api/v1/registers/inspectors", two.mine, two.theirs)):
        assert browser.client.get(f"{path}/{own}").status_code == 200, path
        assert browser.client.get(f"{path}/{foreign}").status_code == browser.client.get(f"{path}/999999").status_code == 404, path
    for change in (f"/registers/enterprises/{two.there}/state", f"/registers/inspectors/{two.theirs}/conflicts", f"/registers/enterprises/{two.there}/edit"):
        assert browser.post(change, {"version": "1", "state": "closed", "reason": "试", "kind": "family", "code": "x"}).status_code in (404, 422), change
    listed = browser.get("/registers/enterprises").text
    assert f"/registers/enterprises/{two.here}" in listed
    assert f"/registers/enterprises/{two.there}\"" not in listed
    assert f"/registers/enterprises/{two.there}\"" not in browser.get("/registers/enterprises?q=西湖").text  # searching finds no more
    assert len(browser.get("/api/v1/registers/enterprises").json["items"]) == 1


def test_the_city_sees_its_districts_and_a_township_only_itself(two: Two) -> None:
    city, township = sign_in(two.app, "city"), sign_in(two.app, "township")
    assert len(city.get("/api/v1/registers/enterprises").json["items"]) == 2
    assert len(township.get("/api/v1/registers/enterprises").json["items"]) == 1


def test_the_one_filter_covers_every_table_that_belongs_to_a_region_or_a_laboratory(database: Database) -> None:
    from inspection import tables
    from inspection.db import Base
    from inspection.scope import LabScoped, RegionScoped

    tables.metadata()
    scoped = {m.class_.__tablename__ for m in Base.registry.mappers if issubclass(m.class_, RegionScoped | LabScoped)}
    named = {t.name for t in Base.metadata.sorted_tables if "region_code" in t.c or "lab_id" in t.c}
    assert named - scoped <= OF_ALL, f"say in a mixin of inspection.scope whose rows these are: {named - scoped - OF_ALL}"
    assert {"enterprises", "inspectors", "plans", "draws", "visits", "samples", "cases", "test_reports"} <= scoped


# seen by everybody (places and their people, targets of public policy, what was published), through their parent
# (a plan's cells, a sample's hand-overs), or by administrators only (accounts)
OF_ALL = {"accounts", "populations", "plan_cells", "regions", "ledger", "issues", "handovers", "indicators"}


def test_a_laboratory_sees_its_own_reports_only(database: Database, two: Two) -> None:
    from sqlalchemy import select

    from inspection.actor import Actor
    from inspection.results.models import TestReport

    compiled: dict[str, Any] = {}
    with database.read(Actor(id=1, name="录入", lab_id=two.labs[0])) as session:
        from sqlalchemy import event

        @event.listens_for(session.get_bind(), "before_cursor_execute")
        def _seen(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
            compiled["sql"] = statement

        session.scalars(select(TestReport)).all()
    assert "lab_id = " in compiled["sql"]

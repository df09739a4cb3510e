"""The county of the first journey: twenty townships with 320,000 people, 34 classes, three laboratories."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from inspection.actor import SYSTEM, Actor
from inspection.db import Database
from inspection.plans import rules, service
from inspection.plans.models import Plan
from inspection.registers import service as registers
from inspection.registers.entries import LaboratoryEntry
from inspection.rulebook import service as rulebook
from tests.people import person

COUNTY = "330106"
PEOPLE = {f"{COUNTY}{n:03d}": 10_000 + 600 * n for n in range(1, 20)}
PEOPLE[f"{COUNTY}020"] = 320_000 - sum(PEOPLE.values())
GIVEN = rules.NewPlan(
    title="西湖区2027年食品安全监督抽检计划", year=2027, region_code=COUNTY, purpose="supervision", product_year=2026,
    rate_per_thousand=Decimal(7), rounding="up", population_kind="registered", population_year=2026,
)
SPECIAL = "特殊膳食食品"


def registered(session: Session) -> None:
    for code, name in {"330000": "浙江省", "330100": "杭州市", COUNTY: "西湖区", "330102": "上城区", **{c: f"第{c[-2:]}镇" for c in PEOPLE}}.items():
        registers.create_region(session, SYSTEM, code=code, name=name)
    for code, people in PEOPLE.items():
        registers.set_population(session, SYSTEM, region_code=code, year=2026, kind="registered", people=people)
    registers.load_packaged(session, SYSTEM)
    rulebook.load_packaged(session, SYSTEM)
    names = [c.name for c in registers.categories(session, 2026)]
    for code, capacity, scope in (("LAB-A", 900, ["*"]), ("LAB-B", 800, ["*"]), ("LAB-C", 700, [n for n in names if n != SPECIAL])):
        lab = registers.create_laboratory(session, SYSTEM, LaboratoryEntry(code, f"{code}检验院"))
        registers.set_scope(session, SYSTEM, lab.id, scope)
        for quarter in (1, 2, 3, 4):
            registers.set_capacity(session, SYSTEM, lab.id, year=2027, quarter=quarter, n_batches=capacity // 4, price_fen={"A": 90, "B": 80, "C": 70}[code[-1]])


def classes(session: Session) -> dict[str, Decimal]:
    return {c.code: Decimal(1 + n % 7) for n, c in enumerate(registers.categories(session, 2026))}


class Office:
    """A planner and a leader, and the steps of a plan."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.write() as session:
            registered(session)
        self.planner = person(database, "planner", "planner")
        self.leader = person(database, "leader", "leader")

    def drafted(self, **more: Any) -> Plan:
        with self.database.write(self.planner) as session:
            return service.create(session, self.planner, replace(GIVEN, **more))

    def margins(self, plan: Plan, **more: Any) -> Plan:
        with self.database.write(self.planner) as session:
            given = {"regions": {c: Decimal(n) for c, n in PEOPLE.items()}, "classes": classes(session), "class_minimum": 1, **more}
            return service.set_margins(session, self.planner, plan.id, version=self.version(plan), **given)

    def allocated(self, *bounds: rules.Bound, **more: Any) -> Plan:
        plan = self.margins(self.drafted(**more))
        return self.step(plan, self.planner, service.allocate_cells, bounds=bounds)

    def step(self, plan: Plan, who: Actor, verb: Any, **more: Any) -> Any:
        with self.database.write(who) as session:
            verb(session, who, plan.id, version=self.version(plan), **more)
        return self.now(plan)

    def approved(self) -> Plan:
        plan = self.allocated()
        self.step(plan, self.planner, service.submit)
        return self.step(plan, self.leader, service.approve)

    def version(self, plan: Plan) -> int:
        with self.database.read() as session:
            return service.get(session, plan.id).version_id

    def now(self, plan: Plan) -> Plan:
        with self.database.read() as session:
            found = service.get(session, plan.id)
            _ = found.margins, found.cells, found.laboratories
            return found

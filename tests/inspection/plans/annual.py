"""An office that plans its inspections of a year: planners of two places, a leader, a list of general and key items."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from inspection import clock
from inspection.actor import SYSTEM, Actor
from inspection.db import Database
from inspection.plans.annual import rules, service
from inspection.plans.annual.models import CheckPlan, CheckTask
from inspection.registers import service as registers
from inspection.registers.entries import CheckItemEntry
from inspection.rulebook import service as rulebook
from tests.inspection.registers import county
from tests.people import person

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PLAN = rules.NewCheckPlan(
    title="西湖区2026年度双随机抽查工作计划", year=2026, region_code="330106", lead_department="SCJG", departments=("YJ",),
    document_number="西市监〔2026〕8号", scope="全区食品生产经营企业",
)  # fmt: skip
TASK = rules.NewTask(
    title="食品经营企业抽查", region_code="330106", prefix="西市监", check_type="untargeted", check_kind="random", lead_department="SCJG",
    item_codes=("A01", "B02"), objects="信用风险 A、B 类食品经营企业", period_from=date(2026, 3, 5), period_to=date(2026, 4, 30), n_objects=6,
)  # fmt: skip


def rate(name: str, ratio: str, floor: str, upper: str | None = None) -> rules.Rate:
    pairs = [None if text is None else rules.pair(text) for text in (ratio, floor, upper)]
    return rules.Rate(name, pairs[0], pairs[1], pairs[2], frequency="每年至多1次")


TABLE = rules.RateTable(
    "general", "credit_class", (rate("A", "20/100", "1/100", "30/100"), rate("B", "1/2", "1/10", "6/10"), rate("其余", "1/2", "1/10", "1/1"))
)


def registered(session: Session) -> None:
    """A county with an item of each kind and two departments."""
    county.build(session)
    rulebook.load_packaged(session, SYSTEM)
    registers.create_department(session, SYSTEM, code="YJ", name="应急管理局")
    registers.create_check_item(session, SYSTEM, CheckItemEntry("C12", "重要工业产品生产许可证企业检查", date(2026, 1, 1), kind="key"))


def items_and_departments(session: Session) -> None:
    """What a plan needs of the registers beside the places."""
    registers.create_department(session, SYSTEM, code="SCJG", name="市场监管局")
    for code in ("A01", "B02"):
        registers.create_check_item(session, SYSTEM, CheckItemEntry(code, f"事项{code}", date(2026, 1, 1)))
    registers.create_department(session, SYSTEM, code="YJ", name="应急管理局")


class Office:
    """The people and the steps of an annual plan."""

    def __init__(self, database: Database, *, build: bool = True, logins: tuple[str, str] = ("planner", "above")) -> None:
        self.database = database
        with clock.at(NOW):
            if build:
                with database.write() as session:
                    registered(session)
            self.planner = person(database, logins[0], "planner", region_code="330106", department="SCJG")
            self.above = person(database, logins[1], "planner", region_code="330100", department="YJ")
            self.leader = person(database, "leader", "leader") if build else None

    def do(self, who: Actor | None, verb: Any, *given: Any, **more: Any) -> Any:
        with clock.at(NOW), self.database.write(who) as session:
            return verb(session, who, *given, **more)

    def drafted(self, **more: Any) -> CheckPlan:
        plan = self.do(self.planner, service.create, replace(PLAN, **more), authority="西湖区市场监督管理局")
        self.do(self.planner, service.set_rates, plan.id, TABLE, version=1)
        return self.now(plan)

    def task(self, plan: CheckPlan | None, who: Actor | None = None, **more: Any) -> CheckTask:
        given = replace(TASK, **{"plan_id": plan.id if plan else None, "reason": "" if plan else "上级交办", **more})
        return self.do(who or self.planner, service.create_task, given, authority="西湖区市场监督管理局")

    def step(self, who: Actor, verb: Any, plan: CheckPlan, **more: Any) -> CheckPlan:
        self.do(who, verb, plan.id, version=self.now(plan).version_id, **more)
        return self.now(plan)

    def approved(self, plan: CheckPlan) -> CheckPlan:
        self.step(self.planner, service.submit, plan)
        return self.step(self.leader, service.approve, plan)

    def published(self, plan: CheckPlan) -> CheckPlan:
        return self.step(self.planner, service.publish, self.approved(plan))

    def now(self, plan: CheckPlan) -> CheckPlan:
        with self.database.read() as session:
            found = service.get(session, plan.id)
            _ = [t.state for t in found.tasks]
            return found


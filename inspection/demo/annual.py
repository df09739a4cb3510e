"""The annual inspection plan of the demonstration and its task, approved and public, from which the draw is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from inspection.actor import Actor
from inspection.db import Database
from inspection.demo.registers import DEPARTMENTS, ITEM
from inspection.plans.annual import rules, service

LEAD, *JOINED = (code for code, _ in DEPARTMENTS)
GENERAL = rules.RateTable(
    "general", "credit_class",
    (
        rules.Rate("A", (2, 100), (1, 100), (5, 100), None, "每年少于1次"),
        rules.Rate("B", (6, 100), (5, 100), (20, 100), None, "每年至多1次"),
        rules.Rate("C", (16, 100), (10, 100), (60, 100), None, "每年至多2次"),
        rules.Rate("D", (32, 100), (30, 100), (100, 100), None, "视需要"),
        rules.Rate(rules.OTHERS, (6, 100), (5, 100), (20, 100), None, "每年至多1次"),
    ),
    "演示数据",
)  # fmt: skip
KEY = rules.RateTable("key", "credit_class", tuple(replace(row, upper=None) for row in GENERAL.rows), "演示数据")


def plan(database: Database, planner: Actor, leader: Actor, authority: str) -> int:
    """A year's plan with one joint task, approved by the leader and published; gives the task's id."""
    def step(who: Actor, verb: Callable[..., Any]) -> None:
        with database.write(who) as session:
            verb(session, who, made.id, version=service.get(session, made.id).version_id)

    with database.write(planner) as session:
        made = service.create(
            session, planner,
            rules.NewCheckPlan(
                title="盐城市2026年度双随机抽查工作计划（演示）", year=2026, region_code="320900", lead_department=LEAD, departments=tuple(JOINED),
                document_number="演示〔2026〕1号", scope="全市食品生产经营企业",
            ),
            authority=authority,
        )  # fmt: skip
        for table in (GENERAL, KEY):
            service.set_rates(session, planner, made.id, table, version=made.version_id)
        task = service.create_task(
            session, planner,
            rules.NewTask(
                title="食品生产经营双随机联合抽查（演示）", region_code="320900", prefix="演示", check_type="untargeted", check_kind="random",
                lead_department=LEAD, departments=(JOINED[0],), item_codes=(ITEM,), objects="信用风险 A 至 D 类的食品生产经营企业",
                period_from=date(2026, 11, 1), period_to=date(2026, 12, 31), n_objects=600, plan_id=made.id,
            ),
            authority=authority,
        )  # fmt: skip
    step(planner, service.submit)
    step(leader, service.approve)
    step(planner, service.publish)
    return task.id

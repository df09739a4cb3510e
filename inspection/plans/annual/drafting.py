"""Drafting an annual plan: its head, its ratio tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import Invalid, Refused
from inspection.plans.annual import rules
from inspection.plans.annual.asking import department_names, get, load
from inspection.plans.annual.models import CheckPlan
from inspection.registers import found as registers

OPEN = ("draft", "returned")


def create(session: Session, actor: Actor, given: rules.NewCheckPlan, *, authority: str) -> CheckPlan:
    """A new draft with the next number of its year and place."""
    _check(session, given)
    where = (CheckPlan.year == given.year, CheckPlan.region_code == given.region_code)
    serial = (session.scalar(select(func.count()).select_from(CheckPlan).where(*where).execution_options(unscoped=True)) or 0) + 1
    plan = CheckPlan(
        code=f"CC{given.year}-{given.region_code}-{serial:02d}", authority=authority, created_by=actor.id, created_by_name=actor.name,
        created_at=clock.now(), drafted_by=actor.id, **_columns(given),
    )  # fmt: skip
    session.add(plan)
    session.flush()
    audit.record(session, actor, "check_plan.create", "check_plan", plan.code, after=_columns(given))
    return plan


def copy(session: Session, actor: Actor, plan_id: int, *, year: int, authority: str) -> CheckPlan:
    """A draft for another year with the head and the ratio tables of a plan; its tasks follow (`tasks.copy_tasks`)."""
    old = get(session, plan_id)
    if year == old.year:
        raise Refused("same-year", "计划 %(plan)s 就是 %(year)s 年度的，复制须用于另一年度。", plan=old.code, year=year)
    title = old.title.replace(str(old.year), str(year)) if str(old.year) in old.title else f"{old.title}（{year}）"[:200]
    made = create(
        session, actor,
        rules.NewCheckPlan(title, year, old.region_code, old.lead_department, tuple(old.departments), scope=old.scope), authority=authority,
    )  # fmt: skip
    made.rates = list(old.rates)
    session.flush()
    audit.record(session, actor, "check_plan.copy", "check_plan", made.code, source=old.code)
    return made


def edit(session: Session, actor: Actor, plan_id: int, given: rules.NewCheckPlan, *, version: int) -> CheckPlan:
    """Change the head of a draft; year and place belong to its number and stay."""
    plan = draft(session, plan_id, version)
    if (given.year, given.region_code) != (plan.year, plan.region_code):
        raise Refused("plan-number-fixed", "年度和区域已写入计划编号 %(plan)s，不能再改。请另建计划。", plan=plan.code)
    _check(session, given)
    before = _columns(given) | {name: getattr(plan, name) for name in _columns(given)}
    for name, value in _columns(given).items():
        setattr(plan, name, value)
    flag_modified(plan, "title")
    session.flush()
    audit.record(session, actor, "check_plan.update", "check_plan", plan.code, before=before, after=_columns(given))
    return plan


def set_rates(session: Session, actor: Actor, plan_id: int, table: rules.RateTable, *, version: int) -> CheckPlan:
    """Set one ratio table of a draft; it replaces the one for the same matters and dimension. Without rows it goes."""
    plan = draft(session, plan_id, version)
    if table.rows and (found := rules.rate_faults(table)):
        raise Invalid("rates-unfit", "比例表有 %(n)s 处需要改正：%(first)s。", fields={"rows": found}, n=len(found), first=found[0])
    key = (table.matter_kind, table.dimension)
    others = [kept for kept in plan.rates if (kept["matter_kind"], kept["dimension"]) != key]
    before = plan.rates
    plan.rates = sorted([*others, *([table.plain()] if table.rows else [])], key=lambda t: (t["matter_kind"], t["dimension"]))
    flag_modified(plan, "rates")  # the version moves with the table
    session.flush()
    audit.record(session, actor, "check_plan.set_rates", "check_plan", plan.code, before=before, after=plan.rates, matters=key[0], dimension=key[1])
    return plan


def draft(session: Session, plan_id: int, version: int) -> CheckPlan:
    """The plan, if its content may still be changed."""
    plan = load(session, plan_id, version)
    check_open(plan)
    return plan


def check_open(plan: CheckPlan) -> None:
    if plan.state not in OPEN:
        raise Refused(
            "plan-not-draft", "计划 %(plan)s 现为“%(state)s”，不能再改；需要调整请办理新版本。", plan=plan.code, state=rules.STATES[plan.state]
        )


def _check(session: Session, given: rules.NewCheckPlan) -> None:
    if found := rules.department_faults(given.lead_department, given.departments):
        raise Invalid("plan-incomplete", "计划有 %(n)s 处需要改正。", fields=found, n=len(found))
    registers.place(session, given.region_code)
    department_names(session, [given.lead_department, *given.departments])


def _columns(given: rules.NewCheckPlan) -> dict[str, Any]:
    return {
        "title": given.title, "year": given.year, "region_code": given.region_code, "lead_department": given.lead_department,
        "departments": list(given.departments), "document_number": given.document_number, "scope": given.scope,
    }  # fmt: skip

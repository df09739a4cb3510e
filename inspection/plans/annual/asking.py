"""Questions about annual plans and tasks: rows as they were read, matters and departments by name, content and digest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.errors import Conflict, Invalid, NotFound, Refused, Said
from inspection.plans.annual import changes, rules
from inspection.plans.annual.models import CheckPlan, CheckPlanVersion, CheckTask
from inspection.registers import found as registers
from inspection.registers.models import CheckItem, Department
from inspection.registers.rules import ancestors
from inspection.rulebook.rules import in_force
from inspection.scope import region_prefix

LIVE = ("draft", "open")


def listing() -> Select[CheckPlan]:
    return select(CheckPlan)


def tasks(session: Session) -> Select[CheckTask]:
    """Tasks that the actor may see: of the own region, and those ordered from above, which the places below carry out."""
    actor = session.info.get("actor")
    if actor is None or not actor.region_code:
        return select(CheckTask)
    from_above = and_(CheckTask.region_code.in_(ancestors(actor.region_code)), CheckTask.state != "draft", CheckTask.check_kind != "flight")
    query = select(CheckTask).where(or_(CheckTask.region_code.startswith(region_prefix(actor.region_code)), from_above))
    return query.execution_options(unscoped=True)


def get(session: Session, plan_id: int) -> CheckPlan:
    plan = session.scalars(listing().where(CheckPlan.id == plan_id)).first()
    if plan is None:
        raise NotFound("check-plan-not-found", "没有这个年度抽查计划，或它不在您的辖区。")
    return plan


def by_code(session: Session, code: str) -> CheckPlan:
    """A plan by its number, as papers and the command line name it."""
    plan = session.scalars(listing().where(CheckPlan.code == code.strip())).first()
    if plan is None:
        raise NotFound("check-plan-not-found", "没有编号为 %(plan)s 的年度抽查计划。用 hengjian plan annual list 查看编号。", plan=code[:40])
    return plan


def task(session: Session, task_id: int) -> CheckTask:
    found = session.scalars(tasks(session).where(CheckTask.id == task_id)).first()
    if found is None:
        raise NotFound("task-not-found", "没有这项抽查任务，或它不在您的辖区。")
    return found


def load(session: Session, plan_id: int, version: int) -> CheckPlan:
    plan = get(session, plan_id)
    if plan.version_id != version:
        changes = audit.newest(session, "check_plan", plan.code)
        raise Conflict("changed-meanwhile", "计划 %(plan)s 已被他人修改。请核对期间的修改，刷新后重试。", changes=changes, plan=plan.code)
    return plan


def load_task(session: Session, task_id: int, version: int) -> CheckTask:
    found = task(session, task_id)
    registers.in_reach(session, found.region_code)
    if found.version_id != version:
        changes = audit.newest(session, "task", found.code)
        raise Conflict("changed-meanwhile", "任务 %(task)s 已被他人修改。请核对期间的修改，刷新后重试。", changes=changes, task=found.code)
    return found


def step(session: Session, plan_id: int, version: int, to: str) -> CheckPlan:
    plan = load(session, plan_id, version)
    if not rules.may(plan.state, to):
        raise Refused("wrong-state", "计划 %(plan)s 现为“%(state)s”，不能办理这一步。", plan=plan.code, state=rules.STATES[plan.state])
    return plan


# --- names ---------------------------------------------------------------------------------------------------------------


def matters_of(session: Session, codes: Iterable[str], *, missing_too: bool = False) -> list[dict[str, Any]]:
    """The items of the list in force today, as frozen and published: code, name, kind, version.

    Parameters
    ----------
    missing_too : give an item without a version in force by its code alone, for pages that must open all the same.

    Raises
    ------
    Invalid : an item that the list in force does not hold: what is not published may not be inspected.
    """
    wanted, day = sorted(set(codes)), clock.today()
    versions: dict[str, list[CheckItem]] = {}
    for row in session.scalars(select(CheckItem).where(CheckItem.code.in_(wanted))):
        versions.setdefault(row.code, []).append(row)
    found = {code: in_force(versions.get(code, []), day) for code in wanted}
    missing = [code for code in wanted if found[code] is None]
    if missing and not missing_too:
        raise Invalid(
            "item-not-in-force", "抽查事项 %(items)s 没有有效版本。请先更新抽查事项清单。", fields={"item_codes": [Said("%(code)s 没有有效版本", code=code) for code in missing]},
            items="、".join(missing),
        )  # fmt: skip
    return [
        {"code": code, "name": i.name, "kind": i.kind, "version": i.version} if i else {"code": code, "name": "", "kind": "general", "version": 0}
        for code, i in found.items()
    ]


def matter_kind(session: Session, item_codes: Iterable[str]) -> str:
    """Which ratio table holds for these items."""
    return rules.kind_of({m["kind"] for m in matters_of(session, item_codes)})


def department_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Names of departments by code; refuses one that is not registered."""
    wanted = list(dict.fromkeys(codes))
    names = dict(session.execute(select(Department.code, Department.name).where(Department.code.in_(wanted))).all())
    if missing := [code for code in wanted if code not in names]:
        raise Invalid(
            "unknown-department", "部门 %(codes)s 未登记。请先在名录库登记。", fields={"departments": [Said("%(code)s 未登记", code=code) for code in missing]},
            codes="、".join(code[:20] for code in missing),
        )  # fmt: skip
    return {code: names[code] for code in wanted}


# --- content -------------------------------------------------------------------------------------------------------------


def live_tasks(plan: CheckPlan) -> list[CheckTask]:
    return [t for t in plan.tasks if t.state != "cancelled"]


def tables_of(plan: CheckPlan) -> list[rules.RateTable]:
    """The ratio tables of the version in hand."""
    return [rules.RateTable.of(kept) for kept in plan.rates]


def task_content(session: Session, found: CheckTask) -> dict[str, Any]:
    """One task as its plan freezes it; other departments may still join the leading one (部门联合)."""
    lead = department_names(session, [found.lead_department])[found.lead_department]
    return {
        "task_code": found.code, "task_title": found.title, "check_type": found.check_type, "check_kind": found.check_kind,
        "matters": matters_of(session, found.item_codes), "objects": found.objects, "object_kind": found.object_kind, "region": found.region_code,
        "period_from": found.period_from, "period_to": found.period_to, "n_objects": found.n_objects, "stratify_by": found.stratify_by,
        "lead_department": [found.lead_department, lead],
    }  # fmt: skip


def content(session: Session, plan: CheckPlan) -> dict[str, Any]:
    """The plan as plain data: what an approval freezes."""
    live = live_tasks(plan)
    names = department_names(session, [plan.lead_department, *plan.departments])
    plain: dict[str, Any] = audit.plain({
        "code": plan.code, "title": plan.title, "year": plan.year, "document_number": plan.document_number, "authority": plan.authority,
        "region": plan.region_code, "departments": [[code, name] for code, name in names.items()], "scope": plan.scope,
        "matters": matters_of(session, (code for t in live for code in t.item_codes)), "rates": plan.rates,
        "tasks": [task_content(session, t) for t in live],
    })  # fmt: skip
    return plain


def newest_version(session: Session, plan_id: int) -> CheckPlanVersion | None:
    """The approved version in force, None before the first approval."""
    query = select(CheckPlanVersion).where(CheckPlanVersion.plan_id == plan_id).order_by(CheckPlanVersion.version.desc())
    return session.scalars(query).first()


def versions(session: Session, plan_id: int) -> Sequence[CheckPlanVersion]:
    return session.scalars(select(CheckPlanVersion).where(CheckPlanVersion.plan_id == plan_id).order_by(CheckPlanVersion.version)).all()


def compared(session: Session, plan: CheckPlan) -> dict[int, list[changes.Change]]:
    """What each version says otherwise than the one before, the draft in hand among them, by number."""
    kept = [(row.version, row.content) for row in versions(session, plan.id)]
    if plan.state in ("draft", "returned", "submitted") and kept:
        kept.append((plan.version, content(session, plan)))
    return {number: changes.changes(before, after) for (_, before), (number, after) in pairwise(kept)}


def approved_table(session: Session, found: CheckTask) -> rules.RateTable | None:
    """The ratio table that the approved plan gives a task; None for a task without plan or without such a table."""
    frozen = newest_version(session, found.plan_id) if found.plan_id else None
    if frozen is None:
        return None
    matters = {m["code"]: m["kind"] for m in frozen.content["matters"]}
    kind = rules.kind_of({matters.get(code, "general") for code in found.item_codes})
    return rules.table_for((rules.RateTable.of(kept) for kept in frozen.content["rates"]), kind, found.stratify_by)


def table_of(session: Session, found: CheckTask) -> rules.RateTable | None:
    """The ratio table of a task: the one being drafted while its plan is, else the approved one."""
    plan = found.plan
    if plan is None or plan.state not in ("draft", "returned", "submitted"):
        return approved_table(session, found)
    matters = matters_of(session, found.item_codes, missing_too=True)
    return rules.table_for(tables_of(plan), rules.kind_of({matter["kind"] for matter in matters}), found.stratify_by)


def recheck(session: Session, plan: CheckPlan) -> list[str]:
    """Everything computed again: faults of the tables, and the digest of each approved version."""
    found = [fault for table in tables_of(plan) for fault in rules.rate_faults(table)]
    return found + [
        f"第 {row.version} 版的冻结内容与其摘要不符" for row in versions(session, plan.id) if audit.digest(row.content) != row.digest
    ]

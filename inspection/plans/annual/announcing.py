"""What the public learns of annual plans and tasks: lines of the ledger on the boards `plan` and `task`.

Board `plan`, kind `check_plan` (later versions `correction`, `withdrawal`), subject = plan code; board `task`, kind
`check_task` (then `correction`, `withdrawal`), subject = task code. Both hold the columns of the printed announcements:

``plan_code, plan_title, task_code, task_title, check_type (targeted | untargeted), check_kind (random | key | special |
flight), matters ([{code, name}]), objects, period_from, period_to, departments ([name], the leading one first), authority,
n_objects, version``. A plan's line sums its tasks up and lists each of them with the same names under ``tasks``; it adds
``year, document_number, scope, rates, reason, digest``. A task of its own has an empty ``plan_code``.

A flight inspection stands on no board before its draw is public: not as a task, not in its plan, not in the plan's digest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from inspection import audit, ledger
from inspection.actor import Actor
from inspection.plans.annual.asking import department_names, task_content
from inspection.plans.annual.documents import workbook
from inspection.plans.annual.models import CheckPlan, CheckPlanVersion, CheckTask

PLANS, TASKS = "plan", "task"
_OWN = ("task_code", "task_title", "check_type", "check_kind", "objects", "period_from", "period_to", "n_objects")


def publish_plan(session: Session, actor: Actor, plan: CheckPlan, frozen: CheckPlanVersion) -> ledger.Entry:
    """The approved version on the board of plans, and each of its tasks on the board of tasks."""
    old = ledger.of(session, PLANS, plan.code)
    facts = plan_facts(frozen.content, frozen.version, frozen.reason)
    entry = ledger.publish(
        session, actor, board=PLANS, kind="correction" if old else "check_plan", subject=plan.code, title=plan.title, region_code=plan.region_code,
        content=facts, replaces_id=old[-1].id if old else None, file=workbook(facts), file_name=f"{plan.code}-{frozen.version}.xlsx",
        file_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )  # fmt: skip
    for task in plan.tasks:
        if task.state == "open":
            publish_task(session, actor, task, reason=frozen.reason)
    return entry


def plan_facts(kept: Mapping[str, Any], version: int, reason: str) -> dict[str, Any]:
    """What of a version of a plan is public: all but its flight inspections."""
    tasks = [task for task in kept["tasks"] if task["check_kind"] != "flight"]
    codes = {matter["code"] for task in tasks for matter in task["matters"]}
    names = [name for _, name in kept["departments"]]
    plan = {"plan_code": kept["code"], "plan_title": kept["title"], "authority": kept["authority"], "departments": names}
    facts = {
        **plan, "year": kept["year"], "document_number": kept["document_number"], "objects": kept["scope"], "scope": kept["scope"],
        "task_code": "", "task_title": "", "check_type": _common(tasks, "check_type"), "check_kind": _common(tasks, "check_kind"),
        "matters": [_matter(m) for m in kept["matters"] if m["code"] in codes],
        "period_from": min((t["period_from"] for t in tasks), default=""), "period_to": max((t["period_to"] for t in tasks), default=""),
        "n_objects": sum(t["n_objects"] for t in tasks), "rates": kept["rates"], "version": version, "reason": reason,
        "tasks": [
            {**plan, **{name: t[name] for name in _OWN}, "departments": [t["lead_department"][1]], "matters": [_matter(m) for m in t["matters"]]}
            for t in tasks
        ],
    }  # fmt: skip
    return {**facts, "digest": audit.digest(facts)}


def publish_task(session: Session, actor: Actor, task: CheckTask, *, reason: str = "", secret: bool = True) -> ledger.Entry | None:
    """A task on the board of tasks, unless its facts stand there already; gives the new line.

    Parameters
    ----------
    secret : keep a flight inspection back; False once its draw is public.
    """
    if task.check_kind == "flight" and secret:
        return None
    old = ledger.of(session, TASKS, task.code)
    facts = task_facts(session, task)
    if old and facts == {name: old[-1].content.get(name) for name in facts}:
        return None
    return ledger.publish(
        session, actor, board=TASKS, kind="correction" if old else "check_task", subject=task.code, title=task.title, region_code=task.region_code,
        content={**facts, "version": len(old) + 1, "reason": reason}, replaces_id=old[-1].id if old else None,
    )  # fmt: skip


def task_facts(session: Session, task: CheckTask) -> dict[str, Any]:
    """The columns of the announcement of a task."""
    kept, plan = task_content(session, task), task.plan
    names = department_names(session, [task.lead_department, *task.departments])
    facts: dict[str, Any] = audit.plain({
        **{name: kept[name] for name in _OWN}, "plan_code": plan.code if plan else "", "plan_title": plan.title if plan else "",
        "matters": [_matter(m) for m in kept["matters"]], "departments": list(names.values()), "authority": task.authority,
    })  # fmt: skip
    return facts


def withdraw(session: Session, actor: Actor, board: str, row: CheckPlan | CheckTask, reason: str) -> None:
    """The public learns that something will not be done, when it knew of it."""
    if old := ledger.of(session, board, row.code):
        ledger.publish(
            session, actor, board=board, kind="withdrawal", subject=row.code, title=row.title, region_code=row.region_code,
            content={"reason": reason}, replaces_id=old[-1].id,
        )  # fmt: skip


def _matter(matter: Mapping[str, Any]) -> dict[str, str]:
    return {"code": matter["code"], "name": matter["name"]}


def _common(tasks: Sequence[Mapping[str, Any]], name: str) -> str:
    """The word that all tasks share, "" when they differ."""
    words = {task[name] for task in tasks}
    return words.pop() if len(words) == 1 else ""

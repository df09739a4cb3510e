"""An annual plan on its way: submitted, approved by a second person, published, carried out, revised, cancelled."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from inspection import audit, clock, ledger
from inspection.actor import Actor
from inspection.errors import Invalid, Refused
from inspection.plans.annual import announcing, rules
from inspection.plans.annual.asking import content, live_tasks, load, matter_kind, newest_version, step, tables_of
from inspection.plans.annual.models import CheckPlan, CheckPlanVersion


def submit(session: Session, actor: Actor, plan_id: int, *, version: int) -> CheckPlan:
    """Hand a complete draft to the leader."""
    plan = step(session, plan_id, version, "submitted")
    if found := unready(session, plan):
        raise Refused("plan-incomplete", "计划还不能提交：%(faults)s。", faults="；".join(found))
    plan.state, plan.submitted_by, plan.submitted_at, plan.returned_for = "submitted", actor.id, clock.now(), ""
    return _noted(session, actor, plan, "submit")


def unready(session: Session, plan: CheckPlan) -> list[str]:
    """What a draft lacks before it can be handed in.

    Raises
    ------
    Invalid : an item of a task is in force no more.
    """
    tasks = [(t.title, t.check_kind, matter_kind(session, t.item_codes), t.stratify_by) for t in live_tasks(plan) if t.state != "closed"]
    return rules.submit_faults(tasks, tables_of(plan))


def withdraw(session: Session, actor: Actor, plan_id: int, *, version: int) -> CheckPlan:
    """Take a submitted plan back to go on writing, before anybody decided on it."""
    plan = load(session, plan_id, version)
    if plan.state != "submitted":
        raise Refused("wrong-state", "计划 %(plan)s 现为“%(state)s”，不能办理这一步。", plan=plan.code, state=rules.STATES[plan.state])
    plan.state, plan.submitted_by = "draft", None
    return _noted(session, actor, plan, "withdraw")


def approve(session: Session, actor: Actor, plan_id: int, *, version: int) -> CheckPlanVersion:
    """A second person approves; matters, ratio tables and tasks are frozen as this version."""
    plan = step(session, plan_id, version, "approved")
    if actor.id in (plan.drafted_by, plan.submitted_by):
        raise Refused("same-person", "编制人和提交人不能审批自己的计划，请另一位负责人审批。")
    plan.state, frozen = "approved", content(session, plan)
    made = CheckPlanVersion(
        plan_id=plan.id, version=plan.version, content=frozen, digest=audit.digest(frozen), reason=plan.note, approved_by=actor.id,
        approved_by_name=actor.name, approved_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    _noted(session, actor, plan, "approve", digest=made.digest, version=made.version)
    return made


def send_back(session: Session, actor: Actor, plan_id: int, *, version: int, reason: str) -> CheckPlan:
    """Return a submitted plan to its author, with the reason."""
    _reason(reason, "退回")
    plan = step(session, plan_id, version, "returned")
    plan.state, plan.returned_for = "returned", reason.strip()
    return _noted(session, actor, plan, "return", reason=reason)


def publish(session: Session, actor: Actor, plan_id: int, *, version: int) -> ledger.Entry:
    """Put the approved version and its tasks on the public boards; the tasks may then be drawn."""
    plan = step(session, plan_id, version, "published")
    frozen = newest_version(session, plan.id)
    if frozen is None or frozen.version != plan.version or frozen.digest != audit.digest(content(session, plan)):
        raise Refused("plan-changed", "计划 %(plan)s 的内容与批准的版本不符，不能公布。如抽查事项清单已更新，请办理新版本。", plan=plan.code)
    for task in plan.tasks:
        if task.state == "draft":
            task.state, task.opened_at = "open", clock.now()
    session.flush()
    entry = announcing.publish_plan(session, actor, plan, frozen)
    plan.state = "executing" if plan.begun_at else "published"
    _noted(session, actor, plan, "publish", digest=frozen.digest, version=frozen.version)
    return entry


def revise(session: Session, actor: Actor, plan_id: int, *, version: int, reason: str) -> CheckPlan:
    """A new version of an approved plan: back to draft under the next number; the old one stays in force until the new one is."""
    _reason(reason, "调整")
    plan = load(session, plan_id, version)
    if plan.state not in ("approved", "published", "executing"):
        raise Refused("wrong-state", "计划 %(plan)s 现为“%(state)s”，只有已批准的计划才需要调整。", plan=plan.code, state=rules.STATES[plan.state])
    plan.state, plan.version, plan.note = "draft", plan.version + 1, reason.strip()
    plan.drafted_by, plan.submitted_by = actor.id, None
    return _noted(session, actor, plan, "revise", reason=reason, version=plan.version)


def cancel(session: Session, actor: Actor, plan_id: int, *, version: int, reason: str) -> CheckPlan:
    """A plan that will not be carried out, with its tasks; the public learns of it when it knew the plan."""
    _reason(reason, "取消")
    plan = step(session, plan_id, version, "cancelled")
    if plan.begun_at is not None:
        raise Refused("plan-begun", "计划 %(plan)s 已有任务开始抽取，不能取消。请逐项办结或取消任务。", plan=plan.code)
    plan.state = "cancelled"
    for task in live_tasks(plan):
        task.state, task.conclusion, task.ended_at = "cancelled", f"计划取消：{reason.strip()}"[:500], clock.now()
        announcing.withdraw(session, actor, announcing.TASKS, task, reason.strip())
    announcing.withdraw(session, actor, announcing.PLANS, plan, reason.strip())
    return _noted(session, actor, plan, "cancel", reason=reason)


def complete_if_done(session: Session, actor: Actor, plan: CheckPlan | None) -> None:
    """A plan in execution is completed with its last task."""
    if plan is not None and plan.state == "executing" and all(task.state in ("closed", "cancelled") for task in plan.tasks):
        plan.state = "completed"
        _noted(session, actor, plan, "complete")


def _reason(reason: str, verb: str) -> None:
    if not reason.strip():
        raise Invalid("reason-missing", "%(verb)s须写明理由。", fields={"reason": ["必填"]}, verb=verb)


def _noted(session: Session, actor: Actor, plan: CheckPlan, verb: str, **detail: Any) -> CheckPlan:
    session.flush()
    audit.record(session, actor, f"check_plan.{verb}", "check_plan", plan.code, state=plan.state, **detail)
    return plan

"""A plan on its way: submitted, approved by another person, published, carried out, revised, cancelled."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock, ledger
from inspection.actor import Actor
from inspection.errors import Invalid, Refused
from inspection.plans.asking import check, content, digest_of, load, noted, step
from inspection.plans.models import Plan, PlanVersion


def submit(session: Session, actor: Actor, plan_id: int, *, version: int) -> Plan:
    """Hand a complete draft to the leader."""
    plan = step(session, plan_id, version, "submitted")
    if not plan.cells:
        raise Refused("plan-not-allocated", "计划尚未分配，不能提交。")
    if faults := check(plan):
        raise Refused("plan-not-exact", "计划的合计不符：%(faults)s。", faults="；".join(faults))
    plan.state, plan.submitted_at = "submitted", clock.now()
    return noted(session, actor, plan, "plan.submit")


def withdraw(session: Session, actor: Actor, plan_id: int, *, version: int) -> Plan:
    """Take a submitted plan back to go on writing, before anybody decided on it."""
    plan = step(session, plan_id, version, "draft", only="submitted")
    plan.state = "draft"
    return noted(session, actor, plan, "plan.withdraw")


def approve(session: Session, actor: Actor, plan_id: int, *, version: int, reason: str = "") -> PlanVersion:
    """Another person approves; the version is frozen with its digest."""
    plan = step(session, plan_id, version, "approved")
    if plan.created_by == actor.id:
        raise Refused("same-person", "编制人不能审批自己的计划，请另一位负责人审批。")
    plan.state = "approved"
    frozen = content(plan)
    made = PlanVersion(
        plan_id=plan.id, version=plan.version, content=audit.plain(frozen), digest=digest_of(plan), reason=reason or plan.note[:300],
        approved_by=actor.id, approved_by_name=actor.name, approved_at=clock.now(),
    )
    session.add(made)
    noted(session, actor, plan, "plan.approve", digest=made.digest, version=plan.version)
    return made


def send_back(session: Session, actor: Actor, plan_id: int, *, version: int, reason: str) -> Plan:
    """Return a submitted plan to its author."""
    if not reason.strip():
        raise Invalid("reason-missing", "退回须写明理由。", fields={"reason": ["必填"]})
    plan = step(session, plan_id, version, "draft", only="submitted")
    plan.state = "draft"
    return noted(session, actor, plan, "plan.return", reason=reason)


def publish(session: Session, actor: Actor, plan_id: int, *, version: int, notice: bytes = b"") -> ledger.Entry:
    """Put an approved plan on the public board.

    Parameters
    ----------
    notice : the plan notice as PDF, offered there for download.
    """
    plan = step(session, plan_id, version, "published")
    frozen = session.scalars(select(PlanVersion).where(PlanVersion.plan_id == plan.id).order_by(PlanVersion.version.desc())).first()
    if frozen is None or frozen.digest != digest_of(plan):
        raise Refused("plan-changed", "计划 %(plan)s 的内容与批准的版本不符，不能公布。请保全数据库并报告。", plan=plan.code)
    old = ledger.of(session, "plans", plan.code)
    entry = ledger.publish(
        session, actor, board="plans", kind="plan" if not old else "correction", subject=plan.code, title=plan.title,
        region_code=plan.region_code, replaces_id=old[-1].id if old else None,
        content={**frozen.content, "digest": frozen.digest, "version": frozen.version, "reason": frozen.reason},
        file=notice or None, file_name=f"plan-{plan.code}-{frozen.version}.pdf" if notice else "", file_type="application/pdf" if notice else "",
    )
    plan.state = "published"
    noted(session, actor, plan, "plan.publish", digest=frozen.digest)
    return entry


def begin(session: Session, actor: Actor, plan_id: int, *, version: int) -> Plan:
    """A published plan goes into execution."""
    plan = step(session, plan_id, version, "executing")
    plan.state = "executing"
    return noted(session, actor, plan, "plan.begin")


def complete(session: Session, actor: Actor, plan_id: int, *, version: int) -> Plan:
    """Everything of the plan is done."""
    plan = step(session, plan_id, version, "completed")
    plan.state = "completed"
    return noted(session, actor, plan, "plan.complete")


def cancel(session: Session, actor: Actor, plan_id: int, *, version: int, reason: str) -> Plan:
    """A plan that will not be carried out, with its reason; the public learns of it when it knew the plan."""
    if not reason.strip():
        raise Invalid("reason-missing", "取消须写明理由。", fields={"reason": ["必填"]})
    plan = step(session, plan_id, version, "cancelled")
    plan.state = "cancelled"
    if old := ledger.of(session, "plans", plan.code):
        ledger.publish(
            session, actor, board="plans", kind="withdrawal", subject=plan.code, title=plan.title, region_code=plan.region_code,
            content={"reason": reason.strip()}, replaces_id=old[-1].id,
        )
    return noted(session, actor, plan, "plan.cancel", reason=reason)


def revise(session: Session, actor: Actor, plan_id: int, *, version: int, reason: str, total: int | None = None) -> Plan:
    """A new version of an approved plan: back to draft under the next number; the old one stays as it was."""
    if not reason.strip():
        raise Invalid("reason-missing", "调整须写明理由。", fields={"reason": ["必填"]})
    plan = load(session, plan_id, version)
    if plan.state not in ("approved", "published", "executing"):
        raise Refused("wrong-state", "只有已批准的计划才需要调整。")
    plan.state, plan.version, plan.note = "draft", plan.version + 1, reason.strip()
    plan.created_by, plan.created_by_name = actor.id, actor.name
    if total is not None and total != plan.total:  # no longer what the rate gives: the paper must not say so
        plan.total, plan.rate_per_thousand, plan.population, plan.population_year = total, None, None, None
    return noted(session, actor, plan, "plan.revise", reason=reason, version=plan.version)

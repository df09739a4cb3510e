"""拒绝检查: never replaced by a reserve, never forgotten: a follow-up with its deadline, closed with a measure and its evidence."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import Conflict, Invalid, NotFound, Refused
from inspection.rulebook import service as rulebook
from inspection.visits import assignments, attachments, rules, words
from inspection.visits.models import Refusal, Visit

DEADLINE = "deadline.visit.refusal"


def follow(session: Session, actor: Actor, visit: Visit, reason: str = "") -> None:
    """Open the follow-up of a refusal whose record was approved; withdraw it when a correction says that nobody refused."""
    row = session.get(Refusal, visit.id)
    if visit.outcome == rules.REFUSED and (row is None or row.state == "withdrawn"):
        term = rulebook.due(session, DEADLINE, clock.today())
        row = row or Refusal(visit_id=visit.id, opened_at=clock.now())
        row.state, row.due_on, row.due_unannounced, row.evidence = "open", term.day, not term.announced, ""
        session.add(row)
        audit.record(session, actor, "refusal.create", "visit", visit.number, due_on=str(term.day))
    elif visit.outcome != rules.REFUSED and row is not None and row.state == "open":
        row.state, row.evidence = "withdrawn", f"更正：{reason}"
        audit.record(session, actor, "refusal.withdraw", "visit", visit.number, reason=reason)


def refusal_of(session: Session, visit_id: int) -> Refusal | None:
    """The follow-up of a visit, None when nobody refused."""
    return session.get(Refusal, visit_id)


def open_refusals() -> Select[int]:
    """Numbers of the visits whose refusal waits to be dealt with."""
    return select(Refusal.visit_id).where(Refusal.state == "open")


def refused(actor: Actor) -> Select[Refusal]:
    """The refusals that wait, of the visits this person may see."""
    seen = assignments.listing(actor).with_only_columns(Visit.id)
    return select(Refusal).where(Refusal.state == "open", Refusal.visit_id.in_(seen))


def close_refusal(session: Session, actor: Actor, visit_id: int, *, version: int, measure: str, evidence: str) -> Refusal:
    """Say what was done about a refusal, with evidence; not by who wrote the record.

    Raises
    ------
    NotFound : nobody refused.  Refused : closed or withdrawn, one's own record.  Conflict : dealt with meanwhile.
    """
    visit = assignments.get(session, actor, visit_id)
    row = session.get(Refusal, visit.id)
    if row is None:
        raise NotFound("no-refusal", "这项检查任务没有拒绝检查的后续处理。")
    if row.state != "open":
        raise Refused("refusal-closed", "这件拒绝检查已经办结或撤销。")
    if row.version_id != version:
        raise Conflict("changed-meanwhile", "这件拒绝检查已被他人办理。请刷新后核对。")
    if visit.submitted_by == actor.id or assignments.is_member(actor, visit):
        raise Refused("own-record", "不能办结自己参加检查的拒绝检查，请另一位人员办理。")
    if measure not in {code.code for code in words.refusal_measures(session)}:
        raise Invalid("unknown-code", "有 %(n)s 个代码不在代码表中。请从列表中选择。", fields={"measure": ["处理方式须从列表中选择"]}, n=1)
    named = attachments.check_named(session, visit, evidence)
    row.state, row.measure, row.evidence = "closed", measure, evidence.strip()
    row.closed_at, row.closed_by, row.closed_by_name = clock.now(), actor.id, actor.name
    session.flush()
    audit.record(session, actor, "refusal.settle", "visit", visit.number, measure=measure, evidence=evidence, attachments=named)
    return row

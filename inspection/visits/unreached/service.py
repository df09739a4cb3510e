"""联系经过: noted by the team with day, way and evidence; kept with the record."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.draws.models import Draw
from inspection.errors import Forbidden, Invalid, Refused, Said
from inspection.rulebook import service as rulebook
from inspection.rulebook.models import Code
from inspection.visits import assignments
from inspection.visits import rules as records
from inspection.visits.models import ContactAttempt, Visit
from inspection.visits.unreached import rules

WAYS = "visit.contact"


def note(session: Session, actor: Actor, visit_id: int, *, tried_on: date, how: str, evidence: str) -> ContactAttempt:
    """Note one attempt to reach the firm at its registered place.

    Raises
    ------
    Forbidden : not of the team.  Refused : recorded already, or stopped.  Invalid : unknown way, a day outside the task.
    """
    visit = assignments.get(session, actor, visit_id)
    if not assignments.is_member(actor, visit) or actor.lab_id is not None:
        raise Forbidden("not-in-team", "您不是该任务抽中的检查人员，不能填写记录。")
    draw = session.get(Draw, visit.draw_id, execution_options={"unscoped": True}) if visit.draw_id else None
    if visit.state not in records.OPEN or (draw is not None and draw.state == "void"):
        raise Refused("visit-closed", "该记录已提交或已审核，不能再改。需要更正请走退回或更正程序。")
    if wrong := _wrong(session, visit, tried_on, how):
        raise Invalid("invalid", "有 %(count)s 个字段需要改正。", fields=wrong, count=len(wrong))
    row = ContactAttempt(
        visit_id=visit.id, tried_on=tried_on, how=how, evidence=evidence.strip(), by_id=actor.id, by_name=actor.name, at=clock.now()
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "visit.note_contact", "visit", visit.number, tried_on=str(tried_on), how=how, evidence=evidence)
    return row


def _wrong(session: Session, visit: Visit, tried_on: date, how: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if tried_on > clock.today():
        found["tried_on"] = ["联系日期不能晚于今天"]
    elif visit.due_from and tried_on < visit.due_from:
        found["tried_on"] = [Said("联系日期早于任务开始日期 %(day)s", day=visit.due_from)]
    if how not in ways(session):
        found["how"] = ["联系方式须从列表中选择"]
    return found


def of_visit(session: Session, visit_id: int) -> list[ContactAttempt]:
    """The attempts of a visit, by day."""
    return list(session.scalars(select(ContactAttempt).where(ContactAttempt.visit_id == visit_id).order_by(ContactAttempt.tried_on, ContactAttempt.id)))


def ways(session: Session) -> dict[str, Code]:
    """Ways to reach a firm, by code."""
    return {row.code: row for row in rulebook.codes(session, WAYS, clock.today())}


def needed(session: Session, on: date) -> rules.Needed:
    """What the rulebook asks for on a day."""
    return rules.Needed(rulebook.number(session, "count.visit.contact_attempts", on), rulebook.number(session, "period.visit.second_attempt", on))


def lacking(session: Session, visit: Visit, entry: records.VisitEntry) -> str:
    """Why the record may not say 无法联系 yet, "" when it may or does not."""
    if records.NO_CONTACT not in entry.results:
        return ""
    return rules.lacking([row.tried_on for row in of_visit(session, visit.id)], entry.visited_on, needed(session, entry.visited_on or clock.today()))


def plain(session: Session, visit_id: int) -> list[dict[str, Any]]:
    """The attempts as they are kept with an approved record."""
    known = ways(session)
    return [
        {"tried_on": row.tried_on, "how": known[row.how].label if row.how in known else row.how, "evidence": row.evidence, "by_name": row.by_name, "at": row.at}
        for row in of_visit(session, visit_id)
    ]

"""组长复核: accepted, returned, corrected; problems found are opened for rectification."""

from __future__ import annotations

from sqlalchemy.orm import Session

from inspection import audit, clock, history
from inspection.actor import Actor
from inspection.errors import Invalid, Refused
from inspection.rulebook import service as rulebook
from inspection.visits import frozen, pursuits, recording, rules, signatures
from inspection.visits.assignments import get, is_member
from inspection.visits.models import Visit, VisitRecord
from inspection.visits.rectification import service as problems
from inspection.visits.targeted import service as targeted

PUBLISH = "deadline.visit.publish"


def approve(session: Session, actor: Actor, visit_id: int, *, version: int) -> Visit:
    """The leader accepts the record: frozen as version 1, the result is formed, the clock to publication starts."""
    visit = _for_review(session, actor, visit_id, version, "approved")
    _form(session, actor, visit)
    frozen.freeze(session, actor, visit, "", signatures.beside(session, visit))
    _note_past(session, visit)
    problems.open_found(session, actor, visit)
    pursuits.follow(session, actor, visit)
    session.flush()
    audit.record(session, actor, "visit.approve", "visit", visit.number, after=frozen.content(visit), publish_by=str(visit.publish_by))
    return visit


def send_back(session: Session, actor: Actor, visit_id: int, *, version: int, reason: str) -> Visit:
    """The leader returns the record with a reason."""
    _need_reason(reason, "退回")
    visit = _for_review(session, actor, visit_id, version, "returned")
    visit.state, visit.return_reason, visit.reviewed_by, visit.reviewed_at = "returned", reason.strip(), actor.id, clock.now()
    session.flush()
    audit.record(session, actor, "visit.return", "visit", visit.number, reason=reason)
    return visit


def correct(session: Session, actor: Actor, visit_id: int, *, version: int, entry: rules.VisitEntry, reason: str) -> VisitRecord:
    """更正 of an approved or published record: a new version beside the old; a published one waits for its own publication.

    Raises
    ------
    Refused : not approved yet, one's own record, or the correction would undo that the unit was inspected.
    """
    _need_reason(reason, "更正")
    visit = get(session, actor, visit_id)
    if visit.state not in ("approved", "published"):
        raise Refused("visit-not-approved", "只有已审核的记录才需要更正；未审核的请退回修改。")
    _not_own(actor, visit)
    frozen.same_version(visit, version, entry)
    if (visit.outcome == rules.DONE) != (entry.outcome == rules.DONE):
        raise Refused("outcome-counted", "是否完成检查已计入企业的年度检查次数和往绩，不能以更正改变。请作为新的检查任务办理。")
    before = frozen.content(visit)
    recording.write(session, visit, entry)
    recording.complete(session, visit, entry)
    _form(session, actor, visit)
    made = frozen.freeze(session, actor, visit, reason.strip(), signatures.beside(session, visit))
    problems.follow(session, actor, visit, reason.strip())
    pursuits.follow(session, actor, visit, reason.strip())
    audit.record(session, actor, "visit.correct", "visit", visit.number, before=before, after=frozen.content(visit), reason=reason, version=made.version)
    return made


def _form(session: Session, actor: Actor, visit: Visit) -> None:
    """The result is formed today: the term to publish it begins."""
    term = rulebook.due(session, PUBLISH, clock.today())
    visit.state, visit.reviewed_at, visit.reviewed_by = "approved", clock.now(), actor.id
    visit.formed_on, visit.publish_by, visit.publish_by_unannounced = clock.today(), term.day, not term.announced


def _for_review(session: Session, actor: Actor, visit_id: int, version: int, to: str) -> Visit:
    visit = get(session, actor, visit_id)
    if visit.state != "submitted" or not rules.may(visit.state, to):
        raise Refused("visit-not-submitted", "该记录现在不是待审核状态。")
    frozen.same_version(visit, version)
    _not_own(actor, visit)
    return visit


def _not_own(actor: Actor, visit: Visit) -> None:
    if visit.submitted_by == actor.id or is_member(actor, visit):
        raise Refused("own-record", "不能审核或更正自己参加检查的记录，请另一位负责人办理。")


def _need_reason(reason: str, verb: str) -> None:
    if not reason.strip():
        raise Invalid("reason-missing", "%(verb)s须写明理由。", fields={"reason": ["理由必填"]}, verb=verb)


def _note_past(session: Session, visit: Visit) -> None:
    on = visit.visited_on or clock.today()
    if visit.outcome == rules.DONE and targeted.uncapped(session, visit):
        history.note(session, "complaint", visit.unit_code, visit.number, on, detail=visit.source)  # outside the cap, and no random check
    elif visit.outcome == rules.DONE:
        history.note(session, "visited", visit.unit_code, visit.number, on, draw_id=visit.draw_id)
    for person in frozen.team(session, visit):
        history.note(session, "carried", person.code, visit.number, on, draw_id=visit.draw_id)

"""组长复核: accepted, returned, corrected; problems found are opened for rectification."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock, history
from inspection.actor import Actor
from inspection.errors import Invalid, NotFound, Refused
from inspection.registers.models import Enterprise
from inspection.rulebook import service as rulebook
from inspection.scope import covers
from inspection.visits import frozen, recording, refusals, rules
from inspection.visits.assignments import get, is_member
from inspection.visits.models import Problem, Visit, VisitItem, VisitRecord

PUBLISH = "deadline.visit.publish"


def approve(session: Session, actor: Actor, visit_id: int, *, version: int) -> Visit:
    """The leader accepts the record: frozen as version 1, the result is formed, the clock to publication starts."""
    visit = _for_review(session, actor, visit_id, version, "approved")
    _form(session, actor, visit)
    frozen.freeze(session, actor, visit, "")
    _note_past(session, visit)
    _open_problems(session, visit)
    refusals.follow(session, actor, visit)
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
    made = frozen.freeze(session, actor, visit, reason.strip())
    _follow_problems(session, actor, visit, reason.strip())
    refusals.follow(session, actor, visit, reason.strip())
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
    enterprise = session.get(Enterprise, visit.enterprise_id, execution_options={"unscoped": True})
    on = visit.visited_on or clock.today()
    if enterprise is not None and visit.outcome == rules.DONE:
        enterprise.inspections_this_year += 1
        history.note(session, "visited", visit.unit_code, visit.number, on, draw_id=visit.draw_id)
    for person in frozen.team(session, visit):
        history.note(session, "carried", person.code, visit.number, on, draw_id=visit.draw_id)


# --- problems ---------------------------------------------------------------------------------------------------------


def _open_problems(session: Session, visit: Visit) -> None:
    known = {problem.position for problem in problems(session, visit.id) if problem.state != "withdrawn"}
    new = [item for item in visit.items if item.found == "problem" and item.position not in known]
    session.add_all(_problem(visit, item) for item in new)
    if new and not known:
        history.note(session, "problem", visit.unit_code, visit.number, visit.visited_on or clock.today(), draw_id=visit.draw_id)


def _problem(visit: Visit, item: VisitItem) -> Problem:
    return Problem(
        visit_id=visit.id, region_code=visit.region_code, position=item.position, description=item.problem, measure=item.measure,
        rectify_by=visit.rectify_by,
    )  # fmt: skip


def _follow_problems(session: Session, actor: Actor, visit: Visit, reason: str) -> None:
    """After a correction: problems that are no more are withdrawn with the reason, changed ones follow, new ones are opened."""
    items = {item.position: item for item in visit.items if item.found == "problem"}
    for problem in problems(session, visit.id):
        if problem.state != "open":
            continue
        item = items.get(problem.position)
        if item is None:
            problem.state, problem.evidence, problem.closed_at, problem.closed_by = "withdrawn", f"更正：{reason}", clock.now(), actor.id
        else:
            problem.description, problem.measure, problem.rectify_by = item.problem, item.measure, visit.rectify_by
    session.flush()
    _open_problems(session, visit)


def problems(session: Session, visit_id: int) -> list[Problem]:
    """The problems of a visit in the order of its items."""
    return list(session.scalars(select(Problem).where(Problem.visit_id == visit_id).order_by(Problem.position, Problem.id)))


def close_problem(session: Session, actor: Actor, problem_id: int, *, version: int, rechecked_on: date, evidence: str) -> Problem:
    """销号: close a problem with the day and the evidence of its re-check, by another person than who wrote the record."""
    problem = session.get(Problem, problem_id)
    if problem is None or not covers(actor, problem.region_code):
        raise NotFound("problem-not-found", "没有这条问题记录。")
    visit = get(session, actor, problem.visit_id)
    if problem.state != "open":
        raise Refused("problem-closed", "这条问题已经销号或撤销。")
    frozen.same_row(problem, version)
    if visit.submitted_by == actor.id:
        raise Refused("own-record", "不能为自己填写的记录销号，请另一位人员复查后办理。")
    fields: dict[str, list[str]] = {}
    if not evidence.strip():
        fields["evidence"] = ["复查证据必填"]
    if rechecked_on > clock.today():
        fields["rechecked_on"] = ["复查日期不能晚于今天"]
    elif visit.visited_on and rechecked_on < visit.visited_on:
        fields["rechecked_on"] = [f"复查日期早于检查日期 {visit.visited_on}"]
    if fields:
        raise Invalid("evidence-missing", "销号须有复查日期和复查证据，有 %(n)s 处需要改正。", fields=fields, n=len(fields))
    problem.state, problem.rechecked_on, problem.evidence = "closed", rechecked_on, evidence.strip()
    problem.closed_at, problem.closed_by = clock.now(), actor.id
    session.flush()
    audit.record(session, actor, "problem.close", "problem", problem.id, visit=visit.number, evidence=evidence, rechecked_on=str(rechecked_on))
    return problem

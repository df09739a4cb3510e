"""问题整改: opened by the approval of a record, followed by a correction, closed with the evidence of a re-check by another person."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from inspection import audit, clock, history
from inspection.actor import Actor
from inspection.errors import Invalid, NotFound, Refused, Said
from inspection.rulebook import service as rulebook
from inspection.visits import assignments, attachments, frozen
from inspection.visits import rules as records
from inspection.visits.models import Problem, ProblemStep, Visit, VisitItem
from inspection.visits.rectification import rules

# --- opened and followed by the record --------------------------------------------------------------------------------


def open_found(session: Session, actor: Actor, visit: Visit) -> None:
    """Open the problems of an approved record; 无需后续处置 closes them with it."""
    known = {problem.position for problem in problems(session, visit.id) if problem.state != "withdrawn"}
    new = [_problem(actor, visit, item) for item in visit.items if item.found == "problem" and item.position not in known]
    session.add_all(new)
    if new and not known:
        history.note(session, "problem", visit.unit_code, visit.number, visit.visited_on or clock.today(), draw_id=visit.draw_id)


def _problem(actor: Actor, visit: Visit, item: VisitItem) -> Problem:
    made = Problem(
        visit_id=visit.id, region_code=visit.region_code, position=item.position, description=item.problem, measure=item.measure,
        rectify_by=visit.rectify_by,
    )  # fmt: skip
    _close_unneeded(actor, visit, made)
    return made


def _close_unneeded(actor: Actor, visit: Visit, problem: Problem) -> None:
    """无需后续处置: what was put right on the spot is closed by the approval that accepts it."""
    if visit.follow_up == records.NO_FOLLOW_UP:
        problem.state, problem.rechecked_on, problem.evidence = "closed", visit.visited_on, f"{rules.NONE_NEEDED}：{problem.measure}"
        problem.closed_at, problem.closed_by = clock.now(), actor.id


def follow(session: Session, actor: Actor, visit: Visit, reason: str) -> None:
    """After a correction: problems that are no more are withdrawn with the reason, changed ones follow, new ones are opened."""
    items = {item.position: item for item in visit.items if item.found == "problem"}
    for problem in problems(session, visit.id):
        if problem.state != "open":
            continue
        item = items.get(problem.position)
        if item is None:
            problem.state, problem.evidence, problem.closed_at, problem.closed_by = "withdrawn", f"更正：{reason}", clock.now(), actor.id
        else:
            problem.description, problem.measure = item.problem, item.measure
            if not _extended(session, problem):  # a term that was extended stands
                problem.rectify_by = visit.rectify_by
            _close_unneeded(actor, visit, problem)
    session.flush()
    open_found(session, actor, visit)


# --- asking -----------------------------------------------------------------------------------------------------------


def problems(session: Session, visit_id: int) -> list[Problem]:
    """The problems of a visit in the order of its items."""
    return list(session.scalars(select(Problem).where(Problem.visit_id == visit_id).order_by(Problem.position, Problem.id)))


def found(actor: Actor) -> Select[Any]:
    """Problems of the visits this person may see."""
    return select(Problem).where(Problem.visit_id.in_(assignments.listing(actor).with_only_columns(Visit.id)))


def get_problem(session: Session, actor: Actor, problem_id: int) -> tuple[Problem, Visit]:
    """One problem and its visit, or NotFound when it is not there for this actor."""
    problem = session.get(Problem, problem_id)
    try:
        if problem is not None:
            return problem, assignments.get(session, actor, problem.visit_id)
    except NotFound:
        pass  # the same words whether there is none, or one of another place, or a secret one
    raise NotFound("problem-not-found", "没有这条问题记录。")


def steps(session: Session, problem_id: int) -> list[ProblemStep]:
    """What was done about a problem, in order."""
    return list(session.scalars(select(ProblemStep).where(ProblemStep.problem_id == problem_id).order_by(ProblemStep.id)))


def thresholds(session: Session, on: date) -> rules.Thresholds:
    """From how many days on a card is given, as the rulebook says on a day."""
    yellow, red = rulebook.rule(session, "period.problem.yellow", on), rulebook.rule(session, "period.problem.red", on)
    return rules.Thresholds(int(yellow.value), int(red.value), yellow.verified and red.verified)


def asked_for_extension() -> Select[int]:
    """Problems whose newest word on an extension is that it was asked for."""
    last = select(func.max(ProblemStep.id)).where(ProblemStep.kind.startswith("extension_")).group_by(ProblemStep.problem_id)
    return select(ProblemStep.problem_id).where(ProblemStep.id.in_(last), ProblemStep.kind == "extension_asked")


def _extended(session: Session, problem: Problem) -> bool:
    return any(step.kind == "extension_granted" for step in steps(session, problem.id))


# --- re-check ---------------------------------------------------------------------------------------------------------


def close_problem(session: Session, actor: Actor, problem_id: int, *, version: int, rechecked_on: date, evidence: str) -> Problem:
    """销号: close a problem with the day and the evidence of its re-check, by another person than who wrote the record."""
    problem, visit = _rechecked(session, actor, problem_id, version, rechecked_on, evidence)
    problem.state, problem.rechecked_on, problem.evidence = "closed", rechecked_on, evidence.strip()
    problem.closed_at, problem.closed_by = clock.now(), actor.id
    named = attachments.check_named(session, visit, evidence)
    _step(session, actor, problem, "recheck_passed", rechecked_on, evidence)
    audit.record(
        session, actor, "problem.close", "problem", problem.id, visit=visit.number, evidence=evidence, rechecked_on=str(rechecked_on), attachments=named
    )
    return problem


def fail_recheck(session: Session, actor: Actor, problem_id: int, *, version: int, rechecked_on: date, evidence: str) -> Problem:
    """复查不合格: the problem stays open, the re-check stands in its history."""
    problem, visit = _rechecked(session, actor, problem_id, version, rechecked_on, evidence)
    named = attachments.check_named(session, visit, evidence)
    _step(session, actor, problem, "recheck_failed", rechecked_on, evidence)
    audit.record(
        session, actor, "problem.fail_recheck", "problem", problem.id, visit=visit.number, evidence=evidence, rechecked_on=str(rechecked_on), attachments=named
    )
    return problem


def _rechecked(session: Session, actor: Actor, problem_id: int, version: int, rechecked_on: date, evidence: str) -> tuple[Problem, Visit]:
    problem, visit = _open(session, actor, problem_id, version)
    if visit.submitted_by == actor.id:
        raise Refused("own-record", "不能为自己填写的记录销号，请另一位人员复查后办理。")
    fields: dict[str, list[str]] = {}
    if not evidence.strip():
        fields["evidence"] = ["复查证据必填"]
    if rechecked_on > clock.today():
        fields["rechecked_on"] = ["复查日期不能晚于今天"]
    elif visit.visited_on and rechecked_on < visit.visited_on:
        fields["rechecked_on"] = [Said("复查日期早于检查日期 %(day)s", day=visit.visited_on)]
    if fields:
        raise Invalid("evidence-missing", "销号须有复查日期和复查证据，有 %(n)s 处需要改正。", fields=fields, n=len(fields))
    return problem, visit


def _open(session: Session, actor: Actor, problem_id: int, version: int) -> tuple[Problem, Visit]:
    problem, visit = get_problem(session, actor, problem_id)
    if problem.state != "open":
        raise Refused("problem-closed", "这条问题已经销号或撤销。")
    frozen.same_row(problem, version)
    return problem, visit


def _step(session: Session, actor: Actor, problem: Problem, kind: str, on: date, text: str) -> None:
    session.add(ProblemStep(problem_id=problem.id, kind=kind, on=on, text=text.strip(), by_id=actor.id, by_name=actor.name, at=clock.now()))
    flag_modified(problem, "state")  # whoever read it before must read it again
    session.flush()


# --- extension --------------------------------------------------------------------------------------------------------


def ask_extension(session: Session, actor: Actor, problem_id: int, *, version: int, until: date, reason: str) -> Problem:
    """申请延期: once, before the term is over, with the reason; another person decides.

    Raises
    ------
    Refused : no term, already extended, or asked and not decided.  Invalid : too late, or not a later day.
    """
    problem, visit = _open(session, actor, problem_id, version)
    kinds = [(step.kind, step.on) for step in steps(session, problem.id)]
    if problem.rectify_by is None:
        raise Refused("no-term", "这条问题没有改正期限，无需延期。")
    if any(kind == "extension_granted" for kind, _ in kinds):
        raise Refused("extended-once", "改正期限只能延长一次，这条问题已经延期。")
    if rules.asked_until(kinds):
        raise Refused("extension-asked", "延期申请正在等待批准，不能重复申请。")
    if clock.today() > problem.rectify_by:
        raise Refused("term-over", "改正期限 %(day)s 已过，逾期后不能申请延期。", day=problem.rectify_by.isoformat())
    if until <= problem.rectify_by:
        raise Invalid("extension-too-short", "延期有误。", fields={"until": [Said("应晚于现在的改正期限 %(day)s", day=problem.rectify_by)]})
    _step(session, actor, problem, "extension_asked", until, reason)
    audit.record(session, actor, "problem.ask_extension", "problem", problem.id, visit=visit.number, until=str(until), reason=reason)
    return problem


def decide_extension(session: Session, actor: Actor, problem_id: int, *, version: int, granted: bool, reason: str = "") -> Problem:
    """批准或不同意延期, by another person than who asked; the term moves only when it is granted."""
    problem, visit = _open(session, actor, problem_id, version)
    asked = [step for step in steps(session, problem.id) if step.kind.startswith("extension_")]
    if not asked or asked[-1].kind != "extension_asked":
        raise Refused("no-extension-asked", "这条问题没有待批准的延期申请。")
    if asked[-1].by_id == actor.id:
        raise Refused("same-person", "延期须由申请人以外的人批准。")
    if not granted and not reason.strip():
        raise Invalid("reason-missing", "%(verb)s须写明理由。", fields={"reason": ["理由必填"]}, verb="不同意延期")
    until, before = asked[-1].on, problem.rectify_by
    if granted:
        problem.rectify_by = until
    _step(session, actor, problem, "extension_granted" if granted else "extension_declined", until, reason)
    verb = "problem.grant_extension" if granted else "problem.decline_extension"
    audit.record(session, actor, verb, "problem", problem.id, visit=visit.number, before=str(before), until=str(until), reason=reason)
    return problem

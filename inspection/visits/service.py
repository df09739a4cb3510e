"""The verbs of a visit: opened from a revealed draw, recorded, submitted, reviewed, published, corrected."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import rfc8785
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inspection import audit, clock, history, ledger
from inspection.actor import Actor
from inspection.draws.models import Draw, Selection, TeamSeat
from inspection.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from inspection.registers.models import CheckItem, Enterprise, Inspector
from inspection.rulebook import service as rulebook
from inspection.rulebook.rules import in_force
from inspection.visits import rules
from inspection.visits.models import Problem, Visit, VisitItem, VisitMember, VisitRecord, VisitResult

RECTIFY_DAYS = "deadline.product.correct"


# --- opening ----------------------------------------------------------------------------------------------------------


def open_from_draw(session: Session, actor: Actor, draw_id: int) -> int:
    """Make one visit per selected unit of a revealed draw; a second call makes none. Gives the number of new visits."""
    draw = session.get(Draw, draw_id)
    if draw is None:
        raise NotFound("draw-not-found", "没有这次抽取。")
    if draw.state not in ("revealed", "published"):
        raise Refused("draw-not-revealed", "抽取 %(number)s 尚未揭示，不能下达检查任务。", number=draw.number)
    there = set(session.scalars(select(Visit.unit_code).where(Visit.draw_id == draw_id).execution_options(unscoped=True)))
    chosen = session.scalars(
        select(Selection).where(Selection.draw_id == draw_id, Selection.role == "selected").order_by(Selection.stratum, Selection.rank)
    ).all()
    new = [row for row in chosen if row.unit_code not in there]
    if not new:
        return 0
    seats = _seats(session, draw_id)
    items = _items(session, draw, clock.today())
    regions = dict(session.execute(select(Enterprise.id, Enterprise.region_code).execution_options(unscoped=True)).all())
    for row in new:
        _open(session, draw, row, seats.get(row.unit_code, []), items, regions)
    session.flush()
    audit.record(session, actor, "visit.open", "draw", draw.number, visits=len(new))
    return len(new)


def _open(session: Session, draw: Draw, row: Selection, team: list[tuple[int, int]], items: Sequence[CheckItem], regions: dict[int, str]) -> None:
    if row.enterprise_id is None:
        raise Refused("unit-not-registered", "抽中对象 %(unit)s 不在名录库中，无法下达任务。", unit=row.unit_code)
    session.add(
        Visit(
            number=f"{draw.number}-{row.stratum}-{row.rank:04d}",
            draw_id=draw.id,
            enterprise_id=row.enterprise_id,
            region_code=regions[row.enterprise_id],
            unit_code=row.unit_code,
            stratum=row.stratum,
            announced=draw.announced,
            due_from=date.fromisoformat(draw.period_from) if draw.period_from else None,
            due_to=date.fromisoformat(draw.period_to) if draw.period_to else None,
            members=[VisitMember(seat=seat, inspector_id=inspector_id) for seat, inspector_id in team],
            items=[VisitItem(position=i, item_code=item.code, name=item.name) for i, item in enumerate(items, 1)],
        )
    )


def _seats(session: Session, draw_id: int) -> dict[str, list[tuple[int, int]]]:
    ids = dict(session.execute(select(Inspector.code, Inspector.id).execution_options(unscoped=True)).all())
    seats: dict[str, list[tuple[int, int]]] = {}
    for seat in session.scalars(select(TeamSeat).where(TeamSeat.draw_id == draw_id).order_by(TeamSeat.unit_code, TeamSeat.seat)):
        if seat.inspector_code:
            seats.setdefault(seat.unit_code, []).append((seat.seat, ids[seat.inspector_code]))
    return seats


def _items(session: Session, draw: Draw, on: date) -> list[CheckItem]:
    found = []
    for code in draw.item_codes:
        item = in_force(session.scalars(select(CheckItem).where(CheckItem.code == code)).all(), on)
        if item is None:
            raise Refused("item-not-in-force", "抽查事项 %(item)s 在 %(on)s 没有有效版本。请先更新抽查事项清单。", item=code, on=on.isoformat())
        found.append(item)
    return found


# --- asking -----------------------------------------------------------------------------------------------------------


def listing(actor: Actor, *, mine: bool = False) -> Select[Visit]:
    """Visits the actor may see: an inspector only those of his own teams."""
    query = select(Visit)
    if mine or _only_own(actor):
        query = query.where(Visit.members.any(VisitMember.inspector_id == (actor.inspector_id or -1)))
    return query


def get(session: Session, actor: Actor, visit_id: int) -> Visit:
    """One visit, or NotFound when it is not there for this actor."""
    visit = session.get(Visit, visit_id)
    if visit is None or (_only_own(actor) and not _is_member(actor, visit)):
        raise NotFound("visit-not-found", "没有这项检查任务，或它不由您办理。")
    return visit


def _only_own(actor: Actor) -> bool:
    return actor.can("visit.record") and not actor.can("visit.review") and not actor.can("register.read")


def _is_member(actor: Actor, visit: Visit) -> bool:
    return any(member.inspector_id == actor.inspector_id for member in visit.members)


# --- recording --------------------------------------------------------------------------------------------------------


def record(session: Session, actor: Actor, visit_id: int, *, version: int, entry: rules.VisitEntry, submit: bool = False) -> Visit:
    """Save the record as typed; with `submit` it must be complete and goes to the leader.

    Raises
    ------
    Forbidden : the actor is not of the drawn team.  Conflict : a colleague saved meanwhile.  Invalid : what is missing, by field.
    """
    visit = get(session, actor, visit_id)
    if not _is_member(actor, visit):
        raise Forbidden("not-in-team", "您不是该任务抽中的检查人员，不能填写记录。")
    _same_version(visit, version)
    if not rules.may(visit.state, "submitted" if submit else "entered"):
        raise Refused("visit-closed", "该记录已提交或已审核，不能再改。需要更正请走退回或更正程序。")
    _codes(session, entry)
    before = content(visit)
    _write(visit, entry)
    if submit:
        _submit(session, actor, visit, entry)
    else:
        visit.state = "entered"
    session.flush()
    audit.record(
        session, actor, "visit.submit" if submit else "visit.save", "visit", visit.number, before=before, after=content(visit)
    )
    return visit


def _codes(session: Session, entry: rules.VisitEntry) -> None:
    today = clock.today()
    if entry.outcome is not None:
        rulebook.code(session, "visit.outcome", entry.outcome, today)
    for value in entry.results:
        rulebook.code(session, "visit.result", value, today)
    if entry.follow_up:
        rulebook.code(session, "visit.follow_up", entry.follow_up, today)


def _write(visit: Visit, entry: rules.VisitEntry) -> None:
    for name in ("outcome", "visited_on", "follow_up", "summary", "outcome_note", "recusal_asked", "recusal_answer", "witness"):
        setattr(visit, name, getattr(entry, name))
    visit.refused_signature = entry.refused_signature
    known = {item.position: item for item in visit.items}
    for given in entry.items:
        item = known.get(given.position)
        if item is None:
            raise Invalid("unknown-item", "任务中没有第 %(n)s 项检查事项。", n=given.position)
        item.found, item.problem, item.measure = given.found, given.problem, given.measure
        item.not_checked_reason = given.not_checked_reason
    wanted = set(entry.results)
    visit.results = [row for row in visit.results if row.code in wanted]
    there = {row.code for row in visit.results}
    visit.results.extend(VisitResult(code=value) for value in sorted(wanted - there))


def _submit(session: Session, actor: Actor, visit: Visit, entry: rules.VisitEntry) -> None:
    complete = rules.VisitEntry(
        **{
            **{name: getattr(entry, name) for name in entry.__dataclass_fields__},
            "items": tuple(
                rules.ItemEntry(i.position, i.found, i.problem, i.measure, i.not_checked_reason) for i in visit.items
            ),
        }
    )
    found = rules.faults(
        complete,
        members(session, visit),
        today=clock.today(),
        due_from=visit.due_from,
        due_to=visit.due_to,
        least=rulebook.number(session, "count.visit.inspectors", clock.today()),
    )
    if found:
        raise Invalid("record-incomplete", "记录还不能提交，有 %(n)s 处需要补充或改正。", fields=found.fields, n=len(found.fields))
    visit.state, visit.submitted_at, visit.submitted_by = "submitted", clock.now(), actor.id


def members(session: Session, visit: Visit) -> list[rules.Member]:
    """The team with what decides whether each may stand for the record."""
    rows = session.scalars(
        select(Inspector).where(Inspector.id.in_([m.inspector_id for m in visit.members])).execution_options(unscoped=True)
    )
    return [
        rules.Member(
            row.code,
            row.name,
            row.certificate_expires_on,
            row.active,
            (row.leave_from, row.leave_to or date.max) if row.leave_from else None,
        )
        for row in rows
    ]


# --- reviewing --------------------------------------------------------------------------------------------------------


def approve(session: Session, actor: Actor, visit_id: int, *, version: int) -> Visit:
    """The leader accepts the record: frozen as version 1, the result is formed, the clock to publication starts."""
    visit = _for_review(session, actor, visit_id, version, "approved")
    visit.state, visit.reviewed_at, visit.reviewed_by = "approved", clock.now(), actor.id
    visit.formed_on = clock.today()
    visit.publish_by = rulebook.due(session, "deadline.visit.publish", visit.formed_on).day
    _freeze(session, actor, visit, 1, "")
    _note_past(session, visit)
    for item in visit.items:
        if item.found == "problem":
            session.add(
                Problem(
                    visit_id=visit.id,
                    region_code=visit.region_code,
                    position=item.position,
                    description=item.problem,
                    measure=item.measure,
                    rectify_by=_rectify_by(session, visit),
                )
            )
    session.flush()
    audit.record(session, actor, "visit.approve", "visit", visit.number, after=content(visit))
    return visit


def send_back(session: Session, actor: Actor, visit_id: int, *, version: int, reason: str) -> Visit:
    """The leader returns the record with a reason."""
    if not reason.strip():
        raise Invalid("reason-missing", "退回须写明理由。", fields={"reason": ["必填"]})
    visit = _for_review(session, actor, visit_id, version, "returned")
    visit.state, visit.return_reason, visit.reviewed_by, visit.reviewed_at = "returned", reason.strip(), actor.id, clock.now()
    session.flush()
    audit.record(session, actor, "visit.return", "visit", visit.number, reason=reason)
    return visit


def _for_review(session: Session, actor: Actor, visit_id: int, version: int, to: str) -> Visit:
    visit = get(session, actor, visit_id)
    _same_version(visit, version)
    if not rules.may(visit.state, to):
        raise Refused("visit-not-submitted", "该记录现在不是待审核状态。")
    if visit.submitted_by == actor.id or _is_member(actor, visit):
        raise Refused("own-record", "不能审核自己参加检查的记录，请另一位负责人审核。")
    return visit


def _rectify_by(session: Session, visit: Visit) -> date | None:
    return rulebook.due(session, RECTIFY_DAYS, visit.formed_on or clock.today()).day


def _note_past(session: Session, visit: Visit) -> None:
    enterprise = session.get(Enterprise, visit.enterprise_id, execution_options={"unscoped": True})
    on = visit.visited_on or clock.today()
    if enterprise is not None and visit.outcome == rules.DONE:
        enterprise.inspections_this_year += 1
        history.note(session, "visited", visit.unit_code, visit.number, on, draw_id=visit.draw_id)
        if any(item.found == "problem" for item in visit.items):
            history.note(session, "problem", visit.unit_code, visit.number, on, draw_id=visit.draw_id)
    codes = session.scalars(
        select(Inspector.code).where(Inspector.id.in_([m.inspector_id for m in visit.members])).execution_options(unscoped=True)
    )
    for code in codes:
        history.note(session, "carried", code, visit.number, on, draw_id=visit.draw_id)


def _freeze(session: Session, actor: Actor, visit: Visit, version: int, reason: str) -> VisitRecord:
    text = rfc8785.dumps(audit.plain(content(visit))).decode()
    record_ = VisitRecord(
        visit_id=visit.id,
        version=version,
        content=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        reason=reason,
        approved_by=actor.id,
        approved_by_name=actor.name,
        approved_at=clock.now(),
    )
    session.add(record_)
    session.flush()
    return record_


# --- publishing -------------------------------------------------------------------------------------------------------


def publish(session: Session, actor: Actor, visit_id: int, *, version: int) -> ledger.Entry:
    """Put the result on the public board; never automatic, warned before the twenty working days are over."""
    visit = get(session, actor, visit_id)
    _same_version(visit, version)
    if not rules.may(visit.state, "published"):
        raise Refused("visit-not-approved", "该检查结果尚未审核通过，不能公示。")
    entry = _to_ledger(session, actor, visit, kind="result", replaces_id=None, reason="")
    visit.state, visit.published_at = "published", clock.now()
    session.flush()
    audit.record(session, actor, "visit.publish", "visit", visit.number, digest=entry.digest)
    return entry


def correct(session: Session, actor: Actor, visit_id: int, *, version: int, entry: rules.VisitEntry, reason: str) -> VisitRecord:
    """更正: a new version of an approved record beside the old one; a published result gets a correction beside it."""
    if not reason.strip():
        raise Invalid("reason-missing", "更正须写明理由。", fields={"reason": ["必填"]})
    visit = get(session, actor, visit_id)
    _same_version(visit, version)
    if visit.state not in ("approved", "published"):
        raise Refused("visit-not-approved", "只有已审核的记录才需要更正；未审核的请退回修改。")
    _codes(session, entry)
    before = content(visit)
    _write(visit, entry)
    session.flush()
    last = session.scalars(select(VisitRecord.version).where(VisitRecord.visit_id == visit.id).order_by(VisitRecord.version.desc())).first()
    made = _freeze(session, actor, visit, (last or 0) + 1, reason.strip())
    if visit.state == "published":
        old = ledger.of(session, "results", visit.number)
        _to_ledger(session, actor, visit, kind="correction", replaces_id=old[-1].id if old else None, reason=reason)
    audit.record(session, actor, "visit.correct", "visit", visit.number, before=before, after=content(visit), reason=reason)
    return made


def _to_ledger(session: Session, actor: Actor, visit: Visit, *, kind: str, replaces_id: int | None, reason: str) -> ledger.Entry:
    enterprise = session.get(Enterprise, visit.enterprise_id, execution_options={"unscoped": True})
    assert enterprise is not None
    on = visit.visited_on or clock.today()
    labels = {row.code: row.label for row in rulebook.codes(session, "visit.result", on)}
    outcomes = {row.code: row.label for row in rulebook.codes(session, "visit.outcome", on)}
    return ledger.publish(
        session,
        actor,
        board="results",
        kind=kind,
        subject=visit.number,
        title=enterprise.name,
        region_code=visit.region_code,
        replaces_id=replaces_id,
        content={
            "number": visit.number,
            "unit_code": visit.unit_code,
            "name": enterprise.name,
            "visited_on": visit.visited_on,
            "outcome": outcomes.get(visit.outcome or "", ""),
            "results": [labels.get(row.code, row.code) for row in visit.results],
            "reason": reason,
        },
    )


def due_soon(session: Session, within_days: int = 7) -> list[Visit]:
    """Approved results whose twenty working days end soon or have ended: the warning before publication is late."""
    until = clock.today() + timedelta(days=within_days)
    query = select(Visit).where(Visit.state == "approved", Visit.publish_by <= until).order_by(Visit.publish_by)
    return list(session.scalars(query))


def progress(session: Session, draw_id: int) -> dict[str, int]:
    """Counts of a draw's visits: total, recorded, done, approved, published."""
    rows = session.execute(select(Visit.state, Visit.outcome).where(Visit.draw_id == draw_id)).all()
    return {
        "total": len(rows),
        "recorded": sum(outcome is not None for _, outcome in rows),
        "done": sum(outcome == rules.DONE for _, outcome in rows),
        "approved": sum(state in ("approved", "published") for state, _ in rows),
        "published": sum(state == "published" for state, _ in rows),
    }


# --- problems ---------------------------------------------------------------------------------------------------------


def close_problem(session: Session, actor: Actor, problem_id: int, *, version: int, rechecked_on: date, evidence: str) -> Problem:
    """Close a problem with the day and the evidence of its re-check."""
    problem = session.get(Problem, problem_id)
    if problem is None:
        raise NotFound("problem-not-found", "没有这条问题记录。")
    _same_version(problem, version)
    if problem.state == "closed":
        raise Refused("problem-closed", "这条问题已经销号。")
    if not evidence.strip() or rechecked_on > clock.today():
        raise Invalid(
            "evidence-missing", "销号须有复查日期（不晚于今天）和复查证据。", fields={"evidence": ["必填"], "rechecked_on": ["不晚于今天"]}
        )
    problem.state, problem.rechecked_on, problem.evidence = "closed", rechecked_on, evidence.strip()
    problem.closed_at, problem.closed_by = clock.now(), actor.id
    session.flush()
    audit.record(session, actor, "problem.close", "problem", problem.id, evidence=evidence, rechecked_on=rechecked_on)
    return problem


def content(visit: Visit) -> dict[str, Any]:
    """The record as plain data, for digests and papers."""
    return {
        "number": visit.number,
        "unit_code": visit.unit_code,
        "state": visit.state,
        "outcome": visit.outcome,
        "outcome_note": visit.outcome_note,
        "visited_on": visit.visited_on,
        "summary": visit.summary,
        "follow_up": visit.follow_up,
        "recusal_asked": visit.recusal_asked,
        "recusal_answer": visit.recusal_answer,
        "refused_signature": visit.refused_signature,
        "witness": visit.witness,
        "results": [row.code for row in visit.results],
        "members": [member.inspector_id for member in visit.members],
        "items": [
            {"position": i.position, "code": i.item_code, "found": i.found, "problem": i.problem, "measure": i.measure,
             "not_checked_reason": i.not_checked_reason}
            for i in visit.items
        ],
    }


def _same_version(row: Visit | Problem, version: int) -> None:
    if row.version_id != version:
        raise Conflict("changed-meanwhile", "这条记录已被他人修改（您看到的是第 %(yours)s 版，现为第 %(now)s 版）。请刷新后重新填写。",
                       yours=version, now=row.version_id)

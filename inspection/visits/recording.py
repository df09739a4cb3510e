"""现场检查记录: saved as a draft, checked, submitted to the leader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from inspection import audit, clock
from inspection.actor import Actor
from inspection.auth.models import Account
from inspection.draws.models import Draw
from inspection.errors import Forbidden, Invalid, Refused, Said
from inspection.registers.models import ConflictOfInterest, Inspector
from inspection.rulebook import service as rulebook
from inspection.visits import frozen, rules, signatures, words
from inspection.visits.arrival import service as arrivals
from inspection.visits.assignments import get, is_member
from inspection.visits.models import Visit, VisitResult
from inspection.visits.unreached import service as unreached


def record(session: Session, actor: Actor, visit_id: int, *, version: int, entry: rules.VisitEntry, submit: bool = False) -> Visit:
    """Save the record as typed; with `submit` it must be complete and goes to the leader.

    Raises
    ------
    Forbidden : not of the drawn team, or of a laboratory.  Conflict : a colleague saved meanwhile.  Invalid : what is missing, by field.
    """
    visit = get(session, actor, visit_id)
    if not is_member(actor, visit):
        raise Forbidden("not-in-team", "您不是该任务抽中的检查人员，不能填写记录。")
    if actor.lab_id is not None:
        raise Forbidden("laboratory-may-not-inspect", "检验机构人员不得实施检查。受委托抽样与行政检查须分开。")
    draw = session.get(Draw, visit.draw_id, execution_options={"unscoped": True}) if visit.draw_id else None
    if draw is not None and draw.state == "void":
        raise Refused("draw-void", "抽取 %(number)s 已作废，其检查任务随之停止，不能再填写记录。", number=draw.number)
    to = "submitted" if submit else "entered"
    if not rules.may(visit.state, to):
        raise Refused("visit-closed", "该记录已提交或已审核，不能再改。需要更正请走退回或更正程序。")
    frozen.same_version(visit, version, entry)
    entry = arrivals.filled(session, visit, entry)
    before = frozen.content(visit)
    with session.no_autoflush:  # one version per save
        write(session, visit, entry)
        if submit:
            complete(session, visit, entry, signed=True)
            visit.submitted_at, visit.submitted_by, visit.return_reason = clock.now(), actor.id, ""
        visit.state = to
    session.flush()
    audit.record(session, actor, "visit.submit" if submit else "visit.save", "visit", visit.number, before=before, after=frozen.content(visit))
    return visit


def write(session: Session, visit: Visit, entry: rules.VisitEntry) -> None:
    """Put what was typed into the record; its version grows even when only an item or a result changed."""
    versions = words.check(session, entry)
    for name in frozen.PLAIN:
        setattr(visit, name, getattr(entry, name))
    visit.methods = list(entry.methods)
    known = {item.position: item for item in visit.items}
    for given in entry.items:
        item = known.pop(given.position, None)  # each item once: what is said twice is refused, not overwritten
        if item is None:
            raise Invalid("unknown-item", "任务中没有第 %(n)s 项检查事项。", fields={"items": [Said("没有第 %(n)s 项检查事项，或它出现了两次", n=given.position)]}, n=given.position)
        item.found, item.problem, item.measure = given.found, given.problem, given.measure
        item.not_checked_reason = given.not_checked_reason
    kept = {row.code: row for row in visit.results}
    for row in [row for row in visit.results if row.code not in versions]:
        visit.results.remove(row)
    for code, code_version in sorted(versions.items()):
        if code in kept:
            kept[code].code_version = code_version
        else:
            visit.results.append(VisitResult(code=code, code_version=code_version))
    flag_modified(visit, "state")


def complete(session: Session, visit: Visit, entry: rules.VisitEntry, *, signed: bool = False) -> None:
    """Refuse a record that is not complete; with `signed` both sides must have signed it as it stands, and its hours are those of the check-ins.

    Raises
    ------
    Invalid : everything that is missing, by field.
    """
    items = tuple(rules.ItemEntry(i.position, i.found, i.problem, i.measure, i.not_checked_reason) for i in visit.items)
    least = rulebook.number(session, "count.visit.inspectors", clock.today())
    known = arrivals.hours(session, visit) if signed else arrivals.Hours()
    task = rules.Task(visit.due_from, visit.due_to, least, clock.now(), known.begun, known.ended)
    found = rules.faults(replace(entry, items=items), members(session, visit, entry.visited_on), task)
    if message := unreached.lacking(session, visit, entry):
        found.add("contacts", message)
    for message in signatures.lacking(session, visit) if signed else ():
        found.add("signatures", message)
    if found:
        raise Invalid("record-incomplete", "记录还不能提交，有 %(n)s 处需要补充或改正。", fields=found.fields, n=len(found.fields))


def members(session: Session, visit: Visit, on: date | None = None) -> list[rules.Member]:
    """The team with what decides whether each may stand for the record of that day."""
    return standing(session, visit, frozen.team(session, visit), on)


def standing(session: Session, visit: Visit, people: Sequence[Inspector], on: date | None = None) -> list[rules.Member]:
    """People with what decides whether each may inspect the object of this visit on that day."""
    barred, tied = _barred(session, visit, on or clock.today()), _of_laboratories(session, [row.id for row in people])
    return [
        rules.Member(
            row.code, row.name, row.certificate_expires_on, row.active,
            (row.leave_from, row.leave_to or date.max) if row.leave_from else None, barred.get(row.id, ""), row.id in tied,
        )
        for row in people
    ]  # fmt: skip


def _barred(session: Session, visit: Visit, on: date) -> dict[int, str]:
    row = ConflictOfInterest
    query = select(row.inspector_id, row.reason).where(
        row.enterprise_id == visit.enterprise_id, or_(row.valid_from.is_(None), row.valid_from <= on), or_(row.valid_to.is_(None), row.valid_to >= on)
    )
    return dict(session.execute(query).all())


def _of_laboratories(session: Session, people: Sequence[int]) -> set[int]:
    query = select(Account.inspector_id).where(Account.inspector_id.in_(people), Account.lab_id.is_not(None))
    return {found for found in session.scalars(query) if found is not None}

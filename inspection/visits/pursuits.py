"""What must follow a record: a refusal is dealt with, who cannot be reached is passed on; with a deadline, a measure and its evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import Conflict, Invalid, NotFound, Refused
from inspection.rulebook import service as rulebook
from inspection.rulebook.models import Code
from inspection.visits import assignments, attachments, rules
from inspection.visits.models import Problem, Pursued, Refusal, Transfer, Visit


@dataclass(frozen=True, slots=True)
class Kind:
    """后续处理的一种: its word in the trail and in addresses, its table, its term and its measures, and when a record calls for it."""

    word: str
    model: type[Any]
    called_for: Callable[[Visit], bool]

    @property
    def deadline(self) -> str:
        return f"deadline.visit.{self.word}"

    @property
    def measures(self) -> str:
        return f"visit.{self.word}"


REFUSAL = Kind("refusal", Refusal, lambda visit: visit.outcome == rules.REFUSED)
TRANSFER = Kind("transfer", Transfer, lambda visit: any(row.code == rules.NO_CONTACT for row in visit.results))
KINDS = {kind.word: kind for kind in (REFUSAL, TRANSFER)}


def follow(session: Session, actor: Actor, visit: Visit, reason: str = "") -> None:
    """Open what an approved record calls for; withdraw it when a correction says that it was not so."""
    for kind in KINDS.values():
        row, called = pursuit_of(session, kind, visit.id), kind.called_for(visit)
        if called and (row is None or row.state == "withdrawn"):
            term = rulebook.due(session, kind.deadline, clock.today())
            row = row or kind.model(visit_id=visit.id, opened_at=clock.now())
            row.state, row.due_on, row.due_unannounced, row.evidence = "open", term.day, not term.announced, ""
            session.add(row)
            audit.record(session, actor, f"{kind.word}.create", "visit", visit.number, due_on=str(term.day))
        elif not called and row is not None and row.state == "open":
            row.state, row.evidence = "withdrawn", f"更正：{reason}"
            audit.record(session, actor, f"{kind.word}.withdraw", "visit", visit.number, reason=reason)


def pursuit_of(session: Session, kind: Kind, visit_id: int) -> Pursued | None:
    """What follows a visit in one kind, None when nothing does."""
    found: Pursued | None = session.get(kind.model, visit_id)
    return found


def settled(session: Session, visit: Visit) -> bool | None:
    """已完结: nothing of an approved record waits any more; None while it is not approved. 无需后续处置 closes with the approval."""
    if visit.state not in assignments.FORMED:
        return None
    rows = (pursuit_of(session, kind, visit.id) for kind in KINDS.values())
    problems = session.scalars(select(Problem.id).where(Problem.visit_id == visit.id, Problem.state == "open")).first()
    return problems is None and not any(row is not None and row.state == "open" for row in rows)


def open_visits(kind: Kind) -> Select[int]:
    """Numbers of the visits where this kind waits to be dealt with."""
    return select(kind.model.visit_id).where(kind.model.state == "open")


def pursued(actor: Actor, kind: Kind) -> Select[Any]:
    """What waits in one kind, of the visits this person may see."""
    seen = assignments.listing(actor).with_only_columns(Visit.id)
    return select(kind.model).where(kind.model.state == "open", kind.model.visit_id.in_(seen))


def measures(session: Session, kind: Kind) -> list[Code]:
    """What may be done in one kind."""
    return rulebook.codes(session, kind.measures, clock.today())


def settle(session: Session, actor: Actor, kind: Kind, visit_id: int, *, version: int, measure: str, evidence: str) -> Pursued:
    """Say what was done, with evidence; not by who wrote the record.

    Raises
    ------
    NotFound : nothing follows.  Refused : closed or withdrawn, one's own record.  Conflict : dealt with meanwhile.
    """
    visit = assignments.get(session, actor, visit_id)
    row = pursuit_of(session, kind, visit.id)
    if row is None:
        raise NotFound(f"no-{kind.word}", "这项检查任务没有这种后续处理。")
    if row.state != "open":
        raise Refused(f"{kind.word}-closed", "这件后续处理已经办结或撤销。")
    if row.version_id != version:
        raise Conflict("changed-meanwhile", "这件后续处理已被他人办理。请刷新后核对。")
    if visit.submitted_by == actor.id or assignments.is_member(actor, visit):
        raise Refused("own-record", "不能办结自己参加检查的后续处理，请另一位人员办理。")
    if measure not in {code.code for code in measures(session, kind)}:
        raise Invalid("unknown-code", "有 %(n)s 个代码不在代码表中。请从列表中选择。", fields={"measure": ["处理方式须从列表中选择"]}, n=1)
    named = attachments.check_named(session, visit, evidence)
    row.state, row.measure, row.evidence = "closed", measure, evidence.strip()
    row.closed_at, row.closed_by, row.closed_by_name = clock.now(), actor.id, actor.name
    session.flush()
    audit.record(session, actor, f"{kind.word}.settle", "visit", visit.number, measure=measure, evidence=evidence, attachments=named)
    return row

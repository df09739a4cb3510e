"""整改完成率 and 逾期率: one way of counting, for the list of problems and for the targets alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.actor import Actor
from inspection.draws import service as draws
from inspection.registers.models import Inspector
from inspection.scope import region_prefix
from inspection.visits import assignments
from inspection.visits.models import Problem, Visit, VisitMember
from inspection.visits.rectification import rules

PERSON = Inspector.__table__.c


def due(until: date) -> Select[*tuple[Any, ...]]:
    """Problems due by a day: the term is over, or none was set, or closed before; withdrawn ones were none.

    What comes from a list under embargo is counted when the list is public, so that no figure tells of it before.
    """
    closed = and_(Problem.state == "closed", Problem.closed_at < clock.local(until + timedelta(days=1)))
    return (
        select(Problem.rectify_by, Problem.rechecked_on, Problem.state, Problem.closed_at, Problem.region_code, Problem.visit_id)
        .join(Visit, Visit.id == Problem.visit_id)
        .where(
            Problem.state != "withdrawn", Visit.visited_on <= until, or_(Visit.draw_id.is_(None), Visit.draw_id.not_in(draws.secret())),
            or_(closed, Problem.rectify_by.is_(None), Problem.rectify_by <= until),
        )
    )  # fmt: skip


def completion(session: Session, region_code: str, until: date) -> rules.Tally:
    """整改完成率 of a region: closed among due by a day."""
    return rules.tally(_rows(session, due(until).where(Problem.region_code.startswith(region_prefix(region_code))), until), until)


def completions(session: Session, actor: Actor, until: date) -> tuple[rules.Tally, dict[str, rules.Tally], dict[str, rules.Tally]]:
    """All problems the actor may see, by area and by department; a joint visit counts for each of its departments."""
    seen = assignments.listing(actor).with_only_columns(Visit.id)
    rows = _rows(session, due(until).where(Problem.visit_id.in_(seen)), until, departments_of(session))
    return rules.tally(rows, until), _by(rows, lambda row: (row.area,), until), _by(rows, lambda row: row.departments, until)


def departments_of(session: Session) -> dict[int, tuple[str, ...]]:
    """Departments of the teams by visit, of the visits that found problems."""
    query = (
        select(VisitMember.visit_id, Inspector.department_code)
        .join(Inspector, Inspector.id == VisitMember.inspector_id)
        .where(VisitMember.visit_id.in_(select(Problem.visit_id)))
        .distinct().order_by(VisitMember.visit_id, Inspector.department_code).execution_options(unscoped=True)
    )  # fmt: skip
    known: dict[int, list[str]] = defaultdict(list)
    for visit_id, code in session.execute(query):
        known[visit_id].append(code)
    return {visit_id: tuple(codes) for visit_id, codes in known.items()}


def people_of(department: str) -> Select[int]:
    """The inspectors of a department, wherever they are registered."""
    return select(PERSON.id).where(PERSON.department_code == department)


def _rows(session: Session, query: Select[*tuple[Any, ...]], until: date, departments: dict[int, tuple[str, ...]] | None = None) -> list[rules.Due]:
    known = departments or {}
    return [
        rules.Due(term, checked if state == "closed" and clock.day_of(closed_at) <= until else None, area, known.get(visit_id, ()))
        for term, checked, state, closed_at, area, visit_id in session.execute(query)
    ]


def _by(rows: Iterable[rules.Due], keys: Callable[[rules.Due], Iterable[str]], until: date) -> dict[str, rules.Tally]:
    parts: dict[str, list[rules.Due]] = defaultdict(list)
    for row in rows:
        for key in keys(row):
            parts[key].append(row)
    return {key: rules.tally(parts[key], until) for key in sorted(parts)}

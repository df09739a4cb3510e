"""保密: visits of a draw whose list is not public yet; what is done on them stands behind a veil in the trail."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import veils
from inspection.actor import Actor
from inspection.draws import service as draws
from inspection.draws.models import Draw
from inspection.errors import NotFound
from inspection.visits import assignments
from inspection.visits.models import Problem, Visit


def draw_of(session: Session, visit: Visit) -> str:
    """Number of the draw whose list must not be told yet, "" when the visit is no secret."""
    draw = session.get(Draw, visit.draw_id, execution_options={"unscoped": True}) if visit.draw_id else None
    return draw.number if draw is not None and draws.under_embargo(session, draw) else ""


@veils.rule("visit")
def _of_visit(session: Session, _actor: Actor, number: str) -> str:
    visit = session.scalar(select(Visit).where(Visit.number == number).execution_options(unscoped=True))
    return draw_of(session, visit) if visit is not None else ""


@veils.rule("visit_id")
def _of_address(session: Session, actor: Actor, visit_id: str) -> str:
    """An attempt of somebody who may know of the visit; the attempts of all others stay in the open."""
    try:
        return draw_of(session, assignments.get(session, actor, int(visit_id)))
    except NotFound:
        return ""


@veils.rule("problem")
def _of_problem(session: Session, _actor: Actor, problem_id: str) -> str:
    problem = session.get(Problem, int(problem_id), execution_options={"unscoped": True})
    visit = session.get(Visit, problem.visit_id, execution_options={"unscoped": True}) if problem is not None else None
    return draw_of(session, visit) if visit is not None else ""


@veils.rule("problem_id")
def _of_problem_address(session: Session, actor: Actor, problem_id: str) -> str:
    problem = session.get(Problem, int(problem_id), execution_options={"unscoped": True})
    return _of_address(session, actor, str(problem.visit_id)) if problem is not None else ""

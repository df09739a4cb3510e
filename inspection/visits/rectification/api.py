"""Problems and their rectification as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from inspection import clock
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.visits import service
from inspection.visits.models import Problem
from inspection.visits.rectification import rules, schemas
from inspection.web import ApiBlueprint, actor, reading, wanted_version, writing

bp = ApiBlueprint("problems_api", __name__, url_prefix="/api/v1/problems", description="问题整改 problems")


def _out(session: Session, problem: Problem, limits: rules.Thresholds) -> dict[str, Any]:
    columns = {column.key: getattr(problem, column.key) for column in problem.__mapper__.column_attrs}
    today = clock.today()
    late = rules.days_late(problem.rectify_by, today) if problem.state == "open" else 0
    return {**columns, "days_late": late, "card": rules.card(problem.state, problem.rectify_by, today, limits)}


def _detail(session: Session, problem: Problem) -> dict[str, Any]:
    return {**_out(session, problem, service.thresholds(session, clock.today())), "steps": service.steps(session, problem.id)}


def _tally(found: rules.Tally) -> dict[str, Any]:
    return {**asdict(found), "rate": rules.share(found.closed, found.due), "late_rate": rules.share(found.late, found.due)}


@bp.get("")
@requires(P.VISIT_READ)
@bp.arguments(schemas.ProblemsIn, location="query")
@bp.response(200, schemas.ProblemsOut)
def index(wanted: dict[str, Any]) -> dict[str, Any]:
    """Problems of the visits the caller may see, in the order they were opened."""
    query = service.found(actor()).where(Problem.id > wanted["after"]).order_by(Problem.id).limit(wanted["limit"] + 1)
    if wanted["state"]:
        query = query.where(Problem.state == wanted["state"])
    if wanted["overdue"]:
        query = query.where(Problem.state == "open", Problem.rectify_by < clock.today())
    with reading() as session:
        limits = service.thresholds(session, clock.today())
        rows = [_out(session, row, limits) for row in session.scalars(query)]
    more, rows = len(rows) > wanted["limit"], rows[: wanted["limit"]]
    return {"items": rows, "next": rows[-1]["id"] if more else None}


@bp.get("/completion")
@requires(P.VISIT_READ)
@bp.response(200, schemas.CompletionOut)
def completion() -> dict[str, Any]:
    """整改完成率 and 逾期率 today: in all, by area and by department."""
    with reading() as session:
        total, areas, departments = service.completions(session, actor(), clock.today())
    parts = ({key: _tally(found) for key, found in part.items()} for part in (areas, departments))
    return {"until": clock.today(), "total": _tally(total), **dict(zip(("areas", "departments"), parts, strict=True))}


@bp.get("/<int:problem_id>")
@requires(P.VISIT_READ)
@bp.response(200, schemas.ProblemDetailOut)
def show(problem_id: int) -> dict[str, Any]:
    """One problem with what was done about it."""
    with reading() as session:
        return _detail(session, service.get_problem(session, actor(), problem_id)[0])


@bp.post("/<int:problem_id>/recheck")
@requires(P.VISIT_REVIEW, P.CASE_HANDLE)
@bp.arguments(schemas.RecheckIn)
@bp.response(200, schemas.ProblemDetailOut)
def recheck(given: dict[str, Any], problem_id: int) -> dict[str, Any]:
    """Write down a re-check: it closes the problem, or the problem stays open."""
    verb = service.close_problem if given.pop("passed") else service.fail_recheck
    with writing() as session:
        return _detail(session, verb(session, actor(), problem_id, version=wanted_version(), **given))


@bp.post("/<int:problem_id>/extension")
@requires(P.VISIT_RECORD, P.VISIT_REVIEW, P.CASE_HANDLE)
@bp.arguments(schemas.ExtensionIn)
@bp.response(201, schemas.ProblemDetailOut)
def ask_extension(given: dict[str, Any], problem_id: int) -> dict[str, Any]:
    """Ask for a later term, once."""
    with writing() as session:
        return _detail(session, service.ask_extension(session, actor(), problem_id, version=wanted_version(), **given))


@bp.post("/<int:problem_id>/extension/decision")
@requires(P.VISIT_REVIEW, step_up=True)
@bp.arguments(schemas.ExtensionDecisionIn)
@bp.response(200, schemas.ProblemDetailOut)
def decide_extension(given: dict[str, Any], problem_id: int) -> dict[str, Any]:
    """Grant or decline an extension, as another person than who asked."""
    with writing() as session:
        return _detail(session, service.decide_extension(session, actor(), problem_id, version=wanted_version(), **given))

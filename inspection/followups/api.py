"""Cases as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from inspection import clock
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.followups import schemas, service
from inspection.followups.models import Case
from inspection.web import ApiBlueprint, actor, reading, wanted_version, writing

bp = ApiBlueprint("cases_api", __name__, url_prefix="/api/v1/cases", description="核查处置 cases")


def _out(session: Session, case: Case) -> dict[str, Any]:
    columns = {column.key: getattr(case, column.key) for column in case.__mapper__.column_attrs}
    terms = [{**asdict(term), "state": term.state(clock.today())} for term in service.deadlines(session, case)]
    return {**columns, "steps": service.steps(session, case.id), "deadlines": terms, "missing": service.lacking(session, case)}


@bp.get("")
@requires(P.CASE_READ)
@bp.arguments(schemas.CasesIn, location="query")
@bp.response(200, schemas.CasesOut)
def index(wanted: dict[str, Any]) -> dict[str, Any]:
    """Cases of the caller's region, in the order of their numbers."""
    query = service.listing().where(Case.id > wanted["after"]).order_by(Case.id).limit(wanted["limit"] + 1)
    if wanted["state"]:
        query = query.where(Case.state == wanted["state"])
    if wanted["overdue"]:
        query = query.where(Case.state != "closed", Case.due_on < clock.today())
    with reading() as session:
        rows = list(session.scalars(query))
    more, rows = len(rows) > wanted["limit"], rows[: wanted["limit"]]
    return {"items": rows, "next": rows[-1].id if more else None}


@bp.post("")
@requires(P.CASE_HANDLE)
@bp.response(201, schemas.CaseOut(many=True))
def open_() -> list[Case]:
    """Open a case for every approved failing report that has none; a second call opens none."""
    with writing() as session:
        return service.open_cases(session, actor())


@bp.get("/<int:case_id>")
@requires(P.CASE_READ)
@bp.response(200, schemas.CaseDetailOut)
def show(case_id: int) -> dict[str, Any]:
    """One case with its steps, its terms and what is missing."""
    with reading() as session:
        return _out(session, service.get(session, case_id))


@bp.post("/<int:case_id>/steps")
@requires(P.CASE_HANDLE)
@bp.arguments(schemas.StepIn)
@bp.response(201, schemas.CaseDetailOut)
def add_step(given: dict[str, Any], case_id: int) -> dict[str, Any]:
    """Write down what was done, read at the version of If-Match."""
    with writing() as session:
        return _out(session, service.add_step(session, actor(), case_id, version=wanted_version(), **given))


@bp.post("/<int:case_id>/final")
@requires(P.CASE_HANDLE)
@bp.response(200, schemas.CaseDetailOut)
def make_final(case_id: int) -> dict[str, Any]:
    """State that the failing result is final."""
    with writing() as session:
        return _out(session, service.make_final(session, actor(), case_id, version=wanted_version()))


@bp.post("/<int:case_id>/closing")
@requires(P.CASE_CLOSE)
@bp.arguments(schemas.ClosingIn)
@bp.response(200, schemas.CaseDetailOut)
def close(given: dict[str, str], case_id: int) -> dict[str, Any]:
    """Close a complete case; another person than who handled it."""
    with writing() as session:
        return _out(session, service.close(session, actor(), case_id, version=wanted_version(), text=given["text"]))

"""Visits as JSON."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from inspection import ledger
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.jobs.schemas import JobOut
from inspection.jobs.schemas import dump as dump_job
from inspection.visits import (
    evidence_api,
    following_schemas,
    printing,
    publishing_api,
    publishing_schemas,
    schemas,
    sending,
    service,
)
from inspection.visits.arrival import api as arrival
from inspection.visits.models import SwapRequest, Visit, VisitRecord
from inspection.visits.rectification import api as rectification
from inspection.visits.rules import VisitEntry
from inspection.visits.targeted import api as targeted
from inspection.visits.unreached import api as unreached
from inspection.web import ApiBlueprint, actor, reading, wanted_version, writing

bp = ApiBlueprint("visits_api", __name__, url_prefix="/api/v1/visits", description="检查 visits")
blueprints = [bp, arrival.bp, unreached.bp, targeted.bp, evidence_api.bp, publishing_api.bp, rectification.bp]


def _out(session: Session, visit: Visit) -> dict[str, Any]:
    columns = {column.key: getattr(visit, column.key) for column in visit.__mapper__.column_attrs}
    kept = service.content(visit)
    return {**columns, "items": kept["items"], "results": kept["results"], "members": service.team(session, visit)}


@bp.get("")
@requires(P.VISIT_READ)
@bp.arguments(schemas.VisitsIn, location="query")
@bp.response(200, schemas.VisitsOut)
def index(wanted: dict[str, Any]) -> dict[str, Any]:
    """Visits the caller may see, in the order of their numbers."""
    query = service.listing(actor()).where(Visit.id > wanted["after"]).order_by(Visit.id).limit(wanted["limit"] + 1)
    for name in ("state", "draw_id", "outcome"):
        if wanted[name]:
            query = query.where(getattr(Visit, name) == wanted[name])
    with reading() as session:
        rows = list(session.scalars(query))
    more, rows = len(rows) > wanted["limit"], rows[: wanted["limit"]]
    return {"items": rows, "next": rows[-1].id if more else None}


@bp.post("")
@requires(P.DRAW_PREPARE)
@bp.arguments(schemas.OpeningIn)
@bp.response(201, schemas.OpeningOut)
def open_(given: dict[str, Any]) -> dict[str, int]:
    """Open one visit per selected unit of a revealed draw; a second call opens none."""
    with writing() as session:
        return {"opened": service.open_from_draw(session, actor(), given["draw_id"])}


@bp.post("/notices")
@requires(P.DRAW_PREPARE, P.VISIT_REVIEW)
@bp.arguments(schemas.PrintIn)
@bp.response(202, JobOut)
def print_notices(given: dict[str, Any]) -> dict[str, Any]:
    """Ask for all notices of a draw, bound or one file per firm; the answer is the job to follow."""
    with writing() as session:
        return dump_job(printing.ask(session, actor(), **given))


@bp.get("/<int:visit_id>")
@requires(P.VISIT_READ)
@bp.response(200, schemas.RecordOut)
def show(visit_id: int) -> dict[str, Any]:
    """One visit with its record."""
    with reading() as session:
        return _out(session, service.get(session, actor(), visit_id))


@bp.put("/<int:visit_id>/record")
@requires(P.VISIT_RECORD)
@bp.arguments(schemas.SubmissionIn)
@bp.response(200, schemas.RecordOut)
def record(given: tuple[VisitEntry, bool], visit_id: int) -> Response:
    """Save the record read at the version of If-Match; with `submit` it goes to the leader. With an Idempotency-Key it is done once."""
    (entry, submit), said, version = given, sending.body_digest(), wanted_version()
    with writing() as session:
        return sending.once(
            session, visit_id, "record", said,
            lambda: schemas.RecordOut().dump(_out(session, service.record(session, actor(), visit_id, version=version, entry=entry, submit=submit))),
        )  # fmt: skip


@bp.post("/<int:visit_id>/approve")
@requires(P.VISIT_REVIEW, step_up=True)
@bp.response(200, schemas.RecordOut)
def approve(visit_id: int) -> dict[str, Any]:
    """Accept a submitted record: the result is formed."""
    with writing() as session:
        return _out(session, service.approve(session, actor(), visit_id, version=wanted_version()))


@bp.post("/<int:visit_id>/return")
@requires(P.VISIT_REVIEW)
@bp.arguments(schemas.VisitReturnIn)
@bp.response(200, schemas.RecordOut)
def send_back(given: dict[str, str], visit_id: int) -> dict[str, Any]:
    """Return a submitted record with a reason."""
    with writing() as session:
        return _out(session, service.send_back(session, actor(), visit_id, version=wanted_version(), reason=given["reason"]))


@bp.post("/<int:visit_id>/corrections")
@requires(P.VISIT_REVIEW, step_up=True)
@bp.arguments(schemas.CorrectionIn)
@bp.response(201, schemas.VisitVersionOut)
def correct(given: tuple[VisitEntry, str], visit_id: int) -> VisitRecord:
    """Correct an approved record as a new version beside the old."""
    entry, reason = given
    with writing() as session:
        return service.correct(session, actor(), visit_id, version=wanted_version(), entry=entry, reason=reason)


@bp.get("/<int:visit_id>/versions")
@requires(P.VISIT_READ)
@bp.response(200, schemas.VisitVersionOut(many=True))
def versions(visit_id: int) -> list[VisitRecord]:
    """The approved versions of a record."""
    with reading() as session:
        return service.versions(session, service.get(session, actor(), visit_id).id)


@bp.post("/<int:visit_id>/reserve")
@requires(P.DRAW_PREPARE)
@bp.response(201, schemas.VisitOut)
def call_reserve(visit_id: int) -> Visit:
    """Call the next reserve in the place of a unit that could not be inspected; gives its visit."""
    with writing() as session:
        return service.call_reserve(session, actor(), visit_id, version=wanted_version())


@bp.get("/<int:visit_id>/swaps")
@requires(P.DRAW_PREPARE, P.VISIT_REVIEW)
@bp.response(200, following_schemas.SwapRequestOut(many=True))
def swaps(visit_id: int) -> list[SwapRequest]:
    """The requests to swap an inspector of this visit, with their decisions."""
    with reading() as session:
        return service.requests_of(session, service.get(session, actor(), visit_id).id)


@bp.post("/<int:visit_id>/swaps")
@requires(P.DRAW_PREPARE)
@bp.arguments(following_schemas.SwapIn)
@bp.response(201, following_schemas.SwapRequestOut)
def request_swap(given: dict[str, Any], visit_id: int) -> SwapRequest:
    """Ask for one seat to be given to another inspector; another person decides."""
    with writing() as session:
        made = service.request_swap(session, actor(), visit_id, version=wanted_version(), **given)
        return service.requests_of(session, made.visit_id)[-1]


@bp.post("/<int:visit_id>/swaps/<int:request_id>/approval")
@requires(P.VISIT_REVIEW, step_up=True)
@bp.response(200, schemas.RecordOut)
def approve_swap(visit_id: int, request_id: int) -> dict[str, Any]:
    """Give the seat: the team changes and the swap is published beside the bundle."""
    with writing() as session:
        return _out(session, service.approve_swap(session, actor(), visit_id, request_id, version=wanted_version()))


@bp.post("/<int:visit_id>/swaps/<int:request_id>/refusal")
@requires(P.VISIT_REVIEW)
@bp.arguments(schemas.VisitReturnIn)
@bp.response(200, following_schemas.SwapRequestOut)
def decline_swap(given: dict[str, str], visit_id: int, request_id: int) -> SwapRequest:
    """Decline a request, with the reason; the team stays."""
    with writing() as session:
        service.decline_swap(session, actor(), visit_id, request_id, reason=given["reason"])
        return next(row for row in service.requests_of(session, visit_id) if row.id == request_id)


@bp.post("/<int:visit_id>/publication")
@requires(P.PUBLICATION_PUBLISH)
@bp.response(201, publishing_schemas.PublicOut)
def publish(visit_id: int) -> ledger.Entry:
    """Put an approved result on the public board."""
    with writing() as session:
        return service.publish(session, actor(), visit_id, version=wanted_version())

"""Arriving as JSON: the day's route, check-in and check-out."""

from __future__ import annotations

from typing import Any

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.visits import assignments
from inspection.visits.arrival import rules, schemas, service
from inspection.visits.arrival.models import Arrival
from inspection.visits.arrival.today import today
from inspection.web import ApiBlueprint, actor, reading, settings, writing

bp = ApiBlueprint("arrivals_api", __name__, url_prefix="/api/v1/visits", description="到场签到 check-in")


@bp.get("/today")
@requires(P.VISIT_RECORD)
@bp.response(200, schemas.RouteOut)
def route() -> dict[str, Any]:
    """The caller's own visits of today in the order of the way."""
    with reading() as session:
        found = today(session, actor())
    return {"done": found.done, "stops": found.legs}


@bp.get("/<int:visit_id>/arrivals")
@requires(P.VISIT_READ)
@bp.response(200, schemas.ArrivalOut(many=True))
def index(visit_id: int) -> list[Arrival]:
    """Check-ins and check-outs of a visit, in order."""
    with reading() as session:
        return service.of_visit(session, assignments.get(session, actor(), visit_id).id)


@bp.post("/<int:visit_id>/arrivals")
@requires(P.VISIT_RECORD)
@bp.arguments(schemas.ArrivalIn)
@bp.response(201, schemas.ArrivalOut)
def arrive(given: rules.Given, visit_id: int) -> Arrival:
    """Check in at the door, or out again."""
    with writing() as session:
        return service.arrive(session, actor(), visit_id, given, settings().secret_key)

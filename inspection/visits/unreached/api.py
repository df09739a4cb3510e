"""Attempts to reach a firm as JSON."""

from __future__ import annotations

from typing import Any

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.visits import assignments
from inspection.visits.models import ContactAttempt
from inspection.visits.unreached import schemas, service
from inspection.web import ApiBlueprint, actor, reading, writing

bp = ApiBlueprint("contacts_api", __name__, url_prefix="/api/v1/visits", description="联系经过 attempts to reach a firm")


@bp.get("/<int:visit_id>/contacts")
@requires(P.VISIT_READ)
@bp.response(200, schemas.ContactOut(many=True))
def index(visit_id: int) -> list[ContactAttempt]:
    """The attempts of a visit, by day."""
    with reading() as session:
        return service.of_visit(session, assignments.get(session, actor(), visit_id).id)


@bp.post("/<int:visit_id>/contacts")
@requires(P.VISIT_RECORD)
@bp.arguments(schemas.ContactIn)
@bp.response(201, schemas.ContactOut)
def note(given: dict[str, Any], visit_id: int) -> ContactAttempt:
    """Note one attempt; it cannot be changed afterwards."""
    with writing() as session:
        return service.note(session, actor(), visit_id, **given)

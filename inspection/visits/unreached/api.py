"""Attempts to reach a firm, and what follows a record, as JSON."""

from __future__ import annotations

from typing import Any

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import NotFound
from inspection.visits import assignments, pursuits
from inspection.visits.following_schemas import PursuitIn, PursuitOut
from inspection.visits.models import ContactAttempt, Pursued
from inspection.visits.unreached import schemas, service
from inspection.web import ApiBlueprint, actor, reading, wanted_version, writing

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


@bp.get("/<int:visit_id>/refusal")
@requires(P.VISIT_READ)
@bp.response(200, PursuitOut)
def refusal(visit_id: int) -> Pursued:
    """What follows a refused inspection."""
    return _found(visit_id, pursuits.REFUSAL)


@bp.post("/<int:visit_id>/refusal")
@requires(P.VISIT_REVIEW, P.CASE_HANDLE)
@bp.arguments(PursuitIn)
@bp.response(200, PursuitOut)
def settle_refusal(given: dict[str, str], visit_id: int) -> Pursued:
    """Say what was done about a refusal, with evidence."""
    return _settled(visit_id, pursuits.REFUSAL, given)


@bp.get("/<int:visit_id>/transfer")
@requires(P.VISIT_READ)
@bp.response(200, PursuitOut)
def transfer(visit_id: int) -> Pursued:
    """What follows when a firm cannot be reached."""
    return _found(visit_id, pursuits.TRANSFER)


@bp.post("/<int:visit_id>/transfer")
@requires(P.VISIT_REVIEW, P.CASE_HANDLE)
@bp.arguments(PursuitIn)
@bp.response(200, PursuitOut)
def settle_transfer(given: dict[str, str], visit_id: int) -> Pursued:
    """Say what was done about a firm that cannot be reached, with evidence."""
    return _settled(visit_id, pursuits.TRANSFER, given)


def _found(visit_id: int, kind: pursuits.Kind) -> Pursued:
    with reading() as session:
        row = pursuits.pursuit_of(session, kind, assignments.get(session, actor(), visit_id).id)
    if row is None:
        raise NotFound(f"no-{kind.word}", "这项检查任务没有这种后续处理。")
    return row


def _settled(visit_id: int, kind: pursuits.Kind, given: dict[str, str]) -> Pursued:
    with writing() as session:
        return pursuits.settle(session, actor(), kind, visit_id, version=wanted_version(), **given)

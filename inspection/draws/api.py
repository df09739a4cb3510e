"""Draws as JSON."""

from __future__ import annotations

from typing import Any

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.draws import rules, service
from inspection.draws.models import Draw
from inspection.draws.schemas import ConfigurationIn, DrawOut, ReasonIn, RevealIn
from inspection.web import ApiBlueprint, actor, reading, settings, wanted_version, writing

bp = ApiBlueprint("draws_api", __name__, url_prefix="/api/v1/draws", description="双随机抽取")


@bp.get("")
@requires(P.DRAW_READ)
@bp.response(200, DrawOut(many=True))
def index() -> list[Draw]:
    """All draws, newest first."""
    with reading() as session:
        return list(session.scalars(service.listing().order_by(Draw.number.desc()).limit(200)))


@bp.get("/<int:draw_id>")
@requires(P.DRAW_READ)
@bp.response(200, DrawOut)
def show(draw_id: int) -> Draw:
    """One draw."""
    with reading() as session:
        return service.get(session, draw_id)


@bp.post("")
@requires(P.DRAW_PREPARE)
@bp.arguments(ConfigurationIn)
@bp.response(201, DrawOut)
def create(given: rules.Configuration) -> Draw:
    """A new draw."""
    with writing() as session:
        return service.create(session, actor(), given, authority=settings().office_name)


@bp.post("/<int:draw_id>/freeze")
@requires(P.DRAW_PREPARE)
@bp.response(200)
def freeze(draw_id: int) -> dict[str, Any]:
    """Freeze the frame; gives the digests of its files."""
    with writing() as session:
        return {"files": service.freeze(session, actor(), draw_id, version=wanted_version())}


@bp.post("/<int:draw_id>/reveal")
@requires(P.DRAW_REVEAL, P.DRAW_WITNESS)
@bp.arguments(RevealIn)
@bp.response(200)
def reveal(given: dict[str, Any], draw_id: int) -> dict[str, Any]:
    """One of the two entries of the public value."""
    names = [name for name in given["witnesses"].split("、") if name.strip()]
    with writing() as session:
        found = service.enter_value(session, actor(), draw_id, public_value=given["public_value"], witnesses=names, draw_key=settings().draw_key)
        return {"state": found.state, "bundle": found.reveal.bundle_digest if found.reveal else None}


@bp.post("/<int:draw_id>/void-request")
@requires(P.DRAW_VOID)
@bp.arguments(ReasonIn)
@bp.response(201)
def request_void(given: dict[str, Any], draw_id: int) -> dict[str, Any]:
    """Ask for a draw to be void."""
    with writing() as session:
        return {"request": service.request_void(session, actor(), draw_id, reason=given["reason"]).id}

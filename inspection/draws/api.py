"""Draws as JSON."""

from __future__ import annotations

from typing import Any

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.draws import rules, service
from inspection.draws.coverage import api as coverage
from inspection.draws.framing import api as framing
from inspection.draws.models import Draw, Selection
from inspection.draws.schemas import ConfigurationIn, DrawOut, DrawsOut, PromiseIn, ReasonIn, RevealIn, SelectedOut
from inspection.draws.tasks import api as tasks
from inspection.errors import NotFound
from inspection.jobs.models import Job
from inspection.schema_base import PartIn
from inspection.web import ApiBlueprint, actor, part, reading, settings, wanted_version, writing

bp = ApiBlueprint("draws_api", __name__, url_prefix="/api/v1/draws", description="双随机抽取")
blueprints = [bp, coverage.bp, framing.bp, tasks.bp]


@bp.get("")
@requires(P.DRAW_READ)
@bp.arguments(PartIn, location="query")
@bp.response(200, DrawsOut)
def index(wanted: dict[str, Any]) -> dict[str, Any]:
    """Draws of the caller's region, in the order of their numbers."""
    with reading() as session:
        return part(session, service.listing(), Draw.id, wanted)


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


@bp.put("/<int:draw_id>")
@requires(P.DRAW_PREPARE)
@bp.arguments(ConfigurationIn)
@bp.response(200, DrawOut)
def configure(given: rules.Configuration, draw_id: int) -> Draw:
    """Another configuration, before the freeze."""
    with writing() as session:
        return service.configure(session, actor(), draw_id, given, version=wanted_version())


@bp.post("/<int:draw_id>/freeze")
@requires(P.DRAW_PREPARE)
@bp.response(200)
def freeze(draw_id: int) -> dict[str, Any]:
    """Freeze the frame; gives the digests of its files, or for a large frame the number of the job that freezes it."""
    with writing() as session:
        done = service.freeze_or_ask(session, actor(), draw_id, version=wanted_version())
        return {"files": None, "job": done.id} if isinstance(done, Job) else {"files": done, "job": None}


@bp.post("/<int:draw_id>/commit")
@requires(P.DRAW_COMMIT)
@bp.arguments(PromiseIn)
@bp.response(201)
def commit(given: service.Promise, draw_id: int) -> dict[str, Any]:
    """Promise in public: sources of together 60 bits or more, and the time of the reveal."""
    with reading() as session:
        kept = service.frozen(session, draw_id)
    with writing() as session:
        made = service.commit(session, actor(), draw_id, given, version=wanted_version(), draw_key=settings().draw_key, kept=kept)
        return {"digest": made.digest, "previous": made.previous, "sequence": made.sequence}


@bp.post("/<int:draw_id>/reveal")
@requires(P.DRAW_REVEAL, P.DRAW_WITNESS)
@bp.arguments(RevealIn)
@bp.response(200)
def reveal(given: dict[str, Any], draw_id: int) -> dict[str, Any]:
    """One of the two entries of the public value: the draw officer first, then the witness. The list of a large frame is made by a job."""
    with writing() as session:
        found = service.enter_value(session, actor(), draw_id, **given, draw_key=settings().draw_key)
        made, job = found.reveal, found.job
        return {"state": found.state, "bundle": made.bundle_digest if made else None, "job": job.id if job else None}


@bp.get("/<int:draw_id>/selection")
@requires(P.DRAW_READ)
@bp.response(200, SelectedOut(many=True))
def selection(draw_id: int) -> list[dict[str, Any]]:
    """The selected units with their teams; before publication only for those who took part."""
    with reading() as session:
        draw = service.get(session, draw_id)
        if not service.revealed(session, draw):
            raise NotFound("not-revealed", "抽取 %(number)s 尚未揭示，没有名单。", number=draw.number)
        service.check_list(session, actor(), draw)
        teams = service.teams(session, draw_id)
        rows = session.execute(service.selection(draw_id).order_by(Selection.stratum, Selection.rank)).all()
        return [
            {"stratum": s.stratum, "rank": s.rank, "unit_code": s.unit_code, "name": name, "ticket": s.ticket,
             "team": [seat.inspector_code for seat in teams.get(s.unit_code, [])]}
            for s, name in rows
        ]


@bp.post("/<int:draw_id>/publish")
@requires(P.DRAW_COMMIT)
@bp.response(200, DrawOut)
def publish(draw_id: int) -> Draw:
    """Publish the bundle after its embargo."""
    with reading() as session:
        taken = service.ready(session, service.get(session, draw_id), settings().draw_key)
    with writing() as session:
        return service.publish(session, actor(), draw_id, version=wanted_version(), draw_key=settings().draw_key, taken=taken)


@bp.post("/<int:draw_id>/void-request")
@requires(P.DRAW_VOID)
@bp.arguments(ReasonIn)
@bp.response(201)
def request_void(given: dict[str, Any], draw_id: int) -> dict[str, Any]:
    """Ask for a draw to be void."""
    with writing() as session:
        return {"request": service.request_void(session, actor(), draw_id, reason=given["reason"]).id}


@bp.post("/<int:draw_id>/void")
@requires(P.DRAW_APPROVE)
@bp.response(200)
def approve_void(draw_id: int) -> dict[str, Any]:
    """The second person makes the draw void, in public."""
    with writing() as session:
        return {"state": "void", "reason": service.approve_void(session, actor(), draw_id, version=wanted_version()).reason}


@bp.post("/<int:draw_id>/void-refusal")
@requires(P.DRAW_APPROVE, P.DRAW_VOID)
@bp.arguments(ReasonIn)
@bp.response(200)
def refuse_void(given: dict[str, Any], draw_id: int) -> dict[str, Any]:
    """The second person refuses the request, or who asked withdraws it; the draw stands."""
    with writing() as session:
        return {"request": service.refuse_void(session, actor(), draw_id, reason=given["reason"]).request_id}

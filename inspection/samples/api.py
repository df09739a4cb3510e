"""Samples as JSON."""

from __future__ import annotations

from typing import Any

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.jobs.schemas import JobOut
from inspection.jobs.schemas import dump as dump_job
from inspection.samples import printing, service
from inspection.samples.models import Sample
from inspection.samples.rules import Wanted
from inspection.samples.schemas import (
    HandOverIn,
    PapersIn,
    RecallIn,
    ReceiptIn,
    SampleIn,
    SampleOut,
    SamplesIn,
    SamplesOut,
    SealIn,
    VoidIn,
    sheet_of,
)
from inspection.web import ApiBlueprint, actor, part, reading, wanted_version, writing

bp = ApiBlueprint("samples_api", __name__, url_prefix="/api/v1/samples", description="样品")


@bp.get("")
@requires(P.SAMPLE_READ)
@bp.arguments(SamplesIn, location="query")
@bp.response(200, SamplesOut)
def index(wanted: dict[str, Any]) -> dict[str, Any]:
    """Samples of the caller's region and laboratory, in the order of their numbers."""
    query = service.listing().where(Sample.state == wanted["state"]) if wanted["state"] else service.listing()
    with reading() as session:
        return part(session, query, Sample.id, wanted)


@bp.get("/<int:sample_id>")
@requires(P.SAMPLE_READ)
@bp.response(200, SampleOut)
def show(sample_id: int) -> Sample:
    """One sample."""
    with reading() as session:
        return service.get(session, sample_id)


@bp.post("")
@requires(P.SAMPLE_TAKE)
@bp.arguments(SampleIn)
@bp.response(201, SampleOut)
def take(given: dict[str, Any]) -> Sample:
    """Keep a sampling sheet."""
    with writing() as session:
        firm = service.sampled_unit(session, given["enterprise_code"])
        return service.take(session, actor(), sheet_of(given, firm.id), replaces_id=given["replaces_id"])


@bp.post("/<int:sample_id>/seal")
@requires(P.SAMPLE_TAKE)
@bp.arguments(SealIn)
@bp.response(200, SampleOut)
def seal(given: dict[str, Any], sample_id: int) -> Sample:
    """Note the number of the seal."""
    with writing() as session:
        return service.seal(session, actor(), sample_id, version=wanted_version(), **given)


@bp.post("/<int:sample_id>/hand-over")
@requires(P.SAMPLE_TAKE)
@bp.arguments(HandOverIn)
@bp.response(200, SampleOut)
def hand_over(given: dict[str, Any], sample_id: int) -> Sample:
    """Send the sample to its laboratory."""
    with writing() as session:
        return service.hand_over(session, actor(), sample_id, version=wanted_version(), **given)


@bp.post("/<int:sample_id>/recall")
@requires(P.SAMPLE_TAKE)
@bp.arguments(RecallIn)
@bp.response(200, SampleOut)
def recall(given: dict[str, Any], sample_id: int) -> Sample:
    """Take back a hand-over that the laboratory has not answered."""
    with writing() as session:
        return service.recall(session, actor(), sample_id, version=wanted_version(), **given)


@bp.post("/<int:sample_id>/void")
@requires(P.SAMPLE_TAKE, step_up=True)
@bp.arguments(VoidIn)
@bp.response(200, SampleOut)
def void(given: dict[str, Any], sample_id: int) -> Sample:
    """Void a sample with its reason; the number stays used."""
    with writing() as session:
        return service.void(session, actor(), sample_id, version=wanted_version(), **given)


@bp.post("/receipts")
@requires(P.SAMPLE_RECEIVE)
@bp.arguments(ReceiptIn)
@bp.response(201)
def receive(given: dict[str, Any]) -> dict[str, Any]:
    """The laboratory accepts or refuses a sample by its blind code."""
    with writing() as session:
        sample = service.receive(session, actor(), given["code"], receipt=given["receipt"], accept=given["accept"], reason=given["reason"])
        return {"code": sample.code, "state": sample.state}


@bp.post("/papers")
@requires(P.SAMPLE_TAKE, P.PLAN_WRITE)
@bp.arguments(PapersIn)
@bp.response(202, JobOut)
def papers(wanted: Wanted) -> dict[str, Any]:
    """Ask for sheets or labels of many samples; the answer is the job to follow."""
    with writing() as session:
        return dump_job(printing.ask(session, actor(), wanted))

"""Samples as JSON."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.registers.models import Enterprise
from inspection.samples import service
from inspection.samples.models import Sample
from inspection.samples.schemas import ReceiptIn, SampleIn, SampleOut, sheet_of
from inspection.web import ApiBlueprint, actor, reading, writing

bp = ApiBlueprint("samples_api", __name__, url_prefix="/api/v1/samples", description="样品")


@bp.get("")
@requires(P.SAMPLE_READ)
@bp.response(200, SampleOut(many=True))
def index() -> list[Sample]:
    """The newest samples."""
    with reading() as session:
        return list(session.scalars(service.listing().order_by(Sample.id.desc()).limit(500)))


@bp.post("")
@requires(P.SAMPLE_TAKE)
@bp.arguments(SampleIn)
@bp.response(201, SampleOut)
def take(given: dict[str, Any]) -> Sample:
    """Keep a sampling sheet."""
    with writing() as session:
        firm = session.scalar(select(Enterprise).where(Enterprise.code == given["enterprise_code"].upper()))
        if firm is None:
            raise Invalid("unknown-enterprise", "名录库中没有这个被抽样单位。", fields={"enterprise_code": ["请先登记被抽样单位"]})
        return service.take(session, actor(), sheet_of(given, firm.id))


@bp.post("/receipts")
@requires(P.SAMPLE_RECEIVE)
@bp.arguments(ReceiptIn)
@bp.response(201)
def receive(given: dict[str, Any]) -> dict[str, Any]:
    """The laboratory accepts or refuses a sample by its blind code."""
    with writing() as session:
        sample = service.receive(session, actor(), given["code"], receipt=given["receipt"], accept=given["accept"], reason=given["reason"])
        return {"code": sample.code, "state": sample.state}

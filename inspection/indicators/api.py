"""Indicators as JSON."""

from __future__ import annotations

from typing import Any

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.indicators import schemas, service
from inspection.indicators.drawn import api as drawn
from inspection.indicators.licensed import api as licensed
from inspection.indicators.models import Indicator
from inspection.indicators.schemas import AggregateIn, EvaluationOut, ExternalIn, PeriodIn
from inspection.web import ApiBlueprint, actor, reading, writing

bp = ApiBlueprint("indicators_api", __name__, url_prefix="/api/v1/indicators", description="指标")
blueprints = [bp, drawn.bp, licensed.bp]


@bp.get("")
@requires(P.INDICATOR_READ)
@bp.arguments(PeriodIn, location="query")
@bp.response(200, EvaluationOut(many=True))
def index(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Every target with its present value and verdict."""
    since, until = service.period(asked["since"], asked["until"])
    with reading() as session:
        values = [service.evaluate(session, i, since, until) for i in session.scalars(service.listing().order_by(Indicator.id))]
        return [schemas.of(value, service.explain(value)) for value in values]


@bp.post("/<int:indicator_id>/external")
@requires(P.INDICATOR_WRITE)
@bp.arguments(ExternalIn)
@bp.response(201)
def external(given: dict[str, Any], indicator_id: int) -> dict[str, Any]:
    """Enter an outside value with its source."""
    with writing() as session:
        return {"id": service.enter_external(session, actor(), indicator_id, **given).id}


@bp.post("/aggregates")
@requires(P.INDICATOR_WRITE)
@bp.arguments(AggregateIn)
@bp.response(201)
def aggregate(given: dict[str, Any]) -> dict[str, Any]:
    """Record published counts of another authority."""
    with writing() as session:
        made = service.record_aggregate(session, actor(), **given)
        return {"id": made.id, "digest": made.digest}

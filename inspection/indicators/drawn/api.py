"""The figures of a draw as JSON."""

from __future__ import annotations

from typing import Any

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.indicators.drawn import schemas
from inspection.indicators.drawn.opening import found_in
from inspection.indicators.drawn.schemas import DrawnOut, DrawnQuery
from inspection.web import ApiBlueprint

bp = ApiBlueprint("drawn_api", __name__, url_prefix="/api/v1/indicators/draws", description="抽取统计")


@bp.get("/<int:draw_id>")
@requires(P.INDICATOR_READ)
@bp.arguments(DrawnQuery, location="query")
@bp.response(200, DrawnOut)
def show(asked: dict[str, Any], draw_id: int) -> dict[str, Any]:
    """Response, weighted rates, leagues, workload, pairs, conflicts and days to publication of a draw."""
    draw, found, names, words, _kin = found_in(draw_id, together=asked["together"])
    return schemas.of(draw.number, found, names, words)

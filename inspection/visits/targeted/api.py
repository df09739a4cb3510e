"""Visits without a draw as JSON."""

from __future__ import annotations

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.visits.models import Visit
from inspection.visits.schemas import VisitOut
from inspection.visits.targeted import service
from inspection.visits.targeted.schemas import OrderIn
from inspection.web import ApiBlueprint, actor, settings, writing

bp = ApiBlueprint("targeted_api", __name__, url_prefix="/api/v1/visits", description="非抽取任务 visits without a draw")


@bp.post("/targeted")
@requires(P.DRAW_PREPARE)
@bp.arguments(OrderIn)
@bp.response(201, VisitOut)
def open_visit(order: service.Order) -> Visit:
    """Open a visit without a draw; sources outside the yearly cap are marked in the code list."""
    with writing() as session:
        return service.open_visit(session, actor(), order, authority=settings().office_name)

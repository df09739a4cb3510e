"""Plans as JSON."""

from __future__ import annotations

from typing import Any

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.plans import rules, service
from inspection.plans.models import Plan
from inspection.plans.schemas import AllocateIn, MarginsIn, PlanIn, PlanOut
from inspection.web import ApiBlueprint, actor, reading, wanted_version, writing

bp = ApiBlueprint("plans_api", __name__, url_prefix="/api/v1/plans", description="抽检计划")


@bp.get("")
@requires(P.PLAN_READ)
@bp.response(200, PlanOut(many=True))
def index() -> list[Plan]:
    """All plans, newest first."""
    with reading() as session:
        return list(session.scalars(service.listing().order_by(Plan.code.desc()).limit(500)))


@bp.post("")
@requires(P.PLAN_WRITE)
@bp.arguments(PlanIn)
@bp.response(201, PlanOut)
def create(given: rules.NewPlan) -> Plan:
    """A new draft with its total."""
    with writing() as session:
        return service.create(session, actor(), given)


@bp.get("/<int:plan_id>")
@requires(P.PLAN_READ)
@bp.response(200)
def show(plan_id: int) -> dict[str, Any]:
    """One plan with margins, cells and digest."""
    from inspection import audit

    with reading() as session:
        plan = service.get(session, plan_id)
        return {**audit.plain(service.content(plan)), "state": plan.state, "version": plan.version_id, "digest": service.digest_of(plan)}


@bp.put("/<int:plan_id>/margins")
@requires(P.PLAN_WRITE)
@bp.arguments(MarginsIn)
@bp.response(200, PlanOut)
def margins(given: dict[str, Any], plan_id: int) -> Plan:
    """Set both margins from weights."""
    with writing() as session:
        return service.set_margins(session, actor(), plan_id, version=wanted_version(), **given)


@bp.post("/<int:plan_id>/allocate")
@requires(P.PLAN_WRITE)
@bp.arguments(AllocateIn)
@bp.response(200, PlanOut)
def allocate(given: dict[str, Any], plan_id: int) -> Plan:
    """Fill the table exactly."""
    with writing() as session:
        return service.allocate_cells(session, actor(), plan_id, version=wanted_version(), bounds=given["bounds"])

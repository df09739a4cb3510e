"""Plans as JSON."""

from __future__ import annotations

from typing import Any

from inspection import audit
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.plans import documents, rules, service
from inspection.plans.annual import api as annual
from inspection.plans.models import Plan
from inspection.plans.schemas import AllocateIn, MarginsIn, PlanIn, PlanOut, ReasonIn
from inspection.web import ApiBlueprint, actor, reading, settings, wanted_version, writing

bp = ApiBlueprint("plans_api", __name__, url_prefix="/api/v1/plans", description="抽检计划")
blueprints = [bp, annual.bp]


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
    """One plan with margins, cells, digest, and what does not add up."""
    with reading() as session:
        plan = service.get(session, plan_id)
        facts = {"state": plan.state, "version": plan.version_id, "digest": service.digest_of(plan), "faults": service.recheck(session, plan)}
        return {**audit.plain(service.content(plan)), **facts}


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


@bp.post("/<int:plan_id>/laboratories")
@requires(P.PLAN_WRITE)
@bp.response(200)
def laboratories(plan_id: int) -> dict[str, Any]:
    """Assign the laboratories; gives what none of them could take."""
    with writing() as session:
        left = service.assign_laboratories(session, actor(), plan_id, version=wanted_version())
    return {"unassigned": [{"class": name, "quarter": quarter, "batches": n} for name, quarter, n in left]}


@bp.post("/<int:plan_id>/submit")
@requires(P.PLAN_WRITE)
@bp.response(200, PlanOut)
def submit(plan_id: int) -> Plan:
    """Hand a complete draft to the leader."""
    with writing() as session:
        return service.submit(session, actor(), plan_id, version=wanted_version())


@bp.post("/<int:plan_id>/withdraw")
@requires(P.PLAN_WRITE)
@bp.response(200, PlanOut)
def withdraw(plan_id: int) -> Plan:
    """Take a submitted plan back before anybody decided on it."""
    with writing() as session:
        return service.withdraw(session, actor(), plan_id, version=wanted_version())


@bp.post("/<int:plan_id>/approve")
@requires(P.PLAN_APPROVE)
@bp.response(200)
def approve(plan_id: int) -> dict[str, Any]:
    """Another person approves; the version is frozen."""
    with writing() as session:
        made = service.approve(session, actor(), plan_id, version=wanted_version())
        return {"version": made.version, "digest": made.digest}


@bp.post("/<int:plan_id>/return")
@requires(P.PLAN_APPROVE)
@bp.arguments(ReasonIn)
@bp.response(200, PlanOut)
def send_back(given: dict[str, Any], plan_id: int) -> Plan:
    """Return a submitted plan to its author."""
    with writing() as session:
        return service.send_back(session, actor(), plan_id, version=wanted_version(), reason=given["reason"])


@bp.post("/<int:plan_id>/publish")
@requires(P.PLAN_WRITE, step_up=True)
@bp.response(200)
def publish(plan_id: int) -> dict[str, Any]:
    """Put an approved plan on the public board, with its notice."""
    with reading() as session:
        paper = documents.notice(session, service.get(session, plan_id), settings())
    with writing() as session:
        entry = service.publish(session, actor(), plan_id, version=wanted_version(), notice=paper)
        return {"digest": entry.content["digest"], "file_digest": entry.file_digest}


@bp.post("/<int:plan_id>/revise")
@requires(P.PLAN_WRITE)
@bp.arguments(ReasonIn)
@bp.response(200, PlanOut)
def revise(given: dict[str, Any], plan_id: int) -> Plan:
    """A new version of an approved plan, back to draft."""
    with writing() as session:
        return service.revise(session, actor(), plan_id, version=wanted_version(), **given)


@bp.post("/<int:plan_id>/cancel")
@requires(P.PLAN_WRITE)
@bp.arguments(ReasonIn)
@bp.response(200, PlanOut)
def cancel(given: dict[str, Any], plan_id: int) -> Plan:
    """A plan that will not be carried out, with its reason."""
    with writing() as session:
        return service.cancel(session, actor(), plan_id, version=wanted_version(), reason=given["reason"])

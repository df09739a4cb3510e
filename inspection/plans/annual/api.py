"""Annual inspection plans as JSON."""

from __future__ import annotations

from typing import Any

from inspection import audit
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.plans.annual import rules, service
from inspection.plans.annual.examples import examples
from inspection.plans.annual.models import CheckPlan
from inspection.plans.annual.schemas import CheckPlanIn, CheckPlanOut, RatesIn, WordsIn
from inspection.web import ApiBlueprint, actor, reading, settings, wanted_version, writing

bp = ApiBlueprint("annual_api", __name__, url_prefix="/api/v1/annual-plans", description="年度抽查计划")


@bp.get("")
@requires(P.PLAN_READ)
@bp.response(200, CheckPlanOut(many=True))
def index() -> list[CheckPlan]:
    """All annual inspection plans, newest first."""
    with reading() as session:
        return list(session.scalars(service.listing().order_by(CheckPlan.code.desc()).limit(500)))


@bp.post("")
@requires(P.PLAN_WRITE)
@bp.arguments(CheckPlanIn)
@bp.response(201, CheckPlanOut)
def create(given: rules.NewCheckPlan) -> CheckPlan:
    """A new draft."""
    with writing() as session:
        return service.create(session, actor(), given, authority=settings().office_name)


@bp.get("/ratio-tables")
@requires(P.PLAN_READ)
@bp.response(200)
def ratio_tables() -> list[dict[str, Any]]:
    """Ratio tables that other offices published, to start from; "?" is what the source leaves open."""
    return [
        {"key": e.key, "title": e.title, "matter_kind": e.matter_kind, "dimension": e.dimension, "source": e.source, "verified": e.verified, "rows": e.text}
        for e in examples().values()
    ]


@bp.get("/<int:plan_id>")
@requires(P.PLAN_READ)
@bp.response(200)
def show(plan_id: int) -> dict[str, Any]:
    """One plan with matters, ratio tables, tasks, its versions, and what does not add up."""
    with reading() as session:
        plan = service.get(session, plan_id)
        frozen = [{"version": v.version, "digest": v.digest, "reason": v.reason, "approved_by": v.approved_by_name} for v in service.versions(session, plan_id)]
        facts = {"state": plan.state, "version": plan.version_id, "plan_version": plan.version, "versions": frozen, "faults": service.recheck(session, plan)}
        return {**audit.plain(service.content(session, plan)), **facts}


@bp.put("/<int:plan_id>")
@requires(P.PLAN_WRITE)
@bp.arguments(CheckPlanIn)
@bp.response(200, CheckPlanOut)
def edit(given: rules.NewCheckPlan, plan_id: int) -> CheckPlan:
    """Change the head of a draft."""
    with writing() as session:
        return service.edit(session, actor(), plan_id, given, version=wanted_version())


@bp.post("/<int:plan_id>/copy")
@requires(P.PLAN_WRITE)
@bp.response(201)
def copy(plan_id: int) -> dict[str, Any]:
    """The plan again for the next year; tells the tasks whose items are no longer in force."""
    with writing() as session:
        source = service.get(session, plan_id)
        made = service.copy(session, actor(), plan_id, year=source.year + 1, authority=settings().office_name)
        return {"id": made.id, "code": made.code, "left_out": service.copy_tasks(session, actor(), source, made)}


@bp.get("/<int:plan_id>/changes")
@requires(P.PLAN_READ)
@bp.response(200)
def changes(plan_id: int) -> dict[str, Any]:
    """What each version says otherwise than the one before, the draft in hand among them."""
    with reading() as session:
        found = service.compared(session, service.get(session, plan_id))
        return {str(number): [change._asdict() for change in rows] for number, rows in found.items()}


@bp.put("/<int:plan_id>/rates")
@requires(P.PLAN_WRITE)
@bp.arguments(RatesIn)
@bp.response(200, CheckPlanOut)
def rates(given: rules.RateTable, plan_id: int) -> CheckPlan:
    """Set one ratio table of a draft; without rows it goes."""
    with writing() as session:
        return service.set_rates(session, actor(), plan_id, given, version=wanted_version())


@bp.post("/<int:plan_id>/submit")
@requires(P.PLAN_WRITE)
@bp.response(200, CheckPlanOut)
def submit(plan_id: int) -> CheckPlan:
    """Hand a complete draft to the leader."""
    with writing() as session:
        return service.submit(session, actor(), plan_id, version=wanted_version())


@bp.post("/<int:plan_id>/withdraw")
@requires(P.PLAN_WRITE)
@bp.response(200, CheckPlanOut)
def withdraw(plan_id: int) -> CheckPlan:
    """Take a submitted plan back before anybody decided on it."""
    with writing() as session:
        return service.withdraw(session, actor(), plan_id, version=wanted_version())


@bp.post("/<int:plan_id>/approve")
@requires(P.PLAN_APPROVE)
@bp.response(200)
def approve(plan_id: int) -> dict[str, Any]:
    """A second person approves; matters, ratio tables and tasks are frozen."""
    with writing() as session:
        made = service.approve(session, actor(), plan_id, version=wanted_version())
        return {"version": made.version, "digest": made.digest}


@bp.post("/<int:plan_id>/return")
@requires(P.PLAN_APPROVE)
@bp.arguments(WordsIn)
@bp.response(200, CheckPlanOut)
def send_back(given: dict[str, Any], plan_id: int) -> CheckPlan:
    """Return a submitted plan to its author."""
    with writing() as session:
        return service.send_back(session, actor(), plan_id, version=wanted_version(), reason=given["reason"])


@bp.post("/<int:plan_id>/publish")
@requires(P.PLAN_WRITE, step_up=True)
@bp.response(200)
def publish(plan_id: int) -> dict[str, Any]:
    """Put the approved version and its tasks on the public boards."""
    with writing() as session:
        entry = service.publish(session, actor(), plan_id, version=wanted_version())
        return {"digest": entry.digest, "tasks": len(entry.content["tasks"])}


@bp.post("/<int:plan_id>/revise")
@requires(P.PLAN_WRITE)
@bp.arguments(WordsIn)
@bp.response(200, CheckPlanOut)
def revise(given: dict[str, Any], plan_id: int) -> CheckPlan:
    """A new version of an approved plan, back to draft."""
    with writing() as session:
        return service.revise(session, actor(), plan_id, version=wanted_version(), reason=given["reason"])


@bp.post("/<int:plan_id>/cancel")
@requires(P.PLAN_WRITE)
@bp.arguments(WordsIn)
@bp.response(200, CheckPlanOut)
def cancel(given: dict[str, Any], plan_id: int) -> CheckPlan:
    """A plan that will not be carried out, with its reason."""
    with writing() as session:
        return service.cancel(session, actor(), plan_id, version=wanted_version(), reason=given["reason"])

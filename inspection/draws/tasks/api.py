"""Tasks as JSON."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import fields

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.draws.tasks import overlaps, progress
from inspection.plans.annual import rules, service
from inspection.plans.annual.models import CheckTask
from inspection.plans.annual.schemas import JoinIn, TaskIn, TaskOut, WordsIn
from inspection.schema_base import Day, Schema, Text, sized
from inspection.web import ApiBlueprint, actor, reading, settings, wanted_version, writing

bp = ApiBlueprint("tasks_api", __name__, url_prefix="/api/v1/tasks", description="抽查任务")


class ChanceOut(Schema):
    name = fields.String()
    n = fields.Integer()
    population = fields.Integer()
    probability = fields.Function(lambda row: f"{row.n}/{row.population}", metadata={"type": "string"})


class TaskDrawOut(Schema):
    id = fields.Integer()
    number = fields.String()
    state = fields.String()
    chances = fields.List(fields.Nested(ChanceOut))


class TaskFullOut(TaskOut):
    progress = fields.String()
    draws = fields.List(fields.Nested(TaskDrawOut))


class OverlapIn(Schema):
    target: ClassVar[type[Any] | None] = overlaps.Scope
    region_code = Text(required=True, longest=12)
    item_codes = fields.List(Text(longest=40), required=True, validate=sized(1, 100))
    period_from = Day(required=True)
    period_to = Day(required=True)


class OverlapOut(Schema):
    code = fields.String()
    is_task = fields.Boolean()
    title = fields.String()
    departments = fields.String()
    region_code = fields.String()
    period = fields.String()
    items = fields.List(fields.String())
    state = fields.String()
    joinable = fields.Boolean()


@bp.get("")
@requires(P.PLAN_READ)
@bp.response(200, TaskOut(many=True))
def index() -> list[CheckTask]:
    """All tasks, newest first."""
    with reading() as session:
        return list(session.scalars(service.tasks(session).order_by(CheckTask.id.desc()).limit(500)))


@bp.post("")
@requires(P.PLAN_WRITE)
@bp.arguments(TaskIn)
@bp.response(201, TaskOut)
def create(given: rules.NewTask) -> CheckTask:
    """A new task; `task-overlaps` when others check the same and no reason to go on is given."""
    with writing() as session:
        return overlaps.create(session, actor(), given, authority=settings().office_name)


@bp.get("/overlaps")
@requires(P.PLAN_READ)
@bp.arguments(OverlapIn, location="query")
@bp.response(200, OverlapOut(many=True))
def overlapping(given: overlaps.Scope) -> list[overlaps.Overlap]:
    """Tasks and draws of any department and level over the same items, days and place."""
    with reading() as session:
        return overlaps.found(session, actor(), given)


@bp.get("/<int:task_id>")
@requires(P.PLAN_READ)
@bp.response(200, TaskFullOut)
def show(task_id: int) -> dict[str, Any]:
    """One task, how far it has come, and the inclusion probabilities of its draws."""
    with reading() as session:
        task = service.task(session, task_id)
        draws = progress.draws_of(session, [task_id]).get(task_id, [])
        told = [{"id": d.id, "number": d.number, "state": d.state, "chances": progress.chances(session, d)} for d in draws]
        columns = {column.key: getattr(task, column.key) for column in CheckTask.__mapper__.column_attrs}
        return {**columns, "progress": progress.state_of(task, draws), "draws": told}


@bp.get("/<int:task_id>/chances")
@requires(P.PLAN_READ)
@bp.response(200, ChanceOut(many=True))
def chances(task_id: int) -> list[progress.Chance]:
    """The inclusion probability of each class as the approved ratios would give it with the registers of today."""
    with reading() as session:
        return progress.estimated(session, service.task(session, task_id))


@bp.put("/<int:task_id>")
@requires(P.PLAN_WRITE)
@bp.arguments(TaskIn)
@bp.response(200, TaskOut)
def edit(given: rules.NewTask, task_id: int) -> CheckTask:
    """Change a task before its first frame is frozen."""
    with writing() as session:
        return overlaps.edit(session, actor(), task_id, given, version=wanted_version())


@bp.post("/<int:task_id>/approve")
@requires(P.PLAN_APPROVE)
@bp.response(200, TaskOut)
def approve(task_id: int) -> CheckTask:
    """A second person orders a task outside the plan."""
    with writing() as session:
        return service.approve_task(session, actor(), task_id, version=wanted_version())


@bp.post("/<int:task_id>/join")
@requires(P.PLAN_WRITE)
@bp.arguments(JoinIn)
@bp.response(200, TaskOut)
def join(given: dict[str, Any], task_id: int) -> CheckTask:
    """Another department takes part in a task."""
    with writing() as session:
        return service.join_task(session, actor(), task_id, department=given["department"])


@bp.post("/<int:task_id>/close")
@requires(P.PLAN_WRITE)
@bp.arguments(WordsIn)
@bp.response(200, TaskOut)
def close(given: dict[str, Any], task_id: int) -> CheckTask:
    """Everything of a task is done."""
    with writing() as session:
        return progress.close(session, actor(), task_id, version=wanted_version(), conclusion=given["reason"])


@bp.post("/<int:task_id>/cancel")
@requires(P.PLAN_WRITE)
@bp.arguments(WordsIn)
@bp.response(200, TaskOut)
def cancel(given: dict[str, Any], task_id: int) -> CheckTask:
    """A task that will not be carried out, with its reason."""
    with writing() as session:
        return progress.cancel(session, actor(), task_id, version=wanted_version(), reason=given["reason"])

"""Tasks on screen: drafted with a look at what they overlap, ordered, drawn, joined, closed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection import home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.draws import rules as draw_rules
from inspection.draws import words
from inspection.draws.tasks import overlaps, progress
from inspection.errors import Refused
from inspection.forms import Form, button
from inspection.i18n import N_, _
from inspection.listing import Column, exported, listing
from inspection.plans.annual import rules, service
from inspection.plans.annual.models import CheckPlan, CheckTask
from inspection.plans.annual.pages import choices, offered
from inspection.plans.annual.schemas import JoinIn, TaskIn, WordsIn
from inspection.registers import found as registers
from inspection.registers.entries import OBJECT_KINDS
from inspection.scope import covers
from inspection.web import actor, reading, settings, wanted_version, writing

bp = Blueprint("tasks", __name__, url_prefix="/tasks")
COLUMNS = (
    Column("code", N_("任务编号"), lambda t: t.code, CheckTask.code),
    Column("title", N_("任务名称"), lambda t: t.title, CheckTask.title),
    Column("kind", N_("检查方式"), lambda t: _(rules.CHECK_KINDS[t.check_kind]), CheckTask.check_kind),
    Column("region", N_("区域"), lambda t: t.region_code, CheckTask.region_code),
    Column("from", N_("检查开始"), lambda t: t.period_from.isoformat(), CheckTask.period_from),
    Column("to", N_("检查结束"), lambda t: t.period_to.isoformat(), CheckTask.period_to),
    Column("n", N_("数量"), lambda t: t.n_objects, CheckTask.n_objects, numeric=True),
)


@home.tasks
def waiting(session: Session, who: Actor) -> list[home.Task]:
    """Tasks outside the plan to be approved, and ordered tasks to be drawn."""
    found = []
    if who.can(P.PLAN_APPROVE):
        n = session.scalar(select(func.count()).select_from(CheckTask).where(CheckTask.state == "draft", CheckTask.plan_id.is_(None))) or 0
        found.append(home.Task(N_("待批准的临时任务"), n, url_for("tasks.index", state="draft")))
    if who.can(P.DRAW_PREPARE):
        found.append(home.Task(N_("待抽取的抽查任务"), progress.waiting(session), url_for("tasks.index", state="open")))
    return found


@bp.get("")
@requires(P.PLAN_READ)
def index() -> str | Response:
    with reading() as session:
        query = service.tasks(session)
        if (state := request.args.get("state", "")) in rules.TASK_STATES:
            query = query.where(CheckTask.state == state)
        listed = listing(session, query, COLUMNS, search=[CheckTask.code, CheckTask.title], default="-from", tie=CheckTask.id)
        draws = progress.draws_of(session, (t.id for t in listed.rows))
        listed.columns = (*COLUMNS, Column("state", N_("状态"), lambda t: _(progress.state_of(t, draws.get(t.id, [])))))
        return exported(listed, _("抽查任务")) or render_template("draws/tasks/index.html", listed=listed, states=rules.TASK_STATES)


# --- drafting --------------------------------------------------------------------------------------------------------------


def _choices(form: Form) -> dict[str, Any]:
    with reading() as session:
        plans = session.execute(select(CheckPlan.id, CheckPlan.title).where(CheckPlan.state.in_(("draft", "returned"))).order_by(CheckPlan.code)).all()
        return {
            **choices(session), "items": words.items(session, form.values.get("item_codes") or ()), "plans": [tuple(row) for row in plans], "rules": rules,
            "objects": offered(OBJECT_KINDS), "offered": offered,
        }  # fmt: skip


def _proposed() -> dict[str, Any]:
    """What a new task starts from: its plan's place and department, the office word that was used last."""
    given = request.args.get("plan", "")
    with reading() as session:
        last = session.scalars(service.tasks(session).order_by(CheckTask.id.desc()).limit(1)).first()
        plan = service.get(session, int(given)) if given.isascii() and given.isdigit() and len(given) < 10 else None
        return {
            "prefix": last.series[:-2] if last else "", "check_type": "untargeted", "check_kind": "random", "object_kind": "enterprise",
            "lead_department": plan.lead_department if plan else actor().department, "departments": plan.departments if plan else [],
            "plan_id": plan.id if plan else "", "region_code": plan.region_code if plan else "", "stratify_by": "credit_class",
        }  # fmt: skip


@bp.route("/new", methods=["GET", "POST"])
@requires(P.PLAN_WRITE)
def new() -> BaseResponse | tuple[str, int]:
    form = Form(TaskIn(), _proposed())
    others: list[overlaps.Overlap] = []
    if form.posted:
        with form.trying():
            given = form.data()
            others = _others(given)
            with writing() as session:
                task = overlaps.create(session, actor(), given, authority=settings().office_name)
            flash(_("任务 %(code)s 已建立。", code=task.code), "success")
            return redirect(url_for("tasks.show", task_id=task.id), 303)
    return form.render("draws/tasks/form.html", task=None, others=others, **_choices(form))


@bp.route("/<int:task_id>/edit", methods=["GET", "POST"])
@requires(P.PLAN_WRITE)
def edit(task_id: int) -> BaseResponse | tuple[str, int]:
    with reading() as session:
        task = service.task(session, task_id)
    form = Form(TaskIn(), {name: getattr(task, name, "") for name in TaskIn().fields} | {"prefix": task.series[:-2], "plan_id": task.plan_id or ""})
    others: list[overlaps.Overlap] = []
    if form.posted:
        with form.trying():
            given = form.data()
            others = _others(given, task_id)
            with writing() as write:
                overlaps.edit(write, actor(), task_id, given, version=wanted_version())
            flash(_("任务已修改。"), "success")
            return redirect(url_for("tasks.show", task_id=task_id), 303)
    return form.render("draws/tasks/form.html", task=task, others=others, **_choices(form))


def _others(given: rules.NewTask, besides: int = 0) -> list[overlaps.Overlap]:
    with reading() as session:
        return overlaps.found(session, actor(), given, besides)


# --- one task --------------------------------------------------------------------------------------------------------------


@bp.get("/<int:task_id>")
@requires(P.PLAN_READ)
def show(task_id: int) -> tuple[str, int]:
    return _show(task_id)


def _show(task_id: int, form: Form | None = None) -> tuple[str, int]:
    with reading() as session:
        task = service.task(session, task_id)
        draws = progress.draws_of(session, [task.id]).get(task.id, [])
        estimate, problem = _estimate(session, task)
        scope = overlaps.Scope(task.region_code, tuple(task.item_codes), task.period_from, task.period_to)
        page = render_template(
            "draws/tasks/show.html", task=task, draws=[(draw, progress.chances(session, draw)) for draw in draws], form=form, rules=rules,
            state=progress.state_of(task, draws), draw_states=draw_rules.STATES, table=service.table_of(session, task) if task.state == "draft" else service.approved_table(session, task), estimate=estimate,
            problem=problem, departments=service.department_names(session, [task.lead_department, *task.departments]),
            matters=service.matters_of(session, task.item_codes, missing_too=True), objects=OBJECT_KINDS, region=registers.place_name(session, task.region_code), mine=covers(actor(), task.region_code),
            others=overlaps.found(session, actor(), scope, task.id) if task.state == "draft" and task.check_kind != "flight" else [],
        )  # fmt: skip
    return page, form.status if form else 200


def _estimate(session: Session, task: CheckTask) -> tuple[list[progress.Chance] | None, Refused | None]:
    """The probabilities with the registers of today, when they are asked for; or why there are none."""
    if "estimate" not in request.args:
        return None, None
    try:
        return progress.estimated(session, task), None
    except Refused as refusal:
        return None, refusal


def _done(task_id: int, message: str) -> BaseResponse:
    flash(message, "success")
    return redirect(url_for("tasks.show", task_id=task_id), 303)


@bp.post("/<int:task_id>/approve")
@requires(P.PLAN_APPROVE)
def approve(task_id: int) -> BaseResponse | tuple[str, int]:
    form = button()
    with form.trying():
        with writing() as session:
            service.approve_task(session, actor(), task_id, version=wanted_version())
        return _done(task_id, _("任务已批准，可以据以抽取。"))
    return _show(task_id, form)


@bp.post("/<int:task_id>/join")
@requires(P.PLAN_WRITE)
def join(task_id: int) -> BaseResponse:
    form = Form(JoinIn())
    department = form.data()["department"]
    with writing() as session:
        task = service.join_task(session, actor(), task_id, department=department)
    flash(_("已加入任务 %(code)s，一次检查、各自负责本部门的事项。", code=task.code), "success")
    return redirect(url_for("tasks.index"), 303)


@bp.post("/<int:task_id>/close")
@requires(P.PLAN_WRITE)
def close(task_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(WordsIn())
    with form.trying():
        words = form.data()["reason"]
        with writing() as session:
            progress.close(session, actor(), task_id, version=wanted_version(), conclusion=words)
        return _done(task_id, _("任务已办结。"))
    return _show(task_id, form)


@bp.post("/<int:task_id>/cancel")
@requires(P.PLAN_WRITE)
def cancel(task_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(WordsIn())
    with form.trying():
        words = form.data()["reason"]
        with writing() as session:
            progress.cancel(session, actor(), task_id, version=wanted_version(), reason=words)
        return _done(task_id, _("任务已取消。"))
    return _show(task_id, form)

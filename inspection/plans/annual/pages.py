"""Annual inspection plans on screen: head, ratio tables, tasks, approval, publication, new version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection import clock, home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.forms import Form, button
from inspection.i18n import N_, _
from inspection.listing import Column, download, exported, listing
from inspection.plans.annual import documents, rules, service
from inspection.plans.annual.changes import Change
from inspection.plans.annual.examples import examples
from inspection.plans.annual.models import CheckPlan
from inspection.plans.annual.schemas import CheckPlanIn, RatesIn, WordsIn, lines
from inspection.registers import found as registers
from inspection.registers.models import Department, Region
from inspection.web import actor, reading, settings, wanted_version, writing

bp = Blueprint("annual", __name__, url_prefix="/annual-plans")
COLUMNS = (
    Column("code", N_("编号"), lambda p: p.code, CheckPlan.code),
    Column("title", N_("名称"), lambda p: p.title, CheckPlan.title),
    Column("year", N_("年度"), lambda p: p.year, CheckPlan.year, numeric=True),
    Column("document", N_("发文文号"), lambda p: p.document_number, CheckPlan.document_number),
    Column("tasks", N_("任务"), lambda p: len(service.live_tasks(p)), numeric=True),
    Column("state", N_("状态"), lambda p: _(rules.STATES[p.state]), CheckPlan.state),
)


@home.tasks
def waiting(session: Session, who: Actor) -> list[home.Task]:
    """Plans in the hands of the person's own step."""
    steps = (
        (P.PLAN_APPROVE, "submitted", N_("待审批的年度抽查计划")), (P.PLAN_WRITE, "draft", N_("编制中的年度抽查计划")),
        (P.PLAN_WRITE, "returned", N_("已退回的年度抽查计划")), (P.PLAN_WRITE, "approved", N_("已批准、待公布的年度抽查计划")),
    )  # fmt: skip
    counts = dict(session.execute(select(CheckPlan.state, func.count()).group_by(CheckPlan.state)).all())
    return [
        home.Task(label, counts.get(state, 0), url_for("annual.index", state=state)) for permission, state, label in steps if who.can(permission)
    ]


@bp.get("")
@requires(P.PLAN_READ)
def index() -> str | Response:
    query = service.listing()
    if (state := request.args.get("state", "")) in rules.STATES:
        query = query.where(CheckPlan.state == state)
    with reading() as session:
        listed = listing(session, query, COLUMNS, search=[CheckPlan.code, CheckPlan.title, CheckPlan.document_number], default="-code", tie=CheckPlan.id)
        return exported(listed, _("年度抽查计划")) or render_template("plans/annual/index.html", listed=listed, states=rules.STATES)


def offered(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Coded words to choose from, in the language of the reader."""
    return [(key, _(word)) for key, word in words.items()]


def choices(session: Session) -> dict[str, Any]:
    """Places and departments to choose from."""
    places = session.execute(select(Region.code, Region.name).where(Region.level != "township").order_by(Region.code)).all()
    departments = session.execute(select(Department.code, Department.name).order_by(Department.code)).all()
    return {"places": [tuple(row) for row in places], "departments": [tuple(row) for row in departments]}


@bp.route("/new", methods=["GET", "POST"])
@requires(P.PLAN_WRITE)
def new() -> BaseResponse | tuple[str, int]:
    form = Form(CheckPlanIn(), {"year": clock.today().year, "lead_department": actor().department})
    if form.posted:
        with form.trying():
            given = form.data()
            with writing() as session:
                plan = service.create(session, actor(), given, authority=settings().office_name)
            flash(_("计划已建立，请填写比例表并添加任务。"), "success")
            return redirect(url_for("annual.show", plan_id=plan.id), 303)
    with reading() as read:
        return form.render("plans/annual/form.html", plan=None, **choices(read))


@bp.route("/<int:plan_id>/edit", methods=["GET", "POST"])
@requires(P.PLAN_WRITE)
def edit(plan_id: int) -> BaseResponse | tuple[str, int]:
    with reading() as session:
        plan = service.get(session, plan_id)
        chosen = choices(session)
    form = Form(CheckPlanIn(), {name: getattr(plan, name) for name in CheckPlanIn().fields})
    if form.posted:
        with form.trying():
            given = form.data()
            with writing() as write:
                service.edit(write, actor(), plan_id, given, version=wanted_version())
            flash(_("计划已修改。"), "success")
            return redirect(url_for("annual.show", plan_id=plan_id), 303)
    return form.render("plans/annual/form.html", plan=plan, **chosen)


@bp.get("/<int:plan_id>")
@requires(P.PLAN_READ)
def show(plan_id: int) -> tuple[str, int]:
    return _show(plan_id)


def _show(plan_id: int, form: Form | None = None, rates: Form | None = None) -> tuple[str, int]:
    with reading() as session:
        plan = service.get(session, plan_id)
        tables = service.tables_of(plan)
        page = render_template(
            "plans/annual/show.html", plan=plan, form=form, rates=rates or Form(RatesIn(), _loaded(tables)), rules=rules, examples=examples(),
            tables=tables, tasks=plan.tasks, versions=service.versions(session, plan_id), faults=service.recheck(session, plan), lines=lines, offered=offered,
            compared=_compared(session, plan), unready=_unready(session, plan), region=registers.place_name(session, plan.region_code),
            departments=list(service.department_names(session, [plan.lead_department, *plan.departments]).values()),
            matters=service.matters_of(session, {code for t in service.live_tasks(plan) for code in t.item_codes}, missing_too=True),
        )  # fmt: skip
    return page, max(shown.status if shown else 200 for shown in (form, rates))


def _unready(session: Session, plan: CheckPlan) -> list[str]:
    """What a draft lacks before it can be handed in."""
    if plan.state not in ("draft", "returned"):
        return []
    try:
        return service.unready(session, plan)
    except Invalid as error:
        return [error.message]


def _compared(session: Session, plan: CheckPlan) -> dict[int, list[Change]]:
    """What the versions say otherwise; nothing while an item of the draft is not in force, which the page tells elsewhere."""
    try:
        return service.compared(session, plan)
    except Invalid:
        return {}


def _loaded(tables: Sequence[rules.RateTable]) -> dict[str, str]:
    """What the ratio table form starts from: a published table, one of the plan's own, or nothing."""
    if example := examples().get(request.args.get("example", "")):
        source = f"{example.title}，{example.source}" + ("" if example.verified else "（未核实）")
        return {"matter_kind": example.matter_kind, "dimension": example.dimension, "rows": example.text, "source": source}
    matter_kind, _sep, dimension = request.args.get("table", "").partition("/")
    if table := rules.table_for(tables, matter_kind, dimension):
        return {"matter_kind": matter_kind, "dimension": dimension, "rows": lines(table), "source": table.source}
    return {"matter_kind": "general", "dimension": "credit_class"}


@bp.get("/<int:plan_id>/plan.xlsx")
@requires(P.PLAN_READ)
def workbook(plan_id: int) -> Response:
    """Tasks and ratio tables as they are or would be published: without flight inspections."""
    with reading() as session:
        plan = service.get(session, plan_id)
        facts = service.plan_facts(service.content(session, plan), plan.version, plan.note)
    return download(documents.workbook(facts), f"年度抽查计划-{plan.code}.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


@bp.post("/<int:plan_id>/rates")
@requires(P.PLAN_WRITE)
def rates(plan_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(RatesIn())
    with form.trying():
        table = form.data()
        with writing() as session:
            service.set_rates(session, actor(), plan_id, table, version=wanted_version())
        flash(_("比例表已保存。") if table.rows else _("比例表已删除。"), "success")
        return redirect(url_for("annual.show", plan_id=plan_id), 303)
    return _show(plan_id, rates=form)


@bp.post("/<int:plan_id>/copy")
@requires(P.PLAN_WRITE)
def copy(plan_id: int) -> BaseResponse:
    """The plan again for the next year: head, ratio tables, tasks on the same days."""
    with writing() as session:
        source = service.get(session, plan_id)
        made = service.copy(session, actor(), plan_id, year=source.year + 1, authority=settings().office_name)
        left = service.copy_tasks(session, actor(), source, made)
    flash(_("已复制为 %(year)s 年度的草稿。", year=made.year), "success")
    if left:
        flash(_("以下任务的事项已失效，没有复制：%(titles)s", titles="、".join(left)), "warning")
    return redirect(url_for("annual.show", plan_id=made.id), 303)


# --- steps ---------------------------------------------------------------------------------------------------------------


def _step(plan_id: int, verb: Any, message: str, **more: Any) -> BaseResponse | tuple[str, int]:
    form = button()
    with form.trying():
        return _done(plan_id, verb, message, **more)
    return _show(plan_id, form)


def _done(plan_id: int, verb: Any, message: str, **more: Any) -> BaseResponse:
    with writing() as session:
        verb(session, actor(), plan_id, version=wanted_version(), **more)
    flash(message, "success")
    return redirect(url_for("annual.show", plan_id=plan_id), 303)


def _with_reason(plan_id: int, verb: Any, message: str) -> BaseResponse | tuple[str, int]:
    form = Form(WordsIn())
    with form.trying():
        given = form.data()
        return _done(plan_id, verb, message, reason=given["reason"])
    return _show(plan_id, form)


@bp.post("/<int:plan_id>/submit")
@requires(P.PLAN_WRITE)
def submit(plan_id: int) -> BaseResponse | tuple[str, int]:
    return _step(plan_id, service.submit, _("计划已提交审批。"))


@bp.post("/<int:plan_id>/withdraw")
@requires(P.PLAN_WRITE)
def withdraw(plan_id: int) -> BaseResponse | tuple[str, int]:
    return _step(plan_id, service.withdraw, _("已撤回提交，可以继续修改。"))


@bp.post("/<int:plan_id>/approve")
@requires(P.PLAN_APPROVE)
def approve(plan_id: int) -> BaseResponse | tuple[str, int]:
    return _step(plan_id, service.approve, _("计划已批准，版本已冻结。"))


@bp.post("/<int:plan_id>/return")
@requires(P.PLAN_APPROVE)
def send_back(plan_id: int) -> BaseResponse | tuple[str, int]:
    return _with_reason(plan_id, service.send_back, _("计划已退回。"))


@bp.post("/<int:plan_id>/publish")
@requires(P.PLAN_WRITE, step_up=True)
def publish(plan_id: int) -> BaseResponse | tuple[str, int]:
    return _step(plan_id, service.publish, _("计划和任务已公布，可以据以抽取。"))


@bp.post("/<int:plan_id>/revise")
@requires(P.PLAN_WRITE)
def revise(plan_id: int) -> BaseResponse | tuple[str, int]:
    return _with_reason(plan_id, service.revise, _("已建立新版本草稿，原版本在新版本公布之前继续有效。"))


@bp.post("/<int:plan_id>/cancel")
@requires(P.PLAN_WRITE)
def cancel(plan_id: int) -> BaseResponse | tuple[str, int]:
    return _with_reason(plan_id, service.cancel, _("计划和它的任务已取消。"))

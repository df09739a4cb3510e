"""Plans on screen: draft, margins, allocation, laboratories, approval, publication, new version."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection import home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.forms import Form, button
from inspection.i18n import N_, _
from inspection.listing import Column, download, exported, listing
from inspection.plans import documents, rules, service
from inspection.plans.annual import pages as annual
from inspection.plans.models import Plan, PlanVersion
from inspection.plans.schemas import AllocateIn, MarginsIn, PlanIn, ReasonIn
from inspection.registers import targets
from inspection.registers.models import Laboratory, Population, ProductCategory, Region
from inspection.web import actor, reading, settings, wanted_version, writing
from sampling import target

bp = Blueprint("plans", __name__, url_prefix="/plans")
blueprints = [bp, annual.bp]

COLUMNS = (
    Column("code", N_("编号"), lambda p: p.code, Plan.code),
    Column("title", N_("名称"), lambda p: p.title, Plan.title),
    Column("year", N_("年度"), lambda p: p.year, Plan.year, numeric=True),
    Column("purpose", N_("性质"), lambda p: _(rules.PURPOSES[p.purpose]), Plan.purpose),
    Column("total", N_("批次"), lambda p: p.total, Plan.total, numeric=True),
    Column("state", N_("状态"), lambda p: _(rules.STATES[p.state]), Plan.state),
)


@home.tasks
def waiting(session: Session, who: Actor) -> list[home.Task]:
    """Plans in the hands of the person's own step."""
    found = []
    for permission, state, label in (
        (P.PLAN_APPROVE, "submitted", N_("待审批的计划")), (P.PLAN_WRITE, "draft", N_("编制中的计划")), (P.PLAN_WRITE, "approved", N_("已批准、待公布的计划")),
    ):  # fmt: skip
        if who.can(permission):
            n = session.scalar(select(func.count()).select_from(Plan).where(Plan.state == state)) or 0
            found.append(home.Task(label, n, url_for("plans.index", state=state)))
    return found


@bp.get("")
@requires(P.PLAN_READ)
def index() -> str | Response:
    query = service.listing()
    if (state := request.args.get("state", "")) in rules.STATES:
        query = query.where(Plan.state == state)
    with reading() as session:
        listed = listing(session, query, COLUMNS, search=[Plan.code, Plan.title], default="-code", tie=Plan.id)
        return exported(listed, _("抽检计划")) or render_template("plans/index.html", listed=listed, states=rules.STATES)


@bp.route("/new", methods=["GET", "POST"])
@requires(P.PLAN_WRITE)
def new() -> BaseResponse | tuple[str, int]:
    form = Form(PlanIn(), {"rounding": "up", "population_kind": "census"})
    if form.posted:
        with form.trying():
            with writing() as session:
                plan = service.create(session, actor(), form.data())
            flash(_("计划已建立，请设置区域和类别。"), "success")
            return redirect(url_for("plans.show", plan_id=plan.id), 303)
    with reading() as read:
        places = [tuple(row) for row in read.execute(select(Region.code, Region.name).order_by(Region.code))]
        years = [(y, y) for y in read.scalars(select(ProductCategory.year).distinct().order_by(ProductCategory.year.desc()))]
    return form.render("plans/new.html", places=places, years=years, purposes=rules.PURPOSES, roundings=rules.ROUNDINGS, populations=rules.POPULATIONS)


@bp.get("/<int:plan_id>")
@requires(P.PLAN_READ)
def show(plan_id: int) -> tuple[str, int]:
    return _show(plan_id)


def _bounds(plan: Plan) -> str:
    """The bounds of the present table as they are typed, so that a second press keeps them."""
    lines = []
    for b in service.bounds_of(plan):
        marks = {"锁定": b.locked, "至少": b.minimum or None, "至多": b.maximum}
        lines += [f"{b.region} {b.product_class} {word} {n}" for word, n in marks.items() if n is not None]
    return "\n".join(lines)


def _show(plan_id: int, form: Form | None = None) -> tuple[str, int]:
    with reading() as session:
        plan = service.get(session, plan_id)
        labs = dict(session.execute(select(Laboratory.id, Laboratory.name)).all())
        versions = session.scalars(select(PlanVersion).where(PlanVersion.plan_id == plan.id).order_by(PlanVersion.version)).all()
        rows, columns = service.axis_of(plan, "region"), service.axis_of(plan, "class")
        shares: dict[int, int] = {}
        for share in plan.laboratories:
            shares[share.laboratory_id] = shares.get(share.laboratory_id, 0) + share.n_batches
        defaults = _defaults(session, plan) if not rows else {}
        page = render_template(
            "plans/show.html", plan=plan, rows=rows, columns=columns, table=service.matrix(plan), faults=service.recheck(session, plan) if plan.cells else [],
            labs=labs, shares=shares, versions=versions, states=rules.STATES, purposes=rules.PURPOSES, formula=documents.formula(plan),
            digest_=service.digest_of(plan), enough=_enough(session, plan), form=form, defaults=defaults, overflow=service.unassigned(plan), bounds=_bounds(plan),
        )
    return page, form.status if form else 200


def _defaults(session: Session, plan: Plan) -> dict[str, str]:
    """First proposals for the margins: people of the regions below, equal weights of the classes."""
    people = session.execute(
        select(Region.code, Population.people)
        .outerjoin(Population, (Population.region_code == Region.code) & (Population.year == plan.population_year) & (Population.kind == plan.population_kind))
        .where(Region.parent_code == plan.region_code)
        .order_by(Region.code)
    ).all()
    classes = session.scalars(
        select(ProductCategory.code).where(ProductCategory.year == plan.product_year, ProductCategory.domain == plan.domain, ProductCategory.level == 1)
        .order_by(ProductCategory.position)
    ).all()
    return {
        "regions": "\n".join(f"{code} {n or 1}" for code, n in people) or f"{plan.region_code} 1",
        "classes": "\n".join(f"{code} 1" for code in classes),
    }


def _enough(session: Session, plan: Plan) -> list[dict[str, Any]]:
    """Is it enough to judge each target that holds for the plan, and the one that was typed: failures allowed for the year and a quarter."""
    found = targets.applying(session, region_code=plan.region_code, purpose=plan.purpose, domain=plan.domain, year=plan.year)
    goals = [(row.threshold, f"{row.jurisdiction}{row.name}，{row.document}") for row in found if row.threshold is not None]
    if (typed := request.args.get("goal", "").strip()) and request.method == "GET":
        goals.append((_goal(typed), ""))
    return [{"goal": percent, "source": source, **_allowed(plan.total, Fraction(percent) / 100)} for percent, source in goals]


def _goal(text: str) -> Decimal:
    """A pass rate in percent as typed."""
    try:
        percent = Decimal(text)
    except InvalidOperation:
        percent = Decimal("NaN")
    if not percent.is_finite() or not 0 < percent < 100 or len(text) > 10:
        raise Invalid("bad-goal", "目标合格率应为 0 与 100 之间的数字，例如 98。", fields={"goal": ["应为 0 与 100 之间的数字"]})
    return percent


def _allowed(total: int, goal: Fraction) -> dict[str, int | None]:
    return {
        "year": target.failures_allowed(total, goal) if total else -1, "quarter": target.failures_allowed(total // 4, goal) if total >= 4 else -1,
        "least": target.batches_to_show(goal),
    }  # fmt: skip


@bp.post("/<int:plan_id>/margins")
@requires(P.PLAN_WRITE)
def margins(plan_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(MarginsIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.set_margins(session, actor(), plan_id, version=wanted_version(), **given)
        flash(_("边际已确定，合计与总批次一致。"), "success")
        return redirect(url_for("plans.show", plan_id=plan_id), 303)
    return _show(plan_id, form)


@bp.post("/<int:plan_id>/allocate")
@requires(P.PLAN_WRITE)
def allocate(plan_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(AllocateIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.allocate_cells(session, actor(), plan_id, version=wanted_version(), bounds=given["bounds"])
        flash(_("已分配到格，每行每列合计准确。"), "success")
        return redirect(url_for("plans.show", plan_id=plan_id), 303)
    return _show(plan_id, form)


@bp.post("/<int:plan_id>/laboratories")
@requires(P.PLAN_WRITE)
def laboratories(plan_id: int) -> BaseResponse | tuple[str, int]:
    form = button()
    with form.trying():
        with writing() as session:
            overflow = service.assign_laboratories(session, actor(), plan_id, version=wanted_version())
        if overflow:
            flash(_("有 %(n)s 批次超出承检能力，未能安排，见下。", n=sum(n for *_x, n in overflow)), "warning")
        else:
            flash(_("承检机构已安排。"), "success")
        return redirect(url_for("plans.show", plan_id=plan_id), 303)
    return _show(plan_id, form)


def _step(plan_id: int, verb: Any, message: str, **more: Any) -> BaseResponse | tuple[str, int]:
    form = button()
    with form.trying():
        return _done(plan_id, verb, message, **more)
    return _show(plan_id, form)


def _done(plan_id: int, verb: Any, message: str, **more: Any) -> BaseResponse:
    with writing() as session:
        verb(session, actor(), plan_id, version=wanted_version(), **more)
    flash(message, "success")
    return redirect(url_for("plans.show", plan_id=plan_id), 303)


def _with_reason(plan_id: int, verb: Any, message: str) -> BaseResponse | tuple[str, int]:
    form = Form(ReasonIn())
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


@bp.post("/<int:plan_id>/publish")
@requires(P.PLAN_WRITE, step_up=True)
def publish(plan_id: int) -> BaseResponse | tuple[str, int]:
    with reading() as session:
        paper = documents.notice(session, service.get(session, plan_id), settings())
    return _step(plan_id, service.publish, _("计划已公布。"), notice=paper)


@bp.post("/<int:plan_id>/begin")
@requires(P.PLAN_WRITE)
def begin(plan_id: int) -> BaseResponse | tuple[str, int]:
    return _step(plan_id, service.begin, _("计划开始执行。"))


@bp.post("/<int:plan_id>/complete")
@requires(P.PLAN_WRITE)
def complete(plan_id: int) -> BaseResponse | tuple[str, int]:
    return _step(plan_id, service.complete, _("计划已完成。"))


@bp.post("/<int:plan_id>/cancel")
@requires(P.PLAN_WRITE)
def cancel(plan_id: int) -> BaseResponse | tuple[str, int]:
    return _with_reason(plan_id, service.cancel, _("计划已取消。"))


@bp.post("/<int:plan_id>/return")
@requires(P.PLAN_APPROVE)
def send_back(plan_id: int) -> BaseResponse | tuple[str, int]:
    return _with_reason(plan_id, service.send_back, _("计划已退回。"))


@bp.post("/<int:plan_id>/revise")
@requires(P.PLAN_WRITE)
def revise(plan_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(ReasonIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.revise(session, actor(), plan_id, version=wanted_version(), reason=given["reason"], total=given["total"])
        flash(_("已建立新版本草稿，原版本保留。"), "info")
        return redirect(url_for("plans.show", plan_id=plan_id), 303)
    return _show(plan_id, form)


@bp.get("/<int:plan_id>/notice.pdf")
@requires(P.PLAN_READ)
def notice(plan_id: int) -> Response:
    with reading() as session:
        plan = service.get(session, plan_id)
        return download(documents.notice(session, plan, settings()), f"计划通知-{plan.code}.pdf", "application/pdf", inline=True)


@bp.get("/<int:plan_id>/allocation.xlsx")
@requires(P.PLAN_READ)
def workbook(plan_id: int) -> Response:
    with reading() as session:
        plan = service.get(session, plan_id)
        return download(documents.workbook(plan), f"任务分配-{plan.code}.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")



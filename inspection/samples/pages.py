"""Samples on screen: sheet, hand-over, receipt by blind code. A laboratory's people see the code, never the firm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection import clock, home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.calendar.pages import show_term
from inspection.forms import Form
from inspection.i18n import N_, _, show_day
from inspection.listing import Column, download, exported, listing
from inspection.plans.models import Plan
from inspection.registers.models import Enterprise, Laboratory
from inspection.samples import choices, documents, printing, service
from inspection.samples.models import Handover, Sample
from inspection.samples.rules import PAPERS
from inspection.samples.schemas import (
    DATE_KINDS,
    LINKS,
    HandOverIn,
    PapersIn,
    RecallIn,
    ReceiptIn,
    SampleIn,
    SealIn,
    VoidIn,
    sheet_of,
)
from inspection.web import actor, reading, settings, wanted_version, writing

bp = Blueprint("samples", __name__, url_prefix="/samples")
STATES = {
    "taken": N_("已抽样"), "sealed": N_("已封样"), "handed_over": N_("待收样"), "received": N_("已收样"), "refused": N_("拒收"),
    "tested": N_("检验中"), "reported": N_("已出报告"), "void": N_("作废"),
}
WAYS = {"sent": N_("移交"), "recalled": N_("撤回移交"), "received": N_("收样"), "refused": N_("拒收")}
COLUMNS = (
    Column("number", N_("抽样单编号"), lambda s: s.number, Sample.number),
    Column("code", N_("盲样编码"), lambda s: s.code, Sample.code),
    Column("product", N_("样品名称"), lambda s: s.product_name, Sample.product_name),
    Column("taken", N_("抽样日期"), lambda s: show_day(s.taken_on), Sample.taken_on),
    Column("state", N_("状态"), lambda s: _(STATES[s.state]), Sample.state),
    Column("deliver", N_("送达期限"), lambda s: show_term(s.deliver_by, s.deliver_unannounced), Sample.deliver_by),
)


@home.tasks
def waiting(session: Session, who: Actor) -> list[home.Task]:
    """Samples to hand over, samples to receive."""
    found = []
    if who.can(P.SAMPLE_TAKE):
        late = len(service.overdue(session))
        found.append(home.Task(N_("逾期未送达或未出报告的样品"), late, url_for("samples.index", overdue="1"), late=True))
    if who.can(P.SAMPLE_RECEIVE):
        n = session.scalar(select(func.count()).select_from(Sample).where(Sample.state == "handed_over")) or 0
        found.append(home.Task(N_("待收样"), n, url_for("samples.receiving")))
        for label, which, is_late in ((N_("待检验的样品"), Sample.state == "received", False), (N_("报告逾期的样品"), service.late() & Sample.state.in_(("received", "tested")), True)):
            n = session.scalar(select(func.count()).select_from(Sample).where(which)) or 0
            found.append(home.Task(label, n, url_for("samples.receiving", _anchor="testing"), late=is_late))
    return found


@bp.get("")
@requires(P.SAMPLE_READ)
def index() -> str | Response:
    query = service.listing()
    if (state := request.args.get("state", "")) in STATES:
        query = query.where(Sample.state == state)
    if request.args.get("overdue") == "1":
        query = query.where(service.late())
    with reading() as session:
        plans = session.execute(select(Plan.id, Plan.title).where(Plan.id.in_(select(Sample.plan_id))).order_by(Plan.id.desc())).all()
        if (wanted := request.args.get("plan", "")) in {str(plan.id) for plan in plans}:
            query = query.where(Sample.plan_id == int(wanted))
        listed = listing(session, query, COLUMNS, search=[Sample.number, Sample.code, Sample.product_name], default="-number", tie=Sample.id)
        return exported(listed, _("样品")) or render_template(
            "samples/index.html", listed=listed, states=STATES, plans=plans, papers=PAPERS, regions=choices.places(session), chosen=wanted
        )


@bp.post("/papers")
@requires(P.SAMPLE_TAKE, P.PLAN_WRITE)
def papers() -> BaseResponse:
    """Ask for sheets or labels of many samples; the page of the job shows its bar."""
    wanted = Form(PapersIn()).data()
    with writing() as session:
        job = printing.ask(session, actor(), wanted)
    return redirect(url_for("jobs.show", job_id=job.id), 303)


@bp.route("/new", methods=["GET", "POST"])
@requires(P.SAMPLE_TAKE)
def new() -> BaseResponse | tuple[str, int]:
    form = Form(SampleIn(), _start(request.args))
    if form.posted:
        with form.trying():
            given = form.data()
            with writing() as session:
                firm = service.sampled_unit(session, given["enterprise_code"])
                sample = service.take(session, actor(), sheet_of(given, firm.id), replaces_id=given["replaces_id"])
            flash(_("抽样单 %(number)s 已保存。", number=sample.number), "success")
            return redirect(url_for("samples.show", sample_id=sample.id), 303)
    with reading() as read:
        offered = choices.tasks(read)
    return form.render("samples/new.html", links=LINKS, date_kinds=DATE_KINDS, lists=choices.boxes(), **offered)


def _start(asked: Mapping[str, str]) -> dict[str, Any]:
    """Values of an empty sheet, of the refused sample that is replaced, of one like it (the next batch of the visit, a void one again), or of a cell."""
    for name, values in (("replaces", choices.replacement), ("like", choices.likeness)):
        given = asked.get(name, "")
        if given.isascii() and given.isdigit() and len(given) < 10:
            with reading() as session:
                return values(session, service.get(session, int(given)))
    cell = {name: asked.get(name, "")[:40] for name in ("plan_id", "region_code", "class_code")}
    return {**choices.EMPTY, **cell, "taken_on": clock.today().isoformat()}


@bp.get("/<int:sample_id>")
@requires(P.SAMPLE_READ)
def show(sample_id: int) -> tuple[str, int]:
    return _show(sample_id)


def _show(sample_id: int, form: Form | None = None) -> tuple[str, int]:
    with reading() as session:
        sample = service.get(session, sample_id)
        firm = session.get(Enterprise, sample.enterprise_id)
        labs = [(lab.id, lab.name) for lab in session.scalars(select(Laboratory).where(Laboratory.suspended.is_(False)).order_by(Laboratory.code))]
        lab = session.get(Laboratory, sample.lab_id) if sample.lab_id else None
        page = render_template(
            "samples/show.html", sample=sample, firm=firm, labs=labs, lab=lab.name if lab else "", handovers=list(sample.handovers),
            states=STATES, ways=WAYS, form=form, typed=form.values if form else {}, purposes=documents.PURPOSES, links=LINKS,
            replaced=service.get(session, sample.replaces_id) if sample.replaces_id else None,
        )
    return page, form.status if form else 200


def _done(sample_id: int, message: str) -> BaseResponse:
    flash(message, "success")
    return redirect(url_for("samples.show", sample_id=sample_id), 303)


@bp.post("/<int:sample_id>/seal")
@requires(P.SAMPLE_TAKE)
def seal(sample_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(SealIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.seal(session, actor(), sample_id, version=wanted_version(), **given)
        return _done(sample_id, _("已封样。"))
    return _show(sample_id, form)


@bp.post("/<int:sample_id>/hand-over")
@requires(P.SAMPLE_TAKE)
def hand_over(sample_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(HandOverIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.hand_over(session, actor(), sample_id, version=wanted_version(), **given)
        return _done(sample_id, _("已移交，等待检验机构收样。"))
    return _show(sample_id, form)


@bp.post("/<int:sample_id>/recall")
@requires(P.SAMPLE_TAKE)
def recall(sample_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(RecallIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.recall(session, actor(), sample_id, version=wanted_version(), reason=given["reason"])
        return _done(sample_id, _("已撤回移交，可以改正后再移交。"))
    return _show(sample_id, form)


@bp.post("/<int:sample_id>/void")
@requires(P.SAMPLE_TAKE, step_up=True)
def void(sample_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(VoidIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.void(session, actor(), sample_id, version=wanted_version(), reason=given["reason"])
        return _done(sample_id, _("样品已作废，编号保留。"))
    return _show(sample_id, form)


@bp.route("/receiving", methods=["GET", "POST"])
@requires(P.SAMPLE_RECEIVE)
def receiving() -> BaseResponse | tuple[str, int]:
    """收样 by blind code."""
    form = Form(ReceiptIn(), {"code": request.args.get("code", ""), "pieces": 2})
    if form.posted:
        with form.trying():
            given = form.data()
            with writing() as session:
                sample = service.receive(session, actor(), given["code"], receipt=given["receipt"], accept=given["accept"], reason=given["reason"])
            flash(_("样品 %(code)s 已收样。", code=sample.code) if given["accept"] else _("样品 %(code)s 已拒收。", code=sample.code), "success")
            return redirect(url_for("samples.receiving"), 303)
    with reading() as session:
        columns = select(Sample.id, Sample.code, Sample.product_name, Sample.deliver_by, Sample.deliver_unannounced, Sample.report_by, Sample.report_unannounced)
        open_ones = session.execute(columns.where(Sample.state == "handed_over").order_by(Sample.code).limit(500)).all()
        answered = session.execute(columns.where(Sample.state != "handed_over", Sample.handovers.any(Handover.kind.in_(("received", "refused")))).order_by(Sample.id.desc()).limit(20)).all()
        untested = session.execute(columns.where((Sample.state == "received") | (service.late() & (Sample.state == "tested"))).order_by(Sample.report_by, Sample.code).limit(500)).all()
    return form.render("samples/receiving.html", open_ones=open_ones, answered=answered, untested=untested, today=clock.today())


@bp.get("/<int:sample_id>/sheet.pdf")
@requires(P.SAMPLE_READ)
def sheet(sample_id: int) -> Response:
    with reading() as session:
        sample = service.get(session, sample_id)
        return download(documents.sheet(session, sample, settings()), f"抽样单-{sample.number}.pdf", "application/pdf", inline=True)


@bp.get("/<int:sample_id>/handover.pdf")
@requires(P.SAMPLE_READ, P.SAMPLE_RECEIVE)
def handover(sample_id: int) -> Response:
    with reading() as session:
        sample = service.get(session, sample_id)
        return download(documents.transfer(session, sample, settings()), f"移交确认单-{sample.code}.pdf", "application/pdf", inline=True)


@bp.get("/<int:sample_id>/label.pdf")
@requires(P.SAMPLE_READ)
def label(sample_id: int) -> Response:
    with reading() as session:
        sample = service.get(session, sample_id)
        return download(documents.label(sample, settings()), f"标签-{sample.code}.pdf", "application/pdf", inline=True)

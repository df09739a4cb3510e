"""Cases on screen: the list with what is due, one case with its steps, terms and verbs."""

from __future__ import annotations

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
from inspection.followups import documents, rules, service
from inspection.followups.models import Case
from inspection.followups.schemas import ClosingIn, StepIn
from inspection.forms import Form
from inspection.i18n import N_, _
from inspection.listing import Column, download, exported, listing
from inspection.registers.models import Enterprise
from inspection.samples.models import Sample
from inspection.samples.schemas import LINKS
from inspection.web import actor, reading, settings, wanted_version, writing

bp = Blueprint("followups", __name__, url_prefix="/cases")
FIRM, SAMPLE = Enterprise.__table__.c, Sample.__table__.c
KINDS = {"open": "wait", "noticed": "open", "handling": "open", "rectified": "open", "closed": "good"}
UNFINISHED = ("open", "noticed", "handling")
TERM_STATES = {"met": N_("按期完成"), "late": N_("逾期完成"), "overdue": N_("已逾期"), "lapsed": N_("期限届满，未提出"), "running": N_("期限内"), "unknown": N_("未起算或规则库无此期限")}
LABELS = {"kind": N_("处置环节"), "done_on": N_("办理日期"), "text": N_("办理情况")}


def overdue(case: Case) -> bool:
    """Whether the term to dispose is over and the case still open."""
    return case.state != "closed" and case.due_on is not None and case.due_on < clock.today()


COLUMNS = (
    Column("number", N_("案件编号"), lambda r: r[0].number, Case.number),
    Column("firm", N_("被抽样单位"), lambda r: r[1], FIRM.name),
    Column("product", N_("样品名称"), lambda r: r[2], SAMPLE.product_name),
    Column("link", N_("环节"), lambda r: _(LINKS.get(r[0].link, r[0].link)), Case.link),
    Column("state", N_("状态"), lambda r: _(rules.STATES[r[0].state]), Case.state),
    Column("due", N_("处置期限"), lambda r: show_term(r[0].due_on, r[0].due_unannounced), Case.due_on),
    Column("objection", N_("异议截止"), lambda r: show_term(r[0].objection_until), Case.objection_until),
    Column("late", N_("提示"), lambda r: _("已逾期") if overdue(r[0]) else ""),
)


@home.tasks
def waiting(session: Session, who: Actor) -> list[home.Task]:
    """Failing reports without a case, cases to handle, late cases, cases to close."""
    found = []
    if who.can(P.CASE_HANDLE):
        new = session.scalar(select(func.count()).select_from(service.without_case().order_by(None).subquery())) or 0
        found.append(home.Task(N_("待立案的不合格报告"), new, url_for("followups.index")))
        found.append(home.Task(N_("处置中的案件"), _count(session, *UNFINISHED), url_for("followups.index", unfinished="1")))
    if who.can(P.CASE_CLOSE):
        found.append(home.Task(N_("待结案的案件"), _count(session, "rectified"), url_for("followups.index", state="rectified")))
    if who.can(P.CASE_HANDLE) or who.can(P.CASE_CLOSE):
        found.append(home.Task(N_("逾期未办结的案件"), len(service.overdue(session)), url_for("followups.index", overdue="1"), late=True))
    return found


def _count(session: Session, *states: str) -> int:
    return session.scalar(select(func.count()).select_from(service.listing().where(Case.state.in_(states)).subquery())) or 0


@bp.get("")
@requires(P.CASE_READ)
def index() -> str | Response:
    query: Any = service.listing()
    if (state := request.args.get("state", "")) in rules.STATES:
        query = query.where(Case.state == state)
    if request.args.get("unfinished") == "1":
        query = query.where(Case.state.in_(UNFINISHED))
    if request.args.get("overdue") == "1":
        query = query.where(Case.state != "closed", Case.due_on < clock.today())
    query = query.join(Enterprise.__table__, FIRM.id == Case.enterprise_id).join(Sample.__table__, SAMPLE.id == Case.sample_id)
    query = query.add_columns(FIRM.name, SAMPLE.product_name)
    with reading() as session:
        listed = listing(
            session, query, COLUMNS, search=[Case.number, FIRM.name, FIRM.code, SAMPLE.product_name, SAMPLE.number], default="-number", tie=Case.id
        )
        new = session.scalar(select(func.count()).select_from(service.without_case().order_by(None).subquery())) or 0
        return exported(listed, _("核查处置")) or render_template("followups/index.html", listed=listed, states=rules.STATES, new=new)


@bp.post("/open")
@requires(P.CASE_HANDLE)
def open_() -> BaseResponse:
    with writing() as session:
        made = service.open_cases(session, actor())
    flash(_("已立案 %(n)s 件。", n=len(made)) if made else _("没有待立案的不合格报告。"), "success" if made else "info")
    return redirect(url_for("followups.index"), 303)


@bp.get("/<int:case_id>")
@requires(P.CASE_READ)
def show(case_id: int) -> tuple[str, int]:
    return _show(case_id, Form(StepIn(), {"done_on": clock.today().isoformat()}))


def _show(case_id: int, form: Form, *, closing: bool = False) -> tuple[str, int]:
    with reading() as session:
        case = service.get(session, case_id)
        sample, report = service.sample_of(session, case), service.report_of(session, case)
        firm = session.execute(select(FIRM.name, FIRM.code, FIRM.address, FIRM.phone).where(FIRM.id == case.enterprise_id)).one()
        today = clock.today()
        terms = [(term, term.state(today)) for term in service.deadlines(session, case)]
        return form.render(
            "followups/show.html", case=case, closing=closing, sample=sample, report=report, firm=firm, steps=service.steps(session, case.id), terms=terms,
            lacking=service.lacking(session, case), overturned=service.overturned(report), states=rules.STATES, kinds=KINDS, names=rules.KINDS, term_states=TERM_STATES, overdue=overdue(case),
            options=[(kind, _(rules.KINDS[kind])) for kind in rules.TYPED], links=LINKS, labels={name: _(text) for name, text in LABELS.items()},
            can_be_final=not report.final and report.conclusion == "fail" and rules.may_be_final(service.kinds(session, case.id), case.objection_until, today),
        )  # fmt: skip


def _done(case_id: int, message: str) -> BaseResponse:
    flash(message, "success")
    return redirect(url_for("followups.show", case_id=case_id), 303)


@bp.post("/<int:case_id>/steps")
@requires(P.CASE_HANDLE)
def add_step(case_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(StepIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.add_step(session, actor(), case_id, version=wanted_version(), **given)
        return _done(case_id, _("处置环节已登记。"))
    return _show(case_id, form)


@bp.post("/<int:case_id>/final")
@requires(P.CASE_HANDLE)
def make_final(case_id: int) -> BaseResponse:
    with writing() as session:
        service.make_final(session, actor(), case_id, version=wanted_version())
    return _done(case_id, _("检验结论已确定。"))


@bp.post("/<int:case_id>/close")
@requires(P.CASE_CLOSE)
def close(case_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(ClosingIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.close(session, actor(), case_id, version=wanted_version(), text=given["text"])
        return _done(case_id, _("案件已结案。"))
    return _show(case_id, form, closing=True)


@bp.get("/<int:case_id>/notice.pdf")
@requires(P.CASE_READ)
def notice(case_id: int) -> Response:
    with reading() as session:
        case = service.get(session, case_id)
        return download(documents.notice(session, case, settings()), f"检验结果通知书-{case.number}.pdf", "application/pdf", inline=True)

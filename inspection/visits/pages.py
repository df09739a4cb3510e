"""Visits on screen: the inspector's tasks, the office list, the record, its review, its publication."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection import clock, home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.draws.models import Draw
from inspection.forms import Form
from inspection.i18n import N_, _, show_day
from inspection.listing import Column, download, exported, listing
from inspection.registers.models import Enterprise
from inspection.visits import documents, rules, service, words
from inspection.visits.models import Visit
from inspection.visits.record_form import RecordForm, choices, labels, typed
from inspection.visits.schemas import CorrectionIn, EvidenceIn, OpeningIn, RecordIn, VisitReturnIn
from inspection.web import actor, reading, settings, wanted_version, writing

bp = Blueprint("visits", __name__, url_prefix="/visits")
FIRM, DRAW = Enterprise.__table__.c, Draw.__table__.c
KINDS = {"pending": "wait", "entered": "open", "submitted": "open", "returned": "bad", "approved": "open", "published": "good"}


def late(visit: Visit) -> str:
    """逾期 in words: the term of the task, or of the publication, is over."""
    today = clock.today()
    if visit.state in rules.OPEN and visit.due_to and visit.due_to < today:
        return _("任务逾期")
    if visit.state == "approved" and visit.publish_by and visit.publish_by < today:
        return _("公示逾期")
    return ""



def columns(outcomes: dict[str, str]) -> tuple[Column, ...]:
    """The columns of a list; outcomes in the words of the list in force."""
    return (
        Column("number", N_("任务编号"), lambda r: r[0].number, Visit.number),
        Column("firm", N_("检查对象"), lambda r: r[1], FIRM.name),
        Column("code", N_("代码"), lambda r: r[0].unit_code, Visit.unit_code),
        Column("state", N_("状态"), lambda r: _(rules.STATES[r[0].state]), Visit.state),
        Column("outcome", N_("检查结局"), lambda r: _(outcomes.get(r[0].outcome or "", "—")), Visit.outcome),
        Column("visited", N_("检查日期"), lambda r: show_day(r[0].visited_on), Visit.visited_on),
        Column("due", N_("检查期限"), lambda r: show_day(r[0].due_to), Visit.due_to),
        Column("publish", N_("公示期限"), lambda r: show_day(r[0].publish_by), Visit.publish_by),
        Column("late", N_("提示"), lambda r: late(r[0])),
    )


@home.tasks
def waiting(session: Session, who: Actor) -> list[home.Task]:
    """What waits for an inspector, for the leader, for the publisher, for the officer of the draw."""
    found = []
    today = clock.today()
    if who.can(P.VISIT_RECORD):
        overdue = service.number_of(session, who, *rules.OPEN, mine=True, late=today)
        found.append(home.Task(N_("待完成的检查任务"), service.number_of(session, who, *rules.OPEN, mine=True), url_for("visits.mine"), late=overdue > 0))
    if who.can(P.VISIT_REVIEW):
        found.append(home.Task(N_("待审核的检查记录"), service.number_of(session, who, "submitted"), url_for("visits.index", state="submitted")))
    if who.can(P.PUBLICATION_PUBLISH):
        soon = service.due_soon(session)
        overdue_ = any(visit.publish_by and visit.publish_by < today for visit in soon)
        found.append(home.Task(N_("待公示的检查结果"), service.number_of(session, who, "approved"), url_for("visits.index", state="approved"), late=overdue_))
        found.append(home.Task(N_("公示期限将至的检查结果"), len(soon), url_for("visits.index", state="approved", sort="publish"), late=overdue_))
    if who.can(P.DRAW_PREPARE):
        found.append(home.Task(N_("待下达检查任务的抽取"), len(service.waiting_draws(session)), url_for("visits.index")))
    return found


# --- lists ------------------------------------------------------------------------------------------------------------


@bp.get("")
@requires(P.VISIT_READ, P.PUBLICATION_PUBLISH)
def index() -> str | BaseResponse:
    """The office's list; an inspector has his own."""
    if service.only_own(actor()):
        return redirect(url_for("visits.mine"))
    with reading() as session:
        outcomes = {row.code: row.label for row in words.codes(session, "outcome", clock.today())}
        listed = listing(
            session, _with_firm(_filtered(outcomes, service.listing(actor()))), columns(outcomes), search=[Visit.number, Visit.unit_code, FIRM.name],
            default="number", tie=Visit.id,
        )  # fmt: skip
        if (answer := exported(listed, _("检查任务"))) is not None:
            return answer
        return render_template(
            "visits/index.html", listed=listed, states=rules.STATES, outcomes=outcomes, draws=_draws(session),
            waiting=service.waiting_draws(session) if actor().can(P.DRAW_PREPARE) else [], progress=_progress(session),
        )  # fmt: skip


def _with_firm(query: Select[Any]) -> Select[Any]:
    return query.join(Enterprise.__table__, FIRM.id == Visit.enterprise_id).add_columns(FIRM.name)


def _filtered(outcomes: dict[str, str], query: Select[Any]) -> Select[Any]:
    if (state := request.args.get("state", "")) in rules.STATES:
        query = query.where(Visit.state == state)
    if (outcome := request.args.get("outcome", "")) in outcomes:
        query = query.where(Visit.outcome == outcome)
    if number := request.args.get("draw", "")[:20]:
        query = query.where(Visit.draw_id.in_(select(DRAW.id).where(DRAW.number == number)))
    return query


def _draws(session: Session) -> list[tuple[str, str]]:
    of_visits = service.listing(actor()).with_only_columns(Visit.draw_id)
    rows = session.execute(select(DRAW.number, DRAW.title).where(DRAW.id.in_(of_visits)).order_by(DRAW.id.desc()).limit(100))
    return [(number, title) for number, title in rows]


def _progress(session: Session) -> dict[str, int] | None:
    found = session.scalar(select(DRAW.id).where(DRAW.number == request.args.get("draw", "")[:20]))
    return service.progress(session, found) if found else None


@bp.get("/mine")
@requires(P.VISIT_RECORD)
def mine() -> str:
    """任务: the signed-in inspector's own visits as large cards, the most urgent first."""
    query = _with_firm(service.listing(actor(), mine=True)).add_columns(FIRM.address)
    if (state := request.args.get("state", "open")) != "all":
        query = query.where(Visit.state.in_(rules.OPEN if state == "open" else (state,)))
    with reading() as session:
        listed = listing(session, query, columns({}), search=[Visit.number, FIRM.name, FIRM.address], default="due", tie=Visit.id)
    return render_template("visits/mine.html", listed=listed, state=state, states=rules.STATES, kinds=KINDS, late=late)


@bp.post("/open")
@requires(P.DRAW_PREPARE)
def open_() -> BaseResponse | tuple[str, int]:
    form = Form(OpeningIn())
    given = form.data()
    with writing() as session:
        n = service.open_from_draw(session, actor(), given["draw_id"])
    flash(_("已下达 %(n)s 项检查任务。", n=n) if n else _("检查任务早已下达，没有变化。"), "success" if n else "info")
    return redirect(url_for("visits.index"), 303)


# --- one visit --------------------------------------------------------------------------------------------------------


@bp.get("/<int:visit_id>")
@requires(P.VISIT_READ, P.PUBLICATION_PUBLISH)
def show(visit_id: int) -> tuple[str, int]:
    return _show(visit_id)


def _show(visit_id: int, form: Form | None = None) -> tuple[str, int]:
    with reading() as session:
        visit = service.get(session, actor(), visit_id)
        page = render_template("visits/show.html", visit=visit, form=form, **_shown(session, visit))
    return page, form.status if form else 200


def _shown(session: Session, visit: Visit) -> dict[str, Any]:
    on = visit.visited_on or clock.today()
    replaces, replaced_by = service.of_visit(session, visit)
    people = zip(service.team(session, visit), service.members(session, visit, on), strict=True)
    return {
        "firm": session.execute(select(Enterprise.__table__).where(FIRM.id == visit.enterprise_id)).one(),
        "draw": session.execute(select(DRAW.number, DRAW.title, DRAW.authority).where(DRAW.id == visit.draw_id)).one_or_none(),
        "people": list(people), "on": on, "items": list(visit.items), "states": rules.STATES, "kinds": KINDS, "found": rules.FOUND, "late": late(visit),
        "outcome": words.outcome(session, visit), "results": words.result_codes(session, visit), "follow_up": words.follow_up(session, visit),
        "problems": service.problems(session, visit.id), "versions": typed(service.versions(session, visit.id)), "labels": labels(),
        "member": service.is_member(actor(), visit), "open_states": rules.OPEN, "replaces": replaces, "replaced_by": replaced_by,
        "replaceable": visit.state in ("approved", "published") and visit.outcome in rules.REPLACEABLE and replaced_by is None, "today": clock.today(),
    }  # fmt: skip


@bp.route("/<int:visit_id>/record", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def record(visit_id: int) -> BaseResponse | tuple[str, int]:
    """现场检查记录: draft, 全选无 (an explicit act on what was left open, saved as a draft), submit."""
    with reading() as session:
        visit = service.get(session, actor(), visit_id)
        form = RecordForm(RecordIn(), visit)
    if not form.posted and (visit.state not in rules.OPEN or not service.is_member(actor(), visit)):
        return redirect(url_for("visits.show", visit_id=visit_id))
    if form.posted:
        with form.trying():
            entry = form.data()
            with writing() as write:
                service.record(write, actor(), visit_id, version=wanted_version(), entry=entry, submit=form.step == "submit")
            if form.step == "submit":
                flash(_("记录已提交，等待组长审核。"), "success")
                return redirect(url_for("visits.show", visit_id=visit_id), 303)
            flash(_("未填的检查事项已选为“未发现问题”，请逐项核对后提交。") if form.step == "none" else _("草稿已保存。"), "info")
            return redirect(url_for("visits.record", visit_id=visit_id), 303)
    return _record_page(form, visit_id, correcting=False)


@bp.route("/<int:visit_id>/correct", methods=["GET", "POST"])
@requires(P.VISIT_REVIEW, step_up=True)
def correct(visit_id: int) -> BaseResponse | tuple[str, int]:
    """更正: the whole record again, with the reason."""
    with reading() as session:
        visit = service.get(session, actor(), visit_id)
        form = RecordForm(CorrectionIn(), visit)
    if form.posted:
        with form.trying():
            entry, reason = form.data()
            with writing() as write:
                made = service.correct(write, actor(), visit_id, version=wanted_version(), entry=entry, reason=reason)
            flash(_("已更正为第 %(n)s 版，旧版保留；更正后的结果须另行公示。", n=made.version), "success")
            return redirect(url_for("visits.show", visit_id=visit_id), 303)
    return _record_page(form, visit_id, correcting=True)


def _record_page(form: RecordForm, visit_id: int, *, correcting: bool) -> tuple[str, int]:
    with reading() as session:
        visit = service.get(session, actor(), visit_id)
        firm = session.execute(select(FIRM.name, FIRM.address).where(FIRM.id == visit.enterprise_id)).one()
        people = service.members(session, visit, visit.visited_on)
        offered = choices(session, visit)
        return form.render("visits/record.html", visit=visit, firm=firm, people=people, correcting=correcting, labels=labels(visit), **offered)


# --- steps ------------------------------------------------------------------------------------------------------------


def _done(visit_id: int, message: str, kind: str = "success") -> BaseResponse:
    flash(message, kind)
    return redirect(url_for("visits.show", visit_id=visit_id), 303)


@bp.post("/<int:visit_id>/approve")
@requires(P.VISIT_REVIEW, step_up=True)
def approve(visit_id: int) -> BaseResponse:
    with writing() as session:
        visit = service.approve(session, actor(), visit_id, version=wanted_version())
    return _done(visit_id, _("已审核通过，请于 %(day)s 前公示。", day=show_day(visit.publish_by)))


@bp.post("/<int:visit_id>/return")
@requires(P.VISIT_REVIEW)
def send_back(visit_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(VisitReturnIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.send_back(session, actor(), visit_id, version=wanted_version(), reason=given["reason"])
        return _done(visit_id, _("记录已退回。"), "info")
    return _show(visit_id, form)


@bp.post("/<int:visit_id>/publish")
@requires(P.PUBLICATION_PUBLISH)
def publish(visit_id: int) -> BaseResponse:
    with writing() as session:
        service.publish(session, actor(), visit_id, version=wanted_version())
    return _done(visit_id, _("检查结果已公示。"))


@bp.post("/<int:visit_id>/reserve")
@requires(P.DRAW_PREPARE)
def call_reserve(visit_id: int) -> BaseResponse:
    """候补递补 in the place of a unit that could not be inspected."""
    with writing() as session:
        made = service.call_reserve(session, actor(), visit_id, version=wanted_version())
    return _done(made.id, _("已递补，新的检查任务 %(number)s 已下达并公开。", number=made.number))


@bp.post("/<int:visit_id>/problems/<int:problem_id>/close")
@requires(P.VISIT_REVIEW, P.CASE_HANDLE)
def close_problem(visit_id: int, problem_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(EvidenceIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.close_problem(session, actor(), problem_id, version=wanted_version(), **given)
        return _done(visit_id, _("问题已销号。"))
    return _show(visit_id, form)


@bp.get("/<int:visit_id>/record.pdf")
@requires(P.VISIT_READ)
def sheet(visit_id: int) -> Response:
    with reading() as session:
        visit = service.get(session, actor(), visit_id)
        return download(documents.sheet(session, visit, settings()), f"检查记录表-{visit.number}.pdf", "application/pdf", inline=True)


@bp.get("/<int:visit_id>/notice.pdf")
@requires(P.VISIT_READ)
def notice(visit_id: int) -> Response:
    with reading() as session:
        visit = service.get(session, actor(), visit_id)
        return download(documents.notice_of(session, visit, settings()), f"随机抽查通知书-{visit.number}.pdf", "application/pdf", inline=True)

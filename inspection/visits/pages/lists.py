"""What waits, the office list, the cards of an inspector, tasks issued from a draw."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection import clock, home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.calendar.pages import show_term
from inspection.forms import Form
from inspection.i18n import N_, _, show_day
from inspection.listing import Column, exported, listing
from inspection.registers.models import Enterprise
from inspection.visits import printing, rules, service, words
from inspection.visits.arrival.today import today
from inspection.visits.models import Visit
from inspection.visits.pages.blueprint import DRAW, FIRM, KINDS, bp, late
from inspection.visits.pursuits import KINDS as KINDS_OF
from inspection.visits.pursuits import REFUSAL, TRANSFER
from inspection.visits.schemas import OpeningIn, PrintIn
from inspection.web import actor, reading, writing


def columns(outcomes: dict[str, str]) -> tuple[Column, ...]:
    """The columns of a list; outcomes in the words of the list in force."""
    return (
        Column("number", N_("任务编号"), lambda r: r[0].number, Visit.number),
        Column("firm", N_("检查对象"), lambda r: r[1], FIRM.name),
        Column("code", N_("代码"), lambda r: r[0].unit_code, Visit.unit_code),
        Column("state", N_("状态"), lambda r: _(rules.STATES[r[0].state]), Visit.state),
        Column("outcome", N_("检查结局"), lambda r: outcomes.get(r[0].outcome or "", "—"), Visit.outcome),
        Column("visited", N_("检查日期"), lambda r: show_day(r[0].visited_on), Visit.visited_on),
        Column("due", N_("检查期限"), lambda r: show_day(r[0].due_to), Visit.due_to),
        Column("publish", N_("公示期限"), lambda r: show_term(r[0].publish_by, r[0].publish_by_unannounced), Visit.publish_by),
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
    if who.can(P.CASE_HANDLE) or who.can(P.VISIT_REVIEW):
        for kind, label in ((REFUSAL, N_("待处理的拒绝检查")), (TRANSFER, N_("待移送的无法联系"))):
            rows = session.scalars(service.pursued(who, kind)).all()
            late_ = any(row.due_on and row.due_on < today for row in rows)
            found.append(home.Task(label, len(rows), f"{url_for('visits.index')}?{kind.word}=open", late=late_))
    if who.can(P.PUBLICATION_PUBLISH):
        soon = service.due_soon(session, who)
        overdue_ = any(visit.publish_by and visit.publish_by < today for visit in soon)
        found.append(home.Task(N_("待公示的检查结果"), service.number_of(session, who, "approved"), url_for("visits.publishing"), late=overdue_))
        found.append(home.Task(N_("公示期限将至的检查结果"), len(soon), url_for("visits.publishing", soon=1), late=overdue_))
    if who.can(P.DRAW_PREPARE):
        found.append(home.Task(N_("待下达检查任务的抽取"), len(service.waiting_draws(session)), url_for("visits.index")))
    return found


@bp.get("")
@requires(P.VISIT_READ, P.PUBLICATION_PUBLISH)
def index() -> str | BaseResponse:
    """The office's list; an inspector has his own."""
    if service.only_own(actor()):
        return redirect(url_for("visits.mine"))
    with reading() as session:
        outcomes = words.outcomes(session)
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
    elif outcome == "none":  # every drawn unit must end with one
        query = query.where(Visit.outcome.is_(None))
    for kind in KINDS_OF.values():
        if request.args.get(kind.word) == "open":
            query = query.where(Visit.id.in_(service.open_visits(kind)))
    if request.args.get("swap") == "waiting":
        query = query.where(Visit.id.in_(service.asked_for_swap()))
    if number := request.args.get("draw", "")[:20]:
        query = query.where(Visit.draw_id.in_(select(DRAW.id).where(DRAW.number == number)))
    return query


def _draws(session: Session) -> list[tuple[str, str]]:
    of_visits = service.listing(actor()).with_only_columns(Visit.draw_id)
    rows = session.execute(select(DRAW.number, DRAW.title).where(DRAW.id.in_(of_visits)).order_by(DRAW.id.desc()).limit(100))
    return [(number, title) for number, title in rows]


def _progress(session: Session) -> dict[str, int] | None:
    found = session.scalar(select(DRAW.id).where(DRAW.number == request.args.get("draw", "")[:20]))
    return service.progress(session, actor(), found) if found else None


@bp.get("/mine")
@requires(P.VISIT_RECORD)
def mine() -> str:
    """任务: today's visits in the order of the way; the others as large cards, the most urgent first."""
    state = request.args.get("state", "today")
    if state == "today":
        with reading() as session:
            return render_template("visits/mine.html", today=today(session, actor()), state=state, states=rules.STATES, kinds=KINDS)
    query = _with_firm(service.listing(actor(), mine=True)).add_columns(FIRM.address)
    if state != "all":
        query = query.where(Visit.state.in_(rules.OPEN), service.living()) if state == "open" else query.where(Visit.state == state)
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


@bp.post("/notices")
@requires(P.DRAW_PREPARE, P.VISIT_REVIEW)
def print_notices() -> BaseResponse:
    """Ask for all notices of a draw; the page of the job shows its bar."""
    form = Form(PrintIn())
    given = form.data()
    with writing() as session:
        job = printing.ask(session, actor(), **given)
    return redirect(url_for("jobs.show", job_id=job.id), 303)

"""问题整改 on screen: the list with what is late, the rates with numerator and denominator, one problem with its history."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inspection import clock, home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.forms import Form
from inspection.i18n import N_, _, show_day
from inspection.listing import Column, exported, listing
from inspection.registers.models import Department, Region
from inspection.visits import service
from inspection.visits.models import Problem, Visit, VisitMember
from inspection.visits.pages.blueprint import FIRM, bp
from inspection.visits.rectification import rules
from inspection.visits.rectification.schemas import ExtensionDecisionIn, ExtensionIn, RecheckIn
from inspection.web import actor, reading, wanted_version, writing

SHAPES = {"yellow": "▲", "red": "■"}  # a card is a shape and a word, never a colour alone
KINDS = {"open": "open", "closed": "good", "withdrawn": "plain"}
FILTERS = {"open": N_("待整改"), "due": N_("到期未销号"), "late": N_("逾期未销号"), "yellow": N_("黄牌"), "red": N_("红牌"), "asked": N_("待批准延期"), "closed": N_("已销号"), "withdrawn": N_("已撤销")}
LABELS = {"rechecked_on": N_("复查日期"), "evidence": N_("复查证据"), "passed": N_("复查结论"), "until": N_("延长至"), "reason": N_("理由"), "granted": N_("是否同意")}


def late_text(problem: Problem, today: date, limits: rules.Thresholds) -> str:
    """How late an open problem is, with the shape and the word of its card."""
    if problem.state != "open":
        return ""
    late = rules.days_late(problem.rectify_by, today)
    if late is None:
        return _("未定改正期限")
    if not late:
        return ""
    card = rules.card(problem.state, problem.rectify_by, today, limits)
    said = _("逾期 %(n)s 天", n=late)
    return f"{SHAPES[card]} {_(rules.CARDS[card])} · {said}" if card else said


@home.tasks
def waiting(session: Session, who: Actor) -> list[home.Task]:
    """Problems past their term, and extensions that wait for the leader."""
    if not who.can(P.CASE_HANDLE) and not who.can(P.VISIT_REVIEW):
        return []
    late = _number(session, _chosen(service.found(who), "late", None))
    tasks = [home.Task(N_("逾期未销号的问题"), late, url_for("visits.problem_list", show="late"), late=late > 0)]
    if who.can(P.VISIT_REVIEW):
        tasks.append(home.Task(N_("待批准的整改延期"), _number(session, _chosen(service.found(who), "asked", None)), url_for("visits.problem_list", show="asked")))
    return tasks


def _number(session: Session, query: Select[Any]) -> int:
    return len(session.scalars(query.with_only_columns(Problem.id)).all())


@bp.get("/problems")
@requires(P.VISIT_READ)
def problem_list() -> str | Response:
    """Every problem the actor may see."""
    today = clock.today()
    with reading() as session:
        limits = service.thresholds(session, today)
        query = _chosen(_narrowed(service.found(actor())), request.args.get("show", ""), limits)
        query = query.join(Visit, Visit.id == Problem.visit_id).join(FIRM.id.table, FIRM.id == Visit.enterprise_id)
        listed = listing(
            session, query.add_columns(FIRM.name, Visit.number), _columns(session, today, limits), search=[FIRM.name, Problem.description, Visit.number],
            default="due", tie=Problem.id,
        )  # fmt: skip
        if (answer := exported(listed, _("问题整改"))) is not None:
            return answer
        total, areas, departments = service.completions(session, actor(), today)
        return render_template(
            "visits/problems.html", listed=listed, filters=FILTERS, total=total, share=rules.share, limits=limits,
            areas=_named(session, areas, Region), departments=_named(session, departments, Department),
        )  # fmt: skip


def _columns(session: Session, today: date, limits: rules.Thresholds) -> tuple[Column, ...]:
    units, names = service.departments_of(session), _names(session, Department)
    return (
        Column("firm", N_("检查对象"), lambda r: r[1], FIRM.name),
        Column("problem", N_("问题"), lambda r: r[0].description),
        Column("measure", N_("处置措施"), lambda r: r[0].measure),
        Column("due", N_("改正期限"), lambda r: show_day(r[0].rectify_by), Problem.rectify_by),
        Column("late", N_("逾期"), lambda r: late_text(r[0], today, limits)),
        Column("state", N_("状态"), lambda r: _(rules.STATES[r[0].state]), Problem.state),
        Column("rechecked", N_("复查日期"), lambda r: show_day(r[0].rechecked_on), Problem.rechecked_on),
        Column("departments", N_("检查部门"), lambda r: "、".join(names.get(code, code) for code in units.get(r[0].visit_id, ()))),
        Column("number", N_("任务编号"), lambda r: r[2], Visit.number),
    )


def _chosen(query: Select[Any], show: str, limits: rules.Thresholds | None) -> Select[Any]:
    """Narrowed to one of the words of the filter."""
    today = clock.today()
    open_ = query.where(Problem.state == "open")
    if show in rules.STATES:
        return query.where(Problem.state == show)
    if show == "due":
        return open_.where(or_(Problem.rectify_by.is_(None), Problem.rectify_by <= today))
    if show == "late":
        return open_.where(Problem.rectify_by < today)
    if show == "asked":
        return open_.where(Problem.id.in_(service.asked_for_extension()))
    if limits and show == "red":
        return open_.where(Problem.rectify_by <= today - timedelta(days=limits.red))
    if limits and show == "yellow":
        return open_.where(Problem.rectify_by <= today - timedelta(days=limits.yellow), Problem.rectify_by > today - timedelta(days=limits.red))
    return query


def _narrowed(query: Select[Any]) -> Select[Any]:
    """By area and by department, as the links in the tables of rates ask."""
    if area := request.args.get("area", "")[:12]:
        query = query.where(Problem.region_code == area)
    if unit := request.args.get("department", "")[:64]:
        of_unit = select(VisitMember.visit_id).where(VisitMember.inspector_id.in_(service.people_of(unit)))
        query = query.where(Problem.visit_id.in_(of_unit))
    return query


def _names(session: Session, kind: Any) -> dict[str, str]:
    return dict(session.execute(select(kind.code, kind.name)).all())


def _named(session: Session, tallies: dict[str, rules.Tally], kind: Any) -> list[tuple[str, str, rules.Tally]]:
    names = _names(session, kind)
    return [(code, names.get(code, code), found) for code, found in tallies.items()]


# --- one problem ------------------------------------------------------------------------------------------------------


@bp.get("/problems/<int:problem_id>")
@requires(P.VISIT_READ)
def problem(problem_id: int) -> tuple[str, int]:
    return _page(problem_id)


def _page(problem_id: int, form: Form | None = None) -> tuple[str, int]:
    today = clock.today()
    with reading() as session:
        row, visit = service.get_problem(session, actor(), problem_id)
        steps = service.steps(session, row.id)
        page = render_template(
            "visits/problem.html", problem=row, visit=visit, steps=steps, words=rules.STEPS, states=rules.STATES, kinds=KINDS, form=form,
            firm=session.scalar(select(FIRM.name).where(FIRM.id == visit.enterprise_id)), labels={name: _(text) for name, text in LABELS.items()},
            late=late_text(row, today, service.thresholds(session, today)), may_ask=_may_ask(row, steps, today), asked=_asked(steps),
        )  # fmt: skip
    return page, form.status if form else 200


def _asked(steps: list[Any]) -> Any:
    """The step that asks for an extension and waits."""
    last = [step for step in steps if step.kind.startswith("extension_")]
    return last[-1] if last and last[-1].kind == "extension_asked" else None


def _may_ask(row: Problem, steps: list[Any], today: date) -> bool:
    within = row.state == "open" and row.rectify_by is not None and today <= row.rectify_by
    return within and not _asked(steps) and all(step.kind != "extension_granted" for step in steps)


def _done(problem_id: int, message: str) -> Response:
    flash(message, "success")
    return redirect(url_for("visits.problem", problem_id=problem_id), 303)


@bp.post("/problems/<int:problem_id>/recheck")
@requires(P.VISIT_REVIEW, P.CASE_HANDLE)
def recheck(problem_id: int) -> Response | tuple[str, int]:
    form = Form(RecheckIn())
    with form.trying():
        given = form.data()
        passed = given.pop("passed")
        with writing() as session:
            (service.close_problem if passed else service.fail_recheck)(session, actor(), problem_id, version=wanted_version(), **given)
        return _done(problem_id, _("问题已销号。") if passed else _("复查不合格已登记，问题仍待整改。"))
    return _page(problem_id, form)


@bp.post("/problems/<int:problem_id>/extension")
@requires(P.VISIT_RECORD, P.VISIT_REVIEW, P.CASE_HANDLE)
def ask_extension(problem_id: int) -> Response | tuple[str, int]:
    form = Form(ExtensionIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.ask_extension(session, actor(), problem_id, version=wanted_version(), **given)
        return _done(problem_id, _("延期申请已提交，须由另一人批准。"))
    return _page(problem_id, form)


@bp.post("/problems/<int:problem_id>/extension/decide")
@requires(P.VISIT_REVIEW, step_up=True)
def decide_extension(problem_id: int) -> Response | tuple[str, int]:
    form = Form(ExtensionDecisionIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            row = service.decide_extension(session, actor(), problem_id, version=wanted_version(), **given)
        return _done(problem_id, _("已批准延期至 %(day)s。", day=show_day(row.rectify_by)) if given["granted"] else _("延期申请已驳回，改正期限不变。"))
    return _page(problem_id, form)

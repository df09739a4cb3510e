"""换人 on screen: the officer's request, the leader's decision."""

from __future__ import annotations

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection import home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.forms import Form
from inspection.i18n import N_, _
from inspection.registers.models import Inspector
from inspection.visits import service, words
from inspection.visits.following_schemas import SwapIn
from inspection.visits.models import Visit
from inspection.visits.pages.blueprint import FIRM, bp, departments, done
from inspection.visits.pages.one import page_of
from inspection.visits.record_form import marked
from inspection.visits.schemas import VisitReturnIn
from inspection.web import actor, reading, wanted_version, writing


@home.tasks
def waiting(session: Session, who: Actor) -> list[home.Task]:
    """Requests that wait for the leader's decision."""
    if not who.can(P.VISIT_REVIEW):
        return []
    found = service.waiting_swaps(session, who)
    url = url_for("visits.show", visit_id=found[0]) if len(found) == 1 else url_for("visits.index", swap="waiting")
    return [home.Task(N_("待批准的换人申请"), len(found), url)]


@bp.route("/<int:visit_id>/swap", methods=["GET", "POST"])
@requires(P.DRAW_PREPARE)
def swap(visit_id: int) -> BaseResponse | tuple[str, int]:
    """申请换人: which seat, who comes, why, with what evidence."""
    form = Form(SwapIn())
    if form.posted:
        with form.trying():
            given = form.data()
            with writing() as write:
                service.request_swap(write, actor(), visit_id, version=wanted_version(), **given)
            return done(visit_id, _("换人申请已提交，须由另一人批准。"), "info")
    with reading() as session:
        visit = service.get(session, actor(), visit_id)
        return form.render("visits/swap.html", visit=visit, **_choices(session, visit))


def _choices(session: Session, visit: Visit) -> dict[str, object]:
    names = {person.code: person.name for person in service.team(session, visit)}
    seats = [(seat, f"{seat} · {names.get(code, code) or _('空缺')}") for seat, code in service.seats(session, visit).items()]
    people = session.execute(
        select(Inspector.code, Inspector.name, Inspector.department_code).where(Inspector.active.is_(True), Inspector.code.not_in(names)).order_by(Inspector.code)
    )
    reasons = [(row.code, marked(row)) for row in words.swap_reasons(session)]
    units = departments(session)
    firm = session.scalar(select(FIRM.name).where(FIRM.id == visit.enterprise_id))
    return {"seats": seats, "people": [(code, f"{code} {name}（{units.get(unit, unit)}）") for code, name, unit in people], "reasons": reasons, "firm": firm}


@bp.post("/<int:visit_id>/swaps/<int:request_id>/approve")
@requires(P.VISIT_REVIEW, step_up=True)
def approve_swap(visit_id: int, request_id: int) -> BaseResponse:
    with writing() as session:
        service.approve_swap(session, actor(), visit_id, request_id, version=wanted_version())
    return done(visit_id, _("已批准换人，检查组已更换。"))


@bp.post("/<int:visit_id>/swaps/<int:request_id>/decline")
@requires(P.VISIT_REVIEW)
def decline_swap(visit_id: int, request_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(VisitReturnIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.decline_swap(session, actor(), visit_id, request_id, reason=given["reason"])
        return done(visit_id, _("换人申请已驳回。"), "info")
    return page_of(visit_id, form, f"swap-{request_id}")

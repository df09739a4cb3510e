"""One visit: what it says, the steps of the leader, the publisher and the officer, its papers."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection import clock
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.calendar.pages import show_term
from inspection.forms import Form
from inspection.i18n import _
from inspection.listing import download
from inspection.registers.models import Enterprise
from inspection.rulebook.models import Code
from inspection.visits import documents, rules, service, words
from inspection.visits.arrival import service as arrivals
from inspection.visits.following_schemas import PursuitIn
from inspection.visits.models import Pursued, Visit
from inspection.visits.pages import attaching, signing
from inspection.visits.pages.blueprint import DRAW, FIRM, KINDS, PURSUITS, bp, departments, done, late
from inspection.visits.pursuits import KINDS as KINDS_OF
from inspection.visits.pursuits import Kind
from inspection.visits.record_form import labels, typed
from inspection.visits.rectification.schemas import EvidenceIn
from inspection.visits.schemas import VisitReturnIn
from inspection.visits.targeted import service as targeted
from inspection.visits.unreached import service as unreached
from inspection.web import actor, reading, settings, wanted_version, writing


@bp.get("/<int:visit_id>")
@requires(P.VISIT_READ, P.PUBLICATION_PUBLISH)
def show(visit_id: int) -> tuple[str, int]:
    return page_of(visit_id)


def page_of(visit_id: int, form: Form | None = None, at: str = "") -> tuple[str, int]:
    """The page of a visit, with a refused form in it; `at` says which of its forms it was, so that nobody types it again."""
    with reading() as session:
        visit = service.get(session, actor(), visit_id)
        page = render_template("visits/show.html", visit=visit, form=form, typed=form.values if form else {}, at=at, **_shown(session, visit))
    return page, form.status if form else 200


def _shown(session: Session, visit: Visit) -> dict[str, Any]:
    on = visit.visited_on or clock.today()
    replaces, replaced_by = service.of_visit(session, visit)
    people = zip(service.team(session, visit), service.members(session, visit, on), strict=True)
    inspected = session.get_one(Enterprise, visit.enterprise_id, execution_options={"unscoped": True})
    return {
        "inspections_this_year": inspected.inspections_this_year,
        "firm": session.execute(select(Enterprise.__table__).where(FIRM.id == visit.enterprise_id)).one(),
        "draw": session.execute(select(DRAW.number, DRAW.title, DRAW.authority, DRAW.state).where(DRAW.id == visit.draw_id)).one_or_none(),
        "people": list(people), "departments": departments(session), "on": on, "items": list(visit.items), "owners": service.owners_of(session, visit), "states": rules.STATES, "kinds": KINDS, "found": rules.FOUND, "late": late(visit),
        **words.shown(session, visit), "problems": service.problems(session, visit.id), "versions": typed(service.versions(session, visit.id)), "labels": labels(),
        "member": service.is_member(actor(), visit), "open_states": rules.OPEN, "replaces": replaces, "replaced_by": replaced_by,
        "replaceable": visit.state in ("approved", "published") and visit.outcome in rules.REPLACEABLE and replaced_by is None, "today": clock.today(),
        **attaching.shown(session, visit), **signing.shown(session, visit) | {"may_sign": False}, "arrivals": arrivals.of_visit(session, visit.id),
        "pursuits": _pursuits(session, visit), "source": targeted.source_of(session, visit), "settled": service.settled(session, visit), "contacts": unreached.of_visit(session, visit.id), "ways": unreached.ways(session), "methods": [_(method) for method in visit.methods], **_swaps(session, visit),
    }  # fmt: skip


def _pursuits(session: Session, visit: Visit) -> list[tuple[str, str, Pursued, list[Code]]]:
    """(word, title, row, measures) of what follows this visit."""
    rows = [(kind, service.pursuit_of(session, kind, visit.id)) for kind in KINDS_OF.values()]
    return [(kind.word, PURSUITS[kind.word], row, service.measures(session, kind)) for kind, row in rows if row is not None]


def _swaps(session: Session, visit: Visit) -> dict[str, Any]:
    """Requests to swap an inspector, for those who ask and those who decide: their evidence may speak of somebody's health."""
    if not actor().can(P.DRAW_PREPARE) and not actor().can(P.VISIT_REVIEW):
        return {"swaps": [], "swap_reasons": {}, "swappable": False}
    asked = service.requests_of(session, visit.id)
    swappable = visit.draw_id is not None and visit.state in rules.UNSUBMITTED and all(row.decision for row in asked)
    return {"swaps": asked, "swap_reasons": {row.code: row for row in words.swap_reasons(session)}, "swappable": swappable}


@bp.post("/<int:visit_id>/approve")
@requires(P.VISIT_REVIEW, step_up=True)
def approve(visit_id: int) -> BaseResponse:
    with writing() as session:
        visit = service.approve(session, actor(), visit_id, version=wanted_version())
    return done(visit_id, _("已审核通过，请于 %(day)s 前公示。", day=show_term(visit.publish_by, visit.publish_by_unannounced)))


@bp.post("/<int:visit_id>/return")
@requires(P.VISIT_REVIEW)
def send_back(visit_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(VisitReturnIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.send_back(session, actor(), visit_id, version=wanted_version(), reason=given["reason"])
        return done(visit_id, _("记录已退回。"), "info")
    return page_of(visit_id, form, "return")


@bp.post("/<int:visit_id>/publish")
@requires(P.PUBLICATION_PUBLISH)
def publish(visit_id: int) -> BaseResponse:
    with writing() as session:
        service.publish(session, actor(), visit_id, version=wanted_version())
    return done(visit_id, _("检查结果已公示。"))


@bp.post("/<int:visit_id>/reserve")
@requires(P.DRAW_PREPARE)
def call_reserve(visit_id: int) -> BaseResponse:
    """候补递补 in the place of a unit that could not be inspected."""
    with writing() as session:
        made = service.call_reserve(session, actor(), visit_id, version=wanted_version())
    return done(made.id, _("已递补，新的检查任务 %(number)s 已下达并公开。", number=made.number))


@bp.post("/<int:visit_id>/problems/<int:problem_id>/close")
@requires(P.VISIT_REVIEW, P.CASE_HANDLE)
def close_problem(visit_id: int, problem_id: int) -> BaseResponse | tuple[str, int]:
    form = Form(EvidenceIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.close_problem(session, actor(), problem_id, version=wanted_version(), **given)
        return done(visit_id, _("问题已销号。"))
    return page_of(visit_id, form, f"problem-{problem_id}")


@bp.post("/<int:visit_id>/refusal/close")
@requires(P.VISIT_REVIEW, P.CASE_HANDLE)
def close_refusal(visit_id: int) -> BaseResponse | tuple[str, int]:
    return _settle(visit_id, KINDS_OF["refusal"])


@bp.post("/<int:visit_id>/transfer/close")
@requires(P.VISIT_REVIEW, P.CASE_HANDLE)
def close_transfer(visit_id: int) -> BaseResponse | tuple[str, int]:
    return _settle(visit_id, KINDS_OF["transfer"])


def _settle(visit_id: int, kind: Kind) -> BaseResponse | tuple[str, int]:
    """办结 of a refusal, or of a firm that cannot be reached."""
    form = Form(PursuitIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.settle(session, actor(), kind, visit_id, version=wanted_version(), **given)
        return done(visit_id, _("后续处理已办结。"))
    return page_of(visit_id, form, kind.word)


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

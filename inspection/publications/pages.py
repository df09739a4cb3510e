"""Publications on screen: draft, preview, approve, publish, correct, withdraw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection import home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.forms import Form
from inspection.i18n import N_, _, language, show_moment
from inspection.indicators.models import Aggregate, Indicator
from inspection.listing import Column, download, exported, listing
from inspection.plans.models import Plan
from inspection.publications import rules, service
from inspection.publications.models import Publication, Withdrawal
from inspection.publications.schemas import BulletinIn, ReplyIn
from inspection.registers.models import Region
from inspection.samples.documents import PURPOSES
from inspection.web import actor, reading, settings, wanted_version, writing
from reports import tables

Verb = Callable[[Session, service.NewBulletin], Publication]
bp = Blueprint("publications", __name__, url_prefix="/publications")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

COLUMNS = (
    Column("id", N_("序号"), lambda p: p.id, Publication.id, numeric=True),
    Column("number", N_("文号"), lambda p: p.issue.number if p.issue else "—"),
    Column("title", N_("标题"), lambda p: p.title, Publication.title),
    Column("state", N_("状态"), lambda p: _(rules.STATES[p.state]), Publication.state),
    Column("author", N_("起草"), lambda p: p.created_by_name, Publication.created_by_name),
    Column("created", N_("起草时间"), lambda p: show_moment(p.created_at), Publication.created_at),
)


@home.tasks
def waiting(session: Session, who: Actor) -> list[home.Task]:
    """Drafts to approve, approved ones to publish."""
    found = []
    for permission, state, label in ((P.PUBLICATION_APPROVE, "submitted", N_("待审批的通告")), (P.PUBLICATION_PUBLISH, "approved", N_("待公布的通告"))):
        if who.can(permission):
            n = session.scalar(select(func.count()).select_from(Publication).where(Publication.state == state)) or 0
            found.append(home.Task(label, n, url_for("publications.index")))
    return found


@bp.get("")
@requires(P.PUBLICATION_READ)
def index() -> str | Response:
    with reading() as session:
        listed = listing(session, service.listing(), COLUMNS, search=[Publication.title], default="-id", tie=Publication.id)
        return exported(listed, _("公示与通告")) or render_template("publications/index.html", listed=listed)


def _choices() -> dict[str, Any]:
    with reading() as session:
        rows = session.execute(select(Region.code, Region.name).where(Region.level != "township").order_by(Region.code))
        plans = session.execute(select(Plan.id, Plan.title).order_by(Plan.id.desc()))
        targets = session.scalars(select(Indicator).where(Indicator.kind == "rate").order_by(Indicator.jurisdiction, Indicator.id))
        aggregates = session.execute(select(Aggregate.id, Aggregate.name).order_by(Aggregate.id.desc()))
        return {
            "places": [tuple(row) for row in rows],
            "plans": [tuple(row) for row in plans],
            "targets": [(i.id, f"{i.jurisdiction} · {i.name}") for i in targets],
            "aggregates": [tuple(row) for row in aggregates],
        }


@bp.route("/new", methods=["GET", "POST"])
@requires(P.PUBLICATION_DRAFT)
def new() -> BaseResponse | tuple[str, int]:
    return _drafted({"decimals": 2, "plan_id": request.args.get("plan_id", "")}, lambda session, given: service.draft(session, actor(), given, settings()))


@bp.route("/<int:publication_id>/edit", methods=["GET", "POST"])
@requires(P.PUBLICATION_DRAFT)
def edit(publication_id: int) -> BaseResponse | tuple[str, int]:
    def revise(session: Session, given: service.NewBulletin) -> Publication:
        return service.revise(session, actor(), publication_id, given, settings(), version=wanted_version())

    with reading() as session:
        row = service.get(session, publication_id)
    return _drafted(_values(row), revise, row=row)


@bp.route("/<int:publication_id>/correct", methods=["GET", "POST"])
@requires(P.PUBLICATION_CORRECT)
def correct(publication_id: int) -> BaseResponse | tuple[str, int]:
    with reading() as session:
        values = _values(service.get(session, publication_id))
    return _drafted(
        {**values, "reason": ""}, lambda session, given: service.draft(session, actor(), given, settings(), corrects_id=publication_id),
        corrects_id=publication_id,
    )


def _values(row: Publication) -> dict[str, Any]:
    return {**row.parameters, "basis": "\n".join(row.parameters["basis"]), "measures": "\n".join(row.parameters["measures"])}


def _drafted(values: dict[str, Any], verb: Verb, **context: Any) -> BaseResponse | tuple[str, int]:
    form = Form(BulletinIn(), values)
    if form.posted:
        with form.trying():
            given = form.data()
            with writing() as session:
                made = verb(session, given)
            flash(_("通告已起草，请核对预览后提交审批。"), "success")
            return redirect(url_for("publications.show", publication_id=made.id), 303)
    return form.render("publications/form.html", purposes=PURPOSES, **{"corrects_id": None, "row": None, **context}, **_choices())


@bp.get("/<int:publication_id>")
@requires(P.PUBLICATION_READ)
def show(publication_id: int) -> tuple[str, int]:
    return _show(publication_id)


def _show(publication_id: int, form: Form | None = None) -> tuple[str, int]:
    with reading() as session:
        publication = service.get(session, publication_id)
        document = publication.issue.content if publication.issue else publication.draft
        page = render_template(
            "publications/show.html", plain=rules.plain_words(document, english=language() == "en"), publication=publication, issue=publication.issue, states=rules.STATES, form=form,
            withdrawal=session.get(Withdrawal, publication_id), body=document.get("content", {}),
        )
    return page, form.status if form else 200


@bp.get("/<int:publication_id>/preview.pdf")
@requires(P.PUBLICATION_READ)
def preview(publication_id: int) -> Response:
    with reading() as session:
        publication = service.get(session, publication_id)
        issue = publication.issue
        data = issue.pdf if issue else service.preview_pdf(publication)
    return download(data, f"{issue.number if issue else _('草稿')}.pdf", "application/pdf", inline=True)


@bp.get("/<int:publication_id>/tables.xlsx")
@requires(P.PUBLICATION_READ)
def workbook(publication_id: int) -> Response:
    with reading() as session:
        publication = service.get(session, publication_id)
        made = service.content_of(publication)
    return download(tables.to_xlsx(tables.bulletin_sheets(made)), f"{publication.title}.xlsx", XLSX)


def _step(publication_id: int, verb: Any, message: str, *more: Any) -> BaseResponse:
    with writing() as session:
        verb(session, actor(), publication_id, *more, version=wanted_version())
    flash(message, "success")
    return redirect(url_for("publications.show", publication_id=publication_id), 303)


@bp.post("/<int:publication_id>/refresh")
@requires(P.PUBLICATION_DRAFT)
def refresh(publication_id: int) -> BaseResponse:
    return _step(publication_id, service.refresh, _("已按现在的数据重新计算。"), settings())


@bp.post("/<int:publication_id>/submit")
@requires(P.PUBLICATION_DRAFT)
def submit(publication_id: int) -> BaseResponse:
    return _step(publication_id, service.submit, _("已提交审批。"))


@bp.post("/<int:publication_id>/approve")
@requires(P.PUBLICATION_APPROVE)
def approve(publication_id: int) -> BaseResponse:
    return _step(publication_id, service.approve, _("已批准。"))


@bp.post("/<int:publication_id>/publish")
@requires(P.PUBLICATION_PUBLISH)
def publish(publication_id: int) -> BaseResponse:
    return _step(publication_id, service.publish, _("已编号并公布。"), settings())


def _with_reason(publication_id: int, verb: Any, message: str) -> BaseResponse | tuple[str, int]:
    form = Form(ReplyIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            verb(session, actor(), publication_id, version=wanted_version(), reason=given["reason"])
        flash(message, "info")
        return redirect(url_for("publications.show", publication_id=publication_id), 303)
    return _show(publication_id, form)


@bp.post("/<int:publication_id>/return")
@requires(P.PUBLICATION_APPROVE)
def send_back(publication_id: int) -> BaseResponse | tuple[str, int]:
    return _with_reason(publication_id, service.send_back, _("已退回。"))


@bp.post("/<int:publication_id>/withdraw")
@requires(P.PUBLICATION_CORRECT)
def withdraw(publication_id: int) -> BaseResponse | tuple[str, int]:
    return _with_reason(publication_id, service.withdraw, _("已撤回，原件保留并标明。"))


"""待公示: approved results by the day on which their term ends, published by hand, several at once."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.calendar.pages import show_term
from inspection.forms import Form
from inspection.i18n import N_, _, show_day, translate
from inspection.listing import Column, Listing, exported, listing
from inspection.registers.models import Enterprise
from inspection.visits import service, words
from inspection.visits.models import Visit
from inspection.visits.pages.blueprint import DRAW, FIRM, bp
from inspection.visits.publishing import Standing
from inspection.visits.publishing_schemas import PublishingForm
from inspection.web import actor, reading, writing


def left(standing: Standing) -> tuple[str, str]:
    """How long a result may still wait, in words, and the shape that goes with them."""
    if standing.left is None:
        return _("没有期限"), "plain"
    if standing.left < 0:
        return _("逾期 %(n)s 个工作日", n=-standing.left), "bad"
    if standing.left == 0:
        return _("今天到期"), "bad"
    return _("还剩 %(n)s 个工作日", n=standing.left), "open" if standing.soon else "wait"


def _columns(outcomes: dict[str, str], standings: dict[int, Standing]) -> tuple[Column, ...]:
    return (
        Column("number", N_("任务编号"), lambda r: r[0].number, Visit.number),
        Column("firm", N_("检查对象"), lambda r: r[1], FIRM.name),
        Column("draw", N_("抽取"), lambda r: r[2], DRAW.number),
        Column("outcome", N_("检查结局"), lambda r: outcomes.get(r[0].outcome or "", "—"), Visit.outcome),
        Column("formed", N_("结果形成"), lambda r: show_day(r[0].formed_on), Visit.formed_on),
        Column("due", N_("公示期限"), lambda r: show_term(r[0].publish_by, r[0].publish_by_unannounced), Visit.publish_by),
        Column("left", N_("剩余"), lambda r: left(standings[r[0].id])[0]),
        Column("note", N_("说明"), lambda r: note(standings[r[0].id])),
    )


def note(standing: Standing) -> str:
    """Why a result cannot be published now, or that it corrects a public one."""
    if standing.obstacle is not None:
        return translate(standing.obstacle.template, standing.obstacle.params)
    return _("更正：旧版已公示，公示后新旧并存") if standing.corrects else ""


def _listed(session: Session) -> tuple[Listing, dict[int, Standing]]:
    query = service.waiting(session, actor(), soon=request.args.get("soon") == "1")
    query = query.join(Enterprise.__table__, FIRM.id == Visit.enterprise_id).outerjoin(DRAW.id.table, DRAW.id == Visit.draw_id)
    outcomes = words.outcomes(session)
    standings: dict[int, Standing] = {}
    found = listing(
        session, query.add_columns(FIRM.name, DRAW.number), _columns(outcomes, standings), search=[Visit.number, Visit.unit_code, FIRM.name],
        default="due", tie=Visit.id,
    )  # fmt: skip
    until = service.warned_until(session)
    standings |= {row[0].id: service.standing(session, actor(), row[0], until) for row in found.rows}
    return found, standings


def page(form: Form | None = None) -> str | Response:
    with reading() as session:
        listed, standings = _listed(session)
        return exported(listed, _("待公示")) or render_template(
            "visits/publishing.html", listed=listed, standings=standings, left=left, form=form, labels={"visits": _("要公示的结果")}
        )


@bp.get("/publishing")
@requires(P.PUBLICATION_PUBLISH, P.VISIT_REVIEW)
def publishing() -> str | Response:
    return page()


@bp.post("/publishing")
@requires(P.PUBLICATION_PUBLISH)
def publish_chosen() -> BaseResponse | tuple[str | Response, int]:
    """Publish the chosen rows, all or none."""
    form = Form(PublishingForm())
    with form.trying():
        given = form.data()
        with writing() as session:
            made = service.publish_many(session, actor(), [(row["id"], row["version"]) for row in given])
        flash(_("已公示 %(n)s 条检查结果。", n=len(made)), "success")
        return redirect(url_for("visits.publishing"), 303)
    return page(form), form.status

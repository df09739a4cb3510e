"""Targets and where the data stand: value, interval, verdict, and what is still needed to decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inspection import web
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.forms import Form
from inspection.i18n import _
from inspection.indicators import aggregates, service
from inspection.indicators.drawn import pages as drawn
from inspection.indicators.licensed import pages as licensed
from inspection.indicators.models import Indicator
from inspection.indicators.schemas import ExternalIn, PeriodIn
from inspection.registers.models import Enterprise
from inspection.scope import covers, overlaps
from inspection.web import actor, reading, writing

bp = Blueprint("indicators", __name__, url_prefix="/indicators")
blueprints = [bp, drawn.bp, licensed.bp, aggregates.bp]


def period() -> tuple[date, date]:
    """The days asked for in the address; this year until today by default."""
    asked = {name: text for name in ("since", "until") if (text := request.args.get(name, ""))}
    try:
        given = PeriodIn().load(asked)
    except ValidationError as error:
        raise Invalid("bad-period", "起止日期应写成 2026-01-01 的形式，且是真实的日期。", fields=web.flat(error.messages)) from None
    return service.period(given["since"], given["until"])


@bp.get("")
@requires(P.INDICATOR_READ)
def index() -> str:
    since, until = period()
    place = request.args.get("place", "")[:60]
    with reading() as session:
        found = session.scalars(service.listing().order_by(Indicator.jurisdiction, Indicator.id)).all()
        places = list(dict.fromkeys(i.jurisdiction for i in found))
        chosen = place if place in places else _near(session, found)
        values = [service.evaluate(session, i, since, until) for i in found if i.jurisdiction == chosen]
    return render_template("indicators/index.html", values=values, places=places, chosen=chosen, since=since, until=until, summary=service.summary(values))


def _near(session: Session, found: Sequence[Indicator]) -> str:
    """The place to begin with: that of the actor's region, or of the firms where he works everywhere; else the last."""
    here = actor().region_code or session.scalar(select(Enterprise.region_code).order_by(Enterprise.id).limit(1))
    own = [row.jurisdiction for row in found if row.region_code and here and overlaps(row.region_code, here)]
    return own[-1] if own else found[-1].jurisdiction if found else ""


@bp.get("/<int:indicator_id>")
@requires(P.INDICATOR_READ)
def show(indicator_id: int) -> tuple[str, int]:
    return _show(indicator_id)


def _show(indicator_id: int, form: Form | None = None) -> tuple[str, int]:
    since, until = period()
    with reading() as session:
        indicator = service.get(session, indicator_id)
        value = service.evaluate(session, indicator, since, until)
    form = form or Form(ExternalIn())
    region = indicator.region_code if covers(actor(), indicator.region_code) else ""
    return form.render("indicators/show.html", indicator=indicator, value=value, since=since, until=until, region=region)


@bp.post("/<int:indicator_id>/external")
@requires(P.INDICATOR_WRITE)
def external(indicator_id: int) -> Response | tuple[str, int]:
    form = Form(ExternalIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.enter_external(session, actor(), indicator_id, **given)
        flash(_("外部值已录入。"), "success")
        return redirect(url_for("indicators.show", indicator_id=indicator_id), 303)
    return _show(indicator_id, form)


@bp.post("/<int:indicator_id>/snapshot")
@requires(P.INDICATOR_WRITE)
def snapshot(indicator_id: int) -> Response:
    since, until = period()
    with writing() as session:
        value = service.evaluate(session, service.get(session, indicator_id), since, until)
        service.snapshot(session, actor(), value, f"{since}/{until}")
    flash(_("快照已保存。"), "success")
    return redirect(url_for("indicators.show", indicator_id=indicator_id), 303)

"""Pages of 工作日历: the years and their sources, a year's days, the import of a new one, the deadline calculator."""

from __future__ import annotations

from datetime import date

import structlog
from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from flask import Response as FileResponse
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inspection import clock, home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.calendar import imports, service
from inspection.calendar.models import CalendarYear
from inspection.calendar.rules import KINDS, UNITS
from inspection.calendar.schemas import ConfirmIn, DeadlineIn, UploadIn, counted
from inspection.errors import Invalid, NotFound
from inspection.forms import Form
from inspection.i18n import N_, _, show_day
from inspection.listing import download
from inspection.web import actor, flat, reading, wanted_version, writing

bp = Blueprint("calendar", __name__, url_prefix="/calendar")
log = structlog.get_logger("hengjian.calendar")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WEEKDAYS = (N_("一"), N_("二"), N_("三"), N_("四"), N_("五"), N_("六"), N_("日"))


def init_app(app: Flask) -> None:
    """The filter that shows a computed day with its mark; a warning at the start when a year in use is missing."""
    app.jinja_env.filters["term"] = show_term
    database = app.extensions["hengjian"].database
    try:
        with database.read() as session:
            missing = service.missing_years(session, clock.today())
    except DBAPIError:
        return  # not migrated yet: `hengjian migrate` and /readyz say so
    for year in missing:
        log.warning("calendar-year-missing", year=year, cure="在“工作日历”导入国务院办公厅通知；在此之前，涉及该年的期限都标注“节假日安排未公布”。")


def show_term(day: date | None, assumed: bool = False) -> str:
    """A computed day as text, with the mark while the arrangement of its year is not announced.

    Parameters
    ----------
    assumed : the stored day was counted before its year was announced; the mark stays with it.
    """
    if day is None:
        return "—"
    if "announced_years" not in g:
        with reading() as session:
            g.announced_years = service.calendar(session).years
    return show_day(day) if day.year in g.announced_years and not assumed else f"{show_day(day)}（{_('节假日安排未公布，按周末推算')}）"


@home.tasks
def unannounced(session: Session, who: Actor) -> list[home.Task]:
    """Years in use whose holidays nobody has entered."""
    if not who.can(P.RULEBOOK_WRITE):
        return []
    return [
        home.Task(_("尚未录入 %(year)s 年节假日安排", year=year), 1, url_for("calendar.upload", year=year), late=year == clock.today().year)
        for year in service.missing_years(session, clock.today())
    ]


@bp.get("")
@requires(P.RULEBOOK_READ)
def index() -> str:
    with reading() as session:
        rows = service.years(session)
        told = [(row, [kind for kind, _name in service.arrangement(session, row.year).values()]) for row in rows]
        missing = service.missing_years(session, clock.today())
    return render_template("calendar/index.html", years=told, missing=missing)


@bp.get("/<int:year>")
@requires(P.RULEBOOK_READ)
def show(year: int) -> str:
    with reading() as session:
        row = session.get(CalendarYear, year)
        if row is None:
            raise NotFound("calendar-not-announced", "%(year)s 年的节假日安排未公布或未录入。", year=year)
        days = service.arrangement(session, year)
        months = [(number, service.month(session, year, number)) for number in range(1, 13)]
    return render_template("calendar/show.html", row=row, days=days, months=months, kinds=KINDS, weekdays=WEEKDAYS)


@bp.get("/deadline")
@requires(P.RULEBOOK_READ)
def deadline() -> tuple[str, int]:
    form, answer = Form(DeadlineIn(), {"unit": "workday", **request.args.to_dict()}), None
    if "start" in request.args:
        with form.trying():
            try:
                wanted = DeadlineIn().load({name: value for name, value in request.args.items() if value.strip()})
            except ValidationError as error:
                found = flat(error.messages)
                raise Invalid("invalid", "有 %(count)s 个字段需要改正。", fields=found, count=len(found)) from None
            with reading() as session:
                answer = counted(service.calendar(session), wanted)
                answer["special"] = service.between(session, wanted.start, answer["last_day"])
    return form.render(
        "calendar/deadline.html", answer=answer, units=[(unit, _(label)) for unit, label in UNITS.items()], kinds=KINDS, weekdays=WEEKDAYS
    )


# --- the import of a year ---------------------------------------------------------------------------------------------


@bp.route("/import", methods=["GET", "POST"])
@requires(P.RULEBOOK_WRITE)
def upload() -> Response | tuple[str, int]:
    form = Form(UploadIn(), {"year": request.args.get("year", str(clock.today().year + 1))})
    if form.posted:
        with form.trying():
            given, sent = form.data(), request.files.get("file")
            if sent is None or not sent.filename:
                raise Invalid("file-missing", "没有收到文件。请选择文件后再上传。", fields={"file": ["请选择文件"]})
            with writing() as session:
                kept = imports.keep_upload(session, actor(), year=given["year"], filename=sent.filename, content=sent.read())
            return redirect(url_for("calendar.preview", upload_id=kept.id), 303)
    return form.render("calendar/upload.html", columns=imports.COLUMNS)


@bp.get("/import/template")
@requires(P.RULEBOOK_WRITE)
def template() -> FileResponse:
    return download(imports.blank(), f"{imports.TITLE}模板.xlsx", XLSX)


@bp.get("/import/<int:upload_id>")
@requires(P.RULEBOOK_WRITE)
def preview(upload_id: int) -> tuple[str, int]:
    return _preview(upload_id, None)


def _preview(upload_id: int, form: Form | None) -> tuple[str, int]:
    with reading() as session:
        done = imports.preview(session, actor(), upload_id)
        row = session.get(CalendarYear, done.year)
    form = form or Form(ConfirmIn(), {"source": row.source if row else ""})
    return form.render("calendar/preview.html", done=done, row=row, kinds=KINDS)


@bp.post("/import/<int:upload_id>/apply")
@requires(P.RULEBOOK_WRITE)
def apply(upload_id: int) -> Response | tuple[str, int]:
    form = Form(ConfirmIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            done = imports.apply(session, actor(), upload_id, source=given["source"], version=wanted_version())
        flash(_("%(year)s 年的节假日安排已录入，共 %(days)s 天。", year=done.year, days=len(done.special)), "success")
        return redirect(url_for("calendar.show", year=done.year), 303)
    return _preview(upload_id, form)


@bp.get("/import/<int:upload_id>/errors")
@requires(P.RULEBOOK_WRITE)
def errors(upload_id: int) -> FileResponse:
    with reading() as session:
        return download(imports.errors(session, actor(), upload_id), f"{imports.TITLE}错误清单.xlsx", XLSX)

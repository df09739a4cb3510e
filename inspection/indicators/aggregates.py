"""汇总数 on screen: what other authorities published, with its source; template, upload, preview, confirmation."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as FileResponse
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.forms import Form
from inspection.i18n import N_, _, show_moment
from inspection.indicators import importing, service
from inspection.indicators.models import Aggregate
from inspection.indicators.schemas import AggregateHeadIn
from inspection.listing import Column, download, exported, listing
from inspection.samples.documents import PURPOSES
from inspection.web import actor, reading, writing

bp = Blueprint("aggregates", __name__, url_prefix="/indicators/aggregates")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200
COLUMNS = (
    Column("id", N_("序号"), lambda a: a.id, Aggregate.id, numeric=True),
    Column("name", N_("名称"), lambda a: a.name, Aggregate.name),
    Column("period", N_("期间"), lambda a: a.period, Aggregate.period),
    Column("purpose", N_("抽检性质"), lambda a: _(PURPOSES.get(a.purpose, a.purpose)), Aggregate.purpose),
    Column("source", N_("来源"), lambda a: a.source, Aggregate.source),
    Column("classes", N_("类别数"), lambda a: len(a.rows), numeric=True),
    Column("tested", N_("抽检批次"), lambda a: sum(row["tested"] for row in a.rows), numeric=True),
    Column("failed", N_("不合格批次"), lambda a: sum(row["failed"] for row in a.rows), numeric=True),
    Column("entered", N_("录入时间"), lambda a: show_moment(a.entered_at), Aggregate.entered_at),
)


@bp.get("")
@requires(P.INDICATOR_READ)
def index() -> str | FileResponse:
    with reading() as session:
        listed = listing(session, service.aggregates(), COLUMNS, search=[Aggregate.name, Aggregate.source], default="-id", tie=Aggregate.id)
        return exported(listed, _("汇总数")) or render_template("indicators/aggregates.html", listed=listed)


@bp.get("/<int:aggregate_id>")
@requires(P.INDICATOR_READ)
def show(aggregate_id: int) -> str:
    with reading() as session:
        return render_template("indicators/aggregate.html", row=service.get_aggregate(session, aggregate_id), purposes=PURPOSES)


@bp.get("/template.xlsx")
@requires(P.INDICATOR_WRITE)
def template() -> FileResponse:
    return download(importing.blank(), _("汇总数模板") + ".xlsx", XLSX)


@bp.route("/import", methods=["GET", "POST"])
@requires(P.INDICATOR_WRITE)
def upload() -> Response | tuple[str, int]:
    form = Form(AggregateHeadIn())
    if request.method == "POST":
        with form.trying():
            sent = request.files.get("file")
            data = sent.stream.read() if sent else b""
            if not data or sent is None:
                raise Invalid("no-file", "请选择要上传的文件。", fields={"file": ["必填"]})
            with writing() as session:
                kept = importing.keep_upload(session, actor(), filename=sent.filename or "", content=data)
            return redirect(url_for("aggregates.preview", upload_id=kept.id), 303)
    return form.render("indicators/aggregate_upload.html")


@bp.get("/import/<int:upload_id>")
@requires(P.INDICATOR_WRITE)
def preview(upload_id: int) -> tuple[str, int]:
    with reading() as session:
        return _preview(session, upload_id, Form(AggregateHeadIn(), {"purpose": "supervision"}))


def _preview(session: Session, upload_id: int, form: Form) -> tuple[str, int]:
    found = importing.preview(session, actor(), upload_id)
    return form.render(
        "indicators/aggregate_preview.html", found=found, rows=found.rows[:SHOWN], bad=found.preview.problems[:SHOWN],
        purposes=[(key, _(label)) for key, label in PURPOSES.items()],
        tested=sum(row.tested for row in found.rows), failed=sum(row.failed for row in found.rows),
    )  # fmt: skip


@bp.get("/import/<int:upload_id>/errors.xlsx")
@requires(P.INDICATOR_WRITE)
def errors(upload_id: int) -> FileResponse:
    with reading() as session:
        return download(importing.errors(session, actor(), upload_id), _("错误清单") + ".xlsx", XLSX)


@bp.post("/import/<int:upload_id>")
@requires(P.INDICATOR_WRITE)
def confirm(upload_id: int) -> Response | tuple[str, int]:
    form = Form(AggregateHeadIn())
    with form.trying():
        head = form.data()
        with writing() as session:
            made = importing.apply(session, actor(), upload_id, **head)
        flash(_("汇总数已登记，可以据此起草通告。"), "success")
        return redirect(url_for("aggregates.show", aggregate_id=made.id), 303)
    with reading() as read:
        return _preview(read, upload_id, form)

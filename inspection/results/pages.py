"""Test reports on screen: entry, import, review, approval. Blind: the code, the product and the items, never the firm."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection import home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.forms import Form
from inspection.i18n import N_, _, show_moment
from inspection.jobs import importing as background
from inspection.jobs.models import Job
from inspection.jobs.service import STATES as JOB_STATES
from inspection.listing import Column, download, exported, listing
from inspection.results import imports, service
from inspection.results.jobs import APPLY, CHECK
from inspection.results.models import ItemResult, TestReport
from inspection.results.rules import LABELS, Outcome
from inspection.results.schemas import ResultIn, ReturnIn
from inspection.results.wording import limit_text
from inspection.samples import service as samples
from inspection.samples.models import Sample
from inspection.uploads import Upload
from inspection.web import actor, reading, wanted_version, writing

bp = Blueprint("results", __name__, url_prefix="/results")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATES = {"entering": N_("录入中"), "entered": N_("待审核"), "reviewed": N_("待签发"), "approved": N_("已签发")}


def _conclusion(row: Any) -> str:
    found = row[0].conclusion
    return _(LABELS[Outcome(found)]) if found else "—"


_ORDER = case({"fail": 0, "undetermined": 1, "pass": 3}, value=TestReport.conclusion, else_=2)
COLUMNS = (
    Column("order", N_("结论"), _conclusion, _ORDER),
    Column("code", N_("盲样编码"), lambda r: r[1], Sample.code),
    Column("product", N_("样品名称"), lambda r: r[2], Sample.product_name),
    Column("state", N_("状态"), lambda r: _(STATES[r[0].state]), TestReport.state),
    Column("number", N_("报告编号"), lambda r: r[0].number, TestReport.number),
    Column("approved", N_("签发时间"), lambda r: show_moment(r[0].approved_at), TestReport.approved_at),
    Column("final", N_("结论确定"), lambda r: _("是") if r[0].final else _("否"), TestReport.final),
)


@home.tasks
def waiting(session: Session, who: Actor) -> list[home.Task]:
    """Reports in the hands of the person's own step."""
    found = []
    for permission, state, label in ((P.RESULT_ENTER, "entering", N_("录入中的报告")), (P.RESULT_REVIEW, "entered", N_("待审核的报告")), (P.RESULT_APPROVE, "reviewed", N_("待签发的报告"))):
        if who.can(permission):
            n = session.scalar(select(func.count()).select_from(service.listing().where(TestReport.state == state).subquery())) or 0
            found.append(home.Task(label, n, url_for("results.index", state=state)))
    return found


@bp.get("")
@requires(P.RESULT_READ)
def index() -> str | Response:
    query = select(TestReport, Sample.code, Sample.product_name).join(Sample, Sample.id == TestReport.sample_id)
    if (state := request.args.get("state", "")) in STATES:
        query = query.where(TestReport.state == state)
    with reading() as session:
        listed = listing(session, query, COLUMNS, search=[Sample.code, Sample.product_name, TestReport.number], default="order", tie=TestReport.id)
        return exported(listed, _("检验结果")) or render_template("results/index.html", listed=listed, states=STATES)


@bp.get("/<int:report_id>")
@requires(P.RESULT_READ)
def show(report_id: int) -> tuple[str, int]:
    return _show(report_id)


def _show(report_id: int, form: Form | None = None) -> tuple[str, int]:
    with reading() as session:
        report = service.get(session, report_id)
        sample = samples.get(session, report.sample_id)
        items = session.scalars(select(ItemResult).where(ItemResult.report_id == report.id).order_by(ItemResult.item_code, ItemResult.revision.desc())).all()
        page = render_template("results/show.html", report=report, sample=sample, items=items, versions=service.versions(session, report.id), states=STATES, labels=LABELS, form=form, limit_text=limit_text)
    return page, form.status if form else 200


@bp.route("/enter", methods=["GET", "POST"])
@requires(P.RESULT_ENTER)
def enter() -> BaseResponse | tuple[str, int]:
    form = Form(ResultIn(), {"sample_code": request.args.get("code", "")})
    if form.posted:
        with form.trying():
            given = form.data()
            with writing() as session:
                row, fresh = service.record(session, actor(), given)
            flash(_("已录入：%(item)s %(verdict)s（%(why)s）", item=row.item_name, verdict=_(LABELS[Outcome(row.outcome)]), why=row.reason) if fresh else _("与已录入的结果相同，没有变化。"), "success")
            return redirect(url_for("results.enter", code=given.sample_code), 303)
    with reading() as read:
        return form.render("results/enter.html", items=service.items_of(read, str(form.values.get("sample_code", ""))))


def _step(report_id: int, verb: Any, message: str) -> BaseResponse:
    with writing() as session:
        verb(session, actor(), report_id, version=wanted_version())
    flash(message, "success")
    return redirect(url_for("results.show", report_id=report_id), 303)


@bp.post("/<int:report_id>/submit")
@requires(P.RESULT_ENTER)
def submit(report_id: int) -> BaseResponse:
    return _step(report_id, service.submit, _("报告已提交审核。"))


@bp.post("/<int:report_id>/review")
@requires(P.RESULT_REVIEW)
def review(report_id: int) -> BaseResponse:
    return _step(report_id, service.review, _("报告已审核。"))


@bp.post("/<int:report_id>/approve")
@requires(P.RESULT_APPROVE)
def approve(report_id: int) -> BaseResponse:
    return _step(report_id, service.approve, _("报告已签发。"))


def _with_reason(report_id: int, verb: Any, message: str) -> BaseResponse | tuple[str, int]:
    form = Form(ReturnIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            verb(session, actor(), report_id, version=wanted_version(), reason=given["reason"])
        flash(message, "info")
        return redirect(url_for("results.show", report_id=report_id), 303)
    return _show(report_id, form)


@bp.post("/<int:report_id>/return")
@requires(P.RESULT_REVIEW, P.RESULT_APPROVE, step_up=False)
def send_back(report_id: int) -> BaseResponse | tuple[str, int]:
    return _with_reason(report_id, service.send_back, _("报告已退回。"))


@bp.post("/<int:report_id>/correct")
@requires(P.RESULT_APPROVE)
def correct(report_id: int) -> BaseResponse | tuple[str, int]:
    return _with_reason(report_id, service.correct, _("报告已打开更正，原版本保留。"))


@bp.get("/import/template.xlsx")
@requires(P.RESULT_ENTER)
def template() -> Response:
    return download(imports.blank(), _("检验结果模板") + ".xlsx", XLSX)


@bp.route("/import", methods=["GET", "POST"])
@requires(P.RESULT_ENTER)
def upload() -> BaseResponse | tuple[str, int]:
    form = Form(ReturnIn())
    if request.method == "POST":
        with form.trying():
            given = request.files.get("file")
            data = given.stream.read() if given else b""
            if not data or given is None:
                raise Invalid("no-file", "请选择要上传的文件。", fields={"file": ["必填"]})
            with writing() as session:
                kept = imports.keep_upload(session, actor(), filename=given.filename or "", content=data)
                if background.is_large(kept):
                    return _at(background.ask(session, actor(), CHECK, kept))
            return redirect(url_for("results.preview", upload_id=kept.id), 303)
    with reading() as session:
        return form.render("results/upload.html", uploads=imports.recent(session, actor()))


@bp.get("/import/<int:upload_id>")
@requires(P.RESULT_ENTER)
def preview(upload_id: int) -> str:
    with reading() as session:
        kept = imports.load(session, actor(), upload_id)
        if background.is_large(kept):
            return _large(session, kept)
        return render_template("results/preview.html", found=imports.preview(session, actor(), upload_id))


def _at(job: Job) -> BaseResponse:
    """To the page of the job, with its bar."""
    return redirect(url_for("jobs.show", job_id=job.id), 303)


def _large(session: Session, kept: Upload) -> str:
    """A file that is worked on in the background: what its jobs found, and the next step."""
    return render_template(
        "jobs/file.html", title=_("导入预览"), kept=kept, states=JOB_STATES, form=None, checked=background.last(session, actor(), CHECK, kept),
        applied=background.last(session, actor(), APPLY, kept), back=url_for("results.upload"), check_url=url_for("results.check", upload_id=kept.id),
        apply_url=url_for("results.apply", upload_id=kept.id), choice="mode", choices=(("all", N_("全部正确才导入")), ("good", N_("只导入正确的行"))),
    )  # fmt: skip


@bp.post("/import/<int:upload_id>/check")
@requires(P.RESULT_ENTER)
def check(upload_id: int) -> BaseResponse:
    with writing() as session:
        return _at(background.ask(session, actor(), CHECK, imports.load(session, actor(), upload_id)))


@bp.get("/import/<int:upload_id>/errors.xlsx")
@requires(P.RESULT_ENTER)
def errors(upload_id: int) -> Response:
    with reading() as session:
        background.refuse_large(imports.load(session, actor(), upload_id))
        return download(imports.errors(session, actor(), upload_id), _("错误清单") + ".xlsx", XLSX)


@bp.post("/import/<int:upload_id>/apply")
@requires(P.RESULT_ENTER)
def apply(upload_id: int) -> BaseResponse:
    whole = request.form.get("mode") == "all"
    with writing() as session:
        kept = imports.load(session, actor(), upload_id)
        if background.is_large(kept):
            return _at(background.ask(session, actor(), APPLY, kept, all_or_nothing=whole))
        new, same, refused = imports.apply(session, actor(), upload_id, all_or_nothing=whole)
    flash(_("已导入：新增 %(new)s 行，不变 %(same)s 行，退回 %(bad)s 行。", new=new, same=same, bad=refused), "success")
    return redirect(url_for("results.preview", upload_id=upload_id) if refused else url_for("results.index"), 303)

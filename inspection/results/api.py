"""Results as JSON."""

from __future__ import annotations

from typing import Any

from flask import request

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.results import imports, service
from inspection.results.imports import Examined
from inspection.results.models import ItemResult, TestReport
from inspection.results.schemas import (
    FullReportOut,
    ImportedOut,
    ImportIn,
    PreviewOut,
    ReportOut,
    ResultIn,
    ResultOut,
    ReturnIn,
)
from inspection.results.service import NewResult
from inspection.samples import service as samples
from inspection.web import ApiBlueprint, actor, reading, wanted_version, writing

bp = ApiBlueprint("results_api", __name__, url_prefix="/api/v1/results", description="检验结果")


@bp.get("")
@requires(P.RESULT_READ)
@bp.response(200, ReportOut(many=True))
def index() -> list[TestReport]:
    """The newest reports."""
    with reading() as session:
        return list(session.scalars(service.listing().order_by(TestReport.id.desc()).limit(500)))


@bp.post("")
@requires(P.RESULT_ENTER)
@bp.arguments(ResultIn)
@bp.response(201, ResultOut)
def record(given: NewResult) -> ItemResult:
    """Enter one item result; the judgement comes from the limit in force."""
    with writing() as session:
        row, _ = service.record(session, actor(), given)
        session.flush()
        return row


@bp.get("/reports/<int:report_id>")
@requires(P.RESULT_READ)
@bp.response(200, FullReportOut)
def show(report_id: int) -> dict[str, Any]:
    """One report with its values and every version that was approved; blind."""
    with reading() as session:
        report = service.get(session, report_id)
        sample = samples.get(session, report.sample_id)
        plain = {name: getattr(report, name) for name in ("id", "number", "state", "conclusion", "final", "approved_at", "version_id", "return_reason")}
        return {
            **plain, "correction_reason": report.correction_reason, "sample_code": sample.code, "product_name": sample.product_name,
            "items": service.current_items(session, report.id), "versions": service.versions(session, report.id),
        }  # fmt: skip


@bp.post("/reports/<int:report_id>/submit")
@requires(P.RESULT_ENTER)
@bp.response(200, ReportOut)
def submit(report_id: int) -> TestReport:
    """Hand a report to the reviewer."""
    with writing() as session:
        return service.submit(session, actor(), report_id, version=wanted_version())


@bp.post("/reports/<int:report_id>/review")
@requires(P.RESULT_REVIEW)
@bp.response(200, ReportOut)
def review(report_id: int) -> TestReport:
    """Review a report."""
    with writing() as session:
        return service.review(session, actor(), report_id, version=wanted_version())


@bp.post("/reports/<int:report_id>/approve")
@requires(P.RESULT_APPROVE)
@bp.response(200, ReportOut)
def approve(report_id: int) -> TestReport:
    """Approve a report: numbered, frozen."""
    with writing() as session:
        return service.approve(session, actor(), report_id, version=wanted_version())


@bp.post("/reports/<int:report_id>/return")
@requires(P.RESULT_REVIEW, P.RESULT_APPROVE, step_up=False)
@bp.arguments(ReturnIn)
@bp.response(200, ReportOut)
def send_back(given: dict[str, Any], report_id: int) -> TestReport:
    """Return a report to entry."""
    with writing() as session:
        return service.send_back(session, actor(), report_id, version=wanted_version(), **given)


@bp.post("/reports/<int:report_id>/correct")
@requires(P.RESULT_APPROVE)
@bp.arguments(ReturnIn)
@bp.response(200, ReportOut)
def correct(given: dict[str, Any], report_id: int) -> TestReport:
    """Open an approved report again; what was approved stays as a version."""
    with writing() as session:
        return service.correct(session, actor(), report_id, version=wanted_version(), **given)


@bp.post("/imports")
@requires(P.RESULT_ENTER)
@bp.response(201, PreviewOut)
def upload() -> dict[str, Any]:
    """Keep a workbook (multipart field `file`) and judge every row; nothing is stored yet."""
    given = request.files.get("file")
    data = given.stream.read() if given else b""
    if given is None or not data:
        raise Invalid("no-file", "请以 multipart 字段 file 上传文件。", fields={"file": ["必填"]})
    with writing() as session:
        kept = imports.keep_upload(session, actor(), filename=given.filename or "", content=data)
        return _shown(imports.preview(session, actor(), kept.id))


def _shown(found: Examined) -> dict[str, Any]:
    return {
        "id": found.upload.id, "digest": found.upload.digest, "good": found.n_good, "bad": found.n_bad, "unchanged": found.n_unchanged,
        "problems": found.preview.problems,
    }  # fmt: skip


@bp.post("/imports/<int:upload_id>/apply")
@requires(P.RESULT_ENTER)
@bp.arguments(ImportIn)
@bp.response(200, ImportedOut)
def apply(given: dict[str, Any], upload_id: int) -> dict[str, int]:
    """Write the good rows, or all or nothing."""
    with writing() as session:
        new, same, refused = imports.apply(session, actor(), upload_id, all_or_nothing=given["all_or_nothing"])
        return {"new": new, "unchanged": same, "refused": refused}

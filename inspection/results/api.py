"""Results as JSON."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.jobs import importing as background
from inspection.jobs.answers import waiting
from inspection.jobs.schemas import WaitingOut
from inspection.results import imports, service
from inspection.results.imports import Examined
from inspection.results.jobs import APPLY, CHECK
from inspection.results.models import ItemResult, TestReport
from inspection.results.schemas import (
    FullReportOut,
    ImportedOut,
    ImportIn,
    PreviewOut,
    ReportOut,
    ReportsIn,
    ReportsOut,
    ResultIn,
    ResultOut,
    ReturnIn,
)
from inspection.results.service import NewResult
from inspection.samples import service as samples
from inspection.web import ApiBlueprint, actor, file_body, part, reading, wanted_version, writing

bp = ApiBlueprint("results_api", __name__, url_prefix="/api/v1/results", description="检验结果")


@bp.get("")
@requires(P.RESULT_READ)
@bp.arguments(ReportsIn, location="query")
@bp.response(200, ReportsOut)
def index(wanted: dict[str, Any]) -> dict[str, Any]:
    """Reports of the caller's region and laboratory, in the order of their numbers."""
    query = service.listing().where(TestReport.state == wanted["state"]) if wanted["state"] else service.listing()
    with reading() as session:
        return part(session, query, TestReport.id, wanted)


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
@bp.doc(requestBody=file_body())
@bp.response(201, PreviewOut)
@bp.alt_response(202, schema=WaitingOut, description="a large workbook: a job judges it")
def upload() -> dict[str, Any] | Response:
    """Keep a workbook (multipart field `file`) and judge every row, those of a large one in a job; nothing is stored yet."""
    given = request.files.get("file")
    data = given.stream.read() if given else b""
    if given is None or not data:
        raise Invalid("no-file", "请以 multipart 字段 file 上传文件。", fields={"file": ["必填"]})
    with writing() as session:
        kept = imports.keep_upload(session, actor(), filename=given.filename or "", content=data)
        if background.is_large(kept):
            return waiting(kept, background.ask(session, actor(), CHECK, kept))
    with reading() as session:
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
@bp.alt_response(202, schema=WaitingOut, description="a large workbook: a job imports it")
def apply(given: dict[str, Any], upload_id: int) -> dict[str, int] | Response:
    """Write the good rows, or all or nothing."""
    with writing() as session:
        kept = imports.load(session, actor(), upload_id)
        if background.is_large(kept):
            return waiting(kept, background.ask(session, actor(), APPLY, kept, **given))
        new, same, refused = imports.apply(session, actor(), upload_id, all_or_nothing=given["all_or_nothing"])
        return {"new": new, "unchanged": same, "refused": refused}

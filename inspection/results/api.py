"""Results as JSON."""

from __future__ import annotations

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.results import service
from inspection.results.models import ItemResult, TestReport
from inspection.results.schemas import ReportOut, ResultIn, ResultOut
from inspection.results.service import NewResult
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

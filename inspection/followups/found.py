"""Cases, their samples, reports and steps, as far as the actor may see them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.errors import NotFound, Refused
from inspection.followups.models import Case, CaseStep
from inspection.results.models import ReportVersion, TestReport
from inspection.samples.models import Sample
from inspection.scope import covers


def without_case() -> Select[TestReport, Sample]:
    """Approved failing reports (with their samples) that have no case yet; 不能判定 is no failure."""
    there = select(Case.__table__.c.report_id)  # whole, whatever the region of who asks
    return (
        select(TestReport, Sample)
        .join(Sample, Sample.id == TestReport.sample_id)
        .where(TestReport.state == "approved", TestReport.conclusion == "fail", TestReport.id.not_in(there))
        .order_by(TestReport.id)
    )


def listing() -> Select[Case]:
    """Cases of the actor's region."""
    return select(Case)


def get(session: Session, case_id: int) -> Case:
    """One case, or NotFound when it is not there for the actor."""
    case = session.get(Case, case_id)
    if case is None or not covers(session.info.get("actor"), case.region_code):
        raise NotFound("case-not-found", "没有这件核查处置，或它不在您的辖区。")
    return case


def sample_of(session: Session, case: Case) -> Sample:
    """The failing sample."""
    found = session.get(Sample, case.sample_id)
    assert found is not None
    return found


def report_of(session: Session, case: Case) -> TestReport:
    """The failing report."""
    found = session.get(TestReport, case.report_id)
    assert found is not None
    return found


def issued_on(session: Session, report: TestReport) -> date:
    """The day the failing report came in first: its terms do not begin again when it is corrected."""
    first = session.scalar(select(func.min(ReportVersion.approved_at)).where(ReportVersion.report_id == report.id))
    return clock.day_of(first or report.approved_at or clock.now())


def overturned(report: TestReport) -> bool:
    """Whether the report was corrected and passes after all; 不能判定 is no pass."""
    return report.state == "approved" and report.conclusion == "pass"


def failing(report: TestReport) -> TestReport:
    """The report while it stands approved as a failure, else a refusal that says why it cannot be relied on."""
    if report.state != "approved":
        raise Refused("report-open", "检验报告正在更正，须签发后才能办理这一步。")
    if report.conclusion != "fail":
        raise Refused("report-not-failing", "检验报告更正后的结论已不是不合格，不能办理这一步。")
    return report


def steps(session: Session, case_id: int) -> list[CaseStep]:
    """What was done, in order."""
    return list(session.scalars(select(CaseStep).where(CaseStep.case_id == case_id).order_by(CaseStep.id)))


def kinds(session: Session, case_id: int) -> list[str]:
    """Kinds of the steps, in order."""
    return [step.kind for step in steps(session, case_id)]


def overdue(session: Session) -> list[Case]:
    """Open cases whose term is over: escalated on the page, never closed by the clock."""
    return list(session.scalars(select(Case).where(Case.state != "closed", Case.due_on < clock.today()).order_by(Case.due_on)))

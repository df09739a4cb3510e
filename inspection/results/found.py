"""Reports and their values, found and shown as plain data."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inspection.errors import NotFound
from inspection.results.models import ItemResult, ReportVersion, TestReport
from inspection.samples.models import Sample


def listing() -> Select[TestReport]:
    """Reports the actor may see: of the own laboratory, and of samples taken in the own region."""
    return select(TestReport).join(Sample, Sample.id == TestReport.sample_id)


def get(session: Session, report_id: int) -> TestReport:
    report = session.scalar(listing().where(TestReport.id == report_id))
    if report is None:
        raise NotFound("report-not-found", "没有这份检验报告，或它不属于本机构、本辖区。")
    return report


def current_items(session: Session, report_id: int) -> list[ItemResult]:
    """The values that stand now."""
    return list(
        session.scalars(
            select(ItemResult).where(ItemResult.report_id == report_id, ItemResult.current.is_(True)).order_by(ItemResult.item_code)
        )
    )


def item_content(item: ItemResult) -> dict[str, Any]:
    return {
        "item": item.item_code, "text": item.text, "unit": item.unit, "detection_limit": item.detection_limit,
        "limit": item.limit, "outcome": item.outcome, "reason": item.reason, "revision": item.revision,
    }


def report_content(session: Session, report: TestReport) -> dict[str, Any]:
    return {
        "number": report.number, "state": report.state, "conclusion": report.conclusion,
        "entered_by": report.entered_by, "reviewed_by": report.reviewed_by, "approved_by": report.approved_by,
        "items": [item_content(item) for item in current_items(session, report.id)],
    }


def versions(session: Session, report_id: int) -> list[ReportVersion]:
    """The report as it was approved each time, oldest first."""
    return list(session.scalars(select(ReportVersion).where(ReportVersion.report_id == report_id).order_by(ReportVersion.version)))

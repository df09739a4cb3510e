"""Reports and their values, found and shown as plain data."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from inspection.errors import NotFound
from inspection.registers.models import Limit, TestItem
from inspection.results import rules
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


def items_of(session: Session, code: str) -> list[tuple[str, str]]:
    """Names and units of the test items that have a limit for a sample, for the list beside the field; all items without a sample."""
    sample = session.scalar(select(Sample).where(Sample.code == code.strip().upper())) if code.strip() else None
    if sample is None:
        return [(name, "") for name in session.scalars(select(TestItem.name).order_by(TestItem.code).limit(1000))]
    parts = sample.product_code.split(".")
    codes = [".".join(parts[: n + 1]) for n in range(len(parts))]
    on = rules.relevant_day(sample.date_kind, sample.produced_on, sample.taken_on)
    query = (
        select(TestItem.code, TestItem.name, Limit.unit)
        .join(Limit, Limit.item_id == TestItem.id)
        .where(Limit.product_code.in_(codes), Limit.valid_from <= on, or_(Limit.valid_to.is_(None), Limit.valid_to >= on))
        .order_by(TestItem.code)
        .distinct()
    )
    return [(name, unit) for _code, name, unit in session.execute(query)]

"""Three signatures by three people, the frozen version, and the correction beside it."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import audit, clock, history
from inspection.actor import Actor
from inspection.errors import Conflict, Invalid, Refused
from inspection.registers.models import Enterprise
from inspection.results import rules
from inspection.results.found import current_items, get, report_content
from inspection.results.models import ItemResult, ReportVersion, TestReport
from inspection.samples.models import Sample


def submit(session: Session, actor: Actor, report_id: int, *, version: int) -> TestReport:
    """录入 finished: the report goes to the reviewer with its conclusion computed from the items."""
    report = _step(session, report_id, version, "entered")
    outcome = rules.conclude(rules.Outcome(item.outcome) for item in current_items(session, report.id))
    if outcome is None:
        raise Refused("report-empty", "报告还没有检验数据，不能提交。")
    report.conclusion, report.state = outcome.value, "entered"
    report.entered_by, report.entered_at, report.return_reason = actor.id, clock.now(), ""
    return _noted(session, actor, report, "result.submit")


def review(session: Session, actor: Actor, report_id: int, *, version: int) -> TestReport:
    """审核 by another person than who entered."""
    report = _step(session, report_id, version, "reviewed")
    if not rules.must_differ(actor.id, report.entered_by, *_enterers(session, report.id)):
        raise Refused("same-person", "录入、审核、签发须为不同的人。您录入过该报告，不能审核。")
    report.state, report.reviewed_by, report.reviewed_at = "reviewed", actor.id, clock.now()
    return _noted(session, actor, report, "result.review")


def approve(session: Session, actor: Actor, report_id: int, *, version: int) -> TestReport:
    """签发 by a third person: the report is frozen; a passing one is final, a failing one waits for objection and retest."""
    report = _step(session, report_id, version, "approved")
    if not rules.must_differ(actor.id, report.entered_by, report.reviewed_by, *_enterers(session, report.id)):
        raise Refused("same-person", "录入、审核、签发须为不同的人。您已在前面的环节签字，不能签发。")
    report.state, report.approved_by, report.approved_at = "approved", actor.id, clock.now()
    report.number = _number(session, report)
    if report.conclusion == rules.PASS:
        report.final, report.final_at = True, clock.now()
    sample = session.get(Sample, report.sample_id)
    assert sample is not None
    sample.state = "reported"
    _tell(session, report, sample)
    _freeze(session, actor, report, sample, report.correction_reason)
    report.correction_reason = ""
    return _noted(session, actor, report, "result.approve")


def _tell(session: Session, report: TestReport, sample: Sample) -> None:
    """What the past knows of the firm: a failure once, and that a correction took it back."""
    before = session.scalar(select(ReportVersion.conclusion).where(ReportVersion.report_id == report.id).order_by(ReportVersion.version.desc()).limit(1))
    if (before == rules.FAIL) == (report.conclusion == rules.FAIL):
        return
    code = session.scalar(select(Enterprise.code).where(Enterprise.id == sample.enterprise_id).execution_options(unscoped=True))
    kind = "failed" if report.conclusion == rules.FAIL else "overturned"
    history.note(session, kind, code or "", sample.number, clock.today(), detail=sample.product_code)


def send_back(session: Session, actor: Actor, report_id: int, *, version: int, reason: str) -> TestReport:
    """退回 from review or approval to entry, with its reason; nothing that was entered is lost."""
    if not reason.strip():
        raise Invalid("reason-missing", "退回须写明理由。", fields={"reason": ["必填"]})
    report = _step(session, report_id, version, "entering")
    report.state, report.return_reason, report.conclusion = "entering", reason.strip(), None
    report.reviewed_by = report.reviewed_at = None
    return _noted(session, actor, report, "result.return", reason=reason)


def correct(session: Session, actor: Actor, report_id: int, *, version: int, reason: str) -> TestReport:
    """更正 an approved report with its reason: opened for entry again; what was approved stays beside it as a version."""
    if not reason.strip():
        raise Invalid("reason-missing", "更正须写明理由。", fields={"reason": ["必填"]})
    report = _same(session, report_id, version)
    if report.state != "approved":
        raise Refused("wrong-state", "只有已签发的报告才能更正；尚未签发的请退回修改。")
    sample = session.get(Sample, report.sample_id)
    assert sample is not None
    sample.state = "tested"
    report.state, report.correction_reason, report.conclusion, report.final, report.final_at = "entering", reason.strip(), None, False, None
    report.entered_by = report.entered_at = report.reviewed_by = report.reviewed_at = report.approved_by = report.approved_at = None
    return _noted(session, actor, report, "result.correct", reason=reason)


def _step(session: Session, report_id: int, version: int, to: str) -> TestReport:
    report = _same(session, report_id, version)
    if not rules.may(report.state, to):
        raise Refused("wrong-state", "该报告的当前状态不允许这一步。")
    return report


def _same(session: Session, report_id: int, version: int) -> TestReport:
    report = get(session, report_id)
    if report.version_id != version:
        raise Conflict("changed-meanwhile", "该报告已被他人修改。请核对期间的修改，刷新后重试。", changes=audit.newest(session, "report", report.id))
    return report


def _noted(session: Session, actor: Actor, report: TestReport, verb: str, **detail: Any) -> TestReport:
    session.flush()
    audit.record(session, actor, verb, "report", report.id, after=report_content(session, report), **detail)
    return report


def _enterers(session: Session, report_id: int) -> list[int]:
    return list(session.scalars(select(ItemResult.entered_by).where(ItemResult.report_id == report_id).distinct()))


def _number(session: Session, report: TestReport) -> str:
    """报告编号: year and a serial without gaps, over all laboratories; a corrected report adds the number of its version."""
    if report.number:
        return f"{'-'.join(report.number.split('-')[:2])}-{_last_version(session, report.id) + 1}"
    year = clock.today().year
    last = session.scalar(
        select(func.max(TestReport.number)).where(TestReport.number.like(f"JB{year}-%")).execution_options(unscoped=True)
    )
    return f"JB{year}-{int(last.split('-')[1]) + 1 if last else 1:06d}"


def _last_version(session: Session, report_id: int) -> int:
    return session.scalar(select(func.max(ReportVersion.version)).where(ReportVersion.report_id == report_id)) or 0


def _freeze(session: Session, actor: Actor, report: TestReport, sample: Sample, reason: str) -> ReportVersion:
    session.flush()
    last = _last_version(session, report.id)
    text = rfc8785.dumps(audit.plain({**report_content(session, report), "sample": sample.number})).decode()
    made = ReportVersion(
        report_id=report.id,
        version=last + 1,
        content=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        conclusion=report.conclusion or "undetermined",
        reason=reason,
        approved_by=actor.id,
        approved_by_name=actor.name,
        approved_at=clock.now(),
    )
    session.add(made)
    session.flush()
    return made

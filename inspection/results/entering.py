"""Item results entered one by one or from a file, each judged by the limit in force on the relevant day."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import DomainError, Invalid, Refused
from inspection.intake import measurement as notation
from inspection.registers.models import Limit, TestItem
from inspection.results import rules
from inspection.results.checking import (
    NewResult,
    check_claim,
    check_day,
    check_value,
    limit_of_detection,
    read,
    unit_key,
    value_of,
)
from inspection.results.found import item_content
from inspection.results.known import Known
from inspection.results.models import ItemResult, TestReport
from inspection.samples.models import Sample

TESTABLE = frozenset({"received", "tested", "reported"})  # of a reported one the report decides: the same value is no change


def record(session: Session, actor: Actor, new: NewResult, *, upload_id: int | None = None, known: Known | None = None) -> tuple[ItemResult, bool]:
    """Keep one item result, judged by the limit in force on the relevant day; gives the row and whether it is new.

    The same value again changes nothing; another value before approval is a new revision, the old one stays readable.
    """
    known = known or Known(session)
    sample, item, measured, limit, judged = resolve(known, new)
    report = known.opened(sample)
    old = known.value(report, item.code)
    if old is not None and same(old, new):
        if upload_id is None:
            audit.record(session, actor, "result.repeat", "sample", sample.code, item=item.code)
        return old, False
    if report.state != "entering":
        raise _closed(sample, report)
    made = _make(actor, report, sample, item, measured, limit, judged, new, upload_id)
    if old is not None:
        old.current = False
        made.revision = old.revision + 1
    session.add(made)
    known.remember(made)
    if sample.state == "received":
        sample.state = "tested"
    _note_day(report, new.tested_on)
    if upload_id is None:
        session.flush()
        audit.record(
            session, actor, "result.record", "sample", sample.code,
            before=item_content(old) if old else None, after=item_content(made),
        )
    return made, True


def _note_day(report: TestReport, on: date | None) -> None:
    """检验日期 of the report: from the first to the last day that its items name."""
    if on is not None:
        report.tested_from = min(on, report.tested_from or on)
        report.tested_to = max(on, report.tested_to or on)


def _closed(sample: Sample, report: TestReport) -> Refused:
    if report.state == "approved":
        return Refused("report-approved", "样品 %(sample)s 的报告已签发，不能再录入同一项目。需要更正请办理报告更正。", sample=sample.code)
    return Refused("report-not-open", "样品 %(sample)s 的检验报告已提交，不能再录入。需要修改请先退回。", sample=sample.code)


def resolve(known: Known, new: NewResult) -> tuple[Sample, TestItem, notation.Measurement, Limit, rules.Judgement]:
    """Everything a row speaks of and its judgement, or the error that names what is wrong with it."""
    sample = known.sample(new.sample_code)
    if sample.state not in TESTABLE:
        raise Refused("sample-not-testable", "样品 %(sample)s 尚未收样，或已拒收、作废，不能录入结果。请核对盲样编码。", sample=sample.code)
    item = known.item(new.item)
    limit = known.limit(item, sample)
    if limit is None:
        raise Invalid("item-not-in-plan", "样品 %(sample)s 的类别没有检验项目“%(item)s”。请核对项目名称或产品类别。",
                      fields={"item": ["不在该产品的检验项目之内"]}, sample=sample.code, item=item.name)
    if unit_key(new.unit) != unit_key(limit.unit):
        raise Invalid("unit-mismatch", "单位“%(given)s”与限量的单位“%(wanted)s”不同。请换算后填写，系统不代为换算。",
                      fields={"unit": ["与限量单位不同"]}, given=new.unit or "（空）", wanted=limit.unit or "（空）")
    measured = read(new.text)
    check_value(new, measured, limit)
    check_day(new, sample)
    judged = rules.judge(measured, value_of(limit), limit_of_detection(new, limit))
    check_claim(new, judged)
    return sample, item, measured, limit, judged


def _make(
    actor: Actor, report: TestReport, sample: Sample, item: TestItem, measured: notation.Measurement, limit: Limit,
    judged: rules.Judgement, new: NewResult, upload_id: int | None,
) -> ItemResult:
    return ItemResult(
        report_id=report.id,
        sample_id=sample.id,
        lab_id=sample.lab_id,
        item_code=item.code,
        item_name=item.name,
        text=measured.text,
        kind=measured.kind,
        value=measured.value,
        values=[str(v) for v in measured.values] if len(measured.values) > 1 else None,
        unit=limit.unit,
        method=new.method or limit.tested_by,
        detection_limit=limit_of_detection(new, limit),
        limit_id=limit.id,
        limit=audit.plain({
            "kind": limit.kind, "lower": limit.lower, "upper": limit.upper, "unit": limit.unit, "plan": limit.plan,
            "judged_by": limit.judged_by, "valid_from": limit.valid_from, "verified": limit.verified,
        }),
        outcome=judged.outcome.value,
        reason=judged.reason,
        upload_id=upload_id,
        entered_by=actor.id,
        entered_at=clock.now(),
    )


def same(old: ItemResult, new: NewResult) -> bool:
    """Whether a row says again what is already kept."""
    return old.text == new.text.strip() and (new.detection_limit is None or old.detection_limit == new.detection_limit) and (
        not new.method or old.method == new.method
    )


def problem_of(known: Known, new: NewResult) -> DomainError | None:
    """The error that `record` would raise for a row, without keeping anything."""
    try:
        sample, item, *_ = resolve(known, new)
        report = known.report(sample)
        if report is not None and report.state != "entering":
            old = known.value(report, item.code)
            if old is None or not same(old, new):
                return _closed(sample, report)
    except DomainError as error:
        return error
    return None

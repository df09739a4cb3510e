"""The verbs of a test report: entered item by item or from a file, submitted, reviewed, approved, corrected."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import rfc8785
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from inspection import audit, clock, history
from inspection.actor import Actor
from inspection.errors import Conflict, DomainError, Invalid, NotFound, Refused
from inspection.intake import measurement as notation
from inspection.registers.models import Enterprise, Limit, TestItem
from inspection.results import rules
from inspection.results.models import ItemResult, ReportVersion, TestReport
from inspection.rulebook.rules import in_force
from inspection.samples import service as samples
from inspection.samples.models import Sample

TESTABLE = frozenset({"received", "tested"})


@dataclass(frozen=True, slots=True)
class NewResult:
    """检验数据 as the laboratory states it; the judgement is never typed."""

    sample_code: str
    item: str  # code or name of the test item
    text: str
    unit: str = ""
    method: str = ""
    detection_limit: Decimal | None = None
    claimed: str = ""  # the laboratory's own verdict, refused when it contradicts the rule
    tested_on: date | None = None


# --- entering ---------------------------------------------------------------------------------------------------------


class Known:
    """What rows of results speak of, read once and remembered: samples, items, limits, reports and their present values."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._samples: dict[str, Sample] = {}
        self._items: dict[str, TestItem] = {}
        self._limits: dict[int, list[Limit]] = {}
        self._reports: dict[int, TestReport] = {}
        self._values: dict[int, dict[str, ItemResult]] = {}

    def sample(self, code: str) -> Sample:
        key = code.strip().upper()
        if key not in self._samples:
            self._samples[key] = samples.by_code(self.session, key)
        return self._samples[key]

    def item(self, text: str) -> TestItem:
        if not self._items:
            for row in self.session.scalars(select(TestItem).order_by(TestItem.id.desc())):
                self._items[row.name] = row
            for row in list(self._items.values()):
                self._items[row.code] = row
        found = self._items.get(text.strip())
        if found is None:
            raise Invalid("unknown-item", "检验项目库中没有“%(item)s”。请按项目库的名称填写。", fields={"item": ["没有这个检验项目"]}, item=text.strip()[:60])
        return found

    def limit(self, item: TestItem, sample: Sample) -> Limit | None:
        """The limit in force for the sample's product on its relevant day: the deepest node of the tree that has one."""
        if item.id not in self._limits:
            self._limits[item.id] = list(self.session.scalars(select(Limit).where(Limit.item_id == item.id)))
        on = rules.relevant_day(sample.date_kind, sample.produced_on, sample.taken_on)
        rows = self._limits[item.id]
        holding = {row.product_code for row in rows if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)}
        code = rules.chosen_code(sample.product_code, holding)
        return in_force([row for row in rows if row.product_code == code], on) if code else None

    def report(self, sample: Sample) -> TestReport | None:
        if sample.id not in self._reports:
            found = self.session.scalar(select(TestReport).where(TestReport.sample_id == sample.id))
            if found is None:
                return None
            self._reports[sample.id] = found
        return self._reports[sample.id]

    def opened(self, sample: Sample) -> TestReport:
        """The report of a sample, made when there is none yet."""
        report = self.report(sample)
        if report is None:
            report = TestReport(sample_id=sample.id, lab_id=sample.lab_id)
            self.session.add(report)
            self.session.flush()
            self._reports[sample.id] = report
        return report

    def value(self, report: TestReport, item_code: str) -> ItemResult | None:
        return self._current(report.id).get(item_code)

    def remember(self, made: ItemResult) -> None:
        self._current(made.report_id)[made.item_code] = made

    def _current(self, report_id: int) -> dict[str, ItemResult]:
        if report_id not in self._values:
            self._values[report_id] = {row.item_code: row for row in current_items(self.session, report_id)}
        return self._values[report_id]


def record(session: Session, actor: Actor, new: NewResult, *, upload_id: int | None = None, known: Known | None = None) -> tuple[ItemResult, bool]:
    """Keep one item result, judged by the limit in force on the relevant day; gives the row and whether it is new.

    The same value again changes nothing; another value before approval is a new revision, the old one stays readable.
    """
    known = known or Known(session)
    sample, item, measured, limit, judged = resolve(known, new)
    report = known.opened(sample)
    old = known.value(report, item.code)
    if old is not None and same(old, new):
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
    if upload_id is None:
        session.flush()
        audit.record(
            session, actor, "result.record", "sample", sample.code,
            before=item_content(old) if old else None, after=item_content(made),
        )
    return made, True


def _closed(sample: Sample, report: TestReport) -> Refused:
    if report.state == "approved":
        return Refused("report-approved", "样品 %(sample)s 的报告已签发，不能再录入同一项目。需要更正请办理报告更正。", sample=sample.code)
    return Refused("report-not-open", "样品 %(sample)s 的检验报告已提交，不能再录入。需要修改请先退回。", sample=sample.code)


def resolve(known: Known, new: NewResult) -> tuple[Sample, TestItem, notation.Measurement, Limit, rules.Judgement]:
    """Everything a row speaks of and its judgement, or the error that names what is wrong with it."""
    sample = known.sample(new.sample_code)
    if sample.state not in TESTABLE:
        raise Refused("sample-not-testable", "样品 %(sample)s 尚未收样或已出报告，不能录入结果。", sample=sample.code)
    item = known.item(new.item)
    limit = known.limit(item, sample)
    if limit is None:
        raise Invalid("item-not-in-plan", "样品 %(sample)s 的类别没有检验项目“%(item)s”。请核对项目名称或产品类别。",
                      fields={"item": ["不在该产品的检验项目之内"]}, sample=sample.code, item=item.name)
    if _unit(new.unit) != _unit(limit.unit):
        raise Invalid("unit-mismatch", "单位“%(given)s”与限量的单位“%(wanted)s”不同。请换算后填写，系统不代为换算。",
                      fields={"unit": ["与限量单位不同"]}, given=new.unit or "（空）", wanted=limit.unit or "（空）")
    measured = notation.parse(new.text)
    _check_value(new, measured, limit)
    judged = rules.judge(measured, value_of(limit), _detection_limit(new, limit))
    _check_claim(new, judged)
    return sample, item, measured, limit, judged


def _check_value(new: NewResult, measured: notation.Measurement, limit: Limit) -> None:
    if any(value < 0 for value in measured.values) and (limit.lower is None or limit.lower >= 0):
        raise Invalid("negative", "检验结果为负数。请核对原始记录。", fields={"text": ["不能为负"]})
    unknown = measured.kind == notation.NOT_DETECTED and not measured.values and limit.kind == "range"
    if unknown and new.detection_limit is None:
        raise Invalid("detection-limit-missing", "结果为未检出，但没有检出限，无法与限量比较。请填写检出限，或写成“<数值”。",
                      fields={"detection_limit": ["未检出时必填"]})
    if new.tested_on and new.tested_on > clock.today():
        raise Invalid("future-date", "检验日期晚于今天。", fields={"tested_on": ["不能晚于今天"]})


def value_of(limit: Limit) -> rules.LimitValue:
    """The row as the value that the rule compares with."""
    plan = limit.plan
    return rules.LimitValue(
        kind=limit.kind,
        lower=limit.lower,
        upper=limit.upper,
        unit=limit.unit,
        plan=rules.AcceptancePlan(int(plan["n"]), int(plan["c"]), Decimal(plan["m"]), Decimal(plan["M"]) if plan.get("M") else None)
        if plan
        else None,
    )


def _detection_limit(new: NewResult, limit: Limit) -> Decimal | None:
    return new.detection_limit if new.detection_limit is not None else limit.detection_limit


def _check_claim(new: NewResult, judged: rules.Judgement) -> None:
    claimed = {"合格": rules.PASS, "合格项": rules.PASS, "不合格": rules.FAIL, "不合格项": rules.FAIL, "不判定": rules.UNDETERMINED}
    if not new.claimed.strip():
        return
    if new.claimed.strip() not in claimed:
        raise Invalid("unknown-verdict", "结果判定“%(given)s”不是规定的写法。请填 合格、不合格 或 不判定，或留空。",
                      fields={"claimed": ["合格、不合格、不判定"]}, given=new.claimed[:20])
    if claimed[new.claimed.strip()] != judged.outcome:
        raise Invalid("verdict-contradicts", "填写的判定“%(given)s”与数值不符：按限量应为“%(ours)s”（%(why)s）。请核对数值或判定。",
                      fields={"claimed": ["与数值不符"]}, given=new.claimed, ours=rules.LABELS[judged.outcome], why=judged.reason)


def _unit(text: str) -> str:
    return text.strip().replace(" ", "").replace("µ", "μ").replace("ug/", "μg/").lower()


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
        detection_limit=_detection_limit(new, limit),
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


# --- three signatures -------------------------------------------------------------------------------------------------


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
    report.number = report.number or _number(session)
    if report.conclusion == rules.PASS:
        report.final, report.final_at = True, clock.now()
    sample = session.get(Sample, report.sample_id)
    assert sample is not None
    sample.state = "reported"
    _freeze(session, actor, report, sample, "")
    if report.conclusion == rules.FAIL:
        code = session.scalar(select(Enterprise.code).where(Enterprise.id == sample.enterprise_id).execution_options(unscoped=True))
        history.note(session, "failed", code or "", sample.number, clock.today(), detail=sample.product_code)
    return _noted(session, actor, report, "result.approve")


def send_back(session: Session, actor: Actor, report_id: int, *, version: int, reason: str) -> TestReport:
    """退回 from review or approval to entry, with its reason; nothing that was entered is lost."""
    if not reason.strip():
        raise Invalid("reason-missing", "退回须写明理由。", fields={"reason": ["必填"]})
    report = _step(session, report_id, version, "entering")
    report.state, report.return_reason, report.conclusion = "entering", reason.strip(), None
    return _noted(session, actor, report, "result.return", reason=reason)


def _step(session: Session, report_id: int, version: int, to: str) -> TestReport:
    report = get(session, report_id)
    if report.version_id != version:
        raise Conflict("changed-meanwhile", "该报告已被他人修改。请刷新后重试。")
    if not rules.may(report.state, to):
        raise Refused("wrong-state", "该报告的当前状态不允许这一步。")
    return report


def _noted(session: Session, actor: Actor, report: TestReport, verb: str, **detail: Any) -> TestReport:
    session.flush()
    audit.record(session, actor, verb, "report", report.id, after=report_content(session, report), **detail)
    return report


def _enterers(session: Session, report_id: int) -> list[int]:
    return list(session.scalars(select(ItemResult.entered_by).where(ItemResult.report_id == report_id).distinct()))


def _number(session: Session) -> str:
    """报告编号: year and a serial without gaps, over all laboratories."""
    year = clock.today().year
    last = session.scalar(
        select(func.max(TestReport.number)).where(TestReport.number.like(f"JB{year}-%")).execution_options(unscoped=True)
    )
    return f"JB{year}-{int(last.split('-')[1]) + 1 if last else 1:06d}"


def _freeze(session: Session, actor: Actor, report: TestReport, sample: Sample, reason: str) -> ReportVersion:
    session.flush()
    last = session.scalar(select(func.max(ReportVersion.version)).where(ReportVersion.report_id == report.id)) or 0
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


# --- asking -----------------------------------------------------------------------------------------------------------


def listing() -> Select[TestReport]:
    """Reports the actor may see; failing and open ones are sorted first by the page."""
    return select(TestReport)


def get(session: Session, report_id: int) -> TestReport:
    report = session.get(TestReport, report_id)
    if report is None:
        raise NotFound("report-not-found", "没有这份检验报告，或它不属于本机构。")
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

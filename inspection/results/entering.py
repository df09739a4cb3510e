"""Item results entered one by one or from a file, each judged by the limit in force on the relevant day."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import DomainError, Invalid, Refused
from inspection.intake import measurement as notation
from inspection.registers.models import Limit, TestItem
from inspection.results import rules
from inspection.results.found import current_items, item_content
from inspection.results.models import ItemResult, TestReport
from inspection.rulebook.rules import in_force
from inspection.samples import service as samples
from inspection.samples.models import Sample

TESTABLE = frozenset({"received", "tested", "reported"})  # of a reported one the report decides: the same value is no change
LONGEST_NUMBER = 40  # digits of a value written out; longer ones are a slip of the exponent


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
                self._items[folded(row.name)] = row
            for row in list(self._items.values()):
                self._items[folded(row.code)] = row
        found = self._items.get(folded(text))
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


def folded(text: str) -> str:
    """A name as it is compared: half-width, no blanks.

    >>> folded(" 铅（以Pb计）") == folded("铅(以Pb计)")
    True
    """
    return "".join(unicodedata.normalize("NFKC", text).split())


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
    if _unit(new.unit) != _unit(limit.unit):
        raise Invalid("unit-mismatch", "单位“%(given)s”与限量的单位“%(wanted)s”不同。请换算后填写，系统不代为换算。",
                      fields={"unit": ["与限量单位不同"]}, given=new.unit or "（空）", wanted=limit.unit or "（空）")
    measured = _read(new.text)
    _check_value(new, measured, limit)
    _check_day(new, sample)
    judged = rules.judge(measured, value_of(limit), _detection_limit(new, limit))
    _check_claim(new, judged)
    return sample, item, measured, limit, judged


def _read(text: str) -> notation.Measurement:
    """The result as written; what cannot be read names its field."""
    try:
        return notation.parse(text)
    except Invalid as error:
        raise Invalid(error.code, error.template, fields={"text": ["写法无法识别"]}, **error.params) from None


def _check_value(new: NewResult, measured: notation.Measurement, limit: Limit) -> None:
    if any(len(format(value, "f")) > LONGEST_NUMBER for value in measured.values):
        raise Invalid("out-of-range", "检验结果“%(text)s”大小或位数超出合理范围。请核对指数和小数位。", fields={"text": ["超出合理范围"]}, text=measured.text[:40])
    if any(value < 0 for value in measured.values) and (limit.lower is None or limit.lower >= 0):
        raise Invalid("negative", "检验结果为负数。请核对原始记录。", fields={"text": ["不能为负"]})
    unknown = measured.kind == notation.NOT_DETECTED and not measured.values and limit.kind == "range"
    if unknown and new.detection_limit is None:
        raise Invalid("detection-limit-missing", "结果为未检出，但没有检出限，无法与限量比较。请填写检出限，或写成“<数值”。",
                      fields={"detection_limit": ["未检出时必填"]})


def _check_day(new: NewResult, sample: Sample) -> None:
    if new.tested_on and new.tested_on > clock.today():
        raise Invalid("future-date", "检验日期晚于今天。请核对检验日期。", fields={"tested_on": ["不能晚于今天"]})
    if new.tested_on and sample.received_on and new.tested_on < sample.received_on:
        raise Invalid("date-before-receipt", "检验日期早于收样日期 %(day)s。请核对检验日期。", fields={"tested_on": ["不能早于收样日期"]},
                      day=sample.received_on.isoformat())


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
    """A unit as it is compared: width, blanks, case and the two micro signs make no difference; nothing is converted.

    >>> _unit("ｍｇ／kg"), _unit("ug/kg") == _unit("µg/kg"), _unit("mg/kg") == _unit("μg/kg")
    ('mg/kg', True, False)
    """
    return folded(text).lower().replace("ug/", "μg/")


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

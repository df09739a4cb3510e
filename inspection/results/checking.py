"""One result as the laboratory states it, and what is wrong with it before it is judged or kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from inspection import clock
from inspection.errors import Invalid
from inspection.intake import measurement as notation
from inspection.registers.models import Limit
from inspection.results import rules
from inspection.results.known import folded
from inspection.samples.models import Sample

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


def read(text: str) -> notation.Measurement:
    """The result as written; what cannot be read names its field."""
    try:
        return notation.parse(text)
    except Invalid as error:
        raise Invalid(error.code, error.template, fields={"text": ["写法无法识别"]}, **error.params) from None


def check_value(new: NewResult, measured: notation.Measurement, limit: Limit) -> None:
    if any(len(format(value, "f")) > LONGEST_NUMBER for value in measured.values):
        raise Invalid("out-of-range", "检验结果“%(text)s”大小或位数超出合理范围。请核对指数和小数位。", fields={"text": ["超出合理范围"]}, text=measured.text[:40])
    if any(value < 0 for value in measured.values) and (limit.lower is None or limit.lower >= 0):
        raise Invalid("negative", "检验结果为负数。请核对原始记录。", fields={"text": ["不能为负"]})
    unknown = measured.kind == notation.NOT_DETECTED and not measured.values and limit.kind == "range"
    if unknown and new.detection_limit is None:
        raise Invalid("detection-limit-missing", "结果为未检出，但没有检出限，无法与限量比较。请填写检出限，或写成“<数值”。",
                      fields={"detection_limit": ["未检出时必填"]})


def check_day(new: NewResult, sample: Sample) -> None:
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


def limit_of_detection(new: NewResult, limit: Limit) -> Decimal | None:
    return new.detection_limit if new.detection_limit is not None else limit.detection_limit


def check_claim(new: NewResult, judged: rules.Judgement) -> None:
    claimed = {"合格": rules.PASS, "合格项": rules.PASS, "不合格": rules.FAIL, "不合格项": rules.FAIL, "不判定": rules.UNDETERMINED}
    if not new.claimed.strip():
        return
    if new.claimed.strip() not in claimed:
        raise Invalid("unknown-verdict", "结果判定“%(given)s”不是规定的写法。请填 合格、不合格 或 不判定，或留空。",
                      fields={"claimed": ["合格、不合格、不判定"]}, given=new.claimed[:20])
    if claimed[new.claimed.strip()] != judged.outcome:
        raise Invalid("verdict-contradicts", "填写的判定“%(given)s”与数值不符：按限量应为“%(ours)s”（%(why)s）。请核对数值或判定。",
                      fields={"claimed": ["与数值不符"]}, given=new.claimed, ours=rules.LABELS[judged.outcome], why=judged.reason)


def unit_key(text: str) -> str:
    """A unit as it is compared: width, blanks, case and the two micro signs make no difference; nothing is converted.

    >>> unit_key("ｍｇ／kg"), unit_key("ug/kg") == unit_key("µg/kg"), unit_key("mg/kg") == unit_key("μg/kg")
    ('mg/kg', True, False)
    """
    return folded(text).lower().replace("ug/", "μg/")

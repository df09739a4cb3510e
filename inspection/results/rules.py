"""Judgement of test results: a value, a limit, one of three answers with its reason. Never a guess.

A value equal to the limit passes (以上、以下 include the number). A value below a detection limit is never taken as zero: when
the detection limit itself lies above the permitted limit the answer is *undetermined*, not pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from inspection.intake import measurement as notation
from inspection.intake.measurement import Measurement
from sampling import counting


class Outcome(StrEnum):
    """判定: 合格 / 不合格 / 不能判定."""

    PASS = "pass"
    FAIL = "fail"
    UNDETERMINED = "undetermined"


LABELS = {Outcome.PASS: "合格", Outcome.FAIL: "不合格", Outcome.UNDETERMINED: "不能判定"}


@dataclass(frozen=True, slots=True)
class AcceptancePlan:
    """n, c, m, M of a microbiological limit: of n units at most c may exceed m, none may exceed M."""

    n: int
    c: int
    m: Decimal
    M: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LimitValue:
    """限量 as a value; both ends inclusive, None = no such end."""

    kind: str = "range"
    lower: Decimal | None = None
    upper: Decimal | None = None
    unit: str = ""
    plan: AcceptancePlan | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """判定 with the words that explain it."""

    outcome: Outcome
    reason: str = ""


PASS, FAIL, UNDETERMINED = Outcome.PASS, Outcome.FAIL, Outcome.UNDETERMINED


def judge(value: Measurement, limit: LimitValue | None, detection_limit: Decimal | None = None) -> Judgement:
    """Compare one result with the limit in force.

    Parameters
    ----------
    value : the result as the laboratory wrote it, in the unit of the limit.
    limit : None when no limit is in force (不判定).
    detection_limit : the method's detection limit in the same unit, or None when it was not given.

    >>> judge(notation.parse("0.05"), LimitValue(upper=Decimal("0.05")))
    Judgement(outcome=<Outcome.PASS: 'pass'>, reason='0.05 ≤ 0.05')
    >>> judge(notation.parse("<0.1"), LimitValue(upper=Decimal("0.05"))).outcome
    <Outcome.UNDETERMINED: 'undetermined'>
    """
    if limit is None or limit.kind == "info":
        return Judgement(UNDETERMINED, "没有可适用的限量，不作判定")
    if limit.kind == "plan":
        return _judge_plan(value, limit.plan)
    if value.kind == notation.TEXT:
        return Judgement(UNDETERMINED, "结果不是可比较的数值")
    if limit.kind == "not_detected":
        return _judge_absence(value, detection_limit)
    if value.kind == notation.SERIES:
        return _worst([judge(part, limit, detection_limit) for part in value.parts])
    if value.kind == notation.DETECTED:
        return Judgement(UNDETERMINED, "只写“检出”，没有数值可与限量比较")
    if limit.lower is None and limit.upper is None:
        return Judgement(UNDETERMINED, "限量没有数值")
    return _judge_range(value, limit, detection_limit)


def _judge_absence(value: Measurement, detection_limit: Decimal | None) -> Judgement:
    """不得检出: detected fails, not detected passes; a bound above the detection limit tells neither."""
    match value.kind:
        case notation.NOT_DETECTED:
            return Judgement(PASS, "未检出，符合不得检出")
        case notation.BELOW if detection_limit is None or value.values[0] <= detection_limit:
            return Judgement(PASS, "未检出，符合不得检出")
        case notation.BELOW:
            return Judgement(UNDETERMINED, f"{value.text} 高于检出限 {detection_limit}，不能说明是否检出")
        case notation.NUMBER | notation.ABOVE if value.values[0] <= 0:
            return Judgement(UNDETERMINED, "结果写成 0，不能说明是否检出：未检出请写“未检出”")
        case notation.SERIES:
            return _worst([_judge_absence(part, detection_limit) for part in value.parts])
        case _:
            return Judgement(FAIL, "检出，不符合不得检出")


def _judge_range(value: Measurement, limit: LimitValue, detection_limit: Decimal | None) -> Judgement:
    low, high, shown = _interval(value, detection_limit)
    if low is None and high is None:
        return Judgement(UNDETERMINED, "未检出但没有填写检出限，无法与限量比较")
    parts = []
    if limit.upper is not None:
        parts.append(_against_upper(value, low, high, limit.upper, shown))
    if limit.lower is not None:
        parts.append(_against_lower(value, low, high, limit.lower, shown))
    return _worst(parts)


def _interval(value: Measurement, detection_limit: Decimal | None) -> tuple[Decimal | None, Decimal | None, str]:
    """What is known of the true value: lowest, highest (None = open), and how to show it."""
    if value.kind == notation.NUMBER:
        number = value.values[0]
        return number, number, value.text
    if value.kind == notation.ABOVE:
        return value.values[0], None, value.text
    below = value.values[0] if value.values else detection_limit
    return None, below, value.text if value.values else f"未检出（检出限 {detection_limit}）"


def _against_upper(value: Measurement, low: Decimal | None, high: Decimal | None, upper: Decimal, shown: str) -> Judgement:
    if high is not None and high <= upper:
        return Judgement(PASS, f"{shown} ≤ {upper}")
    if low is not None and (low > upper or (low == upper and value.qualifier == ">")):
        return Judgement(FAIL, f"{shown} > {upper}")
    why = "只知道下限" if high is None else "检出限高于限量"
    return Judgement(UNDETERMINED, f"{shown} 不能说明是否超过 {upper}：{why}")


def _against_lower(value: Measurement, low: Decimal | None, high: Decimal | None, lower: Decimal, shown: str) -> Judgement:
    if low is not None and low >= lower:
        return Judgement(PASS, f"{shown} ≥ {lower}")
    if high is not None and (high < lower or (high == lower and value.kind != notation.NUMBER and value.qualifier != "≤")):
        return Judgement(FAIL, f"{shown} < {lower}")
    return Judgement(UNDETERMINED, f"{shown} 不能说明是否达到 {lower}")


def _judge_plan(value: Measurement, plan: AcceptancePlan | None) -> Judgement:
    if plan is None:
        return Judgement(UNDETERMINED, "限量缺少 n、c、m、M")
    parts = value.parts if value.kind == notation.SERIES else (value,)
    if len(parts) != plan.n:
        return Judgement(UNDETERMINED, f"采样方案要求 n={plan.n} 个结果，实有 {len(parts)} 个")
    over_m = [_exceeds(part, plan.m) for part in parts]
    over_max = [False if plan.M is None else _exceeds(part, plan.M) for part in parts]
    if any(found is True for found in over_max):
        return Judgement(FAIL, f"有结果超过 M={plan.M}")
    sure = sum(found is True for found in over_m)
    if sure > plan.c:
        return Judgement(FAIL, f"{sure} 个结果超过 m={plan.m}，允许 c={plan.c} 个")
    open_ones = sum(found is None for found in over_m)
    if any(found is None for found in over_max) or sure + open_ones > plan.c:
        return Judgement(UNDETERMINED, f"{open_ones} 个结果的检出限高于 m={plan.m}，不能判定")
    return Judgement(PASS, f"{sure} 个结果超过 m={plan.m}，允许 c={plan.c} 个")


def _exceeds(value: Measurement, bound: Decimal) -> bool | None:
    """Whether a single result exceeds a bound; None when it cannot be told."""
    match value.kind:
        case notation.NUMBER:
            return value.values[0] > bound
        case notation.NOT_DETECTED:
            return False if not value.values or value.values[0] <= bound else None
        case notation.BELOW:
            return False if value.values[0] <= bound else None
        case notation.ABOVE:
            return True if value.values[0] > bound or (value.values[0] == bound and value.qualifier == ">") else None
        case notation.DETECTED if bound == 0:
            return True
        case _:
            return None


def _worst(parts: Sequence[Judgement]) -> Judgement:
    """One failure fails; else one unknown leaves it open; else pass."""
    for outcome in (FAIL, UNDETERMINED):
        for part in parts:
            if part.outcome == outcome:
                return part
    return parts[0]


def conclude(outcomes: Iterable[Outcome]) -> Outcome | None:
    """Conclusion of a sample from its items by the counting rules (R1): fail if any fails, undetermined if any is; None without items.

    >>> conclude([Outcome.PASS, Outcome.UNDETERMINED])
    <Outcome.UNDETERMINED: 'undetermined'>
    """
    found = [counting.Outcome(outcome) for outcome in outcomes]
    return Outcome(counting.combined(found)) if found else None


def relevant_day(date_kind: str, produced_on: date | None, taken_on: date) -> date:
    """The day whose limits apply: the production date when it is known, else the day of sampling."""
    return produced_on if date_kind in ("production", "processing") and produced_on else taken_on


def chosen_code(product_code: str, candidates: Iterable[str]) -> str | None:
    """Among codes of the product tree the deepest that is the product's own or an ancestor's.

    >>> chosen_code("33.01.02", ["33", "33.01", "33.01.0", "34"])
    '33.01'
    """
    fitting = [code for code in candidates if product_code == code or product_code.startswith(code + ".")]
    return max(fitting, key=len, default=None)


# state → what may follow
NEXT = {"entering": {"entered"}, "entered": {"reviewed", "entering"}, "reviewed": {"approved", "entering"}, "approved": set[str]()}


def may(state: str, to: str) -> bool:
    return to in NEXT.get(state, set())


def must_differ(actor_id: int, *others: int | None) -> bool:
    """Whether the actor is someone else than all who signed before."""
    return actor_id not in others

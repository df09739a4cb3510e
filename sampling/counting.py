"""Counting 计数: from samples and items to passed, failed, undetermined, pending and excluded; and how a rate is printed.

The rules, which are part of every published figure (`RULES` names their version):

R1 the unit is the sample (批次): it fails when one item finally fails. R2 a reinspection (复检) replaces the first result of its
item. R3 microbiological results are not open to reinspection: one that was recorded is left aside with a warning (MEM: to be
traced to the text of 食品安全抽样检验管理办法). R4 follow-up samples, complaints and re-tests stay out of the base rate. R5 one sample number
counts once. R6 void samples leave n. R7 a sample with an open item and none that fails is pending: outside n, shown as a count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from sampling.arguments import Exact, exact_fraction, number, one_sample, shown, whole
from sampling.errors import SamplingError

RULES = "R1-R7/1"
MICROBIOLOGICAL = ("microbio", "microbial", "微生物")  # how the word begins
OUTSIDE_THE_BASE_RATE = frozenset({"follow-up", "followup", "complaint", "retest", "re-test", "跟踪抽检", "投诉举报", "复测"})
_MOST_DECIMALS = 12


class Outcome(StrEnum):
    """合格 / 不合格 / 不能判定 / 待出结果."""

    PASS = "pass"
    FAIL = "fail"
    UNDETERMINED = "undetermined"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Item:
    """检验项目: first result and, where one was made, the result of its reinspection."""

    name: str
    initial: str
    kind: str = "chemical"
    reinspection: str | None = None

    @property
    def microbiological(self) -> bool:
        """Whether R3 applies."""
        return self.kind.strip().lower().startswith(MICROBIOLOGICAL)


@dataclass(frozen=True, slots=True)
class Sample:
    """样品 (批次) with its items."""

    number: str
    items: Sequence[Item]
    purpose: str = "supervision"
    follow_up_of: str | None = None
    void: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """计数结果: samples, items, the numbers counted (so that the figure can be rebuilt) and what was left aside with its reason."""

    passed: int = 0
    failed: int = 0
    undetermined: int = 0
    pending: int = 0
    excluded: int = 0
    items: int = 0
    items_failed: int = 0
    counted: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Judged samples, the denominator of the rate."""
        return self.passed + self.failed


def count(samples: Sequence[Sample]) -> Tally:
    """Count samples by rules R1–R7.

    Parameters
    ----------
    samples : records in any order; of records with one number the first counts.

    Returns
    -------
    Tally : `items` are the judged items (pass or fail) of the samples that are not excluded.

    Raises
    ------
    SamplingError : an outcome that is not a word of `Outcome`, or an empty sample number.

    Notes
    -----
    The rules stand at the head of this module. Wrong for pooled purposes: never count supervision and evaluation into one rate.

    References
    ----------
    食品安全抽样检验管理办法 (MEM, R3).

    Examples
    --------
    >>> found = count([Sample("A1", [Item("铅", "fail", reinspection="pass")]), Sample("A2", [Item("铅", "pending")])])
    >>> found.passed, found.pending, found.n
    (1, 1, 1)
    """
    first, warnings = _once(samples)
    base = [sample for sample in first if not _outside(sample)]
    outcomes = [[final(item) for item in sample.items] for sample in base]
    warnings += [
        f"样品 {sample.number}：微生物项目“{item.name}”不得复检，复检结果未采用"
        for sample in base for item in sample.items if item.microbiological and item.reinspection is not None
    ]
    verdicts = [combined(found) for found in outcomes]
    judged = [outcome for found in outcomes for outcome in found if outcome in (Outcome.PASS, Outcome.FAIL)]
    return Tally(
        passed=verdicts.count(Outcome.PASS),
        failed=verdicts.count(Outcome.FAIL),
        undetermined=verdicts.count(Outcome.UNDETERMINED),
        pending=verdicts.count(Outcome.PENDING),
        excluded=len(first) - len(base),
        items=len(judged),
        items_failed=judged.count(Outcome.FAIL),
        counted=tuple(s.number for s, v in zip(base, verdicts, strict=True) if v in (Outcome.PASS, Outcome.FAIL)),
        warnings=tuple(warnings),
    )


def _once(samples: Sequence[Sample]) -> tuple[list[Sample], list[str]]:
    """R5: the first record of every number; a later one that says something else is named."""
    seen: dict[str, Sample] = {}
    warnings = []
    for sample in samples:
        if not sample.number:
            raise SamplingError("样品编号为空；每个样品应有编号")
        if seen.setdefault(sample.number, sample) != sample:
            warnings.append(f"样品 {sample.number} 重复且内容不一致：按先出现的一条计数，请核对")
    return list(seen.values()), warnings


def _outside(sample: Sample) -> bool:
    """R4 and R6."""
    purpose = sample.purpose.strip().lower().replace("_", "-").replace(" ", "-")
    return sample.void or sample.follow_up_of is not None or purpose in OUTSIDE_THE_BASE_RATE


def final(item: Item) -> Outcome:
    """The result that counts for one item (R2, R3).

    Parameters
    ----------
    item : first result and reinspection.

    Returns
    -------
    Outcome : of the reinspection where one counts.

    Raises
    ------
    SamplingError : a word that is no outcome.

    Notes
    -----
    R2 and R3; an open reinspection leaves the item open.

    References
    ----------
    食品安全抽样检验管理办法 (MEM, R3).

    Examples
    --------
    >>> final(Item("菌落总数", "fail", "microbiological", "pass"))
    <Outcome.FAIL: 'fail'>
    """
    first = _outcome(item.initial)
    if item.reinspection is None or item.microbiological:
        return first
    return _outcome(item.reinspection)


def _outcome(word: str) -> Outcome:
    try:
        return Outcome(word)
    except ValueError:
        raise SamplingError(f"检验结果不合法：{shown(word)}；可选 {'、'.join(Outcome)}") from None


def combined(outcomes: Sequence[Outcome]) -> Outcome:
    """One sample from its items (R1, R7): fail before pending before undetermined before pass; no item yet is pending.

    Parameters
    ----------
    outcomes : final outcomes of the items of one sample.

    Returns
    -------
    Outcome : of the sample.

    Raises
    ------
    nothing.

    Notes
    -----
    R1 and R7.

    References
    ----------
    食品安全抽样检验管理办法 (MEM).

    Examples
    --------
    >>> combined([Outcome.PASS, Outcome.UNDETERMINED]), combined([])
    (<Outcome.UNDETERMINED: 'undetermined'>, <Outcome.PENDING: 'pending'>)
    """
    for outcome in (Outcome.FAIL, Outcome.PENDING, Outcome.UNDETERMINED):
        if outcome in outcomes:
            return outcome
    return Outcome.PASS if outcomes else Outcome.PENDING


# --- printing ---------------------------------------------------------------------------------------------------------


def rate_text(passed: int, tested: int, decimals: int = 2) -> str:
    """Rate as text, half rounded up, — when nothing was tested. Never compared with a target: `target.reaches` does that.

    Parameters
    ----------
    passed, tested : whole numbers, 0 ≤ passed ≤ tested.
    decimals : whole number from 0 to 12.

    Returns
    -------
    str : with %, or —.

    Raises
    ------
    SamplingError : broken counts, x > n, decimals outside their range.

    Notes
    -----
    Exact integer arithmetic, ROUND_HALF_UP as in the published notices. Wrong as a basis of comparison: 97.995 % prints as 98.00%.

    References
    ----------
    The last example is the failing rate of notice no. 13 of 2024: 190 872 of 6 997 389, 2.73 %.

    Examples
    --------
    >>> rate_text(546, 560), rate_text(0, 0), rate_text(190872, 6997389)
    ('97.50%', '—', '2.73%')
    """
    if not whole(tested, "n"):
        whole_passed = whole(passed, "x")
        if whole_passed:
            raise SamplingError(f"x 不合法：{whole_passed}；n=0 时应为 0")
        return "—"
    return fraction_text(Fraction(*one_sample(passed, tested)), decimals)


def fraction_text(value: Fraction, decimals: int = 2) -> str:
    """A share as a percentage, half rounded up (away from zero) in exact arithmetic.

    Parameters
    ----------
    value : exact share, may be negative.
    decimals : whole number from 0 to 12.

    Returns
    -------
    str : with %.

    Raises
    ------
    SamplingError : decimals outside their range.

    Notes
    -----
    ROUND_HALF_UP. Wrong for floats: give a Fraction.

    References
    ----------
    GB/T 8170-2008 rounds half to even; the published notices round half up (129 of 129 rows).

    Examples
    --------
    >>> fraction_text(Fraction(1, 800), 1)
    '0.1%'
    """
    return f"{_rounded(exact_fraction(value, '比例') * 100, decimals)}%"


def points_text(now: Exact, before: Exact, decimals: int = 2) -> str:
    """The change between two rates in percentage points (百分点), computed before rounding.

    Parameters
    ----------
    now, before : rates as fractions, decimals or "98%".
    decimals : whole number from 0 to 12.

    Returns
    -------
    str : 上升, 下降 or 持平.

    Raises
    ------
    SamplingError : rates that are no numbers, decimals outside their range.

    Notes
    -----
    The exact change is rounded, so it may differ by one unit from the difference of the printed rates. A change in points is no
    percentage.

    References
    ----------
    Notices no. 12 of 2023 (2.86 %) and no. 13 of 2024 (2.73 %): 下降0.13个百分点.

    Examples
    --------
    >>> points_text(Fraction(190872, 6997389), Fraction(187572, 6563388))
    '下降0.13个百分点'
    """
    change = exact_fraction(now, "本期比例") - exact_fraction(before, "上期比例")
    size = _rounded(abs(change) * 100, decimals)
    if not change:
        return "持平"
    return f"{'上升' if change > 0 else '下降'}{size}个百分点"


def bound_text(value: Any, decimals: int = 2, *, lower: bool) -> str:
    """An end of an interval as text, rounded outwards so that the text never promises more than the number.

    Parameters
    ----------
    value : share in [0, 1].
    decimals : whole number from 0 to 12.
    lower : whether it is a lower end (rounded down) or an upper one (rounded up).

    Returns
    -------
    str : with %.

    Raises
    ------
    SamplingError : a value that is no number, decimals outside their range.

    Notes
    -----
    A float counts as the shortest decimal that prints it. Do not use for rates.

    References
    ----------
    The examples are the Wilson interval of 546 in 560.

    Examples
    --------
    >>> bound_text(0.958449, lower=True), bound_text(0.985051, lower=False)
    ('95.84%', '98.51%')
    """
    scaled = exact_fraction(number(value, "区间端点"), "区间端点") * 100 * 10 ** whole(decimals, "小数位数 decimals")
    whole_ = scaled.numerator // scaled.denominator if lower else -(-scaled.numerator // scaled.denominator)
    return fraction_text(Fraction(whole_, 100 * 10**decimals), decimals)


def _rounded(value: Fraction, decimals: int) -> str:
    """ROUND_HALF_UP with a fixed number of decimals."""
    places = whole(decimals, "小数位数 decimals")
    if places > _MOST_DECIMALS:
        raise SamplingError(f"小数位数 decimals 不合法：{decimals}；应不大于 {_MOST_DECIMALS}")
    scaled = abs(value) * 10**places
    rounded = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    digits = str(rounded).zfill(places + 1)
    sign = "-" if value < 0 and rounded else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)

"""Is the target attained 是否达标? Attained, not attained, or not yet decidable – never a guess from the rounded rate.

Rule: with the exact one-sided Clopper–Pearson bounds at `conf` per side, *attained* when the lower bound reaches the target,
*not attained* when the upper bound stays below it, else *inconclusive*. The chance of a wrong "attained" is at most 1 − conf.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sampling import intervals
from sampling.arguments import Exact, confidence, exact_fraction, passed_and_tested, target_rate, whole


class Verdict(StrEnum):
    """达标 / 未达标 / 尚不能判定 / 不可推断."""

    ATTAINED = "attained"
    NOT_ATTAINED = "not_attained"
    INCONCLUSIVE = "inconclusive"
    NOT_ASSESSABLE = "not_assessable"


LABELS = {
    Verdict.ATTAINED: "达标",
    Verdict.NOT_ATTAINED: "未达标",
    Verdict.INCONCLUSIVE: "尚不能判定",
    Verdict.NOT_ASSESSABLE: "不可推断",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """判定 with everything that must stand beside it."""

    verdict: Verdict
    passed: int
    tested: int
    target: Fraction
    lower: float
    upper: float
    point_reaches: bool
    failures_allowed: int
    batches_needed: int | None

    @property
    def failed(self) -> int:
        return self.tested - self.passed

    @property
    def can_ever_show(self) -> bool:
        """Whether this number of batches could show the target at all (with no failure)."""
        return self.failures_allowed >= 0


def judge(passed: int, tested: int, target: Exact, conf: float = 0.95) -> Judgement:
    """Judge a pass rate against a target.

    Parameters
    ----------
    passed, tested : whole numbers, 0 ≤ passed ≤ tested, tested ≥ 1; from a probability sample.
    target : rate in (0, 1]; text like "98%" or "0.98" is taken exactly.
    conf : confidence per side.

    Returns
    -------
    Judgement : with the failures allowed at this n (−1: even none would not do) and, while inconclusive, the batches still
        needed if no further one fails (None: no number of batches can show a target of 100 %).

    Notes
    -----
    Wrong for targeted samples and for judging anew every month until "attained" appears (use a sequential plan).

    Examples
    --------
    >>> judge(16294, 16641, "98%").verdict
    <Verdict.INCONCLUSIVE: 'inconclusive'>
    >>> judge(600, 600, "99.8%").batches_needed
    897
    """
    wanted, level = target_rate(target), confidence(conf)
    passed, tested = (int(v) for v in passed_and_tested(passed, tested))
    low = float(intervals.lower_bound(passed, tested, level))
    high = float(intervals.upper_bound(passed, tested, level))
    if low >= wanted:
        verdict = Verdict.ATTAINED
    elif high < wanted:
        verdict = Verdict.NOT_ATTAINED
    else:
        verdict = Verdict.INCONCLUSIVE
    needed = batches_to_show(wanted, tested - passed, level) if verdict is Verdict.INCONCLUSIVE else 0
    return Judgement(
        verdict, passed, tested, wanted, low, high, Fraction(passed, tested) >= wanted, failures_allowed(tested, wanted, level),
        None if needed is None else max(0, needed - tested),
    )


def reaches(passed: int, tested: int, target: Exact) -> bool:
    """Whether x/n reaches the target, compared on integers and never on rounded text.

    >>> reaches(98, 100, "98%"), reaches(9799, 10000, "98%")
    (True, False)
    """
    return Fraction(passed, tested) >= exact_fraction(target, "目标 target")


@lru_cache(maxsize=4096)
def failures_allowed(n: int, target: Fraction, conf: float = 0.95) -> int:
    """Most failures among n batches with which the target is still shown; −1 when even none would not show it.

    >>> failures_allowed(2240, Fraction(98, 100)), failures_allowed(560, Fraction(98, 100)), failures_allowed(112, Fraction(98, 100))
    (33, 5, -1)
    """
    low, high = -1, n
    while high - low > 1:
        middle = (low + high) // 2
        if float(intervals.lower_bound(n - middle, n, conf)) >= target:
            low = middle
        else:
            high = middle
    return low


@lru_cache(maxsize=4096)
def batches_to_show(target: Fraction, failures: int = 0, conf: float = 0.95) -> int | None:
    """Smallest n with at most that many failures that shows the target; None for a target of 100 %.

    >>> [batches_to_show(Fraction(98, 100), k) for k in (0, 1, 2, 5)]
    [149, 236, 313, 523]
    """
    if target >= 1:
        return None
    k = whole(failures, "不合格数 failures")

    def shown(n: int) -> bool:
        return float(intervals.lower_bound(n - k, n, conf)) >= target

    high = k + 1
    while not shown(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if shown(middle) else (middle, high)
    return high


def rate_text(passed: int, tested: int, decimals: int = 2) -> str:
    """Pass rate as text, half rounded up, — when nothing was tested.

    >>> rate_text(546, 560), rate_text(0, 0), rate_text(132, 140, 1)
    ('97.50%', '—', '94.3%')
    """
    return fraction_text(Fraction(passed, tested), decimals) if tested else "—"


def fraction_text(value: Fraction, decimals: int = 2) -> str:
    """A share as a percentage, half rounded up in exact arithmetic.

    >>> fraction_text(Fraction(1, 800), 1)
    '0.1%'
    """
    scaled = value * 100 * 10**decimals
    rounded = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    if not decimals:
        return f"{rounded}%"
    digits = str(abs(rounded)).zfill(decimals + 1)
    return f"{'-' if rounded < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}%"


def bound_text(value: Any, decimals: int = 2, *, lower: bool) -> str:
    """An end of an interval as text, rounded outwards so that the text never promises more than the number.

    >>> bound_text(0.958449, lower=True), bound_text(0.986267, lower=False)
    ('95.84%', '98.63%')
    """
    scaled = Fraction(float(value)) * 100 * 10**decimals
    whole_ = scaled.numerator // scaled.denominator if lower else -(-scaled.numerator // scaled.denominator)
    return fraction_text(Fraction(whole_, 100 * 10**decimals), decimals)

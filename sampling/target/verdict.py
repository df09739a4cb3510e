"""Verdicts on a pass rate: from batches of a large population, and from a roster of known size."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from sampling import intervals
from sampling.arguments import Exact, exact_tail, one_of, one_sample, target_rate, whole
from sampling.target.demonstrate import batches_to_show, batches_to_show_finite, failures_allowed
from sampling.target.shown import shows_attained, shows_not_attained

METHOD = "clopper-pearson"


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


def judge(passed: int, tested: int, target: Exact, conf: float = 0.95, *, method: str = METHOD, assessable: bool = True) -> Judgement:
    """Judge a pass rate against a target.

    Parameters
    ----------
    passed, tested : whole numbers, 0 ≤ passed ≤ tested, tested ≥ 1; from a probability sample.
    target : rate in (0, 1]; text like "98%" or "0.98" is taken exactly.
    conf : confidence per side.
    method : of the two bounds; no other than "clopper-pearson" keeps its confidence at every rate, so no other is taken.
    assessable : False for targeted (问题导向) samples: the verdict is then 不可推断 whatever the numbers say.

    Returns
    -------
    Judgement : with the failures allowed at this n (−1: even none would not do) and, while inconclusive, the batches still
        needed if no further one fails (None: no number of batches can show a target of 100 %).

    Raises
    ------
    SamplingError : counts that are not whole, x > n, n = 0, a target outside (0, 1], a confidence outside (0, 1), another method.

    Notes
    -----
    Wrong for targeted samples and for judging anew every month until "attained" appears (use `target.sequential`). A bound that
    falls on the target itself is decided in whole numbers.

    References
    ----------
    Clopper & Pearson (1934), doi:10.1093/biomet/26.4.404. The first example is Datong's year 2021, 97.91 % of 16 641.

    Examples
    --------
    >>> judge(16294, 16641, "98%").verdict
    <Verdict.INCONCLUSIVE: 'inconclusive'>
    >>> judge(600, 600, "99.8%").batches_needed
    897
    """
    one_of(method, (METHOD,), "判定方法 method")
    wanted, alpha = target_rate(target), exact_tail(conf)
    passed, tested = one_sample(passed, tested)
    failed = tested - passed
    if not assessable:
        verdict = Verdict.NOT_ASSESSABLE
    elif shows_attained(failed, tested, wanted, alpha):
        verdict = Verdict.ATTAINED
    elif shows_not_attained(failed, tested, wanted, alpha):
        verdict = Verdict.NOT_ATTAINED
    else:
        verdict = Verdict.INCONCLUSIVE
    needed = batches_to_show(wanted, failed, conf) if verdict is Verdict.INCONCLUSIVE else 0
    return Judgement(
        verdict, passed, tested, wanted, float(intervals.lower_bound(passed, tested, conf)),
        float(intervals.upper_bound(passed, tested, conf)), Fraction(passed, tested) >= wanted,
        failures_allowed(tested, wanted, conf), None if needed is None else max(0, needed - tested),
    )


def reaches(passed: int, tested: int, target: Exact) -> bool:
    """Whether x/n reaches the target, compared on integers and never on rounded text.

    Parameters
    ----------
    passed, tested : whole numbers, 0 ≤ passed ≤ tested, tested ≥ 1.
    target : rate in (0, 1].

    Returns
    -------
    bool : x · b ≥ a · n for the target a/b.

    Raises
    ------
    SamplingError : broken counts, x > n, n = 0, a target outside (0, 1].

    Notes
    -----
    A statement about the batches tested, not about the market: at the border it is right half of the time (see `judge`).

    References
    ----------
    Rounding of compared values: GB/T 8170-2008, 4.3 (MEM).

    Examples
    --------
    >>> reaches(98, 100, "98%"), reaches(195990, 200000, "98%")
    (True, False)
    """
    return Fraction(*one_sample(passed, tested)) >= target_rate(target)


@dataclass(frozen=True, slots=True)
class FiniteJudgement:
    """判定 on a roster: at least `lower` and at most `upper` of its units pass, `required` would have to."""

    verdict: Verdict
    passed: int
    tested: int
    roster: int
    target: Fraction
    required: int
    lower: int
    upper: int
    point_reaches: bool
    batches_needed: int | None


def judge_finite(passed: int, tested: int, roster: int, target: Exact, conf: float = 0.95, *, assessable: bool = True) -> FiniteJudgement:
    """Judge the pass rate of a roster of known size by the exact hypergeometric bounds; a census is judged by its count.

    Parameters
    ----------
    passed, tested, roster : whole numbers, 0 ≤ passed ≤ tested ≤ roster, tested ≥ 1, drawn without replacement.

    Returns
    -------
    FiniteJudgement : `required` = ⌈target · roster⌉ compared with bounds at `conf` per side; `batches_needed` more without a further
        failure would show the target (None: with these failures it can no longer be met).

    Raises
    ------
    SamplingError : broken counts, x > n, n > N, a target outside (0, 1], a confidence outside (0, 1).

    Notes
    -----
    Attained when D_lower ≥ D_required, not attained when D_upper < D_required. Wrong when the roster is incomplete or its units were
    picked on purpose.

    References
    ----------
    Buonaccorsi (1987), The American Statistician 41, 215–218.

    Examples
    --------
    >>> judge_finite(97, 100, 100, 0.98).verdict, judge_finite(120, 120, 600, "98%").batches_needed
    (<Verdict.NOT_ATTAINED: 'not_attained'>, 3)
    """
    wanted = target_rate(target)
    (x, n), size = one_sample(passed, tested), whole(roster, "名录数 N", 1)
    low = int(intervals.finite_bound(passed, tested, roster, "lower", conf))
    high = int(intervals.finite_bound(passed, tested, roster, "upper", conf))
    required = -(-wanted.numerator * size // wanted.denominator)
    if not assessable:
        verdict = Verdict.NOT_ASSESSABLE
    elif low >= required:
        verdict = Verdict.ATTAINED
    elif high < required:
        verdict = Verdict.NOT_ATTAINED
    else:
        verdict = Verdict.INCONCLUSIVE
    needed = batches_to_show_finite(size, wanted, n - x, conf) if verdict is Verdict.INCONCLUSIVE else n
    return FiniteJudgement(
        verdict, x, n, size, wanted, required, low, high, Fraction(x, n) >= wanted, None if needed is None else max(0, needed - n)
    )

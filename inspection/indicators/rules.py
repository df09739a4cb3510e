"""What counts may say: pass rate with interval and verdict, quota progress, coverage – and when nothing may be inferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sampling import intervals, target
from sampling.target import Verdict

MILLION = 1_000_000
INTERVAL_METHOD = "Wilson"
SMALL = 30


@dataclass(frozen=True, slots=True)
class Counts:
    """计数 of batches: passed, failed, undetermined (tested but not judged), pending (no final report), left out."""

    passed: int = 0
    failed: int = 0
    undetermined: int = 0
    pending: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.passed + other.passed, self.failed + other.failed, self.undetermined + other.undetermined, self.pending + other.pending
        )

    @property
    def judged(self) -> int:
        """Batches with a pass or a fail: the n of every rate."""
        return self.passed + self.failed

    @property
    def tested(self) -> int:
        return self.judged + self.undetermined


@dataclass(frozen=True, slots=True)
class Rate:
    """合格率 with Wilson 95 % and, where a sample speaks for the market, the verdict against a target."""

    name: str
    counts: Counts
    text: str
    fail_text: str
    low: float | None
    high: float | None
    verdict: Verdict | None
    failures_allowed: int | None = None
    batches_needed: int | None = None

    @property
    def interval_text(self) -> str:
        if self.low is None or self.high is None:
            return "不可估计"
        return f"{target.bound_text(self.low, lower=True).rstrip('%')}–{target.bound_text(self.high, lower=False)}"

    @property
    def small(self) -> bool:
        """Fewer than thirty judged batches: shown grey, never ranked."""
        return 0 < self.counts.judged < SMALL


def rate(name: str, counts: Counts, *, threshold: Fraction | None = None, assessable: bool, decimals: int = 2) -> Rate:
    """The rate of some counts.

    Parameters
    ----------
    threshold : target as a fraction, or None when there is none.
    assessable : whether the batches are a probability sample; otherwise the verdict is 不可推断 whatever the numbers say.
    """
    n = counts.judged
    text = target.rate_text(counts.passed, n, decimals)
    fail_text = target.rate_text(counts.failed, n, decimals)
    if n == 0:
        verdict = None if threshold is None else Verdict.NOT_ASSESSABLE
        return Rate(name, counts, text, fail_text, None, None, verdict)
    low, high = (float(v) for v in intervals.wilson(counts.passed, n))
    if threshold is None:
        return Rate(name, counts, text, fail_text, low, high, None if assessable else Verdict.NOT_ASSESSABLE)
    if not assessable:
        return Rate(name, counts, text, fail_text, low, high, Verdict.NOT_ASSESSABLE)
    judged = target.judge(counts.passed, n, threshold)
    return Rate(name, counts, text, fail_text, low, high, judged.verdict, judged.failures_allowed, judged.batches_needed)


def per_thousand(done: int, population: int, threshold: Decimal) -> tuple[str, Verdict]:
    """Batches per thousand people, exact; the verdict is plain arithmetic, no sample is involved.

    >>> per_thousand(46968, 6709600, Decimal(7))
    ('7.00', <Verdict.ATTAINED: 'attained'>)
    """
    exact = Fraction(done * 1000, population)
    verdict = Verdict.ATTAINED if exact >= Fraction(threshold) else Verdict.NOT_ATTAINED
    hundredths = exact * 100
    return f"{hundredths.numerator // hundredths.denominator / 100:.2f}", verdict


def full(done: int, roster: int, threshold: Decimal) -> tuple[str, Verdict]:
    """Coverage or completion on a known roster: exact, rounded down so that 100 % means all.

    >>> full(41, 42, Decimal(100))
    ('97.61%', <Verdict.NOT_ATTAINED: 'not_attained'>)
    """
    if roster == 0:
        return "—", Verdict.NOT_ASSESSABLE
    share = Fraction(done, roster)
    verdict = Verdict.ATTAINED if share * 100 >= Fraction(threshold) else Verdict.NOT_ATTAINED
    hundredths = share * 10_000
    return f"{hundredths.numerator // hundredths.denominator / 100:.2f}%", verdict


def against(value: Decimal, comparator: str, threshold: Decimal | None) -> Verdict:
    """A typed value against its threshold; 以上 includes the number itself."""
    if threshold is None or comparator in ("trend", "text"):
        return Verdict.NOT_ASSESSABLE
    met = value >= threshold if comparator == "ge" else value == threshold
    return Verdict.ATTAINED if met else Verdict.NOT_ATTAINED


def summed(rows: Mapping[str, Counts]) -> Counts:
    """All classes together."""
    total = Counts()
    for counts in rows.values():
        total = total + counts
    return total

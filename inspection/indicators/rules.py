"""What counts may say: pass rate with interval and verdict, quota progress, coverage – and when nothing may be inferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from sampling import intervals, target
from sampling.target import Verdict

MILLION = 1_000_000
INTERVAL_METHOD = "Wilson"
SMALL = 30
ESTIMATING = frozenset({"evaluative", "routine"})  # taken to estimate; all others look for faults


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
    """合格率 with Wilson 95 % (the exact one-sided 95 % lower bound when all pass) and, where a sample speaks for the market, the verdict against a target."""

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
    def one_sided(self) -> bool:
        """No failing batch: only a lower end is meant, exact (Clopper–Pearson), never “100 %” alone."""
        return self.low is not None and not self.counts.failed

    @property
    def interval_text(self) -> str:
        if self.low is None or self.high is None:
            return "不可估计"
        if self.one_sided:
            return f"≥{target.fraction_text(Fraction(self.low))}"
        return f"{target.fraction_text(Fraction(self.low)).rstrip('%')}–{target.fraction_text(Fraction(self.high))}"

    @property
    def provisional(self) -> bool:
        """暂定: batches of the same scope still wait for their final result."""
        return self.counts.pending > 0

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
    low, high = (float(v) for v in intervals.wilson(counts.passed, n)) if counts.failed else (float(intervals.zero_failure_bound(n)), 1.0)
    if threshold is None:
        return Rate(name, counts, text, fail_text, low, high, None if assessable else Verdict.NOT_ASSESSABLE)
    if not assessable:
        return Rate(name, counts, text, fail_text, low, high, Verdict.NOT_ASSESSABLE)
    judged = target.judge(counts.passed, n, threshold)
    return Rate(name, counts, text, fail_text, low, high, judged.verdict, judged.failures_allowed, judged.batches_needed)


def per_thousand(done: int, population: int, threshold: Decimal) -> tuple[str, Verdict]:
    """Batches per thousand people, decided exactly and shown half rounded up; no sample is involved.

    >>> per_thousand(46968, 6709600, Decimal(7)), per_thousand(46967, 6709600, Decimal(7))
    (('7.00', <Verdict.ATTAINED: 'attained'>), ('7.00', <Verdict.NOT_ATTAINED: 'not_attained'>))
    >>> per_thousand(1702, 320000, Decimal(7))[0]
    '5.32'
    """
    exact = Fraction(done * 1000, population)
    verdict = Verdict.ATTAINED if exact >= Fraction(threshold) else Verdict.NOT_ATTAINED
    return target.fraction_text(exact / 100).rstrip("%"), verdict


def so_far(verdict: Verdict, until: date) -> Verdict:
    """A yearly quantity that is not reached yet is undecided until the year is over."""
    open_year = verdict is Verdict.NOT_ATTAINED and until < date(until.year, 12, 31)
    return Verdict.INCONCLUSIVE if open_year else verdict


def pace(done: int, needed: int, until: date) -> str:
    """Words on how a yearly quantity stands on a day: projected to the year's end, in exact days.

    >>> pace(1702, 2240, date(2026, 9, 30))
    '全年应完成 2240，按现进度年末约 2275'
    """
    first, last = date(until.year, 1, 1), date(until.year, 12, 31)
    passed, days = (until - first).days + 1, (last - first).days + 1
    return f"全年应完成 {needed}，按现进度年末约 {done * days // passed}"


def full(done: int, roster: int, threshold: Decimal) -> tuple[str, Verdict]:
    """Coverage or completion on a known roster: exact, half rounded up, but 100 % is printed only for all.

    >>> full(41, 42, Decimal(100)), full(99_999, 100_000, Decimal(100))[0]
    (('97.62%', <Verdict.NOT_ATTAINED: 'not_attained'>), '99.99%')
    """
    if roster == 0:
        return "—", Verdict.NOT_ASSESSABLE
    share = Fraction(done, roster)
    verdict = Verdict.ATTAINED if share * 100 >= Fraction(threshold) else Verdict.NOT_ATTAINED
    return target.fraction_text(share if done == roster else min(share, Fraction(9999, 10_000))), verdict


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

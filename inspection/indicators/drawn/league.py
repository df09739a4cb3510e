"""Groups beside each other: which two may be put in an order and which may not; never a rank.

The tests rest on the effective size of each weighted rate (p(1−p)/V, at most n), so that a county is not called worse because
more of its risky firms were drawn. All pairs together are wrong with a chance of 5 % at most (Holm). Beside that each group
stands in a funnel around the weighted rate of the whole frame (exact limits of its effective size, 95 % and 99.8 %).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from inspection.indicators.drawn.rates import Figure

LEVEL = 0.05
FUNNEL = (("998", 0.998), ("95", 0.95))  # the wider limits first


@dataclass(frozen=True, slots=True)
class Ordered:
    """可以说: `higher` has the higher weighted rate than `lower`; p adjusted for all pairs."""

    higher: str
    lower: str
    p: float


@dataclass(frozen=True, slots=True)
class League:
    """比较: the groups by name, what may be said, what may not, and the groups that cannot be compared at all."""

    figures: Sequence[Figure]
    ordered: Sequence[Ordered] = ()
    unordered: Sequence[tuple[str, str]] = ()
    left_out: Sequence[str] = ()
    overall: float | None = None
    positions: Mapping[str, str] = field(default_factory=dict)  # within, above95, above998, below95, below998; empty without an overall rate

    @property
    def pairs(self) -> int:
        return len(self.ordered) + len(self.unordered)


def league(figures: Sequence[Figure], overall: float | None = None) -> League:
    """What may be said about the order of groups, from their weighted rates, and where each stands around that of the whole."""
    usable = [(figure, size) for figure in figures if figure.name and (size := effective(figure)) is not None]
    left_out = [figure.name for figure in figures if figure.name not in {f.name for f, _ in usable} and figure.name]
    if len(usable) < 2:
        return League(figures, left_out=left_out)
    from sampling.monitor import orders  # not at the door: it brings scipy.stats along

    found = orders([x for _, (x, _) in usable], [n for _, (_, n) in usable], LEVEL)
    ordered = [Ordered(usable[o.i][0].name, usable[o.j][0].name, o.p) for o in found]
    said = {frozenset((o.higher, o.lower)) for o in ordered}
    names = [figure.name for figure, _ in usable]
    unordered = [pair for pair in combinations(names, 2) if frozenset(pair) not in said]
    return League(figures, ordered, unordered, left_out, overall, {figure.name: _position(x, n, overall) for figure, (x, n) in usable} if _inner(overall) else {})


def _inner(rate: float | None) -> bool:
    """Whether limits can be drawn around a rate: none can around 0 and 1."""
    return rate is not None and 0 < rate < 1


def _position(x: int, n: int, overall: float | None) -> str:
    from sampling.monitor.funnel import limits

    assert overall is not None
    for word, level in FUNNEL:
        low, high = (float(end) for end in limits(overall, n, level))
        if not low <= x / n <= high:
            return ("above" if x / n > high else "below") + word
    return "within"


def effective(figure: Figure) -> tuple[int, int] | None:
    """(failures, units) of the effective sample, whole numbers not above what was seen; None without limits.

    >>> from sampling.estimate import Rate
    >>> effective(Figure("a", 20, 100, Rate(0.1, 0.04, 98, 100), (0.04, 0.2)))
    (6, 56)
    """
    if figure.rate is None or figure.limits is None:
        return None
    size = max(1, int(figure.rate.n_eff_adjusted()))
    return min(size, round(figure.rate.value * size)), size

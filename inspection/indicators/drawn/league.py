"""Groups beside each other: which two may be put in an order and which may not; never a rank.

The tests rest on the effective size of each weighted rate (p(1−p)/V, at most n), so that a county is not called worse because
more of its risky firms were drawn. All pairs together are wrong with a chance of 5 % at most (Holm).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from inspection.indicators.drawn.rates import Figure

LEVEL = 0.05


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

    @property
    def pairs(self) -> int:
        return len(self.ordered) + len(self.unordered)


def league(figures: Sequence[Figure]) -> League:
    """What may be said about the order of groups, from their weighted rates."""
    usable = [(figure, size) for figure in figures if figure.name and (size := effective(figure)) is not None]
    left_out = [figure.name for figure in figures if figure.name not in {f.name for f, _ in usable} and figure.name]
    if len(usable) < 2:
        return League(figures, left_out=left_out)
    from sampling.monitor import orders  # not at the door: it brings scipy.stats along

    found = orders([x for _, (x, _) in usable], [n for _, (_, n) in usable], LEVEL)
    ordered = [Ordered(usable[o.i][0].name, usable[o.j][0].name, o.p) for o in found]
    said = {frozenset((o.higher, o.lower)) for o in ordered}
    names = [figure.name for figure, _ in usable]
    return League(figures, ordered, [pair for pair in combinations(names, 2) if frozenset(pair) not in said], left_out)


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

"""Coverage of a programme of draws: the formulas and the simulation side by side, with and without seats set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.draw import size_of

CONF = 0.95  # chance and share that the answers speak of


@dataclass(frozen=True, slots=True)
class Kind:
    """类: units of one class, the rate of every draw, and how many were visited before the first."""

    name: str
    population: int
    rate: tuple[int, int]
    visited: int = 0

    @property
    def n(self) -> int:
        """Units of a draw, as the draw itself reckons them: ⌈N·p/q⌉."""
        return size_of(self.population, self.rate)


@dataclass(frozen=True, slots=True)
class Programme:
    """测算方案: classes, draws, draws in a year, shares set aside in per cent, and the simulation."""

    kinds: tuple[Kind, ...]
    draws: int = 10
    per_year: int = 2
    fresh_percent: int = 0
    again_percent: int = 0
    last: int = 0
    seed: int = 1
    replications: int = 1000

    @property
    def set_aside(self) -> bool:
        return bool(self.fresh_percent or self.again_percent)

    @property
    def population(self) -> int:
        return sum(kind.population for kind in self.kinds)

    @property
    def work(self) -> int:
        """Numbers that the simulation would draw, about."""
        return self.replications * self.draws * len(self.kinds) * (min(self.last, self.draws) + 2) * (2 if self.set_aside else 1)


@dataclass(frozen=True, slots=True)
class ByKind:
    """One class: its draw, and what it takes to visit all of it within the draws asked for."""

    kind: Kind
    left: float  # expected units unvisited after all draws, without a quota
    left_quota: float | None
    smallest: int  # units per draw with which all classes are visited with probability CONF
    smallest_quota: int | None  # … for certain, with the seats set aside; None where nothing is certain


@dataclass(frozen=True, slots=True)
class Point:
    """Units unvisited after one number of draws: by formula, and simulated with its error."""

    formula: float | None
    side: str  # exact, at_least
    mean: float
    low: float | None
    high: float | None
    all_formula: float | None  # probability that nobody is left
    all_side: str
    all_share: float  # share of the plays in which nobody was left
    all_low: float
    all_high: float


@dataclass(frozen=True, slots=True)
class Course:
    """One way of drawing: points from draw 0 on, and the draws it takes."""

    points: Sequence[Point]
    to_share: int | None  # until CONF of the units are expected to have been visited; None: not in 10 000 draws, or unknown
    left_then: float | None
    to_all: int | None  # until all were visited: with probability CONF, or for certain with seats set aside
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """测算结果."""

    programme: Programme
    plain: Course
    quota: Course | None
    kinds: Sequence[ByKind]
    version: str  # of numpy: the same seed gives the same plays with the same version


def reckon(programme: Programme) -> Answer:
    """Everything that the page shows.

    Raises
    ------
    sampling.errors.SamplingError : a class that cannot be, or a simulation that is too large.
    """
    import numpy as np

    from sampling.coverage import Group, Quota  # not at the door: they bring numpy along

    groups = [Group(kind.population, kind.n, kind.visited) for kind in programme.kinds]
    quota = Quota(Fraction(programme.fresh_percent, 100), Fraction(programme.again_percent, 100), programme.last)
    return Answer(
        programme, _course(groups, programme, Quota()), _course(groups, programme, quota) if programme.set_aside else None,
        [_by_kind(kind, group, programme, quota) for kind, group in zip(programme.kinds, groups, strict=True)], np.__version__,
    )  # fmt: skip


def _course(groups: Sequence[object], programme: Programme, quota: object) -> Course:
    from sampling import coverage

    assert isinstance(quota, coverage.Quota)
    played = coverage.simulate(groups, programme.draws, quota, seed=programme.seed, replications=programme.replications)
    plain, known = quota == coverage.Quota(), not quota.last
    points = []
    for step in played.steps:
        expected = coverage.uncovered(groups, step.draw, quota) if known else None
        chance = coverage.chance_all(groups, step.draw) if plain else None
        points.append(Point(
            expected.value if expected else None, expected.side if expected else "", step.mean, step.low, step.high, chance.value if chance else None,
            chance.side if chance else "", step.all_visited / played.replications, step.all_low, step.all_high,
        ))  # fmt: skip
    to_share = coverage.draws_for_share(groups, CONF, quota) if known else None
    left = coverage.uncovered(groups, to_share, quota).value if to_share is not None else None
    certain = coverage.certain_draws(groups, quota)
    return Course(points, to_share, left, coverage.draws_for_all(groups, CONF) if plain else certain, certain=not plain and certain is not None)


def _by_kind(kind: Kind, group: object, programme: Programme, quota: object) -> ByKind:
    from sampling import coverage

    assert isinstance(quota, coverage.Quota)
    draws = max(programme.draws, 1)
    known = programme.set_aside and not quota.last
    return ByKind(
        kind, coverage.uncovered(group, programme.draws).value, coverage.uncovered(group, programme.draws, quota).value if known else None,
        coverage.smallest_n(group, draws, conf=CONF ** (1 / len(programme.kinds))),
        coverage.smallest_n(group, draws, quota) if known and quota.fresh else None,
    )  # fmt: skip

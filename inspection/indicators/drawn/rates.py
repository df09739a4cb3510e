"""Rates of a draw: raw and weighted side by side, and the reason in place of a number that cannot be had.

A unit that could not be inspected is non-response of its stratum: each stratum is weighted to its frame by n/N and its
response (`sampling.estimate.of_draw`), called reserves like the others. A draw together with its supplements is weighted by the
probability that any of them selects the unit (`sampling.estimate.of_draws`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from inspection.indicators.drawn.facts import DONE, Facts
from sampling.draw import Stratum
from sampling.errors import SamplingError
from sampling.estimate import Rate, flags_of_rate, inclusion_probabilities, of_draw, of_draws, shares_of
from sampling.estimate.design import Design

METHOD = "korn_graubard"


@dataclass(frozen=True, slots=True)
class Figure:
    """率: of the whole draw, a stratum or a domain; `rate` is None and `why` says it where nothing can be estimated.

    why: "single" strata with one inspected unit, "certain" strata whose units but one were certain, "empty" strata with none, "none" no inspected unit at all; with a rate but
    without limits: "census" (all were inspected), "df" (too few units per stratum).
    """

    name: str
    failed: int
    n: int
    rate: Rate | None = None
    limits: tuple[float, float] | None = None
    why: str = ""
    strata: tuple[str, ...] = ()

    @property
    def raw(self) -> float | None:
        return self.failed / self.n if self.n else None

    @property
    def flags(self) -> list[str]:
        """Whether the weighted rate is precise enough to be published (`sampling.estimate.flags`)."""
        return flags_of_rate(self.rate) if self.rate and self.limits else []


class Rates:
    """The rates of one measure ("failing" or "problem") over the inspected units of a draw."""

    def __init__(self, facts: Facts, measure: str) -> None:
        self.strata = {name: stratum for name, stratum in facts.strata.items() if stratum.population > 0}
        self.weights, self.chances = facts.weights, facts.chances
        done = [unit for unit in facts.units if unit.state == DONE and unit.stratum in facts.strata]
        self.units = [unit for unit in done if getattr(unit, measure) is not None]
        self.failed = np.array([bool(getattr(unit, measure)) for unit in self.units], dtype=bool)
        self.undetermined = len(done) - len(self.units)

    @cached_property
    def total(self) -> Figure:
        """The rate of the whole frame."""
        return self._figure("", np.ones(len(self.units), dtype=bool))

    @cached_property
    def by_stratum(self) -> list[Figure]:
        """Each stratum by itself: what fails in another does not take its rate away."""
        return [self._stratum(name, stratum) for name, stratum in sorted(self.strata.items())]

    def by(self, attribute: str) -> list[Figure]:
        """Domains by an attribute of the units ("area", "department"), over the whole design."""
        labels = np.array([getattr(unit, attribute) for unit in self.units], dtype=str)
        return [self._figure(str(name), labels == name) for name in sorted(set(labels.tolist()))]

    def _figure(self, name: str, inside: np.ndarray) -> Figure:
        counts = int(self.failed[inside].sum()), int(inside.sum())
        if not counts[1]:
            return Figure(name, *counts, why="none")
        why, strata = self.gap
        if why or self._design is None:
            return Figure(name, *counts, why=why, strata=strata)
        return _with_limits(name, counts, self._design.rate(self.failed, inside))

    def _stratum(self, name: str, stratum: Stratum) -> Figure:
        inside = np.array([unit.stratum == name for unit in self.units], dtype=bool)
        counts = int(self.failed[inside].sum()), int(inside.sum())
        why, strata = gap_of({name: stratum}, Counter({name: counts[1]}))
        if why or self._alone(name):
            return Figure(name, *counts, why=why or "certain", strata=strata or (name,))
        return _with_limits(name, counts, self._of({name: stratum}, inside).rate(self.failed[inside]))

    @cached_property
    def gap(self) -> tuple[str, tuple[str, ...]]:
        """Why nothing can be estimated of the whole, with the strata that stand in the way."""
        why, strata = gap_of(self.strata, Counter(unit.stratum for unit in self.units))
        if not why and (alone := tuple(name for name in sorted(self.strata) if self._alone(name))):
            return "certain", alone
        return why, strata

    def _alone(self, name: str) -> bool:
        """Whether all inspected units of a stratum but one were certain to be selected: that one has no spread (only over several draws)."""
        chances = [self.chances[unit.code] for unit in self.units if unit.stratum == name] if self.chances else []
        return len(chances) > 1 and sum(share < 1 for share in shares_of(chances, self.strata[name].population)) == 1

    @cached_property
    def _design(self) -> Design | None:
        return None if self.gap[0] else self._of(self.strata, np.ones(len(self.units), dtype=bool))

    def _of(self, strata: dict[str, Stratum], inside: np.ndarray) -> Design:
        chosen = [unit for unit, here in zip(self.units, inside, strict=True) if here]
        if self.chances:
            populations = {name: stratum.population for name, stratum in strata.items()}
            return of_draws(populations, [(unit.stratum, self.chances[unit.code]) for unit in chosen])
        return of_draw(strata, [(unit.stratum, unit.weight) for unit in chosen], self.weights)


def gap_of(strata: dict[str, Stratum], inspected: Counter[str]) -> tuple[str, tuple[str, ...]]:
    """Strata without an inspected unit, else strata with a single one of several.

    >>> gap_of({"A": Stratum("srs", 2, 9), "B": Stratum("srs", 1, 1)}, Counter({"A": 1, "B": 1}))
    ('single', ('A',))
    """
    if not inspected.total():
        return "none", ()
    if empty := tuple(name for name in sorted(strata) if not inspected[name]):
        return "empty", empty
    if single := tuple(name for name in sorted(strata) if inspected[name] == 1 and strata[name].population > 1):
        return "single", single
    return "", ()


def _with_limits(name: str, counts: tuple[int, int], rate: Rate) -> Figure:
    if rate.census:
        return Figure(name, *counts, rate, why="census")
    try:
        return Figure(name, *counts, rate, rate.interval(method=METHOD))
    except SamplingError:  # one unit per stratum and several rates: no degrees of freedom
        return Figure(name, *counts, rate, why="df")


def chances_of(facts: Facts) -> dict[str, float]:
    """Inclusion probability of every drawn unit: published by the rule, or over all draws that are counted together.

    >>> from inspection.indicators.drawn.facts import Unit
    >>> chances_of(Facts({"A": Stratum("srs", 2, 8)}, [Unit("x", "A"), Unit("y", "A", called=True)]))
    {'x': 0.25, 'y': 0.25}
    """
    if facts.chances:
        return dict(facts.chances)
    sized = {name: dict(zip(w, inclusion_probabilities(list(w), facts.strata[name].n).tolist(), strict=True)) for name, w in facts.weights.items() if w}
    plain = {name: stratum.n / stratum.population for name, stratum in facts.strata.items() if stratum.population}
    return {unit.code: sized[unit.stratum][unit.weight] if unit.stratum in sized else plain[unit.stratum] for unit in facts.units if unit.stratum in plain}


# --- why raw and weighted differ ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tilt:
    """倾斜: the strata drawn most and least densely, by inspected share of the frame; `raw` above, below or at `weighted`."""

    most: str
    least: str
    one_in_most: float
    one_in_least: float
    direction: int  # sign of raw − weighted as printed


def tilt(rates: Rates) -> Tilt | None:
    """What makes the raw rate another than the weighted one; None when every unit stands for as many as any other."""
    inspected = Counter(unit.stratum for unit in rates.units)
    if rates.total.rate is None or rates.total.raw is None or len({unit.weight for unit in rates.units}) > 1:
        return None
    one_in = {name: stratum.population / inspected[name] for name, stratum in rates.strata.items()}
    most, least = min(one_in, key=lambda name: (one_in[name], name)), max(one_in, key=lambda name: (one_in[name], name))
    if one_in[most] == one_in[least]:
        return None
    gap = round(rates.total.raw, 4) - round(rates.total.rate.value, 4)
    return Tilt(most, least, one_in[most], one_in[least], (gap > 0) - (gap < 0))


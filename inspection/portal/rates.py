"""Problem rate of a draw from its published results alone: raw beside weighted, once every result is public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampling.draw import Stratum
from sampling.errors import SamplingError
from sampling.estimate import of_draw

DONE = "01"  # outcome code of an inspection that took place
PROBLEM = "发现问题"
LOOKED = frozenset({"未发现问题", PROBLEM, "不涉及"})  # words of an item that was looked at


@dataclass(frozen=True, slots=True)
class Figures:
    """问题发现率: inspected firms, those with a problem, the weighted rate with its limits; `why` in place of what cannot be had.

    why: "open" not every result is public yet, "none" nothing inspected, "strata" a stratum with one inspected firm or none,
    "census" all were inspected (no sampling error), "words" a result was published without its stratum.
    """

    inspected: int = 0
    problems: int = 0
    weighted: float | None = None
    limits: tuple[float, float] | None = None
    why: str = ""

    @property
    def raw(self) -> float | None:
        return self.problems / self.inspected if self.inspected else None


def figures(strata: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]], waiting: int) -> Figures:
    """The figures of a draw.

    Parameters
    ----------
    strata : as published with the list: name, population, n.
    found : the newest published result of each firm.
    waiting : drawn or called firms whose result is not public.
    """
    if waiting:
        return Figures(why="open")
    units = [(str(row.get("stratum", "")), problem) for row in found if row.get("outcome_code") == DONE and (problem := _problem(row)) is not None]
    counts = len(units), sum(problem for _, problem in units)
    if not units:
        return Figures(why="none")
    if not all(stratum for stratum, _ in units):
        return Figures(*counts, why="words")
    return _weighted(strata, units, counts)


def _weighted(strata: Sequence[Mapping[str, Any]], units: Sequence[tuple[str, bool]], counts: tuple[int, int]) -> Figures:
    rule = {row["name"]: Stratum("srs", row["n"], row["population"]) for row in strata if row["population"] > 0}
    failed = np.array([problem for _, problem in units], dtype=bool)
    try:
        rate = of_draw(rule, [(stratum, 1) for stratum, _ in units]).rate(failed)
        if rate.census:
            return Figures(*counts, rate.value, why="census")
        return Figures(*counts, rate.value, rate.interval())
    except SamplingError:
        return Figures(*counts, why="strata")


def _problem(row: Mapping[str, Any]) -> bool | None:
    """Whether a problem was found in one of the items; None where no item was looked at."""
    words = {item.get("found") for item in row.get("items", ())}
    return PROBLEM in words if words & LOOKED else None

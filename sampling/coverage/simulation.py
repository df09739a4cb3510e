"""Coverage by simulation: the same draws, played many times with a stated seed; every number with its Monte-Carlo error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampling.arguments import Ints, shown, whole
from sampling.coverage.terms import NONE, Group, Quota, checked
from sampling.errors import SamplingError
from sampling.intervals import wilson

MOST_WORK = 50_000_000  # replications × draws × classes × states
Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Step:
    """After draw number `draw`: mean number of unvisited units, and in how many plays nobody was left."""

    draw: int
    mean: float
    low: float | None  # 95 % Monte-Carlo interval of the mean; None when every play gave the same number
    high: float | None
    all_visited: int
    all_low: float  # 95 % interval (Wilson) of the share of plays in which all were visited
    all_high: float


@dataclass(frozen=True, slots=True)
class Simulation:
    """模拟结果: one step per draw, from draw 0 (before the first) on."""

    seed: int
    replications: int
    steps: tuple[Step, ...]

    def draws_for_all(self, share: float = 0.95) -> int | None:
        """First draw after which all were visited in at least that share of the plays; None: not within the draws played."""
        return next((step.draw for step in self.steps if step.all_visited >= share * self.replications), None)


def simulate(groups: Any, draws: Any, quota: Any = NONE, *, seed: Any = 1, replications: Any = 2000) -> Simulation:
    """Play m draws many times and count who is left.

    Parameters
    ----------
    groups, draws, quota : as in `uncovered`; `Quota.last` may be used here.
    seed : whole number ≥ 0; the same seed gives the same answer with the same version of numpy.
    replications : plays, 100 to 1 000 000.

    Returns
    -------
    Simulation : means with ±1.96 standard errors, shares with Wilson intervals.

    Raises
    ------
    SamplingError : as in `uncovered`; too few plays; more than 5·10⁷ numbers to draw.

    Notes
    -----
    Units of a class are exchangeable, so a play holds only how many were visited when: the fresh seats, the seats for visited
    units and the rest are hypergeometric from those counts. The interval tells the error of the simulation, not the spread
    between one future and another. Wrong as `uncovered` is.

    References
    ----------
    Numbers from numpy.random.Generator(PCG64); Wilson (1927), doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> played = simulate(Group(300, 75), 4, Quota(1), replications=100)
    >>> [step.mean for step in played.steps], played.draws_for_all()
    ([300.0, 225.0, 150.0, 75.0, 0.0], 4)
    """
    groups, m, shares = checked(groups, draws, quota)
    first, plays = whole(seed, "种子 seed", least=0), whole(replications, "重复次数 replications", least=100)
    states = min(shares.last, m) + 2
    if plays > 1_000_000 or plays * max(m, 1) * len(groups) * states > MOST_WORK:
        raise SamplingError(f"模拟的工作量过大：重复 {shown(plays)} 次 × {m} 次抽取 × {len(groups)} 类 × {states} 种状态；应不大于 {MOST_WORK}")
    generator = np.random.Generator(np.random.PCG64(first))
    left = np.zeros((m + 1, plays), dtype=np.int64)
    for group in groups:
        left += _play(group, m, shares, plays, generator)
    return Simulation(first, plays, tuple(_step(t, left[t]) for t in range(m + 1)))


def _step(draw: int, left: Ints) -> Step:
    mean, error = float(left.mean()), float(left.std(ddof=1)) / left.size**0.5
    done = int((left == 0).sum())
    low, high = (float(v) for v in wilson(done, left.size))
    return Step(draw, mean, mean - Z * error if error else None, mean + Z * error if error else None, done, low, high)


def _play(group: Group, draws: int, quota: Quota, plays: int, generator: np.random.Generator) -> Ints:
    """Unvisited units after 0…m draws, one column per play.

    State 0 is "never visited", 1…k are "visited so many draws ago", the last one is "visited longer ago".
    """
    recent = min(quota.last, draws)
    counts = np.zeros((recent + 2, plays), dtype=np.int64)
    counts[0], counts[-1] = group.uncovered, group.visited
    fresh, again = quota.seats(group.n)
    eligible = [0, recent + 1] if quota.last else [0]
    left = [counts[0].copy()]
    for _ in range(draws):
        taken = np.zeros_like(counts)
        _take(counts, taken, eligible, np.full(plays, fresh), generator)
        _take(counts, taken, range(1, recent + 2), np.full(plays, again), generator)
        _take(counts, taken, range(recent + 2), group.n - taken.sum(axis=0), generator)
        counts = _older(counts - taken, taken.sum(axis=0))
        left.append(counts[0].copy())
    return np.array(left)


def _take(counts: Ints, taken: Ints, rows: Sequence[int], wanted: Ints, generator: np.random.Generator) -> None:
    """Draw `wanted` units, or all there are, from some states; multivariate hypergeometric, state by state."""
    free = [counts[row] - taken[row] for row in rows]
    rest = np.sum(free, axis=0)
    wanted = np.minimum(wanted, rest)
    for row, here in zip(rows, free, strict=True):
        rest = rest - here
        got = generator.hypergeometric(here, rest, wanted)
        taken[row] += got
        wanted = wanted - got


def _older(counts: Ints, visited: Ints) -> Ints:
    """One draw later: those just visited come first, those of k draws ago join the long ago."""
    if len(counts) == 2:
        return np.array([counts[0], counts[1] + visited])
    return np.array([counts[0], visited, *counts[1:-2], counts[-2] + counts[-1]])

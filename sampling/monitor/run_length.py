"""Run length 平均链长: how long a chart waits before a false alarm, by simulation with a stated seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sampling.arguments import Floats, counts, positive, probability, whole
from sampling.errors import SamplingError
from sampling.monitor.charts import path

_SAME = 1e-9
_HORIZON = 12  # periods simulated, in multiples of the wanted run length


@dataclass(frozen=True, slots=True)
class Threshold:
    """界限: h, the mean in-control run length it gave, its simulation error, and what makes it repeatable."""

    h: float
    run_length: float
    error: float
    seed: int
    runs: int


def threshold(n: Any, p0: float, p1: float, *, run_length: float = 40, seed: int = 20260101, runs: int = 4000) -> Threshold:
    """A threshold whose mean in-control run length just reaches the wanted one.

    Parameters
    ----------
    n : batches per period: one number, or a year's pattern that is repeated.
    p0, p1 : in-control and out-of-control rates.
    run_length : wanted mean number of periods until a false alarm (40 quarters: one in ten years), 2 ≤ … ≤ 1000.
    seed, runs : of the simulation; stored with the chart so that anyone can repeat it.

    Returns
    -------
    Threshold : `error` is the standard error of the mean run length.

    Raises
    ------
    SamplingError : rates outside (0, 1) or equal, a run length outside 2…1000, fewer than 100 runs, broken n.

    Notes
    -----
    All candidate thresholds are judged on the same simulated series, so that the answer is monotone in `run_length`. Series
    still without an alarm after twelve times the wanted length are counted at that end (a bias below 10⁻⁴ of it).

    References
    ----------
    Steiner et al. (2000), doi:10.1093/biostatistics/1.4.441.

    Examples
    --------
    >>> found = threshold(250, 0.02, 0.04, run_length=40, runs=1000)
    >>> found.run_length >= 40, found == threshold(250, 0.02, 0.04, run_length=40, runs=1000)
    (True, True)
    """
    wanted, times = positive(run_length, "平均链长 run_length"), whole(runs, "模拟次数 runs", least=100)
    if not 2 <= wanted <= 1000:
        raise SamplingError(f"平均链长 run_length 不合法：{run_length!r}；应在 2 到 1000 之间")
    highest = _highest_so_far(counts(n, "n", least=1), p0, p1, int(wanted * _HORIZON), whole(seed, "种子 seed"), times)
    h = _smallest(highest, wanted)
    lengths = np.minimum((highest < h).sum(axis=1) + 1, highest.shape[1])
    return Threshold(h, float(lengths.mean()), float(lengths.std(ddof=1) / times**0.5), seed, times)


def _highest_so_far(n: Any, p0: float, p1: float, periods: int, seed: int, runs: int) -> Floats:
    sizes = np.resize(np.atleast_1d(n), periods)
    failed = np.random.default_rng(seed).binomial(sizes, probability(p0, "受控率 p0"), size=(runs, periods))
    return np.asarray(np.maximum.accumulate(path(failed, sizes, p0, p1), axis=1), dtype=np.float64)


def _smallest(highest: Floats, wanted: float) -> float:
    """Bisection on h; the mean run length grows with it, in steps, so the answer is put midway between two attained values."""
    low, high = 0.0, float(highest.max()) + 1.0
    periods = highest.shape[1]
    for _ in range(60):
        middle = (low + high) / 2
        if np.minimum((highest < middle).sum(axis=1) + 1, periods).mean() >= wanted:
            high = middle
        else:
            low = middle
    if high <= 1e-9:
        raise SamplingError("任何界限都达到所要的链长；请检查 p0、p1 与 n")
    above = highest > high + _SAME  # equal sums of steps differ in their last digits
    return float(highest[~above].max() + highest[above].min(initial=high + 1.0)) / 2

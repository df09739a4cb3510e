"""Funnel plot 漏斗图: many regions beside one target, with exact limits and a test for overdispersion.

x may count failing or passing batches as long as the target is of the same kind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import bdtr, chdtrc, ndtri
from scipy.stats import binom

from sampling.arguments import (
    Bools,
    Floats,
    Ints,
    confidence,
    counts,
    one_of,
    passed_and_tested,
    probability,
    same_length,
)
from sampling.errors import SamplingError

LEVELS = (0.95, 0.998)
MODELS = ("none", "multiplicative", "additive")
_FAR = 1e-300  # a tail below this has no finite z


def limits(target: float, n: Any, level: float = 0.95) -> tuple[Floats, Floats]:
    """Interpolated exact binomial limits for the observed rate of n batches around a target.

    Parameters
    ----------
    target : rate in (0, 1).
    n : batches, any shape, ≥ 1.
    level : probability between the limits, e.g. 0.95 or 0.998.

    Returns
    -------
    lower, upper : arrays in the shape of n, shares in [0, 1].

    Raises
    ------
    SamplingError : a target or level outside (0, 1), n below 1.

    Notes
    -----
    r = min{k : F(k) ≥ a}, limit = (r − (F(r) − a)/(F(r) − F(r−1)))/n for both tails a, clipped to [0, 1].

    References
    ----------
    Spiegelhalter (2005), doi:10.1002/sim.1970, appendix A.1.1.

    Examples
    --------
    >>> low, high = limits(0.98, 1000)
    >>> round(float(low), 4), round(float(high), 4)
    (0.9704, 0.9877)
    """
    rate, sizes, tail = probability(target, "目标 target"), counts(n, "n", least=1), (1 - confidence(level)) / 2
    return _limit(rate, sizes, tail), _limit(rate, sizes, 1 - tail)


def _limit(rate: float, n: Ints, tail: float) -> Floats:
    r = binom.ppf(tail, n, rate)
    r = np.where((r > 0) & (binom.cdf(r - 1, n, rate) >= tail), r - 1, r)
    here, before = binom.cdf(r, n, rate), np.where(r > 0, binom.cdf(r - 1, n, rate), 0.0)
    return np.asarray(np.clip((r - (here - tail) / (here - before)) / n, 0.0, 1.0), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Funnel:
    """漏斗图: z per region, overdispersion tested (`phi`, `p`), the model used, and where each region stands."""

    target: float
    rates: Floats
    n: Ints
    z: Floats
    phi: float
    chi2: float
    df: int
    p: float
    model: str
    tau2: float

    @property
    def adjusted_z(self) -> Floats:
        """z after the model's widening."""
        return np.asarray(self.z / self._widening(self.n), dtype=np.float64)

    def _widening(self, n: Any) -> Floats:
        if self.model == "multiplicative":
            return np.full(np.shape(n), math.sqrt(max(1.0, self.phi)))
        return np.sqrt(1 + self.tau2 * np.asarray(n) / (self.target * (1 - self.target)))

    def limits(self, n: Any, level: float = 0.95) -> tuple[Floats, Floats]:
        """Limits to draw: the exact ones, moved away from the target by the model's widening, clipped to [0, 1]."""
        low, high = limits(self.target, n, level)
        wide = self._widening(n)
        low, high = (np.clip(self.target + wide * (end - self.target), 0.0, 1.0) for end in (low, high))
        return low, high

    def outside(self, level: float = 0.95) -> Bools:
        """Regions beyond the limits of that level."""
        low, high = self.limits(self.n, level)
        return np.asarray((self.rates < low) | (self.rates > high))


def funnel(x: Any, n: Any, target: float | None = None, *, model: str = "none") -> Funnel:
    """A funnel of k regions, overdispersion tested and, if asked, allowed for.

    Parameters
    ----------
    x, n : (k,) counts of k ≥ 2 regions.
    target : rate in (0, 1); the pooled rate when left out.
    model : "none", "multiplicative" (variances times φ) or "additive" (random effects, variance τ² between regions).

    Returns
    -------
    Funnel : φ = Σz²/k with mid-p z; the test is Σz² against χ² on k (target given) or k − 1 (pooled) degrees of freedom.

    Raises
    ------
    SamplingError : fewer than two regions, broken counts, an unknown model, a pooled rate of 0 or 1 without a target.

    Notes
    -----
    z = Φ⁻¹(P(X < x) + ½P(X = x)). τ² by moments. Name the model in the caption: without it nearly every region of more than
    5,000 batches stands outside, with it a bad region may hide.

    References
    ----------
    Spiegelhalter (2005), doi:10.1002/sim.1970.

    Examples
    --------
    >>> x, n = [2, 6, 14, 9, 17, 7, 11, 24, 15, 0, 8], [210, 340, 560, 415, 980, 150, 620, 505, 780, 290, 450]
    >>> found = funnel(x, n)
    >>> round(found.phi, 2), round(float(found.z[7]), 2), [i for i in range(11) if found.outside(0.998)[i]]
    (2.65, 3.53, [7])
    """
    one_of(model, MODELS, "模型 model")
    seen, tested = passed_and_tested(x, n)
    same_length(x=seen, n=tested)
    if seen.size < 2:
        raise SamplingError("至少要有两个区域才能作漏斗图")
    pooled = float(seen.sum() / tested.sum())
    if target is None and pooled in (0, 1):
        raise SamplingError(f"各区域合并的率是 {pooled:g}，不能作基准；请给出目标 target")
    rate = pooled if target is None else probability(target, "目标 target")
    z = mid_p_z(seen, tested, rate)
    chi2, df = float((z**2).sum()), seen.size - (target is None)
    tau2 = _between(seen, tested, rate) if model == "additive" else 0.0
    return Funnel(rate, seen / tested, tested, z, chi2 / seen.size, chi2, df, float(chdtrc(df, chi2)), model, tau2)


def mid_p_z(x: Ints, n: Ints, rate: float) -> Floats:
    """Normal scores Φ⁻¹(P(X < x) + ½P(X = x)); symmetric, so that x and n − x give opposite signs.

    Parameters
    ----------
    x, n : (k,) counts.
    rate : of the binomial law, in (0, 1).

    Examples
    --------
    >>> [round(float(v), 3) for v in mid_p_z(np.array([0, 24]), np.array([290, 505]), 113 / 5300)]
    [-3.101, 3.535]
    """
    below = np.where(x > 0, bdtr(np.maximum(x - 1, 0), n, rate), 0.0)
    above = np.where(x < n, bdtr(np.maximum(n - x - 1, 0), n, 1 - rate), 0.0)
    here = np.maximum(1 - below - above, 0.0)
    exact = binom.pmf(x, n, rate)
    half = np.where(np.minimum(below, above) + exact < 1e-6, exact, here) / 2
    lower, upper = below + half, above + half
    score = np.where(lower <= upper, ndtri(np.maximum(lower, _FAR)), -ndtri(np.maximum(upper, _FAR)))
    return np.asarray(score, dtype=np.float64)


def _between(x: Ints, n: Ints, rate: float) -> float:
    """τ² by moments (DerSimonian–Laird about the target)."""
    weight = n / (rate * (1 - rate))
    excess = float((weight * (x / n - rate) ** 2).sum()) - (x.size - 1)
    return max(0.0, excess / float(weight.sum() - (weight**2).sum() / weight.sum()))

"""Small areas 小区域: beta-binomial empirical Bayes, for ranking and maps – never for a verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, polygamma, xlog1py, xlogy

from sampling.arguments import Floats, Ints, passed_and_tested, same_length
from sampling.errors import SamplingError

_LEAST, _MOST = math.log(1e-2), math.log(1e9)  # of log(a + b): from almost no pooling to complete pooling
_LARGE = 1e4
_FLAT = 1e-6  # gain in log likelihood below which areas are not shown to differ


@dataclass(frozen=True, slots=True, eq=False)
class Shrunk:
    """收缩率: prior Beta(alpha, beta), shrunk rates (x+α)/(n+α+β); `pooled` when areas do not differ beyond chance."""

    rates: Floats
    alpha: float
    beta: float
    pooled: bool


def shrink(x: Any, n: Any) -> Shrunk:
    """Beta-binomial empirical Bayes rates of areas.

    Parameters
    ----------
    x, n : (k,) failures and batches of k ≥ 2 areas.

    Returns
    -------
    Shrunk : with the pooled rate everywhere and infinite alpha and beta when the likelihood is flat.

    Raises
    ------
    SamplingError : fewer than two areas, broken counts, x > n, columns of different length.

    Notes
    -----
    Maximises Σ log B(x+a, n−x+b) − log B(a, b) over the mean and a+b, both bounded, from the moment estimate and a grid of
    other starts. Wrong for verdicts and for areas whose differences have a known cause: show the raw rate with its
    interval beside it.

    References
    ----------
    Griffiths (1973), doi:10.2307/2529131.

    Examples
    --------
    >>> found = shrink([3, 0, 5, 1, 2, 9, 0, 4, 2, 6], [100, 60, 140, 80, 120, 150, 40, 110, 95, 130])
    >>> round(found.alpha, 1), [round(float(r), 4) for r in found.rates[:2]]
    (31.1, [0.0307, 0.0291])
    """
    failed, tested = passed_and_tested(x, n)
    same_length(x=failed, n=tested)
    if failed.size < 2:
        raise SamplingError("至少要有两个区域才能收缩")
    pooled = float(failed.sum() / tested.sum())
    if not 0 < pooled < 1:
        return _all_alike(pooled, failed.size)
    centre, size, gain = _fit(failed, tested, pooled)
    if gain < _FLAT or size >= _MOST - 1e-6:
        return _all_alike(pooled, failed.size)
    mean, total = 1 / (1 + math.exp(-centre)), math.exp(size)
    a, b = mean * total, (1 - mean) * total
    return Shrunk((failed + a) / (tested + a + b), a, b, False)


def _all_alike(rate: float, k: int) -> Shrunk:
    return Shrunk(np.full(k, rate), math.inf, math.inf, True)


def _fit(x: Ints, n: Ints, pooled: float) -> tuple[float, float, float]:
    """Logit of the mean, log(a+b), and the gain over one common rate."""

    def loss(at: Floats) -> float:
        mean, total = 1 / (1 + math.exp(-at[0])), math.exp(at[1])
        a, b = mean * total, (1 - mean) * total
        return -float((_risen(a, x) + _risen(b, n - x) - _risen(total, n)).sum())

    start = math.log(pooled / (1 - pooled))
    best = None
    for size in (_moments(x, n, pooled), 0.0, 3.0, 6.0, 9.0):
        found = minimize(
            loss, [start, size], method="Nelder-Mead", bounds=[(-30, 30), (_LEAST, _MOST)],
            options={"xatol": 1e-5, "fatol": 1e-9, "maxiter": 4000, "maxfev": 4000},
        )
        if best is None or found.fun < best.fun - 1e-12:
            best = found
    assert best is not None
    common = -float((xlogy(x, pooled) + xlog1py(n - x, -pooled)).sum())
    return *_polished(x, n, float(best.x[0]), float(best.x[1])), common - float(best.fun)


def _risen(a: float, k: Ints) -> Floats:
    """log Γ(a + k) − log Γ(a); from Stirling's series where a is large and the difference of the two would lose its digits."""
    if a < _LARGE:
        return np.asarray(gammaln(a + k) - gammaln(a))
    return np.asarray((a - 0.5) * np.log1p(k / a) + k * (np.log(a + k) - 1) + _stirling(a + k) - _stirling(a))


def _stirling(a: Any) -> Any:
    return (1 - (1 / 30 - 2 / (7 * 30 * a * a)) / (a * a)) / (12 * a)


def _polished(x: Ints, n: Ints, centre: float, size: float) -> tuple[float, float]:
    """Newton's steps on the derivatives by log a and log b, which a double knows to more digits than the likelihood itself."""
    mean = 1 / (1 + math.exp(-centre))
    a, b = mean * math.exp(size), (1 - mean) * math.exp(size)
    slope, curve = _derivatives(x, n, a, b)
    for _ in range(20):
        if not np.all(np.linalg.eigvalsh(curve) < 0):
            break  # no maximum near: on the edge of the bounds
        step = np.linalg.solve(curve, slope)
        nearer = a * math.exp(-step[0]), b * math.exp(-step[1])
        if not np.abs(step).max() < 0.1 or not _LEAST <= math.log(sum(nearer)) <= _MOST:
            break
        found, bent = _derivatives(x, n, *nearer)
        if np.abs(found).max() >= np.abs(slope).max():
            break
        (a, b), slope, curve = nearer, found, bent
    return math.log(a / b), math.log(a + b)


def _derivatives(x: Ints, n: Ints, a: float, b: float) -> tuple[Floats, Floats]:
    """First and second derivatives of the log likelihood by (log a, log b)."""
    up = [polygamma(order, n + a + b) - polygamma(order, a + b) for order in (0, 1)]
    first = [float((polygamma(0, k + at) - polygamma(0, at) - up[0]).sum()) for k, at in ((x, a), (n - x, b))]
    second = [float((polygamma(1, k + at) - polygamma(1, at) - up[1]).sum()) for k, at in ((x, a), (n - x, b))]
    both = -float(up[1].sum())
    slope = np.array([a * first[0], b * first[1]])
    return slope, np.array([[slope[0] + a * a * second[0], a * b * both], [a * b * both, slope[1] + b * b * second[1]]])


def _moments(x: Ints, n: Ints, pooled: float) -> float:
    """log(a+b) from the spread of the raw rates beyond binomial noise."""
    total, k = n.sum(), n.size
    spread = float((n * (x / n - pooled) ** 2).sum())
    noise = pooled * (1 - pooled)
    between = (spread - (k - 1) * noise) / (total - (n.astype(np.float64) ** 2).sum() / total)
    return float(np.clip(math.log(noise / between - 1) if 0 < between < noise else 9.0, _LEAST, _MOST))

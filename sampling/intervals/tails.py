"""Ends found by solving for the rate: mid-P and Blaker. Same shape of function as in `closed`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize.elementwise import find_root
from scipy.special import betainc, betaincc

from sampling.arguments import Floats, Ints
from sampling.errors import SamplingError
from sampling.intervals.closed import Ends, beta_lower

_TOLERANCE = {"xatol": 0.0, "xrtol": 1e-15, "fatol": 0.0, "frtol": 0.0}


def at_least(x: Floats, n: Floats, p: Floats) -> Floats:
    """P(X ≥ x) for x ≥ 1; 0 beyond n."""
    return np.where(x > n, 0.0, betainc(np.maximum(x, 1), np.maximum(n - x + 1, 1), p))


def at_most(k: Floats, n: Floats, p: Floats) -> Floats:
    """P(X ≤ k) for k < n; 0 below zero."""
    return np.where(k < 0, 0.0, betaincc(np.maximum(k + 1, 1), n - np.maximum(k, 0), p))


def mid_p(x: Floats, n: Floats, tail: float) -> Ends:
    return _mid_lower(x, n, tail), 1 - _mid_lower(n - x, n, tail)


def blaker(x: Floats, n: Floats, tail: float) -> Ends:
    return _blaker_lower(x, n, tail), 1 - _blaker_lower(n - x, n, tail)


def _solve(f: Callable[..., Floats], low: Floats, high: Floats, *columns: Floats) -> Floats:
    found = find_root(f, (low, high), args=columns, tolerances=_TOLERANCE)
    if not np.all(found.success):
        raise SamplingError("区间端点求解未收敛；请检查 x、n 与置信水平")
    return np.asarray(found.x, dtype=np.float64)


def _mid_lower(x: Floats, n: Floats, tail: float) -> Floats:
    """p with ½P(X=x) + P(X>x) = tail, between the Clopper–Pearson ends at tail and at twice the tail; 0 at x = 0."""
    count = np.maximum(x, 1)

    def excess(p: Floats, a: Floats, m: Floats) -> Floats:
        return (at_least(a, m, p) + at_least(a + 1, m, p)) / 2 - tail

    low, high = beta_lower(count, n, tail), beta_lower(count, n, 2 * tail)
    return np.where(x == 0, 0.0, _solve(excess, low, np.minimum(high * (1 + 1e-12), 1.0), count, n))


def _blaker_lower(x: Floats, n: Floats, tail: float) -> Floats:
    """Lowest p whose acceptability exceeds α = 2 tail.

    Below x/n the acceptability is P(X≥x) + P(X≤k), k the largest count with P(X≤k) ≤ P(X≥x). It is at most α at the
    Clopper–Pearson end. While k stays the same it falls and then rises; where k grows by one it jumps to twice P(X≥x), above α.
    So the first crossing lies either inside the first stretch or at its end: nothing has to be scanned and no gap is missed.
    """
    count = np.maximum(x, 1)
    start = beta_lower(count, n, tail)
    k = _last_not_above(count, n, start, tail).astype(np.float64)

    def gap(p: Floats, a: Floats, m: Floats, j: Floats) -> Floats:
        return at_least(a, m, p) - at_most(j + 1, m, p)

    def excess(p: Floats, a: Floats, m: Floats, j: Floats) -> Floats:
        return at_least(a, m, p) + at_most(j, m, p) - 2 * tail

    end = _solve(gap, start, beta_lower(count, n, 0.5) * (1 + 1e-12), count, n, k)
    inside = (excess(end, count, n, k) > 0) & (excess(start, count, n, k) < 0)
    result = np.where(excess(start, count, n, k) >= 0, start, end)
    if np.any(inside):
        result[inside] = _solve(excess, start[inside], end[inside], count[inside], n[inside], k[inside])
    return np.where(x == 0, 0.0, result)


def _last_not_above(x: Floats, n: Floats, p: Floats, tail: float) -> Ints:
    """Largest k in −1 … x−1 with P(X ≤ k) ≤ tail, by bisection in whole numbers."""
    low, high = np.full(x.shape, -1, dtype=np.int64), x.astype(np.int64)
    while np.any(high - low > 1):
        middle = (low + high) // 2
        fits = at_most(middle.astype(np.float64), n, p) <= tail
        low, high = np.where(fits, middle, low), np.where(fits | (high - low <= 1), high, middle)
    return low

"""Exact bounds for a roster of known size N, from n of its units drawn without replacement: the law is hypergeometric.

The answer is a count: of the N units at least D_lower and at most D_upper pass. When all are tested (n = N) both are the count
itself and no interval remains. Use it when n/N exceeds 5 %; the binomial is then too wide.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from sampling import hypergeometric
from sampling.arguments import Bools, Ints, counts, exact_tail, one_of, passed_and_tested, refuse_where
from sampling.errors import SamplingError

_NEAR = 1e-9


def finite_interval(x: Any, n: Any, N: Any, conf: float = 0.95) -> tuple[Ints, Ints]:
    """Fewest and most passing units of the roster, each end at α/2.

    Parameters
    ----------
    x, n, N : whole numbers of any equal shape, 0 ≤ x ≤ n ≤ N, n ≥ 1.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    D_lower, D_upper : whole numbers in [x, N−(n−x)]; both equal x when n = N.

    Raises
    ------
    SamplingError : broken or negative counts, x > n, n > N, shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    D_lower = min{D : P(X ≥ x | D) > α/2}, D_upper = max{D : P(X ≤ x | D) > α/2}, by bisection: both tails are monotone in D.
    A tail within 1e-9 of α/2 is computed in whole numbers, because on small rosters the two are often exactly equal.

    References
    ----------
    Buonaccorsi (1987), The American Statistician 41, 215–218.

    Examples
    --------
    >>> [int(v) for v in finite_interval(49, 50, 100)]
    [92, 99]
    """
    outside = exact_tail(conf) / 2
    x, n, N = _roster(x, n, N)
    return _lower(x, n, N, outside), N - _lower(n - x, n, N, outside)


def finite_bound(x: Any, n: Any, N: Any, side: str, conf: float = 0.95) -> Ints:
    """One-sided bound on the passing units of the roster: `side` "lower" or "upper", all of α on that side.

    Parameters
    ----------
    x, n, N : whole numbers of any equal shape, 0 ≤ x ≤ n ≤ N, n ≥ 1.
    side : "lower" (at least so many pass) or "upper" (at most so many).
    conf : one-sided confidence in (0, 1).

    Returns
    -------
    array of that shape : whole numbers in [x, N−(n−x)].

    Raises
    ------
    SamplingError : broken or negative counts, x > n, n > N, an unknown side, a confidence outside (0, 1).

    Notes
    -----
    min{D : P(X ≥ x | D) > α} or max{D : P(X ≤ x | D) > α}. Wrong when the roster misses units or units were not drawn at random.

    References
    ----------
    Buonaccorsi (1987), The American Statistician 41, 215–218.

    Examples
    --------
    >>> int(finite_bound(49, 50, 100, "lower"))
    93
    """
    one_of(side, ("lower", "upper"), "方向 side")
    outside = exact_tail(conf)
    x, n, N = _roster(x, n, N)
    return _lower(x, n, N, outside) if side == "lower" else N - _lower(n - x, n, N, outside)


def _roster(x: Any, n: Any, N: Any) -> tuple[Ints, Ints, Ints]:
    passed, tested = passed_and_tested(x, n)
    roster = counts(N, "N", least=1)
    try:
        passed, tested, roster = np.broadcast_arrays(passed, tested, roster)
    except ValueError:
        raise SamplingError(f"N 与 x、n 的形状不一致：{roster.shape} 与 {passed.shape}") from None
    refuse_where(tested > roster, tested, "n", "不大于名录数 N 的整数")
    return passed, tested, roster


def _lower(x: Ints, n: Ints, N: Ints, outside: Fraction) -> Ints:
    """Smallest D in [x, N−(n−x)] with P(X ≥ x | D) > outside; the largest such D always satisfies it."""
    shape = x.shape
    x, n, N = x.ravel(), n.ravel(), N.ravel()
    low, high = x - 1, N - (n - x)
    while np.any(high - low > 1):
        middle = np.where(high - low > 1, (low + high) // 2, high)
        above = _exceeds(x, n, N, middle, outside)
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray(high.reshape(shape), dtype=np.int64)


def _exceeds(x: Ints, n: Ints, N: Ints, D: Ints, outside: Fraction) -> Bools:
    """Whether P(X ≥ x | D) > outside, in whole numbers where a double cannot tell."""
    limit = float(outside)
    found = hypergeometric.at_least(x, D, n, N)
    result = np.asarray(found > limit)
    for i in np.flatnonzero(np.abs(found - limit) < _NEAR * limit):
        tested, roster, marked = int(n[i]), int(N[i]), int(D[i])
        if not hypergeometric.exact_is_quick(tested, roster):
            continue
        result[i] = hypergeometric.exact_at_most(tested - int(x[i]), roster - marked, tested, roster) > outside
    return result

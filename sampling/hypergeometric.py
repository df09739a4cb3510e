"""Tail probabilities of the hypergeometric law 超几何分布: n of N units drawn without replacement, D of the N marked.

Vectorised over cells of any size; the tables of a finite roster and the plans of lot acceptance both stand on it.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Any

import numpy as np

from sampling.arguments import Floats, Ints, counts, numbers, refuse_where
from sampling.errors import SamplingError

_NEGLIGIBLE = 1e-17
_LARGEST_EXACT = 20_000
_MOST_DRAWN = 200


def at_most(k: Any, marked: Any, drawn: Any, total: Any) -> Floats:
    """P(X ≤ k): at most `k` marked units among `drawn` of `total`, `marked` of which are marked.

    Parameters
    ----------
    k : whole numbers of any shape; below 0 the answer is 0.
    marked, drawn, total : whole numbers, 0 ≤ marked ≤ total, 0 ≤ drawn ≤ total.

    Returns
    -------
    array : probabilities in the shape of the arguments.

    Raises
    ------
    SamplingError : marked or drawn above total, broken or negative numbers.

    Notes
    -----
    The first term is written as three binomial terms at p = n/N (Loader 2000), the others follow by their ratios; the
    shorter side of the mean is summed, so that small probabilities keep their digits.

    References
    ----------
    Loader (2000), Fast and accurate computation of binomial probabilities; the example is that of R AcceptanceSampling (n = 20, N = 100).

    Examples
    --------
    >>> round(float(at_most(0, 10, 20, 100)), 6)
    0.095116
    """
    D, n, N = counts(marked, "D"), counts(drawn, "n"), counts(total, "N", least=1)
    refuse_where(np.asarray(np.maximum(D, n) > N), np.asarray(np.maximum(D, n)), "D 与 n", "不大于 N 的整数")
    x, D, n, N = _shaped(_signed(k), D, n, N)
    low, high = np.maximum(0, n - (N - D)), np.minimum(n, D)
    inside = np.clip(x, low - 1, high)
    lower = inside * N.astype(np.float64) <= n.astype(np.float64) * D
    below = _sum(np.where(lower, inside, low), D, n, N, down=True)
    above = _sum(np.where(lower, high, inside + 1), D, n, N, down=False)
    result = np.where(lower, below, 1 - above)
    return np.asarray(np.where(x < low, 0.0, np.where(x >= high, 1.0, result)))


def at_least(k: Any, marked: Any, drawn: Any, total: Any) -> Floats:
    """P(X ≥ k), exact in the small tail: the complement counted on the units that are not marked.

    Parameters
    ----------
    k : whole numbers of any shape.
    marked, drawn, total : as in `at_most`.

    Returns
    -------
    array : probabilities.

    Raises
    ------
    SamplingError : as in `at_most`.

    Notes
    -----
    P(X ≥ k | D) = P(n − X ≤ n − k): `at_most` on the units that are not marked.

    References
    ----------
    The example is the false alarm of a plan of GB/T 2828.11, n = 13, L = 1, N = 120, D = 3.

    Examples
    --------
    >>> round(float(at_least(2, 3, 13, 120)), 6)
    0.030736
    """
    D, n, N = counts(marked, "D"), counts(drawn, "n"), counts(total, "N", least=1)
    refuse_where(np.asarray(D > N), D, "D", "不大于 N 的整数")
    return at_most(n - _signed(k), N - D, n, N)


def _signed(k: Any) -> Ints:
    """A count that may lie below zero or above all that is possible."""
    found = numbers(k, "k")
    refuse_where((found != np.floor(found)) | (np.abs(found) > 2**53), found, "k", "整数")
    return found.astype(np.int64)


def _shaped(*columns: Ints) -> list[Ints]:
    try:
        return list(np.broadcast_arrays(*columns))
    except ValueError:
        raise SamplingError(f"各列形状不一致：{'、'.join(str(column.shape) for column in columns)}") from None


def exact_is_quick(drawn: int, total: int) -> bool:
    """Whether `exact_at_most` takes milliseconds: a small roster, or few units drawn (or left) of a large one.

    Parameters
    ----------
    drawn, total : whole numbers, 0 ≤ drawn ≤ total.

    Returns
    -------
    bool

    Raises
    ------
    nothing for valid counts.

    Notes
    -----
    The sum has at most min(drawn, total − drawn) + 1 terms, each a product of binomial coefficients of that order.

    References
    ----------
    Own measurement: 20,000 units, or 200 of ten million, take below 50 ms.

    Examples
    --------
    >>> exact_is_quick(1, 10_000_000), exact_is_quick(1_000_000, 10_000_000)
    (True, False)
    """
    return total <= _LARGEST_EXACT or min(drawn, total - drawn) <= _MOST_DRAWN


def exact_at_most(k: int, marked: int, drawn: int, total: int) -> Fraction:
    """P(X ≤ k) as an exact fraction, for probabilities that stand on a boundary.

    Parameters
    ----------
    k, marked, drawn, total : whole numbers as in `at_most`.

    Returns
    -------
    Fraction : Σ C(D, i) C(N−D, n−i) / C(N, n).

    Raises
    ------
    nothing for valid counts.

    Notes
    -----
    The terms follow from each other by their ratios. Slow beyond N of some ten thousands unless few units are drawn or left.

    References
    ----------
    Feller (1968), An Introduction to Probability Theory I, section II.6.

    Examples
    --------
    >>> exact_at_most(0, 1, 1, 20)
    Fraction(19, 20)
    """
    low, spare = max(0, drawn - (total - marked)), total - marked - drawn
    ways, one = 0, comb(marked, low) * comb(total - marked, drawn - low)
    for i in range(low, min(k, drawn, marked) + 1):
        ways += one
        one = one * (marked - i) * (drawn - i) // ((i + 1) * (spare + i + 1))
    return Fraction(ways, comb(total, drawn))


def _term(x: Floats, D: Floats, n: Floats, N: Floats) -> Floats:
    """P(X = x)."""
    from scipy.stats import binom  # half a second to load: not at import, the application needs it rarely

    p = n / N
    return np.asarray(binom.pmf(x, D, p) * binom.pmf(n - x, N - D, p) / binom.pmf(n, N, p))


def _sum(start: Ints, D: Ints, n: Ints, N: Ints, *, down: bool) -> Floats:
    """The terms from `start` outwards, until what follows is negligible."""
    x, marked, drawn, every = (np.atleast_1d(v).ravel().astype(np.float64) for v in (start, D, n, N))
    low, high = np.maximum(0, drawn - (every - marked)), np.minimum(drawn, marked)
    total = np.where((x >= low) & (x <= high), _term(x, marked, drawn, every), 0.0)
    term, live = total.copy(), np.flatnonzero(total > 0)
    step = -1 if down else 1
    while live.size:
        k, m, size = x[live], marked[live], drawn[live]
        spare = every[live] - m - size + k  # unmarked units that stay undrawn
        ratio = k * spare / ((m - k + 1) * (size - k + 1)) if down else (m - k) * (size - k) / ((k + 1) * (spare + 1))
        term[live] *= ratio
        total[live] += term[live]
        x[live] += step
        live = live[term[live] > _NEGLIGIBLE * total[live]]
    return total.reshape(start.shape)

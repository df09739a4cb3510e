"""Two rates compared: x1/n1 − x2/n2, its interval and its tests. Any number of pairs of cells in one call.

Whether two intervals overlap is no comparison; and with millions of batches every change is "significant", so compare the size
of the change with the smallest one that matters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.special import ndtr

from sampling.arguments import Floats, one_of, one_sample, passed_and_tested, tail
from sampling.errors import SamplingError
from sampling.intervals import closed
from sampling.intervals.rates import checked


class Difference(NamedTuple):
    """p1 − p2 with its interval; arrays in the shape of the counts."""

    estimate: Floats
    lower: Floats
    upper: Floats


def _pairs(x1: Any, n1: Any, x2: Any, n2: Any) -> tuple[Floats, ...]:
    first, second = passed_and_tested(x1, n1, "x1", "n1"), passed_and_tested(x2, n2, "x2", "n2")
    try:
        columns = np.broadcast_arrays(*first, *second)
    except ValueError:
        raise SamplingError(f"两组的形状不一致：{first[0].shape} 与 {second[0].shape}") from None
    return tuple(column.astype(np.float64) for column in columns)


def newcombe(x1: Any, n1: Any, x2: Any, n2: Any, conf: float = 0.95, *, continuity: bool = False) -> Difference:
    """Newcombe's interval (method 10; 11 with continuity correction), from the Wilson ends l, u of each rate.

    Parameters
    ----------
    x1, n1, x2, n2 : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: two independent samples.
    conf : two-sided confidence in (0, 1).
    continuity : take the ends of the Wilson interval with continuity correction.

    Returns
    -------
    Difference : estimate, lower and upper as arrays of that shape, shares with −1 ≤ lower < upper ≤ 1.

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n in a group, shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    Lower d − √((p1−l1)² + (u2−p2)²), upper d + √((u1−p1)² + (p2−l2)²).

    References
    ----------
    Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I.

    Examples
    --------
    >>> [round(float(v), 4) for v in newcombe(56, 70, 48, 80)]
    [0.2, 0.0524, 0.3339]
    """
    outside = tail(conf) / 2
    a, m, b, k = _pairs(x1, n1, x2, n2)
    core = closed.wilson_cc if continuity else closed.wilson
    (l1, u1), (l2, u2) = core(a, m, outside), core(b, k, outside)
    p1, p2 = a / m, b / k
    d = p1 - p2
    low, high = d - np.hypot(p1 - l1, u2 - p2), d + np.hypot(u1 - p1, p2 - l2)
    return Difference(d, *checked(np.maximum(low, -1), np.minimum(high, 1)))


def agresti_caffo(x1: Any, n1: Any, x2: Any, n2: Any, conf: float = 0.95) -> Difference:
    """Agresti–Caffo interval: Wald after one pass and one failure are added to each group, cut at −1 and 1.

    Parameters
    ----------
    x1, n1, x2, n2 : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: two independent samples.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    Difference : estimate, lower and upper as arrays of that shape, shares with −1 ≤ lower < upper ≤ 1.

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n in a group, shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    p̃ = (x+1)/(n+2) in each group, d̃ ± z √(p̃1q̃1/(n1+2) + p̃2q̃2/(n2+2)). Its centre is drawn towards 0 and need not hold d in small groups.

    References
    ----------
    Agresti & Caffo (2000), doi:10.1080/00031305.2000.10474560.

    Examples
    --------
    >>> [round(float(v), 4) for v in agresti_caffo(56, 70, 48, 80)]
    [0.2, 0.0525, 0.3358]
    """
    z = closed.normal(tail(conf) / 2)
    a, m, b, k = _pairs(x1, n1, x2, n2)
    p1, p2 = (a + 1) / (m + 2), (b + 1) / (k + 2)
    half = z * np.sqrt(p1 * (1 - p1) / (m + 2) + p2 * (1 - p2) / (k + 2))
    return Difference(a / m - b / k, *checked(np.maximum(p1 - p2 - half, -1), np.minimum(p1 - p2 + half, 1)))


def miettinen_nurminen(x1: Any, n1: Any, x2: Any, n2: Any, conf: float = 0.95) -> Difference:
    """Miettinen–Nurminen score interval, with the factor N/(N−1).

    Parameters
    ----------
    x1, n1, x2, n2 : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: two independent samples.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    Difference : estimate, lower and upper as arrays of that shape, shares with −1 ≤ lower < upper ≤ 1.

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n in a group, shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    The differences δ with (d − δ)² ≤ z² V(δ), V from the maximum-likelihood rates under p1 − p2 = δ (closed root of the cubic).
    Found by bisection, which cells of 0/n and n/n need no exception from.

    References
    ----------
    Miettinen & Nurminen (1985), doi:10.1002/sim.4780040211. The example is the published .0528 to .3382.

    Examples
    --------
    >>> [round(float(v), 4) for v in miettinen_nurminen(56, 70, 48, 80)]
    [0.2, 0.0528, 0.3382]
    """
    z2 = closed.normal(tail(conf) / 2) ** 2
    a, m, b, k = _pairs(x1, n1, x2, n2)
    low = _score_end(a, m, b, k, z2)
    return Difference(a / m - b / k, *checked(low, -_score_end(b, k, a, m, z2)))


def _score_end(a: Floats, m: Floats, b: Floats, k: Floats, z2: float) -> Floats:
    """Lower end: outside at −1, inside at d."""
    d = a / m - b / k
    low, high = np.full(d.shape, -1.0), d.copy()
    for _ in range(60):
        middle = (low + high) / 2
        outside = (d - middle) ** 2 > z2 * _variance(a, m, b, k, middle)
        low, high = np.where(outside, middle, low), np.where(outside, high, middle)
    return np.asarray(np.where(d <= -1, -1.0, high))


def _variance(a: Floats, m: Floats, b: Floats, k: Floats, delta: Floats) -> Floats:
    """Variance of d at the rates that are likeliest under p1 − p2 = δ (Farrington & Manning 1990 solve the cubic)."""
    ratio = k / m
    s = [1 + ratio, -(1 + ratio + a / m + ratio * b / k + delta * (ratio + 2)),
         delta * delta + delta * (2 * a / m + ratio + 1) + a / m + ratio * b / k, -a / m * delta * (1 + delta)]
    v = (s[1] / (3 * s[0])) ** 3 - s[1] * s[2] / (6 * s[0] ** 2) + s[3] / (2 * s[0])
    u = np.where(v >= 0, 1.0, -1.0) * np.sqrt(np.maximum((s[1] / (3 * s[0])) ** 2 - s[2] / (3 * s[0]), 0))
    cosine = np.divide(v, u**3, out=np.zeros_like(v), where=np.abs(u) > 1e-100)
    p1 = 2 * u * np.cos((np.pi + np.arccos(np.clip(cosine, -1, 1))) / 3) - s[1] / (3 * s[0])
    p1 = np.clip(p1, np.maximum(0, delta), np.minimum(1, 1 + delta))
    p2 = np.clip(p1 - delta, 0, 1)
    total = m + k
    return np.asarray((p1 * (1 - p1) / m + p2 * (1 - p2) / k) * total / (total - 1))


METHODS: dict[str, Callable[..., Difference]] = {
    "newcombe": newcombe,
    "newcombe-cc": lambda *cells: newcombe(*cells, continuity=True),
    "miettinen-nurminen": miettinen_nurminen,
    "agresti-caffo": agresti_caffo,
}


def difference(x1: Any, n1: Any, x2: Any, n2: Any, method: str = "newcombe", conf: float = 0.95) -> Difference:
    """Interval of p1 − p2 by the name of its method, one of `METHODS`.

    Parameters
    ----------
    x1, n1, x2, n2 : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: two independent samples.
    method : one of `METHODS`.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    Difference : estimate, lower and upper as arrays of that shape, shares with −1 ≤ lower < upper ≤ 1.

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n in a group, shapes that do not fit, a confidence outside (0, 1), an unknown method.

    Notes
    -----
    "newcombe" is the default of the product. Wrong for paired samples and for targeted ones.

    References
    ----------
    Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I; the example is its case (b) by method 6.

    Examples
    --------
    >>> [round(float(v), 4) for v in difference(9, 10, 3, 10, "miettinen-nurminen")]
    [0.6, 0.17, 0.8406]
    """
    return METHODS[one_of(method, tuple(METHODS), "差值区间方法 method")](x1, n1, x2, n2, conf)


def score_test(x1: Any, n1: Any, x2: Any, n2: Any) -> tuple[Floats, Floats]:
    """Pooled score test of p1 = p2: (z, two-sided p). Where every batch passes (or fails) in both groups z = 0 and p = 1.

    Parameters
    ----------
    x1, n1, x2, n2 : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: two independent samples.

    Returns
    -------
    z, p : arrays of that shape; z > 0 when the first rate is higher.

    Raises
    ------
    SamplingError : broken or negative counts, x > n, shapes that do not fit.

    Notes
    -----
    z = (p1 − p2) / √(p(1−p)(1/n1 + 1/n2)), p pooled; its square is Pearson's chi-square. Approximate below about five expected
    failures per group: use `fisher_test`. With millions of batches it finds differences that do not matter.

    References
    ----------
    Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed., chapter 3; the example agrees with R prop.test(correct = FALSE).

    Examples
    --------
    >>> [round(float(v), 5) for v in score_test(56, 70, 48, 80)]
    [2.65017, 0.00805]
    """
    a, m, b, k = _pairs(x1, n1, x2, n2)
    pooled = (a + b) / (m + k)
    error = np.sqrt(pooled * (1 - pooled) * (1 / m + 1 / k))
    z = np.divide(a / m - b / k, error, out=np.zeros_like(error), where=error > 0)
    return z, np.asarray(2 * ndtr(-np.abs(z)))


def fisher_test(x1: int, n1: int, x2: int, n2: int) -> float:
    """Fisher's exact two-sided p of one pair; conservative.

    Parameters
    ----------
    x1, n1, x2, n2 : whole numbers, 0 ≤ x ≤ n, n ≥ 1: one pair of samples.

    Returns
    -------
    float : in (0, 1].

    Raises
    ------
    SamplingError : broken or negative counts, x > n.

    Notes
    -----
    Sum of the hypergeometric probabilities not above the observed one. Its true error lies well below the nominal one.

    References
    ----------
    Fisher (1935); the example agrees with R fisher.test.

    Examples
    --------
    >>> round(fisher_test(9, 10, 3, 10), 5)
    0.01977
    """
    from scipy.stats import fisher_exact  # half a second to load: not at import

    (a, m), (b, k) = one_sample(x1, n1), one_sample(x2, n2)
    return float(fisher_exact([[a, m - a], [b, k - b]]).pvalue)

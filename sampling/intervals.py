"""Intervals 区间估计 for one rate: vectorised, exact where the law of the matter needs it exact.

Every function takes counts of any equal shape and gives (lower, upper) as arrays of that shape. None of them is right for
samples that were targeted rather than drawn: say so beside the number (不可推断).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import betaincinv, ndtri

from sampling.arguments import Floats, confidence, over_distinct_pairs, passed_and_tested

Interval = tuple[Floats, Floats]


def wilson(x: Any, n: Any, conf: float = 0.95) -> Interval:
    """Wilson score interval of x out of n.

    Parameters
    ----------
    x, n : counts of any equal shape, 0 ≤ x ≤ n, n ≥ 1.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    lower, upper : arrays in [0, 1]; lower is exactly 0 at x = 0 and upper exactly 1 at x = n.

    Notes
    -----
    (p + z²/2n ± z √(pq/n + z²/4n²)) / (1 + z²/n). Right on average near 98 %, but its upper end falls short there: never use
    it for "not attained". Wilson (1927), doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> [round(float(v), 4) for v in wilson(132, 140)]
    [0.8913, 0.9708]
    """
    z = float(ndtri(0.5 + confidence(conf) / 2))
    passed, tested = passed_and_tested(x, n)
    p, size = passed / tested, tested.astype(np.float64)
    centre = (p + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * np.sqrt(p * (1 - p) / size + z * z / (4 * size * size))
    low = np.where(passed == 0, 0.0, np.clip(centre - half, 0, 1))
    return low, np.where(passed == tested, 1.0, np.clip(centre + half, 0, 1))


def clopper_pearson(x: Any, n: Any, conf: float = 0.95) -> Interval:
    """Clopper–Pearson exact interval of x out of n; its coverage is never below `conf`.

    Notes
    -----
    Quantiles of beta distributions: lower B(α/2; x, n−x+1), upper B(1−α/2; x+1, n−x). Clopper & Pearson (1934),
    doi:10.1093/biomet/26.4.404. Conservative for small n.

    Examples
    --------
    >>> [round(float(v), 4) for v in clopper_pearson(132, 140)]
    [0.8905, 0.975]
    """
    alpha = 1 - confidence(conf)
    passed, tested = passed_and_tested(x, n)
    return over_distinct_pairs(passed, tested, lambda a, b: (_lower(a, b, alpha / 2), _upper(a, b, alpha / 2)))


def lower_bound(x: Any, n: Any, conf: float = 0.95) -> Floats:
    """One-sided exact lower bound: with that confidence the rate is at least this.

    >>> round(float(lower_bound(149, 149)), 5)
    0.9801
    """
    alpha = 1 - confidence(conf)
    passed, tested = passed_and_tested(x, n)
    return over_distinct_pairs(passed, tested, lambda a, b: (_lower(a, b, alpha), a))[0]


def upper_bound(x: Any, n: Any, conf: float = 0.95) -> Floats:
    """One-sided exact upper bound: with that confidence the rate is at most this.

    >>> round(float(upper_bound(0, 59)), 4)
    0.0495
    """
    alpha = 1 - confidence(conf)
    passed, tested = passed_and_tested(x, n)
    return over_distinct_pairs(passed, tested, lambda a, b: (_upper(a, b, alpha), a))[0]


def _lower(x: Floats, n: Floats, tail: float) -> Floats:
    return np.where(x == 0, 0.0, betaincinv(np.maximum(x, 1), n - x + 1, tail))


def _upper(x: Floats, n: Floats, tail: float) -> Floats:
    return np.where(x == n, 1.0, betaincinv(x + 1, np.maximum(n - x, 1), 1 - tail))

"""Intervals for one rate from simple random batches: x passing out of n, any number of cells in one call.

All functions take counts of any equal shape (0 ≤ x ≤ n, n ≥ 1, whole numbers) and a two-sided confidence in (0, 1), and give
(lower, upper) as arrays of that shape with 0 ≤ lower < upper ≤ 1. NaN, negative or broken counts and x > n raise
`SamplingError`. None of them is right for samples that were targeted rather than drawn: say so beside the number (不可推断).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sampling.arguments import Floats, Ints, one_of, over_distinct_pairs, passed_and_tested, refuse_where, tail
from sampling.intervals import closed, tails

Interval = tuple[Floats, Floats]
METHODS: dict[str, Callable[[Floats, Floats, float], Interval]] = {
    "wilson": closed.wilson,
    "wilson-cc": closed.wilson_cc,
    "clopper-pearson": closed.clopper_pearson,
    "jeffreys": closed.jeffreys,
    "agresti-coull": closed.agresti_coull,
    "mid-p": tails.mid_p,
    "blaker": tails.blaker,
}


def interval(x: Any, n: Any, method: str = "wilson", conf: float = 0.95) -> Interval:
    """Two-sided interval by the name of its method.

    Parameters
    ----------
    x, n : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: batches passing and tested.
    method : one of `METHODS`; fix it in the definition of the indicator, never after seeing the result.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    lower, upper : arrays of that shape, shares with 0 ≤ lower < upper ≤ 1.

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n, shapes that do not fit, a confidence outside (0, 1), an unknown method.

    Notes
    -----
    Distinct pairs (x, n) are computed once and spread back over the cells. Formulas and sources stand with the functions of the
    same names. Wrong for samples that were targeted rather than drawn.

    References
    ----------
    Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E; the example is its method 4.

    Examples
    --------
    >>> [round(float(v), 4) for v in interval(81, 263, "wilson-cc")]
    [0.2535, 0.3682]
    """
    one_of(method, tuple(METHODS), "区间方法 method")
    passed, tested = passed_and_tested(x, n)
    return _ends(passed, tested, METHODS[method], tail(conf) / 2)


def _ends(passed: Ints, tested: Ints, core: Callable[[Floats, Floats, float], Interval], outside: float) -> Interval:
    return checked(*over_distinct_pairs(passed, tested, lambda a, b: core(a, b, outside)))


def checked(low: Floats, high: Floats) -> Interval:
    """Never an interval without width, never one that could not be computed."""
    wrong = ~(np.asarray(low) < np.asarray(high))
    refuse_where(wrong, np.asarray(low), "区间下限", "小于上限的数：区间没有宽度，通常因为置信水平过低或 n 超出双精度可分辨的范围")
    return low, high


def wilson(x: Any, n: Any, conf: float = 0.95) -> Interval:
    """Wilson score interval: the one shown beside a pass rate.

    Parameters
    ----------
    x, n : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: batches passing and tested.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    lower, upper : arrays of that shape, shares with 0 ≤ lower < upper ≤ 1.

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n, shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    (p + z²/2n ± z √(pq/n + z²/4n²)) / (1 + z²/n); 0 at x = 0 and 1 at x = n. Right on average near 98 %, but its upper end
    falls short there: never use it for "not attained".

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953. The example is Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E.

    Examples
    --------
    >>> [round(float(v), 4) for v in wilson(81, 263)]
    [0.2553, 0.3662]
    """
    return interval(x, n, "wilson", conf)


def wilson_cc(x: Any, n: Any, conf: float = 0.95) -> Interval:
    """Wilson interval with continuity correction: near Clopper–Pearson in width, in closed form.

    Parameters
    ----------
    x, n : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: batches passing and tested.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    lower, upper : arrays of that shape, shares with 0 ≤ lower < upper ≤ 1.

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n, shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    (2np + z² ∓ 1 ∓ z √(z² ∓ 2 − 1/n + 4p(nq ± 1))) / 2(n + z²), 0 at x = 0 and 1 at x = n; Newcombe (1998), method 4.
    Wider than needed: the corrected interval is conservative without being exact.

    References
    ----------
    Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, method 4.

    Examples
    --------
    >>> [round(float(v), 4) for v in wilson_cc(15, 148)]
    [0.0598, 0.1644]
    """
    return interval(x, n, "wilson-cc", conf)


def clopper_pearson(x: Any, n: Any, conf: float = 0.95) -> Interval:
    """Clopper–Pearson exact interval; its coverage is never below `conf`.

    Parameters
    ----------
    x, n : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: batches passing and tested.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    lower, upper : arrays of that shape, shares with 0 ≤ lower < upper ≤ 1.

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n, shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    Quantiles of beta distributions: lower B(α/2; x, n−x+1), upper B(1−α/2; x+1, n−x). Conservative for small n.

    References
    ----------
    Clopper & Pearson (1934), doi:10.1093/biomet/26.4.404. The example is Newcombe (1998), method 5.

    Examples
    --------
    >>> [round(float(v), 4) for v in clopper_pearson(81, 263)]
    [0.2527, 0.3676]
    """
    return interval(x, n, "clopper-pearson", conf)


def jeffreys(x: Any, n: Any, conf: float = 0.95) -> Interval:
    """Jeffreys interval: quantiles of B(x+½, n−x+½), lower set to 0 at x = 0 and upper to 1 at x = n.

    Parameters
    ----------
    x, n : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: batches passing and tested.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    lower, upper : arrays of that shape, shares with 0 ≤ lower < upper ≤ 1.

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n, shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    Right on average; near 98 % its coverage falls to 88–91 % at unlucky rates.

    References
    ----------
    Brown, Cai & DasGupta (2001), doi:10.1214/ss/1009213286.

    Examples
    --------
    >>> [round(float(v), 4) for v in jeffreys(98, 100)]
    [0.9374, 0.9958]
    """
    return interval(x, n, "jeffreys", conf)


def agresti_coull(x: Any, n: Any, conf: float = 0.95) -> Interval:
    """Agresti–Coull interval: Wald on n+z² batches of which x+z²/2 pass, cut at 0 and 1.

    Parameters
    ----------
    x, n : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: batches passing and tested.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    lower, upper : arrays of that shape, shares with 0 ≤ lower < upper ≤ 1.

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n, shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    Meant for hand calculation above n = 40. At x = n its upper end is 1 by cutting, and its lower end is lower than Wilson's.

    References
    ----------
    Agresti & Coull (1998), doi:10.1080/00031305.1998.10480550.

    Examples
    --------
    >>> [round(float(v), 4) for v in agresti_coull(81, 263)]
    [0.2552, 0.3663]
    """
    return interval(x, n, "agresti-coull", conf)


def mid_p(x: Any, n: Any, conf: float = 0.95) -> Interval:
    """Mid-P interval: half the probability of the observed count goes to each tail.

    Parameters
    ----------
    x, n : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: batches passing and tested.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    lower, upper : arrays of that shape, shares with 0 ≤ lower < upper ≤ 1.

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n, shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    ½P(X=x) + P(X>x) = α/2 for the lower end, ½P(X=x) + P(X<x) = α/2 for the upper; solved to the last digit of a double.
    Less conservative than Clopper–Pearson and therefore without its promise.

    References
    ----------
    Berry & Armitage (1995), doi:10.2307/2348891; the example is Newcombe (1998), method 6.

    Examples
    --------
    >>> [round(float(v), 4) for v in mid_p(81, 263)]
    [0.2544, 0.3658]
    """
    return interval(x, n, "mid-p", conf)


def blaker(x: Any, n: Any, conf: float = 0.95) -> Interval:
    """Blaker exact interval: the hull of the rates whose acceptability exceeds α; inside Clopper–Pearson, same promise.

    Parameters
    ----------
    x, n : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: batches passing and tested.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    lower, upper : arrays of that shape, shares with 0 ≤ lower < upper ≤ 1.

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n, shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    The acceptability is the smaller tail plus the largest tail on the other side that does not exceed it. The set can have gaps
    and the hull is reported. Two-sided only: its ends must not serve as one-sided bounds.

    References
    ----------
    Blaker (2000), doi:10.2307/3315916.

    Examples
    --------
    >>> [round(float(v), 4) for v in blaker(5, 10)]
    [0.2224, 0.7776]
    """
    return interval(x, n, "blaker", conf)

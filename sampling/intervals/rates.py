"""Intervals for one rate from simple random batches: x passing out of n, any number of cells in one call.

All functions take counts of any equal shape (0 ≤ x ≤ n, n ≥ 1, whole numbers) and a two-sided confidence in (0, 1), and give
(lower, upper) as arrays of that shape with 0 ≤ lower < upper ≤ 1. NaN, negative or broken counts and x > n raise
`SamplingError`. None of them is right for samples that were targeted rather than drawn: say so beside the number (不可推断).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sampling.arguments import (
    Floats,
    Ints,
    counts,
    numbers,
    one_of,
    over_distinct_pairs,
    passed_and_tested,
    positive,
    refuse_where,
    tail,
)
from sampling.errors import SamplingError
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
ONE_SIDED = tuple(name for name in METHODS if name != "blaker")  # Blaker orders both tails at once: it has no one-sided form
WITH_DESIGN_EFFECT = ("clopper-pearson", "wilson", "jeffreys", "agresti-coull")
SIDES = ("lower", "upper")


def interval(x: Any, n: Any, method: str = "wilson", conf: float = 0.95) -> Interval:
    """Two-sided interval by the name of its method.

    Parameters
    ----------
    method : one of `METHODS`; fix it in the definition of the indicator, never after seeing the result.

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

    Notes
    -----
    (2np + z² ∓ 1 ∓ z √(z² ∓ 2 − 1/n + 4p(nq ± 1))) / 2(n + z²), 0 at x = 0 and 1 at x = n; Newcombe (1998), method 4.
    Wider than needed: the corrected interval is conservative without being exact.

    Examples
    --------
    >>> [round(float(v), 4) for v in wilson_cc(15, 148)]
    [0.0598, 0.1644]
    """
    return interval(x, n, "wilson-cc", conf)


def clopper_pearson(x: Any, n: Any, conf: float = 0.95) -> Interval:
    """Clopper–Pearson exact interval; its coverage is never below `conf`.

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


def bound(x: Any, n: Any, side: str, method: str = "clopper-pearson", conf: float = 0.95) -> Floats:
    """One-sided bound: all of α = 1 − conf lies on one side.

    Parameters
    ----------
    side : "lower" (at least this) or "upper" (at most this).
    method : one of `ONE_SIDED`; mid-P needs conf > 0.5.

    Examples
    --------
    >>> round(float(bound(98, 100, "lower")), 4), round(float(bound(98, 100, "upper", "wilson")), 4)
    (0.9384, 0.9934)
    """
    one_of(side, SIDES, "方向 side")
    one_of(method, ONE_SIDED, "单侧界方法 method")
    outside = tail(conf)
    if method == "mid-p" and outside >= 0.5:
        raise SamplingError(f"置信水平 conf 不合法：{conf!r}；mid-P 单侧界应大于 0.5")
    passed, tested = passed_and_tested(x, n)
    return over_distinct_pairs(passed, tested, lambda a, b: METHODS[method](a, b, outside))[SIDES.index(side)]


def lower_bound(x: Any, n: Any, conf: float = 0.95) -> Floats:
    """One-sided exact (Clopper–Pearson) lower bound: with that confidence the rate is at least this.

    >>> round(float(lower_bound(149, 149)), 5)
    0.9801
    """
    return bound(x, n, "lower", conf=conf)


def upper_bound(x: Any, n: Any, conf: float = 0.95) -> Floats:
    """One-sided exact (Clopper–Pearson) upper bound: with that confidence the rate is at most this.

    >>> round(float(upper_bound(0, 59)), 4)
    0.0495
    """
    return bound(x, n, "upper", conf=conf)


def zero_failure_bound(n: Any, conf: float = 0.95) -> Floats:
    """Exact lower bound when all n batches pass: (1 − conf)^(1/n). What stands beside every "100 %".

    References
    ----------
    Hanley & Lippman-Hand (1983), doi:10.1001/jama.1983.03330370053031.

    Examples
    --------
    >>> round(float(zero_failure_bound(59)), 4)
    0.9505
    """
    return np.asarray(np.exp(np.log(tail(conf)) / counts(n, "n", least=1)))


def rule_of_three(n: Any) -> Floats:
    """1 − 3/n, 三倍法则: a hint for the head, valid at 95 % only; never used for a verdict.

    Below the exact bound for every n from 4 on; for n < 3 it is negative and says nothing.

    >>> float(rule_of_three(149)).__round__(4)
    0.9799
    """
    return np.asarray(1 - 3 / counts(n, "n", least=1))


def with_design_effect(x: Any, n: Any, deff: Any, method: str = "clopper-pearson", conf: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """Interval for batches that carry less information than independent ones: (n_eff, lower, upper).

    Parameters
    ----------
    deff : design effect above 0, one or one per cell, in the shape of x. Below 1 it is taken as given: with a handful of failures
        such a value is luck, so plan with 1 (see `sampling.estimate` for the capped Korn–Graubard interval from data).
    method : one of `WITH_DESIGN_EFFECT`.

    Notes
    -----
    n_eff = n/deff and x_eff = x/deff enter the formula as they are, not rounded (Korn–Graubard form without its correction for
    degrees of freedom).

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24, 193–201.

    Examples
    --------
    >>> [round(float(v), 4) for v in with_design_effect(98, 100, 1.5)]
    [66.6667, 0.9112, 0.9989]
    """
    one_of(method, WITH_DESIGN_EFFECT, "区间方法 method")
    outside = tail(conf) / 2
    passed, tested = passed_and_tested(x, n)
    effect = numbers(deff, "设计效应 deff")
    refuse_where(effect <= 0, effect, "设计效应 deff", "大于 0 的数")
    try:
        passed, tested, effect = np.broadcast_arrays(passed, tested, effect)
    except ValueError:
        raise SamplingError(f"deff 与 x 的形状不一致：{effect.shape} 与 {passed.shape}") from None
    size = tested / effect
    return size, *checked(*METHODS[method](passed / effect, size, outside))


def half_width(n: int, p: float, conf: float = 0.95) -> float:
    """Half the width of the Wilson interval to be expected at rate p with n batches (p·n need not be whole).

    >>> round(half_width(792, 0.98), 5)
    0.01
    """
    size, rate = np.asarray(positive(n, "n")), np.asarray(float(numbers(p, "p")))
    refuse_where((rate < 0) | (rate > 1), rate, "p", "0 与 1 之间的数")
    low, high = closed.wilson(rate * size, size, tail(conf) / 2)
    return float(high - low) / 2

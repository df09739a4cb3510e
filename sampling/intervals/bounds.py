"""One-sided bounds of one rate, what zero failures show, and intervals for batches that are not independent."""

from __future__ import annotations

from typing import Any

import numpy as np

from sampling.arguments import (
    Floats,
    counts,
    number,
    numbers,
    one_of,
    over_distinct_pairs,
    passed_and_tested,
    positive,
    refuse_where,
    tail,
)
from sampling.errors import SamplingError
from sampling.intervals import closed
from sampling.intervals.rates import METHODS, checked

ONE_SIDED = tuple(name for name in METHODS if name != "blaker")  # Blaker orders both tails at once: it has no one-sided form
WITH_DESIGN_EFFECT = ("clopper-pearson", "wilson", "jeffreys", "agresti-coull")
SIDES = ("lower", "upper")


def bound(x: Any, n: Any, side: str, method: str = "clopper-pearson", conf: float = 0.95) -> Floats:
    """One-sided bound: all of α = 1 − conf lies on one side.

    Parameters
    ----------
    x, n : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: batches passing and tested.
    side : "lower" (at least this) or "upper" (at most this).
    method : one of `ONE_SIDED`; mid-P needs conf > 0.5.
    conf : one-sided confidence in (0, 1).

    Returns
    -------
    array of that shape : shares in [0, 1]; 0 for a lower bound at x = 0, 1 for an upper one at x = n.

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n, shapes that do not fit, a confidence outside (0, 1), an unknown side or method.

    Notes
    -----
    The formula of the method with α in the place of α/2: the two ends of a 90 % interval are the bounds at 95 %. Only
    "clopper-pearson" keeps its confidence at every rate; the others must not decide a verdict.

    References
    ----------
    Clopper & Pearson (1934), doi:10.1093/biomet/26.4.404.

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

    Parameters
    ----------
    x, n : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: batches passing and tested.
    conf : one-sided confidence in (0, 1).

    Returns
    -------
    array of that shape : shares in [0, 1].

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n, shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    B⁻¹(α; x, n−x+1), 0 at x = 0. Conservative: the true confidence is higher than `conf` at most rates.

    References
    ----------
    Clopper & Pearson (1934), doi:10.1093/biomet/26.4.404. 149 batches without a failure show 98 %.

    Examples
    --------
    >>> round(float(lower_bound(149, 149)), 5)
    0.9801
    """
    return bound(x, n, "lower", conf=conf)


def upper_bound(x: Any, n: Any, conf: float = 0.95) -> Floats:
    """One-sided exact (Clopper–Pearson) upper bound: with that confidence the rate is at most this.

    Parameters
    ----------
    x, n : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: batches passing and tested.
    conf : one-sided confidence in (0, 1).

    Returns
    -------
    array of that shape : shares in [0, 1].

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n, shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    B⁻¹(1−α; x+1, n−x), 1 at x = n. Conservative: the true confidence is higher than `conf` at most rates.

    References
    ----------
    Clopper & Pearson (1934), doi:10.1093/biomet/26.4.404. 59 units without a failure bound the rate at 5 %, the classical 95/95 sample.

    Examples
    --------
    >>> round(float(upper_bound(0, 59)), 4)
    0.0495
    """
    return bound(x, n, "upper", conf=conf)


def zero_failure_bound(n: Any, conf: float = 0.95) -> Floats:
    """Exact lower bound when all n batches pass: (1 − conf)^(1/n). What stands beside every "100 %".

    Parameters
    ----------
    n : whole numbers ≥ 1 of any shape, all of which passed.
    conf : one-sided confidence in (0, 1).

    Returns
    -------
    array of that shape : shares in (0, 1).

    Raises
    ------
    SamplingError : broken or negative n, a confidence outside (0, 1).

    Notes
    -----
    The Clopper–Pearson lower bound at x = n in closed form. Wrong as soon as one batch failed.

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

    Parameters
    ----------
    n : whole numbers ≥ 1 of any shape, all of which passed.

    Returns
    -------
    array of that shape : shares; negative for n < 3, where it says nothing.

    Raises
    ------
    SamplingError : broken or negative n.

    Notes
    -----
    From −ln 0.05 = 2.996: fixed at 95 %, and below the exact bound for every n.

    References
    ----------
    Hanley & Lippman-Hand (1983), doi:10.1001/jama.1983.03330370053031.

    Examples
    --------
    >>> float(rule_of_three(149)).__round__(4)
    0.9799
    """
    return np.asarray(1 - 3 / counts(n, "n", least=1))


def with_design_effect(x: Any, n: Any, deff: Any, method: str = "clopper-pearson", conf: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """Interval for batches that carry less information than independent ones: (n_eff, lower, upper).

    Parameters
    ----------
    x, n : whole numbers of any equal shape, 0 ≤ x ≤ n, n ≥ 1: batches passing and tested.
    deff : design effect above 0, one or one per cell. Below 1 it is taken as given: with a handful of failures such a value is
        luck, so plan with 1 (see `sampling.estimate` for the capped Korn–Graubard interval from data).
    method : one of `WITH_DESIGN_EFFECT`.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    n_eff, lower, upper : arrays of that shape; the effective sample size and shares with lower < upper.

    Raises
    ------
    SamplingError : NaN, infinite, negative or broken counts, x > n, shapes that do not fit, a confidence outside (0, 1), deff ≤ 0, an unknown method.

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
    refuse_where((effect < 1e-6) | (effect > 1e6), effect, "设计效应 deff", "大于 0 的数（1e-6 至 1e6）")
    try:
        passed, tested, effect = np.broadcast_arrays(passed, tested, effect)
    except ValueError:
        raise SamplingError(f"deff 与 x 的形状不一致：{effect.shape} 与 {passed.shape}") from None
    size = tested / effect
    return size, *checked(*METHODS[method](passed / effect, size, outside))


def half_width(n: int, p: float, conf: float = 0.95) -> float:
    """Half the width of the Wilson interval to be expected at rate p with n batches (p·n need not be whole).

    Parameters
    ----------
    n : number above 0; batches.
    p : expected rate in [0, 1]; p·n need not be whole.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    float : half of upper − lower, as a share.

    Raises
    ------
    SamplingError : n ≤ 0, p outside [0, 1], a confidence outside (0, 1).

    Notes
    -----
    z √(pq/n + z²/4n²) / (1 + z²/n). The interval is not centred on p, so this is no ± beside a published rate.

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953; the example is that of R PracTools::nWilson.

    Examples
    --------
    >>> round(half_width(792, 0.98), 5)
    0.01
    """
    size, rate = np.asarray(positive(n, "n")), np.asarray(number(p, "p"))
    refuse_where((rate < 0) | (rate > 1), rate, "p", "0 与 1 之间的数")
    low, high = closed.wilson(rate * size, size, tail(conf) / 2)
    return float(high - low) / 2

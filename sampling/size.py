"""Sample sizes 样本量: for a precision, for a comparison, for a target, for a mean, for a budget.

Sizes are rounded up. For targets see also `target.size_for_power`: the power of an exact verdict jumps with n.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sampling.arguments import (
    Exact,
    Floats,
    counts,
    number,
    numbers,
    positive,
    probability,
    refuse_where,
    same_length,
    tail,
    whole,
)
from sampling.errors import SamplingError
from sampling.intervals import half_width
from sampling.intervals.closed import normal
from sampling.target import batches_to_show, batches_to_show_finite


class Size(NamedTuple):
    """Batches needed, and the number before it was rounded up."""

    n: int
    exact: float


def _up(exact: float) -> Size:
    """Rounded up; what a double cannot tell from a whole number counts as that number."""
    if not math.isfinite(exact) or exact > 2**53:
        raise SamplingError(f"所需样本量 {exact:.3g} 过大；请放宽精度或差异要求")
    near = round(exact)
    return Size(max(1, near if abs(exact - near) < 1e-9 * max(1.0, exact) else math.ceil(exact)), exact)


def _rate(value: Any, name: str) -> float:
    """A rate at which batches may pass or fail: at 0 or 1 the variance would be zero and so would the size."""
    return probability(value, name)


def for_margin(p: float, margin: float, conf: float = 0.95, roster: int | None = None, deff: float = 1.0) -> Size:
    """Batches for an interval of p ± margin (Cochran).

    Parameters
    ----------
    p : expected rate in (0, 1).
    margin : e in (0, 1), as a share (0.01 is one percentage point).
    conf : two-sided confidence in (0, 1).
    roster : N when it is known and finite, None else.
    deff : design effect > 0 that multiplies the size.

    Returns
    -------
    Size : the number rounded up, and the number before.

    Raises
    ------
    SamplingError : a number outside its range.

    Notes
    -----
    n = N z²pq / (e²(N−1) + z²pq), or z²pq/e² without N. A Wald size: near 98 % it understates what Wilson needs, see
    `for_half_width`. With a design effect the size without N is multiplied before the roster is taken into account.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., section 4.4.

    Examples
    --------
    >>> for_margin(0.98, 0.01).n, for_margin(0.5, 0.05, roster=2000).n
    (753, 323)
    """
    rate, e, effect = _rate(p, "合格率 p"), probability(margin, "误差 margin"), positive(deff, "设计效应 deff")
    z2 = normal(tail(conf) / 2) ** 2
    variance = z2 * rate * (1 - rate) * effect
    if roster is None:
        return _up(variance / e**2)
    size = whole(roster, "名录数 roster", least=1)
    return _up(size * variance / (e * e * (size - 1) + variance))


def for_half_width(p: float, halfwidth: float, conf: float = 0.95, deff: float = 1.0) -> Size:
    """Batches for a Wilson interval of that half width at the expected rate p; half width in (0, 0.5).

    Parameters
    ----------
    p : expected rate in (0, 1).
    halfwidth : e in (0, 0.5), as a share.
    conf : two-sided confidence in (0, 1).
    deff : design effect > 0.

    Returns
    -------
    Size : the number rounded up, and the number before.

    Raises
    ------
    SamplingError : a number outside its range.

    Notes
    -----
    The closed solution of z √(pq/n + z²/4n²) / (1 + z²/n) = e, times the design effect. The width at the observed rate will differ.

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953; the example is that of R PracTools::nWilson.

    Examples
    --------
    >>> for_half_width(0.98, 0.01).n, for_half_width(0.5, 0.05).n
    (792, 381)
    """
    rate, e, effect = _rate(p, "合格率 p"), probability(halfwidth, "半宽 halfwidth"), positive(deff, "设计效应 deff")
    if e >= 0.5:
        raise SamplingError(f"半宽 halfwidth 不合法：{halfwidth!r}；应大于 0 且小于 0.5")
    z2, pq = normal(tail(conf) / 2) ** 2, rate * (1 - rate)
    root = math.sqrt(e * e * (1 - 4 * pq) + pq * pq)
    return _up(effect * z2 / 2 / e / e * (pq - 2 * e * e + root))


def for_two_rates(p1: float, p2: float, alpha: float = 0.05, power: float = 0.8) -> Size:
    """Batches per group to detect the difference of two rates, two-sided.

    Parameters
    ----------
    p1, p2 : two different rates in (0, 1).
    alpha : two-sided level in (0, 1).
    power : chance of finding the difference, above alpha.

    Returns
    -------
    Size : per group.

    Raises
    ------
    SamplingError : equal rates, a number outside its range.

    Notes
    -----
    (z(α/2) √((p1+p2)(1−(p1+p2)/2)) + z(β) √(p1q1 + p2q2))² / (p1 − p2)². The smallest relevant change decides; from 98 to 98.5 %
    takes 10 795 per year.

    References
    ----------
    Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed., section 4.2.

    Examples
    --------
    >>> for_two_rates(0.98, 0.99).n, for_two_rates(0.98, 0.985).n, for_two_rates(0.97, 0.98).n
    (2319, 10795, 3826)
    """
    a, b = _rate(p1, "合格率 p1"), _rate(p2, "合格率 p2")
    if a == b:
        raise SamplingError(f"p1 与 p2 相同（{p1!r}）：没有可检出的差异；应为两个不同的合格率")
    level, chance = probability(alpha, "显著性水平 alpha"), probability(power, "把握度 power")
    if chance <= level:
        raise SamplingError(f"把握度 power={power!r} 应大于显著性水平 alpha={alpha!r}")
    z, reached = normal(level / 2), normal(1 - chance)
    pooled = math.sqrt((a + b) * (1 - (a + b) / 2))
    apart = math.sqrt(a * (1 - a) + b * (1 - b))
    return _up(((z * pooled + reached * apart) / (a - b)) ** 2)


def for_target(target: Exact, failures: int = 0, conf: float = 0.95, roster: int | None = None) -> int:
    """Batches that show a target with at most so many failures: of a large population, or of a roster of known size.

    Parameters
    ----------
    target : rate in (0, 1]; "98%" is taken exactly.
    failures : whole number ≥ 0.
    conf : one-sided confidence in (0, 1).
    roster : N, or None for a large population.

    Returns
    -------
    int : batches.

    Raises
    ------
    SamplingError : a target of 100 % (only a roster can show it), or more failures than the roster may have.

    Notes
    -----
    See `target.batches_to_show`; with exactly so many batches one failure more leaves the target undecided.

    References
    ----------
    The classical 149 and 299 (success-run theorem).

    Examples
    --------
    >>> for_target("98%"), for_target("98%", 5), for_target("99.8%"), for_target("98%", roster=600)
    (149, 523, 1497, 123)
    """
    found = batches_to_show(target, failures, conf) if roster is None else batches_to_show_finite(roster, target, failures, conf)
    if found is None:
        limit = "目标应小于 100%" if roster is None else f"名录 {roster} 家中不合格数已超过目标所容许的数目"
        raise SamplingError(f"目标 {target!r} 在 {failures} 批不合格时无法用抽样证明：{limit}")
    return found


def for_mean(sd: float, margin: float, conf: float = 0.95, roster: int | None = None, deff: float = 1.0) -> Size:
    """Answers for a mean ± margin, both in the units of the score.

    Parameters
    ----------
    sd : standard deviation > 0. margin : > 0.
    conf : two-sided confidence in (0, 1).
    roster : N or None. deff : design effect > 0.

    Returns
    -------
    Size : the number rounded up, and the number before.

    Raises
    ------
    SamplingError : a number outside its range.

    Notes
    -----
    N z²S² / (e²N + z²S²), or z²S²/e² without N. Uses z, not t: add two or three below n = 30.

    References
    ----------
    Cochran (1977), section 4.6.

    Examples
    --------
    >>> for_mean(15, 1).n
    865
    """
    spread, e = positive(sd, "标准差 sd"), positive(margin, "误差 margin")
    variance = (normal(tail(conf) / 2) * spread) ** 2 * positive(deff, "设计效应 deff")
    if roster is None:
        return _up(variance / e**2)
    size = whole(roster, "名录数 roster", least=1)
    return _up(size * variance / (e * e * size + variance))


# --- design effects ---------------------------------------------------------------------------------------------------


def cluster_effect(sizes: Any, correlation: float) -> float:
    """Design effect of several batches per enterprise: 1 + (m − 1)ρ with m = Σm²/Σm.

    Parameters
    ----------
    sizes : batches per enterprise, whole numbers ≥ 1.
    correlation : intraclass correlation ρ in [0, 1].

    Returns
    -------
    float : at least 1.

    Raises
    ------
    SamplingError : no sizes, sizes below 1, a correlation outside [0, 1].

    Notes
    -----
    1 + (m − 1)ρ. A planning figure; from data use `sampling.estimate`.

    References
    ----------
    Kish (1965), Survey Sampling, section 5.4.

    Examples
    --------
    >>> cluster_effect([1] * 24679 + [2] * 1793, 0.2) < 1.03, round(cluster_effect([5, 5, 5, 5], 0.1), 2)
    (True, 1.4)
    """
    m = counts(sizes, "每家批次 sizes", least=1).astype(np.float64)
    same_length(sizes=m)
    rho = number(correlation, "组内相关 correlation")
    if not 0 <= rho <= 1:
        raise SamplingError(f"组内相关 correlation 不合法：{correlation!r}；应在 0 与 1 之间")
    return 1 + (float((m * m).sum() / m.sum()) - 1) * rho


def weighting_effect(weights: Any) -> float:
    """Design effect of unequal weights (Kish): n Σw² / (Σw)².

    Parameters
    ----------
    weights : one-dimensional, all > 0.

    Returns
    -------
    float : at least 1.

    Raises
    ------
    SamplingError : no weights, weights ≤ 0 or not finite.

    Notes
    -----
    n Σw²/(Σw)² = 1 + cv². Too large when weights follow the variance, as in optimum allocation.

    References
    ----------
    Kish (1992), Weighting for unequal P_i, Journal of Official Statistics 8, 183–200.

    Examples
    --------
    >>> weighting_effect([1, 1, 1, 1]), round(weighting_effect([1, 1, 4]), 3)
    (1.0, 1.5)
    """
    w = numbers(weights, "权重 weights")
    same_length(weights=w)
    refuse_where(w <= 0, w, "权重 weights", "大于 0 的数")
    w = w / w.max()
    return float(w.size * (w * w).sum() / w.sum() ** 2)


# --- money ------------------------------------------------------------------------------------------------------------


class Affordable(NamedTuple):
    """Batches a budget pays for, what is left, and the half width of the Wilson interval they give."""

    n: int
    left: float
    half_width: float


def for_budget(budget: float, cost_per_batch: float, p: float, fixed: float = 0.0, conf: float = 0.95) -> Affordable:
    """Batches that a budget pays for after its fixed part, and the precision reached at an expected rate p in (0, 1).

    Parameters
    ----------
    budget, cost_per_batch : > 0, in one currency. fixed : ≥ 0.
    p : expected rate in (0, 1).
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    Affordable : n, money left, half width as a share.

    Raises
    ------
    SamplingError : not enough for one batch, a number outside its range.

    Notes
    -----
    n = ⌊(budget − fixed)/cost⌋; the half width is Wilson's at p.

    References
    ----------
    Cochran (1977), section 4.10 (costs in planning).

    Examples
    --------
    >>> found = for_budget(500_000, 600, 0.98, fixed=20_000)
    >>> found.n, found.left, round(found.half_width, 4)
    (800, 0.0, 0.0099)
    """
    money, price, start = positive(budget, "预算 budget"), positive(cost_per_batch, "每批费用 cost_per_batch"), number(fixed, "固定费用 fixed")
    if start < 0:
        raise SamplingError(f"固定费用 fixed 不合法：{fixed!r}；应不小于 0")
    n = math.floor((money - start) / price + 1e-9)
    if n < 1:
        raise SamplingError(f"预算 {budget!r} 扣除固定费用 {fixed!r} 后不够一批（每批 {cost_per_batch!r}）；应至少够一批")
    return Affordable(n, money - start - n * price, half_width(n, _rate(p, "合格率 p"), conf))


def stratified_for_budget(units: Sequence[float], sds: Sequence[float], costs: Sequence[float], budget: float) -> Floats:
    """Batches per stratum, not rounded, that give the least variance of the overall mean for a budget: n_h ∝ N_h S_h / √c_h.

    Parameters
    ----------
    units, sds, costs : (k,) N_h > 0, S_h > 0 and c_h > 0.
    budget : > 0; Σ n_h c_h.

    Returns
    -------
    array : (k,) sizes, not rounded; N_h where the budget allows a census.

    Raises
    ------
    SamplingError : columns of different length, numbers ≤ 0.

    Notes
    -----
    Strata that would get more than N_h are taken whole and the rest is shared anew. For whole numbers with minima and caps use
    `sampling.allocate`.

    References
    ----------
    Cochran (1977), section 5.5.

    Examples
    --------
    >>> stratified_for_budget([400, 600], [10, 20], [4, 9], 1000).round(1).tolist()
    [45.5, 90.9]
    """
    N, S, c = numbers(units, "层单位数 units"), numbers(sds, "层标准差 sds"), numbers(costs, "层单价 costs")
    same_length(units=N, sds=S, costs=c)
    for column, name in ((N, "units"), (S, "sds"), (c, "costs")):
        refuse_where(column <= 0, column, name, "大于 0 的数")
    money = positive(budget, "预算 budget")
    share, whole_ = N * S / np.sqrt(c), np.zeros(N.size, dtype=bool)
    while not whole_.all():
        left = max(money - float((N * c)[whole_].sum()), 0.0)
        size = np.where(whole_, N, left * share / float((share * c)[~whole_].sum()))
        over = ~whole_ & (size > N)
        if not over.any():
            return np.asarray(size)
        whole_ |= over
    return N


def batches_per_enterprise(cost_enterprise: float, cost_batch: float, correlation: float) -> float:
    """Best number of batches per enterprise, not rounded: √((c₁/c₂)(1 − ρ)/ρ).

    Parameters
    ----------
    cost_enterprise, cost_batch : > 0: cost of reaching one enterprise, and of one batch there.
    correlation : ρ in (0, 1).

    Returns
    -------
    float : above 0; take 1 when it is below.

    Raises
    ------
    SamplingError : a number outside its range.

    Notes
    -----
    √((c₁/c₂)(1 − ρ)/ρ). The optimum is flat: the nearest whole number will do.

    References
    ----------
    Cochran (1977), section 10.6.

    Examples
    --------
    >>> round(batches_per_enterprise(800, 200, 0.2), 2)
    4.0
    """
    rho = probability(correlation, "组内相关 correlation")
    best = positive(cost_enterprise, "每家费用") / positive(cost_batch, "每批费用") * (1 - rho) / rho
    if not math.isfinite(best):
        raise SamplingError(f"组内相关 correlation={correlation!r} 过小：每家批次数没有上限")
    return math.sqrt(best)

"""What a plan does: OC, AOQ, ASN and ATI curves, and the search for the smallest plan that keeps two risks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import betaincc, pdtr

from sampling import hypergeometric
from sampling.arguments import Floats, numbers, one_of, probability, refuse_where, whole
from sampling.errors import SamplingError

KINDS = ("binomial", "hypergeometric", "poisson")
_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Plan:
    """抽样方案: inspect n, accept up to Ac failures, reject from Re on (Ac + 1 unless a gap was entered, which accepts as well)."""

    n: int
    ac: int
    re: int

    @classmethod
    def of(cls, n: Any, ac: Any, re: Any = None) -> Plan:
        """A plan as a user enters it, checked.

        >>> Plan.of(80, 2)
        Plan(n=80, ac=2, re=3)
        """
        size, most = whole(n, "样本量 n", least=1), whole(ac, "接收数 Ac")
        least = most + 1 if re is None else whole(re, "拒收数 Re", least=1)
        if least <= most:
            raise SamplingError(f"拒收数 Re={least} 不合法；应大于接收数 Ac={most}")
        return cls(size, most, least)


def _quality(p: Any, kind: str, lot: int | None, plan: Plan) -> tuple[Floats, int | None]:
    one_of(kind, KINDS, "分布 kind")
    n = plan.n
    if plan.re > n and kind != "poisson":
        raise SamplingError(f"方案 n={n}、Ac={plan.ac}、Re={plan.re} 接收任何批：拒收数应不大于样本量（每单位多个不合格时用 poisson）")
    quality = numbers(p, "不合格率 p")
    refuse_where(quality < 0, quality, "不合格率 p", "不小于 0 的数")
    if kind != "poisson":
        refuse_where(quality > 1, quality, "不合格率 p", "0 与 1 之间的数")
    size = None if lot is None else whole(lot, "批量 lot", least=1)
    if size is not None and n > size:
        raise SamplingError(f"样本量 n={n} 大于批量 lot={size}；请全数检验")
    if kind == "hypergeometric" and size is None:
        raise SamplingError("超几何分布需要批量 lot")
    return quality, size


def accept_probability(plan: Plan, p: Any, kind: str = "binomial", lot: int | None = None) -> Floats:
    """Operating characteristic: the probability of accepting a lot of quality p.

    Parameters
    ----------
    plan : n, Ac, Re.
    p : failing rates of any shape in [0, 1] (Poisson: failures per unit, ≥ 0).
    kind : "binomial" (a process), "hypergeometric" (this one lot, D = round(lot · p)), "poisson" (failures per unit).
    lot : lot size N, needed for "hypergeometric".

    Returns
    -------
    array of that shape : probabilities.

    Raises
    ------
    SamplingError : a quality outside its range, an unknown kind, a missing lot or one below n, a plan that accepts everything.

    Notes
    -----
    P(X < Re). The binomial answers for the process and is too favourable to neither side when n is below a tenth of the lot.

    References
    ----------
    ISO 2859-1:1999, tables 10 (J, AQL 1.0: 78 % of lots at 2 %).

    Examples
    --------
    >>> accept_probability(Plan.of(80, 2), [0.01, 0.02, 0.05]).round(3).tolist()
    [0.953, 0.784, 0.231]
    """
    quality, size = _quality(p, kind, lot, plan)
    most = plan.re - 1
    if kind == "poisson":
        return np.asarray(pdtr(most, plan.n * quality))
    if kind == "hypergeometric":
        return hypergeometric.at_most(most, np.rint(quality * (size or 0)), plan.n, size)
    return np.asarray(betaincc(most + 1, plan.n - most, quality))


def aoq(plan: Plan, p: Any, kind: str = "binomial", lot: int | None = None) -> Floats:
    """Average outgoing quality when rejected lots are sorted and their failing units replaced: p · Pa · (N − n)/N.

    Parameters
    ----------
    plan : n, Ac, Re.
    p : failing rates of any shape in [0, 1].
    kind : "binomial" (a process), "hypergeometric" (this one lot, D = round(lot · p)), "poisson" (failures per unit).
    lot : lot size N, needed for "hypergeometric".

    Returns
    -------
    array of that shape : failing shares of what leaves.

    Raises
    ------
    SamplingError : a quality outside its range, an unknown kind, a missing lot or one below n, a plan that accepts everything.

    Notes
    -----
    p · Pa without a lot size. Holds only where rejected lots really are sorted.

    References
    ----------
    Dodge & Romig (1959), Sampling Inspection Tables.

    Examples
    --------
    >>> aoq(Plan.of(80, 2), 0.02).round(4).tolist()
    0.0157
    """
    quality, size = _quality(p, kind, lot, plan)
    return np.asarray(quality * accept_probability(plan, quality, kind, lot) * (1 if size is None else (size - plan.n) / size))


def aoql(plan: Plan, lot: int | None = None) -> tuple[float, float]:
    """The worst average outgoing quality and the incoming quality that gives it (binomial).

    Parameters
    ----------
    plan : n, Ac, Re.
    lot : lot size, or None for large lots.

    Returns
    -------
    limit, at : failing shares going out and coming in.

    Raises
    ------
    SamplingError : a quality outside its range, an unknown kind, a missing lot or one below n, a plan that accepts everything.

    Notes
    -----
    max over p of `aoq`, found on a grid and refined.

    References
    ----------
    MIL-STD-105E, table V-A, gives 1.7 % for the plan of the example.

    Examples
    --------
    >>> [round(v, 4) for v in aoql(Plan.of(80, 2))]
    [0.0171, 0.0281]
    """
    grid = np.linspace(0, 1, 2001)
    at = int(np.argmax(aoq(plan, grid, lot=lot)))
    ends = grid[max(at - 1, 0)], grid[min(at + 1, grid.size - 1)]
    found = minimize_scalar(lambda p: -float(aoq(plan, p, lot=lot)), bounds=ends, method="bounded", options={"xatol": 1e-12})
    return -float(found.fun), float(found.x)


def asn(plan: Plan, p: Any, kind: str = "binomial", lot: int | None = None, *, curtailed: bool = False) -> Floats:
    """Average number of units inspected: n, or fewer when inspection stops at the Re-th failure (curtailed).

    Parameters
    ----------
    plan : n, Ac, Re.
    p : failing rates of any shape in [0, 1].
    kind : "binomial" (a process), "hypergeometric" (this one lot, D = round(lot · p)), "poisson" (failures per unit).
    lot : lot size N, needed for "hypergeometric".
    curtailed : stop at the Re-th failure.

    Returns
    -------
    array of that shape : units.

    Raises
    ------
    SamplingError : a quality outside its range, an unknown kind, a missing lot or one below n, a plan that accepts everything.

    Notes
    -----
    Curtailed: Σ P(fewer than Re failures among the first i), i = 0 … n−1. A curtailed sample gives no unbiased estimate of p.

    References
    ----------
    Guenther (1969), Journal of Quality Technology 1, 105–109.

    Examples
    --------
    >>> asn(Plan.of(80, 2), [0.0, 0.1], curtailed=True).round(1).tolist()
    [80.0, 29.9]
    """
    quality, size = _quality(p, kind, lot, plan)
    if not curtailed:
        return np.full(quality.shape, float(plan.n))
    i, q, most = np.arange(plan.n, dtype=np.float64), quality[..., None], plan.re - 1
    if kind == "poisson":
        going = pdtr(most, i * q)
    elif kind == "hypergeometric":
        going = hypergeometric.at_most(most, np.rint(q * (size or 0)), i, size)
    else:
        going = np.where(i <= most, 1.0, betaincc(most + 1, np.maximum(i - most, 1), q))
    return np.asarray(going.sum(axis=-1))


def ati(plan: Plan, p: Any, lot: int, kind: str = "binomial") -> Floats:
    """Average total inspection when rejected lots are sorted: n + (1 − Pa)(N − n).

    Parameters
    ----------
    plan : n, Ac, Re.
    p : failing rates of any shape in [0, 1].
    lot : lot size ≥ n.
    kind : as in `accept_probability`.

    Returns
    -------
    array of that shape : units per lot.

    Raises
    ------
    SamplingError : a quality outside its range, an unknown kind, a missing lot or one below n, a plan that accepts everything.

    Notes
    -----
    Holds only where rejected lots really are sorted.

    References
    ----------
    Dodge & Romig (1959), Sampling Inspection Tables.

    Examples
    --------
    >>> ati(Plan.of(80, 2), 0.02, 1200).round(1).tolist()
    321.5
    """
    accepted = accept_probability(plan, p, kind, lot)
    return np.asarray(plan.n + (1 - accepted) * (whole(lot, "批量 lot", least=plan.n) - plan.n))


def find_plan(
    p_producer: float, pa_producer: float, p_consumer: float, pa_consumer: float, kind: str = "binomial", lot: int | None = None
) -> Plan:
    """The plan with the smallest Ac, then the smallest n, that keeps both risks.

    Parameters
    ----------
    p_producer, pa_producer : good quality, to be accepted with at least this probability.
    p_consumer, pa_consumer : bad quality, to be accepted with at most this probability.
    kind, lot : as in `accept_probability`.

    Returns
    -------
    Plan : single, Re = Ac + 1.

    Raises
    ------
    SamplingError : points in the wrong order, no plan within the lot.

    Notes
    -----
    For c = 0, 1, …: the smallest n with Pa(p_consumer) ≤ pa_consumer, until Pa(p_producer) ≥ pa_producer. Wrong for lots of mixed origin.

    References
    ----------
    Guenther (1969), Journal of Quality Technology 1, 105–109; the example is that of R AcceptanceSampling.

    Examples
    --------
    >>> find_plan(0.05, 0.95, 0.15, 0.075)
    Plan(n=80, ac=7, re=8)
    """
    good, bad = probability(p_producer, "生产方质量 p_producer"), probability(p_consumer, "使用方质量 p_consumer")
    keep, pass_ = probability(pa_producer, "生产方接收概率 pa_producer"), probability(pa_consumer, "使用方接收概率 pa_consumer")
    if good >= bad or pass_ >= keep:
        raise SamplingError(f"应有 p_producer < p_consumer（{good}、{bad}）且 pa_consumer < pa_producer（{pass_}、{keep}）")
    _quality(good, kind, lot, Plan(1, 0, 1))

    def accepted(n: int, c: int, p: float) -> float:
        return float(accept_probability(Plan(n, c, c + 1), p, kind, lot))

    for c in range(_MOST):
        n = _smallest(lambda size, c=c: accepted(size, c, bad) <= pass_, c + 1, lot)  # type: ignore[misc]
        if n is None:
            break
        if accepted(n, c, good) >= keep:
            return Plan(n, c, c + 1)
    raise SamplingError(f"没有方案能同时满足两个风险点（{good}、{keep}；{bad}、{pass_}）；请拉开两个质量水平、放宽风险或增大批量")


def _smallest(holds: Callable[[int], bool], least: int, most: int | None) -> int | None:
    """Smallest size with `holds`, which turns true once; None when the whole lot is not enough."""
    high = least
    while not holds(high):
        if most is not None and high >= most:
            return None
        high = high * 2 if most is None else min(high * 2, most)
        if high > 2**31:
            return None
    low = least - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high

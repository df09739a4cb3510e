"""Looks planned in advance 计划内多次判定: judging a target every month or quarter without inflating the chance of a wrong verdict.

Each look may spend a part of α = 1 − conf, little at first and all of it at the last one (alpha spending, Lan & DeMets). The
boundaries are whole numbers of failures found by exact enumeration of the binomial law at the target, not by a normal
approximation; what a look could not spend, because counts jump, the next one may.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import e, log
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from sampling.arguments import Exact, Floats, exact_tail, number, one_of, probability, target_rate, whole, wholes
from sampling.errors import SamplingError
from sampling.target.demonstrate import failures_allowed
from sampling.target.verdict import Verdict

_BEYOND = 14.0  # standard deviations of failures that are followed; what lies beyond is below _LEAST
_LEAST = 1e-40  # a look with less than this to spend decides nothing


def _obrien_fleming(fraction: float, alpha: float) -> float:
    return float(2 * ndtr(ndtri(alpha / 2) / fraction**0.5))


def _pocock(fraction: float, alpha: float) -> float:
    return alpha * log(1 + (e - 1) * fraction)


SPENDING: dict[str, Callable[[float, float], float]] = {"obrien-fleming": _obrien_fleming, "pocock": _pocock}


def spent(fraction: float, conf: float = 0.95, spending: str = "obrien-fleming") -> float:
    """Part of α = 1 − conf that may be used up when `fraction` of the planned batches are in, one-sided.

    Parameters
    ----------
    fraction : in (0, 1]: batches so far over batches planned.
    conf : one-sided confidence in (0, 1).
    spending : "obrien-fleming" or "pocock".

    Returns
    -------
    float : in [0, 1 − conf], rising with the fraction.

    Raises
    ------
    SamplingError : a fraction outside (0, 1], an unknown spending function, a confidence outside (0, 1).

    Notes
    -----
    2 − 2Φ(z(α/2)/√t), or α ln(1 + (e − 1) t). Wrong when the fraction is chosen after seeing the counts.

    References
    ----------
    Lan & DeMets (1983), doi:10.1093/biomet/70.3.659.

    Examples
    --------
    >>> round(spent(0.5, 0.975), 5), round(spent(1, 0.975), 5)
    (0.00153, 0.025)
    """
    part = number(fraction, "信息比例 fraction")
    if not 0 < part <= 1:
        raise SamplingError(f"信息比例 fraction 不合法：{fraction!r}；应大于 0 且不大于 1")
    return SPENDING[one_of(spending, tuple(SPENDING), "消耗函数 spending")](part, float(exact_tail(conf)))


class Look(NamedTuple):
    """One look: *attained* with at most, *not attained* with at least so many failures in all n batches so far.

    −1 and n + 1 say that this look cannot decide; the errors are the chances, up to this look, of each wrong verdict at the target.
    """

    n: int
    spent: float
    attained_at_most: int
    not_attained_at_least: int
    error_attained: float
    error_not_attained: float


@dataclass(frozen=True, slots=True)
class Plan:
    """计划 of looks at a target."""

    target: Fraction
    conf: float
    planned: int
    spending: str
    looks: tuple[Look, ...]


def plan(looks: Sequence[int], target: Exact, conf: float = 0.95, *, planned: int | None = None, spending: str = "obrien-fleming") -> Plan:
    """Boundaries for looks after so many batches.

    Parameters
    ----------
    looks : batches in all at each look, strictly increasing; as they come: a plan made with the looks so far and the same `planned`
        has the same boundaries as one made with all of them.
    target : rate in (0, 1).
    planned : batches of the whole year, by default those of the last look.

    Returns
    -------
    Plan : for any true rate below the target the chance that any look says "attained" is at most 1 − conf, and the same for
        "not attained" at any rate that reaches it.

    Raises
    ------
    SamplingError : no look, looks that do not increase, more batches than planned, a target of 100 %.

    Notes
    -----
    Wrong when the number or time of looks depends on what was seen, or when batches are targeted.

    References
    ----------
    Lan & DeMets (1983), doi:10.1093/biomet/70.3.659; O'Brien & Fleming (1979), doi:10.2307/2530245.

    Examples
    --------
    >>> [(look.attained_at_most, look.not_attained_at_least) for look in plan([560, 1120, 1680, 2240], "98%").looks]
    [(0, 27), (10, 36), (22, 47), (33, 57)]
    """
    sizes = wholes(looks, "批次数 looks", least=1)
    if not sizes or any(b <= a for a, b in pairwise(sizes)):
        raise SamplingError(f"批次数 looks 不合法：{sizes!r}；应为至少一个、逐次增大的整数")
    total = sizes[-1] if planned is None else whole(planned, "计划批次 planned", least=1)
    if sizes[-1] > total:
        raise SamplingError(f"批次数 {sizes[-1]} 超过计划批次 planned={total}；请按实际计划总数设定")
    wanted = target_rate(target)
    if wanted == 1:
        raise SamplingError("目标 100% 无法用抽样证明；应小于 1")
    budget = [spent(n / total, conf, spending) for n in sizes]
    rate = float(1 - wanted)
    low, low_error = _boundary(sizes, budget, rate, _few)
    high, high_error = _boundary(sizes, budget, rate, _many)
    rows = zip(sizes, budget, low, high, low_error, high_error, strict=True)
    return Plan(wanted, conf, total, spending, tuple(Look(*row) for row in rows))


def _few(mass: Floats, left: float) -> tuple[int, float]:
    """Largest count such that so few failures have at most the probability `left`."""
    below = np.cumsum(mass)
    k = int(np.searchsorted(below, left, side="right")) - 1
    return k, float(below[k]) if k >= 0 else 0.0


def _many(mass: Floats, left: float) -> tuple[int, float]:
    """Smallest count such that so many failures have at most the probability `left`."""
    above = np.cumsum(mass[::-1])[::-1]
    k = int(np.count_nonzero(above > left))
    return k, float(above[k]) if k < mass.size else 0.0


def _boundary(
    sizes: Sequence[int], budget: Sequence[float], rate: float, cut: Callable[[Floats, float], tuple[int, float]]
) -> tuple[list[int], list[float]]:
    """One boundary; the other is not taken to stop anything, so that the error holds whether or not it is obeyed."""
    bounds: list[int] = []
    errors: list[float] = []
    mass, before, used = np.ones(1), 0, 0.0
    for n, allowed in zip(sizes, budget, strict=True):
        mass = _grown(mass, n - before, rate)
        k, found = cut(mass, allowed - used) if allowed - used > _LEAST else (-1 if cut is _few else n + 1, 0.0)
        used += found
        before = n
        if cut is _few:
            mass[: k + 1] = 0.0
        else:
            mass[k:] = 0.0
        bounds.append(k)
        errors.append(used)
    return bounds, errors


def _grown(mass: Floats, more: int, rate: float) -> Floats:
    """The distribution of failures (from 0 on) after `more` batches."""
    from scipy.stats import binom  # half a second to load: not at import

    reach = _BEYOND * ((more * rate * (1 - rate)) ** 0.5 + 1)
    low, high = max(0, int(more * rate - reach)), min(more, int(more * rate + reach) + 1)
    start = int(np.argmax(mass > 0))
    grown = np.convolve(mass[start:], binom.pmf(np.arange(low, high + 1), more, rate))
    return np.concatenate([np.zeros(start + low), grown])


def judge(looks: Plan, failures: Sequence[int]) -> tuple[Verdict, int | None]:
    """The verdict after the failures in all, one number per look so far, and the look (from 1) that decided; it stands from then on.

    Parameters
    ----------
    looks : a plan.
    failures : whole numbers, not decreasing: failures in all at the looks so far.

    Returns
    -------
    verdict, look : the first verdict reached and its look from 1, or inconclusive and None.

    Raises
    ------
    SamplingError : no count, more counts than looks, counts that fall or exceed n.

    Notes
    -----
    Boundaries are compared on whole numbers. A look that is left out may stay out; one that was not planned needs a new plan with
    the same `planned`.

    References
    ----------
    Lan & DeMets (1983), doi:10.1093/biomet/70.3.659.

    Examples
    --------
    >>> judge(plan([560, 1120, 1680, 2240], "98%"), [6, 10])
    (<Verdict.ATTAINED: 'attained'>, 2)
    """
    seen = wholes(failures, "累计不合格数 failures")
    if not 0 < len(seen) <= len(looks.looks) or any(b < a for a, b in pairwise(seen)):
        raise SamplingError(f"累计不合格数 failures 不合法：{seen!r}；每次判定一个数，不减少，最多 {len(looks.looks)} 个")
    for position, (look, k) in enumerate(zip(looks.looks, seen, strict=False), start=1):
        if k > look.n:
            raise SamplingError(f"累计不合格数 {k} 大于批次数 {look.n}")
        if k <= look.attained_at_most:
            return Verdict.ATTAINED, position
        if k >= look.not_attained_at_least:
            return Verdict.NOT_ATTAINED, position
    return Verdict.INCONCLUSIVE, None


class Prospect(NamedTuple):
    """Chances of each verdict at a true rate, and the batches to be expected until one is reached."""

    attained: float
    not_attained: float
    inconclusive: float
    expected_n: float


def prospect(looks: Plan, true_rate: float) -> Prospect:
    """What a plan would do at a true pass rate in (0, 1).

    Parameters
    ----------
    looks : a plan.
    true_rate : true pass rate in (0, 1).

    Returns
    -------
    Prospect : three chances that add up to 1, and the expected number of batches.

    Raises
    ------
    SamplingError : a rate outside (0, 1).

    Notes
    -----
    The binomial law followed from look to look over the counts that have not decided.

    References
    ----------
    Jennison & Turnbull (2000), Group Sequential Methods with Applications to Clinical Trials, chapter 12.

    Examples
    --------
    >>> found = prospect(plan([560, 1120, 1680, 2240], "98%"), 0.99)
    >>> round(found.attained, 3), round(found.expected_n)
    (0.988, 1482)
    """
    rate = 1 - probability(true_rate, "真实合格率 true_rate")
    mass, before, expected = np.ones(1), 0, 0.0
    reached = {Verdict.ATTAINED: 0.0, Verdict.NOT_ATTAINED: 0.0}
    for look in looks.looks:
        expected += (look.n - before) * float(mass.sum())
        mass = _grown(mass, look.n - before, rate)
        reached[Verdict.ATTAINED] += float(mass[: look.attained_at_most + 1].sum())
        reached[Verdict.NOT_ATTAINED] += float(mass[look.not_attained_at_least :].sum())
        mass[: look.attained_at_most + 1] = 0.0
        mass[look.not_attained_at_least :] = 0.0
        before = look.n
    return Prospect(reached[Verdict.ATTAINED], reached[Verdict.NOT_ATTAINED], float(mass.sum()), expected)


def unplanned_error(looks: Sequence[int], target: Exact, conf: float = 0.95) -> float:
    """Chance of at least one wrong "attained" when every look is judged by the ordinary rule: what a plan protects from.

    Parameters
    ----------
    looks : batches in all at each look, strictly increasing.
    target : rate in (0, 1).
    conf : confidence of each single verdict, in (0, 1).

    Returns
    -------
    float : chance in [0, 1], at a true rate that just misses the target.

    Raises
    ------
    SamplingError : looks that do not increase, a target of 100 %, a confidence outside (0, 1).

    Notes
    -----
    First passage over the ordinary boundaries, exact. Twelve looks more than double the promised 5 %.

    References
    ----------
    Armitage, McPherson & Rowe (1969), doi:10.2307/2343787.

    Examples
    --------
    >>> round(unplanned_error([187, 374, 560, 747, 934, 1120, 1307, 1494, 1680, 1867, 2054, 2240], "98%"), 3)
    0.135
    """
    wanted = target_rate(target)
    sizes = [look.n for look in plan(looks, wanted, conf).looks]
    mass, before, wrong = np.ones(1), 0, 0.0
    for n in sizes:
        mass = _grown(mass, n - before, float(1 - wanted))
        most = failures_allowed(n, wanted, conf)
        wrong += float(mass[: most + 1].sum())
        mass[: most + 1] = 0.0
        before = n
    return wrong

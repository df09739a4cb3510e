"""Optimum allocation 最优分配: the batches that make a rate most precise (Neyman) or every region precise enough (power)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from sampling.allocate.apportion import HUNTINGTON_HILL, by_divisor, hamilton
from sampling.arguments import (
    Exact,
    Floats,
    counts,
    exact_fraction,
    number,
    numbers,
    refuse_where,
    same_length,
    shown,
    whole,
    wholes,
)
from sampling.errors import SamplingError
from sampling.estimate.areas import shrink


def neyman(
    n: int, population: Sequence[int], sd: Sequence[Exact], *, minima: int | Sequence[int] = 2, caps: Sequence[int | None] | None = None
) -> list[int]:
    """Whole sample sizes per stratum that minimise the variance of the estimated total, exactly (Wright).

    Parameters
    ----------
    n : batches in all.
    population, sd : (H,) units N_h and standard deviations S_h ≥ 0.
    minima : least size of every stratum, or one per stratum; never above N_h when given as one number. With 2 the variance
        can be estimated afterwards.
    caps : (H,) most per stratum besides N_h.

    Returns
    -------
    list of int : (H,), minimising Σ N_h (N_h − n_h) S_h² / n_h; ties to the larger N_h·S_h, then the earlier stratum.

    Raises
    ------
    SamplingError : bounds that cannot add up to n; all S_h zero.

    Notes
    -----
    From the minima on, one unit after the other to the largest N_h S_h / √(n_h(n_h+1)): the priorities of Huntington–Hill.
    Wright (2012), doi:10.1080/00031305.2012.733679. Near 98 % S_h rests on few failures: use `binary_spread`.

    References
    ----------
    Wright (2012), doi:10.1080/00031305.2012.733679.

    Examples
    --------
    >>> neyman(60, [400, 300, 200, 100], [10, 15, 20, 50], minima=1)
    [14, 15, 14, 17]
    """
    size, spread = _strata(population, sd)
    least = wholes(minima, "下限 minima") if isinstance(minima, Sequence) else [min(whole(minima, "下限 minima"), N) for N in size]
    most = [N if c is None else min(N, whole(c, "上限 caps")) for N, c in zip(size, _caps(caps, len(size)), strict=True)]
    if whole(n, "样本量 n") > 0 and not any(spread):
        raise SamplingError("标准差 sd 全为 0，精度不取决于怎样分；请先用 binary_spread 给不合格率设下限，或按比例分配")
    return by_divisor(n, [N * s for N, s in zip(size, spread, strict=True)], HUNTINGTON_HILL, least, most)


def _caps(caps: Sequence[Any] | None, size: int) -> Sequence[Any]:
    """One cap per stratum; None is no cap."""
    if caps is None:
        return [None] * size
    if not isinstance(caps, Sequence) or len(caps) != size:
        raise SamplingError(f"上限 caps 不合法：{shown(caps)}；应有 {size} 个，每层一个，不设上限的写 None")
    return caps


def _strata(population: Sequence[int], sd: Sequence[Exact]) -> tuple[list[int], list[Fraction]]:
    size, spread = [whole(N, "总体 N", least=1) for N in population], [exact_fraction(s, "标准差 sd") for s in sd]
    if len(size) != len(spread) or not size:
        raise SamplingError(f"总体与标准差的个数不一致或为空：{len(size)}、{len(spread)}")
    if wrong := [str(s) for s in sd if exact_fraction(s, "标准差 sd") < 0]:
        raise SamplingError(f"标准差 sd 不合法：{'、'.join(wrong)}；应不小于 0")
    return size, spread


def neyman_shares(
    n: int, population: Sequence[int], sd: Sequence[Exact], *, minima: float | Sequence[float] | None = None, caps: Sequence[float | None] | None = None
) -> list[float]:
    """The same with fractions of batches (Lagrange solution): n·N_h S_h / ΣN S, held within the bounds that are given.

    Parameters
    ----------
    n, population, sd : as in `neyman`.
    minima, caps : (H,) bounds, or one minimum for all; without caps (or where one is None) a share may even exceed N_h.

    Returns
    -------
    list of float : (H,), adding up to n.

    Raises
    ------
    SamplingError : n above the population, bounds that cannot add up to n, all S_h zero.

    Notes
    -----
    clip(λ·N_h S_h) with the λ at which the sum is n. For comparison only: whole batches come from `neyman`.

    References
    ----------
    Neyman (1934), doi:10.2307/2342192.

    Examples
    --------
    >>> [round(v, 2) for v in neyman_shares(500, [12000, 8000, 5000, 3000], [0.1, 0.2, 0.05, 0.3], minima=[2] * 4, caps=[400, 300, 100, 90])]
    [161.31, 215.08, 33.61, 90.0]
    """
    size, spread = _strata(population, sd)
    if whole(n, "样本量 n") > sum(size):
        raise SamplingError(f"样本量 n={n} 大于总体 {sum(size)}，差 {n - sum(size)}")
    slope = np.array([float(N * s) for N, s in zip(size, spread, strict=True)])
    least = numbers(0 if minima is None else minima, "下限 minima")
    low = least if least.ndim else np.full(slope.size, least)
    high = np.array([np.inf if c is None else number(c, "上限 caps") for c in _caps(caps, slope.size)])
    same_length(population=slope, minima=low, caps=high)
    if not low.sum() <= n <= high.sum() or np.any(low > high):
        raise SamplingError(f"下限合计 {low.sum():g}、上限合计 {high.sum():g} 与样本量 {n} 不相容")
    if not np.any(slope > 0):
        raise SamplingError("标准差 sd 全为 0，精度不取决于怎样分")
    return [float(v) for v in _within(slope, low, high, float(n))]


def _within(slope: Floats, low: Floats, high: Floats, n: float) -> Floats:
    """clip(λ·slope, low, high) with the λ at which it adds up to n: piecewise linear, so exact between two breakpoints."""
    moving = slope > 0
    breaks = np.unique(np.concatenate([low[moving] / slope[moving], high[moving] / slope[moving]]))
    breaks = breaks[np.isfinite(breaks)]
    k = bisect_right(breaks, n, key=lambda at: float(np.clip(at * slope, low, high).sum()))
    middle = breaks[-1] + 1 if k >= breaks.size else (breaks[max(k - 1, 0)] + breaks[k]) / 2
    free = moving & (middle * slope > low) & (middle * slope < high)
    held = np.clip(middle * slope, low, high)
    if not free.any():
        return np.asarray(held, dtype=np.float64)
    return np.asarray(np.where(free, slope * (n - held[~free].sum()) / slope[free].sum(), held), dtype=np.float64)


def variance(sizes: Any, population: Any, sd: Any) -> float:
    """Variance of the estimated total, Σ N_h (N_h − n_h) S_h² / n_h.

    Parameters
    ----------
    sizes, population, sd : (H,) n_h ≥ 1, N_h ≥ n_h and S_h.

    Returns
    -------
    float : ≥ 0.

    Raises
    ------
    SamplingError : n_h < 1 or broken counts, columns of different length.

    Notes
    -----
    In squared units of the total; divide by N² for the variance of the mean.

    References
    ----------
    Cochran (1977), 5.25.

    Examples
    --------
    >>> round(variance([14, 15, 14, 17], [400, 300, 200, 100], [10, 15, 20, 50]), 2)
    4668802.52
    """
    n, size, spread = counts(sizes, "n", least=1), counts(population, "N", least=1), numbers(sd, "sd")
    same_length(n=n, population=size, sd=spread)
    return float((size * (size - n) * spread**2 / n).sum())


def binary_spread(failed: Any, tested: Any, floor: float = 0.005) -> list[float]:
    """S_h = √(p(1−p)) of strata from last year's failures, shrunk together and never below a floor.

    Parameters
    ----------
    failed, tested : (H,) last year's counts of the strata.
    floor : least failing rate in [0, 0.5); without it a stratum without failures last year would get no batch this year.

    Returns
    -------
    list of float : (H,), for `neyman`.

    Raises
    ------
    SamplingError : fewer than two strata, broken counts, a floor outside [0, 0.5).

    Notes
    -----
    Rates by beta-binomial empirical Bayes (`estimate.shrink`). Wrong where this year's risk has a new cause.

    References
    ----------
    Griffiths (1973), doi:10.2307/2529131, for the shrunk rates.

    Examples
    --------
    >>> [round(s, 3) for s in binary_spread([3, 0, 5], [100, 60, 20])]
    [0.178, 0.081, 0.411]
    """
    least = number(floor, "下限 floor")
    if not 0 <= least < 0.5:
        raise SamplingError(f"下限 floor 不合法：{floor!r}；应在 0 与 0.5 之间")
    rate = np.clip(shrink(failed, tested).rates, least, 1 - least)
    return [float(v) for v in np.sqrt(rate * (1 - rate))]


def power_shares(n: int, size: Any, cv: Any, exponent: float) -> list[float]:
    """Power allocation (Bankier), n_h ∝ X_h^a · CV_h, with fractions of batches.

    Parameters
    ----------
    size, cv : (H,) importance X_h > 0 and coefficients of variation ≥ 0.
    exponent : a in [0, 1]: 1 serves the whole, 0 gives every region the same relative precision, 0.3 to 0.5 compromises.

    Returns
    -------
    list of float : (H,), adding up to n.

    Raises
    ------
    SamplingError : sizes ≤ 0, negative or all-zero variation, an exponent outside [0, 1].

    Notes
    -----
    n_h = n X_h^a CV_h / Σ X^a CV. Wrong where a region's CV rests on few batches.

    References
    ----------
    Bankier (1988), doi:10.1080/00031305.1988.10475556.

    Examples
    --------
    >>> [round(v, 2) for v in power_shares(400, [1000, 2000, 500, 50], [0.2, 0.1, 0.3, 0.5], 0.5)]
    [120.24, 85.02, 127.53, 67.21]
    """
    weight = _powers(size, cv, exponent)
    return [float(v) for v in whole(n, "样本量 n") * weight / weight.sum()]


def power(
    n: int, size: Any, cv: Any, exponent: float, *, minima: Sequence[int] | None = None, caps: Sequence[int | None] | None = None
) -> list[int]:
    """Power allocation in whole batches within bounds, by largest remainder.

    Parameters
    ----------
    n, size, cv, exponent : as in `power_shares`.
    minima, caps : (H,) bounds.

    Returns
    -------
    list of int : (H,), adding up to n.

    Raises
    ------
    SamplingError : as `power_shares`, and bounds that cannot add up to n.

    Notes
    -----
    `power_shares` rounded by `hamilton`.

    References
    ----------
    Bankier (1988), doi:10.1080/00031305.1988.10475556.

    Examples
    --------
    >>> power(400, [1000, 2000, 500, 50], [0.2, 0.1, 0.3, 0.5], 0.5)
    [120, 85, 128, 67]
    """
    return hamilton(n, [float(v) for v in _powers(size, cv, exponent)], minima, caps)


def _powers(size: Any, cv: Any, exponent: float) -> Floats:
    scale, variation = numbers(size, "规模 size"), numbers(cv, "变异系数 cv")
    same_length(size=scale, cv=variation)
    refuse_where(scale <= 0, scale, "规模 size", "大于 0 的数")
    refuse_where(variation < 0, variation, "变异系数 cv", "不小于 0 的数")
    a = number(exponent, "指数 exponent")
    if not 0 <= a <= 1:
        raise SamplingError(f"指数 exponent 不合法：{exponent!r}；应在 0 与 1 之间")
    weight = scale**a * variation
    if not np.any(weight > 0):
        raise SamplingError("变异系数 cv 全为 0，无法按精度分配")
    return np.asarray(weight, dtype=np.float64)

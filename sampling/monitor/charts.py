"""Control charts 控制图 over periods: p-chart, Laney p′, EWMA and binomial CUSUM. x counts failing batches, n tested ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampling.arguments import (
    Bools,
    Floats,
    Ints,
    number,
    numbers,
    passed_and_tested,
    positive,
    probability,
    same_length,
)
from sampling.errors import SamplingError

BASELINE, TIGHT = 12, 20  # points for a baseline, and for limits that may be called tight
_D2 = 1.128  # mean range of two standard normal values


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """控制图: rates, centre and limits per period; `sigma_z` is 1 for a p-chart, Laney's factor for p′."""

    rates: Floats
    center: float
    lower: Floats
    upper: Floats
    sigma_z: float = 1.0

    @property
    def outside(self) -> Bools:
        """Periods beyond a limit."""
        return (self.rates < self.lower) | (self.rates > self.upper)

    @property
    def short(self) -> bool:
        """Fewer points than a baseline needs: show the chart, promise nothing."""
        return self.rates.size < BASELINE


def p_chart(x: Any, n: Any) -> Chart:
    """Shewhart p-chart with 3-sigma limits, clipped to [0, 1].

    Parameters
    ----------
    x, n : (k,) failing and tested batches per period.

    Returns
    -------
    Chart : rates, centre and limits per period, in [0, 1].

    Raises
    ------
    SamplingError : all rates 0 or all 1, where no limits can be set.

    Notes
    -----
    p̄ ± 3 √(p̄(1−p̄)/n). Wrong for n in the tens of thousands, where nearly every period falls outside: use `laney`.

    References
    ----------
    Shewhart (1931), Economic Control of Quality of Manufactured Product.

    Examples
    --------
    >>> chart = p_chart([2, 0, 1, 3, 1, 0, 2, 5], [50, 50, 60, 60, 40, 50, 55, 45])
    >>> round(chart.center, 4), round(float(chart.upper[0]), 4)
    (0.0341, 0.1112)
    """
    rates, sigma, center = _periods(x, n)
    return _chart(rates, center, sigma, 1.0)


def laney(x: Any, n: Any) -> Chart:
    """Laney p′ chart: the p-chart with its limits widened (or narrowed) by the variation seen between periods.

    Parameters
    ----------
    x, n : (k,) counts of k ≥ 2 periods, in the order of time.

    Returns
    -------
    Chart : as `p_chart`, with σ_z.

    Raises
    ------
    SamplingError : fewer than two periods, rates all alike, 0 or 1, broken counts.

    Notes
    -----
    z_i = (p_i − p̄)/s_i, σ_z = mean|z_i − z_{i−1}|/1.128, limits p̄ ± 3 σ_z s_i clipped to [0, 1]. It is the p-chart when
    σ_z = 1.

    References
    ----------
    Laney (2002), doi:10.1081/QEN-120006555.

    Examples
    --------
    >>> round(laney([2, 0, 1, 3, 1, 0, 2, 5], [50, 50, 60, 60, 40, 50, 55, 45]).sigma_z, 4)
    1.2337
    """
    rates, sigma, center = _periods(x, n)
    if rates.size < 2:
        raise SamplingError("至少要有两期才能估计期间波动")
    factor = float(np.abs(np.diff((rates - center) / sigma)).mean()) / _D2
    if factor == 0:
        raise SamplingError("各期的率完全相同，期间波动为 0，不能作 p′ 图；请核对数据，或用 p 图")
    return _chart(rates, center, sigma, factor)


def _periods(x: Any, n: Any) -> tuple[Floats, Floats, float]:
    failed, tested = passed_and_tested(x, n)
    same_length(x=failed, n=tested)
    center = float(failed.sum() / tested.sum())
    if center in (0, 1):
        raise SamplingError(f"各期的率都是 {center:g}，不能由它们定控制限")
    return failed / tested, np.sqrt(center * (1 - center) / tested), center


def _chart(rates: Floats, center: float, sigma: Floats, factor: float) -> Chart:
    half = 3 * factor * sigma
    return Chart(rates, center, np.maximum(center - half, 0.0), np.minimum(center + half, 1.0), factor)


def ewma(x: Any, n: Any, target: float, *, weight: float = 0.2, sigmas: float = 3.0) -> Chart:
    """Exponentially weighted moving average of the rates, started at the target, with exact time-varying limits.

    Parameters
    ----------
    x, n : (k,) counts; n may be one number.
    target : in-control rate in (0, 1).
    weight : λ in (0, 1]; 1 is the p-chart.
    sigmas : width of the limits, > 0.

    Returns
    -------
    Chart : `rates` holds the averages z. The limits are not clipped: below 0 means that no lower limit can be crossed.

    Raises
    ------
    SamplingError : a target outside (0, 1), a weight outside (0, 1], a width ≤ 0, broken counts.

    Notes
    -----
    z_t = λ p_t + (1−λ) z_{t−1}; Var z_t = Σ_i λ²(1−λ)^{2(t−i)} p0(1−p0)/n_i.

    References
    ----------
    Roberts (1959), doi:10.1080/00401706.1959.10489860.

    Examples
    --------
    >>> chart = ewma([20, 24, 18, 27, 31, 35, 40], 1000, 0.02)
    >>> [round(float(v), 5) for v in chart.rates[:3]], round(float(chart.upper[0]), 5)
    ([0.02, 0.0208, 0.02024], 0.02266)
    """
    failed, tested = passed_and_tested(x, n)
    same_length(x=failed, n=tested)
    p0, lam, width = probability(target, "目标 target"), number(weight, "权重 weight"), positive(sigmas, "sigmas")
    if not 0 < lam <= 1:
        raise SamplingError(f"权重 weight 不合法：{weight!r}；应大于 0 且不大于 1")
    level, spread = p0, 0.0
    levels, spreads = np.empty(failed.size), np.empty(failed.size)
    for t, (rate, size) in enumerate(zip((failed / tested).tolist(), tested.tolist(), strict=True)):
        level = lam * rate + (1 - lam) * level
        spread = lam**2 * p0 * (1 - p0) / size + (1 - lam) ** 2 * spread
        levels[t], spreads[t] = level, spread
    half = width * np.sqrt(spreads)
    return Chart(levels, p0, p0 - half, p0 + half)


@dataclass(frozen=True, slots=True, eq=False)
class Cusum:
    """累积和图: the statistic per period and the first alarm (1-based; 0 when there is none)."""

    values: Floats
    threshold: float
    first_alarm: int


def scores(p0: float, p1: float) -> tuple[float, float]:
    """Log likelihood ratio of one failing and of one passing batch, p1 against p0.

    >>> [round(v, 4) for v in scores(0.02, 0.03)]
    [0.4055, -0.0103]
    """
    good, bad = probability(p0, "受控率 p0"), probability(p1, "失控率 p1")
    if good == bad:
        raise SamplingError(f"受控率 p0 与失控率 p1 相同：{p0!r}；两者应不同")
    return math.log(bad / good), math.log((1 - bad) / (1 - good))


def cusum(x: Any, n: Any, p0: float, p1: float, h: float) -> Cusum:
    """Binomial log likelihood ratio CUSUM without reset: S = max(0, S + x·log(p1/p0) + (n−x)·log((1−p1)/(1−p0))).

    Parameters
    ----------
    p0, p1 : in-control and out-of-control rates; p1 > p0 looks for a rise, p1 < p0 for a fall.
    h : alarm at S ≥ h; choose it by `run_length.threshold`.

    Returns
    -------
    Cusum : the statistic per period and the first alarm.

    Raises
    ------
    SamplingError : rates outside (0, 1) or equal, h ≤ 0, broken counts.

    Notes
    -----
    S_t = max(0, S_{t−1} + x·log(p1/p0) + (n−x)·log((1−p1)/(1−p0))). Wrong for targeted batches, whose rate follows the targets.

    References
    ----------
    Steiner et al. (2000), doi:10.1093/biostatistics/1.4.441.

    Examples
    --------
    >>> cusum([20, 24, 18, 27, 31, 35, 40], [1000] * 7, 0.02, 0.03, 3.5).first_alarm
    5
    """
    failed, tested = passed_and_tested(x, n)
    same_length(x=failed, n=tested)
    limit = positive(h, "界限 h")
    values = path(failed, tested, p0, p1)
    alarms = np.flatnonzero(values >= limit)
    return Cusum(values, limit, int(alarms[0]) + 1 if alarms.size else 0)


def path(failed: Ints, tested: Ints, p0: float, p1: float) -> Floats:
    """The statistic over the last axis, for one series or many simulated ones at once."""
    fail, clear = scores(p0, p1)
    steps = numbers(failed * fail + (tested - failed) * clear, "步长")
    result = np.empty_like(steps)
    level = np.zeros(steps.shape[:-1])
    for t in range(steps.shape[-1]):
        level = np.maximum(0.0, level + steps[..., t])
        result[..., t] = level
    return result



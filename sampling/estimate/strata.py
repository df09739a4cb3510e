"""Stratified samples from their totals 分层汇总: one line per stratum instead of one per batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from sampling.arguments import Floats, counts, numbers, passed_and_tested, refuse_where, same_length
from sampling.errors import SamplingError
from sampling.estimate.limits import Estimate, Rate


def stratified_rate(population: Any, n: Any, x: Any, *, fpc: bool = True) -> Rate:
    """Rate over strata drawn by simple random sampling.

    Parameters
    ----------
    population : (H,) units N_h of the strata.
    n, x : (H,) units tested and passing (or failing: the rate is of whatever x counts).
    fpc : finite population correction; False means drawn with replacement.

    Returns
    -------
    Rate : value, standard error, degrees of freedom, and its intervals.

    Raises
    ------
    SamplingError : n_h < 2 (unless n_h = N_h = 1), n_h > N_h, x_h > n_h.

    Notes
    -----
    p = Σ W_h p_h, W_h = N_h/N; V = Σ W_h² (1−f_h) p_h(1−p_h)/(n_h−1); df = Σn_h − H. Cochran (1977), 5.9–5.14. Wrong where
    several batches come from one enterprise: use `design` with clusters.

    References
    ----------
    Cochran (1977), 5.9–5.14.

    Examples
    --------
    >>> rate = stratified_rate([7200, 3600, 900, 300], [144, 216, 144, 96], [3, 11, 20, 30])
    >>> round(rate.value, 4), round(rate.se, 5), [round(v, 4) for v in rate.interval(method="logit_t")]
    (0.046, 0.00862, [0.0318, 0.0662])
    """
    passed, tested = passed_and_tested(x, n)
    size = counts(population, "总体 N", least=1)
    same_length(population=size, n=tested, x=passed)
    p = passed / tested
    variance = p * (1 - p) * tested / np.maximum(tested - 1, 1)
    value, se, df, census = _combine(size, tested, p, variance, fpc)
    return Rate(value, se, df, int(tested.sum()), census)


def stratified_mean(population: Any, n: Any, mean: Any, sd: Any, *, fpc: bool = True) -> Estimate:
    """Mean over strata (满意度 0…100), with df = Σn_h − H and a t interval.

    Parameters
    ----------
    population, n : (H,) units N_h and answers n_h.
    mean, sd : (H,) mean and standard deviation (divisor n_h − 1) of the answers, in the units of the scale.

    Returns
    -------
    Estimate : value, standard error, degrees of freedom, and its t interval.

    Raises
    ------
    SamplingError : n_h < 2, n_h > N_h, negative deviations, columns of different length.

    Notes
    -----
    ȳ = Σ W_h ȳ_h; V = Σ W_h² (1−f_h) s_h²/n_h. Cochran (1977), 5.9–5.14. Wrong without the response rate beside it.

    References
    ----------
    Cochran (1977), 5.9–5.14.

    Examples
    --------
    >>> answer = stratified_mean([400, 100], [40, 25], [80, 70], [10, 20])
    >>> round(answer.value, 2), round(answer.se, 4), answer.df
    (78.0, 1.3856, 63)
    """
    size, tested = counts(population, "总体 N", least=1), counts(n, "n", least=1)
    means, deviations = numbers(mean, "均值 mean"), numbers(sd, "标准差 sd")
    same_length(population=size, n=tested, mean=means, sd=deviations)
    refuse_where(deviations < 0, deviations, "标准差 sd", "不小于 0 的数")
    value, se, df, census = _combine(size, tested, means, deviations**2, fpc)
    return Estimate(value, se, df, int(tested.sum()), census)


def _combine(size: Any, tested: Any, level: Floats, variance: Floats, fpc: bool) -> tuple[float, float, int, bool]:
    over = np.flatnonzero(tested > size)
    if over.size:
        raise SamplingError(f"第 {over[0] + 1} 层的 n={tested[over[0]]} 大于总体 N={size[over[0]]}；应不大于它")
    single = np.flatnonzero((tested < 2) & ~(fpc & (size == tested)))
    if single.size:
        raise SamplingError(f"只有一个单位的层无法估计方差：第 {'、'.join(str(h + 1) for h in single[:5])} 层；请与相近的层合并")
    share = size / size.sum()
    left = 1 - tested / size if fpc else np.ones(size.size)
    spread = float((share**2 * left * variance / tested).sum())
    value = float(level[0]) if level.min() == level.max() else float((share * level).sum())
    return value, spread**0.5, int(tested.sum() - size.size), bool(fpc and np.all(left == 0))

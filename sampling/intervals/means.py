"""Intervals for means: satisfaction on 0…100 and other scores. Never cut at the ends of the scale: an interval beyond 100 says
that the method does not suit the data (use the bootstrap), and cutting would hide it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.special import stdtrit

from sampling.arguments import Floats, number, numbers, tail, whole
from sampling.errors import SamplingError

_MOST_RESAMPLES = 1_000_000


class Mean(NamedTuple):
    """A mean with its standard deviation and interval."""

    mean: float
    sd: float
    n: int
    lower: float
    upper: float


class MeanDifference(NamedTuple):
    """First mean minus second, with standard error, degrees of freedom and interval."""

    difference: float
    se: float
    df: float
    lower: float
    upper: float


def _scores(scores: Any, name: str = "分值 scores") -> Floats:
    values = numbers(scores, name)
    if values.ndim != 1 or values.size < 2:
        raise SamplingError(f"{name} 应为至少 2 个数的一维数列，收到形状 {values.shape}")
    if np.all(values == values[0]):
        raise SamplingError(f"{name} 全部等于 {values[0]}：标准差为 0，无法给出区间；应有不同的分值")
    return values


def mean_interval(scores: Any, conf: float = 0.95) -> Mean:
    """Student's t interval of a mean.

    Parameters
    ----------
    scores : one-dimensional, at least two different finite numbers in the units of the scale; a simple random sample.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    Mean : mean, sd, n, lower and upper, in the units of the scores.

    Raises
    ------
    SamplingError : fewer than two scores, all equal, NaN or infinite ones, a confidence outside (0, 1).

    Notes
    -----
    x̄ ± t(n−1) s/√n. Wrong for strongly skewed scores with n below 30 (use `bca_interval`) and for stratified waves
    (use `sampling.estimate`).

    References
    ----------
    Student (1908), doi:10.1093/biomet/6.1.1.

    Examples
    --------
    >>> [round(v, 3) for v in mean_interval([85, 90, 78, 92, 88, 76, 95, 81, 83, 87])]
    [85.5, 6.096, 10, 81.139, 89.861]
    """
    outside = tail(conf) / 2
    values = _scores(scores)
    n, mean, sd = values.size, float(values.mean()), float(values.std(ddof=1))
    half = -float(stdtrit(n - 1, outside)) * sd / n**0.5
    return Mean(mean, sd, n, mean - half, mean + half)


def welch_interval(m1: float, s1: float, n1: int, m2: float, s2: float, n2: int, conf: float = 0.95) -> MeanDifference:
    """Welch's interval of the difference of two independent means, from means, standard deviations and sizes (n ≥ 2).

    Parameters
    ----------
    m1, m2 : means. s1, s2 : standard deviations ≥ 0, not both 0. n1, n2 : sizes ≥ 2.
    conf : two-sided confidence in (0, 1).

    Returns
    -------
    MeanDifference : difference, se, df, lower and upper, in the units of the scores.

    Raises
    ------
    SamplingError : sizes below 2, negative or two zero standard deviations, NaN, a confidence outside (0, 1).

    Notes
    -----
    d ± t(df) √(s1²/n1 + s2²/n2), df by Welch and Satterthwaite. Wrong when the same people answered twice.

    References
    ----------
    Welch (1947), doi:10.1093/biomet/34.1-2.28.

    Examples
    --------
    >>> [round(v, 3) for v in welch_interval(82.3, 11.4, 400, 81.0, 12.0, 380)]
    [1.3, 0.839, 769.907, -0.347, 2.947]
    """
    outside = tail(conf) / 2
    first, second = number(m1, "m1"), number(m2, "m2")
    a, b = (_part(s, n, names) for s, n, names in ((s1, n1, ("s1", "n1")), (s2, n2, ("s2", "n2"))))
    if a + b <= 0:
        raise SamplingError(f"标准差 s1={s1!r}、s2={s2!r} 均为 0：无法给出区间；至少一个应大于 0")
    se = (a + b) ** 0.5
    df = (a + b) ** 2 / (a * a / (n1 - 1) + b * b / (n2 - 1))
    half = -float(stdtrit(df, outside)) * se
    return MeanDifference(first - second, se, df, first - second - half, first - second + half)


def _part(s: Any, n: Any, names: tuple[str, str]) -> float:
    sd, size = number(s, names[0]), whole(n, names[1], least=2)
    if sd < 0:
        raise SamplingError(f"{names[0]} 不合法：{s!r}；应不小于 0")
    return sd * sd / size


def bca_interval(scores: Any, conf: float = 0.95, *, seed: int, resamples: int = 9999) -> Mean:
    """Bias-corrected and accelerated bootstrap interval of a mean; the seed is part of the published figure.

    Parameters
    ----------
    scores : one-dimensional, at least two different finite numbers.
    conf : two-sided confidence in (0, 1).
    seed : whole number ≥ 0, stated beside the result: same seed, same interval.
    resamples : from 999 to a million.

    Returns
    -------
    Mean : as in `mean_interval`.

    Raises
    ------
    SamplingError : fewer than two scores, all equal, NaN or infinite ones, a confidence outside (0, 1), fewer than 999 resamples, resampled means that hardly vary.

    Notes
    -----
    For n < 30 or strongly skewed scores. With fewer than about 8 scores no bootstrap keeps its confidence.

    References
    ----------
    Efron (1987), doi:10.1080/01621459.1987.10478410. The example is Efron & Tibshirani's treated mice (1993, table 2.1; mean 86.86).

    Examples
    --------
    >>> round(bca_interval([94, 197, 16, 38, 99, 141, 23], seed=2026).mean, 2)
    86.86
    """
    from scipy.stats import bootstrap  # half a second to load: not at import

    outside = tail(conf)
    values, times = _scores(scores), whole(resamples, "重抽次数 resamples", least=999)
    if times > _MOST_RESAMPLES:
        raise SamplingError(f"重抽次数 resamples 不合法：{times}；应为 999 至 {_MOST_RESAMPLES} 的整数")
    rng = np.random.default_rng(whole(seed, "种子 seed"))
    found = bootstrap(
        (values,), np.mean, n_resamples=times, batch=200,
        confidence_level=1 - outside, method="BCa", rng=rng,
    ).confidence_interval
    if not np.isfinite(found.low + found.high) or not found.low < found.high:
        raise SamplingError("自助法区间无法计算：重抽样的均值几乎不变；请用 t 区间或增加样本")
    return Mean(float(values.mean()), float(values.std(ddof=1)), values.size, float(found.low), float(found.high))

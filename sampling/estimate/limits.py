"""Limits 区间 of a design-based rate or mean, from its value, standard error, degrees of freedom and number of units.

The default is Korn–Graubard with the effective size capped at n. Limits that need V > 0 refuse V = 0 instead of printing
100 %…100 %, and a complete count (普查) has no sampling error and therefore no interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import betaincinv, expit, stdtrit

from sampling.arguments import confidence, one_of
from sampling.errors import SamplingError

METHODS = ("korn_graubard", "logit_t", "wilson_t", "wald_t")


@dataclass(frozen=True, slots=True)
class Estimate:
    """估计值: a weighted mean or total with its standard error; `df` are PSUs − strata, `n` the units behind it."""

    value: float
    se: float
    df: int
    n: int
    census: bool = False

    def interval(self, conf: float = 0.95) -> tuple[float, float]:
        """t interval, value ± t(1−α/2; df)·se. Not clipped to a scale: say so where 0…100 bounds the answers.

        Parameters
        ----------
        conf : two-sided confidence in (0, 1).

        Raises
        ------
        SamplingError : a complete count, no degrees of freedom, or answers that show no variation at all.

        Examples
        --------
        >>> [round(v, 3) for v in Estimate(662.287363, 9.408941, 197, 200).interval()]
        [643.732, 680.843]
        """
        half = t_quantile(self, conf) * self.se
        if half == 0:
            raise SamplingError(f"标准误为 0（{self.n} 个单位的值没有差别），t 区间没有定义；请公布均值和单位数，不作区间")
        return self.value - half, self.value + half


@dataclass(frozen=True, slots=True)
class Rate:
    """加权率: a weighted share in [0, 1] with its standard error."""

    value: float
    se: float
    df: int
    n: int
    census: bool = False

    @property
    def deff(self) -> float | None:
        """设计效应 V / (p(1−p)/(n−1)); None at 0 and 100 %, where it is not defined."""
        if self.n < 2 or not 0 < self.value < 1:
            return None
        return self.se**2 * (self.n - 1) / (self.value * (1 - self.value))

    @property
    def n_eff(self) -> float:
        """Effective size p(1−p)/V; n itself when V = 0."""
        return float(self.n) if self.se == 0 else self.value * (1 - self.value) / self.se**2

    def n_eff_adjusted(self, conf: float = 0.95, *, capped: bool = True) -> float:
        """Effective size times (t(n−1)/t(df))², at most n when `capped`."""
        if self.se == 0:
            return float(self.n)
        tail = 0.5 + confidence(conf) / 2
        size = self.n_eff * (float(stdtrit(self.n - 1, tail)) / t_quantile(self, conf)) ** 2
        return min(size, float(self.n)) if capped else size

    def interval(self, conf: float = 0.95, method: str = "korn_graubard", *, capped: bool = True) -> tuple[float, float]:
        """Two-sided limits.

        Parameters
        ----------
        method : "korn_graubard" (default), "logit_t", "wilson_t" or "wald_t".
        capped : Korn–Graubard only: never treat n units as more than n. With few failures the estimated design effect falls
            below 1 by luck, so cap unless an office asks for the uncapped form of the R package survey.

        Raises
        ------
        SamplingError : a complete count; no degrees of freedom; V = 0 with a method that needs V > 0.

        Notes
        -----
        Korn–Graubard: Clopper–Pearson with x = n*·p and n* = p(1−p)/V·(t(n−1)/t(df))², Korn & Graubard (1998),
        Survey Methodology 24, 193–201; cap after Parker et al. (2017), NCHS Vital Health Stat 2(175). Wrong where one
        enterprise's batches were entered as if independent.

        Examples
        --------
        >>> rate = Rate(0.98908099637034, 0.00443968563899147, 73, 195)
        >>> [round(v, 4) for v in rate.interval()], [round(v, 4) for v in rate.interval(capped=False)]
        ([0.9624, 0.9985], [0.9762, 0.996])
        """
        one_of(method, METHODS, "区间方法 method")
        if self.census:
            raise SamplingError(f"全部 {self.n} 个单位都已检查（普查），没有抽样误差，不作区间；直接公布计数")
        if method == "korn_graubard":
            return _exact(self.value, self.n_eff_adjusted(conf, capped=capped), conf)
        if self.se == 0:
            raise SamplingError(f"标准误为 0（率 {self.value:g}，n={self.n}）时 {method} 没有定义；请用 korn_graubard")
        return {"wald_t": _wald, "logit_t": _logit, "wilson_t": _wilson}[method](self, conf)

    def bounds(self, conf: float = 0.95, *, capped: bool = True) -> tuple[float, float]:
        """One-sided bounds at `conf` each, for a verdict: the two-sided limits at 2·conf − 1.

        Parameters
        ----------
        conf : confidence per side, above 0.5.
        capped : as in `interval`.

        Notes
        -----
        At least the lower, at most the upper, each with that confidence. Wrong for targeted samples.

        Examples
        --------
        >>> [round(v, 4) for v in Rate(1.0, 0.0, 110, 113).bounds()]
        [0.9738, 1.0]
        """
        level = confidence(conf)
        if level <= 0.5:
            raise SamplingError(f"单侧置信水平 conf 不合法：{conf!r}；应大于 0.5 且小于 1")
        return self.interval(2 * level - 1, capped=capped)

    def failing(self) -> Rate:
        """The complement 1 − p, to be shown beside a high pass rate."""
        return Rate(1 - self.value, self.se, self.df, self.n, self.census)


def t_quantile(given: Estimate | Rate, conf: float) -> float:
    """t(1−α/2; df), refusing a design without degrees of freedom."""
    level = confidence(conf)
    if given.census:
        raise SamplingError(f"全部 {given.n} 个单位都已检查（普查），没有抽样误差，不作区间；直接公布结果")
    if given.df < 1:
        raise SamplingError(f"自由度 {given.df} 不足（初级单位数减层数）；至少应为 1，请合并层")
    return float(stdtrit(given.df, 0.5 + level / 2))


def _exact(p: float, size: float, conf: float) -> tuple[float, float]:
    """Clopper–Pearson with a size that need not be whole."""
    tail, x = (1 - confidence(conf)) / 2, size * p
    low = 0.0 if p == 0 else float(betaincinv(x, size - x + 1, tail))
    return low, 1.0 if p == 1 else float(betaincinv(x + 1, size - x, 1 - tail))


def _wald(rate: Rate, conf: float) -> tuple[float, float]:
    half = t_quantile(rate, conf) * rate.se
    return rate.value - half, rate.value + half


def _logit(rate: Rate, conf: float) -> tuple[float, float]:
    p = rate.value
    centre, half = math.log(p / (1 - p)), t_quantile(rate, conf) * rate.se / (p * (1 - p))
    return float(expit(centre - half)), float(expit(centre + half))


def _wilson(rate: Rate, conf: float) -> tuple[float, float]:
    p, t, size = rate.value, t_quantile(rate, conf), rate.n_eff
    centre, half = p + t * t / (2 * size), t * math.sqrt(p * (1 - p) / size + t * t / (4 * size * size))
    scale = 1 + t * t / size
    return (centre - half) / scale, (centre + half) / scale

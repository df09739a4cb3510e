"""Design 抽样设计: weights, strata and first-stage units of a sample, and what may be estimated from it.

Variances by Taylor linearisation: z_i = w_i d_i (y_i − p) / Σ w d, summed to the first-stage units (PSU, usually the
enterprise), and V = Σ_h m_h/(m_h−1) Σ_j c_hj (z_hj − A_h)², where c = 1 − (sampled share) and A_h = Σ c z / Σ c. With one
share per stratum this is the textbook stratified form with its finite population correction; with shares of their own
(πps) it is Hájek's form (1964), doi:10.1214/aoms/1177700375.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sampling.arguments import Bools, Floats, Ints, numbers, refuse_where, same_length
from sampling.errors import SamplingError
from sampling.estimate.limits import Estimate, Rate

_SHOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """抽样设计 of n units; build it with `design`."""

    weights: Floats
    share: Floats  # sampled share of each unit's first-stage unit: 0 with replacement, m/M, or its inclusion probability
    psu: Ints  # number of the first-stage unit
    stratum: Ints  # number of the stratum
    names: tuple[str, ...]  # of the strata
    auxiliary: Floats | None = None  # (n, q) indicators whose totals the weights were fitted to

    @property
    def n(self) -> int:
        return int(self.weights.size)

    def mean(self, y: Any, where: Any = None) -> Estimate:
        """Weighted (Hájek) mean Σwy/Σw with its linearised standard error.

        Parameters
        ----------
        y : (n,) finite numbers.
        where : (n,) booleans of the domain (域); never filter the rows before: the design would shrink with them.

        Notes
        -----
        V as in the head of this module, df = PSUs − strata among those that hold units of the domain. Woodruff (1971),
        doi:10.2307/2283947.

        Examples
        --------
        >>> score = design([4, 4, 2, 2], ["a", "a", "b", "b"])
        >>> answer = score.mean([80, 90, 70, 74])
        >>> round(answer.value, 3), round(answer.se, 3), answer.df
        (80.667, 3.399, 2)
        """
        value, se, df, n, census = self._mean(numbers(y, "y"), where)
        return Estimate(value, se, df, n, census)

    def rate(self, y: Any, where: Any = None) -> Rate:
        """Weighted share of units with y = 1.

        Parameters
        ----------
        y : (n,) of 0 and 1 (or booleans).
        where : (n,) booleans of the domain.

        Notes
        -----
        The mean of y; where all units agree the rate is exactly 0 or 1 and its standard error 0.

        Examples
        --------
        >>> passed = design([10, 10, 30, 30], ["a", "a", "b", "b"])
        >>> round(passed.rate([1, 0, 1, 1]).value, 3)
        0.875
        """
        answers = np.asarray(y)
        values = numbers(answers.astype(np.int64) if answers.dtype == bool else answers, "y")
        refuse_where((values != 0) & (values != 1), values, "y", "0 或 1")
        return Rate(*self._mean(values, where))

    def total(self, y: Any, where: Any = None) -> Estimate:
        """Weighted (Horvitz–Thompson) total Σwy.

        Parameters
        ----------
        y, where : as in `mean`.

        Notes
        -----
        Σ w d y with the variance of its sums per PSU. Wrong with weights that were only made proportional.

        Examples
        --------
        >>> failing = design([10.0] * 4, ["a", "a", "b", "b"]).total([1, 0, 0, 0])
        >>> failing.value, round(failing.se, 3)
        (10.0, 10.0)
        """
        values, inside = self._checked(numbers(y, "y"), where)
        z = np.where(inside, self.weights * values, 0.0)
        se, census = self._se(z)
        return Estimate(float(z.sum()), se, self._df(inside), int(inside.sum()), census)

    def _checked(self, y: Floats, where: Any) -> tuple[Floats, Bools]:
        same_length(y=y, weights=self.weights)
        inside = np.ones(self.n, dtype=bool) if where is None else np.asarray(where)
        if inside.dtype != bool or inside.shape != (self.n,):
            raise SamplingError(f"域 where 应为 {self.n} 个真假值，收到 {inside.dtype}、形状 {inside.shape}")
        inside = inside & (self.weights > 0)
        if not inside.any():
            raise SamplingError("域 where 内没有权重大于 0 的单位，率没有定义")
        return y, inside

    def _mean(self, y: Floats, where: Any) -> tuple[float, float, int, int, bool]:
        y, inside = self._checked(y, where)
        weight = np.where(inside, self.weights, 0.0)
        size = weight.sum()
        value = float((weight * y).sum() / size)
        within = y[inside]
        if within.min() == within.max():
            value = float(within[0])
        se, census = self._se(weight * (y - value) / size)
        return value, se, self._df(inside), int(inside.sum()), census

    def _se(self, z: Floats) -> tuple[float, bool]:
        """Standard error of Σz, and whether nothing was left to chance."""
        if self.auxiliary is not None:
            z = self.weights * _residual(_per_weight(z, self.weights), self.auxiliary, self.weights)
        units, first = np.unique(self.psu, return_index=True)
        sums = np.bincount(self.psu, weights=z, minlength=units.size)
        left, stratum = 1 - self.share[first], self.stratum[first]
        uncertain = left > 0
        m = np.bincount(stratum[uncertain], minlength=len(self.names))
        weight = np.bincount(stratum, weights=left, minlength=len(self.names))
        centre = np.divide(np.bincount(stratum, weights=left * sums, minlength=len(self.names)), weight, out=np.zeros_like(weight), where=weight > 0)
        spread = np.bincount(stratum, weights=left * (sums - centre[stratum]) ** 2, minlength=len(self.names))
        variance = float((spread * m / np.maximum(m - 1, 1)).sum())
        scale = float(np.abs(z).sum())
        return (0.0 if variance <= (1e-14 * scale) ** 2 else variance**0.5), not uncertain.any()

    def _df(self, inside: Bools) -> int:
        """PSUs − strata, of those that hold units of the domain; units taken with certainty beside others count for nothing."""
        units, first = np.unique(self.psu[inside], return_index=True)
        stratum, certain = self.stratum[inside][first], self.share[inside][first] >= 1
        all_certain = np.bincount(stratum[~certain], minlength=len(self.names)) == 0
        counted = ~certain | all_certain[stratum]
        return int(counted.sum() - np.unique(stratum[counted]).size) if units.size else 0


def design(weights: Any, strata: Any = None, clusters: Any = None, population: Any = None, shares: Any = None) -> Design:
    """The design of a sample.

    Parameters
    ----------
    weights : (n,) design weights 1/π, finite, ≥ 0; 0 takes a unit out of every estimate but leaves it in the design.
    strata : (n,) labels of the strata; one stratum when left out.
    clusters : (n,) labels of the first-stage units (enterprises), nested in the strata; each row its own when left out.
    population : (n,) or None: first-stage units in the stratum (M_h), for the finite population correction; with
        replacement when left out.
    shares : (n,) or None: inclusion probabilities of the first-stage units, instead of `population` (πps).

    Returns
    -------
    Design : its `rate`, `mean` and `total` estimate.

    Raises
    ------
    SamplingError : single-unit strata, named; a population below the sample or not constant in a stratum; weights that are
        negative, not finite or all zero.

    Notes
    -----
    Wrong when an enterprise stands in several strata (they are then not independent), and when weights are repeats.

    References
    ----------
    Woodruff (1971), doi:10.2307/2283947; Hájek (1964), doi:10.1214/aoms/1177700375.

    Examples
    --------
    >>> design([1, 1, 1], ["a", "a", "b"])
    Traceback (most recent call last):
    sampling.errors.SamplingError: 只有一个初级单位的层无法估计方差：b；请与相近的层合并
    """
    w = numbers(weights, "权重 weights")
    refuse_where(w < 0, w, "权重 weights", "不小于 0 的数")
    if w.ndim != 1 or w.size == 0 or not np.any(w > 0):
        raise SamplingError(f"权重 weights 应为非空一维数列且不全为 0，收到形状 {w.shape}")
    names, stratum = _codes(strata, w.size, "层 strata")
    _, cluster = (None, np.arange(w.size)) if clusters is None else _codes(clusters, w.size, "初级单位 clusters")
    _, psu = np.unique(stratum * (int(cluster.max()) + 1) + cluster, return_inverse=True)
    made = Design(w, _shares(w.size, population, shares, psu, stratum, names), psu, stratum, names)
    _refuse_single(made)
    return made


def _codes(labels: Any, n: int, name: str) -> tuple[tuple[str, ...], Ints]:
    if labels is None:
        return ("全部",), np.zeros(n, dtype=np.int64)
    column = np.asarray(labels)
    if column.shape != (n,):
        raise SamplingError(f"{name} 应有 {n} 个，收到形状 {column.shape}")
    if column.dtype == object:
        column = column.astype(str)
    distinct, code = np.unique(column, return_inverse=True)
    return tuple(str(v) for v in distinct), code.astype(np.int64)


def _shares(n: int, population: Any, shares: Any, psu: Ints, stratum: Ints, names: Sequence[str]) -> Floats:
    if population is not None and shares is not None:
        raise SamplingError("population 与 shares 只能给一个")
    if shares is not None:
        given = numbers(shares, "入样概率 shares")
        refuse_where((given <= 0) | (given > 1), given, "入样概率 shares", "大于 0 且不大于 1 的数")
        return np.broadcast_to(given, (n,)).copy()
    if population is None:
        return np.zeros(n)
    size = np.broadcast_to(numbers(population, "总体 population"), (n,))
    sampled = np.bincount(stratum[np.unique(psu, return_index=True)[1]], minlength=len(names))
    for h, name in enumerate(names):
        inside = size[stratum == h]
        if inside.min() != inside.max():
            raise SamplingError(f"层 {name} 的总体 population 不一致：{inside.min():g} 与 {inside.max():g}；同一层应相同")
        if inside[0] < sampled[h]:
            raise SamplingError(f"层 {name} 的总体 {inside[0]:g} 小于样本中的初级单位数 {sampled[h]}；应不小于它")
    return np.asarray(sampled[stratum] / size, dtype=np.float64)


def _refuse_single(made: Design) -> None:
    first = np.unique(made.psu, return_index=True)[1]
    uncertain = made.share[first] < 1
    alone = np.flatnonzero(np.bincount(made.stratum[first][uncertain], minlength=len(made.names)) == 1)
    if alone.size:
        shown = "、".join(made.names[h] for h in alone[:_SHOWN]) + (f" 等 {alone.size} 层" if alone.size > _SHOWN else "")
        raise SamplingError(f"只有一个初级单位的层无法估计方差：{shown}；请与相近的层合并")


def _per_weight(z: Floats, weights: Floats) -> Floats:
    return np.divide(z, weights, out=np.zeros_like(z), where=weights > 0)


def _residual(values: Floats, auxiliary: Floats, weights: Floats) -> Floats:
    """What the auxiliary indicators do not explain, by weighted least squares (rank-deficient margins are allowed)."""
    root = np.sqrt(weights)[:, None]
    coefficients = np.linalg.lstsq(auxiliary * root, values * root[:, 0], rcond=None)[0]
    return np.asarray(values - auxiliary @ coefficients, dtype=np.float64)


def with_weights(given: Design, weights: Floats, auxiliary: npt.NDArray[np.float64]) -> Design:
    """The design after its weights were fitted to known totals of the indicators."""
    kept = auxiliary if given.auxiliary is None else np.hstack([given.auxiliary, auxiliary])
    return replace(given, weights=weights, auxiliary=kept)

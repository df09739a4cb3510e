"""Standardised rates 标化率 and what may be said about an order: regions with different mixes of goods, compared fairly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import fisher_exact

from sampling.arguments import numbers, passed_and_tested, probability, refuse_where, same_length
from sampling.errors import SamplingError
from sampling.estimate.limits import Rate
from sampling.estimate.strata import stratified_rate
from sampling.monitor.compare import adjusted


def standardised(x: Any, n: Any, standard: Any) -> Rate:
    """Rate of one region as if it had the standard mix of classes (direct standardisation).

    Parameters
    ----------
    x, n : (k,) counts per class, n ≥ 2 wherever the standard has weight.
    standard : (k,) batches (or shares) per class of the standard mix, for example those of the whole city.

    Returns
    -------
    Rate : with the variance of a stratified rate.

    Raises
    ------
    SamplingError : a class of the standard in which the region tested fewer than two batches, named by its position.

    Notes
    -----
    p = Σ S_k x_k/n_k / Σ S_k with the variance of a stratified rate without finite population correction. Wrong where a
    class rests on a handful of batches: merge classes first. Show it beside the raw rate, never alone.

    References
    ----------
    Armitage, Berry & Matthews (2002), Statistical Methods in Medical Research, 4th ed., section 19.3.

    Examples
    --------
    >>> raw, fair = (5 + 20) / (100 + 100), standardised([5, 20], [100, 100], [300, 100])
    >>> raw, round(fair.value, 4)
    (0.125, 0.0875)
    """
    weight = numbers(standard, "标准构成 standard")
    refuse_where(weight < 0, weight, "标准构成 standard", "不小于 0 的数")
    tested = numbers(n, "n")
    same_length(standard=weight, n=tested, x=numbers(x, "x"))
    used = weight > 0
    if not used.any():
        raise SamplingError("标准构成 standard 全为 0")
    if thin := [str(k + 1) for k in np.flatnonzero(used & (tested < 2))]:
        raise SamplingError(f"第 {'、'.join(thin)} 类的批次不足 2，不能标化；请与相近的类合并")
    scale = np.rint(weight[used] / weight[used].sum() * 2**40)
    return stratified_rate(np.maximum(scale, 1), tested[used], np.asarray(x)[used], fpc=False)


@dataclass(frozen=True, slots=True)
class Order:
    """两个地区的先后: i has the higher rate than j, with the adjusted p-value that lets it be said."""

    i: int
    j: int
    p: float


def orders(x: Any, n: Any, q: float = 0.05) -> list[Order]:
    """Pairs of regions that may be put in an order; all other pairs may not, whatever their raw rates.

    Parameters
    ----------
    x, n : (k,) counts of k ≥ 2 regions.
    q : chance of any wrong statement about the whole table (Holm over all pairs of two-sided exact tests).

    Returns
    -------
    list of Order : the pairs that may be said, the surest first.

    Raises
    ------
    SamplingError : fewer than two regions, broken counts, q outside (0, 1).

    Notes
    -----
    Fisher's exact test per pair. Wrong reading: a pair that is missing is not "equal", only not shown to differ.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6, 65–70.

    Examples
    --------
    >>> orders([2, 30, 3], [100, 100, 100]) and [(o.i, o.j) for o in orders([2, 30, 3], [100, 100, 100])]
    [(1, 0), (1, 2)]
    """
    seen, tested = passed_and_tested(x, n)
    same_length(x=seen, n=tested)
    level = probability(q, "q")
    pairs = [(i, j) for i in range(seen.size) for j in range(i)]
    if not pairs:
        raise SamplingError("至少要有两个地区才能排先后")
    raised = adjusted([_exact(seen, tested, i, j) for i, j in pairs], "holm")
    rate = seen / tested
    found = [Order(*((i, j) if rate[i] > rate[j] else (j, i)), float(p)) for (i, j), p in zip(pairs, raised, strict=True) if p <= level]
    return sorted(found, key=lambda o: (o.p, o.i, o.j))


def _exact(seen: Any, tested: Any, i: int, j: int) -> float:
    table: Sequence[Sequence[int]] = [[seen[i], tested[i] - seen[i]], [seen[j], tested[j] - seen[j]]]
    return min(1.0, float(fisher_exact(table).pvalue))

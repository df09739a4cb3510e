"""Weights 权重: from inclusion probabilities, fitted to known totals, and adjusted for units that could not be inspected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampling.arguments import Bools, Floats, Ints, numbers, positive, refuse_where, same_length, whole
from sampling.errors import SamplingError
from sampling.estimate.design import Design, with_weights


@dataclass(frozen=True, slots=True)
class Expanded:
    """逆概率加权: Horvitz–Thompson total Σy/π, Hájek mean Σ(y/π)/Σ(1/π) and the estimated number of units Σ1/π."""

    total: float
    mean: float
    size: float


def expand(y: Any, pi: Any) -> Expanded:
    """Total and mean from values and inclusion probabilities.

    Parameters
    ----------
    y : (n,) values of the sampled units.
    pi : (n,) inclusion probabilities in (0, 1].

    Returns
    -------
    Expanded : total, mean and estimated number of units.

    Raises
    ------
    SamplingError : probabilities outside (0, 1], columns of different length.

    Notes
    -----
    A rate is always the Hájek mean: the total divided by a known N can leave [0, 1].

    References
    ----------
    Horvitz & Thompson (1952), doi:10.1080/01621459.1952.10483446.

    Examples
    --------
    >>> round(expand([0, 1, 1, 1, 1, 1], [0.2761, 0.567, 0.4015, 0.6237, 0.6444, 0.1123]).mean, 6)
    0.818326
    """
    values, chance = numbers(y, "y"), numbers(pi, "入样概率 pi")
    same_length(y=values, pi=chance)
    refuse_where((chance <= 0) | (chance > 1), chance, "入样概率 pi", "大于 0 且不大于 1 的数")
    total, size = float((values / chance).sum()), float((1 / chance).sum())
    return Expanded(total, total / size, size)


def inclusion_probabilities(size: Any, n: int) -> Floats:
    """Probabilities proportional to size for n units; units that would exceed 1 are taken with certainty, repeatedly.

    Parameters
    ----------
    size : (N,) sizes ≥ 0.
    n : units to select, at most the number of units with a size above 0.

    Returns
    -------
    (N,) probabilities adding up to n.

    Raises
    ------
    SamplingError : negative sizes, more units wanted than have a size.

    Notes
    -----
    π_i = n·x_i/Σx; then the units at 1 or above leave with one place each and the rest is shared anew.

    References
    ----------
    Särndal, Swensson & Wretman (1992), section 3.6.

    Examples
    --------
    >>> inclusion_probabilities([100, 5, 5, 5, 5, 5], 3).tolist()
    [1.0, 0.4, 0.4, 0.4, 0.4, 0.4]
    """
    sizes = numbers(size, "规模 size")
    same_length(size=sizes)
    refuse_where(sizes < 0, sizes, "规模 size", "不小于 0 的数")
    wanted, usable = whole(n, "样本量 n"), int((sizes > 0).sum())
    if wanted > usable:
        raise SamplingError(f"样本量 n={wanted} 大于规模不为 0 的单位数 {usable}；应不大于它")
    certain = np.zeros(sizes.size, dtype=bool)
    while True:
        rest = np.where(certain, 0.0, sizes)
        chance = (wanted - certain.sum()) * rest / (rest.sum() or 1.0)
        new = (chance >= 1) & ~certain
        if not new.any():
            return np.where(certain, 1.0, chance)
        certain |= new


def poststratify(given: Design, groups: Any, totals: Mapping[Any, float]) -> Design:
    """Weights fitted to known group totals: w' = w·N_g/Σ_g w. Variances then come from residuals within the groups.

    Parameters
    ----------
    groups : (n,) labels.
    totals : label → units of the population (N_g > 0), one for every group of the sample.

    Returns
    -------
    Design : with the fitted weights.

    Raises
    ------
    SamplingError : a group without a total, a total without units in the sample.

    Notes
    -----
    Holt & Smith (1979), doi:10.2307/2344652. Wrong with groups of a handful of units: merge them first.

    References
    ----------
    Holt & Smith (1979), doi:10.2307/2344652.

    Examples
    --------
    >>> from sampling.estimate.design import design
    >>> poststratify(design([1, 1, 1, 1]), ["a", "a", "a", "b"], {"a": 60, "b": 40}).weights.tolist()
    [20.0, 20.0, 20.0, 40.0]
    """
    indicators, wanted = _indicators(given, groups, totals)
    return with_weights(given, given.weights * (indicators @ (wanted / (given.weights @ indicators))), indicators)


def rake(given: Design, margins: Sequence[tuple[Any, Mapping[Any, float]]], *, rounds: int = 1000) -> Design:
    """Weights fitted to several margins at once by iterative proportional fitting (raking).

    Parameters
    ----------
    margins : (labels, totals) pairs as for `poststratify`; all totals add up to the same population.

    Returns
    -------
    Design : with the fitted weights.

    Raises
    ------
    SamplingError : totals that disagree, or margins that cannot all be met (named with what is still missing).

    Notes
    -----
    Variance from the residuals of a weighted regression on all indicators of the margins.

    References
    ----------
    Deville, Särndal & Sautory (1993), doi:10.1080/01621459.1993.10476369.

    Examples
    --------
    >>> from sampling.estimate.design import design
    >>> sample = design([1, 1, 1, 1])
    >>> fitted = rake(sample, [(["a", "a", "b", "b"], {"a": 30, "b": 70}), (["x", "y", "x", "y"], {"x": 50, "y": 50})])
    >>> fitted.weights.round(6).tolist()
    [15.0, 15.0, 35.0, 35.0]
    """
    if not margins:
        raise SamplingError("边际 margins 为空；至少给一组（标签，总数）")
    parts = [_indicators(given, labels, totals) for labels, totals in margins]
    sums = [float(wanted.sum()) for _, wanted in parts]
    if max(sums) - min(sums) > 1e-9 * max(sums):
        raise SamplingError(f"各组边际的合计不相等：{sums}；应为同一个总体数")
    weights = given.weights
    for _ in range(rounds):
        for indicators, wanted in parts:
            weights = weights * (indicators @ (wanted / (weights @ indicators)))
        worst = max(float(np.abs(weights @ indicators / wanted - 1).max()) for indicators, wanted in parts)
        if worst < 1e-12:
            break
    if worst > 1e-8:
        raise SamplingError(f"边际不能同时满足：{rounds} 轮后最大相对差 {worst:.2g}；请检查样本中缺少的组合，或合并类别")
    return with_weights(given, weights, np.hstack([indicators for indicators, _ in parts]))


def _indicators(given: Design, groups: Any, totals: Mapping[Any, float]) -> tuple[Floats, Floats]:
    labels = [str(v) for v in np.asarray(groups).ravel()]
    if len(labels) != given.n:
        raise SamplingError(f"组别 groups 应有 {given.n} 个，收到 {len(labels)} 个")
    known = {str(k): positive(v, f"组 {k} 的总数") for k, v in totals.items()}
    weighted = {label for label, w in zip(labels, given.weights, strict=True) if w > 0}
    if missing := sorted(set(labels) - set(known)):
        raise SamplingError(f"这些组没有给总数：{'、'.join(missing)}")
    if empty := sorted(set(known) - weighted):
        raise SamplingError(f"这些组在样本中没有单位，不能加权：{'、'.join(empty)}；请与相近的组合并")
    at = {name: k for k, name in enumerate(known)}
    return np.eye(len(known))[[at[label] for label in labels]], np.array(list(known.values()))


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """无应答调整: weights of all sampled units (0 for those not inspected), and per class the response rate."""

    weights: Floats
    rates: dict[str, float]
    low: list[str]  # classes whose response rate is below the stated one: publish only with a warning


def adjust_for_nonresponse(weights: Any, responded: Any, classes: Any = None, *, warn_below: float = 0.7) -> Adjusted:
    """Spread the weights of units that could not be inspected over the inspected ones of the same class.

    Parameters
    ----------
    weights : (n,) design weights of all sampled units.
    responded : (n,) booleans.
    classes : (n,) labels known for every sampled unit (stratum, size, credit grade); one class when left out.
    warn_below : weighted response rate below which a class is listed in `low`.

    Returns
    -------
    Adjusted : the weights, the response rate per class, and the classes below `warn_below`.

    Raises
    ------
    SamplingError : a class in which nobody responded, named.

    Notes
    -----
    Factor Σ_c w / Σ_c,responding w. Right when within a class being inspected has nothing to do with the result; wrong for
    firms that hide because they would fail: report the response rate beside every figure.

    References
    ----------
    Särndal, Swensson & Wretman (1992), section 15.6 (response homogeneity groups).

    Examples
    --------
    >>> adjust_for_nonresponse([10, 10, 10, 30], [True, False, True, True], ["a", "a", "a", "b"]).weights.tolist()
    [15.0, 0.0, 15.0, 30.0]
    """
    w, answered = numbers(weights, "权重 weights"), np.asarray(responded)
    refuse_where(w < 0, w, "权重 weights", "不小于 0 的数")
    if answered.dtype != bool:
        raise SamplingError(f"是否完成 responded 应为真假值，收到 {answered.dtype}")
    labels = np.asarray(["全部"] * w.size if classes is None else [str(v) for v in classes])
    same_length(weights=w, responded=answered, classes=labels)
    names, code = np.unique(labels, return_inverse=True)
    whole_, kept = _sums(code, w, names.size), _sums(code, np.where(answered, w, 0.0), names.size)
    if empty := [str(names[c]) for c in np.flatnonzero((kept == 0) & (whole_ > 0))]:
        raise SamplingError(f"这些类中没有一个单位完成检查：{'、'.join(empty)}；请与相近的类合并")
    rates = np.divide(kept, whole_, out=np.ones_like(kept), where=whole_ > 0)
    adjusted = _answered_only(w, answered, rates[code])
    return Adjusted(
        adjusted, {str(n): float(r) for n, r in zip(names, rates, strict=True)}, [str(n) for n, r in zip(names, rates, strict=True) if r < warn_below]
    )


def _sums(code: Ints, values: Floats, size: int) -> Floats:
    return np.bincount(code, weights=values, minlength=size).astype(np.float64)


def _answered_only(w: Floats, answered: Bools, rate: Floats) -> Floats:
    return np.where(answered, np.divide(w, rate, out=np.zeros_like(w), where=rate > 0), 0.0)

"""Results of a draw 抽取结果的估计: the design that the published rule implies, `srs` and `pareto` strata together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sampling.arguments import Bools, Floats
from sampling.draw import Stratum
from sampling.errors import SamplingError
from sampling.estimate.design import Design, design
from sampling.estimate.weights import inclusion_probabilities, poststratify


def of_draw(
    strata: Mapping[str, Stratum], units: Sequence[tuple[str, int]], frame_weights: Mapping[str, Sequence[int]] | None = None, clusters: Any = None
) -> Design:
    """The design of the inspected units of a draw.

    Parameters
    ----------
    strata : the strata of the rule, as published.
    units : (stratum, weight in the frame) of every inspected unit: selected ones and called reserves alike.
    frame_weights : per `pareto` stratum the weights of its eligible frame; `srs` strata need none.
    clusters : (n,) labels of enterprises when units are batches rather than enterprises.

    Returns
    -------
    Design : of the units given, weighted to the population of every stratum.

    Raises
    ------
    SamplingError : a stratum with a population but no inspected unit, an unknown stratum, a weight not in the frame.

    Notes
    -----
    A unit that could not be inspected is non-response of its stratum, so every stratum is weighted to its known population
    (for `srs`: N_h/m_h; for `pareto`: proportional to 1/π). Pareto πps uses nominal probabilities, which measured ones
    follow within 0.3 %.

    References
    ----------
    Rosén (1997), doi:10.1016/S0378-3758(96)00186-3.

    Examples
    --------
    >>> rule = {"A": Stratum("srs", 2, 100), "B": Stratum("srs", 2, 10)}
    >>> of_draw(rule, [("A", 1), ("A", 1), ("B", 1), ("B", 1)]).weights.tolist()
    [50.0, 50.0, 5.0, 5.0]
    """
    names = np.array([name for name, _ in units])
    given = np.array([weight for _, weight in units])
    if unknown := sorted(set(names.tolist()) - set(strata)):
        raise SamplingError(f"规则中没有这些层：{'、'.join(unknown)}")
    living = {name: stratum for name, stratum in strata.items() if stratum.population > 0}
    if empty := sorted(set(living) - set(names.tolist())):
        raise SamplingError(f"这些层没有一个单位完成检查，总体的率无法估计：{'、'.join(empty)}；请合并层，或只公布其余各层")
    chance, share = np.ones(names.size), np.ones(names.size)
    for name, stratum in living.items():
        inside = names == name
        chance[inside] = _chances(stratum, given[inside], (frame_weights or {}).get(name, ()), name)
        share[inside] = _shares(chance[inside], stratum, inside)
    made = design(1 / chance, names, clusters, shares=share)
    return poststratify(made, names, {name: stratum.population for name, stratum in living.items()})


def _chances(stratum: Stratum, weights: Any, frame: Sequence[int], name: str) -> Floats:
    if stratum.method != "pareto":
        return np.full(weights.size, stratum.n / stratum.population)
    if len(frame) != stratum.population:
        raise SamplingError(f"层 {name} 的底册权重有 {len(frame)} 个，规则写明总体 {stratum.population}；应一致")
    table = dict(zip(frame, inclusion_probabilities(np.asarray(frame), stratum.n).tolist(), strict=True))
    if strange := sorted(set(weights.tolist()) - set(table)):
        raise SamplingError(f"层 {name} 的底册中没有这些权重：{strange[:5]}")
    return np.array([table[w] for w in weights.tolist()])


def _shares(chance: Floats, stratum: Stratum, inside: Bools) -> Floats:
    """Sampled share after non-response; a certain unit stays certain only while everybody was inspected."""
    return np.minimum(1.0, chance * min(1.0, float(inside.sum()) / max(stratum.n, 1)))

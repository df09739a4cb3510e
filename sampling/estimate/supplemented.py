"""A draw and its supplements together 首次抽取连同补充抽取: one probability per unit, one design for the frame of the first draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from sampling.arguments import Floats, number
from sampling.errors import SamplingError
from sampling.estimate.design import Design, design
from sampling.estimate.weights import poststratify


def combined_chance(chances: Iterable[Any]) -> float:
    """Probability that a unit is selected by a draw or by one of its supplements.

    Parameters
    ----------
    chances : π of the unit in the first draw, then its π in each supplement given that no earlier draw selected it; 0 where
        it was not in that frame.

    Returns
    -------
    float : 1 − Π(1−π_t).

    Raises
    ------
    SamplingError : a chance outside [0, 1].

    Notes
    -----
    A supplement draws only among those not selected before, so its rule states the conditional probability n₂/(N−n₁) itself. For
    simple random draws of one stratum the result is (n₁+n₂)/N: both together are one simple random sample. For a unit of the first
    draw the π of the supplement is the one it would have had; where classes changed between the draws that is right to about
    1/N₂. Wrong when whether a unit stood in the frame of the supplement depended on what the first draw found.

    References
    ----------
    Särndal, Swensson, Wretman (1992), Model Assisted Survey Sampling, 9.2 (conditional probabilities in two steps).

    Examples
    --------
    >>> round(combined_chance([20 / 100, 8 / 80]), 4)  # (20 + 8) / 100
    0.28
    """
    found = [number(chance, "入样概率") for chance in chances]
    if wrong := [chance for chance in found if not 0 <= chance <= 1]:
        raise SamplingError(f"入样概率应在 0 与 1 之间，收到 {wrong[:5]}")
    return 1 - prod(1 - chance for chance in found)


def shares_of(chances: Any, population: int) -> Floats:
    """Sampled share of the inspected units of one stratum: 1/w of their fitted weights, at most 1.

    Parameters
    ----------
    chances : (m,) combined probabilities in (0, 1].
    population : units of the stratum, N.

    Returns
    -------
    array : π_i Σ(1/π)/N; m/N where all have the same chance.

    Raises
    ------
    nothing for probabilities in (0, 1] and a population above 0.

    Notes
    -----
    Where all but one are 1 there is no spread to estimate a variance from. Wrong when Σ1/π is far from N.

    References
    ----------
    Särndal, Swensson, Wretman (1992), 7.6 (post-stratified weights).

    Examples
    --------
    >>> shares_of([0.5, 0.5, 0.5], 6).tolist()
    [0.5, 0.5, 0.5]
    """
    chance = np.asarray(chances, dtype=np.float64)
    return np.asarray(np.minimum(1.0, chance * (1 / chance).sum() / population), dtype=np.float64)


def of_draws(populations: Mapping[str, int], units: Sequence[tuple[str, float]]) -> Design:
    """The design of the inspected units of a draw together with its supplements.

    Parameters
    ----------
    populations : eligible units of the first frame, per stratum of the first rule.
    units : (stratum of the first rule, combined probability) of every inspected unit that stood in the first frame.

    Returns
    -------
    Design : weights proportional to 1/π and fitted to the populations.

    Raises
    ------
    SamplingError : a stratum with a population but no inspected unit, or with a single one, an unknown stratum, a chance not in (0, 1].

    Notes
    -----
    The estimate is of the first frame. A unit that could not be inspected is non-response of its stratum, as in `of_draw`; the
    sampled share of a unit is 1/w of its fitted weight, that is m_h/N_h where all have the same chance. With one probability per stratum the rate is Σ W_h p_h over all m_h inspected, V = Σ W_h² (1−m_h/N_h) p_h(1−p_h)/(m_h−1). Units of a
    stratum that changed their class before the supplement have probabilities of their own; their variance is Hájek's form. Wrong
    when the size of the supplement was chosen for what the first draw found: publish both separately then.

    References
    ----------
    Särndal, Swensson, Wretman (1992), 9.2; Hájek (1964), doi:10.1214/aoms/1177700375.

    Examples
    --------
    >>> both = of_draws({"A": 100}, [("A", 0.04)] * 4)
    >>> both.weights.tolist(), round(both.rate([1, 0, 0, 0]).se, 4)  # √(0.96 · ¼ · ¾ / 3)
    ([25.0, 25.0, 25.0, 25.0], 0.2449)
    """
    names, chance = np.array([name for name, _ in units]), np.array([number(p, "入样概率") for _, p in units])
    living = {name: size for name, size in populations.items() if size > 0}
    if unknown := sorted(set(names.tolist()) - set(living)):
        raise SamplingError(f"首次抽取的规则中没有这些层：{'、'.join(unknown)}")
    if empty := sorted(set(living) - set(names.tolist())):
        raise SamplingError(f"这些层没有一个单位完成检查，总体的率无法估计：{'、'.join(empty)}；请合并层，或只公布其余各层")
    if np.any((chance <= 0) | (chance > 1)):
        raise SamplingError("入样概率应大于 0 且不大于 1")
    share = np.ones(names.size)
    for name, size in living.items():
        inside = names == name
        share[inside] = shares_of(chance[inside], size)
    return poststratify(design(1 / chance, names, shares=share), names, living)

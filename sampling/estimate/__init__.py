"""Estimates 估计: rates and means of the market from a sample whose inclusion probabilities are known.

`stratified_rate` and `stratified_mean` from totals per stratum; `design` from units (weights, strata, enterprises);
`of_draw` from a published draw, `of_draws` from one together with its supplements; `poststratify`, `rake`, `adjust_for_nonresponse` for weights; `expand` and
`inclusion_probabilities` for πps; `shrink` for small areas; `flags` for whether a rate may be published.
None of them makes a targeted sample speak for the market.
"""

from sampling.estimate.areas import Shrunk, shrink
from sampling.estimate.design import Design, design
from sampling.estimate.drawn import of_draw
from sampling.estimate.limits import METHODS, Estimate, Rate
from sampling.estimate.presentation import LABELS, flags, flags_of_counts, flags_of_rate
from sampling.estimate.strata import stratified_mean, stratified_rate
from sampling.estimate.supplemented import combined_chance, of_draws, shares_of
from sampling.estimate.weights import (
    Adjusted,
    Expanded,
    adjust_for_nonresponse,
    expand,
    inclusion_probabilities,
    poststratify,
    rake,
)

__all__ = [
    "LABELS", "METHODS", "Adjusted", "Design", "Estimate", "Expanded", "Rate", "Shrunk", "adjust_for_nonresponse",
    "combined_chance", "design", "expand", "flags", "flags_of_counts", "flags_of_rate", "inclusion_probabilities", "of_draw", "of_draws", "poststratify", "rake",
    "shares_of", "shrink", "stratified_mean", "stratified_rate",
]

"""Intervals 区间估计: for one rate, for a finite roster, for the difference of two rates, for means.

Which one: beside a pass rate `wilson`; for a verdict `lower_bound` and `upper_bound`; for a roster of known size
`finite_interval`; for two rates `newcombe`; for a mean `mean_interval`. The others are offered for comparison.
"""

from sampling.intervals.bounds import (
    ONE_SIDED,
    bound,
    half_width,
    lower_bound,
    rule_of_three,
    upper_bound,
    with_design_effect,
    zero_failure_bound,
)
from sampling.intervals.differences import (
    Difference,
    agresti_caffo,
    difference,
    fisher_test,
    miettinen_nurminen,
    newcombe,
    score_test,
)
from sampling.intervals.finite import finite_bound, finite_interval
from sampling.intervals.means import Mean, MeanDifference, bca_interval, mean_interval, welch_interval
from sampling.intervals.rates import (
    METHODS,
    Interval,
    agresti_coull,
    blaker,
    clopper_pearson,
    interval,
    jeffreys,
    mid_p,
    wilson,
    wilson_cc,
)

__all__ = [
    "METHODS", "ONE_SIDED", "Difference", "Interval", "Mean", "MeanDifference", "agresti_caffo", "agresti_coull", "bca_interval", "blaker", "bound",
    "clopper_pearson", "difference", "finite_bound", "finite_interval", "fisher_test", "half_width", "interval", "jeffreys",
    "lower_bound", "mean_interval", "miettinen_nurminen", "mid_p", "newcombe", "rule_of_three", "score_test", "upper_bound",
    "welch_interval", "wilson", "wilson_cc", "with_design_effect", "zero_failure_bound",
]

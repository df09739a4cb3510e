"""Is the target attained 是否达标? Attained, not attained, or not yet decidable – never a guess from the rounded rate.

Rule: with the exact one-sided Clopper–Pearson bounds at `conf` per side, *attained* when the lower bound reaches the target,
*not attained* when the upper bound stays below it, else *inconclusive*; *not assessable* for samples that were targeted and not
drawn. The chance of a wrong "attained" is at most 1 − conf. Judging again every month raises it: `sequential` plans the looks.
"""

from sampling.counting import bound_text, fraction_text, rate_text
from sampling.target.demonstrate import (
    Demonstration,
    SizeForPower,
    batches_to_show,
    batches_to_show_finite,
    failures_allowed,
    power,
    size_for_power,
)
from sampling.target.verdict import LABELS, FiniteJudgement, Judgement, Verdict, judge, judge_finite, reaches

__all__ = [
    "LABELS", "Demonstration", "FiniteJudgement", "Judgement", "SizeForPower", "Verdict", "batches_to_show", "batches_to_show_finite",
    "bound_text", "failures_allowed", "fraction_text", "judge", "judge_finite", "power", "rate_text", "reaches", "size_for_power",
]

"""One bad value at a time, everywhere: the answer is a refusal with the value in it, or an honest number; never another exception."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from sampling import acceptance, counting, coverage, hypergeometric, intervals, size, target
from sampling.acceptance import Plan
from sampling.errors import SamplingError
from sampling.target import sequential

BAD = [
    None, True, "", "abc", "九成", float("nan"), float("inf"), -math.inf, -1, 0, 0.5, 1.5, 1e300, 1e-300, 5e-324, 10**400, -(10**400), [], [1, "a"], [[1], [1, 2]], {}, object(),
    1j, b"1", np.array([]), np.array(["a"]), np.float64("nan"), Decimal("NaN"), Fraction(1, 3), "1e999999999", "1/0", range(3), lambda: 1,
]
PLAN = Plan.of(20, 1)
GROUP = coverage.Group(100, 10)
LOOKS = sequential.plan([100, 200], "98%")
SCORES = [80.0, 90, 70, 85]
CALLS: list[tuple[Callable[..., Any], list[Any]]] = [
    *((method, [98, 100, 0.95]) for method in (
        intervals.wilson, intervals.wilson_cc, intervals.clopper_pearson, intervals.jeffreys, intervals.agresti_coull, intervals.mid_p, intervals.blaker,
        intervals.lower_bound, intervals.upper_bound,
    )),
    (intervals.interval, [98, 100, "wilson", 0.95]), (intervals.bound, [98, 100, "lower", "wilson", 0.95]), (intervals.zero_failure_bound, [20, 0.95]),
    (intervals.rule_of_three, [20]), (intervals.with_design_effect, [98, 100, 1.5, "wilson", 0.95]), (intervals.half_width, [100, 0.98, 0.95]),
    (intervals.finite_interval, [49, 50, 100, 0.95]), (intervals.finite_bound, [49, 50, 100, "lower", 0.95]),
    *((method, [9, 10, 3, 10, 0.95]) for method in (intervals.newcombe, intervals.agresti_caffo, intervals.miettinen_nurminen)),
    (intervals.difference, [9, 10, 3, 10, "newcombe", 0.95]), (intervals.score_test, [9, 10, 3, 10]), (intervals.fisher_test, [9, 10, 3, 10]),
    (intervals.mean_interval, [SCORES, 0.95]), (intervals.welch_interval, [80.0, 5.0, 10, 78.0, 6.0, 12, 0.95]),
    (lambda scores, conf, seed: intervals.bca_interval(scores, conf, seed=seed), [SCORES, 0.95, 1]),
    (target.judge, [98, 100, "98%", 0.95]), (target.judge_finite, [98, 100, 200, "98%", 0.95]), (target.reaches, [98, 100, "98%"]),
    (target.failures_allowed, [200, "98%", 0.95]), (target.batches_to_show, ["98%", 1, 0.95]), (target.batches_to_show_finite, [600, "98%", 1, 0.95]),
    (target.power, [200, "98%", 0.99, 0.95]), (target.size_for_power, ["90%", 0.97, 0.8, 0.95]), (sequential.spent, [0.5, 0.95, "pocock"]),
    (sequential.plan, [[100, 200], "98%", 0.95]), (sequential.judge, [LOOKS, [1, 2]]), (sequential.prospect, [LOOKS, 0.99]),
    (sequential.unplanned_error, [[100, 200], "98%", 0.95]),
    (size.for_margin, [0.98, 0.01, 0.95, 500, 1.0]), (size.for_half_width, [0.98, 0.01, 0.95, 1.0]), (size.for_two_rates, [0.98, 0.97, 0.05, 0.8]),
    (size.for_target, ["98%", 0, 0.95, 600]), (size.for_mean, [15.0, 1.0, 0.95, 500, 1.0]), (size.cluster_effect, [[1, 2], 0.2]),
    (size.weighting_effect, [[1, 2]]), (size.for_budget, [1e6, 600, 0.98, 0.0, 0.95]), (size.stratified_for_budget, [[10, 20], [1, 2], [1, 1], 10]),
    (size.batches_per_enterprise, [800, 200, 0.2]),
    (Plan.of, [20, 1, 2]), (acceptance.accept_probability, [PLAN, 0.01, "hypergeometric", 100]), (acceptance.aoq, [PLAN, 0.01, "binomial", 100]),
    (acceptance.aoql, [PLAN, 100]), (lambda plan, p, kind, lot: acceptance.asn(plan, p, kind, lot, curtailed=True), [PLAN, 0.01, "binomial", 100]),
    (acceptance.ati, [PLAN, 0.01, 100, "binomial"]), (acceptance.find_plan, [0.05, 0.95, 0.15, 0.075, "binomial"]), (acceptance.code_letter, [1000, "II"]),
    (acceptance.single_plan, ["J", "1.0", "normal"]), (acceptance.plan_for_lot, [1000, "1.0", "II", "normal"]), (acceptance.after_lots, ["AAR", "normal"]),
    (acceptance.read_table, [[["letter", "n", "1.0"], ["A", "5", "0"]]]), (acceptance.rejection_risk, [20, 0, 0.01]),
    (acceptance.verification, [20, 0, 0.001, 10]), (acceptance.verification_finite, [13, 1, 120, 3, 30]),
    (counting.rate_text, [98, 100, 2]), (counting.fraction_text, [Fraction(1, 3), 2]), (counting.points_text, ["98%", "97%", 2]),
    (lambda value, decimals: counting.bound_text(value, decimals, lower=True), [0.98, 2]),
    (lambda word: counting.count([counting.Sample("A1", [counting.Item("铅", word)])]), ["pass"]),
    (coverage.Group, [100, 10, 5]), (coverage.Quota, ["1/2", "1/4", 0]), (coverage.uncovered, [GROUP, 3]), (coverage.chance_all, [GROUP, 3]),
    (coverage.certain_draws, [GROUP, coverage.Quota("1/2")]), (coverage.draws_for_share, [GROUP, 0.95]), (coverage.draws_for_all, [GROUP, 0.95]),
    (lambda n, m, conf: coverage.smallest_n(n, m, conf=conf), [GROUP, 3, 0.95]),
    (lambda m, seed, plays: coverage.simulate(GROUP, m, seed=seed, replications=plays), [3, 1, 100]),
    (hypergeometric.at_most, [1, 3, 13, 120]), (hypergeometric.at_least, [1, 3, 13, 120]),
]


def numbers_of(answer: Any) -> list[float]:
    """Every number in an answer, however deep."""
    if isinstance(answer, np.ndarray | list | tuple):
        return [n for part in np.asarray(answer, dtype=object).ravel().tolist() for n in numbers_of(part)] if len(np.shape(answer)) else [float(answer)]
    return [float(answer)] if isinstance(answer, int | float | np.number) else []


@pytest.mark.parametrize(("call", "good"), CALLS, ids=lambda v: getattr(v, "__name__", "") if callable(v) else "")
def test_one_bad_value_is_refused_or_answered_honestly(call: Callable[..., Any], good: list[Any]) -> None:
    call(*good)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for position in range(len(good)):
            for bad in BAD:
                if isinstance(good[position], Plan | sequential.Plan):
                    continue
                arguments = [*good[:position], bad, *good[position + 1 :]]
                try:
                    answer = call(*arguments)
                except SamplingError as error:
                    assert str(error) and len(str(error)) < 2000
                else:
                    assert all(math.isfinite(n) for n in numbers_of(answer)), (position, bad, answer)

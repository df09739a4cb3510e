"""Sample sizes: enough and no more, checked by putting them back into what they promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from sampling import intervals, size
from sampling.errors import SamplingError

Z = float(norm.isf(0.025))


@settings(max_examples=60, deadline=None)
@given(p=st.floats(0.001, 0.999), margin=st.floats(0.001, 0.3), roster=st.none() | st.integers(2, 10**6))
def test_a_size_for_a_margin_reaches_it_and_one_fewer_does_not(p: float, margin: float, roster: int | None) -> None:
    n = size.for_margin(p, margin, roster=roster).n

    def reached(m: int) -> float:
        shrink = 1 if roster is None else (roster - m) / (roster - 1)
        return Z * float(p * (1 - p) / m * shrink) ** 0.5

    assert roster is None or n <= roster
    assert reached(n) <= margin * (1 + 1e-9)
    if n > 1:
        assert reached(n - 1) > margin * (1 - 1e-9)


@settings(max_examples=60, deadline=None)
@given(p=st.floats(0.001, 0.999), half=st.floats(0.001, 0.3))
def test_a_size_for_a_wilson_half_width_reaches_it_and_one_fewer_does_not(p: float, half: float) -> None:
    n = size.for_half_width(p, half).n
    assert intervals.half_width(n, p) <= half * (1 + 1e-9)
    if n > 1:
        assert intervals.half_width(n - 1, p) > half * (1 - 1e-9)


def test_two_rates_agree_with_statsmodels_without_its_pooling_and_turn_round() -> None:
    assert size.for_two_rates(0.97, 0.98).exact == pytest.approx(size.for_two_rates(0.98, 0.97).exact)
    n = size.for_two_rates(0.9, 0.95).n
    rng = np.random.default_rng(11)
    x1, x2 = rng.binomial(n, 0.9, 40_000), rng.binomial(n, 0.95, 40_000)
    _, p = intervals.score_test(x1, n, x2, n)
    assert abs(float(np.mean(p < 0.05)) - 0.8) < 0.015


def test_a_roster_taken_whole_is_the_most_that_is_asked() -> None:
    assert size.for_margin(0.5, 0.0001, roster=50).n == 50
    assert size.for_mean(15, 0.01, roster=50).n == 50
    assert size.for_margin(0.5, 0.05, roster=1).n == 1


def test_design_effects_multiply_and_weights_of_one_change_nothing() -> None:
    assert size.for_margin(0.98, 0.01, deff=2).exact == pytest.approx(2 * size.for_margin(0.98, 0.01).exact)
    assert size.cluster_effect([1, 1, 1], 0.5) == 1
    assert size.cluster_effect([4, 4], 1) == 4
    w = np.random.default_rng(2).lognormal(0, 0.5, 2000)
    assert size.weighting_effect(w) == pytest.approx(1 + w.var() / w.mean() ** 2)


def test_a_budget_is_never_overspent() -> None:
    found = size.for_budget(100_000, 333, 0.98, fixed=5_000)
    assert found.n * 333 + 5_000 + found.left == pytest.approx(100_000) and 0 <= found.left < 333
    with pytest.raises(SamplingError, match="不够一批"):
        size.for_budget(100, 333, 0.98)


def test_the_stratified_budget_is_spent_and_no_exchange_lowers_the_variance() -> None:
    N, S, c = np.array([400.0, 600, 50]), np.array([10.0, 20, 300]), np.array([4.0, 9, 2])
    n = size.stratified_for_budget(N, S, c, 1000)  # type: ignore[arg-type]
    assert float(n @ c) == pytest.approx(1000) and np.all(n <= N) and n[2] == 50

    def variance(m: np.ndarray) -> float:
        return float((N * (N - m) * S**2 / m).sum())

    for i, j in ((0, 1), (1, 0)):
        moved = n.copy()
        moved[i], moved[j] = moved[i] + 1 / c[i], moved[j] - 1 / c[j]
        assert variance(moved) > variance(n)
    assert size.stratified_for_budget([10, 10], [1, 1], [1, 1], 1e9).tolist() == [10, 10]


def test_sizes_for_a_target_are_those_of_the_verdict() -> None:
    assert [size.for_target(t) for t in ("98%", "99%", "99.8%")] == [149, 299, 1497]
    assert size.for_target("100%", roster=42) == 40  # one failing unit would be missed with a chance of 2/42
    with pytest.raises(SamplingError, match="小于 100%"):
        size.for_target("100%")
    with pytest.raises(SamplingError, match="名录 100"):
        size.for_target("98%", 3, roster=100)


BAD: list[tuple[Any, tuple[Any, ...]]] = [
    (size.for_margin, (0, 0.01)), (size.for_margin, (1, 0.01)), (size.for_margin, (0.98, 0)), (size.for_margin, (float("nan"), 0.1)),
    (size.for_margin, (0.98, 0.01, 95)), (size.for_margin, (0.98, 0.01, 0.95, 0)), (size.for_margin, (0.98, 0.01, 0.95, None, 0)),
    (size.for_margin, (0.5, 1e-12)), (size.for_half_width, (0.98, 0.5)), (size.for_half_width, (0.98, -0.1)),
    (size.for_two_rates, (0.98, 0.98)), (size.for_two_rates, (0.98, 1)), (size.for_two_rates, (0.97, 0.98, 0.05, 0.01)),
    (size.for_mean, (0, 1)), (size.for_mean, (1, float("inf"))), (size.cluster_effect, ([], 0.1)), (size.cluster_effect, ([0], 0.1)),
    (size.cluster_effect, ([1], 1.1)), (size.weighting_effect, ([1, 0],)), (size.for_budget, (1e6, 0, 0.98)), (size.for_budget, (1e6, 1, 0.98, -1)),
    (size.stratified_for_budget, ([1], [1, 2], [1], 5)), (size.stratified_for_budget, ([1], [0], [1], 5)), (size.batches_per_enterprise, (1, 1, 0)),
]


@pytest.mark.parametrize(("call", "arguments"), BAD)
def test_impossible_sizes_are_refused(call: Any, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(SamplingError):
        call(*arguments)

"""Differences of rates and means."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sampling import intervals
from sampling.errors import SamplingError
from sampling.intervals import differences

METHODS = tuple(differences.METHODS)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=30, deadline=None)
@given(n1=st.integers(1, 500), n2=st.integers(1, 500), data=st.data())
def test_a_difference_lies_inside_and_turns_with_the_groups(method: str, n1: int, n2: int, data: st.DataObject) -> None:
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    d, low, high = (float(v) for v in intervals.difference(x1, n1, x2, n2, method))
    assert -1 <= low < high <= 1
    if method != "agresti-caffo":  # its centre is shrunk
        assert low <= d + 1e-12 and d <= high + 1e-12
    turned = [float(v) for v in intervals.difference(x2, n2, x1, n1, method)]
    assert turned == pytest.approx([-d, -high, -low], abs=1e-9)


@pytest.mark.parametrize("cell", [(980, 1000, 970, 1000), (56, 70, 48, 80), (10, 10, 0, 20), (0, 30, 1, 20), (5, 5, 5, 5), (3, 3, 200, 201)])
def test_the_score_limits_solve_the_score_equation_found_by_search(cell: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = cell
    d, low, high = (float(v) for v in intervals.miettinen_nurminen(*cell))

    def score(delta: float) -> float:  # constrained likelihood maximised by search, not by the cubic
        p2 = np.linspace(max(0, -delta), min(1, 1 - delta), 200_001)
        likelihood = stats.binom.logpmf(x1, n1, p2 + delta) + stats.binom.logpmf(x2, n2, p2)
        q = p2[int(np.argmax(likelihood))]
        v = ((q + delta) * (1 - q - delta) / n1 + q * (1 - q) / n2) * (n1 + n2) / (n1 + n2 - 1)
        return float((d - delta) / v**0.5)

    if low > -1:
        assert score(low) == pytest.approx(stats.norm.isf(0.025), rel=2e-3)
    if high < 1:
        assert score(high) == pytest.approx(-stats.norm.isf(0.025), rel=2e-3)


def test_newcombe_covers_near_98_percent_by_enumeration() -> None:
    n1, n2, p1, p2 = 150, 120, 0.98, 0.97
    x1, x2 = np.meshgrid(np.arange(n1 + 1), np.arange(n2 + 1), indexing="ij")
    chance = stats.binom.pmf(x1, n1, p1) * stats.binom.pmf(x2, n2, p2)
    for method, least in (("newcombe", 0.94), ("newcombe-cc", 0.95), ("miettinen-nurminen", 0.94), ("agresti-caffo", 0.95)):
        _, low, high = intervals.difference(x1, n1, x2, n2, method)
        assert chance[(low <= p1 - p2) & (p1 - p2 <= high)].sum() >= least


def test_groups_without_any_failure_show_no_difference() -> None:
    z, p = intervals.score_test([10, 0], [10, 7], [20, 0], [20, 9])
    assert z.tolist() == [0, 0] and p.tolist() == [1, 1]
    assert intervals.fisher_test(10, 10, 20, 20) == 1


def test_bad_pairs_are_refused_by_name() -> None:
    with pytest.raises(SamplingError, match="x2 不合法：5"):
        intervals.newcombe(1, 2, 5, 4)
    with pytest.raises(SamplingError, match="method"):
        intervals.difference(1, 2, 1, 2, "wald")
    with pytest.raises(SamplingError, match="形状"):
        intervals.newcombe([1, 1], [2, 2], [1, 1, 1], [2, 2, 2])
    with pytest.raises(SamplingError, match="conf"):
        intervals.miettinen_nurminen(1, 2, 1, 2, 1.0)


SCORES = [85.0, 90, 78, 92, 88, 76, 95, 81, 83, 87]


def test_means_agree_with_scipy() -> None:
    found = intervals.mean_interval(SCORES, 0.9)
    expected = stats.ttest_1samp(SCORES, 0).confidence_interval(0.9)
    assert (found.lower, found.upper) == pytest.approx((expected.low, expected.high), rel=1e-12)
    other = [70.0, 88, 91, 60, 75]
    a, b = np.array(SCORES), np.array(other)
    welch = intervals.welch_interval(a.mean(), a.std(ddof=1), a.size, b.mean(), b.std(ddof=1), b.size)
    theirs = stats.ttest_ind(a, b, equal_var=False)
    assert welch.df == pytest.approx(theirs.df) and (welch.lower, welch.upper) == pytest.approx(tuple(theirs.confidence_interval(0.95)))


def test_the_bootstrap_is_repeated_by_its_seed_and_is_not_symmetric_on_skewed_scores() -> None:
    skewed = [100, 100, 100, 98, 97, 95, 90, 80, 60, 20, 100, 99]
    first, again, other = (intervals.bca_interval(skewed, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    assert first.lower == pytest.approx(other.lower, abs=1.5)
    assert first.mean - first.lower > 1.2 * (first.upper - first.mean)
    assert first.upper < 100


def test_the_bootstrap_agrees_with_an_own_computation_of_bca() -> None:
    scores = np.array([94.0, 197, 16, 38, 99, 141, 23])
    n, rng = scores.size, np.random.default_rng(9)
    means = np.sort(scores[rng.integers(0, n, (60_000, n))].mean(axis=1))
    z0 = stats.norm.ppf((np.sum(means < scores.mean()) + 0.5 * np.sum(means == scores.mean())) / means.size)
    left_out = (scores.sum() - scores) / (n - 1)
    spread = left_out.mean() - left_out
    a = (spread**3).sum() / (6 * (spread**2).sum() ** 1.5)
    z = stats.norm.ppf([0.05, 0.95])
    ends = np.quantile(means, stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z))))
    found = intervals.bca_interval(scores, 0.9, seed=4, resamples=20_000)
    assert (found.lower, found.upper) == pytest.approx(tuple(ends), rel=0.02)


@pytest.mark.parametrize(
    ("scores", "named"), [([80.0], "至少 2"), ([80.0, 80.0], "全部等于"), ([80, float("nan")], "nan"), ([[80, 81]], "一维"), (["a", "b"], "不是数值")]
)
def test_scores_without_an_honest_interval_are_refused(scores: Any, named: str) -> None:
    for call in (intervals.mean_interval, lambda s: intervals.bca_interval(s, seed=1)):
        with pytest.raises(SamplingError, match=named):
            call(scores)


@pytest.mark.parametrize("cell", [(1, 2, 1, 1, 2, 5), (1, -2, 5, 1, 2, 5), (1, 0, 5, 2, 0, 5), (float("nan"), 1, 5, 2, 1, 5), (1, 2, 5, 1, 2, 5.5)])
def test_summaries_without_an_honest_interval_are_refused(cell: tuple[float, ...]) -> None:
    with pytest.raises(SamplingError):
        intervals.welch_interval(*cell)  # type: ignore[arg-type]


def test_bootstrap_needs_a_seed_and_enough_resamples() -> None:
    with pytest.raises(SamplingError, match="seed"):
        intervals.bca_interval(SCORES, seed=-1)
    with pytest.raises(SamplingError, match="resamples"):
        intervals.bca_interval(SCORES, seed=1, resamples=10)
    with pytest.raises(SamplingError, match="resamples"):
        intervals.bca_interval(SCORES, seed=1, resamples=10**9)


def test_a_bootstrap_whose_means_hardly_vary_is_refused() -> None:
    with pytest.raises(SamplingError, match="自助法"):
        intervals.bca_interval([80.0, 81.0], 1e-9, seed=1, resamples=999)

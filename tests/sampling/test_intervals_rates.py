"""Intervals for one rate: promises kept by exact enumeration, extremes, refusals."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from sampling import intervals
from sampling.errors import SamplingError

EXACT = ("clopper-pearson", "blaker")
ALL = tuple(intervals.METHODS)


def all_counts(n: int, method: str, conf: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    low, high = intervals.interval(np.arange(n + 1), np.full(n + 1, n), method, conf)
    return low, high


def coverage(n: int, p: float, low: np.ndarray, high: np.ndarray) -> float:
    k = np.arange(n + 1)
    return float(binom.pmf(k, n, p)[(low <= p) & (p <= high)].sum())


@pytest.mark.parametrize("method", EXACT)
@pytest.mark.parametrize("n", [1, 2, 5, 13, 50, 200])
def test_an_exact_interval_covers_at_least_as_often_as_promised(method: str, n: int) -> None:
    low, high = all_counts(n, method)
    just_inside = np.concatenate([low[low > 0] - 1e-9, high[high < 1] + 1e-9])  # where coverage is lowest
    rates = np.concatenate([np.linspace(0.001, 0.999, 199), just_inside])
    assert min(coverage(n, float(p), low, high) for p in rates if 0 < p < 1) >= 0.95 - 1e-9


def test_the_published_coverage_near_98_percent_is_found_again() -> None:
    rates = np.linspace(0.97, 0.999, 59)
    worst = {m: min(coverage(200, float(p), *all_counts(200, m)) for p in rates) for m in ("wilson", "jeffreys", "clopper-pearson")}
    assert worst["clopper-pearson"] >= 0.95
    assert 0.90 <= worst["wilson"] <= 0.93 and 0.87 <= worst["jeffreys"] <= 0.91


@pytest.mark.parametrize("method", ALL)
@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 3000), data=st.data(), conf=st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_ends_are_ordered_symmetric_and_rise_with_the_count(method: str, n: int, data: st.DataObject, conf: float) -> None:
    x = data.draw(st.integers(0, n))
    low, high = (float(v) for v in intervals.interval(x, n, method, conf))
    assert 0 <= low < high <= 1 and low <= x / n + 1e-12 and high >= x / n - 1e-12
    mirrored = [float(v) for v in intervals.interval(n - x, n, method, conf)]
    assert mirrored == pytest.approx([1 - high, 1 - low], abs=1e-12)
    if x < n:
        low_next, high_next = (float(v) for v in intervals.interval(x + 1, n, method, conf))
        assert low_next >= low - 1e-12 and high_next >= high - 1e-12
    wider = [float(v) for v in intervals.interval(x, n, method, (1 + conf) / 2)]
    assert wider[0] <= low + 1e-12 and wider[1] >= high - 1e-12


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize(("x", "n"), [(0, 1), (1, 1), (0, 20), (149, 149), (998, 1000), (9_980_000, 10**7), (0, 10**7), (10**7, 10**7), (1, 10**7)])
def test_extremes_have_width_and_hold_the_rate(method: str, x: int, n: int) -> None:
    low, high = (float(v) for v in intervals.interval(x, n, method))
    assert 0 <= low < high <= 1 and low <= x / n <= high
    assert (low == 0) if x == 0 else (low > 0 or method in ("wilson-cc", "agresti-coull"))
    assert (high == 1) if x == n else (high < 1 or method in ("wilson-cc", "agresti-coull"))


def test_agreement_with_scipy_cell_by_cell() -> None:
    rng = np.random.default_rng(5)
    n = rng.integers(1, 400, 60)
    x = rng.binomial(n, 0.95)
    for mine, theirs in (("clopper-pearson", "exact"), ("wilson", "wilson"), ("wilson-cc", "wilsoncc")):
        low, high = intervals.interval(x, n, mine)
        for i in range(60):
            expected = binomtest(int(x[i]), int(n[i])).proportion_ci(method=theirs)
            assert (low[i], high[i]) == pytest.approx((expected.low, expected.high), abs=1e-11)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 12, 30])
def test_blaker_is_the_hull_of_a_fine_scan_of_acceptability(n: int) -> None:
    grid = np.linspace(0, 1, 20001)
    below, above = (f(np.arange(n + 1)[:, None], n, grid[None, :]) for f in (binom.cdf, lambda k, m, p: binom.sf(k - 1, m, p)))
    low, high = all_counts(n, "blaker")
    for x in range(n + 1):
        smaller = np.minimum(below[x], above[x])
        other = np.where(above[x] <= below[x], np.max(np.where(below <= above[x] + 1e-13, below, 0), axis=0), np.max(np.where(above <= below[x] + 1e-13, above, 0), axis=0))
        kept = grid[np.minimum(smaller + other, 1) > 0.05]
        assert low[x] <= kept[0] + 1e-9 and kept[0] - low[x] < 1e-4
        assert high[x] >= kept[-1] - 1e-9 and high[x] - kept[-1] < 1e-4


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 60), data=st.data())
def test_one_sided_bounds_solve_their_equation_exactly(n: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(1, n))
    bound = Fraction(float(intervals.lower_bound(x, n, 0.9)))
    tail = sum(comb(n, k) * bound**k * (1 - bound) ** (n - k) for k in range(x, n + 1))
    assert float(tail) == pytest.approx(0.1, rel=1e-9)
    assert float(intervals.upper_bound(n - x, n, 0.9)) == pytest.approx(float(1 - bound), abs=1e-12)


def test_a_two_sided_interval_of_90_percent_has_the_one_sided_ends_of_95() -> None:
    for method in intervals.ONE_SIDED:
        low, high = intervals.interval(98, 100, method, 0.9)
        assert float(intervals.bound(98, 100, "lower", method, 0.95)) == pytest.approx(float(low), abs=1e-13)
        assert float(intervals.bound(98, 100, "upper", method, 0.95)) == pytest.approx(float(high), abs=1e-13)


def test_zero_failures_are_bounded_exactly_and_the_hint_stays_below() -> None:
    n = np.arange(4, 2000)
    exact = intervals.zero_failure_bound(n)
    assert np.allclose(exact, intervals.lower_bound(n, n), atol=1e-13)
    assert np.all(intervals.rule_of_three(n) < exact)
    assert float(intervals.rule_of_three(1)) == -2 and float(intervals.zero_failure_bound(1)) == pytest.approx(0.05)


def test_a_hundred_thousand_cells_are_one_call_of_any_shape() -> None:
    rng = np.random.default_rng(1)
    n = rng.integers(1, 5000, (400, 250))
    x = rng.binomial(n, 0.98)
    low, high = intervals.clopper_pearson(x, n)
    assert low.shape == high.shape == (400, 250)
    at = (17, 201)
    assert (low[at], high[at]) == tuple(float(v) for v in intervals.clopper_pearson(int(x[at]), int(n[at])))


def test_a_design_effect_widens_and_one_is_none() -> None:
    for method in ("clopper-pearson", "wilson", "jeffreys", "agresti-coull"):
        size, low, high = intervals.with_design_effect(98, 100, 1.0, method)
        assert (float(size), float(low), float(high)) == pytest.approx((100, *map(float, intervals.interval(98, 100, method))), abs=1e-13)
        _, wide_low, wide_high = intervals.with_design_effect([98, 98], 100, [1.5, 3], method)
        assert np.all(wide_low < low) and np.all(wide_high >= high) and wide_low[1] < wide_low[0]


WRONG: list[tuple[Any, Any, str]] = [
    (5, 4, "x 不合法：5"), (-1, 4, "x 不合法：-1"), (1.5, 4, "x 不合法：1.5"), (1, 0, "n 不合法：0"), (float("nan"), 4, "nan"), (1, float("inf"), "inf"),
    ("1", 4, "x 不是数值"), (True, 4, "x 不是数值"), (None, 4, "x 不是数值"), ([1, 2], [3, 4, 5], "形状不一致"), ([[1], [1, 2]], 4, "长短不一"),
    ([1, 2, 9], [5, 5, 5], r"\[2\]=9"), (10**30, 10**31, "不是数值|不合法"),
]


@pytest.mark.parametrize(("x", "n", "named"), WRONG)
@pytest.mark.parametrize("method", ALL)
def test_bad_counts_are_refused_by_value(method: str, x: Any, n: Any, named: str) -> None:
    with pytest.raises(SamplingError, match=named):
        intervals.interval(x, n, method)


@pytest.mark.parametrize("conf", [0, 1, 95, -0.5, float("nan"), float("inf"), True, "0.95", None, 10**400])
def test_a_confidence_outside_its_range_is_refused(conf: Any) -> None:
    for call in (intervals.wilson, intervals.clopper_pearson, intervals.blaker, intervals.lower_bound, intervals.mid_p):
        with pytest.raises(SamplingError, match="conf"):
            call(1, 2, conf)


def test_unknown_words_and_impossible_forms_are_refused() -> None:
    with pytest.raises(SamplingError, match=r"wald.*wilson"):
        intervals.interval(1, 2, "wald")
    with pytest.raises(SamplingError, match="side"):
        intervals.bound(1, 2, "both")
    with pytest.raises(SamplingError, match="blaker"):
        intervals.bound(1, 2, "lower", "blaker")
    with pytest.raises(SamplingError, match="mid-P"):
        intervals.bound(1, 2, "lower", "mid-p", 0.4)
    with pytest.raises(SamplingError, match="形状"):
        intervals.with_design_effect([1, 1], [2, 2], [1, 2, 3])
    for deff in (0, -1, float("nan")):
        with pytest.raises(SamplingError, match="deff"):
            intervals.with_design_effect(1, 2, deff)


def test_no_interval_without_width_is_ever_given() -> None:
    with pytest.raises(SamplingError, match="没有宽度"):
        intervals.wilson(333_333, 10**6, 2.3e-16)
    with pytest.raises(SamplingError, match="过近"):
        intervals.wilson(1, 2, 1e-17)

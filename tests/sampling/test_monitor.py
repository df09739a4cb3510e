"""Monitoring: the city of eleven counties, exact limits, thresholds, signals and funnels against exact counting."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from sampling import monitor
from sampling.errors import SamplingError
from sampling.monitor.funnel import mid_p_z
from tests.golden import make_monitoring

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent.parent / "golden" / "monitoring.json").read_text(encoding="utf-8"))

COUNTIES = "ABCDEFGHIJK"
TESTED = [210, 340, 560, 415, 980, 150, 620, 505, 780, 290, 450]
FAILED = [2, 6, 14, 9, 17, 7, 11, 24, 15, 0, 8]


# --- funnel -----------------------------------------------------------------------------------------------------------


def test_the_funnel_of_eleven_counties_says_what_its_journey_states() -> None:
    found = monitor.funnel(FAILED, TESTED)
    at = dict(zip(COUNTIES, range(11), strict=True))
    assert found.target == pytest.approx(113 / 5300) and round(found.phi, 2) == 2.65
    wide, narrow = (found.limits(np.array(TESTED), level) for level in (0.998, 0.95))
    assert round(wide[1][at["H"]] * 505) == 22 and round(narrow[1][at["F"]] * 150, 2) == 6.65
    assert [c for c in COUNTIES if found.outside(0.998)[at[c]]] == ["H"]
    assert [c for c in COUNTIES if found.outside(0.95)[at[c]]] == ["F", "H", "J"]
    assert found.rates[at["J"]] == 0 < narrow[0][at["J"]]
    assert round(float(found.z[at["H"]]), 2) == 3.53 and found.p < 0.01


def test_with_overdispersion_allowed_for_only_the_worst_county_stays_outside_the_inner_limits() -> None:
    found = monitor.funnel(FAILED, TESTED, model="multiplicative")
    assert round(float(found.adjusted_z[7]), 2) == 2.17
    assert not found.outside(0.998).any() and found.outside(0.95)[7]
    assert found.model == "multiplicative"


def test_between_region_variance_is_that_of_the_random_effects_model_of_statsmodels() -> None:
    from statsmodels.stats.meta_analysis import combine_effects

    n, x = np.array(TESTED), np.array(FAILED)
    p = x.sum() / n.sum()
    theirs = combine_effects(x / n, p * (1 - p) / n, method_re="dl")
    ours = monitor.funnel(x, n, model="additive")
    assert ours.tau2 == pytest.approx(theirs.tau2, rel=1e-9) and ours.tau2 > 0
    assert np.all(np.abs(ours.adjusted_z) < np.abs(monitor.funnel(x, n).z))


@pytest.mark.parametrize("name", GOLDEN["funnels"])
def test_scores_overdispersion_and_variance_between_regions_are_those_of_exact_sums(name: str) -> None:
    case = GOLDEN["funnels"][name]
    x, n = (list(column) for column in zip(*case["cells"], strict=True))
    found = monitor.funnel(x, n, model="additive")
    assert found.z.tolist() == pytest.approx(case["z"], abs=1e-9)
    assert (found.phi, found.tau2) == (pytest.approx(case["phi"], rel=1e-9), pytest.approx(case["tau2"], rel=1e-9, abs=1e-15))


def test_regions_that_differ_only_by_chance_are_not_called_overdispersed() -> None:
    rng = np.random.default_rng(4)
    n = rng.integers(200, 3000, 40)
    small = [monitor.funnel(rng.binomial(n, 0.03), n).p < 0.05 for _ in range(400)]
    assert 0.01 < np.mean(small) < 0.09
    widened = monitor.funnel(rng.binomial(n, 0.03), n, model="multiplicative")
    assert np.all(np.abs(widened.adjusted_z) <= np.abs(widened.z) + 1e-12)  # never narrower than without


def test_the_smallest_regions_do_not_break_the_chart() -> None:
    low, high = monitor.limits(0.02, np.array([1, 2, 290, 10**7]))
    assert np.all((low >= 0) & (low <= 0.02) & (high >= low) & (high <= 1))
    found = monitor.funnel([0, 1, 0], [1, 1, 290])
    assert np.isfinite(found.z).all()


@given(st.integers(1, 4000), st.floats(0.001, 0.999), st.sampled_from([0.95, 0.998]))
def test_interpolated_limits_lie_where_the_exact_tail_is_crossed(n: int, target: float, level: float) -> None:
    low, high = (float(v) for v in monitor.limits(target, n, level))
    tail = (1 - level) / 2
    assert 0 <= low <= high <= 1
    if low > 0:
        assert binom.cdf(math.ceil(low * n - 1e-9) - 1, n, target) <= tail + 1e-9
    if high < 1:
        assert binom.cdf(math.ceil(high * n - 1e-9), n, target) >= 1 - tail - 1e-9


@given(st.integers(1, 500), st.floats(0.005, 0.995), st.data())
def test_mid_p_scores_mirror_when_passing_and_failing_change_places(n: int, rate: float, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, n))
    one, other = mid_p_z(np.array([x]), np.array([n]), rate)[0], mid_p_z(np.array([n - x]), np.array([n]), 1 - rate)[0]
    assert one == pytest.approx(-other, abs=1e-6) and np.isfinite(one)


# --- charts -----------------------------------------------------------------------------------------------------------


def test_laney_is_the_p_chart_when_periods_vary_as_they_should() -> None:
    rng = np.random.default_rng(6)
    n = np.full(4000, 900)
    chart = monitor.laney(rng.binomial(n, 0.02), n)
    assert chart.sigma_z == pytest.approx(1, abs=0.03)
    wild = monitor.laney(rng.binomial(n, rng.uniform(0.01, 0.05, 4000)), n)
    assert wild.sigma_z > 1.8 and wild.outside.mean() < 0.05 < monitor.p_chart(rng.binomial(n, rng.uniform(0.01, 0.05, 4000)), n).outside.mean()


def test_ewma_with_full_weight_is_the_p_chart_about_its_target_and_its_limits_hold() -> None:
    x, n = [23, 31, 19, 28], [1000, 1200, 900, 1100]
    chart = monitor.ewma(x, n, 0.02, weight=1)
    assert chart.rates.tolist() == pytest.approx([a / b for a, b in zip(x, n, strict=True)])
    assert chart.upper.tolist() == pytest.approx([0.02 + 3 * math.sqrt(0.02 * 0.98 / b) for b in n])
    rng = np.random.default_rng(9)
    n = rng.integers(500, 2000, 12)
    ends = np.array([monitor.ewma(rng.binomial(n, 0.02), n, 0.02).rates[-1] for _ in range(4000)])
    assert ends.std() * 3 == pytest.approx(monitor.ewma(np.zeros(12, dtype=int), n, 0.02).upper[-1] - 0.02, rel=0.05)


@pytest.mark.parametrize("case", GOLDEN["thresholds"], ids=lambda c: f"{c['n']} batches, {c['p0']} to {c['p1']}")
def test_a_simulated_threshold_is_the_one_of_the_exact_calculation(case: dict[str, Any]) -> None:
    found = monitor.threshold(case["n"], case["p0"], case["p1"], run_length=case["wanted"], runs=4000)
    exact = make_monitoring.run_length(case["n"], case["p0"], case["p1"], found.h)
    assert exact == pytest.approx(case["run_length"], rel=1e-4)  # the same step but for values seldom attained: no smaller h would do
    assert found.run_length == pytest.approx(exact, abs=4 * found.error)
    assert case["one_step_lower"] < case["wanted"] <= found.run_length


def test_a_threshold_can_be_repeated_from_its_seed_and_grows_with_the_wait_asked_for() -> None:
    first, again = (monitor.threshold(300, 0.02, 0.04, runs=800) for _ in range(2))
    assert first == again and first.seed == 20260101
    assert monitor.threshold(300, 0.02, 0.04, run_length=80, runs=800).h > first.h
    assert monitor.threshold(300, 0.02, 0.04, runs=800, seed=1).h == pytest.approx(first.h, rel=0.2)
    seasonal = monitor.threshold([150, 300, 450, 300], 0.02, 0.04, runs=800)
    assert seasonal.run_length >= 40


def test_a_real_rise_is_noticed_far_sooner_than_a_false_alarm_would_come() -> None:
    h = monitor.threshold(250, 0.02, 0.04, run_length=40, runs=2000).h
    rng = np.random.default_rng(12)
    waits = [monitor.cusum(rng.binomial(250, 0.04, 60), [250] * 60, 0.02, 0.04, h).first_alarm for _ in range(300)]
    assert min(waits) > 0 and np.mean(waits) < 5


# --- tests of many groups ---------------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_adjusted_values_keep_the_order_and_holm_is_never_below_bh(p: list[float]) -> None:
    bh, holm = monitor.adjusted(p), monitor.adjusted(p, "holm")
    assert np.all(bh >= np.array(p) - 1e-15) and np.all(holm >= bh - 1e-12) and holm.max() <= 1
    order = np.argsort(p, kind="stable")
    assert np.all(np.diff(bh[order]) >= -1e-15) and np.all(np.diff(holm[order]) >= -1e-15)


def test_homogeneity_of_two_groups_is_the_trend_over_two_periods() -> None:
    x, n = [970, 985], [1000, 1000]
    assert monitor.homogeneity(x, n).chi2 == pytest.approx(monitor.trend(x, n).chi2)


# --- signals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", GOLDEN["signals"], ids=lambda c: c["name"])
def test_tails_and_adjusted_tails_are_those_of_counting_all_ways(case: dict[str, Any]) -> None:
    rows = monitor.scan({i: tuple(cell) for i, cell in enumerate(case["cells"])}, model=case["model"]).rows
    found = {row.cell: row for row in rows}
    assert [found[i].p for i in range(len(found))] == pytest.approx(case["p"], rel=1e-10)
    assert [found[i].q for i in range(len(found))] == pytest.approx(case["q"], rel=1e-10)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 30)), min_size=2, max_size=8))
def test_the_tail_of_any_cell_is_that_of_counting_all_ways(pairs: list[tuple[int, int]]) -> None:
    cells = [[bad, bad + good + 1] for bad, good in pairs]
    found = {row.cell: row.p for row in monitor.scan(dict(enumerate(cells))).rows}
    assert [found[i] for i in range(len(cells))] == pytest.approx(make_monitoring.counted(cells), rel=1e-9)


def test_a_network_without_clusters_seldom_gives_a_signal_and_a_planted_one_is_found() -> None:
    rng = np.random.default_rng(21)
    false = planted = 0
    for _ in range(120):
        cells = {k: (int(rng.binomial(40, 0.02)), 40) for k in range(80)}
        false += bool(monitor.scan(cells).signals)
        planted += [s.cell for s in monitor.scan({**cells, 7: (9, 40)}).signals] == [7]
    assert false <= 0.05 * 120 + 3 * math.sqrt(120 * 0.05 * 0.95)
    assert planted >= 115


def test_a_cell_is_compared_with_its_own_item_and_the_number_of_cells_stands_beside_it() -> None:
    cells = {("毒死蜱", p): (12, 40) for p in range(8)} | {("铅", p): (0, 40) for p in range(40)}
    assert len(monitor.scan(cells).signals) == 8
    within = monitor.scan(cells, within={cell: cell[0] for cell in cells})
    assert within.signals == [] and within.cells == 48
    assert monitor.tally([(("铅", 1), True), (("铅", 1), False)]) == {("铅", 1): (1, 2)}


def test_a_rest_without_failures_proves_nothing_by_itself() -> None:
    found = monitor.scan({"a": (1, 10), "b": (0, 10)})
    assert not found.signals and found.rows[0].p == pytest.approx(0.5)
    assert monitor.scan({"only": (5, 10)}).rows[0].p == 1


# --- standardised rates and orders ------------------------------------------------------------------------------------


def test_of_fifty_five_pairs_of_counties_two_may_be_put_in_order() -> None:
    assert [COUNTIES[o.i] + COUNTIES[o.j] for o in monitor.orders(FAILED, TESTED)] == ["HJ", "FJ"]


def test_a_region_with_the_standard_mix_keeps_its_rate() -> None:
    assert monitor.standardised([5, 20], [100, 300], [100, 300]).value == pytest.approx(25 / 400)
    with pytest.raises(SamplingError, match="第 2 类"):
        monitor.standardised([5, 0], [100, 1], [1, 1])
    assert monitor.standardised([5, 0], [100, 1], [1, 0]).value == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: monitor.limits(0.0, 10), "目标"),
        (lambda: monitor.limits(0.02, 0), "不小于 1"),
        (lambda: monitor.limits(0.02, 10, 95), "置信水平"),
        (lambda: monitor.funnel([1], [10]), "至少要有两个"),
        (lambda: monitor.funnel([0, 0], [10, 10]), "请给出目标"),
        (lambda: monitor.funnel([1, 2], [10, 10], model="x"), "可选 none"),
        (lambda: monitor.p_chart([0, 0], [10, 10]), "不能由它们定控制限"),
        (lambda: monitor.p_chart([3], [2]), "不大于 n"),
        (lambda: monitor.laney([1], [10]), "至少要有两期"),
        (lambda: monitor.laney([1, 1], [10, 10]), "完全相同"),
        (lambda: monitor.ewma([1], 10, 0.1, weight=0), "权重 weight"),
        (lambda: monitor.cusum([1], [10], 0.1, 0.1, 3), "相同"),
        (lambda: monitor.cusum([1], [10], 0.1, 0.2, float("nan")), "NaN"),
        (lambda: monitor.threshold(100, 0.02, 0.04, run_length=1), "2 到 1000"),
        (lambda: monitor.homogeneity([1], [2]), "至少要有两组"),
        (lambda: monitor.homogeneity([0, 0], [2, 2]), "没有可比较的差别"),
        (lambda: monitor.trend([1, 2], [5, 5], [3, 3]), "全部相同"),
        (lambda: monitor.adjusted([0.5, 1.5]), "0 到 1"),
        (lambda: monitor.adjusted([0.5], "bonferroni"), "可选 bh"),
        (lambda: monitor.scan({}), "没有可扫描"),
        (lambda: monitor.scan({"a": (3, 2)}), "不合格数"),
        (lambda: monitor.scan({"a": (1, 2)}, within={}), "没有给组别"),
        (lambda: monitor.orders([1], [2]), "至少要有两个地区"),
        (lambda: monitor.standardised([1], [2], [0]), "全为 0"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_what_is_allowed(call: object, message: str) -> None:
    with pytest.raises(SamplingError, match=message):
        call()  # type: ignore[operator]

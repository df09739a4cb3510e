"""Design-based estimates: textbook identities, simulation of the whole draw, and refusals that name what is wrong."""

from __future__ import annotations

import hashlib
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import draw, estimate
from sampling.draw import Stratum
from sampling.errors import SamplingError

J2 = {"A": (7200, 144, 3), "B": (3600, 216, 11), "C": (900, 144, 20), "D": (300, 96, 30)}
J2_RULE = {name: Stratum("srs", n, population) for name, (population, n, _) in J2.items()}


def j2_units() -> list[tuple[str, int]]:
    return [(name, int(i < failing)) for name, (_, n, failing) in J2.items() for i in range(n)]


def test_the_joint_draw_gives_the_weighted_rate_that_its_journey_states() -> None:
    units = j2_units()
    design = estimate.of_draw(J2_RULE, [(name, 1) for name, _ in units])
    failing = design.rate([failed for _, failed in units])
    assert sum(failed for _, failed in units) / 600 == pytest.approx(0.1067, abs=5e-5)
    assert (round(failing.value, 4), round(failing.se, 5), failing.df, failing.n) == (0.0460, 0.00862, 596, 600)
    assert [round(v, 4) for v in failing.interval(method="logit_t")] == [0.0318, 0.0662]
    low, high = failing.interval()
    assert low < 0.0318 and high == pytest.approx(0.0662, abs=2e-4)


def test_a_draw_in_four_strata_is_the_same_from_units_and_from_totals() -> None:
    units = j2_units()
    by_unit = estimate.of_draw(J2_RULE, [(name, 1) for name, _ in units]).rate([failed for _, failed in units])
    by_total = estimate.stratified_rate(*zip(*J2.values(), strict=True))
    assert (by_unit.df, by_unit.n, by_unit.census) == (by_total.df, by_total.n, by_total.census)
    assert by_unit.value == pytest.approx(by_total.value, rel=1e-13) and by_unit.se == pytest.approx(by_total.se, rel=1e-12)


def test_units_that_could_not_be_inspected_leave_the_stratum_its_weight() -> None:
    rule = {"A": Stratum("srs", 10, 100), "B": Stratum("srs", 5, 50)}
    design = estimate.of_draw(rule, [("A", 1)] * 8 + [("B", 1)] * 5)
    assert design.weights.tolist() == [12.5] * 8 + [10.0] * 5
    assert design.share.tolist() == pytest.approx([0.08] * 8 + [0.1] * 5)


def test_a_draw_without_any_inspected_unit_in_a_stratum_is_refused_by_name() -> None:
    with pytest.raises(SamplingError, match="B"):
        estimate.of_draw({"A": Stratum("srs", 2, 9), "B": Stratum("srs", 2, 9)}, [("A", 1)] * 2)
    with pytest.raises(SamplingError, match="规则中没有这些层：X"):
        estimate.of_draw({"A": Stratum("srs", 2, 9)}, [("A", 1), ("X", 1)])
    with pytest.raises(SamplingError, match="底册权重有 3 个"):
        estimate.of_draw({"A": Stratum("pareto", 2, 9)}, [("A", 1)] * 2, {"A": [1, 2, 3]})


def test_estimates_from_many_pareto_draws_are_unbiased_and_their_intervals_cover() -> None:
    rng = np.random.default_rng(11)
    size = np.concatenate([rng.integers(1, 40, 300), [900, 700]])
    failing = rng.random(size.size) < 0.05 + 0.25 * size / size.max()
    frame = {f"U{i}": int(w) for i, w in enumerate(size)}
    truth, rule, found, covered = float(failing.mean()), {"P": Stratum("pareto", 60, size.size)}, [], 0
    for k in range(500):
        seed = hashlib.sha256(f"pareto {k}".encode()).hexdigest()
        chosen = [id_ for _, id_ in draw.rank_pareto(seed, frame.items(), 60)[:60]]
        design = estimate.of_draw(rule, [("P", frame[i]) for i in chosen], {"P": list(frame.values())})
        rate = design.rate([bool(failing[int(i[1:])]) for i in chosen])
        found.append((rate.value, rate.se**2))
        low, high = rate.interval()
        covered += low <= truth <= high
    values, variances = np.array(found).T
    assert abs(values.mean() - truth) < 5 * values.std() / math.sqrt(500)
    assert 0.75 < variances.mean() / values.var() < 1.25
    assert covered >= 0.93 * 500


def test_units_taken_with_certainty_add_no_variance_and_no_degrees_of_freedom() -> None:
    design = estimate.of_draw({"P": Stratum("pareto", 4, 8)}, [("P", 100), ("P", 3), ("P", 3), ("P", 3)], {"P": [100, *[3] * 7]})
    assert design.share[0] == 1 and design.share[1:].tolist() == pytest.approx([3 / 7] * 3)
    assert design.rate([1, 0, 1, 0]).df == 2
    assert design.rate([1, 0, 0, 0]).se == 0 and design.rate([1, 0, 0, 0]).n_eff == 4


# --- limits -----------------------------------------------------------------------------------------------------------


def test_all_passing_clusters_give_the_exact_bound_and_never_a_hundred_to_a_hundred() -> None:
    design = estimate.design([3.0] * 60, clusters=[f"e{i // 3}" for i in range(60)])
    rate = design.rate([1] * 60)
    assert rate.se == 0 and rate.n_eff == 60 and rate.deff is None
    low, high = rate.interval()
    assert high == 1 and low == pytest.approx(0.025 ** (1 / 60), abs=1e-12)
    for method in ("wald_t", "logit_t", "wilson_t"):
        with pytest.raises(SamplingError, match="标准误为 0"):
            rate.interval(method=method)


def test_capping_never_narrows_and_only_binds_above_n() -> None:
    lucky, unlucky = estimate.Rate(0.98908, 0.00444, 73, 195), estimate.Rate(0.95, 0.03, 20, 195)
    assert lucky.n_eff_adjusted(capped=False) > 195 == lucky.n_eff_adjusted()
    assert lucky.interval()[0] < lucky.interval(capped=False)[0] and lucky.interval()[1] > lucky.interval(capped=False)[1]
    assert unlucky.interval() == unlucky.interval(capped=False)


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.2), st.integers(2, 500), st.integers(3, 2000))
def test_limits_hold_the_rate_mirror_its_complement_and_widen_with_confidence(p: float, se: float, df: int, n: int) -> None:
    rate = estimate.Rate(p, se, df, n)
    for method in ("korn_graubard", "logit_t", "wilson_t"):
        low, high = rate.interval(method=method)
        assert 0 <= low <= p <= high <= 1
        mirrored = rate.failing().interval(method=method)
        assert (1 - high, 1 - low) == (pytest.approx(mirrored[0], abs=1e-9), pytest.approx(mirrored[1], abs=1e-9))
        wider = rate.interval(0.99, method)
        if rate.n_eff < 30 or df < 8:  # below what may be published the correction for df can pull an end inwards
            continue
        assert wider[0] <= low + 1e-12 and wider[1] >= high - 1e-12


def test_one_sided_bounds_are_the_ends_of_the_two_sided_ninety_percent_interval() -> None:
    rate = estimate.stratified_rate([12000, 8000], [120, 80], [118, 77])
    assert rate.bounds(0.95) == rate.interval(0.9)
    with pytest.raises(SamplingError, match="单侧置信水平"):
        rate.bounds(0.4)


def test_a_complete_count_has_no_interval() -> None:
    rate = estimate.stratified_rate([5, 4], [5, 4], [5, 3])
    assert rate.value == pytest.approx(8 / 9) and rate.se == 0 and rate.census
    with pytest.raises(SamplingError, match="普查"):
        rate.interval()
    whole = estimate.design([1.0] * 4, population=4).mean([1.0, 2.0, 3.0, 4.0])
    assert whole.value == 2.5
    with pytest.raises(SamplingError, match="普查"):
        whole.interval()


def test_a_mean_without_variation_shows_no_interval_of_zero_width() -> None:
    with pytest.raises(SamplingError, match="标准误为 0"):
        estimate.stratified_mean([100], [10], [80], [0]).interval()


# --- designs ----------------------------------------------------------------------------------------------------------


def test_a_domain_keeps_the_design_and_filtering_first_would_not() -> None:
    rng = np.random.default_rng(3)
    strata, cluster = np.repeat([0, 1, 2], 40), np.repeat(np.arange(60), 2)
    y, meat = rng.integers(0, 2, 120), rng.random(120) < 0.3
    design = estimate.design(np.full(120, 5.0), strata, cluster)
    kept = design.rate(y, meat)
    filtered = estimate.design(np.full(int(meat.sum()), 5.0), strata[meat], cluster[meat]).rate(y[meat])
    assert kept.value == pytest.approx(filtered.value) and kept.n == filtered.n == meat.sum()
    assert kept.se != pytest.approx(filtered.se, rel=1e-6)
    assert kept.df == np.unique(cluster[meat]).size - np.unique(strata[meat]).size


def test_single_unit_strata_are_refused_with_their_names() -> None:
    with pytest.raises(SamplingError, match="永嘉县、洞头区"):
        estimate.design([1] * 5, ["鹿城区", "鹿城区", "鹿城区", "永嘉县", "洞头区"])
    with pytest.raises(SamplingError, match="甲"):
        estimate.design([1] * 4, ["甲", "甲", "乙", "乙"], ["e1", "e1", "e2", "e3"])
    with pytest.raises(SamplingError, match="第 2 层"):
        estimate.stratified_rate([10, 10], [5, 1], [5, 1])
    assert estimate.design([1] * 3, ["a", "a", "b"], population=[9, 9, 1]).rate([1, 0, 1]).df == 1  # a stratum of one, fully counted


def test_zero_weights_leave_the_estimate_but_not_the_design() -> None:
    design = estimate.design([2, 2, 2, 0], clusters=list("abcd"))
    rate = design.rate([1, 0, 1, 0])
    assert rate.value == pytest.approx(2 / 3) and rate.n == 3
    with pytest.raises(SamplingError, match="没有权重大于 0"):
        design.rate([1, 0, 1, 0], np.array([False, False, False, True]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: estimate.design([1, float("nan")]), "NaN"),
        (lambda: estimate.design([1, float("inf")]), "有限"),
        (lambda: estimate.design([1, -1]), r"\[1\]=-1"),
        (lambda: estimate.design([0, 0]), "不全为 0"),
        (lambda: estimate.design([]), "非空"),
        (lambda: estimate.design([1, 1], ["a"]), "层 strata 应有 2 个"),
        (lambda: estimate.design([1, 1], population=[1, 1]), "小于样本"),
        (lambda: estimate.design([1, 1], population=[5, 6]), "不一致"),
        (lambda: estimate.design([1, 1], shares=[0.5, 1.5]), "大于 0 且不大于 1"),
        (lambda: estimate.design([1, 1], population=9, shares=0.5), "只能给一个"),
        (lambda: estimate.design([1, 1]).rate([1, 2]), "0 或 1"),
        (lambda: estimate.design([1, 1]).mean([1, 2, 3]), "等长"),
        (lambda: estimate.design([1, 1]).mean([1, 2], [1, 0]), "真假值"),
        (lambda: estimate.stratified_rate([10], [11], [3]), "大于总体"),
        (lambda: estimate.stratified_rate([10], [5], [6]), "不大于 n"),
        (lambda: estimate.stratified_rate([], [], []), "非空"),
        (lambda: estimate.stratified_mean([10], [5], [1.0], [-1.0]), "标准差"),
        (lambda: estimate.Rate(0.9, 0.1, 5, 10).interval(95), "置信水平"),
        (lambda: estimate.Rate(0.9, 0.1, 5, 10).interval(method="wald"), "可选"),
        (lambda: estimate.Rate(0.9, 0.1, 0, 10).interval(), "自由度 0"),
        (lambda: estimate.expand([1], [0.0]), "入样概率"),
        (lambda: estimate.inclusion_probabilities([1, 0, 0], 2), "大于规模不为 0"),
        (lambda: estimate.shrink([1], [10]), "至少要有两个"),
        (lambda: estimate.adjust_for_nonresponse([1, 1], [True, False], ["a", "b"]), "没有一个单位完成检查：b"),
        (lambda: estimate.adjust_for_nonresponse([1, 1], [1, 0]), "真假值"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_what_is_allowed(call: object, message: str) -> None:
    with pytest.raises(SamplingError, match=message):
        call()  # type: ignore[operator]


def test_one_batch_per_enterprise_is_the_unclustered_design() -> None:
    rng = np.random.default_rng(5)
    y, strata, weights = rng.integers(0, 2, 90), np.repeat(list("abc"), 30), rng.uniform(1, 9, 90)
    alone = estimate.design(weights, strata).rate(y)
    named = estimate.design(weights, strata, [f"e{i}" for i in range(90)]).rate(y)
    assert alone == named


def test_totals_and_means_agree_where_the_population_is_known() -> None:
    design = estimate.design([10.0] * 8, list("aaaabbbb"), population=40)
    y = [1, 0, 1, 1, 0, 0, 1, 0]
    total, mean = design.total(y), design.mean(y)
    assert total.value == 40 and total.value / 80 == mean.value and total.se / 80 == pytest.approx(mean.se)


# --- weights ----------------------------------------------------------------------------------------------------------


def test_post_strata_that_explain_everything_leave_no_variance() -> None:
    group = np.tile(["a", "b"], 20)
    fitted = estimate.poststratify(estimate.design(np.full(40, 2.5)), group, {"a": 30, "b": 70})
    rate = fitted.rate((group == "a").astype(int))
    assert rate.value == pytest.approx(0.3) and rate.se < 1e-12


def test_weights_that_already_meet_the_margins_stay_and_groups_are_checked() -> None:
    design = estimate.design([10.0] * 4)
    assert estimate.poststratify(design, list("aabb"), {"a": 20, "b": 20}).weights.tolist() == [10.0] * 4
    with pytest.raises(SamplingError, match="没有给总数：b"):
        estimate.poststratify(design, list("aabb"), {"a": 20})
    with pytest.raises(SamplingError, match="没有单位，不能加权：c"):
        estimate.poststratify(design, list("aabb"), {"a": 20, "b": 20, "c": 1})
    with pytest.raises(SamplingError, match="合计不相等"):
        estimate.rake(design, [(list("aabb"), {"a": 20, "b": 20}), (list("xyxy"), {"x": 20, "y": 21})])
    with pytest.raises(SamplingError, match="不能同时满足"):
        estimate.rake(design, [(list("aabb"), {"a": 10, "b": 30}), (list("xxyy"), {"x": 20, "y": 20})])


def test_raking_meets_every_margin_and_on_one_margin_is_post_stratification() -> None:
    rng = np.random.default_rng(8)
    place, kind, y = rng.choice(list("abc"), 200), rng.choice(list("xy"), 200), rng.integers(0, 2, 200)
    design = estimate.design(rng.uniform(1, 5, 200), clusters=np.arange(200) // 2)
    fitted = estimate.rake(design, [(place, {"a": 300, "b": 200, "c": 100}), (kind, {"x": 250, "y": 350})])
    assert [round(float(fitted.weights[place == p].sum()), 6) for p in "abc"] == [300, 200, 100]
    assert [round(float(fitted.weights[kind == k].sum()), 6) for k in "xy"] == [250, 350]
    once = estimate.rake(design, [(place, {"a": 300, "b": 200, "c": 100})]).rate(y)
    post = estimate.poststratify(design, place, {"a": 300, "b": 200, "c": 100}).rate(y)
    assert once.value == pytest.approx(post.value) and once.se == pytest.approx(post.se)


def test_the_variance_after_raking_is_that_of_the_jackknife_and_of_repeated_samples() -> None:
    rng = np.random.default_rng(2)
    n_population = 4000
    place, kind = rng.choice(3, n_population, p=[0.5, 0.3, 0.2]), rng.choice(2, n_population, p=[0.6, 0.4])
    y = (rng.random(n_population) < 0.1 + 0.2 * place + 0.3 * kind).astype(int)
    margins = [(place, {k: int((place == k).sum()) for k in range(3)}), (kind, {k: int((kind == k).sum()) for k in range(2)})]

    def fitted(rows: np.ndarray, keep: np.ndarray | None = None) -> estimate.Design:
        weights = np.full(rows.size, n_population / rows.size)
        if keep is not None:
            weights = np.where(keep, weights * rows.size / (rows.size - 1), 0.0)
        return estimate.rake(estimate.design(weights), [(labels[rows], totals) for labels, totals in margins])

    samples = [rng.choice(n_population, 240, replace=False) for _ in range(300)]
    rates = [fitted(rows).rate(y[rows]) for rows in samples]
    empirical = np.var([rate.value for rate in rates]) / (1 - 240 / n_population)
    assert 0.85 < np.mean([rate.se**2 for rate in rates]) / empirical < 1.2
    rows = samples[0]
    left_out = [fitted(rows, np.arange(rows.size) != i).rate(y[rows]).value for i in range(rows.size)]
    jackknife = (rows.size - 1) / rows.size * ((np.array(left_out) - rates[0].value) ** 2).sum()
    assert rates[0].se ** 2 == pytest.approx(jackknife, rel=0.08)


def test_non_response_keeps_the_population_of_every_class_and_reports_low_rates() -> None:
    weights, answered = [10.0] * 10, np.array([True] * 3 + [False] * 2 + [True] * 4 + [False])
    found = estimate.adjust_for_nonresponse(weights, answered, ["小"] * 5 + ["大"] * 5)
    assert found.weights[:5].sum() == pytest.approx(50) and found.weights[5:].sum() == pytest.approx(50)
    assert found.rates == {"大": 0.8, "小": 0.6} and found.low == ["小"]
    assert estimate.design(found.weights, ["小"] * 5 + ["大"] * 5).rate([1] * 10).n == 7


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=40), st.data())
def test_inclusion_probabilities_add_up_to_n_and_agree_with_the_draw(sizes: list[int], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(sizes)))
    chance = estimate.inclusion_probabilities(sizes, n)
    assert chance.sum() == pytest.approx(n) and (chance >= 0).all() and (chance <= 1).all()
    rule = Stratum("pareto", n, len(sizes))
    if n:
        assert chance.tolist() == pytest.approx([draw.inclusion_probability(rule, w, sizes) for w in sizes], rel=1e-9)


# --- small areas and presentation -------------------------------------------------------------------------------------


def test_areas_that_do_not_differ_are_pooled_and_extremes_do_not_diverge() -> None:
    alike = estimate.shrink([2] * 8, [100] * 8)
    assert alike.pooled and alike.rates.tolist() == [0.02] * 8 and math.isinf(alike.alpha)
    assert estimate.shrink([0, 0, 0], [5, 6, 7]).rates.tolist() == [0.0] * 3
    assert estimate.shrink([5, 6], [5, 6]).rates.tolist() == [1.0] * 2
    apart = estimate.shrink([0, 1000], [1000, 1000])
    assert not apart.pooled and apart.rates[0] < 0.01 and apart.rates[1] > 0.99
    assert estimate.shrink([1, 1], [2, 3]).pooled  # closer than chance: rounding noise once passed for a difference


def test_the_prior_of_areas_of_very_different_size_is_known_to_nine_digits() -> None:
    found = estimate.shrink([2507, 8, 7458, 7, 9, 183], [122573, 357, 343641, 475, 331, 10172])
    assert found.alpha == pytest.approx(623.1931638800186, rel=1e-9)  # root of the derivatives with 30 digits, mpmath 1.4.1
    assert found.beta == pytest.approx(29455.91421456388, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 400)), min_size=3, max_size=12))
def test_shrunk_rates_lie_between_the_raw_rate_and_the_common_one(pairs: list[tuple[int, int]]) -> None:
    x, n = [a for a, _ in pairs], [a + b + 1 for a, b in pairs]
    found = estimate.shrink(x, n)
    assert np.isfinite(found.rates).all()
    if not found.pooled:
        centre = found.alpha / (found.alpha + found.beta)
        for raw, shrunk in zip(np.array(x) / np.array(n), found.rates, strict=True):
            assert min(raw, centre) - 1e-9 <= shrunk <= max(raw, centre) + 1e-9


def test_presentation_flags_follow_the_published_thresholds() -> None:
    assert estimate.flags(0.5, 0.4, 0.6, n=29, n_eff=29, df=28) == ["Px"]
    assert estimate.flags(0.5, 0.35, 0.65, n=100, n_eff=100, df=28) == ["Px"]
    assert estimate.flags(0.03, 0.01, 0.09, n=100, n_eff=100, df=28) == ["Px"]
    assert estimate.flags(0.97, 0.91, 0.99, n=100, n_eff=100, df=5) == ["Pc", "Pdf"]
    assert estimate.flags(1.0, 0.96, 1.0, n=100, n_eff=100, df=28) == ["P0"]
    assert estimate.flags_of_rate(estimate.stratified_rate([5], [5], [4])) == []
    assert set(estimate.LABELS) == {"Px", "Pc", "Pdf", "P0"}


def test_more_passing_units_never_lower_the_limits() -> None:
    limits = [estimate.stratified_rate([1000, 500], [50, 40], [x, 38]).interval() for x in range(40, 51)]
    assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(limits))

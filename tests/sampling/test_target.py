"""The verdict rule keeps its promise by exact enumeration; sizes and powers against brute force."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

from sampling import target
from sampling.errors import SamplingError
from sampling.target import Verdict

ALPHA = 0.05


def test_a_wrong_attained_is_never_likelier_than_five_percent() -> None:
    worst = 0.0
    for goal in ("90%", "98%", "99.8%"):
        rate = float(1 - Fraction(goal[:-1]) / 100)
        for n in [*range(1, 400), 560, 1000, 1497, 1500, 2240, 5000]:
            most = target.failures_allowed(n, goal)
            worst = max(worst, float(binom.cdf(most, n, rate)) if most >= 0 else 0.0)
    assert 0.049 < worst <= ALPHA  # the rule uses what it may


def test_a_wrong_not_attained_is_never_likelier_than_five_percent() -> None:
    for n in (1, 2, 13, 50, 149, 300, 560):
        counts = np.arange(n + 1)
        condemned = [target.judge(int(x), n, "98%").verdict is Verdict.NOT_ATTAINED for x in counts]
        assert binom.pmf(counts, n, 0.98)[condemned].sum() <= ALPHA


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 40), data=st.data(), goal=st.sampled_from(["0.5", "0.9", "0.95", "0.98"]), conf=st.sampled_from(["0.9", "0.95", "0.5", "0.75"]))
def test_verdicts_of_small_samples_are_those_of_exact_fractions(n: int, data: st.DataObject, goal: str, conf: str) -> None:
    x = data.draw(st.integers(0, n))
    t, alpha = Fraction(goal), 1 - Fraction(conf)
    pmf = [comb(n, k) * t**k * (1 - t) ** (n - k) for k in range(n + 1)]
    expected = Verdict.INCONCLUSIVE
    if sum(pmf[x:]) <= alpha:
        expected = Verdict.ATTAINED
    elif sum(pmf[: x + 1]) < alpha:
        expected = Verdict.NOT_ATTAINED
    assert target.judge(x, n, goal, float(conf)).verdict is expected


def test_a_bound_on_the_target_itself_attains_it() -> None:
    assert target.judge(1, 1, "0.05").verdict is Verdict.ATTAINED  # lower bound exactly 0.05
    assert target.judge(1, 1, "0.1", 0.9).verdict is Verdict.ATTAINED
    assert target.judge(2, 2, "0.5", 0.75).verdict is Verdict.ATTAINED
    assert target.judge(0, 1, "0.95").verdict is Verdict.INCONCLUSIVE  # upper bound exactly 0.95: not below it
    assert target.judge(0, 1, "0.950001").verdict is Verdict.NOT_ATTAINED
    assert target.judge_finite(1, 1, 20, "0.1").verdict is Verdict.ATTAINED  # one passing of twenty is seen with a chance of exactly 1/20
    assert target.batches_to_show_finite(20, "0.1") == 1


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 3000), goal=st.sampled_from(["90%", "98%", "99.8%"]))
def test_verdicts_only_improve_with_more_passes_and_agree_with_the_failures_allowed(n: int, goal: str) -> None:
    most = target.failures_allowed(n, goal)
    if most >= 0:
        assert target.judge(n - most, n, goal).verdict is Verdict.ATTAINED
    if most < n:
        assert target.judge(n - most - 1, n, goal).verdict is not Verdict.ATTAINED
    assert (target.batches_to_show(goal, max(most, 0)) or 0) <= n or most < 0


def test_the_batches_that_are_still_needed_are_enough_and_one_fewer_is_not() -> None:
    for passed, tested in ((16294, 16641), (600, 600), (98, 100), (0, 1)):
        needed = target.judge(passed, tested, "98%").batches_needed
        if target.judge(passed, tested, "98%").verdict is Verdict.INCONCLUSIVE:
            assert needed is not None
            assert target.judge(passed + needed, tested + needed, "98%").verdict is Verdict.ATTAINED
            assert target.judge(passed + needed - 1, tested + needed - 1, "98%").verdict is not Verdict.ATTAINED


def test_targeted_samples_are_never_judged() -> None:
    for x in (0, 149, 98):
        assert target.judge(x, 149, "98%", assessable=False).verdict is Verdict.NOT_ASSESSABLE
    assert target.judge_finite(50, 50, 50, "98%", assessable=False).verdict is Verdict.NOT_ASSESSABLE


def test_a_sample_too_small_to_show_the_target_says_so() -> None:
    assert not target.judge(148, 148, "98%").can_ever_show and target.judge(149, 149, "98%").can_ever_show
    assert target.judge(10**6, 10**6, "100%").batches_needed is None


def test_the_rounded_rate_never_decides() -> None:
    assert target.rate_text(195_990, 200_000) == "98.00%" and not target.reaches(195_990, 200_000, "98%")
    assert target.reaches(98, 100, 0.98)


@pytest.mark.parametrize(("goal", "truth", "level"), [("98%", 0.99, 0.8), ("98%", 0.995, 0.9), ("95%", 0.98, 0.8), ("90%", 0.97, 0.5)])
def test_the_first_and_the_settled_size_are_those_of_a_full_scan(goal: str, truth: float, level: float) -> None:
    found = target.size_for_power(goal, truth, level)
    n = np.arange(1, 3 * found.settled)
    alpha_rate = float(1 - Fraction(goal[:-1]) / 100)
    most = binom.ppf(ALPHA, n, alpha_rate).astype(int)
    most = np.where(binom.cdf(most, n, alpha_rate) <= ALPHA, most, most - 1)
    power = np.where(most >= 0, binom.cdf(most, n, 1 - truth), 0)
    assert found.n == n[np.argmax(power >= level)] and found.failures_allowed == most[found.n - 1]
    assert found.settled == n[np.flatnonzero(power < level)[-1]] + 1
    for tooth in found.neighbours:
        assert tooth.power == pytest.approx(power[tooth.n - 1], rel=1e-9) and tooth.failures_allowed == most[tooth.n - 1]


def test_published_powers_are_found_again() -> None:
    assert [round(target.power(1000, "98%", truth).power, 2) for truth in (0.99, 0.985)] == [0.79, 0.27]
    assert [target.size_for_power("98%", truth).n for truth in (0.995, 0.99, 0.985)] == [386, 969, 4318]
    assert [target.batches_to_show("99%", k) for k in (0, 1, 2, 5)] == [299, 473, 628, 1049]
    assert target.batches_to_show("99.8%") == 1497


@pytest.mark.parametrize("N", [1, 2, 5, 13, 60])
def test_finite_verdicts_are_wrong_no_more_often_than_promised(N: int) -> None:
    for n in {*range(1, min(N, 13) + 1), N // 2, N} - {0}:
        verdicts = [target.judge_finite(x, n, N, "90%").verdict for x in range(n + 1)]
        required = -(-9 * N // 10)
        for D in range(N + 1):
            chance = hypergeom.pmf(np.arange(n + 1), N, D, n)
            wrong = Verdict.NOT_ATTAINED if required <= D else Verdict.ATTAINED
            assert chance[[v is wrong for v in verdicts]].sum() <= ALPHA + 1e-12


def test_finite_sizes_are_the_smallest_that_show_the_target() -> None:
    for N, k in ((600, 0), (600, 3), (100, 0), (100, 1), (13, 0), (1, 0)):
        n = target.batches_to_show_finite(N, "98%", k)
        if n is None:
            assert target.judge_finite(N - k, N, N, "98%").verdict is Verdict.NOT_ATTAINED
            continue
        assert target.judge_finite(n - k, n, N, "98%").verdict is Verdict.ATTAINED
        if n - 1 > k:
            assert target.judge_finite(n - 1 - k, n - 1, N, "98%").verdict is not Verdict.ATTAINED


def test_the_roster_needs_fewer_batches_than_an_endless_population() -> None:
    endless = target.batches_to_show("98%")
    assert [target.batches_to_show_finite(N, "98%") for N in (100, 300, 600, 10**5, 10**7)] == [63, 104, 123, 149, 149]
    assert endless == 149


BAD: list[tuple[tuple[Any, ...], str]] = [
    ((5, 4, "98%"), "x"), ((-1, 4, "98%"), "x"), ((1, 0, "98%"), "n"), ((1.5, 4, "98%"), "1.5"), ((1, 2, 98), "98"), ((1, 2, 0), "目标"),
    ((1, 2, "九成"), "目标"), ((1, 2, float("nan")), "目标"), ((1, 2, "1e999999999"), "目标"), ((1, 2, "98%", 95), "conf"), ((1, 2, "98%", 1), "conf"),
    ((float("inf"), 4, "98%"), "inf"), (("1", 4, "98%"), "x"), ((1, 2, None), "目标"),
]


@pytest.mark.parametrize(("arguments", "named"), BAD)
def test_what_cannot_be_judged_is_refused_by_name(arguments: tuple[Any, ...], named: str) -> None:
    with pytest.raises(SamplingError, match=named):
        target.judge(*arguments)


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(SamplingError, match="真实合格率"):
        target.size_for_power("98%", 0.98)
    with pytest.raises(SamplingError, match="过近"):
        target.size_for_power("98%", 0.98001, 0.9)
    with pytest.raises(SamplingError, match="true_rate"):
        target.power(10, "98%", 1.2)
    with pytest.raises(SamplingError, match="名录数"):
        target.batches_to_show_finite(0, "98%")
    with pytest.raises(SamplingError, match="n"):
        target.failures_allowed(0, "98%")

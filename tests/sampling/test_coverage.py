"""Coverage against every possible course of small draws, and the simulation against the formulas."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import comb

import pytest

from sampling.coverage import (
    Group,
    Quota,
    certain_draws,
    chance_all,
    draws_for_all,
    draws_for_share,
    simulate,
    smallest_n,
    uncovered,
)
from sampling.errors import SamplingError

State = tuple[int, ...]  # per unit: draws since its last visit, 0 = never, counted up to 99


def takes(pool: list[int], n: int) -> list[tuple[int, ...]]:
    return list(combinations(pool, min(n, len(pool))))


def one_draw(state: State, n: int, quota: Quota) -> Counter[State]:
    """Every outcome of one draw over named units with its probability."""
    fresh, again = quota.seats(n)
    units, found = range(len(state)), Counter[State]()
    first = takes([i for i in units if not state[i] or (quota.last and state[i] > quota.last)], fresh)
    for a in first:
        second = takes([i for i in units if state[i] and i not in a], again)
        for b in second:
            third = takes([i for i in units if i not in a + b], n - len(a) - len(b))
            for c in third:
                after = tuple(1 if i in a + b + c else min(99, age + 1) if age else 0 for i, age in enumerate(state))
                found[after] += Fraction(1, len(first) * len(second) * len(third))  # type: ignore[assignment]
    return found


@cache
def courses(size: int, n: int, visited: int, draws: int, quota: Quota) -> Counter[int]:
    """Probability of each number of unvisited units after some draws, over every course."""
    states: Counter[State] = Counter({tuple([99] * visited + [0] * (size - visited)): Fraction(1)})  # type: ignore[dict-item]
    for _ in range(draws):
        following: Counter[State] = Counter()
        for state, p in states.items():
            for after, q in one_draw(state, n, quota).items():
                following[tuple(sorted(after))] += p * q
        states = following
    left: Counter[int] = Counter()
    for state, p in states.items():
        left[state.count(0)] += p
    assert sum(left.values()) == 1
    return left


@pytest.mark.parametrize(("size", "n", "visited", "draws"), [(5, 2, 0, 3), (6, 3, 2, 2), (7, 2, 0, 4), (4, 4, 0, 1), (6, 1, 3, 3), (5, 2, 5, 2), (6, 2, 0, 0)])
def test_without_a_quota_both_formulas_equal_every_course(size: int, n: int, visited: int, draws: int) -> None:
    left = courses(size, n, visited, draws, Quota())
    group = Group(size, n, visited)
    assert uncovered(group, draws).value == pytest.approx(float(sum(u * p for u, p in left.items())), abs=1e-12)
    assert chance_all(group, draws) == (pytest.approx(float(left[0]), abs=1e-12), "exact")


@pytest.mark.parametrize("quota", [Quota("1/2"), Quota(1), Quota("1/3", "1/3"), Quota(0, "1/2"), Quota("0.2", "0.8")])
@pytest.mark.parametrize(("size", "n", "visited"), [(6, 2, 0), (6, 3, 1), (7, 3, 2)])
@pytest.mark.parametrize("draws", [1, 2, 3])
def test_with_a_quota_the_mean_is_exact_or_below_as_it_says(size: int, n: int, visited: int, draws: int, quota: Quota) -> None:
    left = courses(size, n, visited, draws, quota)
    mean = float(sum(u * p for u, p in left.items()))
    found = uncovered(Group(size, n, visited), draws, quota)
    if found.side == "exact":
        assert found.value == pytest.approx(mean, abs=1e-12)
    else:
        assert found.side == "at_least" and found.value <= mean + 1e-12
    certain = certain_draws(Group(size, n, visited), quota)
    assert certain is None or draws < certain or left[0] == 1


def test_the_bound_for_long_odds_lies_above_the_exact_sum_and_below_one_in_a_hundred_thousand() -> None:
    size, n, draws = 200, 20, 10
    exact = sum((-1) ** r * comb(size, r) * Fraction(comb(size - r, n), comb(size, n)) ** draws for r in range(size + 1))
    found = chance_all(Group(size, n), draws)
    assert found.side == "at_most" and 0 <= exact <= found.value < 1e-5
    later = 30
    exact = sum((-1) ** r * comb(size, r) * Fraction(comb(size - r, n), comb(size, n)) ** later for r in range(size + 1))
    assert chance_all(Group(size, n), later) == (pytest.approx(float(exact), abs=1e-9), "exact")


def test_classes_are_drawn_independently() -> None:
    a, b = Group(20, 5, 3), Group(12, 6)
    assert uncovered([a, b], 4).value == pytest.approx(uncovered(a, 4).value + uncovered(b, 4).value)
    assert chance_all([a, b], 12).value == pytest.approx(chance_all(a, 12).value * chance_all(b, 12).value)
    assert certain_draws([a, b], Quota("1/2")) == max(-(-17 // 3), -(-12 // 3))
    assert certain_draws([a, Group(12, 0)], Quota("1/2")) is None


@pytest.mark.parametrize("quota", [Quota(), Quota("1/2"), Quota("1/4", "1/4"), Quota(1)])
def test_the_simulation_agrees_with_the_formula_within_its_error(quota: Quota) -> None:
    groups = [Group(400, 24, 40), Group(60, 12)]
    played = simulate(groups, 8, quota, seed=20261126, replications=4000)
    for step in played.steps[:4]:  # the seats for unvisited units find enough of them that long
        wanted = uncovered(groups, step.draw, quota)
        assert wanted.side == "exact"
        if step.low is None or step.high is None:
            assert step.mean == pytest.approx(wanted.value)
        else:
            margin = 2 * (step.high - step.low)  # ±4 standard errors; the seed is fixed
            assert abs(step.mean - wanted.value) < margin


def test_the_simulation_of_all_visited_agrees_with_inclusion_and_exclusion() -> None:
    group = Group(30, 10)
    played = simulate(group, 12, seed=7, replications=4000)
    for step in played.steps:
        share = chance_all(group, step.draw).value
        assert abs(step.all_visited / 4000 - share) < 4 * (share * (1 - share) / 4000) ** 0.5 + 1e-9
        assert step.all_low < step.all_high


def test_seats_for_units_not_visited_in_the_last_draws_are_played_as_named_units_are() -> None:
    quota, group = Quota("1/2", 0, last=1), Group(6, 2, 1)
    for draws in (1, 2, 3):
        mean = float(sum(u * p for u, p in courses(6, 2, 1, draws, quota).items()))
        step = simulate(group, draws, quota, seed=3, replications=20_000).steps[-1]
        assert step.low is not None and step.high is not None
        assert abs(step.mean - mean) < 2 * (step.high - step.low)
    for refused in (lambda: uncovered(group, 2, quota), lambda: smallest_n(group, 2, quota), lambda: draws_for_share(group, 0.9, quota)):
        with pytest.raises(SamplingError, match="只有模拟"):
            refused()
    assert certain_draws(group, quota) is None


def test_the_same_seed_plays_the_same_and_another_one_does_not() -> None:
    group = [Group(50, 5)]
    assert simulate(group, 5, seed=1) == simulate(group, 5, seed=1)
    assert simulate(group, 5, seed=1) != simulate(group, 5, seed=2)


def test_a_quota_brings_all_visits_forward_and_never_later_than_certain() -> None:
    group = Group(120, 12)
    without, with_half = simulate(group, 20, replications=500), simulate(group, 20, Quota("1/2"), replications=500)
    assert with_half.steps[-1].mean < without.steps[-1].mean
    certain = certain_draws(group, Quota("1/2"))
    assert certain == 20 and with_half.steps[certain].all_visited == 500
    assert simulate(group, 10, Quota(0, "1/2"), replications=500).steps[-1].mean > without.steps[10].mean  # 回头看 holds it back


@pytest.mark.parametrize(("size", "draws", "quota"), [(37, 5, Quota(1)), (37, 5, Quota("1/3")), (300, 4, Quota("0.3")), (10, 12, Quota("1/2")), (25, 3, Quota("1/4", "1/2"))])
def test_the_smallest_n_with_a_quota_is_certain_and_one_less_is_not(size: int, draws: int, quota: Quota) -> None:
    n = smallest_n(Group(size, 0), draws, quota)
    enough = certain_draws(Group(size, n), quota)
    assert enough is not None and enough <= draws
    fewer = certain_draws(Group(size, n - 1), quota) if n > 1 else None
    assert fewer is None or fewer > draws


def test_the_smallest_n_without_a_quota_keeps_its_probability_and_one_less_does_not() -> None:
    n = smallest_n(Group(60, 0, 10), 6, conf=0.9)
    assert chance_all(Group(60, n, 10), 6).value >= 0.9 > chance_all(Group(60, n - 1, 10), 6).value
    assert smallest_n(Group(60, 0, 60), 6) == 0 and smallest_n(Group(60, 0), 1) == 60


def test_draws_needed_are_the_first_that_suffice() -> None:
    groups = [Group(90, 9), Group(30, 6)]
    m = draws_for_share(groups, 0.95)
    assert m is not None and uncovered(groups, m).value <= 6 < uncovered(groups, m - 1).value
    m = draws_for_all(groups, 0.95)
    assert m is not None and chance_all(groups, m).value >= 0.95 > chance_all(groups, m - 1).value
    assert draws_for_share([Group(5, 5, 0)], 0.95) == 1 and draws_for_share([Group(5, 1, 5)], 0.95) == 0
    assert draws_for_share([Group(5, 0)], 0.95) is None and draws_for_all([Group(5, 0)]) is None


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        (lambda: Group(5, 6), "n=6"), (lambda: Group(0, 0), "户数 N"), (lambda: Group(5, 2, 6), "已查户数"), (lambda: Quota("3/2"), "补查份额"),
        (lambda: Quota("1/2", "2/3"), "之和"), (lambda: Quota(0, -1), "回头看份额"), (lambda: uncovered([], 3), "groups"),
        (lambda: uncovered(Group(5, 1), 10_001), "10000"), (lambda: simulate(Group(5, 1), 3, replications=10), "重复次数"),
        (lambda: simulate(Group(5, 1), 10_000, replications=100_000), "工作量"), (lambda: smallest_n([Group(5, 1)] * 2, 2), "一次只算一类"),
        (lambda: draws_for_share(Group(5, 1), 1), "份额"), (lambda: Group(10**9, 1), "不大于"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_refused_with_its_name(wrong: object, names: str) -> None:
    with pytest.raises(SamplingError, match=names):
        wrong()  # type: ignore[operator]

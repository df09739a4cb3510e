"""A draw with its supplement against every possible pair of samples: chances, rate and variance."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest

from sampling.draw import Stratum
from sampling.errors import SamplingError
from sampling.estimate import combined_chance, of_draw, of_draws, stratified_rate

FAILING = [1, 0, 0, 1, 0, 1, 0]  # seven units; the first four are class A, the rest B at the first draw
FIRST = {"A": ([0, 1, 2, 3], 2), "B": ([4, 5, 6], 1)}


def samples(frame: dict[str, tuple[list[int], int]]) -> Iterator[tuple[int, ...]]:
    (a, n), (b, m) = frame.values()
    for one in combinations(a, min(n, len(a))):
        for other in combinations(b, min(m, len(b))):
            yield one + other


def both(second: dict[str, tuple[list[int], int]]) -> Iterator[tuple[float, tuple[int, ...], dict[int, float]]]:
    """Every course of the two draws: its probability, who was selected, and the combined chance of each of them."""
    firsts = list(samples(FIRST))
    for first in firsts:
        left = {name: ([i for i in members if i not in first], n) for name, (members, n) in second.items()}
        seconds = list(samples(left))
        given = {i: n / len(rest) for rest, n in left.values() if rest for i in rest}
        given |= {i: next(n / max(len(left[name][0]), 1) for name, (members, _) in second.items() if i in members and (n := left[name][1]) >= 0) for i in first}
        for more in seconds:
            chosen = first + more
            chances = {i: combined_chance([next(n / len(m) for m, n in FIRST.values() if i in m), given[i]]) for i in chosen}
            yield 1 / len(firsts) / len(seconds), chosen, chances


def test_the_same_strata_twice_are_one_simple_random_sample() -> None:
    second = {name: (members, 1) for name, (members, _) in FIRST.items()}
    seen = dict.fromkeys(range(7), 0.0)
    mean = 0.0
    for p, chosen, chances in both(second):
        for i in chosen:
            seen[i] += p
        assert {round(chances[i], 12) for i in chosen if i < 4} == {0.75} and {round(chances[i], 12) for i in chosen if i > 3} == {round(2 / 3, 12)}
        units = [("A" if i < 4 else "B", chances[i]) for i in chosen]
        mean += p * of_draws({"A": 4, "B": 3}, units).rate([FAILING[i] for i in chosen]).value
    assert list(seen.values()) == pytest.approx([0.75] * 4 + [2 / 3] * 3)
    assert mean == pytest.approx(sum(FAILING) / 7)


def test_the_variance_of_equal_chances_is_unbiased_over_all_courses() -> None:
    second = {name: (members, 1) for name, (members, _) in FIRST.items()}
    values, claimed, weights = [], [], []
    for p, chosen, chances in both(second):
        rate = of_draws({"A": 4, "B": 3}, [("A" if i < 4 else "B", chances[i]) for i in chosen]).rate([FAILING[i] for i in chosen])
        values.append(rate.value)
        claimed.append(rate.se**2)
        weights.append(p)
    spread = np.average((np.array(values) - np.average(values, weights=weights)) ** 2, weights=weights)
    assert np.average(claimed, weights=weights) == pytest.approx(spread)


def test_a_unit_that_changed_its_class_keeps_a_chance_of_its_own_and_the_total_is_right_to_the_order_of_one_unit() -> None:
    """Unit 3 was A at the first draw and stands in B at the supplement: Σ y/π over all courses, seven units, is the total within 5 %."""
    second = {"A": ([0, 1, 2], 1), "B": ([3, 4, 5, 6], 1)}
    expected = sum(p * sum(FAILING[i] / chances[i] for i in chosen) for p, chosen, chances in both(second))
    assert expected == pytest.approx(sum(FAILING), rel=0.05)


def test_without_a_supplement_it_is_the_design_of_the_draw() -> None:
    failing = [1, 0, 1, 0, 0, 1, 0]
    one = of_draw({"A": Stratum("srs", 5, 50), "B": Stratum("srs", 3, 9)}, [("A", 1)] * 4 + [("B", 1)] * 3).rate(failing)
    other = of_draws({"A": 50, "B": 9}, [("A", 0.1)] * 4 + [("B", 1 / 3)] * 3).rate(failing)
    assert (one.value, one.se, one.df, one.n) == pytest.approx((other.value, other.se, other.df, other.n))


def test_the_reference_draw_split_in_two_keeps_its_rate_and_error() -> None:
    """J2 drawn as 100+200+100+50 and supplemented to 144+216+144+96 is the same sample."""
    first, whole, sizes, bad = (100, 200, 100, 50), (144, 216, 144, 96), (7200, 3600, 900, 300), (3, 11, 20, 30)
    units, y = [], []
    for name, n1, n, size, x in zip("ABCD", first, whole, sizes, bad, strict=True):
        units += [(name, combined_chance([n1 / size, (n - n1) / (size - n1)]))] * n
        y += [1] * x + [0] * (n - x)
    rate = of_draws(dict(zip("ABCD", sizes, strict=True)), units).rate(y)
    reference = stratified_rate(sizes, whole, bad)
    assert (rate.value, rate.se) == pytest.approx((reference.value, reference.se)) and round(rate.value, 4) == 0.0460 and round(rate.se, 5) == 0.00862


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (lambda: combined_chance([0.2, 1.2]), "0 与 1"), (lambda: of_draws({"A": 9}, [("B", 0.1)] * 2), "没有这些层：B"),
        (lambda: of_draws({"A": 9, "B": 4}, [("A", 0.1)] * 2), "没有一个单位完成检查.*B"), (lambda: of_draws({"A": 9}, [("A", 0.0)] * 2), "大于 0"),
        (lambda: of_draws({"A": 9}, [("A", 0.1)]), "只有一个初级单位"),
    ],
)  # fmt: skip
def test_what_cannot_be_estimated_is_refused_by_name(given: object, names: str) -> None:
    with pytest.raises(SamplingError, match=names):
        given()  # type: ignore[operator]

"""Planned looks: boundaries against exact path counting and published values, errors against simulation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.errors import SamplingError
from sampling.target import Verdict, failures_allowed, sequential

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent.parent / "golden" / "sequential.json").read_text(encoding="utf-8"))
QUARTERS = [560, 1120, 1680, 2240]


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda c: f"{len(c['looks'])} looks at {c['target']}")
def test_boundaries_are_those_of_exact_path_counting(case: dict[str, Any]) -> None:
    found = sequential.plan(case["looks"], case["target"], float(case["conf"])).looks
    assert [look.attained_at_most for look in found] == [row["edge"] for row in case["attained"]]
    assert [look.not_attained_at_least for look in found] == [row["edge"] for row in case["not_attained"]]
    for mine, key in ((0, "attained"), (1, "not_attained")):
        errors = [(look.error_attained, look.error_not_attained)[mine] for look in found]
        assert errors == pytest.approx([row["error"] for row in case[key]], rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("looks", GOLDEN["published_z"])
def test_with_many_batches_the_boundaries_become_the_published_ones(looks: str) -> None:
    published = GOLDEN["published_z"][looks]
    k = len(published)
    found = sequential.plan([60_000 // k * i for i in range(1, k + 1)], 0.5, 0.975).looks
    z = [(look.n / 2 - look.attained_at_most) / (look.n / 4) ** 0.5 for look in found]
    steps = [1 / (look.n / 4) ** 0.5 for look in found]
    assert all(abs(a - b) < 1.5 * step for a, b, step in zip(z, published, steps, strict=True)), (z, published)


def test_simulated_years_at_the_target_end_in_a_wrong_verdict_as_often_as_planned() -> None:
    found = sequential.plan(QUARTERS, "98%")
    runs = 200_000
    failures = np.cumsum(np.random.default_rng(20260101).binomial(560, 0.02, size=(runs, 4)), axis=1)
    low = np.array([look.attained_at_most for look in found.looks])
    wrong = float(np.mean((failures <= low).any(axis=1)))
    expected = found.looks[-1].error_attained
    assert abs(wrong - expected) < 5 * (expected / runs) ** 0.5
    assert expected <= 0.05 < sequential.unplanned_error(QUARTERS, "98%")


def test_prospects_agree_with_simulation_and_add_up() -> None:
    found = sequential.plan(QUARTERS, "98%")
    prospect = sequential.prospect(found, 0.99)
    runs = 20_000
    failures = np.cumsum(np.random.default_rng(7).binomial(560, 0.01, size=(runs, 4)), axis=1)
    verdicts = [sequential.judge(found, row.tolist()) for row in failures]
    attained = sum(verdict is Verdict.ATTAINED for verdict, _ in verdicts) / runs
    batches = sum(QUARTERS[(look or 4) - 1] for _, look in verdicts) / runs
    assert abs(attained - prospect.attained) < 5 * (0.25 / runs) ** 0.5
    assert abs(batches - prospect.expected_n) < 5 * 2240 / runs**0.5
    assert prospect.attained + prospect.not_attained + prospect.inconclusive == pytest.approx(1, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 1500), min_size=1, max_size=6, unique=True), st.sampled_from([0.8, 0.95, 0.98, 0.998]), st.sampled_from(["obrien-fleming", "pocock"]))
def test_no_plan_ever_spends_more_than_alpha_and_its_boundaries_never_meet(looks: list[int], target: float, spending: str) -> None:
    found = sequential.plan(sorted(looks), target, spending=spending)
    for look in found.looks:
        assert look.error_attained <= look.spent + 1e-15 and look.error_not_attained <= look.spent + 1e-15
        assert -1 <= look.attained_at_most < look.not_attained_at_least <= look.n + 1
    assert found.looks[-1].spent == pytest.approx(0.05, rel=1e-12)


def test_one_single_look_is_the_ordinary_verdict() -> None:
    for n in (148, 149, 236, 560, 2240):
        assert sequential.plan([n], "98%").looks[0].attained_at_most == failures_allowed(n, "98%")


def test_a_plan_made_with_the_looks_so_far_keeps_its_boundaries() -> None:
    assert sequential.plan(QUARTERS[:2], "98%", planned=2240).looks == sequential.plan(QUARTERS, "98%").looks[:2]


def test_a_verdict_stands_from_the_look_that_reached_it() -> None:
    found = sequential.plan(QUARTERS, "98%")
    assert sequential.judge(found, [5, 10, 40, 80]) == (Verdict.ATTAINED, 2)
    assert sequential.judge(found, [30]) == (Verdict.NOT_ATTAINED, 1)
    assert sequential.judge(found, [11, 22, 33, 44]) == (Verdict.INCONCLUSIVE, None)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (([], "98%"), "looks"), (([10, 10], "98%"), "looks"), (([10, 5], "98%"), "looks"), (([0, 5], "98%"), "looks"),
        (([10.5], "98%"), "10.5"), (([10], "100%"), "100%"), (([10], "98%", 1.0), "conf"), (([10], float("nan")), "nan"),
    ],
)
def test_impossible_plans_are_refused_by_name(arguments: tuple[Any, ...], named: str) -> None:
    with pytest.raises(SamplingError, match=named):
        sequential.plan(*arguments)


def test_impossible_counts_and_fractions_are_refused() -> None:
    found = sequential.plan(QUARTERS, "98%")
    for failures in ([], [5, 4], [561], [1] * 5, [-1]):
        with pytest.raises(SamplingError, match=r"failures|不合格数"):
            sequential.judge(found, failures)
    for fraction in (0, 1.1, float("nan")):
        with pytest.raises(SamplingError, match="fraction"):
            sequential.spent(fraction)
    with pytest.raises(SamplingError, match="planned"):
        sequential.plan(QUARTERS, "98%", planned=2000)
    with pytest.raises(SamplingError, match="spending"):
        sequential.plan(QUARTERS, "98%", spending="linear")

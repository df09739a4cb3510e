"""Counting rules R1–R7 and how rates are printed."""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import counting
from sampling.counting import Item, Outcome, Sample, Tally, count
from sampling.errors import SamplingError

OUTCOMES = st.sampled_from([word.value for word in Outcome])
ITEMS = st.lists(st.builds(Item, st.just("铅"), OUTCOMES, st.sampled_from(["chemical", "microbiological"]), st.none() | OUTCOMES), max_size=4)


def one(*items: Item, **more: Any) -> Tally:
    return count([Sample("A1", items, **more)])


def test_a_sample_with_two_failing_items_fails_once() -> None:
    found = one(Item("铅", "fail"), Item("镉", "fail"), Item("汞", "pass"))
    assert (found.failed, found.n, found.items, found.items_failed) == (1, 1, 3, 2)


def test_a_reinspection_replaces_the_result_of_its_item_alone() -> None:
    assert one(Item("铅", "fail", reinspection="pass"), Item("镉", "pass")).passed == 1
    assert one(Item("铅", "fail", reinspection="pass"), Item("镉", "fail")).failed == 1
    assert one(Item("铅", "pass", reinspection="fail")).failed == 1


def test_an_open_reinspection_leaves_the_sample_pending() -> None:
    assert one(Item("铅", "fail", reinspection="pending")).pending == 1


def test_a_microbiological_result_is_not_replaced_and_the_attempt_is_named() -> None:
    found = one(Item("菌落总数", "fail", "microbiological", "pass"))
    assert found.failed == 1
    assert len(found.warnings) == 1 and "A1" in found.warnings[0] and "菌落总数" in found.warnings[0]


@pytest.mark.parametrize("more", [{"follow_up_of": "A0"}, {"purpose": "complaint"}, {"purpose": "retest"}, {"purpose": "follow-up"}, {"void": True}])
def test_follow_ups_complaints_retests_and_void_samples_stay_out(more: dict[str, Any]) -> None:
    found = one(Item("铅", "fail"), **more)
    assert (found.excluded, found.n, found.items, found.counted) == (1, 0, 0, ())


def test_a_sample_number_counts_once_and_a_contradiction_is_named() -> None:
    same, other = Sample("A1", (Item("铅", "pass"),)), Sample("A1", (Item("铅", "fail"),))
    assert count([same, same]) == count([same])
    found = count([same, other])
    assert (found.passed, found.failed) == (1, 0) and "A1" in found.warnings[0]


def test_open_items_make_a_sample_pending_unless_one_fails() -> None:
    assert one(Item("铅", "pass"), Item("镉", "pending")).pending == 1
    assert one(Item("铅", "fail"), Item("镉", "pending")).failed == 1
    assert one().pending == 1  # nothing tested yet is not a pass


def test_undetermined_is_neither_passed_nor_failed() -> None:
    found = one(Item("铅", "pass"), Item("镉", "undetermined"))
    assert (found.passed, found.failed, found.undetermined, found.n) == (0, 0, 1, 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(Sample, st.text("ABC123", min_size=1, max_size=2), ITEMS, void=st.booleans()), max_size=12))
def test_every_number_lands_in_exactly_one_place_and_order_of_others_does_not_matter(samples: list[Sample]) -> None:
    found = count(samples)
    numbers = {sample.number for sample in samples}
    assert found.passed + found.failed + found.undetermined + found.pending + found.excluded == len(numbers)
    assert len(found.counted) == found.n and set(found.counted) <= numbers
    assert found.items_failed <= found.items
    once = list({sample.number: sample for sample in reversed(samples)}.values())
    again = count(once)
    assert (again.passed, again.failed, again.pending, again.items) == (found.passed, found.failed, found.pending, found.items)


def test_words_that_are_no_outcome_are_refused() -> None:
    for word in ("合格", "", "PASS", None):
        with pytest.raises(SamplingError, match="检验结果不合法"):
            one(Item("铅", word))  # type: ignore[arg-type]
    with pytest.raises(SamplingError, match="编号为空"):
        count([Sample("", [Item("铅", "pass")])])


@settings(max_examples=200, deadline=None)
@given(n=st.integers(1, 10**7), data=st.data(), decimals=st.integers(0, 6))
def test_a_rate_is_printed_as_decimal_arithmetic_rounds_half_up(n: int, data: st.DataObject, decimals: int) -> None:
    x = data.draw(st.integers(0, n))
    exact = Fraction(x * 100, n)
    scaled = exact * 10**decimals
    expected = Decimal(int(scaled * 10**9)) / 10**9  # enough digits that a tie is seen as one
    if scaled * 10**9 != int(scaled * 10**9):
        expected += Decimal(1) / 10**10
    rounded = expected.quantize(Decimal(1), ROUND_HALF_UP).scaleb(-decimals)
    assert counting.rate_text(x, n, decimals) == f"{rounded:.{decimals}f}%"


def test_ties_go_up_and_nothing_tested_is_a_dash() -> None:
    assert counting.rate_text(1, 800, 1) == "0.1%"  # 0.125
    assert counting.rate_text(3, 800, 1) == "0.4%"  # 0.375
    assert counting.rate_text(1, 8, 0) == "13%"  # 12.5
    assert counting.rate_text(0, 0) == "—"
    assert counting.rate_text(0, 5) == "0.00%" and counting.rate_text(5, 5) == "100.00%"


def test_changes_are_percentage_points_of_the_exact_rates() -> None:
    assert counting.points_text(Fraction(1, 8), Fraction(1, 8)) == "持平"
    assert counting.points_text("98.5%", "98%") == "上升0.50个百分点"
    assert counting.points_text(Fraction(97995, 100000), Fraction(98004, 100000)) == "下降0.01个百分点"  # both print as 98.00%


def test_ends_of_intervals_are_printed_outwards() -> None:
    assert counting.bound_text(0.98, lower=True) == "98.00%"
    assert counting.bound_text(0.979999, lower=True) == "97.99%"
    assert counting.bound_text(0.970001, lower=False) == "97.01%"


@pytest.mark.parametrize(("x", "n", "decimals"), [(5, 4, 2), (-1, 4, 2), (1.5, 4, 2), (1, 0, 2), (float("nan"), 1, 2), (1, 2, -1), (1, 2, 99), (1, 2, 0.5)])
def test_rates_that_are_none_are_refused(x: Any, n: Any, decimals: Any) -> None:
    with pytest.raises(SamplingError):
        counting.rate_text(x, n, decimals)


def test_every_published_percentage_is_printed_again_from_its_counts() -> None:
    path = Path(__file__).parent.parent / "golden" / "published_counts.csv"
    rows = [row for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()) if row["n"] and row["fail"] and row["published_fail_pct"]]
    printed = [counting.rate_text(int(row["fail"]), int(row["n"]), int(row["decimals"])) for row in rows]
    assert len(rows) >= 129 and printed == [row["published_fail_pct"] for row in rows]

"""The judge: one value, one limit, one of three answers. Never a guess."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspection.intake import measurement as notation
from inspection.results.rules import (
    FAIL,
    PASS,
    UNDETERMINED,
    AcceptancePlan,
    LimitValue,
    Outcome,
    chosen_code,
    conclude,
    judge,
    relevant_day,
)

D = Decimal
UPPER, LOWER, BOTH = LimitValue(upper=D("0.5")), LimitValue(lower=D("2.9")), LimitValue(lower=D("6.5"), upper=D("8.5"))
ABSENT = LimitValue(kind="not_detected")
FIVE = LimitValue(kind="plan", plan=AcceptancePlan(5, 2, D(10_000), D(100_000)))
SALMONELLA = LimitValue(kind="plan", plan=AcceptancePlan(5, 0, D(0)))

CASES = [
    # only an upper end
    ("0.5", UPPER, None, PASS), ("0.50", UPPER, None, PASS), ("0.500001", UPPER, None, FAIL), ("０．４９", UPPER, None, PASS), ("5.0E-1", UPPER, None, PASS),
    ("<0.02", UPPER, None, PASS), ("<0.5", UPPER, None, PASS), ("<0.51", UPPER, None, UNDETERMINED), (">0.5", UPPER, None, FAIL), ("≥0.5", UPPER, None, UNDETERMINED),
    (">0.4", UPPER, None, UNDETERMINED), ("未检出", UPPER, D("0.02"), PASS), ("ND", UPPER, D("0.5"), PASS), ("ND", UPPER, D("0.6"), UNDETERMINED),
    ("未检出", UPPER, None, UNDETERMINED), ("未检出(<0.01)", UPPER, None, PASS), ("未检出（<0.6）", UPPER, None, UNDETERMINED), ("检出", UPPER, None, UNDETERMINED),
    # only a lower end: an empty upper end never passes by itself
    ("2.9", LOWER, None, PASS), ("2.89", LOWER, None, FAIL), ("300", LOWER, None, PASS), ("<2.9", LOWER, None, FAIL), ("≤2.9", LOWER, None, UNDETERMINED),
    ("<3", LOWER, None, UNDETERMINED), ("≥2.9", LOWER, None, PASS), ("未检出", LOWER, D("2.9"), FAIL), ("未检出", LOWER, D("5"), UNDETERMINED), ("-1", LOWER, None, FAIL),
    # both ends, equality passes at either
    ("6.5", BOTH, None, PASS), ("8.5", BOTH, None, PASS), ("6.4999", BOTH, None, FAIL), ("8.51", BOTH, None, FAIL), ("<8", BOTH, None, UNDETERMINED), (">9", BOTH, None, FAIL),
    # 不得检出
    ("未检出", ABSENT, None, PASS), ("ND", ABSENT, None, PASS), ("阴性", ABSENT, None, PASS), ("检出", ABSENT, None, FAIL), ("0.03", ABSENT, None, FAIL), ("34", ABSENT, D(10), FAIL),
    ("<0.01", ABSENT, None, PASS), ("<10", ABSENT, D(10), PASS), ("<20", ABSENT, D(10), UNDETERMINED), ("0", ABSENT, None, UNDETERMINED),
    # n, c, m, M
    ("10/20/<10/2.2×10²/1.0E2", FIVE, None, PASS), ("1×10⁴/1×10⁴/1×10⁴/1×10⁴/1×10⁴", FIVE, None, PASS), ("20000/20000/10/10/10", FIVE, None, PASS),
    ("20000/20000/20000/10/10", FIVE, None, FAIL), ("2.5×10⁵/10/10/10/10", FIVE, None, FAIL), ("100000/10/10/10/10", FIVE, None, PASS), ("10/10/10", FIVE, None, UNDETERMINED),
    ("10", FIVE, None, UNDETERMINED), ("<20000/<20000/<20000/10/10", FIVE, None, UNDETERMINED), ("20000/20000/<20000/10/10", FIVE, None, UNDETERMINED),
    (">100000/10/10/10/10", FIVE, None, FAIL), ("≥100000/10/10/10/10", FIVE, None, UNDETERMINED),
    ("未检出/未检出/未检出/未检出/未检出", SALMONELLA, None, PASS), ("未检出/检出/未检出/未检出/未检出", SALMONELLA, None, FAIL), ("ND/ND/ND/ND/3", SALMONELLA, None, FAIL),
    # nothing to compare
    ("0.1", None, None, UNDETERMINED), ("0.1", LimitValue(kind="info"), None, UNDETERMINED), ("色泽正常", UPPER, None, UNDETERMINED), ("0.1", LimitValue(), None, UNDETERMINED),
    ("0.1", LimitValue(kind="plan"), None, UNDETERMINED), ("0.1/0.6", UPPER, None, FAIL), ("0.1/<0.6", UPPER, None, UNDETERMINED),
]  # fmt: skip


@pytest.mark.parametrize(("text", "limit", "lod", "expected"), CASES)
def test_written_results_are_judged(text: str, limit: LimitValue | None, lod: Decimal | None, expected: Outcome) -> None:
    found = judge(notation.parse(text), limit, lod)
    assert found.outcome == expected, found.reason
    assert found.reason


ENDS = st.decimals(D("0.001"), D(1000), places=3)
VALUES = st.decimals(D(0), D(2000), places=4)


def bounds(a: Decimal | None, b: Decimal | None) -> LimitValue:
    low, high = (min(a, b), max(a, b)) if a is not None and b is not None else (a, b)
    return LimitValue(lower=low, upper=high)


@given(VALUES, st.none() | ENDS, st.none() | ENDS)
def test_a_number_is_judged_like_plain_comparison(value: Decimal, a: Decimal | None, b: Decimal | None) -> None:
    limit = bounds(a, b)
    inside = (limit.lower is None or value >= limit.lower) and (limit.upper is None or value <= limit.upper)
    expected = UNDETERMINED if a is None and b is None else PASS if inside else FAIL
    assert judge(notation.parse(str(value)), limit).outcome == expected


@given(st.sampled_from("<≤>≥"), VALUES, st.lists(VALUES, min_size=1, max_size=5), st.none() | ENDS, st.none() | ENDS)
def test_a_bound_is_decided_only_when_every_value_it_allows_agrees(sign: str, bound: Decimal, tries: list[Decimal], a: Decimal | None, b: Decimal | None) -> None:
    """Whatever the true value behind `<x` or `>x` is, pass never stands beside a failing one, nor fail beside a passing one."""
    limit = bounds(a, b)
    found = judge(notation.parse(f"{sign}{bound}"), limit).outcome
    allowed = {"<": lambda v: v < bound, "≤": lambda v: v <= bound, ">": lambda v: v > bound, "≥": lambda v: v >= bound}[sign]
    for true in filter(allowed, [*tries, bound, bound / 2, bound * 2]):
        plain = judge(notation.parse(format(true, "f")), limit).outcome
        assert found in (UNDETERMINED, plain) or plain == UNDETERMINED


@given(st.lists(st.integers(0, 200_000), min_size=5, max_size=5), st.integers(0, 5))
def test_a_plan_counts_units_over_m_and_none_over_the_maximum(units: list[int], c: int) -> None:
    limit = LimitValue(kind="plan", plan=AcceptancePlan(5, c, D(10_000), D(100_000)))
    expected = FAIL if max(units) > 100_000 or sum(unit > 10_000 for unit in units) > c else PASS
    assert judge(notation.parse("/".join(map(str, units))), limit).outcome == expected
    assert judge(notation.parse("/".join(map(str, reversed(units)))), limit).outcome == expected


@given(st.lists(st.sampled_from(list(Outcome))))
def test_a_sample_fails_with_one_item_and_passes_only_with_all(outcomes: list[Outcome]) -> None:
    found = conclude(outcomes)
    assert (found is None) == (not outcomes)
    assert (found == FAIL) == (FAIL in outcomes)
    assert (found == PASS) == (set(outcomes) == {PASS})


def test_the_day_that_counts_is_the_production_day_when_it_is_known() -> None:
    made, taken = date(2026, 5, 1), date(2026, 9, 16)
    assert relevant_day("production", made, taken) == made and relevant_day("processing", made, taken) == made
    assert relevant_day("purchase", made, taken) == taken and relevant_day("production", None, taken) == taken


def test_the_deepest_node_of_the_tree_decides_and_no_sibling_by_prefix() -> None:
    assert chosen_code("33.01.02", ["33", "33.01", "33.1"]) == "33.01"
    assert chosen_code("330", ["33"]) is None and chosen_code("33", []) is None

"""Lot acceptance: the tables are their structure, arrows always lead to a plan, curves and risks against enumeration."""

from __future__ import annotations

import csv
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom, poisson

from sampling import acceptance
from sampling.acceptance import Plan, State, standard
from sampling.errors import SamplingError

ROOT = Path(__file__).parents[2]
TOOL = runpy.run_path(str(ROOT / "tools" / "acceptance_tables.py"))
AQLS: list[str] = TOOL["AQLS"]
LETTERS: str = TOOL["LETTERS"]


@pytest.mark.parametrize("name", TOOL["tables"]())
def test_a_stored_table_is_the_one_its_structure_makes(name: str) -> None:
    with (ROOT / "sampling" / "tables" / name).open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == TOOL["tables"]()[name]


def test_every_table_names_its_source_and_that_it_is_unverified() -> None:
    with (ROOT / "sampling" / "tables" / "sources.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(TOOL["tables"]())
    assert all(row["standard"].startswith("GB/T 2828.1") and row["status"].startswith("MEM") for row in rows.values())


@pytest.mark.parametrize("severity", ["normal", "tightened"])
def test_every_cell_leads_to_a_plan_and_a_laxer_aql_never_has_a_smaller_ac(severity: str) -> None:
    for letter in LETTERS:
        plans = [acceptance.single_plan(letter, aql, severity) for aql in AQLS]
        assert all(plan.re == plan.ac + 1 for plan in plans)
        assert [plan.ac for plan in plans] == sorted(plan.ac for plan in plans)


def test_lots_at_the_aql_are_mostly_accepted_under_normal_inspection() -> None:
    at_aql = [
        float(acceptance.accept_probability(acceptance.single_plan(letter, aql), float(aql) / 100, "poisson")) for letter in LETTERS for aql in AQLS
    ]
    direct = [p for p, (letter, aql) in zip(at_aql, [(a, b) for a in LETTERS for b in AQLS], strict=True) if TOOL["cell"]("normal", LETTERS.index(letter), AQLS.index(aql)).isdecimal()]
    assert min(direct) > 0.87 and len(direct) > 150


def test_tightened_inspection_is_never_easier_than_normal() -> None:
    for letter in LETTERS:
        for aql in AQLS:
            tight, normal = (acceptance.single_plan(letter, aql, s) for s in ("tightened", "normal"))
            for p in (0.001, 0.01, 0.05, 0.2):
                assert float(acceptance.accept_probability(tight, p, "poisson")) <= float(acceptance.accept_probability(normal, p, "poisson")) + 1e-12


def test_published_plans_and_arrows_that_change_the_sample() -> None:
    assert acceptance.single_plan("J", 1) == Plan(80, 2, 3)
    assert acceptance.single_plan("A", "10") == Plan(5, 1, 2)  # turned round at the first letter, down to C
    assert acceptance.single_plan("R", "0.015") == Plan(800, 0, 1)  # turned round at the last letter, up to P
    assert acceptance.single_plan("R", "0.025", "tightened") == Plan(3150, 1, 2)
    assert acceptance.single_plan("A", "1000").ac == 30


def test_letters_cover_every_lot_without_gap_and_grow_with_it() -> None:
    ends = [2, 8, 9, 15, 16, 25, 26, 50, 51, 90, 91, 150, 151, 280, 281, 500, 501, 1200, 1201, 3200, 3201, 10000, 10001, 35000, 35001, 150000, 150001, 500000, 500001, 10**9]
    for level in standard.LEVELS:
        found = [acceptance.code_letter(size, level) for size in ends]
        assert found == sorted(found)
    with pytest.raises(SamplingError, match="lot_size"):
        acceptance.code_letter(1)
    with pytest.raises(SamplingError, match="IV"):
        acceptance.code_letter(100, "IV")


def test_a_sample_as_large_as_the_lot_is_the_whole_lot() -> None:
    assert acceptance.plan_for_lot(40, "0.25") == Plan(40, 0, 1)
    assert acceptance.plan_for_lot(2, "0.10").n == 2


@settings(max_examples=50, deadline=None)
@given(n=st.integers(1, 400), data=st.data(), p=st.floats(0, 1))
def test_curves_agree_with_the_laws_they_name(n: int, data: st.DataObject, p: float) -> None:
    plan = Plan.of(n, data.draw(st.integers(0, n - 1)))
    lot = n + data.draw(st.integers(0, 1000))
    D = round(lot * p)
    assert float(acceptance.accept_probability(plan, p)) == pytest.approx(binom.cdf(plan.ac, n, p), abs=1e-10)
    assert float(acceptance.accept_probability(plan, p, "poisson")) == pytest.approx(poisson.cdf(plan.ac, n * p), abs=1e-10)
    assert float(acceptance.accept_probability(plan, D / lot, "hypergeometric", lot)) == pytest.approx(hypergeom.cdf(plan.ac, lot, D, n), abs=1e-9)


def test_a_lot_without_failing_units_is_always_accepted_and_one_of_failing_units_never() -> None:
    for kind, lot in (("binomial", None), ("hypergeometric", 200)):
        assert acceptance.accept_probability(Plan.of(80, 2), [0.0, 1.0], kind, lot).tolist() == [1, 0]


def test_the_curtailed_sample_number_is_the_mean_of_simulated_inspections() -> None:
    plan, p = Plan.of(50, 2), 0.08
    failures = np.cumsum(np.random.default_rng(3).random((40_000, 50)) < p, axis=1)
    stopped = np.where(failures[:, -1] > 2, np.argmax(failures > 2, axis=1) + 1, 50)
    assert abs(float(acceptance.asn(plan, p, curtailed=True)) - stopped.mean()) < 5 * stopped.std() / 200
    assert float(acceptance.asn(plan, p, "poisson", curtailed=True)) == pytest.approx(float(acceptance.asn(plan, p, curtailed=True)), rel=0.05)
    assert float(acceptance.asn(plan, 0.08, "hypergeometric", 50, curtailed=True)) < 50
    assert acceptance.asn(plan, [0.1, 0.2]).tolist() == [50, 50]


def test_the_outgoing_limit_is_the_top_of_the_outgoing_curve() -> None:
    for plan, lot in ((Plan.of(80, 2), None), (Plan.of(13, 0), 100), (Plan.of(500, 10), 2000)):
        top, at = acceptance.aoql(plan, lot)
        curve = acceptance.aoq(plan, np.linspace(0, 1, 100_001), lot=lot)
        assert top >= float(curve.max()) - 1e-12 and top == pytest.approx(float(acceptance.aoq(plan, at, lot=lot)))


@pytest.mark.parametrize(("kind", "lot"), [("binomial", None), ("poisson", None), ("hypergeometric", 500)])
def test_the_smallest_plan_keeps_both_risks_and_no_smaller_one_does(kind: str, lot: int | None) -> None:
    found = acceptance.find_plan(0.02, 0.95, 0.1, 0.1, kind, lot)

    def keeps(n: int, c: int) -> bool:
        good, bad = acceptance.accept_probability(Plan(n, c, c + 1), [0.02, 0.1], kind, lot).tolist()
        return good >= 0.95 and bad <= 0.1

    assert keeps(found.n, found.ac) and not keeps(found.n - 1, found.ac)
    assert not any(keeps(n, found.ac - 1) for n in range(found.ac, 3 * found.n if lot is None else lot))


def test_risk_points_that_no_plan_meets_are_refused() -> None:
    for points in ((0.1, 0.95, 0.02, 0.1), (0.02, 0.1, 0.1, 0.95), (0.02, 0.95, 0.02, 0.1)):
        with pytest.raises(SamplingError):
            acceptance.find_plan(*points)
    with pytest.raises(SamplingError, match="没有方案"):
        acceptance.find_plan(0.01, 0.99, 0.02, 0.01, "hypergeometric", 20)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.booleans(), max_size=40))
def test_switching_follows_the_rules_counted_lot_by_lot(lots: list[bool]) -> None:
    state, since, last = "normal", 0, None
    for i in range(len(lots)):
        history = lots[since : i + 1]
        new = state
        if state == "normal" and history[-5:].count(False) >= 2:
            new = "tightened"
        elif state == "tightened" and history.count(False) >= 5:
            new = "stopped"
        elif state == "tightened" and len(history) >= 5 and all(history[-5:]):
            new = "normal"
        if new != state:
            state, since, last = new, i + 1, i + 1
        if state == "stopped":
            lots = lots[: i + 1]
            break
    found = acceptance.after_lots(lots)
    assert (found.state.value, found.after_lot) == (state, last)


def test_a_stopped_supplier_stays_stopped_and_odd_results_are_refused() -> None:
    assert acceptance.after_lots("RR" + "R" * 5).state is State.STOPPED
    assert acceptance.after_lots("RR" + "R" * 5 + "AAAAAAAA") == acceptance.after_lots("RR" + "R" * 5)
    with pytest.raises(SamplingError, match="第 2 批"):
        acceptance.after_lots("AX")
    with pytest.raises(SamplingError, match="start"):
        acceptance.after_lots("A", "reduced")


def test_verification_risks_are_tails_at_both_levels() -> None:
    found = acceptance.verification(50, 1, 0.0065, 12)
    assert found.false_alarm == pytest.approx(binom.sf(1, 50, 0.0065)) and found.missed == pytest.approx(binom.cdf(1, 50, 0.078))
    small = acceptance.verification_finite(13, 1, 120, 3, 30)
    assert small.false_alarm == pytest.approx(hypergeom.sf(1, 120, 3, 13)) and small.missed == pytest.approx(hypergeom.cdf(1, 120, 30, 13))
    assert not acceptance.verification(8, 0, 0.02).keeps


def test_a_users_table_is_read_with_its_gaps_and_wrong_cells_are_named() -> None:
    rows = [["letter", "n", "1.0", "2.5"], ["A", "2", "↓", "0"], ["B", "5", "0/2", "↑"]]
    table = acceptance.read_table(rows)
    assert table.plan("A", "1.0") == Plan(5, 0, 2) and table.plan("B", 2.5) == Plan(2, 0, 1)
    gap = acceptance.accept_probability(Plan(5, 0, 2), 0.1)
    assert float(gap) == pytest.approx(binom.cdf(1, 5, 0.1))
    for row, column, wrong in ((1, 2, "x"), (1, 2, "3/2"), (2, 1, "0"), (1, 3, "")):
        bad = [list(line) for line in rows]
        bad[row][column] = wrong
        with pytest.raises(SamplingError, match=f"第 {row + 1} 行"):
            acceptance.read_table(bad)
    with pytest.raises(SamplingError, match="第 2 行有 2 格"):
        acceptance.read_table([["letter", "n", "1.0"], ["A", "2"]])
    with pytest.raises(SamplingError, match="重复"):
        acceptance.read_table([["letter", "n", "1.0"], ["A", "2", "0"], ["A", "5", "1"]])
    with pytest.raises(SamplingError, match="表头"):
        acceptance.read_table([["letter", "n"]])
    with pytest.raises(SamplingError, match="箭头"):
        acceptance.read_table([["letter", "n", "1.0"], ["A", "2", "↓"], ["B", "5", "↑"]]).plan("A", 1)
    with pytest.raises(SamplingError, match="AQL"):
        table.plan("A", "4.0")


BAD: list[tuple[Any, tuple[Any, ...]]] = [
    (Plan.of, (0, 0)), (acceptance.accept_probability, (Plan.of(5, 5), 0.1)), (acceptance.aoql, (Plan.of(5, 3, 6),)), (Plan.of, (5, 2, 2)), (Plan.of, (5, -1)), (Plan.of, (5.5, 1)),
    (acceptance.accept_probability, (Plan(5, 1, 2), -0.1)), (acceptance.accept_probability, (Plan(5, 1, 2), 1.1)),
    (acceptance.accept_probability, (Plan(5, 1, 2), float("nan"))), (acceptance.accept_probability, (Plan(5, 1, 2), 0.1, "normal")),
    (acceptance.accept_probability, (Plan(5, 1, 2), 0.1, "hypergeometric")), (acceptance.accept_probability, (Plan(5, 1, 2), 0.1, "hypergeometric", 4)),
    (acceptance.single_plan, ("I", 1)), (acceptance.single_plan, ("J", "1.1")), (acceptance.single_plan, ("J", "abc")), (acceptance.single_plan, ("J", "nan")),
    (acceptance.single_plan, ("J", 1, "reduced")), (acceptance.rejection_risk, (5, 5, 0.1)), (acceptance.rejection_risk, (5, 1, 1.5)),
    (acceptance.verification, (50, 1, 0.01, 1)), (acceptance.verification_finite, (13, 1, 10, 1)), (acceptance.verification_finite, (5, 1, 10, 3, 3)),
]


@pytest.mark.parametrize(("call", "arguments"), BAD)
def test_impossible_plans_are_refused(call: Any, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(SamplingError):
        call(*arguments)

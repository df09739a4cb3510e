"""The planner's report on teams: against the teams of a draw and against a linear program that shares no code."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from scipy.optimize import linprog

from sampling import bottleneck, teams
from sampling.errors import SamplingError
from sampling.frame import Inspector
from sampling.teams import Seat, Served

SEATS = [Seat(lead=True), Seat()]


def town(key: int) -> tuple[list[Served], list[Inspector], list[tuple[str, str]]]:
    rng = np.random.default_rng(key)
    areas = ["A1", "A2", "A3"]
    people = [
        Inspector(f"p{k}", "U", tuple(areas[j] for j in range(3) if rng.random() < 0.6) or ("A1",), ("food",) if rng.random() < 0.5 else (),
                  lead=bool(rng.random() < 0.4))
        for k in range(int(rng.integers(2, 7)))
    ]
    visits = [
        Served(hashlib.sha256(f"{key}{i}".encode()).hexdigest(), f"F{i}", areas[int(rng.integers(3))], ("food",) if rng.random() < 0.3 else ())
        for i in range(int(rng.integers(1, 12)))
    ]
    conflicts = [(p.id, v.id) for p in people for v in visits if rng.random() < 0.1]
    return visits, people, conflicts


def least_load(visits: list[Served], people: list[Inspector], conflicts: list[tuple[str, str]], filled: int) -> float:
    """Smallest largest load when `filled` seats are filled: one variable per legal (visit, seat, inspector)."""
    legal = [
        (v, s, k) for v, visit in enumerate(visits) for s, seat in enumerate(SEATS) for k, p in enumerate(people)
        if (visit.area in p.areas or p.areas == ("*",)) and set(visit.needs) <= set(p.skills)
        and (p.id, visit.id) not in conflicts and (p.lead or not seat.lead)
    ]
    rows, bound = [], []
    for pick, most in [
        *((lambda e, v=v, s=s: e[:2] == (v, s), 1) for v in range(len(visits)) for s in range(2)),
        *((lambda e, v=v, k=k: (e[0], e[2]) == (v, k), 1) for v in range(len(visits)) for k in range(len(people))),
    ]:
        rows.append([*(float(pick(e)) for e in legal), 0.0])
        bound.append(most)
    for k in range(len(people)):
        rows.append([*(float(e[2] == k) for e in legal), -1.0])
        bound.append(0)
    found = linprog([*[0.0] * len(legal), 1.0], A_ub=rows, b_ub=bound, A_eq=[[*[1.0] * len(legal), 0.0]], b_eq=[filled])
    assert found.status == 0
    return float(np.ceil(found.fun - 1e-6))


@pytest.mark.parametrize("key", range(25))
def test_the_report_agrees_with_a_linear_program_and_bounds_what_the_draw_reaches(key: int) -> None:
    visits, people, conflicts = town(key)
    found = bottleneck.bottlenecks(visits, people, conflicts, SEATS)
    filled = teams.assign("0" * 64, visits, people, conflicts, SEATS)
    n_filled = sum(bool(row.inspector) for row in filled)
    assert n_filled <= found.fillable == found.seats - found.short <= found.seats == 2 * len(visits)
    if found.fillable:
        assert found.least_load == least_load(visits, people, conflicts, found.fillable)
    if n_filled == found.fillable:
        loads = [sum(row.inspector == p.id for row in filled) for p in people]
        assert max(loads) >= found.least_load
    assert (found.short == 0) == (found.blocked == [])


@pytest.mark.parametrize("key", range(25))
def test_the_seats_named_as_tight_can_go_to_nobody_else(key: int) -> None:
    visits, people, conflicts = town(key)
    found = bottleneck.bottlenecks(visits, people, conflicts, SEATS)
    if found.tight is not None and found.short == 0:
        assert found.tight.each > found.least_load - 1  # so many seats per inspector force the load
        assert set(found.tight.inspectors) <= {p.id for p in people}


def test_seats_that_nobody_may_fill_and_seats_beyond_a_limit_are_told_apart() -> None:
    people = [Inspector("a", "U", ("A1",), lead=True), Inspector("b", "U", ("A1",))]
    visits = [Served(f"{i:064d}", f"F{i}", "A1" if i < 4 else "A9") for i in range(5)]
    found = bottleneck.bottlenecks(visits, people, [], SEATS, {"a": 3})
    assert (found.seats, found.fillable) == (10, 7)
    nobody, limited = found.blocked
    assert nobody.areas == ("A9",) and nobody.inspectors == () and nobody.seats == 2 and nobody.each == float("inf")
    assert limited.inspectors == ("a",) and limited.numbers == (1,) and limited.seats == 4


def test_one_leader_for_all_visits_is_the_bottleneck() -> None:
    people = [Inspector("lead", "U", lead=True), *(Inspector(f"p{k}", "U") for k in range(9))]
    found = bottleneck.bottlenecks([Served(f"{i:064d}", f"F{i}") for i in range(30)], people, [], SEATS)
    assert found.least_load == 30 and found.tight is not None
    assert found.tight.inspectors == ("lead",) and found.tight.numbers == (1,) and found.tight.each == 30


def test_nothing_to_fill_is_no_error_and_wrong_limits_are_named() -> None:
    assert bottleneck.bottlenecks([], [Inspector("a", "U")], [], SEATS).seats == 0
    empty = bottleneck.bottlenecks([Served("0" * 64, "F")], [], [], SEATS)
    assert (empty.fillable, empty.short, empty.tight) == (0, 2, None) and empty.blocked[0].inspectors == ()
    with pytest.raises(SamplingError, match="不在名单中：z"):
        bottleneck.bottlenecks([], [Inspector("a", "U")], [], SEATS, {"z": 1})
    with pytest.raises(SamplingError, match="不小于 0"):
        bottleneck.bottlenecks([], [Inspector("a", "U")], [], SEATS, {"a": -1})


def test_the_draw_needs_neither_numpy_nor_scipy_nor_this_report() -> None:
    code = (
        "import sys; from sampling import draw, teams, frame, seed, bundle, verify; "
        "assert not {'numpy', 'scipy', 'sampling.bottleneck'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

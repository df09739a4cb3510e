"""Allocation: sums, bounds, quota rule, house monotonicity; optima against exhaustive search and an independent solver."""

from __future__ import annotations

import math
import time
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from sampling import allocate
from sampling.errors import SamplingError
from tests import pace

DIVISORS = ("webster", "huntington-hill", "jefferson")
WEIGHTS = st.lists(st.integers(1, 10**6), min_size=1, max_size=12)


# --- one margin -------------------------------------------------------------------------------------------------------


@given(WEIGHTS, st.integers(0, 5000))
def test_hamilton_adds_up_and_keeps_floor_or_ceiling_of_every_quota(weights: list[int], total: int) -> None:
    seats = allocate.hamilton(total, weights)
    assert sum(seats) == total
    for seat, weight in zip(seats, weights, strict=True):
        exact = Fraction(total * weight, sum(weights))
        assert math.floor(exact) <= seat <= math.ceil(exact)


@given(WEIGHTS, st.integers(0, 300), st.sampled_from(DIVISORS))
def test_divisor_methods_never_take_back_when_the_total_grows(weights: list[int], total: int, method: str) -> None:
    before, after = (allocate.apportion(t, weights, method) for t in (total, total + 1))
    assert sum(before) == total and sum(after) == total + 1
    assert all(a <= b for a, b in zip(before, after, strict=True))


def one_by_one(total: int, weights: list[int], method: str, low: list[int], high: list[int]) -> list[int]:
    """The definition: each batch to the highest priority, compared in exact fractions."""
    seats = list(low)

    def priority(i: int) -> tuple[Any, ...]:
        s, w = seats[i], Fraction(weights[i])
        if method == "webster":
            return (0, w / (2 * s + 1), w, -i)
        if method == "jefferson":
            return (0, w / (s + 1), w, -i)
        return (1, w, w, -i) if s == 0 else (0, w * w / (s * (s + 1)), w, -i)

    while sum(seats) < total:
        seats[max((i for i in range(len(weights)) if seats[i] < high[i]), key=priority)] += 1
    return seats


@settings(max_examples=150)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=7), st.sampled_from(DIVISORS), st.data())
def test_the_quick_start_changes_nothing_against_one_batch_at_a_time(weights: list[int], method: str, data: st.DataObject) -> None:
    low = [data.draw(st.integers(0, 5)) for _ in weights]
    high = [a + data.draw(st.integers(0, 60)) for a in low]
    total = data.draw(st.integers(sum(low), sum(high)))
    assert allocate.apportion(total, weights, method, low, high) == one_by_one(total, weights, method, low, high)


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=8), st.data())
def test_bounds_are_kept_and_places_without_bounds_still_follow_their_weights(weights: list[int], data: st.DataObject) -> None:
    low = [data.draw(st.integers(0, 9)) for _ in weights]
    high = [data.draw(st.one_of(st.none(), st.integers(a, a + 30))) for a in low]
    most = sum(200 if h is None else h for h in high)
    total = data.draw(st.integers(sum(low), most))
    for method in allocate.METHODS:
        seats = allocate.apportion(total, weights, method, low, high)
        assert sum(seats) == total
        assert all(a <= s and (h is None or s <= h) for s, a, h in zip(seats, low, high, strict=True))


def test_ten_thousand_places_are_shared_out_as_one_batch_at_a_time_would() -> None:
    weights = [(7 * i * i) % 9973 + 1 for i in range(10_000)]
    for method in ("webster", "huntington-hill", "jefferson"):
        seats = allocate.apportion(1_000_000, weights, method)
        last, following = _bars(weights, seats, method)
        assert sum(seats) == 1_000_000 and last >= following


def _bars(weights: list[int], seats: list[int], method: str) -> tuple[Fraction, Fraction]:
    """Priority of the weakest batch given and of the strongest one not given, by the formulas of the methods."""
    def priority(weight: int, s: int) -> Fraction:
        divisor = {"webster": (2 * s + 1) ** 2, "huntington-hill": s * (s + 1), "jefferson": (s + 1) ** 2}[method]
        return Fraction(weight * weight, divisor) if divisor else Fraction(10**30)

    given = min(priority(w, s - 1) for w, s in zip(weights, seats, strict=True) if s)
    return given, max(priority(w, s) for w, s in zip(weights, seats, strict=True))


def test_the_alabama_paradox_is_hamiltons_alone() -> None:
    assert allocate.hamilton(10, [60, 60, 20])[2] == 2 and allocate.hamilton(11, [60, 60, 20])[2] == 1
    for method in DIVISORS:
        seats = [allocate.apportion(t, [60, 60, 20], method)[2] for t in range(40)]
        assert seats == sorted(seats)


def test_ties_go_to_the_larger_weight_and_then_to_the_earlier_place() -> None:
    assert allocate.hamilton(1, [1, 1]) == [1, 0]
    assert allocate.webster(1, [5, 5, 5]) == [1, 0, 0]
    assert allocate.webster(7, [3, 1]) == [5, 2] and allocate.webster(2, [3, 1]) == [2, 0]  # 3/3 = 1/1: the larger weight


def test_decimal_weights_are_exact_and_a_place_without_weight_waits_until_all_others_are_full() -> None:
    assert allocate.hamilton(3, ["0.1", "0.1", "0.1"]) == [1, 1, 1]
    assert allocate.hamilton(5, [1, 0], caps=[3, None]) == [3, 2] == allocate.webster(5, [1, 0], caps=[3, None])
    assert allocate.huntington_hill(4, [1, 0, 2]) == [1, 0, 3]


# --- optimum ----------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(2, 40), st.integers(1, 30)), min_size=2, max_size=3), st.data())
def test_whole_neyman_is_the_best_of_all_allocations(strata: list[tuple[int, int]], data: st.DataObject) -> None:
    size, spread = [N for N, _ in strata], [Fraction(s, 10) for _, s in strata]
    n = data.draw(st.integers(2 * len(size), min(sum(size), 24)))
    caps = [data.draw(st.integers(2, N)) for N in size]
    assume(sum(caps) >= n)
    found = allocate.neyman(n, size, spread, caps=caps)

    def loss(sizes: tuple[int, ...]) -> Fraction:
        return sum((N * (N - k) * s * s / k for N, k, s in zip(size, sizes, spread, strict=True)), Fraction(0))

    possible = [k for k in product(*(range(2, c + 1) for c in caps)) if sum(k) == n]
    assert sum(found) == n and loss(tuple(found)) == min(map(loss, possible))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(5, 500), st.integers(1, 90)), min_size=2, max_size=9), st.data())
def test_whole_neyman_lies_between_the_fractional_one_and_its_rounding(strata: list[tuple[int, int]], data: st.DataObject) -> None:
    size, spread = [N for N, _ in strata], [s / 100 for _, s in strata]
    n = data.draw(st.integers(2 * len(size), sum(size)))
    exact = allocate.neyman_shares(n, size, spread, minima=[2] * len(size), caps=size)
    assert sum(exact) == pytest.approx(n) and all(2 - 1e-9 <= e <= N + 1e-9 for e, N in zip(exact, size, strict=True))
    least = sum(N * (N - e) * s * s / e for N, e, s in zip(size, exact, spread, strict=True))
    rounded = allocate.hamilton(n, exact, [2] * len(size), size)
    found = allocate.variance(allocate.neyman(n, size, spread), size, spread)
    assert least - 1e-6 <= found <= allocate.variance(rounded, size, spread) + 1e-6


def test_a_stratum_without_failures_last_year_still_gets_batches() -> None:
    spread = allocate.binary_spread([0, 12, 3], [200, 200, 200])
    assert min(spread) >= math.sqrt(0.005 * 0.995) - 1e-12
    assert min(allocate.neyman(60, [1000, 1000, 1000], spread)) >= 8


def test_power_allocation_moves_from_the_whole_to_the_regions() -> None:
    whole, even = (allocate.power_shares(100, [10, 1000], [0.5, 0.5], a) for a in (1, 0))
    assert whole[1] / whole[0] == pytest.approx(100) and even == pytest.approx([50, 50])
    assert sum(allocate.power(101, [10, 1000], [0.5, 0.5], 0.5, minima=[20, 0])) == 101


# --- two margins ------------------------------------------------------------------------------------------------------

TABLES = st.integers(0, 2**32 - 1)


def random_margins(key: int, zeros: float = 0.0) -> tuple[list[int], list[int], np.ndarray]:
    rng = np.random.default_rng(key)
    r, c = rng.integers(1, 7, 2)
    table = rng.integers(0, 30, (r, c)) * (rng.random((r, c)) >= zeros)
    seed = np.where(table > 0, rng.uniform(0.1, 5, (r, c)), 0.0 if zeros else 1.0)
    return table.sum(axis=1).tolist(), table.sum(axis=0).tolist(), seed


def least_distance(fitted: np.ndarray, rows: list[int], columns: list[int], low: np.ndarray, high: np.ndarray) -> float:
    """Σ|cell − fitted| of the best table with floors and ceilings, by a solver that shares no code with the library."""
    floor = np.floor(fitted + 1e-7)
    part = np.clip(fitted - floor, 0, 1) * (fitted - floor > 1e-7)
    r, c = fitted.shape
    sums = np.vstack([np.kron(np.eye(r), np.ones(c)), np.kron(np.ones(r), np.eye(c))])
    wanted = np.concatenate([rows - floor.sum(axis=1), columns - floor.sum(axis=0)])
    room = (part > 0) & (floor < high)
    found = linprog((1 - 2 * part).ravel(), A_eq=sums, b_eq=wanted, bounds=list(zip(np.zeros(r * c), room.ravel().astype(float), strict=True)))
    return float(found.fun + part.sum()) if found.status == 0 else math.inf


@settings(max_examples=120, deadline=None)
@given(TABLES, st.sampled_from([0.0, 0.4]))
def test_a_table_is_exact_on_both_margins_near_its_fit_and_the_nearest_there_is(key: int, zeros: float) -> None:
    rows, columns, seed = random_margins(key, zeros)
    found = allocate.two_margins(rows, columns, seed)
    assert found.table.sum(axis=1).tolist() == rows and found.table.sum(axis=0).tolist() == columns
    assert (found.table >= 0).all() and (found.table[np.asarray(seed) == 0] == 0).all()
    assert found.moved == [] and found.held == []
    assert np.abs(found.table - found.fitted).max(initial=0) < 1
    best = least_distance(found.fitted, rows, columns, np.zeros_like(found.table), np.full_like(found.table, 10**9))
    assert np.abs(found.table - found.fitted).sum() == pytest.approx(best, abs=1e-5)


@settings(max_examples=120, deadline=None)
@given(TABLES, st.data())
def test_locks_minima_and_caps_are_kept_or_the_demand_is_refused(key: int, data: st.DataObject) -> None:
    rows, columns, seed = random_margins(key)
    cells = [(i, j) for i in range(len(rows)) for j in range(len(columns))]
    picked = data.draw(st.lists(st.sampled_from(cells), max_size=4, unique=True))
    kinds = [data.draw(st.sampled_from(["lock", "minimum", "cap"])) for _ in picked]
    given_ = {kind: {at: data.draw(st.integers(0, 25)) for at, k in zip(picked, kinds, strict=True) if k == kind} for kind in ("lock", "minimum", "cap")}
    try:
        found = allocate.two_margins(rows, columns, seed, locks=given_["lock"], minima=given_["minimum"], maxima=given_["cap"])
    except SamplingError:
        assert not feasible(rows, columns, given_)
        return
    assert found.table.sum(axis=1).tolist() == rows and found.table.sum(axis=0).tolist() == columns
    assert all(found.table[at] == v for at, v in given_["lock"].items())
    assert all(found.table[at] >= v for at, v in given_["minimum"].items())
    assert all(found.table[at] <= v for at, v in given_["cap"].items())


def feasible(rows: list[int], columns: list[int], bounds: dict[str, dict[tuple[int, int], int]]) -> bool:
    r, c = len(rows), len(columns)
    low, high = np.zeros((r, c)), np.full((r, c), 1e9)
    for at, v in bounds["minimum"].items():
        low[at] = v
    for at, v in bounds["cap"].items():
        high[at] = v
    for at, v in bounds["lock"].items():
        low[at] = high[at] = v
    sums = np.vstack([np.kron(np.eye(r), np.ones(c)), np.kron(np.ones(r), np.eye(c))])
    limits = list(zip(low.ravel(), high.ravel(), strict=True))
    return bool(np.all(low <= high)) and linprog(np.zeros(r * c), A_eq=sums, b_eq=[*rows, *columns], bounds=limits).status == 0


def test_what_no_table_can_meet_is_explained_by_row_column_and_shortfall() -> None:
    names: dict[str, Any] = {"row_names": ["鹿城", "瓯海", "龙湾"], "column_names": ["肉制品", "乳制品", "饮料"]}
    with pytest.raises(SamplingError, match="鹿城：单元下限（含锁定）合计 9 超过合计 5，多 4"):
        allocate.two_margins([5, 5, 5], [5, 5, 5], np.ones((3, 3)), minima={(0, 0): 5, (0, 1): 4}, **names)
    with pytest.raises(SamplingError, match="饮料：单元上限合计 2 不足合计 5，差 3"):
        allocate.two_margins([5, 5, 5], [5, 5, 5], np.ones((3, 3)), maxima={(0, 2): 1, (1, 2): 1, (2, 2): 0}, **names)
    with pytest.raises(SamplingError, match="鹿城×肉制品：至少 9，但最多只能 5"):
        allocate.two_margins([5, 5, 5], [5, 5, 5], np.ones((3, 3)), minima={(0, 0): 9}, **names)
    # 鹿城 and 瓯海 may only draw 肉制品, of which there are 7 for their 10: every row and column alone looks possible
    with pytest.raises(SamplingError, match=r"肉制品 多出 3.*鹿城、瓯海") as caught:
        allocate.two_margins([5, 5, 5], [7, 4, 4], [[1, 0, 0], [1, 0, 0], [1, 1, 1]], **names)
    assert "还差" in str(caught.value)


def test_a_bound_spreads_what_it_displaces_in_proportion() -> None:
    found = allocate.two_margins([100, 100, 100], [100, 100, 100], np.ones((3, 3)), minima={(0, 0): 80})
    assert found.table[0].tolist() == [80, 10, 10] and found.table[:, 0].tolist() == [80, 10, 10]
    assert found.held == [(0, 0)]


def test_equally_near_tables_are_settled_by_the_stated_order_and_repeat() -> None:
    found = [allocate.two_margins([2, 2, 2], [3, 3], np.ones((3, 2))).table.tolist() for _ in range(3)]
    assert found[0] == found[1] == found[2] == [[1, 1]] * 3
    tied = allocate.two_margins([1, 1, 1], [1, 1, 1], np.ones((3, 3))).table.tolist()
    assert tied == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]  # earlier rows are rounded up in earlier columns


def test_a_wide_table_is_the_turned_tall_one() -> None:
    rng = np.random.default_rng(31)
    seed = rng.uniform(0.5, 2, (4, 9))
    rows, columns = allocate.hamilton(120, [1, 2, 3, 4]), allocate.hamilton(120, list(range(1, 10)))
    wide, tall = allocate.two_margins(rows, columns, seed), allocate.two_margins(columns, rows, seed.T)
    assert np.array_equal(wide.table, tall.table.T)


def test_two_hundred_regions_by_thirty_four_classes_take_moments() -> None:
    rng = np.random.default_rng(1)
    rows, columns = allocate.hamilton(20400, rng.lognormal(0, 1, 200).tolist()), allocate.hamilton(20400, rng.lognormal(0, 1, 34).tolist())
    start = time.process_time()
    found = allocate.two_margins(rows, columns, np.outer(rows, columns) * rng.uniform(0.5, 1.5, (200, 34)))
    assert time.process_time() - start < pace.SOON
    assert found.table.sum(axis=1).tolist() == rows and found.table.sum(axis=0).tolist() == columns


# --- quarters ---------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(TABLES)
def test_quarters_keep_every_cell_every_class_and_every_total(key: int) -> None:
    rng = np.random.default_rng(key)
    year = rng.integers(0, 15, rng.integers(1, 8, 2))
    found = allocate.split_quarters(year)
    assert np.array_equal(found.cells.sum(axis=2), year) and (found.cells >= 0).all()
    totals = found.cells.sum(axis=(0, 1))
    assert totals.max() - totals.min() <= 1 and totals.tolist() == sorted(totals.tolist(), reverse=True)
    by_class, share = found.cells.sum(axis=0), np.outer(year.sum(axis=0), totals) / max(year.sum(), 1)
    assert np.abs(by_class - share).max() < 1
    away = found.cells.sum(axis=1) - np.outer(year.sum(axis=1), totals) / max(year.sum(), 1)
    assert {(i, k) for i, k, _ in found.deviations} == {(int(i), int(k)) for i, k in np.argwhere(np.abs(away) >= 1 - 1e-9)}


@pytest.mark.parametrize("regions", [5, 11, 34])
def test_a_city_of_thirty_four_classes_has_no_deviation_to_report(regions: int) -> None:
    for key in range(4):
        rng = np.random.default_rng(key)
        total = 34 * regions
        rows, columns = (allocate.hamilton(total, rng.lognormal(0, 1, size).tolist()) for size in (regions, 34))
        year = allocate.two_margins(rows, columns, np.outer(rows, columns) * rng.uniform(0.5, 1.5, (regions, 34))).table
        assert allocate.split_quarters(year).deviations == []


# --- laboratories -----------------------------------------------------------------------------------------------------


def test_laboratories_take_as_much_as_they_may_as_cheaply_as_possible() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        demand, caps, price = rng.integers(0, 12, (4, 1)), rng.integers(0, 16, 3), rng.integers(1, 9, 3)
        scope = rng.random((4, 3)) < 0.6
        labs = [
            allocate.Laboratory(f"L{k}", [int(caps[k])], frozenset(f"c{j}" for j in range(4) if scope[j, k]), int(price[k])) for k in range(3)
        ]
        found = allocate.assign_laboratories(demand, [f"c{j}" for j in range(4)], labs)
        assert np.array_equal(found.batches.sum(axis=2) + found.overflow, demand)
        assert (found.batches[:, 0, :].sum(axis=0) <= caps).all() and (found.batches[:, 0, :][~scope] == 0).all()
        upper = np.where(scope, demand, 0).ravel()
        most = linprog(-np.ones(12), A_ub=np.vstack([np.kron(np.eye(4), np.ones(3)), np.kron(np.ones(4), np.eye(3))]),
                       b_ub=[*demand.ravel(), *caps], bounds=list(zip(np.zeros(12), upper, strict=True)))
        assert found.batches.sum() == round(-most.fun)
        cheap = linprog(np.tile(price, 4), A_eq=np.ones((1, 12)), b_eq=[-most.fun], bounds=list(zip(np.zeros(12), upper, strict=True)),
                        A_ub=np.vstack([np.kron(np.eye(4), np.ones(3)), np.kron(np.ones(4), np.eye(3))]), b_ub=[*demand.ravel(), *caps])
        assert found.cost == round(cheap.fun)


def test_a_laboratory_never_tests_what_it_must_not_and_the_reason_for_what_is_left_is_named() -> None:
    labs = [allocate.Laboratory("甲所", [5, 5]), allocate.Laboratory("乙所", [3, 3], frozenset({"饮料"}))]
    found = allocate.assign_laboratories([[6, 0], [4, 1]], ["肉制品", "饮料"], labs, banned=[("甲所", "饮料")])
    assert found.batches[:, 0, :].tolist() == [[5, 0], [0, 3]] and found.overflow.tolist() == [[1, 0], [1, 0]]
    assert found.reasons == ["肉制品 第 1 期有 1 批无处可送：可检的机构已满：甲所（能力 5）", "饮料 第 1 期有 1 批无处可送：可检的机构已满：乙所（能力 3）"]
    nobody = allocate.assign_laboratories([[2]], ["酒类"], [allocate.Laboratory("乙所", [9], frozenset({"饮料"}))])
    assert nobody.overflow.tolist() == [[2]] and "没有机构可检" in nobody.reasons[0]
    assert allocate.assign_laboratories([[2]], ["酒类"], []).overflow.tolist() == [[2]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: allocate.quota(-1, 7), "人口"),
        (lambda: allocate.quota(10, "七"), "每千人批次"),
        (lambda: allocate.quota(10, 7, "nearest"), "取整方式"),
        (lambda: allocate.apportion(3, [], "hamilton"), "权重"),
        (lambda: allocate.apportion(3, [0, 0]), "不全为 0"),
        (lambda: allocate.apportion(3, [1, -1]), "非负"),
        (lambda: allocate.apportion(3, [1, float("nan")]), "权重"),
        (lambda: allocate.apportion(3.5, [1, 1]), "总数"),
        (lambda: allocate.apportion(3, [1, 1], "adams"), "可选 hamilton"),
        (lambda: allocate.apportion(3, [1, 1], "webster", [2, 2]), "下限合计 4 大于总数 3，差 1"),
        (lambda: allocate.apportion(9, [1, 1], "webster", None, [2, 2]), "上限合计 4 小于总数 9，差 5"),
        (lambda: allocate.apportion(3, [1, 1], "webster", [2, 0], [1, 9]), "第 1 项的下限 2 大于上限 1"),
        (lambda: allocate.apportion(3, [1, 1], "webster", [0]), "个数不一致"),
        (lambda: allocate.neyman(11, [5, 5], [1, 1]), "差 1"),
        (lambda: allocate.neyman(3, [5, 5], [1, 1]), "下限合计 4"),
        (lambda: allocate.neyman(6, [5, 5], [0, 0]), "全为 0"),
        (lambda: allocate.neyman(6, [5, 5], [1, -1]), "不小于 0"),
        (lambda: allocate.neyman_shares(6, [5, 5], [1, 1], minima=[4, 4]), "不相容"),
        (lambda: allocate.power_shares(6, [5, 0], [1, 1], 0.5), "大于 0"),
        (lambda: allocate.power_shares(6, [5, 5], [1, 1], 2), "指数"),
        (lambda: allocate.binary_spread([1, 2], [5, 5], 0.7), "下限 floor"),
        (lambda: allocate.two_margins([2, 2], [2, 3], [[1, 1], [1, 1]]), "不相等，差 1"),
        (lambda: allocate.two_margins([2, 2], [2, 2], [[1, 1]]), "形状"),
        (lambda: allocate.two_margins([2, 2], [2, 2], [[1, -1], [1, 1]]), "非负"),
        (lambda: allocate.two_margins([2, 2], [2, 2], [["a", 1], [1, 1]]), "数表"),
        (lambda: allocate.two_margins([2.5, 2], [2, 2], [[1, 1], [1, 1]]), "行合计"),
        (lambda: allocate.two_margins([2, 2], [2, 2], [[1, 1], [1, 1]], locks={(5, 0): 1}), "表中没有这些单元"),
        (lambda: allocate.two_margins([4, 0], [2, 2], [[0, 0], [1, 1]]), "不足合计 4"),
        (lambda: allocate.split_quarters([[4, 4]], [1, 2, 3, 4]), "不相等"),
        (lambda: allocate.split_quarters([4, 4]), "形状"),
        (lambda: allocate.assign_laboratories([[1, 1]], ["a"], [allocate.Laboratory("L", [1])]), "期数不一致"),
        (lambda: allocate.assign_laboratories([[1]], ["a"], [allocate.Laboratory("L", [1])], [("M", "a")]), "不在名单中：M"),
        (lambda: allocate.assign_laboratories([[1]], ["a"], [allocate.Laboratory("L", [-1])]), "L 的能力"),
    ],
)
def test_bad_input_is_refused_with_the_value_and_what_is_allowed(call: Any, message: str) -> None:
    with pytest.raises(SamplingError, match=message):
        call()

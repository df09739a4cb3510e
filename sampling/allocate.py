"""Allocation 分配: quotas from population, one margin, two margins, quarters, laboratories; exact to the last batch.

Deterministic: the same input gives the same table, ties by the stated order. Infeasible demands are explained by row, column
and shortfall instead of being relaxed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from sampling.arguments import Exact, exact_fraction, one_of, whole
from sampling.errors import SamplingError

Table = npt.NDArray[np.int64]
_NEAR = 1e-7  # a fitted cell this close to a whole number counts as whole


def quota(population: int, per_thousand: Exact, rounding: str = "up") -> int:
    """Batches from a population and a rate per thousand people, in exact arithmetic.

    Parameters
    ----------
    rounding : "up" (以上: at least, the default), "half_up" or "down".

    Examples
    --------
    >>> quota(6_709_600, 7), quota(6_709_600, 7, "half_up"), quota(320_000, "7")
    (46968, 46967, 2240)
    """
    people = whole(population, "人口 population")
    rate = exact_fraction(per_thousand, "每千人批次 per_thousand")
    if rate < 0:
        raise SamplingError(f"每千人批次 per_thousand 不合法：{per_thousand!r}；应不小于 0")
    one_of(rounding, ("up", "half_up", "down"), "取整方式 rounding")
    exact = people * rate / 1000
    if rounding == "up":
        return -(-exact.numerator // exact.denominator)
    if rounding == "down":
        return exact.numerator // exact.denominator
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def hamilton(total: int, weights: Sequence[Exact], minima: Sequence[int] | None = None, caps: Sequence[int | None] | None = None) -> list[int]:
    """Largest remainder: every share is the floor or the ceiling of its quota unless a bound binds.

    Parameters
    ----------
    weights : non-negative, not all zero; ties of remainders go to the larger weight, then to the earlier place.
    minima, caps : bounds per place; bound places are fixed and the rest is shared anew.

    Notes
    -----
    Has the Alabama paradox: with a larger total a place may get less. Use `webster` where that must not happen.

    Examples
    --------
    >>> hamilton(10, [60, 60, 20]), hamilton(11, [60, 60, 20])
    ([4, 4, 2], [5, 5, 1])
    """
    shares, low, high = _checked(total, weights, minima, caps)
    fixed: dict[int, int] = {}
    while True:
        free = [i for i in range(len(shares)) if i not in fixed]
        left = total - sum(fixed.values())
        weight = sum((shares[i] for i in free), Fraction(0))
        if not free or weight == 0:
            return _without_weight(fixed, free, left, low, high, len(shares))
        exact = {i: left * shares[i] / weight for i in free}
        below = [i for i in free if exact[i] < low[i]]
        above = [i for i in free if _over(exact[i], high[i])]
        if not below and not above:
            return _round(exact, fixed, left, shares, high)
        deficit = sum((low[i] - exact[i] for i in below), Fraction(0))
        surplus = sum((exact[i] - (high[i] or 0) for i in above), Fraction(0))
        fixed.update({i: low[i] for i in below} if deficit >= surplus else {i: high[i] or 0 for i in above})


def _over(value: Fraction, cap: int | None) -> bool:
    return cap is not None and value > cap


def _checked(
    total: int, weights: Sequence[Exact], minima: Sequence[int] | None, caps: Sequence[int | None] | None
) -> tuple[list[Fraction], list[int], list[int | None]]:
    whole(total, "总数 total")
    shares = [exact_fraction(w, "权重 weights") for w in weights]
    if not shares or any(w < 0 for w in shares) or (sum(shares) == 0 and total > 0):
        raise SamplingError(f"权重 weights 不合法：{list(weights)!r}；应非负且不全为 0")
    low = [whole(v, "下限 minima") for v in (minima or [0] * len(shares))]
    high = [None if v is None else whole(v, "上限 caps") for v in (caps or [None] * len(shares))]
    if not len(low) == len(high) == len(shares):
        raise SamplingError(f"权重、下限、上限的个数不一致：{len(shares)}、{len(low)}、{len(high)}")
    crossed = [i for i in range(len(shares)) if high[i] is not None and low[i] > (high[i] or 0)]
    if crossed:
        raise SamplingError(f"第 {crossed[0] + 1} 项的下限 {low[crossed[0]]} 大于上限 {high[crossed[0]]}")
    if sum(low) > total:
        raise SamplingError(f"下限合计 {sum(low)} 大于总数 {total}，差 {sum(low) - total}")
    if all(v is not None for v in high) and sum(v or 0 for v in high) < total:
        raise SamplingError(f"上限合计 {sum(v or 0 for v in high)} 小于总数 {total}，差 {total - sum(v or 0 for v in high)}")
    return shares, low, high


def _without_weight(
    fixed: dict[int, int], free: Sequence[int], left: int, low: Sequence[int], high: Sequence[int | None], size: int
) -> list[int]:
    result = {**fixed, **{i: low[i] for i in free}}
    left -= sum(low[i] for i in free)
    for i in free:
        room = left if high[i] is None else min(left, (high[i] or 0) - result[i])
        result[i] += room
        left -= room
    if left:
        raise SamplingError(f"权重为 0 的项之外已无处可分，还差 {left}")
    return [result[i] for i in range(size)]


def _round(exact: Mapping[int, Fraction], fixed: dict[int, int], left: int, shares: Sequence[Fraction], high: Sequence[int | None]) -> list[int]:
    floors = {i: v.numerator // v.denominator for i, v in exact.items()}
    order = sorted(exact, key=lambda i: (-(exact[i] - floors[i]), -shares[i], i))
    over = left - sum(floors.values())
    for i in order:
        if over and (high[i] is None or floors[i] < (high[i] or 0)):
            floors[i] += 1
            over -= 1
    result = {**fixed, **floors}
    return [result[i] for i in range(len(shares))]


# --- two margins ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TwoMargins:
    """两维分配: the table, the fitted values it rounds, and the cells that left floor/ceil because a bound made them."""

    table: Table
    fitted: npt.NDArray[np.float64]
    moved: list[tuple[int, int]]


def two_margins(
    rows: Sequence[int],
    columns: Sequence[int],
    seed: Any,
    *,
    locks: Mapping[tuple[int, int], int] | None = None,
    minima: Mapping[tuple[int, int], int] | None = None,
    maxima: Mapping[tuple[int, int], int] | None = None,
    row_names: Sequence[str] | None = None,
    column_names: Sequence[str] | None = None,
) -> TwoMargins:
    """An integer table exact on both margins, each free cell the floor or ceiling of its fitted value where bounds allow.

    Parameters
    ----------
    rows, columns : integer margins of one total; shapes (r,) and (c,).
    seed : (r, c) non-negative starting values (weights); 0 is a structural zero.
    locks, minima, maxima : bounds per cell (row, column).

    Raises
    ------
    SamplingError : margins that disagree, or demands that no table meets, explained by row, column and shortfall.

    Notes
    -----
    Iterative proportional fitting, then controlled rounding as a transportation problem (totally unimodular, so the linear
    program has an integer vertex). Cox & Ernst (1982).

    Examples
    --------
    >>> two_margins([3, 2], [2, 3], [[1, 1], [1, 1]]).table.sum(axis=1).tolist()
    [3, 2]
    """
    problem = _Margins.of(rows, columns, seed, locks or {}, minima or {}, maxima or {}, row_names, column_names)
    fitted = problem.fit()
    table = problem.round(fitted)
    floor = np.floor(fitted + _NEAR)
    near = (table == floor) | ((table == floor + 1) & (fitted - floor > _NEAR))
    return TwoMargins(table, fitted, [(int(i), int(j)) for i, j in np.argwhere(~near & ~problem.locked)])


@dataclass(frozen=True, slots=True)
class _Margins:
    rows: Table
    columns: Table
    seed: npt.NDArray[np.float64]
    low: Table
    high: Table
    locked: npt.NDArray[np.bool_]
    row_names: Sequence[str]
    column_names: Sequence[str]

    @classmethod
    def of(
        cls, rows: Sequence[int], columns: Sequence[int], seed: Any, locks: Mapping[tuple[int, int], int],
        minima: Mapping[tuple[int, int], int], maxima: Mapping[tuple[int, int], int],
        row_names: Sequence[str] | None, column_names: Sequence[str] | None,
    ) -> _Margins:
        r = np.array([whole(v, "行合计 rows") for v in rows], dtype=np.int64)
        c = np.array([whole(v, "列合计 columns") for v in columns], dtype=np.int64)
        weights = np.asarray(seed, dtype=np.float64)
        if weights.shape != (r.size, c.size) or not np.all(np.isfinite(weights)) or np.any(weights < 0):
            raise SamplingError(f"起始表 seed 应为 {r.size}×{c.size} 的非负数，收到形状 {weights.shape}")
        if r.sum() != c.sum():
            raise SamplingError(f"行合计 {int(r.sum())} 与列合计 {int(c.sum())} 不相等，差 {int(abs(r.sum() - c.sum()))}")
        low = np.zeros(weights.shape, dtype=np.int64)
        high = np.minimum(r[:, None], c[None, :])
        high = np.where(weights > 0, high, 0)
        for (i, j), value in minima.items():
            low[i, j] = whole(value, "单元下限 minima")
        for (i, j), value in maxima.items():
            high[i, j] = min(high[i, j], whole(value, "单元上限 maxima"))
        locked = np.zeros(weights.shape, dtype=bool)
        for (i, j), value in locks.items():
            low[i, j] = high[i, j] = whole(value, "锁定 locks")
            locked[i, j] = True
        names = row_names or [f"第{i + 1}行" for i in range(r.size)], column_names or [f"第{j + 1}列" for j in range(c.size)]
        made = cls(r, c, weights, low, high, locked, *names)
        made.check()
        return made

    def check(self) -> None:
        """Bounds that one row or one column alone cannot meet."""
        faults = []
        crossed = np.argwhere(self.low > self.high)
        for i, j in crossed[:5]:
            faults.append(f"{self.row_names[i]}×{self.column_names[j]}：至少 {self.low[i, j]}，但最多只能 {self.high[i, j]}")
        for axis, margin, names in ((1, self.rows, self.row_names), (0, self.columns, self.column_names)):
            least, most = self.low.sum(axis=axis), self.high.sum(axis=axis)
            for k in np.flatnonzero(least > margin)[:5]:
                faults.append(f"{names[k]}：单元下限（含锁定）合计 {least[k]} 超过合计 {margin[k]}，多 {least[k] - margin[k]}")
            for k in np.flatnonzero(most < margin)[:5]:
                faults.append(f"{names[k]}：单元上限合计 {most[k]} 不足合计 {margin[k]}，差 {margin[k] - most[k]}")
        if faults:
            raise SamplingError("分配要求无法满足。" + "；".join(faults))

    def fit(self) -> npt.NDArray[np.float64]:
        """Iterative proportional fitting of the free cells to what the locks leave."""
        fixed = np.where(self.locked, self.low, 0).astype(np.float64)
        free = np.where(self.locked, 0.0, self.seed)
        r, c = self.rows - fixed.sum(axis=1), self.columns - fixed.sum(axis=0)
        for _ in range(2000):
            before = free
            free = free * _ratio(r, free.sum(axis=1))[:, None]
            free = free * _ratio(c, free.sum(axis=0))[None, :]
            if np.abs(free.sum(axis=1) - r).max(initial=0) < 1e-9 or np.abs(free - before).max(initial=0) < 1e-13:
                break
        return free + fixed

    def round(self, fitted: npt.NDArray[np.float64]) -> Table:
        """The integer table nearest to the fitted one within the bounds and on the margins."""
        inside = np.clip(fitted, self.low, self.high)
        floor = np.minimum(np.floor(inside + _NEAR).astype(np.int64), self.high)
        part = np.clip(inside - floor, 0.0, 1.0)
        part = np.where(part < _NEAR, 0.0, part)
        ceil_room = ((part > 0) & (floor < self.high)).astype(np.float64)
        up_room = np.maximum(self.high - floor - ceil_room, 0)
        down_room = np.maximum(floor - self.low, 0).astype(np.float64)
        solution = self._solve(floor, part, ceil_room, up_room, down_room)
        size = floor.size
        parts = np.rint(solution[: 3 * size]).astype(np.int64).reshape(3, *floor.shape)
        table = floor + parts[0] + parts[1] - parts[2]
        if np.any(table.sum(axis=1) != self.rows) or np.any(table.sum(axis=0) != self.columns):
            raise SamplingError("求解器没有给出整数表；请检查单元上下限")
        return np.asarray(table, dtype=np.int64)

    def _solve(self, floor: Table, part: Any, ceil_room: Any, up_room: Any, down_room: Any) -> npt.NDArray[np.float64]:
        """Ceil (cost 1−2f), further up and further down (dear), and slack on the margins (very dear) as one linear program."""
        n_rows, n_columns = floor.shape
        size = floor.size
        i, j = np.divmod(np.arange(size), n_columns)
        sign = np.concatenate([np.ones(size), np.ones(size), -np.ones(size)])
        cells = np.tile(np.arange(size), 3)
        columns = np.arange(3 * size)
        row_part = coo_matrix((sign, (i[cells], columns)), shape=(n_rows, 3 * size))
        column_part = coo_matrix((sign, (j[cells], columns)), shape=(n_columns, 3 * size))
        slack = n_rows + n_columns
        short = coo_matrix((np.ones(slack), (np.arange(slack), np.arange(slack))), shape=(slack, slack))
        from scipy.sparse import hstack, vstack

        matrix = hstack([vstack([row_part, column_part]), short, -short]).tocsc()
        wanted = np.concatenate([self.rows - floor.sum(axis=1), self.columns - floor.sum(axis=0)])
        order = np.arange(size) * (1e-9 / max(size, 1))  # ties: the earlier cell first
        cost = np.concatenate([(1 - 2 * part).ravel() + order, np.full(size, 4.0), np.full(size, 4.0), np.full(2 * slack, 1e4)])
        upper = np.concatenate([ceil_room.ravel(), up_room.ravel(), down_room.ravel(), np.full(2 * slack, np.inf)])
        found = linprog(cost, A_eq=matrix, b_eq=wanted, bounds=np.column_stack([np.zeros_like(upper), upper]), method="highs-ds")
        if found.status != 0:
            raise SamplingError(f"求解失败：{found.message}")
        slacks = found.x[3 * size :].reshape(2, slack)
        if slacks.max(initial=0) > 0.5:
            self._explain(slacks)
        return np.asarray(found.x, dtype=np.float64)

    def _explain(self, slacks: npt.NDArray[np.float64]) -> None:
        names = [*self.row_names, *self.column_names]
        short = [f"{names[k]} 还差 {round(slacks[0, k])}" for k in np.flatnonzero(slacks[0] > 0.5)]
        over = [f"{names[k]} 多出 {round(slacks[1, k])}" for k in np.flatnonzero(slacks[1] > 0.5)]
        raise SamplingError("单元上下限与合计不能同时满足：" + "；".join(short + over) + "。请放宽有关单元的上下限或锁定。")


def _ratio(wanted: npt.NDArray[Any], present: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    result: npt.NDArray[np.float64] = np.divide(wanted, present, out=np.zeros_like(present, dtype=np.float64), where=present > 0)
    return result


# --- quarters ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quarters:
    """季度分解: cells[region, class, quarter]; exact per cell, per class × quarter and per quarter; deviations of regions."""

    cells: Table
    deviations: list[tuple[int, int, float]]  # region, quarter, batches away from a quarter of the region's year when 1 or more


def split_quarters(table: Any, quarter_totals: Sequence[int] | None = None) -> Quarters:
    """Split a table over four quarters: class × quarter exact, region × quarter as near to a quarter as it goes.

    Parameters
    ----------
    table : (regions, classes) integers.
    quarter_totals : four totals of the year's total; equal ones (the earlier quarters larger) when left out.

    Notes
    -----
    Three two-way margins at once need not have an integer solution, so regions are kept within one batch of a quarter where
    possible and every larger deviation is listed.

    Examples
    --------
    >>> split_quarters([[4, 4], [4, 4]]).cells.sum(axis=(0, 1)).tolist()
    [4, 4, 4, 4]
    """
    whole_table = np.asarray(table, dtype=np.int64)
    total = int(whole_table.sum())
    totals = list(quarter_totals) if quarter_totals is not None else hamilton(total, [1, 1, 1, 1])
    if len(totals) != 4 or sum(totals) != total:
        raise SamplingError(f"四个季度合计 {sum(totals)} 与全年 {total} 不相等")
    by_class = whole_table.sum(axis=0)
    seed = np.outer(by_class, totals) if total else np.zeros((by_class.size, 4))
    class_quarter = two_margins(by_class.tolist(), totals, seed).table
    cells = np.zeros((*whole_table.shape, 4), dtype=np.int64)
    share = np.outer(whole_table.sum(axis=1), totals) / max(total, 1)
    done = np.zeros_like(share)
    planned = np.zeros_like(share)
    for j in np.argsort(-by_class, kind="stable"):
        if not by_class[j]:
            continue
        expected = np.outer(whole_table[:, j], class_quarter[j]) / by_class[j]
        planned += expected
        wish = np.where(expected > 0, np.maximum(expected + 0.9 * (planned - expected - done), 1e-6), 0.0)
        cells[:, j, :] = two_margins(whole_table[:, j].tolist(), class_quarter[j].tolist(), np.where(expected > 0, wish, 0)).table
        done += cells[:, j, :]
    away = cells.sum(axis=1) - share
    return Quarters(cells, [(int(i), int(k), float(away[i, k])) for i, k in np.argwhere(np.abs(away) >= 1)])


# --- laboratories -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Laboratory:
    """承检机构 for the assignment: classes it may test (None = all), capacity and price per quarter."""

    name: str
    capacity: Sequence[int]
    classes: frozenset[str] | None = None
    price: int = 0


@dataclass(frozen=True, slots=True)
class Assignment:
    """batches[class, quarter, laboratory], and what could not be placed per (class, quarter)."""

    batches: Table
    overflow: Table
    cost: int


def assign_laboratories(
    demand: Any, classes: Sequence[str], laboratories: Sequence[Laboratory], banned: Collection[tuple[str, str]] = ()
) -> Assignment:
    """Send class × quarter batches to laboratories at least cost within scope and capacity (minimum-cost flow).

    Parameters
    ----------
    demand : (classes, quarters) integers.
    banned : pairs (laboratory, class) that must not meet, such as a laboratory testing what its owner makes.

    Returns
    -------
    Assignment : `overflow` holds what no capacity was left for; nothing is dropped silently.

    Examples
    --------
    >>> labs = [Laboratory("A", [5], None, 1), Laboratory("B", [9], frozenset({"肉制品"}), 2)]
    >>> assign_laboratories([[8], [3]], ["肉制品", "乳制品"], labs).batches[:, 0, :].tolist()
    [[2, 6], [3, 0]]
    """
    wanted = np.asarray(demand, dtype=np.int64)
    n_classes, n_quarters = wanted.shape
    if n_classes != len(classes) or any(len(lab.capacity) != n_quarters for lab in laboratories):
        raise SamplingError("需求、类别和各机构能力的期数不一致")
    batches = np.zeros((n_classes, n_quarters, len(laboratories)), dtype=np.int64)
    overflow = np.zeros_like(wanted)
    allowed = np.array(
        [[(lab.classes is None or c in lab.classes) and (lab.name, c) not in banned for lab in laboratories] for c in classes], dtype=bool
    ).reshape(n_classes, len(laboratories))
    for k in range(n_quarters):
        batches[:, k, :], overflow[:, k] = _assign_quarter(wanted[:, k], allowed, laboratories, k)
    cost = int(sum(batches[:, :, i].sum() * lab.price for i, lab in enumerate(laboratories)))
    return Assignment(batches, overflow, cost)


def _assign_quarter(wanted: Table, allowed: npt.NDArray[np.bool_], laboratories: Sequence[Laboratory], quarter: int) -> tuple[Table, Table]:
    n_classes, n_labs = allowed.shape
    caps = np.array([whole(lab.capacity[quarter], "能力 capacity") for lab in laboratories], dtype=np.int64)
    size = n_classes * n_labs
    i, k = np.divmod(np.arange(size), max(n_labs, 1))
    equal = coo_matrix(
        (np.ones(size + n_classes), (np.concatenate([i, np.arange(n_classes)]), np.arange(size + n_classes))), shape=(n_classes, size + n_classes)
    )
    most = coo_matrix((np.ones(size), (k, np.arange(size))), shape=(n_labs, size + n_classes))
    dear = 1_000_000_000
    price = np.array([lab.price for lab in laboratories], dtype=np.float64)
    cost = np.concatenate([price[k] + np.arange(size) * 1e-9, np.full(n_classes, float(dear))])
    upper = np.concatenate([np.where(allowed.ravel(), wanted[i], 0), wanted])
    found = linprog(
        cost, A_ub=most.tocsc() if n_labs else None, b_ub=caps if n_labs else None, A_eq=equal.tocsc(), b_eq=wanted,
        bounds=np.column_stack([np.zeros_like(upper), upper]), method="highs-ds",
    )
    if found.status != 0:
        raise SamplingError(f"检验机构分配求解失败：{found.message}")
    solution = np.rint(found.x).astype(np.int64)
    return solution[:size].reshape(n_classes, n_labs), solution[size:]

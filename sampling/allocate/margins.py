"""Two margins 两维分配: a table of whole batches exact on its rows and on its columns, as near to proportional as it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sampling.allocate.rounding import Rounding
from sampling.arguments import Bools, Floats, Ints, numbers, refuse_where, same_length, whole
from sampling.errors import SamplingError

Table = Ints
Cells = Mapping[tuple[int, int], int]
_NEAR = 1e-7  # a fitted cell this close to a whole number counts as whole
_ROUNDS = 5000
_UNEQUAL = 1e-9  # difference of two totals, relative to them, that is only rounding
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class TwoMargins:
    """两维分配: the table, the fitted values it rounds, and the cells that left floor/ceil because a bound made them.

    `fitted` already respects the bounds; `held` are the free cells that stand at a bound they would otherwise have left.
    """

    table: Table
    fitted: Floats
    moved: list[tuple[int, int]]
    held: list[tuple[int, int]]


def two_margins(
    rows: Sequence[int],
    columns: Sequence[int],
    seed: Any,
    *,
    locks: Cells | None = None,
    minima: Cells | None = None,
    maxima: Cells | None = None,
    row_names: Sequence[str] | None = None,
    column_names: Sequence[str] | None = None,
) -> TwoMargins:
    """An integer table exact on both margins, each free cell the floor or ceiling of its fitted value where bounds allow.

    Parameters
    ----------
    rows, columns : integer margins of one total; shapes (r,) and (c,).
    seed : (r, c) non-negative starting values (weights); 0 is a structural zero.
    locks, minima, maxima : bounds per cell (row, column).
    row_names, column_names : for the messages.

    Returns
    -------
    TwoMargins : least Σ|cell − fitted| among all such tables; of equally near ones, the one in which earlier rows are
        rounded up in earlier columns. The same input gives the same table.

    Raises
    ------
    SamplingError : margins that disagree, or demands that no table meets, explained by row, column and shortfall.

    Notes
    -----
    Iterative proportional fitting, then controlled rounding as a minimum-cost flow (a transportation problem: whole solutions
    exist wherever fractional ones do).

    References
    ----------
    Cox & Ernst (1982), INFOR 20, 423–432.

    Examples
    --------
    >>> two_margins([3, 2], [4, 1], [[1, 1], [1, 1]]).table.tolist()
    [[2, 1], [2, 0]]
    """
    problem = _Margins.of(rows, columns, seed, (locks or {}, minima or {}, maxima or {}), row_names, column_names)
    fitted = problem.fit()
    table = problem.round(fitted)
    floor = np.floor(fitted + _NEAR)
    near = (table == floor) | ((table == floor + 1) & (fitted - floor > _NEAR))
    given = {at for cells in (minima, maxima) for at in cells or {}} - set(locks or {})
    held = sorted(at for at in given if fitted[at] in (problem.low[at], problem.high[at]))
    return TwoMargins(table, fitted, [(int(i), int(j)) for i, j in np.argwhere(~near & ~problem.locked)], held)


def fit_table(rows: Sequence[float], columns: Sequence[float], seed: Any) -> Floats:
    """The starting table scaled to both margins (iterative proportional fitting), not rounded.

    Parameters
    ----------
    rows, columns : margins ≥ 0 of one total, not necessarily whole; shapes (r,) and (c,).
    seed : (r, c) non-negative starting values; 0 is a structural zero.

    Returns
    -------
    array : (r, c) shares of the total.

    Raises
    ------
    SamplingError : margins that disagree, or that no table with these zeros has.

    Notes
    -----
    Rows and columns are scaled in turn until both margins hold. Zeros stay zero. Wrong as a basis of counts: round it with
    `two_margins`.

    References
    ----------
    Deming & Stephan (1940), doi:10.1214/aoms/1177731829.

    Examples
    --------
    >>> fit_table([3, 2], [4, 1], [[1, 1], [1, 1]]).round(6).tolist()
    [[2.4, 0.6], [1.6, 0.4]]
    """
    r, c = _totals(rows, "行合计 rows"), _totals(columns, "列合计 columns")
    weights = _weights(seed, (r.size, c.size))
    total = float(max(r.sum(), c.sum()))
    if abs(r.sum() - c.sum()) > _UNEQUAL * total:
        raise SamplingError(f"行合计 {r.sum():.12g} 与列合计 {c.sum():.12g} 不相等，差 {abs(r.sum() - c.sum()):.6g}")
    fitted = _proportional(weights, r, c, total)
    missing = [*(r - fitted.sum(axis=1)), *(c - fitted.sum(axis=0))]
    worst = int(np.argmax(np.abs(missing)))
    if abs(missing[worst]) > _NEAR * max(1.0, total):
        where = f"第{worst + 1}行" if worst < r.size else f"第{worst - r.size + 1}列"
        raise SamplingError(f"起始表 seed 中为 0 的单元使合计无法满足（或只有另一些单元也为 0 才能满足）：{where}的合计相差 {abs(missing[worst]):.3g}；请给有关单元大于 0 的起始值，或改合计")
    return fitted


def _totals(values: Any, name: str) -> Floats:
    found = numbers(values, name)
    same_length(**{name.split()[-1]: found})
    refuse_where(found < 0, found, name, "不小于 0 的数")
    return found


@dataclass(frozen=True, slots=True)
class _Margins:
    rows: Table
    columns: Table
    seed: Floats
    low: Table
    high: Table
    locked: Bools
    row_names: Sequence[str]
    column_names: Sequence[str]

    @classmethod
    def of(
        cls, rows: Sequence[int], columns: Sequence[int], seed: Any, cells: tuple[Cells, Cells, Cells],
        row_names: Sequence[str] | None, column_names: Sequence[str] | None,
    ) -> _Margins:
        r = np.array([whole(v, "行合计 rows") for v in rows], dtype=np.int64)
        c = np.array([whole(v, "列合计 columns") for v in columns], dtype=np.int64)
        weights = _weights(seed, (r.size, c.size))
        if r.sum() != c.sum():
            raise SamplingError(f"行合计 {int(r.sum())} 与列合计 {int(c.sum())} 不相等，差 {int(abs(r.sum() - c.sum()))}")
        low, high, locked = _bounds(np.where(weights > 0, np.minimum(r[:, None], c[None, :]), 0), *cells)
        names = row_names or [f"第{i + 1}行" for i in range(r.size)], column_names or [f"第{j + 1}列" for j in range(c.size)]
        made = cls(r, c, weights, low, high, locked, *names)
        made.check()
        return made

    def check(self) -> None:
        """Bounds that one cell, one row or one column alone cannot meet."""
        faults = [
            f"{self.row_names[i]}×{self.column_names[j]}：至少 {self.low[i, j]}，但最多只能 {self.high[i, j]}"
            for i, j in np.argwhere(self.low > self.high)[:_SHOWN]
        ]
        for axis, margin, names in ((1, self.rows, self.row_names), (0, self.columns, self.column_names)):
            least, most = self.low.sum(axis=axis), self.high.sum(axis=axis)
            for k in np.flatnonzero(least > margin)[:_SHOWN]:
                faults.append(f"{names[k]}：单元下限（含锁定）合计 {least[k]} 超过合计 {margin[k]}，多 {least[k] - margin[k]}")
            for k in np.flatnonzero(most < margin)[:_SHOWN]:
                faults.append(f"{names[k]}：单元上限合计 {most[k]} 不足合计 {margin[k]}，差 {margin[k] - most[k]}")
        if faults:
            raise SamplingError("分配要求无法满足。" + "；".join(faults))

    def fit(self) -> Floats:
        """Proportional fit; cells that leave their bounds are held there and the others fitted anew, the worse side first."""
        held, value = self.locked, np.where(self.locked, self.low, 0).astype(np.float64)
        while True:
            fitted = self._proportional(held, value)
            under, over = np.maximum(self.low - fitted, 0.0), np.maximum(fitted - self.high, 0.0)
            side, limit = (under, self.low) if under.sum() >= over.sum() else (over, self.high)
            out = (side > _NEAR) & ~held
            if not out.any():
                return fitted
            held, value = held | out, np.where(out, limit, value)

    def _proportional(self, held: Bools, value: Floats) -> Floats:
        """The free cells fitted to what the held ones leave."""
        r, c = np.maximum(self.rows - value.sum(axis=1), 0.0), np.maximum(self.columns - value.sum(axis=0), 0.0)
        return np.asarray(_proportional(np.where(held, 0.0, self.seed), r, c, float(self.rows.sum())) + value, dtype=np.float64)

    def round(self, fitted: Floats) -> Table:
        """The integer table nearest to the fitted one within the bounds and on the margins; the shorter margin is exchanged."""
        if self.columns.size <= self.rows.size:
            return Rounding.of(fitted, self.low, self.high, self.rows, self.columns).solve(self.row_names, self.column_names)
        turned = Rounding.of(fitted.T, self.low.T, self.high.T, self.columns, self.rows)
        return turned.solve(self.column_names, self.row_names).T


def _proportional(seed: Floats, rows: Floats, columns: Floats, total: float) -> Floats:
    """Iterative proportional fitting; `total` is the scale on which a margin counts as met."""
    table = seed / (seed.max(initial=0.0) or 1.0)
    close = 1e-10 * max(1.0, total)
    for _ in range(_ROUNDS):
        table *= _ratio(rows, table.sum(axis=1))[:, None]
        change = _ratio(columns, table.sum(axis=0))
        table *= change[None, :]
        if np.abs(table.sum(axis=1) - rows).max(initial=0) < close or np.abs(change[columns > 0] - 1).max(initial=0) < 1e-13:
            break
    return table


def _weights(seed: Any, shape: tuple[int, int]) -> Floats:
    try:
        weights = np.asarray(seed, dtype=np.float64)
    except (TypeError, ValueError):
        raise SamplingError(f"起始表 seed 应为 {shape[0]}×{shape[1]} 的非负数，收到不是数表的内容") from None
    if weights.shape != shape or not np.all(np.isfinite(weights)) or np.any(weights < 0):
        raise SamplingError(f"起始表 seed 应为 {shape[0]}×{shape[1]} 的非负数，收到形状 {weights.shape}")
    return weights


def _bounds(room: Table, locks: Cells, minima: Cells, maxima: Cells) -> tuple[Table, Table, Bools]:
    low, high, locked = np.zeros_like(room), room, np.zeros(room.shape, dtype=bool)
    outside = [at for cells in (locks, minima, maxima) for at in cells if not (0 <= at[0] < room.shape[0] and 0 <= at[1] < room.shape[1])]
    if outside:
        raise SamplingError(f"表中没有这些单元：{outside[:_SHOWN]}；行 0…{room.shape[0] - 1}，列 0…{room.shape[1] - 1}")
    for at, value in minima.items():
        low[at] = whole(value, "单元下限 minima")
    for at, value in maxima.items():
        high[at] = min(high[at], whole(value, "单元上限 maxima"))
    for at, value in locks.items():
        low[at] = high[at] = whole(value, "锁定 locks")
        locked[at] = True
    return low, high, locked


def _ratio(wanted: npt.NDArray[Any], present: Floats) -> Floats:
    result: Floats = np.divide(wanted, present, out=np.zeros_like(present), where=present > 0)
    return result

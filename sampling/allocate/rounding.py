"""Controlled rounding 控制取整: the whole table nearest to a fitted one, exact on both margins, within bounds per cell.

A minimum-cost flow in whole numbers, so that ties are ties. The shorter margin is solved by successive shortest paths: every
row starts at its own cheapest rounding (under prices that nearly balance the columns), and one unit at a time then moves along
the cheapest chain of exchanges from a column that has too much to one that has too little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sampling.arguments import Bools, Floats, Ints
from sampling.errors import SamplingError

_NEAR = 1e-7
_NEVER = 2**62
_PRICE_ROUNDS = 120


@dataclass(slots=True, eq=False)
class Rounding:
    """取整: costs in grid units × 2²⁴ plus a preference, so that one comparison settles distance first and ties second."""

    low: Ints
    high: Ints
    rows: Ints
    columns: Ints
    floor: Ints
    step: Ints  # cost of floor → floor + 1
    beyond: int  # cost of a unit further up (or down)
    preference: Ints
    table: Ints

    @classmethod
    def of(cls, fitted: Floats, low: Ints, high: Ints, rows: Ints, columns: Ints) -> Rounding:
        """Distance of floor + 1 against floor is 1 − 2·part; a unit further away costs 2, more than any rounding."""
        inside = np.clip(fitted, low, high)
        floor = np.floor(inside + _NEAR).astype(np.int64)
        part = np.clip(inside - floor, 0.0, 1.0)
        grid = 10**9 if columns.size <= 40 else 10**7
        beyond = 2 * grid * 2**24
        step = np.where(part > _NEAR, (grid - 2 * np.rint(part * grid).astype(np.int64)) * 2**24, beyond)
        i, j = np.indices(floor.shape)
        preference = np.asarray(-(i * j * 2**17) // max(floor.size, 2**17), dtype=np.int64)
        return cls(low, high, rows, columns, floor, step, beyond, preference, floor.copy())

    def up(self, price: Ints | int = 0) -> Ints:
        """Cost of one more in every cell."""
        cost = np.where(self.table < self.floor, -self.beyond, np.where(self.table == self.floor, self.step, self.beyond))
        return np.where(self.table < self.high, cost + self.preference - price, _NEVER)

    def down(self, price: Ints | int = 0) -> Ints:
        """Cost of one less in every cell."""
        cost = np.where(self.table > self.floor + 1, self.beyond, np.where(self.table == self.floor + 1, self.step, -self.beyond))
        return np.where(self.table > self.low, price - self.preference - cost, _NEVER)

    def solve(self, row_names: Sequence[str], column_names: Sequence[str]) -> Ints:
        """The nearest table.

        Raises
        ------
        SamplingError : no table within the bounds has these margins; names columns, rows and shortfall.
        """
        self._start(self._balanced_prices())
        over = self.table.sum(axis=0) - self.columns
        moves = _Moves(self.down(), self.up())
        while np.any(over > 0):
            changed = self._exchange(over, moves, row_names, column_names)
            moves.refresh(changed, self.down(), self.up())
        return self.table

    def _start(self, price: Ints) -> None:
        """Every row at its cheapest rounding under the prices."""
        self.table = np.clip(self.floor, self.low, self.high)
        short = self.rows - self.table.sum(axis=1)
        order = np.argsort(self.up(price), axis=1, kind="stable")
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(order.shape[1])[None, :], axis=1)
        self.table += (rank < short[:, None]) & (self.step < self.beyond) & (self.table < self.high)
        while np.any(short := self.rows - self.table.sum(axis=1)):
            less, more = np.flatnonzero(short < 0), np.flatnonzero(short > 0)
            self.table[more, self.up(price)[more].argmin(axis=1)] += 1
            self.table[less, self.down(price)[less].argmin(axis=1)] -= 1

    def _balanced_prices(self) -> Ints:
        """Prices within one unit of distance that leave little to exchange; any prices are right, good ones are quick."""
        price, best, least = np.zeros(self.columns.size), np.zeros(self.columns.size), np.inf
        for k in range(_PRICE_ROUNDS):
            self._start(np.rint(price * self.beyond / 2).astype(np.int64))
            missing = self.columns - self.table.sum(axis=0)
            if (left := np.abs(missing).sum()) < least:
                best, least = price, left
            if least <= self.columns.size:
                break
            price = price + missing / self.rows.size * (2 / (1 + k / 10))
            price = np.clip(price - price.min(), 0.0, 0.999)
        return np.rint(best * self.beyond / 2).astype(np.int64)

    def _exchange(self, over: Ints, moves: _Moves, row_names: Sequence[str], column_names: Sequence[str]) -> list[int]:
        """Move one unit from a column with too much to one with too little along the cheapest chain; the rows it went through."""
        distance, before = _shortest(moves.cost, over > 0)
        targets = np.flatnonzero((over < 0) & (distance < _NEVER))
        if not targets.size:
            self._explain(over, distance < _NEVER, row_names, column_names)
        at = int(targets[distance[targets].argmin()])
        over[at] += 1
        changed = []
        while (origin := int(before[at])) >= 0:
            row = int(moves.via[origin, at])
            self.table[row, at] += 1
            self.table[row, origin] -= 1
            changed.append(row)
            at = origin
        over[at] -= 1
        return sorted(set(changed))

    def _explain(self, over: Ints, reached: Bools, row_names: Sequence[str], column_names: Sequence[str]) -> None:
        short = [f"{column_names[int(j)]} 还差 {-over[j]}" for j in np.flatnonzero((over < 0) & ~reached)]
        much = [f"{column_names[int(j)]} 多出 {over[j]}" for j in np.flatnonzero(over > 0)]
        full = np.flatnonzero((self.table[:, reached] > self.low[:, reached]).any(axis=1))
        rows = "、".join(row_names[int(i)] for i in full[:5]) + (f" 等 {full.size} 项" if full.size > 5 else "")
        raise SamplingError(
            "单元上下限（含锁定和不可抽的单元）与合计不能同时满足：" + "；".join(short + much)
            + (f"；{rows} 在缺额各项中的单元都已到上限" if full.size else "") + "。请放宽有关单元的上下限或锁定。"
        )


class _Moves:
    """For every pair of columns the least cost of moving a unit inside one row, and that row (the first of equally cheap ones)."""

    def __init__(self, down: Ints, up: Ints) -> None:
        size = down.shape[1]
        self.cost, self.via = np.full((size, size), _NEVER), np.zeros((size, size), dtype=np.int64)
        for row in range(down.shape[0]):
            self._offer(row, down[row], up[row])

    def refresh(self, changed: Sequence[int], down: Ints, up: Ints) -> None:
        """Only what went through a changed row is looked up anew; everything else is compared with those rows."""
        origin, end = np.nonzero(np.isin(self.via, changed))
        total = _added(down[:, origin], up[:, end])
        best = total.argmin(axis=0)
        self.cost[origin, end], self.via[origin, end] = total[best, np.arange(origin.size)], best
        for row in changed:
            self._offer(row, down[row], up[row])

    def _offer(self, row: int, down: Ints, up: Ints) -> None:
        total = _added(down[:, None], up[None, :])
        better = (total < self.cost) | ((total == self.cost) & (row < self.via))
        self.cost[better], self.via[better] = total[better], row
        np.fill_diagonal(self.cost, _NEVER)


def _added(down: Ints, up: Ints) -> Ints:
    return np.asarray(np.where(np.maximum(down, up) < _NEVER, down + up, _NEVER))  # the sum of two nevers wraps and is not looked at


def _shortest(cost: Ints, sources: Bools) -> tuple[Ints, Ints]:
    """Least cost from any source to every column (Bellman–Ford), and the column before; −1 at a source."""
    size = cost.shape[0]
    distance, before = np.where(sources, 0, _NEVER), np.full(size, -1)
    for _ in range(size):
        through = np.where((distance[:, None] < _NEVER) & (cost < _NEVER), distance[:, None] + cost, _NEVER)
        best = through.argmin(axis=0)
        nearer = through[best, np.arange(size)] < distance
        if not nearer.any():
            break
        distance = np.where(nearer, through[best, np.arange(size)], distance)
        before = np.where(nearer, best, before)
    return distance, before

"""表格: ruled tables whose header is repeated on every page and whose rows are never cut in two.

Cells may span columns and rows (forms such as 抽样单). Only a row that is taller than a whole page is broken by lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reports.text import Line, Style, break_lines, draw_lines

PAD_X, PAD_Y, RULE, FRAME = 2.6, 2.0, 0.5, 0.9


@dataclass(frozen=True)
class Cell:
    """One cell: text, how many columns and rows it covers, its style, and the least height of its row in points."""

    text: str
    style: Style
    columns: int = 1
    rows: int = 1
    least: float = 0.0
    middle: bool = True
    shade: float = 1.0


@dataclass
class _Placed:
    cell: Cell
    row: int
    column: int
    lines: list[Line]

    def need(self) -> float:
        return max(len(self.lines) * self.cell.style.pitch + 2 * PAD_Y, self.cell.least)


def _place(rows: Sequence[Sequence[Cell]], widths: Sequence[float]) -> list[_Placed]:
    """Give every cell its column, skipping places covered by a cell spanning from above."""
    covered: set[tuple[int, int]] = set()
    placed = []
    for row, cells in enumerate(rows):
        column = 0
        for cell in cells:
            while (row, column) in covered:
                column += 1
            covered.update((row + down, column + right) for down in range(cell.rows) for right in range(cell.columns))
            inner = sum(widths[column : column + cell.columns]) - 2 * PAD_X
            placed.append(_Placed(cell, row, column, break_lines([(cell.text, cell.style.face)], cell.style, inner)))
            column += cell.columns
    return placed


def _heights(placed: Sequence[_Placed], count: int) -> list[float]:
    heights = [0.0] * count
    for item in placed:
        if item.cell.rows == 1:
            heights[item.row] = max(heights[item.row], item.need())
    for item in placed:
        lacking = item.need() - sum(heights[item.row : item.row + item.cell.rows])
        if item.cell.rows > 1 and lacking > 0:
            for row in range(item.row, item.row + item.cell.rows):
                heights[row] += lacking / item.cell.rows
    return heights


class Table:
    """表: header rows, body rows and column widths in points.

    Parameters
    ----------
    widths : one per column.
    header : rows repeated on top of every part.
    body : rows; `Cell.rows` > 1 keeps the covered rows on one page.
    """

    keep_with_next = False

    def __init__(
        self,
        widths: Sequence[float],
        header: Sequence[Sequence[Cell]],
        body: Sequence[Sequence[Cell]],
        *,
        before: float = 0.0,
        after: float = 0.0,
    ) -> None:
        self.widths, self.before, self.after = list(widths), before, after
        self._head = _place(header, self.widths)
        self._head_heights = _heights(self._head, len(header))
        self._body = _place(body, self.widths)
        self._body_heights = _heights(self._body, len(body))
        self._open = self._joints()

    def _joints(self) -> list[bool]:
        """For each row: may a page end before it?"""
        free = [True] * len(self._body_heights)
        for item in self._body:
            for row in range(item.row + 1, item.row + item.cell.rows):
                free[row] = False
        return free

    def height(self, width: float) -> float:
        """Height in points."""
        return sum(self._head_heights) + sum(self._body_heights)

    def split(self, width: float, room: float) -> tuple[Table, Table] | None:
        """Two tables with the same header, the first fitting into ``room``; None when no row fits."""
        left, cut = room - sum(self._head_heights), 0
        for row, height in enumerate(self._body_heights):
            left -= height
            if left < -0.01:
                break
            if row + 1 == len(self._body_heights) or self._open[row + 1]:
                cut = row + 1
        if cut == 0 or cut == len(self._body_heights):
            return None
        return self._rows(0, cut), self._rows(cut, len(self._body_heights))

    def _rows(self, start: int, stop: int) -> Table:
        part = self._empty()
        part._body = [
            _Placed(item.cell, item.row - start, item.column, item.lines)
            for item in self._body[self._index(start) : self._index(stop)]
        ]
        part._body_heights = self._body_heights[start:stop]
        part._open = self._open[start:stop]
        return part._edges(start == 0, self, stop == len(self._body_heights))

    def _index(self, row: int) -> int:
        low, high = 0, len(self._body)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self._body[middle].row < row else (low, middle)
        return low

    def _empty(self) -> Table:
        part = Table(self.widths, (), ())
        part._head, part._head_heights = self._head, self._head_heights
        return part

    def _edges(self, first: bool, whole: Table, last: bool) -> Table:
        self.before, self.after = (whole.before if first else 0.0), (whole.after if last else 0.0)
        return self

    def burst(self, room: float) -> tuple[Table, Table]:
        """Break the first row by lines, for the one case that it is taller than a page."""
        spare = room - sum(self._head_heights) - 2 * PAD_Y
        head, tail = [], []
        for item in (item for item in self._body if item.row == 0):
            fit = max(int(spare / item.cell.style.pitch), 1)
            head.append(_Placed(item.cell, 0, item.column, item.lines[:fit]))
            tail.append(_Placed(item.cell, 0, item.column, item.lines[fit:]))
        first, rest = self._empty(), self._empty()
        first._body, first._body_heights, first._open = head, _heights(head, 1), [True]
        rest._body = tail + [item for item in self._body if item.row > 0]
        rest._body_heights = [*_heights(tail, 1), *self._body_heights[1:]]
        rest._open = self._open
        return first._edges(True, self, False), rest._edges(False, self, True)

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        """Draw with the upper edge at ``top``, centred in ``width``."""
        left = x + (width - sum(self.widths)) / 2
        self._draw_part(canvas, left, top, self._head, self._head_heights)
        self._draw_part(canvas, left, top - sum(self._head_heights), self._body, self._body_heights)
        total = self.height(width)
        canvas.setLineWidth(FRAME)
        canvas.rect(left, top - total, sum(self.widths), total, stroke=1, fill=0)

    def _draw_part(self, canvas: Any, left: float, top: float, placed: Sequence[_Placed], heights: Sequence[float]) -> None:
        xs, ys = [left], [top]
        for size in self.widths:
            xs.append(xs[-1] + size)
        for size in heights:
            ys.append(ys[-1] - size)
        canvas.setLineWidth(RULE)
        for item in placed:
            x, right = xs[item.column], xs[item.column + item.cell.columns]
            y, bottom = ys[item.row], ys[item.row + item.cell.rows]
            if item.cell.shade < 1.0:
                canvas.setFillGray(item.cell.shade)
                canvas.rect(x, bottom, right - x, y - bottom, stroke=0, fill=1)
                canvas.setFillGray(0)
            canvas.rect(x, bottom, right - x, y - bottom, stroke=1, fill=0)
            spare = (y - bottom) - len(item.lines) * item.cell.style.pitch
            start = y - (spare / 2 if item.cell.middle else PAD_Y)
            draw_lines(canvas, item.lines, item.cell.style, x + PAD_X, start, right - x - 2 * PAD_X)

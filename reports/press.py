"""排页: blocks know their height, may split, and draw themselves; pages are filled from top to bottom in one pass.

Every page carries a foot with number, QR and digest, and the marks its content asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from reportlab.lib.units import mm

from reports import fonts, qr
from reports.errors import ReportError
from reports.grid import Table
from reports.measures import CELL, FINE, NOTE, Paper
from reports.text import break_lines, draw_lines


class Block(Protocol):
    """What a page is filled with; lengths in points."""

    before: float
    after: float
    keep_with_next: bool

    def height(self, width: float) -> float: ...
    def split(self, width: float, room: float) -> tuple[Any, Any] | None: ...
    def draw(self, canvas: Any, x: float, top: float, width: float) -> None: ...


@dataclass(frozen=True)
class Section:
    """Blocks on one kind of paper; a section begins on a new page."""

    paper: Paper
    blocks: Sequence[Block]
    copy_mark: str = ""


class Space:
    """空行: white space that vanishes at the head of a page."""

    keep_with_next = True
    before = after = 0.0

    def __init__(self, points: float) -> None:
        self.points = points

    def height(self, width: float) -> float:
        """The white space itself."""
        return self.points

    def split(self, width: float, room: float) -> None:
        """Never split."""

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        """Nothing is drawn."""


class Drawing(Space):
    """A block drawn by a function ``paint(canvas, x, top, width)``."""

    keep_with_next = False

    def __init__(self, points: float, paint: Any, *, before: float = 0.0, keep_with_next: bool = False) -> None:
        super().__init__(points)
        self.paint, self.before, self.keep_with_next = paint, before, keep_with_next

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        """Let the function paint."""
        self.paint(canvas, x, top, width)


class Together(Space):
    """A few blocks that stay on one page."""

    keep_with_next = False

    def __init__(self, blocks: Sequence[Block], *, before: float = 0.0) -> None:
        super().__init__(0.0)
        self.blocks, self.before = list(blocks), before

    def height(self, width: float) -> float:
        """Sum of the blocks and the spaces between them."""
        return sum(block.before + block.height(width) + block.after for block in self.blocks)

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        """Draw the blocks one under the other."""
        for block in self.blocks:
            top -= block.before
            block.draw(canvas, x, top, width)
            top -= block.height(width) + block.after


@dataclass(frozen=True)
class Foot:
    """What stands at the foot of every page: digest, QR payload, notes; ``demo`` prints the 演示 mark."""

    digest: str
    payload: str
    notes: tuple[str, ...] = ()
    demo: bool = False
    numbered: bool = True


class Press:
    """Fills pages of one canvas, section by section."""

    def __init__(self, canvas: Any, foot: Foot) -> None:
        self.canvas, self.foot = canvas, foot
        self.page = 0

    def print(self, sections: Iterable[Section]) -> None:
        """Print every section, each from a new page."""
        for section in sections:
            self._section(section)

    def _section(self, section: Section) -> None:
        paper, queue = section.paper, list(section.blocks)
        queue.reverse()
        if section.copy_mark:
            self.page = 0  # every copy (联) is a paper of its own
        self._open(section)
        y, fresh = paper.height - paper.top, True
        while queue:
            block = queue.pop()
            lead = 0.0 if fresh else block.before
            room = y - paper.bottom - lead
            if fresh and type(block) is Space:
                continue
            need = block.height(paper.column)
            if need <= room + 0.01 and (fresh or self._followers(block, queue, paper, room - need)):
                block.draw(self.canvas, paper.left, y - lead, paper.column)
                y -= lead + need + block.after
                fresh = False
                continue
            parts = block.split(paper.column, room)
            if parts is None and fresh:
                parts = self._burst(block, room)
            if parts is not None:
                parts[0].draw(self.canvas, paper.left, y - lead, paper.column)
                queue.append(parts[1])
            else:
                queue.append(block)
            self._close(section)
            self._open(section)
            y, fresh = paper.height - paper.top, True
        self._close(section)

    @staticmethod
    def _followers(block: Block, queue: Sequence[Block], paper: Paper, room: float) -> bool:
        """Whether what must stand under this block still finds its beginning on the page."""
        position = len(queue) - 1
        while block.keep_with_next and position >= 0:
            block = queue[position]
            position -= 1
            need = block.before + block.height(paper.column)
            if need > room + 0.01:
                return block.split(paper.column, room - block.before) is not None
            room -= need
        return True

    @staticmethod
    def _burst(block: Block, room: float) -> tuple[Any, Any]:
        if isinstance(block, Table):
            return block.burst(room)
        raise ReportError("layout-overflow", "有一个版面单元高于整页，无法排版；请缩短该处文字。")

    def _open(self, section: Section) -> None:
        self.page += 1
        self.canvas.setPageSize((section.paper.width, section.paper.height))
        if self.foot.demo:
            demo_mark(self.canvas, section.paper)

    def _close(self, section: Section) -> None:
        draw_foot(self.canvas, section, self.foot, self.page)
        self.canvas.showPage()


def demo_mark(canvas: Any, paper: Paper) -> None:
    """演示: a pale mark across the page and a plain sentence above it."""
    canvas.saveState()
    canvas.setFillGray(0.9)
    canvas.translate(paper.width / 2, paper.height / 2)
    canvas.rotate(35)
    canvas.setFont(fonts.name("hei"), 150)
    canvas.drawCentredString(0, -50, "演示")
    canvas.restoreState()
    style = NOTE.but(align="center", face="hei")
    lines = break_lines([("演示数据，不具有法律效力", style.face)], style, paper.column)
    draw_lines(canvas, lines, style, paper.left, paper.height - 6 * mm, paper.column)


def draw_foot(canvas: Any, section: Section, foot: Foot, page: int) -> None:
    """Page number (odd right, even left, one character in) and, below it, QR, digest and notes."""
    paper = section.paper
    if foot.numbered:
        text, size = f"— {page} —", 14.0
        base = paper.bottom - 7 * mm
        wide = fonts.width(text, "song", size)
        even = page % 2 == 0 and paper.width < paper.height  # a landscape page has its QR where an even number would stand
        x = paper.left + size if even else paper.width - paper.right - size - wide
        canvas.setFont(fonts.name("song"), size)
        canvas.drawString(x, base, text)
    side = 15 * mm
    qr.draw(canvas, foot.payload, paper.left, 8 * mm, side)
    notes = "\n".join([*foot.notes, f"内容摘要 SHA-256 {foot.digest}"])
    x, width = paper.left + side + 3 * mm, paper.column - side - 3 * mm
    lines = break_lines([(notes, FINE.face)], FINE, width)
    draw_lines(canvas, lines, FINE, x, 8 * mm + len(lines) * FINE.pitch, width)
    if section.copy_mark:
        mark = CELL.but(face="hei", align="right")
        lines = break_lines([(section.copy_mark, mark.face)], mark, paper.column)
        draw_lines(canvas, lines, mark, paper.left, paper.height - 5 * mm, paper.column)

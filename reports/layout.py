"""公文版面 GB/T 9704-2012: paper, margins, page numbers, red head, signature, foot with digest and QR.

A4 210 × 297 mm; top 37, left 28, type area 156 × 225 mm; 22 lines of 28 characters: pitch 28.99 pt, 三号 16 pt set on
15.79 pt. Landscape annexes turn the type area and keep the head at the binding side. Blocks know their height, may
split, and draw themselves; pages are filled from top to bottom in one pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from reportlab.lib.units import mm

from reports import fonts, qr
from reports.errors import ReportError
from reports.grid import Cell, Table
from reports.text import Paragraph, Style, break_lines, draw_lines

RED = (0.84, 0.0, 0.06)
BODY = Style(face="fangsong", size=16, pitch=28.99, align="justify", indent=31.58, tracking=-0.21)
FLUSH = BODY.but(indent=0.0)
LEVEL1 = BODY.but(face="hei")
LEVEL2 = BODY.but(face="kai")
TITLE = Style(face="title", size=22, pitch=34, align="center")
ANNEX = Style(face="hei", size=16, pitch=28.99)
CAPTION = Style(face="hei", size=12, pitch=20, align="center")
NOTE = Style(face="song", size=9, pitch=13.5, align="justify")
CELL = Style(face="song", size=9, pitch=12.4)
HEAD_CELL = Style(face="hei", size=9, pitch=12.4, align="center")
FINE = Style(face="song", size=6.5, pitch=8.6)


class Block(Protocol):
    """What a page is filled with; lengths in points."""

    before: float
    after: float
    keep_with_next: bool

    def height(self, width: float) -> float: ...
    def split(self, width: float, room: float) -> tuple[Any, Any] | None: ...
    def draw(self, canvas: Any, x: float, top: float, width: float) -> None: ...


@dataclass(frozen=True)
class Paper:
    """A page size with its margins, in points."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def column(self) -> float:
        """Width of the type area."""
        return self.width - self.left - self.right

    @property
    def depth(self) -> float:
        """Height of the type area."""
        return self.height - self.top - self.bottom


PORTRAIT = Paper(210 * mm, 297 * mm, 28 * mm, 26 * mm, 37 * mm, 35 * mm)
LANDSCAPE = Paper(297 * mm, 210 * mm, 35 * mm, 37 * mm, 28 * mm, 26 * mm)
FORM = Paper(210 * mm, 297 * mm, 18 * mm, 14 * mm, 14 * mm, 27 * mm)


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


def red_rule(thickness: float = 1.6) -> Drawing:
    """红色分隔线: as wide as the type area, 4 mm below the number."""

    def paint(canvas: Any, x: float, top: float, width: float) -> None:
        canvas.setStrokeColorRGB(*RED)
        canvas.setLineWidth(thickness)
        canvas.line(x, top - 4 * mm, x + width, top - 4 * mm)
        canvas.setStrokeColorRGB(0, 0, 0)

    return Drawing(4 * mm + thickness, paint)


def red_head(authority: str, suffix: str = "", drop: float = 35, largest: float = 46.0) -> Drawing:
    """发文机关标志: red, centred, its top ``drop`` mm below the upper edge of the type area; long names are set smaller."""

    def paint(canvas: Any, x: float, top: float, width: float) -> None:
        text = authority + suffix
        size = min(largest, width / max(sum(fonts.advance(char, "title") for char in text) / 1000, 1))
        canvas.setFillColorRGB(*RED)
        style = Style(face="title", size=size, pitch=size * 1.2, align="center")
        draw_lines(canvas, break_lines([(text, "title")], style, width + 1), style, x, top - drop * mm, width)
        canvas.setFillColorRGB(0, 0, 0)

    return Drawing(drop * mm + largest * 1.2, paint, keep_with_next=True)


def official_head(authority: str, number: str, suffix: str = "") -> list[Block]:
    """版头: mark of the authority, two blank lines, number, red line, two blank lines before the title."""
    return [
        red_head(authority, suffix),
        Space(BODY.pitch),
        Paragraph(number, FLUSH.but(align="center"), keep_with_next=True),
        red_rule(),
        Space(BODY.pitch),
    ]


def signature(authority: str, date_text: str, note: str = "（印章）", style: Style = FLUSH) -> Together:
    """署名、成文日期: date four characters from the right, the authority centred over it, room for the seal."""
    size = style.size
    wide = max(fonts.width(authority, style.face, size), fonts.width(date_text, style.face, size))
    style = style.but(align="center", tracking=0.0, right=2 * size, left=max(PORTRAIT.column - wide - 4 * size, 0.0))
    return Together(
        [Paragraph(authority, style), Paragraph(date_text, style), Paragraph(note, style.but(size=9, pitch=14, grey=0.45))],
        before=1.5 * style.pitch,
    )


def closing(copies_to: Sequence[str], authority: str, date_text: str) -> list[Block]:
    """版记: 抄送, and the printing authority with the date of printing, between thick and thin lines."""
    style = Style(face="fangsong", size=14, pitch=22)

    def rule(thickness: float) -> Drawing:
        def paint(canvas: Any, x: float, top: float, width: float) -> None:
            canvas.setLineWidth(thickness)
            canvas.line(x, top, x + width, top)

        return Drawing(thickness, paint)

    def imprint(canvas: Any, x: float, top: float, width: float) -> None:
        for text, align in ((authority, "left"), (f"{date_text}印发", "right")):
            edge = style.but(align=align, left=14.0, right=14.0)
            draw_lines(canvas, break_lines([(text, edge.face)], edge, width), edge, x, top, width)

    blocks: list[Block] = [rule(1.0)]
    if copies_to:
        blocks += [Paragraph(f"抄送：{'，'.join(copies_to)}。", style.but(left=14.0, right=14.0)), rule(0.7)]
    return [Together([*blocks, Drawing(style.pitch, imprint), rule(1.0)], before=30)]


def balanced(text: str, style: Style = TITLE, width: float = PORTRAIT.column) -> list[Block]:
    """A title of several lines set in lines of nearly equal length, not one long line and a crumb."""
    count = len(break_lines([(text, style.face)], style, width))
    low, high = width / (count + 1), width
    for _ in range(12):
        middle = (low + high) / 2
        if len(break_lines([(text, style.face)], style, middle)) > count:
            low = middle
        else:
            high = middle
    edge = (width - high) / 2
    return [Paragraph(text, style.but(left=edge, right=edge - 0.01 if edge else 0.0))]


def cells(texts: Iterable[str], style: Style = CELL, **options: Any) -> list[Cell]:
    """A row of plain cells."""
    return [Cell(text, style, **options) for text in texts]

"""公文格式要素: red head, number, red line, balanced title, signature, closing lines (GB/T 9704-2012)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reportlab.lib.units import mm

from reports import fonts
from reports.grid import Cell
from reports.measures import BODY, CELL, FLUSH, PORTRAIT, RED, TITLE
from reports.press import Block, Drawing, Space, Together
from reports.text import Paragraph, Style, break_lines, draw_lines


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


def annex_list(titles: Sequence[str], style: Style = BODY) -> list[Block]:
    """附件说明 one line below the text and kept with the signature; a single annex has no number (GB/T 9704-2012, 7.3.3)."""
    return [
        Paragraph(
            f"{'　　　' if number else '附件：'}{f'{number + 1}．' if len(titles) > 1 else ''}{title}",
            style.but(before=0.0 if number else style.pitch), keep_with_next=True,
        )
        for number, title in enumerate(titles)
    ]  # fmt: skip


def annex_mark(number: int, of: int) -> str:
    """附件 at the head of an annex, numbered where there are several.

    >>> annex_mark(1, 1), annex_mark(2, 3)
    ('附件', '附件2')
    """
    return "附件" if of == 1 else f"附件{number}"


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

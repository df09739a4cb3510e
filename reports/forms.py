"""表单: rows of labelled fields and tick boxes for the printed forms of the trade.

An empty field of a finished form prints ／, because a blank could be filled in afterwards; a form printed for filling in
by hand keeps its blanks.
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.grid import Cell
from reports.text import Style

VALUE = Style(face="song", size=8.5, pitch=10.4)
LABEL = Style(face="hei", size=8.5, pitch=10.4, align="center")
SIDE = Style(face="hei", size=9, pitch=11, align="center")
SHADE = 0.95
CHOSEN, OPEN = "■", "□"


def filled(value: str, blank: bool) -> str:
    """The value, or ／ for an empty one unless the form is to be filled in by hand.

    >>> filled("", False), filled("", True), filled("散装", False)
    ('／', '', '散装')
    """
    return value or ("" if blank else "／")


def ticked(chosen: str | Sequence[str], options: Sequence[str], blank: bool = False) -> str:
    """All options with the chosen ones marked; a choice outside the list is named as 其他.

    >>> ticked("塑料袋", ("玻璃瓶", "塑料袋"))
    '□玻璃瓶 ■塑料袋'
    >>> ticked("纸箱", ("玻璃瓶", "其他"))
    '□玻璃瓶 ■其他（纸箱）'
    """
    marked = [chosen] if isinstance(chosen, str) else list(chosen)
    outside = [choice for choice in marked if choice and choice not in options]
    parts = [f"{CHOSEN if option in marked else OPEN}{option}" for option in options if option != "其他"]
    if outside:
        parts.append(f"{CHOSEN}其他（{'、'.join(outside)}）")
    elif "其他" in options:
        parts.append(f"{CHOSEN if '其他' in marked else OPEN}其他" + ("＿＿＿＿" if blank else ""))
    return " ".join(parts)


def field_row(*pairs: tuple[str, str, int], label_columns: int = 3, least: float = 14.0) -> list[Cell]:
    """A row of (label, value, columns of the value)."""
    row: list[Cell] = []
    for label, value, columns in pairs:
        row.append(Cell(label, LABEL, columns=label_columns, shade=SHADE, least=least))
        row.append(Cell(value, VALUE, columns=columns, least=least))
    return row


def block(title: str, rows: Sequence[list[Cell]]) -> list[list[Cell]]:
    """Rows under one upright heading on the left."""
    upright = "\n".join(title)
    first = [Cell(upright, SIDE, rows=len(rows), shade=SHADE), *rows[0]]
    return [first, *rows[1:]]


def signing(rows: Sequence[tuple[str, int]], height: float) -> list[Cell]:
    """Boxes to sign in, (text, columns) each."""
    return [Cell(text, VALUE, columns=columns, least=height, middle=False) for text, columns in rows]

"""签字栏: signatures that were given on a screen, drawn as lines in boxes beside one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.content import ScreenSignature
from reports.forms import VALUE
from reports.grid import RULE
from reports.press import Drawing
from reports.text import break_lines, draw_lines

ACROSS, HEIGHT, HEAD, FOOT, PAD = 3, 62.0, 12.0, 12.0, 3.0
BOX = (600, 200)


def boxes(signatures: Sequence[ScreenSignature]) -> list[Drawing]:
    """One row of boxes for every three signatures."""
    rows = [signatures[i : i + ACROSS] for i in range(0, len(signatures), ACROSS)]
    return [Drawing(HEIGHT, _painter(row)) for row in rows]


def _painter(row: Sequence[ScreenSignature]) -> Any:
    def paint(canvas: Any, x: float, top: float, width: float) -> None:
        each = width / ACROSS
        for place, signature in enumerate(row):
            _box(canvas, signature, x + place * each, top, each)

    return paint


def _box(canvas: Any, signature: ScreenSignature, x: float, top: float, width: float) -> None:
    canvas.saveState()
    canvas.setLineWidth(RULE)
    canvas.rect(x, top - HEIGHT, width, HEIGHT)
    _words(canvas, f"{signature.label}：{signature.name}", x, top - PAD / 2, width)
    _words(canvas, signature.at, x, top - HEIGHT + FOOT + PAD / 2, width)
    if signature.strokes:
        _lines(canvas, signature, x + PAD, top - HEAD - PAD, width - 2 * PAD)
    elif signature.note:
        _words(canvas, f"（键入签名。未手写的原因：{signature.note}）", x, top - HEAD - PAD, width)
    canvas.restoreState()


def _words(canvas: Any, text: str, x: float, top: float, width: float) -> None:
    lines = break_lines([(text, VALUE.face)], VALUE, width - 2 * PAD)
    draw_lines(canvas, lines[:3], VALUE, x + PAD, top, width - 2 * PAD)


def _lines(canvas: Any, signature: ScreenSignature, x: float, top: float, width: float) -> None:
    scale = min(width / BOX[0], (HEIGHT - HEAD - FOOT - 2 * PAD) / BOX[1])
    canvas.setLineWidth(0.9)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    for line in signature.strokes:
        path = canvas.beginPath()
        path.moveTo(x + line[0] * scale, top - line[1] * scale)
        for i in range(2, len(line), 2):
            path.lineTo(x + line[i] * scale, top - line[i + 1] * scale)
        canvas.drawPath(path, stroke=1, fill=0)

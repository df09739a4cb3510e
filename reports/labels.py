"""标签: sizes in millimetres for rolls and sheets, with a QR symbol and the code in Code 128 and in plain text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from reports import fonts, pdf, qr
from reports.content import Label, LabelSheet
from reports.errors import ReportError
from reports.text import Style, break_lines, draw_lines


@dataclass(frozen=True)
class Preset:
    """标签规格: paper, label and grid, all in millimetres; ``code128`` when there is room for a bar code."""

    paper: tuple[float, float]
    label: tuple[float, float]
    columns: int = 1
    rows: int = 1
    left: float = 0.0
    top: float = 0.0
    gap_x: float = 0.0
    gap_y: float = 0.0
    code128: bool = True

    @property
    def places(self) -> int:
        """Labels on one page."""
        return self.columns * self.rows


PRESETS = {
    "60x40": Preset((60, 40), (60, 40)),
    "50x30": Preset((50, 30), (50, 30), code128=False),
    "40x30": Preset((40, 30), (40, 30), code128=False),
    "70x50": Preset((70, 50), (70, 50)),
    "a4-3x8": Preset((210, 297), (64, 33.9), 3, 8, 7, 12.9, 2.5, 0.0),
    "a4-2x7": Preset((210, 297), (99.1, 38.1), 2, 7, 4.65, 15.15, 2.5, 0.0),
}
EDGE = 2.0


def preset(name: str) -> Preset:
    """The preset of a name; raises ``label-preset`` naming the known ones."""
    if name not in PRESETS:
        raise ReportError("label-preset", f"没有名为 {name} 的标签规格；可用：{'、'.join(PRESETS)}。")
    return PRESETS[name]


def render(content: LabelSheet) -> bytes:
    """The labels as PDF, one page per roll label or per sheet.

    Raises
    ------
    ReportError
        ``label-preset`` for an unknown preset, ``label-code`` for a code that Code 128 cannot carry.
    """
    form = preset(content.preset)
    if not 0 <= content.first < form.places:
        raise ReportError("label-first", f"起始位置 {content.first} 不在 0 至 {form.places - 1} 之间；请改正。")

    def paint(canvas: Any) -> None:
        canvas.setPageSize((form.paper[0] * mm, form.paper[1] * mm))
        for place, label in enumerate(content.labels, content.first):
            position = place % form.places
            if position == 0 and place > content.first:
                canvas.showPage()
                canvas.setPageSize((form.paper[0] * mm, form.paper[1] * mm))
            x = form.left + position % form.columns * (form.label[0] + form.gap_x)
            y = form.paper[1] - form.top - (position // form.columns + 1) * form.label[1] - position // form.columns * form.gap_y
            _label(canvas, form, label, x * mm, y * mm, content.demo)
        canvas.showPage()

    return pdf.painted(content, f"{content.title}（{len(content.labels)}枚）", paint)


def _label(canvas: Canvas, form: Preset, label: Label, x: float, y: float, demo: bool) -> None:
    """One label with its lower left corner at (x, y) points."""
    if not label.code or not label.code.isascii() or not label.code.isprintable():
        raise ReportError("label-code", f"标签编号“{label.code}”只能含英文字母、数字和常用符号；请改正编号。")
    width, height, edge = form.label[0] * mm, form.label[1] * mm, EDGE * mm
    bars = 9.5 * mm if form.code128 else 0.0
    side = min(height - 2 * edge - bars - (4 * mm if form.code128 else 0), width * 0.42)
    top = y + height - edge
    qr.draw(canvas, label.payload or label.code, x + edge, top - side, side)
    style = Style(face="hei", size=8, pitch=9.6)
    text_x, room = x + edge + side + 2 * mm, width - side - 2 * edge - 2 * mm
    lines = ["演示", *label.lines] if demo else list(label.lines)
    set_lines = break_lines([("\n".join([label.code, *lines]), style.face)], style, room)
    draw_lines(canvas, set_lines[: int(side / style.pitch)], style, text_x, top, room)
    if form.code128:
        _bars(canvas, label.code, x + edge, y + edge, width - 2 * edge, bars)


def _bars(canvas: Canvas, code: str, x: float, y: float, width: float, height: float) -> None:
    """Code 128 as wide as there is room, the code below in plain text."""
    probe = Code128(code, barWidth=1, quiet=False)
    unit = min(width / float(probe.width), 0.4 * mm)
    symbol = Code128(code, barHeight=height - 3 * mm, barWidth=unit, quiet=False)
    symbol.drawOn(canvas, x + (width - float(symbol.width)) / 2, y + 3.4 * mm)
    size = 7.0
    canvas.setFont(fonts.name("song"), size)
    canvas.drawCentredString(x + width / 2, y + 0.6 * mm, code)

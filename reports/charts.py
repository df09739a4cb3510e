"""图: intervals with a target line, and the funnel; vector drawings of text, lines and shapes, never colour alone.

A chart is drawn from integers (millionths), so that it is the same on every machine; the caption says which interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.graphics import renderPDF
from reportlab.graphics.shapes import Circle, Drawing, Group, Line, Polygon, PolyLine, Rect, String
from reportlab.lib.colors import Color, black, white

from reports import fonts, wording
from reports.content import ClassRow, Funnel, Target
from reports.press import Drawing as DrawingBlock

BLUE, RED, GREY = Color(0.12, 0.31, 0.55), Color(0.75, 0.1, 0.1), Color(0.55, 0.55, 0.55)
ROW, LABEL, RIGHT, HEAD, FOOT = 13.0, 118.0, 82.0, 16.0, 26.0
MILLION = 1_000_000


def words(group: Group, x: float, y: float, text: str, size: float = 8, anchor: str = "start", face: str = "song") -> None:
    """Text in a drawing, every character from a face that has it."""
    wide = fonts.width(text, face, size)
    x -= {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    for role, piece in fonts.segments(text, face):
        group.add(String(x, y, piece, fontName=fonts.name(role), fontSize=size, fillColor=black))
        x += fonts.width(piece, role, size)


def ticks(low: int, high: int) -> list[int]:
    """Four to nine round values between two millionths, both included or passed.

    >>> ticks(948000, 1000000)
    [940000, 950000, 960000, 970000, 980000, 990000, 1000000]
    """
    for step in (500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000):
        if (high - low) / step <= 7:
            break
    first = low // step * step
    return list(range(first, -(-high // step) * step + 1, step))


def shortened(text: str, room: float, size: float = 8) -> str:
    """The text cut to a width, with … where it was cut."""
    if fonts.width(text, "song", size) <= room:
        return text
    while text and fonts.width(text + "…", "song", size) > room:
        text = text[:-1]
    return text + "…"


class _Axis:
    """Millionths to points."""

    def __init__(self, low: int, high: int, start: float, stop: float) -> None:
        self.marks = ticks(low, high)
        self.low, self.high, self.start, self.stop = self.marks[0], self.marks[-1], start, stop

    def at(self, value: int) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.stop - self.start), 3)


def intervals(rows: Sequence[ClassRow], target: Target | None, width: float, low_ppm: int | None = None) -> Drawing:
    """合格率与区间: one line per row; ● the rate, the bar its interval, ◇ when only one end is meant, the target dashed.

    Rows without a rate (nothing determined) are named with 不可估计; nothing is drawn for them.
    """
    known = [row for row in rows if row.rate_ppm is not None and row.interval is not None]
    ends = [row.interval.low_ppm for row in known if row.interval] + ([target.threshold_ppm] if target else [])
    low = low_ppm if low_ppm is not None else max(min(ends, default=900_000), 0)
    height = HEAD + ROW * len(rows) + FOOT
    drawing = Drawing(width, height, initialFontName=fonts.name("song"))
    group = Group()
    axis = _Axis(min(low, 990_000), MILLION, LABEL + 6, width - RIGHT)
    top = height - HEAD
    for mark in axis.marks:
        x = axis.at(mark)
        group.add(Line(x, FOOT - 4, x, top, strokeColor=Color(0.87, 0.87, 0.87), strokeWidth=0.4))
        words(group, x, FOOT - 14, wording.ppm(mark, 1), 7, "middle")
    if target:
        x = axis.at(target.threshold_ppm)
        group.add(Line(x, FOOT - 4, x, top + 3, strokeColor=RED, strokeWidth=0.9, strokeDashArray=[4, 2]))
        words(group, x, top + 5, f"目标 {target.threshold}", 7.5, "middle", "hei")
    for number, row in enumerate(rows):
        _interval_row(group, axis, row, top - ROW * (number + 0.5), width)
    drawing.add(group)
    return drawing


def _interval_row(group: Group, axis: _Axis, row: ClassRow, y: float, width: float) -> None:
    words(group, LABEL, y - 3, shortened(row.name, LABEL - 4), 8, "end")
    if row.rate_ppm is None or row.interval is None:
        words(group, axis.start + 4, y - 3, "不可估计", 7.5)
        return
    left, right, middle = axis.at(row.interval.low_ppm), axis.at(row.interval.high_ppm), axis.at(row.rate_ppm)
    group.add(Line(left, y, right, y, strokeColor=BLUE, strokeWidth=1.4))
    if row.interval.low_ppm < axis.low:
        group.add(Polygon([left, y, left + 5, y + 3, left + 5, y - 3], fillColor=BLUE, strokeColor=BLUE, strokeWidth=0.3))
    else:
        group.add(Line(left, y - 3, left, y + 3, strokeColor=BLUE, strokeWidth=1))
    group.add(Line(right, y - 3, right, y + 3, strokeColor=BLUE, strokeWidth=1))
    if row.interval.one_sided:
        points = [middle - 3.4, y, middle, y + 3.4, middle + 3.4, y, middle, y - 3.4]
        group.add(Polygon(points, fillColor=white, strokeColor=BLUE, strokeWidth=1))
    else:
        group.add(Circle(middle, y, 2.5, fillColor=BLUE, strokeColor=BLUE))
    words(group, width - RIGHT + 8, y - 3, f"{row.pass_rate}（{row.passed}/{row.passed + row.failed}）", 7.5)


def funnel(chart: Funnel, width: float = 440, height: float = 270) -> Drawing:
    """漏斗图: failing rate by number of batches, with 95% (dashed) and 99.8% (full) limits around the common rate.

    Points beyond 99.8% are squares, beyond 95% diamonds, others dots: readable without colour.
    """
    left, bottom, right, top = 46.0, 34.0, width - 12.0, height - 10.0
    drawing, group = Drawing(width, height, initialFontName=fonts.name("song")), Group()
    highest = max([point.rate_ppm for point in chart.points] + [chart.centre_ppm * 2, 1000])
    largest = max([limit.tested for limit in chart.limits] + [point.tested for point in chart.points])
    axis = _Axis(0, highest, bottom, top)

    def across(tested: int) -> float:
        return round(left + (right - left) * tested / largest, 3)

    group.add(Rect(left, bottom, right - left, top - bottom, fillColor=None, strokeColor=GREY, strokeWidth=0.5))
    for mark in axis.marks:
        words(group, left - 4, axis.at(mark) - 3, wording.ppm(mark, 1), 7, "end")
    for share in range(5):
        words(group, across(largest * share // 4), bottom - 11, str(largest * share // 4), 7, "middle")
    words(group, (left + right) / 2, 6, "检验批次数", 8, "middle")
    centre = axis.at(chart.centre_ppm)
    group.add(Line(left, centre, right, centre, strokeColor=GREY, strokeWidth=0.8))
    for name, dash in (("low95_ppm", [3, 2]), ("high95_ppm", [3, 2]), ("low998_ppm", None), ("high998_ppm", None)):
        limits = [limit for limit in chart.limits if getattr(limit, name) <= axis.high]
        points = [value for limit in limits for value in (across(limit.tested), axis.at(getattr(limit, name)))]
        if len(points) >= 4:
            group.add(PolyLine(points, strokeColor=BLUE, strokeWidth=0.9, strokeDashArray=dash))
    for point in chart.points:
        _funnel_point(group, across(point.tested), axis.at(point.rate_ppm), point.name, point.flag)
    drawing.add(group)
    return drawing


def _funnel_point(group: Group, x: float, y: float, name: str, flag: str) -> None:
    if flag == "outside998":
        group.add(Rect(x - 3, y - 3, 6, 6, fillColor=RED, strokeColor=RED))
    elif flag == "outside95":
        points = [x - 3.6, y, x, y + 3.6, x + 3.6, y, x, y - 3.6]
        group.add(Polygon(points, fillColor=white, strokeColor=RED, strokeWidth=1.1))
    else:
        group.add(Circle(x, y, 2.3, fillColor=black, strokeColor=black))
    words(group, x + 4.5, y + 2, name, 7)


def as_block(drawing: Drawing, *, before: float = 6.0) -> DrawingBlock:
    """The drawing as a block of a page, centred."""

    def paint(canvas: Any, x: float, top: float, width: float) -> None:
        renderPDF.draw(drawing, canvas, x + (width - drawing.width) / 2, top - drawing.height)

    return DrawingBlock(float(drawing.height), paint, before=before)

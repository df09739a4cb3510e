"""A signature as it was drawn: lines of whole numbers in a box of 600 × 200, small enough to keep for ever."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT = 600, 200
MOST_STROKES, MOST_POINTS = 200, 4000
LEAST_LENGTH = 60  # a dot or a slip of the finger is no signature


def fault_of(strokes: Sequence[Sequence[int]]) -> str:
    """Why the lines are no signature, "" when they are one.

    >>> fault_of([[10, 10, 90, 60, 200, 20]])
    ''
    >>> fault_of([[10, 10]])
    '签字太短，请重新签'
    """
    if len(strokes) > MOST_STROKES or sum(map(len, strokes)) > 2 * MOST_POINTS:
        return f"笔画过多（最多 {MOST_STROKES} 笔、{MOST_POINTS} 个点），请清除后重新签"
    for stroke in strokes:
        if len(stroke) < 2 or len(stroke) % 2:
            return "笔画坐标应成对出现，请清除后重新签"
        if not all(0 <= x <= WIDTH for x in stroke[::2]) or not all(0 <= y <= HEIGHT for y in stroke[1::2]):
            return f"笔画超出签字框（{WIDTH}×{HEIGHT}），请清除后重新签"
    return "" if _length(strokes) >= LEAST_LENGTH else "签字太短，请重新签"


def _length(strokes: Sequence[Sequence[int]]) -> int:
    return sum(abs(line[i + 2] - line[i]) + abs(line[i + 3] - line[i + 1]) for line in strokes for i in range(0, len(line) - 2, 2))


def path(strokes: Sequence[Sequence[int]]) -> str:
    """The lines as the path of an SVG drawing.

    >>> path([[1, 2, 30, 40], [5, 6]])
    'M1 2L30 40M5 6L5 6'
    """
    return "".join(
        f"M{line[0]} {line[1]}" + ("".join(f"L{line[i]} {line[i + 1]}" for i in range(2, len(line), 2)) or f"L{line[0]} {line[1]}") for line in strokes
    )

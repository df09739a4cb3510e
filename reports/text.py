"""版面文字: lines of Chinese text. Text is text: there is no markup, so a name can never become an instruction.

A line never begins with a closing mark nor ends with an opening one (避头尾); numbers and Latin words stay whole; full
lines are set to the width of the column by even spacing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from reports import fonts

Align = Literal["left", "center", "right", "justify"]
NOT_FIRST = frozenset("，。、；：？！”’》〉）】〕」』…—·％℃,.;:?!)]}%║‖※×")
NOT_LAST = frozenset("“‘《〈（【〔「『([{№￥¥<>≤≥±×□■")  # a comparison stays with its number, a box with its words
TOKEN = re.compile(r"[0-9A-Za-z¡-ɏ⁰-₟](?:[–—](?=[0-9A-Za-z])|[!-'*-+\-./0-:=@A-Z\\^_`a-z|~¡-ɏ⁰-₟])*|\s|.", re.DOTALL)


@dataclass(frozen=True)
class Style:
    """How a paragraph is set; lengths in points.

    ``pitch`` is the distance of base lines, ``tracking`` is added after every character, ``indent`` opens the first
    line, ``left`` and ``right`` move the edges of all lines.
    """

    face: str = "song"
    size: float = 10.5
    pitch: float = 15.0
    align: Align = "left"
    indent: float = 0.0
    left: float = 0.0
    right: float = 0.0
    before: float = 0.0
    after: float = 0.0
    tracking: float = 0.0
    grey: float = 0.0

    def but(self, **changes: Any) -> Style:
        """The same style with some lengths changed."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Line:
    """One set line: pieces of (face, text) and their natural width in points."""

    pieces: tuple[tuple[str, str], ...]
    width: float
    count: int
    last: bool


@lru_cache(maxsize=32768)
def _token_width(token: str, face: str) -> float:
    return sum(fonts.advance(char, face) for char in token)


class _Breaker:
    """Fills lines one token at a time."""

    def __init__(self, style: Style, width: float) -> None:
        self.style, self.full = style, width
        self.lines: list[Line] = []
        self.tokens: list[tuple[str, str, float]] = []
        self.used = 0.0

    def room(self) -> float:
        return self.full - (self.style.indent if not self.lines else 0.0)

    def add(self, token: str, face: str) -> None:
        size = _token_width(token, face) * self.style.size / 1000 + self.style.tracking * len(token)
        if self.used + size > self.room() + 0.01 and self.tokens:
            if token in NOT_FIRST and self.used + size <= self.room() + self.style.size * 0.5:
                self.tokens.append((token, face, size))
                self.used += size
                return
            self.turn(token)
        if token == " " and not self.tokens and self.lines:
            return
        if size > self.room() and len(token) > 1:
            for char in token:
                self.add(char, face)
            return
        self.tokens.append((token, face, size))
        self.used += size

    def turn(self, upcoming: str) -> None:
        """End the line where neither of its neighbours is a forbidden mark."""
        texts = [text for text, _, _ in self.tokens] + [upcoming]
        fitting = (n for n in range(len(self.tokens), 0, -1) if texts[n][0] not in NOT_FIRST and texts[n - 1][-1] not in NOT_LAST)
        cut = next(fitting, len(self.tokens))
        self.tokens, carried = self.tokens[:cut], self.tokens[cut:]
        self.close(last=False)
        self.tokens = carried
        self.used = sum(size for _, _, size in carried)

    def close(self, *, last: bool) -> None:
        while self.tokens and self.tokens[-1][0].isspace() and not last:
            self.tokens.pop()
        pieces: list[tuple[str, str]] = []
        for token, face, _ in self.tokens:
            for role, piece in fonts.segments(token, face):
                if pieces and pieces[-1][0] == role:
                    pieces[-1] = (role, pieces[-1][1] + piece)
                else:
                    pieces.append((role, piece))
        count = sum(len(piece) for _, piece in pieces)
        self.lines.append(Line(tuple(pieces), sum(size for _, _, size in self.tokens), count, last))
        self.tokens, self.used = [], 0.0


def break_lines(runs: Sequence[tuple[str, str]], style: Style, width: float) -> list[Line]:
    """Set runs of (text, face) into lines of the given width in points; ``\\n`` forces a new line.

    Examples
    --------
    >>> [line.count for line in break_lines([("抽检结果，合格。", "song")], Style(size=10), 41)]
    [3, 3, 2]
    """
    breaker = _Breaker(style, width - style.left - style.right)
    for text, face in runs:
        for token in TOKEN.findall(text):
            if token == "\n":
                breaker.close(last=True)
            else:
                breaker.add(" " if token.isspace() and token != "\u3000" else token, face)
    breaker.close(last=True)
    return breaker.lines


def draw_lines(canvas: Any, lines: Sequence[Line], style: Style, x: float, top: float, width: float, first: bool = True) -> None:
    """Draw set lines downwards from ``top``; all coordinates in points."""
    if style.grey:
        canvas.setFillGray(style.grey)
    y = top - style.pitch / 2 - style.size * 0.36
    for number, line in enumerate(lines):
        indent = style.indent if first and number == 0 else 0.0
        room = width - style.left - style.right - indent
        start, spacing = x + style.left + indent, style.tracking
        slack = room - line.width
        if style.align == "center":
            start += slack / 2
        elif style.align == "right":
            start += slack
        elif line.count > 1 and (_stretched(line, style, slack) or slack < -0.01):
            spacing += slack / (line.count - 1)
        _draw_line(canvas, line, style.size, start, y - number * style.pitch, spacing)
    if style.grey:
        canvas.setFillGray(0)


def _stretched(line: Line, style: Style, slack: float) -> bool:
    """Whether the line is set to the full width; a line cut short by a long code is not torn apart."""
    return style.align == "justify" and not line.last and slack < 2.5 * style.size


def _draw_line(canvas: Any, line: Line, size: float, x: float, y: float, spacing: float) -> None:
    text = canvas.beginText(x, y)
    if abs(spacing) > 0.0005:
        text.setCharSpace(round(spacing, 3))
    for face, piece in line.pieces:
        text.setFont(fonts.name(face), size)
        text.textOut(piece)
    if abs(spacing) > 0.0005:
        text.setCharSpace(0)
    canvas.drawText(text)


class Paragraph:
    """段落: a block of lines that may break across pages, never leaving a single line behind."""

    keep_with_next = False

    def __init__(self, text: str | Sequence[tuple[str, str]], style: Style, *, keep_with_next: bool = False) -> None:
        self.runs = [(text, style.face)] if isinstance(text, str) else list(text)
        self.style = style
        self.keep_with_next = keep_with_next
        self.first = True
        self.before, self.after = style.before, style.after
        self._lines: list[Line] | None = None

    def lines(self, width: float) -> list[Line]:
        """The set lines, broken once."""
        if self._lines is None:
            self._lines = break_lines(self.runs, self.style, width)
        return self._lines

    def height(self, width: float) -> float:
        """Height in points without the space before and after."""
        return len(self.lines(width)) * self.style.pitch

    def split(self, width: float, room: float) -> tuple[Paragraph, Paragraph] | None:
        """Two parts so that the first fits into ``room``; None when fewer than two lines would stand alone."""
        lines = self.lines(width)
        fit = min(int(room / self.style.pitch + 1e-6), len(lines) - 2)
        if fit < 2:
            return None
        return self._part(lines[:fit], True), self._part(lines[fit:], False)

    def _part(self, lines: list[Line], head: bool) -> Paragraph:
        part = Paragraph(self.runs, self.style)
        part._lines = lines
        part.first = self.first and head
        part.before, part.after = (self.before, 0.0) if head else (0.0, self.after)
        return part

    def draw(self, canvas: Any, x: float, top: float, width: float) -> None:
        """Draw with the upper edge at ``top``."""
        draw_lines(canvas, self.lines(width), self.style, x, top, width, self.first)

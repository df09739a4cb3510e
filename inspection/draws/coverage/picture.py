"""The share of unvisited units by number of draws as an inline drawing: lines by formula, marks with bars from the simulation."""

from __future__ import annotations

from markupsafe import Markup, escape

from inspection.draws.coverage.reckoning import Answer, Course

WIDTH, HEIGHT, LEFT, RIGHT, TOP, FOOT = 480, 240, 44, 12, 10, 34
MARKS = 30  # marks at most, so that they stay apart
BLUE, BROWN, GREY = "#12508f", "#7a4b00", "#7d8b9b"


class _Paper:
    """Draws and units to points of the drawing."""

    def __init__(self, draws: int, units: int) -> None:
        self.draws, self.units = draws, max(units, 1)

    def x(self, draw: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * draw / self.draws, 1)

    def y(self, left: float) -> float:
        return round(TOP + (HEIGHT - TOP - FOOT) * (1 - left / self.units), 1)


def svg(answer: Answer, label: str, x_label: str) -> Markup:
    """The drawing; everything in it stands in the table below as well."""
    paper = _Paper(answer.programme.draws, answer.programme.population)
    parts = [_axes(paper, x_label), _course(paper, answer.plain, BLUE, dashed=False)]
    if answer.quota:
        parts.append(_course(paper, answer.quota, BROWN, dashed=True))
    return Markup('<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, label, Markup("").join(parts)
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}"/>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" font-size="12" fill="#55606c" text-anchor="{anchor}">{escape(words)}</text>'


def _axes(paper: _Paper, x_label: str) -> Markup:
    shares = [0, 25, 50, 75, 100]
    lines = [_line(LEFT, paper.y(paper.units * s / 100), WIDTH - RIGHT, paper.y(paper.units * s / 100), GREY if s == 0 else "#d3dae3") for s in shares]
    lines += [_text(LEFT - 6, paper.y(paper.units * s / 100) + 4, f"{s}%", "end") for s in shares]
    step = max(1, -(-paper.draws // 10))
    lines += [_text(paper.x(t), HEIGHT - FOOT + 16, str(t), "middle") for t in range(0, paper.draws + 1, step)]
    return Markup("".join([*lines, _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 2, x_label, "middle")]))


def _course(paper: _Paper, course: Course, colour: str, *, dashed: bool) -> Markup:
    heights = [point.mean if point.formula is None else point.formula for point in course.points]
    path = " ".join(f"{paper.x(t)},{paper.y(height)}" for t, height in enumerate(heights))
    dash = ' stroke-dasharray="7 4"' if dashed else ""
    parts = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>']
    step = max(1, -(-len(course.points) // MARKS))
    for t, point in list(enumerate(course.points))[::step]:
        x, y = paper.x(t), paper.y(point.mean)
        if point.low is not None and point.high is not None:
            parts.append(_line(x, paper.y(point.low), x, paper.y(point.high), colour))
        parts.append(
            f'<rect x="{x - 3}" y="{y - 3}" width="6" height="6" fill="#fff" stroke="{colour}"/>' if dashed
            else f'<circle cx="{x}" cy="{y}" r="3" fill="#fff" stroke="{colour}"/>'
        )
    return Markup("".join(parts))

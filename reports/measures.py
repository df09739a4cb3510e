"""公文尺寸 GB/T 9704-2012: papers, margins, type sizes.

A4 210 × 297 mm; top 37, left 28, type area 156 × 225 mm; 22 lines of 28 characters: pitch 28.99 pt, 三号 16 pt set on
15.79 pt. Landscape annexes turn the type area and keep the head at the binding side.
"""

from __future__ import annotations

from dataclasses import dataclass

from reportlab.lib.units import mm

from reports.text import Style

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
FORM = Paper(210 * mm, 297 * mm, 18 * mm, 14 * mm, 13 * mm, 25 * mm)

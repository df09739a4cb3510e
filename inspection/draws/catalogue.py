"""Public sources 公开随机源 that an office may name: dated words of the rulebook (lists `draw.source` and `draw.source.when`).

The parent of a word is its form: `balls 20/80`, `digits 20` or `hex 64`. Any other source can still be written out by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from inspection import clock
from inspection.rulebook import service as rulebook
from sampling import seed


@dataclass(frozen=True, slots=True)
class Known:
    """One source of the catalogue, with what it gives at most and when and where its value appears."""

    code: str
    name: str
    name_en: str
    form: str
    pick: int  # numbers drawn, or digits
    most: int | None  # the highest number, None for digits
    when: str
    when_en: str
    source: str
    verified: bool

    @property
    def bits(self) -> int:
        """Bits of the protocol."""
        return seed.bits({"form": self.form, "pick": self.pick, "max": self.most, "length": self.pick})

    def members(self) -> dict[str, Any]:
        """What a source of a promise takes from the catalogue."""
        return {"name": self.name, "form": self.form, "pick": self.pick} | ({"max": self.most} if self.most else {})


def known(session: Session) -> dict[str, Known]:
    """The sources in force today, by code."""
    when = {row.code: row for row in rulebook.codes(session, "draw.source.when", clock.today())}
    found = {}
    for row in rulebook.codes(session, "draw.source", clock.today()):
        form, _, size = row.parent.partition(" ")
        pick, _, most = size.partition("/")
        words = when.get(row.code)
        found[row.code] = Known(
            row.code, row.label, row.label_en, form, int(pick), int(most) if most else None, words.label if words else "",
            words.label_en if words else "", row.source, row.verified,
        )  # fmt: skip
    return found

"""The wall screen of a draw 大屏: what the room may see at this moment, in the large."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.actor import Actor
from inspection.draws.asking import sees_list, selection
from inspection.draws.background import making
from inspection.draws.models import Draw, Reveal, RevealEntry, Selection

MOST = 3000  # rows a room can watch; the whole list stands on its own page


@dataclass(frozen=True, slots=True)
class Wall:
    """What the wall shows: the state decides which parts are filled."""

    draw: Draw
    now: datetime
    sources: list[dict[str, Any]] = field(default_factory=list)  # with the value of each once it is known
    entered: list[str] = field(default_factory=list)  # who typed the public value
    witnesses: list[str] = field(default_factory=list)
    reveal: Reveal | None = None
    rows: list[tuple[Selection, str | None]] = field(default_factory=list)
    making: int | None = None  # percent of the list of a large frame that is made already

    @property
    def waits(self) -> bool:
        """Whether something will still change on the wall by itself."""
        return self.draw.state in ("committed", "revealed")


def wall(session: Session, actor: Actor, draw: Draw) -> Wall:
    """The wall of a draw for this person: seed and list only when he may see them, names of firms only when they are public."""
    if draw.commitment is None:
        return Wall(draw, clock.now())
    entries = _entries(session, draw)
    reveal = session.get(Reveal, draw.id) if sees_list(session, actor, draw) else None
    public = draw.state == "published"
    order = selection(draw.id).order_by(Selection.stratum, Selection.rank).limit(MOST)
    return Wall(
        draw, clock.now(), _sources(draw, entries[-1].public_value if public else ""), [row.account_name for row in entries],
        list(dict.fromkeys(name for row in entries for name in row.witnesses)), reveal,
        [(row, name) for row, name in session.execute(order)] if public else [], making(session, draw),
    )  # fmt: skip


def _entries(session: Session, draw: Draw) -> list[RevealEntry]:
    """The entries of the last attempt."""
    rows = list(session.scalars(select(RevealEntry).where(RevealEntry.draw_id == draw.id).order_by(RevealEntry.id)))
    return [row for row in rows if row.attempt == rows[-1].attempt]


def _sources(draw: Draw, value: str) -> list[dict[str, Any]]:
    assert draw.commitment is not None
    sources = json.loads(draw.commitment.content)["public_sources"]
    values = value.split("|") if value else [""] * len(sources)
    return [{**source, "value": value} for source, value in zip(sources, values, strict=True)]

"""What the page, the files and the API of one draw begin with: may this person see it, and who looked while it was secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flask import request

from inspection import clock
from inspection.draws import service as draws
from inspection.draws.models import Draw
from inspection.i18n import coded
from inspection.indicators.drawn import family
from inspection.indicators.drawn import reading as read
from inspection.indicators.drawn.facts import Facts
from inspection.rulebook import service as rulebook
from inspection.web import actor, reading, writing


class Opened(NamedTuple):
    """A draw, its facts, the words for its codes, and the published draws of its family."""

    draw: Draw
    facts: Facts
    names: read.Names
    words: dict[str, str]
    family: Sequence[Draw]


def found_in(draw_id: int, *, together: bool = False) -> Opened:
    """The draw alone, or the first of its family with all supplements; who looks while an embargo runs is noted, others are refused."""
    with reading() as session:
        draw = read.load(session, actor(), draw_id)
        secret = draws.under_embargo(session, draw)
        kin = family.members(session, actor(), draw)
        together = together and len(kin) > 1
        found = family.together(session, kin) if together else read.facts(session, draw)
        names = read.names(session, found)
        words = coded(rulebook.codes(session, "visit.outcome", clock.today()))
    if secret:
        with writing() as session:
            draws.note_opening(session, actor(), draw, request.endpoint or "")
    return Opened(kin[0] if together else draw, found, names, words, kin)

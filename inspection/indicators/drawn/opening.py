"""What the page, the files and the API of one draw begin with: may this person see it, and who looked while it was secret."""

from __future__ import annotations

from flask import request

from inspection import clock
from inspection.draws import service as draws
from inspection.draws.models import Draw
from inspection.i18n import language
from inspection.indicators.drawn import reading as read
from inspection.indicators.drawn.facts import Facts
from inspection.rulebook import service as rulebook
from inspection.web import actor, reading, writing


def found_in(draw_id: int) -> tuple[Draw, Facts, read.Names, dict[str, str]]:
    """The draw, its facts and the words for its codes; who looks while an embargo runs is noted, all others are refused."""
    with reading() as session:
        draw = read.load(session, actor(), draw_id)
        secret = draws.under_embargo(session, draw)
        found = read.facts(session, draw)
        names = read.names(session, found)
        words = {row.code: row.label_en or row.label if language() == "en" else row.label for row in rulebook.codes(session, "visit.outcome", clock.today())}
    if secret:
        with writing() as session:
            draws.note_opening(session, actor(), draw, request.endpoint or "")
    return draw, found, names, words

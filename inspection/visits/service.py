"""The verbs of a visit: opened from a revealed draw, recorded, submitted, reviewed, published, corrected."""

from __future__ import annotations

from inspection.visits.assignments import (
    get,
    is_member,
    listing,
    living,
    number_of,
    only_own,
    open_from_draw,
    progress,
    waiting_draws,
)
from inspection.visits.frozen import content, team, versions
from inspection.visits.publishing import due_soon, public, publish
from inspection.visits.recording import members, record
from inspection.visits.reserves import call_reserve, of_visit
from inspection.visits.reviewing import approve, close_problem, correct, problems, send_back

__all__ = [
    "approve",
    "call_reserve",
    "close_problem",
    "content",
    "correct",
    "due_soon",
    "get",
    "is_member",
    "listing",
    "living",
    "members",
    "number_of",
    "of_visit",
    "only_own",
    "open_from_draw",
    "problems",
    "progress",
    "public",
    "publish",
    "record",
    "send_back",
    "team",
    "versions",
    "waiting_draws",
]

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
    owners_of,
    progress,
    waiting_draws,
)
from inspection.visits.frozen import content, team, versions
from inspection.visits.publishing import due_soon, public, publish, publish_many, standing, waiting, warned_until
from inspection.visits.pursuits import measures, open_visits, pursued, pursuit_of, settle, settled
from inspection.visits.recording import members, record
from inspection.visits.rectification.counting import completion, completions, departments_of, people_of
from inspection.visits.rectification.service import (
    ask_extension,
    asked_for_extension,
    close_problem,
    decide_extension,
    fail_recheck,
    found,
    get_problem,
    problems,
    steps,
    thresholds,
)
from inspection.visits.reserves import call_reserve, of_visit
from inspection.visits.reviewing import approve, correct, send_back
from inspection.visits.swaps import (
    approve_swap,
    asked_for_swap,
    decline_swap,
    open_request,
    request_swap,
    requests_of,
    seats,
    waiting_swaps,
)

__all__ = [
    "approve",
    "approve_swap",
    "ask_extension",
    "asked_for_extension",
    "asked_for_swap",
    "call_reserve",
    "close_problem",
    "completion",
    "completions",
    "content",
    "correct",
    "decide_extension",
    "decline_swap",
    "departments_of",
    "due_soon",
    "fail_recheck",
    "found",
    "get",
    "get_problem",
    "is_member",
    "listing",
    "living",
    "measures",
    "members",
    "number_of",
    "of_visit",
    "only_own",
    "open_from_draw",
    "owners_of",
    "open_request",
    "open_visits",
    "people_of",
    "problems",
    "progress",
    "public",
    "publish",
    "publish_many",
    "pursued",
    "pursuit_of",
    "record",
    "request_swap",
    "requests_of",
    "seats",
    "send_back",
    "settle",
    "settled",
    "standing",
    "steps",
    "team",
    "thresholds",
    "versions",
    "waiting",
    "waiting_draws",
    "waiting_swaps",
    "warned_until",
]

"""The verbs of a draw, gathered: other stages and the entry points import them from here."""

from __future__ import annotations

from inspection.draws.asking import (
    by_number,
    check_list,
    files_of,
    get,
    hidden_from,
    listing,
    named,
    revealed,
    sees_list,
    selection,
    strata_of,
    teams,
    under_embargo,
)
from inspection.draws.ceremony import wall
from inspection.draws.openness import attempts, note_opening, open_bundle, opened, publish, publish_due
from inspection.draws.planning import Rehearsal, configuration_of, configure, create, freeze, preview, rehearse
from inspection.draws.promise import Promise, commit
from inspection.draws.reveal import Entered, enter_value, waiting_entry
from inspection.draws.supplements import family_of, supplements_of
from inspection.draws.swaps import REASONS, publish_swaps, swaps_of, swaps_table
from inspection.draws.voids import approve_void, open_void_request, request_void, void_unrevealed

__all__ = [
    "REASONS",
    "Entered",
    "Promise",
    "Rehearsal",
    "approve_void",
    "attempts",
    "by_number",
    "check_list",
    "commit",
    "configuration_of",
    "configure",
    "create",
    "enter_value",
    "family_of",
    "files_of",
    "freeze",
    "get",
    "hidden_from",
    "listing",
    "named",
    "note_opening",
    "open_bundle",
    "open_void_request",
    "opened",
    "preview",
    "publish",
    "publish_due",
    "publish_swaps",
    "rehearse",
    "request_void",
    "revealed",
    "sees_list",
    "selection",
    "strata_of",
    "supplements_of",
    "swaps_of",
    "swaps_table",
    "teams",
    "under_embargo",
    "void_unrevealed",
    "waiting_entry",
    "wall",
]

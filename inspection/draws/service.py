"""The verbs of a draw, gathered: other stages and the entry points import them from here."""

from __future__ import annotations

from inspection.draws.asking import (
    by_number,
    check_list,
    files_of,
    frozen,
    get,
    hidden_from,
    listing,
    named,
    revealed,
    secret,
    sees_list,
    selection,
    sources_of,
    strata,
    strata_of,
    teams,
    under_embargo,
)
from inspection.draws.background import ask_rehearsal, freeze_or_ask, freezing, making, rehearsed, rehearsing
from inspection.draws.ceremony import wall
from inspection.draws.frame_list import frozen_units, live_units, public_words, strata_words
from inspection.draws.freezing import freeze, prepare
from inspection.draws.kept import configuration_of
from inspection.draws.openness import attempts, note_opening, open_bundle, opened, publish, publish_due, ready
from inspection.draws.outcome import agreed
from inspection.draws.planning import configure, create, look, preview
from inspection.draws.promise import Promise, commit
from inspection.draws.rehearsing import Rehearsal, rehearse
from inspection.draws.reveal import Entered, enter_value, to_enter, waiting_entry
from inspection.draws.roster import inspector_names, team_words
from inspection.draws.schemes import applied, newest, retire, save, scheme, schemes, used_by
from inspection.draws.supplements import family_of, supplements_of
from inspection.draws.swaps import REASONS, publish_swaps, swaps_of, swaps_table
from inspection.draws.voids import (
    approve_void,
    open_requests,
    open_void_request,
    refusals_of,
    refuse_void,
    request_void,
    void_unrevealed,
)

__all__ = [
    "REASONS",
    "Entered",
    "Promise",
    "Rehearsal",
    "agreed",
    "applied",
    "approve_void",
    "ask_rehearsal",
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
    "freeze_or_ask",
    "freezing",
    "frozen",
    "frozen_units",
    "get",
    "hidden_from",
    "inspector_names",
    "listing",
    "live_units",
    "look",
    "making",
    "named",
    "newest",
    "note_opening",
    "open_bundle",
    "open_requests",
    "open_void_request",
    "opened",
    "prepare",
    "preview",
    "publish",
    "public_words",
    "publish_due",
    "publish_swaps",
    "ready",
    "refusals_of",
    "refuse_void",
    "rehearse",
    "rehearsed",
    "rehearsing",
    "request_void",
    "retire",
    "revealed",
    "secret",
    "save",
    "scheme",
    "schemes",
    "sees_list",
    "selection",
    "sources_of",
    "strata",
    "strata_of",
    "strata_words",
    "supplements_of",
    "swaps_of",
    "swaps_table",
    "team_words",
    "teams",
    "to_enter",
    "under_embargo",
    "used_by",
    "void_unrevealed",
    "waiting_entry",
    "wall",
]

"""Everything that the page of a draw shows: what was decided, what stands, what comes next and who does it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.actor import Actor
from inspection.draws import planner, rules, service, words
from inspection.draws.deposits import keeping
from inspection.draws.models import Draw, Reveal
from inspection.draws.next_step import Standing, next_step
from inspection.draws.schemas import SEAT_LABELS
from inspection.errors import DomainError, NotFound, Refused
from inspection.i18n import coded
from inspection.plans.annual import service as annual
from inspection.registers import found as registers
from inspection.registers.entries import OBJECT_KINDS
from inspection.rulebook import service as rulebook


def overview(session: Session, who: Actor, draw: Draw, draw_key: str) -> dict[str, Any]:
    """The context of `draws/show.html`."""
    counts, problem = _preview(session, draw)
    strata, making, relatives = service.strata(session, draw.id), service.making(session, draw), _relatives(session, draw)
    entry = service.waiting_entry(session, draw.id) if draw.state == "committed" else None
    busy = "freeze" if service.freezing(session, draw) else "reveal" if making is not None else ""
    return {
        "draw": draw, "counts": counts, "problem": problem, "strata": strata, "states": rules.STATES, "kinds": OBJECT_KINDS,
        "files": [(row.name, row.digest) for row in draw.files], "commitment": draw.commitment, "void": draw.void,
        "reveal": session.get(Reveal, draw.id), "sees": service.sees_list(session, who, draw), "making": making,
        "lost": keeping.lost(session, draw, draw_key), "deposits": keeping.deposits_of(session, draw.id),
        "asked": service.open_void_request(session, draw.id) if draw.state != "void" else None,
        "refusals": service.refusals_of(session, draw.id),
        "entry": entry,
        "words": coded(rulebook.codes(session, "draw.exclusion", clock.today())),
        "named": service.strata_words(session, [*(counts.eligible if counts else ()), *(row["name"] for row in strata)]),
        "decided": _decided(session, draw), "step": next_step(Standing(
            draw.state, _ready(draw, counts, problem), busy, draw.commitment.reveal_not_before if draw.commitment else None,
            draw.commitment.reveal_by if draw.commitment else None, entry.account_id if entry else None, draw.embargo_until,
            repeated=relatives["repeated"] is not None,
        ), clock.now()), **relatives,
    }  # fmt: skip


def _preview(session: Session, draw: Draw) -> tuple[rules.FrameCounts | None, DomainError | None]:
    """What a freeze would give, or why it would be refused: the page must open either way."""
    if draw.state != "configured":
        return None, None
    try:
        return service.preview(session, draw), None
    except (Refused, NotFound) as refusal:
        return None, refusal


def _decided(session: Session, draw: Draw) -> dict[str, Any]:
    """The configuration by its names instead of its codes."""
    given, known = service.configuration_of(draw), dict(words.items(session, draw.item_codes))
    return {
        "region": registers.place_name(session, draw.region_code), "items": [known.get(code, code) for code in draw.item_codes],
        "kind": rules.KINDS[draw.kind], "seats": SEAT_LABELS[planner.seats_key(given)], "own_station": given.avoid_own_station,
    }  # fmt: skip


def _relatives(session: Session, draw: Draw) -> dict[str, Any]:
    """Other rows that this draw stands beside: the one it repeats, supplements, carries out, was made from."""
    again = select(Draw).where(Draw.repeats_id == draw.id, Draw.state != "void").limit(1)
    return {
        "repeats": session.get(Draw, draw.repeats_id) if draw.repeats_id else None, "repeated": session.scalars(again).first(),
        "first": session.get(Draw, draw.supplements_id) if draw.supplements_id else None, "supplements": service.supplements_of(session, draw),
        "task": annual.task(session, draw.task_id) if draw.task_id else None, "scheme": service.used_by(session, draw),
    }  # fmt: skip


def _ready(draw: Draw, counts: rules.FrameCounts | None, problem: DomainError | None) -> bool:
    """Whether the frame could be frozen as it is."""
    if counts is None or problem is not None:
        return False
    kept = bool(service.configuration_of(draw).keep_reason)
    return not (counts.missing_rates or counts.too_large or (counts.elsewhere and not kept)) and counts.n_selected > 0

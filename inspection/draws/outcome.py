"""The outcome 结果 of a draw: computed from what is frozen, promised and agreed, outside any write; written down in one short transaction.

Everything that decides the bytes is stored before the computation begins (frozen files, commitment, secret, the two entries, the
moment of the second one), so whoever computes, and however often, gets the same bundle; and only the first is written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.db import Base
from inspection.draws.asking import files_of, get, may, strata_of
from inspection.draws.keys import seal
from inspection.draws.models import Commitment, Draw, Reveal, RevealEntry
from inspection.draws.openness import Ready, make_public, publish_fact
from inspection.draws.promise import secret_of
from inspection.errors import Refused
from inspection.registers.models import Enterprise
from sampling import bundle, frame, seed
from sampling.errors import SamplingError


@dataclass(frozen=True, slots=True)
class Agreed:
    """两人录入一致: the value both typed, the witnesses both named, the moment of the second entry."""

    public_value: str
    witnesses: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Computed:
    """What a reveal writes down: the outcome, the bundle, and both as they are stored."""

    agreed: Agreed
    outcome: bundle.Outcome
    ready: Ready
    kept_content: str
    kept_bundle: bytes
    bundle_digest: str
    public: bool


def agreed(session: Session, draw_id: int) -> Agreed | None:
    """What the two people agreed upon in the last attempt, None while they did not."""
    rows = session.scalars(select(RevealEntry).where(RevealEntry.draw_id == draw_id).order_by(RevealEntry.id)).all()
    last = [row for row in rows if row.attempt == rows[-1].attempt]
    if len(last) != 2 or last[0].public_value != last[1].public_value:
        return None
    return Agreed(last[1].public_value, tuple(dict.fromkeys([*last[0].witnesses, *last[1].witnesses])), last[1].entered_at)


def reveal_bytes(session: Session, draw: Draw, on: Agreed, draw_key: str) -> bytes:
    """reveal.json of what was agreed; refused when the secret is lost or the times do not fit."""
    promise = session.get_one(Commitment, draw.id).content.encode()
    try:
        return seed.make_reveal(
            promise, secret=secret_of(session, draw, draw_key), public_value=on.public_value, revealed_at=clock.stamp(on.at), witnesses=on.witnesses
        )
    except SamplingError as error:
        raise Refused("reveal-unfit", "揭示不符合抽取规程：%(why)s。", why=str(error)) from None


def compute(session: Session, draw: Draw, draw_key: str, watch: frame.Watch | None = None) -> Computed:
    """Tickets, teams and bundle of a draw whose two entries agree; reads only."""
    on = agreed(session, draw.id)
    if on is None:
        raise Refused("not-agreed", "抽取 %(number)s 还没有两人一致的录入，不能揭示。", number=draw.number)
    files, promise = files_of(session, draw.id), session.get_one(Commitment, draw.id).content.encode()
    content = reveal_bytes(session, draw, on, draw_key)
    outcome = bundle.run(files, promise, content, watch)
    if watch:
        watch("bundle", 0)
    data = bundle.build({**files, "commitment.json": promise, "reveal.json": content, **outcome.files()})
    public = draw.embargo_until is None or draw.embargo_until <= on.at
    kept = (content, data) if public else (seal(draw_key, draw.number, content), seal(draw_key, draw.number, data))
    return Computed(on, outcome, Ready(content, data, strata_of(files)), kept[0].decode(), kept[1], frame.digest(data), public)


def write_down(session: Session, actor: Actor, draw_id: int, found: Computed) -> Reveal:
    """Write the outcome down, once: refused when the draw was revealed, voided or entered anew meanwhile."""
    draw = get(session, draw_id)
    may(draw, "revealed")
    if agreed(session, draw.id) != found.agreed:
        raise Refused("not-agreed", "抽取 %(number)s 还没有两人一致的录入，不能揭示。", number=draw.number)
    outcome = found.outcome
    made = Reveal(
        draw_id=draw.id, content=found.kept_content, seed=outcome.seed, revealed_at=found.agreed.at, n_selected=outcome.n_selected,
        n_reserve=outcome.n_reserve, n_unfilled=outcome.n_unfilled, bundle_digest=found.bundle_digest, bundle=found.kept_bundle,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _store(session, draw, outcome)
    draw.state = "revealed"
    session.flush()
    said: dict[str, Any] = {"bundle": made.bundle_digest, "selected": made.n_selected}
    audit.record(session, actor, "draw.reveal", "draw", draw.number, **(said if found.public else {}))
    if found.public:
        make_public(session, actor, draw, found.ready)
    else:
        audit.record(session, actor, "draw.list", "draw", draw.number, veil=draw.number, **said)
        facts = {"title": draw.title, "revealed_at": made.revealed_at, "embargo_until": draw.embargo_until}
        publish_fact(session, actor, draw, "embargo", facts)
    return made


def _store(session: Session, draw: Draw, outcome: bundle.Outcome) -> None:
    ids = _enterprises(session, [row.id for row in outcome.selection])
    rows = [
        {"draw_id": draw.id, "stratum": r.stratum, "rank": r.rank, "unit_code": r.id, "enterprise_id": ids.get(r.id), "ticket": r.ticket, "role": r.role}
        for r in outcome.selection
    ]
    seats = [{"draw_id": draw.id, "unit_code": t.object, "seat": t.seat, "inspector_code": t.inspector, "ticket": t.ticket} for t in outcome.teams]
    for name, given in (("selections", rows), ("team_seats", seats)):  # plain inserts: ten thousand teams need no objects
        if given:
            session.execute(insert(Base.metadata.tables[name]), given)


def _enterprises(session: Session, codes: Sequence[str]) -> dict[str, Any]:
    """Numbers of the registered enterprises by code."""
    ids: dict[str, Any] = {}
    for start in range(0, len(codes), 500):
        query = select(Enterprise.code, Enterprise.id).where(Enterprise.code.in_(codes[start : start + 500]))
        ids.update(session.execute(query.execution_options(unscoped=True)).all())
    return ids

"""Swaps beside the bundle: swaps.tsv, published when the list is public, appended only (section 9 of the protocol)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import clock, ledger
from inspection.actor import Actor
from inspection.draws.models import Draw, InspectorSwap, Reveal
from inspection.rulebook import service as rulebook
from sampling import bundle

REASONS = "visit.swap"


def swaps_of(session: Session, draw_id: int) -> list[InspectorSwap]:
    """The swaps of a draw in their order."""
    return list(session.scalars(select(InspectorSwap).where(InspectorSwap.draw_id == draw_id).order_by(InspectorSwap.seq)))


def swaps_table(swaps: Sequence[InspectorSwap]) -> bytes:
    """swaps.tsv of the protocol."""
    rows = [(str(s.seq), s.unit_code, str(s.seat), s.out_code, s.reason, s.in_code, clock.stamp(s.swapped_at)) for s in swaps]
    return bundle.table_bytes("swaps.tsv", rows)


def publish_swaps(session: Session, actor: Actor, draw: Draw) -> None:
    """Put all swaps of a public draw beside its bundle; says nothing when there are none."""
    swaps, reveal = swaps_of(session, draw.id), session.get_one(Reveal, draw.id)
    if not swaps:
        return
    last = swaps[-1]
    words = {row.code: row.label for row in rulebook.codes(session, REASONS, clock.today())}
    ledger.publish(
        session, actor, board="draws", kind="swap", subject=draw.number, title=draw.title, region_code=draw.region_code,
        content={
            "seq": last.seq, "object": last.unit_code, "seat": last.seat, "out": last.out_code, "reason": last.reason, "in": last.in_code,
            "bundle": reveal.bundle_digest, "counts": dict(sorted(Counter(s.reason for s in swaps).items())), "words": words,
        },
        file=swaps_table(swaps), file_name=f"swaps-{reveal.bundle_digest[:12]}-{last.seq:03d}.tsv", file_type="text/tab-separated-values; charset=utf-8",
    )  # fmt: skip

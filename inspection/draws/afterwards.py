"""After the draw 抽取之后, for its papers: reserves called, with how often a unit was left out so far; seats given to others, by whose approval."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.auth.models import Account
from inspection.draws.models import Draw, ReserveCall
from inspection.draws.swaps import REASONS, swaps_of
from inspection.rulebook import service as rulebook
from reports import content

OUTCOMES = "visit.outcome"


def calls(session: Session, draw: Draw) -> tuple[content.CallRow, ...]:
    """The reserves called, in their order."""
    rows = session.scalars(select(ReserveCall).where(ReserveCall.draw_id == draw.id).order_by(ReserveCall.seq)).all()
    words = _words(session, OUTCOMES)
    return tuple(
        content.CallRow(
            row.seq, row.stratum, row.out_code, words.get(row.reason, row.reason), row.in_code, tuple(row.team), clock.stamp(row.called_at),
            skips(session, row),
        )
        for row in rows
    )


def skips(session: Session, call: ReserveCall) -> int:
    """How often the unit of this call had been left out, in all draws of the office, this time included."""
    query = select(func.count()).select_from(ReserveCall).where(ReserveCall.out_code == call.out_code, ReserveCall.called_at <= call.called_at)
    return session.scalar(query) or 0


def swaps(session: Session, draw: Draw) -> tuple[content.SwapRow, ...]:
    """The seats given to somebody else, in their order."""
    rows = swaps_of(session, draw.id)
    words, people = _words(session, REASONS), _names(session, {row.approved_by for row in rows})
    return tuple(
        content.SwapRow(
            row.seq, row.unit_code, row.seat, row.out_code, words.get(row.reason, row.reason), row.in_code, people.get(row.approved_by, ""),
            clock.stamp(row.swapped_at),
        )
        for row in rows
    )


def _words(session: Session, name: str) -> dict[str, str]:
    return {row.code: row.label for row in rulebook.codes(session, name, clock.today())}


def _names(session: Session, ids: Collection[int]) -> dict[int, str]:
    return dict(session.execute(select(Account.id, Account.name).where(Account.id.in_(ids)).execution_options(unscoped=True)).all())

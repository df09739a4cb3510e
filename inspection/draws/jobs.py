"""What draws do by themselves: a commitment that was not revealed in its time becomes void, visibly."""

from __future__ import annotations

from inspection.draws import service
from inspection.jobs.context import PeriodicContext
from inspection.jobs.registry import periodic


@periodic("draws.void_unrevealed", minutes=5)
def void_unrevealed(context: PeriodicContext) -> None:
    """Look every five minutes for commitments whose announced time has passed."""
    with context.write() as session:
        service.void_unrevealed(session)

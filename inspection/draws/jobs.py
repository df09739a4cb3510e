"""What draws do by themselves: an unrevealed commitment becomes void, a list becomes public when its embargo ends."""

from __future__ import annotations

from inspection.draws import service
from inspection.jobs.context import PeriodicContext
from inspection.jobs.registry import periodic


@periodic("draws.void_unrevealed", minutes=5)
def void_unrevealed(context: PeriodicContext) -> None:
    """Look every five minutes for commitments whose announced time has passed."""
    with context.write() as session:
        service.void_unrevealed(session)


@periodic("draws.publish_due", minutes=5)
def publish_due(context: PeriodicContext) -> None:
    """Look every five minutes for lists whose embargo has ended."""
    with context.write() as session:
        service.publish_due(session, context.settings.draw_key)

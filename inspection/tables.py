"""Every table of the application in one import, for migrations, backups and tests."""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import MetaData

from inspection import audit, health, history, ledger, uploads, veils
from inspection.db import Base

MODULES = (
    "inspection.auth.models",
    "inspection.jobs.models",
    "inspection.rulebook.models",
    "inspection.calendar.models",
    "inspection.registers.models",
    "inspection.registers.targets",
    "inspection.plans.models",
    "inspection.plans.annual.models",
    "inspection.draws.models",
    "inspection.visits.models",
    "inspection.visits.evidence",
    "inspection.visits.arrival.models",
    "inspection.samples.models",
    "inspection.results.models",
    "inspection.followups.models",
    "inspection.indicators.models",
    "inspection.publications.models",
)
FOUNDATION = (audit, health, history, ledger, uploads, veils)


def metadata() -> MetaData:
    """The complete metadata."""
    for name in MODULES:
        import_module(name)
    return Base.metadata

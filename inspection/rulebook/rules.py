"""What a rule says on a day: pure choices among dated rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar


class Dated(Protocol):
    """Anything with a validity: from a day (inclusive) to a day (inclusive) or open."""

    valid_from: date
    valid_to: date | None


Row = TypeVar("Row", bound=Dated)


def in_force(rows: Iterable[Row], on: date) -> Row | None:
    """The newest row that holds on that day, or None."""
    holding = [row for row in rows if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)]
    return max(holding, key=lambda row: row.valid_from, default=None)


def may_be_quoted(verified: bool, source: str) -> str:
    """The source as it may stand in a printed document: nothing while it is unverified."""
    return source if verified else ""

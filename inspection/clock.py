"""The clock of the application: UTC inside, Asia/Shanghai days at the edges.

Services ask `now()` and `today()`; rules get times as arguments. The demonstration and the tests stand at another moment
with ``with at(moment): …``; nothing else may move the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_moment: ContextVar[datetime | None] = ContextVar("hengjian_moment", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC, whole seconds."""
    return (_moment.get() or datetime.now(UTC)).replace(microsecond=0)


def today() -> date:
    """The present day in Asia/Shanghai."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The Asia/Shanghai day of an aware moment."""
    return moment.astimezone(SHANGHAI).date()


def stamp(moment: datetime) -> str:
    """RFC 3339 text with +08:00, as the draw protocol and all papers write it.

    >>> stamp(datetime(2026, 9, 16, 1, 2, 3, tzinfo=UTC))
    '2026-09-16T09:02:03+08:00'
    """
    return moment.astimezone(SHANGHAI).replace(microsecond=0).isoformat()


def local(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The aware UTC moment of a wall-clock time in Asia/Shanghai."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stand at another moment (demonstration and tests only)."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    token = _moment.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _moment.reset(token)

"""When a firm may be called unreachable: enough attempts, far enough apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Needed:
    """最少联系次数、间隔日数; rulebook `count.visit.contact_attempts`, `period.visit.second_attempt`."""

    attempts: int
    days: int


def lacking(tried: Iterable[date], on: date | None, needed: Needed) -> str:
    """What is missing before the outcome 无法联系 may be submitted with a record of that day, "" when nothing is.

    >>> lacking([date(2026, 11, 2), date(2026, 11, 17)], date(2026, 11, 18), Needed(2, 15))
    ''
    """
    days = sorted(day for day in tried if on is None or day <= on)
    if len(days) < needed.attempts:
        return f"认定无法联系前至少联系 {needed.attempts} 次，检查日期以前只登记了 {len(days)} 次；请先登记联系经过"
    if (days[-1] - days[0]).days < needed.days:
        return f"第一次（{days[0]}）与最后一次（{days[-1]}）联系至少相隔 {needed.days} 天；请在 {earliest(days, needed)} 或以后再联系一次"
    return ""


def earliest(tried: Iterable[date], needed: Needed) -> date | None:
    """The first day on which the last attempt may be made, None before the first one."""
    first = min(tried, default=None)
    return first + timedelta(days=needed.days) if first else None

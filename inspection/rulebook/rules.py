"""What a rule says on a day, and what may be entered as a new version: pure choices among dated rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Protocol, TypeVar

from inspection.errors import Said

UNITS = {
    "workday": "工作日",
    "day": "日",
    "month": "个月",
    "year": "年",
    "hour": "小时",
    "batch": "批次",
    "percent": "%",
    "count": "（个数）",
}
WHOLE = frozenset(UNITS) - {"batch", "percent"}
MOST = 100_000
STATES = {"now": "现行", "later": "尚未生效", "past": "已被替代"}


class Dated(Protocol):
    """Anything with a validity: from a day (inclusive) to a day (inclusive) or open."""

    valid_from: date
    valid_to: date | None


Row = TypeVar("Row", bound=Dated)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """新版本: what a rule says from a day on; `verified` only when the text of the source was read."""

    value: str
    unit: str
    source: str
    verified: bool
    valid_from: date
    note: str = ""


def in_force(rows: Iterable[Row], on: date) -> Row | None:
    """The newest row that holds on that day, or None."""
    holding = [row for row in rows if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)]
    return max(holding, key=lambda row: row.valid_from, default=None)


def last_day(rows: Sequence[Dated], row: Dated) -> date | None:
    """The last day on which a version holds: its own end, or the day before the next version; None while open."""
    following = min((other.valid_from for other in rows if other.valid_from > row.valid_from), default=None)
    ends = [end for end in (row.valid_to, following - timedelta(days=1) if following else None) if end is not None]
    return min(ends, default=None)


def state_of(valid_from: date, last: date | None, today: date) -> str:
    """Whether a version holds now, later or no longer."""
    if valid_from > today:
        return "later"
    return "past" if last is not None and last < today else "now"


def value_fault(value: str, unit: str) -> str:
    """Why a value cannot stand with its unit, or nothing.

    >>> value_fault("20", "workday"), value_fault("1.5", "percent")
    ('', '')
    >>> value_fault("1.5", "workday")
    '以工作日计的数值应为 1 至 100000 的整数'
    """
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "应为数字，例如 20"
    if not number.is_finite() or not 0 < number <= MOST or len(value) > 20:
        return f"应为大于 0、不超过 {MOST} 的数字"
    if unit in WHOLE and not value.isdecimal():
        return f"以{UNITS[unit]}计的数值应为 1 至 {MOST} 的整数"
    if unit == "percent" and number > 100:
        return "百分比不能超过 100"
    return ""


def faults_of(new: NewVersion, newest_from: date, today: date) -> dict[str, list[str]]:
    """What speaks against a new version, per field. The past is not rewritten: it must begin today or later."""
    faults: dict[str, list[str]] = {}
    if fault := value_fault(new.value, new.unit):
        faults["value"] = [fault]
    if new.valid_from < today:
        faults["valid_from"] = [Said("不能早于今天（%(day)s）：已按旧规则算出的期限不变；法定生效日较早的，请写在备注中", day=today.isoformat())]
    elif new.valid_from <= newest_from:
        faults["valid_from"] = [Said("应晚于最近一版的生效日期 %(day)s", day=newest_from.isoformat())]
    return faults


def may_be_quoted(verified: bool, source: str) -> str:
    """The source as it may stand in a printed document: nothing while it is unverified."""
    return source if verified else ""

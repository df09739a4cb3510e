"""整改 as pure decisions: how late a problem is, which card it gets, and which share of the due ones was closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

STATES = {"open": "待整改", "closed": "已销号", "withdrawn": "已撤销"}
CARDS = {"yellow": "黄牌", "red": "红牌"}
# what was done about a problem, in the words of its history
STEPS = {
    "recheck_failed": "复查不合格",
    "recheck_passed": "复查合格，销号",
    "extension_asked": "申请延期",
    "extension_granted": "批准延期",
    "extension_declined": "不同意延期",
}
NONE_NEEDED = "无需后续处置"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """黄牌、红牌: from how many days after the term on; rulebook `period.problem.yellow`, `period.problem.red`."""

    yellow: int
    red: int
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """应完成的问题: its term, and the day of the re-check that closed it (None: open)."""

    rectify_by: date | None
    done_on: date | None
    area: str = ""
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """整改完成情况: closed among due, how many of them late, how many are open past their term."""

    due: int = 0
    closed: int = 0
    closed_late: int = 0
    open_late: int = 0

    @property
    def open(self) -> int:
        return self.due - self.closed

    @property
    def late(self) -> int:
        """Closed late or still open past the term."""
        return self.closed_late + self.open_late


def days_late(rectify_by: date | None, day: date) -> int | None:
    """Days after the term on that day, 0 within it, None when no term was set.

    >>> days_late(date(2026, 12, 1), date(2026, 12, 4)), days_late(date(2026, 12, 1), date(2026, 12, 1)), days_late(None, date(2026, 12, 1))
    (3, 0, None)
    """
    return None if rectify_by is None else max((day - rectify_by).days, 0)


def card(state: str, rectify_by: date | None, day: date, limits: Thresholds) -> str:
    """The card of a problem: only an open one has one, and none without a term (unknown is not late)."""
    late = days_late(rectify_by, day)
    if state != "open" or not late:
        return ""
    return "red" if late >= limits.red else "yellow" if late >= limits.yellow else ""


def tally(rows: Iterable[Due], day: date) -> Tally:
    """Count what was due by a day; a problem without a term is due at once, but never called late."""
    due = closed = closed_late = open_late = 0
    for row in rows:
        late = (days_late(row.rectify_by, row.done_on or day) or 0) > 0
        due += 1
        closed += row.done_on is not None
        closed_late += late and row.done_on is not None
        open_late += late and row.done_on is None
    return Tally(due, closed, closed_late, open_late)


def share(part: int, whole: int) -> str:
    """A share in percent with two decimals, half up; 100 % is printed only for all and 0 % only for none.

    >>> share(41, 42), share(99_999, 100_000), share(1, 100_000), share(0, 0), share(3, 3)
    ('97.62%', '99.99%', '0.01%', '—', '100.00%')
    """
    if whole == 0:
        return "—"
    hundredths = (part * 20_000 + whole) // (2 * whole)
    if 0 < part < whole:
        hundredths = min(max(hundredths, 1), 9_999)
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def asked_until(steps: Iterable[tuple[str, date]]) -> date | None:
    """The day up to which an extension is asked for and not yet decided, from (kind, day) in order."""
    found = None
    for kind, day in steps:
        if kind == "extension_asked":
            found = day
        elif kind in ("extension_granted", "extension_declined"):
            found = None
    return found

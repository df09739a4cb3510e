"""Counting days 期间计算: working days with make-up days, calendar days, months, hours; never a silent guess.

Rules: the day of the event is not counted; make-up Saturdays and Sundays count as working days; the last day of a term in
calendar days or months rolls to the next working day; a term in hours runs through holidays. A day of a year whose
arrangement is not announced is judged by the weekday rule and the answer says so (节假日安排未公布).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from inspection.errors import Said

Unit = Literal["workday", "day", "month", "year", "hour"]
Special = tuple[str, str]  # ("holiday" | "workday", name of the festival)
UNANNOUNCED = "节假日安排未公布，按周末推算"
UNITS = {"workday": "工作日", "day": "日", "month": "个月", "year": "年", "hour": "小时"}
KINDS = {"holiday": "放假", "workday": "调休上班"}
FIRST_YEAR, LAST_YEAR = 1990, 2100
# in every arrangement since 2008: 元旦, 劳动节, 国庆节 (the moving feasts cannot be told without a lunar calendar)
FIXED_HOLIDAYS = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))


@dataclass(frozen=True, slots=True)
class Term:
    """期限: the last day of a term, and whether every day it rests on was announced."""

    day: date
    announced: bool = True

    @property
    def mark(self) -> str:
        """The words that must stand beside the date, or nothing."""
        return "" if self.announced else UNANNOUNCED


@dataclass(frozen=True, slots=True)
class Calendar:
    """工作日历: special days by date ("holiday" or "workday") and the years that were announced.

    >>> plain = Calendar({date(2025, 1, 26): "workday"}, frozenset({2025}))
    >>> plain.add(date(2025, 1, 24), 2, "workday")
    Term(day=datetime.date(2025, 1, 27), announced=True)
    >>> plain.add(date(2026, 12, 31), 1, "workday").mark
    '节假日安排未公布，按周末推算'
    """

    days: Mapping[date, str] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether offices work on that day."""
        special = self.days.get(day)
        return special == "workday" if special else day.weekday() < 5

    def add(self, start: date, length: int, unit: Unit) -> Term:
        """The last day of a term that starts after `start`.

        Parameters
        ----------
        start : day of the event, not counted.
        length : how many units, 0 or more.
        unit : "workday", "day", "month" or "year".
        """
        if length < 0:
            raise ValueError("a term has no negative length")
        if unit == "workday":
            return self._workdays(start, length)
        if unit == "day":
            return self._rolled(start, start + timedelta(days=length))
        if unit in ("month", "year"):
            return self._rolled(start, _same_day(start, length * (12 if unit == "year" else 1)))
        raise ValueError(f"terms in {unit} need a moment, not a day")

    def roll(self, day: date) -> Term:
        """That day, or the next working day after a rest day."""
        return self._rolled(day, day)

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end`; negative when `end` lies before."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_workday(start + timedelta(days=i)) for i in range(1, (end - start).days + 1))

    def _workdays(self, start: date, length: int) -> Term:
        day, announced = start, True
        while length > 0:
            day += timedelta(days=1)
            announced = announced and day.year in self.years
            length -= self.is_workday(day)
        return Term(day, announced)

    def _rolled(self, start: date, day: date) -> Term:
        announced = day.year in self.years
        while not self.is_workday(day):
            day += timedelta(days=1)
            announced = announced and day.year in self.years
        return Term(day, announced)


def day_fault(year: int, day: date, kind: str) -> str:
    """Why a day cannot stand in the arrangement of a year, or nothing."""
    if day.year != year:
        return f"不在 {year} 年"
    if kind == "workday" and day.weekday() < 5:
        return "本来就是工作日（星期一至星期五），不是调休上班"
    return ""


def faults_of(year: int, source: str, special: Mapping[date, Special]) -> dict[str, list[str]]:
    """What speaks against the arrangement of a year, per field; a partial table would count wrong days without a mark."""
    faults: dict[str, list[str]] = {}
    if not FIRST_YEAR <= year <= LAST_YEAR:
        faults["year"] = [Said("年份应在 %(least)s 与 %(most)s 之间", least=FIRST_YEAR, most=LAST_YEAR)]
        return faults
    if not source.strip():
        faults["source"] = ["请填写公布该年安排的文件名称和文号"]
    wrong = [f"{day.isoformat()} {fault}" for day, (kind, _) in sorted(special.items()) if (fault := day_fault(year, day, kind))]
    fixed = [date(year, month, day) for month, day in FIXED_HOLIDAYS]
    missing = [day for day in fixed if day.weekday() < 5 and special.get(day, ("", ""))[0] != "holiday"]
    if missing:
        wrong.append(f"缺法定假日 {'、'.join(day.isoformat() for day in missing)}，安排表不完整")
    if wrong:
        faults["days"] = wrong
    return faults


def add_hours(start: datetime, length: int) -> datetime:
    """A term in hours runs through nights and holidays."""
    return start + timedelta(hours=length)


def _same_day(start: date, months: int) -> date:
    """The same day number some months on, or the last day of a shorter month."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))

"""The verbs of the calendar: load the announced years, count a term, enter a year that was just announced."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from chinese_calendar.constants import holidays, workdays
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inspection import audit
from inspection.actor import Actor
from inspection.calendar.models import CalendarDay, CalendarYear
from inspection.calendar.rules import Calendar, Term, Unit
from inspection.errors import Invalid

PACKAGED_SOURCE = "国务院办公厅关于部分节假日安排的通知（经 chinesecalendar 数据包）"
_FIRST_YEAR = 2015


def calendar(session: Session) -> Calendar:
    """The whole calendar as a value; read once per transaction."""
    found = session.info.get("calendar")
    if found is None:
        days = dict(session.execute(select(CalendarDay.day, CalendarDay.kind)).all())
        found = Calendar(days, frozenset(session.scalars(select(CalendarYear.year))))
        session.info["calendar"] = found
    return found


def add(session: Session, start: date, length: int, unit: Unit) -> Term:
    """The last day of a term, marked when a year it touches is not announced."""
    return calendar(session).add(start, length, unit)


def load_packaged(session: Session, actor: Actor) -> int:
    """Enter every announced year of the data package that is not there yet; gives the number of new years."""
    there = set(session.scalars(select(CalendarYear.year)))
    new = sorted({day.year for day in holidays if day.year >= _FIRST_YEAR} - there)
    for year in new:
        special: dict[date, tuple[str, str]] = {d: ("holiday", str(n)) for d, n in holidays.items() if d.year == year and d.weekday() < 5}
        special |= {d: ("workday", str(n)) for d, n in workdays.items() if d.year == year}
        _store(session, year, PACKAGED_SOURCE, special)
    if new:
        session.info.pop("calendar", None)
        audit.record(session, actor, "calendar.load", "calendar", "packaged", years=new)
    return len(new)


def announce(session: Session, actor: Actor, *, year: int, source: str, special: Mapping[date, tuple[str, str]]) -> None:
    """Enter (or correct) the arrangement of one year.

    Parameters
    ----------
    special : day → ("holiday" | "workday", name of the festival); every day lies in `year`.
    """
    wrong = sorted(day.isoformat() for day in special if day.year != year)
    if wrong:
        raise Invalid("calendar-wrong-year", "以下日期不在 %(year)s 年：%(days)s。请逐条核对后重新提交。", year=year, days="、".join(wrong))
    if not source.strip():
        raise Invalid("calendar-no-source", "请填写公布该年安排的文件名称和文号。", fields={"source": ["必填"]})
    idle = sorted(day.isoformat() for day, (kind, _) in special.items() if (kind == "workday") == (day.weekday() < 5))
    if idle:
        raise Invalid(
            "calendar-no-change",
            "以下日期本来就是工作日（或休息日），不必列出：%(days)s。只填与周末规则不同的日子。",
            days="、".join(idle),
        )
    before = dict(session.execute(select(CalendarDay.day, CalendarDay.kind).where(CalendarDay.year == year)).all())
    session.execute(delete(CalendarDay).where(CalendarDay.year == year))
    session.execute(delete(CalendarYear).where(CalendarYear.year == year))
    _store(session, year, source.strip(), special)
    session.info.pop("calendar", None)
    audit.record(
        session,
        actor,
        "calendar.announce",
        "calendar",
        year,
        before={d.isoformat(): k for d, k in before.items()},
        after={d.isoformat(): k for d, (k, _) in special.items()},
        source=source,
    )


def month(session: Session, year: int, number: int) -> list[tuple[date, bool, str]]:
    """Days of a month with (day, working?, name of the special day), for the page."""
    names = {d.day: d.name for d in session.scalars(select(CalendarDay).where(CalendarDay.year == year))}
    first, days = date(year, number, 1), calendar(session)
    result = []
    day = first
    while day.month == number:
        result.append((day, days.is_workday(day), names.get(day, "")))
        day += timedelta(days=1)
    return result


def _store(session: Session, year: int, source: str, special: Mapping[date, tuple[str, str]]) -> None:
    session.add(CalendarYear(year=year, source=source))
    session.flush()
    session.add_all(CalendarDay(day=day, year=year, kind=kind, name=name) for day, (kind, name) in sorted(special.items()))
    session.flush()

"""The verbs of the calendar: load the announced years, count a term, enter a year that was just announced."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from chinese_calendar.constants import Holiday, holidays, workdays
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from inspection import audit
from inspection.actor import Actor
from inspection.calendar.models import CalendarDay, CalendarYear
from inspection.calendar.rules import UNANNOUNCED, Calendar, Special, Term, Unit, faults_of
from inspection.errors import Conflict, Invalid

PACKAGED_SOURCE = "国务院办公厅关于部分节假日安排的通知（经 chinesecalendar 数据包）"
_FIRST_YEAR = 2015
_FESTIVALS = {festival.value: festival.chinese for festival in Holiday}


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
        special: dict[date, Special] = {d: ("holiday", _FESTIVALS[n]) for d, n in holidays.items() if d.year == year and d.weekday() < 5}
        special |= {d: ("workday", _FESTIVALS[n]) for d, n in workdays.items() if d.year == year}
        _store(session, year, PACKAGED_SOURCE, special)
    if new:
        session.info.pop("calendar", None)
        audit.record(session, actor, "calendar.load", "calendar", "packaged", years=new)
    return len(new)


def announce(
    session: Session, actor: Actor, *, year: int, source: str, special: Mapping[date, Special], version: int | None = None
) -> CalendarYear:
    """Enter (or correct) the arrangement of one year, as a whole.

    Parameters
    ----------
    special : day → ("holiday" | "workday", name of the festival); every day lies in `year`.
    version : the version that the actor saw, 0 for a year that was not there; None: do not compare.

    Raises
    ------
    Invalid : no source, a day of another year, a make-up day on a weekday, a statutory holiday missing.
    Conflict : somebody entered or corrected the year meanwhile.
    """
    if faults := faults_of(year, source, special):
        raise Invalid("calendar-invalid", "%(year)s 年的安排有 %(count)s 处需要改正。", fields=faults, year=year, count=len(faults))
    there = session.get(CalendarYear, year)
    if version is not None and version != (there.version_id if there else 0):
        raise Conflict("calendar-changed", "您读取之后，%(year)s 年的安排已被他人录入或更正。请核对后再提交。", year=year)
    before = arrangement(session, year)
    session.execute(delete(CalendarDay).where(CalendarDay.year == year))
    if there is None:
        there = _store(session, year, source.strip(), special)
    else:
        there.source, there.verified = source.strip(), True
        flag_modified(there, "source")  # other days are another version, too
        session.flush()
        _store_days(session, year, special)
    session.info.pop("calendar", None)
    audit.record(
        session, actor, "calendar.announce", "calendar", year,
        before={d.isoformat(): k for d, (k, _) in before.items()} or None, after={d.isoformat(): k for d, (k, _) in special.items()},
        source=source, days=len(special),
    )  # fmt: skip
    return there


def years(session: Session) -> list[CalendarYear]:
    """The announced years, newest first."""
    return list(session.scalars(select(CalendarYear).order_by(CalendarYear.year.desc())))


def arrangement(session: Session, year: int) -> dict[date, Special]:
    """The special days of a year in order; empty for one that is not announced."""
    rows = session.scalars(select(CalendarDay).where(CalendarDay.year == year).order_by(CalendarDay.day))
    return {row.day: (row.kind, row.name) for row in rows}


def between(session: Session, start: date, end: date) -> dict[date, Special]:
    """The special days after `start` up to and with `end`."""
    rows = session.scalars(select(CalendarDay).where(CalendarDay.day > start, CalendarDay.day <= end).order_by(CalendarDay.day))
    return {row.day: (row.kind, row.name) for row in rows}


def missing_years(session: Session, today: date) -> list[int]:
    """Years in use whose arrangement is not entered: this one, and from November on the next."""
    wanted = [today.year, today.year + 1] if today.month >= 11 else [today.year]
    return [year for year in wanted if year not in calendar(session).years]


def mark_of(session: Session, day: date) -> str:
    """The words that must stand beside a computed day, or nothing."""
    return "" if day.year in calendar(session).years else UNANNOUNCED


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


def _store(session: Session, year: int, source: str, special: Mapping[date, Special]) -> CalendarYear:
    row = CalendarYear(year=year, source=source)
    session.add(row)
    session.flush()
    _store_days(session, year, special)
    return row


def _store_days(session: Session, year: int, special: Mapping[date, Special]) -> None:
    session.add_all(CalendarDay(day=day, year=year, kind=kind, name=name) for day, (kind, name) in sorted(special.items()))
    session.flush()

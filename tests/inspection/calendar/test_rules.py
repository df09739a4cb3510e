"""Counting days: the published vectors, the counting rules, and what must hold for every day and length."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspection.calendar import service
from inspection.calendar.rules import UNANNOUNCED, Calendar, Term, add_hours, faults_of
from inspection.db import Database


@cache
def _packaged() -> Calendar:
    from chinese_calendar.constants import holidays, workdays

    days = {day: "holiday" for day in holidays if day.weekday() < 5} | dict.fromkeys(workdays, "workday")
    return Calendar(days, frozenset(day.year for day in holidays))


@pytest.fixture(scope="session")
def packaged() -> Calendar:
    return _packaged()


@pytest.mark.parametrize(
    ("start", "length", "last"),
    [
        ("2025-01-24", 2, "2025-01-27"),  # Sunday 26 January is worked
        ("2025-01-24", 5, "2025-02-07"),
        ("2025-01-24", 7, "2025-02-10"),
        ("2025-01-24", 20, "2025-02-27"),
        ("2025-01-27", 1, "2025-02-05"),
        ("2025-09-26", 5, "2025-10-10"),
        ("2025-09-26", 20, "2025-10-30"),
        ("2024-12-20", 20, "2025-01-20"),
    ],
)
def test_published_vectors_of_working_days(packaged: Calendar, start: str, length: int, last: str) -> None:
    assert packaged.add(date.fromisoformat(start), length, "workday") == Term(date.fromisoformat(last))


def test_the_vectors_hold_with_the_stored_calendar_too(database: Database) -> None:
    from inspection.actor import SYSTEM

    with database.write() as session:
        assert service.load_packaged(session, SYSTEM) > 5
        assert service.load_packaged(session, SYSTEM) == 0
        assert service.add(session, date(2025, 9, 26), 20, "workday") == Term(date(2025, 10, 30))
        assert service.add(session, date(2024, 12, 20), 20, "workday") == Term(date(2025, 1, 20))


def test_a_year_beyond_the_announced_ones_is_counted_by_weekdays_and_marked(packaged: Calendar) -> None:
    beyond = max(packaged.years) + 1
    term = packaged.add(date(beyond, 3, 1), 5, "workday")
    assert (term.announced, term.mark) == (False, UNANNOUNCED)
    assert "节假日安排未公布" in UNANNOUNCED
    assert packaged.add(date(beyond - 1, 12, 31), 1, "workday").mark == UNANNOUNCED
    assert packaged.add(date(beyond - 1, 12, 1), 5, "workday").mark == ""


def test_the_first_day_is_not_counted(packaged: Calendar) -> None:
    assert packaged.add(date(2025, 3, 3), 1, "workday").day == date(2025, 3, 4)
    assert packaged.add(date(2025, 3, 3), 1, "day").day == date(2025, 3, 4)


@pytest.mark.parametrize(
    ("start", "length", "last"),
    [
        ("2025-04-21", 15, "2025-05-06"),  # 产品质量 15 日：5 月 6 日是工作日
        ("2025-04-18", 15, "2025-05-06"),  # 3 May is a holiday, then 4 and 5: the next working day
        ("2025-09-20", 15, "2025-10-09"),  # 5 October lies in the golden week
        ("2025-01-11", 15, "2025-01-26"),  # a Sunday that is worked: no roll
    ],
)
def test_a_term_in_days_rolls_from_a_rest_day_to_the_next_working_day(packaged: Calendar, start: str, length: int, last: str) -> None:
    assert packaged.add(date.fromisoformat(start), length, "day").day == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2025-03-10", 1, "2025-04-10"),
        ("2025-03-31", 6, "2025-09-30"),  # a shorter month: its last day
        ("2024-02-29", 12, "2025-02-28"),
        ("2023-11-30", 3, "2024-02-29"),
        ("2025-04-02", 6, "2025-10-09"),  # 2 October lies in the golden week
    ],
)
def test_months_end_on_the_same_day_number_or_the_last(packaged: Calendar, start: str, months: int, last: str) -> None:
    assert packaged.add(date.fromisoformat(start), months, "month").day == date.fromisoformat(last)


def test_a_year_is_twelve_months(packaged: Calendar) -> None:
    assert packaged.add(date(2023, 3, 15), 2, "year") == packaged.add(date(2023, 3, 15), 24, "month")


def test_hours_run_through_nights_and_holidays() -> None:
    start = datetime(2025, 9, 30, 10, tzinfo=UTC)
    assert add_hours(start, 24) == datetime(2025, 10, 1, 10, tzinfo=UTC)
    assert add_hours(start, 72) - start == timedelta(hours=72)


def test_make_up_days_are_working_days_and_holidays_on_weekdays_are_not(packaged: Calendar) -> None:
    assert packaged.is_workday(date(2025, 1, 26))
    assert not packaged.is_workday(date(2025, 1, 28))
    assert packaged.between(date(2025, 1, 24), date(2025, 2, 7)) == 5
    assert packaged.between(date(2025, 2, 7), date(2025, 1, 24)) == -5


def test_a_negative_length_is_an_error_of_the_caller(packaged: Calendar) -> None:
    with pytest.raises(ValueError, match="negative"):
        packaged.add(date(2025, 1, 1), -1, "workday")


DAYS = st.dates(date(2015, 1, 1), date(2027, 6, 30))
LENGTHS = st.integers(0, 120)


@given(DAYS, LENGTHS)
def test_a_longer_term_never_ends_earlier(start: date, length: int) -> None:
    for unit in ("workday", "day", "month"):
        assert _packaged().add(start, length, unit).day <= _packaged().add(start, length + 1, unit).day  # type: ignore[arg-type]


@given(DAYS, DAYS, LENGTHS)
def test_a_later_start_never_ends_earlier(first: date, second: date, length: int) -> None:
    early, late = sorted((first, second))
    for unit in ("workday", "day", "month"):
        assert _packaged().add(early, length, unit).day <= _packaged().add(late, length, unit).day  # type: ignore[arg-type]


@given(DAYS, st.integers(1, 120))
def test_a_term_of_working_days_ends_on_one_and_holds_exactly_that_many(start: date, length: int) -> None:
    term = _packaged().add(start, length, "workday")
    assert _packaged().is_workday(term.day)
    assert _packaged().between(start, term.day) == length


@given(DAYS, LENGTHS, LENGTHS)
def test_two_terms_of_working_days_add_up(start: date, first: int, second: int) -> None:
    calendar = _packaged()
    assert calendar.add(calendar.add(start, first, "workday").day, second, "workday").day == calendar.add(start, first + second, "workday").day


@given(DAYS, LENGTHS)
def test_a_rolled_term_ends_on_a_working_day_and_skips_none(start: date, length: int) -> None:
    calendar, plain = _packaged(), start + timedelta(days=length)
    term = calendar.add(start, length, "day")
    assert calendar.is_workday(term.day)
    assert calendar.between(plain - timedelta(days=1), term.day) == 1


@given(DAYS, LENGTHS)
def test_the_mark_stands_exactly_when_a_year_is_missing(start: date, length: int) -> None:
    calendar = _packaged()
    term = calendar.add(start, length, "workday")
    touched = {(start + timedelta(days=i)).year for i in range(1, (term.day - start).days + 1)}
    assert term.announced == (touched <= calendar.years)


# --- the arrangement of a year ----------------------------------------------------------------------------------------

WHOLE = {date(2031, 1, 1): ("holiday", "元旦"), date(2031, 5, 1): ("holiday", "劳动节")} | {
    date(2031, 10, day): ("holiday", "国庆节") for day in (1, 2, 3)
}


def test_a_whole_year_has_no_fault() -> None:
    assert faults_of(2031, "国办发明电〔2030〕1号", WHOLE) == {}
    assert faults_of(2031, "x", WHOLE | {date(2031, 10, 5): ("holiday", "国庆节"), date(2031, 9, 28): ("workday", "国庆节")}) == {}


@pytest.mark.parametrize(
    ("year", "source", "special", "field", "said"),
    [
        (2031, " ", WHOLE, "source", "文号"),
        (1949, "x", {}, "year", "1990"),
        (2031, "x", WHOLE | {date(2030, 1, 1): ("holiday", "")}, "days", "2030-01-01 不在 2031 年"),
        (2031, "x", WHOLE | {date(2031, 3, 3): ("workday", "")}, "days", "2031-03-03 本来就是工作日"),
        (2031, "x", {date(2031, 1, 1): ("holiday", "元旦")}, "days", "缺法定假日 2031-05-01"),
    ],
)
def test_what_is_wrong_with_a_year_is_named(year: int, source: str, special: dict[date, tuple[str, str]], field: str, said: str) -> None:
    assert said in "；".join(faults_of(year, source, special)[field])

"""The rulebook: dated rows with source and mark; a new version never touches one that was in force."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from inspection import clock
from inspection.actor import SYSTEM
from inspection.audit import AuditEvent
from inspection.calendar import service as calendar
from inspection.db import Database
from inspection.errors import NotFound, Refused
from inspection.rulebook import service
from inspection.rulebook.models import Rule
from inspection.rulebook.rules import NewVersion, in_force, last_day, may_be_quoted, state_of, value_fault

KEY = "deadline.food.report"
TODAY = date(2026, 9, 16)
NOON = datetime(2026, 9, 16, 4, tzinfo=UTC)


@pytest.fixture
def book(database: Database) -> Database:
    with database.write() as session:
        calendar.load_packaged(session, SYSTEM)
        service.load_packaged(session, SYSTEM)
    return database


def row(database: Database, key: str = KEY) -> Rule:
    with database.read() as session:
        return service.versions(session, key)[-1]


# --- rules ------------------------------------------------------------------------------------------------------------


def version(start: date, end: date | None = None) -> Rule:
    return Rule(valid_from=start, valid_to=end)


def test_the_newest_row_that_holds_is_in_force() -> None:
    old, new, later = version(date(2019, 1, 1)), version(date(2022, 1, 1)), version(date(2030, 1, 1))
    rows = [later, old, new]
    assert in_force(rows, date(2021, 12, 31)) is old
    assert in_force(rows, date(2022, 1, 1)) is new
    assert in_force(rows, date(2018, 12, 31)) is None
    assert in_force([version(date(2019, 1, 1), date(2019, 12, 31))], date(2020, 1, 1)) is None
    assert [last_day(rows, r) for r in (old, new, later)] == [date(2021, 12, 31), date(2029, 12, 31), None]
    assert [state_of(r.valid_from, last_day(rows, r), TODAY) for r in (old, new, later)] == ["past", "now", "later"]


@given(st.lists(st.dates(date(2015, 1, 1), date(2030, 1, 1)), min_size=1, max_size=6, unique=True), st.dates(date(2015, 1, 1), date(2031, 1, 1)))
def test_on_every_day_at_most_one_version_holds_and_it_is_the_one_in_force(starts: list[date], on: date) -> None:
    rows = [version(start) for start in starts]
    holding = [r for r in rows if r.valid_from <= on and (last_day(rows, r) is None or on <= last_day(rows, r))]  # type: ignore[operator]
    assert len(holding) <= 1
    assert (holding[0] if holding else None) is in_force(rows, on)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        ("20", "workday", ""), ("1.5", "percent", ""), ("7.5", "batch", ""), ("1", "hour", ""),
        ("0", "day", "大于 0"), ("-1", "day", "大于 0"), ("1.5", "day", "整数"), ("二十", "day", "数字"), ("NaN", "day", "大于 0"),
        ("1e3", "day", "整数"), ("100001", "day", "100000"), ("101", "percent", "100"), ("", "day", "数字"),
    ],
)  # fmt: skip
def test_a_value_fits_its_unit(value: str, unit: str, said: str) -> None:
    assert said in value_fault(value, unit)
    assert bool(said) == bool(value_fault(value, unit))


def test_an_unverified_source_is_never_quoted() -> None:
    assert may_be_quoted(False, "某令第九条") == ""
    assert may_be_quoted(True, "某令第九条") == "某令第九条"


# --- the book ---------------------------------------------------------------------------------------------------------


def test_every_packaged_rule_has_a_source_and_a_fitting_value(book: Database) -> None:
    with book.read() as session:
        rows = list(session.scalars(service.rules()))
        assert len(rows) > 40
        for each in rows:
            assert each.source
            assert value_fault(each.value, each.unit) == "", each.key
            assert not (each.verified and "待核" in each.source), each.key
        assert {each.verified for each in rows} == {True, False}


def test_packaged_rows_are_loaded_once_and_never_over_an_edited_one(book: Database) -> None:
    with book.write() as session:
        assert service.load_packaged(session, SYSTEM) == (0, 0)


def test_a_missing_rule_is_said_and_nothing_assumed(book: Database) -> None:
    with book.read() as session:
        with pytest.raises(NotFound, match=r"deadline\.none"):
            service.rule(session, "deadline.none", TODAY)
        with pytest.raises(NotFound):
            service.rule(session, KEY, date(2010, 1, 1))


def test_terms_in_days_and_in_hours_are_kept_apart(book: Database) -> None:
    with book.read() as session:
        assert service.due(session, "deadline.food.report", date(2025, 9, 26)).day == date(2025, 10, 30)
        assert service.due(session, "deadline.product.retest_apply", date(2025, 9, 20)).day == date(2025, 10, 9)
        assert service.due_moment(session, "deadline.food.quick_retest", NOON) == NOON + timedelta(hours=4)
        with pytest.raises(Refused, match="不以日"):
            service.due(session, "deadline.food.quick_retest", TODAY)
        with pytest.raises(Refused, match="不以小时"):
            service.due_moment(session, KEY, NOON)
        assert service.due(session, KEY, date(2031, 3, 3)).mark


def test_a_version_from_a_later_day_changes_no_earlier_deadline(book: Database) -> None:
    first = row(book)
    with clock.at(NOON), book.write() as session:
        new = service.add_version(session, SYSTEM, first.id, NewVersion("15", "workday", "新令", True, date(2026, 10, 1)), version=1)
        assert service.rule(session, KEY, date(2026, 9, 30)).id == first.id
        assert service.rule(session, KEY, date(2026, 10, 1)).id == new.id
        kept = session.get_one(Rule, first.id)
        assert (kept.value, kept.valid_to, kept.version_id) == (first.value, None, 1)  # the old row is untouched
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc()).limit(1)).one()
        assert (event.verb, event.object_id) == ("rulebook.add_version", KEY)
        assert event.before_digest != event.after_digest != ""
        current = set(session.scalars(service.rules(on=date(2026, 10, 1)).with_only_columns(Rule.id)))
        assert new.id in current
        assert first.id not in current

"""Readers see one moment and change nothing; moments come back aware, decimals digit for digit; the settings hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from inspection.calendar.models import CalendarDay
from inspection.clock import local
from inspection.db import Database, Exact, UTCDateTime
from tests.inspection.db.counting import count_up, prepare, total

VALUES = Table("kept_values", MetaData(), Column("id", Integer, primary_key=True), Column("at", UTCDateTime), Column("amount", Exact))


@pytest.fixture
def kept(database: Database) -> Database:
    with database.write() as session:
        VALUES.create(session.connection())
    return database


def back(database: Database, **values: Any) -> Any:
    with database.write() as session:
        session.execute(insert(VALUES).values(**values))
    with database.read() as session:
        return session.execute(select(VALUES).order_by(VALUES.c.id.desc())).first()


def test_a_read_cannot_write(database: Database) -> None:
    prepare(database)
    for statement in ("UPDATE counter SET n = 5", "DELETE FROM counter", "INSERT INTO counter VALUES (2, 2)", "DROP TABLE counter"):
        with pytest.raises(DBAPIError, match=r"read-?only"), database.read() as session:
            session.execute(text(statement))
    count_up(database, 1)  # the same pooled connections still serve writers
    assert total(database) == 1


def test_a_read_sees_one_moment_while_others_write(database: Database) -> None:
    prepare(database)
    with database.read() as session:
        assert session.scalar(text("SELECT n FROM counter")) == 0
        count_up(database, 3)
        assert session.scalar(text("SELECT n FROM counter")) == 0
    assert total(database) == 3


@pytest.mark.parametrize(("name", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("wal_autocheckpoint", 0)])
def test_sqlite_is_set_on_every_connection(sqlite_database: Database, name: str, value: object) -> None:
    with sqlite_database.engine.connect() as first, sqlite_database.engine.connect() as second:
        assert [each.exec_driver_sql(f"PRAGMA {name}").scalar() for each in (first, second)] == [value, value]


def test_postgresql_writers_see_what_was_committed_before_their_turn(database: Database) -> None:
    """READ COMMITTED behind the queue, whatever the server's default: a snapshot taken while waiting would be stale."""
    if database.is_sqlite:
        return
    with database.write() as session:
        session.execute(text(f"ALTER DATABASE \"{database.engine.url.database}\" SET default_transaction_isolation = 'repeatable read'"))
    database.dispose()
    with database.write() as session:
        assert session.scalar(text("SHOW transaction_isolation")) == "read committed"
    with database.read() as session:
        assert session.scalar(text("SHOW transaction_isolation")) == "repeatable read"


def test_references_are_checked(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(CalendarDay(day=datetime(2031, 1, 1, tzinfo=UTC).date(), year=2031, kind="holiday"))


def test_a_moment_goes_in_with_any_zone_and_comes_out_aware_in_utc(kept: Database) -> None:
    shanghai_noon = datetime(2026, 9, 16, 12, tzinfo=timezone(timedelta(hours=8)))
    row = back(kept, at=shanghai_noon)
    assert row.at == shanghai_noon
    assert row.at.utcoffset() == timedelta(0)
    assert row.at.hour == 4
    assert back(kept, at=local(row.at.date(), 23, 30)).at.isoformat() == "2026-09-16T15:30:00+00:00"
    assert back(kept, at=None).at is None


def test_a_naive_moment_is_refused(kept: Database) -> None:
    with pytest.raises(StatementError, match="time zone"):
        back(kept, at=datetime(2026, 9, 16, 12))


@pytest.mark.parametrize("digits", ["0.1", "0.10", "1E-10", "123456789012345.0123456789", "-0.00", "0", "7E+3"])
def test_a_decimal_comes_back_digit_for_digit(kept: Database, digits: str) -> None:
    amount = back(kept, amount=Decimal(digits)).amount
    assert isinstance(amount, Decimal)
    assert format(amount, "f") == format(Decimal(digits), "f")
    assert back(kept, amount=None).amount is None

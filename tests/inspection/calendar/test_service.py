"""A year is entered as a whole, corrected with its version, and noted; on both databases."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from inspection.actor import SYSTEM
from inspection.audit import AuditEvent
from inspection.calendar import imports, service
from inspection.calendar.models import CalendarYear
from inspection.calendar.rules import Term
from inspection.db import Database
from inspection.errors import Conflict, Invalid, Refused

SOURCE = "国办发明电〔2030〕9号"
FIXED = {date(2031, month, day): ("holiday", "节") for month, day in ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))}
FILE = "日期,类型,名称\n" + "\n".join(f"{day.isoformat()},放假,节" for day in FIXED)


def test_a_year_is_entered_and_corrected_with_its_version(database: Database) -> None:
    with database.write() as session:
        service.announce(session, SYSTEM, year=2031, source=SOURCE, special=FIXED, version=0)
        assert service.add(session, date(2031, 4, 30), 1, "workday") == Term(date(2031, 5, 2))
    more = FIXED | {date(2031, 5, 2): ("holiday", "节"), date(2031, 5, 4): ("workday", "节")}
    with database.write() as session:
        service.announce(session, SYSTEM, year=2031, source=SOURCE, special=more, version=1)
        assert service.add(session, date(2031, 4, 30), 1, "workday") == Term(date(2031, 5, 4))  # a Sunday that is worked
        assert service.arrangement(session, 2031) == more
    for version in (0, 1):
        with pytest.raises(Conflict), database.write() as session:
            service.announce(session, SYSTEM, year=2031, source=SOURCE, special=FIXED, version=version)
    with database.read() as session:
        assert session.get_one(CalendarYear, 2031).version_id == 2
        assert service.arrangement(session, 2031) == more
        events = list(session.scalars(select(AuditEvent).where(AuditEvent.verb == "calendar.announce").order_by(AuditEvent.seq)))
    assert [bool(event.before_digest) for event in events] == [False, True]
    assert events[1].before_digest == events[0].after_digest


def test_a_wrong_year_leaves_the_old_one(database: Database) -> None:
    with database.write() as session:
        service.announce(session, SYSTEM, year=2031, source=SOURCE, special=FIXED)
    with pytest.raises(Invalid), database.write() as session:
        service.announce(session, SYSTEM, year=2031, source=SOURCE, special={date(2031, 1, 1): ("holiday", "节")})
    with database.read() as session:
        assert service.arrangement(session, 2031) == FIXED


def test_a_file_is_applied_whole_or_not_at_all_and_once(database: Database) -> None:
    with database.write() as session:
        bad = imports.keep_upload(session, SYSTEM, year=2031, filename="a.csv", content=f"{FILE}\n2030-01-01,放假,节".encode())
        good = imports.keep_upload(session, SYSTEM, year=2031, filename="b.csv", content=FILE.encode())
    with pytest.raises(Refused, match="1 行有误"), database.write() as session:
        imports.apply(session, SYSTEM, bad.id, source=SOURCE, version=0)
    with database.write() as session:
        assert service.arrangement(session, 2031) == {}
        imports.apply(session, SYSTEM, good.id, source=SOURCE, version=0)
        imports.apply(session, SYSTEM, good.id, source=SOURCE, version=1)
    with database.read() as session:
        assert service.arrangement(session, 2031) == FIXED
        assert session.get_one(CalendarYear, 2031).version_id == 1


def test_the_years_in_use_are_this_one_and_from_november_the_next(database: Database) -> None:
    with database.write() as session:
        service.announce(session, SYSTEM, year=2031, source=SOURCE, special=FIXED)
        assert service.missing_years(session, date(2031, 10, 31)) == []
        assert service.missing_years(session, date(2031, 11, 1)) == [2032]
        assert service.missing_years(session, date(2032, 11, 1)) == [2032, 2033]
        assert service.mark_of(session, date(2031, 5, 1)) == ""
        assert service.mark_of(session, date(2032, 5, 1)) == "节假日安排未公布，按周末推算"

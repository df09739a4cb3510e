"""The calendar on screen, as a file and as JSON: import with preview, as a whole or not at all; the mark wherever it must stand."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from inspection import clock
from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.audit import AuditEvent
from inspection.calendar import service
from inspection.calendar.models import CalendarDay, CalendarYear
from inspection.db import Database
from tests.conftest import settings_for
from tests.people import Browser, person, sign_in

SOURCE = "国务院办公厅关于2031年部分节假日安排的通知（国办发明电〔2030〕9号）"
ROWS = ["2031-01-01,放假,元旦", "2031-05-01,放假,劳动节", "2031-10-01,放假,国庆节", "2031-10-02,holiday,国庆节", "2031-10-03,放假,国庆节"]
NOON = datetime(2026, 9, 16, 4, tzinfo=UTC)


def file(*rows: str, encoding: str = "utf-8-sig") -> tuple[io.BytesIO, str]:
    return io.BytesIO("\n".join(["日期,类型,名称", *rows]).encode(encoding)), "2031.csv"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What the database does is tested beside the services, on both kinds; the pages need one."""
    return sqlite_database


@pytest.fixture
def planner(app: Any, database: Database) -> Browser:
    with database.write() as session:
        service.load_packaged(session, SYSTEM)
    person(database, "wang", "planner")
    person(database, "li", "publisher")
    return sign_in(app, "wang")


def send(browser: Browser, *rows: str, year: int = 2031, encoding: str = "utf-8-sig") -> Any:
    return browser.post("/calendar/import", {"year": str(year), "file": file(*rows, encoding=encoding)}, content_type="multipart/form-data")


def days_of(database: Database, year: int = 2031) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(CalendarDay).where(CalendarDay.year == year)) or 0


def events(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.verb == "calendar.announce")) or 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_year_is_imported_from_its_table(planner: Browser, database: Database, encoding: str) -> None:
    sent = send(planner, *ROWS, encoding=encoding)
    assert sent.status_code == 303
    page = planner.get(sent.location).text
    assert "2031-10-03" in page
    assert days_of(database) == 0  # looking stores nothing
    assert planner.post(f"{sent.location}/apply", {"source": SOURCE, "version": "0"}).status_code == 303
    assert (days_of(database), events(database)) == (5, 1)
    shown = planner.get("/calendar/2031").text
    assert SOURCE in shown
    assert "国庆节" in shown
    assert SOURCE in planner.get("/calendar").text


def test_the_same_file_again_changes_nothing(planner: Browser, database: Database) -> None:
    place = send(planner, *ROWS).location
    planner.post(f"{place}/apply", {"source": SOURCE, "version": "0"})
    again = send(planner, *ROWS).location
    assert again == place
    assert "与已录入的安排相同" in planner.get(again).text
    assert planner.post(f"{again}/apply", {"source": SOURCE, "version": "1"}).status_code == 303
    assert (days_of(database), events(database)) == (5, 1)
    with database.read() as session:
        assert session.get_one(CalendarYear, 2031).version_id == 1


def test_bad_rows_are_given_back_and_nothing_is_written(planner: Browser, database: Database) -> None:
    bad = ["2030-12-31,放假,元旦", "2031-03-03,调休上班,", "2031-02-30,放假,", "2031-06-02,休息,端午节", "2031-01-01,放假,元旦"]
    place = send(planner, *ROWS, *bad).location
    page = planner.get(place).text
    for said in ("不在 2031 年", "本来就是工作日", "休息", "第 2 行重复"):
        assert said in page, said
    assert "确认录入" not in page
    refused = planner.post(f"{place}/apply", {"source": SOURCE, "version": "0"})
    assert refused.status_code == 409
    assert "5 行有误" in refused.text
    errors = planner.get(f"{place}/errors")
    assert errors.data[:2] == b"PK"
    assert days_of(database) == 0


def test_a_partial_table_is_refused_because_it_would_count_wrong_days_without_a_mark(planner: Browser, database: Database) -> None:
    place = send(planner, *ROWS[:2]).location
    assert "缺法定假日 2031-10-01" in planner.get(place).text
    assert planner.post(f"{place}/apply", {"source": SOURCE, "version": "0"}).status_code == 422
    assert days_of(database) == 0


def test_a_file_that_is_no_table_is_refused_in_words(planner: Browser) -> None:
    for content, name in ((b"\x00\x01", "x.csv"), ("日期,种类\n2031-01-01,放假".encode(), "x.csv"), ("日期,类型,名称".encode(), "x.csv")):
        answer = planner.post("/calendar/import", {"year": "2031", "file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert "alert-danger" in answer.text
    assert planner.post("/calendar/import", {"year": "2031"}).status_code == 422
    assert planner.post("/calendar/import", {"year": "99999", "file": file(*ROWS)}, content_type="multipart/form-data").status_code == 422


def test_a_second_person_with_an_old_page_is_told(planner: Browser, database: Database) -> None:
    place = send(planner, *ROWS).location
    planner.post(f"{place}/apply", {"source": SOURCE, "version": "0"})
    other = send(planner, *ROWS, "2031-10-06,放假,国庆节").location
    assert planner.post(f"{other}/apply", {"source": SOURCE, "version": "0"}).status_code == 412
    assert days_of(database) == 5
    assert planner.post(f"{other}/apply", {"source": SOURCE, "version": "1"}).status_code == 303
    assert days_of(database) == 6
    with database.read() as session:
        assert session.get_one(CalendarYear, 2031).version_id == 2


def test_a_reader_sees_and_changes_nothing(planner: Browser, app: Any, database: Database) -> None:
    reader = sign_in(app, "li")
    assert "录入一年" not in reader.get("/calendar").text
    assert reader.get("/calendar/2025").status_code == 200
    assert reader.get("/calendar/2099").status_code == 404
    assert reader.post("/calendar/import", {"year": "2031"}).status_code == 403
    assert reader.json("PUT", "/api/v1/calendar/years/2031", {"source": "x", "days": []}, If_Match="0").status_code == 403


def test_the_calculator_shows_the_day_and_the_mark(planner: Browser) -> None:
    page = planner.get("/calendar/deadline?start=2025-09-26&length=20&unit=workday").text
    assert "2025-10-30" in page
    assert "均已公布" in page
    assert "国庆" in page  # the holidays in between are shown
    beyond = planner.get("/calendar/deadline?start=2031-03-03&length=5&unit=workday").text
    assert "2031-03-10" in beyond
    assert "节假日安排未公布" in beyond
    hours = planner.get("/calendar/deadline?start=2025-09-30&length=24&unit=hour&at=18:30").text
    assert "2025-10-01T18:30:00+08:00" in hours
    for bad in ("start=2025-13-01&length=1&unit=day", "start=2025-01-01&length=-1&unit=day", "start=2025-01-01&length=1&unit=week", "start=&length=&unit="):
        answer = planner.get(f"/calendar/deadline?{bad}")
        assert answer.status_code == 422, bad
        assert "invalid-feedback" in answer.text


def test_json_says_the_same(planner: Browser, database: Database) -> None:
    asked = planner.get("/api/v1/calendar/deadline?start=2031-03-03&length=5&unit=workday").json
    assert (asked["last_day"], asked["announced"], asked["mark"]) == ("2031-03-10", False, "节假日安排未公布，按周末推算")
    assert planner.get("/api/v1/calendar/deadline?start=2025-01-24&length=20&unit=workday").json["last_day"] == "2025-02-27"
    assert planner.get("/api/v1/calendar/years/2031").json["announced"] is False
    days = [{"day": row[:10], "kind": "holiday", "name": "节"} for row in ROWS]
    body = {"source": SOURCE, "days": days}
    assert planner.json("PUT", "/api/v1/calendar/years/2031", body).status_code == 422  # no version
    made = planner.json("PUT", "/api/v1/calendar/years/2031", body, If_Match="0")
    assert (made.status_code, made.json["version"], len(made.json["days"])) == (200, 1, 5)
    assert planner.json("PUT", "/api/v1/calendar/years/2031", body, If_Match="0").status_code == 412
    twice = planner.json("PUT", "/api/v1/calendar/years/2031", {"source": SOURCE, "days": [*days, days[0]]}, If_Match="1")
    assert (twice.status_code, "days" in twice.json["errors"]) == (422, True)
    assert planner.json("PUT", "/api/v1/calendar/years/3031", body, If_Match="0").status_code == 422
    assert planner.get("/api/v1/calendar/years").json["years"][0]["year"] == 2031
    assert days_of(database) == 5


def test_the_template_is_imported_as_it_is_shown(planner: Browser) -> None:
    from inspection.calendar.imports import COLUMNS
    from inspection.intake import reader
    from inspection.intake.columns import match_header

    sheet = reader.read(planner.get("/calendar/import/template").data, "x.xlsx")
    assert set(match_header(sheet, COLUMNS)) == {"day", "kind", "name"}


def test_a_missing_year_in_use_is_warned_of_at_the_start_and_on_the_first_page(
    sqlite_database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    person(sqlite_database, "wang", "planner")
    with clock.at(NOON):
        app = create_app(settings_for(sqlite_database, tmp_path), sqlite_database)
        assert '"calendar-year-missing"' in capsys.readouterr().err
        browser = sign_in(app, "wang")
        assert "尚未录入 2026 年节假日安排" in browser.get("/").text
        with sqlite_database.write() as session:
            service.load_packaged(session, SYSTEM)
        create_app(settings_for(sqlite_database, tmp_path), sqlite_database)
        assert "calendar-year-missing" not in capsys.readouterr().err
        assert "尚未录入" not in browser.get("/").text
    with clock.at(datetime(2026, 11, 20, 4, tzinfo=UTC)):
        create_app(settings_for(sqlite_database, tmp_path), sqlite_database)
        assert '"year": 2027' in capsys.readouterr().err


def test_the_application_starts_before_its_database_is_migrated(tmp_path: Path) -> None:
    bare = Database(f"sqlite:///{tmp_path}/bare.sqlite")
    assert create_app(settings_for(bare, tmp_path), bare).test_client().get("/healthz").status_code == 200
    bare.dispose()


def test_a_computed_day_is_shown_with_its_mark(planner: Browser, app: Any) -> None:
    with app.test_request_context():
        show = app.jinja_env.filters["term"]
        assert show(date(2025, 10, 30)) == "2025-10-30"
        assert show(date(2031, 10, 30)) == "2031-10-30（节假日安排未公布，按周末推算）"
        assert show(None) == "—"


def test_every_page_is_complete_in_english(planner: Browser) -> None:
    place = send(planner, *ROWS, "2030-01-01,放假,元旦").location
    planner.post("/language", {"language": "en", "next": "/"})
    for path in ("/calendar", "/calendar/2025", "/calendar/deadline?start=2031-03-03&length=5&unit=workday", "/calendar/import", place):
        assert planner.get(path).status_code == 200
    assert "Count a deadline" in planner.get("/calendar").text
    assert "holidays not announced" in planner.get("/calendar/deadline?start=2031-03-03&length=5&unit=workday").text

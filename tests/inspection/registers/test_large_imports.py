"""Files above the size that is written at once: checked and imported by jobs, whole or not at all, never twice."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.db import Database
from inspection.intake import credit_code
from inspection.intake.reader import read
from inspection.jobs import importing, run_pending, runner
from inspection.registers.models import Enterprise
from tests.conftest import settings_for
from tests.inspection.registers.county import build
from tests.people import Browser, person, sign_in

ROWS = 60
HEADER = "统一社会信用代码,名称,行政区划代码,信用等级"


def table(bad: int = 0) -> bytes:
    rows = [f"{credit_code.make('330106', n)},西湖区第{n}食品有限公司,330106001,{'Z' if n <= bad else 'B'}" for n in range(1, ROWS + 1)]
    return "\r\n".join([HEADER, *rows]).encode()


@pytest.fixture
def browser(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A planner; above fifty rows a file is large here."""
    monkeypatch.setitem(importing.LARGE, "registers", 50)
    monkeypatch.setattr(importing, "EVERY", 10)
    with database.write(SYSTEM) as session:
        build(session)
    person(database, "wang", "planner")
    return sign_in(create_app(settings_for(database, tmp_path), database), "wang")


def sent(browser: Browser, data: bytes) -> Any:
    browser.get("/registers/imports/enterprises")
    return browser.post("/registers/imports/enterprises", {"file": (io.BytesIO(data), "企业.csv")}, content_type="multipart/form-data")


def firms(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Enterprise)) or 0


def test_checked_then_imported_with_bars_and_the_bad_rows_given_back(browser: Browser, database: Database) -> None:
    at = sent(browser, table(bad=2))
    assert at.status_code == 303 and at.location == "/jobs/1"
    assert browser.get("/jobs/1/progress").json["total"] == ROWS
    assert run_pending(database) == 1
    page = browser.get("/jobs/1").text
    assert "/registers/imports/files/1" in page and "58" in page
    assert len(read(browser.get("/jobs/1/result").data, "a.xlsx")) == 2
    assert firms(database) == 0, "a check writes nothing"
    assert "确认导入" in browser.get("/registers/imports/files/1").text
    whole = browser.post("/registers/imports/files/1/apply", {"all_or_nothing": "true"})
    run_pending(database)
    assert "一行也没有写入" in browser.get(whole.location).text and firms(database) == 0
    good = browser.post("/registers/imports/files/1/apply", {"all_or_nothing": "false"})
    run_pending(database)
    assert browser.get(f"{good.location}/progress").json["state"] == "done" and firms(database) == 58
    again = browser.post("/registers/imports/files/1/apply", {"all_or_nothing": "false"})
    run_pending(database)
    assert browser.get(f"{again.location}/progress").json["state"] == "done" and firms(database) == 58


def test_an_interrupted_import_leaves_nothing_and_is_done_once_when_it_goes_on(browser: Browser, database: Database) -> None:
    sent(browser, table())
    run_pending(database)
    at = browser.post("/registers/imports/files/1/apply", {"all_or_nothing": "true"})
    job_id = int(at.location.rsplit("/", 1)[1])
    stopping = threading.Event()
    stopping.set()
    runner.run_one(database, runner.settings_of(database), job_id, stopping=stopping)
    assert browser.get(f"{at.location}/progress").json["state"] == "queued" and firms(database) == 0
    assert run_pending(database) == 1 and firms(database) == ROWS
    asked = browser.post("/registers/imports/files/1/apply", {"all_or_nothing": "true"})
    browser.post(f"{asked.location}/cancel")
    assert run_pending(database) == 0 and browser.get(f"{asked.location}/progress").json["state"] == "cancelled" and firms(database) == ROWS


def test_a_small_file_is_shown_at_once(browser: Browser, database: Database) -> None:
    small = b"\r\n".join(table().split(b"\r\n")[:20])
    at = sent(browser, small)
    assert at.location == "/registers/imports/files/1" and "新增" in browser.get(at.location).text
    assert browser.post("/registers/imports/files/1/apply", {"all_or_nothing": "true"}).status_code == 303 and firms(database) == 19
    assert run_pending(database) == 0


def test_a_program_is_given_the_number_of_the_job_instead_of_waiting(browser: Browser, database: Database) -> None:
    head, api = {"X-CSRFToken": browser.token}, "/api/v1/registers/imports"
    at = browser.client.post(f"{api}/enterprises", data={"file": (io.BytesIO(table(bad=2)), "企业.csv")}, headers=head)
    assert at.status_code == 202 and at.location == "/api/v1/jobs/1" and at.json["job"]["state"] == "queued"
    assert (at.json["upload_id"], at.json["kind"], at.json["n_rows"], at.json["state"]) == (1, "enterprises", ROWS, "open")
    assert browser.get(f"{api}/1").json["job"]["id"] == 1
    run_pending(database)
    assert browser.get(at.location).json["result"] == {"行数": ROWS, "新增": 58, "更改": 0, "相同": 0, "有误": 2}
    assert len(read(browser.get(f"{at.location}/result").data, "a.xlsx")) == 2
    for path in (f"{api}/1/errors", "/registers/imports/files/1/errors"):
        assert browser.get(path).status_code == 409, path
    asked = browser.json("POST", f"{api}/1/apply", {"all_or_nothing": False})
    assert asked.status_code == 202 and firms(database) == 0, "the answer does not wait for the rows"
    assert browser.json("POST", f"{api}/1/apply", {"all_or_nothing": False}).json["job"]["id"] == 2, "twice is once"
    run_pending(database)
    done = browser.get(f"{api}/1").json
    assert (done["state"], done["job"]["state"]) == ("applied", "done") and firms(database) == 58

"""Results over HTTP: entry, import, three desks, correction; and what is refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from inspection import clock
from inspection.app import create_app
from inspection.db import Database
from inspection.intake.reader import read
from inspection.jobs import importing, run_pending
from inspection.results import service
from inspection.results.models import ItemResult
from tests.conftest import settings_for
from tests.inspection.intake.workbooks import xlsx
from tests.inspection.results.test_imports import HEAD
from tests.inspection.samples.bench import TESTED, Bench
from tests.people import Browser, sign_in

API = "/api/v1/results"


class Office(Bench):
    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database)
        self.app = create_app(settings_for(database, folder), database)
        (self.code,) = self.receive()

    @property
    def v(self) -> str:
        """The version of the only report."""
        with self.database.read() as session:
            return str(service.get(session, 1).version_id)

    def browser(self, login: str) -> Browser:
        return sign_in(self.app, login)


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    return Office(sqlite_database, tmp_path)


def test_a_report_goes_over_three_desks_and_back_for_correction(office: Office) -> None:
    with clock.at(TESTED):
        entry, reviewer, signer = (office.browser(login) for login in ("entry", "reviewer", "signer"))
        typed = {"sample_code": office.code, "item": "铅（以Pb计）", "text": "<0.02", "unit": "mg/kg", "tested_on": "2026-10-08"}
        assert '<option value="铅（以Pb计）">mg/kg</option>' in entry.get(f"/results/enter?code={office.code}").text
        assert entry.json("POST", API, {**typed, "text": "0.1 mg/kg"}).json["errors"].keys() == {"text"}
        done = entry.post("/results/enter", typed, follow=True)
        assert "合格（&lt;0.02 ≤ 0.5）" in done.text
        assert "没有变化" in entry.post("/results/enter", typed, follow=True).text
        assert "待审核" in entry.post("/results/1/submit", {"version": office.v}, follow=True).text
        assert office.code in reviewer.get("/results?state=entered").text and "待审核的报告" in reviewer.get("/").text
        assert reviewer.post("/results/1/return", {"version": office.v}).status_code == 422
        assert "已退回" in reviewer.post("/results/1/return", {"version": office.v, "reason": "补检验日期"}, follow=True).text
        assert "补检验日期" in entry.get("/results/1").text
        entry.post("/results/1/submit", {"version": office.v})
        assert reviewer.post("/results/1/review", {"version": "1"}).status_code == 412
        assert reviewer.post("/results/1/review", {"version": office.v}).status_code == 303
        assert signer.post("/results/1/approve", {"version": office.v}).status_code == 303
        shown = signer.get("/results/1").text
        assert "JB2026-000001" in shown and "2026-10-08" in shown and "第 1 版" in shown
        assert signer.post("/results/1/approve", {"version": office.v}).status_code == 409
        assert signer.post("/results/1/correct", {"version": office.v, "reason": ""}).status_code == 422
        assert "更正：称样有误" in signer.post("/results/1/correct", {"version": office.v, "reason": "称样有误"}, follow=True).text
        entry.post("/results/enter", {**typed, "text": "0.8"})
        assert "第 2 次" in entry.get("/results/1").text
        late = entry.post("/results/enter", {**typed, "text": "0.8", "item": "没有"})
        assert late.status_code == 422 and "没有“没有”" in late.text and "0.8" in late.text


def test_a_proof_of_identity_an_hour_old_signs_nothing(office: Office) -> None:
    from datetime import timedelta

    office.enter(office.code)
    with clock.at(TESTED):
        signer = office.browser("signer")
    with clock.at(TESTED + timedelta(minutes=20)):
        answer = signer.post("/results/1/approve", {"version": "1"})
        assert answer.status_code == 303 and "/account/confirm" in answer.location
        assert signer.json("POST", f"{API}/reports/1/approve", {}, If_Match="1").status_code == 401


def upload(browser: Browser, path: str, rows: list[list[Any]], name: str = "结果.xlsx") -> Any:
    data = {"file": (io.BytesIO(xlsx(rows)), name)}
    if path.startswith("/api"):
        return browser.client.post(path, data=data, headers={"X-CSRFToken": browser.token})
    return browser.post(path, data, content_type="multipart/form-data")


def rows(office: Office) -> list[list[Any]]:
    good = [office.code, "铅（以Pb计）", "0.1", "mg/kg", "", "", "", "2026-10-08"]
    return [HEAD, good, [office.code, "苏丹红Ⅰ", "ND", "mg/kg", "", "", "", ""]]


def test_a_workbook_is_previewed_given_back_and_imported_on_screen(office: Office) -> None:
    with clock.at(TESTED):
        browser = office.browser("entry")
        template = browser.get("/results/import/template.xlsx")
        assert [title.rstrip("*") for title in read(template.data, "模板.xlsx").header] == HEAD
        assert "请选择" in browser.post("/results/import", {}, content_type="multipart/form-data").text
        sent = upload(browser, "/results/import", rows(office))
        assert sent.status_code == 303
        page = browser.get(sent.location).text
        assert "正确 1 行" in page and "有误 1 行" in page and "结果单位" in page and "请换算后填写" in page
        errors = browser.get(f"{sent.location}/errors.xlsx")
        assert len(read(errors.data, "错误清单.xlsx")) == 1
        refused = browser.post(f"{sent.location}/apply", {"mode": "all"})
        assert refused.status_code == 409 and "一行也没有写入" in refused.text
        assert "新增 1 行" in browser.post(f"{sent.location}/apply", {"mode": "good"}, follow=True).text
        assert "新增 0 行，不变 1 行" in browser.post(f"{sent.location}/apply", {"mode": "good"}, follow=True).text
        assert "结果.xlsx" in browser.get("/results/import").text
        for name, data in (("x.xlsx", b"PK\x03\x04" + bytes(50)), ("x.csv", b"\xff\xfe\x00"), ("x.exe", b"MZ"), ("x.xlsx", b"\x00")):
            bad = browser.post("/results/import", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")
            assert bad.status_code == 422, (name, bad.status_code)
        other = office.browser("elsewhere")
        assert other.get(sent.location).status_code == 404 and other.post(f"{sent.location}/apply", {"mode": "good"}).status_code == 404


def test_the_api_enters_imports_signs_and_shows_the_versions(office: Office) -> None:
    with clock.at(TESTED):
        entry, reviewer, signer = (office.browser(login) for login in ("entry", "reviewer", "signer"))
        made = entry.json("POST", API, {"sample_code": office.code, "item": "PB", "text": "0.1", "unit": "mg/kg"})
        assert made.status_code == 201 and made.json["outcome"] == "pass"
        wrong = entry.json("POST", API, {"sample_code": office.code, "item": "PB", "text": "0.1", "unit": "g"})
        assert wrong.status_code == 422 and list(wrong.json["errors"]) == ["unit"]
        assert entry.json("POST", API, {"sample_code": office.code}).status_code == 422
        assert entry.json("POST", API, {"sample_code": "ZZZZZZZZZZ", "item": "PB", "text": "1"}).status_code == 404
        kept = upload(entry, f"{API}/imports", rows(office))
        assert kept.status_code == 201 and (kept.json["good"], kept.json["bad"], kept.json["unchanged"]) == (1, 1, 1)
        assert kept.json["problems"][0]["column"] == "unit" and kept.json["problems"][0]["suggestion"]
        assert entry.client.post(f"{API}/imports", headers={"X-CSRFToken": entry.token}).status_code == 422
        path = f"{API}/imports/{kept.json['id']}/apply"
        assert entry.json("POST", path, {"all_or_nothing": True}).status_code == 409
        assert entry.json("POST", path, {}).json == {"new": 0, "unchanged": 1, "refused": 1}
        assert entry.json("POST", f"{API}/reports/1/submit", {}, If_Match=office.v).json["state"] == "entered"
        assert reviewer.json("POST", f"{API}/reports/1/return", {"reason": "重看"}, If_Match=office.v).json["state"] == "entering"
        entry.json("POST", f"{API}/reports/1/submit", {}, If_Match=office.v)
        assert reviewer.json("POST", f"{API}/reports/1/review", {}, If_Match=office.v).json["state"] == "reviewed"
        assert signer.json("POST", f"{API}/reports/1/approve", {}, If_Match=office.v).json["number"] == "JB2026-000001"
        opened = signer.json("POST", f"{API}/reports/1/correct", {"reason": "错"}, If_Match=office.v)
        assert opened.json["state"] == "entering"
        shown = signer.json("GET", f"{API}/reports/1").json
        assert shown["sample_code"] == office.code and shown["versions"][0]["conclusion"] == "pass" and shown["items"][0]["text"] == "0.1"
        assert "enterprise" not in str(shown) and signer.json("GET", f"{API}/reports/9").status_code == 404
        assert [row["id"] for row in signer.json("GET", API).json["items"]] == [1]
        assert signer.json("GET", f"{API}?state=approved").json == {"items": [], "next": None}
        assert office.browser("elsewhere").json("GET", API).json["items"] == []


def test_a_large_workbook_is_checked_and_imported_in_the_background(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(importing.LARGE, "results", 1)
    rows = [HEAD, [office.code, "铅（以Pb计）", "0.1", "mg/kg", "", "", "", ""], [office.code, "没有这个项目", "0.1", "mg/kg", "", "", "", ""]]
    with clock.at(TESTED):
        entry = office.browser("entry")
        entry.get("/results/import")
        at = entry.post("/results/import", {"file": (io.BytesIO(xlsx(rows)), "结果.xlsx")}, content_type="multipart/form-data")
        assert at.status_code == 303 and at.location == "/jobs/1"
        assert run_pending(office.database) == 1
        assert len(read(entry.get("/jobs/1/result").data, "错误清单.xlsx")) == 1
        assert "确认导入" in entry.get("/results/import/1").text
        written = entry.post("/results/import/1/apply", {"mode": "good"})
        assert run_pending(office.database) == 1 and entry.get(f"{written.location}/progress").json["state"] == "done"
        assert office.code in entry.get("/results").text
        entry.post("/results/import/1/apply", {"mode": "good"})
        assert run_pending(office.database) == 1
        sent = entry.client.post(f"{API}/imports", data={"file": (io.BytesIO(xlsx(rows)), "结果.xlsx")}, headers={"X-CSRFToken": entry.token})
        assert sent.status_code == 202 and sent.json["n_rows"] == 2 and sent.location == f"/api/v1/jobs/{sent.json['job']['id']}"
        assert entry.json("POST", f"{API}/imports/1/apply", {}).status_code == 202
        assert run_pending(office.database) == 2
        assert entry.get("/results/import/1/errors.xlsx").status_code == 409
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ItemResult)) == 1
    assert office.browser("elsewhere").post("/results/import/1/check").status_code == 404
    assert office.browser("elsewhere").json("POST", f"{API}/imports/1/apply", {}).status_code == 404

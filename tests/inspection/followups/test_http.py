"""The pages and JSON routes of cases over HTTP."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from inspection import clock
from inspection.app import create_app
from tests.conftest import settings_for
from tests.inspection.followups.desk import LATER, OPENED, Desk
from tests.people import Browser, sign_in


class Office:
    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self.app: Any = create_app(settings_for(desk.database, folder, office_name="亭湖区市场监督管理局", office_contact="处置科", office_phone="0515-66661111"), desk.database)

    def signed_in(self, login: str) -> Browser:
        return sign_in(self.app, login)


@pytest.fixture
def office(sqlite_only: Desk, tmp_path: Path) -> Iterator[Office]:
    with clock.at(OPENED):
        yield Office(sqlite_only, tmp_path)


def version(browser: Browser) -> str:
    return str(browser.json("GET", "/api/v1/cases/1").json["version"])


def step(browser: Browser, kind: str, on: str = "2026-10-19", text: str = "已办", **more: str) -> Any:
    return browser.post("/cases/1/steps", {"version": version(browser), "kind": kind, "done_on": on, "text": text, **more})


def test_a_failing_sample_becomes_a_case_and_is_closed_by_the_leader(office: Office) -> None:
    officer = office.signed_in("cases")
    assert "待立案的不合格报告" in officer.get("/").text
    assert officer.post("/cases/open", follow=True).text.count("HC2026-00001") >= 1
    for kind, on in (("served", "2026-10-14"), ("control", "2026-10-15"), ("cause", "2026-10-16"), ("no_penalty", "2026-10-17"), ("rectification", "2026-10-18"), ("recheck", "2026-10-19")):
        assert step(officer, kind, on, f"办理{kind}").status_code == 303
    page = officer.get("/cases/1").text
    assert "待结案" in page and "结案前还缺少：检验结论确定" in page and "确定检验结论</button>" not in page
    with clock.at(LATER):
        officer, leader = office.signed_in("cases"), office.signed_in("leader")
        assert "确定检验结论</button>" in officer.get("/cases/1").text
        assert officer.post("/cases/1/final", {"version": version(officer)}).status_code == 303
        assert officer.post("/cases/1/close", {"version": version(officer), "text": "同意"}).status_code == 403
        assert "待结案的案件" in leader.get("/").text
        assert leader.post("/cases/1/close", {"version": version(leader), "text": ""}).status_code == 422
        assert leader.post("/cases/1/close", {"version": version(leader), "text": "同意结案"}).status_code == 303
        page = leader.get("/cases/1").text
        assert "已结案" in page and "同意结案" in page and "登记处置环节" not in page
        assert leader.post("/cases/1/close", {"version": version(leader), "text": "再结一次"}).status_code == 409


def test_the_pages_open_in_both_languages_without_inline_script(office: Office) -> None:
    browser = office.signed_in("cases")
    browser.post("/cases/open")
    step(browser, "served", "2026-10-14")
    for language in ("zh", "en"):
        browser.post("/language", {"language": language, "next": "/"})
        for path in ("/cases", "/cases?state=noticed&q=HC2026", "/cases?overdue=1", "/cases/1", "/"):
            answer = browser.get(path)
            assert answer.status_code == 200, (path, answer.text)
            assert " style=" not in answer.text and "onclick" not in answer.text
            assert all(script.startswith(" src=") for script in answer.text.split("<script")[1:])


def test_the_terms_stand_with_their_marks_and_an_overdue_case_says_so_in_words(office: Office) -> None:
    browser = office.signed_in("cases")
    browser.post("/cases/open")
    step(browser, "served", "2026-10-14")
    page = browser.get("/cases/1").text
    assert "食品安全法第八十八条" in page and "2026-10-23" in page and "待核" in page and "节假日安排未公布" in page
    assert "逾期" not in browser.get("/cases").text.split("<table", 1)[1]
    with clock.at(datetime(2027, 1, 12, 2, 0, tzinfo=UTC)):
        late = office.signed_in("cases")
        assert "已逾期" in late.get("/cases?overdue=1").text.split("<table", 1)[1] and "逾期未办结的案件" in late.get("/").text
        assert late.json("GET", "/api/v1/cases?overdue=true").json["items"][0]["state"] == "noticed"


def test_a_refused_step_comes_back_with_what_was_typed_and_the_name_of_its_field(office: Office) -> None:
    browser = office.signed_in("cases")
    browser.post("/cases/open")
    answer = step(browser, "control", "2026-10-21", "封存 12 箱")
    assert answer.status_code == 422 and ">办理日期</a>" in answer.text and "不能晚于今天" in answer.text and "封存 12 箱" in answer.text
    assert step(browser, "penalty").status_code == 409
    for given, words in (({"kind": "final"}, "应为以下之一"), ({"done_on": "2026-02-30"}, "应为真实的日期"), ({"text": "坏\u202e"}, "不能显示的字符"), ({"x": "1"}, "没有这个字段")):
        answer = browser.post("/cases/1/steps", {"version": version(browser), "kind": "control", "done_on": "2026-10-19", "text": "办", **given})
        assert answer.status_code == 422 and words in answer.text, given
    stale = browser.post("/cases/1/steps", {"version": "9", "kind": "control", "done_on": "2026-10-19", "text": "办"})
    assert stale.status_code == 412
    assert browser.json("GET", "/api/v1/cases/1").json["steps"] == []


def test_a_stale_form_shows_what_the_colleague_did(office: Office) -> None:
    browser = office.signed_in("cases")
    browser.post("/cases/open")
    seen = version(browser)
    step(browser, "control", text="同事封存")
    answer = browser.post("/cases/1/steps", {"version": seen, "kind": "cause", "done_on": "2026-10-19", "text": "我查的"})
    assert answer.status_code == 412 and "同事封存" in answer.text and "我查的" in answer.text


def test_closing_asks_for_a_fresh_proof(office: Office) -> None:
    browser = office.signed_in("cases")
    browser.post("/cases/open")
    leader = office.signed_in("leader")
    with clock.at(OPENED + timedelta(minutes=6)):
        answer = leader.post("/cases/1/close", {"version": "1", "text": "同意"})
    assert answer.status_code == 303 and "/account/confirm" in answer.location


def test_the_notice_holds_the_result_the_limit_and_the_last_day_to_object(office: Office) -> None:
    browser = office.signed_in("cases")
    browser.post("/cases/open")
    step(browser, "served", "2026-10-14")
    data = browser.get("/cases/1/notice.pdf").data
    words = re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages))
    for text in ("检验结果通知书", "亭湖好味食品厂", "铅（以Pb计）", "0.83mg/kg", "≤0.5mg/kg", "不合格", "2026年10月23日", "HC2026-00001", "回执", "联系人：处置科", "电话：0515-66661111"):
        assert text in words, text
    assert "第八十八条" not in words, "the article on retests is no basis of sampling"
    assert data == browser.get("/cases/1/notice.pdf").data


def test_json_tells_the_same_story(office: Office) -> None:
    browser = office.signed_in("cases")
    [made] = browser.json("POST", "/api/v1/cases").json
    assert made["number"] == "HC2026-00001" and made["due_unannounced"] is True
    assert browser.json("POST", "/api/v1/cases").json == []
    body = {"kind": "served", "done_on": "2026-10-14", "text": "当面送达"}
    assert browser.json("POST", "/api/v1/cases/1/steps", body).status_code == 422, "If-Match is required"
    answer = browser.json("POST", "/api/v1/cases/1/steps", body, If_Match=str(made["version"]))
    assert answer.status_code == 201 and answer.json["objection_until"] == "2026-10-23" and answer.json["state"] == "noticed"
    assert [term["state"] for term in answer.json["deadlines"]] == ["met", "running", "running"]
    assert "产品控制" in answer.json["missing"]
    again = browser.json("POST", "/api/v1/cases/1/steps", body, If_Match=str(answer.json["version"]))
    assert again.status_code == 409 and "已经登记过" in again.json["detail"]
    assert browser.json("POST", "/api/v1/cases/1/final", If_Match=str(answer.json["version"])).status_code == 409
    leader = office.signed_in("leader")
    closing = leader.json("POST", "/api/v1/cases/1/closing", {"text": "同意"}, If_Match=str(answer.json["version"]))
    assert closing.status_code == 409 and "还不能结案" in closing.json["detail"]
    assert {"/api/v1/cases/{case_id}/steps"} <= set(browser.json("GET", "/api/v1/openapi.json").json["paths"])


def test_another_county_sees_nothing(office: Office) -> None:
    office.signed_in("cases").post("/cases/open")
    abroad = office.signed_in("abroad")
    assert "共 0 条" in abroad.get("/cases").text and abroad.get("/cases/1").status_code == 404
    assert abroad.get("/cases/1/notice.pdf").status_code == 404
    assert abroad.json("GET", "/api/v1/cases").json["items"] == []


def test_the_list_exports_every_row_with_words(office: Office) -> None:
    browser = office.signed_in("cases")
    browser.post("/cases/open")
    exported = browser.get("/cases?export=csv").data.decode("utf-8-sig")
    assert "HC2026-00001" in exported and "已立案" in exported and "亭湖好味食品厂" in exported
    assert browser.get("/cases?export=xlsx").data[:2] == b"PK"

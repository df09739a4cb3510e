"""The pages and JSON routes of visits over HTTP."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from inspection import clock
from inspection.actor import SYSTEM
from inspection.registers.models import Inspector
from inspection.visits.models import Visit
from tests.inspection.visits.conftest import Office
from tests.inspection.visits.photos import scan
from tests.inspection.visits.town import VISITED, problem
from tests.people import Browser


@pytest.fixture(autouse=True)
def _moment() -> Iterator[None]:
    with clock.at(VISITED):
        yield


def form(version: int, **more: Any) -> dict[str, Any]:
    """A complete record as the phone sends it."""
    sent = {
        "version": str(version), "outcome": "01", "visited_on": "2026-11-18", "started_at": "2026-11-18T09:00", "ended_at": "2026-11-18T11:30",
        "place": "北山路1号门店", "methods": ["实地核查", "书面检查"], "recusal_asked": "true", "recusal_answer": "不申请回避",
        "items.1.position": "1", "items.1.found": "none", "items.2.position": "2", "items.2.found": "problem", "items.2.problem": "冷藏柜温度 12℃",
        "items.2.measure": "责令限期改正", "summary": "查验进货台账\n现场测温", "results": ["corrected"], "follow_up": "correct", "rectify_by": "2026-12-01",
        "opinion": "认可", "step": "submit",
    }  # fmt: skip
    return {**sent, **more}


def signed_on_paper(browser: Browser, visit: Visit) -> None:
    """The scan of the paper record that both sides signed."""
    answer = browser.post(f"/visits/{visit.id}/attachments", {"kind": "paper", "file": (io.BytesIO(scan()), "记录.pdf")})
    assert answer.status_code == 303, answer.text


def text_of(data: bytes) -> str:
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages))


def at_work(office: Office) -> tuple[Visit, Browser]:
    visit = office.town.visit
    return visit, office.signed_in(office.town.team(visit)[0].login)


def test_the_page_of_a_visit_says_how_often_the_firm_was_inspected_this_year(office: Office) -> None:
    visit, inspector = at_work(office)
    inspector.post("/language", {"language": "en", "next": "/"})
    assert "Closed or stopped" in inspector.get(f"/visits/{visit.id}/record").text, "coded words in the language of the page"
    inspector.post("/language", {"language": "zh", "next": "/"})
    said = re.compile(r"本年检查次数</dt>\s*<dd[^>]*>\s*(\d*)")
    assert said.findall(inspector.get(f"/visits/{visit.id}").text) == ["0"]
    office.town.approved(visit, problem())
    assert said.findall(inspector.get(f"/visits/{visit.id}").text) == ["1"]


def test_every_page_opens_in_both_languages_without_inline_script(office: Office) -> None:
    visit, inspector = at_work(office)
    office.town.approved(visit, problem())
    with office.town.database.read() as session:
        other = next(v.id for v in session.query(Visit).order_by(Visit.number.desc()) if any(m.inspector_id == office.town.team(visit)[0].inspector_id for m in v.members))
    paths = {
        "leader": ["/visits", f"/visits/{visit.id}", f"/visits/{visit.id}/correct", f"/visits?draw=2026-001&state=approved&outcome=01&q={visit.unit_code}"],
        "publisher": ["/visits?state=approved", f"/visits/{visit.id}"],
        "officer": ["/visits"],
    }
    browsers = [(inspector, ["/", "/visits/mine", "/visits/mine?state=all", f"/visits/{visit.id}", f"/visits/{other}/record"])]
    browsers += [(office.signed_in(login), ["/", *wanted]) for login, wanted in paths.items()]
    for browser, wanted in browsers:
        for language in ("zh", "en"):
            browser.post("/language", {"language": language, "next": "/"})
            for path in wanted:
                answer = browser.get(path)
                assert answer.status_code == 200, (path, answer.text)
                assert " style=" not in answer.text and "onclick" not in answer.text, path
                assert all(script.startswith(" src=") for script in answer.text.split("<script")[1:]), path


def test_an_inspector_is_led_from_the_list_to_his_own_cards(office: Office) -> None:
    visit, browser = at_work(office)
    assert browser.get("/visits").location == "/visits/mine"
    page = browser.get("/visits/mine").text
    assert visit.number in page and f"/visits/{visit.id}/record" in page and "期限 2026-12-18" in page
    assert "待完成的检查任务" in browser.get("/").text


def test_a_task_past_its_term_says_overdue_in_words(office: Office) -> None:
    visit, browser = at_work(office)
    with clock.at(VISITED + timedelta(days=40)):
        later = office.signed_in(office.town.team(visit)[0].login)
        assert "任务逾期" in later.get("/visits/mine").text and "逾期" in later.get("/").text
    assert "任务逾期" not in browser.get("/visits/mine").text


def test_the_record_is_written_on_the_phone_page_reviewed_published_and_read_by_the_public(office: Office) -> None:
    visit, browser = at_work(office)
    assert browser.post(f"/visits/{visit.id}/record", form(1, step="draft", outcome="", results=[])).status_code == 303
    assert ">签字</a>：检查人员" in browser.post(f"/visits/{visit.id}/record", form(2)).text
    signed_on_paper(browser, visit)
    assert browser.post(f"/visits/{visit.id}/record", form(2)).location == f"/visits/{visit.id}"
    leader = office.signed_in("leader")
    assert "待审核的检查记录" in leader.get("/").text and "冷藏柜温度 12℃" in leader.get(f"/visits/{visit.id}").text
    assert leader.post(f"/visits/{visit.id}/approve", {"version": "3"}).status_code == 303
    publisher = office.signed_in("publisher")
    assert "待公示的检查结果" in publisher.get("/").text
    assert publisher.post(f"/visits/{visit.id}/publish", {"version": "4"}).status_code == 303
    public = Browser(office.app)
    assert visit.number in public.get("/public/results").text
    board = public.get(f"/public/results/{visit.number}").text
    assert "发现问题已责令改正" in board and "<dt>检查机关</dt><dd>西湖区市场监督管理局</dd>" in board and "检查员" not in board
    assert re.findall(r">(事项\w+)</td><td data-label=\"情况\">(\w+)<", board) == [("事项A01", "未发现问题"), ("事项B02", "发现问题")] and "冷藏柜" not in board


def test_what_is_missing_comes_back_with_what_was_typed_and_the_names_of_the_fields(office: Office) -> None:
    visit, browser = at_work(office)
    answer = browser.post(f"/visits/{visit.id}/record", form(1, outcome="", started_at="", results=[], **{"items.2.measure": ""}))
    assert answer.status_code == 422
    for words in ("检查结局", "请选择检查结局", "冷藏柜温度 12℃", "查验进货台账"):
        assert words in answer.text
    answer = browser.post(f"/visits/{visit.id}/record", form(1, started_at="", **{"items.2.measure": ""}))
    assert ">开始时间</a>" in answer.text and ">第 2 项 事项B02</a>" in answer.text and 'href="#f-items.1"' in answer.text and 'id="f-items.1"' in answer.text
    assert office.town.again(visit).state == "pending", "a refused submission leaves nothing behind"


BAD = [
    ("visited_on", "2026-13-45", "应为真实的日期"), ("started_at", "昨天", "应为时间"), ("items.2.found", "maybe", "应为以下之一"),
    ("items.1.position", "99999999999999999999", "应在"), ("place", "x" * 301, "不能超过 300 个字"), ("summary", "坏\u202e字", "不能显示的字符"),
    ("summary", "坏\x00字", "不能显示的字符"), ("unknown", "1", "没有这个字段"), ("methods", "飞檐走壁", "应为以下之一"), ("version", "x", "版本号"),
    ("version", "9" * 30, "版本号"),
]  # fmt: skip


def test_bad_input_is_refused_in_chinese_and_leaves_nothing_behind(office: Office) -> None:
    visit, browser = at_work(office)
    for field, value, words in BAD:
        answer = browser.post(f"/visits/{visit.id}/record", {**form(1), field: value})
        assert answer.status_code == 422 and words in answer.text, (field, answer.text)
    assert office.town.again(visit).state == "pending"


def test_all_none_fills_only_what_is_open_and_is_saved_as_a_draft(office: Office) -> None:
    visit, browser = at_work(office)
    sent = form(1, step="none", **{"items.1.found": "", "items.2.found": "problem"})
    assert browser.post(f"/visits/{visit.id}/record", sent).status_code == 303
    kept = office.town.again(visit)
    assert kept.state == "entered" and [item.found for item in kept.items] == ["none", "problem"]
    page = browser.get(f"/visits/{visit.id}/record").text
    assert "请逐项核对" in page and 'id="f-items.1.found-none" value="none" checked' in page


def test_a_stale_form_shows_what_the_colleague_changed(office: Office) -> None:
    visit, browser = at_work(office)
    second = office.signed_in(office.town.team(visit)[1].login)
    assert second.post(f"/visits/{visit.id}/record", form(1, step="draft", summary="同事写的")).status_code == 303
    answer = browser.post(f"/visits/{visit.id}/record", form(1, step="draft", summary="我写的"))
    assert answer.status_code == 412
    assert "与他人修改的差异" in answer.text and "同事写的" in answer.text and "我写的" in answer.text
    answer = browser.json("PUT", f"/api/v1/visits/{visit.id}/record", {"summary": "我写的"}, If_Match="1")
    assert answer.status_code == 412 and {"field": "主要检查情况", "yours": "我写的", "current": "同事写的"} in answer.json["changes"]


def test_a_lapsed_certificate_is_shown_on_the_page_and_blocks_the_submission(office: Office) -> None:
    visit, browser = at_work(office)
    with office.town.database.write(SYSTEM) as session:
        session.execute(update(Inspector).where(Inspector.id == office.town.team(visit)[1].inspector_id).values(certificate_expires_on=datetime(2026, 11, 1).date()))
    assert "执法证已于 2026-11-01 到期" in browser.get(f"/visits/{visit.id}/record").text
    answer = browser.post(f"/visits/{visit.id}/record", form(1))
    assert answer.status_code == 422 and ">检查人员</a>" in answer.text and "无有效记录" in answer.text


def test_a_return_needs_a_reason_and_the_inspector_reads_it(office: Office) -> None:
    visit, browser = at_work(office)
    signed_on_paper(browser, visit)
    browser.post(f"/visits/{visit.id}/record", form(1))
    leader = office.signed_in("leader")
    assert leader.post(f"/visits/{visit.id}/return", {"version": "2", "reason": " "}).status_code == 422
    assert leader.post(f"/visits/{visit.id}/return", {"version": "2", "reason": "缺现场照片"}).status_code == 303
    assert "缺现场照片" in browser.get("/visits/mine").text


def test_a_correction_over_http_keeps_both_versions_readable(office: Office) -> None:
    visit, _ = at_work(office)
    office.town.approved(visit, problem())
    leader = office.signed_in("leader")
    sent = {k: v for k, v in form(office.town.again(visit).version_id, reason="测温有误").items() if k not in ("step",)}
    assert leader.post(f"/visits/{visit.id}/correct", {**sent, "reason": ""}).status_code == 422
    assert leader.post(f"/visits/{visit.id}/correct", {**sent, "version": "1"}).status_code == 412
    assert leader.post(f"/visits/{visit.id}/correct", sent).status_code == 303
    page = leader.get(f"/visits/{visit.id}").text
    assert "第 1 版" in page and "第 2 版" in page and "冷藏柜温度超标" in page and "冷藏柜温度 12℃" in page and "测温有误" in page


def test_approval_publication_and_correction_ask_for_a_fresh_proof(office: Office) -> None:
    visit, _ = at_work(office)
    office.town.submit(visit)
    leader = office.signed_in("leader")
    with clock.at(VISITED + timedelta(minutes=6)):
        answer = leader.post(f"/visits/{visit.id}/approve", {"version": str(office.town.again(visit).version_id)})
        assert answer.status_code == 303 and "/account/confirm" in answer.location
    assert office.town.again(visit).state == "submitted"


def test_the_papers_hold_what_was_entered_and_blanks_before(office: Office) -> None:
    visit, browser = at_work(office)
    before = text_of(browser.get(f"/visits/{visit.id}/record.pdf").data)
    assert "□是□否" in before and "□不申请回避" in before
    browser.post(f"/visits/{visit.id}/record", form(1, step="draft", refused_signature="true", witness="网格员赵某", refusal_note="店主离场"))
    after = text_of(browser.get(f"/visits/{visit.id}/record.pdf").data)
    for words in ("北山路1号门店", "2026-11-1809:00", "2026-11-1811:30", "不申请回避", "冷藏柜温度12℃", "责令限期改正", "■发现问题已责令改正", "■责令改正",
                  "已完成检查", "现场测温", "网格员赵某", "店主离场", "认可", "HZ0000", "■实地核查", "2026年12月1日"):  # fmt: skip
        assert words in after, words
    assert "〔2019〕38号" not in after, "an unverified source is never printed as a citation"
    notice = text_of(browser.get(f"/visits/{visit.id}/notice.pdf").data)
    assert visit.number.replace(" ", "") in notice and "西湖区" in notice and "事项A01" in notice


def test_the_list_exports_filters_and_sorts(office: Office) -> None:
    visit, _ = at_work(office)
    office.town.approved(visit)
    leader = office.signed_in("leader")
    assert "共 1 条" in leader.get("/visits?state=approved").text and "共 7 条" in leader.get("/visits?state=pending").text
    assert "共 1 条" in leader.get(f"/visits?q={visit.unit_code}").text and "共 8 条" in leader.get("/visits?draw=2026-001&sort=-due").text
    exported = leader.get("/visits?outcome=01&export=csv").data.decode("utf-8-sig")
    assert visit.number in exported and "已完成检查" in exported and exported.count("\n") == 2
    assert leader.get("/visits?export=xlsx").data[:2] == b"PK"


def test_json_tells_the_same_story(office: Office) -> None:
    visit, browser = at_work(office)
    listed = browser.json("GET", "/api/v1/visits?limit=1").json
    assert len(listed["items"]) == 1 and listed["next"]
    body = {
        "outcome": "01", "visited_on": "2026-11-18", "started_at": "2026-11-18T09:00:00+08:00", "ended_at": "2026-11-18T10:00:00+08:00",
        "items": [{"position": 1, "found": "none"}, {"position": 2, "found": "none"}], "results": ["no_problem"], "recusal_asked": True,
        "recusal_answer": "不申请回避", "submit": True,
    }  # fmt: skip
    assert browser.json("PUT", f"/api/v1/visits/{visit.id}/record", body).status_code == 422, "If-Match is required"
    bad = browser.json("PUT", f"/api/v1/visits/{visit.id}/record", {**body, "results": ["合格项"]}, If_Match="1")
    assert bad.status_code == 422 and "检查结果类别" in bad.json["errors"]["results"][0]
    signed_on_paper(browser, visit)
    saved = browser.json("PUT", f"/api/v1/visits/{visit.id}/record", body, If_Match="1")
    assert saved.status_code == 200 and saved.json["state"] == "submitted" and saved.json["version"] == 2
    assert saved.json["results"] == [{"code": "no_problem", "version": "2019"}] and len(saved.json["members"]) == 2
    leader = office.signed_in("leader")
    approved = leader.json("POST", f"/api/v1/visits/{visit.id}/approve", If_Match="2")
    assert approved.json["publish_by"] == "2026-12-16"
    assert [row["version"] for row in leader.json("GET", f"/api/v1/visits/{visit.id}/versions").json] == [1]
    publisher = office.signed_in("publisher")
    assert publisher.json("POST", f"/api/v1/visits/{visit.id}/publication", If_Match="3").json["kind"] == "result"
    fixed = leader.json("POST", f"/api/v1/visits/{visit.id}/corrections", {**{k: v for k, v in body.items() if k != "submit"}, "reason": "补记", "summary": "补充"}, If_Match="4")
    assert fixed.status_code == 201 and fixed.json["version"] == 2
    schema = browser.json("GET", "/api/v1/openapi.json").json
    assert {"/api/v1/visits/{visit_id}/record", "/api/v1/visits/{visit_id}/corrections"} <= set(schema["paths"])


def test_another_inspector_neither_sees_nor_writes(office: Office) -> None:
    visit, _ = at_work(office)
    stranger = office.signed_in(office.town.outsider(visit).login)
    assert stranger.get(f"/visits/{visit.id}").status_code == 404
    assert stranger.post(f"/visits/{visit.id}/record", form(1)).status_code == 404
    assert stranger.get(f"/visits/{visit.id}/record.pdf").status_code == 404
    far = office.signed_in("far")
    assert far.get(f"/visits/{visit.id}").status_code == 404 and "共 0 条" in far.get("/visits").text


def test_tasks_are_issued_from_the_list_by_the_officer(office: Office) -> None:
    officer = office.signed_in("officer")
    assert "尚未下达" not in officer.get("/visits").text
    assert "早已下达" in officer.post("/visits/open", {"draw_id": str(office.town.draw_id)}, follow=True).text
    assert officer.post("/visits/open", {"draw_id": "999"}).status_code == 404
    assert officer.post("/visits/open", {}).status_code == 422

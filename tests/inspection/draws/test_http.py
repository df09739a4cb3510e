"""The pages and JSON routes of draws over HTTP."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from inspection import clock
from inspection.app import create_app
from inspection.audit import AuditEvent
from inspection.db import Database
from inspection.draws import service
from inspection.draws.models import Commitment, Draw
from sampling import verify as verifier
from tests.conftest import settings_for
from tests.inspection.draws.office import (
    DRAWN,
    EMBARGO,
    LATER,
    NOT_BEFORE,
    PREPARED,
    REVEAL_BY,
    REVEALED,
    VALUE,
    Office,
)
from tests.people import Browser, person, sign_in

FORM = {
    "title": "页面上的抽取", "region_code": "330106", "item_codes": ["A01"], "stratify_by": "credit_class", "rates": "A 20%\nB 1/2", "reserve_percent": "20",
    "exclusions": ["CLOSED", "MOVED"], "seats": "lead_any", "kind": "planned", "announced": "true", "period_from": "2026-03-09", "period_to": "2026-03-31",
}
API = "/api/v1/draws"


def local(moment: datetime) -> str:
    return moment.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")


PROMISE = {
    "name-0": "快乐8", "issue-0": "2026055", "form-0": "balls", "pick-0": "20", "max-0": "80", "drawn_at-0": local(DRAWN),
    "reveal_not_before": local(NOT_BEFORE), "reveal_by": local(REVEAL_BY),
}


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return Office(sqlite_database)


@pytest.fixture
def app(office: Office, tmp_path: Path) -> Any:
    return create_app(settings_for(office.database, tmp_path), office.database)


def version(office: Office, draw_id: int) -> str:
    with office.database.read() as session:
        return str(service.get(session, draw_id).version_id)


def wall(browser: Browser, path: str) -> str:
    """What the wall screen shows of the list."""
    return str(browser.get(f"{path}/ceremony").text.split("<main>")[1].split("</main>")[0])


def test_a_draw_on_screen_from_the_form_to_the_certificate(office: Office, app: Any) -> None:
    with clock.at(PREPARED):
        officer = sign_in(app, "officer")
        assert "A 2/100" in officer.get("/draws/new").text
        made = officer.post("/draws/new", FORM)
        assert made.status_code == 303
        path = made.location
        draw_id = int(path.rsplit("/", 1)[1])
        shown = officer.get(path).text
        assert "登记对象 30 户，执法人员 6 人" in shown and "将抽取 11 户，候补 3 户" in shown
        edit = officer.get(f"{path}/edit").text
        assert re.search(r'value="lead_any" selected', edit) and "A 20/100" in edit
        changed = {**FORM, "rates": "A 1/3\nB 1/2", "embargo_until": local(EMBARGO)}
        assert officer.post(f"{path}/edit", {**changed, "version": version(office, draw_id)}).status_code == 303
        assert local(EMBARGO) in officer.get(f"{path}/edit").text
        assert officer.post(f"{path}/edit", {**FORM, "version": "1"}).status_code == 412
        assert officer.post(f"{path}/edit", {**FORM, "version": version(office, draw_id)}).status_code == 303
        assert officer.post(f"{path}/freeze", {"version": version(office, draw_id)}).status_code == 303
        assert "frame.tsv" in officer.get(path).text and officer.post(f"{path}/edit", {**FORM, "version": version(office, draw_id)}).status_code == 409
        assert "没有缺员" in officer.get(f"{path}/rehearsal").text
        assert officer.post(f"{path}/commit", {**PROMISE, "pick-0": "81", "version": version(office, draw_id)}).status_code == 422
        weak = officer.post(f"{path}/commit", {**PROMISE, "pick-0": "5", "version": version(office, draw_id)})
        assert weak.status_code == 409 and "60" in weak.text and 'value="2026055"' in weak.text
        assert officer.post(f"{path}/commit", {**PROMISE, "version": version(office, draw_id)}).status_code == 303
        pdf = officer.get(f"{path}/commitment.pdf")
        with office.database.read() as session:
            digest = session.get_one(Commitment, draw_id).digest
        assert digest in "".join(p.extract_text() for p in PdfReader(io.BytesIO(pdf.data)).pages).replace("\n", "")
        assert officer.get(f"{path}/bundle.zip").status_code == 409
    with clock.at(REVEALED):
        officer, leader = sign_in(app, "officer"), sign_in(app, "leader")
        assert "待揭示的抽取" in officer.get("/").text and "待揭示的抽取" not in leader.get("/").text
        entry = {"public_value": VALUE, "again": VALUE, "witnesses": "公证员丁、纪检戊"}
        assert "与第一次输入不同" in officer.post(f"{path}/reveal", {**entry, "again": VALUE[:-2] + "61"}).text
        assert officer.post(f"{path}/reveal", {**entry, "public_value": "1", "again": "1"}).status_code == 422
        assert officer.post(f"{path}/reveal", entry).status_code == 303
        assert "测试officer 已录入公开数" in leader.get(path).text and "录入公开数</a>" not in officer.get(path).text
        assert "待揭示的抽取" in leader.get("/").text and "待揭示的抽取" not in officer.get("/").text
        assert officer.post(f"{path}/reveal", entry).status_code == 409
        assert leader.post(f"{path}/reveal", entry).status_code == 303
        shown = leader.get(path).text
        assert "种子 S" in shown and "已公布" in shown
        data = leader.get(f"{path}/bundle.zip").data
        assert verifier.check_bundle(data).line.startswith("OK  draw 2026-001  11 selected")
        listed = leader.get(f"{path}/selection").text
        assert "检查组" in listed and "共 11 条" in listed and "共 3 条" in leader.get(f"{path}/selection?role=reserve").text
        assert len(leader.get(f"{path}/selection?export=csv").data.decode("utf-8-sig").splitlines()) == 12
        paper = "".join(p.extract_text() for p in PdfReader(io.BytesIO(leader.get(f"{path}/certificate.pdf").data)).pages).replace("\n", "")
        assert digest in paper and "公证员丁" in paper
        assert wall(leader, path).count("<li>") == 11
        assert officer.post(f"{path}/publish", {"version": version(office, draw_id)}).status_code == 409


def test_void_and_repeat_on_screen(office: Office, app: Any) -> None:
    draw = office.revealed()
    path = f"/draws/{draw.id}"
    with clock.at(REVEALED):
        officer, leader = sign_in(app, "officer"), sign_in(app, "leader")
        assert officer.post(f"{path}/void-request", {"reason": ""}).status_code == 422
        assert leader.post(f"{path}/void", {"version": version(office, draw.id)}).status_code == 409
        assert officer.post(f"{path}/void-request", {"reason": "漏登一条街"}).status_code == 303
        assert officer.post(f"{path}/void", {"version": version(office, draw.id)}).status_code == 403
        assert officer.post(f"{path}/void-request", {"reason": "再提一次"}).status_code == 409
        assert "待批准的作废申请" in leader.get("/").text and "漏登一条街" in leader.get(path).text
        assert "2026-001" in leader.get("/draws?asked=1").text and "撤回申请" not in leader.get(path).text
        assert leader.post(f"{path}/void-refusal", {"reason": " "}).status_code == 422
        assert leader.post(f"{path}/void-refusal", {"reason": "底册已核对，没有漏登"}).status_code == 303
        assert leader.post(f"{path}/void", {"version": version(office, draw.id)}).status_code == 409, "a refused request cannot be approved"
        assert officer.post(f"{path}/void-request", {"reason": "写错了理由"}).status_code == 303
        assert "撤回申请" in officer.get(path).text
        assert officer.post(f"{path}/void-refusal", {"reason": "重写"}).status_code == 303
        assert all(word in officer.get(path).text for word in ("leader 不同意：底册已核对，没有漏登", "写错了理由", "本人撤回：重写"))
        assert "待批准的作废申请" not in leader.get("/").text.split("<main")[1] and "2026-001" not in leader.get("/draws?asked=1").text
        assert officer.post(f"{path}/void-refusal", {"reason": "没有申请"}).status_code == 409
        assert officer.post(f"{path}/void-request", {"reason": "漏登一条街"}).status_code == 303
        assert leader.post(f"{path}/void", {"version": "99"}).status_code == 412
        assert leader.post(f"{path}/void", {"version": version(office, draw.id)}).status_code == 303
        again = officer.get(f"/draws/new?repeats={draw.id}")
        assert "这是一次重抽" in again.text and draw.title in again.text
        made = officer.post(f"/draws/new?repeats={draw.id}", {**FORM, "repeats_id": str(draw.id)})
        assert made.status_code == 303 and "2026-001" in officer.get(made.location).text
        twice = officer.post("/draws/new", {**FORM, "repeats_id": str(draw.id)})
        assert twice.status_code == 409 and "已由 2026-002 重抽" in twice.text
        assert officer.get("/draws/new?repeats=999999").status_code == 404
        assert officer.get("/draws?state=void").text.count("/draws/1") >= 1


def test_a_list_under_embargo_on_screen(office: Office, app: Any) -> None:
    draw = office.revealed(embargo_until=EMBARGO)
    path = f"/draws/{draw.id}"
    for login, role in (("plan", "planner"), ("lead2", "leader"), ("pub", "publisher"), ("aud", "auditor"), ("officer2", "draw_officer")):
        person(office.database, login, role)
    closed = ("selection", "selection?export=csv", "selection?role=reserve", "bundle.zip", "certificate.pdf")
    with clock.at(REVEALED):
        for login in ("plan", "lead2", "pub", "aud", "officer2"):
            browser = sign_in(app, login)
            shown = browser.get(path).text
            assert "名单保密中" in shown and "种子 S" not in shown and "抽取包摘要" not in shown
            assert all(browser.get(f"{path}/{part}").status_code == 403 for part in closed)
            assert browser.json("GET", f"{API}/{draw.id}/selection").status_code == 403
            assert "<li>" not in wall(browser, path)
        for login in ("officer", "leader"):
            browser = sign_in(app, login)
            assert all(browser.get(f"{path}/{part}").status_code == 200 for part in closed)
            assert len(browser.json("GET", f"{API}/{draw.id}/selection").json) == 11
        assert sign_in(app, "officer").post(f"{path}/publish", {"version": version(office, draw.id)}).status_code == 409
        with office.database.read() as session:
            assert session.scalars(select(AuditEvent.actor_name).where(AuditEvent.verb == "draw.open_list").distinct()).all() == ["测试officer", "测试leader"]
    with clock.at(LATER):
        assert sign_in(app, "officer").post(f"{path}/publish", {"version": version(office, draw.id)}).status_code == 303
        assert sign_in(app, "pub").get(f"{path}/bundle.zip").data[:2] == b"PK"


def test_every_page_opens_in_both_languages_without_inline_script(office: Office, app: Any) -> None:
    done, fresh = office.revealed(), office.configured()
    frozen = office.frozen()
    pages = ["/draws", "/draws/new", f"/draws/{fresh.id}", f"/draws/{fresh.id}/edit", f"/draws/{frozen.id}", f"/draws/{frozen.id}/commit", f"/draws/{frozen.id}/rehearsal"]
    pages += [f"/draws/{done.id}{part}" for part in ("", "/selection", "/ceremony", "/reveal")]
    with clock.at(REVEALED):
        browser = sign_in(app, "officer")
        for language in ("zh", "en"):
            browser.post("/language", {"language": language, "next": "/"})
            for path in pages:
                answer = browser.get(path)
                assert answer.status_code == 200, (path, answer.text)
                assert " style=" not in answer.text and "onclick" not in answer.text, path
        body = re.sub(r"<[^>]+>", "", browser.get(f"/draws/{fresh.id}").text.split("<main")[1])
        assert "Preview of the frame" in body and "底册" not in body


def test_a_draft_whose_item_has_gone_still_opens_and_says_why(office: Office, app: Any) -> None:
    draw = office.configured()
    with office.database.write() as session:
        from inspection.registers.models import CheckItem

        for item in session.scalars(select(CheckItem)):
            item.valid_from = datetime(2030, 1, 1, tzinfo=UTC).date()
    with clock.at(PREPARED):
        browser = sign_in(app, "officer")
        shown = browser.get(f"/draws/{draw.id}")
        assert shown.status_code == 200 and "抽查事项 A01 没有有效版本" in shown.text
        assert browser.post(f"/draws/{draw.id}/freeze", {"version": "1"}).status_code == 409


BODY = {"title": "接口抽取", "region_code": "330106", "item_codes": ["A01"], "rates": {"A": [20, 100], "B": [1, 2]}, "reserve_percent": 20}


def test_a_draw_as_json(office: Office, app: Any) -> None:
    def at(browser: Browser, method: str, path: str, body: Any = None, draw_id: int = 0) -> Any:
        return browser.json(method, f"{API}{path}", body, **({"If_Match": f'"{version(office, draw_id)}"'} if draw_id else {}))

    with clock.at(PREPARED):
        officer = sign_in(app, "officer")
        made = at(officer, "POST", "", BODY)
        assert (made.status_code, made.json["number"], made.json["state"]) == (201, "2026-001", "configured")
        n = made.json["id"]
        assert at(officer, "PUT", f"/{n}", {**BODY, "title": "改名"}, n).json["title"] == "改名"
        assert at(officer, "POST", f"/{n}/freeze").status_code == 422  # no version
        assert set(at(officer, "POST", f"/{n}/freeze", None, n).json["files"]) == {"frame.tsv", "inspectors.tsv", "conflicts.tsv", "rule.json"}
        source = {"name": "快乐8", "issue": "1", "form": "balls", "pick": 20, "max": 80, "drawn_at": clock.stamp(DRAWN)}
        promise = {"sources": [source], "reveal_not_before": clock.stamp(NOT_BEFORE), "reveal_by": clock.stamp(REVEAL_BY)}
        wrong = at(officer, "POST", f"/{n}/commit", {**promise, "sources": [{**source, "pick": 99}]}, n)
        assert wrong.status_code == 422 and "sources.0.pick" in wrong.json["errors"]
        assert at(officer, "POST", f"/{n}/commit", {**promise, "sources": []}, n).status_code == 422
        assert at(officer, "POST", f"/{n}/commit", promise, n).json["sequence"] == 1
        assert at(officer, "GET", f"/{n}/selection").status_code == 404
    with clock.at(REVEALED):
        officer, leader = sign_in(app, "officer"), sign_in(app, "leader")
        entry = {"public_value": VALUE, "again": VALUE}
        assert at(officer, "POST", f"/{n}/reveal", {**entry, "again": "1"}).json["errors"] == {"again": ["与第一次输入不同"]}
        assert at(officer, "POST", f"/{n}/reveal", entry).json == {"state": "waiting", "bundle": None, "job": None}
        assert at(leader, "POST", f"/{n}/reveal", entry).json["state"] == "revealed"
        rows = at(leader, "GET", f"/{n}/selection").json
        assert len(rows) == 11 and all(len(row["team"]) == 2 and len(row["ticket"]) == 64 for row in rows)
        assert at(leader, "GET", f"/{n}").json["published_at"] and [row["number"] for row in at(leader, "GET", "").json["items"]] == ["2026-001"]
        assert at(officer, "POST", f"/{n}/publish", None, n).json["code"] == "wrong-state"
        assert at(officer, "POST", f"/{n}/void-request", {"reason": "错"}).status_code == 201
        assert at(leader, "POST", f"/{n}/void", None, n).json == {"state": "void", "reason": "错"}
        assert at(officer, "GET", "/99999999999").status_code == 404 and at(officer, "GET", "/2147483647").status_code == 404


def test_bad_input_is_refused_with_the_field(office: Office, app: Any) -> None:
    with clock.at(PREPARED):
        browser = sign_in(app, "officer")
        for change, field in (
            ({"rates": "A"}, "rates"), ({"rates": {"甲": [1, 2]}}, "rates"), ({"rates": {"A": [1]}}, "rates"), ({"rates": {"A": [1, 0]}}, "rates"), ({"rates": {}}, "rates"),
            ({"rates": "A 1/2\nA 1/3"}, "rates"), ({"region_code": "000000"}, "region_code"), ({"title": " "}, "title"), ({"title": "a\u202eb"}, "title"),
            ({"item_codes": []}, "item_codes"), ({"seats": "three"}, "seats"), ({"reserve_percent": 101}, "reserve_percent"), ({"reserve_percent": 2**63}, "reserve_percent"),
            ({"exclusions": ["ALL"]}, "exclusions.0"), ({"embargo_until": "tomorrow"}, "embargo_until"), ({"colour": "red"}, "colour"), ({"repeats_id": 0}, "repeats_id"),
            ({"period_from": "2026-13-01"}, "period_from"),
        ):
            answer = browser.json("POST", API, {**BODY, **change})
            assert answer.status_code == 422 and field in answer.json["errors"], (change, answer.json)
        assert browser.json("POST", API, {**BODY, "item_codes": ["Z9"]}).json["code"] == "item-not-in-force"
        with office.database.read() as session:
            assert session.scalar(select(Draw.id)) is None


def test_step_up_is_asked_before_what_binds_the_office(office: Office, app: Any) -> None:
    draw = office.frozen()
    with clock.at(PREPARED):
        browser = sign_in(app, "officer")
    with clock.at(PREPARED + timedelta(minutes=6)):
        answer = browser.post(f"/draws/{draw.id}/commit", {**PROMISE, "version": version(office, draw.id)})
        assert answer.status_code == 303 and "/account/confirm" in answer.location
    assert office.now(draw).state == "frozen"

"""The public reading room over HTTP, filled by the real services."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from inspection import clock
from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.db import Database
from inspection.draws import service as draws
from inspection.plans import service as plans
from inspection.registers import service as registers
from sampling import draw as tickets
from sampling import verify as verifier
from tests.conftest import DRAW_KEY, settings_for
from tests.inspection.draws.office import REVEAL_BY, REVEALED, VALUE, Office, code
from tests.people import sign_in

BOARDS = ("items", "plan", "task", "draws", "results", "bulletins", "plans")


def test_an_empty_room_says_so_on_every_board(sqlite_database: Database, tmp_path: Path) -> None:
    client = create_app(settings_for(sqlite_database, tmp_path), sqlite_database).test_client()
    assert "还没有公布任何内容" in client.get("/public").text
    for board in BOARDS:
        shown = client.get(f"/public/{board}")
        assert shown.status_code == 200 and "还没有公布" in shown.text
    assert client.get("/public/feed.json").json == {"items": [], "next": 0}
    for path, status in (
        ("/public/draws/2026-001", 404), ("/public/files/1", 404), ("/public/files/99999999999", 404), ("/public/nothing", 404),
        ("/public/why?draw=2026-001&code=91", 404), ("/public/why?draw=x&code=%E5%BA%97", 422), ("/public/check?digest=xyz", 422),
        ("/public/feed.json?after=-1", 422), ("/public/feed.json?after=１", 422), ("/public/draws?page=0", 422), ("/public/draws?q=" + "长" * 101, 422),
        ("/public/draws?kind=%27", 200), ("/public/check?digest=" + "0" * 64, 200), ("/public/why", 200), ("/public/verify", 200),
    ):
        answer = client.get(path)
        assert answer.status_code == status, (path, answer.status_code)
    assert "没有公布过这个摘要" in client.get("/public/check?digest=" + "0" * 64).text


def test_every_public_page_says_whom_to_ask(sqlite_database: Database, tmp_path: Path) -> None:
    silent = create_app(settings_for(sqlite_database, tmp_path), sqlite_database).test_client()
    assert "联系人：／　电话：／" in silent.get("/public").text
    told = create_app(settings_for(sqlite_database, tmp_path, office_contact="监督科", office_phone="0515-88880000"), sqlite_database).test_client()
    for path in ("/public", "/public/draws", "/public/check"):
        assert "联系人：监督科　电话：0515-88880000" in told.get(path).text, path
    with told.session_transaction() as kept:
        kept["language"] = "en"
    assert "Contact: 监督科, phone: 0515-88880000" in told.get("/public").text


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return Office(sqlite_database)


@pytest.fixture
def app(office: Office, tmp_path: Path) -> Any:
    return create_app(settings_for(office.database, tmp_path), office.database)


def steps_of(page: str) -> list[str]:
    """The words of the protocol in the order of the page."""
    return re.findall(r'<time datetime="[^"]+">[^<]+</time> <a href="[^"]+">([^<]+)</a>', page)


def test_a_draw_is_read_downloaded_and_verified_by_anybody(office: Office, app: Any, tmp_path: Path) -> None:
    draw = office.revealed()
    client = app.test_client()
    page = client.get(f"/public/draws/{draw.number}").text
    assert "已公布名单" in page and "3/15 = 20.00%" in page and "见证人officer、见证人leader" in page and VALUE in page
    assert steps_of(page) == ["冻结底册", "作出并公布承诺", "公开数产生", "揭示：两人录入公开数", "公布名单和抽取包"] and "底册摘要" in page
    name = re.search(r'href="(/public/files/\d+)">draw-2026-001\.zip', page)
    assert name is not None
    answer = client.get(name[1])
    digest = hashlib.sha256(answer.data).hexdigest()
    assert digest in page and answer.headers["ETag"] == f'"{digest}"' and "immutable" in answer.headers["Cache-Control"]
    assert client.get(name[1], headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    bundle, script = tmp_path / "draw-2026-001.zip", tmp_path / "verify.py"
    bundle.write_bytes(answer.data)
    script.write_bytes(client.get("/public/verify.py").data)
    assert hashlib.sha256(script.read_bytes()).hexdigest() in page and hashlib.sha256(script.read_bytes()).hexdigest() in client.get("/public/verify").text
    command = re.search(r"python3 verify\.py draw-2026-001\.zip --commitment ([0-9a-f]{64})", page)
    assert command is not None
    done = subprocess.run(
        [sys.executable, "-S", "-I", str(script), str(bundle), "--commitment", command[1]], capture_output=True, text=True, env={}, cwd=tmp_path
    )
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "OK  draw 2026-001  11 selected  3 reserve  11 teams  0 unfilled")
    assert (digest[:12] and "draw-2026-001" in client.get(f"/public/check?digest={digest[:12]}").text) or "公布过" in client.get(f"/public/check?digest={digest[:12]}").text


def test_why_a_firm_was_or_was_not_drawn_with_the_line_to_check_it(office: Office, app: Any) -> None:
    with office.database.write() as session:
        registers.enterprise_by_code(session, code(4)).state = "stopped"
    draw = office.revealed()
    with office.database.read() as session:
        found = verifier.check_bundle(draws.opened(session, draw, DRAW_KEY)[1]).outcome
    client = app.test_client()
    roles = {row.id: row for row in found.selection}
    selected = next(row for row in found.selection if row.role == "selected")
    reserve = next(row for row in found.selection if row.role == "reserve")
    neither = next(code(n) for n in range(1, 31) if code(n) not in roles and n != 4)
    for unit, word in ((selected.id, "被抽中"), (reserve.id, "候补"), (neither, "未被抽中"), (code(4), "未参加抽取"), (code(77), "不在该次抽取的底册中")):
        page = client.get("/public/why", query_string={"draw": draw.number, "code": f" {unit.lower()} "})
        assert page.status_code == 200 and word in page.text, (unit, word)
    assert "已注销、吊销或停业" in client.get(f"/public/why?draw={draw.number}&code={code(4)}").text
    page = client.get(f"/public/why?draw={draw.number}&code={neither}").text
    line = re.search(r"<pre>(printf .*?)</pre>", page)
    assert line is not None
    from html import unescape

    done = subprocess.run(["/bin/sh", "-c", unescape(line[1])], capture_output=True, text=True)
    assert done.stdout.split()[0] == tickets.ticket(found.seed, neither) and done.stdout.split()[0] in page
    last = [row.ticket for row in found.selection if row.stratum == selected.stratum and row.role == "selected"][-1]
    assert last in client.get(f"/public/why?draw={draw.number}&code={selected.id}").text
    office.void(draw, REVEALED)
    assert "已作废" in client.get(f"/public/why?draw={draw.number}&code={neither}").text


def test_unrevealed_and_void_draws_stay_on_the_board_and_silent_numbers_are_named(office: Office, app: Any) -> None:
    office.void(office.committed())
    office.configured()
    draw = office.committed()
    client = app.test_client()
    with clock.at(REVEALED):
        promised = client.get(f"/public/draws/{draw.number}").text
        assert steps_of(promised) == ["冻结底册", "作出并公布承诺", "公开数产生", "揭示"] and promised.count("预定") == 1 and "最迟 2026-03-06 17:00" in promised
        assert steps_of(client.get("/public/draws/2026-001").text)[-1] == "作废"
        board = client.get("/public/draws").text
        assert "2026-001" in board and "作废" in board and "已承诺，待揭示" in board
        assert "尚未作出承诺：" in board and re.search(r"尚未作出承诺：\s*2026-002", board)
        assert "底册漏了一条街" in client.get("/public/draws/2026-001").text
        only = client.get("/public/draws?kind=void").text
        assert "2026-001" in only and "2026-003" not in only.split("尚未作出承诺")[-1]
    late = REVEAL_BY.replace(hour=10)
    with clock.at(late):
        assert "逾期未揭示，视为作废" in client.get("/public/draws").text
        assert steps_of(client.get(f"/public/draws/{draw.number}").text)[-1] == "逾期未揭示，视为作废"
        assert "逾期未揭示，视为作废" in client.get(f"/public/draws/{draw.number}").text
        with office.database.write() as session:
            assert draws.void_unrevealed(session) == [draw.number]
        page = client.get(f"/public/draws/{draw.number}").text
        assert "未在公布的最迟时间之前揭示" in page and "逾期未揭示" in client.get("/public/draws?kind=unrevealed").text
        rows = client.get("/public/draws?export=csv").data.decode("utf-8-sig").splitlines()
        assert len(rows) == 1 + 4 and "现状" in rows[0]


def test_plans_with_their_notice_corrections_and_withdrawals(sqlite_database: Database, tmp_path: Path) -> None:
    from tests.inspection.plans.office import Office as PlanOffice

    office = PlanOffice(sqlite_database)
    app = create_app(settings_for(sqlite_database, tmp_path), sqlite_database)
    plan = office.approved()
    browser = sign_in(app, "planner")
    assert browser.post(f"/plans/{plan.id}/publish", {"version": str(office.version(plan))}).status_code == 303
    client = app.test_client()
    page = client.get(f"/public/plans/{plan.code}").text
    assert "2,240" in page and "第20镇" in page and plans.digest_of(plan) in page and "测试leader" not in page
    file = client.get(re.search(r'/public/files/\d+', page)[0])  # type: ignore[index]
    assert file.data[:5] == b"%PDF-" and file.headers["Content-Disposition"].startswith("inline")
    checked = client.post("/public/check", data={"file": (io.BytesIO(file.data), "notice.pdf"), **_token(client)}, content_type="multipart/form-data")
    assert checked.status_code == 200 and "逐字节一致" in checked.text
    broken = client.post("/public/check", data={"file": (io.BytesIO(b"%PDF-1.4 nothing"), "x.pdf"), **_token(client)}, content_type="multipart/form-data")
    assert broken.status_code in (200, 422) and "逐字节一致" not in broken.text
    assert client.post("/public/check", data=_token(client)).status_code == 422
    office.step(plan, office.planner, plans.cancel, reason="经费调整")
    page = client.get(f"/public/plans/{plan.code}").text
    assert "经费调整" in page and "撤回" in page
    assert "撤回" in client.get("/public/plans").text


def _token(client: Any) -> dict[str, str]:
    return {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', client.get("/public/check").text)[1]}  # type: ignore[index]


def test_the_list_of_items_stands_on_its_board(office: Office, app: Any) -> None:
    with office.database.write() as session:
        entry = registers.publish_check_items(session, SYSTEM)
    client = app.test_client()
    page = client.get(f"/public/items/{entry.subject}").text
    assert "事项A01" in page and "抽查依据" in page and "事项清单" in client.get("/public/items").text
    found = client.get("/public/items?q=%25").text
    assert "没有" in found or "还没有" in found


def test_the_feed_is_read_by_cursor_and_cached_honestly(office: Office, app: Any) -> None:
    office.revealed()
    client = app.test_client()
    answer = client.get("/public/feed.json")
    assert [item["kind"] for item in answer.json["items"]] == ["commitment", "reveal"]
    assert client.get("/public/feed.json", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get(f"/public/feed.json?after={answer.json['next']}").json == {"items": [], "next": answer.json["next"]}
    assert client.get("/public").headers["Cache-Control"] == "no-store"


MARKERS = {"phone": "13900001111", "contact": "联系人甲乙", "address": "西湖区某某路99号", "legal_person": "法定代表人丙"}


def crawl(client: Any) -> dict[str, bytes]:
    """Every page and file of the portal that links lead to."""
    seen: dict[str, bytes] = {}
    waiting = ["/public", "/public/feed.json", *(f"/public/{board}?export=csv" for board in BOARDS)]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        answer = client.get(path)
        assert answer.status_code == 200, path
        seen[path] = answer.data
        if answer.mimetype == "text/html":
            links = re.findall(r'href="((?:/public)[^"#]*|\?[^"#]*)"', answer.text)
            waiting += [(path.split("?")[0] + link if link.startswith("?") else link).replace("&amp;", "&") for link in links]
    return seen


def test_no_personal_data_of_the_registers_anywhere_in_public(office: Office, app: Any) -> None:
    from sqlalchemy import select

    from inspection.registers.models import Enterprise, Inspector

    with office.database.write() as session:
        for firm in session.scalars(select(Enterprise)):
            for name, value in MARKERS.items():
                setattr(firm, name, value)
        for person in session.scalars(select(Inspector)):
            person.name, person.phone = "检查员某某", "13922223333"
    office.void(office.revealed(), REVEALED)
    office.revealed()
    pages = crawl(app.test_client())
    assert len(pages) > 20
    for path, body in pages.items():
        data = body
        if body[:2] == b"PK":
            data = b"\n".join(verifier.bundle.unpack(body).values()) if "files" in path else body
        for marker in (*MARKERS.values(), "检查员某某", "13922223333", "测试officer", "测试leader"):
            assert marker.encode() not in data, (path, marker)

"""What every page and every answer has: headers, no inline code, error pages in Chinese, health, counts, logs, cookies."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import event

from inspection import web
from inspection.app import create_app
from inspection.db import Database
from inspection.registers import service as registers
from tests.architecture.matrix import rows
from tests.architecture.office import House
from tests.conftest import settings_for
from tests.inspection.registers.county import build as build_county
from tests.inspection.registers.county import firm
from tests.inspection.web.bodies import Caller
from tests.inspection.web.town import build, places, town
from tests.people import PASSWORD, Browser, person, sign_in

pytestmark = pytest.mark.slow
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def house(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = town(build(migrated_sqlite, tmp_path_factory.mktemp("county")), tmp_path_factory.mktemp("town"))
    yield made
    made.database.dispose()


class Inline(HTMLParser):
    """Finds what a strict policy would block: code and styles inside the page, addresses of other sites."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.found += [f"<{tag} {name}>" for name in named if name == "style" or name.startswith("on")]
        self.found += [f"<{tag} {name}={text}>" for name, text in named.items()
                       if name in ("src", "action", "formaction") or (tag == "link" and name == "href")
                       if text and re.match(r"(?:[a-z]+:)?//|javascript:", text)]
        if tag == "style":
            self.found.append("<style>")
        self.script = tag == "script" and "src" not in named and named.get("type") not in ("application/json", "application/ld+json")

    def handle_data(self, data: str) -> None:
        if self.script and data.strip():
            self.found.append(f"<script>{data[:40]}")

    def handle_endtag(self, tag: str) -> None:
        self.script = False


def every_page(house: House) -> Iterator[tuple[str, Any]]:
    """Every GET route of the table as a role that may open it, on a row that exists."""
    ids = places(house)
    for row in rows():
        if row.method != "GET" or row.path == "/static/<path:filename>":
            continue
        caller = Caller(house, row, ids)
        path, _version = caller.address()
        yield path, caller.browser.client.get(path)


def test_no_page_holds_inline_code_and_every_answer_carries_the_headers(house: House) -> None:
    faults, pages = [], 0
    for path, answer in every_page(house):
        if answer.status_code >= 500:
            faults.append((path, answer.status_code))
        for name, wanted in (("Content-Security-Policy", web.CSP), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin")):
            if answer.headers.get(name) != wanted:
                faults.append((path, name, answer.headers.get(name)))
        if not answer.headers.get("X-Request-Id"):
            faults.append((path, "X-Request-Id"))
        if answer.mimetype == "text/html" and answer.status_code == 200:
            pages += 1
            parser = Inline()
            parser.feed(answer.text)
            faults += [(path, found) for found in parser.found]
    assert not faults
    assert pages > 40


def test_the_policy_is_strict() -> None:
    assert "unsafe" not in web.CSP
    assert "default-src 'none'" in web.CSP and "frame-ancestors 'none'" in web.CSP and "base-uri 'none'" in web.CSP


def test_a_problem_has_its_shape(house: House) -> None:
    answer = house.app.test_client().get("/api/v1/plans")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["type"] == "urn:hengjian:error:sign-in-required"
    assert set(answer.json) >= {"type", "title", "status", "detail", "code", "request_id"}
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(("method", "path", "status", "words"), [
    ("GET", "/no-such-page", 404, "没有这个页面"), ("GET", "/plans/99999999999999999999", 404, "没有这个页面"),
    ("DELETE", "/public", 405, "不支持这种操作"), ("POST", "/healthz", 405, "不支持这种操作"),
])
def test_error_pages_are_chinese_and_say_what_to_do(house: House, method: str, path: str, status: int, words: str) -> None:
    browser = house.signed_in("planner")
    page = browser.client.open(path, method=method, headers={"X-CSRFToken": browser.token})
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert words in page.text
    assert page.headers["X-Request-Id"] in page.text
    if status == 405:
        assert "GET" in page.headers["Allow"]
    as_json = browser.client.open(path, method=method, headers={"X-CSRFToken": browser.token, "Accept": "application/json"})
    assert words in as_json.json["detail"]


def test_too_large_a_body_is_refused_before_it_is_read(sqlite_database: Database, tmp_path: Path) -> None:
    app = create_app(settings_for(sqlite_database, tmp_path, max_upload_mb=1, log_level="ERROR"), sqlite_database)
    person(sqlite_database, "wang", "planner")
    browser = sign_in(app, "wang")
    answer = browser.client.post("/api/v1/plans", data=b"x" * (2 * 1024 * 1024), content_type="application/json", headers={"X-CSRFToken": browser.token})
    assert answer.status_code == 413
    assert "太大" in answer.json["detail"]


def test_an_error_of_ours_says_nothing_about_the_inside(sqlite_database: Database, tmp_path: Path) -> None:
    from inspection.auth.guard import public

    app = create_app(settings_for(sqlite_database, tmp_path, log_level="CRITICAL"), sqlite_database)

    @public
    def broken() -> str:
        raise RuntimeError("a secret of the inside")

    app.add_url_rule("/broken", view_func=broken)
    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert "系统内部出错" in answer.text and answer.headers["X-Request-Id"] in answer.text
    assert "secret of the inside" not in answer.text and "Traceback" not in answer.text


# --- health, counts, logs ---------------------------------------------------------------------------------------------


def test_ready_means_that_writing_works(app: Any, database: Database) -> None:
    assert app.test_client().get("/healthz").json == {"status": "ok"}
    assert app.test_client().get("/readyz").json == {"status": "ready"}


def test_a_full_database_says_so_keeps_nothing_and_goes_on_reading(migrated_sqlite: Path, tmp_path: Path) -> None:
    path = tmp_path / "full.sqlite"
    shutil.copyfile(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    with database.write() as session:
        build_county(session)
    person(database, "wang", "planner")
    app = create_app(settings_for(database, tmp_path, log_level="CRITICAL"), database)
    browser = sign_in(app, "wang")
    database.dispose()
    with sqlite3.connect(path) as raw:
        raw.execute("VACUUM")
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
    event.listen(database.engine, "connect", lambda connection, _record: connection.execute(f"PRAGMA max_page_count={pages + 4}"))
    for n in range(300):
        code = f"3301060{n + 10:02d}" if n < 90 else f"330106{n:03d}"
        answer = browser.json("POST", "/api/v1/registers/regions", {"code": code, "name": f"第{n}街道" + "长" * 60})
        if answer.status_code >= 500:
            break
    assert (answer.status_code, answer.json["code"]) == (507, "disk-full")
    assert "磁盘已满" in answer.json["detail"]
    assert browser.get(f"/api/v1/registers/regions/{code}").status_code == 404
    assert browser.get("/registers/enterprises").status_code == 200
    database.dispose()


def test_a_read_only_database_is_not_ready(migrated_sqlite: Path, tmp_path: Path) -> None:
    path = tmp_path / "readonly.sqlite"
    shutil.copyfile(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    app = create_app(settings_for(database, tmp_path, log_level="CRITICAL"), database)

    @event.listens_for(database.engine, "begin")
    def _read_only(connection: Any) -> None:
        connection.exec_driver_sql("PRAGMA query_only=ON")

    answer = app.test_client().get("/readyz", headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert CHINESE.search(answer.json["detail"])
    assert app.test_client().get("/healthz").status_code == 200
    database.dispose()


def test_counts_are_for_the_collector_and_the_administrator_only(sqlite_database: Database, tmp_path: Path) -> None:
    app = create_app(settings_for(sqlite_database, tmp_path, metrics_token="a-collector-token", log_level="ERROR"), sqlite_database)
    client = app.test_client()
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer guess"}).status_code == 403
    answer = client.get("/metrics", headers={"Authorization": "Bearer a-collector-token"})
    assert answer.status_code == 200
    assert "hengjian_requests_total" in answer.text


def test_a_log_line_is_one_json_object_with_the_number_of_the_request_and_no_secret(sqlite_database: Database, tmp_path: Path, capfd: Any) -> None:
    app = create_app(settings_for(sqlite_database, tmp_path), sqlite_database)
    person(sqlite_database, "wang", "planner")
    capfd.readouterr()
    browser = sign_in(app, "wang")
    with browser.client.session_transaction() as cookie:
        sid = cookie["sid"]
    browser.client.get("/public?q=x%0d%0a{%22event%22:%22forged%22}", headers={"X-Request-Id": "abcdef-12345"})
    text = capfd.readouterr().err
    lines = [json.loads(line) for line in text.splitlines() if line.strip()]
    assert all("request_id" in line and "timestamp" in line for line in lines)
    assert [line for line in lines if line["request_id"] == "abcdef-12345" and line["path"] == "/public"]
    assert not [line for line in lines if line["event"] == "forged"]
    for secret in (PASSWORD, sid, browser.token):
        assert secret not in text


# --- cookies and origins ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("url", "plain", "name"), [("https://hengjian.example", False, "__Host-hengjian"), ("http://10.1.2.3", True, "hengjian")])
def test_cookies_and_form_checks_fit_the_way_it_is_served(sqlite_database: Database, tmp_path: Path, url: str, plain: bool, name: str) -> None:
    app = create_app(settings_for(sqlite_database, tmp_path, public_url=url, plain_http=plain, log_level="ERROR"), sqlite_database)
    person(sqlite_database, "wang", "planner")
    client = app.test_client()
    answer = client.get("/account/sign-in", base_url=url)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{name}=")
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie and "Domain" not in cookie
    assert ("Secure" in cookie) is not plain
    assert ("Strict-Transport-Security" in answer.headers) is not plain
    found = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert found
    body = {"csrf_token": found[1], "login": "wang", "password": PASSWORD}
    assert client.post("/account/sign-in", base_url=url, data=body | {"csrf_token": "forged"}).status_code == 403
    if not plain:  # over TLS the page of origin is checked as well
        assert client.post("/account/sign-in", base_url=url, data=body, headers={"Referer": "https://evil.example/"}).status_code == 403
    assert client.post("/account/sign-in", base_url=url, data=body, headers={"Referer": f"{url}/account/sign-in"}).status_code == 303


def test_no_form_and_no_json_goes_through_without_the_token_of_the_session(house: House) -> None:
    faults = []
    for row in rows():
        if row.unsafe and not row.public:
            browser = house.signed_in(sorted(row.roles)[0])
            path = Caller(house, row, {}).address()[0]
            for headers in ({}, {"X-CSRFToken": "forged"}):
                answer = browser.client.open(path, method=row.method, json={}, headers={**headers, "Accept": "application/json"})
                if answer.status_code != 403 or answer.json["code"] != "form-expired":
                    faults.append((row.method, row.path, answer.status_code))
    assert not faults


# --- tables -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def registry(sqlite_database: Database, tmp_path: Path) -> Browser:
    from inspection.actor import SYSTEM

    with sqlite_database.write() as session:
        build_county(session)
        for n in range(1, 61):
            name = {1: "=1+1", 2: "+甲", 3: "-乙", 4: "@丙", 5: "100%果汁店", 6: "a_b店"}.get(n, f"西湖区第{n:02d}食品有限公司")
            registers.create_enterprise(session, SYSTEM, firm(n, name=name))
    person(sqlite_database, "wang", "planner")
    return sign_in(create_app(settings_for(sqlite_database, tmp_path, log_level="ERROR"), sqlite_database), "wang")


def test_tables_are_cut_into_pages_sorted_and_searched(registry: Browser) -> None:
    page = registry.get("/registers/enterprises").text
    assert "60" in page and "rel=\"next\"" in page
    assert "rel=\"prev\"" in registry.get("/registers/enterprises?page=3").text
    assert registry.get("/registers/enterprises?page=0").status_code == 422
    assert registry.get("/registers/enterprises?size=201").status_code == 422
    assert "100%果汁店" in registry.get("/registers/enterprises?q=%25").text
    assert "西湖区第" not in registry.get("/registers/enterprises?q=%25").text  # % is a sign, not a pattern
    assert "西湖区第" not in registry.get("/registers/enterprises?q=_").text
    assert registry.get("/registers/enterprises?sort=password_hash").status_code == 200


def test_exports_hold_all_rows_as_text_and_no_formula(registry: Browser) -> None:
    answer = registry.get("/registers/enterprises?export=csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(lines) == 61
    assert not [cell for line in lines for cell in line if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    book = openpyxl.load_workbook(io.BytesIO(registry.get("/registers/enterprises?export=xlsx").data))
    cells = [cell for line in book.active.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert len(list(book.active.iter_rows())) == 61

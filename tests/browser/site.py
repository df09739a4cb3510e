"""The real application on a small county, served on a free port; and a headless Chromium that opens it."""

from __future__ import annotations

import os
import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from inspection import clock
from inspection.app import create_app
from inspection.db import Database
from inspection.demo import county
from inspection.settings import Settings
from inspection.tables import metadata

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
BLOCKED = "Service Worker registration blocked by Playwright"  # what a page hears where its worker is not wanted
SECRET = "a-test-key-that-nobody-would-guess-0123456789"
DRAW_KEY = "another-test-key-for-draw-secrets-9876543210"


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """The application writes its own log."""


class Hands:
    """The hands of the server's clock, moved by a test that cannot wait for the next lottery."""

    def __init__(self) -> None:
        self.moment: datetime | None = None

    def around(self, wsgi: Any) -> Any:
        """The application at the moment that the hands show, or now."""

        def answer(environ: Any, start: Any) -> Any:
            if self.moment is None:
                return wsgi(environ, start)
            with clock.at(self.moment):
                return wsgi(environ, start)

        return answer

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        self.moment = moment
        try:
            yield
        finally:
            self.moment = None


@dataclass(frozen=True, slots=True)
class Site:
    """A running application: where it is, the password of every account, ids of its rows by name, its clock."""

    url: str
    password: str
    ids: dict[str, Any]
    database: Database
    settings: Settings
    hands: Hands

    def path(self, template: str) -> str:
        """`/plans/{plan}` with the id of the county's plan."""
        return template.format_map(self.ids)


def build(folder: Path) -> tuple[Settings, Database, str]:
    """The small county in an SQLite file of its own."""
    settings = Settings.of(
        {
            "secret_key": SECRET, "draw_key": DRAW_KEY, "database_url": f"sqlite:///{folder / 'county.sqlite'}", "data_dir": folder,
            "office_name": "盐城市亭湖区市场监督管理局（演示）", "demo": True, "log_level": "ERROR", "login_tries_per_5_minutes": 100,
        }
    )  # fmt: skip
    metadata()
    database = Database(settings.database_url)
    return settings, database, county.build(database, settings, one_time=False)


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """Build the county and serve it until the end of the block."""
    settings, database, password = build(folder)
    app, hands = create_app(settings, database), Hands()
    app.wsgi_app = hands.around(app.wsgi_app)  # type: ignore[method-assign]
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}", password, rows(database), database, settings, hands)
    finally:
        server.shutdown()
        thread.join(5)
        database.dispose()


def rows(database: Database) -> dict[str, Any]:
    """One row of every kind and state that a page can show, by name: `plan`, `plan_draft`, `draw_committed`, …"""
    tables = metadata().tables
    found: dict[str, Any] = {}
    with database.read() as session:
        for name, table, by in (
            ("plan", "plans", "state"), ("draw", "draws", "state"), ("sample", "samples", "state"), ("report", "test_reports", "state"),
            ("publication", "publications", "state"), ("case", "cases", "state"), ("visit", "visits", "state"), ("problem", "problems", "state"),
            ("enterprise", "enterprises", "state"), ("inspector", "inspectors", ""), ("laboratory", "laboratories", ""),
            ("item", "check_items", ""), ("indicator", "indicators", "kind"), ("account", "accounts", ""), ("entry", "ledger", ""),
        ):  # fmt: skip
            source = tables[table]
            for row in session.execute(select(source).order_by(source.c.id.desc())).mappings():
                found[name] = row["id"]
                if by:
                    found[f"{name}_{row[by]}"] = row["id"]
        issues, firms = tables["issues"], tables["selections"]
        found["bulletin"], found["digest"] = session.execute(select(issues.c.number, issues.c.pdf_digest).order_by(issues.c.publication_id)).first() or ("", "")
        members, accounts = tables["visit_members"], tables["accounts"]
        mine = select(members.c.visit_id).join(accounts, accounts.c.inspector_id == members.c.inspector_id).where(accounts.c.login == "jiancha1")
        found["visit_mine"] = session.scalar(mine.order_by(members.c.visit_id))
        found["firm"] = session.scalar(select(firms.c.unit_code))
        past, asked, refused = tables["outside_checks"], tables["problem_steps"], tables["refusals"]
        by = select(tables["enterprises"].c.code).join(past, past.c.enterprise_id == tables["enterprises"].c.id)
        found["firm_excluded"] = session.scalar(by.where(past.c.level == "province", past.c.kind == "visit").order_by(past.c.id))
        found["problem_asked"] = session.scalar(select(asked.c.problem_id).where(asked.c.kind == "extension_asked").order_by(asked.c.id.desc()))
        found["visit_refused"] = session.scalar(select(refused.c.visit_id).where(refused.c.state == "open"))
    return found


class Chromium:
    """A headless Chromium that is ended by force. Asked to close a page it may wait for ever, and its caller with it."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._mark = f"--hengjian={secrets.token_hex(8)}"
        self._browser: Browser | None = None

    def living(self) -> Browser:
        """The browser; started when there is none, or none any more."""
        if self._browser is None or not self._browser.is_connected():
            self._browser = self._playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*ARGUMENTS, self._mark])
        return self._browser

    def new_context(self, **options: Any) -> BrowserContext:
        """A visitor with an empty profile; without the worker of the phone pages unless `service_workers="allow"`."""
        return self.living().new_context(**{"service_workers": "block", "locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options})

    def end(self) -> None:
        """Kill every process of the browser, from any thread; whoever waits for an answer of it gets an error."""
        for command in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if self._mark.encode() in command.read_bytes().split(b"\0"):
                    os.killpg(os.getpgid(int(command.parent.name)), signal.SIGKILL)


@contextmanager
def chromium() -> Iterator[Chromium]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = Chromium(playwright)
        try:
            yield browser
        finally:
            browser.end()


def sign_in(page: Page, site: Site, login: str) -> None:
    """Sign in on the page, as a person does."""
    page.goto(f"{site.url}/account/sign-in")
    page.fill("#f-login", login)
    page.fill("#f-password", site.password)
    page.press("#f-password", "Enter")
    page.wait_for_url(f"{site.url}/")

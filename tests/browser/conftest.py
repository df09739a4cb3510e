"""One small county, one Chromium and one signed-in context per account, for all tests of the browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.browser import site as sites

MOVE_ON = 15_000  # milliseconds until a page that does not come is a failure
PATIENCE = 240.0  # seconds of one test after which its browser counts as one that no longer answers, and is ended
ENDED = "has been closed|Connection closed"  # what the calls of a test say when its browser was ended
LATE = r"Timeout \d+ms exceeded"  # and when a busy machine did not come to it


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder; one whose browser stopped answering or was late is tried once more, and the report says so."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=[ENDED, LATE]))


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Any]:
    if not sites.CHROMIUM.exists():
        pytest.skip(f"headless Chromium is not installed ({sites.CHROMIUM}): apt-get install chromium")
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -r requirements-dev.txt")
    with driver.sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def _chromium(_playwright: Any) -> Iterator[sites.Chromium]:
    browser = sites.Chromium(_playwright)
    yield browser
    browser.end()


@contextmanager
def patience(browser: sites.Chromium, seconds: float = 0) -> Iterator[None]:
    """End the browser when the block takes longer than any test may: its calls wait without a limit of their own."""
    timer = threading.Timer(seconds or PATIENCE, browser.end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@pytest.fixture(autouse=True)
def _patience(_chromium: sites.Chromium) -> Iterator[None]:
    with patience(_chromium):
        yield


@pytest.fixture
def own_chromium(_playwright: Any) -> Iterator[sites.Chromium]:
    """A browser for one test, ended with it: Chromium does not close reliably what the worker of the phone pages controls."""
    browser = sites.Chromium(_playwright)
    with patience(browser):
        yield browser
    browser.end()


@pytest.fixture(scope="session")
def site(_chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sites.Site]:
    """The running application; no test changes the rows that another one reads."""
    with sites.serving(tmp_path_factory.mktemp("county")) as served:
        yield served


class Watched:
    """A page that remembers what a finished product never shows: console errors, refused resources, foreign requests."""

    def __init__(self, context: Any, url: str) -> None:
        self.url = url
        self.faults: list[str] = []
        context.on("request", self._request)
        self.page = context.new_page()
        self.page.set_default_timeout(MOVE_ON)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.add_init_script(
            "document.addEventListener('securitypolicyviolation', (e) => console.error('CSP ' + e.violatedDirective + ' ' + e.blockedURI))"
        )

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.faults.append(f"foreign: {request.url}")

    def _console(self, message: Any) -> None:
        wanted_status = "Failed to load resource" in message.text and "status of 4" in message.text
        if message.type in ("error", "warning") and not wanted_status and message.text != sites.BLOCKED:
            self.faults.append(f"{message.type}: {message.text}")


@pytest.fixture(scope="session")
def _contexts() -> dict[str, Any]:
    return {}


@pytest.fixture
def visitor(_chromium: sites.Chromium, _contexts: dict[str, Any], site: sites.Site) -> Iterator[Callable[..., Watched]]:
    """`visitor(login)`: a watched page of that person, of the public when there is no login; closed after the test."""
    opened: list[Watched] = []

    def open_page(login: str = "", *, width: int = 1280, height: int = 900) -> Watched:
        if login not in _contexts or not _contexts[login].browser.is_connected():
            _contexts[login] = _chromium.new_context(accept_downloads=True)
            if login:
                page = _contexts[login].new_page()
                sites.sign_in(page, site, login)
                page.close()
        watched = Watched(_contexts[login], site.url)
        watched.page.set_viewport_size({"width": width, "height": height})
        opened.append(watched)
        return watched

    yield open_page
    for watched in opened:
        watched.page.close()

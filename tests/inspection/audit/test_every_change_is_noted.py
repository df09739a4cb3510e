"""The fixture that stands behind every test has teeth: it finds a silent change and a silent refusal."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Response

from inspection import clock, web
from inspection.app import create_app
from inspection.auth.guard import public
from inspection.db import Database
from inspection.health import HealthProbe
from tests import noted
from tests.conftest import settings_for
from tests.people import Browser, person, sign_in


@pytest.fixture
def careless(sqlite_database: Database, tmp_path: Any) -> Browser:
    """An application with three routes that a careless programmer might write."""
    app = create_app(settings_for(sqlite_database, tmp_path), sqlite_database)

    @app.post("/silent-change")
    @public
    def silent_change() -> str:
        with web.writing() as session:
            session.add(HealthProbe(name="silent", at=clock.now()))
        return "ok"

    @app.delete("/silent-refusal")
    @public
    def silent_refusal() -> Response:
        return Response("no", 403)

    @app.put("/broken")
    @public
    def broken() -> str:
        raise ZeroDivisionError

    return Browser(app)


def test_a_change_without_an_event_is_found(careless: Browser) -> None:
    assert careless.json("POST", "/silent-change", {}).status_code == 200
    assert noted.missing == ["POST /silent-change → 200 (silent_change): succeeded without an event"]
    noted.missing.clear()


def test_a_refusal_without_an_event_is_found(careless: Browser) -> None:
    assert careless.json("DELETE", "/silent-refusal", {}).status_code == 403
    assert noted.missing == ["DELETE /silent-refusal → 403 (silent_refusal): refused without an event that says so"]
    noted.missing.clear()


def test_a_server_failure_and_an_address_that_does_not_exist_are_no_changes(careless: Browser) -> None:
    assert careless.json("PUT", "/broken", {}).status_code == 500
    assert careless.json("POST", "/nowhere", {}).status_code == 404
    assert careless.json("POST", "/healthz", {}).status_code == 405
    assert noted.missing == []


@pytest.mark.parametrize(
    ("status", "outcomes", "fault"),
    [
        (200, {"ok"}, ""),
        (303, {"refused"}, ""),  # sent to the sign-in page, and noted
        (303, set(), "succeeded without an event"),
        (422, {"refused"}, ""),
        (409, {"ok"}, "refused without an event that says so"),
        (404, set(), "refused without an event that says so"),
        (503, set(), ""),
    ],
)
def test_what_counts_as_noted(status: int, outcomes: set[str], fault: str) -> None:
    assert noted.fault_of(status, outcomes) == fault


def test_an_honest_application_passes_and_the_silent_list_names_real_routes_only(app: Any, database: Database) -> None:
    person(database, "wang", "planner")
    browser = sign_in(app, "wang")
    browser.post("/language", {"language": "en", "next": "/"})
    assert browser.client.post("/account/sign-out").status_code in (400, 403)  # without the form's token
    assert noted.missing == []
    assert set(noted.SILENT) <= set(app.view_functions)

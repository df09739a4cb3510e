"""Every route × method × role does what the hand-written table says (tests/architecture/matrix/README.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.matrix import ROLES, Row, address, routes, rows
from tests.architecture.office import House
from tests.architecture.office import office as open_office
from tests.people import Browser

pytestmark = pytest.mark.slow
TABLE = rows()
SESSION_ENDING = {"/account/sign-out", "/account/confirm", "/account/password"}


@pytest.fixture(scope="module")
def office(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = open_office(migrated_sqlite, tmp_path_factory.mktemp("matrix"))
    yield made
    made.database.dispose()


def call(office: House, browser: Browser, row: Row, **headers: str) -> Any:
    """The row's route with absent ids and, where a body is read, an empty one."""
    path = address(office.app, row)
    if not row.unsafe:
        return browser.client.open(path, method=row.method, headers=headers)
    if row.is_api:
        return browser.json(row.method, path, {}, **headers)
    return browser.client.open(path, method=row.method, data={"csrf_token": browser.token}, headers=headers)


def test_every_route_stands_in_the_table_once_and_every_row_has_a_route(office: House) -> None:
    listed = Counter((row.method, row.path) for row in TABLE)
    actual = set(routes(office.app))
    assert not sorted(actual - set(listed)), "routes without a row: add them to tests/architecture/matrix/<stage>.csv"
    assert not sorted(set(listed) - actual), "rows without a route"
    assert not [key for key, count in listed.items() if count > 1], "rows that stand twice"


def test_every_word_of_the_table_is_known() -> None:
    known = {*ROLES, "public", "everyone", "step-up"}
    assert not [(row.file, row.path, row.words - known) for row in TABLE if row.words - known or not row.words - {"step-up"}]
    assert not [row for row in TABLE if row.public and row.words != {"public"}]


def test_a_page_and_its_json_route_ask_for_the_same() -> None:
    pages = {row.path: row for row in TABLE if row.unsafe and not row.is_api}
    twins = [(row, pages[page]) for row in TABLE if row.unsafe and row.is_api and (page := row.path.removeprefix("/api/v1")) in pages]
    assert len(twins) > 50
    assert not [(api.path, api.words ^ page.words) for api, page in twins if api.words != page.words]


def test_the_anonymous_is_sent_to_the_sign_in(office: House) -> None:
    browser = Browser(office.app)
    browser.get("/account/sign-in")
    faults = []
    for row in TABLE:
        answer = call(office, browser, row)
        if row.public:
            refused = answer.status_code in (401, 403)
        elif row.path == "/metrics":
            refused = answer.status_code != 403
        elif row.is_api:
            refused = answer.status_code != 401 or answer.mimetype != "application/problem+json"
        else:
            refused = answer.status_code != 303 or not answer.location.startswith("/account/sign-in")
        if refused or answer.status_code >= 500:
            faults.append((row.method, row.path, answer.status_code))
    assert not faults


def refusal(office: House, browser: Browser, row: Row, **headers: str) -> str:
    """What is wrong with the refusal of a call by a role that is not listed, or ''."""
    count, _ = office.refusals()
    answer = call(office, browser, row, Accept="application/json", **headers)  # the page of a 403 is tested elsewhere
    if answer.status_code != 403:
        return f"status {answer.status_code}"
    after, detail = office.refusals()
    if after != count + 1:
        return f"{after - count} refusals in the trail"
    return "" if '"code":"not-permitted"' in detail else f"refused for another reason: {detail}"


def refused_without_trace(office: House, browser: Browser, forbidden: list[Row], **headers: str) -> list[Any]:
    """The rows that were not refused as they should; all of them together change nothing, else the culprit is named."""
    before = office.state()
    faults: list[Any] = [(row.method, row.path, fault) for row in forbidden if (fault := refusal(office, browser, row, **headers))]
    if office.state() == before:
        return faults
    for row in forbidden:
        before = office.state()
        call(office, browser, row, **headers)
        if office.state() != before:
            faults.append((row.method, row.path, "rows changed"))
    return faults or ["rows changed by a refused call"]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_is_listed_and_nothing_else(office: House, role: str) -> None:
    browser = office.signed_in(role)
    faults = refused_without_trace(office, browser, [row for row in TABLE if role not in row.roles])
    for row in TABLE:
        if role in row.roles:
            answer = call(office, office.signed_in(role) if row.path in SESSION_ENDING and row.unsafe else browser, row)
            if answer.status_code in (401, 403) or answer.status_code >= 500:
                faults.append((row.method, row.path, f"status {answer.status_code}"))
    assert not faults


def test_an_old_proof_of_identity_is_asked_again_where_the_table_says_so_and_nowhere_else(office: House) -> None:
    stale = {role: office.signed_in(role, fresh=False) for role in ROLES}
    faults = []
    for row in TABLE:
        if not row.unsafe or row.public or row.path in SESSION_ENDING:
            continue
        answer = call(office, stale[sorted(row.roles)[0]], row)
        asked = answer.status_code == 401 if row.is_api else "/account/confirm" in (answer.location or "")
        if asked != row.step_up:
            faults.append((row.method, row.path, answer.status_code))
    assert not faults


@pytest.mark.parametrize("role", ROLES)
def test_a_token_may_what_its_role_may_but_nothing_that_needs_the_person(office: House, role: str) -> None:
    bearer = {"Authorization": f"Bearer {office.token(role)}"}
    api = [row for row in TABLE if row.is_api and not row.public]
    browser = bare(office)
    faults = refused_without_trace(office, browser, [row for row in api if role not in row.roles], **bearer)
    for row in api:
        if role in row.roles:
            status = call(office, browser, row, **bearer).status_code
            if not (status == 403 if row.step_up else status not in (401, 403) and status < 500):
                faults.append((row.method, row.path, f"status {status}"))
    assert not faults


@pytest.mark.parametrize("role", ROLES)
def test_a_token_never_exceeds_its_scopes(office: House, role: str) -> None:
    bearer = {"Authorization": f"Bearer {office.token(role, 'account.self')}"}
    beyond = [row for row in TABLE if row.is_api and role in row.roles and not row.words & {"public", "everyone"}]
    assert not refused_without_trace(office, bare(office), beyond, **bearer)


def bare(office: House) -> Browser:
    """A client without any cookie."""
    browser = Browser(office.app)
    browser.token = "a token needs none"
    return browser


def test_a_token_opens_no_page_of_the_account(office: House) -> None:
    bearer = {"Authorization": f"Bearer {office.token('planner')}"}
    browser = bare(office)
    for row in TABLE:
        if row.path.startswith("/account/") and not row.public:
            answer = call(office, browser, row, **bearer)
            assert answer.status_code == 403, (row.method, row.path, answer.status_code)

"""Signing in through an identity provider: who is let in, who is not, and that it never gives more than the account has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import select

from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.audit import AuditEvent
from inspection.auth import secrets, service
from inspection.auth.models import Account
from inspection.db import Database
from tests.conftest import settings_for
from tests.inspection.auth.foreign import CLIENT, SECRET, Provider
from tests.people import Browser, account_of, person, sign_in


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What is tried here is the talk with the provider, not the storage."""
    return sqlite_database


@pytest.fixture
def app(database: Database, tmp_path: Path, provider: Provider) -> Any:
    provider.claims, provider.spoil = {}, ""
    settings = settings_for(database, tmp_path, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET)
    made = create_app(settings, database)
    made.config["TESTING"] = True
    return made


def through(browser: Browser, path: str = "/account/oidc/start?next=/account/profile") -> Any:
    """The whole way: to the provider, and back with its answer."""
    away = browser.client.get(path)
    assert away.status_code == 302, away.text
    back = requests.get(away.location, allow_redirects=False, timeout=5)
    parts = urlsplit(back.headers["Location"])
    return browser.get(f"{parts.path}?{parts.query}")


def signed_in(browser: Browser) -> bool:
    return browser.client.get("/account/profile").status_code == 200


def last(database: Database, verb: str) -> AuditEvent:
    with database.read() as session:
        found = session.scalar(select(AuditEvent).where(AuditEvent.verb == verb).order_by(AuditEvent.seq.desc()).limit(1))
        assert found is not None
        return found


def test_the_sign_in_page_offers_it_only_when_it_is_set(app: Any, database: Database, tmp_path: Path) -> None:
    assert "/account/oidc/start" in Browser(app).get("/account/sign-in").text
    plain = create_app(settings_for(database, tmp_path), database)
    assert "/account/oidc/start" not in Browser(plain).get("/account/sign-in").text
    assert Browser(plain).get("/account/oidc/start").status_code == 404


def test_a_verified_address_links_the_account_of_that_login_once_and_for_good(app: Any, database: Database, provider: Provider) -> None:
    person(database, "wang@office.example", "planner")
    provider.claims = {"email": "Wang@office.example", "email_verified": True}
    browser = Browser(app)
    answer = through(browser)
    assert (answer.status_code, answer.location) == (303, "/account/profile")
    assert signed_in(browser)
    assert account_of(database, "wang@office.example").oidc_identity == f"{provider.issuer} person-1"
    assert last(database, "auth.link").object_id == "wang@office.example"
    assert '"by":"oidc"' in last(database, "auth.sign_in").detail
    provider.claims = {}  # from now on the subject is enough
    assert signed_in_again(app)
    provider.claims = {"sub": "person-2", "email": "wang@office.example", "email_verified": True}  # the address was given to somebody else
    other = Browser(app)
    assert through(other).status_code == 403
    assert not signed_in(other)


def signed_in_again(app: Any) -> bool:
    browser = Browser(app)
    through(browser)
    return signed_in(browser)


@pytest.mark.parametrize("claims", [{}, {"email": "wang@office.example"}, {"email": "wang@office.example", "email_verified": False},
                                    {"email": "wang@office.example", "email_verified": "true"}, {"preferred_username": "wang@office.example"}])
def test_what_the_provider_does_not_vouch_for_lets_nobody_in(app: Any, database: Database, provider: Provider, claims: dict[str, Any]) -> None:
    person(database, "wang@office.example", "planner")
    provider.claims = claims
    browser = Browser(app)
    answer = through(browser)
    assert answer.status_code == 403
    assert "没有对应的账户" in answer.text
    assert not signed_in(browser)
    assert '"code":"oidc-unknown"' in last(database, "refused.auth.oidc_callback").detail
    with database.read() as session:
        assert len(session.scalars(select(Account)).all()) == 1  # no account out of nothing


@pytest.mark.parametrize("spoil", ["state", "nonce", "signature", "unsigned", "issuer", "audience", "expired", "no id_token"])
def test_a_wrong_answer_is_refused_and_noted(app: Any, database: Database, provider: Provider, spoil: str) -> None:
    person(database, "wang@office.example", "planner")
    provider.claims = {"email": "wang@office.example", "email_verified": True}
    provider.spoil = spoil
    browser = Browser(app)
    answer = through(browser)
    assert answer.status_code == 403
    assert "没有登录" in answer.text
    assert not signed_in(browser)
    event = last(database, "refused.auth.oidc_callback")
    assert (event.outcome, '"code":"oidc-refused"' in event.detail) == ("refused", True)


def test_an_answer_is_good_once_and_only_in_the_browser_that_asked(app: Any, database: Database, provider: Provider) -> None:
    person(database, "wang@office.example", "planner")
    provider.claims = {"email": "wang@office.example", "email_verified": True}
    victim, thief = Browser(app), Browser(app)
    away = victim.client.get("/account/oidc/start")
    back = urlsplit(requests.get(away.location, allow_redirects=False, timeout=5).headers["Location"])
    address = f"{back.path}?{back.query}"
    assert thief.get(address).status_code == 403
    assert victim.get(address).status_code == 303
    assert victim.get(address).status_code == 403  # the state is used up


def test_a_provider_that_names_another_issuer_or_is_away_is_not_followed(app: Any, database: Database, tmp_path: Path, provider: Provider) -> None:
    provider.spoil = "description"
    assert Browser(app).get("/account/oidc/start").status_code == 403
    gone = create_app(settings_for(database, tmp_path, oidc_issuer="http://127.0.0.1:9", oidc_client_id=CLIENT), database)
    answer = Browser(gone).get("/account/oidc/start")
    assert answer.status_code == 503
    assert "暂时连不上" in answer.text


def test_a_disabled_account_stays_outside(app: Any, database: Database, provider: Provider) -> None:
    wang = person(database, "wang@office.example", "planner")
    with database.write() as session:
        service.set_disabled(session, SYSTEM, wang.id, disabled=True)
    provider.claims = {"email": "wang@office.example", "email_verified": True}
    assert through(Browser(app)).status_code == 403


def test_rights_are_those_of_the_account_and_sensitive_work_still_asks_for_the_password(app: Any, database: Database, provider: Provider) -> None:
    person(database, "wang@office.example", "security_admin")
    other = person(database, "li", "planner")
    provider.claims = {"email": "wang@office.example", "email_verified": True, "roles": ["planner"], "groups": ["system_admin"]}
    browser = Browser(app)
    through(browser)
    browser.get("/account/profile")
    me = browser.get("/api/v1/me").json
    assert me["roles"] == ["security_admin"]
    answer = browser.post(f"/account/accounts/{other.id}/roles", {"version": "2", "roles": "leader"})
    assert answer.status_code == 303
    assert answer.location.startswith("/account/confirm")


def test_a_second_factor_is_not_lost_on_the_way(app: Any, database: Database, provider: Provider) -> None:
    wang = person(database, "wang@office.example", "planner")
    with database.write() as session:
        service.get(session, wang.id).totp_sealed = secrets.seal("x" * 40, secrets.new_totp_secret())
    provider.claims = {"email": "wang@office.example", "email_verified": True, "amr": ["pwd"]}
    answer = through(Browser(app))
    assert answer.status_code == 403
    assert "动态码" in answer.text
    provider.claims["amr"] = ["pwd", "mfa"]
    assert through(Browser(app)).status_code == 303


def test_one_links_ones_own_account_with_a_fresh_proof_and_loosens_it_again(app: Any, database: Database, provider: Provider) -> None:
    person(database, "wang", "planner")
    browser = sign_in(app, "wang")
    assert "/account/oidc/link" in browser.get("/account/profile").text
    assert through(browser, "/account/oidc/link").location == "/account/profile"
    assert account_of(database, "wang").oidc_identity == f"{provider.issuer} person-1"
    assert signed_in_again(app)
    person(database, "li", "planner")
    li = sign_in(app, "li")
    assert through(li, "/account/oidc/link").status_code == 409
    assert account_of(database, "li").oidc_identity is None
    assert browser.post("/account/oidc/unlink").status_code == 303
    assert account_of(database, "wang").oidc_identity is None
    assert not signed_in_again(app)


def test_linking_without_a_fresh_proof_asks_for_it_first(app: Any, database: Database, provider: Provider) -> None:
    person(database, "wang@office.example", "planner")
    provider.claims = {"email": "wang@office.example", "email_verified": True}
    browser = Browser(app)
    through(browser)
    answer = browser.client.get("/account/oidc/link")
    assert answer.status_code == 303
    assert answer.location.startswith("/account/confirm")

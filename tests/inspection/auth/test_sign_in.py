"""Signing in and staying signed in, over HTTP on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import func, select

from inspection import clock
from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.audit import AuditEvent
from inspection.auth import secrets, service
from inspection.auth.models import Account, ApiToken, AuthSession, LoginAttempt
from inspection.db import Database
from inspection.errors import Refused
from tests import pace
from tests.conftest import settings_for
from tests.people import PASSWORD, Browser, account_of, csrf_of, person, sign_in

SIGN_IN = "/account/sign-in"


def sid(browser: Browser) -> str:
    with browser.client.session_transaction() as cookie:
        return str(cookie.get("sid", ""))


def alive(browser: Browser) -> bool:
    return browser.client.get("/account/profile").status_code == 200


def test_a_password_is_kept_as_argon2_and_nowhere_else(database: Database) -> None:
    person(database, "wang", "planner")
    stored = account_of(database, "wang").password_hash or ""
    assert stored.startswith("$argon2id$")
    assert (pace.KEPT_HASHER.memory_cost, pace.KEPT_HASHER.time_cost) >= (19_456, 2)  # the tests themselves hash quicker
    with database.read() as session:
        assert not [event for event in session.scalars(select(AuditEvent)) if PASSWORD in event.detail]


def test_the_number_of_the_session_changes_at_sign_in_and_the_old_one_dies(app: Any, database: Database) -> None:
    person(database, "wang", "planner")
    browser = sign_in(app, "wang")
    first = sid(browser)
    browser.post(SIGN_IN, {"login": "wang", "password": PASSWORD, "next": "/"})
    assert sid(browser) not in ("", first)
    thief = Browser(app)
    with thief.client.session_transaction() as cookie:
        cookie["sid"] = first
    assert not alive(thief)
    assert alive(browser)


def test_a_number_that_somebody_planted_is_not_taken_over(app: Any, database: Database) -> None:
    person(database, "wang", "planner")
    browser = Browser(app)
    with browser.client.session_transaction() as cookie:
        cookie["sid"] = "planted-by-a-stranger"
    browser.get(SIGN_IN)
    browser.post(SIGN_IN, {"login": "wang", "password": PASSWORD})
    assert sid(browser) not in ("", "planted-by-a-stranger")


def test_only_the_digest_of_a_session_is_stored(app: Any, database: Database) -> None:
    person(database, "wang", "planner")
    browser = sign_in(app, "wang")
    with database.read() as session:
        row = session.scalars(select(AuthSession)).one()
        assert row.digest == secrets.digest(sid(browser)) != sid(browser)


def moved(database: Database, **values: Any) -> None:
    with database.write() as session:
        for row in session.scalars(select(AuthSession)):
            for name, value in values.items():
                setattr(row, name, value)


def test_a_session_ends_when_idle_and_at_the_latest_after_the_longest_time(app: Any, database: Database) -> None:
    person(database, "wang", "planner")
    browser, now = sign_in(app, "wang"), clock.now()
    moved(database, last_seen_at=now - timedelta(minutes=29))
    assert alive(browser)  # and is seen again
    moved(database, last_seen_at=now - timedelta(minutes=31))
    assert not alive(browser)
    other = sign_in(app, "wang")
    moved(database, last_seen_at=now, expires_at=now - timedelta(seconds=1))
    assert not alive(other)


def test_signing_out_ends_the_session_on_the_server(app: Any, database: Database) -> None:
    person(database, "wang", "planner")
    browser = sign_in(app, "wang")
    kept = sid(browser)
    assert browser.post("/account/sign-out").status_code == 303
    with browser.client.session_transaction() as cookie:
        cookie["sid"] = kept
    assert not alive(browser)


def test_what_is_taken_away_is_gone_at_the_next_request(app: Any, database: Database) -> None:
    planner = person(database, "wang", "planner")
    browser, token_holder = sign_in(app, "wang"), app.test_client()
    with database.write() as session:
        token = service.create_token(session, planner, name="t", scopes=["plan.read"], expires_on=clock.today() + timedelta(days=9))
    bearer = {"Authorization": f"Bearer {token}"}
    assert token_holder.get("/api/v1/plans", headers=bearer).status_code == 200
    with database.write() as session:
        service.grant(session, SYSTEM, planner.id, service.Grant(frozenset({"publisher"}), region_code=""))
    assert not alive(browser)  # roles changed: sign in again
    again = sign_in(app, "wang")
    assert again.get("/registers/enterprises").status_code == 403
    with database.write() as session:
        service.grant(session, SYSTEM, planner.id, service.Grant(frozenset({"sampler"})))
    assert token_holder.get("/api/v1/plans", headers=bearer).status_code == 403  # the token never outlives the right
    again = sign_in(app, "wang")
    with database.write() as session:
        service.set_disabled(session, SYSTEM, planner.id, disabled=True)
    assert not alive(again)
    assert token_holder.get("/api/v1/me", headers=bearer).status_code == 401


def test_ones_other_sessions_can_be_ended_and_a_new_password_ends_them(app: Any, database: Database) -> None:
    person(database, "wang", "planner")
    here, there = sign_in(app, "wang"), sign_in(app, "wang")
    here.post("/account/sessions/end")
    assert (alive(here), alive(there)) == (True, False)
    there = sign_in(app, "wang")
    new = "another-correct-horse-8"
    assert here.post("/account/password", {"old": PASSWORD, "new": new, "again": new}).status_code == 303
    assert (alive(here), alive(there)) == (True, False)
    assert Browser(app).post(SIGN_IN, {"login": "wang", "password": PASSWORD}).status_code == 422


# --- guessing ---------------------------------------------------------------------------------------------------------


def guess(app: Any, login: str, address: str, password: str = "wrong-guess-123") -> Any:
    browser = Browser(app)
    browser.get(SIGN_IN)
    return browser.post(SIGN_IN, {"login": login, "password": password}, environ_base={"REMOTE_ADDR": address})


@pytest.fixture
def strict(database: Database, tmp_path: Path) -> Any:
    """Three tries instead of ten: argon2 is slow on purpose."""
    return create_app(settings_for(database, tmp_path, login_tries_per_5_minutes=3, log_level="ERROR"), database)


def test_guessing_is_counted_in_the_database_for_all_processes(strict: Any, database: Database, tmp_path: Path) -> None:
    person(database, "wang", "planner")
    other = create_app(settings_for(database, tmp_path, login_tries_per_5_minutes=3), database)
    answers = [guess(app, "wang", "10.0.0.1").status_code for app in (strict, other, strict, other)]
    assert answers == [422, 422, 422, 429]
    assert guess(strict, "wang", "10.0.0.1", PASSWORD).status_code == 429  # even the right one has to wait
    with database.write() as session:
        for row in session.scalars(select(LoginAttempt)):
            row.at -= timedelta(minutes=6)
    assert guess(strict, "wang", "10.0.0.1", PASSWORD).status_code == 303


def test_a_stranger_cannot_lock_a_person_out_of_his_own_desk(strict: Any, database: Database) -> None:
    person(database, "wang", "planner")
    assert guess(strict, "wang", "10.0.0.7", PASSWORD).status_code == 303
    with database.write() as session:  # a stranger with many addresses
        for n in range(40):
            session.add(LoginAttempt(login="wang", address=f"203.0.113.{n}", at=clock.now(), ok=False))
    assert guess(strict, "wang", "10.0.0.7", PASSWORD).status_code == 303
    assert guess(strict, "wang", "198.51.100.9", PASSWORD).status_code == 429  # an address nobody knows


def test_one_address_cannot_try_one_password_on_everybody(strict: Any, database: Database) -> None:
    with database.write() as session:
        for n in range(30):
            session.add(LoginAttempt(login=f"person{n}", address="203.0.113.5", at=clock.now(), ok=False))
    assert guess(strict, "somebody", "203.0.113.5").status_code == 429


def test_nobody_learns_which_login_names_exist(app: Any, database: Database) -> None:
    wang = person(database, "wang", "planner")
    person(database, "zhao", "planner")
    with database.write() as session:
        service.set_disabled(session, SYSTEM, wang.id, disabled=True)
    answers = [guess(app, login, "10.0.0.1") for login in ("wang", "zhao", "nobody-of-that-name")]
    answers.append(guess(app, "wang", "10.0.0.1", PASSWORD))  # right, but disabled
    assert {answer.status_code for answer in answers} == {422}
    pages = set()
    for login, answer in zip(("wang", "zhao", "nobody-of-that-name", "wang"), answers, strict=True):
        text = answer.text.replace(csrf_of(answer.text), "").replace(answer.headers["X-Request-Id"], "").replace(login, "")
        pages.add("\n".join(line for line in text.splitlines() if "审计链首" not in line))
    assert len(pages) == 1
    assert "登录名、口令或动态码不对" in pages.pop()


def test_a_guess_at_the_old_password_counts_as_well(strict: Any, database: Database) -> None:
    person(database, "wang", "planner")
    browser = sign_in(strict, "wang")
    body = {"old": "wrong-old-password", "new": "another-correct-horse-8", "again": "another-correct-horse-8"}
    assert [browser.post("/account/password", body).status_code for _ in range(4)] == [422, 422, 422, 429]


# --- one-time passwords and the first run -----------------------------------------------------------------------------


def test_a_one_time_password_opens_nothing_but_its_own_change(app: Any, database: Database) -> None:
    with database.write() as session:
        account, password = service.create_account(session, SYSTEM, login="wang", name="王一")
        service.grant(session, SYSTEM, account.id, service.Grant(frozenset({"planner"})))
    browser = sign_in(app, "wang", password)
    assert browser.client.get("/plans").location == "/account/profile"
    assert browser.client.get("/api/v1/plans").json["code"] == "password-change-required"
    assert browser.post("/account/password", {"old": password, "new": "short", "again": "short"}).status_code == 422
    new = "another-correct-horse-8"
    assert browser.post("/account/password", {"old": password, "new": new, "again": new}).status_code == 303
    assert browser.client.get("/plans").status_code == 200


@pytest.mark.parametrize("bad", ["short", "111111111111", "wang-wang-wang", "abcdefghijklmnop", "王一王一王一王一王一王一", "x" * 129])
def test_weak_passwords_are_refused_with_the_reason(sqlite_database: Database, bad: str) -> None:
    from inspection.auth.rules import password_fault

    assert password_fault(bad, "wang", "王一王")


def test_nothing_opens_before_the_first_run_and_its_token_is_good_once(app: Any, database: Database) -> None:
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 0  # nobody, so no default password
    with database.write() as session:
        token = service.create_setup_token(session)
    body = {"token": token, "system_login": "xitong", "system_name": "甲", "security_login": "anquan", "security_name": "乙",
            "audit_login": "shenji", "audit_name": "丙"}
    browser = Browser(app)
    browser.get("/account/setup")
    assert browser.post("/account/setup", body | {"token": "guess"}).status_code == 409
    assert browser.post("/account/setup", body | {"audit_login": "XITONG"}).status_code == 422  # three people
    made = browser.post("/account/setup", body)
    assert made.status_code == 200
    assert browser.post("/account/setup", body).status_code == 409
    with database.read() as session:
        held = {a.login: sorted(a.role_codes) for a in session.scalars(select(Account))}
    assert held == {"xitong": ["system_admin"], "anquan": ["security_admin"], "shenji": ["audit_admin"]}
    assert all(account_of(database, login).must_change_password for login in held)


def test_the_token_of_the_first_run_expires(app: Any, database: Database) -> None:
    with database.write() as session:
        token = service.create_setup_token(session)
    from inspection.auth.models import SetupToken

    with database.write() as session:
        session.scalars(select(SetupToken)).one().expires_at = clock.now() - timedelta(minutes=1)
    people = {"system_admin": ("a", "甲"), "security_admin": ("b", "乙"), "audit_admin": ("c", "丙")}
    with pytest.raises(Refused, match="过期"), database.write() as session:
        service.set_up(session, token, people)


# --- the second factor ------------------------------------------------------------------------------------------------


def enrolled(app: Any, database: Database, login: str) -> tuple[Browser, pyotp.TOTP]:
    person(database, login, "planner")
    browser = sign_in(app, login)
    secret = secrets.new_totp_secret()
    totp = pyotp.TOTP(secret)
    wrong = browser.post("/account/second-factor", {"secret": secret, "code": "000000" if totp.now() != "000000" else "000001"})
    assert wrong.status_code == 422
    at = clock.now().timestamp() - 30  # the code before the present one, so that the present one is still unused
    assert browser.post("/account/second-factor", {"secret": secret, "code": totp.at(int(at))}).status_code == 303
    return browser, totp


def test_a_code_is_asked_for_and_good_once(app: Any, database: Database) -> None:
    browser, totp = enrolled(app, database, "wang")
    sealed = account_of(database, "wang").totp_sealed or ""
    assert totp.secret not in sealed
    now = int(clock.now().timestamp())
    body = {"login": "wang", "password": PASSWORD}
    assert browser.post(SIGN_IN, body).status_code == 422
    assert browser.post(SIGN_IN, body | {"code": totp.at(now - 30)}).status_code == 422  # used at the enrolment
    assert browser.post(SIGN_IN, body | {"code": totp.at(now - 300)}).status_code == 422  # long past
    code = totp.at(now)
    assert browser.post(SIGN_IN, body | {"code": f" {code} "}).status_code == 303
    assert Browser(app).post(SIGN_IN, body | {"code": code}).status_code == 422  # replayed
    assert Browser(app).post(SIGN_IN, body | {"code": f"{code[:3]} {code[3:]}"}).status_code == 422


def test_a_second_device_cannot_be_put_in_place_of_the_first(app: Any, database: Database) -> None:
    browser, _ = enrolled(app, database, "wang")
    secret = secrets.new_totp_secret()
    answer = browser.post("/account/second-factor", {"secret": secret, "code": pyotp.TOTP(secret).now()})
    assert answer.status_code == 409
    assert "已启用" in answer.text


def test_a_role_that_must_have_a_second_factor_does_nothing_without(database: Database, tmp_path: Path) -> None:
    app = create_app(settings_for(database, tmp_path, totp_required_roles="leader", log_level="ERROR"), database)
    person(database, "li", "leader")
    person(database, "wang", "planner")
    assert sign_in(app, "wang").client.get("/plans").status_code == 200
    leader = sign_in(app, "li")
    assert leader.client.get("/plans").location == "/account/profile"
    secret = secrets.new_totp_secret()
    assert leader.post("/account/second-factor", {"secret": secret, "code": pyotp.TOTP(secret).now()}).status_code == 303
    assert leader.client.get("/plans").status_code == 200


# --- proof of identity ------------------------------------------------------------------------------------------------


def test_what_is_sensitive_asks_for_a_proof_of_the_last_five_minutes(app: Any, database: Database) -> None:
    person(database, "anquan", "security_admin")
    wang = person(database, "wang", "planner")
    browser = sign_in(app, "anquan")
    path, body = f"/account/accounts/{wang.id}/roles", {"version": str(account_of(database, "wang").version_id), "roles": ["publisher"]}
    moved(database, fresh_until=clock.now() - timedelta(seconds=1))
    answer = browser.post(path, body)
    assert (answer.status_code, answer.location.split("?")[0]) == (303, "/account/confirm")
    assert account_of(database, "wang").role_codes == {"planner"}
    assert browser.json("PUT", f"/api/v1/accounts/{wang.id}/roles", {"roles": ["publisher"]}).status_code == 401
    before = sid(browser)
    assert browser.post("/account/confirm", {"password": "wrong", "next": "/"}).status_code == 422
    assert browser.post("/account/confirm", {"password": PASSWORD, "next": "/"}).status_code == 303
    assert sid(browser) != before  # a new number with the new privilege
    browser.get("/account/profile")
    assert browser.post(path, body).status_code == 303
    assert account_of(database, "wang").role_codes == {"publisher"}


# --- tokens of programs -----------------------------------------------------------------------------------------------


def test_a_wrong_token_is_told_so_on_every_method_and_never_falls_back_to_the_browser(app: Any, database: Database) -> None:
    person(database, "wang", "planner")
    browser, stranger = sign_in(app, "wang"), app.test_client()
    for client in (stranger, browser.client):
        for method, path in (("GET", "/api/v1/me"), ("POST", "/api/v1/plans"), ("PUT", "/api/v1/registers/regions/1")):
            for given in ("hj_made-up", "something-else", ""):
                answer = client.open(path, method=method, json={}, headers={"Authorization": f"bearer {given}"})
                assert (answer.status_code, answer.json["code"]) == (401, "bad-token"), (method, given)
    assert stranger.post("/api/v1/plans", json={}).json["code"] == "sign-in-required"  # not "the form has expired"
    assert stranger.post("/api/v1/nowhere", json={}).status_code == 404
    assert browser.client.get("/api/v1/me", headers={"Authorization": "Basic YTpi"}).status_code == 200  # the proxy's own


def test_the_use_of_a_token_is_noted_for_its_owner(app: Any, database: Database) -> None:
    planner = person(database, "wang", "planner")
    with database.write() as session:
        token = service.create_token(session, planner, name="ERP", scopes=["plan.read"], expires_on=clock.today() + timedelta(days=9))
    assert app.test_client().get("/api/v1/plans", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    with database.read() as session:
        assert session.scalars(select(ApiToken)).one().last_used_at is not None
    page = sign_in(app, "wang").get("/account/profile").text
    assert f"{clock.now().astimezone(clock.SHANGHAI):%Y-%m-%d %H:}" in page and "计划员" in page


def test_the_profile_lists_only_sessions_that_could_still_be_used(app: Any, database: Database) -> None:
    person(database, "wang", "planner")
    sign_in(app, "wang")
    moved(database, last_seen_at=clock.now() - timedelta(days=3))
    page = sign_in(app, "wang").get("/account/profile").text
    assert page.count("登录 20") == 1


def test_an_odd_way_back_leads_nowhere_else(app: Any, database: Database) -> None:
    for odd in ("http://[", "//evil.example", "///evil.example", "https://evil.example/x", "/\\evil.example", "javascript:alert(1)"):
        answer = app.test_client().get(SIGN_IN, query_string={"next": odd})
        assert answer.status_code == 200, odd
        kept = answer.text.split('name="next" value="')[1].split('"')[0]
        assert kept.startswith("/") and not kept.startswith("//") and "\\" not in kept, odd

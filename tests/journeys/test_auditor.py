"""J8: the auditor reads everything, writes nothing, and the trail gives away whoever changed it behind the application."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

import pytest
from sqlalchemy import text

from inspection import audit
from inspection.actor import SYSTEM
from inspection.auth import service as auth
from inspection.db import Database
from tests.people import PASSWORD, Browser, person, sign_in

OWN_DOOR = {"language_switch", "auth.sign_in", "auth.setup", "portal.check_file"}  # public: not the auditor's powers
OWN_ACCOUNT = re.compile(r"^(auth\.(sign_out|confirm|change_password|enrol|create_token|revoke_token|end_sessions|verify_trail|oidc_\w+)|oidc\.|jobs)")


@pytest.fixture
def auditor(app: Any, database: Database) -> Browser:
    person(database, "jijian", "auditor")
    return sign_in(app, "jijian")


def unsafe_routes(app: Any) -> list[tuple[str, str, str]]:
    """(method, path with 1 for every id, endpoint) of every route that may change something."""
    found = []
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            path = re.sub(r"<int:[^>]+>", "1", rule.rule)
            path = re.sub(r"<any\(([^,)]+)[^>]*>", r"\1", path)
            found.append((method, re.sub(r"<[^>]+>", "x", path), rule.endpoint))
    return found


def test_every_change_is_forbidden_to_the_auditor(app: Any, auditor: Browser) -> None:
    tried = 0
    for method, path, endpoint in unsafe_routes(app):
        if endpoint in OWN_DOOR or OWN_ACCOUNT.match(endpoint):
            continue
        if path.startswith("/api/"):
            answer = auditor.json(method, path, {})
        else:
            answer = auditor.client.open(path, method=method, data={"csrf_token": auditor.token, "version": "1"})
        assert answer.status_code == 403, f"{method} {path} ({endpoint}) gives {answer.status_code}"
        tried += 1
    assert tried > 80


def test_the_trail_shows_who_was_refused_and_the_chain_holds(auditor: Browser, database: Database) -> None:
    auditor.get("/plans/new")
    auditor.post("/plans/new", {"title": "不该有的计划"})
    page = auditor.get("/account/trail?refused=1").text
    assert "refused.plans.new" in page
    answer = auditor.post("/account/trail/verify", {})
    assert answer.status_code == 303
    assert "审计链完整" in auditor.get("/account/trail").text
    export = auditor.get("/account/trail?export=csv")
    assert export.status_code == 200
    with database.read() as session:
        assert session.scalar(text("select count(*) from audit_events where verb = 'audit.export'")) == 1


def change_behind_the_application(database: Database, seq: int) -> None:
    """What somebody with the database's own tools can do: take the seal off and write."""
    if database.is_sqlite:
        with sqlite3.connect(database.url.removeprefix("sqlite:///")) as raw:
            raw.execute("drop trigger seal_audit_events_update")
            raw.execute("update audit_events set actor_name = '别人' where seq = ?", (seq,))
        raw.close()
        return
    with database.engine.begin() as connection:
        connection.execute(text("alter table audit_events disable trigger all"))
        connection.execute(text("update audit_events set actor_name = '别人' where seq = :seq"), {"seq": seq})


def test_a_row_changed_behind_the_application_is_named_with_its_time(auditor: Browser, database: Database) -> None:
    with database.read() as session:
        before = audit.verify(session)
        victim = session.execute(text("select seq, at from audit_events where verb = 'auth.sign_in' order by seq limit 1")).one()
    change_behind_the_application(database, victim.seq)
    with database.read() as session:
        after = audit.verify(session)
    assert before.ok
    assert not after.ok
    assert after.broken_at == victim.seq
    assert after.at
    answer = auditor.post("/account/trail/verify", {})
    assert answer.status_code == 409
    assert f"第 {victim.seq} 号" in answer.text


def test_an_auditor_may_hold_no_other_office(database: Database) -> None:
    with pytest.raises(Exception, match="只读"), database.write() as session:
        account, _ = auth.create_account(session, SYSTEM, login="both", name="两职", password=PASSWORD)
        auth.grant(session, SYSTEM, account.id, auth.Grant(frozenset({"auditor", "planner"})))

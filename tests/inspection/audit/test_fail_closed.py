"""Fail closed: when the event cannot be written, the action does not happen; shown on the real services and over HTTP."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

import inspection
from inspection import audit, jobs, ledger, uploads
from inspection.actor import SYSTEM
from inspection.auth import service as auth
from inspection.calendar import service as calendar
from inspection.db import Database
from inspection.registers import service as registers
from inspection.rulebook import service as rulebook
from inspection.tables import metadata
from tests.inspection.jobs import kinds as kinds
from tests.inspection.registers.county import build, firm
from tests.inspection.registers.county import person as inspector
from tests.people import Browser, person, sign_in


def break_trail(database: Database) -> None:
    """From now on the database refuses every new event."""
    with database.write() as session:
        if database.is_sqlite:
            session.execute(text("CREATE TRIGGER broken BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'the trail is broken'); END"))
            return
        session.execute(text("CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the trail is broken'; END $$"))
        session.execute(text("CREATE TRIGGER broken BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION broken()"))


def everything(database: Database) -> dict[str, str]:
    """A digest of every row of every table."""
    with database.read() as session:
        return {
            table.name: audit.digest([[str(value) for value in row] for row in session.execute(select(table).order_by(*table.primary_key.columns))])
            for table in metadata().sorted_tables
        }


@pytest.fixture
def place(database: Database) -> Database:
    """A small county with one account, one firm, one inspector; then the trail breaks."""
    with database.write() as session:
        build(session)
        registers.create_enterprise(session, SYSTEM, firm(1))
        registers.create_inspector(session, SYSTEM, inspector(1))
    person(database, "wang", "planner")
    return database


YEAR = {date(2031, month, day): ("holiday", "节") for month, day in ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))}
ACTIONS: dict[str, Callable[[Session], Any]] = {
    "account created": lambda s: auth.create_account(s, SYSTEM, login="li", name="李"),
    "roles granted": lambda s: auth.grant(s, SYSTEM, 1, auth.Grant(frozenset({"leader"}))),
    "password reset": lambda s: auth.reset_password(s, SYSTEM, 1),
    "account stopped": lambda s: auth.set_disabled(s, SYSTEM, 1, disabled=True),
    "calendar loaded": lambda s: calendar.load_packaged(s, SYSTEM),
    "year announced": lambda s: calendar.announce(s, SYSTEM, year=2031, source="通知", special=YEAR),
    "rules loaded": lambda s: rulebook.load_packaged(s, SYSTEM),
    "file kept": lambda s: uploads.keep(s, SYSTEM, kind="test", target="", filename="a", content=b"a"),
    "fact published": lambda s: ledger.publish(s, SYSTEM, board="plans", kind="plan", subject="1", title="t", content={}),
    "job asked for": lambda s: jobs.enqueue(s, SYSTEM, "test.count", {"steps": 1}),
    "region entered": lambda s: registers.create_region(s, SYSTEM, code="330108", name="滨江区"),
    "firm entered": lambda s: registers.create_enterprise(s, SYSTEM, firm(2)),
    "firm changed": lambda s: registers.update_enterprise(s, SYSTEM, 1, version=1, entry=firm(1, name="新名")),
    "inspector entered": lambda s: registers.create_inspector(s, SYSTEM, inspector(2)),
}


def test_no_action_happens_without_its_event(place: Database) -> None:
    break_trail(place)
    before = everything(place)
    for name, action in ACTIONS.items():
        with pytest.raises(DBAPIError, match="trail is broken"), place.write() as session:
            action(session)
        assert everything(place) == before, name


def test_the_same_actions_happen_while_the_trail_is_whole(place: Database) -> None:
    for action in ACTIONS.values():
        before = everything(place)
        with place.write() as session:
            action(session)
        after = everything(place)
        assert {name for name in after if after[name] != before[name]} > {"audit_events"}


def test_over_http_nothing_is_changed_or_promised(app: Any, place: Database) -> None:
    browser = sign_in(app, "wang")
    anonymous = Browser(app)
    anonymous.get("/account/sign-in")
    break_trail(place)
    before = everything(place)
    answers = [
        browser.post("/account/sign-out"),
        browser.post("/registers/enterprises/1/state", {"version": "1", "status": "closed", "reason": "停业"}),
        browser.json("POST", "/api/v1/registers/enterprises", {"name": "新"}),
        browser.json("POST", "/api/v1/registers/regions", {"code": "330108", "name": "滨江区"}),
        anonymous.post("/account/sign-in", {"login": "wang", "password": "wrong-password-1", "next": "/"}),
    ]
    assert [answer.status_code >= 500 for answer in answers] == [True] * len(answers), [answer.status_code for answer in answers]
    assert everything(place) == before


BROAD = {"Exception", "BaseException", "SQLAlchemyError", "DBAPIError", "OperationalError", "IntegrityError"}


def test_no_code_swallows_the_failure_of_an_event() -> None:
    """`audit.record` never stands inside a `try` whose `except` could catch the database's refusal."""
    guarded = []
    for path in Path(inspection.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Try) and any(_is_broad(handler) for handler in node.handlers):
                calls = [each for statement in node.body for each in ast.walk(statement) if isinstance(each, ast.Call)]
                guarded += [f"{path.name}:{call.lineno}" for call in calls if ast.unparse(call.func) == "audit.record"]
    assert guarded == []


def _is_broad(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or any(isinstance(name, ast.Name) and name.id in BROAD for name in ast.walk(handler.type))

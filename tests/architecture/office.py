"""An application with one person per role, signed in without a password: for tests that try every route as everybody."""

from __future__ import annotations

import hashlib
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from inspection import clock
from inspection.actor import SYSTEM, Actor
from inspection.app import create_app
from inspection.audit import AuditEvent
from inspection.auth import secrets
from inspection.auth import service as auth
from inspection.auth.models import ApiToken, AuthSession
from inspection.auth.roles import LABORATORY, Role
from inspection.db import Base, Database
from inspection.registers import service as registers
from inspection.registers.entries import LaboratoryEntry
from inspection.settings import Settings
from tests.architecture.matrix import ROLES
from tests.conftest import settings_for
from tests.inspection.registers.county import build, firm
from tests.inspection.registers.county import person as inspector
from tests.people import Browser, csrf_of, person

# what every request may write besides the business itself
BOOKS = {"audit_events", "auth_sessions", "login_attempts", "api_tokens", "health_probes"}


class House:
    """An application, its people by role, and what its database holds."""

    def __init__(self, database: Database, settings: Settings, people: dict[str, Actor]) -> None:
        self.database, self.settings, self.people = database, settings, people
        self.app = create_app(settings, database)
        self._tables = [table.name for table in Base.metadata.sorted_tables if table.name not in BOOKS]

    def signed_in(self, role: str, *, fresh: bool = True) -> Browser:
        """A browser with a living session of that role; its proof of identity fresh or an hour old."""
        with self.database.write() as session:
            account = auth.get(session, self.people[role].id)
            token = auth.open_session(session, account, self.settings)
            if not fresh:
                row = session.get(AuthSession, secrets.digest(token))
                assert row is not None
                row.fresh_until = clock.now() - timedelta(hours=1)
        browser = Browser(self.app)
        with browser.client.session_transaction() as cookie:
            cookie["sid"] = token
        browser.token = csrf_of(browser.get("/account/profile").text)
        return browser

    def token(self, role: str, *scopes: str) -> str:
        """An API token of that role; without scopes, with all the role allows."""
        who = self.people[role]
        text = "hj_" + secrets.new_token()
        with self.database.write() as session:
            session.add(
                ApiToken(
                    account_id=who.id, name=text[:20], digest=secrets.digest(text), scopes=sorted(scopes or who.permissions),
                    expires_on=clock.today() + timedelta(days=30), created_at=clock.now(),
                )
            )
        return text

    def state(self) -> str:
        """SHA-256 over every row of every business table."""
        with self.database.read() as session:
            held = hashlib.sha256()
            for table in self._tables:
                held.update(repr((table, sorted(map(repr, session.execute(text(f"SELECT * FROM {table}")))))).encode())
            return held.hexdigest()

    def refusals(self) -> tuple[int, str]:
        """How many refusals the trail holds, and what the last one says."""
        with self.database.read() as session:
            n = session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.outcome == "refused")) or 0
            last = session.scalar(select(AuditEvent.detail).where(AuditEvent.outcome == "refused").order_by(AuditEvent.seq.desc()).limit(1))
            return n, last or ""

    def counts(self) -> tuple[int, ...]:
        """Number of rows of every business table."""
        with self.database.read() as session:
            counted = ", ".join(f"(SELECT count(*) FROM {table})" for table in self._tables)
            return tuple(session.execute(text(f"SELECT {counted}")).one())


def office(template: Path, folder: Path, **settings: Any) -> House:
    """An almost empty office on a copy of the migrated database: one person per role."""
    path = folder / "office.sqlite"
    shutil.copyfile(template, path)
    database = Database(f"sqlite:///{path}")
    with database.write() as session:
        build(session)
        registers.create_enterprise(session, SYSTEM, firm(1))
        lab_id = registers.create_laboratory(session, SYSTEM, LaboratoryEntry("LAB-A", "甲检验院")).id
        inspector_id = registers.create_inspector(session, SYSTEM, inspector(1)).id
    scopes: dict[Role, dict[str, Any]] = {role: {"lab_id": lab_id} for role in LABORATORY} | {Role.INSPECTOR: {"inspector_id": inspector_id}}
    people = {role: person(database, role, role, **scopes.get(Role(role), {})) for role in ROLES}
    return House(database, settings_for(database, folder, **{"log_level": "ERROR", **settings}), people)

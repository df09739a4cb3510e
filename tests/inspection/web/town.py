"""The small county of the demonstration with one person per role: every route has something to work on."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import text

from inspection import tables
from inspection.auth import service as auth
from inspection.db import Database
from inspection.demo import county
from inspection.demo.people import PEOPLE
from tests.architecture.office import House
from tests.conftest import settings_for

# a row of every kind that a path may name, in a state in which most can be done
IDS = {
    "account_id": "accounts", "token_id": "api_tokens", "enterprise_id": "enterprises", "inspector_id": "inspectors", "laboratory_id": "laboratories",
    "item_id": "check_items", "upload_id": "uploads", "plan_id": "plans", "draw_id": "draws", "visit_id": "visits", "sample_id": "samples",
    "report_id": "test_reports", "case_id": "cases", "indicator_id": "indicators", "publication_id": "publications", "job_id": "jobs", "entry_id": "ledger",
}  # fmt: skip
WORDS = {"region_code": "320902", "kind": "enterprises", "table": "strata", "suffix": "csv", "board": "draws", "subject": "2026-001", "filename": "css/app.css"}


def build(template: Path, folder: Path) -> Path:
    """The county in an SQLite file, to be copied."""
    path = folder / "town.sqlite"
    shutil.copyfile(template, path)
    tables.metadata()
    database = Database(f"sqlite:///{path}")
    county.build(database, settings_for(database, folder, demo=True), one_time=False)
    with database.engine.connect() as connection:
        connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    database.dispose()
    return path


def town(path: Path, folder: Path) -> House:
    """The application on a copy of the county."""
    copy = folder / "copy.sqlite"
    shutil.copyfile(path, copy)
    database = Database(f"sqlite:///{copy}")
    with database.read() as session:
        people = {}
        for login, _name, roles in PEOPLE:
            account = auth.find(session, login)
            assert account is not None
            people.setdefault(roles[0].value, auth.actor_of(account, via="session"))
    # the full corpus takes hours: nobody signs in again or proves himself again meanwhile
    patient = {"login_tries_per_5_minutes": 1_000_000, "step_up_minutes": 10_000, "session_idle_minutes": 10_000, "session_absolute_hours": 1_000}
    return House(database, settings_for(database, folder, log_level="ERROR", demo=True, **patient), people)


def places(house: House) -> dict[str, list[int]]:
    """For every name of a path the ids that exist, newest first, at most six of different states."""
    found: dict[str, list[int]] = {}
    with house.database.read() as session:
        for name, table in IDS.items():
            columns = set(tables.metadata().tables[table].columns.keys())
            chosen = f"SELECT max(id) FROM {table} GROUP BY state" if "state" in columns else f"SELECT max(id) FROM {table}"
            found[name] = [row[0] for row in session.execute(text(chosen)) if row[0] is not None][:6] or [999_999]
    return found

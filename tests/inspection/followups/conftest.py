"""The desk of a case officer, built once per database and copied per test."""

from __future__ import annotations

import copy
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from inspection.db import Database
from tests import postgres
from tests.inspection.followups.desk import Desk

_serial = itertools.count(1)


def _moved(desk: Desk, database: Database) -> Desk:
    made = copy.copy(desk)
    made.database = database
    return made


@pytest.fixture(scope="session")
def sqlite_desk(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Desk]:
    path = tmp_path_factory.mktemp("desk") / "desk.sqlite"
    shutil.copyfile(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    desk = Desk(database)
    with database.engine.connect() as connection:
        connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    database.dispose()
    return path, desk


@pytest.fixture(scope="session")
def postgresql_desk(migrated_postgresql: str) -> Iterator[tuple[str, Desk]]:
    name = f"{migrated_postgresql}_desk"
    database = Database(postgres.copy_database(name, migrated_postgresql))
    desk = Desk(database)
    database.dispose()
    yield name, desk
    postgres.drop_database(name)


@pytest.fixture
def sqlite_only(sqlite_desk: tuple[Path, Desk], tmp_path: Path) -> Iterator[Desk]:
    """The desk on SQLite, for what does not depend on the database."""
    path, desk = sqlite_desk
    shutil.copyfile(path, tmp_path / "desk.sqlite")
    database = Database(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield _moved(desk, database)
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """The desk on both databases."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_only")
        return
    template, made = request.getfixturevalue("postgresql_desk")
    name = f"{template}_{next(_serial)}"
    database = Database(postgres.copy_database(name, template))
    yield _moved(made, database)
    database.dispose()
    postgres.drop_database(name)

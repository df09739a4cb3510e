"""The town of these tests, built once per database and copied per test."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inspection.app import create_app
from inspection.db import Database
from tests import postgres
from tests.conftest import settings_for
from tests.inspection.visits.town import Town, settle
from tests.people import Browser, sign_in

_serial = itertools.count(1)


@pytest.fixture(scope="session")
def sqlite_town(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Town]:
    """A settled town in a file to copy."""
    path = tmp_path_factory.mktemp("town") / "town.sqlite"
    shutil.copyfile(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    town = settle(database)
    with database.engine.connect() as connection:
        connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    database.dispose()
    return path, town


@pytest.fixture(scope="session")
def postgresql_town(migrated_postgresql: str) -> Iterator[tuple[str, Town]]:
    """A settled town in a database to copy."""
    name = f"{migrated_postgresql}_town"
    database = Database(postgres.copy_database(name, migrated_postgresql))
    town = settle(database)
    database.dispose()
    yield name, town
    postgres.drop_database(name)


@pytest.fixture
def street(sqlite_town: tuple[Path, Town], tmp_path: Path) -> Iterator[Town]:
    """The town on SQLite, for what does not depend on the database."""
    path, town = sqlite_town
    shutil.copyfile(path, tmp_path / "town.sqlite")
    database = Database(f"sqlite:///{tmp_path / 'town.sqlite'}")
    yield Town(database, town.draw_id, town.people)
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    """The town on both databases."""
    if request.param == "sqlite":
        yield request.getfixturevalue("street")
        return
    template, made = request.getfixturevalue("postgresql_town")
    name = f"{template}_{next(_serial)}"
    database = Database(postgres.copy_database(name, template))
    yield Town(database, made.draw_id, made.people)
    database.dispose()
    postgres.drop_database(name)


class Office:
    """The application over the town; people sign in through the page."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town = town
        self.app: Any = create_app(settings_for(town.database, folder, office_name="西湖区市场监督管理局"), town.database)

    def signed_in(self, login: str) -> Browser:
        return sign_in(self.app, login)


@pytest.fixture
def office(street: Town, tmp_path: Path) -> Office:
    return Office(street, tmp_path)

"""Fixtures of every test of the application: a migrated database on SQLite and on PostgreSQL, an application, a client.

Each database is migrated once per run and copied per test. `database` comes twice (sqlite, postgresql); `sqlite_database`
only once, for tests whose subject does not depend on the database.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from inspection.db import Database
from inspection.settings import Settings
from tests import noted, pace, postgres

hypothesis.settings.register_profile("house", deadline=None)  # a busy machine is no fault of the code
hypothesis.settings.load_profile("house")

SECRET = "a-test-key-that-nobody-would-guess-0123456789"
DRAW_KEY = "another-test-key-for-draw-secrets-9876543210"
_serial = itertools.count(1)
pace.quick()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of few long tests first: dealt out last, they would keep one worker busy while the other waits."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session", autouse=True)
def _watching() -> Iterator[None]:
    with noted.watch():
        yield


@pytest.fixture(autouse=True)
def every_change_is_noted(_watching: None) -> Iterator[None]:
    """In every test: no unsafe request succeeds or is refused without an event in the trail (`tests.noted`)."""
    noted.missing.clear()
    yield
    assert not noted.missing, "not in the trail:\n" + "\n".join(noted.missing)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    from inspection import migrate

    path = tmp_path_factory.mktemp("migrated") / "template.sqlite"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    with database.engine.connect() as connection:
        connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    database.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgresql() -> str:
    """Name of a migrated PostgreSQL database to copy; skips with the reason when there is no server."""
    from inspection import migrate

    name = f"hengjian_template_{os.getpid()}"
    try:
        url = postgres.new_database(name)
    except postgres.Unavailable as error:
        pytest.skip(f"PostgreSQL cannot be started here: {error}")
    database = Database(url)
    migrate.upgrade(database)
    database.dispose()
    return name


def _sqlite(template: Path, folder: Path) -> Database:
    path = folder / "hengjian.sqlite"
    shutil.copyfile(template, path)
    return Database(f"sqlite:///{path}")


@pytest.fixture
def sqlite_database(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    database = _sqlite(migrated_sqlite, tmp_path)
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty database; each test that uses it runs on both kinds."""
    if request.param == "sqlite":
        made = _sqlite(request.getfixturevalue("migrated_sqlite"), tmp_path)
        yield made
        made.dispose()
        return
    template = request.getfixturevalue("migrated_postgresql")
    name = f"{template}_{next(_serial)}"
    made = Database(postgres.copy_database(name, template))
    yield made
    made.dispose()
    postgres.drop_database(name)


def settings_for(database: Database, folder: Path, **more: Any) -> Settings:
    """Settings of a test application on that database."""
    values = {"secret_key": SECRET, "draw_key": DRAW_KEY, "database_url": database.url, "data_dir": folder / "var", **more}
    return Settings.of(values)


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return settings_for(database, tmp_path)


@pytest.fixture
def app(settings: Settings, database: Database) -> Any:
    """The application on `database`."""
    from inspection.app import create_app

    made = create_app(settings, database)
    made.config["TESTING"] = True
    return made


@pytest.fixture
def client(app: Any) -> Any:
    """An anonymous client; `tests.people` signs accounts in."""
    return app.test_client()

"""Bring a database to a revision, ask where it stands; Alembic behind two verbs, run under the writers' lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import migrations
from inspection.db import Database

LOCATION = Path(migrations.__file__).parent


def config() -> Config:
    """Alembic's configuration without a file."""
    made = Config()
    made.set_main_option("script_location", str(LOCATION))
    made.set_main_option("version_path_separator", "os")
    return made


def head() -> str:
    """The newest revision of this software."""
    found = ScriptDirectory.from_config(config()).get_current_head()
    assert found is not None
    return found


def current(database: Database) -> str | None:
    """The revision the database stands at, None for an empty one."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, revision: str = "head") -> None:
    """Migrate up; all or nothing."""
    with _transaction(database) as connection:
        command.upgrade(_with(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Migrate down; all or nothing."""
    with _transaction(database) as connection:
        command.downgrade(_with(connection), revision)


def _with(connection: Connection) -> Config:
    made = config()
    made.attributes["connection"] = connection
    return made


@contextmanager
def _transaction(database: Database) -> Iterator[Connection]:
    with database.lock or nullcontext(), database.engine.execution_options(writes=True).begin() as connection:
        yield connection

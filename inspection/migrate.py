"""Bring a database to a revision, ask where it stands; Alembic behind two verbs, run under the writers' lock."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, event

import migrations
from inspection.db import Database
from inspection.errors import NotFound

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


def known(revision: str) -> None:
    """Refuse a revision that this software does not have."""
    try:
        ScriptDirectory.from_config(config()).get_revisions(revision)
    except CommandError:
        raise NotFound("no-revision", "没有数据库版本 %(revision)s。版本是四位数字，最新的是 %(head)s，base 为清空。", revision=revision, head=head()) from None


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


def rehearse(before: str | None, revision: str, *, down: bool = False) -> list[str]:
    """The statements of a migration on SQLite, as they run on an empty database that stands at `before`.

    SQLite changes most columns by rebuilding the table, which only a database that has the table can show.
    """
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
            said.append(statement.strip())

    with tempfile.TemporaryDirectory() as folder:
        trial = Database(f"sqlite:///{folder}/trial.sqlite")
        if before is not None:
            upgrade(trial, before)
        event.listen(trial.engine, "before_cursor_execute", note)
        (downgrade if down else upgrade)(trial, revision)
        trial.dispose()
    return said


def _with(connection: Connection) -> Config:
    made = config()
    made.attributes["connection"] = connection
    return made


@contextmanager
def _transaction(database: Database) -> Iterator[Connection]:
    with database.lock or nullcontext(), database.engine.execution_options(writes=True).begin() as connection:
        yield connection

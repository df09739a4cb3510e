"""The database: one writer at a time, many readers, on SQLite and on PostgreSQL alike.

Writers are serial on purpose: the audit chain needs the hash of the event before, so two writers could never commit side
by side anyway. On SQLite a file lock queues them fairly in front of ``BEGIN IMMEDIATE`` (SQLite's own back-off is unfair,
and checkpoints outside a lock can lose commits in old versions); on PostgreSQL a transaction-level advisory lock does the
same for any number of hosts. The same service code is therefore correct on both (docs/decisions/0003-one-writer.md).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Engine, MetaData, String, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
WRITER_LOCK = 0x48454E47  # any fixed number: the name of the advisory lock on PostgreSQL
CHECKPOINT_PAGES = 1000


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; SQLite would otherwise hand back naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None if dialect.name == "sqlite" else UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal kept as text, digit for digit: SQLite's NUMERIC goes through binary floating point."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UTCDateTime(), Decimal: Exact()}


class _LockedConnection(sqlite3.Connection):
    """Closing the last SQLite connection checkpoints the log; that too must happen under the writers' lock."""

    lock: FileLock | None = None

    def close(self) -> None:
        if self.lock is None:
            super().close()
            return
        with self.lock:
            super().close()


class FileLock:
    """A fair lock between threads and processes: the kernel queues ``flock`` waiters in order of arrival."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held = threading.local()

    def __enter__(self) -> FileLock:
        depth = getattr(self._held, "depth", 0)
        if depth == 0:
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX)
            except BaseException:
                os.close(fd)
                raise
            self._held.fd = fd
        self._held.depth = depth + 1
        return self

    def __exit__(self, *exc: object) -> None:
        self._held.depth -= 1
        if self._held.depth == 0:
            os.close(self._held.fd)


class Database:
    """The engine and its two kinds of transaction.

    ``with database.write(actor) as session`` – the only way to change anything; commits on leaving, rolls back on error.
    ``with database.read(actor) as session`` – one consistent snapshot; cannot write.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if not parsed.database or parsed.database == ":memory:":
                raise ValueError("SQLite needs a file: the application runs as several processes")
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            self.lock: FileLock | None = FileLock(Path(parsed.database + ".lock"))
            self.engine = self._sqlite_engine(url)
        else:
            self.lock = None
            self.engine = create_engine(
                url.replace("postgresql://", "postgresql+psycopg://", 1), pool_pre_ping=True, pool_size=5, max_overflow=5
            )
        self._writing = sessionmaker(self._write_engine(), expire_on_commit=False)
        self._reading = sessionmaker(self._read_engine(), expire_on_commit=False, autoflush=False)

    def _write_engine(self) -> Engine:
        if self.is_sqlite:
            return self.engine.execution_options(writes=True)
        return self.engine.execution_options(isolation_level="READ COMMITTED")  # a snapshot taken in the queue would be stale

    def _read_engine(self) -> Engine:
        if self.is_sqlite:
            return self.engine
        return self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def _sqlite_engine(self, url: str) -> Engine:
        lock = self.lock

        class Connection(_LockedConnection):
            pass

        Connection.lock = lock
        engine = create_engine(
            url,
            poolclass=QueuePool,
            connect_args={"factory": Connection, "timeout": 30, "isolation_level": None, "check_same_thread": False},
        )

        @event.listens_for(engine, "connect")
        def _pragmas(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            with lock:  # type: ignore[union-attr]
                cursor.execute("PRAGMA journal_mode=WAL")
            for pragma in ("synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=0", "busy_timeout=30000", "temp_store=MEMORY"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Any) -> None:
            writes = connection.get_execution_options().get("writes", False)
            connection.exec_driver_sql("PRAGMA query_only=OFF" if writes else "PRAGMA query_only=ON")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    @contextmanager
    def write(self, actor: Any = None) -> Iterator[Session]:
        """One write transaction: serial with all others, audited, all or nothing."""
        if self.lock is None:
            with self._writing.begin() as session:
                session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
                session.info["actor"] = actor
                yield session
            return
        with self.lock:
            with self._writing.begin() as session:
                session.info["actor"] = actor
                yield session
            self._checkpoint()

    @contextmanager
    def read(self, actor: Any = None) -> Iterator[Session]:
        """One consistent snapshot; nothing can be written through it."""
        with self._reading() as session:
            session.info["actor"] = actor
            yield session

    def _checkpoint(self) -> None:
        wal = Path(f"{self.engine.url.database}-wal")
        if not wal.exists() or wal.stat().st_size < CHECKPOINT_PAGES * 4096:
            return
        with self.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def dispose(self) -> None:
        self.engine.dispose()

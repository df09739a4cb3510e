"""The wake-up: huey carries the id of a job to a worker; losing a message costs seconds, never the job.

Embedded by default (a small SQLite file in data_dir), PostgreSQL when the database is PostgreSQL, so that several hosts
share one queue; `jobs_url` names another place. The queue's messages are signed with a key derived from secret_key.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from datetime import datetime
from typing import Any

import structlog
from huey import Huey, PostgresHuey, SqliteHuey
from huey.consumer import Consumer
from huey.serializer import SignedSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from inspection.db import Database
from inspection.jobs import registry, runner, service
from inspection.jobs.context import LEASE
from inspection.settings import Settings

log = structlog.get_logger("hengjian.jobs")
NAME = "hengjian"
TABLES = "hengjian_queue"  # prefix of the queue's own tables on PostgreSQL; not part of the schema of migrations
_queues: dict[str, Huey] = {}
_lock = threading.Lock()


def queue_of(database: Database, settings: Settings) -> Huey:
    """The one queue of this process for that database."""
    with _lock:
        if database.url not in _queues:
            _queues[database.url] = _open(database, settings)
        return _queues[database.url]


def _open(database: Database, settings: Settings) -> Huey:
    url = settings.jobs_url or ("" if settings.is_sqlite else settings.database_url)
    key = hashlib.sha256(b"hengjian jobs queue\n" + settings.secret_key.encode()).hexdigest()
    common: dict[str, Any] = {"results": False, "utc": True, "serializer": SignedSerializer(secret=key)}
    if url.startswith("postgresql"):
        dsn = url.replace("postgresql+psycopg://", "postgresql://", 1)
        with database.write():  # the queue's "create table if not exists" races when two hosts start at once
            huey = PostgresHuey(NAME, dsn=dsn, table_prefix=TABLES, **common)
    else:
        path = url.removeprefix("sqlite:///") or str(settings.data_dir / "queue.sqlite")
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        huey = SqliteHuey(NAME, filename=path, journal_mode="truncate", **common)
    _register(huey, database, settings)
    return huey


def _register(huey: Huey, database: Database, settings: Settings) -> None:
    @huey.task(name="run")  # type: ignore[untyped-decorator]
    def run(job_id: int) -> None:
        runner.run_one(database, settings, job_id)

    @huey.task(name="sweep_later")  # type: ignore[untyped-decorator]
    def sweep_later() -> None:
        sweep(huey, database)

    @huey.periodic_task(_every_minute, name="minute")  # type: ignore[untyped-decorator]
    def minute() -> None:
        sweep(huey, database)
        runner.run_due(database, settings)

    huey.hengjian_run, huey.hengjian_sweep = run, sweep_later


def _every_minute(_moment: datetime) -> bool:
    return True


def sweep(huey: Huey, database: Database) -> int:
    """Wake the workers for everything that may be taken; nothing while messages wait, they will get there anyway."""
    if huey.pending_count():
        return 0
    with database.read() as session:
        waiting = service.claimable(session)
    for job_id in waiting:
        huey.hengjian_run(job_id)
    return len(waiting)


def attach(database: Database, settings: Settings) -> None:
    """From now on a committed `service.enqueue` in this process wakes the workers."""
    runner.attach(database, settings)
    event.listen(database._writing, "after_commit", _Waker(database, settings))


class _Waker:
    """Called after a commit: pass on the ids that the transaction enqueued."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.settings = database, settings

    def __call__(self, session: Session) -> None:
        for job_id in session.info.pop(service.ENQUEUED, ()):
            try:
                queue_of(self.database, self.settings).hengjian_run(job_id)
            except Exception as error:  # the row is committed: the sweep of the next minute finds it
                log.warning("job-wake-up-lost", job=job_id, error=str(error))


class Worker(Consumer):  # type: ignore[misc]
    """huey's consumer; stopping lets running jobs go back to the queue at their next step."""

    def stop(self, graceful: bool = False) -> None:
        runner.STOPPING.set()
        super().stop(graceful=graceful)


def work(database: Database, settings: Settings) -> None:
    """Consume until a signal: TERM stops in good order, INT at once. Blocks."""
    logging.getLogger("huey").setLevel(logging.WARNING)
    registry.load()
    huey = queue_of(database, settings)
    sweep(huey, database)
    huey.hengjian_sweep.schedule(delay=int(LEASE.total_seconds()) + 2)  # jobs of a worker that was killed a moment ago
    Worker(
        huey,
        workers=settings.job_workers,
        initial_delay=0.05,
        max_delay=1.0,
        shutdown_timeout=20,
        graceful_signal="TERM",
    ).run()

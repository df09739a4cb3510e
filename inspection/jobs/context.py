"""What a job function holds: its owner, its transactions, its checkpoint, its progress.

Every transaction of a job is fenced: it begins by asking the row whether this worker still holds the lease, so a worker
that was asleep too long can never write beside the one that took over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from inspection import clock
from inspection.actor import SYSTEM, Actor
from inspection.db import Database
from inspection.jobs.models import Job
from inspection.settings import Settings

LEASE = timedelta(seconds=30)
PROGRESS_SECONDS = 1.0


class Stopped(Exception):
    """Base of the three reasons to leave a job function early; not an error."""


class Cancelled(Stopped):
    """The owner asked for an end."""


class Interrupted(Stopped):
    """The worker is shutting down; the job goes back to the queue."""


class LeaseLost(Stopped):
    """Another worker took the job over."""


@dataclass(slots=True)
class Context:
    """The hands of one attempt at a job.

    Parameters
    ----------
    saved : what the last checkpoint kept; empty at the first attempt.
    workspace : folder of the job, the same in every attempt on the same data_dir.
    """

    job_id: int
    worker: str
    actor: Actor
    database: Database
    settings: Settings
    saved: dict[str, Any]
    workspace: Path
    stopping: threading.Event
    lease: timedelta = LEASE
    done: int = 0
    total: int = 0
    note: str = ""
    _told: float = field(default=0.0, repr=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A snapshot with the owner's scope."""
        with self.database.read(self.actor) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A write transaction of the owner, fenced by the lease; raises when the job was cancelled or taken over."""
        with self.database.write(self.actor) as session:
            self._hold(session)
            yield session

    def checkpoint(
        self,
        session: Session,
        state: Mapping[str, Any],
        *,
        done: int | None = None,
        total: int | None = None,
        note: str | None = None,
    ) -> None:
        """Keep `state` in the transaction of the work it describes, so that a second attempt neither repeats nor skips it."""
        job = session.get_one(Job, self.job_id)
        self.saved = dict(state)
        job.checkpoint = dict(state)
        self._advance(done, total, note)
        self._tell(job)

    def progress(self, done: int, total: int | None = None, note: str | None = None) -> None:
        """Tell how far the work is (written at most once a second); the place where cancel and shutdown take effect."""
        self._advance(done, total, note)
        if self.stopping.is_set():
            raise Interrupted
        if time.monotonic() - self._told >= PROGRESS_SECONDS:
            with self.database.write(self.actor) as session:
                self._tell(self._hold(session))

    def renew(self) -> None:
        """Prolong the lease (the heartbeat of the runner)."""
        with self.database.write() as session:
            self._own(session).lease_until = clock.now() + self.lease

    def _advance(self, done: int | None, total: int | None, note: str | None) -> None:
        self.done = self.done if done is None else done
        self.total = self.total if total is None else total
        self.note = self.note if note is None else note[:200]

    def _tell(self, job: Job) -> None:
        job.done, job.total, job.note = self.done, self.total, self.note
        job.lease_until = clock.now() + self.lease
        self._told = time.monotonic()

    def _own(self, session: Session) -> Job:
        job = session.get(Job, self.job_id)
        if job is None or job.state != "running" or job.worker != self.worker:
            raise LeaseLost
        return job

    def _hold(self, session: Session) -> Job:
        job = self._own(session)
        if job.cancel_requested:
            raise Cancelled
        if self.stopping.is_set():
            raise Interrupted
        return job


@dataclass(frozen=True, slots=True)
class PeriodicContext:
    """The hands of a periodic task: it acts as the system itself."""

    database: Database
    settings: Settings
    actor: Actor = SYSTEM

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self.database.read(None) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self.database.write(None) as session:
            yield session

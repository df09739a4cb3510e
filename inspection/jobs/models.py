"""后台任务: long work as rows; the row is the truth, the queue only wakes the workers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from inspection.db import Base

UNFINISHED = text("state IN ('queued', 'running')")


class Job(Base):
    """One piece of long work 后台任务, written in the transaction of its cause and then only by the worker holding its lease.

    States: queued → running → done | failed | cancelled; running → queued when the worker is stopped in good order. A
    lease that ran out makes a running job free for any worker, which goes on from the checkpoint.
    """

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60), index=True)  # "publications.bulletin": names the registered function
    title: Mapped[str] = mapped_column(String(200))
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # ids and choices, never contents or secrets
    lock_key: Mapped[str | None] = mapped_column(String(120))  # at most one unfinished job per key
    owner_id: Mapped[int] = mapped_column(index=True)
    owner_name: Mapped[str] = mapped_column(String(100))
    actor: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # scope and rights of the owner when the job was asked for
    state: Mapped[str] = mapped_column(String(10), default="queued", index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)  # 0 = not known yet
    note: Mapped[str] = mapped_column(String(200), default="")
    checkpoint: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # where a second attempt goes on
    worker: Mapped[str] = mapped_column(String(80), default="")  # host:pid:random of the lease holder
    lease_until: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # counts and ids shown when done
    result_path: Mapped[str] = mapped_column(String(200), default="")  # below data_dir
    result_sha256: Mapped[str] = mapped_column(String(64), default="")
    result_filename: Mapped[str] = mapped_column(String(200), default="")
    error_code: Mapped[str] = mapped_column(String(60), default="")
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
        Index("ix_jobs_unfinished_lock_key", "lock_key", unique=True, sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
    )

    @property
    def finished(self) -> bool:
        return self.state in {"done", "failed", "cancelled"}

    @property
    def percent(self) -> int | None:
        """Whole percent done, None while the total is unknown."""
        if self.state == "done":
            return 100
        return min(100, self.done * 100 // self.total) if self.total else None


class PeriodicRun(Base):
    """When a periodic task 定期任务 last began, on whichever host; one row per task, moved on by who claims it."""

    __tablename__ = "periodic_runs"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    ran_at: Mapped[datetime]

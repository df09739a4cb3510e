"""Claim a job, keep its lease alive, run its function, write down how it ended."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import structlog

from inspection import audit, clock
from inspection.actor import Actor
from inspection.auth import service as auth
from inspection.auth.models import Account
from inspection.db import Database
from inspection.errors import DomainError
from inspection.jobs import files, registry, service
from inspection.jobs.context import LEASE, Cancelled, Context, Interrupted, LeaseLost, PeriodicContext
from inspection.jobs.models import Job, PeriodicRun
from inspection.jobs.registry import Result
from inspection.settings import Settings

log = structlog.get_logger("hengjian.jobs")
MAX_ATTEMPTS = 5
STOPPING = threading.Event()
_attached: dict[str, Settings] = {}


def attach(database: Database, settings: Settings) -> None:
    """Remember the settings of a database, for `run_pending` and for waking the workers."""
    _attached[database.url] = settings


def settings_of(database: Database) -> Settings:
    return _attached[database.url]


def run_pending(database: Database, settings: Settings | None = None) -> int:
    """Run everything that waits, here and now, and give the number of jobs run (tests, demonstration, `hengjian jobs run`)."""
    settings = settings or settings_of(database)
    count = 0
    while True:
        with database.read() as session:
            waiting = service.claimable(session)
        ran = [job_id for job_id in waiting if run_one(database, settings, job_id)]
        count += len(ran)
        if not ran:
            return count


def run_one(
    database: Database,
    settings: Settings,
    job_id: int,
    *,
    stopping: threading.Event = STOPPING,
    lease: timedelta = LEASE,
) -> bool:
    """Run one job if it may be taken; False when somebody else has it or it is finished."""
    context = _claim(database, settings, job_id, stopping, lease)
    if context is None:
        return False
    try:
        with _heartbeat(context):
            with context.read() as session:
                job = session.get_one(Job, job_id)
                kind, params = job.kind, dict(job.params)
            result = registry.kind_of(kind).function(context, params) or Result()
        _finish(context, result)
    except Cancelled:
        _end(context, "cancelled")
    except Interrupted:
        _end(context, "queued")
    except LeaseLost:
        log.warning("job-lease-lost", job=job_id, worker=context.worker)
    except DomainError as error:
        _end(context, "failed", code=error.code, message=error.message)
    except Exception as error:
        log.exception("job-failed", job=job_id)
        _end(context, "failed", code="internal", message=f"任务内部出错（{type(error).__name__}）。请把任务编号 {job_id} 告诉系统管理员。")
    return True


def _claim(database: Database, settings: Settings, job_id: int, stopping: threading.Event, lease: timedelta) -> Context | None:
    worker = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(6)}"
    with database.write() as session:
        job = session.get(Job, job_id)
        now = clock.now()
        if job is None or not (job.state == "queued" or (job.state == "running" and job.lease_until and job.lease_until < now)):
            return None
        account = session.get(Account, job.owner_id) if job.owner_id else None
        actor = _present_actor(job, account)
        if reason := _hopeless(job, account):
            _close(job, "cancelled" if job.cancel_requested else "failed")
            job.error_code, job.error = reason
            audit.record(session, actor, f"jobs.{job.state}", "job", job.id, kind=job.kind, attempts=job.attempts, code=job.error_code)
            return None
        job.state, job.worker, job.lease_until = "running", worker, now + lease
        job.attempts += 1
        job.started_at = job.started_at or now
        return Context(
            job_id=job.id,
            worker=worker,
            actor=actor,
            database=database,
            settings=settings,
            saved=dict(job.checkpoint or {}),
            workspace=files.workspace(settings, job.id),
            stopping=stopping,
            lease=lease,
            done=job.done,
            total=job.total,
            note=job.note,
        )


def _hopeless(job: Job, account: Account | None) -> tuple[str, str] | None:
    """Why a job is not begun (again): code and words, or None."""
    if job.cancel_requested:
        return "", ""
    if account is not None and account.disabled_at is not None:
        return "account-disabled", "发起人的账户已停用，任务不再执行。请由在岗人员重新发起。"
    if job.attempts >= MAX_ATTEMPTS:
        return "too-many-attempts", f"任务已中断 {job.attempts} 次，不再自动重试。请查看日志后重新发起。"
    return None


def _present_actor(job: Job, account: Account | None) -> Actor:
    """The owner with the rights still held now, and no more than those held when the job was asked for."""
    asked = service.actor_of(job)
    if account is None:
        return asked
    present = auth.actor_of(account, via="job", address=asked.address, request_id=asked.request_id)
    return replace(present, permissions=present.permissions & asked.permissions)


@contextmanager
def _heartbeat(context: Context) -> Iterator[None]:
    """Prolong the lease from a thread of its own, also while the function computes without a word."""
    end = threading.Event()

    def beat() -> None:
        while not end.wait(context.lease.total_seconds() / 3):
            try:
                context.renew()
            except LeaseLost:
                return
            except Exception:
                log.exception("job-heartbeat", job=context.job_id)  # the next beat tries again; the fence keeps us honest

    thread = threading.Thread(target=beat, name=f"lease-{context.job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def _finish(context: Context, result: Result) -> None:
    kept = files.keep(context.settings, context.job_id, context.workspace, result)
    with context.database.write(context.actor) as session:
        job = context._own(session)
        job.result = dict(result.summary)
        job.done = job.total = context.total or context.done or job.total
        if kept is not None:
            job.result_path, job.result_sha256, job.result_filename = kept.path, kept.sha256, kept.filename
        _close(job, "done")
        audit.record(
            session,
            context.actor,
            "jobs.done",
            "job",
            job.id,
            kind=job.kind,
            attempts=job.attempts,
            sha256=job.result_sha256,
        )
    files.clear(context.workspace)


def _end(context: Context, state: str, *, code: str = "", message: str = "") -> None:
    """Leave the job as cancelled, failed or queued again, unless another worker has it by now."""
    try:
        with context.database.write(context.actor) as session:
            job = context._own(session)
            job.error_code, job.error = code, message
            job.done, job.total, job.note = context.done, context.total, context.note
            if state == "queued":
                job.state, job.worker, job.lease_until = "queued", "", None
                job.attempts -= 1  # an orderly stop is no failed attempt
                return
            _close(job, state)
            audit.record(session, context.actor, f"jobs.{state}", "job", job.id, kind=job.kind, attempts=job.attempts, code=code)
    except LeaseLost:
        log.warning("job-lease-lost", job=context.job_id, worker=context.worker)
        return
    files.clear(context.workspace)


def _close(job: Job, state: str) -> None:
    job.state, job.finished_at, job.lease_until, job.worker = state, clock.now(), None, ""


def run_due(database: Database, settings: Settings) -> list[str]:
    """Run the periodic tasks that are due, each on one host only; gives their names."""
    registry.load()
    ran = []
    for task in list(registry.PERIODIC.values()):
        if not _claim_periodic(database, task.name, task.minutes):
            continue
        try:
            task.function(PeriodicContext(database, settings))
            ran.append(task.name)
        except Exception:
            log.exception("periodic-failed", task=task.name)
    return ran


def _claim_periodic(database: Database, name: str, minutes: int) -> bool:
    now = clock.now()
    with database.write() as session:
        last = session.get(PeriodicRun, name)
        if last is not None and last.ran_at + timedelta(minutes=minutes) - timedelta(seconds=5) > now:
            return False
        session.merge(PeriodicRun(name=name, ran_at=now))
    return True

"""The verbs of a job: ask for it, look at it, cancel it. Callers give the session; nothing here commits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import NotFound, Refused
from inspection.jobs.models import Job
from inspection.jobs.registry import kind_of

ENQUEUED = "jobs_enqueued"  # key in session.info: ids to wake the workers for once the transaction is committed


def enqueue(
    session: Session,
    actor: Actor,
    kind: str,
    params: Mapping[str, Any] | None = None,
    *,
    title: str = "",
    lock_key: str | None = None,
    total: int = 0,
) -> Job:
    """Ask for long work in the transaction of its cause.

    Parameters
    ----------
    kind : a kind registered with `inspection.jobs.registry.job`.
    params : ids and choices as JSON; never contents, secrets or personal data.
    lock_key : at most one unfinished job per key; a second call gives the unfinished one back (double click, repeated
        request).
    total : number of steps when already known, for the progress bar.
    """
    known = kind_of(kind)
    if lock_key is not None:
        running = session.scalar(select(Job).where(Job.lock_key == lock_key, Job.state.in_(("queued", "running"))))
        if running is not None:
            audit.record(session, actor, "jobs.join", "job", running.id, kind=kind)
            return running
    job = Job(
        kind=kind,
        title=(title or known.title)[:200],
        params=dict(params or {}),
        lock_key=lock_key,
        owner_id=actor.id,
        owner_name=actor.name,
        actor=_snapshot(actor),
        state="queued",
        done=0,
        total=total,
        checkpoint={},
        result={},
        created_at=clock.now(),
    )
    session.add(job)
    session.flush()
    audit.record(session, actor, "jobs.enqueue", "job", job.id, kind=kind, title=job.title)
    session.info.setdefault(ENQUEUED, []).append(job.id)
    return job


def _snapshot(actor: Actor) -> dict[str, Any]:
    values = asdict(actor)
    for name in ("id", "name", "via", "fresh_until"):
        del values[name]
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in values.items()}


def actor_of(job: Job) -> Actor:
    """The owner as the work sees them: rights and scope of the moment the job was asked for, via "job"."""
    values = dict(job.actor)
    for name in ("roles", "permissions"):
        values[name] = frozenset(values.get(name, ()))
    return Actor(id=job.owner_id, name=job.owner_name, via="job", **values)


def own(session: Session, actor: Actor, *, limit: int = 50, offset: int = 0) -> tuple[list[Job], int]:
    """The actor's own jobs, newest first, and how many there are."""
    mine = select(Job).where(Job.owner_id == actor.id)
    count = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    return list(session.scalars(mine.order_by(Job.id.desc()).limit(limit).offset(offset))), count


def load(session: Session, actor: Actor, job_id: int) -> Job:
    """The actor's own job; somebody else's does not exist for them (the command line sees all)."""
    job = session.get(Job, job_id)
    if job is None or (job.owner_id != actor.id and actor.via != "cli"):
        raise NotFound("job-not-found", "没有这个后台任务，或它不是您发起的。请从“后台任务”列表进入。")
    return job


def cancel(session: Session, actor: Actor, job_id: int) -> Job:
    """Stop a job: one that waits at once, one that runs at its next step. What it already saved stays saved."""
    job = load(session, actor, job_id)
    if job.finished:
        raise Refused("job-finished", "该任务已经结束（%(state)s），无需取消。", state=STATES[job.state])
    job.cancel_requested = True
    if job.state == "queued":
        job.state, job.finished_at = "cancelled", clock.now()
    audit.record(session, actor, "jobs.cancel", "job", job.id, kind=job.kind, done=job.done, total=job.total)
    return job


STATES = {"queued": "等待中", "running": "进行中", "done": "已完成", "failed": "失败", "cancelled": "已取消"}


def claimable(session: Session) -> list[int]:
    """Ids of jobs a worker may take now: waiting ones, and running ones whose lease ran out."""
    free = or_(Job.state == "queued", (Job.state == "running") & (Job.lease_until < clock.now()))
    return list(session.scalars(select(Job.id).where(free).order_by(Job.id)))


def safe_filename(name: str) -> str:
    """A download name without path separators, control characters or leading dots."""
    return re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]', "_", name).lstrip(".")[-150:] or "result"

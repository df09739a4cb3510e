"""Large frames: what would hold a page for seconds is asked for as a job, in the transaction of its cause."""

from __future__ import annotations

import json
import zlib

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection.actor import Actor
from inspection.draws.asking import load, may
from inspection.draws.freezing import freeze
from inspection.draws.models import Draw, DrawFile
from inspection.draws.outcome import agreed
from inspection.jobs.models import Job
from inspection.jobs.service import enqueue
from inspection.registers.models import Enterprise
from inspection.scope import region_prefix

FREEZE, REVEAL = "draws.freeze", "draws.reveal"
LARGE = 10_000  # units; below it freezing and revealing take less than half a second together (measured on two cores)
STEPS = 100


def is_large(session: Session, draw: Draw) -> bool:
    """Whether a draw is worked on in the background: by its frozen frame, before the freeze by the firms of its region."""
    rule = session.get(DrawFile, (draw.id, "rule.json"))
    if rule is not None:
        strata: dict[str, dict[str, int]] = json.loads(zlib.decompress(rule.content))["strata"]
        return sum(stratum["population"] for stratum in strata.values()) > LARGE
    query = select(func.count()).select_from(Enterprise)
    if prefix := region_prefix(draw.region_code):
        query = query.where(Enterprise.region_code.startswith(prefix))
    return (session.scalar(query) or 0) > LARGE


def ask(session: Session, actor: Actor, kind: str, draw: Draw) -> Job:
    """The job that freezes or reveals this draw; asking again gives the one that runs."""
    title = {FREEZE: "冻结底册", REVEAL: "揭示抽取"}[kind]
    params = {"draw_id": draw.id, "version": draw.version_id}
    return enqueue(session, actor, kind, params, title=f"{title} {draw.number}", lock_key=lock_key(kind, draw.id), total=STEPS)


def freeze_or_ask(session: Session, actor: Actor, draw_id: int, *, version: int) -> Job | dict[str, str]:
    """Freeze a small frame now, giving its digests; for a large one the job that does it."""
    draw = load(session, draw_id, version)
    may(draw, "frozen")
    return ask(session, actor, FREEZE, draw) if is_large(session, draw) else freeze(session, actor, draw_id, version=version)


def lock_key(kind: str, draw_id: int) -> str:
    return f"{kind}:{draw_id}"


def making(session: Session, draw: Draw) -> int | None:
    """How much of the list of an agreed value is made, in percent; None when nothing is being made."""
    if draw.state != "committed" or agreed(session, draw.id) is None:
        return None
    job = running(session, REVEAL, draw.id)
    return job.percent or 0 if job else 0


def running(session: Session, kind: str, draw_id: int) -> Job | None:
    """The job that waits or runs for this draw."""
    query = select(Job).where(Job.lock_key == lock_key(kind, draw_id), Job.state.in_(("queued", "running")))
    return session.scalars(query.execution_options(unscoped=True)).first()

"""Large frames: what would hold a page for seconds is asked for as a job, in the transaction of its cause."""

from __future__ import annotations

import json
import zlib

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection.actor import Actor
from inspection.draws.asking import get, load, may
from inspection.draws.freezing import freeze
from inspection.draws.models import Draw, DrawFile
from inspection.draws.outcome import agreed
from inspection.draws.rehearsing import Rehearsal, rehearse
from inspection.errors import Refused
from inspection.jobs.models import Job
from inspection.jobs.service import enqueue
from inspection.registers.models import Enterprise
from inspection.scope import region_prefix

FREEZE, REHEARSE, REVEAL = "draws.freeze", "draws.rehearse", "draws.reveal"
TITLES = {FREEZE: "冻结底册", REHEARSE: "演练分组", REVEAL: "揭示抽取"}
LARGE = 10_000  # units; below it freezing and revealing take less than half a second together (measured on two cores)
STEPS = 100


def sizes(session: Session, draw: Draw) -> dict[str, int]:
    """How many rows each part of the work has: of the frozen frame, before the freeze the firms of its region."""
    rule = session.get(DrawFile, (draw.id, "rule.json"))
    if rule is not None:
        strata: list[dict[str, int]] = list(json.loads(zlib.decompress(rule.content))["strata"].values())
        return {"tickets": sum(stratum["population"] for stratum in strata), "teams": sum(stratum["n"] for stratum in strata)}
    query = select(func.count()).select_from(Enterprise)
    if prefix := region_prefix(draw.region_code):
        query = query.where(Enterprise.region_code.startswith(prefix))
    return {"register": session.scalar(query) or 0}


def is_large(session: Session, draw: Draw) -> bool:
    """Whether a draw is worked on in the background."""
    return max(sizes(session, draw).values()) > LARGE


def ask(session: Session, actor: Actor, kind: str, draw: Draw) -> Job:
    """The job that freezes, rehearses or reveals this draw; asking again gives the one that runs."""
    params = {"draw_id": draw.id, "version": draw.version_id}
    return enqueue(session, actor, kind, params, title=f"{TITLES[kind]} {draw.number}", lock_key=lock_key(kind, draw.id), total=STEPS)


def freeze_or_ask(session: Session, actor: Actor, draw_id: int, *, version: int) -> Job | dict[str, str]:
    """Freeze a small frame now, giving its digests; for a large one the job that does it."""
    draw = load(session, draw_id, version)
    may(draw, "frozen")
    return ask(session, actor, FREEZE, draw) if is_large(session, draw) else freeze(session, actor, draw_id, version=version)


def freezing(session: Session, draw: Draw) -> Job | None:
    """The job that freezes this frame now."""
    return running(session, FREEZE, draw.id) if draw.state == "configured" else None


def rehearsed(session: Session, draw: Draw) -> Rehearsal | None:
    """The rehearsal of this frozen frame: at once for a small one, for a large one as the last job left it, None before."""
    if not draw.files or not is_large(session, draw):
        return rehearse(session, draw.id)
    query = select(Job.checkpoint).where(Job.lock_key == lock_key(REHEARSE, draw.id), Job.state == "done").order_by(Job.id.desc())
    kept = session.scalars(query.limit(1).execution_options(unscoped=True)).first()
    return Rehearsal.of(kept) if kept else None


def rehearsing(session: Session, draw: Draw) -> Job | None:
    """The job that rehearses this frame now."""
    return running(session, REHEARSE, draw.id)


def ask_rehearsal(session: Session, actor: Actor, draw_id: int) -> Job:
    """The job that rehearses a large frame."""
    draw = get(session, draw_id)
    if not draw.files:
        raise Refused("frame-not-frozen", "请先冻结底册，再演练。")
    return ask(session, actor, REHEARSE, draw)


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

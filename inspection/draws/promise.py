"""The promise 承诺: published before the public value exists; the secret behind it stays under the draw key."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.draws.asking import Frozen, frozen, load, may
from inspection.draws.frame_list import with_places
from inspection.draws.keys import seal, unseal
from inspection.draws.models import Commitment, Draw, DrawSecret, ReturnedSecret
from inspection.draws.openness import exclusion_words, publish_fact
from inspection.draws.supplements import first_of
from inspection.draws.tasks import fitting
from inspection.errors import Refused
from sampling import frame
from sampling import seed as protocol
from sampling.errors import SamplingError


@dataclass(frozen=True, slots=True)
class Promise:
    """What the office announces: public sources and the time of the reveal."""

    sources: tuple[Mapping[str, Any], ...]
    reveal_not_before: datetime
    reveal_by: datetime


def commit(
    session: Session, actor: Actor, draw_id: int, promise: Promise, *, version: int, draw_key: str, kept: Frozen | None = None
) -> Commitment:
    """Commit to the frozen frame and publish the commitment at once; one commitment per draw, chained to the last one.

    `kept` : the frozen files, when they were read before the write (large frames).
    """
    draw = load(session, draw_id, version)
    may(draw, "committed")
    first = first_of(session, draw.supplements_id) if draw.supplements_id else None
    kept = kept or frozen(session, draw_id)
    last = session.scalars(select(Commitment).order_by(Commitment.sequence.desc()).limit(1)).first()
    secret = secrets.token_hex(32)
    now = clock.now()
    try:
        content = protocol.make_commitment(
            draw=draw.number,
            files=kept.files,
            previous=last.digest if last else "",
            public_sources=[{**s, "drawn_at": clock.stamp(s["drawn_at"])} for s in promise.sources],
            committed_at=clock.stamp(now),
            reveal_not_before=clock.stamp(promise.reveal_not_before),
            reveal_by=clock.stamp(promise.reveal_by),
            secret=secret,
        )
    except SamplingError as error:
        raise Refused("commitment-unfit", "承诺不符合抽取规程：%(why)s。", why=str(error)) from None
    made = Commitment(
        draw_id=draw.id,
        sequence=(last.sequence if last else 0) + 1,
        content=content.decode(),
        digest=frame.digest(content),
        previous=last.digest if last else "",
        committed_at=now,
        reveal_not_before=promise.reveal_not_before,
        reveal_by=promise.reveal_by,
        committed_by=actor.id,
        committed_by_name=actor.name,
    )
    session.add_all([made, DrawSecret(draw_id=draw.id, sealed=seal(draw_key, draw.number, secret.encode()))])
    draw.state = "committed"
    session.flush()
    facts = {
        "digest": made.digest, "commitment": content.decode(), "title": draw.title, "strata": with_places(session, kept.strata),
        "embargo_until": draw.embargo_until, "repeats": _repeated(session, draw),
        "supplements": first.number if first else "", "words": exclusion_words(session),
        "task_code": fitting.public_code(session, draw), "frozen_at": draw.frozen_at,
    }
    publish_fact(
        session, actor, draw, "commitment", facts, file=content, file_name=f"commitment-{draw.number}.json", file_type="application/json"
    )
    if first is not None:
        publish_fact(session, actor, first, "supplement", {"by": draw.number, "title": draw.title, "digest": made.digest})
    audit.record(session, actor, "draw.commit", "draw", draw.number, digest=made.digest)
    return made


def _repeated(session: Session, draw: Draw) -> str:
    """Number of the void draw that this one repeats, "" for none."""
    old = session.get(Draw, draw.repeats_id, execution_options={"unscoped": True}) if draw.repeats_id else None
    return old.number if old else ""


def secret_of(session: Session, draw: Draw, draw_key: str) -> str:
    """The office's secret of a committed draw: as it was kept, or as it was returned by the holders of its two halves.

    Raises
    ------
    Refused : neither can be opened with this key.
    """
    row = session.get(DrawSecret, draw.id)
    back = session.scalars(select(ReturnedSecret).where(ReturnedSecret.draw_id == draw.id).order_by(ReturnedSecret.id.desc())).all()
    for sealed in [one.sealed for one in back] + ([row.sealed] if row else []):
        try:
            return unseal(draw_key, draw, sealed).decode()
        except Refused:
            continue
    return unseal(draw_key, draw, None).decode()

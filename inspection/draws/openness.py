"""What the public learns of a draw: every fact goes to the ledger at once, the list when its embargo ends."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock, ledger
from inspection.actor import SYSTEM, Actor
from inspection.draws.asking import check_list, load, may, strata_of, under_embargo
from inspection.draws.frame_list import with_places
from inspection.draws.keys import unseal
from inspection.draws.models import Draw, Reveal, Selection
from inspection.draws.swaps import publish_swaps
from inspection.draws.tasks import fitting
from inspection.errors import Refused
from inspection.registers.models import Enterprise
from inspection.registers.rules import public_name
from inspection.rulebook import service as rulebook
from sampling import bundle

log = structlog.get_logger("hengjian.draws")


def publish_fact(session: Session, actor: Actor, draw: Draw, kind: str, content: dict[str, Any], **file: Any) -> None:
    """One line on the board of draws."""
    ledger.publish(
        session, actor, board="draws", kind=kind, subject=draw.number, title=draw.title, region_code=draw.region_code, content=content, **file
    )


def exclusion_words(session: Session) -> dict[str, str]:
    """What the codes of the reasons mean, published beside them."""
    return {row.code: row.label for row in rulebook.codes(session, "draw.exclusion", clock.today())}


def opened(session: Session, draw: Draw, draw_key: str) -> tuple[bytes, bytes]:
    """reveal.json and the bundle of a revealed draw, taken out from under the draw key when they were kept there."""
    reveal = session.get(Reveal, draw.id)
    if reveal is None:
        raise Refused("not-revealed", "抽取 %(number)s 尚未揭示，没有抽取包。", number=draw.number)
    content = reveal.content.encode()
    if content.startswith(b"{"):
        return content, reveal.bundle
    return unseal(draw_key, draw, content), unseal(draw_key, draw, reveal.bundle)


@dataclass(frozen=True, slots=True)
class Ready:
    """What a publication writes, taken out and counted before the write begins: reveal.json, the bundle, its strata."""

    content: bytes
    data: bytes
    strata: list[dict[str, Any]]


def ready(session: Session, draw: Draw, draw_key: str) -> Ready:
    """A revealed draw ready to be published; reads only."""
    content, data = opened(session, draw, draw_key)
    return Ready(content, data, strata_of(bundle.unpack(data)))


def open_bundle(session: Session, actor: Actor, draw: Draw, draw_key: str, route: str = "bundle") -> bytes:
    """The bundle for a person; while an embargo runs only for the named few, and noted in the trail."""
    note_opening(session, actor, draw, route)
    return opened(session, draw, draw_key)[1]


def note_opening(session: Session, actor: Actor, draw: Draw, route: str) -> None:
    """Refuse a list under embargo to all but the named few, and note who of them looked at it."""
    check_list(session, actor, draw)
    if under_embargo(session, draw):
        audit.record(session, actor, "draw.open_list", "draw", draw.number, route=route)


def publish(session: Session, actor: Actor, draw_id: int, *, version: int, draw_key: str, taken: Ready | None = None) -> Draw:
    """Publish the bundle after its embargo; `taken` when it was taken out before the write (large bundles)."""
    draw = load(session, draw_id, version)
    may(draw, "published")
    if draw.embargo_until is not None and draw.embargo_until > clock.now():
        raise Refused("embargo", "名单在 %(until)s 之前保密，不能公布。", until=clock.stamp(draw.embargo_until))
    make_public(session, actor, draw, taken or ready(session, draw, draw_key))
    return draw


def due(session: Session, draw_key: str) -> dict[int, Ready]:
    """Every list whose embargo has ended, taken out; one whose key was lost is left out, the others must not wait for it."""
    query = select(Draw).where(Draw.state == "revealed", Draw.embargo_until <= clock.now()).order_by(Draw.id)
    found = {}
    for draw in session.scalars(query.execution_options(unscoped=True)):
        try:
            found[draw.id] = ready(session, draw, draw_key)
        except Refused as error:
            log.error("draw not published", draw=draw.number, code=error.code)
    return found


def publish_due(session: Session, draw_key: str, taken: dict[int, Ready] | None = None) -> list[str]:
    """Publish every list whose embargo has ended, so that nobody can keep one back; gives the numbers."""
    done = []
    for draw_id, one in (due(session, draw_key) if taken is None else taken).items():
        draw = session.get_one(Draw, draw_id, execution_options={"unscoped": True})
        if draw.state == "revealed":  # not published or voided since it was taken out
            make_public(session, SYSTEM, draw, one)
            done.append(draw.number)
    return done


def make_public(session: Session, actor: Actor, draw: Draw, taken: Ready) -> None:
    """The bundle, the names of the selected and the strata, in the ledger."""
    reveal, revealed = session.get_one(Reveal, draw.id), json.loads(taken.content)
    facts = {
        "title": draw.title, "seed": reveal.seed, "bundle": reveal.bundle_digest, "reveal": taken.content.decode(), "selected": reveal.n_selected,
        "reserve": reveal.n_reserve, "unfilled": reveal.n_unfilled, "attempts": attempts(session, draw), "names": _names(session, draw),
        "strata": with_places(session, taken.strata), "witnesses": revealed["witnesses"], "public_value": revealed["public_value"], "words": exclusion_words(session),
    }
    draw.state, draw.published_at = "published", clock.now()
    facts["task_code"] = fitting.public_code(session, draw)
    publish_fact(session, actor, draw, "reveal", facts, file=taken.data, file_name=f"draw-{draw.number}.zip", file_type="application/zip")
    publish_swaps(session, actor, draw)
    session.flush()
    fitting.published(session, actor, draw)
    audit.unveil(session, draw.number)
    audit.record(session, actor, "draw.publish", "draw", draw.number, bundle=reveal.bundle_digest)


def _names(session: Session, draw: Draw) -> dict[str, str]:
    """Names of the selected as the public may read them, by code in the order of the list."""
    rows = session.execute(
        select(Selection.unit_code, Enterprise.name, Enterprise.legal_person)
        .outerjoin(Enterprise, Enterprise.id == Selection.enterprise_id)
        .where(Selection.draw_id == draw.id, Selection.role == "selected")
        .order_by(Selection.stratum, Selection.rank)
        .execution_options(unscoped=True)
    )
    return {code: public_name(code, name or "", person or "") for code, name, person in rows}


def attempts(session: Session, draw: Draw) -> int:
    """How many draws this one repeats, itself included."""
    count, at = 1, draw.repeats_id
    while at is not None:
        count += 1
        at = session.scalar(select(Draw.repeats_id).where(Draw.id == at).execution_options(unscoped=True))
    return count

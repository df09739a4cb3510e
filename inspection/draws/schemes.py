"""Saved frames 底册方案: filters, strata, rates and exclusions under a name, every change the next version beside the old ones."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.draws import rules
from inspection.draws.asking import get
from inspection.draws.kept import configuration_of
from inspection.draws.models import Draw, FrameScheme, FrameSchemeVersion
from inspection.errors import Conflict, Invalid, NotFound, Refused
from sampling.teams import Seat

# what a saved frame keeps; items, title, dates and the embargo belong to the single draw
KEPT = (
    *rules.FILTERS, "rates", "sizes", "reserve_percent", "stratify_by", "exclusions", "product_codes", "keep_reason", "seats", "avoid_own_station",
)  # fmt: skip


def schemes(*, retired: bool = False) -> Select[FrameScheme]:
    """Saved frames of the actor's region; the retired ones only when asked for."""
    query = select(FrameScheme)
    return query if retired else query.where(FrameScheme.retired_at.is_(None))


def scheme(session: Session, scheme_id: int) -> FrameScheme:
    """One saved frame."""
    row = session.scalars(select(FrameScheme).where(FrameScheme.id == scheme_id)).first()
    if row is None:
        raise NotFound("scheme-not-found", "没有这个底册方案，或它不在您的辖区。请从列表中选择。")
    return row


def newest(row: FrameScheme) -> FrameSchemeVersion:
    """The version that is offered."""
    return row.versions[0]


def applied(version: FrameSchemeVersion, region_code: str) -> rules.Configuration:
    """A configuration with the content of a version, for a draw that still needs its title, items and dates."""
    kept = version.content
    listed = {name: tuple(kept[name]) for name in KEPT if isinstance(kept[name], list) and name != "seats"}
    seats = tuple(Seat.of(member) for member in kept["seats"])
    rates = {name: (p, q) for name, (p, q) in kept["rates"].items()}
    more = {**kept, **listed, "seats": seats, "rates": rates}
    return rules.Configuration(
        title="", region_code=region_code, item_codes=(), scheme_id=version.scheme_id, scheme_version=version.version, **more
    )


def content_of(given: rules.Configuration) -> dict[str, Any]:
    """What of a configuration is kept, as plain values."""
    kept = {name: getattr(given, name) for name in KEPT}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}
    rates = {name: list(rate) for name, rate in given.rates.items()}
    return plain | {"rates": rates, "sizes": dict(given.sizes), "seats": [seat.member() for seat in given.seats]}


def save(session: Session, actor: Actor, draw_id: int, *, name: str) -> FrameSchemeVersion:
    """Keep the frame of a draw under a name: a new one, or the next version of the one that has this name.

    Raises
    ------
    Refused : `scheme-unchanged`, the newest version says the same; `scheme-retired`, the name was retired.
    """
    draw = get(session, draw_id)
    content = content_of(configuration_of(draw))
    row = session.scalars(select(FrameScheme).where(FrameScheme.name == name, FrameScheme.region_code == draw.region_code)).first()
    if row is None:
        row = FrameScheme(name=name, region_code=draw.region_code)
        session.add(row)
        session.flush()
    elif row.retired_at is not None:
        raise Refused("scheme-retired", "底册方案“%(name)s”已停用。请换一个名称。", name=name)
    last = row.versions[0] if row.versions else None
    if last is not None and last.content == content:
        raise Refused("scheme-unchanged", "与底册方案“%(name)s”第 %(version)d 版相同，没有另存。", name=name, version=last.version)
    made = FrameSchemeVersion(
        scheme_id=row.id, version=last.version + 1 if last else 1, content=content, saved_by=actor.id, saved_by_name=actor.name, saved_at=clock.now()
    )
    session.add(made)
    session.flush()
    session.refresh(row)
    audit.record(session, actor, "draw.save_scheme", "frame_scheme", f"{row.id}/{made.version}", name=name, draw=draw.number, after=content)
    return made


def retire(session: Session, actor: Actor, scheme_id: int, *, version: int) -> FrameScheme:
    """Offer a saved frame no more; its versions stay readable."""
    row = scheme(session, scheme_id)
    if row.version_id != version:
        raise Conflict("changed-meanwhile", "底册方案已被他人修改。请刷新后重试。", changes=audit.newest(session, "frame_scheme", str(row.id)))
    if row.retired_at is not None:
        raise Refused("scheme-retired", "底册方案“%(name)s”已停用。请换一个名称。", name=row.name)
    row.retired_at, row.retired_by_name = clock.now(), actor.name
    session.flush()
    audit.record(session, actor, "draw.retire_scheme", "frame_scheme", str(row.id), name=row.name)
    return row


def check(session: Session, given: rules.Configuration) -> None:
    """Refuse a configuration that names a version which does not exist."""
    if given.scheme_id is None:
        return
    row = session.get(FrameSchemeVersion, (given.scheme_id, given.scheme_version or 0))
    if row is None or session.scalars(select(FrameScheme).where(FrameScheme.id == given.scheme_id)).first() is None:
        raise Invalid("scheme-not-found", "没有这个底册方案，或它不在您的辖区。请从列表中选择。", fields={"scheme_id": ["没有这个方案"]})


def used_by(session: Session, draw: Draw) -> tuple[FrameScheme, bool] | None:
    """The saved frame that a draw was made from, and whether the draw changed anything of it."""
    if draw.scheme_id is None or draw.scheme_version is None:
        return None
    row = session.get_one(FrameScheme, draw.scheme_id, execution_options={"unscoped": True})
    version = session.get_one(FrameSchemeVersion, (draw.scheme_id, draw.scheme_version))
    return row, version.content != content_of(configuration_of(draw))

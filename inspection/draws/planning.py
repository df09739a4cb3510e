"""A draw before its freeze: configured, looked at."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.draws import frames, rules, schemes, supplements
from inspection.draws.asking import load
from inspection.draws.kept import columns_of, configuration_of
from inspection.draws.models import Draw
from inspection.draws.tasks import fitting
from inspection.errors import Invalid, Refused
from inspection.registers import found as registers


def create(session: Session, actor: Actor, given: rules.Configuration, *, authority: str) -> Draw:
    """A new draw with the next number of the year; numbers have no gaps, void ones keep theirs."""
    _check(session, given)
    year = clock.today().year
    serial = (session.scalar(select(func.max(Draw.serial)).where(Draw.year == year).execution_options(unscoped=True)) or 0) + 1
    draw = Draw(
        number=f"{year}-{serial:03d}",
        year=year,
        serial=serial,
        authority=authority,
        created_by=actor.id,
        created_by_name=actor.name,
        created_at=clock.now(),
        **columns_of(given),
    )
    session.add(draw)
    session.flush()
    audit.record(session, actor, "draw.create", "draw", draw.number, after=columns_of(given))
    return draw


def configure(session: Session, actor: Actor, draw_id: int, given: rules.Configuration, *, version: int) -> Draw:
    """Change the configuration before the freeze."""
    draw = load(session, draw_id, version)
    if draw.state != "configured":
        raise Refused("frame-frozen", "底册已冻结，方案不能再改。需要改动请作废后重新抽取。")
    _check(session, given, draw.id)
    before = columns_of(configuration_of(draw))
    for name, value in columns_of(given).items():
        setattr(draw, name, value)
    session.flush()
    audit.record(session, actor, "draw.configure", "draw", draw.number, before=before, after=columns_of(given))
    return draw


def _check(session: Session, given: rules.Configuration, draw_id: int = 0) -> None:
    """Everything that can be wrong with a configuration before its frame is looked at."""
    if found := rules.faults(given):
        raise Invalid("configuration-incomplete", "抽取方案有 %(n)s 处需要改正。", fields=found, n=len(found))
    registers.place(session, given.region_code)
    frames.needs_of(session, given.item_codes)
    schemes.check(session, given)
    if given.repeats_id is not None:
        _check_repeat(session, given.repeats_id, draw_id)
    fitting.check(session, given)
    if given.supplements_id is not None:
        first = supplements.first_of(session, given.supplements_id)
        supplements.check_alone(session, first, draw_id)
        supplements.check_scope(given, configuration_of(first), first.number)


def _check_repeat(session: Session, repeats_id: int, draw_id: int) -> None:
    """Only a void draw may be repeated, and only once at a time."""
    old = session.get(Draw, repeats_id)
    if old is None:
        raise Invalid("repeat-unknown", "要重抽的那次抽取不存在，或不在您的辖区。", fields={"repeats_id": ["没有这次抽取"]})
    if old.state != "void":
        raise Refused("repeat-needs-void", "抽取 %(number)s 尚未作废，不能重抽。请先办理作废。", number=old.number)
    query = select(Draw.number).where(Draw.repeats_id == old.id, Draw.state != "void", Draw.id != draw_id).execution_options(unscoped=True)
    if again := session.scalar(query):
        raise Refused("already-repeated", "抽取 %(old)s 已由 %(again)s 重抽，不能再重抽一次。", old=old.number, again=again)


def preview(session: Session, draw: Draw) -> rules.FrameCounts:
    """What a freeze would put into the frame now."""
    return frames.preview(session, configuration_of(draw))


def look(session: Session, actor: Actor, given: rules.Configuration, draw_id: int = 0) -> rules.FrameCounts:
    """The same of a configuration that is not kept yet; that somebody looked is noted, for frames can be tried until one pleases."""
    _check(session, given, draw_id)
    counted = frames.preview(session, given)
    audit.record(session, actor, "draw.preview", "draw", str(draw_id or ""), units=counted.total, after=columns_of(given))
    return counted

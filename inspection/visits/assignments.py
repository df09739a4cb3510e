"""检查任务: opened from a revealed draw, one per selected unit; who may see which."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.auth.roles import Permission as P
from inspection.draws import service as draws
from inspection.draws.models import Draw, Selection, TeamSeat
from inspection.errors import NotFound, Refused
from inspection.registers.models import CheckItem, Enterprise, Inspector
from inspection.rulebook.rules import in_force
from inspection.scope import covers
from inspection.visits import rules
from inspection.visits.models import Visit, VisitItem, VisitMember

DRAWN = ("revealed", "published")
FORMED = ("approved", "published")
# who may know of an unannounced visit before its record was approved, besides its team
INFORMED = (P.VISIT_REVIEW, P.DRAW_PREPARE, P.AUDIT_READ)


# --- opening ----------------------------------------------------------------------------------------------------------


def open_from_draw(session: Session, actor: Actor, draw_id: int) -> int:
    """Make one visit per selected unit of a revealed draw; a second call makes none. Gives the number of new visits."""
    draw = session.get(Draw, draw_id)
    if draw is None or not covers(actor, draw.region_code):
        raise NotFound("draw-not-found", "没有这次抽取。")
    if draw.state not in DRAWN:
        raise Refused("draw-not-revealed", "抽取 %(number)s 尚未揭示或已作废，不能下达检查任务。", number=draw.number)
    there = set(session.scalars(select(Visit.unit_code).where(Visit.draw_id == draw_id).execution_options(unscoped=True)))
    chosen = session.scalars(
        select(Selection).where(Selection.draw_id == draw_id, Selection.role == "selected").order_by(Selection.stratum, Selection.rank)
    ).all()
    new = [row for row in chosen if row.unit_code not in there]
    if new:
        seats, items = _seats(session, draw_id), items_of(session, draw, clock.today())
        session.add_all([made(session, draw, row, seats.get(row.unit_code, []), items) for row in new])
        session.flush()
    audit.record(session, actor, "visit.open", "draw", draw.number, visits=len(new))
    return len(new)


def made(session: Session, draw: Draw, row: Selection, team: list[tuple[int, int]], items: Sequence[CheckItem]) -> Visit:
    """The visit of one unit of the list, with its team and its items."""
    firm = session.get(Enterprise, row.enterprise_id, execution_options={"unscoped": True}) if row.enterprise_id else None
    if firm is None:
        raise Refused("unit-not-registered", "抽中对象 %(unit)s 不在名录库中，无法下达任务。", unit=row.unit_code)
    return Visit(
        number=f"{draw.number}-{row.stratum}-{row.rank:04d}",
        draw_id=draw.id,
        enterprise_id=firm.id,
        region_code=firm.region_code,
        unit_code=row.unit_code,
        stratum=row.stratum,
        announced=draw.announced,
        due_from=date.fromisoformat(draw.period_from) if draw.period_from else None,
        due_to=date.fromisoformat(draw.period_to) if draw.period_to else None,
        members=[VisitMember(seat=seat, inspector_id=inspector_id) for seat, inspector_id in team],
        items=[VisitItem(position=i, item_code=item.code, name=item.name) for i, item in enumerate(items, 1)],
    )


def inspector_ids(session: Session) -> dict[str, int]:
    """Register number by the id of the draw protocol."""
    return dict(session.execute(select(Inspector.code, Inspector.id).execution_options(unscoped=True)).all())


def _seats(session: Session, draw_id: int) -> dict[str, list[tuple[int, int]]]:
    ids = inspector_ids(session)
    seats: dict[str, list[tuple[int, int]]] = {}
    for seat in session.scalars(select(TeamSeat).where(TeamSeat.draw_id == draw_id).order_by(TeamSeat.unit_code, TeamSeat.seat)):
        if seat.inspector_code:
            seats.setdefault(seat.unit_code, []).append((seat.seat, ids[seat.inspector_code]))
    return seats


def items_of(session: Session, draw: Draw, on: date) -> list[CheckItem]:
    """The items of a draw in the version in force."""
    found = []
    for code in draw.item_codes:
        item = in_force(session.scalars(select(CheckItem).where(CheckItem.code == code)).all(), on)
        if item is None:
            raise Refused("item-not-in-force", "抽查事项 %(item)s 在 %(on)s 没有有效版本。请先更新抽查事项清单。", item=code, on=on.isoformat())
        found.append(item)
    return found


def owners_of(session: Session, visit: Visit) -> dict[int, str]:
    """抽查主体 by item of a visit: whose matter each result is, when several departments share one visit; "" when the list does not say."""
    on = visit.visited_on or clock.today()
    known = session.scalars(select(CheckItem).where(CheckItem.code.in_([item.item_code for item in visit.items]))).all()
    found = {item.position: in_force([row for row in known if row.code == item.item_code], on) for item in visit.items}
    return {position: row.subject if row else "" for position, row in found.items()}


def waiting_draws(session: Session) -> list[Draw]:
    """Revealed draws whose visits were not opened yet."""
    opened = select(Visit.__table__.c.draw_id).where(Visit.__table__.c.draw_id.is_not(None))
    return list(session.scalars(select(Draw).where(Draw.state.in_(DRAWN), Draw.id.not_in(opened)).order_by(Draw.id)))


# --- asking -----------------------------------------------------------------------------------------------------------


def listing(actor: Actor, *, mine: bool = False) -> Select[Any]:
    """Visits the actor may see: an inspector only those of his own teams, others no flight inspection before its result."""
    query = select(Visit).where(or_(Visit.draw_id.is_(None), Visit.draw_id.not_in(draws.hidden_from(actor)), _own(actor)))
    if mine or only_own(actor):
        return query.where(_own(actor))
    if any(actor.can(permission) for permission in INFORMED):
        return query
    if not actor.can(P.VISIT_READ):  # who only publishes has no business with open records
        return query.where(Visit.state.in_(FORMED))
    return query.where(or_(Visit.announced.is_(True), Visit.state.in_(FORMED), _own(actor)))


def get(session: Session, actor: Actor, visit_id: int) -> Visit:
    """One visit, or NotFound when it is not there for this actor."""
    visit = session.get(Visit, visit_id)
    if visit is None or not _visible(session, actor, visit):
        raise NotFound("visit-not-found", "没有这项检查任务，或它不由您办理。")
    return visit


def _visible(session: Session, actor: Actor, visit: Visit) -> bool:
    if not covers(actor, visit.region_code):
        return False
    if is_member(actor, visit):
        return True
    if only_own(actor) or visit.draw_id in session.scalars(draws.hidden_from(actor)).all():
        return False  # of a list under embargo others than its team and those who drew it know nothing
    informed = any(actor.can(permission) for permission in INFORMED)
    return informed or visit.state in FORMED or (visit.announced and actor.can(P.VISIT_READ))


def only_own(actor: Actor) -> bool:
    """Whether the actor is an inspector and nothing else that reads visits."""
    return actor.can(P.VISIT_RECORD) and not actor.can(P.VISIT_REVIEW) and not actor.can(P.REGISTER_READ)


def is_member(actor: Actor, visit: Visit) -> bool:
    """Whether the actor is of the team."""
    return actor.inspector_id is not None and any(member.inspector_id == actor.inspector_id for member in visit.members)


def _own(actor: Actor) -> ColumnElement[bool]:
    return Visit.members.any(VisitMember.inspector_id == (actor.inspector_id or -1))


def living() -> ColumnElement[bool]:
    """Visits whose draw was not made void: the others have stopped."""
    draw = Draw.__table__.c  # whole, whatever the region of who asks
    return or_(Visit.draw_id.is_(None), Visit.draw_id.not_in(select(draw.id).where(draw.state == "void")))


def progress(session: Session, actor: Actor, draw_id: int) -> dict[str, int]:
    """Counts of a draw's visits that the actor may see: total, recorded, done, approved, published."""
    rows = session.execute(listing(actor).where(Visit.draw_id == draw_id).with_only_columns(Visit.state, Visit.outcome)).all()
    return {
        "total": len(rows),
        "recorded": sum(outcome is not None for _, outcome in rows),
        "done": sum(outcome == rules.DONE for _, outcome in rows),
        "approved": sum(state in ("approved", "published") for state, _ in rows),
        "published": sum(state == "published" for state, _ in rows),
    }


def number_of(session: Session, actor: Actor, *states: str, mine: bool = False, late: date | None = None) -> int:
    """How many visits in these states the actor may see; with `late` only those whose term ended before that day."""
    query = listing(actor, mine=mine).where(Visit.state.in_(states))
    if set(states) <= set(rules.OPEN):
        query = query.where(living())
    if late is not None:
        query = query.where(Visit.due_to < late)
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0

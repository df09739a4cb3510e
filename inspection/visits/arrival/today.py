"""今日路线: the visits an inspector can make today, in the order of the way, and how many are done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.actor import Actor
from inspection.registers.models import Enterprise, Region
from inspection.visits import assignments
from inspection.visits import rules as records
from inspection.visits.arrival import rules, service
from inspection.visits.arrival.models import Arrival
from inspection.visits.models import Visit

FIRM = Enterprise.__table__.c


@dataclass(frozen=True, slots=True)
class Leg:
    """一站: a visit with what is needed on the way to it."""

    visit_id: int
    number: str
    state: str
    township: str
    name: str
    address: str
    phone: str
    latitude: Decimal | None
    longitude: Decimal | None
    metres: int | None
    due_to: date | None
    return_reason: str
    arrived_at: datetime | None

    @property
    def tel(self) -> str:
        return rules.dialable(self.phone)

    @property
    def map(self) -> str:
        """geo: address for the phone's own map; nothing is asked of a network."""
        if self.latitude is None:
            return ""
        here = f"{self.latitude},{self.longitude}"
        return f"geo:{here}?q={here}({quote(self.name)})"


@dataclass(frozen=True, slots=True)
class Today:
    """今天: the legs that are left, how many visits are done, how many own tasks are past their term."""

    legs: tuple[Leg, ...]
    done: int
    late: int


def today(session: Session, actor: Actor) -> Today:
    """The open visits of the actor whose term includes today, by township and then the nearest next."""
    day, rows = clock.today(), service.of_today(session, actor)
    last = {row.visit_id: row for row in rows}
    open_ = assignments.listing(actor, mine=True).where(Visit.state.in_(records.OPEN), assignments.living(), or_(Visit.due_from.is_(None), Visit.due_from <= day))
    found = session.execute(
        open_.where(or_(Visit.due_to.is_(None), Visit.due_to >= day))
        .join(Enterprise.__table__, FIRM.id == Visit.enterprise_id)
        .add_columns(FIRM.name, FIRM.address, FIRM.phone, FIRM.latitude, FIRM.longitude)
    ).unique().all()  # fmt: skip
    left = {row[0].id: row for row in found if row[0].state == "returned" or row[0].id not in last or last[row[0].id].kind == "in"}
    stops = [rules.Stop(visit.id, visit.region_code, visit.number, (lat, lon) if lat is not None else None) for visit, *_, lat, lon in left.values()]
    at = next(((row.latitude, row.longitude) for row in reversed(rows) if row.latitude is not None and row.longitude is not None), None)
    names = dict(session.execute(select(Region.code, Region.name)).all())
    legs = tuple(_leg(left[stop.visit_id], metres, names, last) for stop, metres in rules.route(stops, at))
    overdue = open_.where(Visit.due_to < day).with_only_columns(Visit.id)
    return Today(legs, _done(session, actor, found, left), len(session.scalars(overdue).all()))


def _done(session: Session, actor: Actor, found: Sequence[Any], left: dict[int, Any]) -> int:
    """Checked out today and not returned, and what was visited and submitted today already."""
    sent = assignments.listing(actor, mine=True).where(and_(Visit.visited_on == clock.today(), Visit.state.not_in(records.OPEN)))
    return len(found) - len(left) + len(session.scalars(sent.with_only_columns(Visit.id)).all())


def _leg(row: Any, metres: int | None, names: dict[str, str], last: dict[int, Arrival]) -> Leg:
    visit, name, address, phone, latitude, longitude = row
    newest = last.get(visit.id)
    return Leg(
        visit.id, visit.number, visit.state, names.get(visit.region_code, visit.region_code), name, address, phone, latitude, longitude, metres,
        visit.due_to, visit.return_reason, newest.at if newest is not None and newest.kind == "in" else None,
    )  # fmt: skip

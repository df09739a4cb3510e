"""The roster of a draw: inspectors who can carry a visit in its whole period, and the pairs that must not meet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from inspection import clock, history
from inspection.draws import rules
from inspection.draws.asking import teams
from inspection.draws.candidates import within
from inspection.draws.models import TeamSeat
from inspection.i18n import _
from inspection.registers.models import ConflictOfInterest, Enterprise, Inspector
from inspection.scope import overlaps
from sampling.frame import Inspector as Person


def inspectors(session: Session, given: rules.Configuration, places: set[str]) -> list[Person]:
    """Of this region or the one above, active, certified, not on leave; `places` are the areas of the frame."""
    until = given.period_to or clock.today()
    since = given.period_from or clock.today()
    carried = history.subjects(session, "carried", date(clock.today().year, 1, 1))
    query = select(Inspector).where(Inspector.active.is_(True)).order_by(Inspector.code)
    result = []
    for person in session.scalars(query.execution_options(unscoped=True)):
        here = overlaps(person.region_code, given.region_code)
        away = person.leave_from and person.leave_from <= until and (person.leave_to is None or person.leave_to >= since)
        if not here or away or person.certificate_expires_on is None or person.certificate_expires_on < until:
            continue
        if areas := rules.areas_of(person.areas, places):
            skills = tuple(sorted(set(person.skills)))
            result.append(Person(person.code, person.department_code, areas, skills, carried.get(person.code, 0), person.lead))
    return result


def conflicts(session: Session, given: rules.Configuration, people: list[Person]) -> set[tuple[str, str]]:
    """Pairs that must not meet, among the units in scope and the inspectors of the frame."""
    known = {person.id for person in people}
    last, today = given.period_to or clock.today(), clock.today()
    declared = (
        select(Inspector.code, Enterprise.code)
        .join(ConflictOfInterest, ConflictOfInterest.inspector_id == Inspector.id)
        .join(Enterprise, Enterprise.id == ConflictOfInterest.enterprise_id)
        .where(or_(ConflictOfInterest.valid_to.is_(None), ConflictOfInterest.valid_to >= today))
        .where(or_(ConflictOfInterest.valid_from.is_(None), ConflictOfInterest.valid_from <= last))
    )
    queries = [declared]
    if given.avoid_own_station:
        queries.append(select(Inspector.code, Enterprise.code).join(Enterprise, Enterprise.station == Inspector.station).where(Inspector.station != ""))
    return {pair for query in queries for pair in _pairs(session, query.where(*within(given))) if pair[0] in known}


def _pairs(session: Session, query: Select[str, str]) -> list[tuple[str, str]]:
    """Inspectors of other regions come too; the units are those of the frame, as the filters say."""
    return [(person, unit) for person, unit in session.execute(query.execution_options(unscoped=True))]


def inspector_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Names that the register has now, by code; a person of another area of the same draw is named too."""
    query = select(Inspector.code, Inspector.name).where(Inspector.code.in_(list(codes))).execution_options(unscoped=True)
    return dict(session.execute(query).all())


def team_words(session: Session, draw_id: int, units: Collection[str]) -> dict[str, list[str]]:
    """The team of each unit as people read it: names with their numbers, an empty seat with what left it empty."""
    seats = teams(session, draw_id, units)
    names = inspector_names(session, {seat.inspector_code for team in seats.values() for seat in team})
    return {unit: [_seat(seat, names) for seat in team] for unit, team in seats.items()}


def _seat(seat: TeamSeat, names: Mapping[str, str]) -> str:
    if not seat.inspector_code:
        return _("（空缺：%(why)s）", why=_(rules.BLOCKING.get(seat.ticket, seat.ticket)))
    name = names.get(seat.inspector_code)
    return f"{name}（{seat.inspector_code}）" if name else seat.inspector_code

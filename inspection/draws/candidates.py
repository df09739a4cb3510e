"""Candidates 候选: one query over the register of objects that filters, stratifies and says of every unit why it is left out.

Everything is asked of the database in sets: the past of all units is joined once, whatever the number of units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, text
from sqlalchemy.orm import Session

from inspection import clock
from inspection.draws import rules, strata
from inspection.draws.reasons import Reason, reasons
from inspection.registers.models import Enterprise, EnterpriseTag, Licence
from inspection.scope import region_prefix

Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The units of a configuration as a query that can still be counted, streamed or listed.

    `raw` is the class as the register has it, `stratum` names the stratum of such a value; `status` is "ok" or the code of the
    reason; `elsewhere` holds for units that another department or level drew or visited for the same items.
    """

    raw: ColumnElement[Any]
    stratum: Callable[[Any], str]
    status: ColumnElement[str]
    elsewhere: Condition
    joined: Select[Any]  # selects nothing yet

    def of(self, *columns: Any) -> Select[Any]:
        """These columns of every candidate."""
        return self.joined.with_only_columns(*columns)


def within(given: rules.Configuration) -> list[Condition]:
    """What the filters of the configuration ask of a unit; duplicates that were merged away are no units."""
    found: list[Condition] = [Enterprise.kind.in_(given.kinds), Enterprise.merged_into_id.is_(None)]
    if prefix := region_prefix(given.region_code):
        found.append(Enterprise.region_code.startswith(prefix))
    if given.industries:
        found.append(Enterprise.industry.in_(given.industries))
    if given.states:
        found.append(Enterprise.state.in_(given.states))
    for column, wanted in ((Enterprise.credit_class, given.credit_classes), (Enterprise.food_risk_grade, given.food_risk_grades)):
        if wanted:
            classed: Condition = column.in_([letter for letter in wanted if letter != strata.UNCLASSED])
            found.append(or_(classed, column.is_(None)) if strata.UNCLASSED in wanted else classed)
    if given.tags:
        found.append(Enterprise.id.in_(select(EnterpriseTag.enterprise_id).where(EnterpriseTag.tag.in_(given.tags))))
    if given.licence_kinds:
        found.append(Enterprise.id.in_(select(Licence.enterprise_id).where(Licence.kind.in_(given.licence_kinds), *_in_force())))
    return found


def _in_force() -> list[Condition]:
    """A licence that holds today; one without a recorded start or end is taken to hold."""
    today = clock.today()
    return [or_(Licence.issued_on.is_(None), Licence.issued_on <= today), or_(Licence.expires_on.is_(None), Licence.expires_on >= today)]


def candidates(session: Session, given: rules.Configuration) -> Candidates:
    """Every registered unit in scope, those that are left out included."""
    if session.get_bind().dialect.name == "postgresql":  # right after a large import, without statistics, it would loop over all pairs
        session.execute(text("SET LOCAL enable_nestloop = off"))
    joined = select(literal(1)).select_from(Enterprise).where(*within(given))
    raw: ColumnElement[Any]
    stratum: Callable[[Any], str]
    if given.stratify_by == "licence_kind":
        kinds = list(given.licence_kinds) or sorted(session.scalars(select(Licence.kind).distinct()))
        first = _first_licence(kinds)
        joined = joined.outerjoin(first, first.c.id == Enterprise.id)
        raw, stratum = first.c.place, cache(lambda place: strata.name_of(None if place is None else kinds[place]))
    else:
        raw, stratum = _class_of(given)
    met: dict[str, Condition] = {}
    for code, reason in reasons(session, given).items():
        joined, met[code] = _meeting(session, joined, reason)
    return Candidates(raw, stratum, _status(given, met), met["OTHER"], joined)


def _meeting(session: Session, joined: Select[Any], reason: Reason) -> tuple[Select[Any], Condition]:
    """The condition of a reason; a set of units is looked up in a table built once, whatever its size.

    SQLite keeps one for IN and guesses wrongly when to index a join; PostgreSQL hashes a join of any size, IN only a small one.
    """
    if reason.ids is None:
        return joined, reason.own
    if session.get_bind().dialect.name == "sqlite":
        return joined, or_(reason.own, Enterprise.id.in_(reason.ids))
    units = reason.ids.subquery()
    unit = next(iter(units.c))
    return joined.outerjoin(units, unit == Enterprise.id), or_(reason.own, unit.is_not(None))


def _class_of(given: rules.Configuration) -> tuple[ColumnElement[Any], Callable[[Any], str]]:
    if given.stratify_by == "none":
        return literal(strata.ALL), str
    if given.stratify_by == "area":
        return Enterprise.region_code.expression, cache(lambda code: strata.area_of(code, given.region_code))
    return getattr(Enterprise, given.stratify_by).expression, cache(strata.name_of)


def _first_licence(kinds: list[str]) -> Any:
    """Of the kinds that a unit holds, the one that stands first in the list: a unit belongs to one stratum."""
    place = case({kind: number for number, kind in enumerate(kinds)}, value=Licence.kind) if kinds else literal(None)
    return select(Licence.enterprise_id.label("id"), func.min(place).label("place")).where(Licence.kind.in_(kinds)).group_by(Licence.enterprise_id).subquery()


def _status(given: rules.Configuration, met: dict[str, Condition]) -> ColumnElement[str]:
    chosen = [code for code in (rules.DRAWN, *rules.EXCLUSIONS) if code in met and (code == rules.DRAWN or code in given.exclusions)]
    return case(*((met[code], literal(code)) for code in chosen), else_=literal("ok")) if chosen else literal("ok")

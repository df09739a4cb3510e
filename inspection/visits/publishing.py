"""公示: an approved result goes to the public board by hand, within its term; never by the clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from inspection import audit, clock, ledger
from inspection.actor import Actor
from inspection.calendar import service as calendar
from inspection.draws.models import Draw
from inspection.errors import Conflict, NotFound, Refused
from inspection.registers.models import Enterprise
from inspection.registers.rules import public_name
from inspection.rulebook import service as rulebook
from inspection.visits import frozen, rules, secrecy, words
from inspection.visits.assignments import get, listing
from inspection.visits.models import Visit

WARNING = "warning.visit.publish"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an approved result stands on its way to the public."""

    left: int | None  # working days to the last day of the term, negative when it is over; None: no term
    soon: bool  # within the days of the warning, or over
    corrects: bool  # a version of it is public already
    obstacle: Refused | None  # why this person cannot publish it now


def publish(session: Session, actor: Actor, visit_id: int, *, version: int) -> ledger.Entry:
    """Put the newest version of an approved result on the board; after a correction beside the one it replaces."""
    visit = get(session, actor, visit_id)
    _check(session, actor, visit)
    frozen.same_version(visit, version)
    facts = public(session, visit)
    earlier = ledger.of(session, "results", visit.number)
    newest = frozen.versions(session, visit.id)[-1]
    entry = ledger.publish(
        session, actor, board="results", kind="correction" if earlier else "result", subject=visit.number, title=str(facts["name"]),
        region_code=visit.region_code, replaces_id=earlier[-1].id if earlier else None,
        content={**facts, "version": newest.version, "record": newest.digest, "reason": newest.reason},
    )  # fmt: skip
    visit.state, visit.published_at = "published", clock.now()
    session.flush()
    audit.record(session, actor, "visit.publish", "visit", visit.number, digest=entry.digest, version=newest.version)
    return entry


def publish_many(session: Session, actor: Actor, chosen: Sequence[tuple[int, int]]) -> list[ledger.Entry]:
    """Publish some results, all of them or none; each by its number and the version that was read.

    Raises
    ------
    Refused : `not-published`, with the first that could not be and why.
    """
    made = []
    for visit_id, version in chosen:
        try:
            made.append(publish(session, actor, visit_id, version=version))
        except (Conflict, NotFound, Refused) as error:
            visit = session.get(Visit, visit_id)
            number = visit.number if visit is not None and not isinstance(error, NotFound) else str(visit_id)
            raise Refused(
                "not-published", "%(number)s 不能公示：%(why)s 本次选择的一条也没有公示，请去掉它或刷新后重试。", number=number, why=error.message
            ) from None
    return made


def _check(session: Session, actor: Actor, visit: Visit) -> None:
    """Refuse what may not become public now, or not by this person."""
    if not rules.may(visit.state, "published"):
        raise Refused("visit-not-approved", "该检查结果尚未审核通过或已经公示，不能公示。")
    if number := secrecy.draw_of(session, visit):
        raise Refused("embargo", "抽取 %(number)s 的名单尚未公布，其检查结果不能先行公示。", number=number)
    if visit.reviewed_by == actor.id:
        raise Refused("same-person", "审核和公示须为不同的人。您审核过该结果，不能公示。")


def public(session: Session, visit: Visit) -> dict[str, object]:
    """What the public reads: the columns of the results board and the finding per item; no inspector, no private person."""
    draw = session.get(Draw, visit.draw_id, execution_options={"unscoped": True}) if visit.draw_id else None
    firm = _firm(session, visit)
    return {
        "number": visit.number,
        "unit_code": visit.unit_code,
        "name": public_name(visit.unit_code, firm.name, firm.legal_person),
        "authority": draw.authority if draw else visit.authority,
        "draw": draw.number if draw else "",
        "stratum": visit.stratum,
        "visited_on": visit.visited_on,
        "outcome": words.outcome(session, visit),
        "outcome_code": visit.outcome,
        "results": words.results(session, visit),
        "follow_up": words.follow_up(session, visit),
        "items": [{"code": item.item_code, "name": item.name, "found": rules.FOUND.get(item.found or "", "未检查")} for item in visit.items],
    }


def _firm(session: Session, visit: Visit) -> Enterprise:
    found = session.get(Enterprise, visit.enterprise_id, execution_options={"unscoped": True})
    assert found is not None
    return found


def waiting(session: Session, actor: Actor, *, soon: bool = False) -> Select[Any]:
    """Approved results that wait for their publication, as far as the actor may see them; `soon`: those to be warned of."""
    query = listing(actor).where(Visit.state == "approved")
    until = warned_until(session) if soon else None
    return query.where(Visit.publish_by <= until) if until else query


def warned_until(session: Session) -> date | None:
    """A term that ends up to this day is warned of; None while the rulebook gives no days: then every one is."""
    try:
        return rulebook.due(session, WARNING, clock.today()).day
    except NotFound:
        return None


def due_soon(session: Session, actor: Actor) -> list[Visit]:
    """Results whose term ends within the days of the warning or has ended, the most urgent first."""
    return list(session.scalars(waiting(session, actor, soon=True).order_by(Visit.publish_by, Visit.id)))


def standing(session: Session, actor: Actor, visit: Visit, until: date | None) -> Standing:
    """Where a result stands; `until` as `warned_until` gives it."""
    left = calendar.calendar(session).between(clock.today(), visit.publish_by) if visit.publish_by else None
    if left is not None and visit.publish_by and visit.publish_by < clock.today():
        left = min(left, -1)  # over, also when no working day has passed since
    soon = until is None or (visit.publish_by is not None and visit.publish_by <= until)
    try:
        _check(session, actor, visit)
    except Refused as error:
        return Standing(left, soon, visit.published_at is not None, error)
    return Standing(left, soon, visit.published_at is not None, None)

"""公示: an approved result goes to the public board by hand, within its term; never by the clock."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock, ledger
from inspection.actor import Actor
from inspection.draws import service as draws
from inspection.draws.models import Draw
from inspection.errors import Refused
from inspection.registers.models import Enterprise
from inspection.registers.rules import public_name
from inspection.visits import frozen, rules, words
from inspection.visits.assignments import get
from inspection.visits.models import Visit

WARN_DAYS = 7  # how early the page begins to warn; no term of law


def publish(session: Session, actor: Actor, visit_id: int, *, version: int) -> ledger.Entry:
    """Put the newest version of an approved result on the board; after a correction beside the one it replaces."""
    visit = get(session, actor, visit_id)
    if not rules.may(visit.state, "published"):
        raise Refused("visit-not-approved", "该检查结果尚未审核通过或已经公示，不能公示。")
    frozen.same_version(visit, version)
    if visit.reviewed_by == actor.id:
        raise Refused("same-person", "审核和公示须为不同的人。您审核过该结果，不能公示。")
    draw = session.get(Draw, visit.draw_id, execution_options={"unscoped": True}) if visit.draw_id else None
    if draw is not None and draws.under_embargo(session, draw):
        raise Refused("embargo", "抽取 %(number)s 的名单尚未公布，其检查结果不能先行公示。", number=draw.number)
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


def public(session: Session, visit: Visit) -> dict[str, object]:
    """What the public reads: the columns of the results board and the finding per item; no inspector, no private person."""
    draw = session.get(Draw, visit.draw_id, execution_options={"unscoped": True}) if visit.draw_id else None
    firm = _firm(session, visit)
    return {
        "number": visit.number,
        "unit_code": visit.unit_code,
        "name": public_name(visit.unit_code, firm.name, firm.legal_person),
        "authority": draw.authority if draw else "",
        "draw": draw.number if draw else "",
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


def due_soon(session: Session, within_days: int = WARN_DAYS) -> list[Visit]:
    """Approved results whose term to be published ends soon or has ended: the warning before publication is late."""
    until = clock.today() + timedelta(days=within_days)
    query = select(Visit).where(Visit.state == "approved", Visit.publish_by <= until).order_by(Visit.publish_by)
    return list(session.scalars(query))

"""The joint draw of 12,000 firms in four classes (7200/3600/900/300), 600 selected, drawn by the real services; results in bulk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from inspection import clock
from inspection.actor import SYSTEM, Actor
from inspection.db import Database
from inspection.demo.drawing import demo_value
from inspection.draws import rules, service
from inspection.intake import credit_code
from inspection.jobs.runner import run_pending
from inspection.registers import service as registers
from inspection.registers.models import Enterprise, Inspector
from inspection.visits import service as visits
from inspection.visits.models import Visit, VisitItem, VisitResult
from tests.conftest import DRAW_KEY, settings_for
from tests.inspection.visits.town import COMMITTED, ISSUED, NOT_BEFORE, REVEAL_BY, REVEALED, SOURCE, VISITED, build
from tests.people import person

FIRMS = {"A": 7200, "B": 3600, "C": 900, "D": 300}
RATES = {"A": (2, 100), "B": (6, 100), "C": (16, 100), "D": (32, 100)}
FAILING = {"A": 3, "B": 11, "C": 20, "D": 30}
CONFLICTS = 37
PLACES = ("330106001", "330102")


def settle(database: Database) -> tuple[int, Actor]:
    """Firms, people and the revealed draw with its visits; gives its id and a planner of the city."""
    with clock.at(COMMITTED):
        with database.write(SYSTEM) as session:
            build(session, firms=0)
            session.execute(update(Inspector).values(region_code="330100"))
            session.execute(insert(Enterprise), [_firm(n, name) for n, name in enumerate((c for c, k in FIRMS.items() for _ in range(k)), 1)])
            _conflicts(session)
        officer, leader = person(database, "officer", "draw_officer"), person(database, "leader", "leader")
        planner = person(database, "planner", "planner", region_code="330100")
    given = rules.Configuration(title="全市双随机联合抽查", region_code="330100", item_codes=("A01", "B02"), rates=RATES, period_from=date(2026, 11, 16), period_to=date(2026, 12, 18))
    with clock.at(COMMITTED), database.write(officer) as session:
        draw = service.create(session, officer, given, authority="杭州市市场监督管理局")
        service.freeze(session, officer, draw.id, version=draw.version_id)
        service.commit(session, officer, draw.id, service.Promise((SOURCE,), NOT_BEFORE, REVEAL_BY), version=draw.version_id, draw_key=DRAW_KEY)
    for who in (officer, leader):
        with clock.at(REVEALED), database.write(who) as session:
            service.enter_value(session, who, draw.id, public_value=demo_value(), witnesses=["公证员"], draw_key=DRAW_KEY)
    with clock.at(REVEALED):
        run_pending(database, settings_for(database, Path(str(database.engine.url.database)).parent))  # a frame of this size is revealed by a job
    with clock.at(ISSUED), database.write(officer) as session:
        visits.open_from_draw(session, officer, draw.id)
    return draw.id, planner


def _conflicts(session: Session) -> None:
    """37 pairs of one inspector with firms of class D, of which about a third are drawn."""
    inspector = session.scalars(select(Inspector.id).order_by(Inspector.code)).all()[0]
    for enterprise in session.scalars(select(Enterprise.id).where(Enterprise.credit_class == "D").order_by(Enterprise.code).limit(CONFLICTS)).all():
        registers.add_conflict(session, SYSTEM, inspector_id=inspector, enterprise_id=enterprise, reason="亲属")


def _firm(serial: int, name: str) -> dict[str, object]:
    now = clock.now()
    return {
        "code": credit_code.make("330106", serial), "name": f"杭州第{serial}食品有限公司", "region_code": PLACES[serial % 2], "credit_class": name,
        "created_at": now, "updated_at": now, "version_id": 1,
    }  # fmt: skip


def inspect(database: Database, draw_id: int, missed: Mapping[str, int] | None = None) -> None:
    """Approve every visit: the first of each class in the order of their numbers fail, the last `missed` could not be inspected."""
    gone = missed or {}
    with database.write(SYSTEM) as session:
        rows = session.execute(select(Visit.id, Visit.stratum).where(Visit.draw_id == draw_id).order_by(Visit.number)).all()
        by_class = {name: [id_ for id_, stratum in rows if stratum == name] for name in FIRMS}
        failing = [id_ for name, ids in by_class.items() for id_ in ids[: FAILING[name]]]
        absent = [id_ for name, ids in by_class.items() for id_ in ids[len(ids) - gone.get(name, 0) :]]
        session.execute(update(Visit).values(state="approved", outcome="01", formed_on=clock.day_of(VISITED), publish_by=date(2026, 12, 16)))
        session.execute(update(Visit).where(Visit.id.in_(absent)).values(outcome="03"))
        session.execute(update(VisitItem).values(found="none"))
        session.execute(update(VisitItem).where(VisitItem.visit_id.in_(failing), VisitItem.position == 1).values(found="problem"))
        session.execute(update(VisitItem).where(VisitItem.visit_id.in_(absent)).values(found=None))
        done = [id_ for id_, _ in rows if id_ not in set(absent)]
        session.execute(insert(VisitResult), [{"visit_id": i, "code": "corrected" if i in set(failing) else "no_problem", "code_version": "2019"} for i in done])

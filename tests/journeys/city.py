"""A city of 12,275 firms and 40 inspectors of three departments: what journeys J2 and J8 begin with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from inspection import clock, history
from inspection.actor import SYSTEM
from inspection.db import Database
from inspection.intake import credit_code
from inspection.registers import service as registers
from inspection.registers.entries import InspectorEntry
from inspection.registers.models import Enterprise, Inspector
from tests.inspection.visits import town
from tests.people import person

CLASSES = {"A": 7200, "B": 3600, "C": 900, "D": 300}
VISITED, CLOSED = 214, 61  # in the register, and left out of the frame
REGISTERED = sum(CLASSES.values()) + VISITED + CLOSED
PEOPLE, AWAY, LAPSED, PAIRS = 40, 6, 3, 37
DEPARTMENTS = ("SCJG", "YJGL", "XFJY")
STATIONS = {100: "城东所", 101: "城西所"}  # firms by the remainder of their number
COMMITTED, REVEALED, ISSUED, DAY = town.COMMITTED, town.REVEALED, town.ISSUED, town.VISITED


def local(moment: datetime) -> str:
    """A moment as a form takes it."""
    return moment.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")


FORM: dict[str, Any] = {
    "title": "2026年全市跨部门双随机联合抽查", "region_code": "330100", "item_codes": ["A01", "B02"], "stratify_by": "credit_class",
    "rates": "A 2/100\nB 6/100\nC 16/100\nD 32/100", "reserve_percent": "10", "exclusions": ["CLOSED", "MOVED", "CAP", "YEAR"], "seats": "other_unit",
    "avoid_own_station": "true", "kind": "planned", "announced": "true", "period_from": town.FROM.isoformat(), "period_to": town.TO.isoformat(),
}  # fmt: skip
PROMISE = {
    "name-0": "双色球、大乐透等之外的演示数", "issue-0": "第1期", "form-0": "balls", "pick-0": "20", "max-0": "80", "drawn_at-0": local(town.DRAWN),
    "reveal_not_before": local(town.NOT_BEFORE), "reveal_by": local(town.REVEAL_BY),
}  # fmt: skip


def build(database: Database) -> None:
    """Everything that is there before the first page is opened."""
    with clock.at(COMMITTED), database.write(SYSTEM) as session:
        town.build(session, firms=0)
        registers.create_department(session, SYSTEM, code="XFJY", name="消防救援支队")
        _inspectors(session)
        session.execute(insert(Enterprise), [_firm(n, name) for n, name in enumerate(_classes(), 1)])
        for serial in range(sum(CLASSES.values()) + 1, sum(CLASSES.values()) + VISITED + 1):
            history.note(session, "visited", credit_code.make("330106", serial), "旧任务", date(2026, 5, 6))
        _conflicts(session)
        ids = dict(session.execute(select(Inspector.code, Inspector.id)).all())
        authority = {"region_code": "330100"}
        people = [person_ for person_ in ids if person_ <= "ZF-030"]
    for login, role in (("officer", "draw_officer"), ("leader", "leader"), ("planner", "planner"), ("auditor", "auditor"), ("publisher", "publisher")):
        person(database, login, role, name=f"{login}某", **authority)
    person(database, "zf-001", "inspector", inspector_id=ids[people[0]])


def _classes() -> list[str]:
    counted = [name for name, n in CLASSES.items() for _ in range(n)]
    return counted + ["A"] * VISITED + ["B"] * CLOSED


def _firm(serial: int, name: str) -> dict[str, Any]:
    now, gone = clock.now(), serial > REGISTERED - CLOSED
    return {
        "code": credit_code.make("330106", serial), "name": f"杭州第{serial}食品有限公司", "region_code": ("330106001", "330102")[serial % 2], "credit_class": name,
        "station": STATIONS.get(serial % 200, ""), "state": "deregistered" if gone else "open", "created_at": now, "updated_at": now, "version_id": 1,
    }  # fmt: skip


def _inspectors(session: Session) -> None:
    """The eight of the town and 32 more, in three departments; six on leave, the certificates of three expired."""
    for serial in range(town.N_INSPECTORS + 1, PEOPLE + 1):
        registers.create_inspector(
            session, SYSTEM,
            InspectorEntry(f"ZF-{serial:03d}", f"检查员{serial}", DEPARTMENTS[serial % 3], "330100", skills=town.ITEMS, lead=serial % 2 == 0,
                           certificate_number=f"HZ{serial:06d}", certificate_expires_on=date(2027, 12, 31)),
        )  # fmt: skip
    session.execute(update(Inspector).values(region_code="330100"))
    session.execute(update(Inspector).where(Inspector.code.in_([f"ZF-{n:03d}" for n in (9, 10)])).values(station="城东所"))
    session.execute(update(Inspector).where(Inspector.code > f"ZF-{PEOPLE - AWAY:03d}").values(leave_from=date(2026, 11, 1)))
    lapsed = [f"ZF-{n:03d}" for n in range(PEOPLE - AWAY - LAPSED + 1, PEOPLE - AWAY + 1)]
    session.execute(update(Inspector).where(Inspector.code.in_(lapsed)).values(certificate_expires_on=date(2026, 11, 30)))


def _conflicts(session: Session) -> None:
    """37 pairs: one inspector with firms of class D, of which about a third are drawn."""
    inspector = session.scalars(select(Inspector.id).order_by(Inspector.code)).all()[0]
    firms = session.scalars(select(Enterprise.id).where(Enterprise.credit_class == "D").order_by(Enterprise.code).limit(PAIRS)).all()
    for enterprise in firms:
        registers.add_conflict(session, SYSTEM, inspector_id=inspector, enterprise_id=enterprise, reason="亲属")



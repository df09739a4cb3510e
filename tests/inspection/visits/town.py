"""A small town: 40 firms, 8 inspectors of two departments, one revealed draw, and the people who work on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.actor import SYSTEM, Actor
from inspection.calendar import service as calendar
from inspection.db import Database
from inspection.demo.drawing import demo_value
from inspection.draws import rules as draw_rules
from inspection.draws import service as draws
from inspection.intake import credit_code
from inspection.registers import service as registers
from inspection.registers.entries import CheckItemEntry, EnterpriseEntry, InspectorEntry
from inspection.registers.models import Inspector
from inspection.rulebook import service as rulebook
from inspection.visits import attachments, pictures, rules
from inspection.visits import service as visits
from inspection.visits.models import Visit
from tests.conftest import DRAW_KEY
from tests.inspection.visits.photos import scan
from tests.people import person

COMMITTED = datetime(2026, 11, 9, 1, 0, tzinfo=UTC)
DRAWN = datetime(2026, 11, 10, 13, 30, tzinfo=UTC)
NOT_BEFORE = datetime(2026, 11, 11, 1, 0, tzinfo=UTC)
REVEALED = datetime(2026, 11, 11, 1, 30, tzinfo=UTC)
REVEAL_BY = datetime(2026, 11, 13, 9, 0, tzinfo=UTC)
ISSUED = datetime(2026, 11, 12, 1, 0, tzinfo=UTC)
VISITED = datetime(2026, 11, 18, 7, 0, tzinfo=UTC)
DAY = date(2026, 11, 18)
FROM, TO = date(2026, 11, 16), date(2026, 12, 18)
SOURCE = {"form": "balls", "issue": "第1期", "max": 80, "name": "测试随机数", "pick": 20, "drawn_at": DRAWN}
PLACES = {"330000": "浙江省", "330100": "杭州市", "330106": "西湖区", "330106001": "北山街道", "330102": "上城区"}
N_FIRMS, N_INSPECTORS = 40, 8
ITEMS = ("A01", "B02")


def build(session: Session, firms: int = N_FIRMS) -> None:
    """Places, two departments, two items, firms and inspectors of the district."""
    calendar.load_packaged(session, SYSTEM)
    rulebook.load_packaged(session, SYSTEM)
    for code, name in PLACES.items():
        registers.create_region(session, SYSTEM, code=code, name=name)
    for code, name in (("SCJG", "市场监管局"), ("YJGL", "应急管理局")):
        registers.create_department(session, SYSTEM, code=code, name=name)
    for code in ITEMS:
        registers.create_check_item(session, SYSTEM, CheckItemEntry(code, f"事项{code}", date(2026, 1, 1), content=f"查看{code}", method="现场检查"))
    for serial in range(1, firms + 1):
        entry = EnterpriseEntry(credit_code.make("330106", serial), f"西湖区第{serial}食品有限公司", "330106001", credit_class="AB"[serial % 2])
        registers.create_enterprise(session, SYSTEM, replace(entry, address=f"北山路{serial}号", contact="王经理", phone="0571-88880000"))
    for serial in range(1, N_INSPECTORS + 1):
        registers.create_inspector(
            session, SYSTEM,
            InspectorEntry(f"ZF-{serial:03d}", f"检查员{serial}", ("SCJG", "YJGL")[serial % 2], "330106", skills=ITEMS, lead=True,
                           certificate_number=f"HZ{serial:06d}", certificate_expires_on=date(2027, 12, 31)),
        )  # fmt: skip


def reveal(database: Database, officer: Actor, leader: Actor, **more: Any) -> int:
    """A draw of the district, committed and revealed; gives its id."""
    given = draw_rules.Configuration(
        title="2026年双随机联合抽查", region_code="330106", item_codes=ITEMS, rates={"A": (20, 100), "B": (20, 100)}, reserve_percent=50,
        period_from=FROM, period_to=TO, **more,
    )  # fmt: skip
    with clock.at(COMMITTED), database.write(officer) as session:
        made = draws.create(session, officer, given, authority="西湖区市场监督管理局")
        draws.freeze(session, officer, made.id, version=made.version_id)
        draws.commit(session, officer, made.id, draws.Promise((SOURCE,), NOT_BEFORE, REVEAL_BY), version=made.version_id, draw_key=DRAW_KEY)
    for who in (officer, leader):
        with clock.at(REVEALED), database.write(who) as session:
            draws.enter_value(session, who, made.id, public_value=demo_value(), witnesses=["公证员"], draw_key=DRAW_KEY)
    return made.id


@dataclass
class Town:
    """The database with everything in it, and the people."""

    database: Database
    draw_id: int
    people: dict[str, Actor]

    @property
    def visit(self) -> Visit:
        """The first visit."""
        with self.database.read() as session:
            return session.scalars(select(Visit).order_by(Visit.number)).all()[0]

    def again(self, visit: Visit) -> Visit:
        with self.database.read() as session:
            found = session.get(Visit, visit.id)
            assert found is not None
            _ = found.items, found.results, found.members
            return found

    def team(self, visit: Visit) -> list[Actor]:
        """The two inspectors of a visit as they sign in."""
        with self.database.read() as session:
            codes = [row.code for row in visits.team(session, self.again(visit))]
        return [self.people[code] for code in codes]

    def outsider(self, visit: Visit) -> Actor:
        """An inspector of another team."""
        mine = {actor.id for actor in self.team(visit)}
        return next(actor for login, actor in self.people.items() if login.startswith("ZF") and actor.id not in mine)

    def record(self, visit: Visit, entry: rules.VisitEntry | None = None, *, by: Actor | None = None, version: int | None = None, submit: bool = False) -> Visit:
        who = by or self.team(visit)[0]
        if submit:
            self.paper(visit, who)
        with clock.at(VISITED), self.database.write(who) as session:
            wanted = self.again(visit).version_id if version is None else version
            return visits.record(session, who, visit.id, version=wanted, entry=entry or done(), submit=submit)

    def paper(self, visit: Visit, who: Actor) -> None:
        """The record signed on paper and scanned, which stands for the signatures on the screen."""
        with clock.at(VISITED), self.database.write(who) as session:
            found = self.again(visit)
            if "paper" in attachments.may_add(session, who, found):
                attachments.attach(session, who, visit.id, attachments.Sent(pictures.examine(scan()), "f" * 64, "扫描.pdf", "paper"), most=60)

    def submit(self, visit: Visit, entry: rules.VisitEntry | None = None) -> Visit:
        return self.record(visit, entry, submit=True)

    def act(self, verb: Any, who: str, visit: Visit, *, at: datetime = VISITED, **more: Any) -> Any:
        """A verb of the service by a person on the present version."""
        actor = self.people[who]
        with clock.at(at), self.database.write(actor) as session:
            return verb(session, actor, visit.id, version=self.again(visit).version_id, **more)

    def approved(self, visit: Visit, entry: rules.VisitEntry | None = None) -> Visit:
        self.submit(visit, entry)
        approved: Visit = self.act(visits.approve, "leader", visit)
        return approved


ROLES = {"officer": "draw_officer", "leader": "leader", "publisher": "publisher", "cases": "case_officer", "auditor": "auditor", "planner": "planner"}


def settle(database: Database, *, opened: bool = True, **more: Any) -> Town:
    """The town with its draw; with `opened` the visits are there."""
    with clock.at(COMMITTED):
        with database.write(SYSTEM) as session:
            build(session)
        people = {login: person(database, login, role) for login, role in ROLES.items()}
        people["far"] = person(database, "far", "leader", region_code="330102")
        with database.read() as session:
            ids = dict(session.execute(select(Inspector.code, Inspector.id)).all())
        people |= {code: person(database, code, "inspector", name=f"检查员{code}", inspector_id=id_) for code, id_ in ids.items()}
    draw_id = reveal(database, people["officer"], people["leader"], **more)
    if opened:
        with clock.at(ISSUED), database.write(people["officer"]) as session:
            visits.open_from_draw(session, people["officer"], draw_id)
    return Town(database, draw_id, people)


def done(**more: Any) -> rules.VisitEntry:
    """A complete record without a problem."""
    entry = rules.VisitEntry(
        outcome="01", visited_on=DAY, started_at=datetime(2026, 11, 18, 1, 0, tzinfo=UTC), ended_at=datetime(2026, 11, 18, 3, 30, tzinfo=UTC),
        place="北山路1号", methods=("实地核查",), items=(rules.ItemEntry(1, "none"), rules.ItemEntry(2, "none")), results=("no_problem",),
        summary="查验台账，未见异常。", recusal_asked=True, recusal_answer="不申请回避", opinion="无异议",
    )  # fmt: skip
    return replace(entry, **more)


def problem(**more: Any) -> rules.VisitEntry:
    """A complete record with one problem, correction ordered."""
    items = (rules.ItemEntry(1, "none"), rules.ItemEntry(2, "problem", "冷藏柜温度超标", "责令限期改正"))
    return done(items=items, results=("corrected",), follow_up="correct", rectify_by=date(2026, 12, 1), **more)

"""Two worlds of one flight inspection: the same steps in a copy of the same town, only that another firm was drawn.

The office commits, then the file is copied; in each copy another public value is typed at the reveal – something no page may show before
the list is public – so that other firms and other teams follow from it. Then both worlds go on alike: visits are opened, records written,
reviewed, returned and refused, a problem is closed, an inspector swapped.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from inspection import clock
from inspection.actor import SYSTEM, Actor
from inspection.app import create_app
from inspection.auth.roles import LABORATORY, Role
from inspection.db import Database
from inspection.draws import rules as draw_rules
from inspection.draws import service as draws
from inspection.errors import Invalid
from inspection.indicators.models import Indicator
from inspection.registers import service as registers
from inspection.registers.entries import InspectorEntry, LaboratoryEntry
from inspection.registers.models import Enterprise, Inspector
from inspection.visits import service as visits
from inspection.visits.models import Problem, Visit
from tests.architecture.office import House
from tests.conftest import DRAW_KEY, settings_for
from tests.inspection.draws.office import OTHER_VALUE, VALUE
from tests.inspection.visits import town
from tests.inspection.visits.test_http import form
from tests.inspection.visits.test_refusals import REFUSED
from tests.inspection.visits.test_reserves import GONE
from tests.inspection.visits.test_rules import DAY
from tests.people import Browser, person

EMBARGO = town.VISITED + timedelta(days=9)
WATCHED = town.VISITED + timedelta(hours=2)
LATER = EMBARGO + timedelta(hours=1)
TOWNSHIP = "330106002"
GIVEN = draw_rules.Configuration(
    title="2026年飞行检查", region_code="330106", item_codes=town.ITEMS, rates={"A": (20, 100), "B": (20, 100)}, reserve_percent=50, kind="flight",
    announced=False, period_from=town.FROM, period_to=town.TO, embargo_until=EMBARGO,
)
# who watches: every role once for the whole district, and those who read lists once more for a township only
SCOPED = (Role.LEADER, Role.PUBLISHER)


def settle(database: Database) -> dict[str, Actor]:
    """The town with its people and one committed flight inspection; gives the people by login."""
    with clock.at(town.COMMITTED):
        with database.write(SYSTEM) as session:
            town.build(session)
            registers.create_region(session, SYSTEM, code=TOWNSHIP, name="西溪街道")
            for firm in session.scalars(select(Enterprise).where(Enterprise.id % 3 == 0)):
                firm.region_code = TOWNSHIP
            lab = registers.create_laboratory(session, SYSTEM, LaboratoryEntry("LAB-A", "甲检验院")).id
            lapsed = InspectorEntry("ZF-099", "检查员未抽中", "SCJG", "330106", skills=town.ITEMS, certificate_expires_on=date(2026, 11, 1))
            session.add(
                Indicator(
                    code="rectified", name="整改完成率", jurisdiction="西湖区", region_code="330106", kind="coverage", product_scope="problems", comparator="ge",
                    threshold=Decimal(100), unit="%", document="测试", phrase="整改完成率100%",
                )
            )
            idle = registers.create_inspector(session, SYSTEM, lapsed).id
            ids = dict(session.execute(select(Inspector.code, Inspector.id)).all())
        people = {login: person(database, login, role) for login, role in (("officer", "draw_officer"), ("leader", "leader"))}
        people |= {code: person(database, code, "inspector", name=f"账户{code}", inspector_id=id_) for code, id_ in ids.items() if code != "ZF-099"}
        for role in Role:
            more = {"lab_id": lab} if role in LABORATORY else {"inspector_id": idle} if role == Role.INSPECTOR else {}
            people[f"x-{role}"] = person(database, f"x-{role}", role, **more)
        people |= {f"y-{role}": person(database, f"y-{role}", role, region_code=TOWNSHIP) for role in SCOPED}
        with database.write(people["officer"]) as session:
            officer = people["officer"]
            draw = draws.create(session, officer, GIVEN, authority="西湖区市场监督管理局")
            draws.freeze(session, officer, draw.id, version=draw.version_id)
            draws.commit(session, officer, draw.id, draws.Promise((town.SOURCE,), town.NOT_BEFORE, town.REVEAL_BY), version=draw.version_id, draw_key=DRAW_KEY)
        with database.write(people["x-draw_officer"]) as session:  # another draw in preparation, whose frame counts who was visited
            other = replace(GIVEN, title="2026年日常双随机抽查", kind="planned", announced=True, embargo_until=None)
            draws.create(session, people["x-draw_officer"], other, authority="西湖区市场监督管理局")
    return people


class World(town.Town):
    """One copy of the town, from the reveal on; `alone`: a firm that was drawn here and not in the other one."""

    alone: str
    alone_id: int

    def __init__(self, template: Path, folder: Path, value: str, people: dict[str, Actor]) -> None:
        folder.mkdir()
        shutil.copyfile(template, folder / "world.sqlite")
        database = Database(f"sqlite:///{folder / 'world.sqlite'}")
        super().__init__(database, 1, people)
        self.house = House.__new__(House)
        self.house.database, self.house.people, self.house.settings = database, people, settings_for(database, folder, log_level="ERROR")
        self.app = self.house.app = create_app(self.house.settings, database)
        for login in ("officer", "leader"):
            with clock.at(town.REVEALED), database.write(people[login]) as session:
                draws.enter_value(session, people[login], 1, public_value=value, witnesses=["公证员"], draw_key=DRAW_KEY)
        with clock.at(town.ISSUED), database.write(people["officer"]) as session:
            assert visits.open_from_draw(session, people["officer"], 1) == 8

    @property
    def visits(self) -> list[Visit]:
        with self.database.read() as session:
            return list(session.scalars(select(Visit).order_by(Visit.number)))

    @property
    def drawn(self) -> list[str]:
        return [visit.unit_code for visit in self.visits]

    def enter(self, login: str) -> Browser:
        """A browser of that person whose requests carry one and the same number."""
        browser = self.house.signed_in(login)
        browser.client.environ_base["HTTP_X_REQUEST_ID"] = "0123456789abcdef"
        return browser

    def work(self) -> None:
        """Inspections while the list is secret: found, refused, nobody there, clean, returned, swapped, waiting for the review."""
        found, refused, gone, clean, returned, swapped, waiting, _open = self.visits
        with clock.at(town.VISITED):
            inspector = self.enter(self.team(found)[0].login.upper())
            assert inspector.post(f"/visits/{found.id}/record", form(1, recusal_answer="")).status_code == 422  # a refusal in the trail as well
        self.approved(found, town.problem())
        with self.database.read() as session:
            problem = session.scalars(select(Problem)).one()
        with clock.at(town.VISITED), self.database.write(self.people["leader"]) as session:
            visits.close_problem(session, self.people["leader"], problem.id, version=problem.version_id, rechecked_on=DAY, evidence="复查合格")
        self.approved(refused, REFUSED)
        self.approved(gone, GONE)
        self.approved(clean)
        self.submit(returned)
        self.act(visits.send_back, "leader", returned, reason="写明检查范围")
        self.swap(swapped)
        self.submit(waiting)

    def swap(self, visit: Visit) -> None:
        """The first inspector who may take the second seat."""
        for code in sorted(code for code in self.people if code.startswith("ZF")):
            try:
                asked = self.act(visits.request_swap, "officer", visit, seat=2, in_code=code, reason="illness", evidence="病假条")
            except Invalid:
                continue
            self.act(visits.approve_swap, "leader", visit, request_id=asked.id)
            return
        raise AssertionError("nobody may take the seat")

    def publish(self, moment: datetime = LATER) -> None:
        with clock.at(moment), self.database.write() as session:
            assert draws.publish_due(session, DRAW_KEY) == ["2026-001"]


def pair(migrated: Path, folder: Path) -> tuple[World, World]:
    """Both worlds, everything done in each."""
    template = folder / "template.sqlite"
    shutil.copyfile(migrated, template)
    database = Database(f"sqlite:///{template}")
    people = settle(database)
    with database.engine.connect() as connection:
        connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    database.dispose()
    one, two = (World(template, folder / name, value, people) for name, value in (("one", VALUE), ("two", OTHER_VALUE)))
    for world, other in ((one, two), (two, one)):
        world.work()
        world.alone = min(set(world.drawn) - set(other.drawn))
        with world.database.read() as session:
            world.alone_id = registers.enterprise_by_code(session, world.alone).id
    return one, two


def views(world: World, login: str, paths: list[str]) -> dict[str, Any]:
    """Every answer to one person ("" is the public)."""
    browser = world.enter(login) if login else Browser(world.app)
    browser.client.environ_base["HTTP_X_REQUEST_ID"] = "0123456789abcdef"
    return {f"{login or 'public'} {path}": browser.client.get(path) for path in paths}

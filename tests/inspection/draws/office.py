"""An office that draws: a district with firms and inspectors, an officer, a leader, and the days of one draw."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from inspection import clock
from inspection.actor import SYSTEM, Actor
from inspection.db import Database
from inspection.draws import rules, service
from inspection.draws.models import Draw
from inspection.intake import credit_code
from inspection.registers import service as registers
from inspection.rulebook import service as rulebook
from tests.conftest import DRAW_KEY
from tests.inspection.registers import county
from tests.people import person

PREPARED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DRAWN = datetime(2026, 3, 3, 13, 30, tzinfo=UTC)
NOT_BEFORE = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
REVEALED = datetime(2026, 3, 4, 1, 30, tzinfo=UTC)
REVEAL_BY = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)
EMBARGO = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
SOURCE: dict[str, Any] = {"form": "balls", "issue": "第2026055期", "max": 80, "name": "快乐8", "pick": 20, "drawn_at": DRAWN}
PROMISE = service.Promise((SOURCE,), NOT_BEFORE, REVEAL_BY)
VALUE = " ".join(f"{n:02d}" for n in range(3, 63, 3))
OTHER_VALUE = " ".join(f"{n:02d}" for n in range(1, 21))
GIVEN = rules.Configuration(
    title="2026年第一次双随机抽查", region_code="330106", item_codes=("A01",), rates={"A": (20, 100), "B": (1, 2)}, reserve_percent=20,
    period_from=date(2026, 3, 9), period_to=date(2026, 3, 31),
)


def registered(session: Session, *, firms: int = 30, people: int = 6) -> None:
    """Firms of classes A and B in turn, two departments with inspectors in turn."""
    county.build(session)
    rulebook.load_packaged(session, SYSTEM)
    registers.create_department(session, SYSTEM, code="YJ", name="应急管理局")
    for n in range(1, firms + 1):
        registers.create_enterprise(session, SYSTEM, county.firm(n, credit_class="AB"[n % 2]))
    for n in range(1, people + 1):
        registers.create_inspector(session, SYSTEM, county.person(n, department_code=("SCJG", "YJ")[n % 2], lead=n <= people // 2))


def code(serial: int) -> str:
    return credit_code.make("330106", serial)


class Office:
    """The people and the steps of a draw, each at its time."""

    def __init__(self, database: Database, **more: Any) -> None:
        self.database = database
        with clock.at(PREPARED):
            with database.write() as session:
                registered(session, **more)
            self.officer = person(database, "officer", "draw_officer")
            self.leader = person(database, "leader", "leader")

    @contextmanager
    def at(self, moment: datetime, who: Actor) -> Iterator[Session]:
        with clock.at(moment), self.database.write(who) as session:
            yield session

    def configured(self, **more: Any) -> Draw:
        with self.at(PREPARED, self.officer) as session:
            return service.create(session, self.officer, replace(GIVEN, **more), authority="西湖区市场监督管理局")

    def frozen(self, **more: Any) -> Draw:
        draw = self.configured(**more)
        with self.at(PREPARED, self.officer) as session:
            service.freeze(session, self.officer, draw.id, version=draw.version_id)
            return service.get(session, draw.id)

    def committed(self, **more: Any) -> Draw:
        draw = self.frozen(**more)
        with self.at(PREPARED, self.officer) as session:
            service.commit(session, self.officer, draw.id, PROMISE, version=draw.version_id, draw_key=DRAW_KEY)
            return service.get(session, draw.id)

    def enter(self, draw: Draw, who: Actor, value: str = VALUE, moment: datetime = REVEALED, key: str = DRAW_KEY) -> service.Entered:
        with self.at(moment, who) as session:
            return service.enter_value(session, who, draw.id, public_value=value, witnesses=[f"见证人{who.login}"], draw_key=key)

    def revealed(self, value: str = VALUE, **more: Any) -> Draw:
        draw = self.committed(**more)
        self.enter(draw, self.officer, value)
        assert self.enter(draw, self.leader, value).state == "revealed"
        return self.now(draw)

    def now(self, draw: Draw) -> Draw:
        with self.database.read() as session:
            return service.get(session, draw.id)

    def void(self, draw: Draw, moment: datetime = PREPARED) -> Draw:
        with self.at(moment, self.officer) as session:
            service.request_void(session, self.officer, draw.id, reason="底册漏了一条街")
        with self.at(moment, self.leader) as session:
            service.approve_void(session, self.leader, draw.id, version=self.now(draw).version_id)
        return self.now(draw)

"""The draw of the demonstration: 12,000 firms, 600 selected, 60 in reserve, teams of two departments."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from inspection import clock
from inspection.actor import Actor
from inspection.db import Database
from inspection.demo.earlier import CLASS
from inspection.demo.registers import COUNTIES, ITEM
from inspection.draws import rules, service
from inspection.draws.models import Reveal
from inspection.jobs.runner import run_pending
from inspection.settings import Settings

COMMITTED = datetime(2026, 11, 9, 1, 0, tzinfo=UTC)
DRAWN = datetime(2026, 11, 10, 13, 30, tzinfo=UTC)
NOT_BEFORE = datetime(2026, 11, 11, 1, 0, tzinfo=UTC)
REVEALED = datetime(2026, 11, 11, 1, 30, tzinfo=UTC)
RATES = {"A": (2, 100), "B": (6, 100), "C": (16, 100), "D": (32, 100)}
OPENED = datetime(2026, 11, 12, 1, 0, tzinfo=UTC)
REVEAL_BY = datetime(2026, 11, 13, 9, 0, tzinfo=UTC)
SOURCE = {"form": "balls", "issue": "演示第1期", "max": 80, "name": "演示随机数（非真实开奖）", "pick": 20, "drawn_at": DRAWN}


def demo_value() -> str:
    """Twenty of eighty numbers from a fixed sentence: visibly no lottery result."""
    ranked = sorted(range(1, 81), key=lambda n: hashlib.sha256(f"衡鉴演示公开数 {n}".encode()).hexdigest())
    return " ".join(f"{n:02d}" for n in sorted(ranked[:20]))


def draw(
    database: Database, officer: Actor, leader: Actor, settings: Settings, task_id: int, rates: Mapping[str, tuple[int, int]] = RATES
) -> tuple[int, Reveal]:
    """Configure, freeze, commit, reveal by two people, a large list by the job that they leave; gives the draw's id and its reveal."""
    given = rules.Configuration(
        title="2026年食品生产经营双随机联合抽查（演示）", region_code="320900", item_codes=(ITEM,),
        rates=rates, reserve_percent=10, exclusions=("CLOSED", "MOVED", "CAP", "YEAR", "UPPER"),
        period_from=date(2026, 11, 16), period_to=date(2026, 12, 18), task_id=task_id,
    )
    with clock.at(COMMITTED), database.write(officer) as session:
        made = service.create(session, officer, given, authority=settings.office_name)
        service.freeze(session, officer, made.id, version=made.version_id)
        promise = service.Promise((SOURCE,), NOT_BEFORE, REVEAL_BY)
        service.commit(session, officer, made.id, promise, version=made.version_id, draw_key=settings.draw_key)
    with clock.at(REVEALED):
        with database.write(officer) as session:
            service.enter_value(session, officer, made.id, public_value=demo_value(), witnesses=["演示见证人（公证）"], draw_key=settings.draw_key)
        with database.write(leader) as session:
            service.enter_value(session, leader, made.id, public_value=demo_value(), witnesses=["演示见证人（纪检）"], draw_key=settings.draw_key)
        run_pending(database, settings)
    with database.read(officer) as session:
        return made.id, session.get_one(Reveal, made.id)


def open_draws(database: Database, officer: Actor, settings: Settings, rates: Mapping[str, tuple[int, int]] = RATES) -> None:
    """A draw that is committed and waits for its moment, and one that is being prepared; both leave out for every reason."""
    with clock.at(OPENED), database.write(officer) as session:
        made = service.create(session, officer, food(dict.fromkeys(COUNTIES, (6, 100)), "2026年第四季度粮食加工品双随机抽查（演示）", date(2026, 11, 23), date(2026, 12, 25), stratify_by="area"), authority=settings.office_name)
        service.freeze(session, officer, made.id, version=made.version_id)
        source = {**SOURCE, "issue": "演示第2期", "drawn_at": datetime(2026, 11, 19, 13, 30, tzinfo=UTC)}
        promise = service.Promise((source,), datetime(2026, 11, 20, 1, 0, tzinfo=UTC), datetime(2027, 12, 31, 9, 0, tzinfo=UTC))
        service.commit(session, officer, made.id, promise, version=made.version_id, draw_key=settings.draw_key)
        later = food(rates, "2027年第一季度粮食加工品双随机抽查（演示）", date(2027, 1, 4), date(2027, 3, 31))
        service.create(session, officer, later, authority=settings.office_name)


def food(rates: Mapping[str, tuple[int, int]], title: str, start: date, end: date, **more: Any) -> rules.Configuration:
    """A draw of the firms of one class of food, without those that any reason leaves out."""
    return rules.Configuration(
        title=title, region_code="320900", item_codes=(ITEM,), rates=rates, reserve_percent=10, product_codes=(CLASS,), exclusions=rules.EXCLUSIONS,
        period_from=start, period_to=end, **more,
    )  # fmt: skip

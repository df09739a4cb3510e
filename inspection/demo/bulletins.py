"""The two bulletins of the demonstration: published national counts, and the county's own evaluative samples."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import select

from inspection import clock
from inspection.actor import Actor
from inspection.db import Database
from inspection.demo.planning import COUNTY, published
from inspection.indicators import service as indicators
from inspection.indicators.models import Indicator
from inspection.publications import service
from inspection.publications.models import Issue
from inspection.settings import Settings

PUBLISHED = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
BASIS = ("《中华人民共和国食品安全法》", "《食品安全抽样检验管理办法》")


def national(database: Database, planner: Actor, author: Actor, leader: Actor, issuer: Actor, settings: Settings) -> Issue:
    """The counts of the second half of 2019 as an imported aggregate: reproduces every published percentage, adds intervals."""
    rows, source = published()
    with clock.at(PUBLISHED), database.write(planner) as session:
        aggregate = indicators.record_aggregate(
            session, planner, name="2019年下半年全国食品安全监督抽检", period="2019年下半年", purpose="supervision", source=source, rows=rows
        )
    new = service.NewBulletin(
        title="关于2019年下半年食品安全监督抽检情况的通告（演示）", region_code="320900", basis=BASIS, period="2019年下半年食品安全监督",
        aggregate_id=aggregate.id, decimals=1,
    )
    return _issue(database, author, leader, issuer, settings, new)


def county(database: Database, author: Actor, leader: Actor, issuer: Actor, settings: Settings, plan_id: int) -> Issue:
    """亭湖区's evaluative samples against the target of the city."""
    with database.read() as session:
        indicator = session.scalars(select(Indicator.id).where(Indicator.code == "yancheng.food")).one()
    new = service.NewBulletin(
        title="关于亭湖区2026年第三季度食品评价性抽检情况的通告（演示）", region_code=COUNTY, basis=BASIS, period="2026年第三季度食品评价性",
        measures=("对不合格食品及其生产经营者依法开展核查处置，控制产品风险。",), since=date(2026, 7, 1), until=date(2026, 9, 30),
        plan_id=plan_id, indicator_id=indicator,
    )
    return _issue(database, author, leader, issuer, settings, new)


def _issue(
    database: Database, author: Actor, leader: Actor, issuer: Actor, settings: Settings, new: service.NewBulletin
) -> Issue:
    with clock.at(PUBLISHED):
        with database.write(author) as session:
            draft = service.draft(session, author, new, settings)
            service.submit(session, author, draft.id, version=draft.version_id)
        with database.write(leader) as session:
            service.approve(session, leader, draft.id, version=service.get(session, draft.id).version_id)
        with database.write(issuer) as session:
            return service.publish(session, issuer, draft.id, settings, version=service.get(session, draft.id).version_id)

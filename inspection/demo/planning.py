"""The plan of the demonstration: 7 batches per thousand people on the census, counties × 35 classes, exact on every margin."""

from __future__ import annotations

import csv
from decimal import Decimal
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection.actor import Actor
from inspection.db import Database
from inspection.indicators.service import AggregateRow
from inspection.plans import rules, service
from inspection.registers.models import Population, ProductCategory
from inspection.registers.service import children

DATA = files("inspection.demo") / "data"
CITY, COUNTY = "320900", "320902"


def published() -> tuple[list[AggregateRow], str]:
    """The published 2019 H2 counts by class, and their source."""
    rows = list(csv.DictReader((DATA / "published_2019h2.csv").read_text(encoding="utf-8").splitlines()))
    return [AggregateRow(r["name"], int(r["tested"]), int(r["failed"]), r["published"]) for r in rows], rows[0]["source"]


def city_plan(database: Database, planner: Actor, leader: Actor) -> int:
    """盐城 2026: quota, allocation, quarters, laboratories; approved and published; gives its id."""
    with database.write(planner) as session:
        plan = service.create(
            session, planner,
            rules.NewPlan(
                title="盐城市2026年食品安全监督抽检计划（演示）", year=2026, region_code=CITY, purpose="supervision", product_year=2019,
                rate_per_thousand=Decimal(7), rounding="up", population_kind="census", population_year=2020,
            ),
        )
        people = {
            region.code: Decimal(session.scalars(select(Population.people).where(Population.region_code == region.code)).one())
            for region in children(session, CITY)
        }
        names = {row.name: row.tested for row in published()[0]}
        classes = {
            c.code: Decimal(names[c.name])
            for c in session.scalars(select(ProductCategory).where(ProductCategory.year == 2019, ProductCategory.level == 1).order_by(ProductCategory.position))
        }
        service.set_margins(session, planner, plan.id, version=plan.version_id, regions=people, classes=classes, class_minimum=1)
        service.allocate_cells(session, planner, plan.id, version=plan.version_id)
        service.assign_laboratories(session, planner, plan.id, version=plan.version_id)
        service.submit(session, planner, plan.id, version=plan.version_id)
    return _approved(database, planner, leader, plan.id)


def class_codes(session: Session) -> list[str]:
    """The classes of food of 2026 in their official order."""
    query = select(ProductCategory.code).where(ProductCategory.year == 2026, ProductCategory.level == 1)
    return list(session.scalars(query.order_by(ProductCategory.position)))


def county_plan(database: Database, planner: Actor, leader: Actor) -> int:
    """亭湖区: an evaluative plan of 272 batches over the 34 classes of 2026; approved."""
    with database.write(planner) as session:
        plan = service.create(
            session, planner,
            rules.NewPlan(
                title="亭湖区2026年食品评价性抽检计划（演示）", year=2026, region_code=COUNTY, purpose="evaluative", product_year=2026,
                total=272, random=True,
            ),
        )
        classes = {code: Decimal(1) for code in class_codes(session)}
        service.set_margins(session, planner, plan.id, version=plan.version_id, regions={COUNTY: Decimal(1)}, classes=classes)
        service.allocate_cells(session, planner, plan.id, version=plan.version_id)
        service.submit(session, planner, plan.id, version=plan.version_id)
    return _approved(database, planner, leader, plan.id)


def _approved(database: Database, planner: Actor, leader: Actor, plan_id: int) -> int:
    with database.write(leader) as session:
        plan = service.get(session, plan_id)
        service.approve(session, leader, plan_id, version=plan.version_id)
    with database.write(planner) as session:
        plan = service.get(session, plan_id)
        service.publish(session, planner, plan_id, version=plan.version_id)
    return plan_id

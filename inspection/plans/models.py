"""计划: how much to sample, of what, where, when, tested by whom."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inspection.db import Base
from inspection.scope import RegionScoped
from inspection.sealing import SEALED


class Plan(RegionScoped, Base):
    """抽检计划: drafted by the planner, approved by another person; after approval only a new version changes it.

    States: draft → submitted → approved → published → executing → completed; submitted → draft (returned); cancelled.
    """

    __tablename__ = "plans"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)  # e.g. 2027-320900-01
    year: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(String(16))  # evaluative 评价性, supervision 监督, risk 风险监测, routine 例行, special 专项
    random: Mapped[bool] = mapped_column(default=False)  # batches come from a probability sample
    domain: Mapped[str] = mapped_column(String(20), default="food")
    product_year: Mapped[int]
    rate_per_thousand: Mapped[Decimal | None]
    rounding: Mapped[str] = mapped_column(String(10), default="up")  # up, half_up, down
    population_kind: Mapped[str] = mapped_column(String(12), default="resident")
    population_year: Mapped[int | None]
    population: Mapped[int | None]
    total: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12), default="draft", index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    created_by: Mapped[int]
    created_by_name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)  # number of the version being drafted or in force
    version_id: Mapped[int] = mapped_column(default=1)

    margins: Mapped[list[PlanMargin]] = relationship(cascade="all, delete-orphan", order_by="PlanMargin.axis, PlanMargin.position")
    cells: Mapped[list[PlanCell]] = relationship(cascade="all, delete-orphan")
    laboratories: Mapped[list[PlanLaboratory]] = relationship(cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version_id}
    __table_args__ = (
        CheckConstraint("state IN ('draft','submitted','approved','published','executing','completed','cancelled')", name="state"),
        CheckConstraint("purpose IN ('evaluative','supervision','risk','routine','special')", name="purpose"),
    )


class PlanMargin(Base):
    """边际: one row (region) or one column (product class) of the allocation, with its weight and its target."""

    __tablename__ = "plan_margins"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id", ondelete="CASCADE"), index=True)
    axis: Mapped[str] = mapped_column(String(8))  # region, class
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(100))
    weight: Mapped[Decimal]
    target: Mapped[int] = mapped_column(default=0)
    minimum: Mapped[int] = mapped_column(default=0)
    maximum: Mapped[int | None]

    __table_args__ = (UniqueConstraint("plan_id", "axis", "code"), CheckConstraint("axis IN ('region','class')", name="axis"))


class PlanCell(Base):
    """格: batches of one product class in one region, split over the quarters."""

    __tablename__ = "plan_cells"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id", ondelete="CASCADE"), index=True)
    region_code: Mapped[str] = mapped_column(String(12), index=True)
    class_code: Mapped[str] = mapped_column(String(40))
    n_batches: Mapped[int] = mapped_column(default=0)
    locked: Mapped[int | None]  # 锁定: the planner fixed this cell
    minimum: Mapped[int] = mapped_column(default=0)
    maximum: Mapped[int | None]
    q1: Mapped[int] = mapped_column(default=0)
    q2: Mapped[int] = mapped_column(default=0)
    q3: Mapped[int] = mapped_column(default=0)
    q4: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("plan_id", "region_code", "class_code"), CheckConstraint("n_batches >= 0", name="n_batches"))


class PlanLaboratory(Base):
    """承检安排: batches of a class in a quarter that go to a laboratory."""

    __tablename__ = "plan_laboratories"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id", ondelete="CASCADE"), index=True)
    laboratory_id: Mapped[int] = mapped_column(ForeignKey("laboratories.id"), index=True)
    class_code: Mapped[str] = mapped_column(String(40))
    quarter: Mapped[int]
    n_batches: Mapped[int]

    __table_args__ = (UniqueConstraint("plan_id", "laboratory_id", "class_code", "quarter"),)


class PlanVersion(Base):
    """计划版本: the frozen content of an approval; insert-only."""

    __tablename__ = "plan_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), index=True)
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(300), default="")
    approved_by: Mapped[int]
    approved_by_name: Mapped[str] = mapped_column(String(100))
    approved_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("plan_id", "version"), {"info": SEALED})

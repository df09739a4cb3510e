"""年度抽查计划与抽查任务: what is to be inspected in a year, by whom, how many of which class."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inspection.db import Base
from inspection.scope import RegionScoped
from inspection.sealing import SEALED


class CheckPlan(RegionScoped, Base):
    """年度抽查工作计划: drafted by the planner, approved by another person; after that only a new version changes it.

    States: draft → submitted → approved → published → executing → completed; submitted → returned; cancelled.
    """

    __tablename__ = "check_plans"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)  # CC2026-330106-01
    year: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    document_number: Mapped[str] = mapped_column(String(60), default="")  # 发文文号
    authority: Mapped[str] = mapped_column(String(100))
    lead_department: Mapped[str] = mapped_column(String(64), ForeignKey("departments.code"))
    departments: Mapped[list[str]] = mapped_column(JSON, default=list)  # codes of the joined departments
    scope: Mapped[str] = mapped_column(Text, default="")  # 抽查范围
    rates: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # ratio tables (`rules.RateTable` as plain data)
    state: Mapped[str] = mapped_column(String(12), default="draft", index=True)
    note: Mapped[str] = mapped_column(String(300), default="")  # why this version was begun
    returned_for: Mapped[str] = mapped_column(String(300), default="")
    created_by: Mapped[int]
    created_by_name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    drafted_by: Mapped[int]  # who wrote the version in hand
    submitted_by: Mapped[int | None]
    submitted_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]  # the first frame of one of its tasks was frozen
    version: Mapped[int] = mapped_column(default=1)  # number of the version being drafted or in force
    version_id: Mapped[int] = mapped_column(default=1)

    tasks: Mapped[list[CheckTask]] = relationship(back_populates="plan", order_by="CheckTask.id")

    __mapper_args__ = {"version_id_col": version_id}
    __table_args__ = (
        CheckConstraint("state IN ('draft','submitted','returned','approved','published','executing','completed','cancelled')", name="state"),
    )


class CheckPlanVersion(Base):
    """计划版本: matters, ratio tables and tasks as approved; insert-only."""

    __tablename__ = "check_plan_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("check_plans.id"), index=True)
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(300), default="")
    approved_by: Mapped[int]
    approved_by_name: Mapped[str] = mapped_column(String(100))
    approved_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("plan_id", "version"), {"info": SEALED})


class CheckTask(RegionScoped, Base):
    """抽查任务: one piece of work of a plan, or 临时任务 without one; numbers have no gaps, cancelled ones keep theirs.

    The state is the office's own decision (draft, open, closed, cancelled); how far the work has come is told by its draws.
    """

    __tablename__ = "check_tasks"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)  # 西市监抽查〔2026〕1号
    series: Mapped[str] = mapped_column(String(30))
    year: Mapped[int]
    serial: Mapped[int]
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("check_plans.id"), index=True)
    authority: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(200))
    check_type: Mapped[str] = mapped_column(String(12))  # targeted 定向, untargeted 不定向
    check_kind: Mapped[str] = mapped_column(String(12))  # random 双随机, key 重点, special 专项, flight 飞行
    lead_department: Mapped[str] = mapped_column(String(64), ForeignKey("departments.code"))
    departments: Mapped[list[str]] = mapped_column(JSON, default=list)
    item_codes: Mapped[list[str]] = mapped_column(JSON, default=list)
    object_kind: Mapped[str] = mapped_column(String(20), default="enterprise")
    objects: Mapped[str] = mapped_column(String(300), default="")  # 对象范围 in words
    stratify_by: Mapped[str] = mapped_column(String(20), default="credit_class")
    period_from: Mapped[date]
    period_to: Mapped[date]
    n_objects: Mapped[int]  # planned number of firms to be drawn
    reason: Mapped[str] = mapped_column(String(300), default="")  # why a task is done outside the plan
    overlap_reason: Mapped[str] = mapped_column(String(300), default="")  # why it goes on beside a similar one
    conclusion: Mapped[str] = mapped_column(String(500), default="")  # what closed or cancelled it
    state: Mapped[str] = mapped_column(String(12), default="draft", index=True)
    created_by: Mapped[int]
    created_by_name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version_id: Mapped[int] = mapped_column(default=1)

    plan: Mapped[CheckPlan | None] = relationship(back_populates="tasks")

    __mapper_args__ = {"version_id_col": version_id}
    __table_args__ = (
        UniqueConstraint("series", "year", "serial"),
        CheckConstraint("state IN ('draft','open','closed','cancelled')", name="state"),
        CheckConstraint("check_type IN ('targeted','untargeted')", name="check_type"),
        CheckConstraint("check_kind IN ('random','key','special','flight')", name="check_kind"),
        CheckConstraint("period_from <= period_to", name="period"),
        CheckConstraint("n_objects > 0", name="n_objects"),
    )

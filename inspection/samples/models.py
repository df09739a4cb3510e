"""样品: taken from a plan's cell, sealed, handed over, received or refused by the laboratory."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inspection.db import Base
from inspection.scope import LabScoped, RegionScoped
from inspection.sealing import SEALED


class Sample(RegionScoped, LabScoped, Base):
    """样品: one batch taken at one place for one purpose; blind to the laboratory by its `code`.

    States: taken → sealed → handed_over → received | refused → tested → reported; void (with reason).
    """

    __tablename__ = "samples"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)  # 抽样单编号
    code: Mapped[str] = mapped_column(String(24), unique=True)  # 盲样编码: random, tells the laboratory nothing
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), index=True)
    cell_region: Mapped[str] = mapped_column(String(12))
    class_code: Mapped[str] = mapped_column(String(40), index=True)
    quarter: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(16))  # copied from the plan: only evaluative enters the evaluative rate
    random: Mapped[bool] = mapped_column(default=False)  # taken by probability sampling; else 不可推断
    draw_id: Mapped[int | None] = mapped_column(ForeignKey("draws.id"))
    stratum: Mapped[str] = mapped_column(String(64), default="")
    link: Mapped[str] = mapped_column(String(12), default="circulation")  # production, circulation, catering, online
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)  # 被抽样单位
    producer_name: Mapped[str] = mapped_column(String(200), default="")
    producer_address: Mapped[str] = mapped_column(String(300), default="")
    product_name: Mapped[str] = mapped_column(String(200))
    product_code: Mapped[str] = mapped_column(String(40))  # deepest known node of the product tree
    brand: Mapped[str] = mapped_column(String(100), default="")
    specification: Mapped[str] = mapped_column(String(100), default="")
    lot: Mapped[str] = mapped_column(String(100), default="")
    date_kind: Mapped[str] = mapped_column(String(12), default="production")  # production, processing, purchase
    produced_on: Mapped[date | None]
    shelf_life: Mapped[str] = mapped_column(String(60), default="")
    taken_on: Mapped[date]
    quantity: Mapped[Decimal | None]
    backup_quantity: Mapped[Decimal | None]
    quantity_unit: Mapped[str] = mapped_column(String(20), default="")
    seal_number: Mapped[str] = mapped_column(String(60), default="")
    form: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # every further field of the 抽样单
    sampler_ids: Mapped[list[int]] = mapped_column(JSON, default=list)  # inspectors.id or account ids of ≥ 2 samplers
    sampler_names: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(12), default="taken", index=True)
    deliver_by: Mapped[date | None]  # None: the rulebook has no term for this domain
    deliver_unannounced: Mapped[bool] = mapped_column(default=False)  # 节假日安排未公布
    received_on: Mapped[date | None]
    report_by: Mapped[date | None]
    report_unannounced: Mapped[bool] = mapped_column(default=False)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("samples.id"))  # 补样 for a refused one
    void_reason: Mapped[str] = mapped_column(String(300), default="")
    created_by: Mapped[int]
    created_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column(default=1)

    handovers: Mapped[list[Handover]] = relationship(order_by="Handover.id")

    __mapper_args__ = {"version_id_col": version_id}
    __table_args__ = (
        CheckConstraint(
            "state IN ('taken','sealed','handed_over','received','refused','tested','reported','void')", name="state"
        ),
        CheckConstraint("quarter BETWEEN 1 AND 4", name="quarter"),
        Index("ix_samples_plan_cell", "plan_id", "cell_region", "class_code"),
    )


class Handover(Base):
    """移交: one hand-over with its checks and answer, both sides named; insert-only."""

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id"), index=True)
    lab_id: Mapped[int] = mapped_column(ForeignKey("laboratories.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))  # sent, recalled, received, refused
    at: Mapped[datetime]
    by_id: Mapped[int]
    by_name: Mapped[str] = mapped_column(String(100))
    pieces: Mapped[int | None]
    seal_intact: Mapped[bool | None]
    package_intact: Mapped[bool | None]
    quantity_enough: Mapped[bool | None]
    state_normal: Mapped[bool | None]
    papers_complete: Mapped[bool | None]
    papers_match: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = ({"info": SEALED},)

"""指标: what policy demands, and what the data honestly say about it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inspection.db import Base
from inspection.registers.targets import Indicator
from inspection.sealing import SEALED

__all__ = ["Aggregate", "ExternalValue", "Indicator", "Snapshot"]


class ExternalValue(Base):
    """外部值: an index, a survey score or a published figure typed in with its source; corrections are new rows. Insert-only."""

    __tablename__ = "external_values"

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicators.id"), index=True)
    period: Mapped[str] = mapped_column(String(20))
    value: Mapped[Decimal]
    source: Mapped[str] = mapped_column(String(300))
    entered_by: Mapped[int]
    entered_by_name: Mapped[str] = mapped_column(String(100))
    entered_at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)


class Aggregate(Base):
    """汇总数: published counts of another authority (tested, failing per class), imported with source; insert-only."""

    __tablename__ = "aggregates"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    period: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(300))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # [{"name","tested","failed","published"}]
    digest: Mapped[str] = mapped_column(String(64))
    entered_by: Mapped[int]
    entered_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("name", "digest"), {"info": SEALED})


class Snapshot(Base):
    """指标快照: a value as computed at a moment from named data, with interval, verdict and method; insert-only."""

    __tablename__ = "snapshots"

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int | None] = mapped_column(ForeignKey("indicators.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    period: Mapped[str] = mapped_column(String(40))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[int]
    made_at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)

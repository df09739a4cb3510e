"""规则库: every number that comes from law or custom, as dated data with its source."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inspection.db import Base


class Rule(Base):
    """规则: one deadline, ratio, limit or quota with validity and source. `verified` is false for what was only remembered."""

    __tablename__ = "rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), index=True)  # deadline.food.report
    regime: Mapped[str] = mapped_column(String(40))
    starts: Mapped[str] = mapped_column(String(100), default="")  # the event that starts a term
    action: Mapped[str] = mapped_column(String(200))
    value: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(20))  # workday, day, month, year, hour, batch, percent, count
    source: Mapped[str] = mapped_column(String(300))
    verified: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    version_id: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version_id}
    __table_args__ = (
        UniqueConstraint("key", "valid_from"),
        CheckConstraint("unit IN ('workday','day','month','year','hour','batch','percent','count')", name="unit"),
    )


class Code(Base):
    """代码表: one word of a coded list (outcomes, result categories, follow-up measures, exclusion reasons) in one version."""

    __tablename__ = "codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    list: Mapped[str] = mapped_column(String(40), index=True)
    version: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    label: Mapped[str] = mapped_column(String(200))
    label_en: Mapped[str] = mapped_column(String(200), default="")
    parent: Mapped[str] = mapped_column(String(40), default="")
    source: Mapped[str] = mapped_column(String(300))
    verified: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    __table_args__ = (UniqueConstraint("list", "version", "code"),)

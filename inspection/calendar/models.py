"""工作日历: the announced holidays and make-up days, year by year."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inspection.db import Base


class CalendarYear(Base):
    """年度安排: a year whose holiday arrangement the State Council has announced, with its source."""

    __tablename__ = "calendar_years"

    year: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(300))
    verified: Mapped[bool] = mapped_column(default=True)
    version_id: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version_id}


class CalendarDay(Base):
    """特别日: a day that differs from the weekday rule: holiday 放假 or make-up working day 调休上班."""

    __tablename__ = "calendar_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("calendar_years.year"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(60), default="")

    __table_args__ = (CheckConstraint("kind IN ('holiday','workday')", name="kind"),)

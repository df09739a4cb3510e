"""后处理: what follows a failing sample, from the notice to the closing of the case."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inspection.db import Base
from inspection.scope import RegionScoped
from inspection.sealing import SEALED


class Case(RegionScoped, Base):
    """核查处置: one case per failing sample and link of the chain (生产/流通/餐饮/网络), with its deadline.

    States: open → noticed → handling → rectified → closed; the steps between stand in `CaseStep`.
    """

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id"), index=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("test_reports.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    link: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default="open", index=True)
    opened_at: Mapped[datetime]
    due_on: Mapped[date | None]
    due_unannounced: Mapped[bool] = mapped_column(default=False)  # 节假日安排未公布
    served_on: Mapped[date | None]
    objection_until: Mapped[date | None]
    handler_id: Mapped[int | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None]
    version_id: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version_id}
    __table_args__ = (
        UniqueConstraint("sample_id", "link"),
        CheckConstraint("state IN ('open','noticed','handling','rectified','closed')", name="state"),
    )


class CaseStep(Base):
    """处置环节: one thing that was done in a case, with its day and evidence; insert-only."""

    __tablename__ = "case_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # served, control, cause, penalty, no_penalty, rectification, recheck, transfer, closing
    done_on: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int]
    by_name: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)

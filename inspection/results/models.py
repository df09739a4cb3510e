"""检验结果: values as the laboratory wrote them, the limit they were judged by, and who stood for them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inspection.db import Base
from inspection.scope import LabScoped
from inspection.sealing import SEALED


class TestReport(LabScoped, Base):
    """检验报告 of one sample: entering → entered → reviewed → approved; returned with reason; three different people.

    `conclusion`: pass, fail, undetermined – computed from the items by rule, never typed.
    """

    __test__ = False
    __tablename__ = "test_reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id"), unique=True)
    number: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[str] = mapped_column(String(10), default="entering", index=True)
    conclusion: Mapped[str | None] = mapped_column(String(14))
    tested_from: Mapped[date | None]
    tested_to: Mapped[date | None]
    entered_by: Mapped[int | None]
    entered_at: Mapped[datetime | None]
    reviewed_by: Mapped[int | None]
    reviewed_at: Mapped[datetime | None]
    approved_by: Mapped[int | None]
    approved_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(String(300), default="")
    correction_reason: Mapped[str] = mapped_column(String(300), default="")  # of the correction under way; then on its version
    final: Mapped[bool] = mapped_column(default=False)  # no objection or retest can change it any more
    final_at: Mapped[datetime | None]
    version_id: Mapped[int] = mapped_column(default=1)

    items: Mapped[list[ItemResult]] = relationship(
        order_by="ItemResult.item_code", primaryjoin="and_(TestReport.id==ItemResult.report_id, ItemResult.current==True)", viewonly=True
    )

    __mapper_args__ = {"version_id_col": version_id}
    __table_args__ = (
        CheckConstraint("state IN ('entering','entered','reviewed','approved')", name="state"),
        CheckConstraint("conclusion IN ('pass','fail','undetermined')", name="conclusion"),
    )


class ItemResult(LabScoped, Base):
    """检验数据: one item of one report, with value, unit, limit, clause and judgement copied in.

    A change before approval writes a new row and ends the old one (`current` false); both values stay.
    """

    __tablename__ = "item_results"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("test_reports.id"), index=True)
    sample_id: Mapped[int] = mapped_column(ForeignKey("samples.id"), index=True)
    item_code: Mapped[str] = mapped_column(String(40))
    item_name: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(String(120))  # exactly as written: <0.01, 未检出, 2.2×10²
    kind: Mapped[str] = mapped_column(String(14))  # number, below, above, not_detected, detected, series, text
    value: Mapped[Decimal | None]
    values: Mapped[list[str] | None] = mapped_column(JSON)  # five-value microbes
    unit: Mapped[str] = mapped_column(String(30), default="")
    method: Mapped[str] = mapped_column(String(200), default="")
    detection_limit: Mapped[Decimal | None]
    limit_id: Mapped[int | None] = mapped_column(ForeignKey("limits.id"))
    limit: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # frozen copy: kind, lower, upper, unit, plan, judged_by
    outcome: Mapped[str] = mapped_column(String(14))  # pass, fail, undetermined
    reason: Mapped[str] = mapped_column(String(300), default="")
    revision: Mapped[int] = mapped_column(default=1)
    current: Mapped[bool] = mapped_column(default=True)
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("uploads.id"))
    entered_by: Mapped[int]
    entered_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("report_id", "item_code", "revision"),
        CheckConstraint("outcome IN ('pass','fail','undetermined')", name="outcome"),
    )


class ReportVersion(Base):
    """检验报告版本: the report as approved; a correction is a new version with a reason; insert-only."""

    __tablename__ = "report_versions"

    report_id: Mapped[int] = mapped_column(ForeignKey("test_reports.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    conclusion: Mapped[str] = mapped_column(String(14))
    reason: Mapped[str] = mapped_column(String(300), default="")
    approved_by: Mapped[int]
    approved_by_name: Mapped[str] = mapped_column(String(100))
    approved_at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)

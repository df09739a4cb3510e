"""检查: every drawn unit becomes a visit, and every visit ends with an outcome."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from inspection.db import Base
from inspection.scope import RegionScoped
from inspection.sealing import SEALED


class Visit(RegionScoped, Base):
    """检查任务: one unit to be visited for one draw (or without a draw: 重点/专项); recorded by its two inspectors.

    States: pending → entered → submitted → approved → published; submitted → returned → entered; a correction takes a
    published record back to approved, as a new version that waits for its own publication (`rules.NEXT`).
    """

    __tablename__ = "visits"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    draw_id: Mapped[int | None] = mapped_column(ForeignKey("draws.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    unit_code: Mapped[str] = mapped_column(String(64), index=True)
    stratum: Mapped[str] = mapped_column(String(64), default="")
    announced: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(String(40), default="")  # 任务来源 of a visit without a draw, code of `visit.source`
    basis: Mapped[str] = mapped_column(String(300), default="")  # number of the complaint or order; never published
    authority: Mapped[str] = mapped_column(String(100), default="")  # of a visit without a draw; a drawn one has its draw's
    due_from: Mapped[date | None]
    due_to: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(12), default="pending", index=True)
    outcome: Mapped[str | None] = mapped_column(String(2))  # features: 01 done … 11 other; None = open
    outcome_note: Mapped[str] = mapped_column(String(300), default="")
    visited_on: Mapped[date | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(String(300), default="")  # 检查地点
    methods: Mapped[list[str]] = mapped_column(JSON, default=list)  # 检查方式, several may apply
    summary: Mapped[str] = mapped_column(Text, default="")  # 主要检查情况
    recusal_asked: Mapped[bool | None]  # 已告知并询问是否申请回避
    recusal_answer: Mapped[str] = mapped_column(String(200), default="")
    opinion: Mapped[str] = mapped_column(String(500), default="")  # 当事人意见
    refused_signature: Mapped[bool] = mapped_column(default=False)
    refusal_note: Mapped[str] = mapped_column(String(300), default="")
    witness: Mapped[str] = mapped_column(String(100), default="")
    follow_up: Mapped[str] = mapped_column(String(40), default="")  # 后续处置 code
    rectify_by: Mapped[date | None]  # 改正期限 as ordered in writing on the spot
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[int | None]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[int | None]
    return_reason: Mapped[str] = mapped_column(String(300), default="")
    formed_on: Mapped[date | None]  # 结果形成日: starts the 20 working days
    publish_by: Mapped[date | None]
    publish_by_unannounced: Mapped[bool] = mapped_column(default=False)  # 节假日安排未公布
    published_at: Mapped[datetime | None]
    version_id: Mapped[int] = mapped_column(default=1)

    members: Mapped[list[VisitMember]] = relationship(cascade="all, delete-orphan", order_by="VisitMember.seat")
    items: Mapped[list[VisitItem]] = relationship(cascade="all, delete-orphan", order_by="VisitItem.position")
    results: Mapped[list[VisitResult]] = relationship(cascade="all, delete-orphan", order_by="VisitResult.code")

    __mapper_args__ = {"version_id_col": version_id}
    __table_args__ = (
        UniqueConstraint("draw_id", "unit_code"),
        CheckConstraint("state IN ('pending','entered','submitted','returned','approved','published')", name="state"),
    )


class VisitMember(Base):
    """检查组成员 as drawn or swapped."""

    __tablename__ = "visit_members"

    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id", ondelete="CASCADE"), primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True)
    inspector_id: Mapped[int] = mapped_column(ForeignKey("inspectors.id"), index=True)


class SwapRequest(Base):
    """换人申请: one seat to be given to another inspector, asked by the draw officer with reason and evidence; insert-only."""

    __tablename__ = "swap_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    seat: Mapped[int]
    out_code: Mapped[str] = mapped_column(String(64), default="")  # "": the seat stands empty (缺员)
    in_code: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(40))
    evidence: Mapped[str] = mapped_column(Text)  # never published: it may speak of somebody's health
    requested_by: Mapped[int]
    requested_by_name: Mapped[str] = mapped_column(String(100))
    requested_at: Mapped[datetime]

    decision: Mapped[SwapDecision | None] = relationship(uselist=False)

    __table_args__ = ({"info": SEALED},)


class SwapDecision(Base):
    """换人决定: another person's answer to a request; `seq` is the line of swaps.tsv when it was approved; insert-only."""

    __tablename__ = "swap_decisions"

    request_id: Mapped[int] = mapped_column(ForeignKey("swap_requests.id"), primary_key=True)
    seq: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(300), default="")  # why it was declined
    decided_by: Mapped[int]
    decided_by_name: Mapped[str] = mapped_column(String(100))
    decided_at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)


class VisitItem(Base):
    """检查事项 of a visit: 未发现问题, a problem with its measure, or not yet checked (NULL)."""

    __tablename__ = "visit_items"

    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    found: Mapped[str | None] = mapped_column(String(10))  # none 未发现问题, problem 发现问题, not_applicable 不涉及
    problem: Mapped[str] = mapped_column(Text, default="")
    measure: Mapped[str] = mapped_column(String(300), default="")  # "无" must be chosen, never implied
    not_checked_reason: Mapped[str] = mapped_column(String(200), default="")


class VisitResult(Base):
    """检查结果类别 of a visit (several may apply), code of the list in force with the version of the list."""

    __tablename__ = "visit_results"

    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    code_version: Mapped[str] = mapped_column(String(20), default="")


class Problem(RegionScoped, Base):
    """问题: found on a visit, to be rectified by a day, closed only with evidence of a re-check."""

    __tablename__ = "problems"

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    position: Mapped[int]
    description: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(String(300), default="")
    rectify_by: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(12), default="open")  # open, closed, withdrawn (by a correction)
    rechecked_on: Mapped[date | None]
    evidence: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None]
    version_id: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version_id}


class ProblemStep(Base):
    """整改经过: one thing done about a problem – a re-check that failed or passed, an extension asked, granted or declined; insert-only."""

    __tablename__ = "problem_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    problem_id: Mapped[int] = mapped_column(ForeignKey("problems.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # `rectification.rules.STEPS`
    on: Mapped[date]  # day of the re-check; for extensions the day up to which
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int]
    by_name: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)


class Pursued:
    """后续处理: opened when a record that calls for it is approved, to be dealt with by a day, closed by another person with evidence."""

    @declared_attr
    def visit_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("visits.id"), primary_key=True)

    state: Mapped[str] = mapped_column(String(12), default="open", index=True)  # open, closed, withdrawn (by a correction)
    opened_at: Mapped[datetime]
    due_on: Mapped[date | None]
    due_unannounced: Mapped[bool] = mapped_column(default=False)  # 节假日安排未公布
    measure: Mapped[str] = mapped_column(String(40), default="")
    evidence: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None]
    closed_by_name: Mapped[str] = mapped_column(String(100), default="")
    version_id: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version_id}


class Refusal(Pursued, Base):
    """拒绝检查的后续处理, one per visit whose record says that the firm refused."""

    __tablename__ = "refusals"


class Transfer(Pursued, Base):
    """无法联系的移送 (经营异常名录), one per visit whose record says that the firm cannot be reached at its registered place."""

    __tablename__ = "transfers"


class ContactAttempt(Base):
    """联系经过: one attempt to reach a firm at its registered place, by the team; insert-only."""

    __tablename__ = "contact_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    tried_on: Mapped[date]
    how: Mapped[str] = mapped_column(String(40))  # code of `visit.contact`
    evidence: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int]
    by_name: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)


class VisitRecord(Base):
    """检查记录版本: the record as it was approved; a correction is a new version beside it; insert-only."""

    __tablename__ = "visit_records"

    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(Text)  # canonical JSON
    digest: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(300), default="")
    approved_by: Mapped[int]
    approved_by_name: Mapped[str] = mapped_column(String(100))
    approved_at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)

"""公示: drafted by the publisher, approved by a leader, then frozen, numbered and hashed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inspection.db import Base
from inspection.scope import RegionScoped
from inspection.sealing import SEALED


class Publication(RegionScoped, Base):
    """公示稿: one bulletin, plan notice or list of results on its way to the public.

    States: draft → submitted → approved → published → corrected | withdrawn; submitted → draft (returned).
    """

    __tablename__ = "publications"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), index=True)  # bulletin, plan, draw_result, visit_results, items
    title: Mapped[str] = mapped_column(String(200))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what the content is computed from
    state: Mapped[str] = mapped_column(String(12), default="draft", index=True)
    draft: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # content as last computed, with its digest
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("publications.id"))
    created_by: Mapped[int]
    created_by_name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    approved_by: Mapped[int | None]
    approved_by_name: Mapped[str] = mapped_column(String(100), default="")
    approved_at: Mapped[datetime | None]
    return_reason: Mapped[str] = mapped_column(String(300), default="")
    version_id: Mapped[int] = mapped_column(default=1)

    issue: Mapped[Issue | None] = relationship(uselist=False)

    __mapper_args__ = {"version_id_col": version_id}
    __table_args__ = (
        CheckConstraint("state IN ('draft','submitted','approved','published','corrected','withdrawn')", name="state"),
    )


class Issue(Base):
    """公示件: what the public reads: number without gaps, frozen content, PDF, digests, software version; insert-only."""

    __tablename__ = "issues"

    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), primary_key=True)
    series: Mapped[str] = mapped_column(String(40))  # e.g. 市监通告
    year: Mapped[int]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(String(60), unique=True)  # 市监通告〔2026〕3号
    kind: Mapped[str] = mapped_column(String(20), index=True)
    title: Mapped[str] = mapped_column(String(200))
    region_code: Mapped[str] = mapped_column(String(12))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_digest: Mapped[str] = mapped_column(String(64))
    pdf: Mapped[bytes] = mapped_column(LargeBinary)
    pdf_digest: Mapped[str] = mapped_column(String(64), unique=True)
    software_version: Mapped[str] = mapped_column(String(20))
    audit_head: Mapped[str] = mapped_column(String(64))
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    issued_by: Mapped[int]
    issued_by_name: Mapped[str] = mapped_column(String(100))

    __table_args__ = (UniqueConstraint("series", "year", "serial"), {"info": SEALED})


class Withdrawal(Base):
    """撤回或更正: why an issue no longer stands and what stands instead; insert-only, the issue itself stays readable."""

    __tablename__ = "withdrawals"

    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))  # corrected, withdrawn
    reason: Mapped[str] = mapped_column(String(500))
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("publications.id"))
    at: Mapped[datetime]
    by_id: Mapped[int]
    by_name: Mapped[str] = mapped_column(String(100))

    __table_args__ = ({"info": SEALED},)

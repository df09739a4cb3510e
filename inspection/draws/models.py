"""抽取: the public protocol of a draw as rows; what was promised and what came out is insert-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inspection.db import Base
from inspection.scope import RegionScoped
from inspection.sealing import SEALED


class Draw(RegionScoped, Base):
    """双随机抽取: from configuration to publication; one draw per commitment, numbers without gaps.

    States: configured → frozen → committed → revealed → published; void (with a DrawVoid) from every one of them.
    """

    __tablename__ = "draws"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)  # 2026-014
    year: Mapped[int]
    serial: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    authority: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(10), default="planned")  # planned, adhoc, flight 飞行检查
    item_codes: Mapped[list[str]] = mapped_column(JSON, default=list)
    period_from: Mapped[str] = mapped_column(String(10), default="")
    period_to: Mapped[str] = mapped_column(String(10), default="")
    announced: Mapped[bool] = mapped_column(default=True)  # firms get a notice before the visit
    filters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # rates, reserves, seats, exclusions
    state: Mapped[str] = mapped_column(String(12), default="configured", index=True)
    embargo_until: Mapped[datetime | None]
    repeats_id: Mapped[int | None] = mapped_column(ForeignKey("draws.id"))  # the void draw this one repeats
    supplements_id: Mapped[int | None] = mapped_column(index=True)  # the published draw this one adds to (补充抽取)
    task_id: Mapped[int | None] = mapped_column(index=True)  # the 抽查任务 that it carries out
    scheme_id: Mapped[int | None] = mapped_column(index=True)  # the saved frame it was made from, and which version of it
    scheme_version: Mapped[int | None]
    created_by: Mapped[int]
    created_by_name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    version_id: Mapped[int] = mapped_column(default=1)

    files: Mapped[list[DrawFile]] = relationship(order_by="DrawFile.name")
    commitment: Mapped[Commitment | None] = relationship(uselist=False)
    reveal: Mapped[Reveal | None] = relationship(uselist=False)
    void: Mapped[DrawVoid | None] = relationship(uselist=False)

    __mapper_args__ = {"version_id_col": version_id}
    __table_args__ = (
        UniqueConstraint("year", "serial"),
        CheckConstraint("state IN ('configured','frozen','committed','revealed','published','void')", name="state"),
    )


class FrameScheme(RegionScoped, Base):
    """底册方案: a named way to make a frame (filters, strata, rates, exclusions); its content stands in the versions.

    Retired it is offered no more; draws that were made from it still name it.
    """

    __tablename__ = "frame_schemes"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    retired_at: Mapped[datetime | None]
    retired_by_name: Mapped[str] = mapped_column(String(100), default="")
    version_id: Mapped[int] = mapped_column(default=1)

    versions: Mapped[list[FrameSchemeVersion]] = relationship(order_by="FrameSchemeVersion.version.desc()")

    __mapper_args__ = {"version_id_col": version_id}
    __table_args__ = (UniqueConstraint("region_code", "name"),)


class FrameSchemeVersion(Base):
    """底册方案的一版: what was saved, by whom and when; a change is the next version; insert-only."""

    __tablename__ = "frame_scheme_versions"

    scheme_id: Mapped[int] = mapped_column(ForeignKey("frame_schemes.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_by: Mapped[int]
    saved_by_name: Mapped[str] = mapped_column(String(100))
    saved_at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)


class DrawFile(Base):
    """One file of the bundle (frame.tsv, inspectors.tsv, conflicts.tsv, rule.json), frozen byte for byte; insert-only."""

    __tablename__ = "draw_files"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)  # zlib-compressed bytes of the file

    __table_args__ = ({"info": SEALED},)


class Commitment(Base):
    """承诺: the canonical commitment.json, published at once; one per draw, chained, insert-only."""

    __tablename__ = "commitments"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(unique=True)
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    previous: Mapped[str] = mapped_column(String(64), unique=True)
    committed_at: Mapped[datetime]
    reveal_not_before: Mapped[datetime]
    reveal_by: Mapped[datetime]
    committed_by: Mapped[int]
    committed_by_name: Mapped[str] = mapped_column(String(100))

    __table_args__ = ({"info": SEALED},)


class DrawSecret(Base):
    """密值: the office's secret, encrypted under the draw key; left out of backups until the bundle is public."""

    __tablename__ = "draw_secrets"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = ({"info": SEALED},)


class SecretDeposit(Base):
    """密值托管: who was handed which half of a secret on paper; the halves themselves are kept nowhere. Insert-only."""

    __tablename__ = "secret_deposits"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)  # 1 or 2: alone neither says anything about the secret
    copy: Mapped[int] = mapped_column(primary_key=True)  # printed again when the paper was spoilt
    holder: Mapped[str] = mapped_column(String(100))
    printed_by: Mapped[int]
    printed_by_name: Mapped[str] = mapped_column(String(100))
    printed_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("part IN (1, 2)", name="part"), {"info": SEALED})


class ReturnedSecret(Base):
    """交回密值: a secret put together again from its two halves, encrypted like the first one; insert-only, the newest counts."""

    __tablename__ = "returned_secrets"

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    returned_by: Mapped[int]
    returned_by_name: Mapped[str] = mapped_column(String(100))
    returned_at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)


class RevealEntry(Base):
    """录入公开数: what one of the two persons typed; two equal entries of different people make the reveal. Insert-only."""

    __tablename__ = "reveal_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), index=True)
    attempt: Mapped[int]
    account_id: Mapped[int]
    account_name: Mapped[str] = mapped_column(String(100))
    public_value: Mapped[str] = mapped_column(Text)
    witnesses: Mapped[list[str]] = mapped_column(JSON, default=list)
    entered_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("draw_id", "attempt", "account_id"), {"info": SEALED})


class Reveal(Base):
    """揭示: reveal.json and the whole bundle, both under the draw key when an embargo runs; one per commitment, insert-only."""

    __tablename__ = "reveals"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    seed: Mapped[str] = mapped_column(String(64))
    revealed_at: Mapped[datetime]
    n_selected: Mapped[int]
    n_reserve: Mapped[int]
    n_unfilled: Mapped[int]
    bundle_digest: Mapped[str] = mapped_column(String(64))
    bundle: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = ({"info": SEALED},)


class Selection(Base):
    """抽中名单: one selected or reserve unit with rank and ticket; insert-only."""

    __tablename__ = "selections"

    draw_id: Mapped[int] = mapped_column(ForeignKey("reveals.draw_id"), primary_key=True)
    stratum: Mapped[str] = mapped_column(String(64), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    unit_code: Mapped[str] = mapped_column(String(64))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    ticket: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(10))  # selected, reserve

    __table_args__ = (UniqueConstraint("draw_id", "unit_code"), Index("ix_selections_unit_code", "unit_code"), {"info": SEALED})


class TeamSeat(Base):
    """检查组: who fills which seat for a selected unit; empty with the blocking rule when nobody could. Insert-only."""

    __tablename__ = "team_seats"

    draw_id: Mapped[int] = mapped_column(ForeignKey("reveals.draw_id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(String(64), primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True)
    inspector_code: Mapped[str] = mapped_column(String(64), default="", index=True)
    ticket: Mapped[str] = mapped_column(String(64))  # or the blocking rule

    __table_args__ = ({"info": SEALED},)


class DrawVoid(Base):
    """作废: a draw that does not count, with its public reason and a second person; insert-only."""

    __tablename__ = "draw_voids"

    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(500))
    requested_by: Mapped[int]
    requested_by_name: Mapped[str] = mapped_column(String(100))
    approved_by: Mapped[int]
    approved_by_name: Mapped[str] = mapped_column(String(100))
    voided_at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)


class VoidRequest(Base):
    """作废申请: asked by one person, decided by another; insert-only, the newest counts."""

    __tablename__ = "void_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), index=True)
    reason: Mapped[str] = mapped_column(String(500))
    requested_by: Mapped[int]
    requested_by_name: Mapped[str] = mapped_column(String(100))
    requested_at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)


class VoidRefusal(Base):
    """不同意作废: a request that another person refused, or that was withdrawn; the draw stands. Insert-only."""

    __tablename__ = "void_refusals"

    request_id: Mapped[int] = mapped_column(ForeignKey("void_requests.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(500))
    refused_by: Mapped[int]
    refused_by_name: Mapped[str] = mapped_column(String(100))
    refused_at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)


class ReserveCall(Base):
    """候补递补: a reserve called in rank order for a unit that dropped out; one line of calls.tsv; insert-only."""

    __tablename__ = "reserve_calls"

    draw_id: Mapped[int] = mapped_column(ForeignKey("reveals.draw_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    stratum: Mapped[str] = mapped_column(String(64))
    out_code: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(40))
    in_code: Mapped[str] = mapped_column(String(64))
    team: Mapped[list[str]] = mapped_column(JSON, default=list)
    called_at: Mapped[datetime]
    called_by: Mapped[int]

    __table_args__ = (UniqueConstraint("draw_id", "out_code"), UniqueConstraint("draw_id", "in_code"), {"info": SEALED})


class InspectorSwap(Base):
    """换人: one seat given to another inspector by rule, with reason and approver; one line of swaps.tsv; insert-only."""

    __tablename__ = "inspector_swaps"

    draw_id: Mapped[int] = mapped_column(ForeignKey("reveals.draw_id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    unit_code: Mapped[str] = mapped_column(String(64))
    seat: Mapped[int]
    out_code: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(40))
    in_code: Mapped[str] = mapped_column(String(64))
    swapped_at: Mapped[datetime]
    requested_by: Mapped[int]
    approved_by: Mapped[int]

    __table_args__ = ({"info": SEALED},)

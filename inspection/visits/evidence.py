"""Tables of what is brought back from a visit beside the record: attachments, signatures, receipts of what was sent. All insert-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inspection.db import Base
from inspection.sealing import SEALED


class Attachment(Base):
    """附件: one photo, scanned paper record or piece of evidence of a visit; never changed, taken back only by a row beside it."""

    __tablename__ = "visit_attachments"

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    no: Mapped[int]  # 附件 1, 附件 2 … of this visit: the name by which an evidence text speaks of it
    kind: Mapped[str] = mapped_column(String(10))  # photo 现场照片, paper 纸质记录扫描件, evidence 证据材料
    item: Mapped[int | None]  # position of the 检查事项 it shows
    caption: Mapped[str] = mapped_column(String(200), default="")
    filename: Mapped[str] = mapped_column(String(200))  # as sent; shown, never trusted
    content_type: Mapped[str] = mapped_column(String(40))  # as found in the bytes
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), index=True)  # SHA-256 of what is kept
    original_digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of what was sent
    added_by: Mapped[int]
    added_by_name: Mapped[str] = mapped_column(String(100))
    added_at: Mapped[datetime]

    facts: Mapped[AttachmentFacts | None] = relationship(uselist=False, lazy="joined")
    void: Mapped[AttachmentVoid | None] = relationship(uselist=False, lazy="joined")

    __table_args__ = (
        UniqueConstraint("visit_id", "no"),
        CheckConstraint("kind IN ('photo','paper','evidence')", name="kind"),
        {"info": SEALED},
    )


class AttachmentContent(Base):
    """The bytes of an attachment, apart so that lists stay light: a photo without what the camera wrote beside the picture."""

    __tablename__ = "visit_attachment_contents"

    attachment_id: Mapped[int] = mapped_column(ForeignKey("visit_attachments.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = ({"info": SEALED},)


class AttachmentFacts(Base):
    """拍摄信息: what the camera wrote beside the picture, kept apart and shown to the few who may know; NULL = not known."""

    __tablename__ = "visit_attachment_facts"

    attachment_id: Mapped[int] = mapped_column(ForeignKey("visit_attachments.id"), primary_key=True)
    taken_at: Mapped[str | None] = mapped_column(String(40))  # the camera's own clock, zone only where it wrote one
    latitude: Mapped[str | None] = mapped_column(String(20))
    longitude: Mapped[str | None] = mapped_column(String(20))
    device: Mapped[str | None] = mapped_column(String(100))

    __table_args__ = ({"info": SEALED},)


class AttachmentVoid(Base):
    """附件作废: taken back with a reason; the file stays."""

    __tablename__ = "visit_attachment_voids"

    attachment_id: Mapped[int] = mapped_column(ForeignKey("visit_attachments.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(300))
    voided_by: Mapped[int]
    voided_by_name: Mapped[str] = mapped_column(String(100))
    voided_at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)


class Signature(Base):
    """签字: drawn on the screen (or typed, with why) by one person for one content of the record; the newest of a signer counts."""

    __tablename__ = "visit_signatures"

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    signer: Mapped[str] = mapped_column(String(80))  # "firm", or the number of the inspector
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(100), default="")  # 职务 of the firm's person
    strokes: Mapped[list[list[int]]] = mapped_column(JSON)  # [[x, y, x, y, …], …] in a box of 600 × 200
    not_drawn: Mapped[str] = mapped_column(String(200), default="")  # why the name was typed
    record_digest: Mapped[str] = mapped_column(String(64))  # of the content that was signed
    taken_by: Mapped[int]
    taken_by_name: Mapped[str] = mapped_column(String(100))
    signed_at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)


class Receipt(Base):
    """回执: the answer that was given to one sending, so that the same sending again gets the same answer and changes nothing."""

    __tablename__ = "visit_receipts"

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # made by the phone
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    action: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))  # of what was sent
    answer: Mapped[str] = mapped_column(Text)  # JSON
    received_at: Mapped[datetime]

    __table_args__ = ({"info": SEALED},)

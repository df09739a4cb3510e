"""Uploaded files 上传文件: the bytes as they came, their digest, what they were for and what became of them.

Every import of every stage goes the same way: `keep` the file, show the preview computed from the kept bytes, then apply
it in one transaction and `close` the upload with its counts. A file whose digest was already applied for the same purpose
changes nothing the second time.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from inspection import audit, clock
from inspection.actor import Actor
from inspection.db import Base
from inspection.errors import NotFound


class Upload(Base):
    """上传: one file for one purpose; state open → applied | cancelled, written by who uploaded it."""

    __tablename__ = "uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), index=True)  # "registers.enterprises", "results.items", …
    target: Mapped[str] = mapped_column(String(80), default="")  # object the file belongs to, e.g. a laboratory's task
    filename: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64), index=True)
    content: Mapped[bytes]
    owner_id: Mapped[int]
    owner_name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="open")
    applied_at: Mapped[datetime | None]
    n_rows: Mapped[int] = mapped_column(default=0)
    n_applied: Mapped[int] = mapped_column(default=0)
    n_unchanged: Mapped[int] = mapped_column(default=0)
    n_refused: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("kind", "target", "digest", "owner_id"),)


def keep(session: Session, actor: Actor, *, kind: str, target: str, filename: str, content: bytes, n_rows: int = 0) -> Upload:
    """Store the file once; the same bytes for the same purpose by the same person give the same row back."""
    digest = hashlib.sha256(content).hexdigest()
    found = session.scalar(
        select(Upload).where(Upload.kind == kind, Upload.target == target, Upload.digest == digest, Upload.owner_id == actor.id)
    )
    if found is None:
        found = Upload(
            kind=kind,
            target=target,
            filename=filename[-200:],
            digest=digest,
            content=content,
            n_rows=n_rows,
            owner_id=actor.id,
            owner_name=actor.name,
            created_at=clock.now(),
        )
        session.add(found)
        session.flush()
    audit.record(session, actor, f"{kind}.upload", "upload", found.id, filename=found.filename, digest=digest)
    return found


def load(session: Session, actor: Actor, upload_id: int, kind: str) -> Upload:
    """The actor's own upload of that kind."""
    found = session.get(Upload, upload_id)
    if found is None or found.kind != kind or found.owner_id != actor.id:
        raise NotFound("upload-not-found", "没有这个上传文件，或它不是您上传的。请重新上传。")
    return found


def close(session: Session, actor: Actor, upload: Upload, *, n_rows: int, n_applied: int, n_unchanged: int, n_refused: int) -> None:
    """Note what became of the file: counts on the row, one event in the trail."""
    upload.state, upload.applied_at = "applied", clock.now()
    upload.n_rows, upload.n_applied, upload.n_unchanged, upload.n_refused = n_rows, n_applied, n_unchanged, n_refused
    audit.record(
        session,
        actor,
        f"{upload.kind}.apply",
        "upload",
        upload.id,
        digest=upload.digest,
        rows=n_rows,
        applied=n_applied,
        unchanged=n_unchanged,
        refused=n_refused,
    )

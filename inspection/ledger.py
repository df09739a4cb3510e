"""The ledger 发布登记: what was made public, when, with which digest. Below the stages, so that each can publish at once.

The portal reads this table, the words by which its rows are found, and the publications; nothing else. A row is never
changed: a correction or a withdrawal is a new row that names the one it replaces.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from inspection import audit, clock, keywords
from inspection.actor import Actor
from inspection.db import Base
from inspection.sealing import SEALED


class Entry(Base):
    """登记: one public fact. `board` is where the public looks for it, `subject` what it is about; insert-only.

    Boards: items 事项清单, plan 年度抽查计划, task 抽查任务, results 结果, draws 抽取 (commitment, reveal, void, unrevealed),
    plans 抽检计划, bulletins 通告.
    """

    __tablename__ = "ledger"

    id: Mapped[int] = mapped_column(primary_key=True)
    board: Mapped[str] = mapped_column(String(12), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # commitment, reveal, void, unrevealed, plan, result, bulletin, correction, withdrawal
    subject: Mapped[str] = mapped_column(String(80), index=True)  # draw number, plan code, credit code, issue number
    title: Mapped[str] = mapped_column(String(200))
    region_code: Mapped[str] = mapped_column(String(12), default="")
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(120), default="")
    file_type: Mapped[str] = mapped_column(String(80), default="")
    file: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # read only by who downloads it
    file_digest: Mapped[str] = mapped_column(String(64), default="", index=True)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("ledger.id"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = ({"info": SEALED},)


class Key(Base):
    """检索词: one word by which a public fact is found (`keywords.of`), written with it; insert-only."""

    __tablename__ = "ledger_keys"

    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(12), primary_key=True)  # name, part, code, department, item, draw, from, to
    word: Mapped[str] = mapped_column(String(keywords.LONGEST), primary_key=True)

    __table_args__ = (Index("ix_ledger_keys_field_word", "field", "word", "entry_id"), {"info": SEALED})


def publish(
    session: Session,
    actor: Actor,
    *,
    board: str,
    kind: str,
    subject: str,
    title: str,
    content: Mapping[str, Any],
    region_code: str = "",
    file: bytes | None = None,
    file_name: str = "",
    file_type: str = "",
    replaces_id: int | None = None,
) -> Entry:
    """Make a fact public now; the same transaction writes it into the trail."""
    plain = audit.plain(dict(content))
    entry = Entry(
        board=board,
        kind=kind,
        subject=subject,
        title=title,
        region_code=region_code,
        content=plain,
        digest=hashlib.sha256(rfc8785.dumps(plain)).hexdigest(),
        file=file,
        file_name=file_name,
        file_type=file_type,
        file_digest=hashlib.sha256(file).hexdigest() if file is not None else "",
        replaces_id=replaces_id,
        at=clock.now(),
    )
    session.add(entry)
    session.flush()
    _index(session, entry)
    audit.record(session, actor, f"ledger.{kind}", "ledger", entry.id, subject=subject, digest=entry.digest, file=entry.file_digest)
    return entry


def _index(session: Session, entry: Entry) -> None:
    """Write the words of a fact; one that says nothing of its own (a withdrawal) is found by the words of what it replaces."""
    words = keywords.of(entry.content)
    if not words and entry.replaces_id is not None:
        words = {(field, word) for field, word in session.execute(select(Key.field, Key.word).where(Key.entry_id == entry.replaces_id))}
    if words:
        session.execute(insert(Key), [{"entry_id": entry.id, "field": field, "word": word} for field, word in sorted(words)])


def of(session: Session, board: str, subject: str) -> list[Entry]:
    """Everything made public about a subject, oldest first."""
    return list(session.scalars(select(Entry).where(Entry.board == board, Entry.subject == subject).order_by(Entry.id)))


def count(session: Session, board: str) -> int:
    """How many facts a board holds."""
    return session.scalar(select(func.count()).select_from(Entry).where(Entry.board == board)) or 0

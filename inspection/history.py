"""The past 往绩: what has happened to an enterprise, asked by earlier stages, written by later ones.

Below the stages so that a draw may ask who was inspected this year without knowing the stage that inspects. What comes from a draw
whose list is not public yet is told to nobody: a count that grows would name the firm.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import ColumnElement, ForeignKey, Index, String, column, func, or_, select, table
from sqlalchemy.orm import Mapped, Session, mapped_column

from inspection.db import Base
from inspection.sealing import SEALED


class Fact(Base):
    """往绩: one thing that happened on a day to an enterprise, or a visit that was carried by an inspector.

    Insert-only; `subject` is the code of the enterprise or inspector, `reference` the number of the visit, sample or case.
    """

    __tablename__ = "facts"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))  # visited, sampled, sample_void, failed, overturned, problem, complaint, case, case_closed, carried
    subject: Mapped[str] = mapped_column(String(64))
    reference: Mapped[str] = mapped_column(String(60))
    detail: Mapped[str] = mapped_column(String(100), default="")
    on: Mapped[date]
    draw_id: Mapped[int | None] = mapped_column(ForeignKey("draws.id"))

    __table_args__ = (
        Index("ix_facts_kind_on_subject", "kind", "on", "subject"), Index("ix_facts_subject", "subject"), {"info": SEALED},
    )  # fmt: skip


def note(session: Session, kind: str, subject: str, reference: str, on: date, detail: str = "", draw_id: int | None = None) -> None:
    """Write a fact down; the stage that knows it calls this in its own transaction."""
    session.add(Fact(kind=kind, subject=subject, reference=reference, on=on, detail=detail, draw_id=draw_id))


_DRAWS = table("draws", column("id"), column("published_at"))


def told() -> ColumnElement[bool]:
    """Facts that come from no draw, or from one whose list is public: a list under embargo tells nobody, by no count and no frame, whom it holds."""
    return or_(Fact.draw_id.is_(None), Fact.draw_id.in_(select(_DRAWS.c.id).where(_DRAWS.c.published_at.is_not(None))))


def subjects(session: Session, kind: str, since: date, until: date | None = None) -> dict[str, int]:
    """How often each subject met that kind of fact from `since` to `until` (both inclusive)."""
    query = select(Fact.subject, func.count()).where(Fact.kind == kind, Fact.on >= since, told()).group_by(Fact.subject)
    if until is not None:
        query = query.where(Fact.on <= until)
    return dict(session.execute(query).all())


def count(session: Session, kind: str, codes: Collection[str], since: date) -> int:
    """How often any of these subjects met that kind of fact since a day, lists under embargo left out."""
    query = select(func.count()).where(Fact.subject.in_(codes), Fact.kind == kind, Fact.on >= since, told())
    return session.scalar(query) or 0


def of(session: Session, subject: str, kinds: Iterable[str] = ()) -> list[Fact]:
    """Everything known about a subject, newest first."""
    query = select(Fact).where(Fact.subject == subject, told()).order_by(Fact.on.desc(), Fact.id.desc())
    wanted = tuple(kinds)
    return list(session.scalars(query.where(Fact.kind.in_(wanted)) if wanted else query))

"""The trail 审计: an append-only chain of events, each carrying the hash of the one before.

``hash = sha256(canonical JSON of the event without its hash)``, where the event includes ``previous``. Sealed by database
triggers; `verify` walks the chain and names the first break. The head is printed on public papers, so that a restored old
copy or a rewritten tail is found by anybody who kept one of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import rfc8785
import structlog
from sqlalchemy import BigInteger, Integer, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from inspection import clock, veils, verbs
from inspection.actor import ANONYMOUS, Actor
from inspection.db import Base
from inspection.sealing import SEALED

GENESIS = "0" * 64


class AuditEvent(Base):
    """One event 审计事件: written once by `record`, never changed or deleted by anybody."""

    __tablename__ = "audit_events"
    __table_args__ = ({"info": SEALED},)

    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(25))
    actor_id: Mapped[int]
    actor_name: Mapped[str] = mapped_column(String(100))
    via: Mapped[str] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str] = mapped_column(String(40))
    verb: Mapped[str] = mapped_column(String(60), index=True)
    outcome: Mapped[str] = mapped_column(String(10))
    object_kind: Mapped[str] = mapped_column(String(40), index=True)
    object_id: Mapped[str] = mapped_column(String(80), index=True)
    before_digest: Mapped[str] = mapped_column(String(64))
    after_digest: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


CHAINED = [column.name for column in AuditEvent.__table__.columns if column.name != "hash"]


def plain(value: Any) -> Any:
    """A value as canonical JSON can hold it: decimals, days and moments as text."""
    match value:
        case datetime():
            return clock.stamp(value)
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            items = [plain(item) for item in value]
            return sorted(items, key=str) if isinstance(value, (set, frozenset)) else items
        case bool() | str() | None:
            return value
        case int():
            return value if abs(value) < 2**53 else str(value)
        case float():
            return repr(value)
        case _:
            return str(value)


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a value."""
    return rfc8785.dumps(plain(value))


def digest(value: Any) -> str:
    """SHA-256 of the canonical bytes; "" for nothing at all."""
    return "" if value is None else hashlib.sha256(canonical(value)).hexdigest()


def state_of(row: Base) -> dict[str, Any]:
    """The stored columns of a row, for before/after digests."""
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}


def _present_request() -> str:
    """Number of the request being answered, as the log lines carry it, for events of the system itself or of nobody yet."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def record(
    session: Session,
    actor: Actor | None,
    verb: str,
    object_kind: str,
    object_id: object,
    *,
    before: Any = None,
    after: Any = None,
    outcome: str = "ok",
    veil: str = "",
    **detail: Any,
) -> AuditEvent:
    """Append one event to the chain, inside the caller's write transaction.

    Parameters
    ----------
    verb : ``stage.verb``, for example ``draws.commit``.
    before, after : rows or plain values; only their digests are kept.
    veil : number of the secret draw that this event would betray; objects that a stage named in `veils` need none.
    detail : small facts worth reading later (reason, counts, digests); never secrets or personal data.

    Raises whatever the database raises: when the event cannot be written, the action must fail.
    """
    actor = actor or ANONYMOUS
    session.flush()
    fields: dict[str, Any] = {
        "at": clock.stamp(clock.now()),
        "actor_id": actor.id,
        "actor_name": actor.name,
        "via": actor.via,
        "address": actor.address,
        "request_id": actor.request_id or _present_request(),
        "verb": verb,
        "outcome": outcome,
        "object_kind": object_kind,
        "object_id": str(object_id)[:80],
        "before_digest": digest(state_of(before) if isinstance(before, Base) else before),
        "after_digest": digest(state_of(after) if isinstance(after, Base) else after),
        "detail": canonical(detail).decode(),
    }
    return _append(session, fields, veil or veils.subject_of(session, actor, object_kind, object_id))


def _append(session: Session, fields: dict[str, Any], veil: str = "") -> AuditEvent:
    """The next link of the chain, behind its veil when there is one."""
    seq, previous = head(session)
    fields = {"seq": seq + 1, **fields, "previous": previous}
    if veil:
        fields, kept = veils.cover(fields, veil)
        session.add(kept)
    event = AuditEvent(**fields, hash=digest(fields))
    session.add(event)
    session.flush()
    return event


def unveil(session: Session, subject: str) -> int:
    """Repeat in the open what was kept back about a draw, each event with its own time and people; gives how many.

    The detail names the sealed event (`veiled`) and the salt, with which anybody may compute its seal again.
    """
    kept = veils.waiting(session, subject)
    for veil in kept:
        hidden, sealed = json.loads(veil.content), session.get_one(AuditEvent, veil.seq)
        detail = {**json.loads(hidden["detail"]), "veiled": veil.seq, "salt": hidden.pop("salt")}
        _append(session, {"at": sealed.at, "outcome": sealed.outcome, "request_id": sealed.request_id, **hidden, "detail": canonical(detail).decode()})
    return len(kept)


def head(session: Session) -> tuple[int, str]:
    """Number and hash of the last event; (0, genesis) when there is none."""
    last = session.execute(select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)).first()
    return (last.seq, last.hash) if last else (0, GENESIS)


def newest(session: Session, object_kind: str, object_id: object, limit: int = 3) -> list[tuple[str, str, str]]:
    """The latest steps taken on an object, as a Conflict tells them: (what, "", who and when), newest first."""
    query = (
        select(AuditEvent.verb, AuditEvent.actor_name, AuditEvent.at)
        .where(AuditEvent.object_kind == object_kind, AuditEvent.object_id == str(object_id)[:80], AuditEvent.outcome == "ok")
        .order_by(AuditEvent.seq.desc())
        .limit(limit)
    )
    return [(verbs.label(verb), "", f"{name} {at.replace('T', ' ')[:16]}") for verb, name, at in session.execute(query)]


@dataclass(frozen=True, slots=True)
class Chain:
    """What `verify` found: events read, the head, and the first break (or None)."""

    events: int
    head: str
    broken_at: int | None = None
    reason: str = ""
    at: str = ""

    @property
    def ok(self) -> bool:
        return self.broken_at is None


def _events(session: Session) -> Iterator[Any]:
    columns = AuditEvent.__table__.columns
    yield from session.execute(select(*columns).order_by(AuditEvent.seq).execution_options(yield_per=2000))


def verify(session: Session, against: Mapping[int, str] | None = None) -> Chain:
    """Walk the chain from genesis to head and name the first break.

    Parameters
    ----------
    against : heads copied from printed papers, number → hash; finds a restored old copy and a rewritten tail, which the
        chain alone cannot show.
    """
    previous, count = GENESIS, 0
    wanted, sealed = dict(against or {}), veils.seals(session)
    for row in _events(session):
        mapping = row._mapping
        expected = count + 1
        if row.seq != expected:
            return Chain(count, previous, expected, f"缺第 {expected} 号事件（下一条是 {row.seq} 号）", row.at)
        if row.previous != previous:
            return Chain(count, previous, row.seq, "与上一条事件的链接不符", row.at)
        if digest({name: mapping[name] for name in CHAINED}) != row.hash:
            return Chain(count, previous, row.seq, "内容与其哈希不符", row.at)
        if (row.verb == veils.VERB) != (row.seq in sealed) or sealed.pop(row.seq, row.detail) != row.detail:
            return Chain(count, previous, row.seq, "封存的保密事件与链上的封签不符", row.at)
        if wanted.pop(row.seq, row.hash) != row.hash:
            return Chain(count, previous, row.seq, "与纸面所印的链头不符（此后曾被改写）", row.at)
        previous, count = row.hash, row.seq
    if sealed:
        return Chain(count, previous, min(sealed), f"有第 {min(sealed)} 号保密事件的内容，链上却没有它的封签")
    if wanted:
        missing = min(wanted)
        return Chain(count, previous, missing, f"纸面印有第 {missing} 号链头，库中只到 {count} 号（可能恢复了旧副本）")
    return Chain(count, previous)

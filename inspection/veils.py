"""Veils 保密事件: what is done about a secret list stands in the trail as a sealed line until the list is public.

The chain carries SHA-256 over a random salt and the hidden fields: nobody who reads the chain learns who did what to whom, and nobody
can change it afterwards. The fields themselves wait in `audit_veils`; when the secret ends, `audit.unveil` repeats them in the open.
A stage says with `@rule` which of its objects are secret; the events of these objects are then veiled without being asked.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import rfc8785
from sqlalchemy import BigInteger, Integer, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from inspection.actor import Actor
from inspection.db import Base
from inspection.sealing import SEALED

VERB = "audit.veiled"
HIDDEN = ("actor_id", "actor_name", "via", "address", "verb", "object_kind", "object_id", "before_digest", "after_digest", "detail")


class Veil(Base):
    """保密事件: the hidden fields of one event with their salt; written with the event, never changed, shown by nobody before the end."""

    __tablename__ = "audit_veils"
    __table_args__ = ({"info": SEALED},)

    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(String(80), index=True)  # number of the draw whose list is secret
    content: Mapped[str] = mapped_column(Text)


Rule = Callable[[Session, Actor, str], str]
_rules: dict[str, Rule] = {}


def rule(*kinds: str) -> Callable[[Rule], Rule]:
    """A stage registers here how an object of these kinds gives the number of the secret draw it belongs to, "" for none."""

    def register(function: Rule) -> Rule:
        _rules.update(dict.fromkeys(kinds, function))
        return function

    return register


def subject_of(session: Session, actor: Actor, kind: str, object_id: object) -> str:
    """Number of the secret draw that an object belongs to, "" when everybody may know of it."""
    asked = _rules.get(kind)
    return asked(session, actor, str(object_id)) if asked else ""


def cover(fields: Mapping[str, Any], subject: str) -> tuple[dict[str, Any], Veil]:
    """The event as the chain carries it, and what waits behind it."""
    content = rfc8785.dumps({name: fields[name] for name in HIDDEN} | {"salt": secrets.token_hex(32)}).decode()
    seal = hashlib.sha256(content.encode()).hexdigest()
    blank: dict[str, Any] = dict.fromkeys(HIDDEN, "")
    shown = {"actor_id": 0, "actor_name": "（保密）", "via": "veil", "verb": VERB, "object_kind": "draw", "object_id": subject}
    detail = rfc8785.dumps({"seal": seal}).decode()
    return {**fields, **blank, **shown, "detail": detail}, Veil(seq=fields["seq"], subject=subject, content=content)


def waiting(session: Session, subject: str) -> list[Veil]:
    """Everything kept back about a draw, in order."""
    return list(session.scalars(select(Veil).where(Veil.subject == subject).order_by(Veil.seq)))


def seals(session: Session) -> dict[int, str]:
    """Number of the event → the detail that its veil must have in the chain."""
    rows = session.execute(select(Veil.seq, Veil.content))
    return {seq: rfc8785.dumps({"seal": hashlib.sha256(content.encode()).hexdigest()}).decode() for seq, content in rows}

"""Hand out the halves of a secret, take them back. A half is derived or added without carry: neither tells anything of the secret alone."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.auth.roles import Permission as P
from inspection.draws.asking import get
from inspection.draws.keys import half_of, seal
from inspection.draws.models import Commitment, Draw, ReturnedSecret, SecretDeposit
from inspection.draws.outcome import agreed
from inspection.draws.promise import secret_of
from inspection.errors import Forbidden, Invalid, Refused
from sampling import frame

PARTS = {1: P.DRAW_COMMIT, 2: P.DRAW_WITNESS}  # who prints which half: no person holds both permissions


def part_of(actor: Actor) -> int:
    """The half that this person prints.

    Raises
    ------
    Forbidden : neither the draw officer nor a leader.
    """
    found = next((part for part, permission in PARTS.items() if actor.can(permission)), None)
    if found is None:
        raise Forbidden("not-permitted", "您的岗位无权办理此事。如工作需要，请联系安全管理员调整岗位。")
    return found


def deposits_of(session: Session, draw_id: int) -> list[SecretDeposit]:
    """Every half handed out, in order."""
    query = select(SecretDeposit).where(SecretDeposit.draw_id == draw_id).order_by(SecretDeposit.part, SecretDeposit.copy)
    return list(session.scalars(query))


def deposit(session: Session, actor: Actor, draw_id: int, *, holder: str, draw_key: str) -> tuple[SecretDeposit, str]:
    """Note who receives this person's half, and give the half for the paper.

    Raises
    ------
    Refused : the draw is not waiting for its reveal, or its secret cannot be opened.
    Invalid : the holder has the other half already.
    """
    draw, part = get(session, draw_id), part_of(actor)
    _check_waiting(session, draw)
    given = deposits_of(session, draw.id)
    if any(row.part != part and row.holder == holder for row in given):
        raise Invalid("same-holder", "另一份已由 %(holder)s 保管，两份不能由同一人保管。", fields={"holder": ["两份须由不同的人保管"]}, holder=holder)
    half = _halves(secret_of(session, draw, draw_key), draw_key, draw.number)[part - 1]
    copy = session.scalar(select(func.count()).where(SecretDeposit.draw_id == draw.id, SecretDeposit.part == part)) or 0
    made = SecretDeposit(
        draw_id=draw.id, part=part, copy=copy + 1, holder=holder, printed_by=actor.id, printed_by_name=actor.name, printed_at=clock.now()
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "draw.deposit", "draw", draw.number, part=part, copy=made.copy, holder=holder)
    return made, half


def _halves(secret: str, draw_key: str, number: str) -> tuple[str, str]:
    first = int.from_bytes(half_of(draw_key, number))
    return f"{first:064x}", f"{first ^ int(secret, 16):064x}"


def joined(first: str, second: str) -> str:
    """The secret of two halves.

    >>> joined("0" * 63 + "1", "0" * 63 + "3")[-4:]
    '0002'
    """
    return f"{int(first, 16) ^ int(second, 16):064x}"


def check_of(half: str) -> str:
    """First digits of the digest of a half, to find a mistake of the pen."""
    return hashlib.sha256(half.encode()).hexdigest()[:8]


def lost(session: Session, draw: Draw, draw_key: str) -> bool:
    """Whether a draw that waits for its reveal has no secret that opens: restored from a backup, or the key was changed."""
    if draw.state != "committed":
        return False
    try:
        secret_of(session, draw, draw_key)
    except Refused:
        return True
    return False


def give_back(session: Session, actor: Actor, draw_id: int, *, first: str, second: str, draw_key: str) -> ReturnedSecret:
    """Put a lost secret together from its halves; only the one that was promised is taken.

    Raises
    ------
    Refused : the draw is not waiting for its reveal, or its secret is not lost.
    Invalid : the halves do not give the secret of the commitment.
    """
    draw = get(session, draw_id)
    _check_waiting(session, draw)
    if not lost(session, draw, draw_key):
        raise Refused("secret-present", "抽取 %(number)s 的密值完好，不需要交回；请直接录入公开数揭示。", number=draw.number)
    secret = joined(first, second)
    promised = json.loads(session.get_one(Commitment, draw.id).content)["secret_digest"]
    if frame.digest(secret.encode()) != promised:
        wrong = ["两份合并后与承诺中的密值摘要不符，请对照两份的校验位重新录入"]
        raise Invalid("secret-wrong", "两份数字合并后不是抽取 %(number)s 承诺的密值。", fields={"first": wrong, "second": wrong}, number=draw.number)
    made = ReturnedSecret(
        draw_id=draw.id, sealed=seal(draw_key, draw.number, secret.encode()), returned_by=actor.id, returned_by_name=actor.name, returned_at=clock.now()
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "draw.return_secret", "draw", draw.number)
    return made


def _check_waiting(session: Session, draw: Draw) -> None:
    if draw.state != "committed" or agreed(session, draw.id):
        raise Refused("not-waiting", "抽取 %(number)s 不在“已承诺、待揭示”阶段，密值不需要托管或交回。", number=draw.number)

"""回执: what a phone sends may arrive twice; the second time it gets the first answer and nothing changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import Refused
from inspection.visits import assignments
from inspection.visits.evidence import Receipt


def once(session: Session, actor: Actor, visit_id: int, *, key: str, action: str, digest: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do what was sent and keep the answer under its key; the same sending again gives that answer.

    Parameters
    ----------
    key : made by the phone, one for each sending; "" does it without a receipt.
    digest : SHA-256 of everything that was sent.
    make : does the work and gives the answer as JSON values.

    Raises
    ------
    Refused : the key was used for something else.
    """
    if not key:
        return make()
    visit = assignments.get(session, actor, visit_id)
    kept = session.get(Receipt, (actor.id, key))
    if kept is None:
        answer = make()
        session.add(
            Receipt(
                account_id=actor.id, key=key, visit_id=visit_id, action=action, digest=digest, answer=json.dumps(answer, ensure_ascii=False),
                received_at=clock.now(),
            )
        )  # fmt: skip
        session.flush()
        return answer
    if (kept.visit_id, kept.action, kept.digest) != (visit_id, action, digest):
        raise Refused("key-reused", "发送编号已用于另一份内容，这一次没有保存。请刷新页面，核对后重新发送。")
    audit.record(session, actor, "visit.resend", "visit", visit.number, action=action, digest=digest)
    given: dict[str, Any] = json.loads(kept.answer)
    return given

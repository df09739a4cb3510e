"""Void 作废: asked by one person with a reason, decided by another, public at once; an unrevealed promise becomes void by itself."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import SYSTEM, Actor
from inspection.auth.roles import Permission as P
from inspection.draws import rules
from inspection.draws.asking import get, load, may
from inspection.draws.models import Commitment, Draw, DrawVoid, Reveal, VoidRefusal, VoidRequest
from inspection.draws.openness import publish_fact
from inspection.draws.outcome import agreed
from inspection.errors import Invalid, Refused

GRACE = timedelta(hours=1)  # an agreed value may need its time to become a list; a list that never comes is void like a missing value


def request_void(session: Session, actor: Actor, draw_id: int, *, reason: str) -> VoidRequest:
    """Ask for a draw to be void; another person decides."""
    if not reason.strip():
        raise Invalid("reason-missing", "作废须写明理由，理由将公开。", fields={"reason": ["必填"]})
    draw = get(session, draw_id)
    may(draw, "void")
    if (asked := open_void_request(session, draw_id)) is not None:
        raise Refused("already-asked", "%(name)s 已提出作废申请，正待审批，不必再提。", name=asked.requested_by_name)
    made = VoidRequest(
        draw_id=draw.id, reason=reason.strip(), requested_by=actor.id, requested_by_name=actor.name, requested_at=clock.now()
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "draw.request_void", "draw", draw.number, reason=reason)
    return made


def open_requests() -> Select[VoidRequest]:
    """Requests that nobody has refused or withdrawn."""
    return select(VoidRequest).where(VoidRequest.id.not_in(select(VoidRefusal.request_id)))


def open_void_request(session: Session, draw_id: int) -> VoidRequest | None:
    """The newest open request, None when there is none or the draw is void already."""
    return session.scalars(open_requests().where(VoidRequest.draw_id == draw_id).order_by(VoidRequest.id.desc()).limit(1)).first()


def refuse_void(session: Session, actor: Actor, draw_id: int, *, reason: str) -> VoidRefusal:
    """The draw stands: the second person refuses the request, or who made it withdraws it."""
    draw = get(session, draw_id)
    may(draw, "void")
    asked = open_void_request(session, draw_id)
    if asked is None:
        raise Refused("no-void-request", "没有待审批的作废申请。")
    if asked.requested_by != actor.id and not actor.can(P.DRAW_APPROVE):
        raise Refused("not-your-request", "作废申请由 %(name)s 提出，只能由本人撤回，或由审批领导不予同意。", name=asked.requested_by_name)
    made = VoidRefusal(request_id=asked.id, reason=reason, refused_by=actor.id, refused_by_name=actor.name, refused_at=clock.now())
    session.add(made)
    session.flush()
    audit.record(session, actor, "draw.refuse_void", "draw", draw.number, asked=asked.reason, asked_by=asked.requested_by_name, reason=reason)
    return made


def refusals_of(session: Session, draw_id: int) -> list[tuple[VoidRequest, VoidRefusal]]:
    """Requests for this draw that came to nothing, in order."""
    query = select(VoidRequest, VoidRefusal).join(VoidRefusal, VoidRefusal.request_id == VoidRequest.id).where(VoidRequest.draw_id == draw_id)
    return [(asked, refused) for asked, refused in session.execute(query.order_by(VoidRequest.id))]


def approve_void(session: Session, actor: Actor, draw_id: int, *, version: int) -> DrawVoid:
    """The second person makes the draw void, in public."""
    draw = load(session, draw_id, version)
    may(draw, "void")
    asked = open_void_request(session, draw_id)
    if asked is None:
        raise Refused("no-void-request", "没有待审批的作废申请。")
    if asked.requested_by == actor.id:
        raise Refused("same-person", "不能审批自己提出的作废申请，请另一人办理。")
    return _void(session, actor, draw, asked.reason, asked.requested_by, asked.requested_by_name, kind="void")


def _void(session: Session, actor: Actor, draw: Draw, reason: str, asked_by: int, asked_name: str, *, kind: str) -> DrawVoid:
    made = DrawVoid(
        draw_id=draw.id, reason=reason, requested_by=asked_by, requested_by_name=asked_name, approved_by=actor.id,
        approved_by_name=actor.name, voided_at=clock.now(),
    )
    session.add(made)
    before, draw.state = draw.state, "void"
    session.flush()
    facts = {
        "title": draw.title, "reason": reason, "state_before": rules.STATES[before], "revealed": session.get(Reveal, draw.id) is not None,
    }
    publish_fact(session, actor, draw, kind, facts)
    audit.record(session, actor, f"draw.{kind}", "draw", draw.number, reason=reason)
    return made


def void_unrevealed(session: Session) -> list[str]:
    """Make every commitment void whose announced time has passed without a reveal; gives the numbers."""
    late = session.scalars(
        select(Draw)
        .join(Commitment, Commitment.draw_id == Draw.id)
        .where(Draw.state == "committed", Commitment.reveal_by < clock.now())
        .execution_options(unscoped=True)
    ).all()
    due = [draw for draw in late if agreed(session, draw.id) is None or session.get_one(Commitment, draw.id).reveal_by + GRACE < clock.now()]
    for draw in due:
        _void(session, SYSTEM, draw, "未在公布的最迟时间之前揭示", SYSTEM.id, SYSTEM.name, kind="unrevealed")
    return [draw.number for draw in due]

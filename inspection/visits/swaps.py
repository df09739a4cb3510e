"""换人: one seat of a team given to another inspector by rule, asked by one person and decided by another.

Only while the record was not submitted; loads never change (the reserves called later get the teams of section 6 all the same).
What was approved becomes a line of swaps.tsv beside the bundle (`python -m sampling verify BUNDLE --swaps swaps.tsv`).
"""

from __future__ import annotations

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from inspection import audit, clock
from inspection.actor import Actor
from inspection.draws import service as draws
from inspection.draws.models import Draw, InspectorSwap
from inspection.errors import Invalid, NotFound, Refused
from inspection.visits import assignments, frozen, rules, substitutes, words
from inspection.visits.models import SwapDecision, SwapRequest, Visit, VisitMember


def request_swap(session: Session, actor: Actor, visit_id: int, *, version: int, seat: int, in_code: str, reason: str, evidence: str) -> SwapRequest:
    """Ask for a seat to be given to somebody else; another person decides.

    Raises
    ------
    Refused : submitted already, no draw behind it, a request waits.  Invalid : by field, with the rule that the substitute breaks.
    """
    visit = assignments.get(session, actor, visit_id)
    frozen.same_version(visit, version)
    draw = _swappable(session, visit)
    if open_request(session, visit.id) is not None:
        raise Refused("swap-waits", "这项任务已有一件换人申请等待批准，请先办结。")
    words.check_swap_reason(session, reason)
    team = substitutes.seats_of(session, visit, draw)
    substitutes.check(session, visit, draw, team, seat=seat, in_code=in_code, reason=reason)
    made = SwapRequest(
        visit_id=visit.id, seat=seat, out_code=team[seat], in_code=in_code, reason=reason, evidence=evidence.strip(), requested_by=actor.id,
        requested_by_name=actor.name, requested_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(session, actor, "visit.request_swap", "visit", visit.number, seat=seat, out=made.out_code, into=in_code, reason=reason)
    return made


def approve_swap(session: Session, actor: Actor, visit_id: int, request_id: int, *, version: int) -> Visit:
    """The second person gives the seat; everything is checked again, the team of the visit changes, the swap is published."""
    visit, asked = _asked(session, actor, visit_id, request_id)
    frozen.same_version(visit, version)
    draw = _swappable(session, visit)
    team = substitutes.seats_of(session, visit, draw)
    if team.get(asked.seat) != asked.out_code:
        raise Refused("seat-changed", "申请之后该席位已经变动，请驳回后重新申请。")
    person = substitutes.check(session, visit, draw, team, seat=asked.seat, in_code=asked.in_code, reason=asked.reason)
    if actor.inspector_id == person.id or assignments.is_member(actor, visit):
        raise Refused("own-swap", "您是这次换人涉及的检查人员，不能批准，请另一位负责人办理。")
    seq = (session.scalar(select(func.max(InspectorSwap.seq)).where(InspectorSwap.draw_id == draw.id)) or 0) + 1
    session.add(
        InspectorSwap(
            draw_id=draw.id, seq=seq, unit_code=visit.unit_code, seat=asked.seat, out_code=asked.out_code, reason=asked.reason,
            in_code=asked.in_code, swapped_at=clock.now(), requested_by=asked.requested_by, approved_by=actor.id,
        )
    )  # fmt: skip
    _decide(session, actor, asked, seq=seq)
    _seat(visit, asked.seat, person.id)
    session.flush()
    if draw.state == "published":
        draws.publish_swaps(session, actor, draw)
    audit.record(session, actor, "visit.swap", "visit", visit.number, seq=seq, seat=asked.seat, out=asked.out_code, into=asked.in_code, reason=asked.reason)
    return visit


def decline_swap(session: Session, actor: Actor, visit_id: int, request_id: int, *, reason: str) -> SwapRequest:
    """The second person declines, saying why; the team stays."""
    if not reason.strip():
        raise Invalid("reason-missing", "%(verb)s须写明理由。", fields={"reason": ["理由必填"]}, verb="驳回")
    visit, asked = _asked(session, actor, visit_id, request_id)
    _decide(session, actor, asked, note=reason.strip())
    session.flush()
    audit.record(session, actor, "visit.decline_swap", "visit", visit.number, seat=asked.seat, reason=reason)
    return asked


def open_request(session: Session, visit_id: int) -> SwapRequest | None:
    """The request that waits for its decision."""
    query = select(SwapRequest).where(SwapRequest.visit_id == visit_id, ~SwapRequest.decision.has()).order_by(SwapRequest.id)
    return session.scalars(query).first()


def requests_of(session: Session, visit_id: int) -> list[SwapRequest]:
    """Every request of a visit with its decision, oldest first."""
    rows = list(session.scalars(select(SwapRequest).where(SwapRequest.visit_id == visit_id).order_by(SwapRequest.id)))
    for row in rows:
        _ = row.decision
    return rows


def waiting_swaps(session: Session, actor: Actor) -> list[int]:
    """Visits the actor may see whose swap waits for a decision of somebody else than he."""
    asked = asked_for_swap().where(SwapRequest.requested_by != actor.id)
    return list(session.scalars(assignments.listing(actor).where(Visit.id.in_(asked)).with_only_columns(Visit.id)))


def asked_for_swap() -> Select[int]:
    """Numbers of the visits with a request that waits."""
    return select(SwapRequest.visit_id).where(~SwapRequest.decision.has())


def seats(session: Session, visit: Visit) -> dict[int, str]:
    """Who sits where now, "" for a seat that stands empty; refused when this visit's team cannot be swapped."""
    return substitutes.seats_of(session, visit, _swappable(session, visit))


def _swappable(session: Session, visit: Visit) -> Draw:
    draw = session.get(Draw, visit.draw_id, execution_options={"unscoped": True}) if visit.draw_id else None
    if draw is None:
        raise Refused("no-draw", "这项检查任务不是抽取产生的，不按换人程序办理。")
    if draw.state not in assignments.DRAWN:
        raise Refused("draw-void", "抽取 %(number)s 已作废，其检查任务随之停止，不能换人。", number=draw.number)
    if visit.state not in rules.UNSUBMITTED:
        raise Refused("swap-too-late", "检查记录已经提交过，不能再换人：只有待检查、填写中的任务可以换人。")
    return draw


def _asked(session: Session, actor: Actor, visit_id: int, request_id: int) -> tuple[Visit, SwapRequest]:
    visit = assignments.get(session, actor, visit_id)
    asked = session.get(SwapRequest, request_id)
    if asked is None or asked.visit_id != visit.id:
        raise NotFound("swap-not-found", "没有这件换人申请。")
    if asked.decision is not None:
        raise Refused("swap-decided", "这件换人申请已经办结。")
    if asked.requested_by == actor.id:
        raise Refused("same-person", "不能审批自己提出的换人申请，请另一人办理。")
    return visit, asked


def _decide(session: Session, actor: Actor, asked: SwapRequest, *, seq: int | None = None, note: str = "") -> None:
    session.add(SwapDecision(request_id=asked.id, seq=seq, note=note, decided_by=actor.id, decided_by_name=actor.name, decided_at=clock.now()))


def _seat(visit: Visit, seat: int, inspector_id: int) -> None:
    """Put a person into a seat; the version of the visit grows, so that a form opened before is noticed."""
    member = next((member for member in visit.members if member.seat == seat), None)
    if member is None:
        visit.members.append(VisitMember(seat=seat, inspector_id=inspector_id))
    else:
        member.inspector_id = inspector_id
    flag_modified(visit, "state")

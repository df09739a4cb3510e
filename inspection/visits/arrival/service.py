"""扫码入企: who is at which door, from when to when; and what that says of the hours of the record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.draws.models import Draw
from inspection.errors import Forbidden, Invalid, NotFound, Refused
from inspection.registers.models import Enterprise
from inspection.rulebook import service as rulebook
from inspection.visits import assignments
from inspection.visits import rules as records
from inspection.visits.arrival import rules
from inspection.visits.arrival.models import Arrival
from inspection.visits.models import Visit

LIMIT = "count.visit.checkin_metres"


@dataclass(frozen=True, slots=True)
class Hours:
    """起止时间 as the check-ins of the last day say."""

    begun: datetime | None = None
    ended: datetime | None = None


def arrive(session: Session, actor: Actor, visit_id: int, given: rules.Given, secret: str) -> Arrival:
    """Check in at the door of one's own visit, or out again.

    Raises
    ------
    Forbidden : not of the team.  Refused : stopped, recorded, outside the term, already in or never in.
    Invalid : the code of another door, no position and no reason, far away without a word on it.
    """
    visit = assignments.get(session, actor, visit_id)
    _may_go(session, actor, visit)
    _in_turn(session, actor, visit, given.kind)
    firm = session.get(Enterprise, visit.enterprise_id, execution_options={"unscoped": True})
    assert firm is not None
    if given.kind == "in" and not rules.opens(given, firm.code, rules.label_code(secret, firm.code)):
        said = f"这个码不是“{firm.name}”的。请核对门牌和标签；没有标签的，输入营业执照上的统一社会信用代码"
        raise Invalid("wrong-door", "签到的码与检查对象不符。", fields={"code": [said]})
    there = (firm.latitude, firm.longitude) if firm.latitude is not None and firm.longitude is not None else None
    distance = rules.metres(given.place, there) if given.place and there else None
    if wrong := rules.faults(given, distance, rulebook.number(session, LIMIT, clock.today())):
        raise Invalid("arrival-incomplete", "签到还差 %(n)s 处说明。", fields=wrong, n=len(wrong))
    row = Arrival(
        visit_id=visit.id, kind=given.kind, how="button" if given.kind == "out" else given.how, at=clock.now(), latitude=given.latitude,
        longitude=given.longitude, accuracy_m=given.accuracy_m, distance_m=distance, far_reason=given.far_reason.strip(),
        no_position_reason="" if given.place else given.no_position_reason.strip(), by_id=actor.id, by_name=actor.name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    verb = "visit.check_in" if row.kind == "in" else "visit.check_out"
    audit.record(session, actor, verb, "visit", visit.number, how=row.how, distance_m=distance, far=row.far_reason, no_position=row.no_position_reason)
    return row


def _may_go(session: Session, actor: Actor, visit: Visit) -> None:
    if not assignments.is_member(actor, visit):
        raise Forbidden("not-in-team", "您不是该任务抽中的检查人员，不能填写记录。")
    if actor.lab_id is not None:
        raise Forbidden("laboratory-may-not-inspect", "检验机构人员不得实施检查。受委托抽样与行政检查须分开。")
    if visit.state not in records.OPEN:
        raise Refused("visit-closed", "该记录已提交或已审核，不能再改。需要更正请走退回或更正程序。")
    draw = session.get(Draw, visit.draw_id, execution_options={"unscoped": True}) if visit.draw_id else None
    if draw is not None and draw.state == "void":
        raise Refused("draw-void", "抽取 %(number)s 已作废，其检查任务随之停止，不能再填写记录。", number=draw.number)
    today = clock.today()
    if (visit.due_from and today < visit.due_from) or (visit.due_to and today > visit.due_to):
        raise Refused("outside-term", "今天不在任务期限 %(a)s 至 %(b)s 之内，不能签到。", a=str(visit.due_from or "—"), b=str(visit.due_to or "—"))


def _in_turn(session: Session, actor: Actor, visit: Visit, kind: str) -> None:
    mine = [row for row in of_visit(session, visit.id) if row.by_id == actor.id and clock.day_of(row.at) == clock.today()]
    inside = bool(mine) and mine[-1].kind == "in"
    if kind == "in" and inside:
        raise Refused("already-in", "您已在 %(at)s 签到，尚未签退。", at=records.local_hour(mine[-1].at))
    if kind == "out" and not inside:
        raise Refused("not-in", "您今天还没有在这家签到，不能签退。")


def of_visit(session: Session, visit_id: int) -> list[Arrival]:
    """Check-ins and check-outs of a visit, in order."""
    return list(session.scalars(select(Arrival).where(Arrival.visit_id == visit_id).order_by(Arrival.id)))


def of_today(session: Session, actor: Actor) -> list[Arrival]:
    """The actor's own check-ins and check-outs of today, in order."""
    since = clock.local(clock.today())
    query = select(Arrival).where(Arrival.by_id == actor.id, Arrival.at >= since, Arrival.at < since + timedelta(days=1))
    return list(session.scalars(query.order_by(Arrival.id)))


def plain(session: Session, visit_id: int) -> list[dict[str, Any]]:
    """Check-ins as they are kept with an approved record."""
    names = ("kind", "how", "at", "latitude", "longitude", "accuracy_m", "distance_m", "no_position_reason", "far_reason", "by_name")
    return [{name: getattr(row, name) for name in names} for row in of_visit(session, visit_id)]


def at_door(session: Session, actor: Actor, unit_code: str, code: str, secret: str) -> Visit:
    """The actor's own open visit behind a scanned label.

    Raises
    ------
    Invalid : no label of ours.  NotFound : no visit of his there within the term, told with the name of the firm.
    """
    if not rules.opens(rules.Given(how="qr", code=code), unit_code, rules.label_code(secret, unit_code)):
        raise Invalid("no-label", "这个二维码不是本平台的企业标签，或标签已失效。请改用手工输入签到，并请办公室重新打印标签。")
    today = clock.today()
    query = assignments.listing(actor, mine=True).where(Visit.unit_code == unit_code, Visit.state.in_(records.OPEN), assignments.living())
    due: list[Visit] = [row for row in session.scalars(query.order_by(Visit.due_to, Visit.id)) if not (row.due_from and today < row.due_from)]
    if not due:
        name = session.scalar(select(Enterprise.name).where(Enterprise.code == unit_code).execution_options(unscoped=True)) or unit_code
        raise NotFound("no-visit-here", "您现在没有“%(name)s”的检查任务，不能签到。请核对是否走错了门，任务见“我的任务”。", name=name)
    return due[0]


# --- what it says of the record ---------------------------------------------------------------------------------------


def hours(session: Session, visit: Visit) -> Hours:
    """Begin and end of the visit: the first check-in and the last check-out of the last day somebody was there."""
    rows = of_visit(session, visit.id)
    if not rows:
        return Hours()
    day = max(clock.day_of(row.at) for row in rows if row.kind == "in")
    there = [row for row in rows if clock.day_of(row.at) == day]
    ins, outs = [row.at for row in there if row.kind == "in"], [row.at for row in there if row.kind == "out"]
    return Hours(min(ins), max(outs) if outs else None)


def filled(session: Session, visit: Visit, entry: records.VisitEntry) -> records.VisitEntry:
    """The record with its day and hours from the check-ins where they were left open."""
    known = hours(session, visit)
    if known.begun is None:
        return entry
    return replace(
        entry, visited_on=entry.visited_on or clock.day_of(known.begun), started_at=entry.started_at or known.begun, ended_at=entry.ended_at or known.ended
    )

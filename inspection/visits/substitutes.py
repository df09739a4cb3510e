"""Who may take whose seat: the rules of the seat as the protocol has them, and what the registers say of the person on the day."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.draws import service as draws
from inspection.draws.models import Draw, ReserveCall, TeamSeat
from inspection.errors import Invalid
from inspection.registers.models import Inspector
from inspection.visits import recording, rules
from inspection.visits.models import Visit
from sampling import bundle, frame, seed, teams


def seats_of(session: Session, visit: Visit, draw: Draw) -> dict[int, str]:
    """Who sits where now: seat → code, "" for a seat that stands empty."""
    drawn = session.scalars(select(TeamSeat.seat).where(TeamSeat.draw_id == draw.id, TeamSeat.unit_code == visit.unit_code)).all()
    call = session.scalar(select(ReserveCall).where(ReserveCall.draw_id == draw.id, ReserveCall.in_code == visit.unit_code))
    codes = dict(session.execute(select(Inspector.id, Inspector.code).execution_options(unscoped=True)).all())
    sitting = {member.seat: codes[member.inspector_id] for member in visit.members}
    return {seat: sitting.get(seat, "") for seat in drawn or range(1, len(call.team if call else ()) + 1)}


def check(session: Session, visit: Visit, draw: Draw, team: Mapping[int, str], *, seat: int, in_code: str, reason: str) -> Inspector:
    """The substitute, if the seat may be given to him.

    Who stays is not asked again, or two people who fall ill together could never be replaced one after the other; the record asks
    everybody when it is submitted.

    Raises
    ------
    Invalid : by field, with the rule that stands against it.
    """
    if seat not in team:
        raise Invalid("no-such-seat", "这个检查组没有第 %(seat)s 席。", fields={"seat": ["没有这个席位"]}, seat=seat)
    if (team[seat] == "") != (reason == rules.SHORTAGE):
        raise Invalid("reason-unfit", "换人原因与席位不符：空缺的席位按缺员补位办理，有人的席位不能以缺员为由。", fields={"reason": ["与席位不符"]})
    person = session.scalar(select(Inspector).where(Inspector.code == in_code).execution_options(unscoped=True))
    if person is None:
        raise Invalid("unknown-inspector", "名录库中没有编号为 %(person)s 的检查人员。", fields={"in_code": ["没有这名检查人员"]}, person=in_code)
    broken = _broken(session, visit, draw, team, seat, person)
    if broken:
        raise Invalid("substitute-unfit", "检查人员 %(name)s 不能担任这一席位，有 %(n)s 条规则不满足。", fields={"in_code": broken}, name=person.name, n=len(broken))
    return person


def _broken(session: Session, visit: Visit, draw: Draw, team: Mapping[int, str], seat: int, person: Inspector) -> list[str]:
    day = visit.visited_on or max(clock.today(), visit.due_from or clock.today())
    broken = [message for member in recording.standing(session, visit, [person], day) for message in rules.unfit(member, day)]
    rule = _rule_broken(draws.files_of(session, draw.id), visit.unit_code, team, seat, person)
    return [*broken, rules.SEAT_RULES[rule]] if rule else broken


def _rule_broken(files: Mapping[str, bytes], unit_code: str, team: Mapping[int, str], seat: int, person: Inspector) -> str:
    """The first rule of the seat that the person breaks, "" for none: those that the public checks in swaps.tsv."""
    people, conflicts = bundle.roster_of(files)
    known = {one.id: one for one in people}
    if person.code in team.values():
        return "team"
    if person.code not in known and team[seat]:
        return "roster"
    candidate = known.get(person.code) or frame.Inspector(person.code, person.department_code, ("*",), tuple(sorted(person.skills)), 0, person.lead)
    seats = [teams.Seat.of(member) for member in seed.read_json("rule.json", files["rule.json"])["seats"]]
    unit = next(frame.unit_of(cells) for cells in frame.rows(files["frame.tsv"]) if cells[0] == unit_code)
    present = {number: known[code] for number, code in team.items() if code in known}
    barred = {inspector for inspector, object_ in conflicts if object_ == unit_code}
    return teams.seat_fault(seats, seat, candidate, present, unit.needs, barred)

"""候补递补: for a unit that could not be inspected the next reserve of its stratum is called, in rank order, with its own team.

The team follows section 6 of the protocol: the reserve is served after all others with the loads then reached. The calls are
published beside the bundle, so that anyone can check the order (`python -m sampling verify BUNDLE --calls calls.tsv`).
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock, ledger
from inspection.actor import Actor
from inspection.draws import service as draws
from inspection.draws.afterwards import skips
from inspection.draws.models import Draw, ReserveCall, Reveal, Selection, TeamSeat
from inspection.errors import Refused
from inspection.registers.models import Enterprise
from inspection.registers.rules import public_name
from inspection.visits import assignments, attachments, frozen, rules, words
from inspection.visits.models import Visit
from sampling import bundle, frame, seed, teams


def call_reserve(session: Session, actor: Actor, visit_id: int, *, version: int) -> Visit:
    """Call the next reserve in the place of a unit whose approved record says why it could not be inspected.

    Raises
    ------
    Refused : not approved, inspected after all, refused (a refusal is dealt with, not replaced), called before, nobody left.
    """
    visit = assignments.get(session, actor, visit_id)
    frozen.same_version(visit, version)
    draw = _draw(session, visit)
    if visit.state not in assignments.FORMED or visit.outcome not in rules.REPLACEABLE:
        raise Refused("not-replaceable", "只有审核通过、且因故未能检查的对象才能递补；已检查或拒绝检查的不递补。")
    calls = of_draw(session, draw.id)
    if any(call.out_code == visit.unit_code for call in calls):
        raise Refused("already-replaced", "对象 %(unit)s 已经递补过。", unit=visit.unit_code)
    row = _next(session, visit, calls)
    team = _team(session, draw, row.unit_code, calls)
    call = ReserveCall(
        draw_id=draw.id, seq=len(calls) + 1, stratum=visit.stratum, out_code=visit.unit_code, reason=visit.outcome, in_code=row.unit_code,
        team=team, called_at=clock.now(), called_by=actor.id,
    )  # fmt: skip
    ids = assignments.inspector_ids(session)
    seats = [(seat, ids[code]) for seat, code in enumerate(team, 1) if code]
    made = assignments.made(session, draw, row, seats, assignments.items_of(session, draw, clock.today()))
    session.add_all([call, made])
    session.flush()
    _publish(session, actor, draw, [*calls, call], words.outcome(session, visit))
    audit.record(session, actor, "visit.call_reserve", "visit", made.number, out=visit.number, reason=visit.outcome, seq=call.seq,
                 evidence=[row.digest for row in attachments.live(session, visit.id)])  # fmt: skip
    return made


def of_draw(session: Session, draw_id: int) -> list[ReserveCall]:
    """The calls of a draw in their order."""
    return list(session.scalars(select(ReserveCall).where(ReserveCall.draw_id == draw_id).order_by(ReserveCall.seq)))


def of_visit(session: Session, visit: Visit) -> tuple[Visit | None, Visit | None]:
    """(the visit this one replaces, the visit that replaces this one)."""
    calls = of_draw(session, visit.draw_id) if visit.draw_id else []
    out = next((call.out_code for call in calls if call.in_code == visit.unit_code), None)
    into = next((call.in_code for call in calls if call.out_code == visit.unit_code), None)
    return _visit(session, visit, out), _visit(session, visit, into)


def table(calls: list[ReserveCall]) -> bytes:
    """calls.tsv of the protocol."""
    rows = [(str(c.seq), c.stratum, c.out_code, c.reason, c.in_code, ",".join(c.team), clock.stamp(c.called_at)) for c in calls]
    return bundle.table_bytes("calls.tsv", rows)


def _draw(session: Session, visit: Visit) -> Draw:
    draw = session.get(Draw, visit.draw_id, execution_options={"unscoped": True}) if visit.draw_id else None
    if draw is None:
        raise Refused("no-draw", "这项检查任务不是抽取产生的，没有候补名单。")
    if draw.state != "published":
        raise Refused("draw-not-public", "抽取 %(number)s 的名单尚未公布或已作废，不能递补：递补须与名单一并公开。", number=draw.number)
    return draw


def _next(session: Session, visit: Visit, calls: list[ReserveCall]) -> Selection:
    called = {call.in_code for call in calls}
    queue = session.scalars(
        select(Selection).where(Selection.draw_id == visit.draw_id, Selection.stratum == visit.stratum, Selection.role == "reserve").order_by(Selection.rank)
    )
    row = next((row for row in queue if row.unit_code not in called), None)
    if row is None:
        raise Refused("reserve-exhausted", "%(stratum)s 层的候补已经用完，不能再递补；未检查的对象计入未应答。", stratum=visit.stratum)
    return row


def _team(session: Session, draw: Draw, unit_code: str, calls: list[ReserveCall]) -> list[str]:
    """The inspectors by seat ("" where nobody could), served after all others with the loads then reached."""
    files, reveal = draws.files_of(session, draw.id), session.get(Reveal, draw.id)
    assert reveal is not None
    rule = seed.read_json("rule.json", files["rule.json"])
    roster = teams.Roster(reveal.seed, *bundle.roster_of(files), [teams.Seat.of(member) for member in rule["seats"]])
    drawn = session.scalars(select(TeamSeat.inspector_code).where(TeamSeat.draw_id == draw.id, TeamSeat.inspector_code != ""))
    for code in [*drawn, *(code for call in calls for code in call.team if code)]:
        roster.load[code] += 1
    unit = next(frame.unit_of(cells) for cells in frame.rows(files["frame.tsv"]) if cells[0] == unit_code)
    return [seat.inspector for seat in roster.serve(unit.id, unit.area, unit.needs)]


def _publish(session: Session, actor: Actor, draw: Draw, calls: list[ReserveCall], word: str) -> None:
    reveal = session.get(Reveal, draw.id)
    assert reveal is not None
    last = calls[-1]
    ledger.publish(
        session, actor, board="draws", kind="call", subject=draw.number, title=draw.title, region_code=draw.region_code,
        content={
            "seq": last.seq, "stratum": last.stratum, "label": draws.public_words(session, [last.stratum])[last.stratum], "out": last.out_code, "reason": last.reason, "word": word,
            "in": last.in_code, "names": _names(session, last), "bundle": reveal.bundle_digest, "skips": skips(session, last),
        },
        file=table(calls), file_name=f"calls-{reveal.bundle_digest[:12]}-{last.seq:03d}.tsv", file_type="text/tab-separated-values; charset=utf-8",
    )  # fmt: skip


def _names(session: Session, call: ReserveCall) -> dict[str, str]:
    """Both firms as the public may read them."""
    firms = session.scalars(select(Enterprise).where(Enterprise.code.in_([call.out_code, call.in_code])).execution_options(unscoped=True))
    return {firm.code: public_name(firm.code, firm.name, firm.legal_person) for firm in firms}


def _visit(session: Session, visit: Visit, unit_code: str | None) -> Visit | None:
    if unit_code is None:
        return None
    return session.scalar(select(Visit).where(Visit.draw_id == visit.draw_id, Visit.unit_code == unit_code))

"""From the tables to the facts of a draw; nothing of a list that this person may not see yet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.actor import Actor
from inspection.calendar import service as calendar
from inspection.draws import service as draws
from inspection.draws.models import Draw, InspectorSwap, ReserveCall, Selection
from inspection.errors import Refused
from inspection.indicators.drawn.facts import DONE, MISSED, OPEN, Facts, Response, Term, Unit
from inspection.registers.models import Department, Inspector, Region
from inspection.visits import rules as visits
from inspection.visits.assignments import DRAWN, FORMED
from inspection.visits.models import Visit, VisitItem, VisitResult
from sampling import bundle, frame
from sampling.draw import Stratum

WHOLE = {"unscoped": True}  # who may see the draw sees all that belongs to it, also where a firm has moved away since


def listing(actor: Actor) -> Select[Draw]:
    """Draws that have a list which this person may see."""
    return select(Draw).where(Draw.state.in_(DRAWN), Draw.id.not_in(draws.hidden_from(actor)))


def load(session: Session, actor: Actor, draw_id: int) -> Draw:
    """A draw whose figures may be shown.

    Raises
    ------
    NotFound : no such draw, or of another region.  Forbidden : its list is under embargo for this person.
    Refused : not revealed yet, or void: a void draw counts for nothing.
    """
    draw = draws.get(session, draw_id)
    if draw.state == "void":
        raise Refused("draw-void", "抽取 %(number)s 已作废，不作统计。请查看重抽的那一次。", number=draw.number)
    if not draws.revealed(session, draw):
        raise Refused("not-revealed-yet", "抽取 %(number)s 尚未揭示，还没有名单可以统计。", number=draw.number)
    draws.check_list(session, actor, draw)
    return draw


def facts(session: Session, draw: Draw) -> Facts:
    """Everything the figures of a draw rest on, from its frozen files and its visits."""
    files = draws.files_of(session, draw.id)
    rule = json.loads(files["rule.json"])
    people, conflicts = bundle.roster_of(files)
    strata = {name: Stratum.of(member) for name, member in rule["strata"].items()}
    lead = next((n for n, seat in enumerate(rule["seats"]) if seat["lead"]), 0)
    wanted = _drawn(session, draw.id)
    weighted: dict[str, list[int]] = {name: [] for name, stratum in strata.items() if stratum.method == "pareto"}
    rows = {}
    for cells in frame.rows(files["frame.tsv"]):
        if cells[0] in wanted:
            rows[cells[0]] = frame.unit_of(cells)
        if cells[3] == "ok" and cells[1] in weighted:
            weighted[cells[1]].append(int(cells[2]))
    teams, seen = _teams(session, draw.id), _seen(session, draw.id)
    departments = {person.id: person.unit for person in people} | _moved_in(session, {c for t in teams.values() for c in t}, people)
    units = [_unit(rows[code], called, teams.get(code, ()), lead, departments, seen.get(code, {})) for code, called in wanted.items()]
    return Facts(strata, units, people, conflicts, _terms(session, draw.id), weighted)


def responses(session: Session, draw_ids: Sequence[int]) -> dict[int, Response]:
    """How many of the drawn units of each draw were inspected, missed and are open, without reading the frames."""
    chosen = select(Selection.draw_id, func.count()).where(Selection.draw_id.in_(draw_ids), Selection.role == "selected").group_by(Selection.draw_id)
    calls = select(ReserveCall.draw_id, func.count()).where(ReserveCall.draw_id.in_(draw_ids)).group_by(ReserveCall.draw_id)
    called = ReserveCall.in_code.is_not(None)
    formed = (
        select(Visit.draw_id, called, Visit.outcome == visits.DONE, func.count())
        .outerjoin(ReserveCall, (ReserveCall.draw_id == Visit.draw_id) & (ReserveCall.in_code == Visit.unit_code))
        .where(Visit.draw_id.in_(draw_ids), Visit.state.in_(FORMED)).group_by(Visit.draw_id, called, Visit.outcome == visits.DONE)
    )  # fmt: skip
    n = {(id_, bool(reserve), bool(done)): k for id_, reserve, done, k in session.execute(formed, execution_options=WHOLE)}
    selected, reserves = dict(session.execute(chosen).all()), dict(session.execute(calls).all())
    found = {}
    for id_ in draw_ids:
        done, missed = n.get((id_, False, True), 0), n.get((id_, False, False), 0)
        more, less, size, extra = n.get((id_, True, True), 0), n.get((id_, True, False), 0), selected.get(id_, 0), reserves.get(id_, 0)
        found[id_] = Response(size, done, missed, size - done - missed, extra, more, extra - more - less)
    return found


def _drawn(session: Session, draw_id: int) -> dict[str, bool]:
    """Code of every selected unit and called reserve → whether it was called."""
    query = select(Selection.unit_code).where(Selection.draw_id == draw_id, Selection.role == "selected")
    chosen = session.scalars(query.order_by(Selection.stratum, Selection.rank)).all()
    calls = session.scalars(select(ReserveCall.in_code).where(ReserveCall.draw_id == draw_id).order_by(ReserveCall.seq)).all()
    return dict.fromkeys(chosen, False) | dict.fromkeys(calls, True)


def _teams(session: Session, draw_id: int) -> dict[str, tuple[str, ...]]:
    """Inspectors by seat as drawn, called and swapped."""
    seats = {code: [seat.inspector_code for seat in row] for code, row in draws.teams(session, draw_id).items()}
    for call in session.scalars(select(ReserveCall).where(ReserveCall.draw_id == draw_id)):
        seats[call.in_code] = list(call.team)
    for swap in session.scalars(select(InspectorSwap).where(InspectorSwap.draw_id == draw_id).order_by(InspectorSwap.seq)):
        if swap.unit_code in seats and 0 < swap.seat <= len(seats[swap.unit_code]):
            seats[swap.unit_code][swap.seat - 1] = swap.in_code
    return {code: tuple(team) for code, team in seats.items()}


def _moved_in(session: Session, codes: set[str], people: Iterable[frame.Inspector]) -> dict[str, str]:
    """Departments of people who were not in the frozen roster."""
    if not (missing := codes - {person.id for person in people} - {""}):
        return {}
    query = select(Inspector.code, Inspector.department_code).where(Inspector.code.in_(missing)).execution_options(unscoped=True)
    return dict(session.execute(query).all())


def _seen(session: Session, draw_id: int) -> dict[str, dict[str, Any]]:
    """What the approved records say, by unit; a firm that moved away since still counts for its draw."""
    formed = (Visit.draw_id == draw_id, Visit.state.in_(FORMED))
    records: dict[int, dict[str, Any]] = {}
    by_unit = {}
    for id_, code, outcome in session.execute(select(Visit.id, Visit.unit_code, Visit.outcome).where(*formed), execution_options=WHOLE):
        by_unit[code] = records[id_] = {"outcome": outcome or "", "found": set(), "results": set()}
    items = select(VisitItem.visit_id, VisitItem.found).join(Visit, Visit.id == VisitItem.visit_id).where(*formed)
    for id_, found in session.execute(items, execution_options=WHOLE):
        records[id_]["found"].add(found)
    results = select(VisitResult.visit_id, VisitResult.code).join(Visit, Visit.id == VisitResult.visit_id).where(*formed)
    for id_, result in session.execute(results, execution_options=WHOLE):
        records[id_]["results"].add(result)
    return by_unit


def _unit(row: frame.Unit, called: bool, team: tuple[str, ...], lead: int, departments: Mapping[str, str], seen: Mapping[str, Any]) -> Unit:
    """One drawn unit with what its record says; no approved record means open, never "nothing found"."""
    leader = team[lead] if lead < len(team) else ""
    outcome = seen.get("outcome", "")
    state = OPEN if not seen else DONE if outcome == visits.DONE else MISSED
    found, results = seen.get("found", set()) - {None}, seen.get("results", set())
    done = state == DONE
    return Unit(
        row.id, row.stratum, row.area, row.weight, called, state, outcome,
        failing=bool(results - visits.CLEAR) if done and results else None,
        problem="problem" in found if done and found else None,
        team=team, department=departments.get(leader, ""),
    )  # fmt: skip


def _terms(session: Session, draw_id: int) -> list[Term]:
    """Results on their way to the board, by number of the visit."""
    days, today = calendar.calendar(session), clock.today()
    query = select(Visit.number, Visit.state, Visit.formed_on, Visit.publish_by, Visit.published_at, Visit.publish_by_unannounced)
    rows = session.execute(query.where(Visit.draw_id == draw_id, Visit.state.in_(FORMED)).order_by(Visit.number), execution_options=WHOLE).all()
    found = []
    for number, state, formed, by, at, unannounced in rows:
        if formed is None:
            continue
        published = clock.day_of(at) if state == "published" and at else None
        until = published or today
        found.append(Term(number, formed, by, published, days.between(formed, until), until, not unannounced))
    return found


# --- words -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the places, departments, people and strata of a draw, by code."""

    areas: Mapping[str, str]
    departments: Mapping[str, str]
    people: Mapping[str, str]
    strata: Mapping[str, str]


def names(session: Session, found: Facts) -> Names:
    """The words for the codes of a draw; a code without a name is shown as it is."""
    areas = {unit.area for unit in found.units}
    people = {code for unit in found.units for code in unit.team} | {person.id for person in found.inspectors}
    return Names(
        dict(session.execute(select(Region.code, Region.name).where(Region.code.in_(areas))).all()),
        dict(session.execute(select(Department.code, Department.name)).all()),
        dict(session.execute(select(Inspector.code, Inspector.name).where(Inspector.code.in_(people)).execution_options(unscoped=True)).all()),
        draws.strata_words(session, found.strata),
    )


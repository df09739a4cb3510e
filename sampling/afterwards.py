"""After the draw 抽取之后: calls of reserves and swaps of inspectors, checked against the bundle (section 9). Standard library only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sampling import bundle, draw, frame, seed, teams
from sampling.bundle import Outcome
from sampling.frame import Difference

Called = dict[str, tuple[str, ...]]  # a called reserve and its inspectors in the order of the seats, "" where nobody could


def check_calls(files: Mapping[str, bytes], outcome: Outcome, calls: bytes) -> Called:
    """Check calls.tsv: reserves in rank order within their stratum, teams by section 6; gives the team of every call."""
    living = {row.id: row.stratum for row in outcome.selection if row.role == "selected"}
    waiting: dict[str, list[draw.Chosen]] = {}
    for row in outcome.selection:
        if row.role == "reserve":
            waiting.setdefault(row.stratum, []).append(row)
    reserve = {row.id for rows in waiting.values() for row in rows}
    roster, units = _served(files, outcome), _units(files, reserve)
    called: Called = {}
    for line, (stratum, out_id, _reason, in_id, team, _at) in _numbered("calls.tsv", calls):
        if living.get(out_id) != stratum or in_id not in reserve:
            raise Difference("calls.tsv", line, "unknown id", out_id if in_id in reserve else in_id)
        queue = waiting.get(stratum, [])
        if not queue or queue[0].id != in_id:
            raise Difference("calls.tsv", line, "rank", queue[0].id if queue else "")
        queue.pop(0)
        del living[out_id]
        living[in_id] = stratum
        called[in_id] = tuple(row.inspector for row in roster.serve(in_id, units[in_id].area, units[in_id].needs))
        if team != ",".join(called[in_id]):
            raise Difference("calls.tsv", line, "team", ",".join(called[in_id]))
    return called


def _served(files: Mapping[str, bytes], outcome: Outcome) -> teams.Roster:
    """The roster with the loads reached after all selected objects were served."""
    roster = teams.Roster(outcome.seed, *bundle.roster_of(files), _seats(files))
    for o in sorted(bundle.served(outcome.selection, files), key=lambda o: (o.ticket, o.id)):
        roster.serve(o.id, o.area, o.needs)
    return roster


def check_swaps(files: Mapping[str, bytes], outcome: Outcome, swaps: bytes, called: Mapping[str, Sequence[str]]) -> int:
    """Check swaps.tsv: who goes sits there, who comes is of the roster and fits the seat; gives the number of swaps.

    Somebody from outside the roster may only fill a seat that stood empty (shortage); of him nothing but his place is known here.
    """
    sitting: dict[str, dict[int, str]] = {}
    for row in outcome.teams:
        sitting.setdefault(row.object, {})[row.seat] = row.inspector
    sitting |= {object_: dict(enumerate(team, 1)) for object_, team in called.items()}
    people, conflicts = bundle.roster_of(files)
    known, barred, seats = {person.id: person for person in people}, set(conflicts), _seats(files)
    units, number = _units(files, set(sitting)), 0
    for line, (object_, seat_, out_id, _reason, in_id, _at) in _numbered("swaps.tsv", swaps):
        team, seat, number = sitting.get(object_, {}), int(seat_), number + 1
        if team.get(seat) != out_id:
            raise Difference("swaps.tsv", line, "unknown id", team.get(seat, object_))
        if in_id not in known and out_id:
            raise Difference("swaps.tsv", line, "unknown id", in_id)
        candidate = known.get(in_id) or frame.Inspector(in_id, "")
        if in_id in team.values():
            raise Difference("swaps.tsv", line, "team", "team")
        present = {n: known[id_] for n, id_ in team.items() if id_ in known}
        bar = {in_id} if (in_id, object_) in barred else ()
        if in_id in known and (fault := teams.seat_fault(seats, seat, candidate, present, units[object_].needs, bar)):
            raise Difference("swaps.tsv", line, "team", fault)
        team[seat] = in_id
    return number


def _numbered(name: str, data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Line and cells behind `seq` of every row of a table whose rows count from 1 without a gap."""
    frame.check_table(name, data)
    for number, (line, cells) in enumerate(frame.numbered_rows(data), 1):
        if int(cells[0]) != number:
            raise Difference(name, line, "order")
        yield line, cells[1:]


def _seats(files: Mapping[str, bytes]) -> list[teams.Seat]:
    return [teams.Seat.of(member) for member in seed.read_json("rule.json", files["rule.json"])["seats"]]


def _units(files: Mapping[str, bytes], ids: set[str]) -> dict[str, frame.Unit]:
    return {cells[0]: frame.unit_of(cells) for cells in frame.rows(files["frame.tsv"]) if cells[0] in ids}

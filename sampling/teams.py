"""Teams 检查组 (均衡取小号): who inspects whom, from the same seed (section 6). Standard library only.

Objects are served in the order of their tickets; each seat goes to the legal inspector with the least load and the smallest
ticket of the pair. Nothing is relaxed silently: a seat that nobody may fill stays empty and names the rule that emptied it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sampling.frame import Difference, Inspector, Watch, watched


@dataclass(frozen=True, slots=True)
class Seat:
    """席位: what it asks of its member."""

    lead: bool = False
    unit: str = "*"
    other_unit: bool = False

    @classmethod
    def of(cls, member: Mapping[str, Any]) -> Seat:
        return cls(member["lead"], member["unit"], member["other_unit"])

    def member(self) -> dict[str, Any]:
        return {"lead": self.lead, "other_unit": self.other_unit, "unit": self.unit}


@dataclass(frozen=True, slots=True)
class Filled:
    """A seat of an object's team: inspector and ticket, or "" and the blocking rule."""

    object: str
    seat: int
    inspector: str
    ticket: str

    def cells(self) -> tuple[str, ...]:
        return self.object, str(self.seat), self.inspector, self.ticket


def check_seats(seats: Sequence[Seat]) -> None:
    """Seats must be laminar in their order: for i < j disjoint, or those of seat i within those of seat j.

    >>> check_seats([Seat(lead=True), Seat(other_unit=True)])
    """
    for seat in seats:
        if seat.other_unit and (seat.lead or seat.unit != "*"):
            raise Difference("rule.json", None, "seats", "other_unit with lead or unit")
    for i, first in enumerate(seats):
        for second in seats[i + 1 :]:
            if not (_disjoint(first, second) or _within(first, second)):
                raise Difference("rule.json", None, "seats")


def _disjoint(a: Seat, b: Seat) -> bool:
    return a.unit != "*" and b.unit != "*" and a.unit != b.unit


def _within(a: Seat, b: Seat) -> bool:
    return (a.lead or not b.lead) and (b.unit == "*" or a.unit == b.unit)


def seat_fault(
    seats: Sequence[Seat], number: int, candidate: Inspector, team: Mapping[int, Inspector], needs: Sequence[str], barred: Collection[str]
) -> str:
    """The first rule that keeps `candidate` from seat `number` in the place of whoever sits there, "" for none.

    The area is not asked: a substitute may come from elsewhere. `other_unit` is asked of the whole team, for a substitute in an
    earlier seat may be of the very unit that a later seat must not repeat.

    >>> ann, bob = Inspector("A", "U1", lead=True), Inspector("B", "U2")
    >>> seat_fault([Seat(lead=True), Seat(other_unit=True)], 1, Inspector("C", "U2", lead=True), {1: ann, 2: bob}, (), ())
    'other_unit'
    """
    seat, others = seats[number - 1], {n: member for n, member in team.items() if n != number}
    rules = (
        ("skills", set(needs) <= set(candidate.skills)),
        ("conflict", candidate.id not in barred),
        ("team", candidate.id not in {member.id for member in others.values()}),
        ("lead", candidate.lead or not seat.lead),
        ("unit", seat.unit in ("*", candidate.unit)),
        ("other_unit", _units_differ(seats, {**others, number: candidate})),
    )
    return next((name for name, holds in rules if not holds), "")


def _units_differ(seats: Sequence[Seat], team: Mapping[int, Inspector]) -> bool:
    units: set[str] = set()
    for number in sorted(team):
        if seats[number - 1].other_unit and team[number].unit in units:
            return False
        units.add(team[number].unit)
    return True


def pair_ticket(seed: str, object_: str, inspector: str) -> str:
    """Ticket of a pair: sha256hex(S + ":a:" + object + ":" + inspector)."""
    return hashlib.sha256(f"{seed}:a:{object_}:{inspector}".encode()).hexdigest()


class Roster:
    """检查人员库 with the loads as they grow while objects are served."""

    def __init__(self, seed: str, inspectors: Iterable[Inspector], conflicts: Iterable[tuple[str, str]], seats: Sequence[Seat]) -> None:
        self.seed, self.seats = seed, tuple(seats)
        self.inspectors = {inspector.id: inspector for inspector in inspectors}
        self.load = {id_: inspector.carried for id_, inspector in self.inspectors.items()}
        self.barred: dict[str, set[str]] = {}
        for inspector, object_ in conflicts:
            self.barred.setdefault(object_, set()).add(inspector)
        self._suitable: dict[tuple[str, tuple[str, ...]], tuple[str, list[Inspector]]] = {}
        self._admitted: dict[tuple[str, tuple[str, ...], Seat], list[Inspector]] = {}

    def serve(self, object_: str, area: str, needs: tuple[str, ...]) -> list[Filled]:
        """Fill the seats of one object in order; loads grow."""
        team: list[Inspector] = []
        result = []
        for number, seat in enumerate(self.seats, 1):
            blocked, candidates = self._candidates(object_, area, needs, seat, team)
            if not candidates:
                result.append(Filled(object_, number, "", blocked))
                continue
            least = min(self.load[c.id] for c in candidates)
            signed, id_ = min((pair_ticket(self.seed, object_, c.id), c.id) for c in candidates if self.load[c.id] == least)
            self.load[id_] += 1
            team.append(self.inspectors[id_])
            result.append(Filled(object_, number, id_, signed))
        return result

    def _by_place(self, area: str, needs: tuple[str, ...]) -> tuple[str, list[Inspector]]:
        """Inspectors of the area with the skills, and the filter that emptied the set ("" when none did)."""
        key = area, needs
        if key not in self._suitable:
            here = [i for i in self.inspectors.values() if not area or i.areas == ("*",) or area in i.areas]
            able = [i for i in here if set(needs) <= set(i.skills)]
            self._suitable[key] = ("area" if not here else "skills" if not able else "", able)
        return self._suitable[key]

    def _candidates(
        self, object_: str, area: str, needs: tuple[str, ...], seat: Seat, team: Sequence[Inspector]
    ) -> tuple[str, list[Inspector]]:
        barred, units = self.barred.get(object_, set()), {member.unit for member in team} if seat.other_unit else ()
        members = {member.id for member in team}
        found = [i for i in self._by_seat(area, needs, seat) if i.id not in barred and i.id not in members and i.unit not in units]
        return ("", found) if found else (self._blocking(area, needs, seat, barred, team), [])

    def _by_seat(self, area: str, needs: tuple[str, ...], seat: Seat) -> list[Inspector]:
        """Inspectors of the area with the skills whom the seat admits, whoever else is in the team."""
        key = area, needs, seat
        if key not in self._admitted:
            able = self._by_place(area, needs)[1]
            self._admitted[key] = [i for i in able if (i.lead or not seat.lead) and seat.unit in ("*", i.unit)]
        return self._admitted[key]

    def _blocking(self, area: str, needs: tuple[str, ...], seat: Seat, barred: Collection[str], team: Sequence[Inspector]) -> str:
        """The first filter that empties the set, in the order of the protocol."""
        blocked, found = self._by_place(area, needs)
        if blocked:
            return blocked
        members, units = {member.id for member in team}, {member.unit for member in team}
        filters: tuple[tuple[str, Callable[[Inspector], bool]], ...] = (
            ("conflict", lambda i: i.id not in barred),
            ("team", lambda i: i.id not in members),
            ("lead", lambda i: i.lead or not seat.lead),
            ("unit", lambda i: seat.unit in ("*", i.unit)),
            ("other_unit", lambda i: not seat.other_unit or i.unit not in units),
        )
        for name, keep in filters:
            found = [i for i in found if keep(i)]
            if not found:
                return name
        return ""


@dataclass(frozen=True, slots=True)
class Served:
    """An object to be served: its ticket, id, area and needs."""

    ticket: str
    id: str
    area: str = ""
    needs: tuple[str, ...] = ()


def assign(
    seed: str,
    objects: Iterable[Served],
    inspectors: Iterable[Inspector],
    conflicts: Iterable[tuple[str, str]],
    seats: Sequence[Seat],
    watch: Watch | None = None,
) -> list[Filled]:
    """Teams of all selected objects, by object bytes and seat."""
    roster = Roster(seed, inspectors, conflicts, seats)
    called = watched(sorted(objects, key=lambda o: (o.ticket, o.id)), "teams", 200, watch)
    served = [row for o in called for row in roster.serve(o.id, o.area, o.needs)]
    return sorted(served, key=lambda row: (row.object.encode(), row.seat))

"""Who went where: workload, who met whom how often, and the conflicts that were kept out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from inspection.indicators.drawn.facts import DONE, Facts, Unit


@dataclass(frozen=True, slots=True)
class Load:
    """工作量 of one inspector: carried into the draw, seats in it, visits of them done."""

    code: str
    department: str
    carried: int
    drawn: int
    done: int

    @property
    def total(self) -> int:
        return self.carried + self.drawn


def loads(facts: Facts) -> list[Load]:
    """One line per inspector of the frozen roster, those without a visit included; people swapped in from outside follow."""
    drawn = Counter(code for unit in facts.units for code in unit.team if code)
    done = Counter(code for unit in facts.units if unit.state == DONE for code in unit.team if code)
    known = {person.id: person for person in facts.inspectors}
    rows = [Load(code, person.unit, person.carried, drawn[code], done[code]) for code, person in known.items()]
    return rows + [Load(code, "", 0, drawn[code], done[code]) for code in sorted(set(drawn) - set(known))]


@dataclass(frozen=True, slots=True)
class Pairs:
    """同组频次: (one, other, times together), most often first; `possible` pairs of the roster, `never` of them met."""

    met: list[tuple[str, str, int]]
    possible: int

    @property
    def never(self) -> int:
        return self.possible - len(self.met)

    @property
    def spread(self) -> list[tuple[int, int]]:
        """(times together, number of pairs), from never on."""
        n = Counter(times for _, _, times in self.met)
        return [(0, self.never), *sorted(n.items())]


def pairs(facts: Facts) -> Pairs:
    """How often two inspectors were in one team.

    >>> pairs(Facts({}, [Unit("a", "A", team=("x", "y")), Unit("b", "A", team=("y", "x", "z"))])).met
    [('x', 'y', 2), ('x', 'z', 1), ('y', 'z', 1)]
    """
    n = Counter(pair for unit in facts.units for pair in combinations(sorted({code for code in unit.team if code}), 2))
    people = {person.id for person in facts.inspectors} | {code for pair in n for code in pair}
    return Pairs([(a, b, times) for (a, b), times in sorted(n.items(), key=lambda row: (-row[1], row[0]))], len(people) * (len(people) - 1) // 2)


@dataclass(frozen=True, slots=True)
class Avoided:
    """回避: pairs frozen with the draw, those that touch a drawn unit, inspectors and units in them, and breaches (0)."""

    frozen: int
    touching: int
    inspectors: int
    units: int
    breaches: Sequence[tuple[str, str]]


def avoided(facts: Facts) -> Avoided:
    """The conflicts that kept an inspector out of a team."""
    teams = {unit.code: set(unit.team) for unit in facts.units}
    touching = [(person, unit) for person, unit in facts.conflicts if unit in teams]
    return Avoided(
        len(facts.conflicts), len(touching), len({person for person, _ in touching}), len({unit for _, unit in touching}),
        [(person, unit) for person, unit in touching if person in teams[unit]],
    )


def empty_seats(units: Sequence[Unit]) -> int:
    """Seats that nobody could take."""
    return sum(not code for unit in units for code in unit.team)

"""A draw and its supplements as one sample of the first frame: every drawn unit with the probability that any of the draws selects it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from inspection.actor import Actor
from inspection.draws import service as draws
from inspection.draws.models import Draw
from inspection.draws.rules import DRAWN
from inspection.indicators.drawn import reading
from inspection.indicators.drawn.facts import Facts, Unit
from sampling import frame
from sampling.draw import Stratum
from sampling.estimate import combined_chance, inclusion_probabilities

OUTSIDE = ""  # stratum of a unit that was not in the first frame


def members(session: Session, actor: Actor, draw: Draw) -> list[Draw]:
    """The first published draw of the family, then its published supplements; only the draw itself when it has none."""
    found = draws.family_of(session, draw)
    return [reading.load(session, actor, member.id) for member in found] if len(found) > 1 else [draw]


def together(session: Session, family: Sequence[Draw]) -> Facts:
    """The facts of several draws of one scope; what the later ones drew outside of the first frame is kept apart."""
    parts = [Part.of(session, draw) for draw in family]
    drawn = {unit.code for part in parts for unit in part.facts.units}
    standing = [_standing(session, draw.id, drawn) for draw in family]
    units = [_placed(unit, standing[0]) for part in parts for unit in part.facts.units]
    chances = {unit.code: combined_chance(_chances(unit.code, parts, standing)) for unit in units if unit.stratum != OUTSIDE}
    people = {person.id: person for part in reversed(parts) for person in part.facts.inspectors}  # what they carried into the first draw
    return Facts(
        _strata(parts[0].facts.strata, units), units, [people[code] for code in sorted(people)],
        sorted({pair for part in parts for pair in part.facts.conflicts}), [term for part in parts for term in part.facts.terms],
        parts[0].facts.weights, chances, tuple(draw.number for draw in family),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One draw of the family: its facts, and the probability of a frame weight per stratum, called reserves counted as drawn."""

    facts: Facts
    chances: Mapping[str, Mapping[int, float]]

    @classmethod
    def of(cls, session: Session, draw: Draw) -> Part:
        found = reading.facts(session, draw)
        taken = Counter(unit.stratum for unit in found.units)
        return cls(found, {name: cls._table(stratum, taken[name], found.weights.get(name)) for name, stratum in found.strata.items()})

    @staticmethod
    def _table(stratum: Stratum, taken: int, weights: Sequence[int] | None) -> dict[int, float]:
        if not stratum.population or not taken:
            return {}
        if not weights:
            return {1: taken / stratum.population}
        return dict(zip(weights, inclusion_probabilities(list(weights), taken).tolist(), strict=True))


def _standing(session: Session, draw_id: int, wanted: set[str]) -> dict[str, tuple[str, int]]:
    """(stratum, weight) of the wanted units that a draw could select, or would have but for an earlier draw of the family."""
    rows = frame.rows(draws.files_of(session, draw_id)["frame.tsv"])
    return {cells[0]: (cells[1], int(cells[2])) for cells in rows if cells[0] in wanted and cells[3] in ("ok", DRAWN)}


def _placed(unit: Unit, first: Mapping[str, tuple[str, int]]) -> Unit:
    return replace(unit, stratum=first[unit.code][0] if unit.code in first else OUTSIDE)


def _chances(code: str, parts: Sequence[Part], standing: Sequence[Mapping[str, tuple[str, int]]]) -> list[float]:
    places = [(part.chances, here.get(code)) for part, here in zip(parts, standing, strict=True)]
    return [tables.get(place[0], {}).get(place[1], 0.0) if place else 0.0 for tables, place in places]


def _strata(first: Mapping[str, Stratum], units: Sequence[Unit]) -> dict[str, Stratum]:
    """The strata of the first frame with all that were selected of them."""
    selected = Counter(unit.stratum for unit in units if not unit.called)
    return {name: replace(stratum, n=selected[name], reserve=0, rate=None) for name, stratum in first.items()}

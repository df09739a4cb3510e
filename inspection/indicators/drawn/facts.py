"""What is known of a draw after its visits: one line per drawn unit, the strata and people as they were frozen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sampling.draw import Stratum
from sampling.frame import Inspector
from sampling.target import rate_text

OPEN, DONE, MISSED = "open", "done", "missed"  # no approved record yet; inspected; approved, and could not be inspected
MEASURES = ("failing", "problem")


@dataclass(frozen=True, slots=True)
class Unit:
    """抽中对象: a selected unit or a called reserve, and what its approved record says of it."""

    code: str
    stratum: str
    area: str = ""
    weight: int = 1
    called: bool = False  # a reserve in the place of another
    state: str = OPEN
    outcome: str = ""
    failing: bool | None = None  # a result category other than 未发现问题 and 未发现经营活动
    problem: bool | None = None  # a problem in one of the items; None where no item was looked at
    team: tuple[str, ...] = ()  # inspectors by seat, "" where nobody could
    department: str = ""  # of the inspector who leads


@dataclass(frozen=True, slots=True)
class Term:
    """公示期限: a formed result on its way to the board."""

    number: str
    formed_on: date
    publish_by: date | None
    published_on: date | None
    days: int  # working days from the result until it was published, or until today
    until: date  # the day of publication, or today
    announced: bool = True  # every year that the term touches has its holidays announced

    @property
    def late(self) -> bool:
        """Published after its term, or waiting beyond it."""
        return self.publish_by is not None and self.until > self.publish_by


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the figures of a draw rest on."""

    strata: Mapping[str, Stratum]
    units: Sequence[Unit]
    inspectors: Sequence[Inspector] = ()
    conflicts: Sequence[tuple[str, str]] = ()
    terms: Sequence[Term] = ()
    weights: Mapping[str, Sequence[int]] = field(default_factory=dict)  # of the frame, for strata drawn by weight
    chances: Mapping[str, float] = field(default_factory=dict)  # π of each unit over a draw and its supplements; empty for a draw alone
    draws: Sequence[str] = ()  # numbers of the draws counted together

    @property
    def population(self) -> int:
        return sum(stratum.population for stratum in self.strata.values())

    @property
    def outside(self) -> Sequence[Unit]:
        """Units that a supplement drew and that were not in the first frame: with an outcome, but in no rate."""
        return [unit for unit in self.units if unit.stratum not in self.strata]


@dataclass(frozen=True, slots=True)
class Response:
    """应答: how many of the drawn units were inspected; open ones are not known yet and are told apart from missed ones."""

    selected: int
    done: int
    missed: int
    open: int
    called: int
    called_done: int
    called_open: int

    @property
    def inspected(self) -> int:
        return self.done + self.called_done

    @property
    def waiting(self) -> int:
        """Units of both kinds without an approved record."""
        return self.open + self.called_open

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the most units, of the first selected, that will have been inspected in the end."""
        return self.done, self.done + self.open

    @property
    def text(self) -> str:
        """Of the units first selected (reserves do not mend it); from … to while some are open."""
        least, most = (rate_text(n, self.selected) for n in self.bounds)
        return least if least == most else f"{least.rstrip('%')}–{most}"


def response(units: Sequence[Unit]) -> Response:
    """The response of some units of a draw.

    >>> response([Unit("a", "A", state="done"), Unit("b", "A", state="missed"), Unit("c", "A", called=True, state="done")]).text
    '50.00%'
    >>> response([Unit("a", "A", state="done"), Unit("b", "A"), Unit("c", "A", state="missed")]).text
    '33.33–66.67%'
    """
    n = Counter((unit.called, unit.state) for unit in units)
    done, missed, waiting = (n[False, state] for state in (DONE, MISSED, OPEN))
    called = sum(n[True, state] for state in (DONE, MISSED, OPEN))
    return Response(done + missed + waiting, done, missed, waiting, called, n[True, DONE], n[True, OPEN])


def outcomes(units: Sequence[Unit]) -> list[tuple[str, int, int]]:
    """(outcome, selected, called reserves), open ones under ""."""
    n = Counter((unit.outcome, unit.called) for unit in units)
    return [(code, n[code, False], n[code, True]) for code in sorted({code for code, _ in n}, key=lambda code: (code == "", code))]

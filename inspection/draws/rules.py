"""Decisions of a draw: strata and rates, who is left out and why, which step may follow which."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from inspection.scope import region_prefix
from sampling.allocate import hamilton
from sampling.draw import Stratum, size_of
from sampling.teams import Seat

UNCLASSED = "U"  # units that were not classified yet form a stratum of their own
NEXT: dict[str, frozenset[str]] = {
    "configured": frozenset({"frozen", "void"}),  # an abandoned draft keeps its number, in public
    "frozen": frozenset({"committed", "void"}),
    "committed": frozenset({"revealed", "void"}),
    "revealed": frozenset({"published", "void"}),
    "published": frozenset({"void"}),
    "void": frozenset(),
}
STATES = {
    "configured": "编制中",
    "frozen": "底册已冻结",
    "committed": "已承诺，待揭示",
    "revealed": "已揭示",
    "published": "已公布",
    "void": "作废",
}


@dataclass(frozen=True, slots=True)
class Configuration:
    """抽取方案: what the planner decides before the freeze."""

    title: str
    region_code: str
    item_codes: tuple[str, ...]
    rates: Mapping[str, tuple[int, int]]
    reserve_percent: int = 10
    stratify_by: str = "credit_class"  # credit_class, food_risk_grade, none
    kinds: tuple[str, ...] = ("enterprise",)
    tags: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    seats: tuple[Seat, ...] = (Seat(lead=True), Seat(other_unit=True))
    exclusions: tuple[str, ...] = ("CLOSED", "MOVED", "CAP", "YEAR")
    avoid_own_station: bool = False
    announced: bool = True
    kind: str = "planned"
    period_from: date | None = None
    period_to: date | None = None
    embargo_until: datetime | None = None
    repeats_id: int | None = None
    supplements_id: int | None = None
    task_id: int | None = None  # the 抽查任务 that the draw carries out


DRAWN = "DRAWN"  # status of a unit that was selected in the draw which this one supplements
SCOPE = {"region_code": "区域", "item_codes": "抽查事项", "stratify_by": "分层", "kinds": "对象类型", "tags": "标签", "industries": "行业"}


def other_scope(given: Configuration, first: Configuration) -> list[str]:
    """Fields of the scope in which a supplementary draw differs from the one it supplements."""
    pairs = [(name, getattr(given, name), getattr(first, name)) for name in SCOPE]
    return [name for name, a, b in pairs if (a != b if isinstance(a, str) else set(a) != set(b))]


@dataclass(frozen=True, slots=True)
class Candidate:
    """检查对象 as far as its place in the frame depends on it."""

    code: str
    state: str
    stratum: str
    visits_this_year: int = 0
    cap: int = 0
    visited_this_year: bool = False
    open_case: bool = False
    drawn: bool = False  # selected in the draw that this one supplements


def status_of(unit: Candidate, exclusions: Collection[str]) -> str:
    """"ok", or the code of the first reason that leaves the unit out."""
    if unit.drawn:
        return DRAWN
    if unit.state == "moved" and "MOVED" in exclusions:
        return "MOVED"
    if unit.state != "open" and "CLOSED" in exclusions:
        return "CLOSED"
    if unit.open_case and "CASE" in exclusions:
        return "CASE"
    if unit.visited_this_year and "YEAR" in exclusions:
        return "YEAR"
    if unit.cap and unit.visits_this_year >= unit.cap and "CAP" in exclusions:
        return "CAP"
    return "ok"


def areas_of(registered: Sequence[str], places: Collection[str]) -> tuple[str, ...]:
    """The areas of an inspector in a frame: "*" for everywhere, else the places of the frame within the registered regions.

    >>> areas_of([], {"320902"}), areas_of(["320900"], {"320902", "320903"}), areas_of(["320902001"], {"320902", "320903"})
    (('*',), ('*',), ('320902',))
    """
    if not registered:
        return ("*",)
    prefixes = tuple(region_prefix(code)[:6] for code in registered)
    found = {place for place in places if place.startswith(prefixes)}
    return ("*",) if found == set(places) else tuple(sorted(found))


def strata_of(populations: Mapping[str, int], rates: Mapping[str, tuple[int, int]], reserve_percent: int) -> dict[str, Stratum]:
    """The strata of the rule: n = ceil(N·p/q); ceil(Σn·percent/100) reserves shared by largest remainder over the strata.

    >>> strata_of({"A": 7200, "D": 300}, {"A": (2, 100), "D": (32, 100)}, 10)["D"]
    Stratum(method='srs', n=96, population=300, reserve=10, rate=(32, 100))
    """
    sizes = {name: size_of(population, rates[name]) for name, population in populations.items()}
    room = {name: populations[name] - n for name, n in sizes.items()}
    wanted = min(-(-sum(sizes.values()) * reserve_percent // 100), sum(room.values()))
    if wanted:
        shares = dict(zip(sizes, hamilton(wanted, list(sizes.values()), caps=list(room.values())), strict=True))
    else:
        shares = dict.fromkeys(sizes, 0)
    return {name: Stratum("srs", n, populations[name], shares[name], rates[name]) for name, n in sizes.items()}


def faults(given: Configuration) -> dict[str, list[str]]:
    """What is wrong with a configuration, by field."""
    found: dict[str, list[str]] = {}
    if not given.item_codes:
        found["item_codes"] = ["至少选择一个抽查事项"]
    for name, (p, q) in given.rates.items():
        if not 0 <= p <= q or q < 1:
            found.setdefault("rates", []).append(f"{name} 类的比例 {p}/{q} 不合法")
        elif p == 0:
            found.setdefault("rates", []).append(f"{name} 类的比例为 0：每个对象都应有被抽中的机会")
    if not given.rates:
        found["rates"] = ["请填写各类的抽取比例"]
    if not 0 <= given.reserve_percent <= 100:
        found["reserve_percent"] = ["候补比例应在 0 与 100 之间"]
    if given.period_from and given.period_to and given.period_to < given.period_from:
        found["period_to"] = ["结束日期早于开始日期"]
    return found


def may(state: str, to: str) -> bool:
    return to in NEXT.get(state, frozenset())


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """底册预览: how many units per stratum, left out why, drawn with which probability."""

    total: int
    eligible: dict[str, int] = field(default_factory=dict)
    excluded: dict[str, int] = field(default_factory=dict)
    strata: dict[str, Stratum] = field(default_factory=dict)
    missing_rates: Sequence[str] = ()
    inspectors: int = 0
    conflicts: int = 0

    @property
    def n_selected(self) -> int:
        return sum(s.n for s in self.strata.values())

    @property
    def n_reserve(self) -> int:
        return sum(s.reserve for s in self.strata.values())

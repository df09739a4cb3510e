"""Decisions of a draw: strata and rates, who is left out and why, which step may follow which."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from inspection.draws.strata import expected, label_of
from inspection.scope import region_prefix
from sampling.draw import Stratum
from sampling.teams import Seat

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


KINDS = {"planned": "计划内", "adhoc": "临时", "flight": "飞行检查"}


@dataclass(frozen=True, slots=True)
class Configuration:
    """抽取方案: what the planner decides before the freeze."""

    title: str
    region_code: str
    item_codes: tuple[str, ...]
    rates: Mapping[str, tuple[int, int]]
    reserve_percent: int = 10
    sizes: Mapping[str, int] = field(default_factory=dict)  # strata drawn by a fixed number instead of a rate
    stratify_by: str = "credit_class"  # a key of strata.BY
    kinds: tuple[str, ...] = ("enterprise",)
    tags: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    licence_kinds: tuple[str, ...] = ()
    credit_classes: tuple[str, ...] = ()  # A–D, or U for those not classified
    food_risk_grades: tuple[str, ...] = ()
    states: tuple[str, ...] = ()  # empty: all, so that the closed ones are listed with their reason
    product_codes: tuple[str, ...] = ()  # what is to be sampled, for R6M
    seats: tuple[Seat, ...] = (Seat(lead=True), Seat(other_unit=True))
    exclusions: tuple[str, ...] = ("CLOSED", "MOVED", "CAP", "YEAR")
    keep_reason: str = ""  # why units are kept that another department or level drew or visited for the same items
    avoid_own_station: bool = False
    announced: bool = True
    kind: str = "planned"
    period_from: date | None = None
    period_to: date | None = None
    embargo_until: datetime | None = None
    repeats_id: int | None = None
    supplements_id: int | None = None
    task_id: int | None = None  # the 抽查任务 that the draw carries out
    scheme_id: int | None = None  # the saved frame that this one was made from
    scheme_version: int | None = None


DRAWN = "DRAWN"  # status of a unit that was selected in the draw which this one supplements
FILTERS = {
    "kinds": "对象类型", "tags": "标签", "industries": "行业", "licence_kinds": "许可证类型", "credit_classes": "信用风险分类", "food_risk_grades": "食品风险等级",
    "states": "状态",
}  # fmt: skip
SCOPE = {"region_code": "区域", "item_codes": "抽查事项", "stratify_by": "分层", **FILTERS}


def other_scope(given: Configuration, first: Configuration) -> list[str]:
    """Fields of the scope in which a supplementary draw differs from the one it supplements."""
    pairs = [(name, getattr(given, name), getattr(first, name)) for name in SCOPE]
    return [name for name, a, b in pairs if (a != b if isinstance(a, str) else set(a) != set(b))]


# why a unit is left out, in the order in which the reasons are asked; the first that holds is published with the unit
EXCLUSIONS = ("MOVED", "CLOSED", "CASE", "YEAR", "CAP", "R6M", "UPPER", "OTHER")


# why a seat stays empty: the filter of the protocol that left nobody
BLOCKING = {
    "area": "没有人负责该区域", "skills": "没有人具备所需资格", "conflict": "合格的人都须回避", "team": "合格的人都已在组中", "lead": "没有可任组长的人",
    "unit": "指定部门没有合格的人", "other_unit": "其他部门没有合格的人",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """From when on the past counts against a unit, seen from the first day on which it may be visited."""

    year: date  # YEAR, CAP and OTHER: the calendar year of the visits
    product: date  # R6M
    higher: date  # UPPER


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month.

    >>> months_before(date(2026, 8, 31), 6), months_before(date(2026, 3, 9), 3)
    (datetime.date(2026, 2, 28), datetime.date(2025, 12, 9))
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def window(start: date, product_months: int, higher_months: int) -> Window:
    """A check counts when it was less than the months of the rule before the first possible visit."""
    later = timedelta(days=1)
    return Window(date(start.year, 1, 1), months_before(start, product_months) + later, months_before(start, higher_months) + later)


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


def faults(given: Configuration) -> dict[str, list[str]]:
    """What is wrong with a configuration, by field."""
    found: dict[str, list[str]] = {}
    if not given.item_codes:
        found["item_codes"] = ["至少选择一个抽查事项"]
    if not given.kinds:
        found["kinds"] = ["至少选择一种对象"]
    if rate_faults := list(_rate_faults(given)):
        found["rates"] = rate_faults
    if not 0 <= given.reserve_percent <= 100:
        found["reserve_percent"] = ["候补比例应在 0 与 100 之间"]
    if given.period_from and given.period_to and given.period_to < given.period_from:
        found["period_to"] = ["结束日期早于开始日期"]
    if "R6M" in given.exclusions and not given.product_codes:
        found["product_codes"] = ["排除六个月内已抽查同一产品的对象时，须填写本次抽样的产品分类代码"]
    if "OTHER" in given.exclusions and given.keep_reason:
        found["keep_reason"] = ["已选择排除其他部门或上级抽中、检查过的对象，不需要保留理由"]
    return found


def _rate_faults(given: Configuration) -> Iterator[str]:
    """Every stratum needs a chance above zero and at most one."""
    for name, (p, q) in given.rates.items():
        if not 0 <= p <= q or q < 1:
            yield f"{label_of(name)} 类的比例 {p}/{q} 不合法"
        elif p == 0:
            yield f"{label_of(name)} 类的比例为 0：每个对象都应有被抽中的机会"
    yield from (f"{label_of(name)} 类的抽取户数为 0：每个对象都应有被抽中的机会" for name, n in given.sizes.items() if n < 1)
    if not given.rates and not given.sizes:
        yield "请填写各类的抽取比例"
    known = expected(given.stratify_by)
    if known is not None and (unknown := sorted({*given.rates, *given.sizes} - known)):
        yield f"分层方式下没有 {'、'.join(map(label_of, unknown))} 这些类别，可用的是 {'、'.join(sorted(known))}（U 为未分级）"


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
    too_large: Sequence[str] = ()  # strata asked for more units than they have
    inspectors: int = 0
    conflicts: int = 0
    elsewhere: int = 0  # drawn or visited by another department or level for the same items, and not left out
    kinds: dict[str, int] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)

    @property
    def n_tagged(self) -> int:
        """Units counted once per tag: more than the units when one of them has several tags."""
        return sum(self.tags.values())

    @property
    def n_selected(self) -> int:
        return sum(s.n for s in self.strata.values())

    @property
    def n_reserve(self) -> int:
        return sum(s.reserve for s in self.strata.values())

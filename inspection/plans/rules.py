"""States of a plan, what a complete draft is, and how it is summed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

NEXT: dict[str, frozenset[str]] = {
    "draft": frozenset({"submitted", "cancelled"}),
    "submitted": frozenset({"approved", "draft"}),
    "approved": frozenset({"published", "draft", "cancelled"}),
    "published": frozenset({"executing", "draft", "cancelled"}),
    "executing": frozenset({"completed", "draft", "cancelled"}),
    "completed": frozenset(),
    "cancelled": frozenset(),
}
STATES = {
    "draft": "编制中",
    "submitted": "待审批",
    "approved": "已批准",
    "published": "已公布",
    "executing": "执行中",
    "completed": "已完成",
    "cancelled": "已取消",
}
PURPOSES = {"evaluative": "评价性抽检", "supervision": "监督抽检", "risk": "风险监测", "routine": "例行监测", "special": "专项抽检"}
ROUNDINGS = {"up": "向上取整（“以上”）", "half_up": "四舍五入", "down": "向下取整"}
POPULATIONS = {"census": "普查人口", "resident": "常住人口", "registered": "户籍人口"}


@dataclass(frozen=True, slots=True)
class NewPlan:
    """抽检计划 as drafted."""

    title: str
    year: int
    region_code: str
    purpose: str
    product_year: int
    rate_per_thousand: Decimal | None = None
    total: int | None = None
    rounding: str = "up"
    population_kind: str = "resident"
    population_year: int | None = None
    random: bool = False
    domain: str = "food"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """What the planner fixes about one cell: a lock, a minimum, a maximum."""

    region: str
    product_class: str
    locked: int | None = None
    minimum: int = 0
    maximum: int | None = None


def faults(given: NewPlan) -> dict[str, list[str]]:
    """What is wrong with a draft, by field."""
    found: dict[str, list[str]] = {}
    if (given.rate_per_thousand is None) == (given.total is None):
        found["rate_per_thousand"] = ["每千人批次与总批次须且只须填一个"]
    if given.rate_per_thousand is not None and given.population_year is None:
        found["population_year"] = ["按人口计算时须注明人口年份"]
    if given.rate_per_thousand is not None and given.rate_per_thousand <= 0:
        found["rate_per_thousand"] = ["应大于 0"]
    if given.random and given.purpose in ("supervision", "risk", "special"):
        found["random"] = ["监督、风险、专项抽检有针对性，不能标为随机抽样"]
    return found


def checks(rows: Mapping[str, int], columns: Mapping[str, int], cells: Mapping[tuple[str, str], int], total: int) -> list[str]:
    """Every margin of a table that is not met exactly; an empty list means exact to the last batch."""
    found = []
    if sum(rows.values()) != total:
        found.append(f"区域合计 {sum(rows.values())} ≠ 总批次 {total}")
    if sum(columns.values()) != total:
        found.append(f"类别合计 {sum(columns.values())} ≠ 总批次 {total}")
    for name, wanted in rows.items():
        if (got := sum(n for (r, _), n in cells.items() if r == name)) != wanted:
            found.append(f"区域 {name}：{got} ≠ {wanted}")
    for name, wanted in columns.items():
        if (got := sum(n for (_, c), n in cells.items() if c == name)) != wanted:
            found.append(f"类别 {name}：{got} ≠ {wanted}")
    return found


def may(state: str, to: str) -> bool:
    return to in NEXT.get(state, frozenset())


def quarter_faults(cells: Sequence[tuple[int, int, int, int, int]]) -> int:
    """Cells whose quarters do not add up to the year."""
    return sum(n != a + b + c + d for n, a, b, c, d in cells)

"""States of an annual plan and its tasks, what a ratio table may say, which tasks overlap: values in, values out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

Pair = tuple[int, int]

NEXT: dict[str, frozenset[str]] = {
    "draft": frozenset({"submitted", "cancelled"}),
    "returned": frozenset({"submitted", "cancelled"}),
    "submitted": frozenset({"approved", "returned"}),
    "approved": frozenset({"published", "draft", "cancelled"}),
    "published": frozenset({"executing", "draft", "cancelled"}),
    "executing": frozenset({"completed", "draft"}),
    "completed": frozenset(),
    "cancelled": frozenset(),
}
STATES = {
    "draft": "编制中", "submitted": "待审批", "returned": "已退回", "approved": "已批准", "published": "已公布", "executing": "执行中",
    "completed": "已完成", "cancelled": "已取消",
}  # fmt: skip
TASK_STATES = {"draft": "编制中", "open": "已下达", "closed": "已办结", "cancelled": "已取消"}
CHECK_TYPES = {"untargeted": "不定向", "targeted": "定向"}
CHECK_KINDS = {"random": "双随机检查", "key": "重点检查", "special": "专项检查", "flight": "飞行检查"}
MATTER_KINDS = {"general": "一般检查事项", "key": "重点检查事项"}
DIMENSIONS = {
    "credit_class": "企业信用风险分类", "food_risk_grade": "食品安全风险等级", "licence_kind": "许可证类别", "industry": "行业", "area": "区域",
    "none": "不分类",
}  # fmt: skip
GRADED = ("credit_class", "food_risk_grade")
OTHERS = "其余"  # every class that has no row of its own
WHOLE = "不分层"  # the one class of a table that makes no difference
UNGRADED = "未分级"  # units that have no class yet
WORDS = {"*": OTHERS, "ALL": WHOLE, "NONE": UNGRADED}  # shorter ways to type them
_AREA = re.compile(r"[1-9][0-9]{5}(?:[0-9]{3})?", re.ASCII)
_PREFIX = re.compile(r"[\w（）()]{1,12}")


@dataclass(frozen=True, slots=True)
class NewCheckPlan:
    """年度抽查工作计划 as drafted."""

    title: str
    year: int
    region_code: str
    lead_department: str
    departments: tuple[str, ...] = ()
    document_number: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class NewTask:
    """抽查任务 as drafted; `plan_id` None for 临时任务, which needs its reason."""

    title: str
    region_code: str
    prefix: str  # 机关代字
    check_type: str
    check_kind: str
    lead_department: str
    item_codes: tuple[str, ...]
    objects: str
    period_from: date
    period_to: date
    n_objects: int
    departments: tuple[str, ...] = ()
    object_kind: str = "enterprise"
    stratify_by: str = "credit_class"
    reason: str = ""
    overlap_reason: str = ""
    plan_id: int | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """One class of a ratio table: the ratio to draw, what it may never fall below or exceed, and how often in a year."""

    name: str
    ratio: Pair | None
    floor: Pair | None
    upper: Pair | None = None
    per_year: Decimal | None = None
    frequency: str = ""


@dataclass(frozen=True, slots=True)
class RateTable:
    """比例和频次表: for one kind of matters, by one dimension."""

    matter_kind: str
    dimension: str
    rows: tuple[Rate, ...]
    source: str = ""

    def plain(self) -> dict[str, Any]:
        """As kept, frozen and published: ratios as texts p/q."""
        rows = [
            {"class": r.name, "ratio": shown(r.ratio), "floor": shown(r.floor), "upper": shown(r.upper),
             "per_year": None if r.per_year is None else format(r.per_year, "f"), "frequency": r.frequency}
            for r in self.rows
        ]  # fmt: skip
        return {"matter_kind": self.matter_kind, "dimension": self.dimension, "source": self.source, "rows": rows}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> RateTable:
        rows = tuple(
            Rate(
                row["class"], pair(row["ratio"]), pair(row["floor"]), pair(row["upper"]),
                None if row["per_year"] is None else Decimal(row["per_year"]), row["frequency"],
            )
            for row in kept["rows"]
        )  # fmt: skip
        return cls(kept["matter_kind"], kept["dimension"], rows, kept["source"])

    def row(self, name: str) -> Rate | None:
        """The row of a class, or that of all others."""
        rows = {r.name: r for r in self.rows}
        return rows.get(name) or rows.get(OTHERS)


def shown(ratio: Pair | None) -> str | None:
    return None if ratio is None else f"{ratio[0]}/{ratio[1]}"


def pair(text: str | None) -> Pair | None:
    if text is None:
        return None
    p, _, q = text.partition("/")
    return int(p), int(q)


def may(state: str, to: str) -> bool:
    return to in NEXT.get(state, frozenset())


# --- ratio tables ------------------------------------------------------------------------------------------------------


def rate_faults(table: RateTable) -> list[str]:
    """What is wrong with a ratio table, row by row."""
    found = [] if table.rows else ["至少一行"]
    seen: set[str] = set()
    for number, row in enumerate(table.rows, 1):
        faults = [*_class_faults(table.dimension, row.name), *_ratio_faults(table.matter_kind, row)]
        if row.name in seen:
            faults.append("与前面的一行重复")
        seen.add(row.name)
        found += [f"第 {number} 行（{row.name}）：{fault}" for fault in faults]
    return found


def _class_faults(dimension: str, name: str) -> Iterable[str]:
    if dimension == "none" and name != WHOLE:
        yield f"不分类的表只有一行，类别写“{WHOLE}”"
    elif dimension in GRADED and name not in ("A", "B", "C", "D", UNGRADED, OTHERS):
        yield f"{DIMENSIONS[dimension]}只有 A、B、C、D、“{UNGRADED}”和“{OTHERS}”"
    elif dimension == "area" and name not in (UNGRADED, OTHERS) and not _AREA.fullmatch(name):
        yield f"区域写行政区划代码（6 位或 9 位），其余的写“{OTHERS}”"


def _ratio_faults(matter_kind: str, row: Rate) -> Iterable[str]:
    """Ratio, floor and upper limit of one row: none of them zero or more than all, in this order of size."""
    named = (("下限", row.floor), ("比例", row.ratio), ("上限", row.upper))
    for word, given in named:
        if given is None:
            if word != "上限":
                yield f"没有填写{word}"
        elif given[1] < 1 or given[0] > given[1]:
            yield f"{word} {shown(given)} 不合法，应在 0 与 1 之间"
        elif given[0] == 0:
            yield f"{word}为 0：每个对象都应有被抽中的机会，{word}须大于 0"
    if matter_kind == "general" and row.upper is None:
        yield "一般检查事项须设比例上限"
    if matter_kind == "key" and row.upper is not None:
        yield "重点检查事项不设比例上限，上限写 -"
    sizes = [(word, Fraction(*given)) for word, given in named if given is not None and given[1] > 0]
    for (below, a), (above, b) in pairwise(sizes):
        if a > b:
            yield f"{below}大于{above}"


def kind_of(kinds: Collection[str]) -> str:
    """Which table holds for a task: the one for general matters as soon as one of its items is general."""
    return "key" if set(kinds) == {"key"} else "general"


def table_for(tables: Iterable[RateTable], matter_kind: str, dimension: str) -> RateTable | None:
    return next((t for t in tables if (t.matter_kind, t.dimension) == (matter_kind, dimension)), None)


def outside(table: RateTable, rates: Mapping[str, Pair]) -> list[str]:
    """Rates of a draw that the approved table does not allow."""
    found = []
    for name, given in rates.items():
        row = table.row(name)
        if row is None or row.floor is None:
            found.append(f"{name} 类不在批准的比例表中")
        elif given[1] < 1 or Fraction(*given) < Fraction(*row.floor):
            found.append(f"{name} 类的比例 {shown(given)} 低于批准的下限 {shown(row.floor)}")
        elif row.upper is not None and Fraction(*given) > Fraction(*row.upper):
            found.append(f"{name} 类的比例 {shown(given)} 高于批准的上限 {shown(row.upper)}")
    return found


# --- plans and tasks ---------------------------------------------------------------------------------------------------


def department_faults(lead: str, joined: Sequence[str]) -> dict[str, list[str]]:
    if lead in joined:
        return {"departments": ["牵头部门不必再列为配合部门"]}
    return {"departments": ["部门重复"]} if len(set(joined)) < len(joined) else {}


def task_faults(given: NewTask) -> dict[str, list[str]]:
    """What is wrong with a task, by field."""
    found = department_faults(given.lead_department, given.departments)
    if given.period_to < given.period_from:
        found["period_to"] = ["结束日期早于开始日期"]
    if not given.item_codes:
        found["item_codes"] = ["至少选择一个抽查事项"]
    if given.plan_id is None and not given.reason.strip():
        found["reason"] = ["临时任务须写明事由"]
    if not _PREFIX.fullmatch(given.prefix):
        found["prefix"] = ["机关代字为 1 至 12 个字，例如 西市监"]
    return found


def series_of(prefix: str, check_kind: str) -> str:
    """The series a task is numbered in; flight inspections have one of their own, so that the public one shows no gap.

    >>> series_of("西市监", "random"), series_of("西市监", "flight")
    ('西市监抽查', '西市监飞查')
    """
    return prefix + ("飞查" if check_kind == "flight" else "抽查")


def code_of(series: str, year: int, serial: int) -> str:
    """
    >>> code_of("西市监抽查", 2026, 3)
    '西市监抽查〔2026〕3号'
    """
    return f"{series}〔{year}〕{serial}号"


def submit_faults(tasks: Sequence[tuple[str, str, str, str]], tables: Iterable[RateTable]) -> list[str]:
    """Why a plan cannot be handed in: no task, or a drawn task without its ratio table.

    Parameters
    ----------
    tasks : (title, check kind, matter kind, dimension) of each live task.
    """
    there = {(t.matter_kind, t.dimension) for t in tables}
    return ([] if tasks else ["计划还没有抽查任务"]) + [
        f"任务“{title}”按{DIMENSIONS[dimension]}抽取，但计划没有{MATTER_KINDS[matter]}的这种比例表"
        for title, kind, matter, dimension in tasks
        if kind == "random" and (matter, dimension) not in there
    ]

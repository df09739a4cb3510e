"""The four boards of 双随机、一公开 as lines: which columns each has and how a published fact fills them. No database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inspection.i18n import N_, _
from inspection.keywords import normal
from inspection.listing import Column

BOARDS = ("items", "plan", "task", "results")
TYPES = {"targeted": N_("定向"), "untargeted": N_("不定向")}


@dataclass(frozen=True, slots=True)
class Fact:
    """What a line needs of an entry of the ledger; `content` is of the fact that a withdrawal takes back, with its reason."""

    id: int
    subject: str
    kind: str
    content: Mapping[str, Any]
    at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a board: its running number, its fact, and the part of the content it shows (one task, one item)."""

    number: int
    fact: Fact
    content: Mapping[str, Any]

    @property
    def version(self) -> int | None:
        """The version of what is shown, None when the fact has none."""
        return self.content.get("version")

    @property
    def state(self) -> str:
        """corrected, withdrawn, or "" for a fact that was published once and stands."""
        return {"correction": "corrected", "withdrawal": "withdrawn"}.get(self.fact.kind, "")


def lines(facts: Sequence[Fact], first: int = 1) -> Iterator[Line]:
    """The lines of some facts in their order; a plan has one for each of its tasks."""
    number = first
    for fact in facts:
        for part in fact.content.get("tasks") or [{}]:
            yield Line(number, fact, {**fact.content, **part})
            number += 1


def item_lines(fact: Fact, term: str = "", department: str = "", item: str = "") -> list[Line]:
    """The lines of a published list of items that hold a term, belong to an office, are a certain item."""
    found = [Line(n, fact, row) for n, row in enumerate(fact.content.get("items", ()), 1)]
    names = {id(line): normal(f"{line.content.get('name', '')}") for line in found}
    return [
        line for line in found
        if (not term or term in names[id(line)] or term == normal(str(line.content.get("code", ""))))
        and (not department or department == normal(str(line.content.get("subject", ""))))
        and (not item or item in (names[id(line)], normal(str(line.content.get("code", "")))))
    ]  # fmt: skip


def result(content: Mapping[str, Any]) -> str:
    """The categories of a result; of a firm that could not be inspected, what became of the visit."""
    return "；".join(str(word) for word in content.get("results", ())) or str(content.get("outcome", ""))


def _named(values: Sequence[Any]) -> str:
    return "、".join(str(value["name"] if isinstance(value, Mapping) else value) for value in values)


def _remark(content: Mapping[str, Any]) -> str:
    """备注 of an item: what kind it is, which skills it needs, since when this version holds."""
    version = _("第 %(n)s 版，自 %(day)s 起施行", n=content["version"], day=content.get("valid_from", "—")) if content.get("version") else ""
    skills = _("所需资格：%(skills)s", skills=content["skills"]) if content.get("skills") else ""
    return "；".join(part for part in (_(content.get("kind", "")), skills, version) if part)


def _text(key: str) -> Any:
    return lambda line: line.content.get(key, "")


_PLAN = (
    Column("plan_code", N_("计划编号"), _text("plan_code")),
    Column("plan_title", N_("计划名称"), _text("plan_title")),
    Column("task_code", N_("任务编号"), _text("task_code")),
    Column("task_title", N_("任务名称"), _text("task_title")),
    Column("check_type", N_("抽查类型"), lambda line: _(TYPES.get(line.content.get("check_type", ""), "—"))),
    Column("matters", N_("抽查事项"), lambda line: _named(line.content.get("matters", ()))),
    Column("objects", N_("对象范围"), _text("objects")),
    Column("period_from", N_("检查日期自"), _text("period_from")),
    Column("period_to", N_("检查日期至"), _text("period_to")),
)
COLUMNS: dict[str, tuple[Column, ...]] = {
    "items": (
        Column("number", N_("序号"), lambda line: line.number, numeric=True),
        Column("name", N_("抽查事项名称"), _text("name")),
        Column("basis", N_("抽查依据"), _text("basis")),
        Column("subject", N_("抽查主体"), _text("subject")),
        Column("objects", N_("抽查对象"), _text("target")),
        Column("ratio", N_("抽查比例"), _text("ratio")),
        Column("frequency", N_("抽查次数"), _text("frequency")),
        Column("method", N_("抽查方式"), _text("method")),
        Column("content", N_("抽查内容及要求"), _text("content")),
        Column("remark", N_("备注"), lambda line: _remark(line.content)),
    ),
    "plan": _PLAN,
    "task": (
        *_PLAN,
        Column("authority", N_("检查机关"), lambda line: _named(line.content.get("departments", ())) or line.content.get("authority", "")),
        Column("n_objects", N_("抽查市场主体数量"), lambda line: line.content.get("n_objects"), numeric=True),
    ),
    "results": (
        Column("number", N_("序号"), lambda line: line.number, numeric=True),
        Column("name", N_("企业名称"), _text("name")),
        Column("unit_code", N_("统一社会信用代码/注册号"), _text("unit_code")),
        Column("authority", N_("检查机关"), _text("authority")),
        Column("visited_on", N_("检查时间"), _text("visited_on")),
        Column("result", N_("结果"), lambda line: result(line.content)),
    ),
}  # fmt: skip
LINK = {"items": "name", "plan": "plan_title", "task": "task_title", "results": "name"}
SOUGHT = {"items": ("q", "department"), "plan": ("q", "department", "item", "from", "to"), "task": ("q", "department", "item", "from", "to"),
          "results": ("q", "department", "item", "from", "to")}  # fmt: skip

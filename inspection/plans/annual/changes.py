"""What one version of an annual plan says otherwise than the one before: in words, for who approves it and who reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from inspection.plans.annual import rules

HEAD = {"title": "名称", "document_number": "发文文号", "authority": "检查机关", "departments": "部门", "scope": "抽查范围"}
TASK = {
    "task_title": "任务名称", "check_type": "抽查类型", "check_kind": "检查方式", "matters": "抽查事项", "objects": "对象范围", "object_kind": "对象类型",
    "region": "区域", "period_from": "检查开始", "period_to": "检查结束", "n_objects": "数量", "stratify_by": "按什么分层抽取", "lead_department": "牵头部门",
}  # fmt: skip
RATE = {"ratio": "比例", "floor": "下限", "upper": "上限", "per_year": "次/年", "frequency": "频次说明"}
_WORDS = {"check_type": rules.CHECK_TYPES, "check_kind": rules.CHECK_KINDS, "stratify_by": rules.DIMENSIONS}


class Change(NamedTuple):
    """One difference: where, what, before, after; "" for what was or is not there."""

    place: str
    what: str
    before: str
    after: str


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Every difference between two frozen contents, in the order of the plan.

    >>> head = {"title": "甲", "document_number": "", "authority": "", "departments": [], "scope": "", "matters": [], "rates": [], "tasks": []}
    >>> changes(head, {**head, "title": "乙"})
    [Change(place='', what='名称', before='甲', after='乙')]
    """
    return [*_fields("", HEAD, old, new), *_parts(_rows(old), _rows(new), RATE), *_parts(_tasks(old), _tasks(new), TASK), *_matters(old, new)]


def _parts(old: Mapping[str, Any], new: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Change]:
    for place in dict.fromkeys([*old, *new]):
        if place not in new:
            yield Change(place, "", "有", "")
        elif place not in old:
            yield Change(place, "", "", "新增")
        else:
            yield from _fields(place, names, old[place], new[place])


def _fields(place: str, names: Mapping[str, str], old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name, label in names.items():
        if (before := _shown(name, old[name])) != (after := _shown(name, new[name])):
            yield Change(place, label, before, after)


def _rows(content: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of the ratio tables by kind of matters, dimension and class."""
    return {
        f"{rules.MATTER_KINDS[table['matter_kind']]} · {rules.DIMENSIONS[table['dimension']]} · {row['class']}": row
        for table in content["rates"]
        for row in table["rows"]
    }


def _tasks(content: Mapping[str, Any]) -> dict[str, Any]:
    return {task["task_code"]: task for task in content["tasks"]}


def _matters(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Items whose version in the published list has moved on."""
    before = {matter["code"]: matter for matter in old["matters"]}
    for matter in new["matters"]:
        was = before.get(matter["code"], matter)
        if (was["version"], was["kind"]) != (matter["version"], matter["kind"]):
            kinds = [f"{rules.MATTER_KINDS[m['kind']]}，第 {m['version']} 版" for m in (was, matter)]
            yield Change(f"{matter['code']} {matter['name']}", "事项", *kinds)


def _shown(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "matters":
        return "、".join(matter["code"] for matter in value)
    if name == "lead_department":
        return str(value[1])
    if name == "departments":
        return "、".join(label for _code, label in value)
    return _WORDS.get(name, {}).get(value, str(value))

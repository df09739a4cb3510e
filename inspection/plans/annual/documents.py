"""The annual plan as a workbook: its tasks in the columns of a county's printed plan, and its ratio tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspection.plans.annual import rules
from reports import tables

TASKS = (
    "序号", "检查主体", "年度计划名称", "任务编号", "任务名称", "抽查类型", "检查方式", "检查内容", "对象范围", "计划开展时间", "牵头部门", "抽查数量",
)  # fmt: skip
RATES = ("事项类型", "划分", "类别", "抽查比例", "下限", "上限", "次/年", "抽查频次")


def workbook(facts: Mapping[str, Any]) -> bytes:
    """Two sheets from the public facts of a plan (`announcing.plan_facts`): the same facts give the same bytes."""
    return tables.to_xlsx([("抽查任务", TASKS, _tasks(facts)), ("比例和频次", RATES, _rates(facts))])


def _tasks(facts: Mapping[str, Any]) -> list[list[Any]]:
    return [
        [
            number, facts["authority"], facts["plan_title"], task["task_code"], task["task_title"], rules.CHECK_TYPES[task["check_type"]],
            rules.CHECK_KINDS[task["check_kind"]], "、".join(matter["name"] for matter in task["matters"]), task["objects"],
            f"{task['period_from']} 至 {task['period_to']}", "、".join(task["departments"]), task["n_objects"],
        ]
        for number, task in enumerate(facts["tasks"], 1)
    ]  # fmt: skip


def _rates(facts: Mapping[str, Any]) -> list[list[Any]]:
    return [
        [
            rules.MATTER_KINDS[table["matter_kind"]], rules.DIMENSIONS[table["dimension"]], row["class"], row["ratio"], row["floor"], row["upper"] or "",
            row["per_year"] or "", row["frequency"],
        ]
        for table in facts["rates"]
        for row in table["rows"]
    ]  # fmt: skip

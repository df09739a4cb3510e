"""What a complete inspection record is, and which step may follow which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

DONE = "01"
OTHER = "11"
NO_PROBLEM = "no_problem"
NO_MEASURE = "无"

# state → states that may follow; arrows back only as named ones
NEXT: dict[str, frozenset[str]] = {
    "pending": frozenset({"entered", "submitted"}),
    "entered": frozenset({"entered", "submitted"}),
    "submitted": frozenset({"approved", "returned"}),
    "returned": frozenset({"entered", "submitted"}),
    "approved": frozenset({"published"}),
    "published": frozenset(),
}


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """检查事项: what was found for one item of the list."""

    position: int
    found: str | None = None
    problem: str = ""
    measure: str = ""
    not_checked_reason: str = ""


@dataclass(frozen=True, slots=True)
class VisitEntry:
    """检查记录 as typed: everything the inspectors state."""

    outcome: str | None
    visited_on: date | None
    items: tuple[ItemEntry, ...] = ()
    results: tuple[str, ...] = ()
    follow_up: str = ""
    summary: str = ""
    outcome_note: str = ""
    recusal_asked: bool | None = None
    recusal_answer: str = ""
    refused_signature: bool = False
    witness: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """检查人员 with what decides whether he may stand for the record on that day."""

    code: str
    name: str
    certificate_expires_on: date | None
    active: bool = True
    on_leave: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Faults:
    """What keeps a record from being submitted, by field."""

    fields: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, message: str) -> None:
        self.fields.setdefault(name, []).append(message)

    def __bool__(self) -> bool:
        return bool(self.fields)


def faults(entry: VisitEntry, members: Sequence[Member], *, today: date, due_from: date | None, due_to: date | None, least: int) -> Faults:
    """Everything that is missing or wrong before the record may be submitted.

    Parameters
    ----------
    least : inspectors that must be present (rulebook `count.visit.inspectors`).
    """
    found = Faults()
    if entry.outcome is None:
        found.add("outcome", "请选择检查结局：每个抽中对象都要有结局")
    if entry.outcome == OTHER and not entry.outcome_note.strip():
        found.add("outcome_note", "结局为“其他”时须写明情况")
    _check_day(found, entry, today, due_from, due_to)
    _check_members(found, entry, members, least)
    if entry.outcome == DONE:
        _check_done(found, entry)
    if entry.refused_signature and not entry.witness.strip():
        found.add("witness", "被检查人拒绝签字时须写明见证人")
    return found


def _check_day(found: Faults, entry: VisitEntry, today: date, due_from: date | None, due_to: date | None) -> None:
    day = entry.visited_on
    if day is None:
        found.add("visited_on", "请填写检查日期")
    elif day > today:
        found.add("visited_on", "检查日期不能晚于今天")
    elif (due_from and day < due_from) or (due_to and day > due_to):
        found.add("visited_on", f"检查日期不在任务期限 {due_from or '—'} 至 {due_to or '—'} 之内")


def _check_members(found: Faults, entry: VisitEntry, members: Sequence[Member], least: int) -> None:
    if len({m.code for m in members}) < least:
        found.add("members", f"检查人员少于 {least} 人，不能提交；请按缺员程序补足")
    day = entry.visited_on
    for member in members:
        if not member.active:
            found.add("members", f"{member.name}已停用，不能作为检查人员")
        elif day and (member.certificate_expires_on is None or member.certificate_expires_on < day):
            found.add("members", f"{member.name}的执法证在 {day} 无有效记录，不能作为检查人员")
        elif day and member.on_leave and member.on_leave[0] <= day <= member.on_leave[1]:
            found.add("members", f"{member.name}在 {day} 休假，不能作为检查人员")


def _check_done(found: Faults, entry: VisitEntry) -> None:
    for item in entry.items:
        name = f"items.{item.position}"
        if item.found is None and not item.not_checked_reason.strip():
            found.add(name, "请选择检查情况，或写明未查的原因")
        if item.found == "problem" and not item.problem.strip():
            found.add(name, "请写明发现的问题")
        if item.found == "problem" and not item.measure.strip():
            found.add(name, "请写明处置措施；确无措施的须明确填“无”")
    if not entry.results:
        found.add("results", "请选择检查结果类别（可多选）")
    if NO_PROBLEM in entry.results and (len(entry.results) > 1 or any(i.found == "problem" for i in entry.items)):
        found.add("results", "“未发现问题”不能与其他结果或已发现的问题并存")
    if NO_PROBLEM not in entry.results and entry.results and not entry.follow_up:
        found.add("follow_up", "请选择后续处置")
    if not entry.recusal_asked:
        found.add("recusal_asked", "须告知并询问被检查人是否申请检查人员回避")


def may(state: str, to: str) -> bool:
    """Whether a record in `state` may go on to `to`."""
    return to in NEXT.get(state, frozenset())

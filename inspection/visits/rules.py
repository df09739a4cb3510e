"""What a complete inspection record is, and which step may follow which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from inspection.clock import SHANGHAI, day_of

DONE, REFUSED, OTHER = "01", "05", "11"
NO_PROBLEM, NO_ACTIVITY, NO_CONTACT = "no_problem", "no_activity", "no_contact"
# outcomes for which a reserve may be called: the unit could not be inspected; a refusal is dealt with, not replaced
REPLACEABLE = frozenset({"02", "03", "04", "06", "07", "08", "09", "10", "11"})
# result categories that say nothing was found, and those that say a problem was: they must agree with the items
CLEAR = frozenset({NO_PROBLEM, NO_ACTIVITY})
TROUBLE = frozenset({"annual_report", "other_information", "false_information", "corrected", "pending"})
CORRECTION_ORDERED, NO_FOLLOW_UP = "correct", "none"
FOUND = {"none": "未发现问题", "problem": "发现问题", "not_applicable": "不涉及"}
METHODS = ("实地核查", "书面检查", "网络监测", "检验检测", "专业机构辅助")

# state → states that may follow; arrows back only as named ones (退回, 更正)
NEXT: dict[str, frozenset[str]] = {
    "pending": frozenset({"entered", "submitted"}),
    "entered": frozenset({"entered", "submitted"}),
    "submitted": frozenset({"approved", "returned"}),
    "returned": frozenset({"entered", "submitted"}),
    "approved": frozenset({"published", "approved"}),  # approved again: corrected before it was published
    "published": frozenset({"approved"}),  # corrected: the new version waits for its own publication
}
STATES = {
    "pending": "待检查",
    "entered": "填写中",
    "submitted": "待审核",
    "returned": "已退回",
    "approved": "待公示",
    "published": "已公示",
}
OPEN = ("pending", "entered", "returned")
UNSUBMITTED = ("pending", "entered")  # 待录入: the team may still be swapped
SHORTAGE = "shortage"  # the one reason to fill a seat that stands empty
SEAT_RULES = {
    "skills": "不具备该对象所需的检查技能", "conflict": "与该对象有回避关系", "team": "已在该检查组中", "lead": "该席位须由组长担任，此人不能任组长",
    "unit": "该席位须由指定部门的人员担任", "other_unit": "检查组须由不同部门的人员组成，此人会使两人同属一个部门",
    "roster": "不在该次抽取冻结的人员库中；库外人员只能补缺员的席位",
}  # the rules of a seat (section 6 of the protocol) in words, and that of the roster


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
    rectify_by: date | None = None
    summary: str = ""
    outcome_note: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    place: str = ""
    methods: tuple[str, ...] = ()
    recusal_asked: bool | None = None
    recusal_answer: str = ""
    opinion: str = ""
    refused_signature: bool = False
    refusal_note: str = ""
    witness: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """检查人员 with what decides whether he may stand for the record on that day."""

    code: str
    name: str
    certificate_expires_on: date | None
    active: bool = True
    on_leave: tuple[date, date] | None = None
    conflict: str = ""  # why he must not visit this object, "" when nothing is known
    laboratory: bool = False  # belongs to a laboratory: may sample for it, may not inspect

    def certified(self, on: date) -> bool:
        """Whether the certificate is known to be valid on that day."""
        return self.certificate_expires_on is not None and self.certificate_expires_on >= on


@dataclass(frozen=True, slots=True)
class Task:
    """检查任务 as far as a record depends on it: the term, how many must be present, and the present moment."""

    due_from: date | None
    due_to: date | None
    least: int  # rulebook `count.visit.inspectors`
    now: datetime
    begun: datetime | None = None  # 签到, 签退: the hours of the record must agree with them
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Faults:
    """What keeps a record from being submitted, by field; every message names its field in Chinese."""

    fields: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, message: str) -> None:
        self.fields.setdefault(name, []).append(message)

    def __bool__(self) -> bool:
        return bool(self.fields)


def faults(entry: VisitEntry, members: Sequence[Member], task: Task) -> Faults:
    """Everything that is missing or wrong before the record may be submitted."""
    found = Faults()
    if entry.outcome is None:
        found.add("outcome", "请选择检查结局：每个抽中对象都要有结局")
    if entry.outcome == OTHER and not entry.outcome_note.strip():
        found.add("outcome_note", "结局为“其他”时，结局说明须写明情况")
    _check_day(found, entry, task)
    _check_members(found, entry, members, task.least)
    if entry.outcome == DONE:
        _check_done(found, entry, task)
    elif entry.outcome is not None:
        _check_not_done(found, entry)
    if entry.refused_signature and not entry.witness.strip():
        found.add("witness", "被检查人拒绝签字时须写明见证人")
    return found


def _check_day(found: Faults, entry: VisitEntry, task: Task) -> None:
    day, first, last = entry.visited_on, task.due_from, task.due_to
    if day is None:
        found.add("visited_on", "请填写检查日期")
    elif day > day_of(task.now):
        found.add("visited_on", "检查日期不能晚于今天")
    elif (first and day < first) or (last and day > last):
        found.add("visited_on", f"检查日期 {day} 不在任务期限 {first or '—'} 至 {last or '—'} 之内")


def _check_members(found: Faults, entry: VisitEntry, members: Sequence[Member], least: int) -> None:
    if len({m.code for m in members}) < least:
        found.add("members", f"检查人员少于 {least} 人，不能提交；请按缺员程序补足")
    for member in members:
        for message in unfit(member, entry.visited_on):
            found.add("members", message)


def unfit(member: Member, day: date | None) -> list[str]:
    """Why a person may not inspect this object on that day."""
    found = []
    if member.laboratory:
        found.append(f"检查人员{member.name}属于检验机构，检验机构人员不得实施检查")
    if member.conflict:
        found.append(f"检查人员{member.name}与该对象有回避关系（{member.conflict}），不能作为检查人员")
    if not member.active:
        found.append(f"检查人员{member.name}已停用，不能作为检查人员")
    elif day and not member.certified(day):
        found.append(f"检查人员{member.name}的执法证在 {day} 无有效记录，不能作为检查人员")
    elif day and member.on_leave and member.on_leave[0] <= day <= member.on_leave[1]:
        found.append(f"检查人员{member.name}在 {day} 休假，不能作为检查人员")
    return found


def _check_done(found: Faults, entry: VisitEntry, task: Task) -> None:
    _check_hours(found, entry, task)
    for index, item in enumerate(entry.items):
        _check_item(found, f"items.{index}", item)
    _check_results(found, entry)
    if not entry.recusal_asked:
        found.add("recusal_asked", "须告知并询问被检查人是否申请检查人员回避")
    elif not entry.recusal_answer.strip():
        found.add("recusal_answer", "请记下被检查人对回避询问的回答")


def _check_hours(found: Faults, entry: VisitEntry, task: Task) -> None:
    begun, ended = entry.started_at, entry.ended_at
    if begun is None:
        found.add("started_at", "请填写检查开始时间")
    elif entry.visited_on and day_of(begun) != entry.visited_on:
        found.add("started_at", "检查开始时间与检查日期不是同一天")
    if ended is None:
        found.add("ended_at", "请填写检查结束时间")
    elif begun and ended < begun:
        found.add("ended_at", "检查结束时间早于开始时间")
    elif ended > task.now:
        found.add("ended_at", "检查结束时间不能晚于现在")
    for name, said, there, what in (("started_at", begun, task.begun, "开始时间与签到"), ("ended_at", ended, task.ended, "结束时间与签退")):
        if said and there and said.replace(second=0) != there.replace(second=0):
            found.add(name, f"{what}时间 {local_hour(there)} 不一致，请按它填写")


def local_hour(moment: datetime) -> str:
    """Hour and minute as the wall clock shows them."""
    return moment.astimezone(SHANGHAI).strftime("%H:%M")


def _check_item(found: Faults, name: str, item: ItemEntry) -> None:
    label = f"第 {item.position} 项"
    if item.found is None and not item.not_checked_reason.strip():
        found.add(name, f"{label}检查事项：请选择检查情况，或写明未查的原因")
    if item.found == "problem" and not item.problem.strip():
        found.add(name, f"{label}检查事项：请写明发现的问题")
    if item.found == "problem" and not item.measure.strip():
        found.add(name, f"{label}检查事项：请写明处置措施；确无措施的须明确填“无”")
    if item.found != "problem" and item.problem.strip():
        found.add(name, f"{label}检查事项：写了问题，但没有选择“发现问题”")


def _check_results(found: Faults, entry: VisitEntry) -> None:
    problem = any(item.found == "problem" for item in entry.items)
    chosen = set(entry.results)
    if not chosen:
        found.add("results", "请选择检查结果类别（可多选）")
        return
    if NO_CONTACT in chosen:
        found.add("results", "检查结果选了“无法联系”的，检查结局不能是“已完成检查”；请改选实际的结局")
    if NO_PROBLEM in chosen and (len(chosen) > 1 or problem):
        found.add("results", "检查结果“未发现问题”不能与其他结果或已发现的问题并存")
    if NO_PROBLEM in chosen and not any(item.found == "none" for item in entry.items):
        found.add("results", "没有一项实际检查为“未发现问题”，检查结果不能写“未发现问题”")
    if problem and chosen <= CLEAR and NO_PROBLEM not in chosen:
        found.add("results", "已写明问题，检查结果须选择相应的问题类别")
    if not problem and chosen & TROUBLE:
        found.add("results", "检查结果选择了问题类别，但检查事项中没有写明任何问题")
    if not chosen <= CLEAR and not entry.follow_up:
        found.add("follow_up", "请选择后续处置")
    if "pending" in chosen and entry.follow_up == NO_FOLLOW_UP:
        found.add("follow_up", "检查结果为“发现问题待后续处理”，后续处置不能选“无需后续处置”")
    if entry.follow_up == CORRECTION_ORDERED:
        _check_term(found, entry)


def _check_term(found: Faults, entry: VisitEntry) -> None:
    if entry.rectify_by is None:
        found.add("rectify_by", "后续处置为责令改正时，请填写改正期限")
    elif entry.visited_on and entry.rectify_by < entry.visited_on:
        found.add("rectify_by", "改正期限早于检查日期")


def _check_not_done(found: Faults, entry: VisitEntry) -> None:
    """A unit that was not inspected: said why, and never called 未发现问题."""
    if not entry.summary.strip():
        found.add("summary", "未完成检查的，须在主要检查情况中写明经过和依据")
    if CLEAR & set(entry.results):
        found.add("results", "未完成检查的对象不能选择“未发现问题”或“未发现开展本次抽查涉及的经营活动”")
    if entry.outcome == REFUSED and not entry.witness.strip():
        found.add("witness", "拒绝检查的，须写明见证人")


def may(state: str, to: str) -> bool:
    """Whether a record in `state` may go on to `to`."""
    return to in NEXT.get(state, frozenset())

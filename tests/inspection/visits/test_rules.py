"""What a complete record is, as pure values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest

from inspection.visits import rules
from inspection.visits.rules import ItemEntry, Member, Task, VisitEntry, faults
from tests.inspection.visits.town import DAY, FROM, TO, VISITED, done, problem

TEAM = (Member("ZF-001", "甲", date(2027, 1, 1)), Member("ZF-002", "乙", date(2027, 1, 1)))
TASK = Task(FROM, TO, 2, VISITED)


def wrong(entry: VisitEntry, team: Any = TEAM, task: Task = TASK) -> dict[str, list[str]]:
    return faults(entry, team, task).fields


def test_a_complete_record_has_no_fault() -> None:
    assert wrong(done()) == {}
    assert wrong(problem()) == {}


ALLOWED = {
    ("pending", "entered"), ("pending", "submitted"), ("entered", "entered"), ("entered", "submitted"), ("submitted", "approved"),
    ("submitted", "returned"), ("returned", "entered"), ("returned", "submitted"), ("approved", "published"), ("approved", "approved"),
    ("published", "approved"),
}  # fmt: skip


@pytest.mark.parametrize(("state", "to"), list(product(rules.STATES, rules.STATES)))
def test_every_arrow_of_the_record_is_allowed_or_refused_as_written(state: str, to: str) -> None:
    assert rules.may(state, to) == ((state, to) in ALLOWED)


def test_an_unknown_state_leads_nowhere() -> None:
    assert not any(rules.may("archived", to) for to in rules.STATES)


@pytest.mark.parametrize(
    ("entry", "field", "words"),
    [
        (done(outcome=None), "outcome", "检查结局"),
        (done(outcome="11", summary="x", results=()), "outcome_note", "结局说明"),
        (done(visited_on=None), "visited_on", "检查日期"),
        (done(visited_on=date(2026, 11, 19)), "visited_on", "检查日期不能晚于今天"),
        (done(visited_on=date(2026, 11, 15)), "visited_on", "不在任务期限"),
        (done(started_at=None), "started_at", "开始时间"),
        (done(started_at=datetime(2026, 11, 17, 1, 0, tzinfo=UTC)), "started_at", "不是同一天"),
        (done(ended_at=None), "ended_at", "结束时间"),
        (done(ended_at=datetime(2026, 11, 18, 0, 0, tzinfo=UTC)), "ended_at", "早于开始时间"),
        (done(ended_at=datetime(2026, 11, 18, 7, 1, tzinfo=UTC)), "ended_at", "不能晚于现在"),
        (done(recusal_asked=None), "recusal_asked", "回避"),
        (done(recusal_asked=False), "recusal_asked", "回避"),
        (done(recusal_answer=" "), "recusal_answer", "回避"),
        (done(results=()), "results", "检查结果类别"),
        (done(refused_signature=True), "witness", "见证人"),
        (problem(witness="", refused_signature=True), "witness", "见证人"),
        (replace(problem(), follow_up=""), "follow_up", "后续处置"),
        (replace(problem(), rectify_by=None), "rectify_by", "改正期限"),
        (replace(problem(), rectify_by=date(2026, 11, 1)), "rectify_by", "改正期限早于检查日期"),
    ],
)
def test_what_is_missing_is_named_with_its_field_in_chinese(entry: VisitEntry, field: str, words: str) -> None:
    found = wrong(entry)
    assert field in found and set(found) <= {field, "started_at"}
    assert any(words in message for message in found[field])


def test_an_item_must_be_answered_or_say_why_it_was_not_inspected() -> None:
    open_item = done(items=(ItemEntry(1, "none"), ItemEntry(2)))
    assert wrong(open_item) == {"items.1": ["第 2 项检查事项：请选择检查情况，或写明未查的原因"]}
    assert wrong(done(items=(ItemEntry(1, "none"), ItemEntry(2, not_checked_reason="设备停用")))) == {}


def test_a_problem_needs_its_words_and_a_measure_and_none_is_never_implied() -> None:
    bare = replace(problem(), items=(ItemEntry(1, "none"), ItemEntry(2, "problem")))
    assert len(wrong(bare)["items.1"]) == 2 and "“无”" in wrong(bare)["items.1"][1]
    said = replace(problem(), items=(ItemEntry(1, "none"), ItemEntry(2, "problem", "超期", "无")))
    assert wrong(said) == {}
    hidden = replace(done(), items=(ItemEntry(1, "none"), ItemEntry(2, "none", "其实有问题")))
    assert "items.1" in wrong(hidden)


def test_no_problem_stands_alone_and_only_when_something_was_inspected() -> None:
    assert "results" in wrong(done(results=("no_problem", "annual_report")))
    assert "results" in wrong(replace(problem(), results=("no_problem",)))
    assert "results" in wrong(done(items=(ItemEntry(1, not_checked_reason="停业"), ItemEntry(2, not_checked_reason="停业"))))
    assert "results" in wrong(done(items=(ItemEntry(1, "not_applicable"), ItemEntry(2, "not_applicable"))))


def test_results_and_items_must_agree_both_ways() -> None:
    assert "results" in wrong(done(results=("corrected",), follow_up="none"))
    assert "results" in wrong(replace(problem(), results=("no_activity",)))


def test_a_unit_that_was_not_inspected_is_never_called_free_of_problems() -> None:
    gone = VisitEntry(outcome="03", visited_on=DAY, summary="大门上锁，邻居称已停业半年")
    assert wrong(gone) == {}
    assert "results" in wrong(replace(gone, results=("no_problem",)))
    assert "results" in wrong(replace(gone, results=("no_activity",)))
    assert "summary" in wrong(replace(gone, summary=""))
    assert wrong(replace(gone, outcome="02", results=("no_contact",))) == {}


def test_a_refused_inspection_needs_its_story_and_a_witness() -> None:
    refused = VisitEntry(outcome="05", visited_on=DAY, summary="店主拒不开门")
    assert list(wrong(refused)) == ["witness"]
    assert wrong(replace(refused, witness="社区网格员")) == {}


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (Member("ZF-001", "甲", date(2027, 1, 1)), "少于 2 人"),
        (Member("ZF-002", "乙", date(2026, 11, 17)), "执法证在 2026-11-18 无有效记录"),
        (Member("ZF-002", "乙", None), "无有效记录"),
        (Member("ZF-002", "乙", date(2027, 1, 1), active=False), "已停用"),
        (Member("ZF-002", "乙", date(2027, 1, 1), on_leave=(date(2026, 11, 18), date(2026, 11, 18))), "休假"),
        (Member("ZF-002", "乙", date(2027, 1, 1), conflict="近亲属任职"), "回避关系（近亲属任职）"),
        (Member("ZF-002", "乙", date(2027, 1, 1), laboratory=True), "检验机构人员不得实施检查"),
    ],
)
def test_two_different_people_must_be_able_to_stand_for_the_record(second: Member, words: str) -> None:
    found = wrong(done(), (TEAM[0], second))
    assert list(found) == ["members"] and any(words in message for message in found["members"])


def test_a_certificate_is_still_good_on_its_last_day_and_leave_ends_with_its_last_day() -> None:
    last = (Member("ZF-001", "甲", DAY), Member("ZF-002", "乙", DAY, on_leave=(date(2026, 11, 1), date(2026, 11, 17))))
    assert wrong(done(), last) == {}


def test_the_first_and_the_last_day_of_the_task_belong_to_it() -> None:
    for day in (FROM, TO):
        now = datetime(day.year, day.month, day.day, 12, 0, tzinfo=UTC)
        at = datetime(day.year, day.month, day.day, 2, 0, tzinfo=UTC)
        assert wrong(done(visited_on=day, started_at=at, ended_at=at), task=replace(TASK, now=now)) == {}


def test_the_day_is_counted_in_shanghai() -> None:
    late_evening = datetime(2026, 11, 17, 16, 30, tzinfo=UTC)  # half past midnight on the 18th
    assert wrong(done(started_at=late_evening)) == {}

"""Which step may follow which, as pure values."""

from __future__ import annotations

from datetime import date
from itertools import permutations, product

import pytest

from inspection.followups import rules

DAY = date(2026, 10, 20)
WHOLE = ["served", "control", "cause", "no_penalty", "rectification", "recheck"]


def fault(kind: str, done: list[str], *, final: bool = False, until: date | None = DAY, on: date = DAY) -> str | None:
    return rules.fault(kind, done, final=final, until=until, on=on)


ALLOWED = {
    ("open", "noticed"), ("open", "handling"), ("open", "closed"), ("noticed", "handling"), ("noticed", "closed"), ("handling", "rectified"),
    ("handling", "closed"), ("rectified", "handling"), ("rectified", "closed"),
}  # fmt: skip


@pytest.mark.parametrize(("state", "to"), list(product(rules.STATES, rules.STATES)))
def test_every_arrow_of_a_case_is_allowed_or_refused_as_written(state: str, to: str) -> None:
    assert rules.may(state, to) == ((state, to) in ALLOWED or (state == to != "closed"))


def test_every_step_in_every_legal_order_moves_along_an_arrow() -> None:
    for order in permutations(WHOLE):
        done: list[str] = []
        state = "open"
        for kind in order:
            if fault(kind, done) is None:
                done.append(kind)
                assert rules.may(state, rules.state_after(done)), (done, state)
                state = rules.state_after(done)


def test_a_case_is_complete_only_with_every_step() -> None:
    assert rules.missing(WHOLE) == [] and rules.state_after(WHOLE) == "rectified"
    for kind in WHOLE[1:]:
        assert rules.missing([k for k in WHOLE if k != kind]), kind
    assert rules.state_after([]) == "open" and rules.state_after(["served"]) == "noticed" and rules.state_after(["control"]) == "handling"


def test_a_failed_recheck_needs_a_later_one_that_succeeds() -> None:
    assert rules.missing([*WHOLE, "recheck_failed"]) == ["复查合格"]
    assert rules.missing([*WHOLE, "recheck_failed", "rectification", "recheck"]) == []


@pytest.mark.parametrize(
    ("kind", "done", "words"),
    [
        ("served", ["served"], "已经登记过"),
        ("penalty", [], "原因排查"),
        ("no_penalty", [], "原因排查"),
        ("recheck", ["control"], "整改"),
        ("no_penalty", ["cause", "penalty"], "其一"),
        ("penalty", ["cause", "penalty"], "已经登记过"),
        ("penalty", ["cause", "objection"], "尚未办结"),
        ("objection_kept", ["served"], "没有在办"),
        ("objection", ["objection"], "已有异议"),
        ("objection", ["objection", "objection_kept"], "只进行一次"),
        ("objection", ["objection", "objection_changed"], "只进行一次"),
    ],
)
def test_a_step_out_of_order_says_why(kind: str, done: list[str], words: str) -> None:
    assert words in (fault(kind, done) or "")


def test_an_objection_counts_to_the_last_day_and_not_after_nor_once_final() -> None:
    assert fault("objection", ["served"], on=DAY) is None
    assert "届满" in (fault("objection", ["served"], on=date(2026, 10, 21)) or "")
    assert "已经确定" in (fault("objection", ["served"], final=True) or "")
    assert fault("objection", [], until=None) is None, "an objection to the sampling comes before the notice"
    assert fault("objection", ["served", "objection", "objection_withdrawn"]) is None


def test_nothing_becomes_final_while_an_objection_runs_or_before_service() -> None:
    after = date(2026, 10, 21)
    assert rules.may_be_final(["served"], DAY, after)
    assert not rules.may_be_final(["served"], DAY, DAY)
    assert not rules.may_be_final([], None, after)
    assert not rules.may_be_final(["served", "objection"], DAY, after)
    assert rules.may_be_final(["served", "objection", "objection_kept"], DAY, DAY)
    assert not rules.may_be_final(["served", "objection", "objection_withdrawn"], DAY, DAY)


def test_a_term_is_met_late_overdue_running_or_unknown() -> None:
    def state(due: date | None, done: date | None, today: date) -> str:
        return rules.Deadline("x", DAY, due, done).state(today)

    next_day = date(2026, 10, 21)
    assert state(DAY, DAY, next_day) == "met" and state(DAY, next_day, next_day) == "late"
    assert state(DAY, None, next_day) == "overdue" and state(DAY, None, DAY) == "running" and state(None, None, DAY) == "unknown"
    assert rules.Deadline("x", DAY, DAY, right=True).state(next_day) == "lapsed"

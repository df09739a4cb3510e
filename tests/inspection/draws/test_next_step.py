"""The next step of a draw: what, from when, and by whom; without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from inspection.actor import Actor
from inspection.auth.roles import ROLE_PERMISSIONS, Role
from inspection.draws.next_step import Standing, next_step
from tests.inspection.draws.office import NOT_BEFORE, PREPARED, REVEAL_BY, REVEALED

OFFICER = Actor(1, "管理员", permissions=ROLE_PERMISSIONS[Role.DRAW_OFFICER])
LEADER = Actor(2, "领导", permissions=ROLE_PERMISSIONS[Role.LEADER])
AUDITOR = Actor(3, "纪检", permissions=ROLE_PERMISSIONS[Role.AUDITOR])
PROMISED = Standing("committed", not_before=NOT_BEFORE, reveal_by=REVEAL_BY)
STEPS = {
    "a frame that could be frozen": (Standing("configured"), PREPARED, "freeze", [OFFICER]),
    "a frame with a fault": (Standing("configured", ready=False), PREPARED, "edit", [OFFICER]),
    "a freeze under way": (Standing("configured", busy="freeze"), PREPARED, "wait", []),
    "frozen": (Standing("frozen"), PREPARED, "commit", [OFFICER]),
    "before the announced moment": (PROMISED, PREPARED, "early", []),
    "nobody has entered the value": (PROMISED, REVEALED, "reveal", [OFFICER]),
    "the officer has entered the value": (replace(PROMISED, first_by=1), REVEALED, "reveal", [LEADER]),
    "the leader cannot be his own second person": (replace(PROMISED, first_by=2), REVEALED, "reveal", []),
    "the list is being made": (replace(PROMISED, busy="reveal"), REVEALED, "wait", []),
    "after the last moment": (PROMISED, REVEAL_BY + timedelta(minutes=1), "late", []),
    "under embargo": (Standing("revealed", embargo_until=REVEAL_BY), REVEALED, "embargo", []),
    "embargo over": (Standing("revealed", embargo_until=REVEAL_BY), REVEAL_BY, "publish", [OFFICER]),
    "published": (Standing("published"), REVEALED, "visits", [OFFICER]),
    "void": (Standing("void"), REVEALED, "repeat", [OFFICER]),
    "void and drawn again": (Standing("void", repeated=True), REVEALED, "none", []),
}


@pytest.mark.parametrize("case", STEPS)
def test_the_next_step_and_who_may_do_it(case: str) -> None:
    standing, moment, kind, people = STEPS[case]
    step = next_step(standing, moment)
    assert step.kind == kind and [who for who in (OFFICER, LEADER, AUDITOR) if step.open_to(who)] == people
    assert ("%(at)s" in step.words) == (step.at is not None)

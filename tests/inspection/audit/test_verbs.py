"""The trail speaks Chinese: every verb that services write has its words; a conflict tells who did what meanwhile."""

from __future__ import annotations

import ast
from pathlib import Path

from inspection import audit, verbs
from inspection.actor import SYSTEM, Actor
from inspection.db import Database

PACKAGE = Path(audit.__file__).parent
WRITERS = {"record", "noted", "_noted"}


def written() -> set[str]:
    """Every literal verb in the code that writes to the trail."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in WRITERS:
                found |= {a.value for a in node.args[:4] if isinstance(a, ast.Constant) and isinstance(a.value, str) and "." in a.value}
    return found


def test_every_verb_of_the_trail_has_chinese_words() -> None:
    assert len(written()) > 40
    assert [verb for verb in sorted(written()) if verbs.label(verb) == verb] == []


def test_the_latest_steps_on_an_object_are_told_newest_first(sqlite_database: Database) -> None:
    who = Actor(id=7, name="张三")
    with sqlite_database.write() as session:
        audit.record(session, SYSTEM, "plan.create", "plan", "P1")
        audit.record(session, who, "plan.allocate", "plan", "P1")
        audit.record(session, who, "plan.approve", "plan", "P1", outcome="refused")
        audit.record(session, who, "plan.submit", "plan", "P2")
        told = audit.newest(session, "plan", "P1")
    assert [(what, who_when.split()[0]) for what, _, who_when in told] == [("计划·分配", "张三"), ("计划·建立", "系统")]

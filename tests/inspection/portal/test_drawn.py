"""The portal counts response and outcomes of a draw from what was published, and from nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from inspection import clock, ledger
from inspection.app import create_app
from inspection.db import Database
from inspection.draws import service as draws
from inspection.portal import drawn
from inspection.visits import rules
from inspection.visits import service as visits
from inspection.visits.models import Visit
from tests.conftest import settings_for
from tests.inspection.visits.town import DAY, ISSUED, VISITED, Town, problem, settle

GONE = rules.VisitEntry("03", DAY, summary="大门上锁，邻居称已停业半年")


@pytest.fixture
def town(sqlite_database: Database) -> Town:
    return settle(sqlite_database)


def counted(town: Town) -> drawn.Results | None:
    with town.database.read() as session:
        return drawn.results(session, ledger.of(session, "draws", "2026-001"))


def test_only_published_results_are_counted_and_a_correction_replaces_what_it_corrects(town: Town, tmp_path: Path) -> None:
    with town.database.read() as session:
        first, second, third, *_ = session.scalars(select(Visit).order_by(Visit.number)).all()
    client: Any = create_app(settings_for(town.database, tmp_path), town.database).test_client()
    town.approved(first, problem())
    town.approved(second, GONE)
    town.approved(third)
    with clock.at(ISSUED):
        page = client.get("/public/draws/2026-001").text
    assert "还没有公示任何检查结果" in page, "approved is not yet public"
    for visit in (first, second):
        town.act(visits.publish, "publisher", visit)
    found = counted(town)
    assert found is not None
    assert (found.selected, found.public, found.done, found.unknown, found.response) == (8, 2, 1, 6, "12.50–87.50%")
    assert found.outcomes == [("已完成检查", 1, 0), ("歇业或停产", 1, 0)] and found.categories == [("发现问题已责令改正", 1)]
    reserve = town.act(visits.call_reserve, "officer", second)
    town.approved(reserve)
    town.act(visits.publish, "publisher", reserve)
    town.act(visits.correct, "leader", first, entry=replace(problem(), results=("pending",)), reason="结果类别有误")
    town.act(visits.publish, "publisher", first)
    found = counted(town)
    assert found is not None
    assert (found.called, found.public_called, found.done_called, found.public) == (1, 1, 1, 2)
    assert found.categories == [("发现问题待后续处理", 1), ("未发现问题", 1)]
    with clock.at(VISITED):
        page = client.get("/public/draws/2026-001").text
    part = page.split('id="results"')[1].split("<section")[0]
    assert "12.50–87.50%" in part and "歇业或停产" in part and "发现问题待后续处理" in part and "发现问题已责令改正" not in part


def test_a_draw_without_a_public_list_or_a_void_one_shows_no_counts(town: Town) -> None:
    assert counted(town) is not None
    with clock.at(VISITED):
        with town.database.write(town.people["officer"]) as session:
            draws.request_void(session, town.people["officer"], town.draw_id, reason="底册漏了一条街")
        with town.database.write(town.people["leader"]) as session:
            draws.approve_void(session, town.people["leader"], town.draw_id, version=draws.get(session, town.draw_id).version_id)
    assert counted(town) is None
    with town.database.read() as session:
        assert drawn.results(session, ledger.of(session, "draws", "2026-001")[:1]) is None

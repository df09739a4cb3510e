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
from inspection.i18n import show_percent
from inspection.indicators.drawn import reading
from inspection.indicators.drawn.rates import Rates
from inspection.portal import drawn, rates
from inspection.visits import rules
from inspection.visits import service as visits
from inspection.visits.models import Visit
from tests.conftest import settings_for
from tests.inspection.visits.town import DAY, ISSUED, VISITED, Town, done, problem, settle

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


def test_once_every_result_is_public_the_rates_are_those_of_the_office(town: Town, tmp_path: Path) -> None:
    with town.database.read() as session:
        drawn_ = session.scalars(select(Visit).order_by(Visit.number)).all()
    for visit, entry in zip(drawn_, (problem(), done(), GONE, done(), done(), problem(), done(), done()), strict=True):
        town.approved(visit, entry)
    for visit in drawn_[:-1]:
        town.act(visits.publish, "publisher", visit)
    waiting = counted(town)
    assert waiting is not None and (waiting.figures.why, waiting.figures.raw, waiting.figures.weighted) == ("open", None, None), "no figure before the last result"
    client: Any = create_app(settings_for(town.database, tmp_path), town.database).test_client()
    assert "全部结果公示后列出" in client.get("/public/results?draw=2026-001").text
    town.act(visits.publish, "publisher", drawn_[-1])
    found = counted(town)
    with clock.at(VISITED), town.database.read(town.people["planner"]) as session:
        total = Rates(reading.facts(session, reading.load(session, town.people["planner"], town.draw_id)), "problem").total
    assert found is not None and total.rate is not None and total.limits is not None and found.figures.limits is not None
    assert (found.figures.problems, found.figures.inspected) == (total.failed, total.n) == (2, 7)
    assert found.figures.weighted == pytest.approx(total.rate.value) and found.figures.limits == pytest.approx(total.limits)
    page = client.get("/public/results?draw=2026-001").text
    assert "问题发现率" in page and "28.57%" in page and show_percent(total.rate.value) in page and "2026-001" in page


def test_figures_say_why_there_are_none() -> None:
    strata = [{"name": "A", "population": 20, "n": 4}, {"name": "B", "population": 2, "n": 2}]
    free, bad = [{"found": "未发现问题"}, {"found": "未检查"}], [{"found": "发现问题"}, {"found": "未发现问题"}]

    def row(stratum: str, items: list[dict[str, str]], outcome: str = "01") -> dict[str, Any]:
        return {"stratum": stratum, "outcome_code": outcome, "items": items}

    full = [row("A", free), row("A", bad), row("B", free), row("B", bad)]
    assert rates.figures(strata, full, 1).why == "open"
    assert rates.figures(strata, [row("A", free, "03"), row("A", [{"found": "未检查"}])], 0).why == "none"
    assert rates.figures(strata, [*full[:2], row("", free)], 0).why == "words"
    single = rates.figures(strata, [row("A", bad), *full[2:]], 0)
    assert (single.why, single.weighted, single.raw) == ("strata", None, 2 / 3), "the raw rate stays, the weighted one is not guessed"
    census = rates.figures([{"name": "B", "population": 2, "n": 2}], full[2:], 0)
    assert (census.why, census.weighted, census.limits) == ("census", 0.5, None)
    ok = rates.figures(strata, full, 0)
    assert ok.why == "" and ok.weighted == 0.5 and ok.limits is not None


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

"""Large frames: frozen and revealed by jobs, computed outside any write, written once; the same bytes as a small draw's."""

from __future__ import annotations

import runpy
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from inspection import clock, ledger
from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.db import Database
from inspection.draws import background, frames, outcome, service
from inspection.draws import jobs as draw_jobs
from inspection.draws.models import Draw, Reveal
from inspection.errors import Conflict, Refused
from inspection.jobs import run_pending
from inspection.jobs.context import Context, PeriodicContext
from inspection.jobs.models import Job
from inspection.registers import service as registers
from inspection.registers.models import Enterprise
from sampling import verify as verifier
from tests.conftest import DRAW_KEY, settings_for
from tests.inspection.draws.office import PREPARED, PROMISE, REVEAL_BY, REVEALED, Office
from tests.inspection.registers import county
from tests.people import sign_in


@pytest.fixture
def office(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office for which thirty firms are a large frame."""
    monkeypatch.setattr(background, "LARGE", 20)
    return Office(sqlite_database)


def asked(office: Office, draw: Draw) -> Job:
    with office.at(PREPARED, office.officer) as session:
        job = service.freeze_or_ask(session, office.officer, draw.id, version=draw.version_id)
        assert isinstance(job, Job)
        return job


def run(office: Office, folder: Path, moment: object) -> None:
    with clock.at(moment):  # type: ignore[arg-type]
        assert run_pending(office.database, settings_for(office.database, folder)) == 1


def job_of(office: Office, job_id: int) -> Job:
    with office.database.read() as session:
        return session.get_one(Job, job_id)


def agreed(office: Office) -> Draw:
    """A committed draw, agreed upon by two people, whose job waits."""
    draw = office.committed()
    office.enter(draw, office.officer)
    assert office.enter(draw, office.leader).state == "agreed"
    return draw


def test_a_large_frame_is_frozen_and_revealed_by_jobs_and_verifies_as_any_other(office: Office, tmp_path: Path) -> None:
    draw = office.configured()
    job = asked(office, draw)
    assert asked(office, draw).id == job.id, "a second click joins the work"
    run(office, tmp_path, PREPARED)
    assert (job_of(office, job.id).state, office.now(draw).state) == ("done", "frozen")
    with office.at(PREPARED, office.officer) as session:
        service.commit(session, office.officer, draw.id, PROMISE, version=office.now(draw).version_id, draw_key=DRAW_KEY)
    office.enter(draw, office.officer)
    found = office.enter(draw, office.leader)
    assert found.state == "agreed" and found.job is not None and office.now(draw).state == "committed"
    with pytest.raises(Refused) as caught:
        office.enter(draw, office.officer)
    assert caught.value.code == "already-agreed"
    with clock.at(REVEALED), office.database.read(office.leader) as session:
        assert service.wall(session, office.leader, service.get(session, draw.id)).making == 0
    run(office, tmp_path, REVEALED + timedelta(minutes=1))
    done = job_of(office, found.job.id)
    assert (done.state, done.result) == ("done", {"抽中": 11, "候补": 3})
    with office.database.read() as session:
        reveal = session.get_one(Reveal, draw.id)
        assert reveal.revealed_at == REVEALED, "the moment of the second entry, whenever the list was made"
        assert verifier.check_bundle(reveal.bundle).line == "OK  draw 2026-001  11 selected  3 reserve  11 teams  0 unfilled"
        assert [entry.kind for entry in ledger.of(session, "draws", draw.number)] == ["commitment", "reveal"]


def test_a_large_frame_is_rehearsed_by_a_job_that_says_how_far_it_is_and_both_people_read_it(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, str]] = []
    monkeypatch.setattr(Context, "progress", lambda context, done, total=None, note=None: told.append((done, note or "")))
    monkeypatch.setattr(frames, "TOLD", 10)
    app = create_app(settings_for(office.database, tmp_path), office.database)
    with clock.at(PREPARED):
        officer, leader = sign_in(app, "officer"), sign_in(app, "leader")
        draw = office.configured()
        assert leader.post(f"/draws/{draw.id}/rehearsal").status_code == 409, "nothing is frozen yet"
        assert "/jobs/" in officer.post(f"/draws/{draw.id}/freeze", {"version": "1"}).headers["Location"]
        run(office, tmp_path, PREPARED)
        assert told == [(5, "读取名录"), (5, "读取名录"), (26, "读取名录 10"), (48, "读取名录 20"), (70, "核对"), (80, "打包"), (90, "写入")]
        assert "开始演练" in leader.get(f"/draws/{draw.id}/rehearsal").text
        job = officer.post(f"/draws/{draw.id}/rehearsal").headers["Location"]
        assert "正在后台演练" in leader.get(f"/draws/{draw.id}/rehearsal").text and leader.get(job).status_code == 404
        run(office, tmp_path, PREPARED)
        assert f"/draws/{draw.id}/rehearsal" in officer.get(job).text
        pages = [browser.get(f"/draws/{draw.id}/rehearsal").text for browser in (officer, leader)]
        assert all("共 22 个席位，按回避、区域、资格和组长的要求最多能满 22 个。" in page for page in pages)
    with office.database.read(office.officer) as session:
        kept = service.rehearsed(session, service.get(session, draw.id))
        assert kept is not None and (kept.loads, kept.report.fillable) == (service.rehearse(session, draw.id).loads, 22)


def test_a_frame_computed_before_a_change_of_the_register_is_not_frozen(office: Office, tmp_path: Path) -> None:
    draw = office.configured()
    with clock.at(PREPARED), office.database.read(office.officer) as session:
        before = service.prepare(session, draw)
    with office.at(PREPARED, SYSTEM) as session:
        registers.create_enterprise(session, SYSTEM, county.firm(99, credit_class="A"))
    with pytest.raises(Conflict) as caught, office.at(PREPARED, office.officer) as session:
        service.freeze(session, office.officer, draw.id, version=draw.version_id, prepared=before)
    assert caught.value.code == "registers-changed" and office.now(draw).state == "configured"
    asked(office, draw)
    run(office, tmp_path, PREPARED)
    with office.database.read() as session:
        assert b"\n" + county.firm(99).code.encode() in service.files_of(session, draw.id)["frame.tsv"]


def test_the_benchmark_of_a_million_firms_fits_the_tables(sqlite_database: Database) -> None:
    bench = runpy.run_path(str(Path(__file__).parents[3] / "benchmarks" / "bench_draw_application.py"))
    bench["fill"](sqlite_database, 60)
    with sqlite_database.read() as session:
        assert session.scalar(select(func.count()).select_from(Enterprise)) == 60


def test_whoever_computes_gets_the_same_bytes_and_only_the_first_is_written(office: Office) -> None:
    draw = agreed(office)
    with office.database.read() as session:
        first, second = (outcome.compute(session, office.now(draw), DRAW_KEY) for _ in range(2))
    assert first.ready.data == second.ready.data
    with office.at(REVEALED, office.leader) as session:
        outcome.write_down(session, office.leader, draw.id, first)
    with pytest.raises(Refused) as caught, office.at(REVEALED, office.leader) as session:
        outcome.write_down(session, office.leader, draw.id, second)
    assert caught.value.code == "wrong-state"


def test_a_list_agreed_upon_is_made_even_when_its_job_was_cancelled(office: Office, tmp_path: Path) -> None:
    draw, never = agreed(office), agreed(office)
    with office.at(REVEALED, SYSTEM) as session:
        for row in session.query(Job):
            row.state = "cancelled"
    context = PeriodicContext(office.database, settings_for(office.database, tmp_path))
    late = REVEAL_BY + timedelta(minutes=10)
    with clock.at(late), office.database.write() as session:
        assert service.void_unrevealed(session) == [], "agreed in time"
        session.get_one(Draw, never.id).state = "frozen"  # out of the way of the periodic task
    with clock.at(late):
        draw_jobs.finish_reveals(context)
    with office.at(late, SYSTEM) as session:
        assert office.now(draw).state == "published"
        session.get_one(Draw, never.id).state = "committed"
    with clock.at(REVEAL_BY + timedelta(hours=2)), office.database.write() as session:
        assert service.void_unrevealed(session) == [never.number], "a list that never came is void in public"

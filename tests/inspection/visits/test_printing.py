"""The notices of a draw in bulk: asked for by button, JSON and command; killed and resumed; refused where there are none."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from inspection import clock
from inspection.cli import main
from inspection.db import Database
from inspection.draws import service as draws
from inspection.errors import Forbidden, Refused
from inspection.jobs import files, run_pending, runner
from inspection.jobs.models import Job
from inspection.registers.models import Enterprise
from inspection.settings import Settings
from inspection.visits import notices, printing
from inspection.visits.models import Visit
from reports import verify
from tests.conftest import SECRET, settings_for
from tests.inspection.visits.conftest import Office
from tests.inspection.visits.town import ISSUED, Town, settle

PRINTED = datetime(2026, 11, 12, 2, 0, tzinfo=UTC)


def ask(town: Town, form: str = "each", who: str = "officer") -> int:
    actor = town.people[who]
    with clock.at(PRINTED), town.database.write(actor) as session:
        return printing.ask(session, actor, town.draw_id, form).id


def job_of(database: Database, job_id: int) -> Job:
    with database.read() as session:
        return session.get_one(Job, job_id)


def result(town: Town, settings: Settings, job_id: int) -> bytes:
    return files.open_result(settings, job_of(town.database, job_id)).read_bytes()


def n_visits(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Visit)) or 0


def test_one_file_per_firm_each_proving_itself_and_one_bound_volume(town: Town, tmp_path: Path) -> None:
    settings = settings_for(town.database, tmp_path, office_contact="双随机办", office_phone="0571-1")
    first, second = ask(town, "each"), ask(town, "bound")
    assert ask(town, "each") == first, "a second click gives the job that runs already"
    assert run_pending(town.database, settings) == 2
    count = n_visits(town.database)
    for job_id in (first, second):
        job = job_of(town.database, job_id)
        assert (job.state, job.done, job.total, job.result) == ("done", count, count, {"通知书份数": count})
        assert not files.workspace(settings, job_id).joinpath("contents.jsonl").exists(), "the workspace is cleared"
    with zipfile.ZipFile(io.BytesIO(result(town, settings, first))) as archive:
        names = archive.namelist()
        assert len(set(names)) == count and archive.testzip() is None
        assert all(verify.verify_pdf(archive.read(name)).ok for name in names[:2])
    volume = PdfReader(io.BytesIO(result(town, settings, second)))
    assert len(volume.pages) == count
    text = volume.pages[0].extract_text()
    assert "随机抽查通知书" in text and "联系人：双随机办" in text and "电话：0571-1" in text


def test_several_volumes_come_as_one_archive_in_their_order(street: Town, tmp_path: Path) -> None:
    settings = settings_for(street.database, tmp_path)
    with street.database.read() as session:
        run = printing.run(tmp_path, "bound", per_volume=3)
        _, count = run.freeze(notices.each(session, street.draw_id, settings))
    assert [done for _, done in run.make()][-1] == count
    first = next(tmp_path.glob("000001.piece")).stat().st_mtime_ns
    assert next(iter(run.make(1))) == (2, 6) and next(tmp_path.glob("000001.piece")).stat().st_mtime_ns == first, "what is made stays made"
    with zipfile.ZipFile(run.bind(date(2026, 11, 12))) as archive:
        assert archive.namelist() == [f"通知书合订本-{n:02d}.pdf" for n in range(1, -(-count // 3) + 1)]
        assert sum(len(PdfReader(io.BytesIO(archive.read(name))).pages) for name in archive.namelist()) == count


def test_killed_in_the_middle_it_goes_on_and_gives_the_bytes_of_an_undisturbed_run(street: Town, tmp_path: Path) -> None:
    settings = settings_for(street.database, tmp_path)
    job_id = ask(street)
    victim = subprocess.Popen(
        [sys.executable, "-m", "tests.inspection.visits.victim", street.database.url, str(settings.data_dir), str(job_id)],
        env={**os.environ, "TEST_SECRET": SECRET},
    )
    deadline = time.monotonic() + 120
    while job_of(street.database, job_id).checkpoint.get("pieces", 0) < 2 and time.monotonic() < deadline:
        time.sleep(0.002)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL
    half, count = job_of(street.database, job_id), n_visits(street.database)
    assert half.state == "running" and 2 <= half.checkpoint["pieces"] < count
    folder = files.workspace(settings, job_id)
    (tmp_path / "undisturbed").mkdir()
    shutil.copy(folder / "contents.jsonl", tmp_path / "undisturbed")
    with street.database.write() as session:  # what changes meanwhile changes no paper of this run
        session.execute(Enterprise.__table__.update().values(name="改名后的公司"))
    while not runner.run_one(street.database, settings, job_id) and time.monotonic() < deadline:
        time.sleep(0.1)
    done = job_of(street.database, job_id)
    assert (done.state, done.attempts, done.done) == ("done", 2, count)
    undisturbed = printing.run(tmp_path / "undisturbed", "each")
    assert len(list(undisturbed.make())) == count
    other = undisturbed.bind(date.fromisoformat(half.checkpoint["day"])).read_bytes()
    assert hashlib.sha256(other).hexdigest() == done.result_sha256


def test_cancelled_it_leaves_no_file_behind(street: Town, tmp_path: Path) -> None:
    from inspection.jobs import service

    settings = settings_for(street.database, tmp_path)
    job_id = ask(street)
    with street.database.write(street.people["officer"]) as session:
        service.cancel(session, street.people["officer"], job_id)
    assert run_pending(street.database, settings) == 0
    assert job_of(street.database, job_id).state == "cancelled"
    assert ask(street) != job_id, "and may be asked for again"


def test_the_button_leads_to_a_bar_and_to_the_file(office: Office) -> None:
    browser = office.signed_in("officer")
    with clock.at(PRINTED):
        page = browser.get(f"/draws/{office.town.draw_id}").text
        assert 'action="/visits/notices"' in page and "合订本" in page
        sent = browser.post("/visits/notices", {"draw_id": str(office.town.draw_id), "form": "bound"})
        assert sent.status_code == 303
        count = n_visits(office.town.database)
        assert browser.get(f"{sent.location}/progress").json == {"state": "queued", "done": 0, "total": count, "percent": 0, "note": ""}
        assert "<progress" in browser.get(sent.location).text
        assert run_pending(office.town.database) == 1
        assert browser.get(f"{sent.location}/progress").json["state"] == "done"
        answer = browser.get(f"{sent.location}/result")
    assert answer.status_code == 200 and len(PdfReader(io.BytesIO(answer.data)).pages) == count
    asked = browser.json("POST", "/api/v1/visits/notices", {"draw_id": office.town.draw_id, "form": "each"})
    assert asked.status_code == 202 and asked.json["kind"] == "visits.notices" and asked.json["total"] == count


@pytest.mark.parametrize("form", ["", "all", "<b>"])
def test_an_unknown_form_is_told_apart(office: Office, form: str) -> None:
    answer = office.signed_in("officer").json("POST", "/api/v1/visits/notices", {"draw_id": office.town.draw_id, "form": form})
    assert answer.status_code == 422 and "form" in str(answer.json)


def test_nobody_prints_what_he_may_not_see(office: Office) -> None:
    town, wanted = office.town, {"draw_id": str(office.town.draw_id), "form": "bound"}
    inspector = next(login for login in town.people if login.startswith("ZF"))
    refused = office.signed_in(inspector).post("/visits/notices", wanted)
    assert refused.status_code == 403
    assert office.signed_in("publisher").post("/visits/notices", wanted).status_code == 403
    assert office.signed_in("far").post("/visits/notices", wanted).status_code == 404
    assert office.signed_in("officer").post("/visits/notices", {**wanted, "draw_id": "999"}).status_code == 404


def test_no_notices_before_the_tasks_none_for_flight_inspections_none_under_embargo(sqlite_database: Database, tmp_path: Path) -> None:
    town = settle(sqlite_database, opened=False, embargo_until=datetime(2026, 11, 20, 1, 0, tzinfo=UTC))
    with pytest.raises(Refused, match="先在“检查任务”页下达"):
        ask(town)
    with pytest.raises(Forbidden, match="尚未公布"):
        ask(town, who="auditor")
    with clock.at(ISSUED), town.database.write(town.people["officer"]) as session:
        draw = draws.get(session, town.draw_id)
        draw.announced = False
    with pytest.raises(Refused, match="不预先通知"):
        ask(town)


def test_the_command_prints_with_its_bar_and_writes_the_file(street: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    settings = settings_for(street.database, tmp_path)
    for name in ("secret_key", "draw_key", "database_url", "data_dir"):
        monkeypatch.setenv(f"HENGJIAN_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.chdir(tmp_path)
    with street.database.read() as session:
        number = draws.get(session, street.draw_id).number
    assert main(["draw", "notices", number, "--form", "each", "-o", "all.zip"]) == 0
    digest = capsys.readouterr().out.split()[0]
    assert hashlib.sha256((tmp_path / "all.zip").read_bytes()).hexdigest() == digest
    assert main(["draw", "notices", "没有"]) == 3
    assert main(["draw", "notices", number, "--form", "neither"]) == 2

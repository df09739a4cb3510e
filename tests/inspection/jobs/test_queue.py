"""The wake-up: a committed job reaches a worker through the queue, a rolled-back one does not, a lost message is made up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from inspection.db import Database
from inspection.jobs import queue, service
from inspection.settings import Settings
from tests.conftest import SECRET
from tests.inspection.jobs import kinds
from tests.inspection.jobs.test_runner import OWNER, ask, row

WORKER = """
import sys
from pathlib import Path
from inspection.db import Database
from inspection.jobs import queue
from inspection.settings import Settings
import tests.inspection.jobs.kinds
queue.work(Database(sys.argv[1]), Settings.of({"secret_key": sys.argv[3], "database_url": sys.argv[1], "data_dir": Path(sys.argv[2])}))
"""


def test_a_commit_sends_one_message_and_a_rollback_none(database: Database, settings: Settings) -> None:
    queue.attach(database, settings)
    huey = queue.queue_of(database, settings)
    ask(database)
    assert huey.pending_count() == 1
    with pytest.raises(RuntimeError), database.write(OWNER) as session:
        service.enqueue(session, OWNER, "test.count", {"steps": 1})
        raise RuntimeError
    assert huey.pending_count() == 1


def test_a_lost_message_is_sent_again_by_the_sweep(database: Database, settings: Settings) -> None:
    huey = queue.queue_of(database, settings)
    ask(database)
    assert huey.pending_count() == 0
    assert queue.sweep(huey, database) == 1
    assert queue.sweep(huey, database) == 0
    assert huey.pending_count() == 1


def test_a_broken_queue_does_not_break_the_request(
    sqlite_database: Database, tmp_path: kinds.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.of({"secret_key": SECRET, "database_url": sqlite_database.url, "data_dir": tmp_path / "var"})
    queue.attach(sqlite_database, settings)

    def fail(*_args: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(queue, "queue_of", fail)
    assert row(sqlite_database, ask(sqlite_database)).state == "queued"


def test_a_message_with_a_foreign_signature_is_not_read(sqlite_database: Database, tmp_path: kinds.Path) -> None:
    values = {"database_url": sqlite_database.url, "data_dir": tmp_path / "var"}
    ours = queue._open(sqlite_database, Settings.of({**values, "secret_key": SECRET}))
    theirs = queue._open(sqlite_database, Settings.of({**values, "secret_key": "x" + SECRET}))
    theirs.hengjian_run(1)
    with pytest.raises(ValueError, match="mismatch"):
        ours.dequeue()


def test_a_worker_process_takes_jobs_and_stops_in_good_order(database: Database, settings: Settings) -> None:
    ask(database)
    worker = subprocess.Popen([sys.executable, "-c", WORKER, database.url, str(settings.data_dir), SECRET], env=os.environ)
    try:
        queue.attach(database, settings)
        ids = [1]
        deadline = time.monotonic() + 120
        while row(database, ids[0]).state != "done" and time.monotonic() < deadline:
            time.sleep(0.05)
        with database.write(OWNER) as session:
            ids.append(service.enqueue(session, OWNER, "test.count", {"steps": 0}).id)
        while row(database, ids[1]).state != "done" and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [row(database, job_id).state for job_id in ids] == ["done", "done"]
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=120) == 0

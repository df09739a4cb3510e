"""kill -9 in the middle of a job: it is taken again after its lease and every step happens exactly once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from inspection.db import Database
from inspection.jobs import runner, service
from inspection.settings import Settings
from tests.conftest import SECRET
from tests.inspection.jobs.test_runner import OWNER, row, steps

N_STEPS = 30


def test_a_killed_worker_loses_and_doubles_nothing(database: Database, settings: Settings) -> None:
    with database.write(OWNER) as session:
        job_id = service.enqueue(session, OWNER, "test.count", {"steps": N_STEPS, "pause": 0.01}).id
    victim = subprocess.Popen(
        [sys.executable, "-m", "tests.inspection.jobs.kinds", database.url, str(settings.data_dir), str(job_id)],
        env={**os.environ, "TEST_SECRET": SECRET},
    )
    deadline = time.monotonic() + 120
    while row(database, job_id).checkpoint.get("next", 0) < 3 and time.monotonic() < deadline:
        time.sleep(0.005)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL
    half = row(database, job_id)
    assert half.state == "running"
    assert 3 <= half.checkpoint["next"] == steps(database) < N_STEPS
    while not runner.run_one(database, settings, job_id) and time.monotonic() < deadline:
        time.sleep(0.1)
    job = row(database, job_id)
    assert (job.state, job.attempts, job.done) == ("done", 2, N_STEPS)
    assert steps(database) == N_STEPS

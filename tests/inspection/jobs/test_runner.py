"""A job: asked for with its cause, run once, cancelled, stopped, resumed, refused; its file kept and checked."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from inspection import audit, clock
from inspection.actor import Actor
from inspection.db import Database
from inspection.errors import NotFound, Refused
from inspection.health import HealthProbe
from inspection.jobs import files, run_pending, runner, service
from inspection.jobs.context import Cancelled, Context, LeaseLost
from inspection.jobs.models import Job
from inspection.jobs.registry import KINDS, JobKind, Result
from inspection.settings import Settings
from tests.inspection.jobs import kinds

OWNER = Actor(id=7, name="王计划", region_code="320900", permissions=frozenset({"job.read"}))
STRANGER = Actor(id=8, name="李旁人", permissions=frozenset({"job.read"}))


def ask(database: Database, kind: str = "test.count", actor: Actor = OWNER, **more: Any) -> int:
    with database.write(actor) as session:
        return service.enqueue(session, actor, kind, {"steps": 3}, **more).id


def row(database: Database, job_id: int) -> Job:
    with database.read() as session:
        return session.get_one(Job, job_id)


def steps(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(HealthProbe).where(HealthProbe.name.like("step-%"))) or 0


def test_a_job_runs_once_and_leaves_its_file_with_digest(database: Database, settings: Settings) -> None:
    job_id = ask(database)
    assert run_pending(database, settings) == 1
    assert run_pending(database, settings) == 0
    job = row(database, job_id)
    assert (job.state, job.done, job.total, job.percent, job.attempts) == ("done", 3, 3, 100, 1)
    assert job.result == {"steps": 3}
    assert job.result_filename == "步骤_清单.txt"
    path = files.open_result(settings, job)
    assert path.read_text() == "step-0\nstep-1\nstep-2"
    assert files.sha256_of(path) == job.result_sha256
    assert steps(database) == 3
    assert not (settings.data_dir / "jobs" / f"{job_id}.work").exists()


def test_asking_and_finishing_stand_in_the_trail(database: Database, settings: Settings) -> None:
    ask(database)
    run_pending(database, settings)
    with database.read() as session:
        events = session.execute(select(audit.AuditEvent.verb, audit.AuditEvent.actor_id, audit.AuditEvent.via)).all()
        assert audit.verify(session).ok
    assert [tuple(event) for event in events] == [("jobs.enqueue", 7, "session"), ("jobs.done", 7, "job")]


def test_a_job_whose_cause_rolls_back_never_existed(database: Database, settings: Settings) -> None:
    with pytest.raises(RuntimeError), database.write(OWNER) as session:
        service.enqueue(session, OWNER, "test.count", {"steps": 1})
        raise RuntimeError
    assert run_pending(database, settings) == 0


def test_the_same_lock_key_gives_the_unfinished_job_back(database: Database, settings: Settings) -> None:
    first = ask(database, lock_key="plan:1")
    assert ask(database, lock_key="plan:1") == first
    run_pending(database, settings)
    assert ask(database, lock_key="plan:1") != first


def test_an_unknown_kind_cannot_be_asked_for(database: Database) -> None:
    with pytest.raises(NotFound) as caught:
        ask(database, "test.nothing")
    assert caught.value.code == "job-kind-unknown"


def test_the_function_acts_with_the_scope_of_the_owner(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def look(context: Context, _params: dict[str, Any]) -> None:
        with context.read() as session:
            seen.append(session.info["actor"])

    monkeypatch.setitem(KINDS, "test.look", JobKind("test.look", "看", look))
    ask(database, "test.look")
    run_pending(database, settings)
    assert (seen[0].id, seen[0].region_code, seen[0].permissions, seen[0].via) == (7, "320900", frozenset({"job.read"}), "job")


def test_only_the_owner_sees_a_job(database: Database) -> None:
    job_id = ask(database)
    with database.read() as session:
        assert service.own(session, STRANGER) == ([], 0)
        with pytest.raises(NotFound):
            service.load(session, STRANGER, job_id)
    with pytest.raises(NotFound), database.write(STRANGER) as session:
        service.cancel(session, STRANGER, job_id)


def test_a_waiting_job_is_cancelled_at_once_and_a_finished_one_not_at_all(database: Database, settings: Settings) -> None:
    job_id = ask(database)
    with database.write(OWNER) as session:
        service.cancel(session, OWNER, job_id)
    assert run_pending(database, settings) == 0
    assert (row(database, job_id).state, steps(database)) == ("cancelled", 0)
    with pytest.raises(Refused), database.write(OWNER) as session:
        service.cancel(session, OWNER, job_id)


def test_a_running_job_stops_at_its_next_step_when_cancelled(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Context.progress

    def cancel_after_two(self: Context, done: int, total: int | None = None, note: str | None = None) -> None:
        if done == 2:
            with database.write(OWNER) as session:
                service.cancel(session, OWNER, self.job_id)
        original(self, done, total, note)

    monkeypatch.setattr(Context, "progress", cancel_after_two)
    job_id = ask(database)
    run_pending(database, settings)
    job = row(database, job_id)
    assert (job.state, job.done, steps(database)) == ("cancelled", 2, 2)
    assert job.finished_at is not None


def test_an_orderly_stop_puts_the_job_back_and_the_next_worker_goes_on(database: Database, settings: Settings) -> None:
    job_id = ask(database)
    stopping = threading.Event()
    stopping.set()
    runner.run_one(database, settings, job_id, stopping=stopping)
    job = row(database, job_id)
    assert (job.state, job.attempts, job.lease_until) == ("queued", 0, None)
    run_pending(database, settings)
    assert (row(database, job_id).state, steps(database)) == ("done", 3)


def test_a_refusal_fails_the_job_with_its_code_and_words(database: Database, settings: Settings) -> None:
    job_id = ask(database, "test.refuse")
    run_pending(database, settings)
    job = row(database, job_id)
    assert (job.state, job.error_code, job.error) == ("failed", "plan-not-approved", "计划尚未批准。")


def test_an_unexpected_error_fails_the_job_without_its_inside(database: Database, settings: Settings) -> None:
    job_id = ask(database, "test.break")
    run_pending(database, settings)
    job = row(database, job_id)
    assert (job.state, job.error_code) == ("failed", "internal")
    assert "secret detail" not in job.error
    assert str(job_id) in job.error


def test_a_worker_that_lost_its_lease_cannot_write(database: Database, settings: Settings) -> None:
    job_id = ask(database)
    context = runner._claim(database, settings, job_id, threading.Event(), timedelta(seconds=30))
    assert context is not None
    assert runner._claim(database, settings, job_id, threading.Event(), timedelta(seconds=30)) is None
    with clock.at(clock.now() + timedelta(seconds=60)):
        second = runner._claim(database, settings, job_id, threading.Event(), timedelta(seconds=30))
    assert second is not None
    with pytest.raises(LeaseLost), context.write() as session:
        session.add(HealthProbe(name="step-0", at=clock.now()))
    with pytest.raises(LeaseLost):
        context.renew()
    with pytest.raises(LeaseLost):
        runner._finish(context, Result())
    with second.write() as session:
        session.add(HealthProbe(name="step-0", at=clock.now()))
    assert steps(database) == 1


def test_cancel_takes_effect_in_the_next_transaction(database: Database, settings: Settings) -> None:
    job_id = ask(database)
    context = runner._claim(database, settings, job_id, threading.Event(), timedelta(seconds=30))
    assert context is not None
    with database.write(OWNER) as session:
        service.cancel(session, OWNER, job_id)
    with pytest.raises(Cancelled), context.write():
        pass


def test_a_job_that_always_dies_is_given_up(database: Database, settings: Settings) -> None:
    job_id = ask(database)
    for attempt in range(runner.MAX_ATTEMPTS):
        with clock.at(clock.now() + timedelta(minutes=attempt)):
            assert runner._claim(database, settings, job_id, threading.Event(), timedelta(seconds=30)) is not None
    with clock.at(clock.now() + timedelta(hours=1)):
        assert run_pending(database, settings) == 0
    job = row(database, job_id)
    assert (job.state, job.error_code) == ("failed", "too-many-attempts")


def test_a_changed_or_missing_result_file_is_not_handed_out(database: Database, settings: Settings) -> None:
    job_id = ask(database)
    run_pending(database, settings)
    path = files.open_result(settings, row(database, job_id))
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(Refused):
        files.open_result(settings, row(database, job_id))
    path.unlink()
    with pytest.raises(NotFound):
        files.open_result(settings, row(database, job_id))


def test_names_of_files_cannot_leave_their_folder() -> None:
    assert service.safe_filename("../../etc/passwd") == "_.._etc_passwd"
    assert service.safe_filename("抽检\x00通告.pdf") == "抽检_通告.pdf"
    assert service.safe_filename("..") == "result"


def test_a_result_has_a_name_and_exactly_one_source() -> None:
    for wrong in ({"filename": "a"}, {"content": b""}, {"filename": "a", "content": b"", "path": kinds.Path("a")}):
        with pytest.raises(ValueError, match="result file"):
            Result(**wrong)  # type: ignore[arg-type]

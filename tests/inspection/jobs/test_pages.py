"""The pages and the API of one's own jobs: seen, polled, cancelled, downloaded by the owner and by nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from inspection.db import Database
from inspection.jobs import run_pending, service
from inspection.settings import Settings
from tests.inspection.jobs import kinds as kinds
from tests.people import Browser, person, sign_in


@pytest.fixture
def owner(app: Any, database: Database) -> Browser:
    person(database, "wang", "planner")
    person(database, "li", "planner")
    return sign_in(app, "wang")


def asked(database: Database, login: str = "wang", kind: str = "test.count", steps: int = 3) -> int:
    from inspection.auth import service as auth

    with database.write() as session:
        account = auth.find(session, login)
        assert account is not None
        return service.enqueue(session, auth.actor_of(account, via="session"), kind, {"steps": steps}).id


def test_a_waiting_job_shows_its_bar_and_is_polled(owner: Browser, database: Database) -> None:
    job_id = asked(database)
    assert "逐步计数" in owner.get("/jobs").text
    page = owner.get(f"/jobs/{job_id}").text
    assert "<progress" in page
    assert f'data-poll="/jobs/{job_id}/progress"' in page
    assert owner.get(f"/jobs/{job_id}/progress").json == {"state": "queued", "done": 0, "total": 0, "percent": None, "note": ""}


def test_a_finished_job_gives_its_file_with_its_name(owner: Browser, database: Database, settings: Settings) -> None:
    job_id = asked(database)
    run_pending(database, settings)
    assert owner.get(f"/jobs/{job_id}/progress").json["percent"] == 100
    page = owner.get(f"/jobs/{job_id}").text
    assert f"/jobs/{job_id}/result" in page
    assert "data-poll" not in page
    answer = owner.get(f"/jobs/{job_id}/result")
    assert answer.status_code == 200
    assert answer.data.decode() == "step-0\nstep-1\nstep-2"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_somebody_else_finds_nothing(app: Any, owner: Browser, database: Database, settings: Settings) -> None:
    job_id = asked(database)
    run_pending(database, settings)
    other = sign_in(app, "li")
    assert "逐步计数" not in other.get("/jobs").text
    for path in (f"/jobs/{job_id}", f"/jobs/{job_id}/progress", f"/jobs/{job_id}/result", f"/api/v1/jobs/{job_id}", f"/api/v1/jobs/{job_id}/result"):
        assert other.get(path).status_code == 404, path
    assert other.post(f"/jobs/{job_id}/cancel").status_code == 404
    assert other.get("/api/v1/jobs").json == {"jobs": [], "count": 0}


def test_the_cancel_button_stops_a_waiting_job(owner: Browser, database: Database, settings: Settings) -> None:
    job_id = asked(database)
    owner.get(f"/jobs/{job_id}")
    assert owner.post(f"/jobs/{job_id}/cancel").status_code == 303
    assert run_pending(database, settings) == 0
    assert "已取消" in owner.get(f"/jobs/{job_id}").text
    assert owner.post(f"/jobs/{job_id}/cancel").status_code == 409


def test_the_api_says_the_same(owner: Browser, database: Database, settings: Settings) -> None:
    job_id = asked(database)
    other = asked(database)
    assert owner.json("POST", f"/api/v1/jobs/{other}/cancel").json["state"] == "cancelled"
    run_pending(database, settings)
    job = owner.get(f"/api/v1/jobs/{job_id}").json
    assert (job["state"], job["done"], job["result"], job["percent"]) == ("done", 3, {"steps": 3}, 100)
    listed = owner.get("/api/v1/jobs?limit=1").json
    assert (listed["count"], [row["id"] for row in listed["jobs"]]) == (2, [other])
    assert owner.get("/api/v1/jobs?limit=9999").status_code == 422
    assert owner.get(f"/api/v1/jobs/{job_id}/result").data == b"step-0\nstep-1\nstep-2"


def test_a_job_of_a_disabled_account_is_not_run_and_lost_rights_stay_lost(owner: Browser, database: Database, settings: Settings) -> None:
    from inspection.actor import SYSTEM
    from inspection.auth import service as auth
    from inspection.jobs import runner
    from inspection.jobs.models import Job

    first, second = asked(database), asked(database, "li")
    with database.write() as session:
        wang, li = auth.find(session, "wang"), auth.find(session, "li")
        assert wang is not None
        assert li is not None
        auth.set_disabled(session, SYSTEM, wang.id, disabled=True)
        auth.grant(session, SYSTEM, li.id, auth.Grant(frozenset({"case_officer"})))
    run_pending(database, settings)
    with database.read() as session:
        job = session.get_one(Job, first)
        assert (job.state, job.error_code) == ("failed", "account-disabled")
        actor = runner._present_actor(session.get_one(Job, second), session.get(type(li), li.id))
        assert "plan.write" not in actor.permissions  # held when asked for, not any more
        assert "case.handle" not in actor.permissions  # held now, not when asked for
        assert "job.read" in actor.permissions


def test_the_pages_are_complete_in_english(owner: Browser, database: Database, settings: Settings) -> None:
    job_id = asked(database, kind="test.refuse")
    run_pending(database, settings)
    owner.get("/jobs")
    owner.post("/language", {"language": "en", "next": "/jobs"})
    assert "Background jobs" in owner.get("/jobs").text
    page = owner.get(f"/jobs/{job_id}").text
    assert "Attempts" in page
    assert "Failed" in page

"""A periodic task is due every so many minutes, on one host only, and its failure stops nobody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from inspection import clock
from inspection.db import Database
from inspection.jobs import PeriodicContext, registry, runner
from inspection.jobs.registry import PeriodicTask
from inspection.settings import Settings

NOON = datetime(2026, 9, 16, 4, tzinfo=UTC)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    made: list[datetime] = []

    def task(context: PeriodicContext) -> None:
        with context.read():
            made.append(clock.now())

    def broken(_context: PeriodicContext) -> None:
        raise ZeroDivisionError

    registry.load()  # the stages' own tasks, before the list is exchanged
    tasks = {"a.broken": PeriodicTask("a.broken", 1, broken), "test.ten": PeriodicTask("test.ten", 10, task)}
    monkeypatch.setattr(registry, "PERIODIC", tasks)
    return made


def test_a_task_runs_when_it_is_due_and_once_for_all_hosts(database: Database, settings: Settings, calls: list[datetime]) -> None:
    with clock.at(NOON):
        assert runner.run_due(database, settings) == ["test.ten"]
        assert runner.run_due(Database(database.url), settings) == []
    with clock.at(NOON + timedelta(minutes=9)):
        assert runner.run_due(database, settings) == []
    with clock.at(NOON + timedelta(minutes=10)):
        assert runner.run_due(database, settings) == ["test.ten"]
    assert calls == [NOON, NOON + timedelta(minutes=10)]


def test_a_task_needs_at_least_a_minute_and_one_name() -> None:
    with pytest.raises(ValueError, match="every minute"):
        registry.periodic("test.never", minutes=0)

"""Writers queue: no update is lost between threads or processes, the queue is fair, and checkpoints stand in it too."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from inspection import uploads
from inspection.actor import SYSTEM
from inspection.db import CHECKPOINT_PAGES, Database
from inspection.rulebook import service as rulebook
from inspection.rulebook.models import Rule
from tests.inspection.db.counting import count_up, prepare, total


def in_threads(number: int, work: Callable[[], None]) -> None:
    """Run the work in so many threads at once; an error in one of them is an error of the test."""
    errors: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors, errors


def is_held(path: Path) -> bool:
    """Whether somebody holds the writers' lock."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def test_many_threads_lose_no_update(database: Database) -> None:
    prepare(database)
    in_threads(24, lambda: count_up(database, 15))
    assert total(database) == 24 * 15


def test_several_processes_lose_no_update(database: Database) -> None:
    prepare(database)
    command = [sys.executable, "-m", "tests.inspection.db.counting", database.url, "40"]
    workers = [subprocess.Popen(command) for _ in range(3)]
    count_up(database, 40)
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    assert total(database) == 4 * 40


def test_without_the_queue_the_same_work_loses_an_update_or_fails(database: Database) -> None:
    """What the two tests above would show if `Database.write` did not queue: they can fail."""
    prepare(database)
    plain = create_engine(database.url.replace("postgresql://", "postgresql+psycopg://"), connect_args={"timeout": 0.1} if database.is_sqlite else {})
    first, second = plain.connect(), plain.connect()
    try:
        numbers = [each.execute(text("SELECT n FROM counter")).scalar() for each in (first, second)]
        for each, number in zip((first, second), numbers, strict=True):
            each.execute(text("UPDATE counter SET n = :n"), {"n": number + 1})
            each.commit()
    except OperationalError as error:
        assert "locked" in str(error)
    finally:
        first.close()
        second.close()
        plain.dispose()
    assert total(database) == 1  # two counted, one arrived


def test_events_of_many_threads_form_one_chain(database: Database) -> None:
    from inspection import audit

    def work() -> None:
        for _ in range(5):
            with database.write() as session:
                audit.record(session, SYSTEM, "test.write", "test", 1)

    in_threads(12, work)
    with database.read() as session:
        chain = audit.verify(session)
    assert (chain.ok, chain.events) == (True, 60)


def test_a_writer_begins_immediately_and_only_behind_the_lock(sqlite_database: Database) -> None:
    path = Path(f"{sqlite_database.engine.url.database}.lock")
    seen: list[tuple[str, bool]] = []

    @event.listens_for(sqlite_database.engine, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append((statement, is_held(path)))

    with sqlite_database.write() as session:
        session.execute(text("SELECT 1"))
    assert seen == [("PRAGMA query_only=OFF", True), ("BEGIN IMMEDIATE", True), ("SELECT 1", True)]
    seen.clear()
    with sqlite_database.read() as session:
        session.execute(text("SELECT 1"))
    assert seen == [("PRAGMA query_only=ON", False), ("BEGIN", False), ("SELECT 1", False)]


def test_waiting_writers_are_served_in_the_order_of_their_arrival(sqlite_database: Database) -> None:
    served: list[int] = []

    def write(number: int) -> None:
        with sqlite_database.write() as session:
            session.execute(text("SELECT 1"))
            served.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    assert sqlite_database.lock is not None
    with sqlite_database.lock:
        for thread in threads:
            thread.start()
            time.sleep(0.03)
    for thread in threads:
        thread.join(30)
    assert served == list(range(8))


def test_the_log_is_checkpointed_under_the_lock_and_nowhere_else(sqlite_database: Database) -> None:
    file = Path(str(sqlite_database.engine.url.database))
    sqlite_database.dispose()
    seen: list[tuple[str, bool]] = []

    @event.listens_for(sqlite_database.engine, "connect")
    def _trace(connection: Any, _record: Any) -> None:
        connection.set_trace_callback(lambda statement: seen.append((statement, is_held(Path(f"{file}.lock")))))

    before = file.stat().st_size
    for number in range(3):
        with sqlite_database.write() as session:
            uploads.keep(session, SYSTEM, kind="test", target="", filename=f"{number}", content=os.urandom(CHECKPOINT_PAGES * 3000))
    checkpoints = [held for statement, held in seen if "wal_checkpoint" in statement]
    assert checkpoints
    assert all(checkpoints)
    assert file.stat().st_size > before + CHECKPOINT_PAGES * 3000


def test_closing_the_last_connection_waits_for_the_lock(sqlite_database: Database) -> None:
    with sqlite_database.read() as session:
        session.execute(text("SELECT 1"))
    closing = threading.Thread(target=sqlite_database.dispose)
    assert sqlite_database.lock is not None
    with sqlite_database.lock:
        closing.start()
        closing.join(0.2)
        assert closing.is_alive()
    closing.join(10)
    assert not closing.is_alive()


def test_an_error_rolls_everything_back_and_frees_the_queue(database: Database) -> None:
    prepare(database)
    with pytest.raises(ZeroDivisionError), database.write() as session:
        session.execute(text("UPDATE counter SET n = 9"))
        raise ZeroDivisionError
    count_up(database, 1)
    assert total(database) == 1


def test_the_second_of_two_editors_of_a_row_is_told(database: Database) -> None:
    with database.write() as session:
        rulebook.load_packaged(session, SYSTEM)
    with database.read() as session:
        mine = rulebook.rule(session, "deadline.food.report", date(2026, 1, 1))
    row_id = mine.id
    with database.write() as session:
        session.get_one(Rule, row_id).note = "先改的人"
    with pytest.raises(StaleDataError), database.write() as session:
        session.add(mine)
        mine.note = "后改的人"
    with database.read() as session:
        assert session.get_one(Rule, row_id).note == "先改的人"

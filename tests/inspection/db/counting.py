"""A counter that loses updates unless its writers queue: read, wait a little, write; runs in threads and as a process."""

from __future__ import annotations

import sys
import time

from sqlalchemy import text

from inspection.db import Database


def prepare(database: Database) -> None:
    with database.write() as session:
        session.execute(text("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)"))
        session.execute(text("INSERT INTO counter VALUES (1, 0)"))


def count_up(database: Database, times: int) -> None:
    for _ in range(times):
        with database.write() as session:
            number = session.scalar(text("SELECT n FROM counter"))
            time.sleep(0.0005)
            session.execute(text("UPDATE counter SET n = :n"), {"n": number + 1})


def total(database: Database) -> int:
    with database.read() as session:
        return int(session.scalar(text("SELECT n FROM counter")))


if __name__ == "__main__":
    count_up(Database(sys.argv[1]), int(sys.argv[2]))

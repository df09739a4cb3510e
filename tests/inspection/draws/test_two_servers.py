"""Sixty-four attempts at once from two server processes: one commitment is revealed once, and the trail stays whole."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter

from sqlalchemy import func, select

from inspection import clock
from inspection.actor import Actor
from inspection.audit import verify
from inspection.auth import service as accounts
from inspection.db import Database
from inspection.draws import service
from inspection.draws.models import Reveal, RevealEntry
from inspection.errors import DomainError
from inspection.tables import metadata
from tests.conftest import DRAW_KEY
from tests.inspection.draws.office import REVEALED, VALUE, Office

EACH = 32


def attempt(database: Database, who: Actor, draw_id: int) -> str:
    """One attempt of the second person to enter the value."""
    try:
        with clock.at(REVEALED), database.write(who) as session:
            return service.enter_value(session, who, draw_id, public_value=VALUE, witnesses=["公证员"], draw_key=DRAW_KEY).state
    except DomainError as error:
        return error.code


def serve(url: str, draw_id: int) -> None:
    """A server process of its own: waits for the word, then tries with all its threads at once."""
    metadata()
    database, found, barrier = Database(url), Counter[str](), threading.Barrier(EACH)
    with database.read() as session:
        account = accounts.find(session, "leader")
        assert account is not None
        leader = accounts.actor_of(account, via="session")

    def one() -> None:
        barrier.wait()
        found[attempt(database, leader, draw_id)] += 1

    print("ready", flush=True)
    sys.stdin.readline()
    threads = [threading.Thread(target=one) for _ in range(EACH)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(found), flush=True)
    database.dispose()


def test_two_servers_with_sixty_four_attempts_make_one_reveal(database: Database) -> None:
    office = Office(database)
    draw = office.committed()
    office.enter(draw, office.officer)
    command = [sys.executable, "-m", "tests.inspection.draws.test_two_servers", database.url, str(draw.id)]
    servers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for server in servers:
        assert server.stdout is not None and server.stdout.readline().strip() == "ready"
    for server in servers:
        assert server.stdin is not None
        server.stdin.write("go\n")
        server.stdin.flush()
    said = Counter[str]()
    for server in servers:
        out, _ = server.communicate(timeout=120)
        said.update(json.loads(out.splitlines()[-1]))
        assert server.returncode == 0
    assert said == {"revealed": 1, "wrong-state": 2 * EACH - 1}
    with database.read() as session:
        assert session.scalar(select(func.count(Reveal.draw_id))) == 1
        assert session.scalar(select(func.count(RevealEntry.id))) == 2
        assert verify(session).ok


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))

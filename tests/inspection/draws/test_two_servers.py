"""Sixty-four attempts at once from two server processes: one freeze, one promise, one reveal of a draw, and the trail stays whole."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.actor import Actor
from inspection.audit import verify
from inspection.auth import service as accounts
from inspection.db import Database
from inspection.draws import service
from inspection.draws.models import Commitment, DrawFile, Reveal, RevealEntry
from inspection.errors import DomainError
from inspection.tables import metadata
from tests.conftest import DRAW_KEY
from tests.inspection.draws.office import PREPARED, PROMISE, REVEALED, VALUE, Office

EACH = 32


def freeze(session: Session, who: Actor, draw_id: int, version: int) -> str:
    service.freeze(session, who, draw_id, version=version)
    return "frozen"


def commit(session: Session, who: Actor, draw_id: int, version: int) -> str:
    service.commit(session, who, draw_id, PROMISE, version=version, draw_key=DRAW_KEY)
    return "committed"


def enter(session: Session, who: Actor, draw_id: int, _version: int) -> str:
    """The second person enters the value."""
    return service.enter_value(session, who, draw_id, public_value=VALUE, witnesses=["公证员"], draw_key=DRAW_KEY).state


# step → who, when, what; what all attempts but one are told
STEPS: dict[str, tuple[str, datetime, Callable[[Session, Actor, int, int], str], str]] = {
    "frozen": ("officer", PREPARED, freeze, "changed-meanwhile"),
    "committed": ("officer", PREPARED, commit, "changed-meanwhile"),
    "revealed": ("leader", REVEALED, enter, "wrong-state"),
}


def attempt(database: Database, step: str, who: Actor, draw_id: int, version: int) -> str:
    """One attempt; what came of it."""
    _, moment, act, _ = STEPS[step]
    try:
        with clock.at(moment), database.write(who) as session:
            return act(session, who, draw_id, version)
    except DomainError as error:
        return error.code


def serve(url: str, draw_id: int) -> None:
    """A server process of its own: at each word it tries that step with all its threads at once, all having read the same version."""
    metadata()
    database = Database(url)
    print("ready", flush=True)
    for line in sys.stdin:
        step, found, barrier = line.strip(), Counter[str](), threading.Barrier(EACH)
        with database.read() as session:
            account = accounts.find(session, STEPS[step][0])
            assert account is not None
            who, version = accounts.actor_of(account, via="session"), service.get(session, draw_id).version_id
        print("ready", flush=True)
        sys.stdin.readline()

        def one(step: str = step, found: Counter[str] = found, barrier: threading.Barrier = barrier, who: Actor = who, version: int = version) -> None:
            barrier.wait()
            found[attempt(database, step, who, draw_id, version)] += 1

        threads = [threading.Thread(target=one) for _ in range(EACH)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(json.dumps(found), flush=True)
    database.dispose()


def told(server: subprocess.Popen[str], *lines: str) -> None:
    assert server.stdin is not None
    server.stdin.write("".join(f"{line}\n" for line in lines))
    server.stdin.flush()


def heard(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    return server.stdout.readline().strip()


def tried(servers: list[subprocess.Popen[str]], step: str) -> Counter[str]:
    """What both servers heard when they tried the step at once."""
    said = Counter[str]()
    for server in servers:
        told(server, step)
    assert [heard(server) for server in servers] == ["ready", "ready"]
    for server in servers:
        told(server, "go")
    for server in servers:
        said.update(json.loads(heard(server)))
    return said


def test_two_servers_with_sixty_four_attempts_make_one_freeze_one_promise_and_one_reveal(database: Database) -> None:
    office = Office(database)
    draw = office.configured()
    command = [sys.executable, "-m", "tests.inspection.draws.test_two_servers", database.url, str(draw.id)]
    servers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [heard(server) for server in servers] == ["ready", "ready"]
    for step, (_, _, _, code) in STEPS.items():
        if step == "revealed":
            office.enter(draw, office.officer)
        assert tried(servers, step) == {step: 1, code: 2 * EACH - 1}, step
    for server in servers:
        server.communicate(timeout=60)
        assert server.returncode == 0
    with database.read() as session:
        assert session.scalar(select(func.count(DrawFile.name))) == 4
        assert session.scalar(select(func.count(Commitment.draw_id))) == session.scalar(select(func.count(Reveal.draw_id))) == 1
        assert session.scalar(select(func.count(RevealEntry.id))) == 2
        assert verify(session).ok


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))

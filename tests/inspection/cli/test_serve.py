"""One command runs web and jobs; both stop in good order, and each with the other."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
HENGJIAN = [sys.executable, "-m", "inspection.cli"]
ROOT = Path(__file__).parents[3]
PATIENCE = 120.0  # seconds on a crowded machine; nothing is measured here


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str, seconds: float = PATIENCE) -> int:
    """Status of the first answer within the time, 0 when there is none."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            time.sleep(0.1)
    return 0


def children(pid: int) -> list[int]:
    """All living descendants of a process."""
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found += [int(stat.parent.name), *children(int(stat.parent.name))]
    return found


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, Path]]:
    home = tmp_path / "home"
    home.mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HENGJIAN_", "PROMETHEUS_"))}
    environment = {**clean, "PYTHONPATH": str(ROOT), "HOME": str(home), "HENGJIAN_CONFIG": str(tmp_path / "h.toml")}
    address = f"127.0.0.1:{free_port()}"
    subprocess.run([*HENGJIAN, "init", "--dir", str(tmp_path / "var"), "--bind", address], env=environment, cwd=tmp_path, check=True)
    process = subprocess.Popen([*HENGJIAN, "serve"], env=environment, cwd=tmp_path, stderr=subprocess.DEVNULL, text=True)
    try:
        yield process, f"http://{address}", home
    finally:
        for pid in [*children(process.pid), process.pid] if process.poll() is None else []:
            os.kill(pid, signal.SIGKILL)
        process.wait()


def gone(pids: list[int], seconds: float = PATIENCE) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.1)
    return False


def test_serve_restarts_without_refusing_anybody_and_stops_on_term(service: tuple[subprocess.Popen[str], str, Path]) -> None:
    """HUP: new workers with the new code take over while the old ones finish, every request in between is answered; TERM leaves nothing."""
    process, url, home = service
    assert answers(f"{url}/readyz") == 200
    assert answers(f"{url}/account/setup") == 200
    master = next(pid for pid in children(process.pid) if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes() and children(pid))
    old = set(children(master))
    os.kill(master, signal.SIGHUP)
    statuses = []
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and (old & set(children(master)) or len(children(master)) < 2):
        with urllib.request.urlopen(f"{url}/healthz", timeout=30) as answer:
            statuses.append(answer.status)
    assert not old & set(children(master))
    assert set(statuses) == {200}  # asked all the while, and at least once
    family = children(process.pid)
    assert len(family) >= 4  # gunicorn, its two workers, the job worker
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE) == 0
    assert gone(family)
    assert list(home.iterdir()) == []  # no control socket, no cache in the home directory


def test_when_the_job_worker_dies_the_web_stops_too(service: tuple[subprocess.Popen[str], str, Path]) -> None:
    process, url, _home = service
    assert answers(f"{url}/healthz") == 200
    family = children(process.pid)
    worker = [pid for pid in family if Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[-2] == b"worker"]
    assert len(worker) == 1
    os.kill(worker[0], signal.SIGKILL)
    assert process.wait(timeout=PATIENCE) == 1
    assert gone(family)

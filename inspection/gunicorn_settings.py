"""gunicorn for two cores: few processes with one or two threads each (more threads cost SQLite more than they bring).

Used as ``gunicorn -c gunicorn.conf.py wsgi:app`` and by ``hengjian serve``. HUP starts new workers with the new code and
lets the old ones finish; TERM stops in good order.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

from inspection.settings import Settings

settings = Settings.from_env()

bind = settings.bind
workers = settings.web_workers
threads = settings.web_threads
worker_class = "gthread"
preload_app = False  # HUP must load the new code
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # heartbeat files off the disk
control_socket_disable = True  # else two services under one user share ~/.gunicorn/gunicorn.ctl
forwarded_allow_ips = ""  # forwarded headers are read in one place only: trusted_proxies in the application
limit_request_line = 8190
accesslog = None  # the application writes one JSON line per request
errorlog = "-"
proc_name = "hengjian"

# Counters of several processes add up through files in a folder of their own.
METRICS = settings.data_dir.absolute() / "metrics"
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(METRICS))


def on_starting(_server: Any) -> None:
    """Counters begin at zero with each start."""
    shutil.rmtree(METRICS, ignore_errors=True)
    METRICS.mkdir(parents=True, exist_ok=True, mode=0o700)


def post_fork(_server: Any, _worker: Any) -> None:
    """A connection opened before the fork belongs to the parent: forget it without closing it."""
    entry = sys.modules.get("wsgi")
    if entry is not None:
        entry.app.extensions["hengjian"].database.engine.dispose(close=False)


def child_exit(_server: Any, worker: Any) -> None:
    """Gauges of a dead process no longer count."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]

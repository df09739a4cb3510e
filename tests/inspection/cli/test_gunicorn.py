"""gunicorn's settings: few threads, no control socket, no connection carried over a fork."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config

from tests.conftest import SECRET

ROOT = Path(__file__).parents[3]


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    monkeypatch.setenv("HENGJIAN_SECRET_KEY", SECRET)
    monkeypatch.setenv("HENGJIAN_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("HENGJIAN_WEB_THREADS", "1")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path / "metrics"))
    monkeypatch.delitem(sys.modules, "inspection.gunicorn_settings", raising=False)
    return runpy.run_path(str(ROOT / "gunicorn.conf.py"))


def test_gunicorn_accepts_every_value(loaded: dict[str, Any]) -> None:
    config = Config()
    for name, value in loaded.items():
        if name in config.settings:
            config.set(name, value)
    assert config.control_socket_disable is True
    assert (config.workers, config.threads, config.worker_class_str) == (2, 1, "gthread")
    assert config.preload_app is False  # HUP must load new code
    assert config.forwarded_allow_ips == []


def test_a_forked_worker_forgets_the_connections_of_its_parent(loaded: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[bool] = []
    engine = SimpleNamespace(dispose=lambda close: calls.append(close))
    app = SimpleNamespace(extensions={"hengjian": SimpleNamespace(database=SimpleNamespace(engine=engine))})
    monkeypatch.setitem(sys.modules, "wsgi", SimpleNamespace(app=app))
    loaded["post_fork"](None, None)
    assert calls == [False]

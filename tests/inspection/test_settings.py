"""Settings: one frozen object; a name that nobody knows, a weak key or a missing font stops the start, in Chinese."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from inspection.app import create_app
from inspection.db import Database
from inspection.settings import Settings, SettingsError
from reports import fonts
from reports.errors import ReportError
from tests.conftest import DRAW_KEY, SECRET, settings_for


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "hengjian.toml"
    file.write_text(f'secret_key = "{SECRET}"\noffice_name = "盐城市市场监督管理局"\nweb_workers = 3\n', encoding="utf-8")
    read = Settings.from_env({"HENGJIAN_CONFIG": str(file), "HENGJIAN_WEB_WORKERS": "4", "HENGJIAN_PLAIN_HTTP": "yes", "OTHER": "x"})
    assert (read.office_name, read.web_workers, read.plain_http, read.data_dir) == ("盐城市市场监督管理局", 4, True, Path("var"))
    with pytest.raises(FrozenInstanceError):
        read.web_workers = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"secert_key": SECRET}, "secert_key"),
        ({"web_wokers": 2}, "web_wokers"),
        ({"web_workers": "two"}, "web_workers"),
        ({"plain_http": "maybe"}, "plain_http"),
        ({"web_threads": 0}, "web_threads"),
        ({"secret_key": ""}, "secret_key"),
        ({"secret_key": "changeme"}, "secret_key"),
        ({"secret_key": "a" * 64}, "secret_key"),
        ({"secret_key": "short-but-mixed-123"}, "secret_key"),
        ({"draw_key": "short"}, "draw_key"),
        ({"draw_key": SECRET}, "draw_key"),
        ({"database_url": "mysql://localhost/x"}, "database_url"),
        ({"public_url": "http://10.1.2.3"}, "public_url"),
        ({"log_level": "LOUD"}, "log_level"),
        ({"trusted_proxies": -1}, "trusted_proxies"),
        ({"login_tries_per_5_minutes": 0}, "login_tries"),
        ({"job_workers": 0}, "job_workers"),
        ({"bind": "8000"}, "bind"),
        ({"jobs_url": "redis://x"}, "jobs_url"),
        ({"oidc_issuer": "https://id.example"}, "oidc_client_id"),
        ({"oidc_issuer": "http://id.example", "oidc_client_id": "x"}, "oidc_issuer"),
    ],
)
def test_what_is_wrong_is_named_with_its_cure(values: dict[str, Any], names: str) -> None:
    with pytest.raises(SettingsError, match=names) as raised:
        Settings.of({"secret_key": SECRET, "draw_key": DRAW_KEY, **values})
    assert any("一" <= char <= "鿿" for char in str(raised.value))


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="找不到设置文件"):
        Settings.from_env({"HENGJIAN_CONFIG": str(tmp_path / "none.toml")})
    (tmp_path / "bad.toml").write_bytes(b"secret_key = \xff")
    with pytest.raises(SettingsError, match="TOML"):
        Settings.from_env({"HENGJIAN_CONFIG": str(tmp_path / "bad.toml")})


@pytest.mark.parametrize("fault", ["no folder has them", "a file is no font", "the named 仿宋 is missing"])
def test_without_its_fonts_the_application_does_not_start(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    folder, chosen = tmp_path / "fonts", {}
    folder.mkdir()
    if fault == "no folder has them":
        monkeypatch.setattr(fonts, "SHIPPED", folder)
        monkeypatch.setattr(fonts, "_CONFIGURED", {})  # a process that starts has read no font yet
    elif fault == "a file is no font":
        (folder / fonts.FILES["song"]).write_bytes(b"no font at all")
        chosen = {"font_dir": str(folder)}
    else:
        chosen = {"pdf_font_fangsong": str(folder / "FangSong.ttf")}
    try:
        with pytest.raises(ReportError, match="字体"):
            create_app(settings_for(sqlite_database, tmp_path, **chosen), sqlite_database)
    finally:
        monkeypatch.undo()
        fonts.configure("", "")
        fonts.check()


def test_a_route_without_a_guard_stops_the_start(sqlite_database: Database, tmp_path: Path) -> None:
    from inspection.auth import guard

    app = create_app(settings_for(sqlite_database, tmp_path), sqlite_database)
    app.add_url_rule("/bare", "bare", lambda: "open to all")
    with pytest.raises(RuntimeError, match="/bare"):
        guard.check_routes(app)

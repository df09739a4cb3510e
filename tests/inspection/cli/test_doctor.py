"""Each check of the doctor turns red when, and only when, its subject is ill."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from inspection import clock, doctor, migrate
from inspection.actor import SYSTEM
from inspection.audit import record
from inspection.calendar import service as calendar
from inspection.db import Database
from inspection.doctor import place, store
from inspection.jobs.models import Job
from inspection.registers.models import Region
from inspection.settings import Settings


def states(database: Database, settings: Settings, config: Path | None = None) -> dict[str, str]:
    found = doctor.examine(database, settings, config)
    assert all(finding.cure for finding in found if finding.state != "ok")
    worst: dict[str, str] = {}
    for finding in found:
        worst[finding.check] = max(worst.get(finding.check, "ok"), finding.state, key=("ok", "warn", "fail").index)
    return worst


@pytest.fixture
def healthy(database: Database, settings: Settings) -> Settings:
    settings.data_dir.mkdir()
    with database.write() as session:
        calendar.load_packaged(session, SYSTEM)
    return settings


def test_a_healthy_place_has_no_failure(database: Database, healthy: Settings) -> None:
    if database.is_sqlite:
        assert "fail" not in states(database, healthy).values()
    else:  # the throw-away server of the tests runs without fsync, and the doctor must see it
        found = states(database, healthy)
        assert [name for name, state in found.items() if state == "fail"] == ["数据库设置"]


def test_keys_and_their_file(database: Database, healthy: Settings, tmp_path: Path) -> None:
    assert states(database, dataclasses.replace(healthy, draw_key=""))["钥匙"] == "fail"
    config = tmp_path / "hengjian.toml"
    config.touch(0o600)
    assert states(database, healthy, config)["钥匙"] == "ok"
    config.chmod(0o640)
    assert states(database, healthy, config)["钥匙"] == "fail"


def test_whom_to_ask_is_missed_until_it_is_set(database: Database, healthy: Settings) -> None:
    assert states(database, healthy)["联系方式"] == "warn"
    assert states(database, dataclasses.replace(healthy, office_contact="监督科"))["联系方式"] == "warn"
    assert states(database, dataclasses.replace(healthy, office_contact="监督科", office_phone="0515-88880000"))["联系方式"] == "ok"


def test_addresses(database: Database, healthy: Settings) -> None:
    assert states(database, dataclasses.replace(healthy, public_url="https://a.example"))["访问地址"] == "ok"
    assert states(database, dataclasses.replace(healthy, public_url="http://10.0.0.5", plain_http=True))["访问地址"] == "warn"


def test_fonts_and_glyphs(database: Database, healthy: Settings, tmp_path: Path) -> None:
    assert states(database, dataclasses.replace(healthy, font_dir=str(tmp_path / "none")))["字体"] == "fail"
    assert states(database, healthy)["字形"] == "ok"
    with database.write() as session:
        session.add(Region(code="320000", name="某\U000323af乡", level="province"))
    assert states(database, healthy)["字形"] == "fail"


def test_calendar_years(database: Database, healthy: Settings) -> None:
    with clock.at(datetime(2026, 3, 1, tzinfo=UTC)):
        assert states(database, healthy)["工作日历"] == "ok"
    with clock.at(datetime(2026, 12, 1, tzinfo=UTC)):
        assert states(database, healthy)["工作日历"] == "warn"
    with clock.at(datetime(2031, 3, 1, tzinfo=UTC)):
        assert states(database, healthy)["工作日历"] == "fail"


@pytest.mark.parametrize(("free", "state"), [(100, "fail"), (1000, "warn"), (5000, "ok")])
def test_disk(database: Database, healthy: Settings, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    monkeypatch.setattr(place.shutil, "disk_usage", lambda _path: type("Usage", (), {"free": free * place.MB}))
    assert states(database, healthy)["磁盘"] == state


def test_a_missing_data_folder(database: Database, settings: Settings) -> None:
    assert states(database, settings)["磁盘"] == "fail"


def test_an_old_schema(database: Database, healthy: Settings) -> None:
    migrate.downgrade(database, "-1")
    assert states(database, healthy)["数据库版本"] == "fail"


def test_a_missing_seal(database: Database, healthy: Settings) -> None:
    assert states(database, healthy)["封存"] == "ok"
    name = "seal_audit_events_update" if database.is_sqlite else "seal_audit_events ON audit_events"
    with database.write() as session:
        session.execute(text(f"DROP TRIGGER {name}"))
    assert states(database, healthy)["封存"] == "fail"


def test_a_clock_that_was_set_back(database: Database, healthy: Settings) -> None:
    assert states(database, healthy)["时钟"] != "fail"
    with clock.at(clock.now() + timedelta(days=1)), database.write() as session:
        record(session, SYSTEM, "test.later", "test", 1)
    assert states(database, healthy)["时钟"] == "fail"


def test_jobs_that_nobody_takes(database: Database, healthy: Settings) -> None:
    with database.write() as session:
        session.add(Job(kind="test.count", title="t", owner_id=1, owner_name="王", created_at=clock.now() - timedelta(hours=1)))
    assert states(database, healthy)["后台任务"] == "warn"


def test_backups_that_are_missing_or_old(database: Database, healthy: Settings, tmp_path: Path) -> None:
    from inspection.backup import backup

    assert states(database, healthy)["备份"] == "warn"
    backup(database, healthy, tmp_path / "b", SYSTEM)
    assert states(database, healthy)["备份"] == "ok"
    with clock.at(clock.now() + timedelta(days=3)):
        assert states(database, healthy)["备份"] == "warn"


def test_a_check_that_cannot_run_is_itself_a_finding(database: Database, healthy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise OSError("no such device")

    monkeypatch.setattr(doctor, "CHECKS", (("磁盘", broken),))
    assert states(database, healthy) == {"磁盘": "fail"}


def test_sqlite_on_a_network_file_system(sqlite_database: Database, healthy_sqlite: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_filesystem", lambda _path: "nfs4")
    assert states(sqlite_database, healthy_sqlite)["数据库设置"] == "fail"


@pytest.fixture
def healthy_sqlite(sqlite_database: Database, tmp_path: Path) -> Settings:
    from tests.conftest import settings_for

    made = settings_for(sqlite_database, tmp_path)
    made.data_dir.mkdir()
    return made

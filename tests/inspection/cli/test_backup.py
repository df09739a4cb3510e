"""A backup is one snapshot, complete, without unsealed secrets; it comes back whole into an empty place or not at all."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select

from inspection import audit, backup, clock, migrate, restore, uploads
from inspection.actor import Actor
from inspection.db import Database
from inspection.draws.models import Draw, DrawSecret
from inspection.errors import NotFound, Refused
from inspection.registers.models import Region
from inspection.settings import Settings
from inspection.tables import metadata
from inspection.uploads import Upload
from tests import postgres
from tests.conftest import settings_for

CLI = Actor(id=0, name="运维", via="cli")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty place to restore into."""
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path}/elsewhere/copy.sqlite")
        yield made
        made.dispose()
        return
    try:
        made = Database(postgres.new_database("hengjian_empty"))
    except postgres.Unavailable as error:
        pytest.skip(str(error))
    yield made
    made.dispose()
    postgres.drop_database("hengjian_empty")


def upload(database: Database, number: int) -> None:
    with database.write(CLI) as session:
        uploads.keep(session, CLI, kind="test", target="", filename=f"表{number}.csv", content=bytes([0, 255, number % 256]) * 5 + str(number).encode())


def draw(database: Database, number: str, state: str, secret: bytes) -> None:
    year, serial = number.split("-")
    with database.write(CLI) as session:
        if session.get(Region, "320000") is None:
            session.add(Region(code="320000", name="江苏省", level="province"))
            session.flush()
        made = Draw(
            number=number, year=int(year), serial=int(serial), title="抽取", authority="局", state=state, region_code="320000",
            created_by=1, created_by_name="王", created_at=clock.now(),
        )  # fmt: skip
        session.add(made)
        session.flush()
        session.add(DrawSecret(draw_id=made.id, sealed=secret))
        audit.record(session, CLI, "draws.commit", "draw", made.id)


def rows(database: Database) -> dict[str, list[Any]]:
    with database.read() as session:
        return {
            table.name: [tuple(row) for row in session.execute(backup.rows_of(table))]
            for table in metadata().sorted_tables
            if table.name not in backup.TRANSIENT
        }


def test_a_backup_comes_back_on_either_database(database: Database, settings: Settings, empty: Database, tmp_path: Path) -> None:
    for number in range(3):
        upload(database, number)
    draw(database, "2026-001", "published", b"public by now")
    draw(database, "2026-002", "committed", b"still a secret")
    (settings.data_dir / "photos").mkdir(parents=True)
    (settings.data_dir / "photos" / "a.jpg").write_bytes(b"\xff\xd8 photo")
    (settings.data_dir / "queue.sqlite").write_bytes(b"not this")
    before = rows(database)
    made = backup.backup(database, settings, tmp_path / "backups", CLI)
    assert made.withheld == ("2026-002",)
    target = settings_for(empty, tmp_path / "elsewhere")
    back = restore.restore(empty, target, made.folder, CLI)
    after = rows(empty)
    extra = after["audit_events"][len(before["audit_events"]) :]
    assert after | {"audit_events": after["audit_events"][: len(before["audit_events"])]} == before
    assert [event[7] for event in extra] == ["system.restore"]
    assert (back.head, back.events, back.withheld) == (made.head, made.events, ("2026-002",))
    assert (target.data_dir / "photos" / "a.jpg").read_bytes() == b"\xff\xd8 photo"
    assert not (target.data_dir / "queue.sqlite").exists()
    assert migrate.current(empty) == migrate.head()
    with empty.read() as session:
        assert audit.verify(session, {made.events: made.head}).ok
    upload(empty, 9)  # the next number is free on PostgreSQL too


def test_secrets_of_unpublished_draws_are_in_no_file(database: Database, settings: Settings, tmp_path: Path) -> None:
    draw(database, "2026-001", "published", b"public-by-now")
    draw(database, "2026-002", "committed", b"still-a-secret")
    folder = backup.backup(database, settings, tmp_path / "b", CLI).folder
    texts = {path.name: gzip.decompress(path.read_bytes()) for path in folder.rglob("*.gz")}
    encoded = {backup.encode(secret).encode() for secret in (b"still-a-secret",)}
    assert not [name for name, text in texts.items() for secret in encoded | {b"still-a-secret"} if secret in text]
    assert backup.encode(b"public-by-now").encode() in texts["draw_secrets.jsonl.gz"]


def test_a_backup_under_load_is_one_moment(database: Database, settings: Settings, tmp_path: Path) -> None:
    stop = threading.Event()

    def write(first: int) -> None:
        number = first
        while not stop.is_set():
            upload(database, number)
            number += 10

    threads = [threading.Thread(target=write, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    try:
        made = [backup.backup(database, settings, tmp_path / str(number), CLI) for number in range(3)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert made[0].events < made[1].events < made[2].events
    for number, one in enumerate(made):
        copy = Database(f"sqlite:///{tmp_path}/copy{number}.sqlite")
        restore.restore(copy, settings_for(copy, tmp_path / f"copy{number}"), one.folder, CLI)
        with copy.read() as session:
            chain = audit.verify(session, {one.events: one.head})
            stored = session.scalar(select(func.count()).select_from(Upload))
            noted = session.scalar(select(func.count()).select_from(audit.AuditEvent).where(audit.AuditEvent.verb == "test.upload"))
        assert chain.ok
        assert stored == noted  # every row and its event, or neither
        copy.dispose()
    with database.read() as session:
        assert audit.verify(session, {one.events: one.head for one in made}).ok


def test_other_tools_can_check_the_digests(sqlite_database: Database, tmp_path: Path) -> None:
    made = backup.backup(sqlite_database, settings_for(sqlite_database, tmp_path), tmp_path / "b", CLI)
    done = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=made.folder, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    assert made.digest == hashlib.sha256((made.folder / "SHA256SUMS").read_bytes()).hexdigest()
    assert {path.stat().st_mode & 0o077 for path in [made.folder, *made.folder.rglob("*")]} == {0}


def test_the_same_content_gives_the_same_table_files(sqlite_database: Database, tmp_path: Path) -> None:
    settings = settings_for(sqlite_database, tmp_path)
    first = backup.backup(sqlite_database, settings, tmp_path / "a", CLI).folder
    with clock.at(clock.now() + timedelta(days=1)):
        second = backup.backup(sqlite_database, settings, tmp_path / "b", CLI).folder
    for path in (first / "tables").iterdir():
        if path.name != "audit_events.jsonl.gz":
            assert path.read_bytes() == (second / "tables" / path.name).read_bytes(), path.name


@pytest.mark.parametrize("damage", ["flip", "remove", "add", "truncate"])
def test_a_damaged_backup_is_refused_before_anything_is_written(sqlite_database: Database, tmp_path: Path, damage: str) -> None:
    upload(sqlite_database, 1)
    folder = backup.backup(sqlite_database, settings_for(sqlite_database, tmp_path), tmp_path / "b", CLI).folder
    victim = folder / "tables" / "uploads.jsonl.gz"
    content = victim.read_bytes()
    match damage:
        case "flip":
            victim.write_bytes(content[:20] + bytes([content[20] ^ 1]) + content[21:])
        case "remove":
            victim.unlink()
        case "add":
            (folder / "tables" / "more.jsonl.gz").write_bytes(content)
        case "truncate":
            victim.write_bytes(content[:-5])
    copy = Database(f"sqlite:///{tmp_path}/copy.sqlite")
    with pytest.raises(Refused) as caught:
        restore.restore(copy, settings_for(copy, tmp_path / "copy"), folder, CLI)
    assert caught.value.code == "backup-damaged"
    assert inspect(copy.engine).get_table_names() == []


def test_a_backup_with_a_rewritten_trail_and_fresh_digests_is_refused_and_leaves_nothing(empty: Database, sqlite_database: Database, tmp_path: Path) -> None:
    upload(sqlite_database, 1)
    folder = backup.backup(sqlite_database, settings_for(sqlite_database, tmp_path), tmp_path / "b", CLI).folder
    trail = folder / "tables" / "audit_events.jsonl.gz"
    line = json.loads(gzip.decompress(trail.read_bytes()))
    line[3] = "别人"
    trail.write_bytes(gzip.compress(json.dumps(line, ensure_ascii=False).encode() + b"\n"))
    (folder / "SHA256SUMS").unlink()
    backup._seal(folder)
    with pytest.raises(Refused) as caught:
        restore.restore(empty, settings_for(empty, tmp_path / "copy"), folder, CLI)
    assert caught.value.code == "trail-broken"
    assert inspect(empty.engine).get_table_names() == []


def test_a_place_with_data_or_files_is_not_overwritten(sqlite_database: Database, tmp_path: Path) -> None:
    settings = settings_for(sqlite_database, tmp_path)
    settings.data_dir.mkdir()
    (settings.data_dir / "letter.pdf").write_bytes(b"%PDF")
    folder = backup.backup(sqlite_database, settings, tmp_path / "b", CLI).folder
    with pytest.raises(Refused) as caught:
        restore.restore(sqlite_database, settings_for(sqlite_database, tmp_path / "x"), folder, CLI)
    assert caught.value.code == "place-not-empty"
    copy = Database(f"sqlite:///{tmp_path}/copy.sqlite")
    with pytest.raises(Refused) as caught:
        restore.restore(copy, settings, folder, CLI)
    assert caught.value.code == "place-not-empty"


def test_a_folder_that_is_no_backup_is_named(sqlite_database: Database, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        restore.restore(sqlite_database, settings_for(sqlite_database, tmp_path), tmp_path, CLI)


def test_an_interrupted_backup_leaves_no_folder(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_copy_files", full)
    with pytest.raises(OSError, match="No space"):
        backup.backup(sqlite_database, settings_for(sqlite_database, tmp_path), tmp_path / "b", CLI)
    assert list((tmp_path / "b").iterdir()) == []


def test_every_column_can_be_written_down() -> None:
    known = {"moment", "exact", "bytes", "json", "json?", "bool", "date", "plain"}
    for table in metadata().sorted_tables:
        for column in table.columns:
            tag = backup.tag_of(column)
            assert tag in known
            if tag == "plain":
                assert column.type.python_type in {str, int, float}, f"{table.name}.{column.name}"

"""Backup 备份: one consistent snapshot of every row, as text that either database can read again, listed by digest.

Taken online, from one read transaction, so that writers never wait and every row belongs to the same audit head. Left out:
the secrets of draws whose bundle is not public yet, sign-in sessions, one-time tokens and the queue. A backup is complete
or absent: it is written beside its final name, flushed, then renamed.

Layout: ``manifest.json`` (revision, columns, counts, audit head), ``tables/<table>.jsonl.gz`` (one JSON array per row, by
primary key), ``files/…`` (data_dir), ``SHA256SUMS`` (``sha256sum -c`` checks it without this software).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Boolean, Date, LargeBinary, Select, Table, select
from sqlalchemy.orm import Session

from inspection import audit, clock, migrate
from inspection.actor import Actor
from inspection.db import Database, Exact, UTCDateTime
from inspection.errors import Refused
from inspection.settings import Settings
from inspection.tables import metadata

FORMAT = "hengjian-backup/1"
# Rows that must not come back to life: sign-ins and one-time secrets, and rows that mean nothing elsewhere.
TRANSIENT = frozenset({"auth_sessions", "setup_tokens", "login_attempts", "health_probes"})
SKIPPED_SUFFIXES = (".sqlite", ".sqlite-wal", ".sqlite-shm", ".sqlite-journal", ".sqlite.lock", ".toml", ".work", ".part")
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """What was written: folder, digest of SHA256SUMS, number of rows, audit head, draws whose secret stays behind."""

    folder: Path
    digest: str
    rows: int
    events: int
    head: str
    withheld: tuple[str, ...]


def backup(database: Database, settings: Settings, target: Path, actor: Actor, tell: Tell | None = None) -> Backup:
    """Write a backup into a new folder below `target` and note it in the trail.

    Raises `Refused` when the database is not at this software's revision.
    """
    tell = tell or (lambda _name, _done, _total: None)
    require_current(database)
    name = f"hengjian-{clock.now():%Y%m%dT%H%M%SZ}"
    folder = target / name
    if folder.exists():
        raise Refused("backup-exists", "备份 %(folder)s 已存在。请稍候一秒再试，或换一个目录。", folder=folder)
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = target / f".{name}.{os.getpid()}.partial"
    try:
        made = _write(database, settings, partial, folder, tell)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    with database.write(actor) as session:
        audit.record(
            session, actor, "system.backup", "backup", name, digest=made.digest, rows=made.rows, head=made.head, withheld=list(made.withheld)
        )
    return made


def require_current(database: Database) -> None:
    """Refuse to work on a schema that this software does not know exactly."""
    found, wanted = migrate.current(database), migrate.head()
    if found != wanted:
        raise Refused(
            "not-migrated", "数据库版本（%(found)s）与软件（%(wanted)s）不一致。请先运行 hengjian migrate。", found=found or "空", wanted=wanted
        )


def _write(database: Database, settings: Settings, partial: Path, folder: Path, tell: Tell) -> Backup:
    for part in (partial, partial / "tables"):
        part.mkdir(mode=0o700)
    tables = [table for table in metadata().sorted_tables if table.name not in TRANSIENT]
    counts: dict[str, int] = {}
    with database.read() as session:
        events, head = audit.head(session)
        withheld = tuple(_unsealed(session))
        for number, table in enumerate(tables):
            tell(table.name, number, len(tables))
            counts[table.name] = _dump(session, table, partial / "tables" / f"{table.name}.jsonl.gz")
    _copy_files(settings, partial / "files", folder.parent)
    manifest = {
        "format": FORMAT,
        "created": clock.stamp(clock.now()),
        "revision": migrate.head(),
        "database": "sqlite" if database.is_sqlite else "postgresql",
        "audit": {"events": events, "head": head},
        "tables": {table.name: {"rows": counts[table.name], "columns": [[c.name, tag_of(c)] for c in table.columns]} for table in tables},
        "withheld_draw_secrets": list(withheld),
    }
    (partial / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    digest = _seal(partial)
    partial.rename(folder)
    _sync(folder.parent)
    tell("", len(tables), len(tables))
    return Backup(folder, digest, sum(counts.values()), events, head, withheld)


def _unsealed(session: Session) -> list[str]:
    """Numbers of the draws whose secret is not public yet."""
    tables = metadata().tables
    draws, secrets = tables["draws"], tables["draw_secrets"]
    rows = session.execute(
        select(draws.c.number).join(secrets, secrets.c.draw_id == draws.c.id).where(draws.c.state != "published").order_by(draws.c.number)
    )
    return list(rows.scalars())


def rows_of(table: Table) -> Select[Any]:
    """The rows of a table that belong into a backup, in the order of the primary key."""
    statement = select(table).order_by(*table.primary_key.columns)
    if table.name in ("draw_secrets", "returned_secrets"):
        draws = metadata().tables["draws"]
        statement = statement.where(table.c.draw_id.in_(select(draws.c.id).where(draws.c.state == "published")))
    return statement


def _dump(session: Session, table: Table, path: Path) -> int:
    count = 0
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 3, raw, mtime=0) as packed:
        for row in session.execute(rows_of(table).execution_options(yield_per=at_once(tag_of(c) for c in table.columns))):
            packed.write(json.dumps([encode(value) for value in row], ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            count += 1
    return count


def at_once(tags: Iterable[str]) -> int:
    """How many rows are held at once: few where a row may carry a photo or a bundle."""
    return 4 if "bytes" in tags else 500


def tag_of(column: Any) -> str:
    """How the values of a column are written as JSON."""
    match column.type:
        case UTCDateTime():
            return "moment"
        case Exact():
            return "exact"
        case LargeBinary():
            return "bytes"
        case JSON():
            return "json?" if column.nullable else "json"
        case Boolean():
            return "bool"
        case Date():
            return "date"
        case _:
            return "plain"


def encode(value: Any) -> Any:
    """A stored value as JSON can hold it without loss."""
    match value:
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case bytes() | memoryview():
            return base64.b64encode(value).decode("ascii")
        case _:
            return value


def data_files(settings: Settings, target: Path) -> Iterator[Path]:
    """Files of data_dir that belong into a backup: not the databases, locks, settings, half-finished work or backups."""
    skipped = target.resolve()
    for path in sorted(settings.data_dir.rglob("*")) if settings.data_dir.is_dir() else ():
        parts = path.relative_to(settings.data_dir).parts
        inside = skipped != settings.data_dir.resolve() and path.resolve().is_relative_to(skipped)
        if path.is_symlink() or not path.is_file() or inside or any(p.startswith((".", "hengjian-2")) for p in parts):
            continue
        if not any(part.endswith(SKIPPED_SUFFIXES) for part in parts):
            yield path


def _copy_files(settings: Settings, folder: Path, target: Path) -> None:
    folder.mkdir(mode=0o700)
    for path in data_files(settings, target):
        copy = folder / path.relative_to(settings.data_dir)
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(path, copy)


def _seal(partial: Path) -> str:
    """Write SHA256SUMS, flush everything, and give the digest of the list."""
    lines = []
    for path in sorted(p for p in partial.rglob("*") if p.is_file()):
        path.chmod(0o600)
        with path.open("rb") as handle:
            lines.append(f"{hashlib.file_digest(handle, 'sha256').hexdigest()}  {path.relative_to(partial).as_posix()}\n")
            os.fsync(handle.fileno())
    sums = partial / "SHA256SUMS"
    with sums.open("w", encoding="utf-8") as handle:
        handle.writelines(lines)
        handle.flush()
        os.fsync(handle.fileno())
    sums.chmod(0o600)
    for folder in [partial, *(p for p in partial.rglob("*") if p.is_dir())]:
        _sync(folder)
    return hashlib.sha256(sums.read_bytes()).hexdigest()


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

"""Restore 恢复: a backup into an empty place, all or nothing, on either database; the trail must verify before it counts."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from alembic import command
from alembic.util.exc import CommandError
from sqlalchemy import JSON, Boolean, Column, Connection, Date, LargeBinary, column, func, inspect, select, table, text
from sqlalchemy.orm import Session

from inspection import audit, migrate
from inspection.actor import Actor
from inspection.backup import FORMAT, Tell, at_once
from inspection.db import WRITER_LOCK, Database, UTCDateTime
from inspection.errors import NotFound, Refused
from inspection.settings import Settings

TYPES: dict[str, Callable[[], Any]] = {
    "moment": UTCDateTime,
    "bytes": LargeBinary,
    "json": JSON,
    "json?": lambda: JSON(none_as_null=True),
    "bool": Boolean,
    "date": Date,
}
DECODERS: dict[str, Callable[[Any], Any]] = {
    "moment": datetime.fromisoformat,
    "date": date.fromisoformat,
    "bytes": base64.b64decode,
}


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: rows, the verified audit head, the digest of the backup, draws whose secret it does not hold."""

    rows: int
    events: int
    head: str
    digest: str
    withheld: tuple[str, ...]


def restore(database: Database, settings: Settings, folder: Path, actor: Actor, tell: Tell | None = None) -> Restored:
    """Read a backup into an empty database and data_dir; nothing remains of an attempt that fails.

    Raises `Refused` when the backup is damaged, the place is not empty, the software is too old, or the trail is broken.
    """
    tell = tell or (lambda _name, _done, _total: None)
    digest = check(folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if manifest.get("format") != FORMAT:
        raise Refused("backup-unknown", "备份格式 %(format)s 不是本软件所写。请用相应版本的软件恢复。", format=manifest.get("format"))
    _require_empty(database, settings, folder)
    with _transaction(database) as connection:
        _build(connection, manifest["revision"])
        with _without_foreign_keys(connection):
            _load_all(connection, folder, manifest["tables"], tell)
        _build(connection, "head")
        _reset_sequences(connection)
        chain = _verified(connection, manifest, actor, digest)
    _copy_files(folder / "files", settings.data_dir)
    rows = sum(entry["rows"] for entry in manifest["tables"].values())
    return Restored(rows, chain.events, chain.head, digest, tuple(manifest["withheld_draw_secrets"]))


def check(folder: Path) -> str:
    """Compare every file of a backup with SHA256SUMS; gives the digest of the list."""
    sums = folder / "SHA256SUMS"
    if not sums.is_file():
        raise NotFound("backup-not-found", "%(folder)s 不是一份备份（没有 SHA256SUMS）。请指向 hengjian-… 目录。", folder=folder)
    listed: dict[str, str] = {}
    for line in sums.read_text(encoding="utf-8").splitlines():
        expected, _, name = line.partition("  ")
        listed[name] = expected
    present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p != sums}
    for name in sorted(present ^ set(listed)):
        raise Refused("backup-damaged", "备份不完整：文件 %(name)s 缺失或多出。请换一份备份。", name=name)
    for name, expected in listed.items():
        with (folder / name).open("rb") as handle:
            if hashlib.file_digest(handle, "sha256").hexdigest() != expected:
                raise Refused("backup-damaged", "备份已损坏：文件 %(name)s 与摘要不符。请换一份备份。", name=name)
    return hashlib.sha256(sums.read_bytes()).hexdigest()


def _require_empty(database: Database, settings: Settings, folder: Path) -> None:
    with database.engine.connect() as connection:
        if tables := inspect(connection).get_table_names():
            raise Refused("place-not-empty", "目标数据库里已有 %(count)s 张表，恢复只进入空库。请另建数据库，核对后再切换。", count=len(tables))
    files = folder / "files"
    for path in files.rglob("*"):
        if path.is_file() and (settings.data_dir / path.relative_to(files)).exists():
            raise Refused(
                "place-not-empty", "目标目录里已有文件 %(name)s，恢复不覆盖。请换一个空的 data_dir。", name=path.relative_to(files).as_posix()
            )


@contextmanager
def _transaction(database: Database) -> Iterator[Connection]:
    with database.lock or nullcontext(), database.engine.execution_options(writes=True).begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
        yield connection


def _build(connection: Connection, revision: str) -> None:
    made = migrate.config()
    made.attributes["connection"] = connection
    try:
        command.upgrade(made, revision)
    except CommandError:
        raise Refused("backup-newer", "备份的数据库版本 %(revision)s 本软件不认识。请先升级软件再恢复。", revision=revision) from None


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Let rows arrive in any order; every reference is checked at the end of the load."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        yield
        if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise Refused("backup-inconsistent", "备份中表 %(table)s 引用了不存在的行。请换一份备份。", table=broken[0])
        return
    keys = connection.execute(
        text(
            "SELECT conrelid::regclass::text AS tab, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS rule FROM pg_constraint "
            "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
        )
    ).all()
    for key in keys:
        connection.exec_driver_sql(f"ALTER TABLE {key.tab} DROP CONSTRAINT {key.name}")
    yield
    for key in keys:
        connection.exec_driver_sql(f"ALTER TABLE {key.tab} ADD CONSTRAINT {key.name} {key.rule}")


def _load_all(connection: Connection, folder: Path, tables: dict[str, Any], tell: Tell) -> None:
    for number, (name, entry) in enumerate(tables.items()):
        tell(name, number, len(tables))
        columns: list[Column[Any]] = [column(label, TYPES[tag]() if tag in TYPES else None) for label, tag in entry["columns"]]  # type: ignore[misc]
        target = table(name, *columns)
        if connection.scalar(select(func.count()).select_from(target)):
            connection.execute(target.delete())  # rows that a migration brought; the backup holds them as they became
        count, batch_size = 0, at_once(tag for _label, tag in entry["columns"])
        with gzip.open(folder / "tables" / f"{name}.jsonl.gz", "rb") as lines:
            while batch := [_decoded(line, entry["columns"]) for line in islice(lines, batch_size)]:
                connection.execute(target.insert(), batch)
                count += len(batch)
        if count != entry["rows"]:
            raise Refused("backup-damaged", "备份中表 %(table)s 的行数与清单不符。请换一份备份。", table=name)
    tell("", len(tables), len(tables))


def _decoded(line: bytes, columns: list[list[str]]) -> dict[str, Any]:
    return {
        label: value if value is None or tag not in DECODERS else DECODERS[tag](value)
        for (label, tag), value in zip(columns, json.loads(line), strict=True)
    }


def _reset_sequences(connection: Connection) -> None:
    """On PostgreSQL the numbers handed out next start behind the restored ones."""
    if connection.dialect.name != "postgresql":
        return
    owned = connection.execute(
        text(
            "SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name) AS seq "
            "FROM information_schema.columns WHERE table_schema = current_schema()"
        )
    ).all()
    for row in owned:
        if row.seq:
            highest = connection.exec_driver_sql(f'SELECT max("{row.column_name}") FROM "{row.table_name}"').scalar()
            if highest is not None:
                connection.execute(text("SELECT setval(:seq, :highest)"), {"seq": row.seq, "highest": highest})


def _verified(connection: Connection, manifest: dict[str, Any], actor: Actor, digest: str) -> audit.Chain:
    stated = manifest["audit"]
    with Session(connection, join_transaction_mode="rollback_only") as session:
        chain = audit.verify(session)
        if not chain.ok or (chain.events, chain.head) != (stated["events"], stated["head"]):
            raise Refused("trail-broken", "恢复出的审计链不完整（%(reason)s），未写入任何内容。请换一份备份。", reason=chain.reason or "链头与清单不符")
        audit.record(session, actor, "system.restore", "backup", digest[:16], digest=digest, head=chain.head)
    return chain


def _copy_files(source: Path, data_dir: Path) -> None:
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        copy = data_dir / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(path, copy)

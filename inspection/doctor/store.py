"""The database: there, at the right revision, sealed, and set so that nothing acknowledged is lost."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from inspection import migrate, sealing
from inspection.db import Database
from inspection.doctor.finding import Found
from inspection.settings import Settings
from inspection.tables import metadata

NETWORK_FILESYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p"}
POSTGRESQL = {
    "fsync": ("on", "断电会丢失已确认的数据"),
    "synchronous_commit": ("on", "断电会丢失已确认的数据"),
    "full_page_writes": ("on", "断电可能损坏数据页"),
    "server_encoding": ("utf8", "汉字可能存不进去"),
}


def reachable(database: Database, _settings: Settings, _config: Path | None) -> Found:
    with database.engine.connect() as connection:
        count = len(inspect(connection).get_table_names())
    return [("ok", f"数据库可连接，{count} 张表。", "")]


def migrations(database: Database, _settings: Settings, _config: Path | None) -> Found:
    found, wanted = migrate.current(database), migrate.head()
    if found != wanted:
        return [("fail", f"数据库版本 {found or '空'}，软件版本 {wanted}。", "先备份，再运行 hengjian migrate。")]
    return [("ok", f"数据库版本 {found}。", "")]


def seals(database: Database, _settings: Settings, _config: Path | None) -> Found:
    """The triggers that keep sealed rows from being changed are there."""
    wanted = {table.name for table in sealing.sealed_tables(metadata())}
    query = (
        "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'seal\\_%' ESCAPE '\\'"
        if database.is_sqlite
        else "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname LIKE 'seal\\_%' AND t.tgenabled <> 'D'"
    )
    with database.read() as session:
        counts: dict[str, int] = {}
        for name in session.scalars(text(query)):
            counts[name] = counts.get(name, 0) + 1
    bare = sorted(name for name in wanted if counts.get(name, 0) < 2)
    if bare:
        return [("fail", f"封存表缺触发器：{'、'.join(bare)}。", "查明是谁删除的；核对审计链（hengjian audit verify --against），再从备份恢复。")]
    return [("ok", f"{len(wanted)} 张封存表的触发器齐全。", "")]


def database(database: Database, settings: Settings, _config: Path | None) -> Found:
    return _sqlite(database, settings) if database.is_sqlite else _postgresql(database, settings)


def _sqlite(database: Database, settings: Settings) -> Found:
    found: Found = []
    wanted = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "wal_autocheckpoint": "0"}
    with database.engine.connect() as connection:
        for name, value in wanted.items():
            actual = str(connection.exec_driver_sql(f"PRAGMA {name}").scalar())
            if actual != value:
                found.append(("fail", f"SQLite 的 {name} 是 {actual}，应为 {value}。", "不要用别的程序改动数据库文件；重启服务后再查。"))
        version = str(connection.exec_driver_sql("SELECT sqlite_version()").scalar())
    kind = _filesystem(settings.data_dir)
    if kind in NETWORK_FILESYSTEMS:
        found.append(("fail", f"SQLite 文件在网络文件系统（{kind}）上，锁不可靠。", "移到本机磁盘，或改用 PostgreSQL。"))
    return found or [("ok", f"SQLite {version}：WAL、每次提交落盘、外键检查、写入排队。", "")]


def _filesystem(path: Path) -> str:
    """Type of the file system that holds a path, "" when it cannot be told."""
    mounts = Path("/proc/mounts")
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8").splitlines() if mounts.is_file() else ():
        _, where, what, *_ = line.split()
        if str(path.absolute()).startswith(where.rstrip("/") + "/") and len(where) > len(best):
            best, kind = where, what
    return kind


def _postgresql(database: Database, settings: Settings) -> Found:
    found: Found = []
    with database.read() as session:
        show = {name: str(session.scalar(text(f"SHOW {name}"))) for name in POSTGRESQL}
        limit = int(str(session.scalar(text("SHOW max_connections"))))
    for name, (value, reason) in POSTGRESQL.items():
        if show[name].lower() != value:
            found.append(("fail", f"PostgreSQL 的 {name} 是 {show[name]}，{reason}。", f"在 postgresql.conf 设 {name} = {value} 并重启。"))
    wanted = (settings.web_workers + 1) * 10 + 10
    if limit < wanted:
        found.append(("warn", f"max_connections 为 {limit}，本机就可能用到 {wanted}。", "调高 max_connections，或减少 web_workers。"))
    return found or [("ok", "PostgreSQL：落盘、同步提交、UTF-8。", "")]

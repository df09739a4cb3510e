"""Doctor 体检: is this installation fit to decide who is inspected; every finding comes with its cure.

A check looks and never repairs. ``fail`` means that work would go wrong or a promise would be broken; ``warn`` that it will
soon, or that a safeguard is missing.
"""

from __future__ import annotations

import os
import shutil
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from inspection import clock, migrate, sealing
from inspection.audit import AuditEvent
from inspection.db import Database
from inspection.draws.deposits import keeping
from inspection.draws.models import Draw
from inspection.jobs.models import Job
from inspection.settings import Settings
from inspection.tables import metadata
from reports import fonts

MB = 1024 * 1024
DISK_FAIL_MB, DISK_WARN_MB = 200, 2000
CLOCK_TOLERANCE = timedelta(seconds=5)
BACKUP_AGE = timedelta(days=2)
NETWORK_FILESYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what was looked at, how it is (ok, warn, fail), what was found, how to cure it."""

    check: str
    state: str
    message: str
    cure: str = ""


def examine(database: Database, settings: Settings, config: Path | None = None) -> list[Finding]:
    """Run every check; one that cannot run is itself a finding."""
    found: list[Finding] = []
    for name, look in CHECKS:
        try:
            found += [Finding(name, *rest) for rest in look(database, settings, config)]
        except Exception as error:
            why = (str(getattr(error, "orig", None) or error).splitlines() or [""])[0]  # without the statement
            found.append(Finding(name, "fail", f"检查未能完成（{type(error).__name__}：{why}）。", "先解决上面的问题，再运行一次。"))
    return found


Found = list[tuple[str, str, str]]
Look = Callable[[Database, Settings, Path | None], Found]


def _keys(_database: Database, settings: Settings, config: Path | None) -> Found:
    found: Found = []
    if not settings.draw_key:
        found.append(("fail", "没有设置 draw_key，无法封存抽取密值。", "运行 hengjian init 生成，或设置 HENGJIAN_DRAW_KEY（至少 32 个字符）。"))
    if config is not None and config.is_file() and config.stat().st_mode & 0o077:
        found.append(("fail", f"设置文件 {config} 含钥匙，却可被其他用户读取。", f"chmod 600 {config}"))
    return found or [("ok", "钥匙足够强，且各不相同。", "")]


def _addresses(_database: Database, settings: Settings, _config: Path | None) -> Found:
    if settings.plain_http:
        return [("warn", "内网明文方式：口令和会话在网线上可被看到。", "有条件时配置 TLS（docs/operations.md），并改 plain_http = false。")]
    if not settings.secure_cookies:
        return [("warn", f"public_url 是 {settings.public_url}，只适合本机试用。", "正式使用请把 public_url 设为 https://… 的地址。")]
    return [("ok", f"https 地址 {settings.public_url}，会话 Cookie 只走加密连接。", "")]


def _contact(_database: Database, settings: Settings, _config: Path | None) -> Found:
    """Whom a firm may ask is printed on every notice."""
    missing = "、".join(label for label, value in (("联系人 office_contact", settings.office_contact), ("电话 office_phone", settings.office_phone)) if not value.strip())
    if missing:
        return [("warn", f"没有设置{missing}，通知书、抽样单和公示页上印“／”。", "在设置文件写 office_contact 和 office_phone（docs/settings.md），再重新启动。")]
    return [("ok", f"联系人 {settings.office_contact}，电话 {settings.office_phone}。", "")]


def _fonts(_database: Database, settings: Settings, _config: Path | None) -> Found:
    folder = settings.font_dir
    if folder and not Path(folder).is_dir():
        return [("fail", f"字体目录 {folder} 不存在。", "改正设置 font_dir，或删去它以使用自带字体。")]
    fonts.check()
    return [("ok", f"字体齐全，指纹 {fonts.fingerprint()[:16]}。", "")]


def _glyphs(database: Database, settings: Settings, _config: Path | None) -> Found:
    """GB 2312, the office's name, and every name in the registers must be printable."""
    texts = [settings.office_name, settings.office_contact, *_gb2312()]
    with database.read() as session:
        for table, column in (("enterprises", "name"), ("laboratories", "name"), ("regions", "name")):
            texts += [str(name) for name in session.scalars(select(metadata().tables[table].c[column]).distinct())]
    missing = fonts.missing_glyphs("".join(sorted(set("".join(texts)))))
    if missing:
        shown = "、".join(f"{char}（U+{ord(char):04X}）" for char in missing[:10])
        return [("fail", f"有 {len(missing)} 个字没有字形，会印不出来：{shown}。", "在 font_dir 放入含有这些字的字体，或更正名录中的名称。")]
    return [("ok", "GB 2312 全部汉字和名录中的名称都能印出。", "")]


def _gb2312() -> list[str]:
    """The 6,763 characters of GB 2312-80 in rows 16–87."""
    cells = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return [cell.decode("gb2312", "ignore") for cell in cells]


def _calendar(database: Database, _settings: Settings, _config: Path | None) -> Found:
    today = clock.today()
    with database.read() as session:
        years = set(session.scalars(select(metadata().tables["calendar_years"].c.year)))
    if today.year not in years:
        return [("fail", f"没有 {today.year} 年的放假安排，期限只能按周末推算并标注“节假日安排未公布”。", "运行 hengjian migrate 载入自带日历，或在“工作日历”录入国务院办公厅通知。")]
    if today.year + 1 not in years:
        state = "warn" if today.month >= 11 else "ok"
        return [(state, f"尚无 {today.year + 1} 年的放假安排；涉及该年的期限会标注“节假日安排未公布”。", "通知一般在十一月公布，公布后请在“工作日历”录入。")]
    return [("ok", f"日历含 {today.year}、{today.year + 1} 年。", "")]


def _disk(_database: Database, settings: Settings, _config: Path | None) -> Found:
    folder = settings.data_dir
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return [("fail", f"数据目录 {folder} 不存在或不可写。", f"mkdir -p {folder}，并把属主改为运行服务的用户。")]
    free = shutil.disk_usage(folder).free // MB
    if free < DISK_WARN_MB:
        return [("fail" if free < DISK_FAIL_MB else "warn", f"磁盘只剩 {free} MB。", "清理磁盘或扩容；旧备份移到别处。")]
    return [("ok", f"磁盘剩余 {free} MB。", "")]


def _migrations(database: Database, _settings: Settings, _config: Path | None) -> Found:
    found, wanted = migrate.current(database), migrate.head()
    if found != wanted:
        return [("fail", f"数据库版本 {found or '空'}，软件版本 {wanted}。", "先备份，再运行 hengjian migrate。")]
    return [("ok", f"数据库版本 {found}。", "")]


def _seals(database: Database, _settings: Settings, _config: Path | None) -> Found:
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


POSTGRESQL = {
    "fsync": ("on", "断电会丢失已确认的数据"),
    "synchronous_commit": ("on", "断电会丢失已确认的数据"),
    "full_page_writes": ("on", "断电可能损坏数据页"),
    "server_encoding": ("utf8", "汉字可能存不进去"),
}


def _database(database: Database, settings: Settings, _config: Path | None) -> Found:
    return _sqlite(database, settings) if database.is_sqlite else _postgresql(database, settings)


def _clock(database: Database, _settings: Settings, _config: Path | None) -> Found:
    found: Found = []
    now = clock.now()
    with database.read() as session:
        last = session.scalar(select(AuditEvent.at).order_by(AuditEvent.seq.desc()).limit(1))
        there = None if database.is_sqlite else session.scalar(text("SELECT clock_timestamp()"))
    if last and datetime.fromisoformat(last) > now + CLOCK_TOLERANCE:
        found.append(("fail", f"本机时钟是 {clock.stamp(now)}，早于最后一条审计（{last}）：时钟被拨回过。", "校准时钟（chrony 或 systemd-timesyncd），查明原因。"))
    if isinstance(there, datetime) and abs(there - now) > CLOCK_TOLERANCE:
        found.append(("fail", f"本机与数据库主机的时钟相差 {abs(there - now).total_seconds():.0f} 秒。", "两台主机都启用 NTP 对时。"))
    if not _synchronised():
        found.append(("warn", "看不出本机时钟在与标准时间同步。", "启用 chrony 或 systemd-timesyncd，内网请指向本单位的 NTP 服务器。"))
    return found or [("ok", f"时钟 {clock.stamp(now)}，正在对时。", "")]


def _synchronised() -> bool:
    """Whether some time service says it is at work: systemd's mark, or an answering NTP port on this host."""
    if Path("/run/systemd/timesync/synchronized").exists():
        return True
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.3)
        try:
            probe.sendto(struct.pack("!B47x", 0x23), ("127.0.0.1", 123))
            return len(probe.recv(48)) == 48
        except OSError:
            return False


def _jobs(database: Database, _settings: Settings, _config: Path | None) -> Found:
    now = clock.now()
    with database.read() as session:
        waiting = _count(session, Job.state == "queued", Job.created_at < now - timedelta(minutes=10))
        stuck = _count(session, Job.state == "running", Job.lease_until < now - timedelta(minutes=10))
    if waiting or stuck:
        return [("warn", f"{waiting} 个任务等待超过十分钟，{stuck} 个任务中断后无人接手。", "启动后台任务：hengjian serve 或 hengjian worker。")]
    return [("ok", "没有积压的后台任务。", "")]


def _count(session: Session, *conditions: object) -> int:
    return session.scalar(select(func.count()).select_from(Job).where(*conditions)) or 0  # type: ignore[arg-type]


def _secrets(database: Database, settings: Settings, _config: Path | None) -> Found:
    """Every draw that waits for its reveal has a secret that opens with the present key."""
    with database.read() as session:
        lost = [draw.number for draw in session.scalars(select(Draw).where(Draw.state == "committed")) if keeping.lost(session, draw, settings.draw_key)]
    if lost:
        return [("fail", f"密值取不出来的抽取：{'、'.join(lost)}。", "恢复原来的 draw_key，或由两位保管人在抽取页交回密值；否则到最迟揭示时间公开作废。")]
    return [("ok", "待揭示的抽取都能取出密值。", "")]


def _backups(database: Database, _settings: Settings, _config: Path | None) -> Found:
    with database.read() as session:
        last = session.scalar(select(AuditEvent.at).where(AuditEvent.verb == "system.backup").order_by(AuditEvent.seq.desc()).limit(1))
        busy = session.scalar(select(func.count()).select_from(AuditEvent)) or 0
    if busy and (last is None or datetime.fromisoformat(last) < clock.now() - BACKUP_AGE):
        return [("warn", f"最近一次备份：{last or '从未'}。", "启用 docs/operations/hengjian-backup.timer，或定时运行 hengjian backup。")]
    return [("ok", f"最近一次备份：{last or '尚无数据'}。", "")]


def _reachable(database: Database, _settings: Settings, _config: Path | None) -> Found:
    with database.engine.connect() as connection:
        count = len(inspect(connection).get_table_names())
    return [("ok", f"数据库可连接，{count} 张表。", "")]


CHECKS: tuple[tuple[str, Look], ...] = (
    ("钥匙", _keys),
    ("访问地址", _addresses),
    ("联系方式", _contact),
    ("数据库连接", _reachable),
    ("数据库版本", _migrations),
    ("数据库设置", _database),
    ("封存", _seals),
    ("磁盘", _disk),
    ("时钟", _clock),
    ("字体", _fonts),
    ("字形", _glyphs),
    ("工作日历", _calendar),
    ("后台任务", _jobs),
    ("抽取密值", _secrets),
    ("备份", _backups),
)

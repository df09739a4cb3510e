"""The place itself: keys, addresses, whom a firm may ask, disk, clock, fonts."""

from __future__ import annotations

import os
import shutil
import socket
import struct
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, text

from inspection import clock as clocks
from inspection.audit import AuditEvent
from inspection.db import Database
from inspection.doctor.finding import Found
from inspection.settings import Settings
from inspection.tables import metadata
from reports import fonts as faces

MB = 1024 * 1024
DISK_FAIL_MB, DISK_WARN_MB = 200, 2000
CLOCK_TOLERANCE = timedelta(seconds=5)


def keys(_database: Database, settings: Settings, config: Path | None) -> Found:
    found: Found = []
    if not settings.draw_key:
        found.append(("fail", "没有设置 draw_key，无法封存抽取密值。", "运行 hengjian init 生成，或设置 HENGJIAN_DRAW_KEY（至少 32 个字符）。"))
    if config is not None and config.is_file() and config.stat().st_mode & 0o077:
        found.append(("fail", f"设置文件 {config} 含钥匙，却可被其他用户读取。", f"chmod 600 {config}"))
    return found or [("ok", "钥匙足够强，且各不相同。", "")]


def addresses(_database: Database, settings: Settings, _config: Path | None) -> Found:
    if settings.plain_http:
        return [("warn", "内网明文方式：口令和会话在网线上可被看到。", "有条件时配置 TLS（docs/operations.md），并改 plain_http = false。")]
    if not settings.secure_cookies:
        return [("warn", f"public_url 是 {settings.public_url}，只适合本机试用。", "正式使用请把 public_url 设为 https://… 的地址。")]
    return [("ok", f"https 地址 {settings.public_url}，会话 Cookie 只走加密连接。", "")]


def contact(_database: Database, settings: Settings, _config: Path | None) -> Found:
    """Whom a firm may ask is printed on every notice."""
    missing = "、".join(label for label, value in (("联系人 office_contact", settings.office_contact), ("电话 office_phone", settings.office_phone)) if not value.strip())
    if missing:
        return [("warn", f"没有设置{missing}，通知书、抽样单和公示页上印“／”。", "在设置文件写 office_contact 和 office_phone（docs/settings.md），再重新启动。")]
    return [("ok", f"联系人 {settings.office_contact}，电话 {settings.office_phone}。", "")]


def disk(_database: Database, settings: Settings, _config: Path | None) -> Found:
    folder = settings.data_dir
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return [("fail", f"数据目录 {folder} 不存在或不可写。", f"mkdir -p {folder}，并把属主改为运行服务的用户。")]
    free = shutil.disk_usage(folder).free // MB
    if free < DISK_WARN_MB:
        return [("fail" if free < DISK_FAIL_MB else "warn", f"磁盘只剩 {free} MB。", "清理磁盘或扩容；旧备份移到别处。")]
    return [("ok", f"磁盘剩余 {free} MB。", "")]


def clock(database: Database, _settings: Settings, _config: Path | None) -> Found:
    found: Found = []
    now = clocks.now()
    with database.read() as session:
        last = session.scalar(select(AuditEvent.at).order_by(AuditEvent.seq.desc()).limit(1))
        there = None if database.is_sqlite else session.scalar(text("SELECT clock_timestamp()"))
    if last and datetime.fromisoformat(last) > now + CLOCK_TOLERANCE:
        found.append(("fail", f"本机时钟是 {clocks.stamp(now)}，早于最后一条审计（{last}）：时钟被拨回过。", "校准时钟（chrony 或 systemd-timesyncd），查明原因。"))
    if isinstance(there, datetime) and abs(there - now) > CLOCK_TOLERANCE:
        found.append(("fail", f"本机与数据库主机的时钟相差 {abs(there - now).total_seconds():.0f} 秒。", "两台主机都启用 NTP 对时。"))
    if not _synchronised():
        found.append(("warn", "看不出本机时钟在与标准时间同步。", "启用 chrony 或 systemd-timesyncd，内网请指向本单位的 NTP 服务器。"))
    return found or [("ok", f"时钟 {clocks.stamp(now)}，正在对时。", "")]


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


def fonts(_database: Database, settings: Settings, _config: Path | None) -> Found:
    folder = settings.font_dir
    if folder and not Path(folder).is_dir():
        return [("fail", f"字体目录 {folder} 不存在。", "改正设置 font_dir，或删去它以使用自带字体。")]
    faces.check()
    return [("ok", f"字体齐全，指纹 {faces.fingerprint()[:16]}。", "")]


def glyphs(database: Database, settings: Settings, _config: Path | None) -> Found:
    """GB 2312, the office's name, and every name in the registers must be printable."""
    texts = [settings.office_name, settings.office_contact, *_gb2312()]
    with database.read() as session:
        for table, column in (("enterprises", "name"), ("laboratories", "name"), ("regions", "name")):
            texts += [str(name) for name in session.scalars(select(metadata().tables[table].c[column]).distinct())]
    missing = faces.missing_glyphs("".join(sorted(set("".join(texts)))))
    if missing:
        shown = "、".join(f"{char}（U+{ord(char):04X}）" for char in missing[:10])
        return [("fail", f"有 {len(missing)} 个字没有字形，会印不出来：{shown}。", "在 font_dir 放入含有这些字的字体，或更正名录中的名称。")]
    return [("ok", "GB 2312 全部汉字和名录中的名称都能印出。", "")]


def _gb2312() -> list[str]:
    """The 6,763 characters of GB 2312-80 in rows 16–87."""
    cells = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return [cell.decode("gb2312", "ignore") for cell in cells]

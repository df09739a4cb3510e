"""The work: years of the calendar, jobs that wait, secrets that open, backups that are made."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.audit import AuditEvent
from inspection.db import Database
from inspection.doctor.finding import Found
from inspection.draws.deposits import keeping
from inspection.draws.models import Draw
from inspection.jobs.models import Job
from inspection.settings import Settings
from inspection.tables import metadata

BACKUP_AGE = timedelta(days=2)


def calendar(database: Database, _settings: Settings, _config: Path | None) -> Found:
    today = clock.today()
    with database.read() as session:
        years = set(session.scalars(select(metadata().tables["calendar_years"].c.year)))
    if today.year not in years:
        return [("fail", f"没有 {today.year} 年的放假安排，期限只能按周末推算并标注“节假日安排未公布”。", "运行 hengjian migrate 载入自带日历，或在“工作日历”录入国务院办公厅通知。")]
    if today.year + 1 not in years:
        state = "warn" if today.month >= 11 else "ok"
        return [(state, f"尚无 {today.year + 1} 年的放假安排；涉及该年的期限会标注“节假日安排未公布”。", "通知一般在十一月公布，公布后请在“工作日历”录入。")]
    return [("ok", f"日历含 {today.year}、{today.year + 1} 年。", "")]


def jobs(database: Database, _settings: Settings, _config: Path | None) -> Found:
    now = clock.now()
    with database.read() as session:
        waiting = _count(session, Job.state == "queued", Job.created_at < now - timedelta(minutes=10))
        stuck = _count(session, Job.state == "running", Job.lease_until < now - timedelta(minutes=10))
    if waiting or stuck:
        return [("warn", f"{waiting} 个任务等待超过十分钟，{stuck} 个任务中断后无人接手。", "启动后台任务：hengjian serve 或 hengjian worker。")]
    return [("ok", "没有积压的后台任务。", "")]


def _count(session: Session, *conditions: object) -> int:
    return session.scalar(select(func.count()).select_from(Job).where(*conditions)) or 0  # type: ignore[arg-type]


def secrets(database: Database, settings: Settings, _config: Path | None) -> Found:
    """Every draw that waits for its reveal has a secret that opens with the present key."""
    with database.read() as session:
        lost = [draw.number for draw in session.scalars(select(Draw).where(Draw.state == "committed")) if keeping.lost(session, draw, settings.draw_key)]
    if lost:
        return [("fail", f"密值取不出来的抽取：{'、'.join(lost)}。", "恢复原来的 draw_key，或由两位保管人在抽取页交回密值；否则到最迟揭示时间公开作废。")]
    return [("ok", "待揭示的抽取都能取出密值。", "")]


def backups(database: Database, _settings: Settings, _config: Path | None) -> Found:
    with database.read() as session:
        last = session.scalar(select(AuditEvent.at).where(AuditEvent.verb == "system.backup").order_by(AuditEvent.seq.desc()).limit(1))
        busy = session.scalar(select(func.count()).select_from(AuditEvent)) or 0
    if busy and (last is None or datetime.fromisoformat(last) < clock.now() - BACKUP_AGE):
        return [("warn", f"最近一次备份：{last or '从未'}。", "启用 docs/operations/hengjian-backup.timer，或定时运行 hengjian backup。")]
    return [("ok", f"最近一次备份：{last or '尚无数据'}。", "")]

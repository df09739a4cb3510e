"""Doctor 体检: is this installation fit to decide who is inspected; every finding comes with its cure.

A check looks and never repairs. ``fail`` means that work would go wrong or a promise would be broken; ``warn`` that it will
soon, or that a safeguard is missing.
"""

from __future__ import annotations

from pathlib import Path

from inspection.db import Database
from inspection.doctor import place, store, work
from inspection.doctor.finding import Finding, Look
from inspection.settings import Settings

CHECKS: tuple[tuple[str, Look], ...] = (
    ("钥匙", place.keys),
    ("访问地址", place.addresses),
    ("联系方式", place.contact),
    ("数据库连接", store.reachable),
    ("数据库版本", store.migrations),
    ("数据库设置", store.database),
    ("封存", store.seals),
    ("磁盘", place.disk),
    ("时钟", place.clock),
    ("字体", place.fonts),
    ("字形", place.glyphs),
    ("工作日历", work.calendar),
    ("后台任务", work.jobs),
    ("抽取密值", work.secrets),
    ("备份", work.backups),
)


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

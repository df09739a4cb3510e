"""hengjian doctor."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from inspection.cli.console import Console, pass_console
from inspection.doctor import examine

MARKS = {"ok": ("正常", "green"), "warn": ("注意", "yellow"), "fail": ("故障", "red")}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出，供监控读取。")
@pass_console
def doctor(console: Console, as_json: bool) -> int:
    """体检：钥匙、字体与字形、日历年份、磁盘、数据库版本与设置、时钟、任务、备份；每个问题附处理办法。

    有“故障”时退出码为 1；只有“注意”时为 0。
    """
    found = examine(console.database, console.settings, Path(console.config) if console.config else None)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=1))
    else:
        for finding in found:
            label, colour = MARKS[finding.state]
            click.echo(f"[{click.style(label, fg=colour)}] {finding.check}：{finding.message}")
            if finding.state != "ok":
                click.echo(f"       办法：{finding.cure}")
    return 1 if any(finding.state == "fail" for finding in found) else 0

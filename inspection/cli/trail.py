"""hengjian audit: is the trail whole, and what is its head."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import click
from sqlalchemy import select

from inspection import audit as chain
from inspection.cli.console import Console, pass_console
from inspection.db import Database
from inspection.errors import Invalid

HEAD = re.compile(r"^\s*(\d{1,15})[\s,:：]+([0-9a-f]{12,64})\s*$")


@click.group()
def audit() -> None:
    """审计链：核对与链头。"""


@audit.command()
@click.option("--against", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="抄自纸面的链头，每行“序号 链头”；或备份的 manifest.json。")
@pass_console
def verify(console: Console, against: Path | None) -> int:
    """从头核对整条审计链；发现改动时指出第一处，退出码为 1。

    只核对库内的链看不出“整库换成旧副本”；--against 与纸面所印的链头对照，才看得出。
    """
    heads = resolve(console.database, read_heads(against)) if against else {}
    begun = time.perf_counter()
    with console.database.read() as session:
        found = chain.verify(session, heads)
    seconds = time.perf_counter() - begun
    if found.ok:
        click.echo(f"审计链完整：{found.events} 条，链头 {found.head}（{seconds:.1f} 秒）")
        click.echo(f"已与 {len(heads)} 个纸面链头对照，全部相符。" if heads else "未与纸面链头对照（--against），看不出整库被换成旧副本。")
        return 0
    click.echo(f"审计链在第 {found.broken_at} 条断开：{found.reason}。时间 {found.at or '不明'}。此前 {found.events} 条完好。", err=True)
    click.echo("请停止写入，保留现场，用最近的备份和纸面链头对照。", err=True)
    return 1


@audit.command()
@pass_console
def head(console: Console) -> None:
    """打印链头（序号和哈希），可抄到纸面或存到别处。"""
    with console.database.read() as session:
        number, value = chain.head(session)
    click.echo(f"{number} {value}")


def read_heads(path: Path) -> dict[int, str]:
    """Heads copied from papers: lines of number and hash (at least 12 digits of it), or a backup's manifest."""
    text = path.read_text(encoding="utf-8")
    if text.lstrip().startswith("{"):
        try:
            stated = json.loads(text)["audit"]
            return {int(stated["events"]): str(stated["head"])} if stated["events"] else {}
        except (ValueError, KeyError, TypeError):
            raise Invalid("bad-heads", "%(path)s 不是备份的 manifest.json。", path=path) from None
    heads: dict[int, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = HEAD.match(line)
        if match is None:
            raise Invalid("bad-heads", "第 %(line)s 行看不懂。每行应为“序号 链头”，例如 128 3fa9…（至少 12 位）。", line=number)
        heads[int(match[1])] = match[2]
    return heads


def resolve(database: Database, heads: dict[int, str]) -> dict[int, str]:
    """Complete a shortened head from the stored event it agrees with; one that does not agree stays and will be found."""
    events = chain.AuditEvent
    with database.read() as session:
        stored = {row.seq: row.hash for row in session.execute(select(events.seq, events.hash).where(events.seq.in_(heads)))}
    return {number: stored[number] if stored.get(number, "").startswith(head) else head for number, head in heads.items()}

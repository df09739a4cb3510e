"""hengjian backup, hengjian restore."""

from __future__ import annotations

from pathlib import Path

import click

from inspection import backup as backups
from inspection import restore as restores
from inspection.cli.console import Console, pass_console, progress_bar
from inspection.errors import Refused


@click.command()
@click.argument("target", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@pass_console
def backup(console: Console, target: Path) -> None:
    """在 DIR 下新建一份备份；服务不停，写入不等。

    不含：尚未公开的抽取密值、登录会话、设置文件里的钥匙（请另行保管）。
    """
    with progress_bar("备份") as tell:
        made = backups.backup(console.database, console.settings, target, console.operator, tell)
    click.echo(f"备份：{made.folder}")
    click.echo(f"{made.rows} 行；审计链 {made.events} 条，链头 {made.head}")
    click.echo(f"摘要（SHA256SUMS）：{made.digest}")
    if made.withheld:
        click.echo(f"密值未入备份的抽取：{'、'.join(made.withheld)}。公开之前若只剩此备份，凭托管的两份密值交回后揭示；没有托管的到期公开作废。")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--digest", default="", help="备份时记下的摘要；不符即拒绝。")
@pass_console
def restore(console: Console, folder: Path, digest: str) -> None:
    """把备份 DIR 恢复到设置所指的空数据库和空数据目录。

    先核对每个文件的摘要，再在一个事务里载入，并核对审计链；任何一步不符，什么也不写。
    """
    if digest and restores.check(folder) != digest.lower().strip():
        raise Refused("backup-other", "这份备份的摘要与 --digest 不同，不是当时那一份。")
    with progress_bar("恢复") as tell:
        back = restores.restore(console.new_database, console.settings, folder, console.operator, tell)
    click.echo(f"已恢复 {back.rows} 行；审计链完整：{back.events} 条，链头 {back.head}")
    click.echo(f"备份摘要：{back.digest}")
    if back.withheld:
        click.echo(f"以下抽取的密值不在备份中：{'、'.join(back.withheld)}。请两位保管人在抽取页“交回密值”；没有托管的到最迟揭示时间公开作废，再重抽。")

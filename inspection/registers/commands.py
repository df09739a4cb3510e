"""hengjian import: fill a register from a file at the server."""

from __future__ import annotations

from pathlib import Path

import click

from inspection.cli.console import Console, pass_console
from inspection.registers import service
from inspection.registers.imports import KINDS, Examination

SHOWN = 50


@click.command("import", epilog="名录：" + "、".join(f"{kind.key} {kind.title}" for kind in KINDS.values()))
@click.argument("kind", metavar="KIND")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--all-or-nothing", is_flag=True, help="有一行错误就一行也不写；默认只导入正确的行。")
@click.option("--dry-run", is_flag=True, help="只检查，不写入。")
@click.option("--errors", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="把错误清单（.xlsx）写到这里。")
@pass_console
def cli(console: Console, kind: str, file: Path, all_or_nothing: bool, dry_run: bool, errors: Path | None) -> int:
    """从 FILE（.xlsx 或 .csv）导入名录 KIND；同一个文件再次导入不改变已登记的行。

    有错误的行逐条列出，退出码为 1；KIND 见下。
    """
    actor = console.operator
    with console.database.write(actor) as session:
        upload_id = service.keep_upload(session, actor, kind, filename=file.name, content=file.read_bytes()).id
    with console.database.read(actor) as session:
        found = service.preview(session, actor, upload_id)
        if errors and found.n_bad:
            errors.write_bytes(service.error_workbook(session, actor, upload_id)[1])
    _tell(found)
    if dry_run:
        click.echo("只检查，没有写入名录。")
        return 1 if found.n_bad else 0
    with console.database.write(actor) as session:
        done = service.apply_import(session, actor, upload_id, all_or_nothing=all_or_nothing)
    click.echo(f"已导入：新增 {done.n_new}，更改 {done.n_changed}，相同 {done.n_unchanged}，未导入 {done.n_bad}。")
    return 1 if done.n_bad else 0


def _tell(found: Examination) -> None:
    click.echo(f"{found.kind.title}：{found.n_rows} 行，正确 {found.n_good}，有误 {found.n_bad}。")
    for problem in found.preview.problems[:SHOWN]:
        click.echo(f"  第 {problem.row} 行【{problem.title}】{problem.reason}" + (f"。{problem.suggestion}" if problem.suggestion else ""), err=True)
    if len(found.preview.problems) > SHOWN:
        click.echo(f"  …… 共 {len(found.preview.problems)} 处，用 --errors FILE 写出全部。", err=True)

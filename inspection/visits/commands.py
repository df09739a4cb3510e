"""hengjian draw notices: the notices of a draw from the server, by the same job as the button on the page."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from inspection.auth.roles import Permission as P
from inspection.cli.background import carry_out, report
from inspection.cli.console import Console, pass_console
from inspection.cli.identity import prove
from inspection.draws import service as draws
from inspection.jobs import files
from inspection.visits import printing


@click.command("notices")
@click.argument("number")
@click.option("--form", type=click.Choice(list(printing.FORMS)), default="bound", show_default=True, help="bound 合订本，each 每户一份（ZIP）。")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="写到这里；默认当前目录，以任务的文件名。")
@click.option("--login", help="名单保密期内，参与抽取的人以自己的账户打印。")
@click.option("--password-stdin", is_flag=True, help="从标准输入读口令和动态码。")
@pass_console
def notices(console: Console, number: str, form: str, output: Path | None, login: str | None, password_stdin: bool) -> int:
    """成批打印一次抽取的通知书，显示进度；中断后再运行，从断点继续。"""
    actor = prove(console, login, password_stdin, P.VISIT_READ) if login else console.operator
    with console.database.write(actor) as session:
        job_id = printing.ask(session, actor, draws.by_number(session, number).id, form).id
    job = carry_out(console, job_id)
    if job.state != "done":
        return report(job)
    path = output or Path(job.result_filename)
    shutil.copyfile(files.open_result(console.settings, job), path)
    click.echo(f"{job.result_sha256}  {path}")
    return 0

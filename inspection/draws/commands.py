"""hengjian draw: the steps of a draw at the server, with the same separation of people as on the pages.

Preparing (list, show, freeze) is the operator's; whatever binds the office or opens a list asks for the account of the person
who does it: commit, reveal (twice: the draw officer, then the witness), void (twice: who asks, who approves), bundle under embargo.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from marshmallow import ValidationError

from inspection import clock
from inspection.auth.roles import Permission as P
from inspection.cli.console import Console, pass_console
from inspection.cli.identity import proof_options, prove
from inspection.draws import rules, service
from inspection.draws.models import Draw
from inspection.draws.schemas import PromiseIn
from inspection.errors import Invalid
from sampling import frame
from sampling import verify as verifier

FORMS = ("balls", "digits", "hex")


@click.group()
def cli() -> None:
    """抽取：列出、查看、冻结、承诺、揭示、作废、导出和核验抽取包。"""


@cli.command("list")
@click.option("--state", type=click.Choice(list(rules.STATES)), help="只列某一状态。")
@pass_console
def list_(console: Console, state: str | None) -> None:
    """列出抽取，最新的在前。"""
    with console.database.read(console.operator) as session:
        query = service.listing().order_by(Draw.number.desc())
        for draw in session.scalars(query.where(Draw.state == state) if state else query):
            click.echo(f"{draw.number}\t{rules.STATES[draw.state]}\t{draw.title}")


@cli.command()
@click.argument("number")
@pass_console
def show(console: Console, number: str) -> None:
    """查看一次抽取：状态、各层、摘要。"""
    with console.database.read(console.operator) as session:
        draw = service.by_number(session, number)
        click.echo(f"{draw.number}  {draw.title}\n状态  {rules.STATES[draw.state]}")
        for row in draw.files:
            click.echo(f"文件  {row.name}  {row.digest}")
        for s in service.strata(session, draw.id):
            click.echo(f"层  {s['name']}  可抽 {s['population']}  排除 {sum(s['excluded'].values())}  抽取 {s['n']}  候补 {s['reserve']}  概率 {s['probability']}")
        if draw.commitment is not None:
            click.echo(f"承诺  {draw.commitment.digest}\n揭示  {clock.stamp(draw.commitment.reveal_not_before)} 至 {clock.stamp(draw.commitment.reveal_by)}")
        if draw.void is not None:
            click.echo(f"作废  {draw.void.reason}")


@cli.command()
@click.argument("number")
@pass_console
def freeze(console: Console, number: str) -> None:
    """冻结底册和规则，打印各文件的摘要。"""
    actor = console.operator
    with console.database.read(actor) as session:
        draw = service.by_number(session, number)
        prepared = service.prepare(session, draw)
    with console.database.write(actor) as session:
        for name, digest in service.freeze(session, actor, draw.id, version=draw.version_id, prepared=prepared).items():
            click.echo(f"{digest}  {name}")


@cli.command()
@click.argument("number")
@click.option("--source", "sources", multiple=True, required=True, metavar="名称,期号,形式,大小,产生时间", help="公开随机源，可重复；形式 balls 写 20/80，digits、hex 写位数。例：快乐8,2026055,balls,20/80,2026-03-03T21:30")
@click.option("--not-before", required=True, metavar="时间", help="最早揭示时间，例：2026-03-04T09:00（北京时间）。")
@click.option("--by", required=True, metavar="时间", help="最迟揭示时间；逾期未揭示自动公开作废。")
@proof_options
@pass_console
def commit(console: Console, number: str, sources: tuple[str, ...], not_before: str, by: str, login: str, password_stdin: bool) -> None:
    """作出承诺并即时公布（双随机管理员本人办理）。"""
    try:
        promise = PromiseIn().load({"sources": [_source(text) for text in sources], "reveal_not_before": not_before, "reveal_by": by})
    except ValidationError as error:
        raise Invalid("invalid", "承诺的参数有误：%(what)s。", what=str(error.messages)) from None
    actor = prove(console, login, password_stdin, P.DRAW_COMMIT)
    with console.database.write(actor) as session:
        draw = service.by_number(session, number)
        made = service.commit(session, actor, draw.id, promise, version=draw.version_id, draw_key=console.settings.draw_key)
    click.echo(f"已承诺并公布  {made.digest}")


def _source(text: str) -> dict[str, Any]:
    parts = [part.strip() for part in text.replace("，", ",").split(",")]
    if len(parts) != 5 or parts[2] not in FORMS:
        raise Invalid("bad-source", "公开随机源“%(text)s”应写成 名称,期号,balls|digits|hex,大小,时间 五项。", text=text[:80])
    pick, _, most = parts[3].partition("/")
    return {"name": parts[0], "issue": parts[1], "form": parts[2], "pick": pick, "drawn_at": parts[4], **({"max": most} if most else {})}


@cli.command()
@click.argument("number")
@click.option("--value", required=True, help="公开数；几个来源之间用 | 分开。")
@click.option("--witness", "witnesses", multiple=True, help="见证人，可重复；将随抽取包公开。")
@proof_options
@pass_console
def reveal(console: Console, number: str, value: str, witnesses: tuple[str, ...], login: str, password_stdin: bool) -> int:
    """录入公开数：先由双随机管理员，再由见证的领导，各用自己的账户；两次一致即揭示。"""
    actor = prove(console, login, password_stdin, P.DRAW_REVEAL, P.DRAW_WITNESS)
    with console.database.write(actor) as session:
        draw = service.by_number(session, number)
        found = service.enter_value(session, actor, draw.id, public_value=value, witnesses=witnesses, draw_key=console.settings.draw_key)
    if found.state == "mismatch":
        click.echo("两人录入的公开数不同，本轮作废，请两人重新录入。", err=True)
        return 1
    if found.job is not None:
        click.echo(f"两人录入一致，名单由后台任务 {found.job.id} 生成；用 hengjian draw show {number} 查看。")
    elif found.reveal is None:
        click.echo("已录入，等待另一人录入同样的公开数。")
    else:
        click.echo(f"已揭示  抽中 {found.reveal.n_selected}  候补 {found.reveal.n_reserve}  未满席位 {found.reveal.n_unfilled}  抽取包 {found.reveal.bundle_digest}")
    return 0


@cli.command()
@click.argument("number")
@click.option("--reason", help="申请作废的理由，将公开。")
@click.option("--approve", is_flag=True, help="批准另一人提出的作废申请。")
@proof_options
@pass_console
def void(console: Console, number: str, reason: str | None, approve: bool, login: str, password_stdin: bool) -> None:
    """作废：一人写明理由申请，另一人批准，随即公开。"""
    if approve == bool(reason):
        raise Invalid("bad-usage", "申请作废用 --reason，批准用 --approve，二者取一。")
    actor = prove(console, login, password_stdin, P.DRAW_APPROVE if approve else P.DRAW_VOID)
    with console.database.write(actor) as session:
        draw = service.by_number(session, number)
        if approve:
            service.approve_void(session, actor, draw.id, version=draw.version_id)
        else:
            service.request_void(session, actor, draw.id, reason=reason or "")
    click.echo("该次抽取已公开作废。" if approve else "作废申请已提交，须由另一人批准。")


@cli.command()
@click.argument("number")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="写到这里；默认当前目录的 draw-编号.zip。")
@click.option("--login", help="名单保密期内，参与抽取的人以自己的账户取出。")
@click.option("--password-stdin", is_flag=True, help="从标准输入读口令和动态码。")
@pass_console
def bundle(console: Console, number: str, output: Path | None, login: str | None, password_stdin: bool) -> None:
    """导出抽取包，打印它的摘要；名单公布之前只给参与抽取的人。"""
    actor = prove(console, login, password_stdin, P.DRAW_READ) if login else console.operator
    with console.database.write(actor) as session:
        draw = service.by_number(session, number)
        data = service.open_bundle(session, actor, draw, console.settings.draw_key)
    path = output or Path(f"draw-{draw.number}.zip")
    path.write_bytes(data)
    click.echo(f"{frame.digest(data)}  {path}")


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, required=True, metavar="BUNDLE.zip [--commitment DIGEST] [--calls calls.tsv] [--json]")
def verify(arguments: tuple[str, ...]) -> int:
    """核验抽取包，与 python -m sampling verify 相同；一致为 0，不同为 1，不是抽取包为 2。"""
    sys.stdout.flush()
    return verifier.main(arguments)

"""hengjian bulletin: draft, approve, publish and check bulletins at the server, by the same services as the pages.

Drafting, approving and publishing are acts of different people: each command names its person with ``--as LOGIN``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection.actor import Actor
from inspection.auth import service as auth
from inspection.auth.roles import Permission as P
from inspection.cli.console import Console, pass_console
from inspection.errors import Forbidden, NotFound
from inspection.indicators import importing
from inspection.indicators.models import Indicator
from inspection.plans.models import Plan
from inspection.publications import rules, service
from inspection.publications.models import Issue, Publication
from inspection.samples.documents import PURPOSES
from reports import verify as verifier

AS = click.option("--as", "login", required=True, metavar="LOGIN", help="由谁办理（登录名）；起草、审批、公布须为不同的人。")
REASON = click.option("--reason", required=True, help="理由。")
ID = click.argument("publication_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))
DAY = click.DateTime(["%Y-%m-%d"])


@click.group("bulletin")
def cli() -> None:
    """通告：起草、提交、审批、公布、更正、撤回，写出 PDF，核验真伪。"""


@cli.command("list")
@click.option("--state", type=click.Choice(list(rules.STATES)), help="只列这种状态。")
@pass_console
def list_(console: Console, state: str | None) -> None:
    """列出通告，新的在前。"""
    query = service.listing().order_by(Publication.id.desc())
    with console.database.read(console.operator) as session:
        for row in session.scalars(query.where(Publication.state == state) if state else query):
            number = row.issue.number if row.issue else "—"
            click.echo(f"{row.id}\t{rules.STATES[row.state]}\t{number}\t{row.title}\t起草 {row.created_by_name}")


@cli.command()
@ID
@pass_console
def show(console: Console, publication_id: int) -> None:
    """显示一份通告的统计和摘要。"""
    with console.database.read(console.operator) as session:
        row = service.get(session, publication_id)
        body = (row.issue.content if row.issue else row.draft)["content"]
        click.echo(f"{row.title}\n状态 {rules.STATES[row.state]}  {row.issue.number if row.issue else '尚未编号'}")
        for line in (*body["classes"], body["total"]):
            interval = line["interval"]["text"] if line["interval"] else "不可估计"
            click.echo(f"  {line['name']}\t{line['passed']}/{line['passed'] + line['failed']}\t{line['pass_rate']}\t{interval}")
        click.echo(f"未计入 {body['left_out']} 批；数据摘要 {body['data_digest']}")
        if row.issue:
            click.echo(f"PDF 摘要 {row.issue.pdf_digest}")


@cli.command()
@AS
@click.option("--title", required=True, help="标题。")
@click.option("--region", required=True, help="行政区划代码。")
@click.option("--basis", multiple=True, required=True, help="依据；可写多次。")
@click.option("--measure", multiple=True, help="已采取的措施；可写多次。")
@click.option("--period", default="", help="期间的说法，例如 2026年第三季度。")
@click.option("--since", type=DAY, help="本单位样品：自。")
@click.option("--until", type=DAY, help="至。")
@click.option("--plan", help="只取该计划（计划编号）。")
@click.option("--target", help="对照的目标（指标代码）。")
@click.option("--purpose", type=click.Choice(list(PURPOSES)), help="抽检性质；选了计划或目标时不必写。")
@click.option("--aggregate", type=click.IntRange(1, 2**31 - 1), help="或：导入的汇总数编号。")
@click.option("--decimals", type=click.IntRange(0, 4), default=2, show_default=True, help="百分数小数位。")
@click.option("--corrects", type=click.IntRange(1, 2**31 - 1), help="更正哪一份已公布的通告（ID），须写 --reason。")
@click.option("--reason", default="", help="更正的理由。")
@pass_console
def draft(console: Console, /, login: str, corrects: int | None, **given: Any) -> None:
    """按现有数据起草一份通告。"""
    actor = _person(console, login, P.PUBLICATION_CORRECT if corrects else P.PUBLICATION_DRAFT)
    with console.database.write(actor) as session:
        made = service.draft(session, actor, _new(session, given), console.settings, corrects_id=corrects)
        click.echo(f"已起草通告 {made.id}：{made.title}。核对：hengjian bulletin show {made.id}；提交：hengjian bulletin submit {made.id} --as {login}")


def _new(session: Session, given: dict[str, Any]) -> service.NewBulletin:
    return service.NewBulletin(
        title=given["title"], region_code=given["region"], basis=given["basis"], measures=given["measure"], period=given["period"],
        since=_day(given["since"]), until=_day(given["until"]), plan_id=_id_of(session, Plan, given["plan"], "计划"),
        indicator_id=_id_of(session, Indicator, given["target"], "指标"), aggregate_id=given["aggregate"], decimals=given["decimals"],
        purpose=given["purpose"] or "", reason=given["reason"],
    )  # fmt: skip


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _id_of(session: Session, model: type[Plan] | type[Indicator], code: str | None, what: str) -> int | None:
    if code is None:
        return None
    found = session.scalar(select(model.id).where(model.code == code))
    if found is None:
        raise NotFound("code-not-found", "没有代码为 %(wanted)s 的%(what)s。", wanted=code[:60], what=what)
    return found


def _person(console: Console, login: str, permission: P) -> Actor:
    """The account that acts; refused when its roles do not allow it."""
    with console.database.read() as session:
        account = auth.find(session, login)
        if account is None:
            raise NotFound("account-not-found", "没有登录名为 %(login)s 的账户。", login=login[:64])
        actor = auth.actor_of(account, via="cli", address=console.operator.name[:64])
    if account.disabled_at is not None or not actor.can(permission):
        raise Forbidden("not-permitted", "账户 %(login)s 已停用，或其岗位无权办理此事。", login=login)
    return actor


Step = Callable[[Session, Actor, Publication], str]


def _step(console: Console, publication_id: int, login: str, permission: P, verb: Step) -> None:
    actor = _person(console, login, permission)
    with console.database.write(actor) as session:
        click.echo(verb(session, actor, service.get(session, publication_id)))


@cli.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@AS
@click.option("--name", required=True, help="名称，例如 2019年下半年全国食品安全监督抽检。")
@click.option("--period", required=True, help="期间，例如 2019年下半年。")
@click.option("--purpose", type=click.Choice(list(PURPOSES)), default="supervision", show_default=True, help="抽检性质。")
@click.option("--source", required=True, help="来源（公告号或网址）。")
@pass_console
def aggregate(console: Console, file: Path, login: str, name: str, period: str, purpose: str, source: str) -> None:
    """导入其他机关公布的汇总数（.xlsx 或 .csv：类别、抽检批次、不合格批次、公布的不合格率），供起草通告用。"""
    actor = _person(console, login, P.INDICATOR_WRITE)
    with console.database.write(actor) as session:
        made = importing.aggregate(
            session, actor, filename=file.name, data=file.read_bytes(), name=name, period=period, purpose=purpose, source=source
        )
        click.echo(f"汇总数 {made.id}：{len(made.rows)} 类，摘要 {made.digest}。起草：hengjian bulletin draft --aggregate {made.id} …")


@cli.command()
@ID
@AS
@pass_console
def submit(console: Console, publication_id: int, login: str) -> None:
    """提交审批。"""

    def verb(session: Session, actor: Actor, row: Publication) -> str:
        service.submit(session, actor, row.id, version=row.version_id)
        return "已提交，等待另一位负责人审批。"

    _step(console, publication_id, login, P.PUBLICATION_DRAFT, verb)


@cli.command()
@ID
@AS
@pass_console
def approve(console: Console, publication_id: int, login: str) -> None:
    """审批（不能由起草人办理）。"""

    def verb(session: Session, actor: Actor, row: Publication) -> str:
        service.approve(session, actor, row.id, version=row.version_id)
        return "已批准，等待公布专员编号公布。"

    _step(console, publication_id, login, P.PUBLICATION_APPROVE, verb)


@cli.command("return")
@ID
@AS
@REASON
@pass_console
def return_(console: Console, publication_id: int, login: str, reason: str) -> None:
    """退回起草人。"""

    def verb(session: Session, actor: Actor, row: Publication) -> str:
        service.send_back(session, actor, row.id, version=row.version_id, reason=reason)
        return "已退回。"

    _step(console, publication_id, login, P.PUBLICATION_APPROVE, verb)


@cli.command()
@ID
@AS
@pass_console
def publish(console: Console, publication_id: int, login: str) -> None:
    """编号并公布（不能由审批人办理）；公布后不能更改，只能更正或撤回。"""

    def verb(session: Session, actor: Actor, row: Publication) -> str:
        issue = service.publish(session, actor, row.id, console.settings, version=row.version_id)
        return f"已公布 {issue.number}\nPDF 摘要 {issue.pdf_digest}"

    _step(console, publication_id, login, P.PUBLICATION_PUBLISH, verb)


@cli.command()
@ID
@AS
@REASON
@pass_console
def withdraw(console: Console, publication_id: int, login: str, reason: str) -> None:
    """撤回已公布的通告；原件保留并标明。"""

    def verb(session: Session, actor: Actor, row: Publication) -> str:
        service.withdraw(session, actor, row.id, version=row.version_id, reason=reason)
        return "已撤回，理由已公开。"

    _step(console, publication_id, login, P.PUBLICATION_CORRECT, verb)


@cli.command()
@ID
@click.option("--out", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path), help="写到这个文件。")
@pass_console
def pdf(console: Console, publication_id: int, out: Path) -> None:
    """写出 PDF：已公布的是公布的那一份，未公布的是草稿。"""
    with console.database.read(console.operator) as session:
        row = service.get(session, publication_id)
        out.write_bytes(row.issue.pdf if row.issue else service.preview_pdf(row))
    click.echo(f"已写出 {out}")


@cli.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--offline", is_flag=True, help="只核对文件自身，不查本单位的公布记录。")
@pass_console
def verify(console: Console, file: Path, offline: bool) -> int:
    """核验一份通告 PDF：文字与内嵌的数据是否一致，是否由本单位公布。不一致时退出码为 1。"""
    data = file.read_bytes()
    finding = verifier.verify_pdf(data)
    click.echo(f"{'一致' if finding.ok else '不一致'}：{finding.message}")
    if not finding.ok or offline:
        return 0 if finding.ok else 1
    with console.database.read(console.operator) as session:
        issue = session.scalar(select(Issue).where(Issue.content_digest == finding.digest))
        if issue is None:
            click.echo("本单位没有公布过这份内容。")
            return 1
        state = service.get(session, issue.publication_id).state
    click.echo(f"已公布：{issue.number}，{issue.issued_on}；现状：{rules.STATES[state]}")
    return 0 if state == "published" else 1

"""hengjian plan: look at plans at the server, compute them again, fill a draft's table."""

from __future__ import annotations

from pathlib import Path

import click
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from inspection.cli.console import Console, pass_console
from inspection.errors import Invalid
from inspection.plans import documents, rules, service
from inspection.plans.annual.commands import annual
from inspection.plans.models import Plan
from inspection.plans.schemas import AllocateIn


@click.group()
def cli() -> None:
    """计划：列出、查看、重新核算、分配；年度抽查计划见 annual。"""


cli.add_command(annual)


@cli.command("list")
@click.option("--year", type=int, help="只列某一年度。")
@pass_console
def list_(console: Console, year: int | None) -> None:
    """列出抽检计划，最新的在前。"""
    with console.database.read(console.operator) as session:
        query = service.listing().order_by(Plan.code.desc())
        for plan in session.scalars(query.where(Plan.year == year) if year else query):
            click.echo(f"{plan.code}\t{rules.STATES[plan.state]}\t{plan.total} 批次\t{plan.title}")


@cli.command()
@click.argument("number")
@pass_console
def show(console: Console, number: str) -> None:
    """查看一个计划：总量的由来、各地区和各类的批次、未能安排的批次、内容摘要。"""
    with console.database.read(console.operator) as session:
        plan = service.by_code(session, number)
        click.echo(f"{plan.code}  {plan.title}（第 {plan.version} 版，{rules.STATES[plan.state]}）\n{documents.formula(plan)}")
        for axis, word in (("region", "地区"), ("class", "类别")):
            for margin in service.axis_of(plan, axis):
                click.echo(f"{word}  {margin.code}  {margin.name}  {margin.target}")
        for name, quarter, n in service.unassigned(plan):
            click.echo(f"未能安排检验机构  {name}  第{quarter}季度  {n}")
        click.echo(f"内容摘要  {service.digest_of(plan)}")


@cli.command()
@click.argument("number", metavar="编号或年度")
@pass_console
def check(console: Console, number: str) -> int:
    """把计划重新算一遍：总量、每行每列、季度、批准的版本；无误打印 OK 和通知上印的摘要，有误退出码为 1。"""
    wrong = 0
    with console.database.read(console.operator) as session:
        for plan in _named(session, number):
            faults = service.recheck(session, plan)
            wrong += bool(faults)
            click.echo(f"{'FAULT' if faults else 'OK'}  plan {plan.code}  {plan.total} batches  {service.digest_of(plan)}")
            for fault in faults:
                click.echo(f"  {fault}")
    return 1 if wrong else 0


def _named(session: Session, number: str) -> list[Plan]:
    """One plan by its number, or all of a year."""
    if number.isdecimal() and len(number) == 4:
        found = list(session.scalars(service.listing().where(Plan.year == int(number), Plan.state != "cancelled").order_by(Plan.code)))
        if found:
            return found
    return [service.by_code(session, number)]


@cli.command()
@click.argument("number")
@click.option("--bounds", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="锁定与上下限，每行：区域 类别 锁定|至少|至多 数量；默认保留现有的。")
@click.option("--laboratories", is_flag=True, help="同时按范围和能力安排承检机构。")
@pass_console
def allocate(console: Console, number: str, bounds: Path | None, laboratories: bool) -> int:
    """把草案的两个边际分配到格和季度；边际在网页上或经接口设置。有批次无处检验时退出码为 1。"""
    actor = console.operator
    with console.database.write(actor) as session:
        plan = service.by_code(session, number)
        given = _bounds(bounds.read_text(encoding="utf-8-sig")) if bounds else service.bounds_of(plan)
        service.allocate_cells(session, actor, plan.id, version=plan.version_id, bounds=given)
        left = service.assign_laboratories(session, actor, plan.id, version=plan.version_id) if laboratories else []
        click.echo(f"已分配  {len(plan.cells)} 格  {plan.total} 批次  {service.digest_of(plan)}")
    for name, quarter, n in left:
        click.echo(f"未能安排检验机构  {name}  第{quarter}季度  {n}", err=True)
    return 1 if left else 0


def _bounds(text: str) -> list[rules.Bound]:
    try:
        found: list[rules.Bound] = AllocateIn().load({"bounds": text})["bounds"]
    except ValidationError as error:
        messages = error.messages_dict.get("bounds", ["格式不对"])
        raise Invalid("invalid", "锁定与上下限有误：%(what)s。", what="；".join(map(str, messages))) from None
    return found

"""hengjian plan annual: look at annual inspection plans and their tasks at the server, check what was frozen."""

from __future__ import annotations

import click

from inspection.cli.console import Console, pass_console
from inspection.plans.annual import rules, service
from inspection.plans.annual.models import CheckPlan, CheckTask
from inspection.plans.annual.schemas import lines


@click.group()
def annual() -> None:
    """年度抽查计划和抽查任务：列出、查看、核对。"""


@annual.command("list")
@click.option("--year", type=int, help="只列某一年度。")
@pass_console
def list_(console: Console, year: int | None) -> None:
    """列出年度抽查计划，最新的在前。"""
    with console.database.read(console.operator) as session:
        query = service.listing().order_by(CheckPlan.code.desc())
        for plan in session.scalars(query.where(CheckPlan.year == year) if year else query):
            click.echo(f"{plan.code}\t{rules.STATES[plan.state]}\t{len(service.live_tasks(plan))} 项任务\t{plan.title}")


@annual.command()
@click.option("--year", type=int, help="只列某一年度。")
@pass_console
def tasks(console: Console, year: int | None) -> None:
    """列出抽查任务（含临时任务），最新的在前。"""
    with console.database.read(console.operator) as session:
        query = service.tasks(session).order_by(CheckTask.id.desc())
        for task in session.scalars(query.where(CheckTask.year == year) if year else query):
            days = f"{task.period_from} 至 {task.period_to}"
            click.echo(f"{task.code}\t{rules.TASK_STATES[task.state]}\t{rules.CHECK_KINDS[task.check_kind]}\t{days}\t{task.n_objects} 户\t{task.title}")


@annual.command()
@click.argument("number")
@pass_console
def show(console: Console, number: str) -> None:
    """查看一个年度抽查计划：任务、比例表、各版本的摘要。"""
    with console.database.read(console.operator) as session:
        plan = service.by_code(session, number)
        click.echo(f"{plan.code}  {plan.title}（第 {plan.version} 版，{rules.STATES[plan.state]}）\n{plan.document_number}\n{plan.scope}")
        for task in plan.tasks:
            click.echo(f"任务  {task.code}  {rules.TASK_STATES[task.state]}  {task.n_objects} 户  {task.title}")
        for table in service.tables_of(plan):
            click.echo(f"比例表  {rules.MATTER_KINDS[table.matter_kind]}  {rules.DIMENSIONS[table.dimension]}\n{lines(table)}")
        for frozen in service.versions(session, plan.id):
            click.echo(f"版本  {frozen.version}  {frozen.approved_by_name}  {frozen.digest}  {frozen.reason}")


@annual.command()
@click.argument("number")
@pass_console
def check(console: Console, number: str) -> int:
    """核对一个年度抽查计划：比例表的规则、各冻结版本的摘要；有误退出码为 1。"""
    with console.database.read(console.operator) as session:
        plan = service.by_code(session, number)
        faults = service.recheck(session, plan)
        frozen = service.newest_version(session, plan.id)
        click.echo(f"{'FAULT' if faults else 'OK'}  annual plan {plan.code}  {frozen.digest if frozen else '-'}")
        for fault in faults:
            click.echo(f"  {fault}")
    return 1 if faults else 0

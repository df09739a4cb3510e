"""hengjian user: accounts, their roles and passwords, for the first day and for emergencies."""

from __future__ import annotations

import sys

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection.auth import service
from inspection.auth.models import Account
from inspection.auth.roles import ROLE_LABELS, Role
from inspection.cli.console import Console, pass_console
from inspection.errors import NotFound

ROLES = click.Choice([role.value for role in Role])


@click.group()
def user() -> None:
    """账户：新建、授岗、重置口令、停用、列出。

    岗位：planner 计划员 · draw_officer 双随机管理员 · inspector 检查人员 · sampler 抽样人员 · lab_entry/lab_review/lab_sign
    检验机构录入/审核/签发 · case_officer 核查处置 · leader 审批领导 · publisher 公布专员 · system_admin/security_admin/audit_admin
    系统/安全/审计管理员 · auditor 审计/纪检。
    """


def scope_options(function: click.decorators.FC) -> click.decorators.FC:
    """--role (several), --region, --lab, --inspector, --department."""
    for option in (
        click.option("--department", default="", help="职能部门代码。"),
        click.option("--inspector", "inspector_id", type=int, help="本人在检查人员名录中的编号。"),
        click.option("--lab", "lab_id", type=int, help="所属检验机构的编号。"),
        click.option("--region", "region_code", default="", help="管辖区划代码（GB/T 2260）；空为全部。"),
        click.option("--role", "roles", multiple=True, type=ROLES, help="岗位，可重复；互斥的岗位会被拒绝。"),
    ):
        function = option(function)
    return function


def _given(roles: tuple[str, ...], region_code: str, lab_id: int | None, inspector_id: int | None, department: str) -> service.Grant:
    return service.Grant(frozenset(roles), region_code, lab_id, inspector_id, department)


@user.command()
@click.argument("login")
@click.option("--name", required=True, help="姓名。")
@click.option("--password-stdin", is_flag=True, help="从标准输入读首次口令；否则随机生成并显示一次。")
@scope_options
@pass_console
def add(
    console: Console,
    /,
    login: str,
    name: str,
    password_stdin: bool,
    roles: tuple[str, ...],
    region_code: str,
    lab_id: int | None,
    inspector_id: int | None,
    department: str,
) -> None:
    """新建账户，可同时授岗；首次登录必须改口令。"""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    given = _given(roles, region_code, lab_id, inspector_id, department)
    with console.database.write(console.operator) as session:
        account, secret = service.create_account(session, console.operator, login=login, name=name, password=password)
        if given.roles:
            service.grant(session, console.operator, account.id, given)
    click.echo(f"账户 {account.login}（{account.name}）已建立。")
    if password is None:
        click.echo(f"首次口令（只显示这一次）：{secret}")


@user.command()
@click.argument("login")
@scope_options
@pass_console
def grant(
    console: Console,
    /,
    login: str,
    roles: tuple[str, ...],
    region_code: str,
    lab_id: int | None,
    inspector_id: int | None,
    department: str,
) -> None:
    """设定账户的全部岗位和范围（取代原有的）；本人须重新登录。"""
    with console.database.write(console.operator) as session:
        given = _given(roles, region_code, lab_id, inspector_id, department)
        account = service.grant(session, console.operator, _account(session, login).id, given)
        labels = "、".join(ROLE_LABELS[Role(code)] for code in sorted(account.role_codes))
    click.echo(f"{account.login} 的岗位：{labels or '无'}。")


@user.command()
@click.argument("login")
@pass_console
def reset(console: Console, /, login: str) -> None:
    """重置口令：生成一次性口令，所有会话立即结束。"""
    with console.database.write(console.operator) as session:
        secret = service.reset_password(session, console.operator, _account(session, login).id)
    click.echo(f"一次性口令（只显示这一次）：{secret}")


@user.command("list")
@pass_console
def list_accounts(console: Console, /) -> None:
    """列出账户：登录名、姓名、岗位、区划、状态。"""
    with console.database.read(console.operator) as session:
        for account in session.scalars(select(Account).order_by(Account.login)):
            roles = "、".join(ROLE_LABELS[Role(code)] for code in sorted(account.role_codes)) or "无岗位"
            state = "已停用" if account.disabled_at else "在用"
            click.echo("\t".join((account.login, account.name, roles, account.region_code or "全部", state)))


@user.command()
@click.argument("login")
@pass_console
def disable(console: Console, /, login: str) -> None:
    """停用账户：不能登录，会话立即结束；历史记录保留姓名。"""
    _switch(console, login, disabled=True)
    click.echo(f"{login} 已停用。")


@user.command()
@click.argument("login")
@pass_console
def enable(console: Console, /, login: str) -> None:
    """恢复已停用的账户。"""
    _switch(console, login, disabled=False)
    click.echo(f"{login} 已恢复。")


def _switch(console: Console, login: str, *, disabled: bool) -> None:
    with console.database.write(console.operator) as session:
        service.set_disabled(session, console.operator, _account(session, login).id, disabled=disabled)


def _account(session: Session, login: str) -> Account:
    found = service.find(session, login)
    if found is None:
        raise NotFound("account-not-found", "没有登录名为 %(login)s 的账户。用 hengjian user list 查看全部。", login=login)
    return found

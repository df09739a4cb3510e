"""Proof of who sits at the server: steps of two people ask for an account's password, not for the login of the machine."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from inspection.actor import Actor
from inspection.auth import secrets, service
from inspection.auth.roles import Permission
from inspection.cli.console import Console
from inspection.errors import Forbidden

ADDRESS = "cli"


def proof_options(function: click.decorators.FC) -> click.decorators.FC:
    """--login and --password-stdin."""
    for option in (
        click.option("--password-stdin", is_flag=True, help="从标准输入读：第一行口令，第二行动态码（没有可省）；否则逐项询问。"),
        click.option("--login", required=True, help="办理人的登录名；以此人的岗位办理，须输入其口令和动态码。"),
    ):
        function = option(function)
    return function


def prove(console: Console, login: str, password_stdin: bool, *permissions: Permission) -> Actor:
    """The account as an actor, once its password and second factor are right and it may do this.

    Wrong attempts count like those of the sign-in page; the session opened for the check is ended at once.
    """
    with console.database.read() as session:
        account = service.find(session, login)
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else click.prompt(f"{login} 的口令", hide_input=True, err=True)
    code = ""
    if account is not None and account.totp_sealed is not None:
        code = sys.stdin.readline().strip() if password_stdin else click.prompt("动态码", err=True)
    right = secrets.password_matches(account.password_hash if account else None, password)
    given = service.Credentials(login, "", code, ADDRESS, "hengjian")
    with console.database.write() as session:
        token = service.sign_in(session, given, account, right, console.settings)
    if token is None:
        raise Forbidden("wrong-credentials", service.WRONG)
    return _opened(console, token, permissions)


def _opened(console: Console, token: str, permissions: tuple[Permission, ...]) -> Actor:
    with console.database.write() as session:
        found = service.resume(session, token, console.settings, address=ADDRESS, request_id="")
        service.end_session(session, secrets.digest(token), "cli")
    if found is None or found.must_change_password:
        raise Forbidden("must-change-password", "该账户须先在网页上登录并更换口令，然后再用命令行办理。")
    if not any(found.actor.can(permission) for permission in permissions):
        raise Forbidden("not-permitted", "该账户的岗位无权办理此事。如工作需要，请联系安全管理员调整岗位。")
    return replace(found.actor, via="cli")

"""hengjian init, hengjian migrate: the first day, and the day of an upgrade."""

from __future__ import annotations

import json
import os
import secrets
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
from alembic import command
from sqlalchemy import func, inspect, select

from inspection import migrate as migrations
from inspection.actor import Actor
from inspection.calendar import service as calendar
from inspection.cli.console import DEFAULT_CONFIG, Console, pass_console
from inspection.db import Database
from inspection.errors import Refused
from inspection.rulebook import service as rulebook
from inspection.settings import Settings
from inspection.tables import metadata


@click.command()
@click.option("--dir", "folder", type=click.Path(path_type=Path), default=Path("var"), show_default=True, help="数据目录。")
@click.option("--database-url", default="", help="数据库地址；默认为数据目录里的 SQLite。PostgreSQL：postgresql://用户@主机/库。")
@click.option("--office-name", default="市场监督管理局", show_default=True, help="机关名称，印在文书上。")
@click.option("--office-contact", default="", help="文书和公示页上的联系人（科室或姓名）。")
@click.option("--office-phone", default="", help="文书和公示页上的联系电话。")
@click.option("--public-url", default="", help="浏览器里的地址，印在二维码里；默认 http://监听地址。")
@click.option("--plain-http", is_flag=True, help="内网明文方式（没有 TLS 证书时）；区别见 docs/operations.md。")
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="监听地址。")
@click.option("--demo", type=click.Choice(["county"]), help="装入一个县的演示数据和每个岗位的账户，可以马上试用；不得用于正式工作。")
@click.option("--token", "only_token", is_flag=True, help="只重新取得首次设置令牌（设置文件已有，还没有任何账户）。")
@pass_console
def init(console: Console, /, folder: Path, only_token: bool, demo: str | None, **chosen: Any) -> None:
    """写设置文件（含新生成的钥匙），建数据目录和数据库，给出首次设置令牌。

    设置文件已存在或数据库已有账户时拒绝，不覆盖任何东西。
    """
    if only_token:
        click.echo(f"首次设置令牌（只显示这一次，一天内有效）：{_setup_token(console.database, console.operator)}")
        return
    path = Path(console.config or DEFAULT_CONFIG).absolute()
    if path.exists():
        raise Refused("config-exists", "设置文件 %(path)s 已存在，不覆盖。要另建一套，请用 --config 指定新文件名。", path=path)
    folder = folder.absolute()
    values = {
        "secret_key": secrets.token_urlsafe(48),
        "draw_key": secrets.token_urlsafe(48),
        "data_dir": str(folder),
        **chosen,
        **({"demo": True, "office_name": f"{chosen['office_name']}（演示）"} if demo else {}),
        "public_url": chosen["public_url"] or f"http://{chosen['bind']}",
        "database_url": chosen["database_url"] or f"sqlite:///{folder / 'hengjian.sqlite'}",
    }
    settings = Settings.of(values)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.database_url)
    _refuse_if_used(database)
    write_config(path, values)
    console.config = str(path)
    click.echo(f"设置文件：{path}（内含钥匙，请与备份分开保管）")
    click.echo(f"数据目录：{folder}")
    if demo:
        _load_county(database, settings, path)
        return
    bring_up(database, console.operator)
    token = _setup_token(database, console.operator)
    click.echo(f"首次设置令牌（只显示这一次，一天内有效）：{token}")
    click.echo(f"下一步：hengjian --config {path} serve，然后打开 {settings.public_url}/account/setup")


def _load_county(database: Database, settings: Settings, config: Path) -> None:
    from inspection.demo import county, people

    click.echo("装入演示县……")
    password = county.build(database, settings)
    click.echo("账户：" + "、".join(f"{login} {name.removeprefix('演示·')}" for login, name, _ in people.PEOPLE))
    click.echo(f"一次性口令（只显示这一次，首次登录须修改）：{password}")
    click.echo(f"下一步：hengjian --config {config} serve，然后打开 {settings.public_url}，用 jihua 登录")


def _refuse_if_used(database: Database) -> None:
    accounts = metadata().tables["accounts"]
    with database.engine.connect() as connection:
        if inspect(connection).has_table("accounts") and connection.scalar(select(func.count()).select_from(accounts)):
            raise Refused("database-in-use", "数据库里已有账户。请使用它原来的设置文件；新钥匙打不开旧的密值。")


def write_config(path: Path, values: dict[str, Any]) -> None:
    """A TOML file readable by its owner only, never over an existing one."""
    known = [field.name for field in fields(Settings)]
    lines = ["# 衡鉴设置。每一项的说明见 docs/settings.md；环境变量 HENGJIAN_… 优先于本文件。", ""]
    lines += [f"{name} = {json.dumps(values[name], ensure_ascii=False)}" for name in known if name in values]
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def bring_up(database: Database, actor: Actor) -> None:
    """Migrate, then enter the packaged calendar and rules that are not there yet."""
    migrations.upgrade(database)
    with database.write(actor) as session:
        calendar.load_packaged(session, actor)
        rulebook.load_packaged(session, actor)


def _setup_token(database: Database, actor: Actor) -> str:
    from inspection.auth import service as auth

    with database.write(actor) as session:
        return auth.create_setup_token(session)


@click.command()
@click.option("--down", metavar="REV", help="退回到某个版本（base 为清空）；先备份。")
@click.option("--sql", is_flag=True, help="只打印 SQL，不执行。")
@click.option("--check", "only_check", is_flag=True, help="只比较版本；不一致时退出码为 1。")
@click.option("--yes", is_flag=True, help="退回时不再询问。")
@pass_console
def migrate(console: Console, down: str | None, sql: bool, only_check: bool, yes: bool) -> int:
    """把数据库升到本软件的版本；全部成功或全部不变。"""
    before, head = migrations.current(console.new_database), migrations.head()
    if only_check:
        click.echo(f"数据库 {before or '空'}，软件 {head}")
        return 0 if before == head else 1
    if sql:
        if down is not None:
            migrations.known(down)
        print_sql(console.new_database, before, down)
        return 0
    if down is not None:
        migrations.known(down)
        if not yes:
            click.confirm(f"将从 {before} 退回到 {down}，较新的表和列会被删除。已经备份了吗？", abort=True)
        migrations.downgrade(console.new_database, down)
    else:
        bring_up(console.new_database, console.operator)
    click.echo(f"{before or '空'} → {migrations.current(console.new_database) or '空'}")
    return 0


def print_sql(database: Database, before: str | None, down: str | None) -> None:
    """The statements of a migration, for a database administrator who runs them by hand."""
    if database.is_sqlite:
        for statement in migrations.rehearse(before, down or "head", down=down is not None):
            click.echo(f"{statement};")
        return
    made = migrations.config()
    made.output_buffer = sys.stdout
    made.attributes["dialect"] = "postgresql"
    if down is None:
        command.upgrade(made, f"{before or 'base'}:head", sql=True)
    else:
        command.downgrade(made, f"{before or 'base'}:{down}", sql=True)

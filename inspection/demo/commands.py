"""`hengjian demo`: the demonstration on the command line, then the application serving it."""

from __future__ import annotations

import json
import os
import secrets
import time
from pathlib import Path

import click

from inspection.db import Database
from inspection.demo import run
from inspection.settings import Settings
from inspection.tables import metadata

OFFICE = "盐城市市场监督管理局（演示）"


@click.command("demo")
@click.option("--dir", "folder", default="var/demo", show_default=True, help="产品和演示数据库的目录；重新运行时清空重做。")
@click.option("--once", is_flag=True, help="做完即退出，不启动服务。")
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="服务地址。")
def cli(folder: str, once: bool, bind: str) -> None:
    """跑完整个主业务：名录、计划、检验、通告、抽取、通知书，写出产品；然后提供服务。"""
    target = Path(folder)
    started = time.monotonic()
    earlier = run.finished(target)
    if earlier is None or once:
        run.prepare(target)
        settings = _settings(target, bind)
        metadata()
        database = Database(settings.database_url)
        made = run.Demonstration(settings, database, target, click.echo)
        password = made.run()
        database.dispose()
        (target / run.DONE).write_text(json.dumps({"made": made.made}, ensure_ascii=False), encoding="utf-8")
        click.echo(f"完成，用时 {time.monotonic() - started:.0f} 秒。产品在 {target}/：")
        for name in made.made:
            click.echo(f"  {name}")
        click.echo(f"核验抽取：python -m sampling verify {target}/draw-2026-001.zip")
        click.echo(f"登录名：jihua 计划员 · chouqu 双随机管理员 · lingdao 领导 · gongbu 公布 · jiancha1 检查 · luru 录入 · jijian 纪检；口令（只显示一次）：{password}")
    else:
        click.echo(f"演示数据已在 {target}/（要重做请运行 make demo ONCE=1）。")
    if not once:
        _serve(target, bind)


def _config(target: Path) -> Path:
    return target / "hengjian.toml"


def _settings(target: Path, bind: str) -> Settings:
    """Settings of a throw-away installation, with keys of its own, marked as a demonstration."""
    text = "".join(
        f"{name} = {json.dumps(value, ensure_ascii=False)}\n"
        for name, value in {
            "secret_key": secrets.token_urlsafe(48),
            "draw_key": secrets.token_urlsafe(48),
            "database_url": f"sqlite:///{(target / 'hengjian.sqlite').absolute()}",
            "data_dir": str(target.absolute() / "data"),
            "office_name": OFFICE,
            "office_contact": "双随机办公室（演示）",
            "office_phone": "0515-00000000（演示，非真实号码）",
            "public_url": f"http://{bind}",
            "bind": bind,
            "demo": True,
        }.items()
    )
    _config(target).write_text(text, encoding="utf-8")
    _config(target).chmod(0o600)
    return Settings.from_env({"HENGJIAN_CONFIG": str(_config(target))})


def _serve(target: Path, bind: str) -> None:
    import sys

    click.echo(f"服务在 http://{bind} ，按 Ctrl+C 停止。")
    os.environ["HENGJIAN_CONFIG"] = str(_config(target).absolute())
    os.execv(sys.executable, [sys.executable, "-m", "inspection.cli", "serve"])

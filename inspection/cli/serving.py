"""hengjian serve, hengjian worker: the web and the jobs, together on one host or each where it belongs."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import replace

import click
from honcho import manager
from honcho.printer import Printer

from inspection.app import configure_log
from inspection.backup import require_current
from inspection.cli.console import Console, pass_console
from inspection.jobs import queue

STOP_SECONDS = 40  # longer than gunicorn's graceful_timeout and the worker's last step


@click.command()
@click.option("--bind", default="", help="监听地址，默认取设置 bind。")
@click.option("--web-only", is_flag=True, help="只启动网页服务（后台任务在别处运行 hengjian worker）。")
@pass_console
def serve(console: Console, bind: str, web_only: bool) -> int:
    """启动网页服务和后台任务，一个命令、一个窗口；Ctrl-C 停止。

    任何一方意外退出，另一方随之停止，由 systemd 重新启动。
    """
    settings = replace(console.settings, bind=bind or console.settings.bind)
    settings.check()
    require_current(console.database)
    console.database.dispose()
    environment = {**os.environ, **({"HENGJIAN_BIND": bind} if bind else {})}
    web = [sys.executable, "-m", "gunicorn", "-c", "python:inspection.gunicorn_settings", "wsgi:app"]
    if web_only:
        os.execve(sys.executable, web, environment)
    manager.KILL_WAIT = STOP_SECONDS
    both = manager.Manager(Printer(sys.stderr))
    both.add_process("web", "exec " + shlex.join(web), env=environment)
    both.add_process("jobs", "exec " + shlex.join([sys.executable, "-m", "inspection.cli", "worker"]), env=environment)
    click.echo(f"衡鉴已启动：{settings.public_url}（监听 {settings.bind}）。Ctrl-C 停止。", err=True)
    both.loop()
    return 0 if both.returncode in {0, 130, 143, -2, -15} else 1


@click.command()
@pass_console
def worker(console: Console) -> int:
    """只运行后台任务；可在多台主机上各运行一个，任务不会重复。

    TERM 信号：做完当前一步后停止，未完的任务由下一个 worker 接着做。
    """
    require_current(console.database)
    configure_log(console.settings.log_level)
    queue.work(console.database, console.settings)
    return 0

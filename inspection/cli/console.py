"""What every command holds: the settings, the database, and who acts."""

from __future__ import annotations

import getpass
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import click
from click.termui import progressbar
from sqlalchemy import make_url

from inspection.actor import Actor
from inspection.auth.roles import Permission
from inspection.db import Database
from inspection.errors import NotFound
from inspection.settings import Settings
from inspection.tables import metadata

DEFAULT_CONFIG = "hengjian.toml"


class Console:
    """One run of the command line; opens settings and database when first asked."""

    def __init__(self, config: str = "") -> None:
        self.config = config or (DEFAULT_CONFIG if Path(DEFAULT_CONFIG).is_file() else "")

    @cached_property
    def settings(self) -> Settings:
        if self.config:
            os.environ["HENGJIAN_CONFIG"] = str(Path(self.config).absolute())
        return Settings.from_env()

    @cached_property
    def database(self) -> Database:
        """The database that is there: a path that was mistyped makes no empty one."""
        path = Path(make_url(self.settings.database_url).database or "")
        if self.settings.is_sqlite and not path.exists():
            raise NotFound("database-missing", "没有数据库文件 %(path)s。请核对设置 database_url；第一次使用请运行 hengjian init。", path=path)
        return self.new_database

    @cached_property
    def new_database(self) -> Database:
        """The same for a command that may make it."""
        metadata()  # every table is known, whichever stage a command belongs to
        return Database(self.settings.database_url)

    @property
    def operator(self) -> Actor:
        """The person at the server: named by the login of the system, may do everything, and every act is in the trail."""
        name = f"命令行 {_system_user()}@{socket.gethostname()}"[:100]
        return Actor(id=0, name=name, permissions=frozenset(p.value for p in Permission), via="cli")


def _system_user() -> str:
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


pass_console = click.make_pass_decorator(Console)


def _shown(item: object) -> str:
    return str(item or "")


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on the terminal for work that tells (name, done, total); silent when the output is no terminal."""
    with progressbar(length=1000, label=label, file=sys.stderr, item_show_func=_shown) as bar:

        def tell(name: str, done: int, total: int) -> None:
            target = 1000 if not total else min(1000, done * 1000 // total)
            bar.update(max(0, target - bar.pos), name)

        yield tell

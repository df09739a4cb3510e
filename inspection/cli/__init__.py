"""命令行 hengjian: the same services as the web, for the person at the server.

Commands are loaded when they are named: those of this package, and ``cli`` of ``inspection.<stage>.commands`` where a stage
offers one. Exit codes: 0 done · 1 a check found something · 2 wrong input or settings · 3 not found · 4 refused · 5 not
permitted · 6 changed by somebody else · 7 database or disk unavailable · 70 internal error · 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

import click
import structlog
from sqlalchemy.exc import DatabaseError, IntegrityError

from inspection.cli import wording
from inspection.cli.console import Console
from inspection.errors import DomainError
from inspection.settings import SettingsError

OWN = {
    "init": "inspection.cli.setup:init",
    "migrate": "inspection.cli.setup:migrate",
    "serve": "inspection.cli.serving:serve",
    "worker": "inspection.cli.serving:worker",
    "user": "inspection.cli.accounts:user",
    "audit": "inspection.cli.trail:audit",
    "backup": "inspection.cli.safekeeping:backup",
    "restore": "inspection.cli.safekeeping:restore",
    "doctor": "inspection.cli.health:doctor",
    "jobs": "inspection.cli.background:jobs",
}
STAGE = {
    "demo": "inspection.demo.commands:cli",
    "import": "inspection.registers.commands:cli",
    "plan": "inspection.plans.commands:cli",
    "draw": "inspection.draws.commands:cli",
    "bulletin": "inspection.publications.commands:cli",
}
LATER = {"draw": ("inspection.visits.commands:notices",)}  # words of a later stage in the group of an earlier one
UNAVAILABLE, INTERNAL, INTERRUPTED = 7, 70, 130


class Root(click.Group):
    """The group of all commands, each imported only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*OWN, *(name for name, place in STAGE.items() if _exists(place))])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = OWN.get(cmd_name) or STAGE.get(cmd_name, "")
        if not place or not _exists(place):
            return None
        command = _load(place)
        if isinstance(command, click.Group):
            for later in LATER.get(cmd_name, ()):
                command.add_command(_load(later))
        return command


def _load(place: str) -> click.Command:
    module, _, attribute = place.partition(":")
    command: click.Command = getattr(import_module(module), attribute)
    return command


def _exists(place: str) -> bool:
    module = place.partition(":")[0]
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--config",
    "config",
    envvar="HENGJIAN_CONFIG",
    metavar="FILE",
    help="设置文件（TOML）；默认取环境变量 HENGJIAN_CONFIG，其次当前目录的 hengjian.toml。",
)
@click.pass_context
def root(ctx: click.Context, config: str | None) -> None:
    """衡鉴：双随机抽查、抽样检验、判定与公示。

    首次使用：hengjian init，然后 hengjian serve。查错：hengjian doctor。
    """
    os.umask(0o077)  # whatever a command writes is for the service alone
    ctx.obj = Console(config or "")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; give its exit code. Errors go to standard error in Chinese, without a traceback."""
    try:
        found = root.main(args=None if argv is None else list(argv), prog_name="hengjian", standalone_mode=False)
        return found if isinstance(found, int) else 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "")
        return 0
    except click.UsageError as error:
        place = error.ctx.command_path if error.ctx else "hengjian"
        return _fail(2, f"用法有误：{wording.of_usage(error)}\n查看用法：{place} --help")
    except click.ClickException as error:
        return _fail(2, error.format_message())
    except (click.Abort, KeyboardInterrupt):
        return _fail(INTERRUPTED, "已中止。")
    except SettingsError as error:
        return _fail(2, str(error))
    except DomainError as error:
        lines = [error.message, *(f"  {name}：{'；'.join(messages)}" for name, messages in error.fields.items())]
        return _fail(error.exit_code, "\n".join(lines))
    except DatabaseError as error:
        return _fail(INTERNAL if isinstance(error, IntegrityError) else UNAVAILABLE, wording.of_database(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _fail(UNAVAILABLE, f"文件或网络操作失败：{error}。请检查路径、权限和磁盘空间，然后重试。")
    except Exception as error:
        if os.environ.get("HENGJIAN_LOG_LEVEL", "").upper() == "DEBUG":
            structlog.get_logger("hengjian.cli").exception("unexpected")
        return _fail(INTERNAL, f"内部出错（{type(error).__name__}：{error}）。设置 HENGJIAN_LOG_LEVEL=DEBUG 再运行一次，可见完整经过。")


def _fail(code: int, message: str) -> int:
    click.echo(message, err=True)
    return code

"""What the command line says when something was typed wrongly or the database does not answer, in Chinese."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy.exc import DatabaseError, IntegrityError

# what a part of the driver's own message means, and what to do about it
DATABASE = (
    (("no such table", "does not exist"), "库里没有本软件的表（{why}）。请核对设置 database_url；新库请先运行 hengjian migrate，恢复备份请用 hengjian restore"),
    (("not a database", "malformed"), "文件不是数据库或已损坏（{why}）。请核对设置 database_url，或从备份恢复（hengjian restore）"),
    (("locked", "busy"), "另一个程序正占用着数据库（{why}）。请关闭直接打开数据库文件的程序，稍候重试"),
    (("readonly", "read-only", "permission denied"), "数据库只读（{why}）。请把文件和目录的属主改为运行服务的用户"),
    (("full", "No space"), "磁盘已满（{why}）。请清理磁盘后重试"),
)
PATHS = {"does not exist": "不存在", "is a file": "是文件，不是目录", "is a directory": "是目录，不是文件", "is not readable": "没有读取权限", "is not writable": "没有写入权限"}


def of_database(error: DatabaseError) -> str:
    """Why the database failed and the cure, in one line."""
    why = (str(error.orig).splitlines() or [type(error).__name__])[0]
    if isinstance(error, IntegrityError):
        return f"内部出错：数据之间不一致，没有写入（{why}）。请把这一行告诉维护人员。"
    for signs, cure in DATABASE:
        if any(sign in why for sign in signs):
            return f"数据库不可用：{cure.format(why=why)}。"
    return f"数据库不可用：{why}。请确认数据库已启动、地址和权限正确、磁盘未满，然后重试。"


def of_usage(error: click.UsageError) -> str:
    """What was typed wrongly."""
    parameter: Any = getattr(error, "param", None)
    name = parameter.get_error_hint(error.ctx) if parameter is not None and error.ctx is not None else ""
    match error:
        case click.NoSuchOption():
            return f"没有选项 {error.option_name}。"
        case click.MissingParameter():
            return f"缺少参数 {name}。"
        case click.BadParameter():
            return f"参数 {name} 的值不对（{_of_value(error.message, getattr(parameter, 'type', None))}）。"
    if type(error).__name__ == "NoSuchCommand":
        return f"没有命令 {getattr(error, 'command_name', '')}。"
    return error.format_message()


def _of_value(said: str, kind: Any) -> str:
    """Click's own message about a value, or the command's."""
    match kind:
        case click.Choice():
            return f"应为 {'、'.join(map(str, kind.choices))} 之一"
        case click.IntRange():
            return f"应为 {kind.min if kind.min is not None else '…'} 至 {kind.max if kind.max is not None else '…'} 的整数"
        case click.Path():
            named = said.split("'")[1] if said.count("'") >= 2 else ""
            return next((f"{named} {words}" for sign, words in PATHS.items() if sign in said), said)
    if "is not a valid integer" in said:
        return "应为整数"
    return "应为数字" if "is not a valid float" in said else said

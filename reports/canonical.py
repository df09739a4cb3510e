"""规范 JSON: one and only one byte string for a content, and back.

Contents are frozen dataclasses of text, integers, truth values, dates, other contents and tuples of these. Floating point
is refused: a number that is printed is already text, a number that is counted is an integer.
"""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from reports.errors import ReportError

Content = TypeVar("Content")


def plain(value: Any, path: str = "$") -> Any:
    """The value as JSON types; raises ``content-type`` naming the path of anything else."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain(item, f"{path}[{index}]") for index, item in enumerate(value)]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name), f"{path}.{field.name}") for field in fields(value)}
    raise ReportError("content-type", f"{path} 是 {type(value).__name__}，文书内容只能是文字、整数、日期和它们的组合。")


def encode(tree: Any) -> bytes:
    """Canonical bytes of JSON types: keys in order of code points, no blanks, UTF-8, no floats."""
    try:
        text = json.dumps(tree, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ReportError("content-surrogate", "文书内容含有孤立的代理字符，无法写成 UTF-8；请改正来源数据。") from error


def parse(data: bytes) -> dict[str, Any]:
    """JSON bytes as a mapping; duplicate keys, floats and anything but an object are refused."""
    try:
        tree = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_float=_no_float, parse_constant=_no_float)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ReportError("content-json", f"文书内容不是有效的 JSON（{error}）；文件可能被截断或改写。") from error
    if not isinstance(tree, dict):
        raise misfit("$", "一组名称与值", tree)
    return tree


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        raise ReportError("content-json", "文书内容中有重复的字段名，无法判断以哪一个为准。")
    return tree


def _no_float(text: str) -> Any:
    raise ReportError("content-json", f"文书内容中有小数 {text}；数字应为整数，或写成印出的文字。")


def digest(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


@lru_cache(maxsize=256)
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(kind)


def build(kind: type[Content], tree: Any, path: str = "$") -> Content:
    """Build a dataclass from JSON types.

    Raises
    ------
    ReportError
        ``content-shape`` naming the path of the first value that does not fit, is missing or is not known.
    """
    if not isinstance(tree, Mapping):
        raise misfit(path, "一组名称与值", tree)
    hints = _hints(cast(Hashable, kind))
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(tree) - names):
        raise ReportError("content-shape", f"{path} 中有不认识的字段 {unknown[0]}；可能由更新版本的软件写成。")
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        if field.name in tree:
            values[field.name] = _value(hints[field.name], tree[field.name], f"{path}.{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ReportError("content-shape", f"{path} 缺少字段 {field.name}，文书内容不完整。")
    return kind(**values)


def misfit(path: str, wanted: str, found: Any) -> ReportError:
    """The error for a value of another type than the form asks for."""
    return ReportError("content-shape", f"{path} 应为{wanted}，实为 {type(found).__name__}。")


def _value(hint: Any, tree: Any, path: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        if tree is None and type(None) in get_args(hint):
            return None
        return _value(next(kind for kind in get_args(hint) if kind is not type(None)), tree, path)
    if origin is tuple:
        if not isinstance(tree, list):
            raise misfit(path, "列表", tree)
        return tuple(_value(get_args(hint)[0], item, f"{path}[{index}]") for index, item in enumerate(tree))
    if is_dataclass(hint) and isinstance(hint, type):
        return build(hint, tree, path)
    return _scalar(hint, tree, path)


def _scalar(hint: Any, tree: Any, path: str) -> Any:
    if hint is date:
        try:
            return date.fromisoformat(tree)
        except (TypeError, ValueError):
            raise misfit(path, "日期（YYYY-MM-DD）", tree) from None
    if type(tree) is not hint:
        raise misfit(path, {str: "文字", int: "整数", bool: "真或假"}.get(hint, str(hint)), tree)
    return tree

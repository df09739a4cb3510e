"""Rows of the registers by number, and the refusals when they are not there or were changed meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute, Session

from inspection.db import Base
from inspection.errors import Conflict, Forbidden, Invalid, NotFound
from inspection.registers.models import Region
from inspection.registers.rules import Fault
from inspection.scope import RegionScoped, covers

Row = TypeVar("Row", bound=Base)


def one(session: Session, model: type[Row], key: object, what: str) -> Row:
    """The row, if it is there and lies in the actor's region."""
    row = session.get(model, key)
    if row is None or not visible(session, row):
        raise NotFound("not-registered", "名录库中没有这条%(what)s，或它不在您的辖区。请检查编号。", what=what)
    return row


def visible(session: Session, row: Base) -> bool:
    """Whether a row lies in the actor's region: rows found by their key pass no filter of queries."""
    return not isinstance(row, RegionScoped) or covers(session.info.get("actor"), row.region_code)


def same_id(column: InstrumentedAttribute[str], code: str) -> ColumnElement[bool]:
    """Rows whose id is this one, also in other upper or lower case: two people must not be told apart by that alone."""
    return func.lower(column) == code.lower()


def in_reach(session: Session, region_code: str) -> None:
    """Refuse to write outside the actor's own region."""
    if not covers(session.info.get("actor"), region_code):
        raise Forbidden("outside-region", "行政区划 %(place)s 不在您的辖区内，不能登记。", place=region_code)


def place(session: Session, region_code: str) -> None:
    """Refuse a plan or a draw for a place that is not registered or not the actor's own."""
    if session.get(Region, region_code) is None:
        raise Invalid(
            "unknown-region", "行政区划 %(place)s 未登记。请核对代码，或先在名录库登记。", fields={"region_code": ["未登记"]}, place=region_code[:20]
        )
    if not covers(session.info.get("actor"), region_code):
        raise Forbidden("outside-region", "行政区划 %(place)s 不在您的辖区内，不能办理。", place=region_code)


def same_version(row: Any, version: int, wanted: Mapping[str, object], labels: Mapping[str, str]) -> None:
    """Refuse an edit of a row that somebody else changed since it was read, telling the fields that differ.

    Raises
    ------
    Conflict : with (label, yours, theirs) of every field that differs now.
    """
    if row.version_id == version:
        return
    changes = [
        (labels.get(name, name), _shown(value), _shown(getattr(row, name)))
        for name, value in wanted.items()
        if _shown(value) != _shown(getattr(row, name))
    ]
    raise Conflict("stale", "您读取之后，这条记录已被他人修改。请核对下列差异，刷新后再改。", changes=changes)


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case date():
            return value.isoformat()
        case list() | tuple():
            return "、".join(str(part) for part in value)
        case _:
            return str(value)


def refuse_faults(faults: Iterable[Fault]) -> None:
    """One `Invalid` with every fault by its field, or nothing."""
    fields: dict[str, list[str]] = {}
    for name, reason in faults:
        fields.setdefault(name, []).append(reason)
    if fields:
        first = next(iter(fields.values()))[0]
        raise Invalid("bad-entry", "%(first)s。请改正后重新保存。", fields=fields, first=first)


def place_name(session: Session, region_code: str) -> str:
    """A place as people read it: its name with its code."""
    row = session.get(Region, region_code)
    return f"{row.name}（{region_code}）" if row else region_code

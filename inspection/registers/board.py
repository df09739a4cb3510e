"""公布 of the registers: the list of check items 随机抽查事项清单 as the public sees it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from inspection import audit, clock, ledger
from inspection.actor import Actor
from inspection.errors import Refused
from inspection.registers.catalogue import check_items
from inspection.registers.entries import CHECK_KINDS
from inspection.registers.models import CheckItem
from reports import tables

BOARD, SUBJECT = "items", "check-items"
# the columns of the public list, in the order in which the offices print it
COLUMNS = {
    "code": "事项编码", "category": "类别", "name": "抽查事项", "kind": "事项类型", "basis": "抽查依据", "subject": "抽查主体",
    "target": "抽查对象", "ratio": "抽查比例", "frequency": "抽查频次", "method": "检查方式", "content": "内容及要求", "skills": "所需资格",
    "version": "版次", "valid_from": "施行日期",
}  # fmt: skip


def public_items(session: Session, on: date) -> list[dict[str, Any]]:
    """The items in force on a day as they are published."""
    return [_public(item) for item in check_items(session, on)]


def _public(item: CheckItem) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in COLUMNS}
    return audit.plain(values | {"kind": CHECK_KINDS[item.kind], "skills": "、".join(item.skills)})  # type: ignore[no-any-return]


def last_published(session: Session) -> ledger.Entry | None:
    """The list as it was made public last."""
    entries = ledger.of(session, BOARD, SUBJECT)
    return entries[-1] if entries else None


def unpublished(session: Session) -> bool:
    """Whether the list in force differs from the one the public can read."""
    last = last_published(session)
    return public_items(session, clock.today()) != (last.content["items"] if last else [])


def publish_check_items(session: Session, actor: Actor) -> ledger.Entry:
    """Make the list in force public, with a CSV of it; it replaces the one before, which stays readable.

    Raises
    ------
    Refused : `items-unchanged`, the public can read this very list already.
    """
    today = clock.today()
    items = public_items(session, today)
    last = last_published(session)
    if items == (last.content["items"] if last else []):
        raise Refused("items-unchanged", "抽查事项清单与已公布的相同，不必再公布。")
    rows = [[str(item[name]) for name in COLUMNS] for item in items]
    return ledger.publish(
        session,
        actor,
        board=BOARD,
        kind="items",
        subject=SUBJECT,
        title=f"随机抽查事项清单（{today.isoformat()}）",
        content={"on": today, "columns": list(COLUMNS.values()), "items": items},
        file=tables.to_csv(list(COLUMNS.values()), rows),
        file_name=f"随机抽查事项清单{today.isoformat()}.csv",
        file_type="text/csv; charset=utf-8",
        replaces_id=last.id if last else None,
    )

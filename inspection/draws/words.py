"""Words of the register offered for ticking: kinds of licences, trades, tags. A register may hold thousands, so a part at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.i18n import _
from inspection.registers.models import CheckItem, Enterprise, EnterpriseTag, Licence
from inspection.rulebook.rules import in_force

SHOWN = 200  # words at a time; more would only slow the page down
COLUMNS: dict[str, Any] = {"tags": EnterpriseTag.tag, "licence_kinds": Licence.kind, "industries": Enterprise.industry}


@dataclass(frozen=True, slots=True)
class Offer:
    """The words that hold what was typed, in order, as many as a page shows; `total` counts them all."""

    words: list[str]
    total: int

    def with_ticked(self, ticked: Iterable[str]) -> list[str]:
        """What is ticked stands first, whether it was found or not."""
        return list(dict.fromkeys((*ticked, *self.words)))


def offer(session: Session, name: str, find: str = "", after: str = "") -> Offer:
    """Words of the register of one kind, a key of `COLUMNS`; those after a word, to read on."""
    column = COLUMNS[name]
    query = select(column).where(column != "").distinct()
    if column is Enterprise.industry:
        query = query.where(Enterprise.merged_into_id.is_(None))
    if find:
        query = query.where(column.icontains(find, autoescape=True))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    part = query.where(column > after) if after else query
    return Offer(list(session.scalars(part.order_by(column).limit(SHOWN))), total)


def items(session: Session, ticked: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Items of the list in force today, by the name that they have now; and those ticked that are in force no more, said to be so."""
    versions: dict[str, list[Any]] = {}
    for row in session.execute(select(CheckItem.code, CheckItem.name, CheckItem.valid_from, CheckItem.valid_to).order_by(CheckItem.code)):
        versions.setdefault(row.code, []).append(row)
    found = {code: in_force(rows, clock.today()) for code, rows in versions.items()}
    gone = [(code, f"{code} {_('没有有效版本')}") for code in ticked if found.get(code) is None]
    return [(code, f"{code} {row.name}") for code, row in found.items() if row] + gone

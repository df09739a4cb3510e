"""The scope that a page or a request asks for, with what is left out filled in."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from inspection import clock
from inspection.errors import Invalid
from inspection.indicators.licensed.counting import Asked, kinds
from inspection.registers import found as registers


def scope_of(session: Session, given: dict[str, Any]) -> Asked:
    """Kinds of the rulebook on that day, or the one that was chosen.

    Raises
    ------
    Invalid : a day after today.  NotFound : no such region.
    """
    until = given["until"] or clock.today()
    if until > clock.today():
        raise Invalid("day-in-future", "截至日期不能晚于今天：还没有发生的检查无法统计。", fields={"until": ["不能晚于今天"]})
    if given["region_code"]:
        registers.place(session, given["region_code"])
    return Asked(until, (given["kind"],) if given["kind"] else kinds(session, until), given["region_code"])

"""What a visitor may ask the boards for, checked once for pages and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from inspection import keywords
from inspection.errors import Invalid
from inspection.portal.search import Wanted

LONGEST = 100


def wanted(given: Mapping[str, str], least: int = 2) -> Wanted:
    """The conditions q, department, item, draw, from, to; blanks, capitals and full width make no difference.

    Parameters
    ----------
    least : characters that a term must have; the index knows names by two.
    """
    text = {name: keywords.normal(given.get(name, "")) for name in ("q", "department", "item", "draw")}
    for name, value in text.items():
        if len(value) > LONGEST:
            raise Invalid("search-too-long", "查询词不能超过 100 个字。", fields={name: ["不能超过 100 个字"]})
    if 0 < len(text["q"]) < least:
        raise Invalid("search-too-short", "请至少输入名称中相连的两个字，或完整的代码。", fields={"q": ["至少两个字"]})
    first, last = _day(given, "from", "检查日期自"), _day(given, "to", "检查日期至")
    if first and last and last < first:
        raise Invalid("bad-period", "检查日期“至”早于“自”。请对调或清空其一。", fields={"to": ["早于“自”"]})
    return Wanted(text["q"], text["department"], text["item"], text["draw"], first, last)


def _day(given: Mapping[str, str], name: str, label: str) -> str:
    text = given.get(name, "").strip()
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise Invalid("bad-day", "“%(label)s”应为真实的日期，例如 2026-09-16。", label=label, fields={name: ["应为日期，例如 2026-09-16"]}) from None

"""Words by which a public fact is found 检索词: names in pieces of two characters, codes, departments, items, days. No database.

A name is found by any part of it: every two neighbouring characters are a word, so that an index finds what a pattern could
only find by reading every row.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

LONGEST = 200
Words = set[tuple[str, str]]


def normal(text: str) -> str:
    """One way to write a text: full width and half width, capitals and blanks make no difference.

    >>> normal("ＡＢ 西湖（二）店"), normal("ab西湖(二)店")
    ('AB西湖(二)店', 'AB西湖(二)店')
    """
    return "".join(unicodedata.normalize("NFKC", text).upper().split())[:LONGEST]


def pieces(text: str) -> set[str]:
    """Every two neighbouring characters of a normal text; a single character is its own piece.

    >>> sorted(pieces("西湖店")), pieces("店")
    (['湖店', '西湖'], {'店'})
    """
    return {text[at : at + 2] for at in range(max(1, len(text) - 1))} if text else set()


def of(content: Mapping[str, Any]) -> Words:
    """(field, word) of a public fact, and of the tasks it lists: name, part, code, department, item, draw, from, to.

    >>> sorted(of({"name": "西湖店", "visited_on": "2026-11-18"}))
    [('from', '2026-11-18'), ('name', '西湖店'), ('part', '湖店'), ('part', '西湖'), ('to', '2026-11-18')]
    """
    found: Words = set()
    for part in (content, *content.get("tasks", ())):
        names = _texts(part.get(key) for key in ("name", "plan_title", "task_title"))
        found |= {("name", name) for name in names} | {("part", piece) for name in names for piece in pieces(name)}
        found |= {("code", code) for code in _texts(part.get(key) for key in ("unit_code", "plan_code", "task_code"))}
        found |= {("department", name) for name in _texts([part.get("authority"), *part.get("departments", ())])}
        found |= {("item", word) for item in (*part.get("items", ()), *part.get("matters", ())) for word in _item(item)}
        found |= {("draw", number) for number in _texts([part.get("draw")])}
        found |= {("from", day) for day in _texts([part.get("visited_on") or part.get("period_from")])}
        found |= {("to", day) for day in _texts([part.get("visited_on") or part.get("period_to")])}
    return found


def _item(item: Any) -> set[str]:
    """Code and name of an item; a bare text is its name."""
    return _texts([item.get("code"), item.get("name")] if isinstance(item, Mapping) else [item])


def _texts(values: Iterable[Any]) -> set[str]:
    """The normal texts among some values, blanks and unknowns left out."""
    return {text for value in values if isinstance(value, str | Mapping) and (text := normal(_name(value)))}


def _name(value: str | Mapping[str, Any]) -> str:
    return value if isinstance(value, str) else str(value.get("name", ""))

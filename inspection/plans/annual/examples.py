"""Ratio tables that other offices published: dated data with their source, to start a table of one's own from.

What a source does not say stands as "?": the planner has to decide it, the table is refused until then.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

UNKNOWN, NONE = "?", "-"
FILE = files("inspection.plans.annual") / "data" / "ratio_tables.csv"


@dataclass(frozen=True, slots=True)
class Example:
    """比例表示例: as published, with what it leaves open; `verified` False for what was only remembered."""

    key: str
    title: str
    matter_kind: str
    dimension: str
    source: str
    verified: bool
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The rows as the form takes them."""
        return "\n".join(self.lines)


@cache
def examples() -> dict[str, Example]:
    """All tables by key, as they stand in the file."""
    rows: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(FILE.read_text(encoding="utf-8").splitlines()):
        rows.setdefault(row["key"], []).append(row)
    return {key: _example(key, found) for key, found in rows.items()}


def _example(key: str, rows: list[dict[str, str]]) -> Example:
    first = rows[0]
    return Example(
        key, first["title"], first["matter_kind"], first["dimension"], first["source"], all(row["mark"] == "FOUND" for row in rows),
        tuple(_line(row) for row in rows),
    )  # fmt: skip


def _line(row: dict[str, str]) -> str:
    upper = NONE if row["matter_kind"] == "key" else row["upper"] or UNKNOWN
    return " ".join([row["class"], row["ratio"] or UNKNOWN, row["floor"] or UNKNOWN, upper, row["per_year"] or NONE, row["frequency"]]).strip()

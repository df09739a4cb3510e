"""The hand-written table route × method × roles, read from tests/architecture/matrix/*.csv."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspection.auth.roles import Role

FOLDER = Path(__file__).parent / "matrix"
ROLES = tuple(role.value for role in Role)
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a method of a path and the words that stand beside it."""

    method: str
    path: str
    words: frozenset[str]
    file: str

    @property
    def public(self) -> bool:
        return "public" in self.words

    @property
    def step_up(self) -> bool:
        return "step-up" in self.words

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(ROLES) if self.words & {"public", "everyone"} else self.words - {"step-up"}

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def unsafe(self) -> bool:
        return self.method in UNSAFE


def rows() -> list[Row]:
    """Every row of every file."""
    found = []
    for file in sorted(FOLDER.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as text:
            found += [Row(row["method"], row["path"], frozenset(row["roles"].split()), file.name) for row in csv.DictReader(text)]
    return found


def routes(app: Any) -> Iterator[tuple[str, str]]:
    """Every method and path of the application."""
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            yield method, rule.rule


def address(app: Any, row: Row) -> str:
    """The path with something absent in every place."""
    rule = next(rule for rule in app.url_map.iter_rules() if rule.rule == row.path and row.method in rule.methods)
    values = {}
    for name, converter in rule._converters.items():
        kind = type(converter).__name__
        values[name] = (
            999_999 if kind == "RowId" else sorted(converter.items)[0] if kind == "AnyConverter" else "absent"
        )
    adapter = app.url_map.bind("localhost")
    return str(adapter.build(rule.endpoint, values, method=row.method))

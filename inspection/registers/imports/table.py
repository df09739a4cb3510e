"""导入的表: what an import knows of one table – loaded once – what a row of the file says of it, and how it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.orm import Session

from inspection.actor import Actor
from inspection.db import Base
from inspection.intake.columns import Column
from inspection.intake.preview import Finding, Row
from inspection.registers import entries
from inspection.registers.rules import Fault

Key = tuple[Any, ...]
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is there and that the file says otherwise."""

    old: Values
    new: Values


class Table:
    """One register as an import meets it.

    Subclasses say which columns identify a row, what a blank cell means, what a row of the file becomes (`read`) and what
    may not be said (`findings`). Columns absent from the file are never touched.
    """

    model: ClassVar[type[Base]]
    identity: ClassVar[tuple[str, ...]]
    blanks: ClassVar[dict[str, Any]] = {}  # column → what a blank cell of it means
    appends: ClassVar[bool] = False  # a row that is there is never changed

    def __init__(self, session: Session, actor: Actor, present: frozenset[str]) -> None:
        self.session, self.actor, self.present = session, actor, present
        self.known = self.load()
        self.accepted: set[Key] = set()
        self._folded: dict[str, str] | None = None
        self.prepare()

    @property
    def table(self) -> SqlTable:
        return sql_table(self.model)

    def load(self) -> dict[Key, Values]:
        """Every stored row by its identity, of all regions: what stands elsewhere must be known too."""
        rows = self.session.execute(select(*(self.table.c[name] for name in self.loaded()))).mappings()
        return {tuple(row[name] for name in self.identity): dict(row) for row in rows}

    def loaded(self) -> list[str]:
        """Names of the columns that rows are compared by; large tables leave out what the file does not speak of."""
        return list(self.table.c.keys())

    def prepare(self) -> None:
        """Load whatever else the rows are judged by."""

    def read(self, row: Row) -> Values:
        """What the row says, as columns of the table; identity columns first, absent columns left out."""
        values = {name: row.values[name] for name in self.identity}
        return values | self.optional(row)

    def optional(self, row: Row) -> Values:
        """The columns of `blanks` that the file has."""
        found: Values = {}
        for name, blank in self.blanks.items():
            if name in self.present:
                value = row.values[name]
                found[name] = blank if value is None else list(value) if isinstance(value, tuple) else value
        return found

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterable[Finding]:
        """What speaks against the row; `old` is the stored row it would change."""
        return ()

    def key(self, values: Values) -> Key:
        return tuple(values.get(name) for name in self.identity)

    def differing(self, old: Values, values: Values) -> list[str]:
        """Names of the columns that the row would change."""
        return [name for name, value in values.items() if old.get(name) != value]

    def twin(self, key: Key) -> str | None:
        """The stored id that differs from this new one only in upper and lower case."""
        if self.identity != ("code",) or key in self.known:
            return None
        if self._folded is None:
            self._folded = {str(code).lower(): str(code) for (code,) in self.known}
        return self._folded.get(str(key[0]).lower())

    def accept(self, values: Values) -> None:
        """Note a good row: later rows of the file may refer to it."""
        self.accepted.add(self.key(values))

    def write(self, new: Sequence[Values], changed: Sequence[Change]) -> None:
        """Insert and update in bulk."""
        if new:
            self.session.execute(insert(self.table), [self.columns_of(values) for values in new])
        if changed:
            self._update([self.columns_of(change.new) for change in changed])
        self.session.expire_all()

    def columns_of(self, values: Values) -> Values:
        """The part of the values that are columns of the table."""
        return {name: value for name, value in values.items() if name in self.table.c}

    def _update(self, rows: list[Values]) -> None:
        names = [name for name in rows[0] if name not in self.identity]
        assigned: dict[str, Any] = {name: bindparam(f"v_{name}", type_=self.table.c[name].type) for name in names}
        if "version_id" in self.table.c:
            assigned["version_id"] = self.table.c.version_id + 1
        where = and_(*(self.table.c[name] == bindparam(f"k_{name}") for name in self.identity))
        given = [
            {f"v_{name}": row[name] for name in names} | {f"k_{name}": row[name] for name in self.identity} for row in rows
        ]
        self.session.connection().execute(update(self.table).where(where).values(assigned), given)


def sql_table(model: type[Base]) -> SqlTable:
    """The table under a model: read without the filter of regions, written in bulk."""
    return cast(SqlTable, model.__table__)


def findings_of(faults: Iterable[Fault], suggestion: str = "") -> list[Finding]:
    """Faults of a rule as findings of a row."""
    return [Finding(field, reason, suggestion) for field, reason in faults]


def grade(key: str, title_zh: str, title_en: str) -> Column:
    """A column of A, B, C, D or nothing."""
    return Column(key, title_zh, title_en, "choice", choices=entries.CREDIT_CLASSES)

"""导入的种类: one register that can be filled from a file, and how a file is examined against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from inspection.actor import Actor
from inspection.intake import preview
from inspection.intake.columns import Column, match_header, template
from inspection.intake.preview import Finding, Preview, Row
from inspection.intake.reader import Sheet
from inspection.registers.imports.table import Change, Key, Table, Values


@dataclass(frozen=True, slots=True)
class ImportKind:
    """一种名录: name in addresses, Chinese title, columns of its file, and the table it fills."""

    key: str
    title: str
    columns: tuple[Column, ...]
    table: type[Table]
    note: str = ""

    @property
    def purpose(self) -> str:
        """The kind of its uploads."""
        return f"registers.{self.key}"

    def template(self) -> bytes:
        """The workbook to fill in."""
        return template(self.columns, self.title)


@dataclass(frozen=True, slots=True)
class Examination:
    """检查结果: what the file would do. Nothing is stored by looking."""

    kind: ImportKind
    sheet: Sheet = field(repr=False)
    preview: Preview = field(repr=False)
    table: Table = field(repr=False)
    new: list[Values] = field(repr=False)
    changed: list[Change] = field(repr=False)
    repeated: bool = False

    @property
    def n_rows(self) -> int:
        return self.preview.n_rows

    @property
    def n_good(self) -> int:
        return len(self.preview.good)

    @property
    def n_bad(self) -> int:
        return self.preview.n_bad

    @property
    def n_new(self) -> int:
        return len(self.new)

    @property
    def n_changed(self) -> int:
        return len(self.changed)

    @property
    def n_unchanged(self) -> int:
        return self.n_good - self.n_new - self.n_changed


class _Judge:
    """The row rule of one examination: remembers what each good row means and where each identity stood first."""

    def __init__(self, table: Table, *, repeated: bool, tell: Callable[[int], None] | None = None) -> None:
        self.table, self.repeated, self.tell, self.seen = table, repeated, tell, 0
        self.first: dict[Key, int] = {}
        self.meant: dict[int, Values] = {}

    def __call__(self, row: Row) -> Iterator[Finding]:
        self.seen += 1
        if self.tell is not None:
            self.tell(self.seen)
        values = self.table.read(row)
        key = self.table.key(values)
        old = self.table.known.get(key)
        first = self.first.setdefault(tuple(part.lower() if isinstance(part, str) else part for part in key), row.number)
        if twin := self.table.twin(key):
            yield Finding("", f"编号与已登记的 {twin} 只差大小写", "编号不分大小写，请照已登记的写法填写")
            return
        if first != row.number and None not in key:
            yield Finding("", f"与第 {first} 行重复，说的是同一条记录", "请核对后只保留一行")
            return
        if not (self.repeated and old is not None):
            against = [*self.table.findings(row, values, old), *self._unchangeable(values, old)]
            if against:
                yield from against
                return
        self.meant[row.number] = values
        self.table.accept(values)

    def _unchangeable(self, values: Values, old: Values | None) -> Iterator[Finding]:
        if old is None or not self.table.appends:
            return
        differing = self.table.differing(old, values)
        if differing:
            yield Finding("valid_from", "同一生效日期的内容已登记且与此不同，已登记的不可更改", "请填新的生效日期，另立一版")


def examine(
    session: Session, actor: Actor, kind: ImportKind, sheet: Sheet, *, repeated: bool, tell: Callable[[int], None] | None = None
) -> Examination:
    """Judge every row against the register as it is now.

    Parameters
    ----------
    repeated : the same bytes were applied before: rows that are there stay as they are, whatever the file says of them.
    tell : called with the number of rows judged so far.
    """
    table = kind.table(session, actor, frozenset(match_header(sheet, kind.columns)))
    judge = _Judge(table, repeated=repeated, tell=tell)
    judged = preview.check(sheet, kind.columns, judge)
    new: list[Values] = []
    changed: list[Change] = []
    for row in judged.good:
        values: dict[str, Any] = judge.meant[row.number]
        old = table.known.get(table.key(values))
        if old is None:
            new.append(values)
        elif not repeated and table.differing(old, values):
            changed.append(Change(old, values))
    return Examination(kind, sheet, judged, table, new, changed, repeated)

"""预览: good rows, and bad rows each with row, column, reason and suggestion. Nothing is stored here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inspection.intake import values
from inspection.intake.columns import EXAMPLE_MARK, Column, match_header
from inspection.intake.reader import Raw, Sheet, text_of


@dataclass(frozen=True, slots=True)
class Row:
    """好行: the row number of the file and column key → value; an absent or blank optional cell is None."""

    number: int
    values: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


@dataclass(frozen=True, slots=True)
class Problem:
    """问题: one fault of one cell; `column` is the key, `title` the Chinese header, `text` what stands there."""

    row: int
    column: str
    title: str
    reason: str
    suggestion: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A row rule's objection: to which column (key; '' = the whole row), why, and what to do."""

    column: str
    reason: str
    suggestion: str = ""


RowRule = Callable[[Row], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Preview:
    """预览结果: `good` rows in file order, `problems` in file order; `n_rows` = good + bad rows."""

    good: list[Row] = field(repr=False)
    problems: list[Problem] = field(repr=False)
    n_rows: int
    columns: tuple[Column, ...] = field(repr=False)

    @property
    def bad_rows(self) -> dict[int, list[Problem]]:
        """Row number → its problems."""
        found: dict[int, list[Problem]] = {}
        for problem in self.problems:
            found.setdefault(problem.row, []).append(problem)
        return found

    @property
    def n_bad(self) -> int:
        return len({problem.row for problem in self.problems})


def digest(data: bytes) -> str:
    """SHA-256 of the file as uploaded, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def check(sheet: Sheet, columns: Sequence[Column], row_rule: RowRule | None = None, *, unique: Sequence[str] = ()) -> Preview:
    """Judge every cell, then every row that stands.

    Parameters
    ----------
    sheet : as `reader.read` gave it.
    columns : definitions; a header not among them is refused.
    row_rule : called with each row whose cells are all right; yields findings.
    unique : keys that together may occur once in the file; the later row is the bad one. Rows with all of them blank are free.

    Raises
    ------
    Invalid : `upload-header` when the header does not fit.
    """
    places = match_header(sheet, columns)
    indexes = [i for i in range(len(sheet)) if not _is_example(sheet.values[i])]
    faults: dict[int, list[Problem]] = {}
    read = [_read_column(sheet, column, places.get(column.key), indexes, faults) for column in columns]
    good: list[Row] = []
    keys = [column.key for column in columns]
    seen: dict[tuple[Any, ...], int] = {}
    titles = {column.key: column.title_zh for column in columns}
    for position, cells in enumerate(zip(*read, strict=True)):
        index = indexes[position]
        number = sheet.numbers[index]
        if number in faults:
            continue
        row = Row(number, dict(zip(keys, cells, strict=True)))
        findings = _findings(row, row_rule, unique, seen, titles)
        if findings:
            faults[number] = [_problem(sheet, index, places, titles, finding) for finding in findings]
        else:
            good.append(row)
    problems = [problem for number in sorted(faults) for problem in faults[number]]
    return Preview(good, problems, len(indexes), tuple(columns))


def _is_example(cells: list[Raw]) -> bool:
    return isinstance(cells[0], str) and cells[0].startswith(EXAMPLE_MARK)


def _read_column(
    sheet: Sheet, column: Column, place: int | None, indexes: list[int], faults: dict[int, list[Problem]]
) -> list[Any]:
    """One column at a time, each distinct text parsed once: real columns repeat themselves."""
    if place is None:
        return [None] * len(indexes)
    known: dict[str, Any] = {}
    read: list[Any] = []
    for index in indexes:
        raw = sheet.values[index][place]
        try:
            if isinstance(raw, str):
                if raw not in known:
                    known[raw] = values.parse(raw, column)
                read.append(known[raw])
            else:
                read.append(values.parse(raw, column))
        except values.Fault as fault:
            read.append(None)
            number = sheet.numbers[index]
            text = text_of(raw)[:100]
            faults.setdefault(number, []).append(Problem(number, column.key, column.title_zh, fault.reason, fault.suggestion, text))
    return read


def _findings(
    row: Row, row_rule: RowRule | None, unique: Sequence[str], seen: dict[tuple[Any, ...], int], titles: Mapping[str, str]
) -> list[Finding]:
    findings = list(row_rule(row)) if row_rule else []
    identity = tuple(row.values[key] for key in unique)
    if any(part is not None for part in identity):
        first = seen.setdefault(identity, row.number)
        if first != row.number:
            names = "＋".join(titles[key] for key in unique)
            findings.append(Finding(unique[0], f"与第 {first} 行重复（{names}相同）", "请核对后删去其中一行"))
    return findings


def _problem(sheet: Sheet, index: int, places: Mapping[str, int], titles: Mapping[str, str], finding: Finding) -> Problem:
    place = places.get(finding.column)
    text = text_of(sheet.values[index][place])[:100] if place is not None else ""
    return Problem(sheet.numbers[index], finding.column, titles.get(finding.column, "整行"), finding.reason, finding.suggestion, text)

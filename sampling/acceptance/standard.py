"""GB/T 2828.1 (= ISO 2859-1): code letters and single plans out of tables, arrows followed; tables of users read the same way.

The tables stand as CSV in `sampling/tables`, their source and its status in `sources.csv`. Reduced inspection is left out: its
tables differ between editions and could not be traced; enter them with `read_table`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files

from sampling.acceptance.curves import Plan
from sampling.arguments import one_of, shown, whole
from sampling.errors import SamplingError

LEVELS = ("S-1", "S-2", "S-3", "S-4", "I", "II", "III")
SEVERITIES = ("normal", "tightened")
_ARROWS = {"↓": 1, "↑": -1}


def _packaged(name: str) -> list[list[str]]:
    text = (files("sampling") / "tables" / name).read_text(encoding="utf-8")
    return list(csv.reader(text.splitlines()))


@cache
def _letters() -> list[dict[str, str]]:
    head, *rows = _packaged("code_letters.csv")
    return [dict(zip(head, row, strict=True)) for row in rows]


def code_letter(lot_size: int, level: str = "II") -> str:
    """Sample size code letter of a lot (table 1).

    Parameters
    ----------
    lot_size : whole number ≥ 2.
    level : inspection level, "I", "II" (the usual one), "III" or "S-1" … "S-4".

    Returns
    -------
    str : A to R.

    Raises
    ------
    SamplingError : a lot below 2, an unknown level.

    Notes
    -----
    Tables compared with R AQLSchemes, not with the printed standard (MEM).

    References
    ----------
    GB/T 2828.1-2012, table 1.

    Examples
    --------
    >>> code_letter(1200), code_letter(90), code_letter(91)
    ('J', 'E', 'F')
    """
    size = whole(lot_size, "批量 lot_size", least=2)
    one_of(level, LEVELS, "检验水平 level")
    row = next(row for row in _letters() if not row["lot_to"] or size <= int(row["lot_to"]))
    return row[level]


def _aql(value: object) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise SamplingError(f"AQL 不合法：{shown(value)}；应为表中的数，例如 1.0") from None
    if not found.is_finite():
        raise SamplingError(f"AQL 不合法：{shown(value)}；应为表中的数，例如 1.0")
    return found


@dataclass(frozen=True, slots=True)
class Table:
    """A table of single plans: letters with their n, and a cell per AQL that holds Ac, Ac/Re or an arrow."""

    name: str
    sizes: Mapping[str, int]
    cells: Mapping[Decimal, Sequence[str]]

    def plan(self, letter: str, aql: object) -> Plan:
        """The plan of a letter and an AQL; an arrow leads to the first plan it points to, with that plan's n."""
        letters = list(self.sizes)
        one_of(letter, letters, "样本量字码 letter")
        column = self.cells.get(_aql(aql))
        if column is None:
            raise SamplingError(f"AQL 不合法：{shown(aql)}；可选 {'、'.join(map(str, self.cells))}")
        at, steps = letters.index(letter), 0
        while column[at] in _ARROWS:
            at, steps = at + _ARROWS[column[at]], steps + 1
            if not 0 <= at < len(letters) or steps > len(letters):
                raise SamplingError(f"表 {self.name}：字码 {letter}、AQL {aql} 处的箭头没有指向任何方案")
        ac, _, re = column[at].partition("/")
        return Plan(self.sizes[letters[at]], int(ac), int(re) if re else int(ac) + 1)


def read_table(rows: Sequence[Sequence[str]], name: str = "自录表") -> Table:
    """A table from rows of text: head `letter, n, AQL…`; below a letter, its n and a cell per AQL (Ac, Ac/Re, ↓ or ↑).

    Parameters
    ----------
    rows : rows of text.
    name : how messages call the table.

    Returns
    -------
    Table : its `plan(letter, aql)` follows the arrows.

    Raises
    ------
    SamplingError : with row and column of the first cell that is none of these.

    Notes
    -----
    For reduced inspection and for plans of other standards that an office holds. Nothing checks that they are that standard's.

    References
    ----------
    GB/T 2828.1-2012 (= ISO 2859-1:1999), layout of tables 2-A to 2-C.

    Examples
    --------
    >>> read_table([["letter", "n", "1.0", "2.5"], ["A", "5", "↓", "0"], ["B", "20", "0", "1/3"]]).plan("A", 1)
    Plan(n=20, ac=0, re=1)
    """
    if not isinstance(rows, Sequence) or not all(isinstance(row, Sequence) and all(isinstance(cell, str) for cell in row) for row in rows):
        raise SamplingError(f"表 {name} 不合法：{shown(rows)}；应为若干行文字")
    if not rows or list(rows[0][:2]) != ["letter", "n"] or len(rows[0]) < 3 or len(rows) < 2:
        raise SamplingError(f"表 {name}：表头应为 letter、n 和至少一个 AQL，并至少有一行方案")
    head, body = rows[0], rows[1:]
    for number_, row in enumerate(body, start=2):
        if len(row) != len(head):
            raise SamplingError(f"表 {name} 第 {number_} 行有 {len(row)} 格；应为 {len(head)} 格")
        if not row[1].isdecimal() or int(row[1]) < 1:
            raise SamplingError(f"表 {name} 第 {number_} 行 n 不合法：{shown(row[1])}；应为不小于 1 的整数")
        for title, text in zip(head[2:], row[2:], strict=True):
            _check_cell(text, f"表 {name} 第 {number_} 行 AQL {title}")
    if len({row[0] for row in body}) != len(body):
        raise SamplingError(f"表 {name}：字码重复")
    return Table(
        name, {row[0]: int(row[1]) for row in body}, {_aql(title): [row[j] for row in body] for j, title in enumerate(head) if j > 1}
    )


def _check_cell(text: str, where: str) -> None:
    ac, slash, re = text.partition("/")
    numbers_ = ac.isdecimal() and (re.isdecimal() and int(re) > int(ac) if slash else True)
    if text not in _ARROWS and not numbers_:
        raise SamplingError(f"{where} 不合法：{shown(text)}；应为接收数、“接收数/拒收数”（拒收数较大）或 ↓、↑")


@cache
def packaged_table(severity: str) -> Table:
    """Table 2-A ("normal") or 2-B ("tightened")."""
    one_of(severity, SEVERITIES, "检验严格度 severity")
    return read_table(_packaged(f"single_{severity}.csv"), {"normal": "2-A", "tightened": "2-B"}[severity])


def single_plan(letter: str, aql: object, severity: str = "normal") -> Plan:
    """Single plan of a code letter and an AQL, arrows followed.

    Parameters
    ----------
    letter : sample size code letter.
    aql : one of the 26 values from 0.010 to 1000 (above 10 only as failures per 100 units).
    severity : "normal" or "tightened".

    Returns
    -------
    Plan : with the n of the plan that the arrows lead to.

    Raises
    ------
    SamplingError : a letter, an AQL or a severity that the table does not have.

    Notes
    -----
    An AQL is an index of the producer's process average, not the quality that is required. Tables compared with R AQLSchemes, not with the printed standard (MEM).

    References
    ----------
    GB/T 2828.1-2012, tables 2-A and 2-B.

    Examples
    --------
    >>> single_plan("J", 1.0), single_plan("J", "0.25"), single_plan("J", 1, "tightened")
    (Plan(n=80, ac=2, re=3), Plan(n=50, ac=0, re=1), Plan(n=80, ac=1, re=2))
    """
    return packaged_table(one_of(severity, SEVERITIES, "检验严格度 severity")).plan(letter, aql)


def plan_for_lot(lot_size: int, aql: object, level: str = "II", severity: str = "normal") -> Plan:
    """The single plan for a lot; when its n reaches the lot, all units are inspected (n = lot size, same Ac).

    Parameters
    ----------
    lot_size : whole number ≥ 2.
    aql, level, severity : as in `single_plan` and `code_letter`.

    Returns
    -------
    Plan : n ≤ lot size.

    Raises
    ------
    SamplingError : a lot below 2, an AQL, level or severity that the tables do not have.

    Notes
    -----
    For a continuing series of lots of one supplier; for a single lot look at the curve of the plan. Tables compared with R AQLSchemes, not with the printed standard (MEM).

    References
    ----------
    GB/T 2828.1-2012 (= ISO 2859-1:1999), tables 1, 2-A and 2-B.

    Examples
    --------
    >>> plan_for_lot(1000, "1.0"), plan_for_lot(40, "0.25")
    (Plan(n=80, ac=2, re=3), Plan(n=40, ac=0, re=1))
    """
    found = single_plan(code_letter(lot_size, level), aql, severity)
    return found if found.n < lot_size else Plan(int(lot_size), found.ac, found.re)

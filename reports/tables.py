"""开放数据表: the same rows as CSV and XLSX — text stays text, nothing is ever a formula, same rows give same bytes.

A text that a spreadsheet could run (= + - @ and their full-width forms, TAB, CR, LF in front) gets an apostrophe, and so
does a text that begins with one, so that `original` gives every text back.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

from reports import wording
from reports.annexes import FAILING_COLUMNS, PASSING_COLUMNS, failing_cells, passing_cells
from reports.content import Bulletin
from reports.errors import ReportError

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
LONGEST_CELL = 32_767
LARGEST_INTEGER = 10**15
MOST_ROWS = 1_048_575
EPOCH = datetime(2000, 1, 1)

Row = Sequence[Any]


def safe(text: str) -> str:
    """The text with an apostrophe in front when a spreadsheet could take it for a formula.

    >>> safe("=1+1"), safe("芹菜"), safe("'x")
    ("'=1+1", '芹菜', "''x")
    """
    return f"'{text}" if text.startswith(DANGEROUS) else text


def original(text: str) -> str:
    """The text that `safe` was given.

    >>> original(safe("-18℃")), original(safe("'x")), original("芹菜")
    ('-18℃', "'x", '芹菜')
    """
    return text[1:] if text.startswith("'") else text


def cell(value: Any) -> str | int:
    """A value as a cell: integers stay numbers up to 15 digits, everything else is text; floats are refused.

    Raises
    ------
    ReportError
        ``cell-type`` for floats and unknown types, ``cell-too-long`` beyond 32 767 characters.
    """
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return value if abs(value) < LARGEST_INTEGER else safe(str(value))
    if value is None:
        return ""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return safe(format(value, "f"))
    if not isinstance(value, str):
        raise ReportError("cell-type", f"表格单元格不能是 {type(value).__name__}：小数请写成文字，以免两次舍入。")
    if len(value) >= LONGEST_CELL:
        raise ReportError("cell-too-long", f"单元格有 {len(value)} 个字，超过电子表格上限 {LONGEST_CELL}；请缩短。")
    return safe(value.replace("\x00", "\ufffd"))


def csv_chunks(columns: Sequence[str], rows: Iterable[Row], *, bom: bool = True) -> Iterator[bytes]:
    """CSV in UTF-8, line by line, for files of any length; with BOM unless told otherwise (office programs need it)."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    yield b"\xef\xbb\xbf" if bom else b""
    for row in _chain(columns, rows):
        writer.writerow([cell(value) for value in row])
        yield buffer.getvalue().encode("utf-8", "backslashreplace")
        buffer.seek(0)
        buffer.truncate()


def _chain(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[Row]:
    yield columns
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            raise ReportError("row-length", f"第{number}行有 {len(row)} 格，表头有 {len(columns)} 格；请核对导出的列。")
        yield row


def to_csv(columns: Sequence[str], rows: Iterable[Row], *, bom: bool = True) -> bytes:
    """The whole CSV at once."""
    return b"".join(csv_chunks(columns, rows, bom=bom))


def to_xlsx(sheets: Iterable[tuple[str, Sequence[str], Iterable[Row]]]) -> bytes:
    """A workbook of (name, columns, rows) sheets; text cells, frozen header, fixed time stamps.

    Raises
    ------
    ReportError
        ``too-many-rows`` beyond 1 048 575 rows in a sheet (use CSV), ``sheet-name`` for a name the format forbids.
    """
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"created": EPOCH, "author": "hengjian"})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "num_format": "@"})
    text = book.add_format({"num_format": "@", "valign": "top"})
    number = book.add_format({"num_format": "0", "valign": "top"})
    try:
        for name, columns, rows in sheets:
            _sheet(book.add_worksheet(name), columns, rows, (head, text, number))
    except xlsxwriter.exceptions.XlsxInputError as error:
        raise ReportError("sheet-name", f"工作表名称不合规定（{error}）；请改用不超过31个字、不含 []:*?/\\ 的名称。") from error
    book.close()
    return buffer.getvalue()


def _sheet(sheet: Any, columns: Sequence[str], rows: Iterable[Row], formats: tuple[Any, Any, Any]) -> None:
    head, text, number = formats
    for index, row in enumerate(_chain(columns, rows)):
        if index > MOST_ROWS:
            raise ReportError("too-many-rows", f"一张工作表至多 {MOST_ROWS} 行；请改用 CSV 导出。")
        for column, value in enumerate(cell(item) for item in row):
            if isinstance(value, int):
                sheet.write_number(index, column, value, number)
            else:
                sheet.write_string(index, column, value, head if index == 0 else text)
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(columns):
        sheet.set_column(column, column, min(max(2 * len(title) + 2, 10), 36))


def bulletin_sheets(bulletin: Bulletin) -> list[tuple[str, Sequence[str], list[Row]]]:
    """分类统计, 不合格, 合格 of a bulletin: the very rows that are printed."""
    heads = ("序号", bulletin.class_word, "抽检批次", "合格批次", "不合格批次", "未判定批次", "不合格率", "合格率", "95%置信区间", "达标判定")
    summary: list[Row] = []
    for number, row in enumerate((*bulletin.classes, bulletin.total), 1):
        counts = (row.tested, row.passed, row.failed, row.undetermined)
        interval = row.interval.text if row.interval else "不可估计"
        place = number if number <= len(bulletin.classes) else ""
        summary.append((place, row.name, *counts, row.fail_rate, row.pass_rate, interval, wording.verdict(row.verdict)))
    sheets: list[tuple[str, Sequence[str], list[Row]]] = [
        ("分类统计", heads, summary),
        ("不合格产品", FAILING_COLUMNS, [failing_cells(row) for row in bulletin.failing]),
        ("合格产品", PASSING_COLUMNS, [passing_cells(row) for row in bulletin.passing]),
    ]
    for number, listing in enumerate(bulletin.listings, 1):
        sheets.append((f"附表{number}", listing.columns, [*listing.rows]))
    return sheets

"""读表: a CSV or XLSX file → header and cells with their places; nothing is guessed and nothing is replaced.

XLSX numbers stay numbers until a column says what they are: an identifier stored as a number has already lost its leading
zeros or its last digits, and only the column knows that it is one. Row and column numbers are those the user sees.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from inspection.errors import Invalid
from inspection.intake import guard
from inspection.intake.encoding import decode

Raw = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta
MAX_ROWS = 200_000
IGNORED_SHEETS = frozenset({"填写说明", "选项"})
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_PLACE_BEFORE = re.compile(rb"""<(?:\w+:)?c\s[^>]*?r=["']([A-Z]+[0-9]+)["']""")
_ERROR_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?t=["']e["']""")
_DATE_1904 = re.compile(rb"""date1904=["'](?:1|true|on)["']""", re.IGNORECASE)


class Cell(NamedTuple):
    """单元格: `kind` is how it was stored: text, number, date, boolean, duration or blank."""

    text: str
    kind: str
    ref: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """读入的表: header texts, and rows of stored values with the row numbers of the file.

    `values` has one list per non-blank row, each as long as the header; `numbers` the 1-based row number of each.
    """

    filename: str
    file_type: str
    encoding: str
    header: tuple[str, ...]
    header_row: int
    values: list[list[Raw]] = field(repr=False)
    numbers: list[int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.values)

    def cell(self, index: int, column: int) -> Cell:
        """The cell of the index-th data row (0-based) in a column (0-based)."""
        raw = self.values[index][column]
        return Cell(text_of(raw), kind_of(raw), ref_of(self.numbers[index], column))

    @property
    def rows(self) -> Iterator[list[Cell]]:
        for index in range(len(self.values)):
            yield [self.cell(index, column) for column in range(len(self.header))]


def kind_of(raw: Raw) -> str:
    """How a value was stored."""
    if isinstance(raw, str):
        return "text" if raw else "blank"
    if isinstance(raw, bool):
        return "boolean"
    if isinstance(raw, (int, float)):
        return "number"
    return "date" if isinstance(raw, dt.date) else "duration"


def text_of(raw: Raw) -> str:
    """The value as text; numbers exactly as the shortest decimal that gives the stored value back, never 1E+5."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, (int, float)):
        plain = format(Decimal(repr(raw)), "f")
        return plain.removesuffix(".0")
    if isinstance(raw, dt.datetime):
        return raw.date().isoformat() if raw.time() == dt.time() else raw.isoformat(" ", "seconds")
    return raw.isoformat() if isinstance(raw, (dt.date, dt.time)) else str(raw)


def column_letters(column: int) -> str:
    """0 → A, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(65 + place) + letters
    return letters


def ref_of(row: int, column: int) -> str:
    """The place as spreadsheets write it: row 1-based, column 0-based → B3."""
    return f"{column_letters(column)}{row}"


def read(data: bytes, filename: str, *, max_rows: int = MAX_ROWS) -> Sheet:
    """Read an uploaded file strictly.

    Raises
    ------
    Invalid : the file is dangerous, damaged, in no known encoding, or holds formulas, merged cells, more than one
        filled sheet, or more than `max_rows` rows. The message names the place.
    """
    if guard.file_type(data, filename) == "xlsx":
        return _read_xlsx(data, filename, max_rows)
    return _read_csv(data, filename, max_rows)


def _assemble(filename: str, file_type: str, encoding: str, lines: Iterator[tuple[int, list[Raw]]], max_rows: int) -> Sheet:
    header: tuple[str, ...] = ()
    header_row = 0
    values: list[list[Raw]] = []
    numbers: list[int] = []
    for number, line in lines:
        if not any(cell.strip() if isinstance(cell, str) else True for cell in line):
            continue
        if not header_row:
            header, header_row = _header(line), number
            continue
        if len(values) >= max_rows:
            raise Invalid("upload-too-many-rows", "文件超过 %(limit)d 行数据。请分成几个文件上传。", limit=max_rows)
        values.append(_fit(line, len(header), number))
        numbers.append(number)
    if not header_row:
        raise Invalid("upload-empty", "文件里没有任何内容。请下载模板，按表头填写后上传。")
    return Sheet(filename, file_type, encoding, header, header_row, values, numbers)


def _header(line: list[Raw]) -> tuple[str, ...]:
    texts = [text_of(cell).strip() for cell in line]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _fit(line: list[Raw], width: int, number: int) -> list[Raw]:
    if len(line) == width:
        return line
    if len(line) < width:
        return line + [""] * (width - len(line))
    for column, extra in enumerate(line[width:], start=width):
        if not isinstance(extra, str) or extra.strip():
            raise Invalid(
                "upload-row-too-long",
                "单元格 %(ref)s 在表头之外，不知道属于哪一列。常见原因是内容含有逗号而未加引号。请改正后重新上传。",
                ref=ref_of(number, column),
            )
    return line[:width]


def _read_csv(data: bytes, filename: str, max_rows: int) -> Sheet:
    text, encoding = decode(data)
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=lambda mark: (first.count(mark), mark == ","))
    return _assemble(filename, "csv", encoding, _csv_lines(text, delimiter), max_rows)


def _csv_lines(text: str, delimiter: str) -> Iterator[tuple[int, list[Raw]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, line in enumerate(reader, start=1):
            if len(line) > guard.MAX_COLUMNS:
                raise Invalid("upload-too-wide", "第 %(row)d 行有 %(n)d 列，超过上限 %(limit)d 列。", row=number, n=len(line), limit=guard.MAX_COLUMNS)
            for column, cell in enumerate(line):
                if cell.startswith("="):
                    _refuse_formula(ref_of(number, column))
            yield number, list(line)
    except csv.Error as error:
        raise Invalid("upload-csv", "第 %(row)d 行的引号不成对或格式有误，无法可靠分列。请改正，或改用 .xlsx。", row=number + 1) from error


def _refuse_formula(ref: str) -> None:
    raise Invalid(
        "upload-formula",
        "单元格 %(ref)s 是公式。导入只接收写明的值，公式的结果可能已过时。请复制整表、以“数值”选择性粘贴后上传。",
        ref=ref,
    )


def _read_xlsx(data: bytes, filename: str, max_rows: int) -> Sheet:
    archive = guard.open_archive(data)
    if _DATE_1904.search(archive.book):
        raise Invalid("upload-date-1904", "工作簿使用 1904 日期系统，日期会相差四年。请在选项中取消“使用 1904 日期系统”后重新上传。")
    for content in archive.sheets:
        _check_stored(content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            lines = _sheet_lines(workbook)
            return _assemble(filename, "xlsx", "", lines, max_rows)
    except BaseException as error:
        # a panic of the parser is no Exception and would end the worker
        if not isinstance(error, (CalamineError, ValueError, OSError)) and type(error).__name__ != "PanicException":
            raise
        raise Invalid("upload-damaged", "工作簿已损坏，无法读取。请用表格软件重新保存后上传。") from error


def _check_stored(content: bytes) -> None:
    """Formulas and error values leave no trace in the parsed values, so they are found in the stored XML."""
    formula = _FORMULA.search(content)
    if formula:
        _refuse_formula(_place_before(content, formula.start()))
    broken = _ERROR_CELL.search(content)
    if broken:
        ref = _place_before(content, broken.end())
        raise Invalid("upload-error-cell", "单元格 %(ref)s 是错误值（如 #N/A、#REF!）。请改为实际内容或清空后上传。", ref=ref)


def _place_before(content: bytes, position: int) -> str:
    start = content.rfind(b"<row", 0, position)
    found = _PLACE_BEFORE.findall(content[max(start, 0) : position + 40])
    before = _PLACE_BEFORE.findall(content[max(start, 0) : position]) or found
    return before[-1].decode() if before else "（编号不明）"


def _sheet_lines(workbook: CalamineWorkbook) -> Iterator[tuple[int, list[Raw]]]:
    filled = []
    for meta in workbook.sheets_metadata:
        if meta.name in IGNORED_SHEETS:
            continue
        sheet = workbook.get_sheet_by_name(meta.name)
        if sheet.end is None:
            continue
        if meta.visible != SheetVisibleEnum.Visible:
            raise Invalid("upload-hidden-sheet", "工作簿有隐藏的工作表“%(name)s”，不知道是否要导入。请删去后上传。", name=meta.name)
        filled.append(sheet)
    if len(filled) > 1:
        names = "、".join(sheet.name for sheet in filled)
        raise Invalid("upload-many-sheets", "工作簿有多张有内容的工作表：%(names)s。请只保留要导入的一张。", names=names)
    if not filled:
        return iter(())
    sheet = filled[0]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        merged = f"{ref_of(top + 1, left)}:{ref_of(bottom + 1, right)}"
        raise Invalid("upload-merged", "单元格 %(ref)s 是合并单元格，不知道内容属于哪一行。请取消合并、逐行填写后上传。", ref=merged)
    left = sheet.start[1] if sheet.start else 0  # blank columns before the first filled one are cut off by the parser
    return enumerate(([""] * left + row if left else row for row in sheet.iter_rows()), start=1)

"""Builders of small workbooks, honest and hostile."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import xlsxwriter


def xlsx(rows: list[list[object]], touch: Callable[[xlsxwriter.Workbook, object], None] | None = None) -> bytes:
    """A one-sheet workbook; strings as strings, numbers as numbers; `touch(book, sheet)` adds what a test needs."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("数据")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    if touch:
        touch(book, sheet)
    book.close()
    return buffer.getvalue()


def rezip(data: bytes, changed: dict[str, bytes]) -> bytes:
    """The same workbook with parts replaced or added."""
    source = zipfile.ZipFile(io.BytesIO(data))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name not in changed:
                target.writestr(name, source.read(name))
        for name, content in changed.items():
            target.writestr(name, content)
    return buffer.getvalue()


def part(data: bytes, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    return zipfile.ZipFile(io.BytesIO(data)).read(name)

"""错误清单: the workbook that gives the bad rows back.

Every cell is written as text with the text format, so that codes keep their zeros and nothing becomes a formula. The column
of reasons has a header the reader ignores: the corrected file is uploaded as it is.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from inspection.intake.columns import ERROR_TITLE, header_form, new_book
from inspection.intake.preview import Preview, Problem
from inspection.intake.reader import Sheet, text_of


def errors_workbook(sheet: Sheet, preview: Preview) -> bytes:
    """The bad rows with the same columns, bad cells marked, and one column of reasons at the end."""
    buffer = io.BytesIO()
    book = new_book(buffer)
    page = book.add_worksheet("错误清单")
    text = book.add_format({"num_format": "@"})
    bold = book.add_format({"num_format": "@", "bold": True, "border": 1})
    marked = book.add_format({"num_format": "@", "bg_color": "#FFC7CE", "font_color": "#9C0006"})
    reason = book.add_format({"num_format": "@", "text_wrap": True, "font_color": "#9C0006"})
    kept = [place for place, title in enumerate(sheet.header) if header_form(title) != header_form(ERROR_TITLE)]
    page.set_column(0, max(len(kept) - 1, 0), 16, text)
    page.set_column(len(kept), len(kept), 80, reason)
    for target, place in enumerate(kept):
        page.write_string(0, target, sheet.header[place], bold)
    page.write_string(0, len(kept), ERROR_TITLE, bold)
    names = {form: column.key for column in preview.columns for form in column.names()}
    keys = [names.get(header_form(sheet.header[place]), "") for place in kept]
    _write_bad_rows(page, sheet, preview, kept, keys, (text, marked, reason))
    page.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()


def _write_bad_rows(
    page: Worksheet, sheet: Sheet, preview: Preview, kept: list[int], keys: list[str], formats: tuple[Format, Format, Format]
) -> None:
    text, marked, reason = formats
    bad_rows = preview.bad_rows
    line = 0
    for index, number in enumerate(sheet.numbers):
        problems = bad_rows.get(number)
        if problems is None:
            continue
        line += 1
        bad = {problem.column for problem in problems}
        for target, (place, key) in enumerate(zip(kept, keys, strict=True)):
            page.write_string(line, target, text_of(sheet.values[index][place]), marked if key in bad else text)
        page.write_string(line, len(kept), _reasons(problems), reason)


def _reasons(problems: Sequence[Problem]) -> str:
    told = "；".join(f"【{p.title}】{p.reason.rstrip('。')}" + (f"。{p.suggestion}" if p.suggestion else "") for p in problems)
    return f"原第 {problems[0].row} 行：{told}"[:32_000]

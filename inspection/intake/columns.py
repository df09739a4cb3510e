"""列定义: what each column of an import is called, what it may hold, and the template that asks for it."""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from inspection.errors import Invalid
from inspection.intake.reader import Sheet, ref_of

Kind = Literal["text", "id", "credit_code", "date", "integer", "decimal", "measurement", "choice", "list", "yes_no", "region"]
ERROR_TITLE = "错误说明（导入时忽略）"
EXAMPLE_MARK = "示例："
_LAST_ROW = 200_000
_CREATED = dt.datetime(2020, 1, 1)  # a fixed date of creation: same definitions, same bytes
_INLINE_LIST = 255  # spreadsheets refuse longer lists inside a validation
_MARKS = re.compile(r"[*※]|\((?:必填|选填|required|optional|导入时忽略)\)")


def header_form(text: str) -> str:
    """The form in which headers are compared: half-width, lower case, no blanks, no required-mark.

    >>> header_form(" ＊企业 名称（必填）") == header_form("企业名称")
    True
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _MARKS.sub("", "".join(c for c in folded if not c.isspace() and c not in "\u200b\ufeff"))


@dataclass(frozen=True, slots=True)
class Column:
    """列: one column of an import.

    `choices` maps the stored code to its Chinese label; the file may hold either. `max_length` bounds texts and ids.
    `help` is shown as comment of the header, `example` in the example row (which is never imported).
    """

    key: str
    title_zh: str
    title_en: str = ""
    kind: Kind = "text"
    required: bool = False
    help: str = ""
    example: str = ""
    choices: Mapping[str, str] | None = None
    aliases: tuple[str, ...] = ()
    max_length: int = 300

    def names(self) -> set[str]:
        """Every accepted header in its compared form."""
        return {header_form(name) for name in (self.key, self.title_zh, self.title_en, *self.aliases) if name}


def match_header(sheet: Sheet, columns: Sequence[Column]) -> dict[str, int]:
    """Column key → place in the sheet; optional columns may be absent.

    Raises
    ------
    Invalid : `upload-header`, one message with every missing, duplicate, unknown and empty header.
    """
    by_name = {name: column.key for column in columns for name in column.names()}
    ignored = header_form(ERROR_TITLE)
    places: dict[str, int] = {}
    unknown: list[str] = []
    duplicate: list[str] = []
    for place, title in enumerate(sheet.header):
        form = header_form(title)
        key = by_name.get(form)
        if form == ignored:
            continue
        if key is None:
            unknown.append(f"“{title[:30]}”（{ref_of(sheet.header_row, place)}）" if title else f"空表头（{ref_of(sheet.header_row, place)}）")
        elif key in places:
            duplicate.append(f"“{title[:30]}”（{ref_of(sheet.header_row, place)}）")
        else:
            places[key] = place
    missing = [f"“{column.title_zh}”" for column in columns if column.required and column.key not in places]
    _refuse_header(missing, duplicate, unknown)
    return places


def _refuse_header(missing: list[str], duplicate: list[str], unknown: list[str]) -> None:
    found = [
        f"{label}：{'、'.join(names[:20])}"
        for label, names in (("缺少必填列", missing), ("重复的列", duplicate), ("不认识的列", unknown))
        if names
    ]
    if found:
        raise Invalid(
            "upload-header",
            "表头与模板不符。%(found)s。请下载模板，按模板的表头填写；用不到的列请删去。",
            found="；".join(found),
        )


def template(columns: Sequence[Column], sheet_title: str) -> bytes:
    """An xlsx to fill in: header with help comments, one example row that is never imported, drop-downs, text format."""
    buffer = io.BytesIO()
    book = new_book(buffer)
    sheet = book.add_worksheet(sheet_title[:31])
    text = book.add_format({"num_format": "@"})
    required = book.add_format({"num_format": "@", "bold": True, "bg_color": "#FCE4D6", "border": 1})
    optional = book.add_format({"num_format": "@", "bold": True, "bg_color": "#E2EFDA", "border": 1})
    example = book.add_format({"num_format": "@", "italic": True, "font_color": "#808080"})
    options: list[tuple[Column, Sequence[str]]] = []
    for place, column in enumerate(columns):
        sheet.set_column(place, place, max(12, 2 * len(column.title_zh) + 4), text)
        sheet.write_string(0, place, column.title_zh + ("*" if column.required else ""), required if column.required else optional)
        sheet.write_comment(0, place, _help(column), {"x_scale": 2, "y_scale": 1.5})
        shown = _example(column)
        sheet.write_string(1, place, EXAMPLE_MARK + shown if place == 0 else shown, example)
        labels = _labels(column)
        if labels:
            options.append((column, labels))
    sheet.freeze_panes(1, 0)
    _add_options(book, sheet, columns, options)
    book.close()
    return buffer.getvalue()


def new_book(buffer: io.BytesIO) -> xlsxwriter.Workbook:
    """A workbook that writes texts as texts: no formulas, no links."""
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": _CREATED})
    return book


def _help(column: Column) -> str:
    parts = [column.help, "必填" if column.required else "选填", column.title_en]
    if column.example:
        parts.append(f"例如：{column.example}")
    return "\n".join(part for part in parts if part)


def _example(column: Column) -> str:
    if column.example:
        return column.example
    labels = _labels(column)
    return labels[0] if labels else ""


def _labels(column: Column) -> list[str]:
    if column.kind == "yes_no":
        return ["是", "否"]
    return list(column.choices.values()) if column.kind == "choice" and column.choices else []


def _add_options(
    book: xlsxwriter.Workbook, sheet: Worksheet, columns: Sequence[Column], options: list[tuple[Column, Sequence[str]]]
) -> None:
    """Drop-downs; long lists stand on the sheet 选项, which the reader passes over."""
    page: Worksheet | None = None
    for column, labels in options:
        place = [c.key for c in columns].index(column.key)
        source: list[str] | str = list(labels)
        if len(",".join(labels)) > _INLINE_LIST or any("," in label for label in labels):
            page = page or book.add_worksheet("选项")
            for line, label in enumerate(labels):
                page.write_string(line, place, label)
            letters = xlsxwriter.utility.xl_col_to_name(place)
            source = f"=选项!${letters}$1:${letters}${len(labels)}"
        sheet.data_validation(1, place, _LAST_ROW, place, {"validate": "list", "source": source, "error_title": "不在可选值中"})

"""Columns, values, preview and the workbook of errors."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from inspection.errors import Invalid
from inspection.intake import credit_code, preview, reader, values
from inspection.intake.columns import ERROR_TITLE, Column, header_form, match_header, template
from inspection.intake.preview import Finding, Row, check
from inspection.intake.workbook import errors_workbook

from .workbooks import xlsx

STATES = {"open": "在业", "closed": "注销"}
SAMPLE = Column("sample", "样品编号", "Sample no.", kind="id", required=True, aliases=("抽样单编号",), example="S001")
ITEM = Column("item", "检验项目", required=True)
RESULT = Column("result", "检验结果", kind="measurement", required=True)
STATE = Column("state", "状态", kind="choice", choices=STATES)
COLUMNS = (SAMPLE, ITEM, RESULT, STATE)


def _csv(text: str) -> reader.Sheet:
    return reader.read(text.encode(), "a.csv")


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("text", " 甲（公司） ", "甲（公司）"),
        ("text", 13800138000.0, "13800138000"),
        ("id", " ００７-A ", "007-A"),
        ("id", "1E5", "1E5"),
        ("date", "2026-9-16", dt.date(2026, 9, 16)),
        ("date", "2026年9月16日", dt.date(2026, 9, 16)),
        ("date", "2026/09/16 00:00:00", dt.date(2026, 9, 16)),
        ("date", "２０２６０９１６", dt.date(2026, 9, 16)),
        ("date", 46281.0, dt.date(2026, 9, 16)),
        ("date", 20260916.0, dt.date(2026, 9, 16)),
        ("date", dt.datetime(2026, 9, 16), dt.date(2026, 9, 16)),
        ("integer", "００12", 12),
        ("integer", 12.0, 12),
        ("decimal", "0.10", Decimal("0.10")),
        ("decimal", 0.1, Decimal("0.1")),
        ("decimal", 3.0, Decimal(3)),
        ("choice", "在业", "open"),
        ("choice", "OPEN", "open"),
        ("list", "在业、注销", ("open", "closed")),
        ("yes_no", "√", True),
        ("yes_no", "否", False),
        ("yes_no", True, True),
        ("region", 330106.0, "330106"),
        ("region", "３３０１06", "330106"),
        ("text", " \u200b ", None),
    ],
)
def test_a_cell_is_read_under_its_column(kind: Any, raw: Any, value: Any) -> None:
    found = values.parse(raw, Column("k", "列", kind=kind, choices=STATES))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "raw", "words"),
    [
        ("id", 7.0, "存成了数字"),
        ("id", "3.30102E+11", "科学记数法"),
        ("id", dt.date(2026, 3, 1), "非文本"),
        ("credit_code", 9.133e17, "存成了数字"),
        ("credit_code", "91110000600037341M", "校验位"),
        ("text", dt.date(2026, 3, 1), "存成了日期"),
        ("text", 1e16, "过长的数字"),
        ("text", "a\u202eb", "U\\+202E"),
        ("text", "x" * 301, "超过 300 个字"),
        ("date", "2026-02-30", "不存在"),
        ("date", "16/9/2026", "不是可以确认的日期"),
        ("date", 60.0, "不是可以确认的日期"),
        ("date", dt.date(1900, 2, 28), "1950"),
        ("date", dt.datetime(2026, 9, 16, 3, 4), "带有时刻"),
        ("date", True, "不是可以确认的日期"),
        ("integer", "1,234", "不是整数"),
        ("integer", 1.5, "不是整数"),
        ("integer", True, "应为数字"),
        ("decimal", "5%", "不是数"),
        ("decimal", "NaN", "不是数"),
        ("decimal", "1" * 5000, "不是数"),
        ("measurement", dt.date(2026, 3, 1), "存成了日期"),
        ("measurement", float("inf"), "有限的数"),
        ("decimal", float("nan"), "不是数"),
        ("integer", float("inf"), "不是整数"),
        ("id", float("nan"), "存成了数字"),
        ("date", float("inf"), "不是可以确认的日期"),
        ("choice", "开业", "不在可选值中"),
        ("list", "在业,在业", "重复"),
        ("yes_no", "也许", "“是”或“否”"),
        ("region", "杭州", "行政区划代码"),
        ("region", "030106", "行政区划代码"),
    ],
)
def test_a_wrong_cell_says_why(kind: Any, raw: Any, words: str) -> None:
    with pytest.raises(values.Fault, match=words) as caught:
        values.parse(raw, Column("k", "列", kind=kind, choices=STATES))
    assert caught.value.suggestion


def test_a_serial_is_a_date_only_where_a_date_is_declared() -> None:
    sheet = reader.read(xlsx([["日", "数"], [46281, 46281]]), "a.xlsx")
    found = check(sheet, [Column("d", "日", kind="date"), Column("n", "数", kind="integer")])
    assert found.good[0].values == {"d": dt.date(2026, 9, 16), "n": 46281}


def test_headers_match_by_title_alias_width_and_blanks() -> None:
    sheet = _csv(" 抽样单 编号＊,ITEM,检验结果（必填）\nS1,a,1\n")
    assert match_header(sheet, COLUMNS) == {"sample": 0, "item": 1, "result": 2}
    assert header_form("Sample No.") == header_form("ｓａｍｐｌｅ　ｎｏ．")


def test_one_error_lists_missing_duplicate_and_unknown_headers() -> None:
    with pytest.raises(Invalid) as caught:
        match_header(_csv("样品编号,抽样单编号,乱写,,检验结果\n1,2,3,4,5\n"), COLUMNS)
    assert caught.value.code == "upload-header"
    for words in ("缺少必填列：“检验项目”", "重复的列：“抽样单编号”（B1）", "“乱写”（C1）", "空表头（D1）"):
        assert words in caught.value.message


def _no_negative(row: Row) -> Iterator[Finding]:
    if row["result"].value is not None and row["result"].value < 0:
        yield Finding("result", "检验结果是负数", "请核对")


MIXED = "样品编号,检验项目,检验结果,状态\nS1,铅,0.10,在业\nS1,镉,-1,\nS1,铅,0.2,\n,铜,abc1,开\nS2,铅,<0.01,注销\n"


def test_good_and_bad_rows_are_told_apart_with_row_column_reason() -> None:
    found = check(_csv(MIXED), COLUMNS, _no_negative, unique=("sample", "item"))
    assert [row.number for row in found.good] == [2, 6]
    assert found.good[0].values["result"].values == (Decimal("0.10"),)
    assert found.good[1].values["state"] == "closed"
    assert [(p.row, p.column) for p in found.problems] == [(3, "result"), (4, "sample"), (5, "sample"), (5, "result"), (5, "state")]
    assert "与第 2 行重复" in found.problems[1].reason
    assert (found.n_rows, found.n_bad) == (5, 3)


def test_the_errors_workbook_is_marked_and_goes_in_again_as_it_is() -> None:
    sheet = _csv(MIXED.replace("S2,", "00.1,").replace("铜", "@SUM(1)"))
    found = check(sheet, COLUMNS, _no_negative, unique=("sample", "item"))
    data = errors_workbook(sheet, found)
    again = reader.read(data, "errors.xlsx")
    assert again.header == (*sheet.header, ERROR_TITLE)
    assert [row[:4] for row in again.values] == [sheet.values[i] for i in (1, 2, 3)]
    assert all(str(row[4]).startswith(f"原第 {n} 行：") for n, row in zip((3, 4, 5), again.values, strict=True))
    page = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert page["C2"].fill.fgColor.rgb == "FFFFC7CE"
    assert page["B2"].fill.fgColor.rgb != "FFFFC7CE"
    assert all(cell.data_type != "f" for row in page for cell in row)
    second = check(again, COLUMNS, _no_negative, unique=("sample", "item"))
    assert [row.values["item"] for row in second.good] == ["铅"]
    assert reader.read(errors_workbook(again, second), "b.xlsx").header == again.header


def test_the_template_reads_as_an_empty_import_and_is_the_same_every_time() -> None:
    many = Column("kind", "种类", kind="choice", choices={str(i): f"很长的种类名称第{i}号" for i in range(60)})
    columns = (*COLUMNS, many, Column("chain", "连锁", kind="yes_no", help="是否连锁"))
    data = template(columns, "检验结果")
    assert data == template(columns, "检验结果")
    sheet = reader.read(data, "t.xlsx")
    assert set(match_header(sheet, columns)) == {column.key for column in columns}
    found = check(sheet, columns)
    assert (found.n_rows, found.good, found.problems) == (0, [], [])
    page = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert page["A1"].comment is not None and "S001" in page["A1"].comment.text
    assert page.column_dimensions["A"].number_format == "@"
    assert [rule.formula1 for rule in page.data_validations.dataValidation] == ['"在业,注销"', "选项!$E$1:$E$60", '"是,否"']


def test_the_digest_is_of_the_bytes() -> None:
    assert preview.digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_twins_in_other_widths_are_one_identity() -> None:
    code = credit_code.make("330106", 9)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    found = check(_csv(f"代码\n{code}\n{wide}\n"), [Column("code", "代码", kind="credit_code")], unique=("code",))
    assert (len(found.good), found.n_bad) == (1, 1)

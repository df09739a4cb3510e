"""Open data that no spreadsheet runs, and numbers in words."""

from __future__ import annotations

import csv
import io
import time
from datetime import date
from decimal import Decimal

import cn2an
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import tables, wording
from reports.errors import ReportError
from tests.reports import samples

NASTY = ["=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'quoted", "0012", "1E5", "91130534MA0EXAMPLE", "汉字,\"引号\"\n换行"]


def test_no_cell_of_any_export_can_run():
    rows = [[text, 5] for text in NASTY]
    book = openpyxl.load_workbook(io.BytesIO(tables.to_xlsx([("表", ("文字", "数"), rows)])))
    lines = list(csv.reader(io.StringIO(tables.to_csv(("文字", "数"), rows).decode("utf-8-sig"), newline="")))
    for number, text in enumerate(NASTY, 1):
        cell = book["表"].cell(number + 1, 1)
        for shown in (cell.value, lines[number][0]):
            assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
        assert cell.data_type == "s"
        assert tables.original(lines[number][0]) == text
        assert tables.original(cell.value).replace("_x000D_", "\r") == text
        assert book["表"].cell(number + 1, 2).value == 5


@given(st.text(max_size=40))
def test_the_apostrophe_can_always_be_taken_off(text):
    assert tables.original(tables.safe(text)) == text
    assert not tables.safe(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_the_same_rows_give_the_same_bytes_at_any_time(monkeypatch):
    sheets = tables.bulletin_sheets(samples.bulletin())
    first = tables.to_xlsx(sheets)
    late = time.time() + 40_000_000
    monkeypatch.setattr(time, "time", lambda: late)
    assert tables.to_xlsx(sheets) == first


def test_the_exported_bulletin_holds_the_printed_counts():
    book = openpyxl.load_workbook(io.BytesIO(tables.to_xlsx(tables.bulletin_sheets(samples.bulletin()))))
    last = [cell.value for cell in list(book["分类统计"].rows)[-1]]
    assert last[1:6] == ["总计", 560, 546, 14, 0] and last[-1] == "尚不能判定"
    assert book["不合格产品"].max_row == 15 and book["不合格产品"].max_column == 17
    assert book["合格产品"].max_column == 15


def test_the_mark_in_front_of_a_csv_can_be_left_off():
    assert tables.to_csv(("甲",), []) == b"\xef\xbb\xbf" + "甲\r\n".encode()
    assert tables.to_csv(("甲",), [], bom=False) == "甲\r\n".encode()


def test_cells_keep_long_codes_dates_and_decimals_as_text():
    assert [tables.cell(value) for value in (10**16, Decimal("0.10"), date(2026, 9, 6), None, True)] == [
        str(10**16), "0.10", "2026-09-06", "", "是",
    ]  # fmt: skip
    for value, code in ((0.1, "cell-type"), ("长" * 32_767, "cell-too-long")):
        with pytest.raises(ReportError) as caught:
            tables.cell(value)
        assert caught.value.code == code
    with pytest.raises(ReportError) as caught:
        tables.to_csv(("甲", "乙"), [("只有一格",)])
    assert caught.value.code == "row-length"
    with pytest.raises(ReportError) as caught:
        tables.to_xlsx([("a/b", ("甲",), [])])
    assert caught.value.code == "sheet-name"


@settings(max_examples=300)
@given(st.integers(1, 10**14))
def test_amounts_in_words_agree_with_another_writer(cents):
    amount = Decimal(cents).scaleb(-2)
    if cents < 100 or (cents % 100 and not cents % 100 // 10) or cents // 100 % 10 == 0:
        assert wording.rmb_upper(amount).endswith(("整", "分"))
        return
    expected = cn2an.an2cn(str(amount), "rmb")
    assert wording.rmb_upper(amount) == (expected if expected.endswith(("整", "分")) else expected + "整")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("10", "壹拾元整"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("100000001", "壹亿零壹元整"),
    ],
)
def test_amounts_of_the_central_banks_rule(amount, words):
    assert wording.rmb_upper(Decimal(amount)) == words


@pytest.mark.parametrize("amount", ["-1", "0.001", "NaN", "Infinity"])
def test_an_amount_that_would_have_to_be_rounded_is_refused(amount):
    with pytest.raises(ReportError):
        wording.rmb_upper(Decimal(amount))


@given(st.integers(1, 10**9))
def test_numerals_agree_with_another_writer(number):
    expected = cn2an.an2cn(number)
    assert wording.numeral(number) == (expected[1:] if expected.startswith("一十") else expected)


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 3))
def test_rates_are_rounded_half_up_on_integers(part, whole, places):
    from decimal import ROUND_HALF_UP

    exact = (Decimal(part) * 100 / Decimal(whole)) if whole else Decimal(0)
    wanted = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    assert wording.percent(part, whole, places) == f"{wanted}%"


def test_a_rate_of_nothing_is_not_zero():
    assert wording.percent(0, 0) == "—"
    with pytest.raises(ReportError):
        wording.verdict("pass")

"""Cells come out as they went in, with their places, or the file is refused."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspection.errors import Invalid
from inspection.intake import reader
from inspection.intake.reader import Cell

from .workbooks import part, rezip, xlsx

HONEST = xlsx([["编号", "名称"], ["001", "甲"]])
CHINESE = st.text(st.sampled_from("某市食品有限公司检验结果合格毒死蜱芹菜，。（）AZaz019-./ "), min_size=1, max_size=20)


def _refused(data: bytes, filename: str = "a.xlsx") -> Invalid:
    with pytest.raises(Invalid) as caught:
        reader.read(data, filename)
    return caught.value


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CHINESE, min_size=2, max_size=2), min_size=1, max_size=6), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"]))
def test_csv_text_survives_every_accepted_encoding(rows: list[list[str]], encoding: str) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([["企业名称", "检验结果"], *rows])
    sheet = reader.read(buffer.getvalue().encode(encoding), "a.csv")
    assert sheet.values == [row for row in rows if any(cell.strip() for cell in row)]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(CHINESE, min_size=2, max_size=2), min_size=1, max_size=4))
def test_xlsx_text_survives(rows: list[list[str]]) -> None:
    sheet = reader.read(xlsx([["企业名称", "检验结果"], *rows]), "a.xlsx")
    assert sheet.values == [row for row in rows if any(cell.strip() for cell in row)]


def test_one_damaged_byte_in_utf8_is_refused_and_not_read_as_gibberish() -> None:
    data = bytearray("企业名称,地址\n杭州某某食品有限公司,浙江省杭州市西湖区\n".encode())
    data[40] = 0xFF
    assert _refused(bytes(data), "a.csv").code == "upload-encoding"


def test_bytes_of_no_encoding_are_refused() -> None:
    assert _refused(b"a,b\n\xff\xff\xff,\x81\xff\n", "a.csv").code == "upload-encoding"


def test_four_bytes_of_gb2312_are_not_read_as_another_script() -> None:
    assert reader.read("a,b\n联通,1\n".encode("gb2312"), "a.csv").values == [["联通", "1"]]


def test_micro_sign_without_chinese_stays_utf8() -> None:
    assert reader.read("unit,n\nμg/kg,1\n".encode(), "a.csv").values == [["μg/kg", "1"]]


@pytest.mark.parametrize("character", ["\x00", "\x07", "\ufffd"])
def test_control_and_replacement_characters_are_refused_with_the_line(character: str) -> None:
    error = _refused(f"a,b\n1,2\n3,x{character}\n".encode(), "a.csv")
    assert error.code == "upload-characters"
    assert "第 3 行" in error.message


def test_the_place_of_a_csv_formula_is_named() -> None:
    error = _refused(b'a,b\n1,"=HYPERLINK(1)"\n', "a.csv")
    assert (error.code, "B2" in error.message) == ("upload-formula", True)


def test_the_place_of_a_workbook_formula_is_named() -> None:
    data = xlsx([["a", "b"], ["1", "2"], ["3", "4"]], lambda book, sheet: sheet.write_formula("B3", "=1+1", None, 2))  # type: ignore[attr-defined]
    error = _refused(data)
    assert (error.code, "B3" in error.message) == ("upload-formula", True)


def test_an_error_value_is_named() -> None:
    data = xlsx([["a", "b"], ["1", "2"]])
    content = part(data).replace(b'<c r="B2" t="s"><v>3</v>', b'<c r="B2" t="e"><v>#N/A</v>')
    error = _refused(rezip(data, {"xl/worksheets/sheet1.xml": content}))
    assert (error.code, "B2" in error.message) == ("upload-error-cell", True)


def test_merged_cells_are_refused_with_their_range() -> None:
    data = xlsx([["a", "b"], ["1", "2"]], lambda book, sheet: sheet.merge_range("A3:B4", "x"))  # type: ignore[attr-defined]
    error = _refused(data)
    assert (error.code, "A3:B4" in error.message) == ("upload-merged", True)


def test_a_second_filled_sheet_and_a_hidden_one_are_refused() -> None:
    def second(book: object, sheet: object) -> None:
        book.add_worksheet("更多").write_string(0, 0, "x")  # type: ignore[attr-defined]

    def hidden(book: object, sheet: object) -> None:
        other = book.add_worksheet("更多")  # type: ignore[attr-defined]
        other.write_string(0, 0, "x")
        other.hide()

    assert _refused(xlsx([["a"], ["1"]], second)).code == "upload-many-sheets"
    assert _refused(xlsx([["a"], ["1"]], hidden)).code == "upload-hidden-sheet"


def test_the_1904_date_system_is_refused() -> None:
    data = xlsx([["a"], ["1"]])
    book = part(data, "xl/workbook.xml").replace(b"<workbookPr", b'<workbookPr date1904="1"')
    assert _refused(rezip(data, {"xl/workbook.xml": book})).code == "upload-date-1904"


def test_cells_know_how_they_were_stored_and_where() -> None:
    def dated(book: object, sheet: object) -> None:
        sheet.write_datetime(3, 2, dt.datetime(2026, 9, 16), book.add_format({"num_format": "yyyy-mm-dd"}))  # type: ignore[attr-defined]

    sheet = reader.read(xlsx([["", "编号", "日期"], ["", "007", 46281], [], ["", 1e21, ""]], dated), "a.xlsx")
    cells = list(sheet.rows)
    assert cells[0][1] == Cell("007", "text", "B2")
    assert cells[0][2] == Cell("46281", "number", "C2")
    assert cells[1][1] == Cell("1000000000000000000000", "number", "B4")
    assert cells[1][2] == Cell("2026-09-16", "date", "C4")


def test_a_cell_outside_the_header_is_refused_not_dropped() -> None:
    assert _refused("名称,数\n甲,1,234\n".encode(), "a.csv").code == "upload-row-too-long"


def test_an_unbalanced_quote_is_refused() -> None:
    assert _refused(b'a,b\n"x,1\n2,3\n', "a.csv").code == "upload-csv"


def test_the_row_limit_counts_data_rows() -> None:
    data = b"a\n1\n2\n3\n"
    assert len(reader.read(data, "a.csv", max_rows=3)) == 3
    with pytest.raises(Invalid, match="超过 2 行"):
        reader.read(data, "a.csv", max_rows=2)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for filename in ("a.csv", "a.xlsx"):
        try:
            sheet = reader.read(data, filename)
        except Invalid as error:
            assert error.message
        else:
            assert all(len(row) == len(sheet.header) for row in sheet.values)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_workbook_with_flipped_bytes_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(HONEST)
    for _ in range(3):
        content[data.draw(st.integers(4, 5000)) % len(content)] = data.draw(st.integers(0, 255))
    try:
        reader.read(bytes(content), "a.xlsx")
    except Invalid as error:
        assert error.message


def test_a_panic_of_the_parser_is_a_damaged_file_and_an_interrupt_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    for raised, expected in ((PanicException, Invalid), (KeyboardInterrupt, KeyboardInterrupt)):

        def fail(*_: object, raised: type[BaseException] = raised) -> None:
            raise raised

        monkeypatch.setattr(reader, "_sheet_lines", fail)
        with pytest.raises(expected):
            reader.read(HONEST, "a.xlsx")

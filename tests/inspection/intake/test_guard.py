"""Hostile files are refused by name, in Chinese, within a second."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable

import pytest

from inspection.errors import Invalid
from inspection.intake import guard, reader
from tests import pace

from .workbooks import part, rezip, xlsx

GOOD = xlsx([["编号", "名称"], ["001", "甲"]])
SHEET = "xl/worksheets/sheet1.xml"


def _bomb() -> bytes:
    return rezip(GOOD, {"xl/media/a.xml": b"<a>" + b"0" * (90 * 2**20) + b"</a>"})


def _lying_size() -> bytes:
    """The directory promises 20 bytes; the stream inflates to 50 MB."""
    data = bytearray(rezip(GOOD, {"xl/zz.xml": b"0" * (50 * 2**20)}))
    place = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, place + 24, 20)
    struct.pack_into("<I", data, place + 16, zlib.crc32(b"0" * 20))
    return bytes(data)


def _encrypted() -> bytes:
    data = bytearray(GOOD)
    place = data.index(b"PK\x01\x02")
    data[place + 8] |= 1
    return bytes(data)


def _many() -> bytes:
    return rezip(GOOD, {f"xl/p{i}.xml": b"<a/>" for i in range(guard.MAX_PARTS + 1)})


def _twice() -> bytes:
    buffer = io.BytesIO(GOOD)
    with zipfile.ZipFile(buffer, "a") as target:
        target.writestr("XL/workbook.xml", b"<workbook/>")
    return buffer.getvalue()


def _sheet(old: bytes, new: bytes) -> bytes:
    content = part(GOOD)
    assert old in content
    return rezip(GOOD, {SHEET: content.replace(old, new, 1)})


def _moved(sheet: bytes) -> bytes:
    """The sheet stored as a picture, the relations pointing there."""
    relations = part(GOOD, "xl/_rels/workbook.xml.rels").replace(b"worksheets/sheet1.xml", b"media/image1.png")
    return rezip(GOOD, {"xl/media/image1.png": sheet, "xl/_rels/workbook.xml.rels": relations})


def _promised_strings() -> bytes:
    strings = part(GOOD, "xl/sharedStrings.xml").replace(b'uniqueCount="4"', b'uniqueCount="4294967295"')
    return rezip(GOOD, {"xl/sharedStrings.xml": strings})


HOSTILE: list[tuple[str, str, Callable[[], bytes], str]] = [
    ("empty file", "a.csv", lambda: b"", "upload-empty"),
    ("only blanks", "a.csv", lambda: b"\r\n , ,\r\n", "upload-empty"),
    ("old xls", "a.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "upload-encrypted-or-old"),
    ("encrypted xlsx is OLE", "a.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "upload-encrypted-or-old"),
    ("encrypted zip entry", "a.xlsx", _encrypted, "upload-encrypted-or-old"),
    ("macro extension", "a.xlsm", lambda: GOOD, "upload-macro"),
    ("macro inside", "a.xlsx", lambda: rezip(GOOD, {"xl/vbaProject.bin": b"x"}), "upload-macro"),
    ("unknown extension", "a.exe", lambda: b"MZ", "upload-extension"),
    ("no extension", "abc", lambda: b"a,b", "upload-extension"),
    ("zip called csv", "a.csv", lambda: GOOD, "upload-content"),
    ("text called xlsx", "a.xlsx", lambda: b"a,b\n1,2\n", "upload-content"),
    ("pdf called csv", "a.csv", lambda: b"%PDF-1.7\n", "upload-content"),
    ("empty zip", "a.xlsx", lambda: b"PK\x05\x06" + b"\x00" * 18, "upload-content"),
    ("docx called xlsx", "a.xlsx", lambda: rezip(GOOD, {}).replace(b"xl/workbook.xml", b"xl/workbook.xmm"), "upload-content"),
    ("cut off", "a.xlsx", lambda: GOOD[: len(GOOD) // 2], "upload-damaged"),
    ("zip bomb", "a.xlsx", _bomb, "upload-bomb"),
    ("lying sizes", "a.xlsx", _lying_size, "upload-bomb"),
    ("many parts", "a.xlsx", _many, "upload-bomb"),
    ("same name twice", "a.xlsx", _twice, "upload-damaged"),
    ("zip slip", "a.xlsx", lambda: rezip(GOOD, {"../../etc/passwd": b"x"}), "upload-zip-slip"),
    ("billion laughs", "a.xlsx", lambda: _sheet(b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet'), "upload-xml"),
    ("utf-16 part", "a.xlsx", lambda: rezip(GOOD, {SHEET: part(GOOD).decode().encode("utf-16")}), "upload-xml"),
    ("declared utf-7", "a.xlsx", lambda: _sheet(b'encoding="UTF-8"', b'encoding="UTF-7"'), "upload-xml"),
    ("cell at the end of the world", "a.xlsx", lambda: _sheet(b'r="A2"', b'r="XFD1048576"'), "upload-too-wide"),
    ("far row", "a.xlsx", lambda: _sheet(b'r="B2"', b'r="GR999999"'), "upload-too-wide"),
    ("place as entity", "a.xlsx", lambda: _sheet(b'r="A2"', b'r="&#88;FD1048576"'), "upload-damaged"),
    ("place with blanks", "a.xlsx", lambda: _sheet(b'r="A2"', b'r = "XFD1048576"'), "upload-damaged"),
    ("sheet under another name", "a.xlsx", lambda: _moved(part(GOOD).replace(b'r="A2"', b'r="XFD1048576"')), "upload-too-wide"),
    ("formula under another name", "a.xlsx", lambda: _moved(part(GOOD).replace(b"<v>2</v>", b"<f>1+1</f><v>2</v>")), "upload-formula"),
    ("millions of empty cells", "a.xlsx", lambda: _sheet(b"</sheetData>", b"<row>" + b"<c/>" * 6_100_000 + b"</row></sheetData>"), "upload-bomb"),
    ("strings promised that never come", "a.xlsx", _promised_strings, "upload-bomb"),
    ("not xml", "a.xlsx", lambda: rezip(GOOD, {SHEET: b"<worksheet><sheetData><row"}), "upload-damaged"),
]


@pytest.mark.parametrize(("filename", "make", "code"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_a_hostile_file_is_refused_before_it_is_worked_through(filename: str, make: Callable[[], bytes], code: str) -> None:
    data = make()
    start = time.process_time()
    with pytest.raises(Invalid) as caught:
        reader.read(data, filename)
    assert time.process_time() - start < pace.SOON
    assert caught.value.code == code
    assert any("\u4e00" <= c <= "\u9fff" for c in caught.value.message)
    assert "%(" not in caught.value.message


def test_a_file_over_the_limit_is_refused_with_both_sizes() -> None:
    with pytest.raises(Invalid, match=r"3\.0 MB，超过上限 2 MB"):
        guard.file_type(b"a" * 3 * 2**20, "a.csv", max_bytes=2 * 2**20)


def test_an_honest_workbook_passes() -> None:
    assert reader.read(GOOD, "A.XLSX").values == [["001", "甲"]]


def test_more_cells_than_the_limit_are_refused_whatever_they_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MAX_CELLS", 3)
    with pytest.raises(Invalid) as caught:
        reader.read(GOOD, "a.xlsx")
    assert caught.value.code == "upload-too-wide"

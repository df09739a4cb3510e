"""Hostile and odd files at the real upload routes: refused in Chinese within a second, nothing kept; honest ones read."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inspection.registers.imports import KINDS
from tests import pace
from tests.architecture.office import House, office
from tests.inspection.intake import test_guard as hostile
from tests.inspection.intake.workbooks import part, rezip, xlsx

ROUTES = (("planner", "/registers/imports/enterprises"), ("planner", "/api/v1/registers/imports/enterprises"), ("lab_entry", "/results/import"))
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><sst>&b;</sst>'
FAR = part(hostile.GOOD).replace(b'r="A1"', b'r="XFD1048576"', 1)
FILES = {
    "zip bomb": ("a.xlsx", hostile._bomb), "lying size": ("a.xlsx", hostile._lying_size), "encrypted": ("a.xlsx", hostile._encrypted), "many parts": ("a.xlsx", hostile._many),
    "same part twice": ("a.xlsx", hostile._twice), "promised strings": ("a.xlsx", hostile._promised_strings), "billion laughs": ("a.xlsx", lambda: rezip(hostile.GOOD, {"xl/sharedStrings.xml": LAUGHS})),
    "last cell of the world": ("a.xlsx", lambda: rezip(hostile.GOOD, {"xl/worksheets/sheet1.xml": FAR})), "cut off": ("a.xlsx", lambda: hostile.GOOD[: len(hostile.GOOD) // 2]),
    "zip slip": ("a.xlsx", lambda: rezip(hostile.GOOD, {"../../etc/passwd": b"x"})), "macro": ("a.xlsm", lambda: hostile.GOOD), "old xls": ("a.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
    "empty": ("a.csv", lambda: b""), "nothing but blanks": ("a.csv", lambda: b" \n \n"), "picture": ("a.csv", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 100), "program": ("a.exe", lambda: b"MZ" + b"\0" * 100),
    "no name": ("x", lambda: hostile.GOOD), "path in the name": ("../../etc/passwd.csv", lambda: b"\xff\xfe\x00"), "half gbk": ("a.csv", lambda: "统一社会信用代码,名称".encode("gbk") + b"\x81"),
    "mixed encodings": ("a.csv", lambda: "名称\n".encode() * 40 + "名称".encode("gbk")), "nul bytes": ("a.csv", lambda: b"a,b\n\0,\0\n"), "one endless line": ("a.csv", lambda: b"a" * 3_000_000),
    "one endless field": ("a.csv", lambda: b'"' + b"a\n" * 500_000), "ten thousand columns": ("a.csv", lambda: b"," * 10_000 + b"\n"), "replacement signs": ("a.csv", lambda: "统一社会信用代码,名称\n\ufffd,\ufffd\n".encode()),
}  # fmt: skip


@pytest.fixture(scope="module")
def house(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = office(migrated_sqlite, tmp_path_factory.mktemp("uploads"))
    yield made
    made.database.dispose()


def sent(house: House, role: str, path: str, name: str, data: bytes) -> Any:
    browser = house.signed_in(role)
    return browser.client.post(
        path, data={"csrf_token": browser.token, "file": (io.BytesIO(data), name)}, headers={"X-CSRFToken": browser.token}, content_type="multipart/form-data"
    )


@pytest.mark.parametrize(("role", "path"), ROUTES)
def test_a_hostile_file_is_refused_in_chinese_and_not_kept(house: House, role: str, path: str) -> None:
    faults = []
    for what, (name, make) in FILES.items():
        data, before = make(), house.counts()
        started = time.process_time()
        answer = sent(house, role, path, name, data)
        seconds = time.process_time() - started
        if not 400 <= answer.status_code < 500 or not any("\u4e00" <= sign <= "\u9fff" for sign in answer.text):
            faults.append((what, answer.status_code))
        if seconds > pace.SOON or house.counts() != before:
            faults.append((what, f"{seconds:.1f} s", "kept" if house.counts() != before else ""))
    assert not faults


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_an_honest_table_is_read_in_every_encoding_that_offices_use(house: House, encoding: str) -> None:
    kind = KINDS["enterprises"]
    from inspection.intake.reader import read

    head = read(kind.template(), "模板.xlsx").header
    text = ",".join(head) + "\n" + ",".join(["西湖错码", *["甲"] * (len(head) - 1)]) + "\n"
    answer = sent(house, "planner", "/registers/imports/enterprises", "名录.csv", text.encode(encoding))
    assert answer.status_code == 303, answer.text
    page = house.signed_in("planner").client.get(answer.location)
    assert page.status_code == 200
    assert "西湖错码" in page.text  # the wrong row comes back as it was written, whatever the encoding


def test_a_workbook_with_rows_in_order_is_read(house: House) -> None:
    assert sent(house, "planner", "/registers/imports/enterprises", "名录.xlsx", xlsx([["甲"], ["乙"]])).status_code in (303, 422)

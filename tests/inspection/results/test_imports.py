"""A laboratory's workbook with the fourteen bad rows of the journey: refused one by one, given back, corrected, imported."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import func, select

from inspection import clock
from inspection.audit import AuditEvent
from inspection.db import Database
from inspection.errors import Invalid, Refused
from inspection.intake.reader import read, text_of
from inspection.results import imports
from inspection.results.models import ItemResult
from tests.inspection.intake.workbooks import xlsx
from tests.inspection.samples.bench import SAMPLED, TESTED, Bench

HEAD = [column.title_zh for column in imports.COLUMNS]
GOOD = {"铅（以Pb计）": ("<0.02", "mg/kg"), "苏丹红Ⅰ": ("ND", "μg/kg"), "蛋白质": ("１２．５", "g/100g"), "菌落总数": ("10/20/<10/2.2×10²/1.0E2", "CFU/g")}


@dataclass(frozen=True)
class Row:
    code: Any
    item: str
    text: str
    unit: str
    lod: str = ""
    claimed: str = ""
    on: str = "2026-09-28"

    def cells(self) -> list[Any]:
        return [self.code, self.item, self.text, self.unit, self.lod, "GB 5009", self.claimed, self.on]


def book(rows: list[Row]) -> bytes:
    return xlsx([HEAD, *(row.cells() for row in rows)])


def rows_of(codes: list[str]) -> list[Row]:
    return [Row(code, item, text, unit) for code in codes for item, (text, unit) in GOOD.items()]


class Desk(Bench):
    """Ten samples received, one more approved, one at another laboratory; a good workbook and a spoiled one."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, quota=15)
        (self.approved,) = self.reported("0.1")
        self.codes = self.receive(10)
        far = self.take(class_code="33", product_code="33")
        with clock.at(SAMPLED), database.write(self.sampler) as session:
            from inspection.samples import service

            service.hand_over(session, self.sampler, far.id, version=far.version_id, laboratory_id=self.other_lab)
        self.good = rows_of(self.codes)
        lead, last = self.good[0], self.codes[-1]
        base = [replace(lead, code=last, item=item, text=text, unit=unit) for item, (text, unit) in GOOD.items()]
        self.bad = [
            (replace(lead, code="ZZZZZZZZZZ"), "盲样编码", "没有盲样编码"),
            (replace(lead, code="YYYYYYYYYY"), "盲样编码", "没有盲样编码"),
            (replace(lead, code=far.code), "盲样编码", "不属于本机构"),
            (replace(base[0], item="不存在的项目甲"), "检验项目", "没有“不存在的项目甲”"),
            (replace(base[0], item="不存在的项目乙"), "检验项目", "没有“不存在的项目乙”"),
            (replace(base[0], unit="μg/kg"), "结果单位", "与限量的单位"),
            (replace(base[0], text="未检出"), "方法检出限", "没有检出限"),
            (replace(base[0], text="-0.02"), "检验结果", "负数"),
            (replace(base[0], on="2026-12-31"), "检验日期", "晚于今天"),
            (replace(lead), "盲样编码", "重复"),
            (replace(lead, code=self.approved, text="0.2"), "盲样编码", "已签发"),
            (replace(base[0], text="0.9", claimed="合格"), "结果判定", "与数值不符"),
            (replace(base[1], text="34", claimed="合格"), "结果判定", "与数值不符"),
            (replace(lead, code=1.23e12), "盲样编码", "数字"),
        ]

    def imported(self, data: bytes, *, all_or_nothing: bool = False, name: str = "检验结果.xlsx") -> tuple[int, int, int]:
        with clock.at(TESTED), self.database.write(self.entry) as session:
            kept = imports.keep_upload(session, self.entry, filename=name, content=data)
            return imports.apply(session, self.entry, kept.id, all_or_nothing=all_or_nothing)

    def count(self) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(ItemResult)) or 0


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_fourteen_bad_rows_each_with_row_column_reason_and_cure_and_the_way_back(desk: Desk) -> None:
    kept_out = len(desk.good) - 3
    spoiled = desk.good[:kept_out] + [row for row, _, _ in desk.bad]
    with clock.at(TESTED), desk.database.write(desk.entry) as session:
        upload = imports.keep_upload(session, desk.entry, filename="检验结果.xlsx", content=book(spoiled))
        found = imports.preview(session, desk.entry, upload.id)
        assert (found.n_good, found.n_bad, found.n_unchanged) == (kept_out, 14, 0)
        problems = found.preview.problems
        assert [p.row for p in problems] == list(range(kept_out + 2, kept_out + 16))
        for problem, (_, title, word) in zip(problems, desk.bad, strict=True):
            assert problem.title == title and word in problem.reason, problem
            assert problem.suggestion, problem
        errors = imports.errors(session, desk.entry, upload.id)
    assert desk.count() == 1  # the approved one: nothing stored by the preview
    with pytest.raises(Refused, match="14 行有误，一行也没有写入"):
        desk.imported(book(spoiled), all_or_nothing=True)
    assert desk.count() == 1
    assert desk.imported(book(spoiled)) == (kept_out, 0, 14)
    assert desk.imported(book(spoiled)) == (0, kept_out, 14)
    assert desk.count() == 1 + kept_out

    back = read(errors, "错误清单.xlsx")
    assert (len(back) == 14 and back.header[:8] == tuple(HEAD)) or list(back.header[:8]) == HEAD
    assert desk.imported(book(desk.good)) == (3, kept_out, 0)
    again = [[text_of(cell) for cell in row] for row in back.values]
    with clock.at(TESTED), desk.database.write(desk.entry) as session:  # the error workbook is read as it is
        upload = imports.keep_upload(session, desk.entry, filename="错误清单.xlsx", content=errors)
        assert imports.preview(session, desk.entry, upload.id).n_bad >= 12
    assert any("重复" in cells[-1] for cells in again) and all("原第" in cells[-1] for cells in again)


def test_every_stored_value_equals_the_file_as_another_reader_sees_it(desk: Desk) -> None:
    data = book(desk.good)
    assert desk.imported(data, all_or_nothing=True) == (len(desk.good), 0, 0)
    sheet = read(data, "x.xlsx")
    with desk.database.read() as session:
        from inspection.samples.models import Sample

        kept = session.execute(
            select(Sample.code, ItemResult.item_name, ItemResult.text, ItemResult.method, ItemResult.outcome)
            .join(Sample, Sample.id == ItemResult.sample_id).where(Sample.code != desk.approved)
        ).all()
    assert sorted((code, item, text, method) for code, item, text, method, _ in kept) == sorted((r[0], r[1], r[2], r[5]) for r in sheet.values)
    assert {outcome for *_, outcome in kept} == {"pass"}


def test_an_import_is_one_event_with_the_digest_of_the_file(desk: Desk) -> None:
    desk.imported(book(desk.good))
    with desk.database.read() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.verb.like("results.items.%")).order_by(AuditEvent.seq)).all()
        assert [event.verb for event in events] == ["results.items.upload", "results.items.apply"]
        assert session.scalars(select(AuditEvent.verb).where(AuditEvent.verb == "result.record")).all() == ["result.record"]  # the one typed by hand


def test_two_names_of_one_item_are_one_row_too_many(sqlite_database: Database) -> None:
    desk = Desk(sqlite_database)
    lead = desk.good[0]
    with clock.at(TESTED), sqlite_database.write(desk.entry) as session:
        upload = imports.keep_upload(session, desk.entry, filename="x.xlsx", content=book([lead, replace(lead, item="PB", text="0.4")]))
        found = imports.preview(session, desk.entry, upload.id)
        assert (found.n_good, found.n_bad) == (1, 1) and "第 2 行重复" in found.preview.problems[0].reason


def test_files_that_are_no_workbook_of_ours_are_refused_whole(sqlite_database: Database) -> None:
    desk = Desk(sqlite_database)
    with pytest.raises(Invalid, match="没有数据行"):
        desk.imported(xlsx([HEAD]))
    with pytest.raises(Invalid, match="表头"):
        desk.imported(xlsx([["甲", "乙"], ["1", "2"]]))
    with pytest.raises(Invalid):
        desk.imported(b"PK\x03\x04nonsense")
    with pytest.raises(Refused, match="没有一行正确"):
        desk.imported(book([desk.bad[0][0]]))
    assert read(imports.blank(), "模板.xlsx").header is not None

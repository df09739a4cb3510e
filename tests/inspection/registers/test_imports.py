"""Imports into the registers: one file, examined, applied once; bad rows come back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection.actor import SYSTEM, Actor
from inspection.audit import AuditEvent, verify
from inspection.db import Database
from inspection.errors import Invalid, NotFound, Refused
from inspection.intake import credit_code
from inspection.intake.columns import ERROR_TITLE
from inspection.intake.reader import read
from inspection.registers import service
from inspection.registers.imports import KINDS, Examination
from inspection.registers.models import (
    CheckItem,
    ConflictOfInterest,
    Department,
    Enterprise,
    EnterpriseTag,
    Inspector,
    Laboratory,
    LaboratoryCapacity,
    LaboratoryScope,
    Licence,
    Limit,
    Population,
    ProductCategory,
    Region,
    TestItem,
)
from tests import pace
from tests.inspection.intake.workbooks import xlsx
from tests.inspection.registers.county import PLANNER, build, firm, person

HEADER = ["统一社会信用代码", "名称", "行政区划代码", "信用等级", "标签"]


def code(serial: int) -> str:
    return credit_code.make("330106", serial)


def csv_of(rows: Sequence[Sequence[str]], encoding: str = "utf-8-sig") -> bytes:
    return "".join(",".join(row) + "\r\n" for row in rows).encode(encoding)


def keep(session: Session, kind: str, rows: Sequence[Sequence[Any]] | bytes, name: str = "表.xlsx", actor: Actor = SYSTEM) -> int:
    content = rows if isinstance(rows, bytes) else xlsx([list(row) for row in rows])
    return service.keep_upload(session, actor, kind, filename=name, content=content).id


def load(session: Session, kind: str, rows: Sequence[Sequence[Any]], *, all_or_nothing: bool = True) -> Examination:
    return service.apply_import(session, SYSTEM, keep(session, kind, rows), all_or_nothing=all_or_nothing)


def counts(done: Examination) -> tuple[int, int, int, int]:
    return done.n_new, done.n_changed, done.n_unchanged, done.n_bad


def reasons(done: Examination) -> dict[int, str]:
    return {row: "；".join(p.reason for p in problems) for row, problems in done.preview.bad_rows.items()}


def test_the_same_file_again_changes_nothing(database: Database) -> None:
    rows = xlsx([HEADER, [code(1), "甲", "330106001", "A", "食堂、农贸"], [code(2), "乙", "330106002", "", ""]])
    with database.write() as session:
        build(session)
        kept = keep(session, "enterprises", rows)
        assert counts(service.preview(session, SYSTEM, kept)) == (2, 0, 0, 0)
        assert session.scalar(select(func.count(Enterprise.id))) == 0
        assert counts(service.apply_import(session, SYSTEM, kept, all_or_nothing=True)) == (2, 0, 0, 0)
        first = service.enterprise_by_code(session, code(1))
        assert ({t.tag for t in first.tags}, first.credit_class, first.inspections_this_year, first.version_id) == ({"食堂", "农贸"}, "A", 0, 1)
        service.update_enterprise(session, SYSTEM, first.id, version=1, entry=firm(1, name="甲（更名）"))
        assert keep(session, "enterprises", rows) == kept
        for _ in range(2):
            assert counts(service.apply_import(session, SYSTEM, kept, all_or_nothing=True)) == (0, 0, 2, 0)
        assert service.enterprise_by_code(session, code(1)).name == "甲（更名）"
        assert verify(session).ok
        written = session.scalars(select(AuditEvent).where(AuditEvent.verb == "registers.enterprises.write")).all()
        assert len(written) == 1


def test_another_file_changes_only_the_columns_it_has(database: Database) -> None:
    with database.write() as session:
        build(session)
        load(session, "enterprises", [[*HEADER, "地址"], [code(1), "甲", "330106001", "A", "食堂", "北山路 1 号"], [code(2), "乙", "330106001", "B", "", ""]])
        monthly = [HEADER[:4], [code(1), "甲", "330106001", "C"], [code(2), "乙", "330106001", "B"]]
        assert counts(load(session, "enterprises", monthly)) == (0, 1, 1, 0)
        first = service.enterprise_by_code(session, code(1))
        session.refresh(first)
        assert (first.credit_class, first.address, [t.tag for t in first.tags], first.version_id) == ("C", "北山路 1 号", ["食堂"], 2)
        load(session, "enterprises", [[*HEADER[:3], "标签", "地址"], [code(1), "甲", "330106001", "冷库", ""]])
        session.expire_all()
        assert (first.address, [t.tag for t in first.tags]) == ("", ["冷库"])
        changed = session.scalars(select(AuditEvent).where(AuditEvent.verb == "registers.enterprises.write").order_by(AuditEvent.seq)).all()
        assert changed[1].before_digest and changed[1].before_digest != changed[1].after_digest


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_every_accepted_encoding_gives_the_same_firms(sqlite_database: Database, encoding: str) -> None:
    with sqlite_database.write() as session:
        build(session)
        rows = [HEADER, [code(1), "杭州西湖区龙井茶叶有限公司", "330106001", "A", "茶叶；电商"]]
        kept = keep(session, "enterprises", csv_of(rows, encoding), "表.csv")
        service.apply_import(session, SYSTEM, kept, all_or_nothing=True)
        row = service.enterprise_by_code(session, code(1))
        assert (row.name, sorted(t.tag for t in row.tags)) == ("杭州西湖区龙井茶叶有限公司", ["电商", "茶叶"])


def test_a_damaged_file_is_not_kept(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        build(session)
        whole = csv_of([HEADER, [code(1), "杭州西湖区龙井茶叶有限公司", "330106001", "A", ""]], "utf-8")
        for content, wanted in ((whole[:-30] + b"\xff\xfe" + whole[-30:], "upload-encoding"), (b"a,b\r\n1,2\r\n", "upload-header")):
            with pytest.raises(Invalid) as caught:
                keep(session, "enterprises", content, "表.csv")
            assert caught.value.code == wanted
        with pytest.raises(Invalid, match="没有数据行"):
            keep(session, "enterprises", [HEADER])
        assert service.recent(session, SYSTEM) == []
        with pytest.raises(NotFound):
            keep(session, "planets", [HEADER])


def test_spellings_of_one_code_are_one_row(database: Database) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code(1))
    spaced = f" {code(1)[:6]}　{code(1)[6:]} "
    with database.write() as session:
        build(session)
        done = load(session, "enterprises", [HEADER, [wide, "甲", "330106001", "A", ""], [spaced, "甲", "330106001", "A", ""]], all_or_nothing=False)
        assert counts(done) == (1, 0, 0, 1)
        assert "与第 2 行重复" in reasons(done)[3]
        assert session.scalars(select(Enterprise.code)).all() == [code(1)]
        assert counts(load(session, "enterprises", [HEADER, [code(1).lower(), "甲", "330106001", "A", ""]])) == (0, 0, 1, 0)


def test_bad_rows_come_back_with_reasons_and_go_in_once_corrected(database: Database) -> None:
    wrong = code(3)[:-1] + ("0" if code(3)[-1] != "0" else "1")
    rows = [
        HEADER,
        [code(1), "甲", "330106001", "A", ""],
        [wrong, "校验位错", "330106001", "A", ""],
        [9.1330106e17, "科学记数", "330106001", "A", ""],
        ["9.13301E+17", "科学记数文字", "330106001", "A", ""],
        [code(4), "区划未登记", "339999", "A", ""],
        [code(5), "等级错", "330106001", "E", ""],
        [code(6), "", "330106001", "A", ""],
        ["", "无代码", "330106001", "A", ""],
        [code(7), "填到省", "33", "A", ""],
    ]
    with database.write() as session:
        build(session)
        kept = keep(session, "enterprises", rows)
        with pytest.raises(Refused, match="8 行有误") as caught:
            service.apply_import(session, SYSTEM, kept, all_or_nothing=True)
        assert caught.value.code == "import-has-errors"
        assert session.scalar(select(func.count(Enterprise.id))) == 0
        done = service.apply_import(session, SYSTEM, kept, all_or_nothing=False)
        assert counts(done) == (1, 0, 0, 8)
        told = reasons(done)
        for row, part in {3: "校验位", 4: "存成了数字", 5: "科学记数法", 6: "未登记", 7: "不在可选值", 8: "必填", 9: "须填且只填一个", 10: "县"}.items():
            assert part in told[row], (row, told[row])
        name, book = service.error_workbook(session, SYSTEM, kept)
        sheet = read(book, name)
        assert (list(sheet.header), len(sheet)) == ([*HEADER, ERROR_TITLE], 8)
        assert all("原第" in str(line[-1]) for line in sheet.values)
        fixed = [list(sheet.header), *[[str(cell) for cell in line] for line in sheet.values]]
        for number, line in enumerate(fixed[1:], start=20):
            line[:4] = [code(number), line[1] or "补名", "330106001", "B"]
        assert counts(load(session, "enterprises", fixed)) == (8, 0, 0, 0)
        assert session.scalar(select(func.count(Enterprise.id))) == 9
        assert counts(service.apply_import(session, SYSTEM, kept, all_or_nothing=False)) == (0, 0, 1, 8)


def test_a_failure_in_the_middle_leaves_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from inspection.registers.imports import firms

    with database.write() as session:
        build(session)
        kept = keep(session, "enterprises", [HEADER, [code(1), "甲", "330106001", "A", "食堂"]])
    monkeypatch.setattr(firms, "_write_licences", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError), database.write() as session:
        service.apply_import(session, SYSTEM, kept, all_or_nothing=True)
    with database.read() as session:
        assert session.scalar(select(func.count(Enterprise.id))) == 0
        assert session.scalar(select(func.count()).select_from(EnterpriseTag)) == 0
        assert service.upload(session, SYSTEM, kept).state == "open"


def test_nobody_imports_into_another_region_or_another_persons_file(database: Database) -> None:
    with database.write() as session:
        build(session)
        service.create_enterprise(session, SYSTEM, firm(2, region_code="330102"))
        foreign = keep(session, "enterprises", [HEADER, [code(9), "旁人", "330106001", "A", ""]])
    with database.write(PLANNER) as session:
        rows = [HEADER, [code(1), "外区", "330102", "A", ""], [code(2), "夺入本区", "330106001", "A", ""], [code(3), "本区", "330106", "A", ""]]
        done = service.preview(session, PLANNER, keep(session, "enterprises", rows, actor=PLANNER))
        assert (counts(done), set(reasons(done))) == ((1, 0, 0, 2), {2, 3})
        with pytest.raises(NotFound):
            service.preview(session, PLANNER, foreign)


def test_tags_and_licences_of_the_enterprise_file(database: Database) -> None:
    header = [*HEADER[:3], "许可证类型", "许可证编号", "发证日期", "许可证有效期至"]
    with database.write() as session:
        build(session)
        rows = [
            header,
            [code(1), "甲", "330106001", "食品经营许可证", "JY1", "2024-01-01", "2029-01-01"],
            [code(2), "乙", "330106001", "食品经营许可证", "JY1", "", ""],
            [code(3), "丙", "330106001", "食品经营许可证", "", "", ""],
            [code(4), "丁", "330106001", "食品经营许可证", "JY4", "2024-01-01", "2023-01-01"],
        ]
        done = load(session, "enterprises", rows, all_or_nothing=False)
        assert (counts(done), set(reasons(done))) == ((1, 0, 0, 3), {3, 4, 5})
        renewed = [header, [code(1), "甲", "330106001", "食品经营许可证", "JY1", "2024-01-01", "2034-01-01"]]
        assert counts(load(session, "enterprises", renewed)) == (0, 1, 0, 0)
        assert session.execute(select(Licence.number, Licence.expires_on)).all() == [("JY1", date(2034, 1, 1))]
        further = [["统一社会信用代码或内部编号", "许可证类型", "许可证编号"], [code(1), "药品经营许可证", "YP1"], [code(8), "药品经营许可证", "YP2"]]
        assert counts(load(session, "licences", further, all_or_nothing=False)) == (1, 0, 0, 1)


def test_a_merged_firm_is_not_revived_by_a_file(database: Database) -> None:
    with database.write() as session:
        build(session)
        kept, other = (service.create_enterprise(session, SYSTEM, firm(n)) for n in (1, 2))
        service.merge_enterprises(session, SYSTEM, kept_id=kept.id, merged_id=other.id, reason="重复")
        done = service.preview(session, SYSTEM, keep(session, "enterprises", [HEADER, [code(2), "乙", "330106001", "A", ""]]))
        assert code(1) in reasons(done)[2]


def test_places_populations_and_departments(database: Database) -> None:
    with database.write() as session:
        rows = [["行政区划代码", "名称", "上级代码"], ["330106001", "北山街道", ""], ["33", "浙江省", ""], ["330106", "西湖区", "330000"],
                ["330108", "滨江区", "330106"], ["330000", "浙江", ""], ["33010", "短", ""]]  # fmt: skip
        done = load(session, "regions", rows, all_or_nothing=False)
        assert (counts(done), set(reasons(done))) == ((3, 0, 0, 3), {5, 6, 7})
        parents = dict(session.execute(select(Region.code, Region.parent_code)).all())
        assert parents == {"330000": None, "330106": "330000", "330106001": "330106"}
        assert counts(load(session, "regions", [rows[0], ["3301", "杭州市", ""]])) == (1, 0, 0, 0)
        session.expire_all()
        assert (session.get_one(Region, "330106").parent_code, session.get_one(Region, "330100").parent_code) == ("330100", "330000")
        people = [["行政区划代码", "年份", "口径", "人数", "已核实"], ["330106", "2026", "户籍", "320000", "否"], ["330106", "2026", "普查", "-5", ""],
                  ["119999", "2026", "常住", "1", ""], ["330106", "2026", "户籍人口", "1", ""]]  # fmt: skip
        assert counts(load(session, "populations", people, all_or_nothing=False)) == (1, 0, 0, 3)
        assert counts(load(session, "populations", [people[0], ["330106", "2026", "registered", "320001", "是"]])) == (0, 1, 0, 0)
        assert session.execute(select(Population.people, Population.verified)).all() == [(320001, True)]
        assert counts(load(session, "departments", [["部门代码", "名称"], ["SCJG", "市场监管局"], ["局", "x"]], all_or_nothing=False)) == (1, 0, 0, 1)
        assert session.scalars(select(Department.code)).all() == ["SCJG"]


def test_inspectors_and_conflicts(database: Database) -> None:
    with database.write() as session:
        build(session)
        header = ["人员编号", "姓名", "部门代码", "行政区划代码", "执法证有效期至", "检查区域", "可检查事项", "可任组长"]
        rows = [
            header,
            ["ZF-001", "张三", "SCJG", "330106", "2027年12月31日", "330106001、330106002", "A01;B02", "是"],
            ["ZF-002", "李四", "NONE", "330106", "2027-02-30", "", "", ""],
            ["ZF-003", "王五", "SCJG", "330106", "", "110000", "Z99", ""],
            ["ZF-001", "重复", "SCJG", "330106", "", "", "", ""],
        ]
        done = load(session, "inspectors", rows, all_or_nothing=False)
        assert (counts(done), set(reasons(done))) == ((1, 0, 0, 3), {3, 4, 5})
        row = session.scalars(select(Inspector)).one()
        assert (row.areas, row.skills, row.lead, row.active, row.certificate_expires_on) == (
            ["330106001", "330106002"], ["A01", "B02"], True, True, date(2027, 12, 31)
        )  # fmt: skip
        service.create_enterprise(session, SYSTEM, firm(1))
        conflicts = [["人员编号", "检查对象代码", "回避理由"], ["ZF-001", code(1), "亲属"], ["ZF-001", code(2), "亲属"], ["ZF-009", code(1), "亲属"]]
        assert counts(load(session, "conflicts", conflicts, all_or_nothing=False)) == (1, 0, 0, 2)
        assert counts(load(session, "conflicts", [conflicts[0], ["ZF-001", code(1).lower(), "股东"]])) == (0, 1, 0, 0)
        assert session.scalars(select(ConflictOfInterest.reason)).all() == ["股东"]


def test_laboratories_scopes_and_capacities(database: Database) -> None:
    with database.write() as session:
        build(session)
        load(session, "laboratories", [["机构编号", "名称", "资质有效期至"], ["LAB-A", "甲检验院", "2028-01-01"], ["LAB-B", "乙检验院", ""]])
        scopes = [["机构编号", "产品大类"], ["LAB-A", "肉制品"], ["LAB-A", "*"], ["LAB-B", "飞机"], ["LAB-Z", "肉制品"]]
        assert counts(load(session, "scopes", scopes, all_or_nothing=False)) == (2, 0, 0, 2)
        capacities = [["机构编号", "年份", "季度", "批次", "单价（分）"], ["LAB-A", "2027", "1", "900", "120000"], ["LAB-A", "2027", "5", "900", ""]]
        assert counts(load(session, "capacities", capacities, all_or_nothing=False)) == (1, 0, 0, 1)
        assert counts(load(session, "capacities", [capacities[0][:4], ["LAB-A", "2027", "1", "800"]])) == (0, 1, 0, 0)
        assert session.execute(select(LaboratoryCapacity.n_batches, LaboratoryCapacity.price_fen)).all() == [(800, 120000)]
        assert session.scalar(select(func.count()).select_from(LaboratoryScope)) == 2
        assert session.scalar(select(func.count(Laboratory.id))) == 2


def test_items_products_and_limits(database: Database) -> None:
    with database.write() as session:
        build(session)
        items = [["事项编码", "抽查事项", "抽查比例", "施行日期"], ["C01", "新事项", "3%", "2026-01-01"], ["A01", "事项A01", "", "2026-01-01"],
                 ["A01", "改版", "5%", "2026-07-01"], ["B02", "同日改", "", "2026-01-01"], ["B02", "更早", "", "2025-01-01"]]  # fmt: skip
        done = load(session, "check_items", items, all_or_nothing=False)
        assert (counts(done), set(reasons(done))) == ((2, 0, 1, 2), {5, 6})
        assert session.execute(select(CheckItem.version, CheckItem.name).where(CheckItem.code == "A01").order_by(CheckItem.version)).all() == [
            (1, "事项A01"), (2, "改版")
        ]  # fmt: skip
        tree = [["领域", "年份", "分类代码", "名称"], ["", "2026", "33.01", "蔬菜"], ["", "2026", "33.01.02", "叶菜"], ["", "2026", "33.02.01", "孤儿"],
                ["工业产品", "2026", "33", "占用"], ["食品", "2026", "33", "食用农产品（改）"]]  # fmt: skip
        done = load(session, "product_categories", tree, all_or_nothing=False)
        assert (counts(done), set(reasons(done))) == ((2, 1, 0, 2), {4, 5})
        assert session.execute(select(ProductCategory.parent_code, ProductCategory.level).where(ProductCategory.code == "33.01.02")).one() == ("33.01", 3)
        load(session, "test_items", [["项目编码", "检验项目", "单位"], ["T1", "毒死蜱", "mg/kg"], ["T2", "菌落总数", "CFU/g"]])
        limits = [["项目编码", "分类代码", "类别", "最大允许限", "n", "c", "m 值", "M 值（上限）", "施行日期"],
                  ["T1", "33.01", "限量", "0.05", "", "", "", "", "2022-01-01"], ["T2", "33", "采样方案", "", "5", "2", "100", "1000", "2022-01-01"],
                  ["T1", "33.09", "", "1", "", "", "", "", "2022-01-01"], ["T9", "33", "", "1", "", "", "", "", "2022-01-01"],
                  ["T1", "33", "限量", "", "", "", "", "", "2022-01-01"]]  # fmt: skip
        done = load(session, "limits", limits, all_or_nothing=False)
        assert (counts(done), set(reasons(done))) == ((2, 0, 0, 3), {4, 5, 6})
        stored = session.scalars(select(Limit).order_by(Limit.id)).all()
        assert [(x.upper, x.unit, x.plan) for x in stored] == [
            (Decimal("0.05"), "mg/kg", None), (None, "CFU/g", {"n": 5, "c": 2, "m": "100", "M": "1000"})
        ]  # fmt: skip
        changed = [limits[0], ["T1", "33.01", "限量", "0.01", "", "", "", "", "2022-01-01"], ["T1", "33.01", "限量", "0.01", "", "", "", "", "2027-01-01"]]
        done = load(session, "limits", changed, all_or_nothing=False)
        assert (counts(done), set(reasons(done))) == ((1, 0, 0, 1), {2})
        earlier = load(session, "limits", [limits[0], ["T1", "33.01", "限量", "0.01", "", "", "", "", "2021-01-01"], limits[1]], all_or_nothing=False)
        assert (counts(earlier), set(reasons(earlier))) == ((0, 0, 1, 1), {2})
        assert session.scalar(select(func.count(TestItem.id))) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_every_template_is_accepted_as_it_is_and_holds_no_row(sqlite_database: Database, kind: str) -> None:
    with sqlite_database.write() as session:
        kept = keep(session, kind, KINDS[kind].template())
        assert service.preview(session, SYSTEM, kept).n_rows == 0
        with pytest.raises(Refused, match="没有一行正确"):
            service.apply_import(session, SYSTEM, kept, all_or_nothing=False)


@pytest.mark.parametrize("kind", KINDS)
def test_no_cell_is_longer_than_its_column_of_the_database(kind: str) -> None:
    table = KINDS[kind].table.model.__table__
    for column in KINDS[kind].columns:
        stored = table.c.get(column.key)
        longest = getattr(getattr(stored, "type", None), "length", None)
        if longest is not None and column.kind in ("text", "id"):
            assert column.max_length <= longest, column.key
        if column.choices and longest is not None:
            assert max(map(len, column.choices)) <= longest, column.key


def test_numbers_that_no_paper_holds_are_refused(database: Database) -> None:
    with database.write() as session:
        build(session)
        service.create_test_item(session, SYSTEM, code="T1", name="毒死蜱", unit="mg/kg")
        header = ["项目编码", "分类代码", "最大允许限", "施行日期"]
        rows = [header, ["T1", "33", "1E90", "2022-01-01"], ["T1", "32", "1E-90", "2022-01-01"], ["T1", "31", "0.0000000001", "2022-01-01"]]
        done = load(session, "limits", rows, all_or_nothing=False)
        assert (counts(done), set(reasons(done))) == ((1, 0, 0, 2), {2, 3})
        places = [[*HEADER[:3], "纬度", "经度"], [code(1), "甲", "330106001", "1E-60", "120"], [code(2), "乙", "330106001", "30.25", ""]]
        done = service.preview(session, SYSTEM, keep(session, "enterprises", places))
        assert set(reasons(done)) == {2, 3}


def test_twelve_thousand_firms_take_seconds(database: Database) -> None:
    rows = [[*HEADER, "地址"]]
    rows += [[code(n), f"第{n}食品经营部", "330106001", "ABCD"[n % 4], "食堂、农贸" if n % 3 else "", f"北山路 {n} 号"] for n in range(12_000)]
    content = xlsx(rows)
    with database.write() as session:
        build(session)
        begun = time.process_time()
        kept = keep(session, "enterprises", content)
        assert counts(service.apply_import(session, SYSTEM, kept, all_or_nothing=True)) == (12_000, 0, 0, 0)
        first = time.process_time() - begun
        for row in rows[1:]:
            row[5] += "之一"
        content = xlsx(rows)
        begun = time.process_time()
        again = keep(session, "enterprises", content)
        assert counts(service.apply_import(session, SYSTEM, again, all_or_nothing=True)) == (0, 12_000, 0, 0)
        second = time.process_time() - begun
    assert max(first, second) < 12 * pace.SOON, (first, second)


def test_a_person_of_the_office_sees_own_files_newest_first(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        build(session)
        service.create_inspector(session, SYSTEM, person(1))
        one = keep(session, "departments", [["部门代码", "名称"], ["A", "甲"]])
        two = keep(session, "departments", [["部门代码", "名称"], ["B", "乙"]])
        keep(session, "departments", [["部门代码", "名称"], ["C", "丙"]], actor=PLANNER)
        assert [kept.id for kept in service.recent(session, SYSTEM)] == [two, one]
        with pytest.raises(NotFound, match="没有有误的行"):
            service.error_workbook(session, SYSTEM, one)

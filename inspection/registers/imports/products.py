"""Import of 抽查事项清单, 产品分类, 检验项目 and 限量."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from inspection.intake.columns import Column
from inspection.intake.preview import Finding, Row
from inspection.registers import catalogue, entries, rules
from inspection.registers.entries import CheckItemEntry, LimitEntry
from inspection.registers.imports.table import Change, Table, Values, findings_of
from inspection.registers.models import CheckItem, Limit, ProductCategory, TestItem


class CheckItems(Table):
    """抽查事项清单: a row with a later day is the next version of its item; what stands is never changed."""

    model = CheckItem
    identity = ("code", "valid_from")
    blanks = {
        "name": "", "category": "", "kind": "general", "basis": "", "subject": "", "target": "", "ratio": "", "frequency": "",
        "method": "", "content": "", "skills": [], "domain": "", "valid_to": None,
    }  # fmt: skip
    appends = True

    def prepare(self) -> None:
        self.newest: dict[str, tuple[date, int]] = {}
        for old in self.known.values():
            here = (old["valid_from"], old["version"])
            self.newest[old["code"]] = max(self.newest.get(old["code"], here), here)

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        named = {**values, "skills": tuple(values.get("skills", ()))}
        yield from findings_of(catalogue.check_item_faults(CheckItemEntry(**named)))
        newest = self.newest.get(values["code"])
        if old is None and newest is not None and values["valid_from"] < newest[0]:
            yield Finding("valid_from", f"已有自 {newest[0].isoformat()} 起施行的第 {newest[1]} 版", "新版的施行日期应在其后")

    def write(self, new: Sequence[Values], changed: Sequence[Change]) -> None:
        versions = {code: number for code, (_day, number) in self.newest.items()}
        numbered = []
        for values in sorted(new, key=lambda values: (values["code"], values["valid_from"])):
            versions[values["code"]] = versions.get(values["code"], 0) + 1
            numbered.append({**values, "version": versions[values["code"]]})
        super().write(numbered, changed)


class ProductCategories(Table):
    """产品分类: nodes of the tree of one year, the parent before the child."""

    model = ProductCategory
    identity = ("domain", "year", "code")
    blanks = {"name": "", "key_product": False}

    def read(self, row: Row) -> Values:
        place = {"domain": row["domain"] or "food", "year": row["year"], "code": row["code"]}
        position = {} if row.values["position"] is None else {"position": row["position"]}
        return {**place, **self.optional(row), **position}

    def prepare(self) -> None:
        self.tops = {old["code"].split(".")[0]: old["domain"] for old in self.known.values()}

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        code = values["code"]
        if fault := rules.product_fault(code):
            yield Finding("code", fault)
            return
        if not 2000 <= values["year"] <= 2100:
            yield Finding("year", "年份应在 2000 与 2100 之间")
        parent = rules.product_parent(code)
        key = (values["domain"], values["year"], parent)
        if parent is not None and key not in self.known and key not in self.accepted:
            yield Finding("code", f"上级分类 {parent} 未登记，也不在本文件前面的行中", "请把上级写在下级之前")
        if self.tops.setdefault(code.split(".")[0], values["domain"]) != values["domain"]:
            yield Finding("code", f"代码 {code.split('.')[0]} 已用于另一领域", "限量按代码查找，各领域的代码不可相同")
        if not 1 <= values.get("position", 1) <= 100_000:
            yield Finding("position", "序号应在 1 与 100000 之间")

    def write(self, new: Sequence[Values], changed: Sequence[Change]) -> None:
        last: dict[tuple[str, int], int] = {}
        for old in self.known.values():
            tree = (old["domain"], old["year"])
            last[tree] = max(last.get(tree, 0), old["position"])
        full = []
        for values in new:
            tree = (values["domain"], values["year"])
            last[tree] = values.get("position", last.get(tree, 0) + 1)
            place = {"position": last[tree], "level": rules.product_level(values["code"]), "parent_code": rules.product_parent(values["code"])}
            full.append({**values, **place})
        for change in changed:
            change.new.setdefault("position", change.old["position"])
        super().write(full, changed)


class TestItems(Table):
    """检验项目."""

    __test__ = False
    model = TestItem
    identity = ("code",)
    blanks = {"name": "", "unit": "", "microbiological": False}

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        if fault := rules.id_fault(values["code"], "项目编码"):
            yield Finding("code", fault)


class Limits(Table):
    """限量: a row with a later day follows the one that stands; what stands is never changed."""

    model = Limit
    identity = ("item_id", "product_code", "valid_from")
    appends = True

    def prepare(self) -> None:
        self.items = {item.code: item for item in self.session.scalars(select(TestItem))}
        self.products = set(self.session.scalars(select(ProductCategory.code)))
        self.newest: dict[tuple[int, str], date] = {}
        for old in self.known.values():
            pair = (old["item_id"], old["product_code"])
            self.newest[pair] = max(self.newest.get(pair, old["valid_from"]), old["valid_from"])

    def read(self, row: Row) -> Values:
        item = self.items.get(row["item_code"])
        if item is None:
            return {"item_id": None, "product_code": row["product_code"], "valid_from": row["valid_from"]}
        return catalogue.limit_columns(_entry(row), item)

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        if values["item_id"] is None:
            yield Finding("item_code", f"检验项目库中没有 {row['item_code']}", "请先导入检验项目")
            return
        if values["product_code"] not in self.products:
            yield Finding("product_code", f"产品分类中没有 {values['product_code']}", "请核对代码，或先导入产品分类")
        yield from findings_of(rules.limit_faults(_entry(row)))
        newest = self.newest.get((values["item_id"], values["product_code"]))
        if old is None and newest is not None and values["valid_from"] < newest:
            yield Finding("valid_from", f"已有自 {newest.isoformat()} 起施行的限量", "新限量的施行日期应在其后")


def _entry(row: Row) -> LimitEntry:
    blank: dict[str, Any] = {"kind": "range", "unit": "", "judged_by": "", "tested_by": "", "source": "", "verified": True}
    given: dict[str, Any] = {name: value for name, value in row.values.items() if value is not None}
    return LimitEntry(**{**blank, **given})


CHECK_ITEM_COLUMNS = (
    Column("code", "事项编码", "Item code", "id", required=True, example="A01", max_length=40),
    Column("category", "类别", "Category", max_length=100),
    Column("name", "抽查事项", "Item", required=True, example="营业执照规范使用情况的检查", max_length=200),
    Column("kind", "事项类型", "Kind", "choice", choices=entries.CHECK_KINDS),
    Column("basis", "抽查依据", "Legal basis", max_length=2000),
    Column("subject", "抽查主体", "Who checks", max_length=200),
    Column("target", "抽查对象", "What is checked", max_length=200),
    Column("ratio", "抽查比例", "Ratio", max_length=60, example="5%"),
    Column("frequency", "抽查频次", "Frequency", max_length=60, example="每年 1 次"),
    Column("method", "检查方式", "Method", max_length=100),
    Column("content", "内容及要求", "Content", max_length=2000),
    Column("skills", "所需资格", "Qualifications", "list", help="资格代码，以顿号分隔", max_length=600),
    Column("domain", "领域", "Domain", "choice", choices=entries.DOMAINS, help="食品类事项填“食品”：上级检查后三个月内不重复检查"),
    Column("valid_from", "施行日期", "Valid from", "date", required=True, example="2026-01-01"),
    Column("valid_to", "失效日期", "Valid to", "date"),
)
PRODUCT_COLUMNS = (
    Column("domain", "领域", "Domain", "choice", choices=entries.DOMAINS, help="留空为食品"),
    Column("year", "年份", "Year", "integer", required=True, example="2026"),
    Column("code", "分类代码", "Code", "id", required=True, example="33.01.02", help="一至四段，以点相连，前几段是上级的代码", max_length=40),
    Column("name", "名称", "Name", required=True, example="叶菜类蔬菜", max_length=100),
    Column("position", "序号", "Position", "integer"),
    Column("key_product", "重点产品", "Key product", "yes_no"),
)
TEST_ITEM_COLUMNS = (
    Column("code", "项目编码", "Item code", "id", required=True, example="T0101", max_length=40),
    Column("name", "检验项目", "Test item", required=True, example="毒死蜱", max_length=100),
    Column("unit", "单位", "Unit", example="mg/kg", max_length=30),
    Column("microbiological", "微生物项目", "Microbiological", "yes_no"),
)
LIMIT_COLUMNS = (
    Column("item_code", "项目编码", "Item code", "id", required=True, example="T0101", max_length=40),
    Column("product_code", "分类代码", "Product code", "id", required=True, example="33.01", max_length=40),
    Column("kind", "类别", "Kind", "choice", choices=entries.LIMIT_KINDS),
    Column("lower", "最小允许限", "Lower limit", "decimal"),
    Column("upper", "最大允许限", "Upper limit", "decimal", example="0.05"),
    Column("unit", "单位", "Unit", max_length=30, help="留空取检验项目的单位"),
    Column("detection_limit", "方法检出限", "Detection limit", "decimal"),
    Column("n", "n", "n", "integer", help="采样方案：样品数"),
    Column("c", "c", "c", "integer", help="采样方案：允许超过 m 的样品数"),
    Column("m", "m 值", "lower microbiological limit", "decimal", help="采样方案：m"),
    Column("big_m", "M 值（上限）", "upper microbiological limit", "decimal", help="采样方案：M；二级方案留空"),
    Column("judged_by", "判定依据", "Judged by", max_length=200),
    Column("tested_by", "检验依据", "Tested by", max_length=200),
    Column("valid_from", "施行日期", "Valid from", "date", required=True, example="2022-06-30"),
    Column("valid_to", "失效日期", "Valid to", "date"),
    Column("source", "来源", "Source", max_length=300, example="GB 2763-2021"),
    Column("verified", "已核实", "Verified", "yes_no"),
)

"""Import of 承检机构, their 承检范围 and 承检能力."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from inspection.intake.columns import Column
from inspection.intake.preview import Finding, Row
from inspection.registers import laboratories, rules
from inspection.registers.entries import ALL_CLASSES
from inspection.registers.imports.table import Table, Values, findings_of
from inspection.registers.models import Laboratory, LaboratoryCapacity, LaboratoryScope


class Laboratories(Table):
    """承检机构, without scope and capacity."""

    model = Laboratory
    identity = ("code",)
    blanks = {
        "name": "", "accreditation_number": "", "accreditation_expires_on": None, "address": "", "contact": "", "phone": "",
        "suspended": False,
    }  # fmt: skip

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        if fault := rules.id_fault(values["code"], "机构编号"):
            yield Finding("code", fault)


class _OfLaboratory(Table):
    """A table whose rows belong to a laboratory named by its code."""

    def prepare(self) -> None:
        self.labs = {row.code: row.id for row in self.session.execute(select(Laboratory.code, Laboratory.id))}
        self.classes = laboratories.class_names(self.session) | {ALL_CLASSES}

    def lab(self, row: Row) -> Values:
        return {"laboratory_id": self.labs.get(row["laboratory_code"])}

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        if values["laboratory_id"] is None:
            yield Finding("laboratory_code", f"名录库中没有检验机构 {row['laboratory_code']}", "请先导入检验机构")


class Scopes(_OfLaboratory):
    """承检范围: rows are added; to take a class away, edit the laboratory."""

    model = LaboratoryScope
    identity = ("laboratory_id", "product_class")

    def read(self, row: Row) -> Values:
        return {**self.lab(row), "product_class": row["product_class"]}

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        yield from super().findings(row, values, old)
        if values["product_class"] not in self.classes:
            yield Finding("product_class", f"产品分类的大类中没有“{values['product_class']}”", "请按产品分类表的名称填写，全部填 *")


class Capacities(_OfLaboratory):
    """承检能力: batches in a quarter; entered again, replaced."""

    model = LaboratoryCapacity
    identity = ("laboratory_id", "year", "quarter")
    blanks = {"price_fen": 0}

    def read(self, row: Row) -> Values:
        numbers = {name: row[name] for name in ("year", "quarter", "n_batches")}
        return {**self.lab(row), **numbers, **self.optional(row)}

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        yield from super().findings(row, values, old)
        yield from findings_of(
            laboratories.capacity_faults(values["year"], values["quarter"], values["n_batches"], values.get("price_fen", 0))
        )


_LAB = Column("laboratory_code", "机构编号", "Laboratory code", "id", required=True, example="LAB-A", max_length=64)
LABORATORY_COLUMNS = (
    Column("code", "机构编号", "Laboratory code", "id", required=True, example="LAB-A", max_length=64),
    Column("name", "名称", "Name", required=True, example="某某食品检验研究院", max_length=200),
    Column("accreditation_number", "资质证书号", "Accreditation number", "id", max_length=60),
    Column("accreditation_expires_on", "资质有效期至", "Accreditation expires on", "date"),
    Column("address", "地址", "Address", max_length=300),
    Column("contact", "联系人", "Contact", max_length=60),
    Column("phone", "电话", "Phone", max_length=40),
    Column("suspended", "暂停承检", "Suspended", "yes_no"),
)
SCOPE_COLUMNS = (
    _LAB,
    Column("product_class", "产品大类", "Product class", required=True, example="肉制品", help="大类名称；全部大类填 *", max_length=60),
)
CAPACITY_COLUMNS = (
    _LAB,
    Column("year", "年份", "Year", "integer", required=True, example="2027"),
    Column("quarter", "季度", "Quarter", "integer", required=True, example="1"),
    Column("n_batches", "批次", "Batches", "integer", required=True, example="900"),
    Column("price_fen", "单价（分）", "Price per batch (fen)", "integer", example="120000", help="每批次价格，单位：分"),
)

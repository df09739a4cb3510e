"""Import of 行政区划, 人口, 执法部门."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from inspection.intake.columns import Column
from inspection.intake.preview import Finding, Row
from inspection.registers import regions, rules
from inspection.registers.entries import LEVELS, POPULATION_KINDS
from inspection.registers.imports.table import Change, Table, Values, findings_of
from inspection.registers.models import Department, Population, Region
from inspection.scope import covers

OUTSIDE = Finding("region_code", "不在您的辖区内，不能登记", "请由该地区的人员导入")


class Regions(Table):
    """行政区划: level and parent follow from the code."""

    model = Region
    identity = ("code",)

    def read(self, row: Row) -> Values:
        return {"code": rules.region_form(row["code"]), "name": row["name"]}

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        code = values["code"]
        if code is None:
            yield Finding("code", f"“{row['code']}”不是省、市、县或乡镇的代码", "请写 6 位代码，乡镇写 9 位")
            return
        if not covers(self.actor, code):
            yield Finding("code", OUTSIDE.reason, OUTSIDE.suggestion)
        if row["parent_code"] is not None:
            yield from self._parent(row, code)

    def _parent(self, row: Row, code: str) -> Iterator[Finding]:
        parent = rules.region_form(row["parent_code"])
        if parent not in rules.ancestors(code):
            yield Finding("parent_code", f"{row['parent_code']} 不包含 {code}", "请核对代码，或留空由系统按代码归属")
        elif (parent,) not in self.known and (parent,) not in self.accepted:
            yield Finding("parent_code", f"上级 {parent} 未登记，也不在本文件前面的行中", "请把上级写在下级之前")

    def write(self, new: Sequence[Values], changed: Sequence[Change]) -> None:
        known = {code for (code,) in self.known} | {values["code"] for values in new}
        full = [
            {**values, "level": rules.region_level(values["code"]), "parent_code": rules.parent_of(values["code"], known)}
            for values in new
        ]
        full.sort(key=lambda values: (list(LEVELS).index(values["level"]), values["code"]))  # the parent first
        super().write(full, changed)
        regions.relink(self.session)


class Populations(Table):
    """人口: a figure per place, year and kind of count; a correction replaces it."""

    model = Population
    identity = ("region_code", "year", "kind")
    blanks = {"source": "", "verified": True}

    def prepare(self) -> None:
        self.regions = set(self.session.scalars(select(Region.code)))

    def read(self, row: Row) -> Values:
        place = rules.region_form(row["region_code"]) or row["region_code"]
        return {"region_code": place, "year": row["year"], "kind": row["kind"], "people": row["people"], **self.optional(row)}

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        if values["region_code"] not in self.regions:
            yield Finding("region_code", f"行政区划 {values['region_code']} 未登记", "请先导入行政区划")
        elif not covers(self.actor, values["region_code"]):
            yield OUTSIDE
        yield from findings_of(regions.population_faults(values["kind"], values["year"], values["people"]))


class Departments(Table):
    """执法部门: the code is the unit of the draw protocol."""

    model = Department
    identity = ("code",)
    blanks = {"name": ""}

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        if fault := rules.id_fault(values["code"], "部门代码"):
            yield Finding("code", fault)


REGION_COLUMNS = (
    Column("code", "行政区划代码", "Region code", "region", required=True, example="330106", help="GB/T 2260 六位代码，乡镇（街道）九位"),
    Column("name", "名称", "Name", required=True, example="西湖区", max_length=60),
    Column("parent_code", "上级代码", "Parent code", "region", example="330100", help="可留空，由代码推定"),
)
POPULATION_COLUMNS = (
    Column("region_code", "行政区划代码", "Region code", "region", required=True, example="330106"),
    Column("year", "年份", "Year", "integer", required=True, example="2026"),
    Column("kind", "口径", "Kind of count", "choice", required=True, choices=POPULATION_KINDS),
    Column("people", "人数", "People", "integer", required=True, example="320000", help="整数，单位：人"),
    Column("source", "来源", "Source", example="2026 年公安户籍年报"),
    Column("verified", "已核实", "Verified", "yes_no"),
)
DEPARTMENT_COLUMNS = (
    Column("code", "部门代码", "Department code", "id", required=True, example="SCJG", max_length=64),
    Column("name", "名称", "Name", required=True, example="市场监督管理局", max_length=100),
)

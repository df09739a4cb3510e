"""Import of 外部检查: what other departments and levels did, or drew, at the objects of this register."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from inspection import clock
from inspection.intake.columns import Column
from inspection.intake.preview import Finding, Row
from inspection.registers import entries, rules
from inspection.registers.imports.table import Table, Values, sql_table
from inspection.registers.models import CheckItem, Enterprise, OutsideCheck
from inspection.scope import covers

AHEAD = timedelta(days=400)  # a date further away than any plan is a slip of the pen


class OutsideChecks(Table):
    """外部检查: by object, day, form, authority and matter; entered again, level, cause and source are replaced."""

    model = OutsideCheck
    identity = ("enterprise_id", "on", "kind", "authority", "item_code", "product_code")
    blanks = {"cause": "random", "source": ""}

    def prepare(self) -> None:
        firms = sql_table(Enterprise).c
        rows = self.session.execute(select(firms.code, firms.id, firms.region_code, firms.merged_into_id)).all()
        self.by_code, self.by_id = {row.code: row for row in rows}, {row.id: row for row in rows}
        self.items = set(self.session.scalars(select(CheckItem.code)))

    def read(self, row: Row) -> Values:
        firm = self.by_code.get(rules.enterprise_code(row["code"], internal=False)[0]) or self.by_code.get(row["code"])
        return {
            "enterprise_id": firm.id if firm else None, "on": row["on"], "kind": row["kind"], "authority": row["authority"],
            "item_code": row["item_code"] or "", "product_code": row["product_code"] or "", "level": row["level"], **self.optional(row),
        }  # fmt: skip

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        firm = self.by_id.get(values["enterprise_id"])
        if firm is None or not covers(self.actor, firm.region_code):
            yield Finding("code", f"名录库中没有 {row['code']}，或它不在您的辖区", "请先登记检查对象")
        elif firm.merged_into_id is not None:
            yield Finding("code", f"该对象已并入 {self.by_id[firm.merged_into_id].code}", "请改用合并后的代码")
        if values["kind"] == "sample":
            yield from self._sample(values)
        else:
            yield from self._visit(values)
        if values["kind"] != "drawn" and values["on"] > clock.today():
            yield Finding("on", "检查、抽样的日期在今天之后", "尚未检查的请在“方式”中选“已抽中（未检查）”")
        elif values["on"] > clock.today() + AHEAD:
            yield Finding("on", "日期太远", "请核对年份")

    def _visit(self, values: Values) -> Iterator[Finding]:
        if not values["item_code"]:
            yield Finding("item_code", "检查和抽中须填抽查事项编码", "请按抽查事项清单填写，才能看出是否重复")
        elif values["item_code"] not in self.items:
            yield Finding("item_code", f"抽查事项清单中没有 {values['item_code']}", "请核对编码，或先登记抽查事项")
        if values["product_code"]:
            yield Finding("product_code", "只有抽样填产品分类代码", "请清空，或把方式改为“抽样”")

    def _sample(self, values: Values) -> Iterator[Finding]:
        if values["item_code"]:
            yield Finding("item_code", "抽样不填抽查事项编码", "请清空，或把方式改为“检查”")
        if not values["product_code"]:
            yield Finding("product_code", "抽样须填产品分类代码", "例如 33.01.02")
        elif fault := rules.product_fault(values["product_code"]):
            yield Finding("product_code", fault)


OUTSIDE_COLUMNS = (
    Column("code", "检查对象代码", "Code of the object", "id", required=True, example="913301060000MX34X3", help="统一社会信用代码或内部编号", max_length=64),
    Column("authority", "检查机关", "Authority", required=True, example="杭州市应急管理局", max_length=100),
    Column("level", "层级", "Level", "choice", required=True, choices=entries.CHECK_LEVELS, example="市"),
    Column("kind", "方式", "Form", "choice", required=True, choices=entries.CHECK_FORMS, example="检查", aliases=("形式",)),
    Column("item_code", "抽查事项编码", "Item code", "id", example="A01", help="检查、抽中须填", max_length=40),
    Column("product_code", "产品分类代码", "Product code", "id", help="抽样须填", max_length=40),
    Column("on", "日期", "Date", "date", required=True, example="2026-03-02", help="检查或抽样的日期；已抽中的填计划检查的日期"),
    Column("cause", "起因", "Cause", "choice", choices=entries.CHECK_CAUSES, help="投诉举报引起的检查不计入年度频次上限；留空为双随机"),
    Column("source", "数据来源", "Source of the data", example="市执法监督平台 2026-03-31 导出", max_length=300),
)

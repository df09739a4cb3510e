"""Import of 检查对象 with their tags and licences, and of further licences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from inspection import clock
from inspection.intake.columns import Column
from inspection.intake.preview import Finding, Row
from inspection.registers import entries, rules
from inspection.registers.imports.table import Change, Table, Values, findings_of, grade, sql_table
from inspection.registers.models import Enterprise, EnterpriseTag, Licence, Region
from inspection.scope import covers

LICENCE = ("licence_kind", "licence_number", "licence_issued_on", "licence_expires_on", "licence_issuer")


class Enterprises(Table):
    """检查对象: one row per object, by credit code or internal number; tags are replaced, the licence is added or renewed."""

    model = Enterprise
    identity = ("code",)
    blanks = {
        "kind": "enterprise", "address": "", "station": "", "state": "open", "credit_class": None, "food_risk_grade": None,
        "industry": "", "link": "", "contact": "", "phone": "", "legal_person": "", "latitude": None, "longitude": None,
        "inspection_cap": None, "tags": [],
    }  # fmt: skip

    def loaded(self) -> list[str]:
        always = ["id", "code", "code_kind", "name", "region_code", "merged_into_id"]
        return always + [name for name in self.blanks if name in self.present and name in self.table.c]

    def prepare(self) -> None:
        session = self.session
        self.levels = {row.code: row.level for row in session.execute(select(Region.code, Region.level))}
        tags: dict[int, list[str]] = {}
        for holder, tag in session.execute(select(EnterpriseTag.enterprise_id, EnterpriseTag.tag)):
            tags.setdefault(holder, []).append(tag)
        for old in self.known.values():
            old["tags"] = sorted(tags.get(old["id"], []))
        self.licences = {(row["kind"], row["number"]): dict(row) for row in session.execute(select(sql_table(Licence))).mappings()}
        self.codes: dict[int, str] = {old["id"]: old["code"] for old in self.known.values()}
        self.claimed: dict[tuple[str, str], str] = {}

    def read(self, row: Row) -> Values:
        internal = row["credit_code"] is None
        values: Values = {
            "code": row["internal_code"] if internal else row["credit_code"],
            "code_kind": "internal" if internal else "uscc",
            "name": row["name"],
            "region_code": rules.region_form(row["region_code"]) or row["region_code"],
            **self.optional(row),
        }
        if "tags" in values:
            values["tags"] = sorted(values["tags"])
        licence = tuple(row.values[name] for name in LICENCE)
        if any(part is not None for part in licence):
            values["licence"] = licence
        return values

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        yield from self._code(row, values, old)
        place = values["region_code"]
        if place not in self.levels:
            yield Finding("region_code", f"行政区划 {place} 未登记", "请核对代码，或先导入行政区划")
        elif self.levels[place] == "province":
            yield Finding("region_code", "应填到县（区）或乡镇（街道）")
        elif not covers(self.actor, place) or (old is not None and not covers(self.actor, old["region_code"])):
            yield Finding("region_code", "该对象不在您的辖区内，不能登记或修改", "请由该地区的人员导入")
        yield from findings_of(rules.place_faults(values.get("latitude"), values.get("longitude")))
        for tag in values.get("tags", ()):
            if len(tag) > 60:
                yield Finding("tags", f"标签“{tag[:20]}……”超过 60 个字", "请缩短")
        if (cap := values.get("inspection_cap")) is not None and not 0 <= cap <= 1000:
            yield Finding("inspection_cap", "年度检查上限应在 0 与 1000 之间")
        if "licence" in values:
            yield from self._licence(values)

    def _code(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        if (row["credit_code"] is None) == (row["internal_code"] is None):
            yield Finding("credit_code", "统一社会信用代码和内部编号须填且只填一个", "有统一社会信用代码的填代码，没有的填内部编号")
            return
        internal = row["internal_code"] is not None
        fault = rules.enterprise_code(values["code"], internal=internal)[1] if internal else None
        if fault:
            yield Finding("internal_code", fault)
        if old is not None and old["merged_into_id"] is not None:
            yield Finding("credit_code", f"该对象已并入 {self.codes.get(old['merged_into_id'], '另一对象')}", "请改用合并后的代码")

    def _licence(self, values: Values) -> Iterator[Finding]:
        kind, number, issued, expires, _issuer = values["licence"]
        if kind is None or number is None:
            yield Finding("licence_number", "许可证类型和编号须同时填写")
            return
        if fault := rules.period_fault(issued, expires):
            yield Finding("licence_expires_on", fault)
        there = self.licences.get((kind, number))
        holder = self.codes[there["enterprise_id"]] if there else self.claimed.setdefault((kind, number), values["code"])
        if holder != values["code"]:
            yield Finding("licence_number", f"许可证 {number} 属于 {holder}", "请核对证号；一证只登记在一个对象名下")

    def differing(self, old: Values, values: Values) -> list[str]:
        licence = values.get("licence")
        names = [name for name, value in values.items() if name != "licence" and old.get(name) != value]
        return [*names, "licence"] if licence and self._licence_differs(licence) else names

    def _licence_differs(self, licence: tuple[Any, ...]) -> bool:
        there = self.licences.get((licence[0], licence[1]))
        return there is None or (there["issued_on"], there["expires_on"], there["issuer"]) != (*licence[2:4], licence[4] or "")

    def columns_of(self, values: Values) -> Values:
        return {**super().columns_of(values), "updated_at": clock.now()}

    def write(self, new: Sequence[Values], changed: Sequence[Change]) -> None:
        now = clock.now()
        super().write([{**values, "created_at": now} for values in new], changed)
        rows = [*new, *(change.new for change in changed)]
        ids = {row.code: row.id for row in self.session.execute(select(self.table.c.code, self.table.c.id))}
        _write_tags(self, rows, ids)
        _write_licences(self, rows, ids)


def _write_tags(table: Enterprises, rows: Sequence[Values], ids: dict[str, int]) -> None:
    if "tags" not in table.present or not rows:
        return
    connection, tags = table.session.connection(), sql_table(EnterpriseTag)
    holders = [{"holder": ids[row["code"]]} for row in rows if (row["code"],) in table.known]
    if holders:
        connection.execute(delete(tags).where(tags.c.enterprise_id == bindparam("holder")), holders)
    wanted = [{"enterprise_id": ids[row["code"]], "tag": tag} for row in rows for tag in row["tags"]]
    if wanted:
        connection.execute(insert(tags), wanted)


def _write_licences(table: Enterprises, rows: Sequence[Values], ids: dict[str, int]) -> None:
    new: list[Values] = []
    renewed: list[Values] = []
    for row in rows:
        if "licence" not in row or not table._licence_differs(row["licence"]):
            continue
        kind, number, issued, expires, issuer = row["licence"]
        there = table.licences.get((kind, number))
        values = {"issued_on": issued, "expires_on": expires, "issuer": issuer or ""}
        if there is None:
            new.append({"enterprise_id": ids[row["code"]], "kind": kind, "number": number, **values})
        else:
            renewed.append({"licence_id": there["id"], **{f"v_{name}": value for name, value in values.items()}})
    connection, licences = table.session.connection(), sql_table(Licence)
    if new:
        connection.execute(insert(licences), new)
    if renewed:
        names = {name: bindparam(f"v_{name}", type_=licences.c[name].type) for name in ("issued_on", "expires_on", "issuer")}
        connection.execute(update(licences).where(licences.c.id == bindparam("licence_id")).values(names), renewed)


class Licences(Table):
    """许可证: further licences of objects that are registered already."""

    model = Licence
    identity = ("kind", "number")
    blanks = {"issued_on": None, "expires_on": None, "issuer": ""}

    def prepare(self) -> None:
        firms = sql_table(Enterprise).c
        rows = self.session.execute(select(firms.code, firms.id, firms.region_code, firms.merged_into_id)).all()
        self.by_code, self.by_id = {row.code: row for row in rows}, {row.id: row for row in rows}

    def read(self, row: Row) -> Values:
        firm = self.by_code.get(rules.enterprise_code(row["code"], internal=False)[0]) or self.by_code.get(row["code"])
        return {"kind": row["kind"], "number": row["number"], "enterprise_id": firm.id if firm else None, **self.optional(row)}

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        firm = self.by_id.get(values["enterprise_id"])
        if firm is None or not covers(self.actor, firm.region_code):
            yield Finding("code", f"名录库中没有 {row['code']}，或它不在您的辖区", "请先登记检查对象")
            return
        if firm.merged_into_id is not None:
            yield Finding("code", "该对象已并入另一对象", "请改用合并后的代码")
        if old is not None and old["enterprise_id"] != firm.id:
            yield Finding("number", "该许可证登记在另一个对象名下", "请核对证号")
        if fault := rules.period_fault(values.get("issued_on"), values.get("expires_on")):
            yield Finding("expires_on", fault)


ENTERPRISE_COLUMNS = (
    Column("credit_code", "统一社会信用代码", "Unified social credit code", "credit_code", example="913301060000MX34X3", help="18 位，含校验位；请用文本格式", aliases=("社会信用代码", "信用代码")),
    Column("internal_code", "内部编号", "Internal number", "id", help="没有统一社会信用代码的对象（摊位、设备等）填写", max_length=64),
    Column("name", "名称", "Name", required=True, example="西湖区某某食品有限公司", max_length=200, aliases=("企业名称", "主体名称")),
    Column("region_code", "行政区划代码", "Region code", "region", required=True, example="330106001", help="县（区）六位或乡镇（街道）九位"),
    Column("kind", "对象类型", "Kind of object", "choice", choices=entries.OBJECT_KINDS),
    Column("address", "地址", "Address", max_length=300),
    Column("station", "监管所", "Station", max_length=100),
    Column("state", "状态", "State", "choice", choices=entries.STATES),
    grade("credit_class", "信用等级", "Credit class"),
    grade("food_risk_grade", "食品风险等级", "Food risk grade"),
    Column("industry", "行业", "Industry", max_length=60),
    Column("link", "环节", "Link", "choice", choices=entries.LINKS),
    Column("contact", "联系人", "Contact", max_length=60),
    Column("phone", "电话", "Phone", max_length=40),
    Column("legal_person", "法定代表人", "Legal representative", max_length=60),
    Column("latitude", "纬度", "Latitude", "decimal", help="度，WGS 84"),
    Column("longitude", "经度", "Longitude", "decimal", help="度，WGS 84"),
    Column("inspection_cap", "年度检查上限", "Inspections per year at most", "integer"),
    Column("tags", "标签", "Tags", "list", help="以顿号或分号分隔", max_length=600),
    Column("licence_kind", "许可证类型", "Kind of licence", max_length=60, example="食品经营许可证"),
    Column("licence_number", "许可证编号", "Licence number", "id", max_length=60),
    Column("licence_issued_on", "发证日期", "Issued on", "date"),
    Column("licence_expires_on", "许可证有效期至", "Expires on", "date"),
    Column("licence_issuer", "发证机关", "Issuer", max_length=100),
)
LICENCE_COLUMNS = (
    Column("code", "统一社会信用代码或内部编号", "Code of the object", "id", required=True, max_length=64),
    Column("kind", "许可证类型", "Kind of licence", required=True, max_length=60, example="食品经营许可证"),
    Column("number", "许可证编号", "Licence number", "id", required=True, max_length=60),
    Column("issued_on", "发证日期", "Issued on", "date"),
    Column("expires_on", "许可证有效期至", "Expires on", "date"),
    Column("issuer", "发证机关", "Issuer", max_length=100),
)

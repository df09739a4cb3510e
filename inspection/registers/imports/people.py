"""Import of 执法检查人员 and of their 回避."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from inspection.intake.columns import Column
from inspection.intake.preview import Finding, Row
from inspection.registers import inspectors, rules
from inspection.registers.imports.table import Table, Values, sql_table
from inspection.registers.models import ConflictOfInterest, Department, Enterprise, Inspector, Region
from inspection.scope import covers


class Inspectors(Table):
    """执法检查人员: by the id that the draw protocol publishes."""

    model = Inspector
    identity = ("code",)
    blanks = {
        "name": "", "department_code": "", "station": "", "certificate_number": "", "certificate_expires_on": None, "areas": [],
        "skills": [], "lead": False, "active": True, "leave_from": None, "leave_to": None, "phone": "",
    }  # fmt: skip

    def prepare(self) -> None:
        self.regions = set(self.session.scalars(select(Region.code)))
        self.departments = set(self.session.scalars(select(Department.code)))
        self.skills = inspectors.known_skills(self.session)

    def read(self, row: Row) -> Values:
        values = super().read(row)
        values["region_code"] = rules.region_form(row["region_code"]) or row["region_code"]
        if "areas" in values:
            values["areas"] = [rules.region_form(code) or code for code in values["areas"]]
        return values

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        if fault := rules.id_fault(values["code"], "人员编号"):
            yield Finding("code", fault)
        if values["department_code"] not in self.departments:
            yield Finding("department_code", f"部门 {values['department_code']} 未登记", "请先导入执法部门")
        places = {values["region_code"], *(old["region_code"] for old in [old] if old)}
        if values["region_code"] not in self.regions:
            yield Finding("region_code", f"行政区划 {values['region_code']} 未登记", "请先导入行政区划")
        elif not all(covers(self.actor, place) for place in places):
            yield Finding("region_code", "不在您的辖区内，不能登记或修改", "请由该地区的人员导入")
        for name, known, register in (("areas", self.regions, "行政区划"), ("skills", self.skills, "抽查事项清单")):
            unknown = [code for code in values.get(name, ()) if code not in known]
            if unknown:
                yield Finding(name, f"{register}中没有 {'、'.join(unknown)}", f"请核对代码，或先导入{register}")
        if fault := rules.period_fault(values.get("leave_from"), values.get("leave_to")):
            yield Finding("leave_to", fault)


class Conflicts(Table):
    """回避: a person and an object; entered again, reason and period are replaced."""

    model = ConflictOfInterest
    identity = ("inspector_id", "enterprise_id")
    blanks = {"reason": "", "valid_from": None, "valid_to": None}

    def prepare(self) -> None:
        people, firms = sql_table(Inspector).c, sql_table(Enterprise).c
        self.people = {row.code: row for row in self.session.execute(select(people.code, people.id, people.region_code))}
        self.firms = {row.code: row for row in self.session.execute(select(firms.code, firms.id, firms.region_code))}

    def read(self, row: Row) -> Values:
        person = self.people.get(row["inspector_code"])
        text = row["enterprise_code"]
        firm = self.firms.get(rules.enterprise_code(text, internal=False)[0]) or self.firms.get(text)
        ids = {"inspector_id": person.id if person else None, "enterprise_id": firm.id if firm else None}
        return {**ids, **self.optional(row)}

    def findings(self, row: Row, values: Values, old: Values | None) -> Iterator[Finding]:
        person = self.people.get(row["inspector_code"])
        if person is None or not covers(self.actor, person.region_code):
            yield Finding("inspector_code", f"名录库中没有检查人员 {row['inspector_code']}，或不在您的辖区", "请核对人员编号")
        if values["enterprise_id"] is None:
            yield Finding("enterprise_code", f"名录库中没有检查对象 {row['enterprise_code']}", "请核对代码")
        if fault := rules.period_fault(values.get("valid_from"), values.get("valid_to")):
            yield Finding("valid_to", fault)


INSPECTOR_COLUMNS = (
    Column("code", "人员编号", "Inspector id", "id", required=True, example="ZF-0042", help="抽取公示时使用，不写姓名", max_length=64),
    Column("name", "姓名", "Name", required=True, example="张三", max_length=60),
    Column("department_code", "部门代码", "Department code", "id", required=True, example="SCJG", max_length=64),
    Column("region_code", "行政区划代码", "Region code", "region", required=True, example="330106"),
    Column("station", "所", "Station", max_length=100),
    Column("certificate_number", "执法证号", "Certificate number", "id", max_length=60),
    Column("certificate_expires_on", "执法证有效期至", "Certificate expires on", "date", example="2027-12-31"),
    Column("areas", "检查区域", "Areas", "list", help="行政区划代码，以顿号分隔；留空表示不限", max_length=2000),
    Column("skills", "可检查事项", "Skills", "list", help="抽查事项编码，以顿号分隔", max_length=2000),
    Column("lead", "可任组长", "May lead", "yes_no"),
    Column("active", "在岗", "Active", "yes_no"),
    Column("leave_from", "请假自", "On leave from", "date"),
    Column("leave_to", "请假至", "On leave until", "date"),
    Column("phone", "电话", "Phone", max_length=40),
)
CONFLICT_COLUMNS = (
    Column("inspector_code", "人员编号", "Inspector id", "id", required=True, example="ZF-0042", max_length=64),
    Column("enterprise_code", "检查对象代码", "Code of the object", "id", required=True, help="统一社会信用代码或内部编号", max_length=64),
    Column("reason", "回避理由", "Reason", required=True, example="近亲属任职", max_length=200),
    Column("valid_from", "自", "From", "date"),
    Column("valid_to", "至", "Until", "date"),
)

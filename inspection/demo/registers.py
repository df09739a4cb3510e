"""The registers of the demonstration: places, 12,000 generated firms and some more that no draw may take, 40 inspectors, laboratories, items and limits."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from importlib.resources import files

from inspection.actor import Actor
from inspection.calendar import service as calendar
from inspection.db import Database
from inspection.indicators import service as indicators
from inspection.intake import credit_code
from inspection.registers import service as registers
from inspection.registers.entries import CheckItemEntry, LaboratoryEntry, LimitEntry
from inspection.rulebook import service as rulebook

DATA = files("inspection.demo") / "data"
CLASSES = (("A", 7200), ("B", 3600), ("C", 900), ("D", 300))
CLOSED = 61
DEPARTMENTS = (("SCJG", "市场监督管理局"), ("YJGL", "应急管理局"), ("XFJY", "消防救援支队"))
COUNTIES = ("320902", "320903", "320904", "320921", "320922", "320923", "320924", "320925", "320981")
N_INSPECTORS, N_LEAVE, N_EXPIRED, N_CONFLICTS = 40, 6, 3, 37
ITEM, LABELS, FIRE = "SP-01", "SP-02", "XF-01"
FIRST = date(2026, 1, 1)
LABORATORIES = (("LAB-A", "演示检验机构甲", 0), ("LAB-B", "演示检验机构乙", 20_000), ("LAB-C", "演示检验机构丙", 30_000))
EXCLUDED_FROM_C = "特殊膳食食品"
# (code, name, unit, upper limit, detection limit): illustrative limits, marked unverified
TEST_ITEMS = (
    ("PB", "铅（以Pb计）", "mg/kg", "0.5", "0.02"),
    ("CD", "镉（以Cd计）", "mg/kg", "0.2", "0.002"),
    ("AS", "总砷（以As计）", "mg/kg", "0.5", "0.01"),
    ("BA", "苯甲酸及其钠盐", "g/kg", "1.0", "0.005"),
    ("SA", "山梨酸及其钾盐", "g/kg", "1.0", "0.005"),
    ("DHA", "脱氢乙酸及其钠盐", "g/kg", "0.5", "0.002"),
    ("SUD", "苏丹红Ⅰ", "μg/kg", None, "10"),
    ("SO2", "二氧化硫残留量", "g/kg", "0.1", "0.003"),
    ("AFB1", "黄曲霉毒素B₁", "μg/kg", "5.0", "0.1"),
    ("POV", "过氧化值（以脂肪计）", "g/100g", "0.25", "0.01"),
    ("SACC", "糖精钠（以糖精计）", "g/kg", "0.15", "0.005"),
    ("TPC", "菌落总数", "CFU/g", "plan", None),
)


def packaged(database: Database, actor: Actor) -> None:
    """Calendar, rulebook, product tree and policy targets that ship with the software."""
    with database.write(actor) as session:
        calendar.load_packaged(session, actor)
        rulebook.load_packaged(session, actor)
        registers.load_packaged(session, actor)
        indicators.load_packaged(session, actor)


def places(database: Database, actor: Actor) -> None:
    """Regions with their population and its source."""
    rows = list(csv.DictReader((DATA / "regions.csv").read_text(encoding="utf-8").splitlines()))
    with database.write(actor) as session:
        for row in rows:
            registers.create_region(session, actor, code=row["code"], name=row["name"], parent_code=row["parent"] or None)
            if row["people"]:
                registers.set_population(
                    session, actor, region_code=row["code"], year=2020, kind="census", people=int(row["people"]), source=row["source"],
                    verified=row["verified"] == "true",
                )


def firm(i: int) -> str:
    """The code of a firm by its place in the register."""
    return credit_code.make(COUNTIES[i % len(COUNTIES)], i + 1)


def enterprises_file(classes: Sequence[tuple[str, int]] = CLASSES, closed: int = CLOSED, unrated: int = 0, last: Sequence[str] = ()) -> bytes:
    """Firms in scope, firms not rated yet and deregistered ones as an import file; the same bytes every time.

    Parameters
    ----------
    last : states of firms of class B behind all others (those that were visited before the draw).
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["统一社会信用代码", "名称", "行政区划代码", "地址", "状态", "信用等级", "环节", "标签", "许可证类型", "许可证编号", "许可证有效期至"])
    grades = [grade for grade, n in classes for _ in range(n)] + [""] * unrated
    states = ["开业"] * len(grades) + ["注销"] * closed + list(last)
    grades += ["B"] * (closed + len(last))
    links = ("生产", "流通", "餐饮")
    for i, (grade, state) in enumerate(zip(grades, states, strict=True)):
        county = COUNTIES[i % len(COUNTIES)]
        writer.writerow([firm(i), f"演示企业{i + 1:05d}有限公司", county, f"演示路{i % 900 + 1}号", state, grade, links[i % 3], "食品", *_licence(i)])
    return ("\ufeff" + out.getvalue()).encode()


def _licence(i: int) -> tuple[str, str, str]:
    """One producer in a hundred holds a licence whose holders are all to be inspected every year; one in five without a recorded end."""
    if i % 300:
        return "", "", ""
    return "工业产品生产许可证", f"演示XK{i // 300 + 1:05d}", "" if i % 1500 == 0 else f"{2027 + i // 300 % 4}-12-31"


def inspectors_file() -> bytes:
    """40 inspectors of three departments: six on leave, three with an expired certificate."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["人员编号", "姓名", "部门代码", "行政区划代码", "执法证号", "执法证有效期至", "可检查事项", "可任组长", "请假自", "请假至"])
    for i in range(N_INSPECTORS):
        leave = ("2026-11-01", "2026-12-31") if i % 7 == 5 and i // 7 < N_LEAVE else ("", "")
        expires = "2026-03-31" if i in (3, 17, 31) else "2028-12-31"
        writer.writerow(
            [f"ZF-{i + 1:04d}", f"演示人员{i + 1:02d}", DEPARTMENTS[i % 3][0], "320900", f"YS{i + 1:06d}", expires, ITEM, "是" if i % 2 == 0 else "否", *leave]
        )
    return ("\ufeff" + out.getvalue()).encode()


def conflicts_file(firms: int = 12_000) -> bytes:
    """37 pairs that must not meet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["人员编号", "检查对象代码", "回避理由"])
    for i in range(N_CONFLICTS):
        writer.writerow([f"ZF-{i % N_INSPECTORS + 1:04d}", firm(i * 317 % firms), "近亲属任职（演示）"])
    return ("\ufeff" + out.getvalue()).encode()


def import_file(database: Database, actor: Actor, kind: str, name: str, data: bytes) -> tuple[int, int]:
    """Import a file as a user would; gives the rows written and refused."""
    with database.write(actor) as session:
        upload = registers.keep_upload(session, actor, kind, filename=name, content=data)
        done = registers.apply_import(session, actor, upload.id, all_or_nothing=True)
        return done.n_new + done.n_changed, done.n_bad


def item_list(database: Database, actor: Actor) -> None:
    """Departments and the items of inspection, each of its department."""
    rules49 = "食品生产经营监督检查管理办法（总局令第49号）"
    entries = (
        CheckItemEntry(
            code=ITEM, name="食品生产经营监督检查", valid_from=FIRST, category="食品", kind="key", basis=rules49, subject="市、县市场监管部门",
            target="食品生产经营者", ratio="按信用风险分类", frequency="每年不超过 2 次", method="现场检查",
            content="资质、过程控制、贮存条件、进货查验", skills=(ITEM,), domain="food",
        ),
        CheckItemEntry(
            code=LABELS, name="食品标签、说明书检查", valid_from=FIRST, category="食品", basis=rules49, subject="市、县市场监管部门", target="食品经营者",
            ratio="专项部署", frequency="按专项方案", method="现场检查、网络监测", content="标签标识、生产日期、保质期", skills=(ITEM,), domain="food",
        ),
        CheckItemEntry(
            code=FIRE, name="消防安全检查", valid_from=FIRST, category="消防", basis="由消防救援机构填写（演示）", subject="消防救援机构", target="单位场所",
            ratio="按火灾风险分类", frequency="每年不超过 1 次", method="现场检查", content="疏散通道、消防设施、用火用电", skills=(FIRE,),
        ),
    )  # fmt: skip
    with database.write(actor) as session:
        for code, name in DEPARTMENTS:
            registers.create_department(session, actor, code=code, name=name)
        for entry in entries:
            registers.create_check_item(session, actor, entry)


def publish_items(database: Database, publisher: Actor) -> None:
    """The list of items on the public board."""
    with database.write(publisher) as session:
        registers.publish_check_items(session, publisher)


def laboratories(database: Database, actor: Actor) -> None:
    """Three laboratories with scope, capacity and price; one may not test special dietary food."""
    with database.write(actor) as session:
        known = sorted(registers.class_names(session))
        for code, name, extra in LABORATORIES:
            lab = registers.create_laboratory(
                session, actor,
                LaboratoryEntry(code=code, name=name, accreditation_number=f"演示{code}", accreditation_expires_on=date(2029, 12, 31)),
            )
            scope = [c for c in known if c != EXCLUDED_FROM_C] if code == "LAB-C" else ["*"]
            registers.set_scope(session, actor, lab.id, scope)
            for quarter in (1, 2, 3, 4):
                registers.set_capacity(session, actor, lab.id, year=2026, quarter=quarter, n_batches=4500, price_fen=80_000 + extra)


def limits(database: Database, actor: Actor) -> None:
    """Twelve items with illustrative limits for every class of 2026."""
    with database.write(actor) as session:
        for code, name, unit, _upper, _lod in TEST_ITEMS:
            registers.create_test_item(session, actor, code=code, name=name, unit=unit, microbiological=code == "TPC")
        for category in registers.categories(session, 2026):
            for code, _name, unit, upper, lod in TEST_ITEMS:
                registers.add_limit(session, actor, _limit(code, category.code, unit, upper, lod))


def _limit(code: str, product: str, unit: str, upper: str | None, lod: str | None) -> LimitEntry:
    kind = "plan" if upper == "plan" else "not_detected" if upper is None else "range"
    return LimitEntry(
        item_code=code, product_code=product, valid_from=date(2020, 1, 1), kind=kind,
        upper=Decimal(upper) if kind == "range" and upper else None, unit=unit, detection_limit=Decimal(lod) if lod else None,
        n=5 if kind == "plan" else None, c=2 if kind == "plan" else None, m=Decimal(10_000) if kind == "plan" else None,
        big_m=Decimal(100_000) if kind == "plan" else None, judged_by="演示限量（非现行标准）", tested_by="演示方法",
        source="演示数据", verified=False,
    )

"""Verbs on what is checked and against what: 抽查事项清单, 产品分类, 检验项目, 限量."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from importlib.resources import files
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import audit
from inspection.actor import Actor
from inspection.errors import Invalid, NotFound, Refused
from inspection.registers import entries, found, rules
from inspection.registers.entries import CheckItemEntry, LimitEntry
from inspection.registers.models import CheckItem, Limit, ProductCategory, TestItem
from inspection.rulebook.rules import in_force

DATA = files("inspection.registers") / "data"


# --- 抽查事项清单 -----------------------------------------------------------------------------------------------------


def create_check_item(session: Session, actor: Actor, entry: CheckItemEntry) -> CheckItem:
    """Enter an item of the list, or – when its code is there – its next version; the old ones stay as they were.

    Raises
    ------
    Refused : `item-not-newer`, the version would hold from no later day than the newest one.
    """
    found.refuse_faults(check_item_faults(entry))
    newest = session.scalars(select(CheckItem).where(CheckItem.code == entry.code).order_by(CheckItem.version.desc())).first()
    if newest is not None and entry.valid_from <= newest.valid_from:
        raise Refused(
            "item-not-newer", "事项 %(item)s 第 %(version)d 版自 %(day)s 起施行，新版的施行日期应在其后。",
            item=entry.code, version=newest.version, day=newest.valid_from.isoformat(),
        )  # fmt: skip
    row = CheckItem(version=newest.version + 1 if newest else 1, **item_columns(entry))
    session.add(row)
    session.flush()
    audit.record(session, actor, "registers.item.create", "check_item", f"{row.code}/{row.version}", before=newest, after=row)
    return row


def check_item_faults(entry: CheckItemEntry) -> list[rules.Fault]:
    """What cannot be an item of the list."""
    faults: list[rules.Fault] = []
    if fault := rules.id_fault(entry.code, "事项编码"):
        faults.append(("code", fault))
    if not entry.name.strip():
        faults.append(("name", "必填"))
    if entry.kind not in entries.CHECK_KINDS:
        faults.append(("kind", "不在可选值中"))
    if entry.domain not in ("", *entries.DOMAINS):
        faults.append(("domain", "不在可选值中"))
    faults += [("skills", fault) for skill in entry.skills if (fault := rules.id_fault(skill, "资格代码"))]
    if fault := rules.period_fault(entry.valid_from, entry.valid_to):
        faults.append(("valid_to", fault))
    return faults


def item_columns(entry: CheckItemEntry) -> dict[str, Any]:
    """The entry as columns of the table."""
    return {**asdict(entry), "skills": list(entry.skills)}


def check_items(session: Session, on: date) -> list[CheckItem]:
    """The list in force on a day, in order of its codes."""
    versions: dict[str, list[CheckItem]] = {}
    for row in session.scalars(select(CheckItem).order_by(CheckItem.code)):
        versions.setdefault(row.code, []).append(row)
    return [current for rows in versions.values() if (current := in_force(rows, on))]


def check_item(session: Session, item_id: int) -> CheckItem:
    """One version of one item."""
    return found.one(session, CheckItem, item_id, "抽查事项")


# --- 产品分类 ---------------------------------------------------------------------------------------------------------


def years(session: Session, domain: str = "food") -> list[int]:
    """Years that have a tree of that domain, newest first."""
    query = select(ProductCategory.year).where(ProductCategory.domain == domain).distinct()
    return sorted(session.scalars(query), reverse=True)


def tree_year(session: Session, year: int, domain: str = "food") -> int:
    """The year of the tree that serves a year: its own, or the nearest before it."""
    serving = [known for known in years(session, domain) if known <= year]
    if not serving:
        raise NotFound("no-product-tree", "%(year)d 年及以前没有产品分类。请先导入产品分类表。", year=year)
    return serving[0]


def categories(session: Session, year: int, *, domain: str = "food", parent: str | None = None) -> list[ProductCategory]:
    """The nodes directly under one, or the first level, in the official order."""
    where = ProductCategory.parent_code.is_(None) if parent is None else ProductCategory.parent_code == parent
    query = select(ProductCategory).where(ProductCategory.domain == domain, ProductCategory.year == year, where)
    return list(session.scalars(query.order_by(ProductCategory.position, ProductCategory.code)))


def load_packaged(session: Session, actor: Actor) -> int:
    """Enter the product classes that ship with the software and are not there yet; never overwrites an edited row."""
    there = {tuple(row) for row in session.execute(select(ProductCategory.domain, ProductCategory.year, ProductCategory.code))}
    text = (DATA / "product_categories.csv").read_text(encoding="utf-8")
    new = [
        ProductCategory(
            domain=row["domain"],
            year=int(row["year"]),
            code=row["code"],
            parent_code=rules.product_parent(row["code"]),
            level=rules.product_level(row["code"]),
            position=int(row["position"]),
            name=row["name"],
        )
        for row in csv.DictReader(text.splitlines())
        if (row["domain"], int(row["year"]), row["code"]) not in there
    ]
    session.add_all(new)
    session.flush()
    if new:
        audit.record(session, actor, "registers.load", "registers", "packaged", product_categories=len(new))
    return len(new)


# --- 检验项目 and 限量 ------------------------------------------------------------------------------------------------


def create_test_item(
    session: Session, actor: Actor, *, code: str, name: str, unit: str = "", microbiological: bool = False
) -> TestItem:
    """Enter what a laboratory measures, with its usual unit."""
    if fault := rules.id_fault(code, "项目编码"):
        raise Invalid("bad-id", "%(fault)s。", fields={"code": [fault]}, fault=fault)
    if session.scalar(select(TestItem.id).where(TestItem.code == code)) is not None:
        raise Refused("test-item-exists", "检验项目 %(item)s 已在项目库中。", item=code)
    row = TestItem(code=code, name=name.strip(), unit=unit.strip(), microbiological=microbiological)
    session.add(row)
    session.flush()
    audit.record(session, actor, "registers.test_item.create", "test_item", code, after=row)
    return row


def add_limit(session: Session, actor: Actor, entry: LimitEntry) -> Limit:
    """Enter a limit from a day on; one that stands is never changed, only followed by a newer one.

    Raises
    ------
    Refused : `limit-not-newer`, one with the same or a later day stands already.
    """
    fault = rules.product_fault(entry.product_code)
    found.refuse_faults([*([("product_code", fault)] if fault else []), *rules.limit_faults(entry)])
    item = session.scalar(select(TestItem).where(TestItem.code == entry.item_code))
    if item is None:
        raise Invalid("unknown-item", "检验项目库中没有 %(item)s。请先登记检验项目。", fields={"item_code": ["没有这个检验项目"]}, item=entry.item_code)
    if session.scalar(select(ProductCategory.id).where(ProductCategory.code == entry.product_code).limit(1)) is None:
        raise Invalid("unknown-product", "产品分类中没有 %(product)s。", fields={"product_code": ["没有这个分类"]}, product=entry.product_code)
    newest = session.scalar(
        select(func.max(Limit.valid_from)).where(Limit.item_id == item.id, Limit.product_code == entry.product_code)
    )
    if newest is not None and entry.valid_from <= newest:
        raise Refused(
            "limit-not-newer", "已有自 %(day)s 起施行的限量，限量不可更改；新限量的施行日期应在其后。", day=newest.isoformat()
        )
    row = Limit(**limit_columns(entry, item))
    session.add(row)
    session.flush()
    audit.record(session, actor, "registers.limit.add", "limit", row.id, after=row, item=item.code, product=row.product_code)
    return row


def limit_columns(entry: LimitEntry, item: TestItem) -> dict[str, Any]:
    """The entry as columns of the table; without a unit of its own it has the item's."""
    values = asdict(entry)
    for name in ("item_code", "n", "c", "m", "big_m"):
        del values[name]
    return {**values, "item_id": item.id, "unit": entry.unit or item.unit, "plan": rules.plan_of(entry)}


def limits(session: Session, product_code: str) -> Sequence[Limit]:
    """Limits of one node of the tree, by item, newest first."""
    return session.scalars(
        select(Limit).join(TestItem).where(Limit.product_code == product_code).order_by(TestItem.code, Limit.valid_from.desc())
    ).all()

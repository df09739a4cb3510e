"""Verbs on laboratories 承检机构: who they are, what they may test, how much they can take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inspection import audit
from inspection.actor import Actor
from inspection.errors import Invalid, Refused
from inspection.registers import found, rules
from inspection.registers.entries import ALL_CLASSES, LaboratoryEntry
from inspection.registers.models import Laboratory, LaboratoryCapacity, LaboratoryScope, ProductCategory

LABELS = {
    "name": "名称", "accreditation_number": "资质证书号", "accreditation_expires_on": "资质有效期至", "address": "地址",
    "contact": "联系人", "phone": "电话", "suspended": "暂停承检",
}  # fmt: skip


def laboratories() -> Select[Any]:
    """Laboratories of the register as a query."""
    return select(Laboratory)


def laboratory(session: Session, laboratory_id: int) -> Laboratory:
    """One laboratory by number."""
    return found.one(session, Laboratory, laboratory_id, "检验机构")


def create_laboratory(session: Session, actor: Actor, entry: LaboratoryEntry) -> Laboratory:
    """Register a laboratory, without scope and capacity."""
    fault = rules.id_fault(entry.code, "机构编号")
    found.refuse_faults([*([("code", fault)] if fault else []), *_faults(entry)])
    if session.scalar(select(Laboratory.id).where(found.same_id(Laboratory.code, entry.code))) is not None:
        raise Refused("laboratory-exists", "机构编号 %(lab)s 已在名录库中。请修改原有记录。", lab=entry.code)
    row = Laboratory(code=entry.code, **_columns(entry))
    session.add(row)
    session.flush()
    audit.record(session, actor, "registers.laboratory.create", "laboratory", row.code, after=content(row))
    return row


def update_laboratory(session: Session, actor: Actor, laboratory_id: int, *, version: int, entry: LaboratoryEntry) -> Laboratory:
    """Change a laboratory read at `version`; the code stays."""
    row = laboratory(session, laboratory_id)
    found.same_version(row, version, _columns(entry), LABELS)
    if entry.code != row.code:
        raise Invalid("code-fixed", "机构编号登记后不能修改。", fields={"code": ["不能修改"]})
    found.refuse_faults(_faults(entry))
    before = content(row)
    for name, value in _columns(entry).items():
        setattr(row, name, value)
    session.flush()
    audit.record(session, actor, "registers.laboratory.update", "laboratory", row.code, before=before, after=content(row))
    return row


def set_scope(session: Session, actor: Actor, laboratory_id: int, product_classes: Iterable[str]) -> Laboratory:
    """Replace the classes of products the laboratory may test: names of the first level, or "*" for all."""
    row = laboratory(session, laboratory_id)
    wanted = sorted(set(product_classes))
    unknown = [name for name in wanted if name not in class_names(session) | {ALL_CLASSES}]
    found.refuse_faults(("product_classes", f"产品分类的大类中没有“{name}”") for name in unknown)
    before = content(row)
    there = {scope.product_class: scope for scope in row.scopes}
    row.scopes[:] = [there.get(name) or LaboratoryScope(product_class=name) for name in wanted]
    session.flush()
    audit.record(session, actor, "registers.laboratory.scope", "laboratory", row.code, before=before, after=content(row))
    return row


def set_capacity(
    session: Session, actor: Actor, laboratory_id: int, *, year: int, quarter: int, n_batches: int, price_fen: int = 0
) -> LaboratoryCapacity:
    """Batches the laboratory can take in a quarter and its price per batch in fen; entered again, replaced."""
    lab = laboratory(session, laboratory_id)
    found.refuse_faults(capacity_faults(year, quarter, n_batches, price_fen))
    row = session.get(LaboratoryCapacity, (lab.id, year, quarter))
    before = audit.state_of(row) if row else None
    if row is None:
        row = LaboratoryCapacity(year=year, quarter=quarter, n_batches=n_batches, price_fen=price_fen)
        lab.capacities.append(row)
    row.n_batches, row.price_fen = n_batches, price_fen
    session.flush()
    audit.record(session, actor, "registers.laboratory.capacity", "laboratory", lab.code, before=before, after=row)
    return row


def capacity_faults(year: int, quarter: int, n_batches: int, price_fen: int) -> list[rules.Fault]:
    """What cannot be a capacity."""
    faults = []
    for name, value, least, most in (
        ("year", year, 2000, 2100),
        ("quarter", quarter, 1, 4),
        ("n_batches", n_batches, 0, 10_000_000),
        ("price_fen", price_fen, 0, 1_000_000_000),
    ):
        if not least <= value <= most:
            faults.append((name, f"应在 {least} 与 {most} 之间"))
    return faults


def class_names(session: Session) -> set[str]:
    """Names of first-level classes of every year."""
    return set(session.scalars(select(ProductCategory.name).where(ProductCategory.level == 1)))


def content(row: Laboratory) -> dict[str, Any]:
    """The laboratory with scope and capacity as plain values, for digests and answers."""
    state = audit.state_of(row)
    state["scopes"] = sorted(scope.product_class for scope in row.scopes)
    state["capacities"] = [
        {"year": c.year, "quarter": c.quarter, "n_batches": c.n_batches, "price_fen": c.price_fen}
        for c in sorted(row.capacities, key=lambda c: (c.year, c.quarter))
    ]
    return state


def entry_of(row: Laboratory) -> LaboratoryEntry:
    """The row as it was typed, to show in a form."""
    return LaboratoryEntry(code=row.code, **{name: getattr(row, name) for name in LABELS})


def _columns(entry: LaboratoryEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in LABELS}


def _faults(entry: LaboratoryEntry) -> list[rules.Fault]:
    return [] if entry.name.strip() else [("name", "必填")]

"""Verbs on places and people: 行政区划, 人口, 执法部门."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit
from inspection.actor import Actor
from inspection.errors import Invalid, Refused
from inspection.registers import found, rules
from inspection.registers.entries import POPULATION_KINDS
from inspection.registers.models import Department, Population, Region


def create_region(session: Session, actor: Actor, *, code: str, name: str, parent_code: str | None = None) -> Region:
    """Register a place; its level and place in the tree follow from the code.

    Parameters
    ----------
    code : GB/T 2260, two, four, six, nine or twelve digits.
    parent_code : only checked: it must contain the place. The parent kept is the nearest registered one.
    """
    form = rules.region_form(code)
    if form is None:
        raise Invalid("bad-region", "“%(place)s”不是行政区划代码。请填 6 位（乡镇 9 位）数字。", fields={"code": ["不是行政区划代码"]}, place=code[:30])
    found.in_reach(session, form)
    if session.get(Region, form) is not None:
        raise Refused("region-exists", "行政区划 %(place)s 已在名录库中。", place=form)
    known = set(session.scalars(select(Region.code)))
    if parent_code and rules.region_form(parent_code) not in set(rules.ancestors(form)) & known:
        raise Invalid("bad-parent", "上级 %(parent)s 未登记，或不包含 %(place)s。", fields={"parent_code": ["不是它的上级"]}, parent=parent_code, place=form)
    region = Region(code=form, name=name.strip(), level=rules.region_level(form), parent_code=rules.parent_of(form, known))
    session.add(region)
    session.flush()
    relink(session)
    audit.record(session, actor, "registers.region.create", "region", form, after=region)
    return region


def relink(session: Session) -> int:
    """Hang every place under the nearest registered one above it; gives how many moved."""
    regions = session.scalars(select(Region)).all()
    known = {region.code for region in regions}
    moved = 0
    for region in regions:
        parent = rules.parent_of(region.code, known)
        if region.parent_code != parent:
            region.parent_code = parent
            moved += 1
    session.flush()
    return moved


def rename_region(session: Session, actor: Actor, code: str, *, name: str) -> Region:
    """Correct the name of a place."""
    region = found.one(session, Region, code, "行政区划")
    found.in_reach(session, code)
    before = audit.state_of(region)
    region.name = name.strip()
    session.flush()
    audit.record(session, actor, "registers.region.rename", "region", code, before=before, after=region)
    return region


def region(session: Session, code: str) -> Region:
    """One place by its stored code."""
    return found.one(session, Region, code, "行政区划")


def children(session: Session, code: str | None) -> list[Region]:
    """The places directly under one; of None, the roots. In order of their codes."""
    where = Region.parent_code.is_(None) if code is None else Region.parent_code == code
    return list(session.scalars(select(Region).where(where).order_by(Region.code)))


def set_population(
    session: Session, actor: Actor, *, region_code: str, year: int, kind: str, people: int, source: str = "", verified: bool = True
) -> Population:
    """Enter or correct a figure; the correction is in the trail with both digests."""
    found.one(session, Region, region_code, "行政区划")
    found.in_reach(session, region_code)
    found.refuse_faults(population_faults(kind, year, people))
    row = session.scalar(
        select(Population).where(Population.region_code == region_code, Population.year == year, Population.kind == kind)
    )
    before = audit.state_of(row) if row else None
    if row is None:
        row = Population(region_code=region_code, year=year, kind=kind, people=people, source=source, verified=verified)
        session.add(row)
    else:
        row.people, row.source, row.verified = people, source, verified
    session.flush()
    audit.record(session, actor, "registers.population.set", "region", region_code, before=before, after=row, year=year, kind=kind)
    return row


def population_faults(kind: str, year: int, people: int) -> list[rules.Fault]:
    """What cannot be a population figure."""
    faults = []
    if kind not in POPULATION_KINDS:
        faults.append(("kind", "口径应为普查、常住或户籍"))
    if not 1949 <= year <= 2100:
        faults.append(("year", "年份应在 1949 与 2100 之间"))
    if not 0 <= people <= 2_000_000_000:
        faults.append(("people", "人数应为 0 至 20 亿的整数"))
    return faults


def population_of(session: Session, region_code: str, year: int, kind: str) -> int | None:
    """People of a place: its own figure, else the sum of the places under it when every one is known; None = unknown."""
    own = session.scalar(
        select(Population.people).where(Population.region_code == region_code, Population.year == year, Population.kind == kind)
    )
    if own is not None:
        return own
    parts = [population_of(session, child.code, year, kind) for child in children(session, region_code)]
    known = [part for part in parts if part is not None]
    return sum(known) if parts and len(known) == len(parts) else None


def populations(session: Session, region_code: str) -> Sequence[Population]:
    """The figures of a place, newest year first."""
    return session.scalars(
        select(Population).where(Population.region_code == region_code).order_by(Population.year.desc(), Population.kind)
    ).all()


def create_department(session: Session, actor: Actor, *, code: str, name: str) -> Department:
    """Register an office; its code is the `unit` of the draw protocol."""
    if fault := rules.id_fault(code, "部门代码"):
        raise Invalid("bad-id", "%(fault)s。", fields={"code": [fault]}, fault=fault)
    if session.get(Department, code) is not None:
        raise Refused("department-exists", "部门 %(unit)s 已在名录库中。", unit=code)
    department = Department(code=code, name=name.strip())
    session.add(department)
    session.flush()
    audit.record(session, actor, "registers.department.create", "department", code, after=department)
    return department

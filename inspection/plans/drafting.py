"""Drafting a plan: quota, margins, allocation to cells and quarters, laboratories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import combinations

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import Invalid, Refused
from inspection.plans import rules
from inspection.plans.asking import axis_of, content, draft
from inspection.plans.models import Plan, PlanCell, PlanLaboratory, PlanMargin
from inspection.registers import found as registers
from inspection.registers import regions as places
from inspection.registers.models import Laboratory, LaboratoryCapacity, ProductCategory, Region
from inspection.scope import overlaps, region_prefix
from sampling import allocate
from sampling.errors import SamplingError


def create(session: Session, actor: Actor, given: rules.NewPlan) -> Plan:
    """A new draft; the total follows from rate, population and rounding rule, or is typed.

    Raises
    ------
    Refused : the population of that year and kind is not in the register.
    """
    if found := rules.faults(given):
        raise Invalid("plan-incomplete", "计划有 %(n)s 处需要改正。", fields=found, n=len(found))
    registers.place(session, given.region_code)
    population = _population(session, given)
    total = _total(given, population)
    serial = session.scalar(
        select(func.count()).select_from(Plan).where(Plan.year == given.year, Plan.region_code == given.region_code).execution_options(unscoped=True)
    ) or 0
    plan = Plan(
        code=f"{given.year}-{given.region_code}-{serial + 1:02d}",
        year=given.year,
        title=given.title,
        region_code=given.region_code,
        purpose=given.purpose,
        random=given.random,
        domain=given.domain,
        product_year=given.product_year,
        rate_per_thousand=given.rate_per_thousand,
        rounding=given.rounding,
        population_kind=given.population_kind,
        population_year=given.population_year,
        population=population,
        total=total,
        note=given.note,
        created_by=actor.id,
        created_by_name=actor.name,
        created_at=clock.now(),
    )
    session.add(plan)
    session.flush()
    audit.record(session, actor, "plan.create", "plan", plan.code, after=plan, total=total)
    return plan


def _population(session: Session, given: rules.NewPlan) -> int | None:
    if given.rate_per_thousand is None:
        return None
    people = places.population_of(session, given.region_code, given.population_year or 0, given.population_kind)
    if people is None:
        raise Refused(
            "population-missing", "人口库中没有 %(region)s %(year)s 年的%(kind)s，其下各地区也不齐全。请先补录人口及其来源。",
            region=given.region_code, year=given.population_year, kind=rules.POPULATIONS.get(given.population_kind, given.population_kind),
        )
    return people


def _total(given: rules.NewPlan, population: int | None) -> int:
    if given.rate_per_thousand is None or population is None:
        return given.total or 0
    return allocate.quota(population, given.rate_per_thousand, given.rounding)


def set_margins(
    session: Session, actor: Actor, plan_id: int, *, version: int, regions: Mapping[str, Decimal], classes: Mapping[str, Decimal],
    class_minimum: int = 0,
) -> Plan:
    """Set the two margins from weights: regions (people, say) and product classes (shares); both become exact integers.

    Parameters
    ----------
    regions, classes : code → weight; codes from the registers.
    class_minimum : least batches of every class.
    """
    plan = draft(session, plan_id, version)
    names = dict(session.execute(select(Region.code, Region.name).where(Region.code.in_(regions))).all())
    labels = dict(
        session.execute(
            select(ProductCategory.code, ProductCategory.name).where(
                ProductCategory.year == plan.product_year, ProductCategory.domain == plan.domain, ProductCategory.code.in_(classes)
            )
        ).all()
    )
    _check_codes(plan, regions, classes, names, labels)
    try:
        rows = allocate.hamilton(plan.total, list(regions.values()))
        columns = allocate.hamilton(plan.total, list(classes.values()), [class_minimum] * len(classes))
    except SamplingError as error:
        raise Refused("margins-infeasible", "边际无法分配：%(why)s。", why=str(error)) from None
    plan.margins, plan.cells, plan.laboratories = [], [], []
    session.flush()  # the old rows go before the new ones come: both have the same keys
    plan.margins = [
        *_margins("region", regions, rows, names),
        *_margins("class", classes, columns, labels, class_minimum),
    ]
    flag_modified(plan, "total")  # the version moves with the table
    session.flush()
    audit.record(session, actor, "plan.set_margins", "plan", plan.code, regions=len(regions), classes=len(classes))
    return plan


def _check_codes(
    plan: Plan, regions: Mapping[str, Decimal], classes: Mapping[str, Decimal], names: Mapping[str, str], labels: Mapping[str, str]
) -> None:
    """Every row a registered place within the plan's own, none within another; every column a class of the year."""
    faults = {
        "regions": [f"{code} 未登记" for code in regions if code not in names]
        + [f"{code} 不在 {plan.region_code} 之内" for code in names if not code.startswith(region_prefix(plan.region_code))]
        + [f"{a} 与 {b} 重叠" for a, b in combinations(sorted(names), 2) if overlaps(a, b)],
        "classes": [f"{code} 不在 {plan.product_year} 年产品分类中" for code in classes if code not in labels],
    }
    found = {name: messages[:20] for name, messages in faults.items() if messages}
    if not regions or not classes:
        found.setdefault("regions" if not regions else "classes", ["至少一行"])
    if found:
        codes = "；".join(message for messages in found.values() for message in messages[:5])
        raise Invalid("unknown-margin", "区域或产品类别有误：%(codes)s。", fields=found, codes=codes)


def _margins(axis: str, weights: Mapping[str, Decimal], targets: Sequence[int], names: Mapping[str, str], minimum: int = 0) -> list[PlanMargin]:
    return [
        PlanMargin(axis=axis, position=i, code=code, name=names[code], weight=weight, target=target, minimum=minimum)
        for i, ((code, weight), target) in enumerate(zip(weights.items(), targets, strict=True))
    ]


def allocate_cells(session: Session, actor: Actor, plan_id: int, *, version: int, bounds: Sequence[rules.Bound] = ()) -> Plan:
    """Fill the table exactly on both margins, then split it over the quarters; the same input gives the same table."""
    plan = draft(session, plan_id, version)
    rows, columns = axis_of(plan, "region"), axis_of(plan, "class")
    if not rows or not columns:
        raise Refused("margins-missing", "请先设置区域和类别的边际。")
    at_row = {m.code: i for i, m in enumerate(rows)}
    at_column = {m.code: j for j, m in enumerate(columns)}
    for bound in bounds:
        if bound.region not in at_row or bound.product_class not in at_column:
            raise Invalid("unknown-cell", "计划中没有单元 %(region)s × %(class_)s。", region=bound.region, class_=bound.product_class)
    cell = {(at_row[b.region], at_column[b.product_class]): b for b in bounds}
    weights = np.outer([float(m.weight) for m in rows], [float(m.weight) for m in columns])
    try:
        found = allocate.two_margins(
            [m.target for m in rows], [m.target for m in columns], weights,
            locks={at: b.locked for at, b in cell.items() if b.locked is not None},
            minima={at: b.minimum for at, b in cell.items() if b.minimum},
            maxima={at: b.maximum for at, b in cell.items() if b.maximum is not None},
            row_names=[m.name for m in rows], column_names=[m.name for m in columns],
        )
        quarters = allocate.split_quarters(found.table)
    except SamplingError as error:
        raise Refused("allocation-infeasible", "%(why)s", why=str(error)) from None
    plan.cells, plan.laboratories = [], []
    session.flush()
    plan.cells = [
        PlanCell(
            region_code=r.code, class_code=c.code, n_batches=int(found.table[i, j]),
            locked=cell[i, j].locked if (i, j) in cell else None,
            minimum=cell[i, j].minimum if (i, j) in cell else 0,
            maximum=cell[i, j].maximum if (i, j) in cell else None,
            **{f"q{k + 1}": int(quarters.cells[i, j, k]) for k in range(4)},
        )
        for i, r in enumerate(rows)
        for j, c in enumerate(columns)
    ]
    flag_modified(plan, "total")  # the version moves with the table
    session.flush()
    audit.record(session, actor, "plan.allocate", "plan", plan.code, digest=audit.digest(content(plan)), moved=len(found.moved),
                 deviations=len(quarters.deviations))
    return plan


def assign_laboratories(session: Session, actor: Actor, plan_id: int, *, version: int) -> list[tuple[str, int, int]]:
    """Send class × quarter batches to laboratories by scope and capacity at least cost.

    Returns
    -------
    (class, quarter, batches) that no laboratory could take; shown to the planner, never dropped.
    """
    plan = draft(session, plan_id, version)
    columns = axis_of(plan, "class")
    demand = [[sum(getattr(c, f"q{k}") for c in plan.cells if c.class_code == m.code) for k in (1, 2, 3, 4)] for m in columns]
    labs = session.scalars(select(Laboratory).where(Laboratory.suspended.is_(False)).order_by(Laboratory.code)).all()
    capacities = session.scalars(select(LaboratoryCapacity).where(LaboratoryCapacity.year == plan.year)).all()
    size = {(c.laboratory_id, c.quarter): c.n_batches for c in capacities}
    price = {c.laboratory_id: c.price_fen for c in capacities}
    chosen = [lab for lab in labs if any((lab.id, k) in size for k in (1, 2, 3, 4))]
    if not chosen:
        raise Refused("capacity-missing", "没有检验机构登记了 %(year)s 年的承检能力。请先补录。", year=plan.year)
    given = [
        allocate.Laboratory(
            lab.code, [size.get((lab.id, k), 0) for k in (1, 2, 3, 4)], _scope(lab), price.get(lab.id, 0)
        )
        for lab in chosen
    ]
    names = [m.name for m in columns]
    try:
        found = allocate.assign_laboratories(demand, names, given)
    except SamplingError as error:
        raise Refused("laboratories-infeasible", "%(why)s", why=str(error)) from None
    plan.laboratories = []
    session.flush()
    plan.laboratories = [
        PlanLaboratory(laboratory_id=lab.id, class_code=m.code, quarter=k + 1, n_batches=int(found.batches[j, k, i]))
        for j, m in enumerate(columns)
        for k in range(4)
        for i, lab in enumerate(chosen)
        if found.batches[j, k, i]
    ]
    flag_modified(plan, "total")  # the version moves with the table
    session.flush()
    overflow = [(names[j], k + 1, int(found.overflow[j, k])) for j, k in np.argwhere(found.overflow)]
    audit.record(session, actor, "plan.assign_laboratories", "plan", plan.code, overflow=sum(n for *_, n in overflow))
    return overflow


def _scope(lab: Laboratory) -> frozenset[str] | None:
    names = frozenset(scope.product_class for scope in lab.scopes)
    return None if "*" in names else names

"""The verbs of a plan: drafted, allocated, split, assigned, submitted, approved by another person, published, revised."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import rfc8785
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from inspection import audit, clock, ledger
from inspection.actor import Actor
from inspection.errors import Conflict, Invalid, NotFound, Refused
from inspection.plans import rules
from inspection.plans.models import Plan, PlanCell, PlanLaboratory, PlanMargin, PlanVersion
from inspection.registers.models import Laboratory, LaboratoryCapacity, Population, ProductCategory, Region
from sampling import allocate
from sampling.errors import SamplingError

# --- drafting ---------------------------------------------------------------------------------------------------------


def create(session: Session, actor: Actor, given: rules.NewPlan) -> Plan:
    """A new draft; the total follows from rate, population and rounding rule, or is typed.

    Raises
    ------
    Refused : the population of that year and kind is not in the register.
    """
    if found := rules.faults(given):
        raise Invalid("plan-incomplete", "计划有 %(n)s 处需要改正。", fields=found, n=len(found))
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
    people = session.scalar(
        select(Population.people).where(
            Population.region_code == given.region_code, Population.year == given.population_year, Population.kind == given.population_kind
        )
    )
    if people is None:
        raise Refused(
            "population-missing", "人口库中没有 %(region)s %(year)s 年的%(kind)s。请先补录人口及其来源。",
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
    plan = _draft(session, plan_id, version)
    names = dict(session.execute(select(Region.code, Region.name).where(Region.code.in_(regions))).all())
    labels = dict(
        session.execute(
            select(ProductCategory.code, ProductCategory.name).where(
                ProductCategory.year == plan.product_year, ProductCategory.domain == plan.domain, ProductCategory.code.in_(classes)
            )
        ).all()
    )
    unknown = [*(set(regions) - set(names)), *(set(classes) - set(labels))]
    if unknown or not regions or not classes:
        raise Invalid("unknown-margin", "区域或产品类别不在名录库中：%(codes)s。", codes="、".join(sorted(unknown)) or "（空）")
    try:
        rows = allocate.hamilton(plan.total, list(regions.values()))
        columns = allocate.hamilton(plan.total, list(classes.values()), [class_minimum] * len(classes))
    except SamplingError as error:
        raise Refused("margins-infeasible", "边际无法分配：%(why)s。", why=str(error)) from None
    plan.margins = [
        *_margins("region", regions, rows, names),
        *_margins("class", classes, columns, labels, class_minimum),
    ]
    plan.cells, plan.laboratories = [], []
    session.flush()
    audit.record(session, actor, "plan.set_margins", "plan", plan.code, regions=len(regions), classes=len(classes))
    return plan


def _margins(axis: str, weights: Mapping[str, Decimal], targets: Sequence[int], names: Mapping[str, str], minimum: int = 0) -> list[PlanMargin]:
    return [
        PlanMargin(axis=axis, position=i, code=code, name=names[code], weight=weight, target=target, minimum=minimum)
        for i, ((code, weight), target) in enumerate(zip(weights.items(), targets, strict=True))
    ]


def allocate_cells(session: Session, actor: Actor, plan_id: int, *, version: int, bounds: Sequence[rules.Bound] = ()) -> Plan:
    """Fill the table exactly on both margins, then split it over the quarters; the same input gives the same table."""
    plan = _draft(session, plan_id, version)
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
    plan.laboratories = []
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
    plan = _draft(session, plan_id, version)
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
    plan.laboratories = [
        PlanLaboratory(laboratory_id=lab.id, class_code=m.code, quarter=k + 1, n_batches=int(found.batches[j, k, i]))
        for j, m in enumerate(columns)
        for k in range(4)
        for i, lab in enumerate(chosen)
        if found.batches[j, k, i]
    ]
    session.flush()
    overflow = [(names[j], k + 1, int(found.overflow[j, k])) for j, k in np.argwhere(found.overflow)]
    audit.record(session, actor, "plan.assign_laboratories", "plan", plan.code, overflow=sum(n for *_, n in overflow))
    return overflow


def _scope(lab: Laboratory) -> frozenset[str] | None:
    names = frozenset(scope.product_class for scope in lab.scopes)
    return None if "*" in names else names


# --- approval ---------------------------------------------------------------------------------------------------------


def submit(session: Session, actor: Actor, plan_id: int, *, version: int) -> Plan:
    """Hand a complete draft to the leader."""
    plan = _step(session, plan_id, version, "submitted")
    if not plan.cells:
        raise Refused("plan-not-allocated", "计划尚未分配，不能提交。")
    if faults := check(plan):
        raise Refused("plan-not-exact", "计划的合计不符：%(faults)s。", faults="；".join(faults))
    plan.state, plan.submitted_at = "submitted", clock.now()
    return _noted(session, actor, plan, "plan.submit")


def approve(session: Session, actor: Actor, plan_id: int, *, version: int, reason: str = "") -> PlanVersion:
    """Another person approves; the version is frozen with its digest."""
    plan = _step(session, plan_id, version, "approved")
    if plan.created_by == actor.id:
        raise Refused("same-person", "编制人不能审批自己的计划，请另一位负责人审批。")
    plan.state = "approved"
    frozen = content(plan)
    made = PlanVersion(
        plan_id=plan.id, version=plan.version, content=audit.plain(frozen), digest=digest_of(plan), reason=reason or plan.note[:300],
        approved_by=actor.id, approved_by_name=actor.name, approved_at=clock.now(),
    )
    session.add(made)
    _noted(session, actor, plan, "plan.approve", digest=made.digest, version=plan.version)
    return made


def send_back(session: Session, actor: Actor, plan_id: int, *, version: int, reason: str) -> Plan:
    """Return a submitted plan to its author."""
    if not reason.strip():
        raise Invalid("reason-missing", "退回须写明理由。", fields={"reason": ["必填"]})
    plan = _step(session, plan_id, version, "draft", only="submitted")
    plan.state = "draft"
    return _noted(session, actor, plan, "plan.return", reason=reason)


def publish(session: Session, actor: Actor, plan_id: int, *, version: int) -> ledger.Entry:
    """Put an approved plan on the public board, with its notice as PDF when the page gives one."""
    plan = _step(session, plan_id, version, "published")
    frozen = session.scalars(select(PlanVersion).where(PlanVersion.plan_id == plan.id).order_by(PlanVersion.version.desc())).first()
    assert frozen is not None
    old = ledger.of(session, "plans", plan.code)
    entry = ledger.publish(
        session, actor, board="plans", kind="plan" if not old else "correction", subject=plan.code, title=plan.title,
        region_code=plan.region_code, content={**frozen.content, "digest": frozen.digest, "approved_by": frozen.approved_by_name,
                                               "version": frozen.version, "reason": frozen.reason},
        replaces_id=old[-1].id if old else None,
    )
    plan.state = "published"
    _noted(session, actor, plan, "plan.publish", digest=frozen.digest)
    return entry


def revise(session: Session, actor: Actor, plan_id: int, *, version: int, reason: str, total: int | None = None) -> Plan:
    """A new version of an approved plan: back to draft under the next number; the old one stays as it was."""
    if not reason.strip():
        raise Invalid("reason-missing", "调整须写明理由。", fields={"reason": ["必填"]})
    plan = _load(session, plan_id, version)
    if plan.state not in ("approved", "published", "executing"):
        raise Refused("wrong-state", "只有已批准的计划才需要调整。")
    plan.state, plan.version, plan.note = "draft", plan.version + 1, reason.strip()
    plan.created_by, plan.created_by_name = actor.id, actor.name
    if total is not None:
        plan.total = total
    return _noted(session, actor, plan, "plan.revise", reason=reason, version=plan.version)


# --- asking -----------------------------------------------------------------------------------------------------------


def listing() -> Select[Plan]:
    return select(Plan)


def get(session: Session, plan_id: int) -> Plan:
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise NotFound("plan-not-found", "没有这个抽检计划。")
    return plan


def axis_of(plan: Plan, axis: str) -> list[PlanMargin]:
    """Margins of one axis in order."""
    return [m for m in plan.margins if m.axis == axis]


def check(plan: Plan) -> list[str]:
    """Every sum that is not exact; empty when the plan is exact to the last batch."""
    rows = {m.code: m.target for m in axis_of(plan, "region")}
    columns = {m.code: m.target for m in axis_of(plan, "class")}
    cells = {(c.region_code, c.class_code): c.n_batches for c in plan.cells}
    found = rules.checks(rows, columns, cells, plan.total)
    if wrong := rules.quarter_faults([(c.n_batches, c.q1, c.q2, c.q3, c.q4) for c in plan.cells]):
        found.append(f"{wrong} 个单元的季度合计与全年不符")
    return found


def matrix(plan: Plan) -> dict[str, dict[str, PlanCell]]:
    """Cells by region and class."""
    table: dict[str, dict[str, PlanCell]] = {m.code: {} for m in axis_of(plan, "region")}
    for cell in plan.cells:
        table[cell.region_code][cell.class_code] = cell
    return table


def content(plan: Plan) -> dict[str, Any]:
    """The plan as plain data, for digests, papers and the public board."""
    return {
        "code": plan.code, "title": plan.title, "year": plan.year, "region": plan.region_code, "purpose": plan.purpose,
        "random": plan.random, "rate_per_thousand": plan.rate_per_thousand, "rounding": plan.rounding, "population": plan.population,
        "population_kind": plan.population_kind, "population_year": plan.population_year, "total": plan.total,
        "product_year": plan.product_year,
        "regions": [[m.code, m.name, m.target] for m in axis_of(plan, "region")],
        "classes": [[m.code, m.name, m.target] for m in axis_of(plan, "class")],
        "cells": [
            [c.region_code, c.class_code, c.n_batches, c.q1, c.q2, c.q3, c.q4]
            for c in sorted(plan.cells, key=lambda c: (c.region_code, c.class_code))
        ],
        "laboratories": [
            [p.laboratory_id, p.class_code, p.quarter, p.n_batches]
            for p in sorted(plan.laboratories, key=lambda p: (p.laboratory_id, p.class_code, p.quarter))
        ],
    }


def digest_of(plan: Plan) -> str:
    """SHA-256 of the canonical content; printed on the notice."""
    return hashlib.sha256(rfc8785.dumps(audit.plain(content(plan)))).hexdigest()


def _load(session: Session, plan_id: int, version: int) -> Plan:
    plan = get(session, plan_id)
    if plan.version_id != version:
        raise Conflict("changed-meanwhile", "计划 %(plan)s 已被他人修改。请刷新后重试。", plan=plan.code)
    return plan


def _draft(session: Session, plan_id: int, version: int) -> Plan:
    plan = _load(session, plan_id, version)
    if plan.state != "draft":
        raise Refused("plan-not-draft", "计划 %(plan)s 现为“%(state)s”，不能再改；需要调整请办理新版本。", plan=plan.code, state=rules.STATES[plan.state])
    return plan


def _step(session: Session, plan_id: int, version: int, to: str, *, only: str = "") -> Plan:
    plan = _load(session, plan_id, version)
    if not rules.may(plan.state, to) or (only and plan.state != only):
        raise Refused("wrong-state", "计划 %(plan)s 现为“%(state)s”，不能办理这一步。", plan=plan.code, state=rules.STATES[plan.state])
    return plan


def _noted(session: Session, actor: Actor, plan: Plan, verb: str, **detail: Any) -> Plan:
    session.flush()
    audit.record(session, actor, verb, "plan", plan.code, after=content(plan), **detail)
    return plan

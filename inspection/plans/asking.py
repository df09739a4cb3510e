"""Questions about a plan: its axes and cells, its sums, its digest; and the steps that need it as it was read."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import rfc8785
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inspection import audit
from inspection.actor import Actor
from inspection.errors import Conflict, NotFound, Refused
from inspection.plans import rules
from inspection.plans.models import Plan, PlanCell, PlanMargin, PlanVersion
from sampling import allocate


def listing() -> Select[Plan]:
    return select(Plan)


def get(session: Session, plan_id: int) -> Plan:
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise NotFound("plan-not-found", "没有这个抽检计划。")
    return plan


def by_code(session: Session, code: str) -> Plan:
    """A plan by its number, as papers and the command line name it."""
    plan = session.scalars(select(Plan).where(Plan.code == code.strip())).first()
    if plan is None:
        raise NotFound("plan-not-found", "没有编号为 %(plan)s 的抽检计划。用 hengjian plan list 查看编号。", plan=code[:40])
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


def recheck(session: Session, plan: Plan) -> list[str]:
    """Everything computed again: the quota from its population, every sum, and the digest of the approved version."""
    found = []
    if plan.rate_per_thousand is not None and plan.population is not None:
        quota = allocate.quota(plan.population, plan.rate_per_thousand, plan.rounding)
        if quota != plan.total:
            found.append(f"按人口重算应为 {quota} 批次，计划为 {plan.total}")
    found += check(plan) if plan.cells else ["尚未分配到格"]
    frozen = session.scalars(select(PlanVersion).where(PlanVersion.plan_id == plan.id).order_by(PlanVersion.version.desc())).first()
    if frozen is not None:
        kept = hashlib.sha256(rfc8785.dumps(frozen.content)).hexdigest()
        if kept != frozen.digest:
            found.append(f"第 {frozen.version} 版的冻结内容与其摘要不符")
        if frozen.version == plan.version and digest_of(plan) != frozen.digest:
            found.append(f"现在的内容与批准的第 {frozen.version} 版不符")
    return found


def unassigned(plan: Plan) -> list[tuple[str, int, int]]:
    """(class, quarter, batches) that no laboratory took; empty as long as none was assigned at all."""
    if not plan.laboratories:
        return []
    taken: Counter[tuple[str, int]] = Counter()
    for share in plan.laboratories:
        taken[share.class_code, share.quarter] += share.n_batches
    wanted: Counter[tuple[str, int]] = Counter()
    for cell in plan.cells:
        for quarter in (1, 2, 3, 4):
            wanted[cell.class_code, quarter] += getattr(cell, f"q{quarter}")
    return [
        (m.name, quarter, wanted[m.code, quarter] - taken[m.code, quarter])
        for m in axis_of(plan, "class")
        for quarter in (1, 2, 3, 4)
        if wanted[m.code, quarter] > taken[m.code, quarter]
    ]


def bounds_of(plan: Plan) -> list[rules.Bound]:
    """Locks, minima and maxima that the table was made with, to be kept when it is made again."""
    return [
        rules.Bound(c.region_code, c.class_code, c.locked, c.minimum, c.maximum)
        for c in sorted(plan.cells, key=lambda c: (c.region_code, c.class_code))
        if c.locked is not None or c.minimum or c.maximum is not None
    ]


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


# --- steps -------------------------------------------------------------------------------------------------------------


def load(session: Session, plan_id: int, version: int) -> Plan:
    plan = get(session, plan_id)
    if plan.version_id != version:
        raise Conflict("changed-meanwhile", "计划 %(plan)s 已被他人修改。请核对期间的修改，刷新后重试。", changes=audit.newest(session, "plan", plan.code), plan=plan.code)
    return plan


def draft(session: Session, plan_id: int, version: int) -> Plan:
    plan = load(session, plan_id, version)
    if plan.state != "draft":
        raise Refused("plan-not-draft", "计划 %(plan)s 现为“%(state)s”，不能再改；需要调整请办理新版本。", plan=plan.code, state=rules.STATES[plan.state])
    return plan


def step(session: Session, plan_id: int, version: int, to: str, *, only: str = "") -> Plan:
    plan = load(session, plan_id, version)
    if not rules.may(plan.state, to) or (only and plan.state != only):
        raise Refused("wrong-state", "计划 %(plan)s 现为“%(state)s”，不能办理这一步。", plan=plan.code, state=rules.STATES[plan.state])
    return plan


def noted(session: Session, actor: Actor, plan: Plan, verb: str, **detail: Any) -> Plan:
    session.flush()
    audit.record(session, actor, verb, "plan", plan.code, after=content(plan), **detail)
    return plan

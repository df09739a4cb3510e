"""重复检查: before a task is drafted, who else – any department, any level – checks the same items in the same days and place.

A warning, not a bar: the planner joins the other task (部门联合) or writes why both go on. Flight inspections are never told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection.actor import Actor
from inspection.draws import rules
from inspection.draws.models import Draw
from inspection.errors import Refused
from inspection.plans.annual import rules as annual
from inspection.plans.annual import service as tasks
from inspection.plans.annual.models import CheckTask
from inspection.registers.models import Department
from inspection.scope import covers, overlaps


@dataclass(frozen=True, slots=True)
class Scope:
    """What is going to be checked, where and when."""

    region_code: str
    item_codes: tuple[str, ...]
    period_from: date
    period_to: date


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another task, or a draw without one, over the same items, days and place."""

    id: int
    is_task: bool
    code: str
    title: str
    departments: str
    region_code: str
    period: str
    items: tuple[str, ...]
    state: str
    joinable: bool
    mine: bool  # in the actor's own region, so that it may be opened


def found(session: Session, actor: Actor, given: Scope | annual.NewTask, besides: int = 0) -> list[Overlap]:
    """What overlaps a task as drafted, by code."""
    rows = [*_tasks(session, actor, given, besides), *_draws(session, actor, given)]
    return sorted(rows, key=lambda row: row.code)


def _tasks(session: Session, actor: Actor, given: Scope | annual.NewTask, besides: int) -> list[Overlap]:
    query = select(CheckTask).where(
        CheckTask.state.in_(("draft", "open")), CheckTask.check_kind != "flight", CheckTask.id != besides,
        CheckTask.period_from <= given.period_to, CheckTask.period_to >= given.period_from,
    )  # fmt: skip
    rows = [
        (row, shared)
        for row in session.scalars(query.execution_options(unscoped=True))
        if (shared := _shared(row.item_codes, given)) and overlaps(row.region_code, given.region_code)
    ]
    names = dict(session.execute(select(Department.code, Department.name)).all()) if rows else {}
    return [
        Overlap(
            row.id, True, row.code, row.title, "、".join(names.get(code, code) for code in (row.lead_department, *row.departments)), row.region_code,
            f"{row.period_from} – {row.period_to}", shared, annual.TASK_STATES[row.state], row.begun_at is None, covers(actor, row.region_code),
        )
        for row, shared in rows
    ]  # fmt: skip


def _draws(session: Session, actor: Actor, given: Scope | annual.NewTask) -> list[Overlap]:
    """Draws that belong to no task; one without days is taken to run through its year: unknown is not apart."""
    query = select(Draw).where(Draw.task_id.is_(None), Draw.state != "void", Draw.kind != "flight", Draw.year >= given.period_from.year - 1)
    return [
        Overlap(
            row.id, False, row.number, row.title, row.authority, row.region_code, f"{row.period_from or '—'} – {row.period_to or '—'}", shared,
            rules.STATES[row.state], False, covers(actor, row.region_code),
        )
        for row in session.scalars(query.execution_options(unscoped=True))
        if (shared := _shared(row.item_codes, given)) and overlaps(row.region_code, given.region_code) and _at_once(row, given)
    ]  # fmt: skip


def _at_once(row: Draw, given: Scope | annual.NewTask) -> bool:
    since = row.period_from or date(row.year, 1, 1).isoformat()
    until = row.period_to or date(row.year, 12, 31).isoformat()
    return since <= given.period_to.isoformat() and until >= given.period_from.isoformat()


def _shared(codes: list[str], given: Scope | annual.NewTask) -> tuple[str, ...]:
    return tuple(sorted(set(codes) & set(given.item_codes)))


def create(session: Session, actor: Actor, given: annual.NewTask, *, authority: str) -> CheckTask:
    """A new task, once the planner has answered for what it overlaps."""
    _answered(session, actor, given)
    return tasks.create_task(session, actor, given, authority=authority)


def edit(session: Session, actor: Actor, task_id: int, given: annual.NewTask, *, version: int) -> CheckTask:
    """Change a task, once the planner has answered for what it overlaps."""
    _answered(session, actor, given, task_id)
    return tasks.edit_task(session, actor, task_id, given, version=version)


def _answered(session: Session, actor: Actor, given: annual.NewTask, besides: int = 0) -> None:
    if given.check_kind == "flight" or given.overlap_reason or annual.task_faults(given):
        return
    if others := found(session, actor, given, besides):
        raise Refused(
            "task-overlaps", "同期、同地区已有 %(n)s 项任务或抽取检查相同的事项：%(names)s。可以加入对方的任务（部门联合、一次检查），或者写明继续的理由。",
            fields={"overlap_reason": ["加入已有任务，或在此写明继续的理由"]}, n=len(others),
            names="；".join(f"{row.code} {row.title}（{row.departments}）" for row in others[:5]),
        )  # fmt: skip

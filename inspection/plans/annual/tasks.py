"""抽查任务: drafted under a plan or on their own, joined by other departments, drawn, closed, cancelled."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import Invalid, NotFound, Refused, Said
from inspection.plans.annual import announcing, rules
from inspection.plans.annual.approval import complete_if_done
from inspection.plans.annual.asking import LIVE, department_names, get, live_tasks, load_task, matters_of, task
from inspection.plans.annual.drafting import check_open
from inspection.plans.annual.models import CheckPlan, CheckTask
from inspection.registers import found as registers
from inspection.registers.entries import OBJECT_KINDS
from inspection.scope import region_prefix


def create_task(session: Session, actor: Actor, given: rules.NewTask, *, authority: str) -> CheckTask:
    """A new task with the next number of its series."""
    plan = _plan(session, given)
    _check(session, given, plan)
    series, year = rules.series_of(given.prefix, given.check_kind), plan.year if plan else clock.today().year
    serial = _next(session, series, year)
    made = CheckTask(
        code=rules.code_of(series, year, serial), series=series, year=year, serial=serial, authority=authority, created_by=actor.id,
        created_by_name=actor.name, created_at=clock.now(), plan_id=given.plan_id, **_columns(given),
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(session, actor, "task.create", "task", made.code, after=_columns(given), plan=plan.code if plan else "", overlap=given.overlap_reason)
    return made


def _next(session: Session, series: str, year: int) -> int:
    query = select(func.max(CheckTask.serial)).where(CheckTask.series == series, CheckTask.year == year)
    return (session.scalar(query.execution_options(unscoped=True)) or 0) + 1


def copy_tasks(session: Session, actor: Actor, source: CheckPlan, into: CheckPlan) -> list[str]:
    """The live tasks of a plan again for another year, on the same days; gives the titles of those whose items are no longer in force."""
    left = []
    for old in live_tasks(source):
        if not all(matter["version"] for matter in matters_of(session, old.item_codes, missing_too=True)):
            left.append(old.title)
            continue
        given = rules.NewTask(
            prefix=old.series[:-2], plan_id=into.id, period_from=_in(into.year, old.period_from), period_to=_in(into.year, old.period_to),
            departments=tuple(old.departments), item_codes=tuple(old.item_codes), title=old.title.replace(str(source.year), str(into.year)),
            **{name: getattr(old, name) for name in ("region_code", "check_type", "check_kind", "lead_department", "objects", "object_kind", "stratify_by", "n_objects")},
        )  # fmt: skip
        create_task(session, actor, given, authority=into.authority)
    return left


def _in(year: int, day: date) -> date:
    """The same day of another year; the last of February stays its last.

    >>> _in(2027, date(2028, 2, 29))
    datetime.date(2027, 2, 28)
    """
    return day.replace(year=year, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def edit_task(session: Session, actor: Actor, task_id: int, given: rules.NewTask, *, version: int) -> CheckTask:
    """Change a task before its first frame is frozen: a planned one while its plan is being drafted, another before its approval."""
    found = load_task(session, task_id, version)
    plan = _plan(session, given)
    _editable(found)
    if given.plan_id != found.plan_id or rules.series_of(given.prefix, given.check_kind) != found.series:
        raise Refused("task-number-fixed", "计划、机关代字和是否飞行检查已写入任务编号 %(task)s，不能再改。请另建任务。", task=found.code)
    _check(session, given, plan)
    before = {name: getattr(found, name) for name in _columns(given)}
    for name, value in _columns(given).items():
        setattr(found, name, value)
    session.flush()
    audit.record(session, actor, "task.update", "task", found.code, before=before, after=_columns(given))
    return found


def _editable(found: CheckTask) -> None:
    if found.begun_at is not None:
        raise Refused("task-begun", "任务 %(task)s 的底册已经冻结，不能再改。", task=found.code)
    if found.plan is not None:
        check_open(found.plan)
    if found.state not in (LIVE if found.plan else ("draft",)):
        raise Refused("task-not-draft", "任务 %(task)s 现为“%(state)s”，不能再改。", task=found.code, state=rules.TASK_STATES[found.state])


def _plan(session: Session, given: rules.NewTask) -> CheckPlan | None:
    if given.plan_id is None:
        return None
    plan = get(session, given.plan_id)
    check_open(plan)
    return plan


def _check(session: Session, given: rules.NewTask, plan: CheckPlan | None) -> None:
    found = rules.task_faults(given)
    if plan is not None and not given.region_code.startswith(region_prefix(plan.region_code)):
        found["region_code"] = [Said("不在计划的区域 %(region)s 之内", region=plan.region_code)]
    if plan is not None and not (given.period_from.year == given.period_to.year == plan.year):
        found.setdefault("period_from", []).append(f"检查日期应在计划年度 {plan.year} 之内")
    if given.object_kind not in OBJECT_KINDS:
        found["object_kind"] = ["不在可选值中"]
    if found:
        raise Invalid("task-incomplete", "任务有 %(n)s 处需要改正。", fields=found, n=len(found))
    registers.place(session, given.region_code)
    department_names(session, [given.lead_department, *given.departments])
    matters_of(session, given.item_codes)


def _columns(given: rules.NewTask) -> dict[str, Any]:
    names = (
        "title", "region_code", "check_type", "check_kind", "lead_department", "objects", "object_kind", "stratify_by", "period_from", "period_to",
        "n_objects", "reason", "overlap_reason",
    )  # fmt: skip
    return {name: getattr(given, name) for name in names} | {"departments": list(given.departments), "item_codes": list(given.item_codes)}


# --- steps -----------------------------------------------------------------------------------------------------------------


def approve_task(session: Session, actor: Actor, task_id: int, *, version: int) -> CheckTask:
    """A second person orders a task outside the plan; it is public at once, unless it is a flight inspection."""
    found = load_task(session, task_id, version)
    if found.plan_id is not None or found.state != "draft":
        raise Refused("wrong-state", "任务 %(task)s 不是待批准的临时任务。计划内的任务随计划审批和公布。", task=found.code)
    if found.created_by == actor.id:
        raise Refused("same-person", "编制人不能批准自己的任务，请另一位负责人批准。")
    found.state, found.opened_at = "open", clock.now()
    session.flush()
    announcing.publish_task(session, actor, found)
    audit.record(session, actor, "task.approve", "task", found.code)
    return found


def join_task(session: Session, actor: Actor, task_id: int, *, department: str) -> CheckTask:
    """部门联合: another department, of any place, takes part in a task instead of visiting the same firms twice."""
    found = session.scalars(select(CheckTask).where(CheckTask.id == task_id).execution_options(unscoped=True)).first()
    if found is None or found.check_kind == "flight":
        raise NotFound("task-not-found", "没有这项抽查任务，或它不在您的辖区。")  # the same answer for what may not be told
    if found.state not in LIVE or found.begun_at is not None:
        raise Refused("task-begun", "任务 %(task)s 已开始抽取或已结束，不能再加入。", task=found.code)
    name = department_names(session, [department])[department]
    if department in (found.lead_department, *found.departments):
        raise Refused("already-joined", "%(department)s已在任务 %(task)s 之中。", department=name, task=found.code)
    found.departments = [*found.departments, department]
    session.flush()
    if found.state == "open":
        announcing.publish_task(session, actor, found, reason=f"部门联合：{name}加入")
    audit.record(session, actor, "task.join", "task", found.code, department=department)
    return found


def begin_task(session: Session, actor: Actor, task_id: int, draw: str) -> None:
    """The first frame of a task is frozen: the task is under way, and with it its plan."""
    found = task(session, task_id)
    if found.begun_at is not None:
        return
    found.begun_at = clock.now()
    plan = found.plan
    if plan is not None and plan.begun_at is None:
        plan.begun_at = found.begun_at
        if plan.state == "published":
            plan.state = "executing"
        audit.record(session, actor, "check_plan.begin", "check_plan", plan.code, task=found.code, draw=draw)
    session.flush()
    audit.record(session, actor, "task.begin", "task", found.code, draw=draw)


def close_task(session: Session, actor: Actor, task_id: int, *, version: int, conclusion: str) -> CheckTask:
    """Everything of a task is done; with its last task a plan is completed."""
    return _end(session, actor, load_task(session, task_id, version), "closed", "close", conclusion)


def cancel_task(session: Session, actor: Actor, task_id: int, *, version: int, reason: str) -> CheckTask:
    """A task that will not be carried out keeps its number and its reason; the public learns of it when it knew the task."""
    found = _end(session, actor, load_task(session, task_id, version), "cancelled", "cancel", reason)
    announcing.withdraw(session, actor, announcing.TASKS, found, reason.strip())
    return found


def _end(session: Session, actor: Actor, found: CheckTask, state: str, verb: str, words: str) -> CheckTask:
    if not words.strip():
        raise Invalid("reason-missing", "须写明办结情况或取消的理由。", fields={"reason": ["必填"]})
    if found.state not in (("open",) if state == "closed" else LIVE):
        raise Refused("wrong-state", "任务 %(task)s 现为“%(state)s”，不能办理这一步。", task=found.code, state=rules.TASK_STATES[found.state])
    if found.plan is not None and found.plan.state == "submitted":
        raise Refused("plan-submitted", "计划 %(plan)s 正在审批，审批结束后再办理。", plan=found.plan.code)
    found.state, found.conclusion, found.ended_at = state, words.strip()[:500], clock.now()
    session.flush()
    audit.record(session, actor, f"task.{verb}", "task", found.code, reason=words)
    complete_if_done(session, actor, found.plan)
    return found

"""A draw that carries out a task stays within it: items, place, days, kind and the approved ratios."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from inspection.actor import Actor
from inspection.draws import frames, rules
from inspection.draws.models import Draw
from inspection.draws.strata import label_of, stratum_of
from inspection.errors import Invalid, Refused, Said
from inspection.plans.annual import rules as annual
from inspection.plans.annual import service as tasks
from inspection.plans.annual.models import CheckTask
from inspection.scope import region_prefix


def check(session: Session, given: rules.Configuration) -> None:
    """Refuse a configuration that leaves its task.

    Raises
    ------
    Refused : the task is not open, or ended.
    Invalid : the fields that do not fit, each with what the task allows.
    """
    if given.task_id is None:
        return
    task = tasks.task(session, given.task_id)
    if task.state != "open":
        raise Refused("task-not-open", "任务 %(task)s 现为“%(state)s”，不能据以抽取。", task=task.code, state=annual.TASK_STATES[task.state])
    if found := _faults(session, task, given):
        raise Invalid(
            "draw-outside-task", "抽取方案超出任务 %(task)s：%(first)s。", fields=found, task=task.code, first="；".join(m for ms in found.values() for m in ms[:2])
        )


def _faults(session: Session, task: CheckTask, given: rules.Configuration) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if more := sorted(set(given.item_codes) - set(task.item_codes)):
        found["item_codes"] = [Said("事项 %(items)s 不在任务之内", items="、".join(more))]
    if not given.region_code.startswith(region_prefix(task.region_code)):
        found["region_code"] = [Said("不在任务的区域 %(region)s 之内", region=task.region_code)]
    for name, day in (("period_from", given.period_from), ("period_to", given.period_to)):
        if day is None or not task.period_from <= day <= task.period_to:
            found[name] = [Said("应在任务的检查日期 %(first)s 至 %(last)s 之内", first=task.period_from, last=task.period_to)]
    if given.kind != kind_of(task):
        found["kind"] = [Said("任务为%(kind)s、%(planned)s，抽取的类型应与之相同", kind=annual.CHECK_KINDS[task.check_kind], planned="计划内" if task.plan_id else "临时")]
    if task.check_kind == "flight" and given.embargo_until is None:
        found["embargo_until"] = ["飞行检查的名单须保密，请填写保密至何时"]
    table = tasks.approved_table(session, task)
    if table is not None and given.stratify_by != table.dimension:
        found["stratify_by"] = [Said("批准的比例表按%(dimension)s划分", dimension=annual.DIMENSIONS[table.dimension])]
    elif table is not None and given.sizes:
        found["rates"] = ["任务批准的是比例，不能写固定户数"]
    elif table is not None and (rates := annual.outside(table, _by_class(table, given))):
        found["rates"] = rates
    return found


def _by_class(table: annual.RateTable, given: rules.Configuration) -> dict[str, annual.Pair]:
    """The rates by the classes of the table: a stratum stands in the draw under an id, a class in the table as it is written."""
    words = {stratum_of(row.name): row.name for row in table.rows}
    return {words.get(name, label_of(name)): rate for name, rate in given.rates.items()}


def kind_of(task: CheckTask) -> str:
    """The kind of draw that a task asks for."""
    if task.check_kind == "flight":
        return "flight"
    return "planned" if task.plan_id else "adhoc"


def public_code(session: Session, draw: Draw) -> str:
    """Number of the task that a draw carries out, as far as the public may know of it: of a flight inspection not before its list."""
    if draw.task_id is None or (draw.kind == "flight" and draw.published_at is None):
        return ""
    return tasks.task(session, draw.task_id).code


def configuration(session: Session, task: CheckTask) -> rules.Configuration:
    """What a draw for a task starts from: its scope and days, the ratios of its plan for every class that the registers hold."""
    table = tasks.table_of(session, task) if task.state == "draft" else tasks.approved_table(session, task)
    given = rules.Configuration(
        title=task.title, region_code=task.region_code, item_codes=tuple(task.item_codes), kinds=(task.object_kind,), kind=kind_of(task),
        stratify_by=task.stratify_by, rates=_rates(table), announced=task.check_kind != "flight", period_from=task.period_from,
        period_to=task.period_to, task_id=task.id,
    )  # fmt: skip
    others = table.row(annual.OTHERS) if table else None
    if others is None or others.ratio is None:
        return given
    return replace(given, rates={**given.rates, **dict.fromkeys(counted(session, given).missing_rates, others.ratio)})


def _rates(table: annual.RateTable | None) -> dict[str, annual.Pair]:
    rows = table.rows if table else ()
    return {stratum_of(row.name): row.ratio for row in rows if row.name != annual.OTHERS and row.ratio is not None}


def counted(session: Session, given: rules.Configuration) -> rules.FrameCounts:
    """The strata of a configuration with the registers of today."""
    return frames.preview(session, given)


def begin(session: Session, actor: Actor, draw: Draw) -> None:
    """The first frozen frame sets a task and its plan in motion."""
    if draw.task_id is not None:
        tasks.begin_task(session, actor, draw.task_id, draw.number)


def published(session: Session, actor: Actor, draw: Draw) -> None:
    """With the list of a flight inspection its task becomes public too."""
    if draw.task_id is not None:
        task = tasks.task(session, draw.task_id)
        tasks.publish_task(session, actor, task, reason="飞行检查名单公布", secret=False)

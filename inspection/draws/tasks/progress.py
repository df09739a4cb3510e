"""How far a task has come, told by its draws; and the inclusion probability of each class, before and after the promise."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection.actor import Actor
from inspection.draws.models import Draw, DrawFile
from inspection.draws.strata import label_of
from inspection.draws.tasks import fitting
from inspection.errors import Refused
from inspection.plans.annual import rules as annual
from inspection.plans.annual import service as tasks
from inspection.plans.annual.models import CheckTask

# the states of a task in work, in order; those of its draws follow one another
ORDER = ("configured", "frozen", "committed", "revealed", "published")
WORDS = {
    "unapproved": "待批准", "waiting": "待抽取", "configured": "编制抽取方案", "frozen": "底册已冻结", "committed": "已承诺，待揭示", "revealed": "对象和人员已抽取",
    "published": "名单已公布，检查中",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chance:
    """入样概率 of one class: n of N."""

    name: str
    n: int
    population: int

    @property
    def share(self) -> float | None:
        return self.n / self.population if self.population else None


def draws_of(session: Session, task_ids: Iterable[int]) -> dict[int, list[Draw]]:
    """The draws of tasks, oldest first."""
    found: dict[int, list[Draw]] = {}
    for draw in session.scalars(select(Draw).where(Draw.task_id.in_(list(task_ids))).order_by(Draw.id)):
        found.setdefault(draw.task_id or 0, []).append(draw)
    return found


def state_of(task: CheckTask, draws: Sequence[Draw]) -> str:
    """The word for where a task stands: its own decision, or the least advanced of its live draws."""
    if task.state == "draft" and task.plan_id is None:
        return WORDS["unapproved"]
    if task.state != "open":
        return annual.TASK_STATES[task.state]
    live = [draw.state for draw in draws if draw.state != "void"]
    return WORDS[min(live, key=ORDER.index) if live else "waiting"]


def chances(session: Session, draw: Draw) -> list[Chance]:
    """The probabilities that a draw has frozen; empty before."""
    row = session.get(DrawFile, (draw.id, "rule.json"))
    return _sorted(json.loads(zlib.decompress(row.content))["strata"]) if row else []


def estimated(session: Session, task: CheckTask) -> list[Chance]:
    """The probabilities that the ratios of its plan would give with the registers of today."""
    counted = fitting.counted(session, fitting.configuration(session, task))
    return [Chance(label_of(name), s.n, s.population) for name, s in sorted(counted.strata.items())]


def _sorted(strata: Mapping[str, Mapping[str, int]]) -> list[Chance]:
    return [Chance(label_of(name), s["n"], s["population"]) for name, s in sorted(strata.items())]


# --- the end of a task -----------------------------------------------------------------------------------------------------


def close(session: Session, actor: Actor, task_id: int, *, version: int, conclusion: str) -> CheckTask:
    """Close a task whose draws are public; a random inspection cannot be closed without any."""
    task = tasks.task(session, task_id)
    live = _live(session, task)
    if waiting := [draw.number for draw in live if draw.state != "published"]:
        raise Refused("draws-open", "任务 %(task)s 的抽取 %(draws)s 尚未公布名单，不能办结。", task=task.code, draws="、".join(waiting))
    if not live and task.check_kind in ("random", "flight"):
        raise Refused("draw-missing", "任务 %(task)s 还没有抽取，不能办结；不再检查请取消并写明理由。", task=task.code)
    return tasks.close_task(session, actor, task_id, version=version, conclusion=conclusion)


def cancel(session: Session, actor: Actor, task_id: int, *, version: int, reason: str) -> CheckTask:
    """Cancel a task that has no live draw."""
    task = tasks.task(session, task_id)
    if live := _live(session, task):
        numbers = "、".join(draw.number for draw in live)
        raise Refused("draws-open", "任务 %(task)s 已有抽取 %(draws)s，不能取消。请先办理抽取作废。", task=task.code, draws=numbers)
    return tasks.cancel_task(session, actor, task_id, version=version, reason=reason)


def _live(session: Session, task: CheckTask) -> list[Draw]:
    return [draw for draw in draws_of(session, [task.id]).get(task.id, []) if draw.state != "void"]


def waiting(session: Session) -> int:
    """Ordered tasks that nobody has begun to draw."""
    ids = session.scalars(select(CheckTask.id).where(CheckTask.state == "open", CheckTask.check_kind.in_(("random", "flight")))).all()
    begun = {id_ for id_, draws in draws_of(session, ids).items() if any(draw.state != "void" for draw in draws)}
    return len(set(ids) - begun)

"""通知书 of a draw in bulk: who may ask, in which form, and the print run itself – for jobs, the command line and the demonstration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection.actor import Actor
from inspection.draws import service as draws
from inspection.draws.models import Draw
from inspection.errors import Forbidden, Refused
from inspection.jobs import enqueue
from inspection.jobs.models import Job
from inspection.jobs.printing import PrintRun
from inspection.visits import assignments, notices
from inspection.visits.models import Visit
from reports import content, notice

KIND = "visits.notices"
FORMS = {"bound": "合订本", "each": "每户一份"}
PER_VOLUME = 500  # some fifty kilobytes of memory each


def ask(session: Session, actor: Actor, draw_id: int, form: str) -> Job:
    """Ask for all notices of an announced draw that the actor may see; a second click gives the job that runs already.

    Raises
    ------
    Refused : `not-announced`, `draw-void`, `visits-not-opened`.
    Forbidden : `embargo` for whoever may not see the list yet, `own-notices-only` for inspectors.
    """
    draw = draws.get(session, draw_id)
    count = may_print(session, actor, draw)
    draws.note_opening(session, actor, draw, KIND)
    return enqueue(
        session, actor, KIND, {"draw_id": draw.id, "form": form}, title=f"随机抽查通知书 {draw.number}（{FORMS[form]}）",
        lock_key=f"{KIND}:{draw.id}:{form}:{actor.id}", total=count,
    )  # fmt: skip


def may_print(session: Session, actor: Actor, draw: Draw) -> int:
    """How many notices there would be; refuses with the reason when there can be none."""
    notices.check(draw)
    draws.check_list(session, actor, draw)
    if assignments.only_own(actor):
        raise Forbidden("own-notices-only", "检查人员只能逐份打印自己任务的通知书；成批打印由双随机管理员办理。")
    if draw.state == "void":
        raise Refused("draw-void", "抽取 %(number)s 已作废，不再发通知书。", number=draw.number)
    visible = notices.visible(actor, draw.id)
    count = session.scalar(select(func.count()).select_from(Visit).where(Visit.id.in_(visible))) or 0
    if not count:
        raise Refused("visits-not-opened", "抽取 %(number)s 还没有检查任务。请双随机管理员先在“检查任务”页下达，再打印通知书。", number=draw.number)
    return count


def run(folder: Path, form: str, per_volume: int = PER_VOLUME) -> PrintRun:
    """The print run in one of the two forms."""
    if form == "each":
        return PrintRun(folder, content.Notice, 1, _one, _firm)
    return PrintRun(folder, content.Notice, per_volume, _volume, _number)


def _one(items: Sequence[content.Notice]) -> bytes:
    return notice.render(items[0])


def _firm(_number: int, items: Sequence[content.Notice]) -> str:
    return f"{items[0].code}.pdf"


def _volume(items: Sequence[content.Notice]) -> bytes:
    return notice.render_volume(content.NoticeVolume(tuple(items)))


def _number(number: int, _items: Sequence[content.Notice]) -> str:
    return f"通知书合订本-{number:02d}.pdf"

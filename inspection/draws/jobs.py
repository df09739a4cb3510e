"""What draws do in the background: large frames frozen and revealed with progress, unrevealed promises voided, lists published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import select

from inspection.actor import SYSTEM
from inspection.draws import asking, background, freezing, openness, outcome, rehearsing, service
from inspection.draws.models import Draw, Reveal
from inspection.errors import Conflict, Refused
from inspection.jobs import Context, Result, job
from inspection.jobs.context import PeriodicContext
from inspection.jobs.registry import periodic
from sampling.frame import Watch

log = structlog.get_logger("hengjian.draws")
TRIES = 3
Parts = Mapping[str, tuple[int, int, str]]
# share of the whole at which each part begins and ends, as measured with a million units and ten thousand teams
FREEZING: Parts = {"register": (5, 70, "读取名录"), "check": (70, 80, "核对"), "pack": (80, 90, "打包")}
REHEARSING: Parts = {"tickets": (5, 50, "签号"), "teams": (50, 80, "分组"), "bottlenecks": (80, 95, "瓶颈")}
REVEALING: Parts = {"tickets": (10, 35, "签号"), "teams": (35, 75, "分组"), "bundle": (75, 90, "打包")}


@job(background.FREEZE, title="冻结底册", page="draws.show", key="draw_id")
def freeze(context: Context, params: dict[str, Any]) -> Result:
    """Compute from a snapshot, then write when nothing changed meanwhile; a busy register is asked again, a few times."""
    for attempt in range(TRIES):
        with context.read() as session:
            draw = asking.get(session, params["draw_id"])
            if draw.files:  # a worker that died after its write
                return Result({"文件": len(draw.files)})
            context.progress(5, background.STEPS, "读取名录" if attempt == 0 else "名录有变动，重新计算")
            prepared = freezing.prepare(session, draw, _teller(context, FREEZING, background.sizes(session, draw)))
        context.progress(90, note="写入")
        try:
            with context.write() as session:
                freezing.freeze(session, context.actor, draw.id, version=params["version"], prepared=prepared)
                context.checkpoint(session, {}, done=background.STEPS)
            break
        except Conflict as error:
            if error.code != "registers-changed" or attempt == TRIES - 1:
                raise
    return Result({"底册对象": prepared.n_units, "文件": len(prepared.digests)})


@job(background.REHEARSE, title="演练分组", page="rehearsal.show", key="draw_id")
def rehearse(context: Context, params: dict[str, Any]) -> Result:
    """Keep the rehearsal beside the job; the same frame gives the same one every time."""
    if not context.saved:
        with context.read() as session:
            draw = asking.get(session, params["draw_id"])
            found = rehearsing.rehearse(session, draw.id, _teller(context, REHEARSING, background.sizes(session, draw)))
        with context.write() as session:
            context.checkpoint(session, found.plain(), done=background.STEPS)
    report = rehearsing.Rehearsal.of(context.saved).report
    return Result({"席位": report.seats, "最多能满": report.fillable})


@job(background.REVEAL, title="揭示抽取", page="draws.show", key="draw_id")
def reveal(context: Context, params: dict[str, Any]) -> Result:
    """Compute outside any write, then write once; run again after a kill, it finds its reveal there."""
    with context.read() as session:
        draw = asking.get(session, params["draw_id"])
        made = session.get(Reveal, draw.id)
        found = None if made else outcome.compute(session, draw, context.settings.draw_key, _teller(context, REVEALING, background.sizes(session, draw)))
    if found is not None:
        with context.write() as session:
            context.checkpoint(session, {}, done=90, note="写入")
            made = outcome.write_down(session, context.actor, draw.id, found)
    assert made is not None
    return Result({"抽中": made.n_selected, "候补": made.n_reserve})


def _teller(context: Context, parts: Parts, sizes: Mapping[str, int]) -> Watch:
    """What the computation calls with how far it is; the place where a cancelled job ends."""

    def tell(what: str, rows: int) -> None:
        begin, end, word = parts[what]
        share = min(1.0, rows / sizes[what]) if sizes.get(what) else 0.0
        context.progress(begin + int((end - begin) * share), background.STEPS, f"{word} {rows:,}" if rows else word)

    return tell


@periodic("draws.finish_reveals", minutes=5)
def finish_reveals(context: PeriodicContext) -> None:
    """Make the lists of agreed values whose job or server died: nobody can hold back a list by stopping a machine."""
    with context.read() as session:
        waiting = session.scalars(select(Draw.id).where(Draw.state == "committed").execution_options(unscoped=True)).all()
        ids = [id_ for id_ in waiting if outcome.agreed(session, id_) and not background.running(session, background.REVEAL, id_)]
    for id_ in ids:
        try:
            with context.read() as session:
                found = outcome.compute(session, asking.get(session, id_), context.settings.draw_key)
            with context.write() as session:
                outcome.write_down(session, SYSTEM, id_, found)
        except Refused as error:  # the others must not wait for one whose key or frame was lost
            log.error("draw not revealed", draw=id_, code=error.code)


@periodic("draws.void_unrevealed", minutes=5)
def void_unrevealed(context: PeriodicContext) -> None:
    """Look every five minutes for commitments whose announced time has passed."""
    with context.write() as session:
        service.void_unrevealed(session)


@periodic("draws.publish_due", minutes=5)
def publish_due(context: PeriodicContext) -> None:
    """Look every five minutes for lists whose embargo has ended; they are taken out before the write begins."""
    with context.read() as session:
        taken = openness.due(session, context.settings.draw_key)
    if taken:
        with context.write() as session:
            service.publish_due(session, context.settings.draw_key, taken)

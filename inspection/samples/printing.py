"""抽样单 and labels of many samples: which, in what order, and the print run – for the job behind the button."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from inspection.actor import Actor
from inspection.errors import Refused
from inspection.jobs import enqueue
from inspection.jobs.models import Job
from inspection.jobs.printing import PrintRun
from inspection.plans import service as plans
from inspection.registers.models import Enterprise
from inspection.samples import documents, service
from inspection.samples.models import Sample
from inspection.samples.rules import PAPERS, Wanted
from inspection.scope import region_prefix
from inspection.settings import Settings
from reports import content, labels, sampling_sheet

KIND = "samples.papers"
PER_VOLUME = {"sheets": 1000, "labels": 5000}  # some hundred kilobytes of memory a sheet of four copies
PLACE = Enterprise.__table__.c


def chosen(wanted: Wanted) -> Select[Sample]:
    """The samples by township of the sampled unit, then by number."""
    query = service.listing().join(Enterprise.__table__, PLACE.id == Sample.enterprise_id).where(Sample.plan_id == wanted.plan_id)
    if wanted.region_code:
        query = query.where(PLACE.region_code.startswith(region_prefix(wanted.region_code), autoescape=True))
    query = query.where(Sample.state == wanted.state) if wanted.state else query.where(Sample.state != "void")
    return query.order_by(PLACE.region_code, Sample.number)


def ask(session: Session, actor: Actor, wanted: Wanted) -> Job:
    """Ask for the papers; a second click gives the job that runs already."""
    plan = plans.get(session, wanted.plan_id)
    count = session.scalar(select(func.count()).select_from(chosen(wanted).order_by(None).with_only_columns(Sample.id).subquery())) or 0
    if not count:
        raise Refused("no-samples", "计划“%(plan)s”没有符合所选区域和状态的样品。请放宽条件后再打印。", plan=plan.title)
    params = {"paper": wanted.paper, "plan_id": plan.id, "region_code": wanted.region_code, "state": wanted.state}
    key = f"{KIND}:{':'.join(str(value) for value in params.values())}:{actor.id}"
    return enqueue(session, actor, KIND, params, title=f"{PAPERS[wanted.paper]} {plan.code}", lock_key=key, total=count)


def contents(session: Session, wanted: Wanted, settings: Settings) -> Iterator[Any]:
    """The content of each paper."""
    for sample in session.scalars(chosen(wanted).execution_options(yield_per=500)):
        yield documents.sheet_content(session, sample, settings) if wanted.paper == "sheets" else documents.label_content(sample)


def run(folder: Path, paper: str, settings: Settings, per_volume: int | None = None) -> PrintRun:
    """The print run of one kind of paper."""

    def sheets(items: Sequence[content.SamplingSheet]) -> bytes:
        return sampling_sheet.render_volume(content.SheetVolume(tuple(items)))

    def stickers(items: Sequence[content.Label]) -> bytes:
        return labels.render(content.LabelSheet(documents.LABEL, tuple(items), demo=settings.demo))

    kind, render = (content.SamplingSheet, sheets) if paper == "sheets" else (content.Label, stickers)
    return PrintRun(folder, kind, per_volume or PER_VOLUME[paper], render, lambda number, _items: f"{PAPERS[paper]}-{number:02d}.pdf")

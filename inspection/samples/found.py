"""Samples as far as the actor may see them: found, counted per cell, late ones."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, column, func, or_, select, table
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.errors import Conflict, NotFound, Refused
from inspection.samples import rules
from inspection.samples.models import Sample

_REPORTS = table("test_reports", column("sample_id"), column("number"))  # of a later stage: numbered when it was issued first


def listing() -> Select[Sample]:
    """Samples the actor may see (region and laboratory by the session's filter)."""
    return select(Sample)


def get(session: Session, sample_id: int) -> Sample:
    sample = session.scalar(select(Sample).where(Sample.id == sample_id))
    if sample is None:
        raise NotFound("sample-not-found", "没有这个样品。")
    return sample


def by_code(session: Session, code: str) -> Sample:
    """A sample by its blind code, as a laboratory knows it."""
    text = code.strip().upper()
    sample = session.scalar(select(Sample).where(Sample.code == text))
    if sample is None:
        raise NotFound("sample-not-found", "没有盲样编码为 %(sample)s 的样品，或它不属于本机构。请核对标签。", sample=text[:24])
    return sample


def used_of(session: Session, plan_id: int) -> dict[tuple[str, str], int]:
    """Batches already taken per (region, class) of a plan."""
    rows = session.execute(
        select(Sample.cell_region, Sample.class_code, func.count())
        .where(Sample.plan_id == plan_id, Sample.state.in_(rules.COUNTED))
        .group_by(Sample.cell_region, Sample.class_code)
        .execution_options(unscoped=True)
    )
    return {(region, class_code): n for region, class_code, n in rows}


def late() -> ColumnElement[bool]:
    """Not at its laboratory in time, or without a report in time; a report that is corrected had been in time, or not, before."""
    today = clock.today()
    issued = select(_REPORTS.c.sample_id).where(_REPORTS.c.number != "")
    return or_(
        and_(Sample.state.in_(("taken", "sealed", "handed_over")), Sample.deliver_by < today),
        and_(Sample.state.in_(("received", "tested")), Sample.report_by < today, Sample.id.not_in(issued)),
    )


def overdue(session: Session) -> list[Sample]:
    """Samples whose delivery or report is late today."""
    return list(session.scalars(select(Sample).where(late()).order_by(Sample.id)))


def content(sample: Sample) -> dict[str, Any]:
    """The sheet as plain data."""
    return {
        column.key: getattr(sample, column.key)
        for column in Sample.__mapper__.columns
        if column.key not in {"id", "version_id", "created_at"}
    }


def step(session: Session, sample_id: int, version: int, to: str) -> Sample:
    """The sample at the version that was read, when it may go on to that state."""
    sample = get(session, sample_id)
    if sample.version_id != version:
        raise Conflict("changed-meanwhile", "样品 %(sample)s 已被他人修改。请核对期间的修改，刷新后重试。", changes=audit.newest(session, "sample", sample.number), sample=sample.number)
    if not rules.may(sample.state, to):
        raise Refused("wrong-state", "样品 %(sample)s 的当前状态不允许这一步。", sample=sample.number)
    return sample

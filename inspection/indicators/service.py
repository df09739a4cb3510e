"""The verbs of indicators: load the policy targets, enter outside values and aggregates; counting and evaluating gathered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import rfc8785
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import Invalid, NotFound
from inspection.indicators import rules
from inspection.indicators.counting import Counted, Scope, class_names, class_order, count, within
from inspection.indicators.evaluating import Evaluation, evaluate, explain, snapshot, summary
from inspection.indicators.models import Aggregate, ExternalValue, Indicator
from inspection.registers.targets import load_packaged

__all__ = [
    "AggregateRow", "Counted", "Evaluation", "Scope", "aggregate_counts", "aggregates", "class_names", "class_order", "count", "enter_external", "evaluate",
    "explain", "get", "get_aggregate", "listing", "load_packaged", "period", "record_aggregate", "snapshot", "summary", "within",
]  # fmt: skip


def listing() -> Select[Indicator]:
    return select(Indicator)


def get(session: Session, indicator_id: int) -> Indicator:
    found = session.get(Indicator, indicator_id)
    if found is None:
        raise NotFound("indicator-not-found", "没有这个指标。")
    return found


def period(since: date | None, until: date | None) -> tuple[date, date]:
    """The days asked for; this year until today by default."""
    last = until or clock.today()
    first = since or last.replace(month=1, day=1)
    if first > last:
        raise Invalid("bad-period", "结束日期不能早于开始日期。", fields={"until": ["早于开始日期"]})
    return first, last


# --- from outside -----------------------------------------------------------------------------------------------------


def enter_external(session: Session, actor: Actor, indicator_id: int, *, period: str, value: Decimal, source: str) -> ExternalValue:
    """Type in a survey score, an index or a published figure with its source; a correction is a newer row."""
    indicator = get(session, indicator_id)
    if not source.strip():
        raise Invalid("source-missing", "外部值须注明来源文件。", fields={"source": ["必填"]})
    made = ExternalValue(
        indicator_id=indicator.id, period=period, value=value, source=source.strip(), entered_by=actor.id, entered_by_name=actor.name,
        entered_at=clock.now(),
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "indicator.enter_external", "indicator", indicator.code, value=value, period=period, source=source)
    return made


@dataclass(frozen=True, slots=True)
class AggregateRow:
    """A class of published counts."""

    name: str
    tested: int
    failed: int
    published: str = ""


def record_aggregate(
    session: Session, actor: Actor, *, name: str, period: str, purpose: str, source: str, rows: Sequence[AggregateRow]
) -> Aggregate:
    """Keep published counts of another authority; the same counts again give the row that is there."""
    wrong = [row.name for row in rows if not 0 <= row.failed <= row.tested]
    if wrong or not rows:
        raise Invalid("aggregate-counts", "汇总数不合理（不合格数应在 0 与抽检数之间）：%(names)s。", names="、".join(wrong) or "（没有数据行）")
    plain: list[dict[str, Any]] = [{"name": r.name, "tested": r.tested, "failed": r.failed, "published": r.published} for r in rows]
    digest = hashlib.sha256(rfc8785.dumps({"period": period, "purpose": purpose, "rows": plain})).hexdigest()
    found = session.scalar(select(Aggregate).where(Aggregate.name == name, Aggregate.digest == digest))
    if found is None:
        found = Aggregate(
            name=name, period=period, purpose=purpose, source=source, rows=plain, digest=digest, entered_by=actor.id, entered_at=clock.now()
        )
        session.add(found)
        session.flush()
    audit.record(session, actor, "aggregate.record", "aggregate", found.id, name=name, digest=digest)
    return found


def aggregates() -> Select[Aggregate]:
    return select(Aggregate)


def get_aggregate(session: Session, aggregate_id: int) -> Aggregate:
    found = session.get(Aggregate, aggregate_id)
    if found is None:
        raise NotFound("aggregate-not-found", "没有这份汇总数。")
    return found


def aggregate_counts(aggregate: Aggregate) -> dict[str, rules.Counts]:
    """Counts per class of an aggregate."""
    return {row["name"]: rules.Counts(passed=row["tested"] - row["failed"], failed=row["failed"]) for row in aggregate.rows}

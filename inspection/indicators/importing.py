"""Published counts of another authority from a file: class, tested, failing, the printed rate – all rows right, or none."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from inspection.actor import Actor
from inspection.errors import Invalid
from inspection.indicators import service
from inspection.indicators.models import Aggregate
from inspection.intake import reader
from inspection.intake.columns import Column
from inspection.intake.preview import Finding, Row, check

MAX_ROWS = 2000
COLUMNS = (
    Column("name", "类别", "Class", required=True, aliases=("食品种类", "产品种类"), max_length=100),
    Column("tested", "抽检批次", "Tested", "integer", required=True, aliases=("样品抽检数量", "抽检数量")),
    Column("failed", "不合格批次", "Failing", "integer", required=True, aliases=("不合格样品数量",)),
    Column("published", "公布的不合格率", "Published rate", aliases=("样品不合格率",), max_length=20),
)


def _rule(row: Row) -> Iterator[Finding]:
    if not 0 <= row["failed"] <= row["tested"] < 2**31:
        yield Finding("failed", f"不合格 {row['failed']} 批，抽检 {row['tested']} 批，不合理", "不合格数应在 0 与抽检数之间")


def aggregate(session: Session, actor: Actor, *, filename: str, data: bytes, name: str, period: str, purpose: str, source: str) -> Aggregate:
    """Record the counts of a file.

    Raises
    ------
    Invalid : with every bad row, its column, the reason and what to do.
    """
    found = check(reader.read(data, filename, max_rows=MAX_ROWS), COLUMNS, _rule, unique=["name"])
    if found.problems:
        told = "；".join(f"第 {p.row} 行【{p.title}】{p.reason}{f'（{p.suggestion}）' if p.suggestion else ''}" for p in found.problems[:20])
        raise Invalid("aggregate-rows", "文件有 %(n)d 行有误，没有写入：%(told)s。", n=found.n_bad, told=told)
    rows = [service.AggregateRow(row["name"], row["tested"], row["failed"], row["published"] or "") for row in found.good]
    return service.record_aggregate(session, actor, name=name, period=period, purpose=purpose, source=source, rows=rows)

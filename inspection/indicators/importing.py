"""Published counts of another authority from a file: class, tested, failing, the printed rate – all rows right, or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from inspection import uploads
from inspection.actor import Actor
from inspection.errors import Invalid, NotFound, Refused
from inspection.indicators import service
from inspection.indicators.models import Aggregate
from inspection.intake import reader
from inspection.intake.columns import Column, match_header, template
from inspection.intake.preview import Finding, Preview, Row, check
from inspection.intake.reader import Sheet
from inspection.intake.workbook import errors_workbook
from inspection.uploads import Upload

KIND = "indicators.aggregate"
MAX_ROWS = 2000
COLUMNS = (
    Column("name", "类别", "Class", required=True, aliases=("食品种类", "产品种类"), example="示例：糕点", max_length=100),
    Column("tested", "抽检批次", "Tested", "integer", required=True, aliases=("样品抽检数量", "抽检数量"), example="120"),
    Column("failed", "不合格批次", "Failing", "integer", required=True, aliases=("不合格样品数量",), example="3"),
    Column("published", "公布的不合格率", "Published rate", aliases=("样品不合格率",), example="2.5%", help="照公告原样填写", max_length=20),
)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a kept file holds: its good rows, its bad ones with reasons."""

    upload: Upload
    sheet: Sheet
    preview: Preview

    @property
    def rows(self) -> list[service.AggregateRow]:
        return [service.AggregateRow(row["name"], row["tested"], row["failed"], row["published"] or "") for row in self.preview.good]


def blank() -> bytes:
    """The template to fill in."""
    return template(COLUMNS, "汇总数")


def keep_upload(session: Session, actor: Actor, *, filename: str, content: bytes) -> Upload:
    """Keep the file, after it was read as strictly as it will be."""
    sheet = reader.read(content, filename, max_rows=MAX_ROWS)
    match_header(sheet, COLUMNS)
    if not len(sheet):
        raise Invalid("upload-empty", "文件里没有数据行。请下载模板，按表头填写后上传。")
    return uploads.keep(session, actor, kind=KIND, target="", filename=filename, content=content, n_rows=len(sheet))


def preview(session: Session, actor: Actor, upload_id: int) -> Examined:
    """Every row of a kept file judged; nothing stored."""
    kept = uploads.load(session, actor, upload_id, KIND)
    sheet = reader.read(kept.content, kept.filename, max_rows=MAX_ROWS)
    return Examined(kept, sheet, _check(sheet))


def apply(session: Session, actor: Actor, upload_id: int, *, name: str, period: str, purpose: str, source: str) -> Aggregate:
    """Record the counts of a kept file under a name and with its source; all rows right, or none. The same again changes nothing."""
    found = preview(session, actor, upload_id)
    if found.preview.problems:
        raise Refused("import-has-errors", "文件有 %(bad)d 行有误，一行也没有写入。汇总数须全部正确：请下载错误清单，改正后重新上传。", bad=found.preview.n_bad)
    made = service.record_aggregate(session, actor, name=name, period=period, purpose=purpose, source=source, rows=found.rows)
    uploads.close(session, actor, found.upload, n_rows=len(found.rows), n_applied=len(found.rows), n_unchanged=0, n_refused=0)
    return made


def errors(session: Session, actor: Actor, upload_id: int) -> bytes:
    """The workbook that gives the bad rows back with their reasons."""
    found = preview(session, actor, upload_id)
    if not found.preview.problems:
        raise NotFound("no-bad-rows", "这个文件没有有误的行。")
    return errors_workbook(found.sheet, found.preview)


def aggregate(session: Session, actor: Actor, *, filename: str, data: bytes, name: str, period: str, purpose: str, source: str) -> Aggregate:
    """Record the counts of a file in one step, for the command line.

    Raises
    ------
    Invalid : with every bad row, its column, the reason and what to do.
    """
    found = _check(reader.read(data, filename, max_rows=MAX_ROWS))
    if found.problems:
        told = "；".join(f"第 {p.row} 行【{p.title}】{p.reason}{f'（{p.suggestion}）' if p.suggestion else ''}" for p in found.problems[:20])
        raise Invalid("aggregate-rows", "文件有 %(n)d 行有误，没有写入：%(told)s。", n=found.n_bad, told=told)
    rows = [service.AggregateRow(row["name"], row["tested"], row["failed"], row["published"] or "") for row in found.good]
    return service.record_aggregate(session, actor, name=name, period=period, purpose=purpose, source=source, rows=rows)


def _check(sheet: Sheet) -> Preview:
    return check(sheet, COLUMNS, _rule, unique=["name"])


def _rule(row: Row) -> Iterator[Finding]:
    if not 0 <= row["failed"] <= row["tested"] < 2**31:
        yield Finding("failed", f"不合格 {row['failed']} 批，抽检 {row['tested']} 批，不合理", "不合格数应在 0 与抽检数之间")

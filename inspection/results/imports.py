"""The laboratory's workbook: template, preview, error workbook, import – each row judged like a typed one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import uploads
from inspection.actor import Actor
from inspection.errors import DomainError, Invalid, NotFound, Refused
from inspection.intake import reader
from inspection.intake.columns import Column, match_header, template
from inspection.intake.preview import Finding, Preview, Row, check
from inspection.intake.reader import Sheet
from inspection.intake.workbook import errors_workbook
from inspection.results import service
from inspection.results.service import Known, NewResult
from inspection.uploads import Upload

KIND = "results.items"
MAX_ROWS = 50_000
COLUMNS = (
    Column("sample_code", "盲样编码", "Blind code", "id", required=True, example="示例：A2B3C4D5E6", help="标签上的 10 位编码", max_length=24),
    Column("item", "检验项目", "Test item", required=True, example="铅（以Pb计）", max_length=100),
    Column("text", "检验结果", "Result", "measurement", required=True, example="<0.02", help="数值、<检出限、未检出、2.2×10²，多值用 / 分开", max_length=120),
    Column("unit", "结果单位", "Unit", example="mg/kg", max_length=30),
    Column("detection_limit", "方法检出限", "Detection limit", "decimal", help="未检出时必填"),
    Column("method", "检验依据", "Method", max_length=200),
    Column("claimed", "结果判定", "Verdict", help="可不填；填写时须与数值一致", max_length=20),
    Column("tested_on", "检验日期", "Tested on", "date", example="2026-09-20"),
)
_KEYS = frozenset(column.key for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file would do: the preview of its rows, how many are new and how many are there already."""

    upload: Upload
    sheet: Sheet
    preview: Preview
    rows: list[NewResult]
    n_unchanged: int

    @property
    def n_good(self) -> int:
        return len(self.rows)

    @property
    def n_bad(self) -> int:
        return self.preview.n_bad


def blank() -> bytes:
    """The template to fill in."""
    return template(COLUMNS, "检验结果")


def keep_upload(session: Session, actor: Actor, *, filename: str, content: bytes) -> Upload:
    """Keep the file, after it was read as strictly as it will be."""
    sheet = reader.read(content, filename, max_rows=MAX_ROWS)
    match_header(sheet, COLUMNS)
    if not len(sheet):
        raise Invalid("upload-empty", "文件里没有数据行。请下载模板，按表头填写后上传。")
    return uploads.keep(session, actor, kind=KIND, target=str(actor.lab_id or ""), filename=filename, content=content, n_rows=len(sheet))


def load(session: Session, actor: Actor, upload_id: int) -> Upload:
    """The actor's own kept file."""
    return uploads.load(session, actor, upload_id, KIND)


def preview(session: Session, actor: Actor, upload_id: int, tell: Callable[[int], None] | None = None) -> Examined:
    """Every row judged, nothing stored; tells how many it has judged."""
    upload = uploads.load(session, actor, upload_id, KIND)
    sheet = reader.read(upload.content, upload.filename, max_rows=MAX_ROWS)
    known = Known(session)
    first: dict[tuple[int, str], int] = {}
    seen = itertools.count(1)

    def rule(row: Row) -> Iterator[Finding]:
        if tell is not None:
            tell(next(seen))
        new = new_of(row)
        if error := service.problem_of(known, new):
            yield _finding(error)
            return
        at = first.setdefault((known.sample(new.sample_code).id, known.item(new.item).code), row.number)
        if at != row.number:
            yield Finding("sample_code", f"与第 {at} 行重复（同一样品的同一项目）", "请核对后删去其中一行")

    found = check(sheet, COLUMNS, rule)
    rows = [new_of(row) for row in found.good]
    return Examined(upload, sheet, found, rows, sum(_there(known, row) for row in rows))


def _finding(error: DomainError) -> Finding:
    """The error as the row shows it: reason, and what to do."""
    column = next((name for name in error.fields if name in _KEYS), _column_of(error.code))
    reason, _, cure = error.message.partition("。")
    return Finding(column, reason, cure.strip("。") or "请核对后改正")


def _column_of(code: str) -> str:
    return {"sample-not-found": "sample_code", "sample-not-testable": "sample_code", "measurement": "text"}.get(code, "sample_code")


def _there(known: Known, new: NewResult) -> bool:
    report = known.report(known.sample(new.sample_code))
    old = known.value(report, known.item(new.item).code) if report else None
    return old is not None and service.same(old, new)


def new_of(row: Row) -> NewResult:
    """A row of the sheet as a value."""
    measured = row["text"]
    return NewResult(
        sample_code=row["sample_code"],
        item=row["item"],
        text=getattr(measured, "text", measured) or "",
        unit=row["unit"] or "",
        method=row["method"] or "",
        detection_limit=row["detection_limit"],
        claimed=row["claimed"] or "",
        tested_on=row["tested_on"],
    )


def apply(session: Session, actor: Actor, upload_id: int, *, all_or_nothing: bool) -> tuple[int, int, int]:
    """Write the good rows in one transaction; gives (new, unchanged, refused). The same file again changes nothing."""
    done = preview(session, actor, upload_id)
    if done.n_bad and all_or_nothing:
        raise Refused("import-has-errors", "文件有 %(bad)d 行有误，一行也没有写入。请下载错误清单改正，或改选“只导入正确的行”。", bad=done.n_bad)
    if not done.n_good:
        raise Refused("import-nothing-good", "文件没有一行正确，没有写入。请下载错误清单，改正后重新上传。")
    known = Known(session)
    n_new = 0
    for new in done.rows:
        _, fresh = service.record(session, actor, new, upload_id=done.upload.id, known=known)
        n_new += fresh
    session.flush()
    uploads.close(
        session, actor, done.upload, n_rows=done.n_good + done.n_bad, n_applied=n_new, n_unchanged=done.n_good - n_new, n_refused=done.n_bad
    )
    return n_new, done.n_good - n_new, done.n_bad


def errors(session: Session, actor: Actor, upload_id: int) -> bytes:
    """The workbook that gives the bad rows back with their reasons."""
    done = preview(session, actor, upload_id)
    if not done.n_bad:
        raise NotFound("no-bad-rows", "这个文件没有有误的行。")
    return errors_workbook(done.sheet, done.preview)


def recent(session: Session, actor: Actor, limit: int = 20) -> list[Upload]:
    """The actor's own files, newest first."""
    query = select(Upload).where(Upload.owner_id == actor.id, Upload.kind == KIND).order_by(Upload.id.desc()).limit(limit)
    return list(session.scalars(query))

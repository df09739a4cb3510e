"""Import of a year's arrangement: a table of special days, previewed row by row, written as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from inspection import audit, uploads
from inspection.actor import Actor
from inspection.calendar import service
from inspection.calendar.rules import KINDS, Special, day_fault, faults_of
from inspection.errors import Invalid, NotFound, Refused
from inspection.intake import reader
from inspection.intake.columns import Column, match_header, template
from inspection.intake.preview import Finding, Preview, check
from inspection.intake.reader import Sheet
from inspection.intake.workbook import errors_workbook
from inspection.uploads import Upload

PURPOSE = "calendar.year"
TITLE = "节假日安排"
MAX_ROWS = 400
COLUMNS = (
    Column("day", "日期", "Day", "date", required=True, example="2027-10-01", help="与周末规则不同的日子；放假的周末也可列出"),
    Column("kind", "类型", "Kind", "choice", required=True, choices=KINDS, help="放假，或周末调休上班"),
    Column("name", "名称", "Name", example="国庆节", max_length=60),
)


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file would do: its rows judged, the arrangement it holds, what the year lacks, what is there already."""

    upload: Upload
    year: int
    sheet: Sheet = field(repr=False)
    preview: Preview = field(repr=False)
    special: dict[date, Special]
    before: dict[date, Special]
    lacking: list[str]

    @property
    def n_bad(self) -> int:
        return self.preview.n_bad

    @property
    def n_new(self) -> int:
        return sum(day not in self.before for day in self.special)

    @property
    def n_changed(self) -> int:
        return sum(day in self.before and self.before[day] != said for day, said in self.special.items())

    @property
    def n_dropped(self) -> int:
        """Days that stand in the calendar and not in the file."""
        return sum(day not in self.special for day in self.before)

    @property
    def changes(self) -> bool:
        return self.special != self.before


def blank() -> bytes:
    """The workbook to fill in."""
    return template(COLUMNS, TITLE)


def keep_upload(session: Session, actor: Actor, *, year: int, filename: str, content: bytes) -> Upload:
    """Keep the file, after it was read as strictly as it will be."""
    sheet = reader.read(content, filename, max_rows=MAX_ROWS)
    match_header(sheet, COLUMNS)
    if not len(sheet):
        raise Invalid("upload-empty", "文件里没有数据行。请下载模板，按表头填写后上传。")
    return uploads.keep(session, actor, kind=PURPOSE, target=str(year), filename=filename, content=content)


def preview(session: Session, actor: Actor, upload_id: int) -> Examined:
    """Every row judged, nothing stored."""
    kept = uploads.load(session, actor, upload_id, PURPOSE)
    year = int(kept.target)
    sheet = reader.read(kept.content, kept.filename, max_rows=MAX_ROWS)

    def rule(row: Any) -> Iterator[Finding]:
        if fault := day_fault(year, row["day"], row["kind"]):
            yield Finding("day", fault, f"请核对 {year} 年的通知原文")

    found = check(sheet, COLUMNS, rule, unique=["day"])
    special = {row["day"]: (row["kind"], row["name"] or "") for row in found.good}
    lacking = [] if found.n_bad else faults_of(year, "-", special).get("days", [])
    return Examined(kept, year, sheet, found, special, service.arrangement(session, year), lacking)


def apply(session: Session, actor: Actor, upload_id: int, *, source: str, version: int) -> Examined:
    """Write the whole year in one transaction; the same file again changes nothing.

    Raises
    ------
    Refused : a row is bad; nothing is written.
    Invalid, Conflict : see `service.announce`.
    """
    done = preview(session, actor, upload_id)
    if done.n_bad:
        raise Refused("import-has-errors", "文件有 %(bad)d 行有误，一行也没有写入。请下载错误清单，改正后重新上传。", bad=done.n_bad)
    there = next((row for row in service.years(session) if row.year == done.year), None)
    if there is not None and not done.changes and there.source == source.strip():
        audit.record(session, actor, f"{PURPOSE}.apply", "upload", done.upload.id, digest=done.upload.digest, applied=0, unchanged=len(done.special))
        return done
    service.announce(session, actor, year=done.year, source=source, special=done.special, version=version)
    applied = done.n_new + done.n_changed
    uploads.close(
        session, actor, done.upload, n_rows=len(done.special), n_applied=applied, n_unchanged=len(done.special) - applied, n_refused=0
    )
    return done


def errors(session: Session, actor: Actor, upload_id: int) -> bytes:
    """The workbook that gives the bad rows back with their reasons."""
    done = preview(session, actor, upload_id)
    if not done.n_bad:
        raise NotFound("no-bad-rows", "这个文件没有有误的行。")
    return errors_workbook(done.sheet, done.preview)

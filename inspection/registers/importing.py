"""The verbs of an import: keep the file, look what it would do, do it – once."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, uploads
from inspection.actor import Actor
from inspection.errors import Invalid, NotFound, Refused
from inspection.intake import reader
from inspection.intake.columns import match_header
from inspection.intake.workbook import errors_workbook
from inspection.registers.imports import KINDS, Examination, ImportKind, examine, kind_of
from inspection.uploads import Upload

PREFIX = "registers."


def keep_upload(session: Session, actor: Actor, kind: str, *, filename: str, content: bytes) -> Upload:
    """Keep a file for an import, after it was read as strictly as it will be.

    Raises
    ------
    Invalid : the file is dangerous, damaged, empty or does not have the columns of the kind; nothing is kept.
    """
    wanted = kind_of(kind)
    sheet = reader.read(content, filename)
    match_header(sheet, wanted.columns)
    if not len(sheet):
        raise Invalid("upload-empty", "文件里没有数据行。请下载模板，按表头填写后上传。")
    return uploads.keep(session, actor, kind=wanted.purpose, target="", filename=filename, content=content, n_rows=len(sheet))


def preview(session: Session, actor: Actor, upload_id: int, tell: Callable[[int], None] | None = None) -> Examination:
    """What the kept file would do to the register as it is now; stores nothing, tells how many rows it has judged."""
    return _examine(session, actor, upload(session, actor, upload_id), tell)


def apply_import(session: Session, actor: Actor, upload_id: int, *, all_or_nothing: bool) -> Examination:
    """Write the good rows in one transaction; the same file again changes nothing that is there.

    Parameters
    ----------
    all_or_nothing : refuse as a whole when one row is bad; else the bad rows are left out and counted.

    Raises
    ------
    Refused : `import-has-errors`, `import-nothing-good`; nothing is written.
    """
    kept = upload(session, actor, upload_id)
    done = _examine(session, actor, kept)
    if done.n_bad and all_or_nothing:
        raise Refused(
            "import-has-errors", "文件有 %(bad)d 行有误，按“全部正确才导入”一行也没有写入。请下载错误清单改正，或改选“只导入正确的行”。",
            bad=done.n_bad,
        )  # fmt: skip
    if not done.n_good:
        raise Refused("import-nothing-good", "文件没有一行正确，没有写入。请下载错误清单，改正后重新上传。")
    if done.new or done.changed:
        done.table.write(done.new, done.changed)
        audit.record(
            session, actor, f"{kept.kind}.write", "upload", kept.id,
            before=[change.old for change in done.changed] or None,
            after=[*done.new, *(change.new for change in done.changed)],
            new=done.n_new, changed=done.n_changed,
        )  # fmt: skip
    if kept.state != "applied" or done.new or done.changed:
        applied = done.n_new + done.n_changed
        uploads.close(
            session, actor, kept, n_rows=done.n_rows, n_applied=applied, n_unchanged=done.n_unchanged, n_refused=done.n_bad
        )
    else:
        audit.record(session, actor, f"{kept.kind}.apply", "upload", kept.id, digest=kept.digest, applied=0, unchanged=done.n_unchanged)
    return done


def error_workbook(session: Session, actor: Actor, upload_id: int) -> tuple[str, bytes]:
    """File name and bytes of the workbook that gives the bad rows back, with reasons, ready to be imported again."""
    done = preview(session, actor, upload_id)
    if not done.n_bad:
        raise NotFound("no-bad-rows", "这个文件没有有误的行。")
    return errors_of(done)


def errors_of(done: Examination) -> tuple[str, bytes]:
    """The same of an examination that has bad rows."""
    return f"{done.kind.title}错误清单.xlsx", errors_workbook(done.sheet, done.preview)


def kind_of_upload(kept: Upload) -> ImportKind:
    """The kind of import that a kept file is for."""
    return kind_of(kept.kind.removeprefix(PREFIX))


def upload(session: Session, actor: Actor, upload_id: int) -> Upload:
    """The actor's own kept file of one of these imports."""
    kept = session.get(Upload, upload_id)
    kinds = {kind.purpose for kind in KINDS.values()}
    purpose = kept.kind if kept is not None and kept.kind in kinds else ""
    return uploads.load(session, actor, upload_id, purpose)


def recent(session: Session, actor: Actor, limit: int = 20) -> list[Upload]:
    """The actor's own files of these imports, newest first."""
    query = select(Upload).where(Upload.owner_id == actor.id, Upload.kind.in_([kind.purpose for kind in KINDS.values()]))
    return list(session.scalars(query.order_by(Upload.id.desc()).limit(limit)))


def _examine(session: Session, actor: Actor, kept: Upload, tell: Callable[[int], None] | None = None) -> Examination:
    again = select(Upload.id).where(Upload.kind == kept.kind, Upload.digest == kept.digest, Upload.state == "applied").limit(1)
    sheet = reader.read(kept.content, kept.filename)
    return examine(session, actor, kind_of_upload(kept), sheet, repeated=session.scalar(again) is not None, tell=tell)

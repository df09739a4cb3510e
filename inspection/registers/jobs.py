"""Long work of registers: the check and the import of a large file."""

from __future__ import annotations

from typing import Any

from inspection.jobs import Context, Result, job
from inspection.jobs.importing import teller
from inspection.registers import importing, service
from inspection.registers.imports import Examination

CHECK, APPLY = "registers.check", "registers.import"
PAGE = "registers.import_preview"


@job(CHECK, title="检查导入文件", page=PAGE)
def check(context: Context, params: dict[str, Any]) -> Result:
    """What the file would do; the bad rows as a workbook."""
    done = _examined(context, params["upload_id"])
    counts = {"行数": done.n_rows, "新增": done.n_new, "更改": done.n_changed, "相同": done.n_unchanged, "有误": done.n_bad}
    return _with_errors(counts, done)


@job(APPLY, title="导入", page=PAGE)
def apply(context: Context, params: dict[str, Any]) -> Result:
    """Check with progress, then everything in one transaction; run again after a kill, it finds its rows there."""
    upload_id = params["upload_id"]
    done = _examined(context, upload_id)
    with context.write() as session:
        service.apply_import(session, context.actor, upload_id, all_or_nothing=params["all_or_nothing"])
        kept = importing.upload(session, context.actor, upload_id)
        context.checkpoint(session, {"written": True}, done=kept.n_rows, note="写入")  # renews the lease with the commit
        counts = {"行数": kept.n_rows, "写入": kept.n_applied, "相同": kept.n_unchanged, "有误": kept.n_refused}
    return _with_errors(counts, done)


def _examined(context: Context, upload_id: int) -> Examination:
    with context.read() as session:
        total = importing.upload(session, context.actor, upload_id).n_rows
        return importing.preview(session, context.actor, upload_id, teller(context, total))


def _with_errors(counts: dict[str, int], done: Examination) -> Result:
    if not done.n_bad:
        return Result(counts)
    name, data = importing.errors_of(done)
    return Result(counts, filename=name, content=data)

"""Long work of results: the check and the import of a laboratory's large workbook."""

from __future__ import annotations

from typing import Any

from inspection.intake.workbook import errors_workbook
from inspection.jobs import Context, Result, job
from inspection.jobs.importing import teller
from inspection.results import imports

CHECK, APPLY = "results.check", "results.import"
PAGE = "results.preview"


@job(CHECK, title="检查检验结果", page=PAGE)
def check(context: Context, params: dict[str, Any]) -> Result:
    """Every row judged; the bad ones as a workbook."""
    done = _examined(context, params["upload_id"])
    counts = {"行数": done.n_good + done.n_bad, "新增": done.n_good - done.n_unchanged, "相同": done.n_unchanged, "有误": done.n_bad}
    return _with_errors(counts, done)


@job(APPLY, title="导入检验结果", page=PAGE)
def apply(context: Context, params: dict[str, Any]) -> Result:
    """Check with progress, then everything in one transaction; run again after a kill, it finds its rows there."""
    upload_id = params["upload_id"]
    done = _examined(context, upload_id)
    with context.write() as session:
        imports.apply(session, context.actor, upload_id, all_or_nothing=params["all_or_nothing"])
        kept = imports.load(session, context.actor, upload_id)
        context.checkpoint(session, {"written": True}, done=kept.n_rows, note="写入")  # renews the lease with the commit
        counts = {"行数": kept.n_rows, "写入": kept.n_applied, "相同": kept.n_unchanged, "有误": kept.n_refused}
    return _with_errors(counts, done)


def _examined(context: Context, upload_id: int) -> imports.Examined:
    with context.read() as session:
        total = imports.load(session, context.actor, upload_id).n_rows
        return imports.preview(session, context.actor, upload_id, teller(context, total))


def _with_errors(counts: dict[str, int], done: imports.Examined) -> Result:
    if not done.n_bad:
        return Result(counts)
    return Result(counts, filename="错误清单.xlsx", content=errors_workbook(done.sheet, done.preview))

"""Imports of large files in the background: the check with its progress, the writing in one transaction, the outcome kept.

A file that would take longer than a page should is checked and applied by a job; a smaller one at once. Either way the same service writes, all
rows in one transaction: a job that was cancelled or killed left nothing, and one that runs again finds its rows there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection.actor import Actor
from inspection.errors import Refused
from inspection.jobs.context import Context
from inspection.jobs.models import Job
from inspection.jobs.service import enqueue
from inspection.uploads import Upload

# Rows above which a file is large, one second or so of work on SQLite on two cores: 10,000 firms were written in 2.1 s,
# 1,000 results, each judged by the limits of its day, in 3.1 s.
LARGE = {"registers": 5000, "results": 400}
EVERY = 200


def is_large(kept: Upload) -> bool:
    """Whether the file is worked on in the background."""
    return kept.n_rows > LARGE[kept.kind.partition(".")[0]]


def ask(session: Session, actor: Actor, kind: str, kept: Upload, **params: Any) -> Job:
    """Ask for the check or the import of a kept file; a second click gives the job that runs already."""
    return enqueue(
        session, actor, kind, {"upload_id": kept.id, **params}, title=f"{_title(kind)} {kept.filename}", lock_key=f"{kind}:{kept.id}", total=kept.n_rows
    )


def refuse_large(kept: Upload) -> None:
    """Refuse to look through a large file while the caller waits; the job that checked it has the answer."""
    if is_large(kept):
        raise Refused(
            "file-large", "文件有 %(rows)s 行，由后台任务检查。错误清单是检查任务的结果文件，请从“后台任务”下载（接口：/api/v1/jobs/编号/result）。", rows=kept.n_rows
        )  # fmt: skip


def _title(kind: str) -> str:
    from inspection.jobs.registry import kind_of

    return kind_of(kind).title


def last(session: Session, actor: Actor, kind: str, kept: Upload, *more: str) -> Job | None:
    """The actor's newest job of these kinds on the file."""
    keys = [f"{each}:{kept.id}" for each in (kind, *more)]
    query = select(Job).where(Job.owner_id == actor.id, Job.lock_key.in_(keys)).order_by(Job.id.desc()).limit(1)
    return session.scalar(query)


def teller(context: Context, total: int) -> Callable[[int], None]:
    """What the check of rows calls with the number of rows seen; the place where a cancelled job ends."""

    def tell(seen: int) -> None:
        if seen % EVERY == 0:
            context.progress(min(seen, total), total, "检查")

    return tell

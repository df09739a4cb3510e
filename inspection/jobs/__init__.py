"""后台任务: long work outside the request, with progress, cancellation, resumption and a result file.

A stage registers functions in its ``jobs.py`` (`job`, `periodic`), asks for them with `service.enqueue` in the transaction
of their cause; a worker takes them by lease (`runner`), woken by the queue (`queue`).
"""

from inspection.jobs.context import Cancelled, Context, PeriodicContext
from inspection.jobs.registry import Result, job, periodic
from inspection.jobs.runner import run_pending
from inspection.jobs.service import enqueue

__all__ = ["Cancelled", "Context", "PeriodicContext", "Result", "enqueue", "job", "periodic", "run_pending"]

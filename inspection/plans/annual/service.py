"""The verbs of annual plans and tasks, gathered: later stages and the entry points import them from here."""

from __future__ import annotations

from inspection.plans.annual.announcing import plan_facts, publish_task
from inspection.plans.annual.approval import approve, cancel, publish, revise, send_back, submit, unready, withdraw
from inspection.plans.annual.asking import (
    approved_table,
    by_code,
    compared,
    content,
    department_names,
    get,
    listing,
    live_tasks,
    load_task,
    matter_kind,
    matters_of,
    newest_version,
    recheck,
    table_of,
    tables_of,
    task,
    tasks,
    versions,
)
from inspection.plans.annual.drafting import copy, create, edit, set_rates
from inspection.plans.annual.tasks import (
    approve_task,
    begin_task,
    cancel_task,
    close_task,
    copy_tasks,
    create_task,
    edit_task,
    join_task,
)

__all__ = [
    "approve", "approve_task", "approved_table", "begin_task", "by_code", "cancel", "cancel_task", "close_task", "compared", "content", "copy", "copy_tasks", "create", "create_task",
    "department_names", "edit", "edit_task", "get", "join_task", "listing", "live_tasks", "load_task", "matter_kind", "matters_of",
    "newest_version", "plan_facts", "publish", "publish_task", "recheck", "revise", "send_back", "set_rates", "submit", "table_of", "tables_of", "task", "tasks", "unready", "versions", "withdraw",
]  # fmt: skip

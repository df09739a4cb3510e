"""The verbs of a plan, gathered: other stages and the entry points import them from here."""

from __future__ import annotations

from inspection.plans.approval import approve, begin, cancel, complete, publish, revise, send_back, submit, withdraw
from inspection.plans.asking import (
    axis_of,
    bounds_of,
    by_code,
    check,
    content,
    digest_of,
    get,
    listing,
    matrix,
    recheck,
    unassigned,
)
from inspection.plans.drafting import allocate_cells, assign_laboratories, create, set_margins

__all__ = [
    "allocate_cells",
    "approve",
    "assign_laboratories",
    "axis_of",
    "begin",
    "bounds_of",
    "by_code",
    "cancel",
    "check",
    "complete",
    "content",
    "create",
    "digest_of",
    "get",
    "listing",
    "matrix",
    "publish",
    "recheck",
    "revise",
    "send_back",
    "set_margins",
    "submit",
    "withdraw",
    "unassigned",
]

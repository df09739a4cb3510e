"""What a case needs before it may be closed, and which step may follow which."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

# every case: product controlled, cause found, penalty or the reason for none, rectified, re-checked
REQUIRED = ("control", "cause", "rectification", "recheck")
EITHER = ("penalty", "no_penalty")
KINDS = {
    "served": "送达通知",
    "control": "产品控制",
    "cause": "原因排查",
    "penalty": "行政处罚",
    "no_penalty": "不予处罚",
    "rectification": "整改",
    "recheck": "复查",
    "transfer": "移送通报",
    "objection": "异议或复检",
    "final": "结论确定",
    "closing": "结案",
}
HANDLED = frozenset({"control", "cause", "penalty", "no_penalty", "rectification", "recheck", "transfer", "objection"})


def missing(done: Collection[str]) -> list[str]:
    """Chinese names of the steps that are still missing before the case may be closed.

    >>> missing({"control", "cause", "no_penalty", "rectification"})
    ['复查']
    """
    found = [KINDS[kind] for kind in REQUIRED if kind not in done]
    if not set(EITHER) & set(done):
        found.append("行政处罚或不予处罚的理由")
    return found


def state_after(done: Collection[str]) -> str:
    """State of an open case from the steps done so far."""
    if not missing(done):
        return "rectified"
    if set(done) & HANDLED:
        return "handling"
    return "noticed" if "served" in done else "open"


def may_be_final(objection_until: date | None, today: date, objected: bool) -> bool:
    """Whether a failing result has become final: served, the term over, nobody objected."""
    return objection_until is not None and today > objection_until and not objected

"""The verbs of a test report 检验报告, gathered: entry, three signatures, correction, and what can be asked."""

from __future__ import annotations

from inspection.results.checking import NewResult, value_of
from inspection.results.entering import problem_of, record, resolve, same
from inspection.results.found import current_items, get, item_content, items_of, listing, report_content, versions
from inspection.results.known import Known
from inspection.results.signing import approve, correct, review, send_back, submit

__all__ = [
    "Known", "NewResult", "approve", "correct", "current_items", "get", "item_content", "items_of", "listing", "problem_of", "record", "report_content",
    "resolve", "review", "same", "send_back", "submit", "value_of", "versions",
]  # fmt: skip

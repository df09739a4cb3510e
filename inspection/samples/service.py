"""The verbs of a sample, gathered: taken against a plan's cell, sealed, voided, handed over, received or refused; and what can be asked."""

from __future__ import annotations

from inspection.samples.found import by_code, content, get, late, listing, overdue, used_of
from inspection.samples.guards import sampled_unit
from inspection.samples.handing import hand_over, recall, receive
from inspection.samples.taking import OPEN_PLANS, seal, take, void

__all__ = [
    "OPEN_PLANS", "by_code", "content", "get", "hand_over", "late", "listing", "overdue", "recall", "receive", "sampled_unit", "seal", "take",
    "used_of", "void",
]  # fmt: skip

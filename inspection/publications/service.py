"""The verbs of publications 公示, gathered: drafted from data, approved by another person, frozen, numbered, corrected, withdrawn."""

from __future__ import annotations

from inspection.publications.drafting import NewBulletin, draft, refresh, revise
from inspection.publications.found import content_of, get, listing, preview_pdf
from inspection.publications.issuing import SERIES, approve, publish, send_back, submit, withdraw

__all__ = [
    "SERIES", "NewBulletin", "approve", "content_of", "draft", "get", "listing", "preview_pdf", "publish", "refresh", "revise", "send_back",
    "submit", "withdraw",
]  # fmt: skip

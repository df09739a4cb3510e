"""States of a publication and its numbers."""

from __future__ import annotations

NEXT: dict[str, frozenset[str]] = {
    "draft": frozenset({"submitted", "draft"}),
    "submitted": frozenset({"approved", "draft"}),
    "approved": frozenset({"published", "draft"}),
    "published": frozenset({"corrected", "withdrawn"}),
    "corrected": frozenset(),
    "withdrawn": frozenset(),
}
STATES = {
    "draft": "起草中",
    "submitted": "待审批",
    "approved": "已批准",
    "published": "已公布",
    "corrected": "已更正",
    "withdrawn": "已撤回",
}


def may(state: str, to: str) -> bool:
    return to in NEXT.get(state, frozenset())


def number(series: str, year: int, serial: int) -> str:
    """发文字号: no 第, no leading zero.

    >>> number("市监通告", 2026, 3)
    '市监通告〔2026〕3号'
    """
    return f"{series}〔{year}〕{serial}号"

"""States of a publication and its numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reports import wording
from reports.conclusions import MILLION

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


# 市场监管部门和检验机构不得向社会推荐产品（产品质量法第二十五条）; 推荐性 standards are another matter
_PRAISE = re.compile(r"推荐(?!性)|排名|排行|名列前茅|第[一二三]名|最佳|最好|最差|放心品牌|名优|优质品牌|金牌|首选|信得过")


def advertising(text: str) -> str:
    """The first word that recommends or ranks, or ''.

    >>> advertising("推荐消费者购买"), advertising("推荐性国家标准"), advertising("合格率排名")
    ('推荐', '', '排名')
    """
    found = _PRAISE.search(text)
    return found.group() if found else ""


def may(state: str, to: str) -> bool:
    return to in NEXT.get(state, frozenset())


def number(series: str, year: int, serial: int) -> str:
    """发文字号: no 第, no leading zero.

    >>> number("市监通告", 2026, 3)
    '市监通告〔2026〕3号'
    """
    return f"{series}〔{year}〕{serial}号"


def plain_words(document: Mapping[str, Any], *, english: bool) -> str:
    """Of every hundred batches about so many fail, in the reader's language; '' where nothing may be inferred."""
    body = document.get("content", {})
    said, interval = str(body.get("per_hundred") or ""), body.get("total", {}).get("interval")
    if not said or not interval or not english:
        return said
    return wording.per_hundred_in_english(MILLION - interval["high_ppm"], MILLION - interval["low_ppm"])

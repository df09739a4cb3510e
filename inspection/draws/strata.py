"""Strata 层 of a draw: what they are called, how many units each gives, with which probability.

A stratum stands in the public files under an id of the protocol (letters, digits and . _ % / -). Classes that the registers
know by Chinese words, such as an industry or a kind of licence, are percent-encoded there: anyone can read them back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import quote, unquote

from sampling.allocate import hamilton
from sampling.draw import Stratum, size_of
from sampling.frame import is_id

UNCLASSED = "U"  # units without a class: a stratum of their own, never dropped
ALL = "ALL"  # the only stratum of a draw that does not stratify
BY = {
    "credit_class": "信用风险分类", "food_risk_grade": "食品风险等级", "licence_kind": "许可证类型", "industry": "行业", "area": "区域", "none": "不分层",
}  # fmt: skip
LABELS = {UNCLASSED: "未分级", ALL: "不分层"}
LETTERS = frozenset("ABCD")


def name_of(word: str | None) -> str:
    """The stratum of a class of the registers.

    >>> name_of("A"), name_of("餐饮"), name_of(""), name_of(None)
    ('A', '%E9%A4%90%E9%A5%AE', 'U', 'U')
    >>> name_of("餐饮服务、食品销售和单位食堂（含集中用餐）")
    '%E9%A4%90%E9%A5%AE%E6%9C%8D%E5%8A%A1%E3%80%81-dfbc52f9'
    """
    text = (word or "").strip()
    if not text:
        return UNCLASSED
    coded = text if is_id(text) else quote(text, safe="")
    if is_id(coded):
        return coded
    return f"{quote(text[:5], safe='')}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def stratum_of(word: str) -> str:
    """The stratum that a class names as people write it, the classes of ratio tables included.

    >>> stratum_of("未分级"), stratum_of("餐饮"), stratum_of("ALL")
    ('U', '%E9%A4%90%E9%A5%AE', 'ALL')
    """
    return {label: name for name, label in LABELS.items()}.get(word.strip()) or name_of(word)


def label_of(name: str) -> str:
    """A stratum as people read it.

    >>> label_of("%E9%A4%90%E9%A5%AE"), label_of("A"), label_of("U")
    ('餐饮', 'A', '未分级')
    """
    return LABELS.get(name) or unquote(name)


def expected(stratify_by: str) -> frozenset[str] | None:
    """The strata that can occur at all, or None where the registers decide."""
    if stratify_by == "none":
        return frozenset({ALL})
    return LETTERS | {UNCLASSED} if stratify_by in ("credit_class", "food_risk_grade") else None


def area_of(region_code: str, within: str) -> str:
    """The stratum of a place: townships within a county, counties within anything larger.

    >>> area_of("320902001", "320902"), area_of("320902", "320902"), area_of("320902001", "320900")
    ('320902001', 'U', '320902')
    """
    county = len(within) >= 6 and not within[:6].endswith("00")
    if not county:
        return region_code[:6]
    return region_code if len(region_code) == 9 else UNCLASSED


def sizes_of(populations: Mapping[str, int], rates: Mapping[str, tuple[int, int]], fixed: Mapping[str, int]) -> dict[str, int]:
    """How many units each stratum gives: a fixed number, or ceil(N·p/q).

    >>> sizes_of({"A": 7200, "D": 300}, {"A": (2, 100)}, {"D": 12})
    {'A': 144, 'D': 12}
    """
    return {name: fixed[name] if name in fixed else size_of(n, rates[name]) for name, n in populations.items()}


def strata_of(
    populations: Mapping[str, int], rates: Mapping[str, tuple[int, int]], reserve_percent: int, fixed: Mapping[str, int] | None = None
) -> dict[str, Stratum]:
    """The strata of the rule: n = ceil(N·p/q) or fixed; ceil(Σn·percent/100) reserves shared by largest remainder over the strata.

    >>> strata_of({"A": 7200, "D": 300}, {"A": (2, 100), "D": (32, 100)}, 10)["D"]
    Stratum(method='srs', n=96, population=300, reserve=10, rate=(32, 100))
    """
    numbers = fixed or {}
    sizes = sizes_of(populations, rates, numbers)
    room = {name: populations[name] - n for name, n in sizes.items()}
    wanted = min(-(-sum(sizes.values()) * reserve_percent // 100), sum(room.values()))
    if wanted:
        shares = dict(zip(sizes, hamilton(wanted, list(sizes.values()), caps=list(room.values())), strict=True))
    else:
        shares = dict.fromkeys(sizes, 0)
    return {
        name: Stratum("srs", n, populations[name], shares[name], None if name in numbers else rates[name]) for name, n in sizes.items()
    }

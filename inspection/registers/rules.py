"""Decisions of the registers: what a code means, what may stand in an entry. Values in, values out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal

from inspection.intake import credit_code
from inspection.registers.entries import LimitEntry

Fault = tuple[str, str]  # field, reason
_ID = re.compile(r"[0-9A-Za-z._%/-]{1,64}", re.ASCII)
_PRODUCT = re.compile(r"[0-9A-Za-z]{1,10}(?:\.[0-9A-Za-z]{1,8}){0,3}", re.ASCII)
_DIGITS = re.compile(r"[1-9][0-9]*", re.ASCII)


def id_fault(text: str, what: str = "编号") -> str | None:
    """Why a text cannot be an id of the draw protocol (it enters public digests as it stands), or None.

    >>> id_fault("ZJ-0042") is None, id_fault("甲-1") is None
    (True, False)
    """
    if _ID.fullmatch(text):
        return None
    return f"{what}“{text[:30]}”只能由 1 至 64 个字母、数字和 . _ % / - 组成"


# --- places -----------------------------------------------------------------------------------------------------------


def region_form(code: str) -> str | None:
    """The stored form of a 行政区划代码: six digits, nine for a township; None when it is neither.

    >>> region_form("33"), region_form("3301"), region_form("330106"), region_form("330106001000"), region_form("33010")
    ('330000', '330100', '330106', '330106001', None)
    """
    if not _DIGITS.fullmatch(code):
        return None
    if len(code) in (2, 4):
        return code.ljust(6, "0")
    if len(code) == 12 and code.endswith("000"):
        code = code[:9]
    if len(code) == 9 and code.endswith("000"):
        code = code[:6]
    return code if len(code) in (6, 9) else None


def region_level(code: str) -> str:
    """province, city, county or township, as the stored code tells.

    >>> [region_level(code) for code in ("330000", "330100", "330106", "330106001")]
    ['province', 'city', 'county', 'township']
    """
    if len(code) == 9:
        return "township"
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "county"


def ancestors(code: str) -> list[str]:
    """Codes of the places that contain it, nearest first.

    >>> ancestors("330106001"), ancestors("330000")
    (['330106', '330100', '330000'], [])
    """
    above = [code[:6], code[:4] + "00", code[:2] + "0000"]
    return list(dict.fromkeys(place for place in above if place != code))


def parent_of(code: str, known: Collection[str]) -> str | None:
    """The nearest known place that contains it: provinces with counties of their own have no city between."""
    return next((place for place in ancestors(code) if place in known), None)


# --- enterprises ------------------------------------------------------------------------------------------------------


def enterprise_code(text: str, *, internal: bool) -> tuple[str, str | None]:
    """The stored form of a code and why it is wrong, if it is.

    >>> enterprise_code(" ９１11 0000-600037341l ", internal=False)
    ('91110000600037341L', None)
    >>> enterprise_code("9111000060003734１L", internal=True)[1]
    '这是统一社会信用代码，请填在“统一社会信用代码”一栏'
    """
    folded = credit_code.normalise(text)
    if not internal:
        return folded, credit_code.fault(folded)
    if credit_code.fault(folded) is None:
        return folded, "这是统一社会信用代码，请填在“统一社会信用代码”一栏"
    return text, id_fault(text, "内部编号")


def decimal_fault(value: Decimal) -> str | None:
    """Numbers that no paper holds: infinite, more than fifteen digits before or ten after the point."""
    exponent = value.as_tuple().exponent
    if not value.is_finite() or not isinstance(exponent, int) or value.adjusted() > 15 or exponent < -10:
        return "数字过大、过小或小数位过多"
    return None


def place_faults(latitude: Decimal | None, longitude: Decimal | None) -> Iterator[Fault]:
    """Degrees of WGS 84: both or none, on this planet."""
    if (latitude is None) != (longitude is None):
        yield "latitude" if latitude is None else "longitude", "经度和纬度须同时填写"
    for name, value in (("latitude", latitude), ("longitude", longitude)):
        if value is not None and (fault := decimal_fault(value)):
            yield name, fault
    if latitude is not None and not -90 <= latitude <= 90:
        yield "latitude", "纬度应在 -90 与 90 之间"
    if longitude is not None and not -180 <= longitude <= 180:
        yield "longitude", "经度应在 -180 与 180 之间"


def period_fault(start: date | None, end: date | None) -> str | None:
    """A period that ends before it begins."""
    return "结束日期早于开始日期" if start and end and end < start else None


# --- products and limits ----------------------------------------------------------------------------------------------


def product_fault(code: str) -> str | None:
    """Why a text is no code of the product tree: one to four parts joined by points (33.01.02), the parent's code first."""
    if _PRODUCT.fullmatch(code):
        return None
    return f"“{code[:30]}”不是产品分类代码，应为一至四段字母或数字，以点相连，例如 33.01.02"


def product_level(code: str) -> int:
    """1 大类 … 4 细类."""
    return code.count(".") + 1


def product_parent(code: str) -> str | None:
    """
    >>> product_parent("33.01.02"), product_parent("33")
    ('33.01', None)
    """
    return code.rpartition(".")[0] or None


def limit_faults(entry: LimitEntry) -> Iterator[Fault]:
    """What is missing, superfluous or contradictory in a limit."""
    for name in ("lower", "upper", "detection_limit", "m", "big_m"):
        value = getattr(entry, name)
        if value is not None and (fault := decimal_fault(value)):
            yield name, fault
    if entry.kind == "range":
        if entry.lower is None and entry.upper is None:
            yield "upper", "限量至少要有最小或最大允许限之一"
        if entry.lower is not None and entry.upper is not None and entry.lower > entry.upper:
            yield "lower", "最小允许限大于最大允许限"
    elif entry.lower is not None or entry.upper is not None:
        yield "upper" if entry.upper is not None else "lower", "只有“限量”一类可填允许限；请改类别或清空"
    if entry.kind == "plan":
        yield from _plan_faults(entry)
    elif any(value is not None for value in (entry.n, entry.c, entry.m, entry.big_m)):
        yield "n", "只有“采样方案”一类可填 n、c、m、M；请改类别或清空"
    if entry.detection_limit is not None and entry.detection_limit < 0:
        yield "detection_limit", "检出限不能为负"
    if fault := period_fault(entry.valid_from, entry.valid_to):
        yield "valid_to", fault


def _plan_faults(entry: LimitEntry) -> Iterator[Fault]:
    if entry.n is None or entry.c is None or entry.m is None:
        yield "n", "采样方案须填 n、c 和 m（二级方案不填 M）"
        return
    if not 1 <= entry.n <= 100:
        yield "n", "n 应在 1 与 100 之间"
    if not 0 <= entry.c <= entry.n:
        yield "c", "c 应在 0 与 n 之间"
    if entry.m < 0:
        yield "m", "m 不能为负"
    if entry.big_m is not None and entry.big_m <= entry.m:
        yield "big_m", "M 应大于 m"


def plan_of(entry: LimitEntry) -> dict[str, int | str | None] | None:
    """n, c, m, M as they are stored: decimals as text, digit for digit."""
    if entry.kind != "plan" or entry.n is None or entry.c is None or entry.m is None:
        return None
    return {"n": entry.n, "c": entry.c, "m": format(entry.m, "f"), "M": None if entry.big_m is None else format(entry.big_m, "f")}


INDIVIDUAL = "92"  # 登记管理部门 9 (市场监管), 机构类别 2 (个体工商户): the first two characters of the credit code


def public_name(code: str, name: str, legal_person: str = "") -> str:
    """The name of a firm as the public may read it: of an individual business the natural person's own name is masked.

    >>> public_name("91320902MA1X00001A", "王小明食品有限公司", "王小明"), public_name("92320902MA1X00001A", "盐城市王小明小吃店", "王小明")
    ('王小明食品有限公司', '盐城市王＊＊小吃店')
    >>> public_name("92320902MA1X00001A", "欧阳锋"), public_name("92320902MA1X00001A", "老王面馆")
    ('欧＊＊', '老王面馆')
    """
    if not code.startswith(INDIVIDUAL):
        return name
    person = legal_person.strip()
    if len(person) > 1 and person in name:
        return name.replace(person, person[0] + "＊" * (len(person) - 1))
    return name[0] + "＊" * (len(name) - 1) if 2 <= len(name) <= 3 else name

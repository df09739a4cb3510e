"""How many units each stratum gives, as it is typed: one stratum per line, a rate or a number of units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from inspection.draws import strata
from inspection.errors import Said
from inspection.schema_base import fault_of

Wanted = int | tuple[int, int]
_LINE = re.compile(r"\s*(?P<name>\S(?:.*?\S)?)\s+(?:(?P<p>\d{1,6})\s*/\s*(?P<q>\d{1,7})|(?P<percent>\d{1,6}(?:\.\d{1,4})?)\s*%|(?P<n>\d{1,7})\s*[户个件]?)\s*", re.ASCII)
_WRONG = "第 %(n)s 行应写成“类别 分子/分母”、“类别 百分比”或“类别 户数”，例如 A 2/100、A 2.5%%、D 12户"


class Rates(fields.Field[dict[str, Wanted]]):
    """`A 2/100`, `A 2.5%` or `D 12`, one stratum per line; in JSON an object {"A": [2, 100], "D": 12}."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Wanted]:
        if isinstance(value, dict):
            return _once((_word(name), _wanted(given), 0) for name, given in value.items())
        if not isinstance(value, str):
            raise ValidationError("应为每行一类，例如：A 2/100")
        return _once(_line(number, line) for number, line in enumerate(filter(str.strip, value.splitlines()), 1))


def _once(rows: Any) -> dict[str, Wanted]:
    found: dict[str, Wanted] = {}
    for name, wanted, where in rows:
        if name in found:
            raise ValidationError(Said("第 %(n)s 行的类别 %(name)s 重复", n=where, name=strata.label_of(name)) if where else Said("类别 %(name)s 重复", name=strata.label_of(name)))
        found[name] = wanted
    return found


def _line(number: int, line: str) -> tuple[str, Wanted, int]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValidationError(Said(_WRONG, n=number))
    return _word(match["name"]), _read(match), number


def _read(match: re.Match[str]) -> Wanted:
    if match["n"] is not None:
        return int(match["n"])
    if match["percent"] is None:
        return int(match["p"]), int(match["q"])
    whole, _, decimals = match["percent"].partition(".")
    return int(whole + decimals), 100 * 10 ** len(decimals)


def _word(name: str) -> str:
    """The stratum that is meant by a class, by its word or by its id."""
    if len(name) > 64 or fault_of(name):
        raise ValidationError("类别的名称不能超过 64 个字" if len(name) > 64 else "类别的名称含有不能显示的字符，请删去")
    return strata.stratum_of(name)


def _wanted(given: Any) -> Wanted:
    whole = [n for n in (given if isinstance(given, list) else [given]) if isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**31]
    if isinstance(given, list) and len(given) == len(whole) == 2:
        return whole[0], whole[1]
    if not isinstance(given, list) and whole:
        return whole[0]
    raise ValidationError("应为两个整数 [分子, 分母]，或一个整数（户数）")


def split(given: Mapping[str, Wanted]) -> dict[str, dict[str, Any]]:
    """Rates and fixed numbers apart, as a configuration keeps them."""
    return {
        "rates": {name: wanted for name, wanted in given.items() if isinstance(wanted, tuple)},
        "sizes": {name: wanted for name, wanted in given.items() if isinstance(wanted, int)},
    }


def lines(rates: Mapping[str, tuple[int, int]], sizes: Mapping[str, int]) -> str:
    """The same as it is typed."""
    written = {name: f"{p}/{q}" for name, (p, q) in rates.items()} | {name: f"{n}户" for name, n in sizes.items()}
    return "\n".join(f"{strata.label_of(name)} {wanted}" for name, wanted in sorted(written.items()))

"""Promise and reveal 承诺与揭示: rule, commitment, reveal and the seed that follows from them (sections 3 and 4).

Standard library only. JSON files are RFC 8785 canonical bytes; every number in them is an integer, every other value text.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from math import comb
from typing import Any

from sampling.characters import is_text
from sampling.errors import SamplingError
from sampling.frame import MAX_INTEGER, PROTOCOL, Difference, digest, is_digest, is_id, is_time

LEAST_BITS = 60
COMMITTED = ("conflicts.tsv", "frame.tsv", "inspectors.tsv", "rule.json")
_SOURCES = {
    "balls": {"drawn_at", "form", "issue", "max", "name", "pick"},
    "digits": {"drawn_at", "form", "issue", "length", "name"},
    "hex": {"drawn_at", "form", "issue", "length", "name"},
}

# --- canonical JSON ---------------------------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a value made of objects with ASCII keys, lists, texts, integers, booleans and null.

    >>> canonical({"b": [1, None], "a": "盐"}).decode()
    '{"a":"盐","b":[1,null]}'
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("utf-8")


def read_json(name: str, data: bytes) -> dict[str, Any]:
    """A JSON file of the bundle, refused unless canonical, with exact members and clean texts.

    Parameters
    ----------
    name : "rule.json", "commitment.json" or "reveal.json".
    """
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_int=_whole, parse_float=_fraction)
        same = canonical(value) == data
    except (ValueError, RecursionError):
        same = False
    if not same or data.startswith(b"\xef\xbb\xbf"):
        raise Difference(name, None, "canonical")
    if not isinstance(value, dict) or not _MEMBERS[name](value):
        raise Difference(name, None, "members")
    if not all(map(is_text, _texts(value))):
        raise Difference(name, None, "text")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("duplicate key")
    return dict(pairs)


def _whole(digits: str) -> int:
    """An integer that every reader of JSON holds exactly."""
    if abs(int(digits)) > MAX_INTEGER:
        raise ValueError("beyond 2**53 - 1")
    return int(digits)


def _fraction(digits: str) -> float:
    """1.0 and 1e5 are integers written in a way that is not canonical."""
    value = float(digits)
    if not value % 1:
        raise ValueError("an integer in disguise")
    return value


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for key, item in value.items() for text in (key, *_texts(item))]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return []


def _number(value: Any, least: int = 0, most: int = MAX_INTEGER) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _str(value: Any) -> bool:
    return isinstance(value, str)


def _seat(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"lead", "other_unit", "unit"}
        and isinstance(value["lead"], bool)
        and isinstance(value["other_unit"], bool)
        and isinstance(value["unit"], str)
        and (value["unit"] == "*" or is_id(value["unit"]))
    )


def _stratum(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"method", "n", "population", "rate", "reserve"}:
        return False
    rate = value["rate"]
    numbers = all(_number(value[name]) for name in ("n", "population", "reserve"))
    pair = rate is None or (isinstance(rate, list) and len(rate) == 2 and all(map(_number, rate)))
    return numbers and pair and value["method"] in ("srs", "pareto")


def _rule(value: Mapping[str, Any]) -> bool:
    return (
        set(value) == {"authority", "draw", "protocol", "seats", "strata", "title"}
        and all(_str(value[name]) for name in ("authority", "draw", "protocol", "title"))
        and value["protocol"] == PROTOCOL
        and isinstance(value["seats"], list)
        and len(value["seats"]) <= 8
        and all(map(_seat, value["seats"]))
        and isinstance(value["strata"], dict)
        and all(is_id(name) and _stratum(item) for name, item in value["strata"].items())
    )


def _source(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("form") not in _SOURCES or set(value) != _SOURCES[value["form"]]:
        return False
    if not (is_time(value["drawn_at"]) and _str(value["issue"]) and _str(value["name"])):
        return False
    if value["form"] == "balls":
        return _number(value["max"], 1, 1000) and _number(value["pick"], 1, value["max"])
    return _number(value["length"], 1, 1024)


def _commitment(value: Mapping[str, Any]) -> bool:
    names = {"committed_at", "draw", "files", "previous", "protocol", "public_sources", "reveal_by", "reveal_not_before", "secret_digest"}
    return (
        set(value) == names
        and all(is_time(value[name]) for name in ("committed_at", "reveal_by", "reveal_not_before"))
        and _str(value["draw"])
        and value["protocol"] == PROTOCOL
        and isinstance(value["files"], dict)
        and set(value["files"]) == set(COMMITTED)
        and all(_str(item) and is_digest(item) for item in value["files"].values())
        and _str(value["previous"])
        and (value["previous"] == "" or is_digest(value["previous"]))
        and isinstance(value["public_sources"], list)
        and all(map(_source, value["public_sources"]))
        and _str(value["secret_digest"])
        and is_digest(value["secret_digest"])
    )


def _reveal(value: Mapping[str, Any]) -> bool:
    return (
        set(value) == {"commitment", "public_value", "revealed_at", "secret", "witnesses"}
        and all(_str(value[name]) and is_digest(value[name]) for name in ("commitment", "secret"))
        and _str(value["public_value"])
        and is_time(value["revealed_at"])
        and isinstance(value["witnesses"], list)
        and all(map(_str, value["witnesses"]))
    )


_MEMBERS = {"rule.json": _rule, "commitment.json": _commitment, "reveal.json": _reveal}

# --- public sources ---------------------------------------------------------------------------------------------------


def bits(source: Mapping[str, Any]) -> int:
    """Bits that a source of that form carries, rounded down.

    >>> bits({"form": "balls", "max": 80, "pick": 20}), bits({"form": "digits", "length": 20})
    (61, 66)
    """
    if source["form"] == "balls":
        return comb(source["max"], source["pick"]).bit_length() - 1
    if source["form"] == "digits":
        return int(10 ** source["length"]).bit_length() - 1
    return 4 * int(source["length"])


def value_fault(sources: Sequence[Mapping[str, Any]], public_value: str) -> str | None:
    """Why a public value is not of the announced form, or None.

    >>> value_fault([{"form": "balls", "max": 80, "pick": 3, "name": "n"}], "05 07 80")
    >>> value_fault([{"form": "balls", "max": 80, "pick": 3, "name": "n"}], "5 7 80")
    '“n”应为 3 个从小到大、以一个空格分开的号码（01 至 80）'
    """
    parts = public_value.split("|")
    if len(parts) != len(sources):
        return f"应有 {len(sources)} 个来源的值，以 | 分开"
    for source, part in zip(sources, parts, strict=True):
        if not _fits(source, part):
            return wanted(source)
    return None


def _fits(source: Mapping[str, Any], text: str) -> bool:
    if source["form"] == "balls":
        width = len(str(source["max"]))
        numbers = text.split(" ")
        if len(numbers) != source["pick"] or any(len(n) != width or not n.isascii() or not n.isdigit() for n in numbers):
            return False
        values = [int(n) for n in numbers]
        return all(1 <= v <= source["max"] for v in values) and all(a < b for a, b in itertools.pairwise(values))
    allowed = "[0-9]" if source["form"] == "digits" else "[0-9a-f]"
    return re.fullmatch(f"{allowed}{{{source['length']}}}", text, re.ASCII) is not None


def wanted(source: Mapping[str, Any]) -> str:
    """The form of a value of this source, in words."""
    if source["form"] == "balls":
        low = "1".zfill(len(str(source["max"])))
        return f"“{source['name']}”应为 {source['pick']} 个从小到大、以一个空格分开的号码（{low} 至 {source['max']}）"
    kind = "位数字" if source["form"] == "digits" else "位小写十六进制数字"
    return f"“{source['name']}”应为 {source['length']} {kind}"


# --- promise ----------------------------------------------------------------------------------------------------------


def make_commitment(
    *,
    draw: str,
    files: Mapping[str, bytes],
    previous: str,
    public_sources: Sequence[Mapping[str, Any]],
    committed_at: str,
    reveal_not_before: str,
    reveal_by: str,
    secret: str,
) -> bytes:
    """`commitment.json` of four frozen files and a secret; refused when its own checks would fail.

    Parameters
    ----------
    files : the bytes of conflicts.tsv, frame.tsv, inspectors.tsv and rule.json.
    secret : 64 lower-case hex digits; only its digest goes in.
    """
    value = {
        "committed_at": committed_at,
        "draw": draw,
        "files": {name: digest(files[name]) for name in COMMITTED},
        "previous": previous,
        "protocol": PROTOCOL,
        "public_sources": [dict(source) for source in public_sources],
        "reveal_by": reveal_by,
        "reveal_not_before": reveal_not_before,
        "secret_digest": digest(secret.encode("ascii")),
    }
    data = canonical(value)
    read_json("commitment.json", data)
    if not is_digest(secret):
        raise SamplingError("密值应为 64 位小写十六进制数字")
    total = sum(map(bits, public_sources))
    if total < LEAST_BITS:
        raise SamplingError(f"公开随机源合计只有 {total} 比特，至少须有 {LEAST_BITS} 比特；请增加来源，例如快乐8（61 比特）或见证人面前掷 20 枚十面骰（66 比特）")
    if fault := order_fault(value):
        raise SamplingError(fault)
    return data


def order_fault(commitment: Mapping[str, Any], revealed_at: str | None = None) -> str | None:
    """Why the times are not in order, or None: committed < every drawn ≤ not before ≤ revealed ≤ by."""
    drawn = [source["drawn_at"] for source in commitment["public_sources"]]
    if not all(commitment["committed_at"] < at for at in drawn):
        return "承诺时间须早于每个公开随机源的产生时间"
    if not all(at <= commitment["reveal_not_before"] for at in drawn):
        return "最早揭示时间不得早于公开随机源的产生时间"
    if commitment["reveal_not_before"] > commitment["reveal_by"]:
        return "最迟揭示时间不得早于最早揭示时间"
    if revealed_at is not None and not commitment["reveal_not_before"] <= revealed_at <= commitment["reveal_by"]:
        return "揭示时间须在公布的时段之内"
    return None


def make_reveal(commitment: bytes, *, secret: str, public_value: str, revealed_at: str, witnesses: Sequence[str]) -> bytes:
    """`reveal.json`; refused when the secret, the value or the time does not fit the commitment."""
    promised = read_json("commitment.json", commitment)
    data = canonical(
        {
            "commitment": digest(commitment),
            "public_value": public_value,
            "revealed_at": revealed_at,
            "secret": secret,
            "witnesses": list(witnesses),
        }
    )
    check_reveal(promised, digest(commitment), read_json("reveal.json", data))
    return data


def check_reveal(commitment: Mapping[str, Any], commitment_digest: str, reveal: Mapping[str, Any]) -> None:
    """Whether a reveal belongs to a commitment: digest, secret, bits, form of the value, times."""
    if reveal["commitment"] != commitment_digest:
        raise Difference("reveal.json", None, "commitment")
    if digest(reveal["secret"].encode("ascii")) != commitment["secret_digest"]:
        raise Difference("reveal.json", None, "secret")
    if sum(map(bits, commitment["public_sources"])) < LEAST_BITS:
        raise Difference("commitment.json", None, "bits")
    if fault := value_fault(commitment["public_sources"], reveal["public_value"]):
        raise Difference("reveal.json", None, "public_value", fault)
    if fault := order_fault(commitment, reveal["revealed_at"]):
        raise Difference("reveal.json", None, "times", fault)


def seed(commitment_digest: str, secret: str, public_value: str) -> str:
    """S: what tickets and teams come from.

    S = sha256hex("hengjian-draw/1\\n" + commitment digest + "\\n" + secret + "\\n" + public value + "\\n").
    """
    text = f"{PROTOCOL}\n{commitment_digest}\n{secret}\n{public_value}\n"
    return hashlib.sha256(text.encode("utf-8")).hexdigest()

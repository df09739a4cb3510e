"""检验结果的写法: what a laboratory writes in a result cell, read exactly.

`0.79`, `<0.01`, `≥5`, `ND`, `未检出`, `检出`, `2.2×10²`, `1.0E2`, five-value microbial series, full-width digits. Values are
`Decimal` with the digits as written; `2.2×102` (a lost superscript) is refused, not guessed; a value below a limit keeps its limit and is never zero. A sign is accepted
(freezing points are negative): whether an item may be negative is for the rule that knows the item.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from inspection.errors import Invalid

NUMBER, BELOW, ABOVE, NOT_DETECTED, DETECTED, SERIES, TEXT = "number", "below", "above", "not_detected", "detected", "series", "text"

_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_RAISED = re.compile(r"[1１][0０]([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_NUMBER = re.compile(r"([+-]?\d{1,30}(?:\.\d{1,30})?)(?:[Ee]([+-]?\d{1,2})|[×xX*]10\^\(?([+-]?\d{1,2})\)?)?", re.ASCII)
_POWER = re.compile(r"10\^\(?([+-]?\d{1,2})\)?", re.ASCII)
_QUALIFIERS = {"<": "<", "≤": "≤", "<=": "≤", "≦": "≤", "⩽": "≤", "﹤": "<", ">": ">", "≥": "≥", ">=": "≥", "≧": "≥", "⩾": "≥"}
_QUALIFIED = re.compile(r"(<=|>=|[<>≤≥≦≧⩽⩾])(.+)")
_NOT_DETECTED = {"ND", "N.D.", "N.D", "未检出", "阴性", "NOTDETECTED"}
_DETECTED = {"检出", "阳性", "DETECTED"}
_SEPARATORS = re.compile(r"[/;、|]")  # never a comma: 1,234 is one number with a thousands mark, not two


@dataclass(frozen=True, slots=True)
class Measurement:
    """检验结果: `kind` as in the table of results; `qualifier` '', <, ≤, >, ≥; `values` exact; `text` as written.

    `parts` holds the five (or n) single results of a microbial series, each with its own qualifier.
    """

    kind: str
    qualifier: str
    values: tuple[Decimal, ...]
    text: str
    parts: tuple[Measurement, ...] = ()

    @property
    def value(self) -> Decimal | None:
        """The one number of a single result; None where there is none (not detected, series, text)."""
        return self.values[0] if self.kind in (NUMBER, BELOW, ABOVE) else None


def _fold(text: str) -> str:
    """Half-width without blanks, exponents written as ^."""
    marked = _RAISED.sub(lambda m: "10^" + m[1].translate(_SUPERSCRIPT), text)
    folded = unicodedata.normalize("NFKC", marked).replace("−", "-").replace("–", "-").replace("﹣", "-").replace("·10^", "×10^")
    return "".join(c for c in folded if not c.isspace() and c not in "\u200b\ufeff")


def _decimal(folded: str) -> Decimal | None:
    power = _POWER.fullmatch(folded)
    if power:
        return Decimal(1).scaleb(int(power[1]))
    match = _NUMBER.fullmatch(folded)
    if match is None:
        return None
    return Decimal(match[1]).scaleb(int(match[2] or match[3] or 0))


def _single(folded: str, text: str) -> Measurement | None:
    if folded.upper() in _NOT_DETECTED:
        return Measurement(NOT_DETECTED, "", (), text)
    if folded.upper() in _DETECTED:
        return Measurement(DETECTED, "", (), text)
    qualified = _QUALIFIED.fullmatch(folded)
    number = _decimal(qualified[2] if qualified else folded)
    if number is None:
        return None
    if qualified is None:
        return Measurement(NUMBER, "", (number,), text)
    qualifier = _QUALIFIERS[qualified[1]]
    return Measurement(BELOW if qualifier in "<≤" else ABOVE, qualifier, (number,), text)


def _bare_not_detected(folded: str, text: str) -> Measurement | None:
    """`未检出(<0.01)` and `ND(0.01)`: not detected, with the detection limit in `values`."""
    match = re.fullmatch(r"(ND|未检出)\((?:<|检出限:?|LOD:?=?)?([^()]+)\)", folded, re.IGNORECASE)
    limit = _decimal(match[2]) if match else None
    return Measurement(NOT_DETECTED, "<", (limit,), text) if limit is not None else None


def _series(folded: str, text: str) -> Measurement | None:
    pieces = _SEPARATORS.split(folded)
    if not 2 <= len(pieces) <= 20:
        return None
    parts = [_single(piece, piece) for piece in pieces]
    known = tuple(part for part in parts if part is not None)
    if len(known) != len(parts):
        return None
    return Measurement(SERIES, "", tuple(v for part in known for v in part.values), text, known)


def parse(text: str) -> Measurement:
    """Read one result cell.

    Raises
    ------
    Invalid : `measurement` when the cell is empty, or holds digits or comparison signs that are no result in this notation.

    >>> parse("２．２×10²").value
    Decimal('2.2E+2')
    >>> parse("<0.010").values
    (Decimal('0.010'),)
    >>> [p.kind for p in parse("<10/<10/20/<10/ND").parts]
    ['below', 'below', 'number', 'below', 'not_detected']
    """
    stripped = text.strip()
    folded = _fold(stripped)
    if not folded:
        raise Invalid("measurement", "检验结果是空的。没有检出请写“未检出”或“<检出限”，没有检验请删去该行。")
    if len(folded) > 120:
        raise Invalid("measurement", "检验结果超过 120 个字。请只写结果，说明写在备注列。")
    found = _single(folded, stripped) or _bare_not_detected(folded, stripped) or _series(folded, stripped)
    if found is not None:
        return found
    if any(c.isdigit() for c in folded) or any(c in _QUALIFIERS for c in folded):
        raise Invalid(
            "measurement",
            "检验结果“%(text)s”无法识别。请写成 0.79、<0.01、未检出、2.2×10²、1.0E2，或用“/”隔开的多个值；"
            "单位写在单位列，不用千位逗号。",
            text=stripped[:40],
        )
    return Measurement(TEXT, "", (), stripped)

"""统一社会信用代码 (GB 32100-2015): 18 characters, the last one a check character modulo 31.

Structure: registering authority (1), kind of body (1), region (6 digits), body (9), check (1); I, O, Z, S, V never occur.
The first two places may be letters (N2… rural collectives, A1… army, Y1… others), which is why only the check character
comes from python-stdnum: its own `validate` wants eight leading digits and refuses such genuine codes.
"""

from __future__ import annotations

import unicodedata

from stdnum.cn.uscc import calc_check_digit

from inspection.errors import Invalid

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
_INVISIBLE = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"}


def normalise(text: str) -> str:
    """Half-width, upper case, without blanks, hyphens and invisible characters; nothing is guessed.

    >>> normalise(" ９１11 0000-600037341l ")
    '91110000600037341L'
    """
    if text.isascii() and text.isalnum():
        return text.upper()
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c for c in folded if not c.isspace() and c != "-" and c not in _INVISIBLE).upper()


def fault(code: str) -> str | None:
    """Why a normalised code is wrong, in Chinese; None when it is right."""
    if len(code) != LENGTH:
        return f"统一社会信用代码应为 18 位，现为 {len(code)} 位"
    wrong = sorted({c for c in code if c not in ALPHABET})
    if wrong:
        return f"统一社会信用代码含有不允许的字符 {'、'.join(wrong)}（不使用字母 I、O、Z、S、V）"
    if not (code[2:8].isascii() and code[2:8].isdigit()):
        return "统一社会信用代码第 3 至 8 位应为行政区划数字"
    if calc_check_digit(code[:17]) != code[17]:
        return "统一社会信用代码校验位不符，至少有一位写错"
    return None


def parse(text: str) -> str:
    """The normal form of a code, or `Invalid` with the reason."""
    code = normalise(text)
    reason = fault(code)
    if reason is not None:
        raise Invalid("credit-code", "%(reason)s。请对照营业执照核对后重填。", reason=reason)
    return code


def make(region: str, serial: int, *, authority: str = "91") -> str:
    """A valid code for demonstrations: same region and serial, same code.

    Parameters
    ----------
    region : six digits of GB/T 2260.
    serial : 0 … 31**9 - 1, written in the base-31 alphabet.
    authority : first two characters, 91 = enterprise registered by market regulation.

    >>> fault(make("330106", 42)) is None
    True
    """
    if len(region) != 6 or not (region.isascii() and region.isdigit()):
        raise ValueError(f"region must be six digits, not {region!r}")
    if not 0 <= serial < 31**9:
        raise ValueError(f"serial must be in 0 … 31**9 - 1, not {serial}")
    body = ""
    for _ in range(9):
        serial, place = divmod(serial, 31)
        body = ALPHABET[place] + body
    first = f"{authority}{region}{body}"
    return first + calc_check_digit(first)

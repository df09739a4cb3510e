"""Bad input, written down: texts, values and whole bodies that a form, a program or an attacker may send.

`TEXTS` go into fields of text, by form and by JSON; `VALUES` are JSON values of the wrong kind or size; `BODIES` are whole
requests. `UNPRINTABLE` names the texts that no field may ever keep.
"""

from __future__ import annotations

import json
from typing import Any

BIG = ["9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "2147483648", "9" * 400, "9" * 5000]
# --- what nobody can see, or what turns the order of signs -------------------------------------------------------------
_INVISIBLE = {
    "nul": "\0", "bell": "\a", "backspace": "\b", "escape": "\x1b[31m", "delete": "\x7f", "next-line": "\x85", "c1": "\x9b2J", "form-feed": "\f",
    "vertical-tab": "\v", "unit-separator": "\x1f", "file-separator": "\x1c", "zero-width-space": "\u200b", "zero-width-joiner": "\u200d",
    "zero-width-non-joiner": "\u200c", "word-joiner": "\u2060", "bom": "\ufeff", "soft-hyphen": "\xad", "rtl-override": "\u202e", "ltr-override": "\u202d",
    "rtl-embedding": "\u202b", "pop-direction": "\u202c", "rtl-isolate": "\u2067", "first-strong": "\u2068", "pop-isolate": "\u2069", "ltr-mark": "\u200e",
    "rtl-mark": "\u200f", "arabic-mark": "\u061c", "line-separator": "\u2028", "paragraph-separator": "\u2029", "private-use": "\ue000",
    "private-plane": "\U000f0000", "non-character": "\uffff", "non-character-2": "\U0001fffe", "tag": "\U000e0041", "interlinear": "\ufff9",
    "mongolian-vowel": "\u180e", "invisible-times": "\u2062", "deprecated-format": "\u206a", "unassigned": "\u0378", "shorthand": "\U0001bca0",
}  # fmt: skip
UNPRINTABLE = {name: f"西湖{sign}食品" for name, sign in _INVISIBLE.items()}
_SURROGATES = {"high-surrogate": "甲\ud800乙", "low-surrogate": "甲\udc00乙", "reversed-surrogates": "\udc00\ud800", "surrogate-at-end": "甲\udbff"}
# --- names -------------------------------------------------------------------------------------------------------------
_NAMES = {
    "blank": " ", "blanks": " " * 50, "ideographic-blank": "\u3000", "no-break-blank": "\xa0", "tabs": "\t\t", "newline": "\n", "crlf": "甲\r\n乙",
    "empty": "", "dash": "-", "dot": ".", "dots": "..", "slash": "/", "backslash": "\\", "quote": "'", "double-quote": '"', "percent": "%", "percent-s": "%s%s%s%n",
    "percent-name": "%(name)s", "brace": "{", "braces": "{0}{name}", "under": "_", "star": "*", "null-word": "null", "none-word": "None", "undefined": "undefined",
    "true-word": "true", "nan-word": "NaN", "long-255": "长" * 255, "long-2001": "长" * 2001, "long-10000": "长" * 10_000, "long-ascii": "a" * 10_000,
    "rare-han": "𠮷䶮㍙𰻞", "emoji": "🍜店", "emoji-family": "👨\u200d👩\u200d👧", "combining": "e" + "\u0301" * 200, "zalgo": "T̷̢̨̛̺o̵͙͇", "full-width": "９１３３０１０６",
    "full-width-comma": "甲，乙；丙", "compatibility": "㈱㍿ﬁ", "roman": "Ⅻ", "circled": "①②③", "traditional": "品質檢驗機構", "kana": "ｶﾀｶﾅ", "arabic": "مطعم", "hebrew": "מסעדה",
    "cyrillic-twin": "аррlе", "ligature": "ﷺ" * 50, "turkish": "İıŞş", "sharp-s": "ß", "replacement": "\ufffd", "private-brackets": "［甲］", "middle-dot": "阿·丹",
}  # fmt: skip
# --- what another program would run --------------------------------------------------------------------------------------
_CODE = {
    "formula": "=1+1", "formula-cmd": "=cmd|'/c calc'!A0", "formula-link": '=HYPERLINK("http://127.0.0.1:9/","点")', "formula-plus": "+1+1", "formula-minus": "-1+1",
    "formula-at": "@SUM(A1)", "formula-tab": "\t=1+1", "formula-full-width": "＝1+1", "formula-dde": '=DDE("cmd";"/C calc";"x")', "formula-webservice": '=WEBSERVICE("http://127.0.0.1:9")',
    "sql-quote": "' OR '1'='1", "sql-drop": "'; DROP TABLE accounts; --", "sql-union": "1 UNION SELECT password_hash FROM accounts", "sql-comment": "admin'--", "sql-like": "%_%\\",
    "sql-sleep": "1; SELECT pg_sleep(10)", "sql-hex": "0x27", "sql-stacked": "1;UPDATE accounts SET login='x'", "sql-order": "(CASE WHEN 1=1 THEN 1 ELSE 1/0 END)",
    "template": "{{ 7*7 }}", "template-config": "{{ config }}", "template-block": "{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}", "template-el": "${7*7}",
    "template-ruby": "<%= 7*7 %>", "template-hash": "#{7*7}", "format": "{0.__class__.__mro__}", "f-string": "{self.__init__.__globals__}",
    "script": "<script>alert(1)</script>", "image": "<img src=x onerror=alert(1)>", "svg": "<svg/onload=alert(1)>", "attribute": '" onmouseover="alert(1)', "javascript": "javascript:alert(1)",
    "data-url": "data:text/html,<script>alert(1)</script>", "half-tag": "<b", "open-tag": "<b>", "close-para": "</para>", "para": "<para>x</para>", "font": '<font color="red" size="99">x</font>',
    "link": '<a href="http://127.0.0.1:9/">x</a>', "local-image": '<img src="/etc/passwd"/>', "entity": "&lt;&#0;&#x110000;&bogus;", "cdata": "<![CDATA[x]]>", "comment": "<!--", "doctype": "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>",
    "path": "../../../../etc/passwd", "path-windows": "..\\..\\windows\\win.ini", "path-absolute": "/etc/passwd", "path-url": "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "path-nul": "a.csv%00.png", "file-url": "file:///etc/passwd",
    "device": "CON", "shell": "$(touch x)", "shell-ticks": "`id`", "shell-pipe": "| id", "shell-and": "&& id", "log-crlf": "x\r\n{\"event\":\"forged\"}", "header": "x\r\nSet-Cookie: a=b",
    "ldap": "*)(uid=*", "xpath": "' or count(//*)>0 or '", "regex": "(a+)+$", "regex-input": "a" * 3000 + "!", "mongo": '{"$gt": ""}', "pickle": "gASVIAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAJpZJSFlFKULg==", "yaml": "!!python/object/apply:os.system ['id']",
}  # fmt: skip
# --- numbers, codes and days ------------------------------------------------------------------------------------------------
_NUMBERS = {f"big-{n}": text for n, text in enumerate(BIG)} | {
    "negative": "-1", "zero": "0", "minus-zero": "-0", "plus": "+1", "decimal-comma": "1,5", "thousands": "1,000", "exponent": "1e3", "exponent-huge": "1e400", "exponent-tiny": "1e-400",
    "exponent-million": "1e1000000", "infinity": "Infinity", "minus-infinity": "-inf", "nan": "nan", "signalling-nan": "sNaN", "hex": "0x10", "octal": "0o7", "underscored": "1_000", "full-width-digits": "１２３",
    "arabic-digits": "١٢٣", "superscript": "²", "fraction": "½", "han-number": "一百二十", "blank-inside": "1 000", "many-decimals": "0." + "1" * 500, "leading-zeros": "0" * 30 + "1", "percent-sign": "98%",
    "less-than": "<0.01", "unit": "5mg", "roman-number": "Ⅳ", "dotted": "1.2.3", "lone-dot": ".", "lone-minus": "-",
}  # fmt: skip
_DAYS = {
    "day-zero": "0000-00-00", "day-year-0": "0000-01-01", "day-year-1": "0001-01-01", "day-9999": "9999-12-31", "day-10000": "10000-01-01", "day-feb-30": "2026-02-30", "day-feb-29": "2026-02-29", "day-month-13": "2026-13-01",
    "day-slash": "2026/01/01", "day-compact": "20260101", "day-week": "2026-W01-1", "day-ordinal": "2026-001", "day-han": "2026年1月1日", "day-short": "26-1-1", "day-negative": "-2026-01-01", "day-space": "2026-01-01 ",
    "moment-24": "2026-01-01T24:00:00", "moment-61": "2026-01-01T23:59:61", "moment-offset": "2026-01-01T00:00:00+99:99", "moment-naive": "2026-01-01T00:00", "moment-1": "0001-01-01T00:00:00+14:00", "moment-9999": "9999-12-31T23:59:59-14:00",
    "excel-serial": "45000", "unix-time": "1767225600",
}  # fmt: skip
_CODES = {
    "credit-short": "9133010", "credit-wrong-check": "91330106MA27XLXT0A", "credit-letters-io": "91330106MAIOZSV000", "credit-scientific": "9.1330106E+17", "credit-full-width": "９１３３０１０６ＭＡ２７ＸＬＸＴ０Ｘ",
    "region-unknown": "999999", "region-letters": "33O106", "region-long": "330106001001001", "login-sql": "a' or 1=1", "login-blank": "a b", "login-upper": "ADMIN", "login-han": "管理员", "login-65": "a" * 65,
    "duplicate-words": "A01、A01", "separators-only": "、、；；", "bar-lines": "甲｜｜｜｜｜｜｜｜", "lines": "\n".join(["甲"] * 500), "json-in-text": '{"a": 1}', "csv-in-text": 'a,"b\nc",d',
}  # fmt: skip
TEXTS: dict[str, str] = {**UNPRINTABLE, **_SURROGATES, **_NAMES, **_CODE, **_NUMBERS, **_DAYS, **_CODES}


def nested(depth: int, around: Any = 0) -> Any:
    """A list in a list in a list …"""
    for _ in range(depth):
        around = [around]
    return around


VALUES: dict[str, Any] = {
    "null": None, "true": True, "false": False, "integer": 7, "negative": -7, "zero": 0, "float": 1.5, "tiny": 5e-324, "huge": 1.7e308, "int32": 2**31, "int63": 2**63, "int64": 2**64, "minus-int63": -(2**63) - 1,
    "list": [], "list-of-null": [None], "list-of-lists": [[[]]], "list-of-mixed": [1, "a", None, {}], "long-list": ["甲"] * 20_000, "object": {}, "object-of-null": {"a": None}, "object-blank-key": {"": ""}, "object-odd-key": {"a.b.c": 1, "__proto__": {}},
    "object-surrogate-key": {"\ud800": 1}, "object-nul-key": {"\0": 1}, "deep-30": nested(30), "wide-object": {f"k{n}": n for n in range(5000)}, "words": ["一", "二"], "numbers": [1, 2], "surrogate-in-list": ["\ud800"], "nul-in-list": ["\0"],
}  # fmt: skip
BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "application/json"), "blank": (b"  ", "application/json"), "not-json": (b"{", "application/json"), "half": (b'{"name": "', "application/json"), "trailing": (b"{} {}", "application/json"),
    "comment": (b"{/* */}", "application/json"), "single-quotes": (b"{'a': 1}", "application/json"), "array": (b"[]", "application/json"), "text": (b'"text"', "application/json"), "number": (b"1", "application/json"), "null": (b"null", "application/json"),
    "nan": (b'{"a": NaN}', "application/json"), "infinity": (b'{"a": -Infinity}', "application/json"), "digits": (b'{"a": ' + b"9" * 100_000 + b"}", "application/json"), "exponent": (b'{"a": 1e999999999}', "application/json"),
    "twice": (b'{"name": "a", "name": "b"}', "application/json"), "twice-nested": (b'{"a": {"b": 1, "b": 2}}', "application/json"), "unknown": (json.dumps({"unknown_field": 1}).encode(), "application/json"), "unknown-han": (json.dumps({"没有的字段": 1}).encode(), "application/json"),
    "many-unknown": (json.dumps({f"f{n}": n for n in range(3000)}).encode(), "application/json"), "proto": (b'{"__proto__": {}, "constructor": {}}', "application/json"), "mass": (b'{"id": 1, "version_id": 1, "state": "approved", "owner_id": 1}', "application/json"),
    "deep-lists": (b"[" * 100_000 + b"]" * 100_000, "application/json"), "deep-open": (b"[" * 100_000, "application/json"), "deep-objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "application/json"), "deep-in-text": (json.dumps({"name": "[" * 100_000}).encode(), "application/json"),
    "gbk": ('{"name": "中文"}'.encode("gbk"), "application/json"), "utf-16": ('{"name": "中文"}'.encode("utf-16"), "application/json"), "bom": (b"\xef\xbb\xbf{}", "application/json"), "latin-1": (b'{"name": "\xe9"}', "application/json"), "overlong": (b'{"name": "\xc0\x80"}', "application/json"),
    "surrogate-escape": (b'{"name": "\\ud800"}', "application/json"), "surrogate-bytes": (b'{"name": "\xed\xa0\x80"}', "application/json"), "surrogate-key": (b'{"\\ud800": 1}', "application/json"), "nul-byte": (b'{"name": "a\0b"}', "application/json"), "nul-escape": (b'{"name": "a\\u0000b"}', "application/json"),
    "as-text": (b"{}", "text/plain"), "as-form": (b"name=a&name=b", "application/x-www-form-urlencoded"), "as-xml": (b"<a/>", "application/xml"), "as-nothing": (b"{}", ""), "charset": (b"{}", "application/json; charset=utf-7"), "odd-type": (b"{}", "application/\xe4json"),
    "multipart-none": (b"x", "multipart/form-data"), "multipart-cut": (b"--b\r\nContent-Disposition: form-data; name=a\r\n", "multipart/form-data; boundary=b"), "multipart-odd": (b"--b\r\n\r\n\r\n--b--", "multipart/form-data; boundary=b"),
}  # fmt: skip
# what may stand in a path or behind the question mark
PATHS = ["0", "-1", "1.5", "abc", "1e5", "%00", "..", "%2e%2e", "%2F", "%FF", "%ED%A0%80", "%E8%A5%BF", "'", "{{7*7}}", "<b>", "%0d%0a", "a" * 3000, *(text[:400] for text in BIG)]
QUERIES = [
    "page=0", "page=-1", "page=1e3", "page=%00", *(f"page={text[:400]}" for text in BIG), "size=0", "size=201", "size=9999999999", "sort=id", "sort=password_hash", "sort=--login", "sort=%27", "sort=-", "q=%25%5F%5C", "q=%27%20OR%201%3D1", "q=%ED%A0%80", "q=%FF", "q=%00",
    "q=" + "a" * 5000, "q=%E2%80%AE", "q=" + "%25" * 60, "export=csv&q=%3D1%2B1", "export=exe", "export=xlsx&page=99999", "state=%27", "state=" + "x" * 3000, "year=99999999999999999999", "year=-1", "year=abc", "year=0", "under=%00", "under=" + "9" * 3000, "credit_class=Z",
    "tag=" + "x" * 3000, "all=%00", "from=0000-00-00", "until=9999-12-31", "from=9999-99-99", "day=2026-02-30", "actor=%27", "refused=x", "code=" + "9" * 3000, "code=%27", "draw=999999999999", "draw_id=%F0%9F%8D%9C", "token=" + "x" * 3000, "next=//evil.example", "next=javascript:alert(1)", "plan_id=99999999999999999999",
    "plan=abc", "cell=-1", "cell=99999999999999999999", "after=%00", "kind=..%2F..", "month=13", "purpose=%27", "domain=x",
]  # fmt: skip

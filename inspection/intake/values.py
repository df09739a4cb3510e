"""单元格 → 值: one pure function per kind of column; a refusal says why and proposes what to write instead."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from inspection.errors import Invalid
from inspection.intake import credit_code, measurement
from inspection.intake.columns import Column
from inspection.intake.reader import Raw, kind_of, text_of

# C0 and C1 controls, bidirectional overrides, replacement and non-characters, lone surrogates
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd\ufffe\uffff\ud800-\udfff]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+)?[Ee][+]?\d{1,3}", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日)(?:[T ]?0{1,2}:00(?::00)?)?", re.ASCII)
_DATE_8 = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,25}(?:\.\d{1,25})?(?:[Ee][+-]?\d{1,2})?", re.ASCII)
_LIST = re.compile(r"[,，、;；|\n]")
_YES = {"是", "y", "yes", "true", "1", "√", "✓", "有"}
_NO = {"否", "n", "no", "false", "0", "×", "x", "无"}
_EXCEL_DAY_0 = dt.date(1899, 12, 30)
_SERIALS = range(18264, 73051)  # 1950-01-01 … 2100-01-01: a bare number outside is no date we believe
_EXACT = 10**15  # spreadsheets keep fifteen digits


class Fault(Exception):
    """此格有误: why, and what to write instead."""

    def __init__(self, reason: str, suggestion: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.suggestion = suggestion


def fold(text: str) -> str:
    """Half-width, without outer blanks and invisible characters."""
    if text.isascii():
        return text.strip()
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()


def parse(raw: Raw, column: Column) -> Any:
    """The value of a cell under its column; None for a blank optional cell; `Fault` otherwise."""
    if isinstance(raw, str):
        wrong = _FORBIDDEN.search(raw)
        if wrong:
            raise Fault(f"含有不可见或不允许的字符 U+{ord(wrong[0]):04X}", "请删去后重新录入该格")
        if not raw.strip() or not _INVISIBLE.sub("", raw).strip():
            if column.required:
                raise Fault("必填，但没有填写", f"请填写{column.title_zh}" + (f"，例如 {column.example}" if column.example else ""))
            return None
    return _PARSERS[column.kind](raw, column)


def _stored_text(raw: Raw, what: str) -> str:
    """A text, or a stored number with all its digits; dates and the like have lost what was typed."""
    kind = kind_of(raw)
    if isinstance(raw, (int, float)) and kind == "number" and abs(raw) < _EXACT:
        return text_of(raw)
    if kind != "text":
        words = {"date": "日期", "boolean": "逻辑值", "duration": "时间", "number": "过长的数字"}
        raise Fault(f"该格被表格软件存成了{words[kind]}（{text_of(raw)}），{what}的原样已丢失", "请把该列设为“文本”格式后重新录入")
    return str(raw)


def _bounded(text: str, column: Column) -> str:
    if len(text) > column.max_length:
        raise Fault(f"超过 {column.max_length} 个字（现为 {len(text)} 个）", "请缩短")
    return text


def _text(raw: Raw, column: Column) -> str:
    return _bounded(_stored_text(raw, "文字").strip(), column)


def _id(raw: Raw, column: Column) -> str:
    if kind_of(raw) != "text":
        raise Fault(f"编号被存成了{'数字' if kind_of(raw) == 'number' else '非文本'}（{text_of(raw)}），前导零或末尾数字可能已丢失", "请把该列设为“文本”格式，照原件重新录入")
    folded = "".join(fold(str(raw)).split())
    if _SCIENTIFIC.fullmatch(folded) and ("." in folded or "+" in folded):
        raise Fault(f"编号“{folded}”变成了科学记数法，原编号已丢失", "请把该列设为“文本”格式，照原件重新录入")
    return _bounded(folded, column)


def _credit_code(raw: Raw, column: Column) -> str:
    code = credit_code.normalise(_id(raw, column))
    reason = credit_code.fault(code)
    if reason:
        raise Fault(reason, "请对照营业执照核对")
    return code


def _date(raw: Raw, column: Column) -> dt.date:
    if isinstance(raw, dt.datetime):
        if raw.time() != dt.time():
            raise Fault(f"应为日期，现带有时刻（{text_of(raw)}）", f"请写成 {raw.date().isoformat()}")
        return _plausible(raw.date())
    if isinstance(raw, dt.date):
        return _plausible(raw)
    if isinstance(raw, (int, float)) and not isinstance(raw, bool) and raw in _SERIALS:
        return _EXCEL_DAY_0 + dt.timedelta(days=int(raw))
    text = fold(text_of(raw)) if kind_of(raw) in ("text", "number") else ""
    match = _DATE.fullmatch(text.replace(" 年", "年")) or _DATE_8.fullmatch(text)
    if match is None:
        raise Fault(f"“{text_of(raw)[:30]}”不是可以确认的日期", "请写成 2026-09-16 的形式")
    year, month, day = (int(part) for part in match.groups() if part)
    try:
        return _plausible(dt.date(year, month, day))
    except ValueError:
        raise Fault(f"“{text[:30]}”这一天不存在", "请核对年月日") from None


def _plausible(day: dt.date) -> dt.date:
    if not 1950 <= day.year <= 2100:
        raise Fault(f"日期 {day.isoformat()} 不在 1950 年至 2100 年之间", "请核对年份")
    return day


def _number_text(raw: Raw) -> str:
    kind = kind_of(raw)
    if kind == "number":
        return repr(raw)
    if kind != "text":
        raise Fault(f"应为数字，该格被存成了{'日期' if kind == 'date' else '其他类型'}（{text_of(raw)}）", "请把该格设为“文本”格式后重新录入")
    return fold(str(raw)).replace("−", "-")


def _integer(raw: Raw, column: Column) -> int:
    text = _number_text(raw)
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < _EXACT:
        return int(raw)
    if not _INTEGER.fullmatch(text):
        raise Fault(f"“{text[:30]}”不是整数", "请只写数字，不写单位和千位逗号")
    return int(text)


def _decimal(raw: Raw, column: Column) -> Decimal:
    text = _number_text(raw)
    if not _DECIMAL.fullmatch(text):
        raise Fault(f"“{text[:30]}”不是数", "请只写数字，不写单位、百分号和千位逗号")
    return Decimal(text.removesuffix(".0") if isinstance(raw, float) else text)


def _measurement(raw: Raw, column: Column) -> measurement.Measurement:
    if kind_of(raw) not in ("text", "number"):
        raise Fault(f"检验结果被表格软件存成了日期或其他类型（{text_of(raw)}），原样已丢失", "请把该列设为“文本”格式后重新录入")
    if isinstance(raw, float) and not math.isfinite(raw):
        raise Fault("该格存的不是有限的数", "请照原始记录重新录入")
    try:
        return measurement.parse(text_of(raw))
    except Invalid as error:
        raise Fault(error.message, "例如 0.79、<0.01、未检出、2.2×10²") from error


def _coded(text: str, choices: Mapping[str, str]) -> str:
    folded = fold(text).casefold()
    for code, label in choices.items():
        if folded in (fold(code).casefold(), fold(label).casefold()):
            return code
    shown = "、".join(list(choices.values())[:12]) + ("……" if len(choices) > 12 else "")
    raise Fault(f"“{text[:30]}”不在可选值中", f"请从中选择：{shown}")


def _choice(raw: Raw, column: Column) -> str:
    return _coded(_stored_text(raw, "选项"), column.choices or {})


def _list(raw: Raw, column: Column) -> tuple[str, ...]:
    pieces = [piece.strip() for piece in _LIST.split(_bounded(_stored_text(raw, "清单"), column)) if piece.strip()]
    read = [_coded(piece, column.choices) if column.choices else fold(piece) for piece in pieces]
    if len(set(read)) != len(read):
        raise Fault("清单中有重复的内容", "请每项只写一次")
    return tuple(read)


def _yes_no(raw: Raw, column: Column) -> bool:
    if isinstance(raw, bool):
        return raw
    text = fold(text_of(raw)).casefold()
    if text in _YES or text in _NO:
        return text in _YES
    raise Fault(f"“{text[:30]}”不是“是”或“否”", "请写“是”或“否”")


def _region(raw: Raw, column: Column) -> str:
    """行政区划代码: 2, 4, 6, 9 or 12 digits; no code begins with 0, so a stored number has lost nothing."""
    text = "".join(fold(text_of(raw)).split())
    if not (text.isascii() and text.isdigit() and len(text) in (2, 4, 6, 9, 12) and text[0] != "0"):
        raise Fault(f"“{text[:30]}”不是行政区划代码", "请写 6 位（或 2、4、9、12 位）数字代码，例如 330106")
    return text


_PARSERS: dict[str, Callable[[Raw, Column], Any]] = {
    "text": _text,
    "id": _id,
    "credit_code": _credit_code,
    "date": _date,
    "integer": _integer,
    "decimal": _decimal,
    "measurement": _measurement,
    "choice": _choice,
    "list": _list,
    "yes_no": _yes_no,
    "region": _region,
}

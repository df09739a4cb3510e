"""Strict schemas: unknown fields refused, texts cleaned, every message in Chinese; JSON and forms use the same ones."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields, post_load, pre_load, validate

from inspection import clock
from inspection.errors import Said

MAX_TEXT = 2000
MAX_ITEMS = 10_000
# marshmallow's own messages are English; every field class says the same in Chinese
_CHINESE = {
    "required": "必填",
    "null": "不能为空",
    "validator_failed": "内容不符合要求",
    "invalid": "内容的格式不对",
    "type": "内容的类型不对",
}
_BY_FIELD: dict[type[fields.Field[Any]], str] = {
    fields.String: "应为文字",
    fields.Integer: "应为整数",
    fields.Boolean: "应为是或否（true、false）",
    fields.List: "应为列表",
    fields.Nested: "应为对象",
    fields.Date: "应为日期，例如 2026-09-16",
    fields.DateTime: "应为时间，例如 2026-09-16T09:00:00+08:00",
    fields.Decimal: "应为数字",
    fields.Dict: "应为对象",
}
for _field, _message in _BY_FIELD.items():
    _field.default_error_messages = {**_field.default_error_messages, **_CHINESE, "invalid": _message, "too_large": "数字过大"}
fields.Field.default_error_messages = {**fields.Field.default_error_messages, **_CHINESE}


class Schema(ma.Schema):
    """Base of every schema; `target` names the frozen dataclass that `load` gives."""

    target: ClassVar[type[Any] | None] = None
    error_messages: dict[str, str] = {"unknown": "没有这个字段", "type": "应为对象"}

    class Meta:
        unknown = ma.RAISE
        ordered = True

    @pre_load
    def _bound(self, data: Any, **_: Any) -> Any:
        """A list that is too long is refused before its items are read."""
        if isinstance(data, dict):
            limits = {name: _most(field) for name, field in self.fields.items() if isinstance(field, fields.List)}
            long = {name: [Said("不能超过 %(most)s 项（现有 %(n)s 项）", most=most, n=len(data[name]))] for name, most in limits.items()
                    if isinstance(data.get(name), list) and len(data[name]) > most}
            if long:
                raise ma.ValidationError(long)
        return data

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Any:
        return data if self.target is None else self.target(**{k: tuple(v) if isinstance(v, list) else v for k, v in data.items()})


class Problem(Schema):
    """出错时的回答: RFC 9457, `application/problem+json`."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    changes = fields.List(fields.Dict(keys=fields.String(), values=fields.String()))


def _most(field: fields.Field[Any]) -> int:
    limits = [rule.max for rule in field.validators if isinstance(rule, validate.Length) and rule.max is not None]
    return min([*limits, MAX_ITEMS])


def fault_of(text: str, *, many_lines: bool = False) -> str | None:
    """Why a text may not be kept, or None: control, direction-changing, unassigned and surrogate characters."""
    for char in text:
        kind = unicodedata.category(char)
        if kind in ("Cs", "Cf", "Co", "Cn", "Zl", "Zp") or (kind == "Cc" and not (many_lines and char in "\n\t\r")):
            return Said("含有不能显示的字符 U+%(code)s，请删去", code=f"{ord(char):04X}")
    return None


class Text(fields.String):
    """One line of text: trimmed, NFC, no control or direction marks, bounded; blank counts as missing."""

    def __init__(self, *, longest: int = 200, many_lines: bool = False, **kwargs: Any) -> None:
        super().__init__(metadata={"maxLength": longest, **kwargs.pop("metadata", {})}, **kwargs)
        self.longest, self.many_lines = longest, many_lines

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = unicodedata.normalize("NFC", super()._deserialize(value, attr, data, **kwargs)).strip()
        if fault := fault_of(text, many_lines=self.many_lines):
            raise ma.ValidationError(fault)
        if len(text) > self.longest:
            raise ma.ValidationError(Said("不能超过 %(most)s 个字（现有 %(n)s 个）", most=self.longest, n=len(text)))
        if not text and self.required:
            raise ma.ValidationError("不能为空白")
        return text


class Number(fields.Integer):
    """A whole number within bounds; text of digits is accepted from forms, booleans and fractions are not."""

    def __init__(self, *, least: int = 0, most: int = 2**31 - 1, **kwargs: Any) -> None:
        super().__init__(metadata={"minimum": least, "maximum": most, **kwargs.pop("metadata", {})}, **kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool | float):
            raise ma.ValidationError("应为整数")
        if isinstance(value, str) and not (value.strip().lstrip("+-").isascii() and value.strip().lstrip("+-").isdigit()):
            raise ma.ValidationError("应为整数")
        if isinstance(value, str) and len(value.strip()) > 15:
            raise ma.ValidationError(Said("应在 %(least)s 与 %(most)s 之间", least=self.least, most=self.most))
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise ma.ValidationError("应为整数") from None
        if not self.least <= number <= self.most:
            raise ma.ValidationError(Said("应在 %(least)s 与 %(most)s 之间", least=self.least, most=self.most))
        return number


class ExactDecimal(fields.Field[Decimal]):
    """A decimal digit for digit, as text or whole number; no NaN, no infinity, at most 15 digits before and 10 after the point."""

    def __init__(self, *, least: Decimal | None = None, most: Decimal | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        if isinstance(value, bool | float | list | dict):
            raise ma.ValidationError("应为数字，小数请写成文字，例如 \"0.05\"")
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            raise ma.ValidationError("应为数字，例如 0.05") from None
        exponent = number.as_tuple().exponent
        if not number.is_finite() or not isinstance(exponent, int) or number.adjusted() > 15 or exponent < -10:
            raise ma.ValidationError("数字过大、过小或小数位过多")
        if (self.least is not None and number < self.least) or (self.most is not None and number > self.most):
            least, most = ("—" if limit is None else limit for limit in (self.least, self.most))
            raise ma.ValidationError(Said("应在 %(least)s 与 %(most)s 之间", least=least, most=most))
        return number

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else format(value, "f")


class Day(fields.Date):
    """A calendar day between 1990 and 2100."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or len(value) != 10:
            raise ma.ValidationError("应为日期，例如 2026-09-16")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise ma.ValidationError("应为真实的日期，例如 2026-09-16") from None
        if not 1990 <= day.year <= 2100:
            raise ma.ValidationError("年份应在 1990 与 2100 之间")
        return day


class Moment(fields.Field[datetime]):
    """A moment: RFC 3339 with offset, or a form's `2026-09-16T09:00`, meant in Asia/Shanghai."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            raise ma.ValidationError("应为时间，例如 2026-09-16T09:00:00+08:00") from None
        if not 1990 <= moment.year <= 2100:
            raise ma.ValidationError("年份应在 1990 与 2100 之间")
        return (moment if moment.tzinfo else moment.replace(tzinfo=clock.SHANGHAI)).astimezone(UTC).replace(microsecond=0)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else clock.stamp(value)


class _OneOf(validate.OneOf):
    def _format_error(self, value: Any) -> str:
        return Said("应为以下之一：%(words)s", words="、".join(filter(None, self.choices)))


class _Sized(validate.Length):
    def _format_error(self, value: Any, message: str) -> str:
        return Said("应有 %(least)s 至 %(most)s 项", least=self.min, most=self.max)


def one_of(*allowed: str) -> validate.OneOf:
    """A word out of a list."""
    return _OneOf(allowed)


def sized(least: int = 0, most: int = 10_000) -> validate.Length:
    """A list of bounded length."""
    return _Sized(least, most)


class PartIn(Schema):
    """Which part of a list, in the order of the numbers: `after` is the `next` of the part before."""

    after = Number(load_default=0)
    limit = Number(load_default=100, least=1, most=500)


class PartOut(Schema):
    """Part of a list; every kind adds its `items`."""

    next = fields.Integer(required=True, allow_none=True, metadata={"description": "null: nothing follows"})

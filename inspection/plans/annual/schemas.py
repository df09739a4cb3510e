"""What the pages and the API of annual plans and tasks read and give."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, post_load

from inspection.errors import Said
from inspection.plans.annual import examples, rules
from inspection.registers.entries import OBJECT_KINDS
from inspection.schema_base import Day, Moment, Number, Schema, Text, fault_of, one_of, sized

_RATIO = re.compile(r"(?:(?P<p>[0-9]{1,6})/(?P<q>[0-9]{1,7})|(?P<percent>[0-9]{1,3}(?:\.[0-9]{1,4})?)%)")
_CELLS = ("比例", "下限", "上限")
_FORM = "类别 比例 下限 上限 次/年 频次说明，例如 A 2% 1% 5% 1 每年至多1次"
MOST_ROWS = 300


class Rows(fields.Field[tuple[rules.Rate, ...]]):
    """Rows of a ratio table, one class per line: `A 2% 1% 5% 1 每年至多1次`; `-` for none. In JSON a list of objects."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[rules.Rate, ...]:
        if isinstance(value, str):
            cells = [_cells(line) for line in value.splitlines() if line.strip()]
        elif isinstance(value, list) and all(isinstance(row, dict) for row in value):
            cells = [[_text(row.get(name)) for name in ("class", "ratio", "floor", "upper", "per_year", "frequency")] for row in value]
        else:
            raise ValidationError(Said("应为每行一类：%(form)s", form=_FORM))
        if len(cells) > MOST_ROWS:
            raise ValidationError(Said("不能超过 %(most)s 行（现有 %(n)s 行）", most=MOST_ROWS, n=len(cells)))
        found, faults = [], []
        for number, row in enumerate(cells, 1):
            try:
                found.append(_rate(number, row))
            except ValidationError as fault:
                faults += [str(message) for message in fault.messages]
        if faults:
            raise ValidationError(faults[:20])
        return tuple(found)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value).strip()
    raise ValidationError("每行的各项应为文字，例如 {\"class\": \"A\", \"ratio\": \"2/100\", \"floor\": \"1/100\", \"upper\": \"5/100\"}")


def _cells(line: str) -> list[str]:
    """The cells of a line: between tabs as a spreadsheet gives them, else between blanks; the last one may hold blanks."""
    found = [cell.strip() for cell in line.split("\t")] if "\t" in line else line.split(maxsplit=5)
    return (found + [""] * 6)[:6]


def _rate(number: int, cells: list[str]) -> rules.Rate:
    name, ratio, floor, upper, per_year, frequency = cells
    if not 1 <= len(name) <= 60 or len(frequency) > 60 or fault_of(name + frequency):
        raise ValidationError(Said("第 %(n)s 行应写成：%(form)s；类别和频次说明各不超过 60 个字", n=number, form=_FORM))
    drawn, least, most = (_ratio(number, word, text) for word, text in zip(_CELLS, (ratio, floor, upper), strict=True))
    return rules.Rate(rules.WORDS.get(name, name), drawn, least, most, _per_year(number, per_year), frequency)


def _ratio(number: int, word: str, text: str) -> rules.Pair | None:
    if text in ("", examples.NONE):
        return None
    if text == examples.UNKNOWN:
        raise ValidationError(Said("第 %(n)s 行的%(word)s还是“?”：来源没有写明，须由计划员确定", n=number, word=word))
    match = _RATIO.fullmatch(text)
    if match is None:
        raise ValidationError(Said("第 %(n)s 行的%(word)s“%(text)s”应写成 2/100 或 2%%；没有则写 -", n=number, word=word, text=text[:20]))
    if match["percent"] is None:
        return int(match["p"]), int(match["q"])
    whole, _, decimals = match["percent"].partition(".")
    return int(whole + decimals), 100 * 10 ** len(decimals)


def _per_year(number: int, text: str) -> Decimal | None:
    if text in ("", examples.NONE):
        return None
    try:
        times = Decimal(text)
    except InvalidOperation:
        raise ValidationError(Said("第 %(n)s 行的次/年“%(text)s”应为数字，例如 1 或 0.5；没有则写 -", n=number, text=text[:20])) from None
    if not times.is_finite() or not 0 < times <= 366 or len(text) > 8:
        raise ValidationError(Said("第 %(n)s 行的次/年应在 0 与 366 之间", n=number))
    return times


def lines(table: rules.RateTable) -> str:
    """The rows of a table as they are typed."""
    none = examples.NONE
    return "\n".join(
        " ".join([
            r.name, rules.shown(r.ratio) or none, rules.shown(r.floor) or none, rules.shown(r.upper) or none,
            none if r.per_year is None else format(r.per_year, "f"), r.frequency,
        ]).strip()
        for r in table.rows
    )  # fmt: skip


class CheckPlanIn(Schema):
    target: ClassVar[type[Any] | None] = rules.NewCheckPlan
    title = Text(required=True, longest=200)
    year = Number(required=True, least=2000, most=2100)
    region_code = Text(required=True, longest=12)
    lead_department = Text(required=True, longest=64)
    departments = fields.List(Text(longest=64), load_default=list, validate=sized(0, 50))
    document_number = Text(load_default="", longest=60)
    scope = Text(required=True, longest=1000, many_lines=True)


class RatesIn(Schema):
    matter_kind = Text(required=True, validate=one_of(*rules.MATTER_KINDS))
    dimension = Text(required=True, validate=one_of(*rules.DIMENSIONS))
    rows = Rows(load_default=tuple)
    source = Text(load_default="", longest=200)

    @post_load
    def _table(self, data: dict[str, Any], **_: Any) -> rules.RateTable:
        return rules.RateTable(data["matter_kind"], data["dimension"], data["rows"], data["source"])


class TaskIn(Schema):
    target: ClassVar[type[Any] | None] = rules.NewTask
    plan_id = Number(load_default=None, allow_none=True, least=1)
    title = Text(required=True, longest=200)
    prefix = Text(required=True, longest=12)
    region_code = Text(required=True, longest=12)
    check_type = Text(required=True, validate=one_of(*rules.CHECK_TYPES))
    check_kind = Text(required=True, validate=one_of(*rules.CHECK_KINDS))
    lead_department = Text(required=True, longest=64)
    departments = fields.List(Text(longest=64), load_default=list, validate=sized(0, 50))
    item_codes = fields.List(Text(longest=40), required=True, validate=sized(1, 100))
    object_kind = Text(load_default="enterprise", validate=one_of(*OBJECT_KINDS))
    objects = Text(required=True, longest=300)
    stratify_by = Text(load_default="credit_class", validate=one_of(*rules.DIMENSIONS))
    period_from = Day(required=True)
    period_to = Day(required=True)
    n_objects = Number(required=True, least=1, most=10_000_000)
    reason = Text(load_default="", longest=300)
    overlap_reason = Text(load_default="", longest=300)


class WordsIn(Schema):
    reason = Text(required=True, longest=300)


class JoinIn(Schema):
    department = Text(required=True, longest=64)


class CheckPlanOut(Schema):
    id = fields.Integer()
    code = fields.String()
    title = fields.String()
    year = fields.Integer()
    region_code = fields.String()
    document_number = fields.String()
    authority = fields.String()
    lead_department = fields.String()
    departments = fields.List(fields.String())
    scope = fields.String()
    state = fields.String()
    plan_version = fields.Integer(attribute="version", metadata={"description": "第几版"})
    created_at = Moment()
    version = fields.Integer(attribute="version_id")


class TaskOut(Schema):
    id = fields.Integer()
    code = fields.String()
    title = fields.String()
    plan_id = fields.Integer(allow_none=True)
    region_code = fields.String()
    check_type = fields.String()
    check_kind = fields.String()
    lead_department = fields.String()
    departments = fields.List(fields.String())
    item_codes = fields.List(fields.String())
    object_kind = fields.String()
    objects = fields.String()
    stratify_by = fields.String()
    period_from = fields.Date()
    period_to = fields.Date()
    n_objects = fields.Integer()
    reason = fields.String()
    overlap_reason = fields.String()
    conclusion = fields.String()
    state = fields.String()
    created_at = Moment()
    version = fields.Integer(attribute="version_id")

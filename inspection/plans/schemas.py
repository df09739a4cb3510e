"""What the pages and the API of plans read and give."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import ValidationError, fields

from inspection.errors import Said
from inspection.plans import rules
from inspection.schema_base import ExactDecimal, Moment, Number, Schema, Text, one_of

_LINE = re.compile(r"(\S+)[\s,，\t]+(\d{1,12}(?:\.\d{1,6})?)\s*", re.ASCII)
_BOUND = re.compile(r"(\S+)[\s,，]+(\S+)[\s,，]+(锁定|至少|至多|lock|min|max)[\s,，]*([0-9]{1,7})\s*")
_MARKS = {"锁定": "locked", "lock": "locked", "至少": "minimum", "min": "minimum", "至多": "maximum", "max": "maximum"}


class Weights(fields.Field[dict[str, Decimal]]):
    """Weights, one per line: code and number; in JSON an object of texts."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Decimal]:
        if isinstance(value, dict):
            lines = [f"{name} {number}" for name, number in value.items()]
        elif isinstance(value, str):
            lines = [line for line in value.splitlines() if line.strip()]
        else:
            raise ValidationError("应为每行“代码 权重”")
        found: dict[str, Decimal] = {}
        for number, line in enumerate(lines, 1):
            match = _LINE.fullmatch(line.strip())
            if match is None:
                raise ValidationError(Said("第 %(n)s 行应写成“代码 权重”，例如 320902 895000", n=number))
            if match[1] in found:
                raise ValidationError(Said("第 %(n)s 行的代码 %(code)s 重复", n=number, code=match[1]))
            found[match[1]] = Decimal(match[2])
        if not found or not any(found.values()):
            raise ValidationError("至少一行，且权重不全为 0")
        return found


class Bounds(fields.Field[list[rules.Bound]]):
    """Locks, minima and maxima of cells, one per line: `320902 31 锁定 40`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[rules.Bound]:
        if not isinstance(value, str):
            raise ValidationError("应为每行“区域 类别 锁定 数量”")
        cells: dict[tuple[str, str], dict[str, int]] = {}
        for number, line in enumerate(filter(str.strip, value.splitlines()), 1):
            match = _BOUND.fullmatch(line.strip())
            if match is None:
                raise ValidationError(Said("第 %(n)s 行应写成“区域代码 类别代码 锁定|至少|至多 数量”", n=number))
            cell = cells.setdefault((match[1], match[2]), {})
            if _MARKS[match[3]] in cell:
                raise ValidationError(Said("第 %(n)s 行与前面的一行重复：%(cell)s", n=number, cell=f"{match[1]} × {match[2]} {match[3]}"))
            cell[_MARKS[match[3]]] = int(match[4])
        return [rules.Bound(region, class_, **given) for (region, class_), given in cells.items()]


class PlanIn(Schema):
    target: ClassVar[type[Any] | None] = rules.NewPlan
    title = Text(required=True, longest=200)
    year = Number(required=True, least=2000, most=2100)
    region_code = Text(required=True, longest=12)
    purpose = Text(required=True, validate=one_of(*rules.PURPOSES))
    product_year = Number(required=True, least=2000, most=2100)
    rate_per_thousand = ExactDecimal(load_default=None, allow_none=True, least=Decimal(0), most=Decimal(1000))
    total = Number(load_default=None, allow_none=True, least=1, most=10_000_000)
    rounding = Text(load_default="up", validate=one_of(*rules.ROUNDINGS))
    population_kind = Text(load_default="resident", validate=one_of(*rules.POPULATIONS))
    population_year = Number(load_default=None, allow_none=True, least=1990, most=2100)
    random = fields.Boolean(load_default=False)
    note = Text(load_default="", longest=1000, many_lines=True)


class MarginsIn(Schema):
    regions = Weights(required=True)
    classes = Weights(required=True)
    class_minimum = Number(load_default=0, most=10_000)


class AllocateIn(Schema):
    bounds = Bounds(load_default=list)


class ReasonIn(Schema):
    reason = Text(required=True, longest=300)
    total = Number(load_default=None, allow_none=True, least=1, most=10_000_000)


class PlanOut(Schema):
    id = fields.Integer()
    code = fields.String()
    title = fields.String()
    year = fields.Integer()
    region_code = fields.String()
    purpose = fields.String()
    total = fields.Integer()
    state = fields.String()
    population = fields.Integer(allow_none=True)
    rate_per_thousand = ExactDecimal(allow_none=True)
    created_at = Moment()
    version = fields.Integer(attribute="version_id")

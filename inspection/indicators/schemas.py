"""What the pages and the API of indicators read and give."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from inspection.indicators.service import AggregateRow
from inspection.schema_base import Day, ExactDecimal, Number, Schema, Text, one_of, sized


class PeriodIn(Schema):
    since = Day(load_default=None)
    until = Day(load_default=None)


class ExternalIn(Schema):
    period = Text(required=True, longest=20)
    value = ExactDecimal(required=True)
    source = Text(required=True, longest=300)


class AggregateRowIn(Schema):
    target = AggregateRow
    name = Text(required=True, longest=100)
    tested = Number(required=True)
    failed = Number(required=True)
    published = Text(load_default="", longest=20)


class AggregateHeadIn(Schema):
    """What published counts are and where they stand."""

    name = Text(required=True, longest=200)
    period = Text(required=True, longest=40)
    purpose = Text(required=True, validate=one_of("evaluative", "supervision", "risk", "routine", "special"))
    source = Text(required=True, longest=300)


class AggregateIn(AggregateHeadIn):
    rows = fields.List(fields.Nested(AggregateRowIn), required=True, validate=sized(1, 2000))


class IndicatorOut(Schema):
    code = fields.String()
    name = fields.String()
    jurisdiction = fields.String()
    kind = fields.String()
    comparator = fields.String()
    threshold = ExactDecimal(allow_none=True)
    unit = fields.String()
    target_year = fields.Integer(allow_none=True)
    document = fields.String()
    phrase = fields.String()


class EvaluationOut(Schema):
    indicator = fields.Nested(IndicatorOut)
    value = fields.String()
    verdict = fields.String(allow_none=True)
    label = fields.String()
    explanation = fields.String()
    detail = fields.Raw()


def of(value: Any, detail: dict[str, Any]) -> dict[str, Any]:
    """An evaluation as the API gives it."""
    return {"indicator": value.indicator, "value": value.value, "verdict": value.verdict, "label": value.label, "explanation": value.explanation, "detail": detail}

"""What the pages and the API of results read and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import fields

from inspection.results.service import NewResult
from inspection.schema_base import Day, ExactDecimal, Moment, PartIn, PartOut, Schema, Text, one_of


class ResultIn(Schema):
    target: ClassVar[type[Any] | None] = NewResult
    sample_code = Text(required=True, longest=24)
    item = Text(required=True, longest=100)
    text = Text(required=True, longest=120)
    unit = Text(load_default="", longest=30)
    method = Text(load_default="", longest=200)
    detection_limit = ExactDecimal(load_default=None, allow_none=True, least=Decimal(0))
    claimed = Text(load_default="", longest=20)
    tested_on = Day(load_default=None, allow_none=True)


class ReturnIn(Schema):
    reason = Text(required=True, longest=300)


class ResultOut(Schema):
    id = fields.Integer()
    item_code = fields.String()
    item_name = fields.String()
    text = fields.String()
    unit = fields.String()
    outcome = fields.String()
    reason = fields.String()
    revision = fields.Integer()


class VersionOut(Schema):
    version = fields.Integer()
    conclusion = fields.String()
    reason = fields.String()
    digest = fields.String()
    approved_by_name = fields.String()
    approved_at = Moment()


class ReportOut(Schema):
    id = fields.Integer()
    number = fields.String()
    state = fields.String()
    conclusion = fields.String(allow_none=True)
    final = fields.Boolean()
    approved_at = Moment(allow_none=True)
    version = fields.Integer(attribute="version_id")


class FullReportOut(ReportOut):
    sample_code = fields.String()
    product_name = fields.String()
    return_reason = fields.String()
    correction_reason = fields.String()
    items = fields.List(fields.Nested(ResultOut))
    versions = fields.List(fields.Nested(VersionOut))


class ImportIn(Schema):
    all_or_nothing = fields.Boolean(load_default=False)


class ProblemOut(Schema):
    row = fields.Integer()
    column = fields.String()
    text = fields.String()
    reason = fields.String()
    suggestion = fields.String()


class PreviewOut(Schema):
    id = fields.Integer()
    digest = fields.String()
    good = fields.Integer()
    bad = fields.Integer()
    unchanged = fields.Integer()
    problems = fields.List(fields.Nested(ProblemOut))


class ImportedOut(Schema):
    new = fields.Integer()
    unchanged = fields.Integer()
    refused = fields.Integer()


class ReportsIn(PartIn):
    """Filters of the list."""

    state = Text(load_default="", longest=12, validate=one_of("", "entering", "entered", "reviewed", "approved"))


class ReportsOut(PartOut):
    items = fields.List(fields.Nested(ReportOut), required=True)

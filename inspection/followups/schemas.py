"""What the pages and the API of cases read and give."""

from __future__ import annotations

from marshmallow import fields

from inspection.followups import rules
from inspection.schema_base import Day, Moment, Number, Schema, Text, one_of


class StepIn(Schema):
    kind = Text(required=True, longest=20, validate=one_of(*rules.TYPED))
    done_on = Day(required=True)
    text = Text(required=True, longest=2000, many_lines=True)


class ClosingIn(Schema):
    text = Text(required=True, longest=2000, many_lines=True)


class CasesIn(Schema):
    """Filters of the list; the next part begins after `after`."""

    state = Text(load_default="", longest=12, validate=one_of("", *rules.STATES))
    overdue = fields.Boolean(load_default=False)
    after = Number(load_default=0)
    limit = Number(load_default=100, least=1, most=500)


class CaseOut(Schema):
    id = fields.Integer(required=True)
    number = fields.String(required=True)
    sample_id = fields.Integer()
    report_id = fields.Integer()
    enterprise_id = fields.Integer()
    region_code = fields.String()
    link = fields.String()
    state = fields.String(required=True)
    opened_at = Moment()
    due_on = fields.Date(allow_none=True, metadata={"description": "null: the rulebook has no term for this domain"})
    due_unannounced = fields.Boolean(metadata={"description": "true: 节假日安排未公布"})
    served_on = fields.Date(allow_none=True)
    objection_until = fields.Date(allow_none=True)
    closed_at = Moment(allow_none=True)
    version = fields.Integer(required=True, attribute="version_id", metadata={"description": "for If-Match"})


class StepOut(Schema):
    kind = fields.String()
    done_on = fields.Date()
    text = fields.String()
    by_name = fields.String()
    at = Moment()


class CaseTermOut(Schema):
    name = fields.String()
    start = fields.Date(allow_none=True)
    due = fields.Date(allow_none=True)
    done_on = fields.Date(allow_none=True)
    state = fields.String(metadata={"description": "met, late, overdue, lapsed (the firm did not use its right), running, unknown"})
    announced = fields.Boolean()
    verified = fields.Boolean()
    source = fields.String()


class CaseDetailOut(CaseOut):
    steps = fields.List(fields.Nested(StepOut))
    deadlines = fields.List(fields.Nested(CaseTermOut))
    missing = fields.List(fields.String(), metadata={"description": "what is missing before the case may be closed"})


class CasesOut(Schema):
    items = fields.List(fields.Nested(CaseOut))
    next = fields.Integer(allow_none=True, metadata={"description": "null: nothing follows"})

"""Problems, their re-checks and extensions, and the rates as they are asked and answered."""

from __future__ import annotations

from marshmallow import fields

from inspection.schema_base import Day, Moment, Number, Schema, Text, one_of
from inspection.visits.rectification.rules import STATES


class EvidenceIn(Schema):
    rechecked_on = Day(required=True)
    evidence = Text(required=True, longest=2000, many_lines=True)


class RecheckIn(EvidenceIn):
    passed = fields.Boolean(required=True, metadata={"description": "true: 复查合格 and closed; false: stays open"})


class ExtensionIn(Schema):
    until = Day(required=True)
    reason = Text(required=True, longest=500, many_lines=True)


class ExtensionDecisionIn(Schema):
    granted = fields.Boolean(required=True)
    reason = Text(load_default="", longest=300, metadata={"description": "needed to decline"})


class ProblemsIn(Schema):
    """Filters of the problems; the next part begins after `after`."""

    state = Text(load_default="", longest=12, validate=one_of("", *STATES))
    overdue = fields.Boolean(load_default=False)
    after = Number(load_default=0)
    limit = Number(load_default=100, least=1, most=500)


class ProblemOut(Schema):
    id = fields.Integer(required=True)
    visit_id = fields.Integer(required=True)
    position = fields.Integer()
    description = fields.String()
    measure = fields.String()
    region_code = fields.String()
    rectify_by = fields.Date(allow_none=True, metadata={"description": "null: no term was set; due at once, never called late"})
    state = fields.String(required=True)
    days_late = fields.Integer(allow_none=True, metadata={"description": "of an open problem; null: no term"})
    card = fields.String(metadata={"description": "yellow 黄牌, red 红牌, empty"})
    rechecked_on = fields.Date(allow_none=True)
    evidence = fields.String()
    version = fields.Integer(required=True, attribute="version_id", metadata={"description": "for If-Match"})


class ProblemsOut(Schema):
    items = fields.List(fields.Nested(ProblemOut))
    next = fields.Integer(allow_none=True, metadata={"description": "null: nothing follows"})


class ProblemStepOut(Schema):
    kind = fields.String()
    on = fields.Date()
    text = fields.String()
    by_name = fields.String()
    at = Moment()


class ProblemDetailOut(ProblemOut):
    steps = fields.List(fields.Nested(ProblemStepOut))


class TallyOut(Schema):
    """整改完成率: numerator `closed`, denominator `due`."""

    due = fields.Integer()
    closed = fields.Integer()
    closed_late = fields.Integer()
    open_late = fields.Integer()
    rate = fields.String(metadata={"description": "closed / due in percent; — when nothing was due"})
    late_rate = fields.String(metadata={"description": "(closed_late + open_late) / due in percent"})


class CompletionOut(Schema):
    until = fields.Date()
    total = fields.Nested(TallyOut)
    areas = fields.Dict(keys=fields.String(), values=fields.Nested(TallyOut))
    departments = fields.Dict(keys=fields.String(), values=fields.Nested(TallyOut))

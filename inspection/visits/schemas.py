"""What the pages and the API of visits read and give."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import fields, post_load

from inspection.schema_base import Day, Moment, Number, Schema, Text, one_of, sized
from inspection.visits import rules
from inspection.visits.printing import FORMS


class ItemIn(Schema):
    target: ClassVar[type[Any] | None] = rules.ItemEntry
    position = Number(required=True, least=1, most=1000)
    found = Text(load_default=None, allow_none=True, validate=one_of(*rules.FOUND), metadata={"description": "null: not checked yet"})
    problem = Text(load_default="", longest=1000, many_lines=True)
    measure = Text(load_default="", longest=300, metadata={"description": "无 must be stated, never implied"})
    not_checked_reason = Text(load_default="", longest=200)


class RecordIn(Schema):
    """检查记录 as the inspectors state it; a draft may leave everything open."""

    target: ClassVar[type[Any] | None] = rules.VisitEntry
    outcome = Text(load_default=None, allow_none=True, longest=2)
    outcome_note = Text(load_default="", longest=300)
    visited_on = Day(load_default=None, allow_none=True)
    started_at = Moment(load_default=None, allow_none=True)
    ended_at = Moment(load_default=None, allow_none=True)
    place = Text(load_default="", longest=300)
    methods = fields.List(Text(longest=20, validate=one_of(*rules.METHODS)), load_default=list, validate=sized(0, 5))
    items = fields.List(fields.Nested(ItemIn), load_default=list, validate=sized(0, 200))
    recusal_asked = fields.Boolean(load_default=None, allow_none=True)
    recusal_answer = Text(load_default="", longest=200)
    summary = Text(load_default="", longest=4000, many_lines=True)
    results = fields.List(Text(longest=40), load_default=list, validate=sized(0, 20))
    follow_up = Text(load_default="", longest=40)
    rectify_by = Day(load_default=None, allow_none=True)
    opinion = Text(load_default="", longest=500, many_lines=True)
    refused_signature = fields.Boolean(load_default=False)
    refusal_note = Text(load_default="", longest=300)
    witness = Text(load_default="", longest=100)


class SubmissionIn(RecordIn):
    submit = fields.Boolean(load_default=False, metadata={"description": "true: complete, goes to the leader"})

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Any:
        submit = data.pop("submit")
        return super()._build(data), submit


class CorrectionIn(RecordIn):
    reason = Text(required=True, longest=300)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Any:
        reason = data.pop("reason")
        return super()._build(data), reason


class VisitReturnIn(Schema):
    reason = Text(required=True, longest=300)


class OpeningIn(Schema):
    draw_id = Number(required=True, least=1)


class PrintIn(Schema):
    draw_id = Number(required=True, least=1)
    form = Text(required=True, validate=one_of(*FORMS))


class VisitsIn(Schema):
    """Filters of the list; the next part begins after `after`."""

    state = Text(load_default="", longest=12, validate=one_of("", *rules.STATES))
    draw_id = Number(load_default=None, allow_none=True, least=1)
    outcome = Text(load_default="", longest=2)
    after = Number(load_default=0)
    limit = Number(load_default=100, least=1, most=500)


class ItemOut(Schema):
    position = fields.Integer()
    code = fields.String()
    name = fields.String()
    found = fields.String(allow_none=True)
    problem = fields.String()
    measure = fields.String()
    not_checked_reason = fields.String()


class ResultCodeOut(Schema):
    code = fields.String()
    version = fields.String(metadata={"description": "version of the list the code was chosen from"})


class MemberOut(Schema):
    code = fields.String()
    name = fields.String()
    certificate_expires_on = fields.Date(allow_none=True)


class VisitOut(Schema):
    id = fields.Integer(required=True)
    number = fields.String(required=True)
    unit_code = fields.String()
    draw_id = fields.Integer(allow_none=True)
    region_code = fields.String()
    state = fields.String(required=True)
    due_from = fields.Date(allow_none=True)
    due_to = fields.Date(allow_none=True)
    formed_on = fields.Date(allow_none=True)
    publish_by = fields.Date(allow_none=True)
    publish_by_unannounced = fields.Boolean(metadata={"description": "true: 节假日安排未公布"})
    published_at = Moment(allow_none=True)
    outcome = fields.String(allow_none=True, metadata={"description": "null: not known yet"})
    version = fields.Integer(required=True, attribute="version_id", metadata={"description": "for If-Match"})


class RecordOut(VisitOut):
    """A visit with its record."""

    outcome_note = fields.String()
    visited_on = fields.Date(allow_none=True)
    started_at = Moment(allow_none=True)
    ended_at = Moment(allow_none=True)
    place = fields.String()
    methods = fields.List(fields.String())
    items = fields.List(fields.Nested(ItemOut))
    members = fields.List(fields.Nested(MemberOut))
    recusal_asked = fields.Boolean(allow_none=True)
    recusal_answer = fields.String()
    summary = fields.String()
    results = fields.List(fields.Nested(ResultCodeOut))
    follow_up = fields.String()
    rectify_by = fields.Date(allow_none=True)
    opinion = fields.String()
    refused_signature = fields.Boolean()
    refusal_note = fields.String()
    witness = fields.String()
    return_reason = fields.String()


class VisitsOut(Schema):
    items = fields.List(fields.Nested(VisitOut))
    next = fields.Integer(allow_none=True, metadata={"description": "null: nothing follows"})


class OpeningOut(Schema):
    opened = fields.Integer()


class VisitVersionOut(Schema):
    version = fields.Integer()
    digest = fields.String()
    reason = fields.String()
    approved_by_name = fields.String()
    approved_at = Moment()

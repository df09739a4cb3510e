"""What the pages and the API of visits read and give."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import fields, post_load, validate

from inspection.schema_base import Day, Moment, Number, Schema, Text, one_of, sized
from inspection.visits import rules
from inspection.visits.printing import FORMS
from inspection.visits.rectification.rules import STATES as PROBLEM_STATES


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


class SwapIn(Schema):
    """换人申请: the seat, who comes, why, and the evidence (never published)."""

    seat = Number(required=True, least=1, most=8)
    in_code = Text(required=True, longest=64)
    reason = Text(required=True, longest=40)
    evidence = Text(required=True, longest=2000, many_lines=True)


class OpeningIn(Schema):
    draw_id = Number(required=True, least=1)


class PrintIn(Schema):
    draw_id = Number(required=True, least=1)
    form = Text(required=True, validate=one_of(*FORMS))


class ChosenIn(Schema):
    """One result to publish, at the version that was read."""

    id = Number(required=True, least=1)
    version = Number(required=True, least=1)


class PublishingIn(Schema):
    """Results to publish together, all or none."""

    visits = fields.List(fields.Nested(ChosenIn), required=True, validate=sized(1, 200))


class PublishingForm(Schema):
    """The same from the page: each box says number:version."""

    visits = fields.List(Text(longest=24, validate=validate.Regexp(r"[1-9]\d{0,9}:[1-9]\d{0,8}\Z", error="应为 编号:版本")), required=True, validate=sized(1, 200))

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Any:
        return [{"id": int(text.split(":")[0]), "version": int(text.split(":")[1])} for text in data["visits"]]


class WaitingIn(Schema):
    soon = fields.Boolean(load_default=False)
    after = Number(load_default=0)
    limit = Number(load_default=100, least=1, most=200)


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

    state = Text(load_default="", longest=12, validate=one_of("", *PROBLEM_STATES))
    overdue = fields.Boolean(load_default=False)
    after = Number(load_default=0)
    limit = Number(load_default=100, least=1, most=500)


class PursuitIn(Schema):
    measure = Text(required=True, longest=40)
    evidence = Text(required=True, longest=2000, many_lines=True)


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


class SwapDecisionOut(Schema):
    seq = fields.Integer(allow_none=True, metadata={"description": "line of swaps.tsv; null: declined"})
    note = fields.String()
    decided_by_name = fields.String()
    decided_at = Moment()


class SwapRequestOut(Schema):
    id = fields.Integer(required=True)
    visit_id = fields.Integer(required=True)
    seat = fields.Integer()
    out_code = fields.String(metadata={"description": "empty: the seat stood empty"})
    in_code = fields.String()
    reason = fields.String()
    evidence = fields.String()
    requested_by_name = fields.String()
    requested_at = Moment()
    decision = fields.Nested(SwapDecisionOut, allow_none=True, metadata={"description": "null: waits"})


class PursuitOut(Schema):
    """拒绝检查、无法联系的后续处理."""

    visit_id = fields.Integer(required=True)
    state = fields.String(required=True)
    due_on = fields.Date(allow_none=True)
    due_unannounced = fields.Boolean(metadata={"description": "true: 节假日安排未公布"})
    measure = fields.String()
    evidence = fields.String()
    closed_at = Moment(allow_none=True)
    closed_by_name = fields.String()
    version = fields.Integer(required=True, attribute="version_id", metadata={"description": "for If-Match"})


class OpeningOut(Schema):
    opened = fields.Integer()


class VisitVersionOut(Schema):
    version = fields.Integer()
    digest = fields.String()
    reason = fields.String()
    approved_by_name = fields.String()
    approved_at = Moment()


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


class WaitingOut(Schema):
    """待公示: an approved result and how long it may still wait."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    unit_code = fields.String()
    outcome = fields.String(allow_none=True)
    formed_on = fields.Date(allow_none=True)
    publish_by = fields.Date(allow_none=True)
    publish_by_unannounced = fields.Boolean(metadata={"description": "true: 节假日安排未公布"})
    workdays_left = fields.Integer(allow_none=True, metadata={"description": "negative: over; null: no term"})
    soon = fields.Boolean()
    corrects = fields.Boolean(metadata={"description": "true: an earlier version is public"})
    obstacle = fields.String(metadata={"description": "why the caller cannot publish it now; empty: nothing"})
    version = fields.Integer(required=True, metadata={"description": "for the publication"})


class WaitingsOut(Schema):
    items = fields.List(fields.Nested(WaitingOut))
    next = fields.Integer(allow_none=True, metadata={"description": "null: nothing follows"})


class PublicOut(Schema):
    id = fields.Integer()
    kind = fields.String()
    subject = fields.String()
    digest = fields.String()
    at = Moment()

"""Swaps of inspectors, refusals and transfers that are dealt with, as they are asked and answered."""

from __future__ import annotations

from marshmallow import fields

from inspection.schema_base import Moment, Number, Schema, Text


class SwapIn(Schema):
    """换人申请: the seat, who comes, why, and the evidence (never published)."""

    seat = Number(required=True, least=1, most=8)
    in_code = Text(required=True, longest=64)
    reason = Text(required=True, longest=40)
    evidence = Text(required=True, longest=2000, many_lines=True)


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


class PursuitIn(Schema):
    measure = Text(required=True, longest=40)
    evidence = Text(required=True, longest=2000, many_lines=True)


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

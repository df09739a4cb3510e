"""Attempts to reach a firm."""

from __future__ import annotations

from marshmallow import fields

from inspection.schema_base import Day, Moment, Schema, Text


class ContactIn(Schema):
    tried_on = Day(required=True)
    how = Text(required=True, longest=40, metadata={"description": "code of `visit.contact`"})
    evidence = Text(required=True, longest=2000, many_lines=True)


class ContactOut(Schema):
    id = fields.Integer(required=True)
    tried_on = fields.Date()
    how = fields.String()
    evidence = fields.String()
    by_name = fields.String()
    at = Moment()

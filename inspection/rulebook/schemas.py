"""Rules and codes as JSON and in forms."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from inspection.rulebook.models import Code, Rule
from inspection.rulebook.rules import UNITS, NewVersion
from inspection.schema_base import Day, Schema, Text, one_of


class VersionIn(Schema):
    """What a rule says from a day on."""

    target = NewVersion
    value = Text(required=True, longest=20)
    unit = Text(required=True, validate=one_of(*UNITS))
    source = Text(required=True, longest=300)
    verified = fields.Boolean(load_default=False, metadata={"description": "true: the text of the source was read"})
    valid_from = Day(required=True)
    note = Text(load_default="", longest=2000, many_lines=True)


class RulesIn(Schema):
    """Which rules."""

    regime = Text(load_default="", longest=40)
    on = Day(load_default=None, metadata={"description": "only what is in force on that day"})


class RuleOut(Schema):
    """One version of a rule."""

    id = fields.Integer(required=True)
    version = fields.Integer(required=True, metadata={"description": "for If-Match"})
    key = fields.String(required=True)
    regime = fields.String(required=True)
    starts = fields.String(required=True)
    action = fields.String(required=True)
    value = fields.String(required=True)
    unit = fields.String(required=True)
    source = fields.String(required=True)
    verified = fields.Boolean(required=True, metadata={"description": "false: not checked against the text of the law (待核)"})
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(required=True, allow_none=True, metadata={"description": "last day, given by the next version; null: open"})
    note = fields.String(required=True)


class RulesOut(Schema):
    """Rules, by key and first day."""

    rules = fields.List(fields.Nested(RuleOut), required=True)


class CodeOut(Schema):
    """One word of a coded list."""

    list = fields.String(required=True)
    version = fields.String(required=True)
    code = fields.String(required=True)
    label = fields.String(required=True)
    label_en = fields.String(required=True)
    source = fields.String(required=True)
    verified = fields.Boolean(required=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(required=True, allow_none=True)


class CodesOut(Schema):
    """Every coded list."""

    codes = fields.List(fields.Nested(CodeOut), required=True)


def dump_rule(row: Rule, last: Any) -> dict[str, Any]:
    """The version as `RuleOut` holds it; `last` is its last day."""
    names = ("id", "key", "regime", "starts", "action", "value", "unit", "source", "verified", "valid_from", "note")
    return {name: getattr(row, name) for name in names} | {"version": row.version_id, "valid_to": last}


def dump_code(row: Code) -> dict[str, Any]:
    """The word as `CodeOut` holds it."""
    return {name: getattr(row, name) for name in CodeOut().fields}

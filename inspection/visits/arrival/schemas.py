"""What the phone sends at the door, and what is given back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import fields

from inspection.schema_base import ExactDecimal, Moment, Number, Schema, Text, one_of
from inspection.visits.arrival import rules


class ArrivalIn(Schema):
    """签到、签退; the moment is the server's own."""

    target: ClassVar[type[Any] | None] = rules.Given
    kind = Text(load_default="in", validate=one_of(*rules.KINDS))
    how = Text(load_default="manual", validate=one_of("qr", "manual"))
    code = Text(load_default="", longest=64, metadata={"description": "签到码 of the label; typed by hand the unit's own code does as well"})
    latitude = ExactDecimal(load_default=None, allow_none=True, least=Decimal(-90), most=Decimal(90))
    longitude = ExactDecimal(load_default=None, allow_none=True, least=Decimal(-180), most=Decimal(180))
    accuracy_m = Number(load_default=None, allow_none=True, most=100_000)
    no_position_reason = Text(load_default="", longest=200, metadata={"description": "needed when there is no position"})
    far_reason = Text(load_default="", longest=200, metadata={"description": "needed when the position is far from the registered one"})


class LabelsIn(Schema):
    region = Text(load_default="", longest=12)
    q = Text(load_default="", longest=100)
    first = Number(load_default=0, most=13)


class ArrivalOut(Schema):
    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    how = fields.String()
    at = Moment()
    latitude = ExactDecimal(allow_none=True)
    longitude = ExactDecimal(allow_none=True)
    accuracy_m = fields.Integer(allow_none=True)
    distance_m = fields.Integer(allow_none=True, metadata={"description": "null: one of the two places is not known"})
    no_position_reason = fields.String()
    far_reason = fields.String()
    by_name = fields.String()


class StopOut(Schema):
    visit_id = fields.Integer(required=True)
    number = fields.String(required=True)
    township = fields.String()
    name = fields.String()
    address = fields.String()
    phone = fields.String()
    latitude = ExactDecimal(allow_none=True)
    longitude = ExactDecimal(allow_none=True)
    metres = fields.Integer(allow_none=True, metadata={"description": "from the stop before; null: not known"})


class RouteOut(Schema):
    done = fields.Integer(required=True)
    stops = fields.List(fields.Nested(StopOut), required=True)

"""A visit without a draw as it is ordered."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import fields

from inspection.schema_base import Day, Schema, Text, sized
from inspection.visits.targeted.service import Order


class OrderIn(Schema):
    target: ClassVar[type[Any] | None] = Order
    unit_code = Text(required=True, longest=64)
    source = Text(required=True, longest=40, metadata={"description": "code of `visit.source`"})
    basis = Text(required=True, longest=300, metadata={"description": "number of the complaint, document of the order"})
    items = fields.List(Text(longest=40), required=True, validate=sized(1, 50))
    inspectors = fields.List(Text(longest=64), required=True, validate=sized(1, 8))
    due_from = Day(required=True)
    due_to = Day(required=True)
    announced = fields.Boolean(load_default=False)

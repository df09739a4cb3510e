"""待公示 as it is asked and answered: what waits, and several results published at once."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from inspection.schema_base import Moment, Number, Schema, Text, sized


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

"""What the pages and the API of publications read and give."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load

from inspection.publications.service import NewBulletin
from inspection.samples.documents import PURPOSES
from inspection.schema_base import Day, Moment, Number, PartOut, Schema, Text, one_of


class BulletinIn(Schema):
    title = Text(required=True, longest=200)
    region_code = Text(required=True, longest=12)
    basis = Text(required=True, longest=1000, many_lines=True)
    measures = Text(load_default="", longest=4000, many_lines=True)
    period = Text(load_default="", longest=60)
    since = Day(load_default=None)
    until = Day(load_default=None)
    plan_id = Number(load_default=None, allow_none=True, least=1)
    indicator_id = Number(load_default=None, allow_none=True, least=1)
    aggregate_id = Number(load_default=None, allow_none=True, least=1)
    decimals = Number(load_default=2, most=4)
    purpose = Text(load_default="", validate=one_of("", *PURPOSES))
    reason = Text(load_default="", longest=500)

    @post_load
    def _bulletin(self, data: dict[str, Any], **_: Any) -> NewBulletin:
        lines = {name: tuple(line.strip() for line in data[name].splitlines() if line.strip()) for name in ("basis", "measures")}
        return NewBulletin(**{**data, **lines})


class ReplyIn(Schema):
    reason = Text(required=True, longest=500)


class PublicationOut(Schema):
    id = fields.Integer()
    kind = fields.String()
    title = fields.String()
    state = fields.String()
    number = fields.Function(lambda p: p.issue.number if p.issue else "")
    pdf_digest = fields.Function(lambda p: p.issue.pdf_digest if p.issue else "")
    corrects_id = fields.Integer(allow_none=True)
    created_at = Moment()
    version = fields.Integer(attribute="version_id")


class FullPublicationOut(PublicationOut):
    content = fields.Function(lambda p: p.issue.content if p.issue else p.draft)
    content_digest = fields.Function(lambda p: p.issue.content_digest if p.issue else "")
    return_reason = fields.String()


class PublicationsOut(PartOut):
    items = fields.List(fields.Nested(PublicationOut), required=True)

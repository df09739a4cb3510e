"""What is sent with attachments and signatures, and what is answered."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import fields, validate

from inspection.schema_base import Moment, Number, Schema, Text, one_of, sized
from inspection.visits.attachments import KINDS
from inspection.visits.signatures import Signed
from inspection.visits.strokes import MOST_POINTS, MOST_STROKES


class AttachmentIn(Schema):
    """附件 beside its file, as multipart fields."""

    kind = Text(required=True, validate=one_of(*KINDS))
    item = Number(load_default=None, allow_none=True, least=1, most=1000)
    caption = Text(load_default="", longest=200)
    digest = Text(load_default="", validate=validate.Regexp(r"(?:|[0-9a-f]{64})\Z", error="应为 64 位小写十六进制的 SHA-256"))


class AttachmentVoidIn(Schema):
    reason = Text(required=True, longest=300)


class FactsOut(Schema):
    """拍摄信息; null is not known."""

    taken_at = fields.String(allow_none=True)
    latitude = fields.String(allow_none=True)
    longitude = fields.String(allow_none=True)
    device = fields.String(allow_none=True)


class AttachmentVoidOut(Schema):
    reason = fields.String()
    voided_by_name = fields.String()
    voided_at = Moment()


class AttachmentOut(Schema):
    no = fields.Integer(required=True, metadata={"description": "附件 1, 附件 2 … of the visit"})
    kind = fields.String(required=True)
    item = fields.Integer(allow_none=True)
    caption = fields.String()
    filename = fields.String()
    content_type = fields.String()
    size = fields.Integer()
    digest = fields.String(required=True, metadata={"description": "SHA-256 of what is kept"})
    original_digest = fields.String(required=True, metadata={"description": "SHA-256 of what was sent: the acknowledgement"})
    added_by_name = fields.String()
    added_at = Moment()
    void = fields.Nested(AttachmentVoidOut, allow_none=True, metadata={"description": "null: stands"})
    facts = fields.Nested(FactsOut, allow_none=True, metadata={"description": "only for those who may know"})


class SignatureIn(Schema):
    """签字: drawn as lines of x, y in a box of 600 × 200, or typed with the reason why it was not drawn."""

    target: ClassVar[type[Any] | None] = Signed
    signer = Text(required=True, longest=80, metadata={"description": "firm, or the number of the inspector"})
    name = Text(load_default="", longest=100)
    role = Text(load_default="", longest=100)
    strokes = fields.List(
        fields.List(fields.Integer(strict=True), validate=sized(2, 2 * MOST_POINTS)), load_default=list, validate=sized(0, MOST_STROKES)
    )
    not_drawn = Text(load_default="", longest=200)


class SignatureOut(Schema):
    signer = fields.String(required=True)
    name = fields.String()
    role = fields.String()
    strokes = fields.List(fields.List(fields.Integer()))
    not_drawn = fields.String()
    record_digest = fields.String(metadata={"description": "SHA-256 of the content that was signed"})
    taken_by_name = fields.String()
    signed_at = Moment()


class StandingOut(Schema):
    signer = fields.String(required=True)
    name = fields.String()
    signature = fields.Nested(SignatureOut, allow_none=True, metadata={"description": "null: not signed"})
    holds = fields.Boolean(metadata={"description": "false: not signed, or the record changed since"})


def attachment(row: Any, *, facts: bool) -> dict[str, Any]:
    """An attachment as it is answered; what the camera wrote only where `facts` says so."""
    given: dict[str, Any] = AttachmentOut(exclude=() if facts else ("facts",)).dump(row)
    return given

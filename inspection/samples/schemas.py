"""What the pages and the API of samples read and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from marshmallow import fields, post_load

from inspection.samples.rules import NewSample, Receipt
from inspection.schema_base import Day, ExactDecimal, Number, Schema, Text, one_of

LINKS = {"production": "生产", "circulation": "流通", "catering": "餐饮", "online": "网络"}
DATE_KINDS = {"production": "生产日期", "processing": "加工日期", "purchase": "购进日期"}


class SampleIn(Schema):
    plan_id = Number(required=True, least=1)
    region_code = Text(required=True, longest=12)
    class_code = Text(required=True, longest=40)
    enterprise_code = Text(required=True, longest=64)
    product_name = Text(required=True, longest=200)
    product_code = Text(load_default="", longest=40)
    taken_on = Day(required=True)
    sampler_names = Text(required=True, longest=200)
    link = Text(load_default="circulation", validate=one_of(*LINKS))
    producer_name = Text(load_default="", longest=200)
    producer_address = Text(load_default="", longest=300)
    brand = Text(load_default="", longest=100)
    specification = Text(load_default="", longest=100)
    lot = Text(load_default="", longest=100)
    date_kind = Text(load_default="production", validate=one_of(*DATE_KINDS))
    produced_on = Day(load_default=None, allow_none=True)
    shelf_life = Text(load_default="", longest=60)
    quantity = ExactDecimal(load_default=None, allow_none=True, least=Decimal(0))
    backup_quantity = ExactDecimal(load_default=None, allow_none=True, least=Decimal(0))
    quantity_unit = Text(load_default="", longest=20)
    seal_number = Text(load_default="", longest=60)


def sheet_of(given: dict[str, Any], enterprise_id: int) -> NewSample:
    """The sheet as the service takes it."""
    kept = {name: value for name, value in given.items() if name != "enterprise_code"}
    names = tuple(name.strip() for name in kept.pop("sampler_names").replace("，", "、").split("、") if name.strip())
    return NewSample(**{**kept, "enterprise_id": enterprise_id, "sampler_names": names, "product_code": kept["product_code"] or kept["class_code"]})


class ReceiptIn(Schema):
    code = Text(required=True, longest=24)
    pieces = Number(required=True, most=10_000)
    seal_intact = fields.Boolean(load_default=False)
    package_intact = fields.Boolean(load_default=False)
    quantity_enough = fields.Boolean(load_default=False)
    state_normal = fields.Boolean(load_default=False)
    papers_complete = fields.Boolean(load_default=False)
    papers_match = fields.Boolean(load_default=False)
    decision = Text(required=True, validate=one_of("accept", "refuse"))
    reason = Text(load_default="", longest=500)

    @post_load
    def _receipt(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        receipt = Receipt(**{name: data.pop(name) for name in Receipt.__dataclass_fields__})
        return {"code": data["code"], "receipt": receipt, "accept": data["decision"] == "accept", "reason": data["reason"]}


class SealIn(Schema):
    seal_number = Text(required=True, longest=60)


class ReasonIn(Schema):
    reason = Text(required=True, longest=300)


class SampleOut(Schema):
    id = fields.Integer()
    number = fields.String()
    code = fields.String()
    product_name = fields.String()
    class_code = fields.String()
    state = fields.String()
    purpose = fields.String()
    taken_on = fields.Date()
    deliver_by = fields.Date(allow_none=True)
    report_by = fields.Date(allow_none=True)
    version = fields.Integer(attribute="version_id")

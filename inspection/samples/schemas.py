"""What the pages and the API of samples read and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields, post_load, validates_schema

from inspection.errors import Said
from inspection.samples.rules import EVERY_STATE, PAPERS, NewSample, Receipt, Wanted
from inspection.schema_base import Day, ExactDecimal, Number, PartIn, PartOut, Schema, Text, one_of, sized
from reports import sampling_sheet as sheet

LINKS = {"production": "生产", "circulation": "流通", "catering": "餐饮", "online": "网络"}
DATE_KINDS = {"production": "生产日期", "processing": "加工日期", "purchase": "购进日期"}
STAGES = {"production": "生产", "circulation": "流通", "catering": "餐饮", "online": "流通"}  # block 抽样地点 of the form
ONLINE_PLACE = "网购"


def _choice(*allowed: str) -> Text:
    return Text(load_default="", longest=20, validate=one_of("", *allowed))


class MoreIn(Schema):
    """Every further field of the 抽样单; kept together in the sample's `form`, an empty one prints ／."""

    place = Text(load_default="", longest=20)
    area_kind = _choice(*sheet.AREAS)
    permit_kind = Text(load_default="", longest=60)
    permit_number = Text(load_default="", longest=60)
    annual_sales = Text(load_default="", longest=30)
    fax = Text(load_default="", longest=40)
    postcode = Text(load_default="", longest=10)
    source = _choice(*sheet.SOURCES)
    attribute = _choice(*sheet.ATTRIBUTES)
    kind = _choice(*sheet.GOODS_KINDS)
    barcode = Text(load_default="", longest=40)
    standard = Text(load_default="", longest=100)
    grade = Text(load_default="", longest=40)
    licence = Text(load_default="", longest=60)
    unit_price = Text(load_default="", longest=20)
    exported = _choice(*sheet.YES_NO)
    imported = _choice(*sheet.YES_NO)
    origin = Text(load_default="", longest=60)
    base_quantity = Text(load_default="", longest=40)
    form = _choice(*sheet.FORMS)
    packaging = _choice(*sheet.PACKAGINGS)
    storage = fields.List(Text(longest=10, validate=one_of(*sheet.STORAGES)), load_default=list, validate=sized(0, 6))
    temperature = Text(load_default="", longest=40)
    wrapping = _choice(*sheet.WRAPPINGS)
    method = _choice(*sheet.METHODS)
    producer_contact = Text(load_default="", longest=60)
    producer_phone = Text(load_default="", longest=40)
    entruster_name = Text(load_default="", longest=200)
    entruster_address = Text(load_default="", longest=300)
    platform = Text(load_default="", longest=100)
    shop = Text(load_default="", longest=100)
    url = Text(load_default="", longest=300)
    order_number = Text(load_default="", longest=60)
    remark = Text(load_default="", longest=300)


MORE = frozenset(MoreIn().fields)


class SampleIn(MoreIn):
    plan_id = Number(required=True, least=1)
    region_code = Text(required=True, longest=12)
    class_code = Text(required=True, longest=40)
    enterprise_code = Text(required=True, longest=64)
    replaces_id = Number(load_default=None, allow_none=True, least=1)
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

    @validates_schema
    def _place_of_the_link(self, data: dict[str, Any], **_: Any) -> None:
        places = sheet.STAGES[STAGES[data["link"]]]
        if data["place"] and data["place"] not in places:
            raise ma.ValidationError(Said("%(link)s环节的抽样地点应为以下之一：%(places)s", link=LINKS[data["link"]], places="、".join(places)), "place")


def sheet_of(given: dict[str, Any], enterprise_id: int) -> NewSample:
    """The sheet as the service takes it."""
    form = {name: given[name] for name in sorted(MORE) if given.get(name)}
    kept = {name: value for name, value in given.items() if name not in MORE | {"enterprise_code", "replaces_id"}}
    names = tuple(name.strip() for name in kept.pop("sampler_names").replace("，", "、").replace(",", "、").split("、") if name.strip())
    code = kept["product_code"] or kept["class_code"]
    return NewSample(**{**kept, "enterprise_id": enterprise_id, "sampler_names": names, "product_code": code, "form": form})


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


class HandOverIn(Schema):
    laboratory_id = Number(load_default=None, allow_none=True, least=1)


class RecallIn(Schema):
    reason = Text(required=True, longest=300)


class VoidIn(Schema):
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
    deliver_by = fields.Date(allow_none=True, metadata={"description": "null: the rulebook has no term for this domain"})
    deliver_unannounced = fields.Boolean(metadata={"description": "true: 节假日安排未公布"})
    report_by = fields.Date(allow_none=True)
    report_unannounced = fields.Boolean(metadata={"description": "true: 节假日安排未公布"})
    replaces_id = fields.Integer(allow_none=True)
    version = fields.Integer(attribute="version_id")


class PapersIn(Schema):
    """Which papers of which samples of a plan."""

    target: ClassVar[type[Any] | None] = Wanted
    paper = Text(required=True, validate=one_of(*PAPERS))
    plan_id = Number(required=True, least=1)
    region_code = Text(load_default="", longest=12)
    state = Text(load_default="", validate=one_of("", *sorted(EVERY_STATE)))


class SamplesIn(PartIn):
    """Filters of the list."""

    state = Text(load_default="", longest=12, validate=one_of("", *EVERY_STATE))


class SamplesOut(PartOut):
    items = fields.List(fields.Nested(SampleOut), required=True)

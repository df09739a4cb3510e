"""What the pages and the API of draws read and give."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from inspection.draws import rules, strata, words
from inspection.draws.frame_list import ELSEWHERE
from inspection.draws.rates import Rates, split
from inspection.draws.service import Promise
from inspection.registers.entries import CREDIT_CLASSES, OBJECT_KINDS
from inspection.registers.entries import STATES as OBJECT_STATES
from inspection.registers.rules import product_fault
from inspection.registers.schemas import Words
from inspection.schema_base import Day, Moment, Number, PartOut, Schema, Text, one_of, sized
from sampling.teams import Seat

SEATS: dict[str, tuple[Seat, ...]] = {
    "other_unit": (Seat(lead=True), Seat(other_unit=True)),
    "lead_any": (Seat(lead=True), Seat()),
    "same": (Seat(), Seat()),
    "none": (),
}
SEAT_LABELS = {
    "other_unit": "两人，组长一名，来自不同部门",
    "lead_any": "两人，组长一名",
    "same": "两人",
    "none": "不抽取人员",
}


class ConfigurationIn(Schema):
    title = Text(required=True, longest=200)
    region_code = Text(required=True, longest=12)
    item_codes = fields.List(Text(longest=40), required=True, validate=sized(1, 100))
    rates = Rates(required=True)
    reserve_percent = Number(load_default=10, most=100)
    stratify_by = Text(load_default="credit_class", validate=one_of(*strata.BY))
    kinds = fields.List(Text(longest=20, validate=one_of(*OBJECT_KINDS)), load_default=lambda: ["enterprise"], validate=sized(1, 5))
    tags = fields.List(Text(longest=60), load_default=list, validate=sized(0, 50))
    industries = fields.List(Text(longest=60), load_default=list, validate=sized(0, 200))
    licence_kinds = fields.List(Text(longest=60), load_default=list, validate=sized(0, 200))
    credit_classes = fields.List(Text(longest=4, validate=one_of(*CREDIT_CLASSES, strata.UNCLASSED)), load_default=list)
    food_risk_grades = fields.List(Text(longest=4, validate=one_of(*CREDIT_CLASSES, strata.UNCLASSED)), load_default=list)
    states = fields.List(Text(longest=12, validate=one_of(*OBJECT_STATES)), load_default=list)
    product_codes = Words(load_default=list, longest=40)
    exclusions = fields.List(Text(longest=10, validate=one_of(*rules.EXCLUSIONS)), load_default=list)
    keep_reason = Text(load_default="", longest=300)
    seats = Text(load_default="other_unit", validate=one_of(*SEAT_LABELS))
    avoid_own_station = fields.Boolean(load_default=False)
    announced = fields.Boolean(load_default=False)
    kind = Text(load_default="planned", validate=one_of(*rules.KINDS))
    period_from = Day(load_default=None)
    period_to = Day(load_default=None)
    embargo_until = Moment(load_default=None)
    repeats_id = Number(load_default=None, least=1)
    supplements_id = Number(load_default=None, least=1)
    task_id = Number(load_default=None, least=1)
    scheme_id = Number(load_default=None, least=1)
    scheme_version = Number(load_default=None, least=1)

    @validates_schema
    def _products(self, data: dict[str, Any], **_: Any) -> None:
        if wrong := [fault for code in data.get("product_codes", ()) if (fault := product_fault(code))]:
            raise ValidationError({"product_codes": wrong})

    @post_load
    def _configuration(self, data: dict[str, Any], **_: Any) -> rules.Configuration:
        listed = {name: tuple(dict.fromkeys(value)) for name, value in data.items() if isinstance(value, list)}
        return rules.Configuration(**{**data, **listed, **split(data["rates"]), "seats": SEATS[data["seats"]]})


class SourceIn(Schema):
    """公开随机源: pick of max balls, or `pick` digits."""

    name = Text(required=True, longest=60)
    issue = Text(required=True, longest=60)
    form = Text(required=True, validate=one_of("balls", "digits", "hex"))
    pick = Number(load_default=20, least=1, most=1024)
    max = Number(load_default=80, least=1, most=1000)
    drawn_at = Moment(required=True)

    @validates_schema
    def _fits(self, data: dict[str, Any], **_: Any) -> None:
        if data["form"] == "balls" and data["pick"] > data["max"]:
            raise ValidationError("选出的个数不能多于号码的最大值", "pick")

    @post_load
    def _source(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        size = {"pick": data["pick"], "max": data["max"]} if data["form"] == "balls" else {"length": data["pick"]}
        return {"name": data["name"], "issue": data["issue"], "form": data["form"], "drawn_at": data["drawn_at"], **size}


class PromiseIn(Schema):
    sources = fields.List(fields.Nested(SourceIn), required=True, validate=sized(1, 10))
    reveal_not_before = Moment(required=True)
    reveal_by = Moment(required=True)

    @post_load
    def _promise(self, data: dict[str, Any], **_: Any) -> Promise:
        return Promise(tuple(data["sources"]), data["reveal_not_before"], data["reveal_by"])


class RevealIn(Schema):
    public_value = Text(required=True, longest=4000)
    again = Text(required=True, longest=4000)
    witnesses = Text(load_default="", longest=500)

    @validates_schema
    def _same(self, data: dict[str, Any], **_: Any) -> None:
        if data["public_value"].split() != data["again"].split():
            raise ValidationError("与第一次输入不同", "again")

    @post_load
    def _entry(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        names = [name.strip() for name in data["witnesses"].replace("，", "、").split("、")]
        return {"public_value": data["public_value"], "witnesses": [name for name in names if name]}


class SchemeIn(Schema):
    name = Text(required=True, longest=100)


class ReasonIn(Schema):
    reason = Text(required=True, longest=500)


class DrawOut(Schema):
    id = fields.Integer()
    number = fields.String()
    title = fields.String()
    state = fields.String()
    region_code = fields.String()
    item_codes = fields.List(fields.String())
    embargo_until = Moment(allow_none=True)
    repeats_id = fields.Integer(allow_none=True)
    task_id = fields.Integer(allow_none=True, metadata={"description": "the task that this draw carries out"})
    supplements_id = fields.Integer(allow_none=True, metadata={"description": "the published draw that this one supplements"})
    created_at = Moment()
    frozen_at = Moment(allow_none=True)
    published_at = Moment(allow_none=True)
    version = fields.Integer(attribute="version_id")


class SelectedOut(Schema):
    stratum = fields.String()
    rank = fields.Integer()
    unit_code = fields.String()
    name = fields.String(allow_none=True)
    ticket = fields.String()
    team = fields.List(fields.String())


class StratumOut(Schema):
    name = fields.String()
    label = fields.String()
    population = fields.Integer()
    n = fields.Integer()
    reserve = fields.Integer()
    probability = fields.String(metadata={"description": "n/N, exact"})


class FrameOut(Schema):
    """What stands in a frame; what only the registers tell is left out once it is frozen."""

    frozen = fields.Boolean()
    total = fields.Integer()
    strata = fields.List(fields.Nested(StratumOut))
    excluded = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "units left out, by reason"})
    missing_rates = fields.List(fields.String())
    too_large = fields.List(fields.String())
    elsewhere = fields.Integer(metadata={"description": "drawn or visited by others for the same items this year, and kept"})
    inspectors = fields.Integer()
    conflicts = fields.Integer()
    kinds = fields.Dict(keys=fields.String(), values=fields.Integer())
    tags = fields.Dict(keys=fields.String(), values=fields.Integer())


class UnitsIn(Schema):
    status = Text(load_default="", validate=one_of("", ELSEWHERE, rules.DRAWN, *rules.EXCLUSIONS))
    limit = Number(load_default=100, least=1, most=1000)
    after = Text(load_default="", longest=64)


class WordsIn(Schema):
    name = Text(required=True, validate=one_of(*words.COLUMNS))
    find = Text(load_default="", longest=60)
    after = Text(load_default="", longest=60)


class WordsOut(Schema):
    words = fields.List(fields.String())
    total = fields.Integer(metadata={"description": "words of the register that hold what was asked for"})
    next = fields.String(allow_none=True)


class UnitOut(Schema):
    code = fields.String()
    name = fields.String()
    stratum = fields.String()
    status = fields.String()
    own = fields.String()
    outside = fields.String()


class UnitsOut(Schema):
    units = fields.List(fields.Nested(UnitOut))
    next = fields.String(allow_none=True)


class SchemeOut(Schema):
    id = fields.Integer()
    name = fields.String()
    region_code = fields.String()
    number = fields.Integer(metadata={"description": "the version of the content"})
    content = fields.Dict()
    saved_by = fields.String()
    saved_at = Moment()
    retired_at = Moment(allow_none=True)
    version = fields.Integer(metadata={"description": "for If-Match"})


class DrawsOut(PartOut):
    items = fields.List(fields.Nested(DrawOut), required=True)

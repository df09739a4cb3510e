"""What the pages and the API of draws read and give."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from inspection.draws import rules
from inspection.draws.service import Promise
from inspection.schema_base import Day, Moment, Number, Schema, Text, one_of, sized
from sampling.frame import is_id
from sampling.teams import Seat

_RATE = re.compile(r"\s*([0-9A-Za-z._%/-]{1,64})\s+(\d{1,6})\s*(?:/\s*(\d{1,7})|%)\s*", re.ASCII)
EXCLUSIONS = ("CLOSED", "MOVED", "CAP", "YEAR", "CASE")


class Rates(fields.Field[dict[str, tuple[int, int]]]):
    """Rates, one stratum per line: `A 2/100` or `A 2%`; in JSON an object {"A": [2, 100]}."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, tuple[int, int]]:
        if isinstance(value, dict):
            return {self._stratum(name): self._pair(pair) for name, pair in value.items()}
        if not isinstance(value, str):
            raise ValidationError("应为每行一类，例如：A 2/100")
        found: dict[str, tuple[int, int]] = {}
        for number, line in enumerate(filter(str.strip, value.splitlines()), 1):
            match = _RATE.fullmatch(line)
            if match is None:
                raise ValidationError(f"第 {number} 行应写成“类别 分子/分母”，例如 A 2/100")
            if match[1] in found:
                raise ValidationError(f"第 {number} 行的类别 {match[1]} 重复")
            found[match[1]] = (int(match[2]), int(match[3] or 100))
        return found

    @staticmethod
    def _stratum(name: str) -> str:
        if is_id(name):
            return name
        raise ValidationError("层的名称只能用英文字母、数字和 . _ % / -，不超过 64 个")

    @staticmethod
    def _pair(pair: Any) -> tuple[int, int]:
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**31 for n in pair):
            return pair[0], pair[1]
        raise ValidationError("比例应为两个整数 [分子, 分母]")


class ConfigurationIn(Schema):
    title = Text(required=True, longest=200)
    region_code = Text(required=True, longest=12)
    item_codes = fields.List(Text(longest=40), required=True, validate=sized(1, 100))
    rates = Rates(required=True)
    reserve_percent = Number(load_default=10, most=100)
    stratify_by = Text(load_default="credit_class", validate=one_of("credit_class", "food_risk_grade", "none"))
    tags = fields.List(Text(longest=60), load_default=list, validate=sized(0, 50))
    exclusions = fields.List(Text(longest=10, validate=one_of(*EXCLUSIONS)), load_default=list)
    seats = Text(load_default="other_unit", validate=one_of("other_unit", "same", "lead_any", "none"))
    avoid_own_station = fields.Boolean(load_default=False)
    announced = fields.Boolean(load_default=False)
    kind = Text(load_default="planned", validate=one_of("planned", "adhoc", "flight"))
    period_from = Day(load_default=None)
    period_to = Day(load_default=None)
    embargo_until = Moment(load_default=None)
    repeats_id = Number(load_default=None, least=1)
    supplements_id = Number(load_default=None, least=1)
    task_id = Number(load_default=None, least=1)

    @post_load
    def _configuration(self, data: dict[str, Any], **_: Any) -> rules.Configuration:
        return rules.Configuration(
            **{
                **data,
                "item_codes": tuple(data["item_codes"]),
                "tags": tuple(data["tags"]),
                "exclusions": tuple(data["exclusions"]),
                "seats": SEATS[data["seats"]],
            }
        )


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

"""What the coverage of licence holders reads and gives."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from inspection.indicators.licensed.counting import Coverage
from inspection.schema_base import Day, Number, Schema, Text


class CoverageQuery(Schema):
    """The scope; left out: today, the own region, the kinds of the rulebook."""

    until = Day(load_default=None)
    region_code = Text(load_default="", longest=12)
    kind = Text(load_default="", longest=60)
    place = Text(load_default="", longest=12)


class CoverageIn(CoverageQuery):
    page = Number(load_default=1, least=1, most=100_000)
    size = Number(load_default=100, least=1, most=1000)


class PartOut(Schema):
    key = fields.String()
    label = fields.String()
    covered = fields.Integer()
    total = fields.Integer()


class HolderOut(Schema):
    code = fields.String()
    name = fields.String()
    region_code = fields.String()
    place = fields.String(allow_none=True)
    last_visit = fields.Date(allow_none=True)


class CoverageOut(Schema):
    since = fields.Date()
    until = fields.Date()
    kinds = fields.List(fields.String())
    region_code = fields.String()
    covered = fields.Integer()
    total = fields.Integer()
    text = fields.String(metadata={"description": "覆盖率；全部查到才写 100%，名录中没有获证企业时为 —"})
    undated = fields.Integer(metadata={"description": "许可证没有登记有效期、按有效计的户"})
    closed = fields.Integer(metadata={"description": "持证但已歇业、注销、吊销或迁出、不计的户"})
    lapsed = fields.Integer(metadata={"description": "许可证本年内到期、不计的户"})
    places = fields.List(fields.Nested(PartOut))
    by_kind = fields.List(fields.Nested(PartOut))
    uncovered = fields.List(fields.Nested(HolderOut), metadata={"description": "没有查过的户，按页"})


def of(found: Coverage) -> dict[str, Any]:
    """The counts as the API gives them."""
    return {
        "covered": found.covered, "total": found.total, "undated": found.undated, "closed": found.closed, "lapsed": found.lapsed,
        "places": found.places, "by_kind": found.kinds,
    }  # fmt: skip

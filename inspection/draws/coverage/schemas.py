"""What the coverage planner reads and gives, the same for the page and the API."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from inspection.draws.coverage.reckoning import Answer, Course, Kind, Programme
from inspection.errors import Said
from inspection.schema_base import Day, ExactDecimal, Number, Schema, Text, one_of
from sampling.coverage.terms import LARGEST

_LINE = re.compile(r"(\S{1,64})\s+(\d{1,9})\s+(?:(\d{1,9})\s*/\s*(\d{1,9})|(\d{1,3}(?:\.\d{1,4})?)\s*[%％])(?:\s+(\d{1,9}))?", re.ASCII)
MOST_KINDS = 30
MOST_WORK = 3_000_000


class Kinds(Text):
    """Classes, one per line: name, units, rate and – if some were visited before – how many: `A 7200 2/100 35`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        lines = super()._deserialize(value, attr, data, **kwargs).splitlines()
        found = [self._kind(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]
        names = [kind.name for kind in found]
        if not found or len(found) > MOST_KINDS:
            raise ValidationError(Said("应有 1 至 %(most)s 类，每行一类", most=MOST_KINDS))
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValidationError(Said("类别 %(names)s 重复；每类只写一行", names="、".join(twice)))
        if sum(kind.population for kind in found) > LARGEST:
            raise ValidationError(Said("各类户数合计不能超过 %(most)s", most=LARGEST))
        return tuple(found)

    @staticmethod
    def _kind(number: int, line: str) -> Kind:
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValidationError(Said("第 %(n)s 行应写成“类别 户数 比例”，可再写已查户数，例如 A 7200 2/100 35", n=number))
        share = Fraction(match[5]) / 100 if match[5] else None
        rate = (share.numerator, share.denominator) if share is not None else (int(match[3]), int(match[4]))
        made = Kind(match[1], int(match[2]), rate, int(match[6] or 0))
        if made.population == 0:
            raise ValidationError(Said("第 %(n)s 行的户数为 0；没有对象的类请删去", n=number))
        if not 0 < rate[0] <= rate[1]:
            ratio = f"{match[3]}/{match[4]}" if match[4] else f"{match[5]}%"
            raise ValidationError(Said("第 %(n)s 行的比例 %(ratio)s 应大于 0 且不大于 1：每户都应有被抽中的机会", n=number, ratio=ratio))
        if made.visited > made.population:
            raise ValidationError(Said("第 %(n)s 行的已查户数 %(visited)s 大于户数 %(population)s", n=number, visited=made.visited, population=made.population))
        return made


class ProgrammeIn(Schema):
    kinds = Kinds(required=True, longest=2000, many_lines=True, metadata={"description": "每行一类：类别 户数 比例 [已查户数]，例如 A 7200 2/100 35"})
    draws = Number(load_default=10, least=1, most=200)
    per_year = Number(load_default=2, least=1, most=52)
    fresh_percent = Number(load_default=0, most=100)
    again_percent = Number(load_default=0, most=100)
    last = Number(load_default=0, most=200)
    seed = Number(load_default=1)
    replications = Number(load_default=1000, least=100, most=5000)

    @validates_schema
    def _together(self, data: dict[str, Any], **_: Any) -> None:
        if data["fresh_percent"] + data["again_percent"] > 100:
            raise ValidationError("补查份额与回头看份额之和不能超过 100%", "again_percent")
        if data["last"] and not data["fresh_percent"]:
            raise ValidationError("没有补查份额，“近几次未查”不起作用；请填补查份额，或把它改为 0", "last")

    @post_load
    def _programme(self, data: dict[str, Any], **_: Any) -> Programme:
        made = Programme(**data)
        if made.work > MOST_WORK:
            said = Said("模拟的工作量过大（约 %(work)s 个数，上限 %(most)s）；请减少重复次数、抽取次数或类别", work=f"{made.work:,}", most=f"{MOST_WORK:,}")
            raise ValidationError(said, "replications")
        return made


class RegisterIn(Schema):
    """Where the classes are read from: a region of the register, or a draw that was made before."""

    region_code = Text(load_default="", longest=12)
    stratify_by = Text(load_default="credit_class", validate=one_of("credit_class", "food_risk_grade", "none"))
    since = Day(load_default=None)
    draw = Number(load_default=None, least=1)


class PointOut(Schema):
    draw = fields.Integer()
    formula = ExactDecimal(allow_none=True, metadata={"description": "未查户数的期望；没有公式时为空"})
    side = fields.String(metadata={"description": "exact 精确，at_least 下限"})
    mean = ExactDecimal(metadata={"description": "模拟平均"})
    low = ExactDecimal(allow_none=True, metadata={"description": "模拟误差的 95% 区间；每次重复都相同时为空"})
    high = ExactDecimal(allow_none=True)
    all_formula = ExactDecimal(allow_none=True, metadata={"description": "全部查到的概率"})
    all_side = fields.String()
    all_share = ExactDecimal()
    all_low = ExactDecimal()
    all_high = ExactDecimal()


class CourseOut(Schema):
    to_share = fields.Integer(allow_none=True, metadata={"description": "约需多少次，95% 的户至少被查一次"})
    left_then = ExactDecimal(allow_none=True)
    to_all = fields.Integer(allow_none=True, metadata={"description": "全部查到所需次数：95% 的把握，或 certain 为真时必定"})
    certain = fields.Boolean()
    points = fields.List(fields.Nested(PointOut))


class KindOut(Schema):
    name = fields.String()
    population = fields.Integer()
    visited = fields.Integer()
    n = fields.Integer()
    left = ExactDecimal()
    left_quota = ExactDecimal(allow_none=True)
    smallest = fields.Integer()
    smallest_quota = fields.Integer(allow_none=True)


class AnswerOut(Schema):
    seed = fields.Integer()
    replications = fields.Integer()
    numpy = fields.String()
    kinds = fields.List(fields.Nested(KindOut))
    plain = fields.Nested(CourseOut)
    quota = fields.Nested(CourseOut, allow_none=True)
    sentences = fields.List(fields.String())


def of(answer: Answer, sentences: list[str]) -> dict[str, Any]:
    """The answer as the API gives it."""
    asked = answer.programme
    return {
        "seed": asked.seed, "replications": asked.replications, "numpy": answer.version, "plain": _course(answer.plain),
        "quota": _course(answer.quota) if answer.quota else None, "sentences": sentences,
        "kinds": [
            {
                "name": row.kind.name, "population": row.kind.population, "visited": row.kind.visited, "n": row.kind.n, "left": _exact(row.left),
                "left_quota": _exact(row.left_quota), "smallest": row.smallest, "smallest_quota": row.smallest_quota,
            }
            for row in answer.kinds
        ],
    }  # fmt: skip


def _course(course: Course) -> dict[str, Any]:
    numbers = ("formula", "mean", "low", "high", "all_formula", "all_share", "all_low", "all_high")
    return {
        "to_share": course.to_share, "left_then": _exact(course.left_then), "to_all": course.to_all, "certain": course.certain,
        "points": [
            {"draw": t, "side": point.side, "all_side": point.all_side, **{name: _exact(getattr(point, name)) for name in numbers}}
            for t, point in enumerate(course.points)
        ],
    }  # fmt: skip


def _exact(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.00000001"))

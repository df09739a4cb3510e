"""The figures of a draw as the API gives them: shares as exact texts, no number where there is none, the reason in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from marshmallow import fields

from inspection.indicators.drawn import facts as counted
from inspection.indicators.drawn import tables, teams, wording
from inspection.indicators.drawn.facts import MEASURES, Facts
from inspection.indicators.drawn.league import League
from inspection.indicators.drawn.rates import METHOD, Figure, Rates
from inspection.indicators.drawn.reading import Names
from inspection.schema_base import ExactDecimal, Schema


class DrawnQuery(Schema):
    together = fields.Boolean(load_default=False, metadata={"description": "连同已公布的补充抽取一起估计；对象是首次抽取的底册"})


class FigureOut(Schema):
    name = fields.String()
    label = fields.String()
    failed = fields.Integer()
    inspected = fields.Integer()
    raw = ExactDecimal(allow_none=True)
    weighted = ExactDecimal(allow_none=True)
    se = ExactDecimal(allow_none=True)
    low = ExactDecimal(allow_none=True)
    high = ExactDecimal(allow_none=True)
    reason = fields.String(metadata={"description": "为什么没有加权率或区间，空表示有"})
    strata = fields.List(fields.String())
    flags = fields.List(fields.String())


class OrderOut(Schema):
    higher = fields.String()
    lower = fields.String()
    p = ExactDecimal()


class LeagueOut(Schema):
    figures = fields.List(fields.Nested(FigureOut))
    ordered = fields.List(fields.Nested(OrderOut))
    unordered = fields.List(fields.List(fields.String()))
    not_compared = fields.List(fields.String())
    overall = ExactDecimal(allow_none=True, metadata={"description": "漏斗的中心：全体加权率"})
    positions = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "within，above95，above998，below95，below998"})


class MeasureOut(Schema):
    measure = fields.String()
    label = fields.String()
    method = fields.String()
    total = fields.Nested(FigureOut)
    differ = fields.String()
    undetermined = fields.Integer()
    strata = fields.List(fields.Nested(FigureOut))
    areas = fields.Nested(LeagueOut)
    departments = fields.Nested(LeagueOut)


class ResponseOut(Schema):
    selected = fields.Integer()
    done = fields.Integer()
    missed = fields.Integer()
    open = fields.Integer()
    called = fields.Integer()
    called_done = fields.Integer()
    called_open = fields.Integer()
    inspected = fields.Integer()
    rate = ExactDecimal(allow_none=True, metadata={"description": "抽中户全部办结后的应答率；还有未办结的为空"})
    least = ExactDecimal(allow_none=True)
    most = ExactDecimal(allow_none=True)
    final = fields.Boolean()


class OutcomeOut(Schema):
    code = fields.String()
    label = fields.String()
    selected = fields.Integer()
    called = fields.Integer()


class LoadOut(Schema):
    code = fields.String()
    department = fields.String()
    carried = fields.Integer()
    drawn = fields.Integer()
    done = fields.Integer()


class PairOut(Schema):
    one = fields.String()
    other = fields.String()
    times = fields.Integer()


class AvoidedOut(Schema):
    frozen = fields.Integer()
    touching = fields.Integer()
    inspectors = fields.Integer()
    units = fields.Integer()
    breaches = fields.Integer()


class TermOut(Schema):
    number = fields.String()
    formed_on = fields.Date()
    published_on = fields.Date(allow_none=True)
    publish_by = fields.Date(allow_none=True)
    days = fields.Integer()
    late = fields.Boolean()
    announced = fields.Boolean()


class DrawnOut(Schema):
    draw = fields.String()
    draws = fields.List(fields.String(), metadata={"description": "一起计入的各次抽取；只有一次时为空"})
    outside = fields.Integer(metadata={"description": "补充抽取中不在首次底册内的户：有结局，不计入率"})
    population = fields.Integer()
    response = fields.Nested(ResponseOut)
    outcomes = fields.List(fields.Nested(OutcomeOut))
    measures = fields.List(fields.Nested(MeasureOut))
    workload = fields.List(fields.Nested(LoadOut))
    pairs = fields.List(fields.Nested(PairOut))
    conflicts = fields.Nested(AvoidedOut)
    terms = fields.List(fields.Nested(TermOut))


def of(number: str, found: Facts, names: Names, words: Mapping[str, str]) -> dict[str, Any]:
    """All figures of a draw."""
    kept = teams.avoided(found)
    return {
        "draw": number, "draws": found.draws, "outside": len(found.outside), "population": found.population, "response": _response(found),
        "outcomes": [{"code": c, "label": words.get(c, c), "selected": n, "called": called} for c, n, called in counted.outcomes(found.units)],
        "measures": [_measure(found, names, measure) for measure in MEASURES],
        "workload": teams.loads(found), "pairs": [{"one": a, "other": b, "times": n} for a, b, n in teams.pairs(found).met],
        "conflicts": {**asdict(kept), "breaches": len(kept.breaches)}, "terms": found.terms,
    }  # fmt: skip


def _response(found: Facts) -> dict[str, Any]:
    answered = counted.response(found.units)
    least, most = (_share(n / answered.selected) if answered.selected else None for n in answered.bounds)
    return {
        **asdict(answered), "inspected": answered.inspected, "final": answered.waiting == 0, "least": least, "most": most,
        "rate": None if answered.open else least,
    }  # fmt: skip


def _measure(found: Facts, names: Names, measure: str) -> dict[str, Any]:
    rates = Rates(found, measure)
    return {
        "measure": measure, "label": wording.MEASURE_LABELS[measure], "method": METHOD, "total": _figure(rates.total), "differ": wording.sentence(found, rates),
        "undetermined": rates.undetermined, "strata": [_figure(figure) for figure in rates.by_stratum],
        "areas": _league(tables.areas(found, measure), names.areas), "departments": _league(tables.departments(found, measure), names.departments),
    }  # fmt: skip


def _league(compared: League, words: Mapping[str, str]) -> dict[str, Any]:
    return {
        "figures": [_figure(figure, words) for figure in compared.figures], "ordered": [{**asdict(o), "p": _share(o.p)} for o in compared.ordered],
        "unordered": compared.unordered, "not_compared": compared.left_out, "overall": _share(compared.overall), "positions": compared.positions,
    }  # fmt: skip


def _figure(figure: Figure, words: Mapping[str, str] | None = None) -> dict[str, Any]:
    rate, limits = figure.rate, figure.limits or (None, None)
    return {
        "name": figure.name, "label": (words or {}).get(figure.name, figure.name), "failed": figure.failed, "inspected": figure.n,
        "raw": _share(figure.raw), "weighted": _share(rate.value if rate else None), "se": _share(rate.se if rate else None),
        "low": _share(limits[0]), "high": _share(limits[1]), "reason": wording.why(figure), "strata": figure.strata, "flags": figure.flags,
    }  # fmt: skip


def _share(value: float | None) -> Decimal | None:
    """A share with eight decimals, as a text of digits."""
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.00000001"))

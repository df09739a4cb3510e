"""The coverage planner on screen: numbers typed or read, the answer below; an address that can be passed on, nothing stored."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from marshmallow import ValidationError
from sqlalchemy import select

from inspection import web
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.draws.coverage import picture, reading, wording
from inspection.draws.coverage.reckoning import Answer, Course, reckon
from inspection.draws.coverage.schemas import ProgrammeIn, RegisterIn
from inspection.errors import Invalid
from inspection.forms import Query
from inspection.i18n import N_, _, show_percent
from inspection.listing import download
from inspection.registers.models import Region
from inspection.web import reading as snapshot

bp = Blueprint("coverage", __name__, url_prefix="/draws/coverage")
PROPOSED = {"draws": 10, "per_year": 2, "fresh_percent": 50, "again_percent": 0, "last": 0, "seed": 1, "replications": 1000}
EXAMPLE = "A 7200 2/100\nB 3600 6/100\nC 900 16/100\nD 300 32/100"
HEAD = (N_("第几次之后"), N_("年"), N_("未查户数（公式）"), N_("未查户数（模拟，95% 误差）"), N_("全部查到的机会（公式）"), N_("全部查到（模拟，95% 误差）"))
QUOTA_HEAD = (N_("留份额：未查户数（公式）"), N_("留份额：未查户数（模拟，95% 误差）"), N_("留份额：全部查到（模拟，95% 误差）"))


@bp.get("")
@requires(P.DRAW_READ)
def index() -> tuple[str, int] | Response:
    form, answer = Query(ProgrammeIn(), PROPOSED | _read()), None
    with form.trying():
        if form.values.get("kinds"):
            answer = reckon(form.data())
    if not form.values.get("kinds"):
        form.values["kinds"] = EXAMPLE if not request.args else ""
    if answer and request.args.get("export") == "csv":
        return _file(answer)
    return form.render("draws/coverage.html", answer=answer, **_shown(answer), **_choices())


def _read() -> dict[str, Any]:
    """Classes that were asked for from the register or from a draw; nothing when they were typed."""
    if request.args.get("kinds", "").strip():
        return {}
    names = RegisterIn().fields
    try:
        asked = RegisterIn().load({name: text for name, text in request.args.items() if name in names and text.strip()})
    except ValidationError as error:
        raise Invalid("bad-register", "读取名录的条件有误，请改正后再读取。", fields=web.flat(error.messages)) from None
    with snapshot() as session:
        if asked["draw"]:
            return {"kinds": reading.lines_of_draw(session, asked["draw"])}
        if "region_code" in request.args:
            return {"kinds": reading.lines_of_register(session, asked["region_code"], asked["stratify_by"], asked["since"])}
    return {}


def _choices() -> dict[str, Any]:
    with snapshot() as session:
        places = session.execute(select(Region.code, Region.name).where(Region.level != "township").order_by(Region.code)).all()
    query = urlencode({name: text for name, text in request.args.items() if name != "export"})
    return {"places": [tuple(row) for row in places], "asked": request.args, "query": query, "nobody": "region_code" in request.args and not request.args.get("kinds")}


def _shown(answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {}
    head, rows = table(answer)
    label = _("没有查过的户占全部户数的比例，按抽取次数；数字见下表")
    return {"said": wording.sentences(answer), "head": head, "rows": rows, "chart": picture.svg(answer, label, _("抽取次数")), "count": wording.count}


def table(answer: Answer) -> tuple[list[str], list[list[str]]]:
    """Everything that the drawing shows, one line per draw."""
    head = [_(label) for label in (HEAD if not answer.quota else HEAD + QUOTA_HEAD)]
    quota: Course | None = answer.quota
    rows = []
    for t, point in enumerate(answer.plain.points):
        odds = wording.chance(point.all_formula, point.all_side)
        row = [str(t), wording.years(t, answer.programme), wording.formula(point), wording.mean(point), odds, wording.share(point)]
        if quota:
            kept = quota.points[t]
            row += [wording.formula(kept), wording.mean(kept), wording.share(kept)]
        rows.append(row)
    return head, rows


def _file(answer: Answer) -> Response:
    from reports import tables

    asked, (head, rows) = answer.programme, table(answer)
    source = [f"{kind.name} {kind.population} {kind.rate[0]}/{kind.rate[1]} {kind.visited}" for kind in asked.kinds]
    shares = f"{show_percent(asked.fresh_percent / 100)} / {show_percent(asked.again_percent / 100)} / {asked.last}"
    notes = [[_("类别"), "；".join(source)], [_("补查份额 / 回头看份额 / 近几次"), shares], [_("种子"), f"{asked.seed}"], [_("重复次数"), f"{asked.replications}"]]
    return download(tables.to_csv(head, [*rows, *([*note, *[""] * (len(head) - 2)] for note in notes)]), _("覆盖测算") + ".csv", "text/csv; charset=utf-8")

"""The figures of a draw on screen, and each of its tables as a file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request

from inspection import clock
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.draws.models import Draw
from inspection.draws.rules import STATES
from inspection.i18n import N_, _, show_moment
from inspection.indicators.drawn import facts as counted
from inspection.indicators.drawn import reading as read
from inspection.indicators.drawn import tables, wording
from inspection.indicators.drawn.facts import MEASURES, Facts
from inspection.indicators.drawn.opening import found_in
from inspection.indicators.drawn.rates import Rates
from inspection.listing import Column, download, exported, listing
from inspection.rulebook import service as rulebook
from inspection.web import actor, reading

bp = Blueprint("drawn", __name__, url_prefix="/indicators/draws")
PUBLISH = "deadline.visit.publish"
SHOWN = {"pairs": 20, "terms": 50, "units": 50}  # lines on the page; the export holds all
COLUMNS = (
    Column("number", N_("编号"), lambda d: d.number, Draw.number),
    Column("title", N_("名称"), lambda d: d.title, Draw.title),
    Column("state", N_("状态"), lambda d: _(STATES[d.state]), Draw.state),
    Column("published", N_("公布"), lambda d: show_moment(d.published_at), Draw.published_at),
)


def _response(answered: dict[int, counted.Response]) -> list[Column]:
    """The columns on the response of a draw, filled in for the draws of the page."""

    def waiting(draw: Draw) -> str:
        return _("暂定，未办结 %(n)s 户", n=answered[draw.id].waiting) if answered[draw.id].waiting else _("全部办结")

    return [
        Column("selected", N_("抽中"), lambda draw: answered[draw.id].selected, numeric=True),
        Column("response", N_("应答率"), lambda draw: answered[draw.id].text, numeric=True),
        Column("open", N_("结局"), waiting),
    ]  # fmt: skip


@bp.get("")
@requires(P.INDICATOR_READ)
def index() -> str | Response:
    with reading() as session:
        answered: dict[int, counted.Response] = {}
        listed = listing(session, read.listing(actor()), [*COLUMNS, *_response(answered)], search=[Draw.number, Draw.title], default="-number", tie=Draw.id)
        answered |= read.responses(session, [draw.id for draw in listed.rows])
        return exported(listed, _("抽取统计")) or render_template("indicators/draws.html", listed=listed)


@bp.get("/<int:draw_id>")
@requires(P.INDICATOR_READ)
def show(draw_id: int) -> str:
    measure = _measure()
    draw, found, names, words, kin = found_in(draw_id, together=_together())
    with reading() as session:
        limit = rulebook.number(session, PUBLISH, clock.today())
    sheets = {key: tables.sheet(key, found, names, words, measure) for key in tables.KEYS}
    return render_template(
        "indicators/draw.html", draw=draw, found=found, sheets=sheets, shown=SHOWN, measure=measure, measures=wording.MEASURE_LABELS,
        note=wording.MEASURE_NOTES[measure], limit=limit, response=counted.response(found.units), family=kin, together=1 if found.draws else None, summary=wording.term_summary(found),
        **_sentences(found, names, measure),
    )  # fmt: skip


@bp.get("/<int:draw_id>/<any(rates,response,strata,areas,departments,outcomes,workload,pairs,spread,conflicts,terms,units):table>.<any(csv,xlsx):suffix>")
@requires(P.INDICATOR_READ)
def export(draw_id: int, table: str, suffix: str) -> Response:
    """One table, all lines, as a file."""
    from reports import tables as files

    measure = _measure()
    draw, found, names, words, _kin = found_in(draw_id, together=_together())
    sheet = tables.sheet(table, found, names, words, measure)
    number = "+".join(found.draws) or draw.number
    head, name = [_(label) for label in sheet.head], f"{number}-{_(sheet.title)}"
    if table in tables.BY_MEASURE:
        name += f"-{_(wording.MEASURE_LABELS[measure])}"
    if suffix == "csv":
        return download(files.to_csv(head, sheet.rows), f"{name}.csv", "text/csv; charset=utf-8")
    data = files.to_xlsx([(_(sheet.title)[:31], head, sheet.rows)])
    return download(data, f"{name}.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def _together() -> bool:
    """Whether the supplements are to be counted with the draw."""
    return request.args.get("together", "") == "1"


def _measure() -> str:
    asked = request.args.get("measure", "")
    return asked if asked in MEASURES else MEASURES[0]


def _sentences(found: Facts, names: read.Names, measure: str) -> dict[str, Any]:
    """What stands in words beside the tables."""
    rates = Rates(found, measure)
    return {
        "differ": wording.sentence(found, rates), "undetermined": rates.undetermined, "why": wording.why(rates.total) if rates.gap[1] else "",
        "low": wording.low_response(found),
        "said": {
            "areas": wording.statements(tables.areas(found, measure), names.areas),
            "departments": wording.statements(tables.departments(found, measure), names.departments),
        },
    }  # fmt: skip

"""The frame on screen: looked at before it is kept, its units listed by reason, saved under a name and used again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from inspection import clock
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.draws import planner, rules, service, strata
from inspection.draws.frame_list import ELSEWHERE, named, word_of
from inspection.draws.models import Draw, FrameScheme
from inspection.draws.schemas import ConfigurationIn, SchemeIn
from inspection.errors import Invalid
from inspection.forms import Form
from inspection.i18n import N_, _, coded, show_moment
from inspection.listing import Column, Listing, exported, listing, paged
from inspection.registers.entries import OBJECT_KINDS, STATES
from inspection.registers.models import Enterprise, Region
from inspection.rulebook import service as rulebook
from inspection.web import actor, reading, wanted_version, writing

bp = Blueprint("frames", __name__, url_prefix="/draws")


def _words(session: Session) -> dict[str, str]:
    return coded(rulebook.codes(session, "draw.exclusion", clock.today()))


@bp.post("/preview")
@requires(P.DRAW_PREPARE)
def preview() -> tuple[str, int]:
    """The form again, with the counts that a freeze would give now."""
    given = request.args.get("draw", "")
    draw_id = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    form, shown = Form(ConfigurationIn()), {}
    with reading() as session:
        draw = service.get(session, draw_id) if draw_id else None
    with form.trying():
        asked = form.data()
        with writing() as session:
            counts = service.look(session, actor(), asked, draw_id)
            shown = {"counts": counts, "named": service.strata_words(session, counts.eligible), "words": _words(session), "kinds_words": OBJECT_KINDS}
    return planner.show(form, draw=draw, version=request.form.get("version", ""), **shown)


# --- the units, one by one --------------------------------------------------------------------------------------------


def _columns(session: Session, words: dict[str, str], live: bool, stratum: Any) -> tuple[Column, ...]:
    places = dict(session.execute(select(Region.code, Region.name)).all())
    sorts = (Enterprise.code, Enterprise.name, Enterprise.region_code) if live else (None, None, None)
    found = (
        Column("code", N_("代码"), lambda r: r.code, sorts[0]),
        Column("name", N_("名称"), lambda r: r.name, sorts[1]),
        Column("region", N_("行政区划"), lambda r: f"{places.get(r.region_code, '')} {r.region_code}".strip(), sorts[2]),
        Column("stratum", N_("层"), stratum),
        Column("reason", N_("理由"), lambda r: _("保留") if r.status == "ok" else f"{words.get(r.status, r.status)}（{r.status}）"),
    )
    if not live:
        return found
    return (*found, Column("own", N_("最近的往绩"), lambda r: r.own), Column("outside", N_("最近的外部检查"), lambda r: r.outside))


@bp.get("/<int:draw_id>/frame")
@requires(P.DRAW_READ)
def units(draw_id: int) -> str | Response:
    """Units left out, each with its reason; those kept although drawn or visited elsewhere under their own heading."""
    status = request.args.get("status", "")
    if status not in ("", ELSEWHERE, rules.DRAWN, *rules.EXCLUSIONS):
        raise Invalid("bad-filter", "地址中的筛选条件不在可选值中。请从列表中选择。")
    with reading() as session:
        draw = service.get(session, draw_id)
        words = _words(session)
        listed = _live(session, draw, status, words) if draw.state == "configured" or not draw.files else _frozen(session, draw, status, words)
        if answer := exported(listed, _("%(number)s 排除名单", number=draw.number)):
            return answer
        shown = {code: words.get(code, code) for code in (rules.DRAWN, *rules.EXCLUSIONS)} | {ELSEWHERE: _("已被抽中、检查但保留")}
        return render_template("draws/units.html", draw=draw, listed=listed, words=shown)


def _live(session: Session, draw: Draw, status: str, words: dict[str, str]) -> Listing:
    query, asked = service.live_units(session, service.configuration_of(draw), status)
    columns = _columns(session, words, True, lambda r: word_of(asked.stratum(r.raw)))
    return listing(session, query, columns, search=[Enterprise.code, Enterprise.name], default="code", tie=Enterprise.id)


def _frozen(session: Session, draw: Draw, status: str, words: dict[str, str]) -> Listing:
    rows = service.frozen_units(service.files_of(session, draw.id), status)

    return paged(session, rows, _columns(session, words, False, lambda row: word_of(row.stratum)), find=lambda cells: cells[0], shown=named)


# --- saved frames -----------------------------------------------------------------------------------------------------

COLUMNS = (
    Column("name", N_("名称"), lambda s: s.name, FrameScheme.name),
    Column("region", N_("区域"), lambda s: s.region_code, FrameScheme.region_code),
    Column("version", N_("版次"), lambda s: s.versions[0].version, numeric=True),
    Column("by", N_("保存人"), lambda s: s.versions[0].saved_by_name),
    Column("at", N_("保存时间"), lambda s: show_moment(s.versions[0].saved_at)),
    Column("retired", N_("状态"), lambda s: _("已停用") if s.retired_at else _("在用"), FrameScheme.retired_at),
)


@bp.get("/schemes")
@requires(P.DRAW_READ)
def schemes() -> str | Response:
    with reading() as session:
        query = service.schemes(retired=request.args.get("all") == "1")
        listed = listing(session, query, COLUMNS, search=[FrameScheme.name], default="name", tie=FrameScheme.id)
        return exported(listed, _("底册方案")) or render_template("draws/schemes.html", listed=listed)


@bp.get("/schemes/<int:scheme_id>")
@requires(P.DRAW_READ)
def scheme(scheme_id: int) -> str:
    with reading() as session:
        row = service.scheme(session, scheme_id)
        words = {"kinds": OBJECT_KINDS, "states": STATES, "exclusions": _words(session)}
        return render_template("draws/scheme.html", row=row, filters=rules.FILTERS, by=strata.BY, label_of=word_of, words=words)


@bp.post("/<int:draw_id>/scheme")
@requires(P.DRAW_PREPARE)
def save(draw_id: int) -> BaseResponse:
    name = Form(SchemeIn()).data()["name"]
    with writing() as session:
        made = service.save(session, actor(), draw_id, name=name)
    flash(_("已存为底册方案“%(name)s”第 %(n)s 版。", name=name, n=made.version), "success")
    return redirect(url_for("frames.scheme", scheme_id=made.scheme_id), 303)


@bp.post("/schemes/<int:scheme_id>/retire")
@requires(P.DRAW_PREPARE)
def retire(scheme_id: int) -> BaseResponse:
    with writing() as session:
        row = service.retire(session, actor(), scheme_id, version=wanted_version())
    flash(_("底册方案“%(name)s”已停用。", name=row.name), "info")
    return redirect(url_for("frames.schemes"), 303)

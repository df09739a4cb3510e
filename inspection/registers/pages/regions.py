"""Pages of 行政区划 and 人口."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inspection import clock, home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.forms import Form
from inspection.i18n import N_, _, choices
from inspection.listing import Column, exported, listing
from inspection.registers import entries, rules, service
from inspection.registers.models import Enterprise, Population, Region
from inspection.registers.pages.blueprint import bp, yes_no
from inspection.registers.schemas import PopulationIn, RegionIn
from inspection.scope import region_prefix
from inspection.web import actor, reading, writing

COLUMNS = (
    Column("code", N_("行政区划代码"), lambda r: r.code, Region.code),
    Column("name", N_("名称"), lambda r: r.name, Region.name),
    Column("level", N_("级别"), lambda r: _(entries.LEVELS[r.level]), Region.level),
    Column("parent", N_("上级代码"), lambda r: r.parent_code, Region.parent_code),
)


@home.tasks
def unverified(session: Session, who: Actor) -> list[home.Task]:
    """Population figures whose source nobody has checked yet: quotas are computed from them."""
    if not who.can(P.REGISTER_WRITE):
        return []
    count = session.scalar(select(func.count()).select_from(Population).where(Population.verified.is_(False))) or 0
    return [home.Task(N_("人口数的来源待核实"), count, url_for("registers.regions"))]


@bp.get("/regions")
@requires(P.REGISTER_READ)
def regions() -> str | Response | tuple[str, int]:
    return _show(request.args.get("under") or None, Form(PopulationIn(), {"year": clock.today().year, "verified": "true"}))


def _show(under: str | None, form: Form) -> str | Response | tuple[str, int]:
    with reading() as session:
        here = service.region(session, under) if under else None
        searching = bool(request.args.get("q"))
        query = select(Region) if searching else select(Region).where(Region.parent_code == under if under else Region.parent_code.is_(None))
        listed = listing(session, query, COLUMNS, search=[Region.code, Region.name], default="code", tie=Region.code)
        if answer := exported(listed, _("行政区划")):
            return answer
        return form.render(
            "registers/regions.html", here=here, path=_path(session, here), listed=listed, populations=_figures(session, here),
            kinds=choices(entries.POPULATION_KINDS), words=entries.POPULATION_KINDS, levels=entries.LEVELS, yes_no=yes_no(),
            firms=_firms(session, here),
        )  # fmt: skip


def _path(session: Session, here: Region | None) -> list[Region]:
    """The places above one, the largest first."""
    above = [session.get(Region, code) for code in reversed(rules.ancestors(here.code))] if here else []
    return [place for place in above if place is not None]


def _figures(session: Session, here: Region | None) -> list[tuple[int, str, int, str, bool]]:
    """The figures of a place, and for years of its parts the sums that are complete."""
    if here is None:
        return []
    own = [(row.year, row.kind, row.people, row.source, row.verified) for row in service.populations(session, here.code)]
    there = {(year, kind) for year, kind, *_rest in own}
    parts = {(row.year, row.kind) for child in service.children(session, here.code) for row in service.populations(session, child.code)}
    for year, kind in sorted(parts - there, reverse=True):
        total = service.population_of(session, here.code, year, kind)
        if total is not None:
            own.append((year, kind, total, _("下级合计"), True))
    return sorted(own, reverse=True)


def _firms(session: Session, here: Region | None) -> int | None:
    if here is None:
        return None
    query = select(func.count(Enterprise.id)).where(Enterprise.region_code.startswith(region_prefix(here.code)))
    return session.scalar(query.where(Enterprise.merged_into_id.is_(None)))


@bp.route("/regions/new", methods=["GET", "POST"])
@requires(P.REGISTER_WRITE)
def new_region() -> Response | tuple[str, int]:
    form = Form(RegionIn(), {"parent_code": request.args.get("under", "")})
    if form.posted:
        with form.trying():
            with writing() as session:
                row = service.create_region(session, actor(), **form.data())
            flash(_("行政区划已登记。"), "success")
            return redirect(url_for("registers.regions", under=row.code), 303)
    return form.render("registers/region_new.html")


@bp.post("/regions/<region_code>/population")
@requires(P.REGISTER_WRITE)
def set_population(region_code: str) -> str | Response | tuple[str, int]:
    form = Form(PopulationIn())
    with form.trying():
        given = form.data()
        with writing() as session:
            service.set_population(session, actor(), region_code=region_code, **given)
        flash(_("人口已保存。"), "success")
        return redirect(url_for("registers.regions", under=region_code), 303)
    return _show(region_code, form)

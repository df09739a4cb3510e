"""The frame of a draw as JSON: counted, its units one by one, saved under a name."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy.orm import Session

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.draws import rules, service, strata, words
from inspection.draws.frame_list import named
from inspection.draws.models import Draw, FrameScheme, FrameSchemeVersion
from inspection.draws.schemas import (
    ConfigurationIn,
    FrameOut,
    SchemeIn,
    SchemeOut,
    UnitsIn,
    UnitsOut,
    WordsIn,
    WordsOut,
)
from inspection.registers.models import Enterprise
from inspection.web import ApiBlueprint, actor, reading, wanted_version, writing

bp = ApiBlueprint("frames_api", __name__, url_prefix="/api/v1/draws", description="抽取底册和底册方案")


@bp.post("/preview")
@requires(P.DRAW_PREPARE)
@bp.arguments(ConfigurationIn)
@bp.response(200, FrameOut)
def preview(given: rules.Configuration) -> dict[str, Any]:
    """What a freeze of this configuration would give now; nothing is kept but that somebody looked."""
    with writing() as session:
        return _counted(service.look(session, actor(), given))


@bp.get("/<int:draw_id>/frame")
@requires(P.DRAW_READ)
@bp.response(200, FrameOut)
def show(draw_id: int) -> dict[str, Any]:
    """The frame of a draw: from the registers until it is frozen, then from its frozen files."""
    with reading() as session:
        draw = service.get(session, draw_id)
        return _frozen(session, draw) if draw.files else _counted(service.preview(session, draw))


@bp.get("/<int:draw_id>/frame/units")
@requires(P.DRAW_READ)
@bp.arguments(UnitsIn, location="query")
@bp.response(200, UnitsOut)
def units(asked: dict[str, Any], draw_id: int) -> dict[str, Any]:
    """Units left out, by code, each with its reason; `status` narrows to one reason, ELSEWHERE gives the duplicates that are kept."""
    with reading() as session:
        draw = service.get(session, draw_id)
        after, limit = asked["after"], asked["limit"]
        if draw.files:
            rows = [cells for cells in service.frozen_units(service.files_of(session, draw_id), asked["status"]) if cells[0] > after]
            found = [_unit(row.code, row.name, row.stratum, row.status) for row in named(session, rows[:limit])]
            return {"units": found, "next": found[-1]["code"] if len(rows) > limit else None}
        query, candidates = service.live_units(session, service.configuration_of(draw), asked["status"])
        live = session.execute(query.where(Enterprise.code > after).order_by(Enterprise.code).limit(limit + 1)).all()
        found = [_unit(r.code, r.name, candidates.stratum(r.raw), r.status, r.own or "", r.outside or "") for r in live[:limit]]
        return {"units": found, "next": found[-1]["code"] if len(live) > limit else None}


@bp.get("/words")
@requires(P.DRAW_PREPARE)
@bp.arguments(WordsIn, location="query")
@bp.response(200, WordsOut)
def registered(asked: dict[str, Any]) -> dict[str, Any]:
    """Tags, kinds of licences or industries that the register holds, in order, those with `find` in them; a part at a time."""
    with reading() as session:
        found = words.offer(session, **asked)
        return {"words": found.words, "total": found.total, "next": found.words[-1] if len(found.words) == words.SHOWN else None}


def _unit(code: str, name: str, stratum: str, status: str, own: str = "", outside: str = "") -> dict[str, Any]:
    return {"code": code, "name": name, "stratum": stratum, "status": status, "own": own, "outside": outside}


def _counted(found: rules.FrameCounts) -> dict[str, Any]:
    rows = [
        {"name": name, "label": strata.label_of(name), "population": s.population, "n": s.n, "reserve": s.reserve, "probability": f"{s.n}/{s.population}"}
        for name, s in found.strata.items()
    ]
    return {
        "total": found.total, "strata": rows, "excluded": found.excluded, "missing_rates": list(found.missing_rates), "too_large": list(found.too_large),
        "elsewhere": found.elsewhere, "inspectors": found.inspectors, "conflicts": found.conflicts, "kinds": found.kinds, "tags": found.tags, "frozen": False,
    }  # fmt: skip


def _frozen(session: Session, draw: Draw) -> dict[str, Any]:
    rows = service.strata(session, draw.id)
    excluded = sum((Counter(row["excluded"]) for row in rows), Counter[str]())
    return {
        "total": sum(row["population"] for row in rows) + excluded.total(), "excluded": dict(excluded), "frozen": True,
        "strata": [{key: value for key, value in row.items() if key != "excluded"} for row in rows],
    }  # fmt: skip


# --- saved frames -----------------------------------------------------------------------------------------------------


@bp.get("/schemes")
@requires(P.DRAW_READ)
@bp.response(200, SchemeOut(many=True))
def schemes() -> list[dict[str, Any]]:
    """Saved frames with their newest version, those in use."""
    with reading() as session:
        return [_scheme(row, service.newest(row)) for row in session.scalars(service.schemes().order_by(FrameScheme.name))]


@bp.get("/schemes/<int:scheme_id>")
@requires(P.DRAW_READ)
@bp.response(200, SchemeOut(many=True))
def scheme(scheme_id: int) -> list[dict[str, Any]]:
    """Every version of a saved frame, the newest first."""
    with reading() as session:
        row = service.scheme(session, scheme_id)
        return [_scheme(row, version) for version in row.versions]


@bp.post("/<int:draw_id>/scheme")
@requires(P.DRAW_PREPARE)
@bp.arguments(SchemeIn)
@bp.response(201, SchemeOut)
def save(given: dict[str, Any], draw_id: int) -> dict[str, Any]:
    """Save the frame of a draw under a name: a new one, or the next version of the one that has it."""
    with writing() as session:
        made = service.save(session, actor(), draw_id, name=given["name"])
        return _scheme(service.scheme(session, made.scheme_id), made)


@bp.post("/schemes/<int:scheme_id>/retire")
@requires(P.DRAW_PREPARE)
@bp.response(200, SchemeOut)
def retire(scheme_id: int) -> dict[str, Any]:
    """Offer a saved frame no more; its versions stay."""
    with writing() as session:
        row = service.retire(session, actor(), scheme_id, version=wanted_version())
        return _scheme(row, service.newest(row))


def _scheme(row: FrameScheme, version: FrameSchemeVersion) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "region_code": row.region_code, "number": version.version, "content": version.content,
        "saved_by": version.saved_by_name, "saved_at": version.saved_at, "retired_at": row.retired_at, "version": row.version_id,
    }  # fmt: skip

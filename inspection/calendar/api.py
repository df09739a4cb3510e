"""JSON routes of the calendar."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.calendar import service
from inspection.calendar.models import CalendarYear
from inspection.calendar.schemas import DeadlineIn, DeadlineOut, Wanted, YearIn, YearOut, YearsOut, counted, special_of
from inspection.errors import Invalid
from inspection.web import ApiBlueprint, actor, flat, reading, wanted_version, writing

bp = ApiBlueprint("calendar_api", __name__, url_prefix="/api/v1/calendar", description="工作日历 calendar")


def _out(session: Session, year: int, row: CalendarYear | None) -> dict[str, Any]:
    days = [{"day": day, "kind": kind, "name": name} for day, (kind, name) in service.arrangement(session, year).items()]
    head = {"year": year, "announced": row is not None, "source": row.source if row else "", "version": row.version_id if row else 0}
    return head | {"days": days}


@bp.get("/years")
@requires(P.RULEBOOK_READ)
@bp.response(200, YearsOut)
def years() -> dict[str, Any]:
    """已公布安排的年份."""
    with reading() as session:
        rows = service.years(session)
        return {"years": [{"year": r.year, "announced": True, "source": r.source, "version": r.version_id} for r in rows]}


@bp.get("/years/<int:year>")
@requires(P.RULEBOOK_READ)
@bp.response(200, YearOut)
def show(year: int) -> dict[str, Any]:
    """一年的放假和调休；未公布的年份 announced 为 false."""
    with reading() as session:
        return _out(session, year, session.get(CalendarYear, year))


@bp.put("/years/<int:year>")
@requires(P.RULEBOOK_WRITE)
@bp.arguments(YearIn)
@bp.response(200, YearOut)
def announce(given: dict[str, Any], year: int) -> dict[str, Any]:
    """整年录入或更正（If-Match：所见 version，未公布的年份为 0）."""
    try:
        special = special_of(given["days"])
    except ValidationError as error:
        raise Invalid("invalid", "有 %(count)s 个字段需要改正。", fields=flat(error.messages), count=1) from None
    with writing() as session:
        row = service.announce(session, actor(), year=year, source=given["source"], special=special, version=wanted_version())
        return _out(session, year, row)


@bp.get("/deadline")
@requires(P.RULEBOOK_READ)
@bp.arguments(DeadlineIn, location="query")
@bp.response(200, DeadlineOut)
def deadline(wanted: Wanted) -> dict[str, Any]:
    """推算期限的最后一日；涉及未公布的年份时带标注."""
    with reading() as session:
        return counted(service.calendar(session), wanted)

"""The coded words of a record 代码: outcomes, result categories, follow-up measures, by the list and version in force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.draws import service as draws
from inspection.errors import Invalid, Said
from inspection.i18n import coded, show_code
from inspection.rulebook import service as rulebook
from inspection.rulebook.models import Code
from inspection.visits import rules
from inspection.visits.models import Visit

LISTS = {"outcome": "visit.outcome", "results": "visit.result", "follow_up": "visit.follow_up"}
NAMES = {"outcome": "检查结局", "results": "检查结果类别", "follow_up": "后续处置"}


def codes(session: Session, field: str, on: date) -> list[Code]:
    """The words that may be chosen for a field on a day."""
    return rulebook.codes(session, LISTS[field], on)


def check(session: Session, entry: rules.VisitEntry) -> dict[str, str]:
    """Refuse words that the lists in force on the day of the visit do not hold; gives code → version of the results.

    Raises
    ------
    Invalid : with the field that holds an unknown code.
    """
    on = entry.visited_on or clock.today()
    given: dict[str, Sequence[str]] = {
        "outcome": [entry.outcome] if entry.outcome is not None else [],
        "results": entry.results,
        "follow_up": [entry.follow_up] if entry.follow_up else [],
    }
    versions: dict[str, str] = {}
    wrong: dict[str, list[str]] = {}
    for field, chosen in given.items():
        known = {row.code: row.version for row in codes(session, field, on)}
        if unknown := [code[:40] for code in chosen if code not in known]:
            wrong[field] = [Said("%(field)s的代码表中没有“%(codes)s”，请从列表中选择", field=NAMES[field], codes="、".join(unknown))]
        if field == "results":
            versions = {code: known[code] for code in chosen if code in known}
    if wrong:
        raise Invalid("unknown-code", "有 %(n)s 个代码不在代码表中。请从列表中选择。", fields=wrong, n=len(wrong))
    return versions


def outcomes(session: Session) -> dict[str, str]:
    """The outcomes of today's list by code, in the language of the page."""
    return coded(codes(session, "outcome", clock.today()))


def shown(session: Session, visit: Visit) -> dict[str, Any]:
    """Outcome, results and follow-up for a page, in its language; the results as rows of their list."""
    chosen = {"outcome": visit.outcome or "", "follow_up": visit.follow_up}
    rows = {field: _row(session, field, code, _day(visit)) for field, code in chosen.items()}
    return {field: show_code(row) if row else chosen[field] for field, row in rows.items()} | {"results": result_codes(session, visit)}


def swap_reasons(session: Session) -> list[Code]:
    """The reasons for which an inspector may be swapped today."""
    return rulebook.codes(session, draws.REASONS, clock.today())


def check_swap_reason(session: Session, reason: str) -> None:
    """Refuse a reason that the list in force does not hold."""
    if reason not in {row.code for row in swap_reasons(session)}:
        raise Invalid("unknown-code", "有 %(n)s 个代码不在代码表中。请从列表中选择。", fields={"reason": ["换人原因须从列表中选择"]}, n=1)


def outcome(session: Session, visit: Visit) -> str:
    """The outcome in words, "" while it is open."""
    return _label(session, "outcome", visit.outcome or "", _day(visit))


def follow_up(session: Session, visit: Visit) -> str:
    """The follow-up measure in words, "" while none is chosen."""
    return _label(session, "follow_up", visit.follow_up, _day(visit))


def results(session: Session, visit: Visit) -> list[str]:
    """The result categories in words, each by the version of the list it was chosen from."""
    return [row.label for row in result_codes(session, visit)]


def result_codes(session: Session, visit: Visit) -> list[Code]:
    """The result categories as rows of their list, in its order."""
    chosen = {(row.code, row.code_version) for row in visit.results}
    rows = session.scalars(select(Code).where(Code.list == LISTS["results"]).order_by(Code.version, Code.position))
    return [row for row in rows if (row.code, row.version) in chosen]


def _day(visit: Visit) -> date:
    return visit.visited_on or clock.today()


def _label(session: Session, field: str, code: str, on: date) -> str:
    row = _row(session, field, code, on)
    return row.label if row else code


def _row(session: Session, field: str, code: str, on: date) -> Code | None:
    return next((row for row in codes(session, field, on) if row.code == code), None)

"""The units of a frame one by one: left out by which reason, with what is known of them; from the register or from the frozen file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, literal, select
from sqlalchemy.orm import Session

from inspection.draws import rules, strata
from inspection.draws.candidates import Candidates, candidates
from inspection.history import Fact, told
from inspection.i18n import _
from inspection.registers.models import Enterprise, OutsideCheck, Region
from sampling import frame

ELSEWHERE = "ELSEWHERE"  # units kept although another department or level drew or visited them
MANY = 500  # codes asked for at a time


@dataclass(frozen=True, slots=True)
class Listed:
    """One unit of a frame as a page shows it."""

    code: str
    name: str
    region_code: str
    stratum: str
    status: str
    outside: str = ""  # the latest check by others
    own: str = ""  # the latest thing of the past


def live_units(session: Session, given: rules.Configuration, status: str = "") -> tuple[Select[Any], Candidates]:
    """Units of a configuration from the register: of one reason, kept ones, or all that are left out."""
    asked = candidates(session, given)
    wanted: dict[str, ColumnElement[bool]] = {"": asked.status != "ok", ELSEWHERE: (asked.status == "ok") & asked.elsewhere}
    query = asked.of(
        Enterprise.id, Enterprise.code, Enterprise.name, Enterprise.region_code, asked.raw.label("raw"), asked.status.label("status"),
        _latest_outside().label("outside"), _latest_fact().label("own"),
    )  # fmt: skip
    return query.where(wanted.get(status, asked.status == status)), asked


def _latest_outside() -> ColumnElement[str]:
    day = cast(OutsideCheck.on, String)
    text = day + literal(" ") + OutsideCheck.authority + literal(" ") + OutsideCheck.item_code + OutsideCheck.product_code
    query = select(text).where(OutsideCheck.enterprise_id == Enterprise.id).order_by(OutsideCheck.on.desc(), OutsideCheck.id.desc())
    return query.limit(1).correlate(Enterprise).scalar_subquery()


def _latest_fact() -> ColumnElement[str]:
    text = cast(Fact.on, String) + literal(" ") + Fact.reference
    query = select(text).where(Fact.subject == Enterprise.code, told()).order_by(Fact.on.desc(), Fact.id.desc())
    return query.limit(1).correlate(Enterprise).scalar_subquery()


def frozen_units(files: dict[str, bytes], status: str = "") -> list[list[str]]:
    """Rows of a frozen `frame.tsv`: of one reason, or all that are left out."""
    return [cells for cells in frame.rows(files["frame.tsv"]) if cells[3] == status or (not status and cells[3] != "ok")]


def named(session: Session, rows: Sequence[list[str]]) -> list[Listed]:
    """Rows of a frozen frame with the names that the register has now."""
    found: list[Listed] = []
    for start in range(0, len(rows), MANY):
        part = rows[start : start + MANY]
        query = select(Enterprise.code, Enterprise.name).where(Enterprise.code.in_([cells[0] for cells in part])).execution_options(unscoped=True)
        names = dict(session.execute(query).all())
        found += [Listed(cells[0], names.get(cells[0], ""), cells[4], cells[1], cells[3]) for cells in part]
    return found


def word_of(stratum: str) -> str:
    """A stratum in the language of the page."""
    return _(strata.LABELS[stratum]) if stratum in strata.LABELS else strata.label_of(stratum)


def public_words(session: Session, names: Iterable[str]) -> dict[str, str]:
    """Strata as they are made public, places with their names; in Chinese, whatever the language of who publishes."""
    wanted = list(names)
    places = dict(session.execute(select(Region.code, Region.name).where(Region.code.in_(wanted))).all())
    return {name: f"{places[name]}（{name}）" if name in places else strata.label_of(name) for name in wanted}


def with_places(session: Session, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Strata for the public with these words."""
    words = public_words(session, [row["name"] for row in found])
    return [{**row, "label": words[row["name"]]} for row in found]


def strata_words(session: Session, names: Iterable[str]) -> dict[str, str]:
    """Strata as people read them, in the language of the page."""
    return {name: word_of(name) if name in strata.LABELS else word for name, word in public_words(session, names).items()}

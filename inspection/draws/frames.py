"""From the registers to the frame 底册: which units, inspectors and conflicts go into a draw."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import clock, history
from inspection.draws import rules, supplements
from inspection.errors import Refused
from inspection.registers.models import CheckItem, ConflictOfInterest, Enterprise, EnterpriseTag, Inspector
from inspection.rulebook import service as rulebook
from inspection.rulebook.rules import in_force
from inspection.scope import overlaps, region_prefix
from sampling import frame as tables

OPEN_CASE_TAG = "立案"


def needs_of(session: Session, item_codes: tuple[str, ...]) -> tuple[str, ...]:
    """Skills that the chosen items ask of every inspector."""
    skills: set[str] = set()
    for code in item_codes:
        item = in_force(session.scalars(select(CheckItem).where(CheckItem.code == code)).all(), clock.today())
        if item is None:
            raise Refused("item-not-in-force", "抽查事项 %(item)s 没有有效版本。请先更新抽查事项清单。", item=code)
        skills.update(item.skills)
    return tuple(sorted(skills))


def units(session: Session, given: rules.Configuration) -> list[tables.Unit]:
    """Every registered unit in scope with its stratum and status, by code."""
    needs = needs_of(session, given.item_codes)
    year_start = date(clock.today().year, 1, 1)
    visited = history.subjects(session, "visited", year_start)
    cap = rulebook.number(session, "count.visit.yearly_cap", clock.today())
    investigated = set(session.scalars(select(EnterpriseTag.enterprise_id).where(EnterpriseTag.tag == OPEN_CASE_TAG)))
    grade = Enterprise.food_risk_grade if given.stratify_by == "food_risk_grade" else Enterprise.credit_class
    drawn = supplements.drawn_before(session, given.supplements_id)
    query = select(
        Enterprise.id, Enterprise.code, Enterprise.state, grade, Enterprise.region_code, Enterprise.inspections_this_year,
        Enterprise.inspection_cap,
    ).where(Enterprise.kind.in_(given.kinds), Enterprise.merged_into_id.is_(None))
    if prefix := region_prefix(given.region_code):
        query = query.where(Enterprise.region_code.startswith(prefix))
    if given.industries:
        query = query.where(Enterprise.industry.in_(given.industries))
    if given.tags:
        query = query.where(Enterprise.tags.any(EnterpriseTag.tag.in_(given.tags)))
    result = []
    for id_, code, state, grade_, region, visits, own_cap in session.execute(query.order_by(Enterprise.code)):
        stratum = "ALL" if given.stratify_by == "none" else grade_ or rules.UNCLASSED
        candidate = rules.Candidate(
            code, state, stratum, visits, cap if own_cap is None else own_cap, code in visited, id_ in investigated, code in drawn
        )
        result.append(
            tables.Unit(code, stratum, 1, rules.status_of(candidate, given.exclusions), region[:6], needs)
        )
    return result


def inspectors(session: Session, given: rules.Configuration, places: set[str]) -> list[tables.Inspector]:
    """Inspectors who can carry a visit in the whole period: of this region or the one above, active, certified, not on leave."""
    until = given.period_to or clock.today()
    since = given.period_from or clock.today()
    carried = history.subjects(session, "carried", date(clock.today().year, 1, 1))
    query = select(Inspector).where(Inspector.active.is_(True)).order_by(Inspector.code)
    result = []
    for person in session.scalars(query.execution_options(unscoped=True)):
        here = overlaps(person.region_code, given.region_code)
        away = person.leave_from and person.leave_from <= until and (person.leave_to is None or person.leave_to >= since)
        if not here or away or person.certificate_expires_on is None or person.certificate_expires_on < until:
            continue
        if areas := rules.areas_of(person.areas, places):
            skills = tuple(sorted(set(person.skills)))
            result.append(tables.Inspector(person.code, person.department_code, areas, skills, carried.get(person.code, 0), person.lead))
    return result


def conflicts(
    session: Session, given: rules.Configuration, chosen: list[tables.Unit], people: list[tables.Inspector]
) -> list[tuple[str, str]]:
    """Pairs that must not meet, among the units and inspectors of the frame."""
    known_units, known_people = {u.id for u in chosen}, {p.id for p in people}
    today = clock.today()
    rows = session.execute(
        select(Inspector.code, Enterprise.code, ConflictOfInterest.valid_from, ConflictOfInterest.valid_to)
        .join(Inspector, Inspector.id == ConflictOfInterest.inspector_id)
        .join(Enterprise, Enterprise.id == ConflictOfInterest.enterprise_id)
        .execution_options(unscoped=True)
    )
    pairs = {
        (person, unit)
        for person, unit, since, until in rows
        if person in known_people and unit in known_units and (until is None or until >= today) and (since is None or since <= (given.period_to or today))
    }
    if given.avoid_own_station:
        pairs |= _own_station(session, known_units, known_people)
    return sorted(pairs)


def _own_station(session: Session, known_units: set[str], known_people: set[str]) -> set[tuple[str, str]]:
    query = (
        select(Inspector.code, Enterprise.code)
        .join(Enterprise, Enterprise.station == Inspector.station)
        .where(Inspector.station != "")
        .execution_options(unscoped=True)
    )
    return {(person, unit) for person, unit in session.execute(query) if person in known_people and unit in known_units}


@dataclass(frozen=True, slots=True)
class Built:
    """What the registers give for a draw: the bytes of `frame.tsv`, `inspectors.tsv` and `conflicts.tsv`, and what is in them."""

    files: dict[str, bytes]
    counts: rules.FrameCounts


def build(session: Session, given: rules.Configuration) -> Built:
    """The frame of a configuration from the registers as they stand; only reads.

    Raises
    ------
    SamplingError : an id or a text of the registers does not fit the protocol.
    """
    chosen = units(session, given)
    people = inspectors(session, given, {u.area for u in chosen})
    pairs = conflicts(session, given, chosen, people)
    files = {
        "frame.tsv": tables.write_frame(chosen),
        "inspectors.tsv": tables.write_inspectors(people),
        "conflicts.tsv": tables.write_conflicts(pairs),
    }
    return Built(files, _counts(given, Counter((u.stratum, u.status) for u in chosen), len(people), len(pairs)))


def preview(session: Session, given: rules.Configuration) -> rules.FrameCounts:
    """What a freeze would put into the frame now: counted, nothing written."""
    chosen = units(session, given)
    people = inspectors(session, given, {u.area for u in chosen})
    pairs = conflicts(session, given, chosen, people)
    return _counts(given, Counter((u.stratum, u.status) for u in chosen), len(people), len(pairs))


def _counts(given: rules.Configuration, found: Counter[tuple[str, str]], n_people: int, n_pairs: int) -> rules.FrameCounts:
    """Counts per stratum and reason from the number of units in each stratum and status."""
    populations = {stratum: found[stratum, "ok"] for stratum in sorted({stratum for stratum, _ in found})}
    excluded: Counter[str] = Counter()
    for (_, status), n in found.items():
        if status != "ok":
            excluded[status] += n
    known = {name: n for name, n in populations.items() if name in given.rates}
    return rules.FrameCounts(
        total=found.total(),
        eligible=populations,
        excluded=dict(sorted(excluded.items())),
        strata=rules.strata_of(known, given.rates, given.reserve_percent),
        missing_rates=tuple(name for name in populations if name not in given.rates),
        inspectors=n_people,
        conflicts=n_pairs,
    )

"""From approved records of a small draw to its figures, on both databases: reserves, open visits, publication, what a region sees."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from inspection import clock
from inspection.actor import SYSTEM
from inspection.db import Database
from inspection.draws.models import Draw, InspectorSwap
from inspection.errors import NotFound, Refused
from inspection.indicators.drawn import facts as counted
from inspection.indicators.drawn import reading, teams
from inspection.indicators.drawn.facts import Facts
from inspection.indicators.drawn.rates import Rates
from inspection.visits import rules
from inspection.visits import service as visits
from inspection.visits.models import Visit
from tests.inspection.visits.town import DAY, ISSUED, VISITED, Town, done, problem, settle
from tests.people import person

GONE = rules.VisitEntry("03", DAY, summary="大门上锁，邻居称已停业半年")
IN_TIME, LATE, ASKED = (datetime(2026, 12, day, 2, 0, tzinfo=UTC) for day in (2, 17, 18))


@pytest.fixture
def town(database: Database) -> Town:
    return settle(database)


@pytest.fixture
def street(sqlite_database: Database) -> Town:
    """The same on SQLite, for what does not depend on the database."""
    return settle(sqlite_database)


def of_stratum(town: Town, stratum: str) -> list[Visit]:
    with town.database.read() as session:
        return list(session.scalars(select(Visit).where(Visit.stratum == stratum).order_by(Visit.number)))


def facts(town: Town, who: str = "planner") -> Facts:
    actor = town.people[who]
    with clock.at(ASKED), town.database.read(actor) as session:
        return reading.facts(session, reading.load(session, actor, town.draw_id))


def test_the_figures_follow_the_records_as_they_are_approved(town: Town) -> None:
    first, second, third, fourth = of_stratum(town, "A")
    town.approved(first, problem())
    town.approved(second)
    town.approved(third, GONE)
    town.submit(fourth, problem())  # waits for its review: not known yet
    for visit, entry in zip(of_stratum(town, "B"), (done(), problem(), done(), done()), strict=True):
        town.approved(visit, entry)
    found = facts(town)
    answered = counted.response(found.units)
    assert (answered.selected, answered.done, answered.missed, answered.open, answered.called, answered.text) == (8, 6, 1, 1, 0, "75.00–87.50%")
    a, b = Rates(found, "failing").by_stratum
    assert [(f.name, f.failed, f.n) for f in (a, b)] == [("A", 1, 2), ("B", 1, 4)]
    reserve = town.act(visits.call_reserve, "officer", third)
    town.approved(reserve)
    town.act(visits.approve, "leader", fourth)
    found = facts(town)
    answered = counted.response(found.units)
    assert (answered.done, answered.missed, answered.open, answered.called, answered.called_done, answered.inspected, answered.text) == (7, 1, 0, 1, 1, 8, "87.50%")
    total = Rates(found, "failing").total
    assert total.rate is not None and total.limits is not None
    assert (total.failed, total.n, total.rate.df) == (3, 8, 6)
    assert total.rate.value == pytest.approx((20 * 2 / 4 + 20 * 1 / 4) / 40)
    # Cochran 5.9: W²(1−f)p(1−p)/(n−1), the called reserve with the n/N of its own stratum
    assert total.rate.se**2 == pytest.approx(sum(0.25 * (1 - 4 / 20) * p * (1 - p) / 3 for p in (2 / 4, 1 / 4)))
    assert counted.outcomes(found.units) == [("01", 7, 1), ("03", 1, 0)]
    loads = teams.loads(found)
    assert sum(load.drawn for load in loads) == 2 * 9 and sum(load.done for load in loads) == 2 * 8
    assert sum(times for _, _, times in teams.pairs(found).met) == 9 and {unit.department for unit in found.units} <= {"SCJG", "YJGL"}


def test_days_to_publication_are_counted_in_working_days_against_the_term_of_each_result(street: Town) -> None:
    one, two, three, waiting = of_stratum(street, "A")
    for visit in (one, two, three):
        street.approved(visit)
    street.act(visits.publish, "publisher", one, at=IN_TIME)
    street.act(visits.publish, "publisher", two, at=LATE)
    terms = {term.number: term for term in facts(street).terms}
    assert {term.publish_by for term in terms.values()} == {date(2026, 12, 16)} and waiting.number not in terms
    assert [(terms[v.number].days, terms[v.number].late, terms[v.number].published_on) for v in (one, two, three)] == [
        (10, False, date(2026, 12, 2)), (21, True, date(2026, 12, 17)), (22, True, None),
    ]  # fmt: skip


def test_a_swapped_inspector_counts_where_he_went(street: Town) -> None:
    unit = street.visit
    with street.database.write(SYSTEM) as session:
        mine = [row.code for row in visits.team(session, street.again(unit))]
        other = next(login for login in street.people if login.startswith("ZF") and login not in mine)
        session.add(InspectorSwap(draw_id=street.draw_id, seq=1, unit_code=unit.unit_code, seat=2, out_code=mine[1], reason="ILLNESS", in_code=other,
                                  swapped_at=VISITED, requested_by=1, approved_by=2))  # fmt: skip
    found = facts(street)
    assert next(u.team for u in found.units if u.code == unit.unit_code) == (mine[0], other)
    with street.database.read() as session:
        words = reading.names(session, found)
    assert words.people[other] == f"检查员{int(other[-3:])}" and words.areas == {"330106": "西湖区"} and words.departments["SCJG"] == "市场监管局"


def test_another_region_knows_of_no_such_draw_and_a_firm_that_moved_away_still_counts(street: Town) -> None:
    street.approved(street.visit)
    with pytest.raises(NotFound):
        facts(street, "far")
    with clock.at(ISSUED):
        street.people["near"] = person(street.database, "near", "planner", region_code="330106")
    with street.database.write(SYSTEM) as session:
        session.get_one(Visit, street.visit.id).region_code = "330102"
    assert counted.response(facts(street, "near").units).done == 1


def test_a_void_draw_counts_for_nothing(street: Town) -> None:
    with street.database.write(SYSTEM) as session:
        session.get_one(Draw, street.draw_id).state = "void"
    with pytest.raises(Refused) as caught:
        facts(street)
    assert caught.value.code == "draw-void"
    with street.database.read(street.people["planner"]) as session:
        assert session.scalars(reading.listing(street.people["planner"])).all() == []

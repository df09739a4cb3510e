"""A draw with its supplement on the page: one sample of the first frame, every unit with its combined probability; void draws never counted."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from inspection import clock
from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.db import Database
from inspection.draws.models import Selection
from inspection.indicators.drawn import family, reading
from inspection.registers import service as registers
from inspection.registers.models import Enterprise
from inspection.visits import service as visits
from inspection.visits.models import Visit, VisitItem, VisitResult
from tests.conftest import settings_for
from tests.inspection.draws.office import LATER, OTHER_VALUE, Office
from tests.inspection.registers import county
from tests.people import Browser, person, sign_in

SCOPE = {"title": "补充抽取", "rates": {"A": (1, 3), "B": (1, 2)}, "period_from": date(2026, 4, 1), "period_to": date(2026, 4, 30)}


@dataclass
class Town:
    office: Office
    first: int
    second: int
    moved: str  # an A firm, not selected at first, that was B when the supplement was frozen
    new: str  # registered between the two
    browser: Browser


def chosen(database: Database, draw_id: int) -> dict[str, str]:
    with database.read() as session:
        query = select(Selection.unit_code, Selection.stratum).where(Selection.draw_id == draw_id, Selection.role == "selected")
        return dict(session.execute(query).all())


def inspected(office: Office, draw_id: int) -> None:
    """Every visit of a draw approved; every third unit by code with a problem, the last one not inspected."""
    with office.at(LATER, office.officer) as session:
        visits.open_from_draw(session, office.officer, draw_id)
    with office.at(LATER, SYSTEM) as session:
        ids = session.scalars(select(Visit.id).where(Visit.draw_id == draw_id).order_by(Visit.unit_code)).all()
        session.execute(update(Visit).where(Visit.id.in_(ids)).values(state="approved", outcome="01", formed_on=clock.day_of(LATER), publish_by=date(2026, 4, 20)))
        session.execute(update(Visit).where(Visit.id == ids[-1]).values(outcome="03"))
        session.execute(update(VisitItem).where(VisitItem.visit_id.in_(ids[:-1])).values(found="none"))
        session.execute(update(VisitItem).where(VisitItem.visit_id.in_(ids[:-1:3])).values(found="problem"))
        rows = [{"visit_id": i, "code": "corrected" if i in ids[:-1:3] else "no_problem", "code_version": "2019"} for i in ids[:-1]]
        session.execute(insert(VisitResult), rows)


@pytest.fixture(scope="module")
def town(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("family")
    shutil.copyfile(migrated_sqlite, folder / "family.sqlite")
    database = Database(f"sqlite:///{folder / 'family.sqlite'}")
    office = Office(database)
    first = office.revealed()
    taken = chosen(database, first.id)
    with office.at(LATER, SYSTEM) as session:
        firm = session.scalars(select(Enterprise).where(Enterprise.credit_class == "A", Enterprise.code.not_in(taken)).order_by(Enterprise.code)).first()
        assert firm is not None
        firm.credit_class = "B"
        moved, new = firm.code, registers.create_enterprise(session, SYSTEM, county.firm(77, credit_class="B")).code
    second = office.revealed(OTHER_VALUE, supplements_id=first.id, **SCOPE)
    dropped = office.committed(supplements_id=second.id, **SCOPE)
    office.void(dropped)
    inspected(office, first.id)
    inspected(office, second.id)
    with clock.at(LATER):
        person(database, "planner", "planner")
        yield Town(office, first.id, second.id, moved, new, sign_in(create_app(settings_for(database, folder), database), "planner"))
    database.dispose()


def answer(town: Town, draw_id: int, **asked: Any) -> dict[str, Any]:
    return town.browser.client.get(f"/api/v1/indicators/draws/{draw_id}", query_string=asked).json  # type: ignore[no-any-return]


def test_every_unit_has_the_probability_that_one_of_the_draws_selects_it(town: Town) -> None:
    database = town.office.database
    one, other = chosen(database, town.first), chosen(database, town.second)
    assert Counter(one.values()) == {"A": 3, "B": 8} and Counter(other.values()) == {"A": 4, "B": 5}  # ⌈11/3⌉ of the 12 − 1 left, ⌈9/2⌉ of 7 + 2
    planner = sign_in(town.browser.client.application, "planner")
    assert planner.client is not None
    with clock.at(LATER), database.read() as session:
        draws = [session.get_one(reading.Draw, id_) for id_ in (town.first, town.second)]
        found = family.together(session, draws)
    plain = {"A": 1 - (1 - 3 / 15) * (1 - 4 / 11), "B": 1 - (1 - 8 / 15) * (1 - 5 / 9)}
    for unit in found.units:
        if unit.code == town.new:
            assert unit.stratum == "" and unit.code not in found.chances
        elif unit.code == town.moved:
            assert found.chances[unit.code] == pytest.approx(1 - (1 - 3 / 15) * (1 - 5 / 9))
        else:
            assert found.chances[unit.code] == pytest.approx(plain[unit.stratum])
    assert {u.code for u in found.units} == set(one) | set(other) and found.population == 30


def test_both_together_are_weighted_to_the_first_frame_and_the_supplement_alone_to_what_was_left(town: Town) -> None:
    both, alone, first = answer(town, town.first, together="true"), answer(town, town.second), answer(town, town.first)
    assert both["draws"] == [first["draw"], alone["draw"]] and first["draws"] == [] and (both["population"], alone["population"]) == (30, 20)
    assert both["response"]["selected"] == first["response"]["selected"] + alone["response"]["selected"] == 20
    assert both["response"]["done"] == 18 and both["response"]["missed"] == 2 and both["response"]["final"]
    total = both["measures"][0]["total"]
    by_stratum = {row["name"]: row for row in both["measures"][0]["strata"]}
    assert set(by_stratum) == {"A", "B"} and both["outside"] + sum(row["inspected"] for row in by_stratum.values()) >= 18
    weighted = sum(0.5 * float(row["weighted"]) for row in by_stratum.values())
    assert float(total["weighted"]) == pytest.approx(weighted, abs=1e-8) and float(total["low"]) < weighted < float(total["high"])
    unmoved = by_stratum["B"]
    assert float(unmoved["weighted"]) == pytest.approx(unmoved["failed"] / unmoved["inspected"])
    m, p = unmoved["inspected"], unmoved["failed"] / unmoved["inspected"]
    assert float(unmoved["se"]) ** 2 == pytest.approx((1 - m / 15) * p * (1 - p) / (m - 1), rel=1e-4)
    assert sum(row["drawn"] for row in both["workload"]) == sum(row["drawn"] for row in first["workload"] + alone["workload"])
    assert len(both["terms"]) == len(first["terms"]) + len(alone["terms"])


def test_the_page_offers_both_ways_and_says_what_each_speaks_of(town: Town) -> None:
    alone = town.browser.get(f"/indicators/draws/{town.second}").text
    assert f"/indicators/draws/{town.first}?measure=failing&amp;together=1" in alone and "它的底册不含先前抽中的户" in alone
    page = town.browser.get(f"/indicators/draws/{town.second}?together=1").text  # either member leads to the family
    assert "对象是首次抽取的底册" in page and "这里只看首次抽取" in town.browser.get(f"/indicators/draws/{town.first}").text
    rows = re.findall(r'(?s)data-table="units".*?<tbody>(.*?)</tbody>', page)[0].split("<tr>")[1:]
    assert len(rows) == 20 and sum("歇业或停产" in row for row in rows) == 2 and "歇业或停产" in rows[0] + rows[1], "those not inspected stand first"
    file = town.browser.get(f"/indicators/draws/{town.first}/units.csv?together=1")
    assert len(file.text.strip().splitlines()) == 21 and "2026-001%2B2026-002" in file.headers["Content-Disposition"]
    assert "49.0909%" in file.text and "79.2593%" in file.text


def test_the_list_shows_the_response_of_each_draw_and_no_void_one(town: Town) -> None:
    page = town.browser.get("/indicators/draws").text
    assert "2026-003" not in page and "90.91%" in page and "88.89%" in page and page.count("全部办结") == 2
    assert town.browser.get("/indicators/draws?export=csv").text.count("全部办结") == 2


def test_open_units_make_the_draw_provisional_in_the_list(town: Town) -> None:
    with town.office.at(LATER, SYSTEM) as session:
        visit = session.scalars(select(Visit).where(Visit.draw_id == town.second, Visit.outcome == "01").order_by(Visit.id)).first()
        assert visit is not None
        session.execute(update(Visit).where(Visit.id == visit.id).values(state="submitted"))
        visit_id = visit.id
    try:
        assert "暂定，未办结 1 户" in town.browser.get("/indicators/draws").text and "77.78–88.89%" in town.browser.get("/indicators/draws").text
        page = town.browser.get(f"/indicators/draws/{town.first}?together=1").text
        assert "还有 1 户没有审核通过的记录" in page
        assert "未办结" in re.findall(r'(?s)data-table="units".*?<tbody>(.*?)</tbody>', page)[0].split("<tr>")[1]
    finally:
        with town.office.at(LATER, SYSTEM) as session:
            session.execute(update(Visit).where(Visit.id == visit_id).values(state="approved"))


def test_a_supplement_of_a_void_draw_is_counted_alone(town: Town, migrated_sqlite: Path, tmp_path: Path) -> None:
    shutil.copyfile(migrated_sqlite, tmp_path / "void.sqlite")
    database = Database(f"sqlite:///{tmp_path / 'void.sqlite'}")
    office = Office(database, firms=12)
    first = office.revealed()
    second = office.revealed(OTHER_VALUE, supplements_id=first.id, **SCOPE)
    office.void(first, LATER)
    planner = person(database, "planner", "planner")
    with clock.at(LATER), database.read(planner) as session:
        assert [draw.id for draw in family.members(session, planner, reading.load(session, planner, second.id))] == [second.id]
    database.dispose()

"""Holders of a licence inspected this year: exact on both databases, everyone else by name, the target shows the same figure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from inspection import clock, history
from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.db import Database
from inspection.draws import service as draws
from inspection.draws.models import Draw
from inspection.indicators import service as indicators
from inspection.indicators.licensed import counting
from inspection.indicators.models import Indicator
from inspection.registers import service as registers
from inspection.registers.entries import LicenceEntry
from inspection.registers.models import Enterprise
from sampling.target import Verdict
from tests.conftest import DRAW_KEY, settings_for
from tests.inspection.draws.office import EMBARGO, LATER, PREPARED, REVEALED, Office
from tests.inspection.registers import county
from tests.people import person, sign_in

KIND, OTHER = "工业产品生产许可证", "食品生产许可证"
TODAY = date(2026, 3, 2)
# serial → licences (kind, issued, expires), state, place
HOLDERS: dict[int, Any] = {
    101: [(KIND, date(2024, 1, 1), date(2027, 1, 1))],
    102: [(KIND, None, None)],  # no dates recorded
    103: [(KIND, date(2021, 3, 3), date(2026, 3, 2)), (OTHER, None, date(2030, 1, 1))],  # the last valid day
    104: [(KIND, date(2021, 2, 1), date(2026, 2, 1))],  # ended this year
    105: [(KIND, date(2020, 1, 1), date(2025, 12, 31))],  # ended last year: of no interest
    106: [(KIND, date(2026, 3, 3), date(2031, 3, 3))],  # from tomorrow on
    107: [(KIND, date(2024, 1, 1), date(2027, 1, 1))],  # stopped
    108: [(OTHER, date(2024, 1, 1), date(2027, 1, 1))],
    109: [(KIND, date(2024, 1, 1), date(2027, 1, 1))],
}


def settled(database: Database) -> Office:
    """Nine holders: 101, 102, 103 and 109 count; 101 was inspected this year, 102 last year, 109 for a draw that is not public."""
    office = Office(database, firms=4)
    with office.at(PREPARED, SYSTEM) as session:
        indicators.load_packaged(session, SYSTEM)
        for serial, held in HOLDERS.items():
            licences = tuple(LicenceEntry(kind, f"XK{serial}-{n}", since, until) for n, (kind, since, until) in enumerate(held))
            registers.create_enterprise(session, SYSTEM, county.firm(serial, licences=licences, region_code="330106001" if serial % 2 else "330106"))
        session.scalars(select(Enterprise).where(Enterprise.name.contains("第107"))).one().state = "stopped"
        indicator = session.scalars(select(Indicator).where(Indicator.code == "yancheng.licensed")).one()
        indicator.region_code = "330106"
        note(session, 101, TODAY)
        note(session, 102, date(2025, 12, 31))
        history.note(session, "sampled", code(103), "CY-1", TODAY)
    return office


def code(serial: int) -> str:
    return county.firm(serial).code


def note(session: Any, serial: int, on: date, draw_id: int | None = None) -> None:
    history.note(session, "visited", code(serial), f"JC-{serial}", on, draw_id=draw_id)


def test_the_roster_is_counted_exactly_and_what_is_not_in_it_stands_beside(database: Database) -> None:
    settled(database)
    asked = counting.Asked(TODAY, (KIND,), "330106")
    with clock.at(PREPARED), database.read() as session:
        assert counting.kinds(session, TODAY) == (KIND,)
        found = counting.coverage(session, asked, parts=True)
        names = [(firm.code, place, last) for firm, place, last in session.execute(counting.uncovered(asked).order_by(Enterprise.code))]
        both = counting.coverage(session, counting.Asked(TODAY, (KIND, OTHER), "330106"), parts=True)
        later = counting.coverage(session, counting.Asked(date(2026, 3, 3), (KIND,), "330106"))
        nobody = counting.coverage(session, counting.Asked(TODAY, ("电梯",), "330106"))
        elsewhere = counting.coverage(session, counting.Asked(TODAY, (KIND,), "330102"))
    assert (found.covered, found.total, found.uncovered, found.undated, found.closed, found.lapsed) == (1, 4, 3, 1, 1, 1)
    assert [(p.key, p.covered, p.total) for p in found.places] == [("330106", 0, 1), ("330106001", 1, 3)]
    assert sorted(names) == sorted([(code(102), "西湖区", date(2025, 12, 31)), (code(103), "北山街道", None), (code(109), "北山街道", None)])
    assert both.total == 5 and [(p.key, p.total) for p in both.kinds] == [(KIND, 4), (OTHER, 2)]
    assert (later.total, later.lapsed) == (4, 2), "one ends, another begins"
    assert nobody.total == elsewhere.total == 0


def test_the_target_shows_the_same_figure_and_never_a_zero_without_a_roster(sqlite_database: Database) -> None:
    settled(sqlite_database)

    def value(until: date, **more: Any) -> indicators.Evaluation:
        with sqlite_database.write(SYSTEM) as session:
            indicator = session.scalars(select(Indicator).where(Indicator.code == "yancheng.licensed")).one()
            for name, given in more.items():
                setattr(indicator, name, given)
            return indicators.evaluate(session, indicator, date(2026, 1, 1), until)

    with clock.at(PREPARED):
        open_year = value(TODAY)
        assert open_year.value == "25.00%" and open_year.verdict is Verdict.INCONCLUSIVE, "the year is not over"
        assert "企业 4 户，已检查 1 户，未覆盖 3 户" in open_year.explanation and KIND in open_year.explanation
        assert value(date(2026, 12, 31)).verdict is Verdict.NOT_ATTAINED
        with sqlite_database.write(SYSTEM) as session:
            for serial in (102, 103, 109):
                note(session, serial, TODAY)
        assert (value(TODAY).value, value(TODAY).verdict) == ("100.00%", Verdict.ATTAINED)
        assert value(TODAY, region_code="330102").value == "—"


@pytest.fixture(scope="module")
def desk(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Any]]:
    import shutil

    folder = tmp_path_factory.mktemp("licensed")
    shutil.copyfile(migrated_sqlite, folder / "licensed.sqlite")
    database = Database(f"sqlite:///{folder / 'licensed.sqlite'}")
    office = settled(database)
    with clock.at(PREPARED):
        person(database, "publisher", "publisher")
        person(database, "street", "planner", region_code="330106001")  # does not see the draws of the county at all
        yield office, create_app(settings_for(database, folder), database)
    database.dispose()


def test_the_uncovered_are_named_by_place_and_as_a_file_and_lead_to_a_draw(desk: tuple[Office, Any]) -> None:
    browser = sign_in(desk[1], "officer")
    page = browser.get("/indicators/licensed?region_code=330106").text
    assert "25.00%" in page and "1 / 4" in page and "XK103-0" in page and "XK103-1" not in page and "2025-12-31" in page and "从未" in page
    assert code(101) not in page and "未登记" in page
    there = browser.get("/indicators/licensed?region_code=330106&place=330106").text
    assert code(102) in there and code(103) not in there and "显示全部" in there
    file = browser.get("/indicators/licensed?region_code=330106&export=csv").get_data(as_text=True)
    assert len(file.strip().splitlines()) == 4 and code(109) in file
    found = browser.client.get("/api/v1/indicators/licensed?region_code=330106&size=2&page=2").json
    assert (found["covered"], found["total"], found["text"], found["lapsed"]) == (1, 4, "25.00%", 1) and len(found["uncovered"]) == 1
    with desk[0].database.read() as session:
        id_ = session.scalars(select(Indicator.id).where(Indicator.code == "yancheng.licensed")).one()
    assert "/indicators/licensed?region_code=330106&amp;until=2026-03-02" in browser.get(f"/indicators/{id_}").text
    publisher = sign_in(desk[1], "publisher").get("/indicators/licensed").text
    assert code(103) in publisher and "/registers/enterprises/" not in publisher and "/draws/new" not in publisher


def test_a_draw_of_all_that_are_left_is_one_click_away_and_holds_exactly_them(desk: tuple[Office, Any]) -> None:
    browser = sign_in(desk[1], "officer")
    address = re.findall(r'href="(/draws/new[^"]*)"', browser.get("/indicators/licensed?region_code=330106").text)[0].replace("&amp;", "&")
    form = browser.get(address).text
    assert "2026年获证企业全覆盖检查" in form and ">ALL 1/1</textarea>" in form
    given = {name: re.findall(rf'name="{name}" value="([^"]*)" checked', form) for name in ("kinds", "licence_kinds", "states", "exclusions")}
    assert given == {"kinds": ["enterprise"], "licence_kinds": [KIND], "states": ["open"], "exclusions": ["MOVED", "CLOSED", "YEAR"]}
    values = {"title": "全覆盖", "region_code": "330106", "stratify_by": "none", "rates": "ALL 1/1", "reserve_percent": "0", "seats": "none", "item_codes": "A01"}
    answer = browser.post("/draws/new", {**values, **given, "kind": "planned"})
    assert answer.status_code == 303, answer.text
    with clock.at(PREPARED), desk[0].database.read() as session:
        draw = session.scalars(select(Draw).where(Draw.title == "全覆盖")).one()
        counts = draws.preview(session, draw)
    assert counts.eligible == {"ALL": 3} and counts.n_selected == 3 and counts.excluded == {"YEAR": 1}, "102, 103 and 109; 101 was inspected"


def test_bad_conditions_are_named_and_an_empty_roster_is_not_zero_percent(desk: tuple[Office, Any]) -> None:
    browser = sign_in(desk[1], "officer")
    for query, why in (("until=2026-03-03", "不能晚于今天"), ("until=昨天", "应为日期"), ("region_code=999999", "未登记")):
        assert why in browser.get(f"/indicators/licensed?{query}").text
        assert browser.client.get(f"/api/v1/indicators/licensed?{query}").status_code == 422
    page = browser.get("/indicators/licensed?kind=%E7%94%B5%E6%A2%AF").text
    assert "覆盖率无从计算（不是 0）" in page and "0.00%" not in page
    assert browser.client.get("/api/v1/indicators/licensed?kind=%E7%94%B5%E6%A2%AF").json["text"] == "—"


def test_the_page_reads_in_english(desk: tuple[Office, Any]) -> None:
    browser = sign_in(desk[1], "officer")
    browser.post("/language", {"language": "en", "next": "/"})
    for query in ("?region_code=330106", "?kind=x"):
        page = browser.get(f"/indicators/licensed{query}").text.split("<main")[1].split("</main>")[0]
        page = re.sub(f"<option.*?</option>|{KIND}|{OTHER}|西湖区第\\d+食品有限公司|西湖区|北山街道", "", page)
        assert re.findall("[^<>]*[\u4e00-\u9fff][^<>]*", page) == []


def test_a_visit_of_a_draw_that_is_not_public_changes_nothing_for_anybody(desk: tuple[Office, Any]) -> None:
    office, app = desk
    draw = office.revealed(embargo_until=EMBARGO)
    with clock.at(REVEALED):
        before = {who: sign_in(app, who).get("/indicators/licensed").text.split("<main")[1].split("</main>")[0] for who in ("officer", "publisher", "street")}
        with office.database.write(SYSTEM) as session:
            note(session, 109, clock.day_of(REVEALED), draw.id)
        for who, page in before.items():
            assert sign_in(app, who).get("/indicators/licensed").text.split("<main")[1].split("</main>")[0] == page
    with clock.at(LATER):
        with office.database.write(office.officer) as session:
            draws.publish(session, office.officer, draw.id, version=office.now(draw).version_id, draw_key=DRAW_KEY)
        assert code(109) not in sign_in(app, "publisher").get("/indicators/licensed").text

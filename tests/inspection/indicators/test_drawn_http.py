"""The figures of a draw on the page, in its files and through the API: the reference draw, and who may not see one."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from inspection import clock
from inspection.app import create_app
from inspection.audit import AuditEvent
from inspection.db import Database
from inspection.draws import service as draws
from inspection.draws.models import Selection
from inspection.registers.models import ConflictOfInterest
from tests.conftest import DRAW_KEY, settings_for
from tests.inspection.draws.office import EMBARGO, LATER, REVEALED
from tests.inspection.draws.office import Office as DrawOffice
from tests.inspection.indicators import reference_draw as reference
from tests.inspection.visits.town import VISITED
from tests.people import Browser, person, sign_in

CHINESE = re.compile("[\u4e00-\u9fff]")
KEYS = ("rates", "response", "strata", "areas", "departments", "outcomes", "workload", "pairs", "spread", "conflicts", "terms", "units")


@pytest.fixture(scope="module")
def drawn(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The reference draw with its visits open, in a file to copy."""
    path = tmp_path_factory.mktemp("reference") / "drawn.sqlite"
    shutil.copyfile(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    draw_id, _ = reference.settle(database)
    with database.engine.connect() as connection:
        connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    database.dispose()
    return path, draw_id


class Desk:
    """The application over a copy of the reference draw."""

    def __init__(self, database: Database, draw_id: int, folder: Path) -> None:
        self.database, self.path = database, f"/indicators/draws/{draw_id}"
        self.draw_id = draw_id
        self.app: Any = create_app(settings_for(database, folder), database)

    def planner(self) -> Browser:
        return sign_in(self.app, "planner")


@pytest.fixture
def desk(drawn: tuple[Path, int], tmp_path: Path) -> Iterator[Desk]:
    shutil.copyfile(drawn[0], tmp_path / "drawn.sqlite")
    database = Database(f"sqlite:///{tmp_path / 'drawn.sqlite'}")
    yield Desk(database, drawn[1], tmp_path)
    database.dispose()


def cells(page: str, key: str) -> list[list[str]]:
    """The rows of one table of the page."""
    table = re.search(rf'(?s)data-table="{key}".*?<tbody>(.*?)</tbody>', page)
    assert table is not None, key
    return [[re.sub(r"<.*?>", "", cell) for cell in re.findall(r"(?s)<td.*?>(.*?)</td>", row)] for row in re.findall(r"(?s)<tr>(.*?)</tr>", table[1])]


def test_the_reference_draw_all_observed_on_the_page_and_through_the_api(desk: Desk) -> None:
    reference.inspect(desk.database, desk.draw_id)
    with clock.at(VISITED):
        browser = desk.planner()
        page = browser.get(desk.path).text
        assert "应答率 100.00%" in page and "暂定" not in page and "Korn–Graubard" in page
        failing, problem = cells(page, "rates")
        assert failing[:8] == ["检查不合格率", "600", "64", "10.67%", "4.60%", "0.862", "3.06–6.62%", "3.18–6.62%"] and problem[1:8] == failing[1:8]
        assert "原始率 10.67% 只是被检查的 600 户中的比例：D 层约每 3.1 户查 1 户，A 层约每 50.0 户才查 1 户" in page and "高于加权率" in page
        strata = {row[0]: row for row in cells(page, "strata")}
        assert [strata[name][1:4] for name in "ABCD"] == [["144", "3", "2.08%"], ["216", "11", "5.09%"], ["144", "20", "13.89%"], ["96", "30", "31.25%"]]
        assert {row[0]: row for row in cells(page, "response")}["D"][1:5] == ["300", "96", "96/300 = 32.00%", "100.00%"]
        answer = browser.json("GET", f"/api/v1{desk.path}").json
    measure = answer["measures"][0]
    assert (answer["population"], answer["response"]["rate"], answer["response"]["final"]) == (12_000, "1.00000000", True)
    assert (measure["measure"], measure["method"], measure["total"]["failed"], measure["total"]["inspected"]) == ("failing", "korn_graubard", 64, 600)
    total = measure["total"]
    shown = [round(float(total[name]) * 100, digits) for name, digits in (("raw", 2), ("weighted", 2), ("se", 3), ("low", 2), ("high", 2))]
    assert shown == [10.67, 4.60, 0.862, 3.06, 6.62] and total["reason"] == "" and "10.67%" in measure["differ"]
    assert len(answer["workload"]) == 8 and sum(row["drawn"] for row in answer["workload"]) == 1200
    assert sum(pair["times"] for pair in answer["pairs"]) == 600


def test_the_conflicts_kept_out_are_counted(desk: Desk) -> None:
    with clock.at(VISITED):
        kept = desk.planner().json("GET", f"/api/v1{desk.path}").json["conflicts"]
    with desk.database.read() as session:
        query = select(Selection.unit_code).join(ConflictOfInterest, ConflictOfInterest.enterprise_id == Selection.enterprise_id)
        touching = len(session.scalars(query.where(Selection.role == "selected")).all())
    assert kept == {"frozen": 37, "touching": touching, "inspectors": 1, "units": touching, "breaches": 0} and 0 < touching < 37


def test_with_561_of_600_observed_the_response_is_93_5_percent_and_every_class_keeps_its_weight(desk: Desk) -> None:
    reference.inspect(desk.database, desk.draw_id, {"A": 9, "B": 15, "C": 9, "D": 6})
    with clock.at(VISITED):
        browser = desk.planner()
        page, answer = browser.get(desk.path).text, browser.json("GET", f"/api/v1{desk.path}").json
    assert "应答率 93.50%" in page and answer["response"]["rate"] == "0.93500000"
    assert [answer["response"][name] for name in ("selected", "done", "missed", "open", "called", "inspected")] == [600, 561, 39, 0, 0, 561]
    assert [row[:3] for row in cells(page, "outcomes")] == [["已完成检查", "561", "0"], ["歇业或停产", "39", "0"]]
    by_hand = (7200 * 3 / 135 + 3600 * 11 / 201 + 900 * 20 / 135 + 300 * 30 / 90) / 12_000
    assert float(answer["measures"][0]["total"]["weighted"]) == pytest.approx(by_hand, abs=1e-8)
    assert {row[0]: row[4] for row in cells(page, "response")} == {"A": "93.75%", "B": "93.06%", "C": "93.75%", "D": "93.75%"}


def test_a_class_with_one_inspected_firm_is_named_and_the_whole_cannot_be_estimated(desk: Desk) -> None:
    reference.inspect(desk.database, desk.draw_id, {"C": 143})
    with clock.at(VISITED):
        page = desk.planner().get(desk.path).text
        total = desk.planner().json("GET", f"/api/v1{desk.path}").json["measures"][0]["total"]
    assert cells(page, "rates")[0][4:8] == ["不可估计", "不可估计", "不可估计", "—"]
    assert "C 层只有一户完成检查，方差无从估计" in page and "应答率低于七成的层：C" in page
    assert (total["weighted"], total["low"], total["strata"]) == (None, None, ["C"])
    assert [row[4] for row in cells(page, "areas")] == ["不可估计"] * 2


def test_before_any_record_nothing_is_said_to_pass(desk: Desk) -> None:
    with clock.at(VISITED):
        page = desk.planner().get(desk.path).text
        answer = desk.planner().json("GET", f"/api/v1{desk.path}").json
    assert 'href="/indicators/draws" aria-current="page"' in page and 'href="/indicators" aria-current="page"' not in page, "the nearest entry alone"
    assert "不可估计" not in page and "暂定" in page and "应答率 0.00–100.00%" in page and cells(page, "rates")[0][1:8] == ["0", "0", "—", "—", "—", "—", "—"]
    assert (answer["response"]["open"], answer["response"]["rate"], answer["response"]["most"]) == (600, None, "1.00000000")
    assert answer["measures"][0]["total"]["raw"] is None and answer["terms"] == []


def test_every_table_is_a_file_with_all_its_lines(desk: Desk) -> None:
    reference.inspect(desk.database, desk.draw_id)
    with clock.at(VISITED):
        browser = desk.planner()
        for key in KEYS:
            sheet = browser.get(f"{desk.path}/{key}.csv")
            assert sheet.status_code == 200 and sheet.data.startswith(b"\xef\xbb\xbf"), key
            book = load_workbook(io.BytesIO(browser.get(f"{desk.path}/{key}.xlsx").data))
            rows = list(book.worksheets[0].iter_rows(values_only=True))
            assert len(rows) == len(sheet.text.strip().splitlines()) > 1, key
        assert len(browser.get(f"{desk.path}/terms.csv").text.strip().splitlines()) == 601
        assert "4.60%" in browser.get(f"{desk.path}/rates.csv").text
        name = browser.get(f"{desk.path}/strata.csv?measure=problem").headers["Content-Disposition"]
        assert "%E9%97%AE%E9%A2%98%E5%8F%91%E7%8E%B0%E7%8E%87" in name
        for wrong in ("secrets.csv", "rates.pdf", "rates"):
            assert browser.get(f"{desk.path}/{wrong}").status_code == 404
        assert browser.get(f"{desk.path}?measure=%27").status_code == 200


def test_the_pages_are_complete_in_english(desk: Desk) -> None:
    reference.inspect(desk.database, desk.draw_id, {"D": 40, "C": 143})
    with clock.at(VISITED):
        browser = desk.planner()
        browser.post("/language", {"language": "en", "next": "/"})
        for measure in ("failing", "problem"):
            main = re.search(r"(?s)<main.*?</main>", browser.get(f"{desk.path}?measure={measure}").text)
            assert main is not None
            own = re.sub("全市双随机联合抽查|杭州市市场监督管理局|检查员|市场监管局|应急管理局|西湖区|上城区", "", main[0])
            assert not CHINESE.search(own), CHINESE.findall(own)
            assert "cannot be estimated" in own and "Response rate" in own
        head = browser.get(f"{desk.path}/workload.csv").text.splitlines()[0]
        assert not CHINESE.search(head)
        assert "Figures of draws" in browser.get("/indicators/draws").text


def test_who_may_not_see_a_list_sees_no_figure_of_it(sqlite_database: Database, tmp_path: Path) -> None:
    office = DrawOffice(sqlite_database)
    draw = office.revealed(embargo_until=EMBARGO)
    with clock.at(REVEALED):
        person(sqlite_database, "planner", "planner")
        person(sqlite_database, "far", "planner", region_code="330102")
        person(sqlite_database, "sampler", "sampler")
    app: Any = create_app(settings_for(sqlite_database, tmp_path), sqlite_database)
    page, api = f"/indicators/draws/{draw.id}", f"/api/v1/indicators/draws/{draw.id}"
    with clock.at(REVEALED):
        planner, officer = sign_in(app, "planner"), sign_in(app, "officer")
        for path in (page, api, f"{page}/outcomes.csv", f"{page}/workload.xlsx"):
            refused = planner.get(path)
            assert refused.status_code == 403 and office.now(draw).title not in refused.text, path
            assert officer.get(path).status_code == 200
            assert sign_in(app, "far").get(path).status_code == 404 and sign_in(app, "sampler").get(path).status_code == 403
        assert draw.number not in planner.get("/indicators/draws").text and draw.number in officer.get("/indicators/draws").text
    with sqlite_database.read() as session:
        opened = session.scalars(select(AuditEvent).where(AuditEvent.verb == "draw.open_list")).all()
        assert len(opened) == 4 and {event.actor_id for event in opened} == {office.officer.id}
    with clock.at(LATER):
        with sqlite_database.write(office.officer) as session:
            draws.publish(session, office.officer, draw.id, version=office.now(draw).version_id, draw_key=DRAW_KEY)
        planner = sign_in(app, "planner")
        assert planner.get(page).status_code == 200 and planner.get(api).json["draw"] == draw.number


def test_a_draw_without_a_list_or_a_void_one_is_refused_with_the_reason(sqlite_database: Database, tmp_path: Path) -> None:
    office = DrawOffice(sqlite_database)
    waiting = office.committed()
    with clock.at(REVEALED):
        person(sqlite_database, "planner", "planner")
    app: Any = create_app(settings_for(sqlite_database, tmp_path), sqlite_database)
    with clock.at(REVEALED):
        planner = sign_in(app, "planner")
        answer = planner.get(f"/indicators/draws/{waiting.id}")
        assert answer.status_code == 409 and "尚未揭示" in answer.text
    office.void(waiting, REVEALED)
    with clock.at(REVEALED):
        answer = planner.json("GET", f"/api/v1/indicators/draws/{waiting.id}")
        assert (answer.status_code, answer.json["code"]) == (409, "draw-void") and "已作废，不作统计" in answer.json["detail"]
        assert planner.get("/indicators/draws/999999").status_code == 404

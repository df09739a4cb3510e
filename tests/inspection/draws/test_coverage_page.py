"""The coverage planner over HTTP: typed numbers, the register, a draw; formula beside simulation; both languages; bad input."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inspection import clock, history
from inspection.app import create_app
from inspection.db import Database
from inspection.draws.coverage import wording
from tests.conftest import settings_for
from tests.inspection.draws.office import PREPARED, Office, code
from tests.people import Browser, sign_in

J2 = "A 7200 2/100\nB 3600 6/100\nC 900 16/100\nD 300 32/100"
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def planner(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Browser, int]]:
    folder = tmp_path_factory.mktemp("coverage")
    shutil.copyfile(migrated_sqlite, folder / "coverage.sqlite")
    database = Database(f"sqlite:///{folder / 'coverage.sqlite'}")
    office = Office(database)
    draw = office.configured()
    with office.at(PREPARED, office.officer) as session:
        for serial in (1, 3, 2):  # two of class B, one of class A
            history.note(session, "visited", code(serial), f"JC-{serial}", clock.today())
    with clock.at(PREPARED):
        yield sign_in(create_app(settings_for(database, folder), database), "officer"), draw.id
    database.dispose()


def cells(page: str, table: str) -> list[list[str]]:
    body = page.split(f'data-table="{table}"')[1].split("</table>")[0]
    return [re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", row) for row in body.split("<tr>")[2:]]


def test_the_answer_stands_in_plain_words_with_formula_and_simulation_side_by_side(planner: tuple[Browser, int]) -> None:
    page = planner[0].get("/draws/coverage", query_string={"kinds": J2, "draws": 10, "fresh_percent": 50, "seed": 7, "replications": 400}).text
    said = page.split('id="said"')[1].split("</ul>")[0]
    left = sum(n * (1 - m / n) ** 10 for n, m in ((7200, 144), (3600, 216), (900, 144), (300, 96)))
    assert f"10 次（5 年）之后，平均仍有 {round(left):,} 户" in said
    assert "按此比例每年 2 次，约需" in said and "95% 的户至少被查一次" in said and "要有 95% 的把握全部查到，需 587 次（293.5 年）" in said
    assert "有补查份额，100 次（50 年）之后必定全部查过一遍" in said
    rows = cells(page, "points")
    assert len(rows) == 11 and rows[0][2] == "12,000.0" and rows[10][2] == f"{left:,.1f}"
    mean, low, high = (float(x.replace(",", "")) for x in re.findall(r"[\d,.]+", rows[10][3]))
    assert low < mean < high and abs(mean - left) < 2 * (high - low)
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="chart"' in page and "style=" not in page.split("<svg")[1].split("</svg>")[0]
    by_kind = {row[0]: row for row in cells(page, "kinds")}
    assert by_kind["D"][1:4] == ["300", "0", "96"] and by_kind["D"][-1] == "59"  # ⌈30 / ½⌉ − 1: ⌈59/2⌉ = 30 a draw
    assert "种子 7，重复 400 次" in page


def test_the_register_is_read_by_class_with_what_was_visited_and_answered_at_once(planner: tuple[Browser, int]) -> None:
    page = planner[0].get("/draws/coverage", query_string={"region_code": "330106", "since": "2026-01-01"}).text
    assert "A 15 2/100 1\nB 15 6/100 2" in page and 'id="said"' in page
    whole = planner[0].get("/draws/coverage", query_string={"region_code": "330106", "stratify_by": "none"}).text
    assert "ALL 30 5/100 0" in whole
    assert "A 14 3/14\nB 13 7/13" in planner[0].get("/draws/coverage", query_string={"draw": planner[1]}).text
    assert "没有开业的企业" in planner[0].get("/draws/coverage", query_string={"region_code": "330102"}).text


def test_the_table_is_a_file_and_the_api_gives_the_same_numbers(planner: tuple[Browser, int]) -> None:
    asked = {"kinds": "A 300 1/10 20\nB 40 50%", "draws": 6, "fresh_percent": 25, "again_percent": 25, "replications": 200}
    file = planner[0].get("/draws/coverage", query_string={**asked, "export": "csv"})
    assert file.mimetype == "text/csv" and "A 300 1/10 20；B 40 1/2 0" in file.get_data(as_text=True)
    found: dict[str, Any] = planner[0].client.get("/api/v1/draws/coverage", query_string=asked).json
    page = planner[0].get("/draws/coverage", query_string=asked).text
    assert len(found["plain"]["points"]) == len(found["quota"]["points"]) == 7
    assert f"{float(found['plain']['points'][6]['formula']):,.1f}" == cells(page, "points")[6][2]
    assert found["quota"]["certain"] and found["quota"]["to_all"] == 35 and found["kinds"][1]["n"] == 20
    assert found["quota"]["points"][6]["side"] == "at_least" and f"<li>{found['sentences'][0]}</li>" in page


def test_seats_for_those_not_visited_lately_are_only_simulated_and_it_says_so(planner: tuple[Browser, int]) -> None:
    asked = {"kinds": "A 90 1/10", "draws": 8, "fresh_percent": 50, "last": 2, "replications": 200}
    found = planner[0].client.get("/api/v1/draws/coverage", query_string=asked).json
    assert found["quota"]["to_share"] is None and not found["quota"]["certain"] and found["quota"]["points"][8]["formula"] is None
    assert any("没有公式，只有模拟" in line for line in found["sentences"])
    page = planner[0].get("/draws/coverage", query_string={**asked, "last": 0, "fresh_percent": 0, "again_percent": 50}).text
    assert "全部查到会更慢" in page


@pytest.mark.parametrize(
    ("asked", "field", "why"),
    [
        ({"kinds": "A 7200"}, "kinds", "第 1 行应写成"), ({"kinds": "A 10 0/100"}, "kinds", "应大于 0"), ({"kinds": "A 10 11/10"}, "kinds", "不大于 1"),
        ({"kinds": "A 0 1/10"}, "kinds", "户数为 0"), ({"kinds": "A 10 1/10 11"}, "kinds", "已查户数 11 大于户数 10"), ({"kinds": "A 10 1/10\nA 9 1/3"}, "kinds", "重复"),
        ({"kinds": J2, "draws": 0}, "draws", "1 与 200"), ({"kinds": J2, "fresh_percent": 60, "again_percent": 50}, "again_percent", "不能超过 100%"),
        ({"kinds": J2, "draws": 200, "replications": 5000}, "replications", "工作量过大"), ({"kinds": J2, "last": 3}, "last", "没有补查份额"),
        ({"kinds": "A 999999999 1/2"}, "kinds", "不能超过"), ({"kinds": "\n".join(f"K{n} 9 1/3" for n in range(31))}, "kinds", "1 至 30 类"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_field(planner: tuple[Browser, int], asked: dict[str, Any], field: str, why: str) -> None:
    answer = planner[0].client.get("/api/v1/draws/coverage", query_string=asked)
    assert answer.status_code == 422 and why in "；".join(answer.json["errors"][field])
    page = planner[0].get("/draws/coverage", query_string={"fresh_percent": 0, **asked})
    assert page.status_code == 422 and why in page.text and 'id="said"' not in page.text


def test_a_bad_condition_of_the_register_is_named_too(planner: tuple[Browser, int]) -> None:
    page = planner[0].get("/draws/coverage", query_string={"region_code": "330106", "since": "昨天"})
    assert page.status_code == 422 and "应为日期" in page.text
    assert planner[0].get("/draws/coverage", query_string={"draw": 999}).status_code == 404


def test_the_page_reads_in_english_too(planner: tuple[Browser, int]) -> None:
    browser = planner[0]
    browser.post("/language", {"language": "en", "next": "/"})
    try:
        asked = {"kinds": J2, "draws": 4, "fresh_percent": 30, "replications": 100}
        for more in ({}, {"last": 2}, {"fresh_percent": 0, "again_percent": 20}, {"fresh_percent": 0}, {"kinds": "A 5 100%"}):
            page = browser.get("/draws/coverage", query_string={**asked, **more}).text.split("<main")[1].split("</main>")[0]
            assert sorted(set(re.findall(r">([^<]*[\u4e00-\u9fff][^<]*)<", re.sub(r"<option.*?</option>", "", page)))) == []
    finally:
        browser.post("/language", {"language": "zh", "next": "/"})


def test_a_chance_without_a_formula_is_unknown_and_not_impossible() -> None:
    assert [wording.chance(None), wording.chance(0.0)] == ["—", "0（不可能）"]

"""The pages and JSON routes of plans over HTTP."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.db import Database
from inspection.plans import service
from inspection.registers import targets
from tests.conftest import settings_for
from tests.inspection.plans.office import COUNTY, PEOPLE, Office
from tests.people import sign_in

FORM = {
    "title": "页面上的计划", "year": "2027", "region_code": COUNTY, "purpose": "supervision", "product_year": "2026", "rate_per_thousand": "7",
    "rounding": "up", "population_kind": "registered", "population_year": "2026",
}
API = "/api/v1/plans"


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return Office(sqlite_database)


@pytest.fixture
def app(office: Office, tmp_path: Path) -> Any:
    return create_app(settings_for(office.database, tmp_path), office.database)


def version(office: Office, plan_id: int) -> str:
    with office.database.read() as session:
        return str(service.get(session, plan_id).version_id)


def test_a_plan_on_screen_from_the_form_to_the_board(office: Office, app: Any) -> None:
    planner, leader = sign_in(app, "planner"), sign_in(app, "leader")
    wrong = planner.post("/plans/new", {**FORM, "total": "5"})
    assert wrong.status_code == 422 and 'value="页面上的计划"' in wrong.text
    assert "人口库中没有" in planner.post("/plans/new", {**FORM, "population_year": "2020"}).text
    made = planner.post("/plans/new", FORM)
    assert made.status_code == 303
    path, plan_id = made.location, int(made.location.rsplit("/", 1)[1])

    def post(browser: Any, part: str, **form: str) -> Any:
        return browser.post(f"{path}/{part}", {"version": version(office, plan_id), **form})

    asked = planner.get(path).text
    assert "没有适用于本计划的合格率目标" in asked and "最多允许" not in asked
    assert planner.get(f"{path}?goal=101").status_code == planner.get(f"{path}?goal=NaN").status_code == 422
    shown = planner.get(f"{path}?goal=98").text
    assert "320,000 人 × 7 批次/千人" in shown and "= 2,240 批次" in shown and "最多允许 33 批不合格" in shown and "每季度最多允许 5 批" in shown
    regions = "\n".join(f"{code} {n}" for code, n in PEOPLE.items())
    classes = "\n".join(f"{n:02d} 1" for n in range(1, 35))
    assert "第 1 行" in post(planner, "margins", regions="胡写", classes=classes).text
    assert "999999 未登记" in post(planner, "margins", regions="999999 1", classes=classes).text
    assert post(planner, "margins", regions=regions, classes=classes, class_minimum="1").status_code == 303
    assert post(planner, "submit").status_code == 409
    assert post(planner, "withdraw").status_code == 409
    infeasible = post(planner, "allocate", bounds=f"{COUNTY}001 31 锁定 400")
    assert infeasible.status_code == 409 and "第01镇" in infeasible.text and "锁定 400" in infeasible.text
    assert "重复" in post(planner, "allocate", bounds=f"{COUNTY}001 31 锁定 4\n{COUNTY}001 31 锁定 5").text
    assert post(planner, "allocate", bounds=f"{COUNTY}001 31 锁定 5").status_code == 303
    shown = planner.get(path).text
    assert "每行每列合计准确" in shown and f"{COUNTY}001 31 锁定 5" in shown
    assert planner.post(f"{path}/allocate", {"version": "1", "bounds": ""}).status_code == 412
    assert planner.post(f"{path}/allocate", {"bounds": ""}).status_code == 422
    assert post(planner, "laboratories").status_code == 303 and "LAB-C检验院" in planner.get(path).text
    assert post(planner, "submit").status_code == 303
    assert post(planner, "approve").status_code == 403 and "待审批的计划" in leader.get("/").text
    assert post(leader, "return", reason="").status_code == 422
    assert post(leader, "return", reason="请补说明").status_code == 303
    assert post(planner, "submit").status_code == 303 and post(leader, "approve").status_code == 303
    assert post(planner, "publish").status_code == 303 and post(planner, "begin").status_code == 303
    notice = planner.get(f"{path}/notice.pdf")
    with office.database.read() as session:
        digest = service.digest_of(service.get(session, plan_id))
    assert digest in "".join(page.extract_text() for page in PdfReader(io.BytesIO(notice.data)).pages).replace("\n", "")
    book = load_workbook(io.BytesIO(planner.get(f"{path}/allocation.xlsx").data))
    rows = list(book["全年"].iter_rows(values_only=True))
    assert rows[0][0] == "地区" and len(rows) == 22 and rows[-1][-1] == 2240
    assert [sum(row[-1] for row in list(book[f"第{k}季度"].iter_rows(values_only=True))[1:]) for k in (1, 2, 3, 4)] == [560] * 4
    assert post(planner, "revise", reason="增加", total="2260").status_code == 303
    assert "第 2 版" in planner.get(path).text and post(planner, "cancel", reason="经费调整").status_code == 303
    assert "已取消" in planner.get(path).text and "页面上的计划" in planner.get("/plans?state=cancelled&q=页面").text
    assert len(planner.get("/plans?export=csv").data.decode("utf-8-sig").splitlines()) == 2


def test_every_page_opens_in_both_languages_without_inline_script(office: Office, app: Any) -> None:
    draft, done = office.drafted(), office.approved()
    browser = sign_in(app, "planner")
    for language in ("zh", "en"):
        browser.post("/language", {"language": language, "next": "/"})
        for path in ("/plans", "/plans/new", f"/plans/{draft.id}", f"/plans/{done.id}", "/plans?state=draft"):
            answer = browser.get(path)
            assert answer.status_code == 200 and " style=" not in answer.text and "onclick" not in answer.text, path
    assert "Every row and column adds up exactly" in browser.get(f"/plans/{done.id}").text
    assert browser.get("/plans/999").status_code == 404


def test_a_plan_as_json(office: Office, app: Any) -> None:
    planner, leader = sign_in(app, "planner"), sign_in(app, "leader")
    body = {"title": "接口计划", "year": 2027, "region_code": COUNTY, "purpose": "evaluative", "product_year": 2026, "total": 272, "random": True}
    made = planner.json("POST", API, body)
    assert (made.status_code, made.json["code"], made.json["total"]) == (201, "2027-330106-01", 272)
    n = made.json["id"]

    def call(browser: Any, method: str, part: str, given: Any = None) -> Any:
        return browser.json(method, f"{API}/{n}{part}", given, If_Match=f'"{version(office, n)}"')

    for change, field in (
        ({"total": 0}, "total"), ({"total": 2**63}, "total"), ({"rate_per_thousand": 7.5}, "rate_per_thousand"), ({"purpose": "fun"}, "purpose"),
        ({"year": "x"}, "year"), ({"title": "a\u202eb"}, "title"), ({"region_code": "1"}, "region_code"), ({"colour": 1}, "colour"),
    ):
        answer = planner.json("POST", API, {**body, **change})
        assert answer.status_code == 422 and field in answer.json["errors"], change
    margins = {"regions": {COUNTY: "1"}, "classes": {f"{k:02d}": "1" for k in range(1, 35)}}
    assert planner.json("PUT", f"{API}/{n}/margins", margins).status_code == 422
    assert "classes" in call(planner, "PUT", "/margins", {**margins, "classes": {"01": 1e40}}).json["errors"]
    assert call(planner, "PUT", "/margins", margins).status_code == 200
    assert call(planner, "POST", "/allocate", {"bounds": f"{COUNTY} 31 至少 9"}).status_code == 409
    assert call(planner, "POST", "/allocate", {}).status_code == 200
    assert call(planner, "POST", "/laboratories").json == {"unassigned": []}
    assert call(planner, "POST", "/submit").json["state"] == "submitted"
    assert call(leader, "POST", "/return", {"reason": "再核"}).json["state"] == "draft"
    assert call(planner, "POST", "/submit").status_code == 200
    approved = call(leader, "POST", "/approve").json
    shown = call(planner, "GET", "").json
    assert shown["faults"] == [] and shown["digest"] == approved["digest"] and len(shown["cells"]) == 34
    assert call(planner, "POST", "/publish").json["digest"] == approved["digest"]
    assert call(planner, "POST", "/revise", {"reason": "调整"}).json["state"] == "draft"
    assert call(planner, "POST", "/cancel", {"reason": "不做了"}).json["state"] == "cancelled"
    assert [row["state"] for row in planner.json("GET", API).json] == ["cancelled"]
    assert planner.json("GET", f"{API}/999").status_code == 404


def test_a_plan_is_measured_by_the_targets_of_its_place_products_and_purpose(office: Office, app: Any) -> None:
    """The packaged targets of a place serve the places below it; those of another purpose or of a year gone by do not."""
    with office.database.write() as session:
        targets.load_packaged(session, SYSTEM)
        for row in session.scalars(select(targets.Indicator).where(targets.Indicator.code.in_(("sichuan.food", "chongqing.food", "yancheng.food")))):
            row.region_code = {"sichuan.food": "330000", "chongqing.food": "330100", "yancheng.food": "330106"}[row.code]
    plan = office.drafted()  # 2027, supervision
    shown = sign_in(app, "planner").get(f"/plans/{plan.id}").text
    assert "合格率目标 98.2%" in shown and shown.count("合格率目标 ") == 1

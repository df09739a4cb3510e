"""Annual plans and tasks over HTTP: from the form to the boards and to a draw that takes its rates from the approved table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from inspection import clock, ledger
from inspection.app import create_app
from inspection.db import Database
from inspection.plans.annual import service
from tests.conftest import settings_for
from tests.inspection.draws.office import PREPARED, Office
from tests.people import person, sign_in

PLAN = {"title": "年度计划甲", "year": "2026", "region_code": "330106", "lead_department": "SCJG", "departments": ["YJ"], "scope": "全区", "document_number": "西市监〔2026〕8号"}
ROWS = "A 20% 1% 30% 1 每年至多1次\n其余\t1/2\t1/10\t1/1"
TASK = {
    "title": "食品经营抽查", "prefix": "西市监", "region_code": "330106", "check_type": "untargeted", "check_kind": "random", "lead_department": "SCJG",
    "item_codes": ["A01"], "object_kind": "enterprise", "objects": "食品经营企业", "stratify_by": "credit_class", "period_from": "2026-03-05",
    "period_to": "2026-04-30", "n_objects": "18",
}  # fmt: skip


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    made = Office(sqlite_database)
    person(sqlite_database, "planner", "planner", region_code="330106", department="SCJG")
    person(sqlite_database, "above", "planner", region_code="330100", department="YJ")
    return made


@pytest.fixture
def app(office: Office, tmp_path: Path) -> Any:
    return create_app(settings_for(office.database, tmp_path), office.database)


def value_of(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*?value="([^"]*)"|name="{name}"[^>]*>([^<]*)</textarea>', page)
    return (found[1] or found[2] or "") if found else ""


def test_an_annual_plan_on_screen_from_the_form_to_the_draw(office: Office, app: Any) -> None:
    with clock.at(PREPARED):
        planner, leader, officer = sign_in(app, "planner"), sign_in(app, "leader"), sign_in(app, "officer")
        assert "牵头部门" in planner.post("/annual-plans/new", {**PLAN, "departments": ["SCJG"]}).text
        path = planner.post("/annual-plans/new", PLAN).location
        plan_id = int(path.rsplit("/", 1)[1])

        def post(browser: Any, part: str, **form: str) -> Any:
            with office.database.read() as session:
                return browser.post(f"{path}/{part}", {"version": str(service.get(session, plan_id).version_id), **form})

        loaded = planner.get(f"{path}?example=lindian-2024").text
        assert "A ? ? 5% - 每年少于1次" in loaded and "未核实" in loaded
        refused = post(planner, "rates", matter_kind="general", dimension="credit_class", rows=value_of(loaded, "rows"))
        assert refused.status_code == 422 and "第 1 行的比例还是“?”：来源没有写明" in refused.text and "第 4 行的比例还是" in refused.text
        zero = post(planner, "rates", matter_kind="general", dimension="credit_class", rows="A 20% 0% 30%")
        assert zero.status_code == 422 and "每个对象都应有被抽中的机会" in zero.text and "A 20% 0% 30%" in zero.text
        assert post(planner, "rates", matter_kind="general", dimension="credit_class", rows=ROWS).status_code == 303
        assert "A 20/100 1/100 30/100 1 每年至多1次" in planner.get(f"{path}?table=general/credit_class").text
        assert "提交审批之前还须" in planner.get(path).text
        early = post(planner, "submit")
        assert early.status_code == 409 and "计划还不能提交：计划还没有抽查任务" in early.text and "添加任务" in early.text, "told on the page of the plan"
        task_path = planner.post("/tasks/new", {**TASK, "plan_id": str(plan_id)}).location
        assert "提交审批之前还须" not in planner.get(path).text and "西湖区（330106）" in planner.get(path).text
        assert "3/15 = 20.00%" in planner.get(f"{task_path}?estimate=1").text  # while the plan is being drafted
        assert planner.get(f"{path}/plan.xlsx").data[:2] == b"PK"
        assert post(planner, "submit").status_code == 303 and post(planner, "approve").status_code == 403
        assert post(planner, "withdraw").status_code == 303 and "编制中" in planner.get(path).text and post(planner, "withdraw").status_code == 409
        assert post(planner, "submit").status_code == 303
        assert "待审批的年度抽查计划" in leader.get("/").text
        assert post(leader, "return", reason="再核").status_code == 303 and "再核" in planner.get(path).text
        assert post(planner, "submit").status_code == 303 and post(leader, "approve").status_code == 303 and post(planner, "publish").status_code == 303
        estimate = planner.get(f"{task_path}?estimate=1").text
        assert "3/15 = 20.00%" in estimate and "8/15 = 53.33%" in estimate and "将抽取 11 户，任务计划 18 户" in estimate
        assert "待抽取的抽查任务" in officer.get("/").text
        form = officer.get(f"/draws/new?task={task_path.rsplit('/', 1)[1]}").text
        assert (value_of(form, "rates"), value_of(form, "period_to")) == ("A 20/100\nB 1/2", "2026-04-30") and 'name="task_id"' in form
        given = {
            "title": "抽取", "region_code": "330106", "item_codes": ["A01"], "rates": "A 20/100\nB 1/2", "stratify_by": "credit_class",
            "exclusions": ["CLOSED"], "period_from": "2026-03-09", "period_to": "2026-03-31", "kind": "planned", "task_id": task_path.rsplit("/", 1)[1],
        }  # fmt: skip
        wider = officer.post("/draws/new", {**given, "rates": "A 40/100\nB 1/2"})
        assert wider.status_code == 422 and "高于批准的上限" in wider.text
        draw = officer.post("/draws/new", given).location
        shown = officer.get(draw).text
        assert "3/15 = 20.00%" in shown and "西市监抽查〔2026〕1号" in shown
        assert officer.post(f"{draw}/freeze", {"version": "1"}).status_code == 303
        assert "执行中" in planner.get(path).text and "底册已冻结" in planner.get(task_path).text and "8/15" in planner.get(task_path).text
        closing = planner.post(f"{task_path}/close", {"version": "3", "reason": "查完了"})
        assert closing.status_code == 409 and "尚未公布名单" in closing.text
    with office.database.read() as session:
        assert [e.kind for e in ledger.of(session, "task", "西市监抽查〔2026〕1号")] == ["check_task"]


def test_a_planner_is_shown_who_checks_the_same_and_joins_or_answers(office: Office, app: Any) -> None:
    with clock.at(PREPARED):
        planner, above = sign_in(app, "planner"), sign_in(app, "above")
        first = planner.post("/tasks/new", {**TASK, "reason": "上级交办"})
        assert first.status_code == 303
        other = {**TASK, "title": "市级抽查", "region_code": "330100", "prefix": "杭市监", "lead_department": "YJ", "reason": "专项部署", "period_from": "2026-04-30",
                 "period_to": "2026-05-30"}  # fmt: skip
        warned = above.post("/tasks/new", other)
        assert warned.status_code == 409 and "西市监抽查〔2026〕1号" in warned.text and "市场监管局" in warned.text and "加入（部门联合）" in warned.text
        assert above.post("/tasks/new", {**other, "period_from": "2026-05-01"}).status_code == 303  # the days do not meet
        gone_on = above.post("/tasks/new", {**other, "overlap_reason": "环节不同"})
        assert gone_on.status_code == 303 and "环节不同" in above.get(gone_on.location).text
        assert above.post(f"{first.location}/join", {"department": "YJ"}).status_code == 303
        assert "市场监管局、应急管理局" in planner.get(first.location).text
        flight = planner.json("POST", "/api/v1/tasks", {**TASK, "n_objects": 3, "check_kind": "flight", "reason": "线索"})
        assert flight.status_code == 201 and flight.json["code"] == "西市监飞查〔2026〕1号"
        told = above.json("GET", "/api/v1/tasks/overlaps?region_code=330106&item_codes=A01&period_from=2026-03-01&period_to=2026-04-30").json
        assert [(row["code"], row["joinable"]) for row in told] == [("杭市监抽查〔2026〕2号", True), ("西市监抽查〔2026〕1号", True)]
        assert above.json("GET", "/api/v1/tasks/overlaps?region_code=330106").status_code == 422


def test_annual_plans_and_tasks_as_json(office: Office, app: Any) -> None:
    with clock.at(PREPARED):
        planner, leader = sign_in(app, "planner"), sign_in(app, "leader")
        body = {**PLAN, "year": 2026}
        made = planner.json("POST", "/api/v1/annual-plans", body)
        assert (made.status_code, made.json["code"]) == (201, "CC2026-330106-01")
        for change, field in (({"year": "x"}, "year"), ({"scope": ""}, "scope"), ({"lead_department": "NO"}, "departments"), ({"colour": 1}, "colour")):
            answer = planner.json("POST", "/api/v1/annual-plans", {**body, **change})
            assert answer.status_code == 422 and field in answer.json["errors"], change
        api = f"/api/v1/annual-plans/{made.json['id']}"

        def call(browser: Any, method: str, part: str, given: Any = None) -> Any:
            now = browser.json("GET", api).json["version"]
            return browser.json(method, api + part, given, If_Match=f'"{now}"')

        table = {"matter_kind": "general", "dimension": "credit_class", "rows": [{"class": "*", "ratio": "1/2", "floor": "1/10", "upper": "1/1"}]}
        assert call(planner, "PUT", "/rates", {**table, "rows": [{"class": "A", "ratio": 0.5}]}).status_code == 422
        assert "第 1 行" in str(call(planner, "PUT", "/rates", {**table, "rows": [{"class": "A", "ratio": "0/2", "floor": "1/10"}]}).json["errors"]["rows"])
        assert call(planner, "PUT", "/rates", table).status_code == 200
        assert call(planner, "PUT", "", {**body, "year": 2027}).json["code"] == "plan-number-fixed"
        assert call(planner, "PUT", "", {**body, "title": "改名"}).json["title"] == "改名"
        task = planner.json("POST", "/api/v1/tasks", {**TASK, "n_objects": 18, "plan_id": made.json["id"]}).json
        assert call(planner, "POST", "/submit").json["state"] == "submitted"
        assert call(leader, "POST", "/return", {"reason": "再核"}).json["state"] == "returned"
        assert call(planner, "POST", "/submit").status_code == 200
        digest = call(leader, "POST", "/approve").json["digest"]
        assert call(planner, "POST", "/publish").json["tasks"] == 1
        shown = planner.json("GET", api).json
        assert shown["versions"][0]["digest"] == digest and shown["faults"] == [] and shown["rates"][0]["rows"][0]["class"] == "其余"
        chances = planner.json("GET", f"/api/v1/tasks/{task['id']}/chances").json
        assert [(c["name"], c["probability"]) for c in chances] == [("A", "8/15"), ("B", "8/15")]
        full = planner.json("GET", f"/api/v1/tasks/{task['id']}").json
        assert (full["progress"], full["draws"]) == ("待抽取", [])
        assert call(planner, "POST", "/revise", {"reason": "调整"}).json["plan_version"] == 2
        edited = planner.json("PUT", f"/api/v1/tasks/{task['id']}", {**TASK, "n_objects": 20, "plan_id": made.json["id"]}, If_Match=f'"{full["version"]}"')
        assert edited.json["n_objects"] == 20
        assert {"place": "西市监抽查〔2026〕1号", "what": "数量", "before": "18", "after": "20"} in call(planner, "GET", "/changes").json["2"]
        assert "本版的改动" in planner.get(f"/annual-plans/{made.json['id']}").text
        copied = planner.json("POST", f"{api}/copy").json
        assert (copied["code"], copied["left_out"]) == ("CC2027-330106-01", [])
        assert planner.post(f"/annual-plans/{made.json['id']}/copy").status_code == 303
        assert call(planner, "POST", "/cancel", {"reason": "不做了"}).json["state"] == "cancelled"
        assert [row["state"] for row in planner.json("GET", "/api/v1/tasks").json] == ["draft", "draft", "cancelled"]
        alone = planner.json("POST", "/api/v1/tasks", {**TASK, "n_objects": 5, "reason": "线索"}).json
        ordered = leader.json("POST", f"/api/v1/tasks/{alone['id']}/approve", If_Match='"1"').json
        assert ordered["state"] == "open"
        assert planner.json("POST", f"/api/v1/tasks/{alone['id']}/close", {"reason": "查完"}, If_Match='"2"').json["code"] == "draw-missing"
        assert planner.json("POST", f"/api/v1/tasks/{alone['id']}/join", {"department": "YJ"}).json["departments"] == ["YJ"]
        assert planner.json("POST", f"/api/v1/tasks/{alone['id']}/cancel", {"reason": "线索不实"}, If_Match='"3"').json["state"] == "cancelled"
        assert planner.json("GET", "/api/v1/annual-plans/ratio-tables").json[0]["key"] == "lindian-2024"
        assert planner.json("GET", "/api/v1/tasks/999").status_code == 404

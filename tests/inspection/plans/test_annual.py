"""Annual inspection plans: ratio tables, states, frozen versions, tasks, what the public learns."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from inspection import clock, ledger
from inspection.db import Database
from inspection.errors import Invalid, NotFound, Refused
from inspection.plans.annual import rules, service
from tests.inspection.plans.annual import NOW, PLAN, TABLE, TASK, Office, rate


def faults(matter: str, dimension: str, *rows: rules.Rate) -> str:
    return "；".join(rules.rate_faults(rules.RateTable(matter, dimension, rows)))


def test_a_ratio_is_never_zero_and_stays_between_its_floor_and_its_upper_limit() -> None:
    assert not rules.rate_faults(TABLE)
    assert "第 1 行（A）：下限为 0：每个对象都应有被抽中的机会" in faults("general", "credit_class", rate("A", "1/10", "0/10", "1/2"))
    assert "比例为 0" in faults("general", "credit_class", rate("A", "0/10", "1/10", "1/2"))
    assert "下限大于比例" in faults("general", "credit_class", rate("A", "1/100", "1/50", "1/2"))
    assert "比例大于上限" in faults("general", "credit_class", rate("A", "6/10", "1/50", "1/2"))
    assert "上限 3/2 不合法" in faults("general", "credit_class", rate("A", "6/10", "1/50", "3/2"))
    assert "没有填写下限" in faults("key", "none", rules.Rate("ALL", (1, 2), None))
    assert "第 2 行（A）：与前面的一行重复" in faults("key", "credit_class", rate("A", "1/2", "1/2"), rate("A", "1/2", "1/2"))
    assert rules.rate_faults(rules.RateTable("key", "none", ())) == ["至少一行"]


def test_general_matters_need_an_upper_limit_and_key_matters_have_none() -> None:
    assert "一般检查事项须设比例上限" in faults("general", "credit_class", rate("A", "1/10", "1/10"))
    assert "重点检查事项不设比例上限" in faults("key", "credit_class", rate("A", "1/10", "1/10", "1/2"))
    assert not faults("key", "credit_class", rate("A", "1/10", "1/10"))
    assert rules.kind_of({"key", "general"}) == "general" and rules.kind_of({"key"}) == "key"


def test_each_dimension_has_its_own_classes() -> None:
    assert "只有 A、B、C、D、“未分级”" in faults("key", "food_risk_grade", rate("高", "1/2", "1/2"))
    assert "行政区划代码" in faults("key", "area", rate("西湖区", "1/2", "1/2"))
    assert "不分类的表只有一行" in faults("key", "none", rate("A", "1/2", "1/2"))
    assert not faults("key", "area", rate("330106", "1/2", "1/2"), rate("其余", "1/3", "1/3")) and not faults("key", "industry", rate("餐饮业", "1/2", "1/2"))


def test_a_table_survives_being_kept_as_plain_data() -> None:
    assert rules.RateTable.of(TABLE.plain()) == TABLE
    assert rules.outside(TABLE, {"A": (1, 5), "B": (1, 2), "未分级": (1, 2)}) == []
    assert rules.outside(TABLE, {"A": (1, 200), "B": (7, 10)}) == ["A 类的比例 1/200 低于批准的下限 1/100", "B 类的比例 7/10 高于批准的上限 6/10"]


def test_a_task_outside_the_plan_needs_its_reason_and_days_in_order() -> None:
    found = rules.task_faults(replace(TASK, period_to=TASK.period_from.replace(day=1), departments=("SCJG",), item_codes=(), prefix="a b"))
    assert set(found) == {"period_to", "departments", "item_codes", "prefix", "reason"}


def test_a_plan_is_approved_by_a_second_person_and_frozen(database: Database) -> None:
    office = Office(database)
    plan = office.drafted()
    with pytest.raises(Refused, match="还没有抽查任务"):
        office.step(office.planner, service.submit, plan)
    task = office.task(plan)
    assert task.code == "西市监抽查〔2026〕1号" and office.task(plan, title="第二项").code == "西市监抽查〔2026〕2号"
    office.step(office.planner, service.submit, plan)
    with pytest.raises(Refused, match="编制人和提交人不能审批"):
        office.step(office.planner, service.approve, plan)
    assert office.step(office.leader, service.send_back, plan, reason="比例再核").state == "returned"
    plan = office.published(plan)
    assert (plan.state, {t.state for t in plan.tasks}) == ("published", {"open"})
    with pytest.raises(Refused, match="不能再改"):
        office.do(office.planner, service.set_rates, plan.id, TABLE, version=plan.version_id)
    with pytest.raises(DatabaseError), database.write() as session:
        session.execute(text("UPDATE check_plan_versions SET digest = 'x'"))
    with database.read() as session:
        frozen = service.newest_version(session, plan.id)
        assert frozen is not None and frozen.content["rates"] == [TABLE.plain()] and not service.recheck(session, plan)
        assert service.approved_table(session, service.task(session, task.id)) == TABLE
        (line,), (row,) = ledger.of(session, "plan", plan.code), ledger.of(session, "task", task.code)
        book = load_workbook(io.BytesIO(line.file or b""))
    assert line.kind == "check_plan" and [t["task_code"] for t in line.content["tasks"]] == ["西市监抽查〔2026〕1号", "西市监抽查〔2026〕2号"]
    assert [cells[3] for cells in book["抽查任务"].iter_rows(values_only=True)] == ["任务编号", "西市监抽查〔2026〕1号", "西市监抽查〔2026〕2号"]
    assert [cells[2:6] for cells in book["比例和频次"].iter_rows(values_only=True)][1] == ("A", "20/100", "1/100", "30/100")
    assert line.content["tasks"][0]["departments"] == ["市场监管局"] and line.content["departments"] == ["市场监管局", "应急管理局"]
    assert line.content["n_objects"] == 12 and line.content["document_number"] == "西市监〔2026〕8号"
    assert row.kind == "check_task" and row.content == {
        "plan_code": plan.code, "plan_title": PLAN.title, "task_code": task.code, "task_title": TASK.title, "check_type": "untargeted",
        "check_kind": "random", "matters": [{"code": "A01", "name": "事项A01"}, {"code": "B02", "name": "事项B02"}], "objects": TASK.objects,
        "period_from": "2026-03-05", "period_to": "2026-04-30", "departments": ["市场监管局"], "authority": "西湖区市场监督管理局", "n_objects": 6,
        "version": 1, "reason": "",
    }  # fmt: skip


def test_a_change_after_approval_is_a_new_version_beside_the_old_one(sqlite_database: Database) -> None:
    office = Office(sqlite_database)
    plan = office.drafted()
    task = office.task(plan)
    plan = office.published(plan)
    with pytest.raises(Invalid):
        office.step(office.planner, service.revise, plan, reason=" ")
    plan = office.step(office.planner, service.revise, plan, reason="增加一项")
    assert (plan.state, plan.version) == ("draft", 2)
    wider = rules.RateTable("general", "credit_class", (rate("其余", "1/2", "1/10", "1/1"),))
    office.do(office.planner, service.set_rates, plan.id, wider, version=plan.version_id)
    with sqlite_database.read() as session:
        told = service.compared(session, office.now(plan))[2]
        assert ("一般检查事项 · 企业信用风险分类 · A", "", "有", "") in told and ("一般检查事项 · 企业信用风险分类 · 其余", "比例", "1/2", "1/2") not in told
    with sqlite_database.read() as session:  # the approved one holds until the next one is approved
        assert service.approved_table(session, service.task(session, task.id)) == TABLE
    office.do(office.planner, service.edit_task, task.id, replace(TASK, plan_id=plan.id, n_objects=9), version=2)
    plan = office.published(plan)
    with sqlite_database.read() as session:
        assert ("西市监抽查〔2026〕1号", "数量", "6", "9") in service.compared(session, plan)[2]
        old, new = service.versions(session, plan.id)
        assert (old.version, new.version, new.reason) == (1, 2, "增加一项") and old.digest != new.digest
        assert service.approved_table(session, service.task(session, task.id)) == wider
        for board, code in (("plan", plan.code), ("task", task.code)):
            first, second = ledger.of(session, board, code)
            assert second.kind == "correction" and second.replaces_id == first.id and (second.content["version"], second.content["reason"]) == (2, "增加一项")


def test_a_flight_inspection_stands_on_no_board(sqlite_database: Database) -> None:
    office = Office(sqlite_database)
    plan = office.drafted()
    office.task(plan)
    flight = office.task(plan, title="飞行检查某批企业", check_kind="flight", item_codes=("C12",))
    assert flight.code == "西市监飞查〔2026〕1号"
    plan = office.published(plan)
    with sqlite_database.read() as session:
        assert not ledger.of(session, "task", flight.code)
        told = str([ledger.of(session, "plan", plan.code)[0].content, *(e.content for e in ledger.of(session, "task", "西市监抽查〔2026〕1号"))])
        assert "飞" not in told and "C12" not in told
        book = load_workbook(io.BytesIO(ledger.of(session, "plan", plan.code)[0].file or b""))
        assert [cells[3] for cells in book["抽查任务"].iter_rows(values_only=True)] == ["任务编号", "西市监抽查〔2026〕1号"]
    with pytest.raises(NotFound):
        office.do(office.above, service.join_task, flight.id, department="YJ")


def test_a_task_outside_the_plan_is_ordered_by_a_second_person(sqlite_database: Database) -> None:
    office = Office(sqlite_database)
    task = office.task(None)
    with pytest.raises(Refused, match="另一位负责人"):
        office.do(office.planner, service.approve_task, task.id, version=1)
    office.do(office.leader, service.approve_task, task.id, version=1)
    joined = office.do(office.above, service.join_task, task.id, department="YJ")
    assert joined.departments == ["YJ"]
    with pytest.raises(Refused, match="已在任务"):
        office.do(office.above, service.join_task, task.id, department="YJ")
    with sqlite_database.read() as session:
        first, second = ledger.of(session, "task", task.code)
        assert (first.content["departments"], second.content["departments"]) == (["市场监管局"], ["市场监管局", "应急管理局"])
        assert second.content["reason"] == "部门联合：应急管理局加入"
    office.do(office.planner, service.cancel_task, task.id, version=joined.version_id, reason="上级取消")
    with sqlite_database.read() as session:
        assert ledger.of(session, "task", task.code)[-1].kind == "withdrawal"
    assert office.task(None).code == "西市监抽查〔2026〕2号"


def test_a_plan_that_was_not_begun_can_be_cancelled_with_its_tasks(sqlite_database: Database) -> None:
    office = Office(sqlite_database)
    plan = office.drafted()
    office.task(plan)
    plan = office.published(plan)
    with pytest.raises(Invalid):
        office.step(office.planner, service.cancel, plan, reason="")
    plan = office.step(office.planner, service.cancel, plan, reason="机构改革")
    assert (plan.state, [t.state for t in plan.tasks]) == ("cancelled", ["cancelled"])
    with sqlite_database.read() as session:
        assert [e.kind for e in ledger.of(session, "plan", plan.code)] == ["check_plan", "withdrawal"]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"region_code": "330102"}, "region_code"), ({"period_from": TASK.period_from.replace(year=2025)}, "period_from"), ({"item_codes": ("Z9",)}, "item_codes"),
     ({"lead_department": "NO"}, "departments"), ({"object_kind": "ship"}, "object_kind")],
)  # fmt: skip
def test_a_task_that_does_not_fit_its_plan_is_refused_by_field(sqlite_database: Database, change: dict[str, Any], field: str) -> None:
    office = Office(sqlite_database)
    with pytest.raises(Invalid) as refusal:
        office.task(office.drafted(), **change)
    assert field in refusal.value.fields


def test_a_plan_is_copied_for_the_next_year_without_the_tasks_whose_items_are_gone(sqlite_database: Database) -> None:
    office = Office(sqlite_database)
    plan = office.drafted()
    office.task(plan)
    office.task(plan, title="2026年许可证企业检查", item_codes=("C12",), check_kind="special")
    plan = office.published(plan)
    with sqlite_database.write() as session:
        session.execute(text("UPDATE check_items SET valid_to = '2026-03-01' WHERE code = 'C12'"))
    made = office.do(office.planner, service.copy, plan.id, year=2027, authority="西湖区市场监督管理局")
    with clock.at(NOW), sqlite_database.write(office.planner) as session:
        left = service.copy_tasks(session, office.planner, service.get(session, plan.id), service.get(session, made.id))
    copied = office.now(made)
    assert (copied.title, copied.state, copied.rates, left) == ("西湖区2027年度双随机抽查工作计划", "draft", plan.rates, ["2026年许可证企业检查"])
    assert [(t.code, t.period_to.isoformat()) for t in copied.tasks] == [("西市监抽查〔2027〕1号", "2027-04-30")]
    with pytest.raises(Refused):
        office.do(office.planner, service.copy, plan.id, year=2026, authority="")

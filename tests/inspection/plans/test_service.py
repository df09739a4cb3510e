"""The verbs of a plan, on both databases, with the figures of the first journey."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from sqlalchemy import select, text

from inspection import audit, ledger
from inspection.actor import SYSTEM
from inspection.db import Database
from inspection.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Refused
from inspection.plans import documents, rules, service
from inspection.plans.models import Plan, PlanVersion
from inspection.registers import service as registers
from inspection.registers.models import Laboratory
from tests.inspection.plans.office import COUNTY, GIVEN, PEOPLE, SPECIAL, Office
from tests.people import person


def refused(code: str, call: Any, kind: type[DomainError] = Refused) -> DomainError:
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.code == code, caught.value
    return caught.value


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def test_the_quota_says_how_it_came_about(office: Office) -> None:
    plan = office.drafted()
    assert (plan.code, plan.population, plan.total) == ("2027-330106-01", 320_000, 2_240)
    assert documents.formula(plan) == "2026 年户籍人口 320,000 人 × 7 批次/千人 ÷ 1000，向上取整（“以上”） = 2,240 批次"
    odd = {"rate_per_thousand": Decimal("7.001")}
    assert [office.drafted(rounding=r, **odd).total for r in ("up", "half_up", "down")] == [2_241, 2_240, 2_240]
    assert office.drafted(rate_per_thousand=None, population_year=None, total=7).code == "2027-330106-05"
    assert "2025" in refused("population-missing", lambda: office.drafted(population_year=2025)).message
    for wrong, field in (
        ({"total": 5}, "rate_per_thousand"), ({"rate_per_thousand": None}, "rate_per_thousand"), ({"population_year": None}, "population_year"),
        ({"rate_per_thousand": Decimal(0)}, "rate_per_thousand"), ({"random": True}, "random"),
    ):
        assert field in refused("plan-incomplete", lambda w=wrong: office.drafted(**w), Invalid).fields
    refused("unknown-region", lambda: office.drafted(region_code="999999"), Invalid)
    away = person(office.database, "away", "planner", region_code="330102")
    with office.database.write(away) as session:
        refused("outside-region", lambda: service.create(session, away, GIVEN), Forbidden)


def test_a_population_missing_in_one_township_is_not_taken_as_zero(office: Office) -> None:
    with office.database.write() as session:
        session.execute(text("DELETE FROM populations WHERE region_code = '330106007'"))
    refused("population-missing", office.drafted)


def test_the_table_is_exact_on_every_margin_and_the_same_every_time(office: Office) -> None:
    locked = rules.Bound(f"{COUNTY}001", "31", locked=9)
    plan = office.allocated(locked, rules.Bound(f"{COUNTY}002", "31", minimum=4), rules.Bound(f"{COUNTY}003", "31", maximum=1))
    assert service.check(plan) == []
    cells = {(c.region_code, c.class_code): c for c in plan.cells}
    assert len(cells) == 20 * 34 and sum(c.n_batches for c in cells.values()) == 2_240
    assert (cells[f"{COUNTY}001", "31"].n_batches, cells[f"{COUNTY}001", "31"].locked) == (9, 9)
    assert cells[f"{COUNTY}002", "31"].n_batches >= 4 and cells[f"{COUNTY}003", "31"].n_batches <= 1
    assert [sum(getattr(c, f"q{k}") for c in cells.values()) for k in (1, 2, 3, 4)] == [560] * 4
    assert all(c.n_batches == c.q1 + c.q2 + c.q3 + c.q4 for c in cells.values())
    assert min(m.target for m in service.axis_of(plan, "class")) >= 1
    kept = service.bounds_of(plan)
    assert locked in kept and len(kept) == 3
    before = service.digest_of(plan)
    assert service.digest_of(office.step(plan, office.planner, service.allocate_cells, bounds=kept)) == before
    assert service.digest_of(office.step(plan, office.planner, service.allocate_cells)) != before


def test_demands_that_no_table_meets_name_row_column_and_shortfall(office: Office) -> None:
    plan = office.margins(office.drafted())
    message = refused(
        "allocation-infeasible", lambda: office.step(plan, office.planner, service.allocate_cells, bounds=[rules.Bound(f"{COUNTY}001", "31", locked=400)])
    ).message
    assert "第01镇" in message and "400" in message and "多" in message
    row = next(m for m in service.axis_of(office.now(plan), "region") if m.code == f"{COUNTY}001")
    assert str(row.target) in message and str(400 - row.target) in message
    crossed = [rules.Bound(f"{COUNTY}001", "31", minimum=5, maximum=2)]
    assert "餐饮食品" in refused("allocation-infeasible", lambda: office.step(plan, office.planner, service.allocate_cells, bounds=crossed)).message
    refused("unknown-cell", lambda: office.step(plan, office.planner, service.allocate_cells, bounds=[rules.Bound("330102", "31", 1)]), Invalid)
    refused("margins-missing", lambda: office.step(office.drafted(), office.planner, service.allocate_cells))
    assert "34" in refused("margins-infeasible", lambda: office.margins(office.drafted(rate_per_thousand=None, population_year=None, total=33))).message


def test_margins_are_places_of_the_plan_and_classes_of_its_year(office: Office) -> None:
    plan = office.drafted()
    wrong = refused("unknown-margin", lambda: office.margins(plan, regions={"330102": Decimal(1), "330109": Decimal(1)}), Invalid)
    assert "不在 330106 之内" in str(wrong.fields) and "330109 未登记" in str(wrong.fields)
    refused("unknown-margin", lambda: office.margins(plan, regions={COUNTY: Decimal(1), f"{COUNTY}001": Decimal(1)}), Invalid)
    assert "99" in refused("unknown-margin", lambda: office.margins(plan, classes={"99": Decimal(1)}), Invalid).message
    refused("margins-infeasible", lambda: office.margins(plan, regions=dict.fromkeys(PEOPLE, Decimal(0))))


def test_laboratories_take_what_they_may_and_can_and_the_rest_is_told(office: Office) -> None:
    plan = office.allocated()
    plan = office.step(plan, office.planner, service.assign_laboratories)
    with office.database.read() as session:
        code_of = dict(session.execute(select(Laboratory.id, Laboratory.code)).all())
    special = next(m.code for m in service.axis_of(plan, "class") if m.name == SPECIAL)
    taken = {name: sum(p.n_batches for p in plan.laboratories if code_of[p.laboratory_id] == name) for name in code_of.values()}
    assert sum(taken.values()) == 2_240 and taken["LAB-C"] == 700 and taken["LAB-B"] == 800 and service.unassigned(plan) == []
    assert not any(p.class_code == special and code_of[p.laboratory_id] == "LAB-C" for p in plan.laboratories)
    with office.database.write() as session:
        for lab_id, code in code_of.items():
            registers.set_capacity(session, SYSTEM, lab_id, year=2027, quarter=3, n_batches=100 if code == "LAB-A" else 200)
    plan = office.step(plan, office.planner, service.assign_laboratories)
    left = service.unassigned(plan)
    assert {quarter for _, quarter, _ in left} == {3} and sum(n for *_, n in left) == 60
    refused("capacity-missing", lambda: office.step(office.allocated(year=2030), office.planner, service.assign_laboratories))


def test_a_plan_is_approved_by_another_person_and_frozen(office: Office) -> None:
    plan = office.drafted()
    refused("plan-not-allocated", lambda: office.step(plan, office.planner, service.submit))
    plan = office.allocated()
    refused("wrong-state", lambda: office.step(plan, office.leader, service.approve))
    office.step(plan, office.planner, service.submit)
    refused("plan-not-draft", lambda: office.margins(plan))
    refused("same-person", lambda: office.step(plan, office.planner, service.approve))
    refused("reason-missing", lambda: office.step(plan, office.leader, service.send_back, reason=" "), Invalid)
    office.step(plan, office.leader, service.send_back, reason="类别权重请注明来源")
    office.step(plan, office.planner, service.submit)
    with office.database.write(office.leader) as session:
        refused("changed-meanwhile", lambda: service.approve(session, office.leader, plan.id, version=1), Conflict)
    plan = office.step(plan, office.leader, service.approve)
    with office.database.read() as session:
        frozen = session.scalars(select(PlanVersion)).one()
        assert frozen.digest == service.digest_of(service.get(session, plan.id)) == hashlib.sha256(rfc8785.dumps(frozen.content)).hexdigest()
        assert service.recheck(session, service.get(session, plan.id)) == []
        assert service.by_code(session, plan.code).id == plan.id
        refused("plan-not-found", lambda: service.by_code(session, "2027"), NotFound)
        assert audit.verify(session).ok


def test_a_published_plan_carries_its_notice_and_a_revision_replaces_it(office: Office) -> None:
    plan = office.approved()
    plan = office.step(plan, office.planner, service.publish, notice=b"%PDF-1.7 notice")
    office.step(plan, office.planner, service.begin)
    refused("reason-missing", lambda: office.step(plan, office.planner, service.revise, reason=""), Invalid)
    plan = office.step(plan, office.planner, service.revise, reason="第三类增加20批次", total=2_260)
    assert (plan.state, plan.version, plan.total) == ("draft", 2, 2_260)
    assert documents.formula(plan) == "总批次 2260（直接确定）"
    refused("plan-not-exact", lambda: office.step(plan, office.planner, service.submit))
    office.margins(plan)
    office.step(plan, office.planner, service.allocate_cells)
    office.step(plan, office.planner, service.submit)
    office.step(plan, office.leader, service.approve)
    office.step(plan, office.planner, service.publish)
    with office.database.read() as session:
        first, second = ledger.of(session, "plans", plan.code)
        assert (first.kind, first.file, second.kind, second.replaces_id) == ("plan", b"%PDF-1.7 notice", "correction", first.id)
        assert (first.content["total"], second.content["total"], second.content["reason"]) == (2_240, 2_260, "第三类增加20批次")
        assert "approved_by" not in second.content
        assert session.scalars(select(PlanVersion.version).order_by(PlanVersion.version)).all() == [1, 2]
    for verb in (service.begin, service.complete):
        plan = office.step(plan, office.planner, verb)
    assert plan.state == "completed"
    refused("wrong-state", lambda: office.step(plan, office.planner, service.cancel, reason="x"))


def test_a_cancelled_plan_says_so_where_it_was_published(office: Office) -> None:
    plan = office.step(office.approved(), office.planner, service.publish)
    refused("reason-missing", lambda: office.step(plan, office.planner, service.cancel, reason=" "), Invalid)
    office.step(plan, office.planner, service.cancel, reason="经费调整")
    with office.database.read() as session:
        assert [e.kind for e in ledger.of(session, "plans", plan.code)] == ["plan", "withdrawal"]
    quiet = office.step(office.drafted(), office.planner, service.cancel, reason="重复建立")
    with office.database.read() as session:
        assert ledger.of(session, "plans", quiet.code) == []


def test_a_table_changed_behind_the_application_is_found(office: Office) -> None:
    plan = office.approved()
    with office.database.write() as session:
        found = service.get(session, plan.id)
        found.cells[0].n_batches += 1
        session.flush()
        faults = service.recheck(session, found)
        assert any("季度" in fault for fault in faults) and any("批准的第 1 版不符" in fault for fault in faults)
        refused("plan-changed", lambda: service.publish(session, office.planner, plan.id, version=found.version_id))
        found.cells[0].n_batches -= 1
        found.total += 1
        assert any("按人口重算应为 2240" in fault for fault in service.recheck(session, found))
        session.rollback()


def test_plans_of_another_region_are_not_there(office: Office) -> None:
    plan = office.drafted()
    away = person(office.database, "away", "planner", region_code="330102")
    with office.database.read(away) as session:
        assert list(session.scalars(service.listing())) == []
        refused("plan-not-found", lambda: service.get(session, plan.id), NotFound)
    assert isinstance(plan, Plan)


def test_an_edit_of_an_old_reading_is_refused_whatever_was_edited_meanwhile(office: Office) -> None:
    plan = office.allocated()
    for verb, more in ((service.set_margins, {"regions": dict.fromkeys(PEOPLE, Decimal(1)), "classes": {"31": Decimal(1)}}), (service.allocate_cells, {}), (service.assign_laboratories, {})):
        read = office.version(plan)
        office.step(plan, office.planner, verb, **more)
        with office.database.write(office.planner) as session:
            refused("changed-meanwhile", lambda v=verb, m=more, r=read: v(session, office.planner, plan.id, version=r, **m), Conflict)

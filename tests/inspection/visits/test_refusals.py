"""A refused inspection is followed up with a deadline: opened by the approval, closed by another person with evidence, withdrawn by a correction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from inspection import clock
from inspection.audit import AuditEvent
from inspection.errors import Conflict, DomainError, Invalid, NotFound, Refused
from inspection.visits import rules
from inspection.visits import service as visits
from inspection.visits.models import Pursued, Visit
from inspection.visits.pursuits import REFUSAL
from tests.inspection.visits.conftest import Office
from tests.inspection.visits.test_reserves import GONE
from tests.inspection.visits.town import DAY, VISITED, Town

REFUSED = rules.VisitEntry("05", DAY, summary="店主拒不开门，出示证件后仍拒绝", witness="网格员")


def of(town: Town, visit: Visit) -> Pursued:
    with town.database.read() as session:
        found = visits.pursuit_of(session, REFUSAL, visit.id)
        assert found is not None
        return found


def close(town: Town, who: str, visit: Visit, measure: str = "case", version: int | None = None) -> Pursued:
    actor = town.people[who]
    with clock.at(VISITED), town.database.write(actor) as session:
        wanted = of(town, visit).version_id if version is None else version
        return visits.settle(session, actor, REFUSAL, visit.id, version=wanted, measure=measure, evidence="立案审批表 2026-11号")


def test_a_refusal_is_opened_by_the_approval_and_closed_once_by_another_person(town: Town) -> None:
    with town.database.read() as session:
        first, second = session.scalars(select(Visit).order_by(Visit.number)).all()[:2]
    town.submit(first, REFUSED)
    with town.database.read() as session:
        assert visits.pursuit_of(session, REFUSAL, first.id) is None, "not before the leader has accepted the record"
    town.act(visits.approve, "leader", first)
    row = of(town, first)
    assert (row.state, row.due_on, row.due_unannounced) == ("open", date(2026, 12, 9), False)  # fifteen working days after 18 November
    town.approved(second, GONE)
    wrong: list[tuple[str, type[DomainError], object]] = [
        ("changed-meanwhile", Conflict, lambda: close(town, "cases", first, version=99)), ("unknown-code", Invalid, lambda: close(town, "cases", first, "nothing")),
        ("no-refusal", NotFound, lambda: close(town, "cases", second, version=1)), ("own-record", Refused, lambda: close(town, town.team(first)[0].login.upper(), first)),
    ]  # fmt: skip
    for code, kind, call in wrong:
        with pytest.raises(kind) as caught:
            call()  # type: ignore[operator]
        assert caught.value.code == code
    assert of(town, first).state == "open"
    close(town, "cases", first)
    closed = of(town, first)
    assert (closed.state, closed.measure, closed.closed_by_name) == ("closed", "case", town.people["cases"].name)
    with pytest.raises(Refused):
        close(town, "leader", first)
    with town.database.read() as session:
        assert {"refusal.create", "refusal.settle"} <= set(session.scalars(select(AuditEvent.verb)))


def test_a_correction_withdraws_it_and_another_one_opens_it_again(street: Town) -> None:
    visit = street.visit
    street.approved(visit, REFUSED)
    street.act(visits.correct, "leader", visit, entry=replace(GONE, outcome="03"), reason="当时已停业，并非拒绝")
    assert of(street, visit).state == "withdrawn" and "并非拒绝" in of(street, visit).evidence
    street.act(visits.correct, "leader", visit, entry=REFUSED, reason="复核视频后仍为拒绝")
    assert (of(street, visit).state, of(street, visit).evidence) == ("open", "")


def test_it_stands_on_the_page_in_the_tasks_and_in_json(office: Office) -> None:
    town, visit = office.town, office.town.visit
    town.approved(visit, REFUSED)
    with clock.at(VISITED):
        cases, inspector = office.signed_in("cases"), office.signed_in(town.team(visit)[0].login)
        assert "待处理的拒绝检查" in cases.get("/").text and visit.number in cases.get("/visits?refusal=open").text
        page = cases.get(f"/visits/{visit.id}").text
        assert "拒绝检查的后续处理" in page and "2026-12-09" in page and "逾期" not in page.split("拒绝检查的后续处理")[1] and "（依据待核）" in page
        assert "/refusal/close" not in inspector.get(f"/visits/{visit.id}").text
        given = {"measure": "police", "evidence": "移送回执", "version": "1"}
        assert cases.post(f"/visits/{visit.id}/refusal/close", given | {"evidence": ""}).status_code == 422
        assert cases.json("GET", f"/api/v1/visits/{visit.id}/refusal").json["state"] == "open"
        answer = cases.json("POST", f"/api/v1/visits/{visit.id}/refusal", {"measure": "again", "evidence": "x"}, If_Match='"9"')
        assert answer.status_code == 412
        assert cases.post(f"/visits/{visit.id}/refusal/close", given).status_code == 303
        assert "已移送公安机关" in cases.get(f"/visits/{visit.id}").text and visit.number not in cases.get("/visits?refusal=open").text
        assert cases.json("GET", f"/api/v1/visits/{visit.id + 1}/refusal").status_code == 404
        cases.post("/language", {"language": "en", "next": "/"})
        assert "What follows the refusal" in cases.get(f"/visits/{visit.id}").text
    other = town.again(visit)
    assert other.state == "approved"


def test_a_refusal_past_its_day_is_called_overdue(office: Office) -> None:
    office.town.approved(office.town.visit, REFUSED)
    with clock.at(VISITED + timedelta(days=40)):
        leader = office.signed_in("leader")
        assert "逾期" in leader.get(f"/visits/{office.town.visit.id}").text.split("拒绝检查的后续处理")[1]

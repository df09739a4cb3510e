"""Visits without a draw: the source decides whether they count to the yearly cap, the team stands the same tests as a drawn one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from inspection import clock, history
from inspection.errors import Invalid, Refused
from inspection.registers.models import CheckItem, Enterprise, Inspector
from inspection.visits import service as visits
from inspection.visits.models import Visit
from inspection.visits.targeted import service
from tests.inspection.visits.conftest import Office
from tests.inspection.visits.town import DAY, TO, VISITED, Town, done, problem

TEAM = ("ZF-001", "ZF-002")


@pytest.fixture(autouse=True)
def _moment() -> Iterator[None]:
    with clock.at(VISITED):
        yield


def firm(town: Town) -> Enterprise:
    with town.database.read() as session:
        return session.scalars(select(Enterprise).order_by(Enterprise.id.desc())).all()[0]


def counted(town: Town) -> int:
    with town.database.read() as session:
        return session.get_one(Enterprise, firm(town).id).inspections_this_year


def order(town: Town, source: str = "special", **more: Any) -> Visit:
    given = service.Order(firm(town).code, source, "专项方案 3号", ("A01", "B02"), TEAM, DAY, TO)
    with town.database.write(town.people["officer"]) as session:
        return service.open_visit(session, town.people["officer"], replace(given, **more), authority="西湖区市场监督管理局")


def test_what_does_not_fit_is_refused_by_field_and_nothing_is_opened(street: Town) -> None:
    with street.database.write() as session:
        session.execute(update(Inspector).where(Inspector.code == "ZF-003").values(certificate_expires_on=DAY.replace(month=1)))
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("unit_code", {"unit_code": "91330106NOBODY"}), ("source", {"source": "whim"}), ("items", {"items": ("A01", "Z99")}), ("inspectors", {"inspectors": ("ZF-001", "ZF-001")}),
        ("inspectors", {"inspectors": ("ZF-001", "ZF-999")}), ("inspectors", {"inspectors": ("ZF-001", "ZF-003")}), ("due_to", {"due_to": DAY.replace(day=1)}),
    ]  # fmt: skip
    for field, more in wrong:
        with pytest.raises(Invalid) as caught:
            order(street, **more)
        assert list(caught.value.fields) == [field]
    with street.database.read() as session:
        assert not session.scalars(select(Visit).where(Visit.draw_id.is_(None))).all()


def test_a_complaint_stands_outside_the_cap_and_everything_else_counts(town: Town) -> None:
    first = order(town)
    assert (first.number, first.source, len(first.members), len(first.items)) == ("2026-T00001", "special", 2, 2)
    town.approved(first, done())
    assert counted(town) == 1
    complaint = order(town, "complaint")
    town.approved(complaint, problem())
    assert (complaint.number, counted(town)) == ("2026-T00002", 1)
    with town.database.read() as session:
        kinds = sorted(fact.kind for fact in history.of(session, complaint.unit_code))
        assert kinds == ["complaint", "problem", "visited"]
        assert [visits.settled(session, session.get_one(Visit, row.id)) for row in (first, complaint)] == [True, False]
    town.approved(order(town), done())
    with pytest.raises(Refused) as caught:
        order(town)
    assert caught.value.code == "cap-reached"
    assert order(town, "handover").state == "pending"


def test_the_officer_opens_one_on_screen_and_the_team_finds_it_today(office: Office) -> None:
    town = office.town
    officer = office.signed_in("officer")
    sent = {"unit_code": firm(town).code.lower(), "source": "complaint", "basis": "12315 举报 8号", "items": ["A01"], "inspectors": list(TEAM), "due_from": "2026-11-18", "due_to": "2026-11-30"}
    assert "投诉举报" in officer.get("/visits/new").text and "下达非抽取任务" in officer.get("/visits").text
    refused = officer.post("/visits/new", sent | {"inspectors": ["ZF-001"]})
    assert refused.status_code == 422 and "检查人员至少 2 人" in refused.text and "12315 举报 8号" in refused.text
    opened = officer.post("/visits/new", sent)
    assert opened.status_code == 303
    page = officer.get(opened.location).text
    assert "非抽取产生：投诉举报" in page and "12315 举报 8号" in page and "西湖区市场监督管理局" in page
    me = office.signed_in("ZF-001")
    assert "2026-T00001" in me.get("/visits/mine").text
    paper = PdfReader(io.BytesIO(me.get(f"{opened.location}/record.pdf").data)).pages[0].extract_text()
    with town.database.read() as session:
        assert session.scalars(select(CheckItem.content).where(CheckItem.code == "A01")).first() in paper and "投诉举报" in paper
    api = officer.json("POST", "/api/v1/visits/targeted", {**sent, "source": "key"})
    assert api.status_code == 201 and api.json["number"] == "2026-T00002"
    assert office.signed_in("leader").get("/visits/new").status_code == 403
    with town.database.read() as session:
        drawn = len(session.scalars(select(Visit).where(Visit.draw_id.is_not(None))).all())
    town.submit(town.visit)
    listed = officer.get("/visits?draw=2026-001&outcome=none").text
    assert f"尚无结局 {drawn - 1} 户" in listed and town.visit.number not in listed
    officer.post("/language", {"language": "en", "next": "/"})
    assert "Source" in officer.get("/visits/new").text and "Complaint" in officer.get("/visits/new").text

"""Reserves called in rank order, checked by the verifier that the public uses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, update

from inspection import ledger
from inspection.actor import SYSTEM
from inspection.audit import AuditEvent
from inspection.draws.models import Draw, ReserveCall, Reveal, Selection
from inspection.errors import Conflict, Refused
from inspection.visits import rules
from inspection.visits import service as visits
from inspection.visits.models import Visit
from sampling import afterwards, bundle
from tests.inspection.visits.conftest import Office
from tests.inspection.visits.town import DAY, Town

GONE = rules.VisitEntry("03", DAY, summary="大门上锁，邻居称已停业半年")


def of_stratum(town: Town, stratum: str) -> list[Visit]:
    with town.database.read() as session:
        return list(session.scalars(select(Visit).where(Visit.stratum == stratum).order_by(Visit.number)))


def reserves(town: Town, stratum: str) -> list[str]:
    with town.database.read() as session:
        rows = session.scalars(select(Selection).where(Selection.stratum == stratum, Selection.role == "reserve").order_by(Selection.rank))
        return [row.unit_code for row in rows]


def test_reserves_come_in_rank_order_with_the_team_of_the_protocol_and_the_public_can_check_it(town: Town) -> None:
    first, second = of_stratum(town, "A")[:2]
    other = of_stratum(town, "B")[0]
    made = []
    for visit in (first, other, second):
        town.approved(visit, GONE)
        made.append(town.act(visits.call_reserve, "officer", visit))
    assert [visit.unit_code for visit in made] == [reserves(town, "A")[0], reserves(town, "B")[0], reserves(town, "A")[1]]
    assert all(visit.state == "pending" and len(visit.members) == 2 and len(visit.items) == 2 and visit.due_to == date(2026, 12, 18) for visit in made)
    with town.database.read() as session:
        entries = [entry for entry in ledger.of(session, "draws", "2026-001") if entry.kind == "call"]
        calls, reveal = entries[-1].file, session.scalars(select(Reveal)).one()
        assert len(entries) == 3 and calls is not None and entries[-1].file_name.startswith("calls-" + reveal.bundle_digest[:12])
        files = bundle.unpack(reveal.bundle)
        outcome = bundle.run(files, files["commitment.json"], files["reveal.json"])
        assert len(afterwards.check_calls(files, outcome, calls)) == 3
        assert calls.decode().splitlines()[1].split("\t")[:5] == ["1", "A", first.unit_code, "03", reserves(town, "A")[0]]
        assert "visit.call_reserve" in set(session.scalars(select(AuditEvent.verb)))
        assert visits.of_visit(session, town.again(first))[1].number == made[0].number  # type: ignore[union-attr]
        assert visits.of_visit(session, made[0])[0].number == first.number  # type: ignore[union-attr]


def test_a_called_reserve_that_is_gone_too_is_replaced_in_its_turn(town: Town) -> None:
    visit = of_stratum(town, "A")[0]
    town.approved(visit, GONE)
    made = town.act(visits.call_reserve, "officer", visit)
    town.approved(made, GONE)
    again = town.act(visits.call_reserve, "officer", made)
    assert again.unit_code == reserves(town, "A")[1]
    with pytest.raises(Refused) as caught:
        town.act(visits.call_reserve, "officer", again)
    assert caught.value.code == "not-replaceable"
    town.approved(again, GONE)
    with pytest.raises(Refused) as empty:
        town.act(visits.call_reserve, "officer", again)
    assert empty.value.code == "reserve-exhausted" and len(reserves(town, "A")) == 2


def test_only_a_unit_that_could_not_be_inspected_is_replaced_and_only_once(street: Town) -> None:
    first, second, third, fourth = of_stratum(street, "A")
    street.approved(first)
    street.approved(second, replace(GONE, outcome="05", witness="网格员"))
    street.submit(third, GONE)
    for visit in (first, second, third):
        with pytest.raises(Refused) as caught:
            street.act(visits.call_reserve, "officer", visit)
        assert caught.value.code == "not-replaceable"
    street.approved(fourth, GONE)
    with street.database.write(street.people["officer"]) as session, pytest.raises(Conflict):
        visits.call_reserve(session, street.people["officer"], fourth.id, version=1)
    street.act(visits.call_reserve, "officer", fourth)
    with pytest.raises(Refused) as twice:
        street.act(visits.call_reserve, "officer", fourth)
    assert twice.value.code == "already-replaced"
    with street.database.read() as session:
        assert len(session.scalars(select(ReserveCall)).all()) == 1


def test_no_reserve_is_called_while_the_list_is_not_public(street: Town) -> None:
    visit = of_stratum(street, "A")[0]
    street.approved(visit, GONE)
    with street.database.write(SYSTEM) as session:
        session.execute(update(Draw).values(state="revealed"))
    with pytest.raises(Refused) as caught:
        street.act(visits.call_reserve, "officer", visit)
    assert caught.value.code == "draw-not-public"


def test_the_officer_calls_on_the_page_and_both_visits_point_to_each_other(office: Office) -> None:
    from inspection import clock
    from tests.inspection.visits.town import VISITED

    visit = of_stratum(office.town, "A")[0]
    office.town.approved(visit, GONE)
    with clock.at(VISITED):
        officer = office.signed_in("officer")
        assert "递补</button>" in officer.get(f"/visits/{visit.id}").text
        answer = officer.post(f"/visits/{visit.id}/reserve", {"version": str(office.town.again(visit).version_id)})
        assert answer.status_code == 303
        assert visit.number in officer.get(answer.location).text
        page = officer.get(f"/visits/{visit.id}").text
        assert "已由候补递补" in page and "递补</button>" not in page
        public = office.signed_in("auditor")
        board = public.get("/public/draws/2026-001").text
        assert "calls-" in board and visit.unit_code in board and reserves(office.town, "A")[0] in board and "已公布名单" in board



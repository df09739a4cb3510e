"""One inspector of a team swapped by rule: asked, decided by another, published beside the bundle, checked by the public's verifier."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from inspection import clock, ledger
from inspection.actor import SYSTEM
from inspection.audit import AuditEvent
from inspection.draws import service as draws
from inspection.draws.models import Draw, InspectorSwap, Reveal
from inspection.errors import Conflict, DomainError, Invalid, NotFound, Refused
from inspection.registers import service as registers
from inspection.registers.entries import InspectorEntry
from inspection.registers.models import ConflictOfInterest, Inspector
from inspection.visits import rules
from inspection.visits import service as visits
from inspection.visits.models import SwapRequest, Visit, VisitMember
from sampling import afterwards, bundle
from tests.conftest import DRAW_KEY
from tests.inspection.visits.conftest import Office
from tests.inspection.visits.town import DAY, VISITED, Town, done, settle
from tests.people import person

GONE = rules.VisitEntry("03", DAY, summary="大门上锁，邻居称已停业半年")


def codes(town: Town, visit: Visit) -> dict[int, str]:
    with town.database.read() as session:
        return {m.seat: session.get_one(Inspector, m.inspector_id).code for m in session.get_one(Visit, visit.id).members}


def unit(code: str) -> str:
    return ("SCJG", "YJGL")[int(code[-1]) % 2]


def others(town: Town, visit: Visit, seat: int, *, same_unit: bool = True) -> list[str]:
    team = codes(town, visit)
    return [c for c in (f"ZF-{n:03d}" for n in range(1, 9)) if c not in team.values() and (unit(c) == unit(team[seat])) is same_unit]


def ask(town: Town, visit: Visit, seat: int, in_code: str, reason: str = "illness", who: str = "officer") -> SwapRequest:
    made: SwapRequest = town.act(visits.request_swap, who, visit, seat=seat, in_code=in_code, reason=reason, evidence="市一院病假条 2026-11-17")
    return made


def approve(town: Town, visit: Visit, asked: SwapRequest, who: str = "leader") -> Visit:
    approved: Visit = town.act(visits.approve_swap, who, visit, request_id=asked.id)
    return approved


def refused(code: str, kind: type[DomainError], call: Any) -> DomainError:
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.code == code, caught.value
    return caught.value


def published(town: Town) -> tuple[bytes, dict[str, bytes], list[ledger.Entry]]:
    with town.database.read() as session:
        entries = [entry for entry in ledger.of(session, "draws", "2026-001") if entry.kind == "swap"]
        files = bundle.unpack(session.scalars(select(Reveal)).one().bundle)
        assert all(entry.file is not None for entry in entries)  # read here: the ledger loads a file only when it is asked for
        assert entries[-1].file is not None
        return entries[-1].file, files, entries


def test_a_swap_changes_the_team_and_is_published_with_a_table_that_anyone_can_check(town: Town) -> None:
    visit = town.visit
    before = codes(town, visit)
    first, second = others(town, visit, 1)[:2]
    approve(town, visit, ask(town, visit, 1, first))
    assert codes(town, visit) == {1: first, 2: before[2]}
    approve(town, visit, ask(town, visit, 1, second, "conflict"))
    table, files, entries = published(town)
    rows = [line.split("\t") for line in table.decode().splitlines()]
    assert [row[:6] for row in rows[1:]] == [
        ["1", visit.unit_code, "1", before[1], "illness", first], ["2", visit.unit_code, "1", first, "conflict", second],
    ]  # fmt: skip
    assert entries[0].file is not None and table.startswith(entries[0].file), "appended only"
    outcome = bundle.run(files, files["commitment.json"], files["reveal.json"])
    assert afterwards.check_swaps(files, outcome, table, {}) == 2
    with town.database.read() as session:
        digest = session.scalars(select(Reveal.bundle_digest)).one()
        assert entries[-1].file_name == f"swaps-{digest[:12]}-002.tsv" and entries[-1].content["bundle"] == digest
        assert entries[-1].content["counts"] == {"conflict": 1, "illness": 1} and "病假条" not in str(entries[-1].content)
        assert {"visit.request_swap", "visit.swap"} <= set(session.scalars(select(AuditEvent.verb)))
    inspector = town.people[second]
    town.paper(visit, inspector)
    with clock.at(VISITED), town.database.write(inspector) as session:
        assert visits.record(session, inspector, visit.id, version=town.again(visit).version_id, entry=done(), submit=True).state == "submitted"
    with town.database.write(town.people[before[1]]) as session:
        refused("visit-not-found", NotFound, lambda: visits.get(session, town.people[before[1]], visit.id))


def test_loads_never_change_so_a_reserve_called_later_keeps_the_team_of_the_protocol(town: Town) -> None:
    with town.database.read() as session:
        a, b = session.scalars(select(Visit).where(Visit.stratum == "A").order_by(Visit.number)).all()[:2]
    for n, visit in enumerate((a, b)):
        approve(town, visit, ask(town, visit, 1, others(town, visit, 1)[n]))
    town.approved(a, GONE)
    made = town.act(visits.call_reserve, "officer", a)
    approve(town, made, ask(town, made, 2, others(town, made, 2)[0]))
    table, files, _ = published(town)
    with town.database.read() as session:
        calls = next(e.file for e in ledger.of(session, "draws", "2026-001") if e.kind == "call")
    outcome = bundle.run(files, files["commitment.json"], files["reveal.json"])
    assert calls is not None
    called = afterwards.check_calls(files, outcome, calls)
    assert len(called) == 1 and afterwards.check_swaps(files, outcome, table, called) == 3


def change(town: Town, code: str, **values: Any) -> None:
    with town.database.write(SYSTEM) as session:
        session.execute(update(Inspector).where(Inspector.code == code).values(**values))


def test_the_rule_that_keeps_somebody_from_the_seat_is_named(town: Town) -> None:
    visit = town.visit
    good, mate = others(town, visit, 1), codes(town, visit)[2]
    change(town, good[0], certificate_expires_on=DAY - timedelta(days=1))
    change(town, good[1], leave_from=DAY, leave_to=DAY)
    with town.database.write(SYSTEM) as session:
        id_ = session.scalars(select(Inspector.id).where(Inspector.code == good[2])).one()
        session.add(ConflictOfInterest(inspector_id=id_, enterprise_id=visit.enterprise_id, reason="亲属任职", valid_from=None, valid_to=None))
        entry = InspectorEntry("ZF-900", "库外人员", "SCJG", "330106", certificate_number="X", certificate_expires_on=date(2027, 12, 31), lead=True)
        registers.create_inspector(session, SYSTEM, entry)
    for code, word in (
        (good[0], "执法证"), (good[1], "休假"), (good[2], "亲属任职"), (mate, "已在该检查组中"), (others(town, visit, 1, same_unit=False)[0], "不同部门"),
        ("ZF-900", "冻结的人员库"),
    ):  # fmt: skip
        error = refused("substitute-unfit", Invalid, lambda code=code: ask(town, visit, 1, code))
        assert word in error.fields["in_code"][0], error.fields
    refused("unknown-inspector", Invalid, lambda: ask(town, visit, 1, "ZF-999"))
    refused("no-such-seat", Invalid, lambda: ask(town, visit, 3, good[0]))
    refused("reason-unfit", Invalid, lambda: ask(town, visit, 1, good[0], "shortage"))
    refused("unknown-code", Invalid, lambda: ask(town, visit, 1, good[0], "because"))
    with town.database.read() as session:
        assert session.scalars(select(SwapRequest)).all() == [], "a refusal leaves nothing behind"


def test_what_became_unfit_between_request_and_approval_is_noticed(street: Town) -> None:
    visit = street.visit
    asked = ask(street, visit, 1, others(street, visit, 1)[0])
    change(street, asked.in_code, active=False)
    refused("substitute-unfit", Invalid, lambda: approve(street, visit, asked))
    assert asked.in_code not in codes(street, visit).values()


def test_an_empty_seat_is_filled_by_the_procedure_for_shortages_from_outside_too(street: Town) -> None:
    with street.database.write(SYSTEM) as session:  # a draw whose second department had nobody leaves its seats empty
        session.execute(update(Inspector).where(Inspector.department_code == "YJGL").values(active=False))
        registers.create_department(session, SYSTEM, code="WJ", name="卫生健康局")
    from tests.inspection.visits.town import ISSUED, reveal

    officer = street.people["officer"]
    draw_id = reveal(street.database, officer, street.people["leader"])
    with clock.at(ISSUED), street.database.write(officer) as session:
        visits.open_from_draw(session, officer, draw_id)
        visit = session.scalars(select(Visit).where(Visit.draw_id == draw_id).order_by(Visit.number)).all()[0]
        registers.create_inspector(
            session, SYSTEM, InspectorEntry("WJ-001", "借调人员", "WJ", "330106", skills=("A01",), certificate_number="W", certificate_expires_on=date(2027, 12, 31))
        )
    assert list(codes(street, visit)) == [1]
    refused("reason-unfit", Invalid, lambda: ask(street, visit, 2, "WJ-001", "illness"))
    approve(street, visit, ask(street, visit, 2, "WJ-001", "shortage"))
    assert codes(street, visit)[2] == "WJ-001"
    with street.database.read() as session:
        table = next(e.file for e in ledger.of(session, "draws", "2026-002") if e.kind == "swap")
        files = bundle.unpack(session.get_one(Reveal, draw_id).bundle)
    assert table is not None
    outcome = bundle.run(files, files["commitment.json"], files["reveal.json"])
    assert outcome.n_unfilled and afterwards.check_swaps(files, outcome, table, {}) == 1


def test_two_people_decide_once_and_nobody_about_himself(town: Town) -> None:
    visit = town.visit
    asked = ask(town, visit, 1, others(town, visit, 1)[0])
    refused("swap-waits", Refused, lambda: ask(town, visit, 2, others(town, visit, 2)[0]))
    refused("same-person", Refused, lambda: approve(town, visit, asked, "officer"))
    with town.database.read() as session:
        own = session.scalars(select(Inspector.id).where(Inspector.code == asked.in_code)).one()
    town.people["both"] = person(town.database, "both", "leader", inspector_id=own)
    refused("own-swap", Refused, lambda: approve(town, visit, asked, "both"))
    refused("reason-missing", Invalid, lambda: town.act(declined, "leader", visit, request=asked, reason=" "))
    town.act(declined, "leader", visit, request=asked, reason="可由本人次日前往")
    refused("swap-decided", Refused, lambda: approve(town, visit, asked))
    again = ask(town, visit, 1, asked.in_code)
    with town.database.write(town.people["leader"]) as session:
        refused("changed-meanwhile", Conflict, lambda: visits.approve_swap(session, town.people["leader"], visit.id, again.id, version=99))
    approve(town, visit, again)
    refused("swap-decided", Refused, lambda: approve(town, visit, again))
    with town.database.read() as session:
        assert [(r.decision.seq, r.decision.note) for r in visits.requests_of(session, visit.id) if r.decision] == [(None, "可由本人次日前往"), (1, "")]
        assert len(session.scalars(select(InspectorSwap)).all()) == 1
    for statement in ("UPDATE swap_requests SET evidence = ''", "DELETE FROM swap_decisions"):
        with pytest.raises(DBAPIError), town.database.write(SYSTEM) as session:
            session.execute(text(statement))


def declined(session: Any, actor: Any, visit_id: int, *, version: int, request: SwapRequest, reason: str) -> SwapRequest:
    return visits.decline_swap(session, actor, visit_id, request.id, reason=reason)


def test_after_the_submission_or_a_void_draw_nobody_is_swapped(street: Town) -> None:
    with street.database.read() as session:
        first, second = session.scalars(select(Visit).order_by(Visit.number)).all()[:2]
    asked = ask(street, first, 1, others(street, first, 1)[0])
    street.submit(first)
    refused("swap-too-late", Refused, lambda: approve(street, first, asked))
    street.act(visits.send_back, "leader", first, reason="补充")
    refused("swap-too-late", Refused, lambda: approve(street, first, asked))
    with street.database.write(SYSTEM) as session:
        session.execute(update(Draw).values(state="void"))
    refused("draw-void", Refused, lambda: ask(street, second, 1, others(street, second, 1)[0]))


def test_the_seat_that_changed_since_the_request_is_not_given_away(street: Town) -> None:
    visit = street.visit
    asked = ask(street, visit, 1, others(street, visit, 1)[0])
    with street.database.write(SYSTEM) as session:
        session.execute(delete(VisitMember).where(VisitMember.visit_id == visit.id, VisitMember.seat == 1))
    refused("seat-changed", Refused, lambda: approve(street, visit, asked))


def test_under_embargo_a_swap_is_kept_and_published_with_the_list(sqlite_database: Any) -> None:
    town = settle(sqlite_database, announced=False, kind="flight", embargo_until=VISITED + timedelta(days=9))
    visit = town.visit
    approve(town, visit, ask(town, visit, 1, others(town, visit, 1)[0]))
    with town.database.read() as session:
        assert [e.kind for e in ledger.of(session, "draws", "2026-001")] == ["commitment", "embargo"]
    with clock.at(VISITED + timedelta(days=10)), town.database.write(SYSTEM) as session:
        assert draws.publish_due(session, DRAW_KEY) == ["2026-001"]
        assert [e.kind for e in ledger.of(session, "draws", "2026-001")] == ["commitment", "embargo", "reveal", "swap"]


# --- over HTTP --------------------------------------------------------------------------------------------------------


def test_the_officer_asks_and_the_leader_decides_on_the_pages_and_the_public_counts(office: Office) -> None:
    town, visit = office.town, office.town.visit
    into = others(town, visit, 2)[0]
    given = {"seat": "2", "in_code": into, "reason": "illness", "evidence": "病假条\n第3号", "version": "1"}
    with clock.at(VISITED):
        officer, leader = office.signed_in("officer"), office.signed_in("leader")
        assert f"/visits/{visit.id}/swap" in officer.get(f"/visits/{visit.id}").text
        page = officer.get(f"/visits/{visit.id}/swap").text
        assert into in page and "患病或受伤（待核）" in page and " style=" not in page
        wrong = officer.post(f"/visits/{visit.id}/swap", given | {"in_code": others(town, visit, 2, same_unit=False)[0]})
        assert wrong.status_code == 422 and "不同部门" in wrong.text and "第3号" in wrong.text
        assert officer.post(f"/visits/{visit.id}/swap", given).location == f"/visits/{visit.id}"
        shown = officer.get(f"/visits/{visit.id}").text
        assert "待批准" in shown and "批准换人</button>" not in shown and "第3号" in shown
        assert "待批准的换人申请" in leader.get("/").text and visit.number in leader.get("/visits?swap=waiting").text
        assert "第3号" not in office.signed_in("planner").get(f"/visits/{visit.id}").text
        asked = town_request(town)
        empty = leader.post(f"/visits/{visit.id}/swaps/{asked}/decline", {"reason": ""})
        assert empty.status_code == 422
        assert leader.post(f"/visits/{visit.id}/swaps/{asked}/approve", {"version": "1"}).status_code == 303
        assert "已换" in leader.get(f"/visits/{visit.id}").text and f"检查员{int(into[-1])}" in leader.get(f"/visits/{visit.id}").text
        board = office.app.test_client().get("/public/draws/2026-001").text
        assert "换人原因</dt><dd>患病或受伤 1" in board and "swaps-" in board and "--swaps swaps-" in board and "已公布名单" in board and "第3号" not in board
        english = office.signed_in("leader")
        english.post("/language", {"language": "en", "next": "/"})
        assert "Illness or injury" in english.get(f"/visits/{visit.id}").text


def town_request(town: Town) -> int:
    with town.database.read() as session:
        return session.scalars(select(SwapRequest.id).order_by(SwapRequest.id.desc())).all()[0]


def test_json_tells_the_same_and_a_request_is_declined(office: Office) -> None:
    town, visit = office.town, office.town.visit
    base = f"/api/v1/visits/{visit.id}/swaps"
    with clock.at(VISITED):
        officer, leader = office.signed_in("officer"), office.signed_in("leader")
        given = {"seat": 1, "in_code": others(town, visit, 1)[0], "reason": "conflict", "evidence": "当事人申请回避"}
        made = officer.json("POST", base, given, If_Match='"1"')
        assert made.status_code == 201 and made.json["decision"] is None, made.text
        answer = leader.json("POST", f"{base}/{made.json['id']}/refusal", {"reason": "理由不成立"})
        assert answer.status_code == 200 and answer.json["decision"]["seq"] is None and answer.json["decision"]["note"] == "理由不成立"
        again = officer.json("POST", base, given, If_Match='"1"').json
        answer = leader.json("POST", f"{base}/{again['id']}/approval", If_Match='"1"')
        assert answer.status_code == 200 and given["in_code"] in [m["code"] for m in answer.json["members"]], answer.text
        assert [row["decision"]["seq"] for row in leader.json("GET", base).json] == [None, 1]

"""The verbs of a visit on both databases."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from inspection import audit, clock, history, ledger
from inspection.actor import SYSTEM
from inspection.audit import AuditEvent
from inspection.auth.models import Account
from inspection.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from inspection.registers import service as registers
from inspection.registers.entries import LaboratoryEntry
from inspection.registers.models import Enterprise, Inspector
from inspection.visits import rules
from inspection.visits import service as visits
from inspection.visits.models import Problem, Visit, VisitMember, VisitRecord
from tests.inspection.visits.town import DAY, ISSUED, VISITED, Town, done, problem

PUBLISHED = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def verbs(town: Town) -> list[str]:
    with town.database.read() as session:
        return list(session.scalars(select(AuditEvent.verb).where(AuditEvent.verb.like("visit.%")).order_by(AuditEvent.seq)))


def test_a_revealed_draw_gives_one_visit_per_selected_unit_once(town: Town) -> None:
    officer = town.people["officer"]
    with town.database.write(officer) as session:
        assert visits.open_from_draw(session, officer, town.draw_id) == 0
        rows = session.scalars(select(Visit)).all()
        assert len(rows) == 8 and {row.state for row in rows} == {"pending"}
        assert all(len(row.members) == 2 and len({m.inspector_id for m in row.members}) == 2 for row in rows)
        assert all([item.item_code for item in row.items] == ["A01", "B02"] and all(i.found is None for i in row.items) for row in rows)
        assert visits.progress(session, town.people["officer"], town.draw_id) == {"total": 8, "recorded": 0, "done": 0, "approved": 0, "published": 0}


def test_the_whole_way_of_a_record_leaves_its_events_versions_and_public_row(town: Town) -> None:
    visit = town.visit
    town.record(visit, rules.VisitEntry(outcome=None, visited_on=None))
    town.submit(visit, problem())
    approved = town.act(visits.approve, "leader", visit)
    assert (approved.state, approved.formed_on, approved.publish_by) == ("approved", DAY, date(2026, 12, 16))
    assert not approved.publish_by_unannounced
    entry = town.act(visits.publish, "publisher", visit, at=PUBLISHED)
    assert entry.board == "results" and entry.kind == "result" and entry.subject == visit.number
    assert entry.content["results"] == ["发现问题已责令改正"] and entry.content["authority"] == "西湖区市场监督管理局"
    assert [(item["name"], item["found"]) for item in entry.content["items"]] == [("事项A01", "未发现问题"), ("事项B02", "发现问题")]
    assert verbs(town)[-4:] == ["visit.attach", "visit.submit", "visit.approve", "visit.publish"]
    with town.database.read() as session:
        assert audit.verify(session).ok
        [kept] = session.scalars(select(VisitRecord)).all()
        assert json.loads(kept.content)["team"][0]["certificate"].startswith("HZ") and kept.digest == entry.content["record"]
        [found] = session.scalars(select(Problem)).all()
        assert (found.description, found.rectify_by, found.state) == ("冷藏柜温度超标", date(2026, 12, 1), "open")
        kinds = {fact.kind for fact in history.of(session, visit.unit_code)}
        assert kinds == {"visited", "problem"}
        firm = session.get(Enterprise, visit.enterprise_id)
        assert firm is not None and firm.inspections_this_year == 1
        assert visits.progress(session, town.people["officer"], town.draw_id)["published"] == 1


def test_the_approved_version_cannot_be_changed_even_by_sql(town: Town) -> None:
    town.approved(town.visit)
    with pytest.raises(DatabaseError), town.database.write(SYSTEM) as session:
        session.execute(text("UPDATE visit_records SET reason = 'x'"))


VERBS: dict[str, tuple[Any, str]] = {"approve": (visits.approve, "leader"), "return": (visits.send_back, "leader"), "publish": (visits.publish, "publisher")}
LEGAL = {"pending": {"save", "submit"}, "entered": {"save", "submit"}, "submitted": {"approve", "return"}, "returned": {"save", "submit"},
         "approved": {"publish", "correct"}, "published": {"correct"}}  # fmt: skip


def bring(town: Town, visit: Visit, state: str) -> None:
    """The record into a state by the real verbs."""
    if state == "entered":
        town.record(visit)
    if state in ("submitted", "returned"):
        town.submit(visit)
    if state == "returned":
        town.act(visits.send_back, "leader", visit, reason="照片不清")
    if state in ("approved", "published"):
        town.approved(visit)
    if state == "published":
        town.act(visits.publish, "publisher", visit)


def attempt(town: Town, visit: Visit, verb: str) -> None:
    if verb in ("save", "submit"):
        town.record(visit, submit=verb == "submit")
    elif verb == "correct":
        town.act(visits.correct, "leader", visit, entry=done(), reason="笔误")
    else:
        call, who = VERBS[verb]
        town.act(call, who, visit, **({"reason": "理由"} if verb == "return" else {}))


@pytest.mark.parametrize("state", list(LEGAL))
def test_every_verb_is_allowed_or_refused_by_the_state_of_the_record(street: Town, state: str) -> None:
    with street.database.read() as session:
        rows = session.scalars(select(Visit).order_by(Visit.number)).all()
    for visit, verb in zip(rows, ("save", "submit", "approve", "return", "publish", "correct"), strict=False):
        bring(street, visit, state)
        if verb in LEGAL[state]:
            attempt(street, visit, verb)
            continue
        before = street.again(visit).version_id
        with pytest.raises((Refused, NotFound)):
            attempt(street, visit, verb)
        assert street.again(visit).state == state and street.again(visit).version_id == before


def test_only_the_drawn_team_writes_and_nobody_else_even_sees(town: Town) -> None:
    visit = town.visit
    with pytest.raises(NotFound):
        town.record(visit, by=town.outsider(visit))
    leader = town.people["leader"]
    with pytest.raises(Forbidden):
        town.record(visit, by=leader)
    with town.database.read(town.people["far"]) as session, pytest.raises(NotFound):
        visits.get(session, town.people["far"], visit.id)
    with town.database.read(town.people["far"]) as session:
        assert session.scalars(visits.listing(town.people["far"])).all() == []
    one = town.team(visit)[0]
    with town.database.read(one) as session:
        mine = session.scalars(visits.listing(one)).all()
        assert 0 < len(mine) < 8 and all(any(m.inspector_id == one.inspector_id for m in row.members) for row in mine)


def test_a_person_of_a_laboratory_may_not_inspect(town: Town) -> None:
    visit = town.visit
    first, second = town.team(visit)
    with town.database.write(SYSTEM) as session:
        lab = registers.create_laboratory(session, SYSTEM, LaboratoryEntry("LAB-A", "甲检验院"))
        session.execute(update(Account).where(Account.id == second.id).values(lab_id=lab.id))
    with pytest.raises(Invalid) as caught:
        town.submit(visit)
    assert "检验机构人员不得实施检查" in caught.value.fields["members"][0]
    from dataclasses import replace

    with pytest.raises(Forbidden) as refused:
        town.record(visit, by=replace(first, lab_id=1))
    assert refused.value.code == "laboratory-may-not-inspect"


def test_fewer_than_two_inspectors_cannot_submit_but_may_save(town: Town) -> None:
    visit = town.visit
    with town.database.write(SYSTEM) as session:
        session.execute(delete(VisitMember).where(VisitMember.visit_id == visit.id, VisitMember.seat == 2))
    town.record(visit)
    with pytest.raises(Invalid) as caught:
        town.submit(visit)
    assert caught.value.fields == {"members": ["检查人员少于 2 人，不能提交；请按缺员程序补足"]}
    assert town.again(visit).state == "entered"


@pytest.mark.parametrize("expires", [date(2026, 11, 17), None])
def test_a_certificate_that_lapsed_or_was_never_entered_blocks_the_submission(street: Town, expires: date | None) -> None:
    visit = street.visit
    with street.database.write(SYSTEM) as session:
        session.execute(update(Inspector).where(Inspector.id == street.team(visit)[1].inspector_id).values(certificate_expires_on=expires))
    with pytest.raises(Invalid) as caught:
        street.submit(visit)
    assert "无有效记录" in caught.value.fields["members"][0]


def test_a_conflict_declared_after_the_draw_blocks_the_submission(town: Town) -> None:
    visit = town.visit
    with town.database.write(SYSTEM) as session:
        registers.add_conflict(session, SYSTEM, inspector_id=town.team(visit)[1].inspector_id or 0, enterprise_id=visit.enterprise_id, reason="近亲属任职")
    with pytest.raises(Invalid) as caught:
        town.submit(visit)
    assert "近亲属任职" in caught.value.fields["members"][0]


def test_a_colleague_who_changed_only_an_item_is_noticed(town: Town) -> None:
    visit = town.visit
    first, second = town.team(visit)
    seen = town.record(visit, by=first).version_id
    mine = done(items=(rules.ItemEntry(1, "none"), rules.ItemEntry(2, "problem", "过期食品", "责令改正")))
    town.record(visit, mine, by=first, version=seen)
    with pytest.raises(Conflict) as caught:
        town.record(visit, done(summary="我的版本"), by=second, version=seen)
    changes = {label: (yours, theirs) for label, yours, theirs in caught.value.changes}
    assert changes["主要检查情况"] == ("我的版本", "查验台账，未见异常。")
    assert changes["第 2 项 事项B02"] == ("未发现问题", "发现问题 · 过期食品 · 责令改正")
    assert town.again(visit).items[1].problem == "过期食品"


def test_the_same_version_cannot_be_approved_twice(town: Town) -> None:
    visit = town.visit
    seen = town.submit(visit).version_id
    leader = town.people["leader"]
    with clock.at(VISITED), town.database.write(leader) as session:
        visits.approve(session, leader, visit.id, version=seen)
    with clock.at(VISITED), town.database.write(leader) as session, pytest.raises(Refused):
        visits.approve(session, leader, visit.id, version=seen)
    with town.database.read() as session:
        assert len(session.scalars(select(VisitRecord)).all()) == 1


def test_a_leader_who_was_of_the_team_cannot_review(town: Town) -> None:
    from dataclasses import replace

    visit = town.visit
    first = town.team(visit)[0]
    town.submit(visit)
    both = replace(first, permissions=first.permissions | town.people["leader"].permissions)
    with town.database.write(both) as session, pytest.raises(Refused) as caught:
        visits.approve(session, both, visit.id, version=town.again(visit).version_id)
    assert caught.value.code == "own-record"


def test_who_reviewed_cannot_publish(town: Town) -> None:
    visit = town.visit
    town.approved(visit)
    with pytest.raises(Refused) as caught:
        town.act(visits.publish, "leader", visit)
    assert caught.value.code == "same-person"


def test_a_return_says_why_and_the_next_submission_clears_it(town: Town) -> None:
    visit = town.visit
    town.submit(visit)
    with pytest.raises(Invalid) as caught:
        town.act(visits.send_back, "leader", visit, reason="  ")
    assert caught.value.fields == {"reason": ["理由必填"]}
    assert town.act(visits.send_back, "leader", visit, reason="缺照片").return_reason == "缺照片"
    assert town.submit(visit).return_reason == ""


def test_codes_outside_the_lists_are_refused_by_field_and_kept_with_their_version(town: Town) -> None:
    visit = town.visit
    with pytest.raises(Invalid) as caught:
        town.record(visit, done(outcome="99", results=("合格项", "no_problem"), follow_up="x"))
    assert set(caught.value.fields) == {"outcome", "results", "follow_up"}
    town.record(visit)
    assert [(row.code, row.code_version) for row in town.again(visit).results] == [("no_problem", "2019")]


def test_an_unknown_item_is_refused(town: Town) -> None:
    with pytest.raises(Invalid) as caught:
        town.record(town.visit, done(items=(rules.ItemEntry(3, "none"),)))
    assert caught.value.code == "unknown-item"


def test_a_correction_stands_beside_the_old_version_and_waits_for_its_own_publication(town: Town) -> None:
    visit = town.visit
    town.approved(visit, problem())
    first = town.act(visits.publish, "publisher", visit, at=PUBLISHED)
    later = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
    made = town.act(visits.correct, "leader", visit, at=later, entry=done(), reason="问题属于另一家企业")
    assert made.version == 2 and town.again(visit).state == "approved" and town.again(visit).publish_by == date(2026, 12, 23)
    with town.database.read() as session:
        assert len(ledger.of(session, "results", visit.number)) == 1, "never published by itself"
        [old, new] = visits.versions(session, visit.id)
        assert json.loads(old.content)["words"]["results"] == ["发现问题已责令改正"] and json.loads(new.content)["words"]["results"] == ["未发现问题"]
        [found] = visits.problems(session, visit.id)
        assert found.state == "withdrawn" and "另一家企业" in found.evidence
    second = town.act(visits.publish, "publisher", visit, at=later)
    assert (second.kind, second.replaces_id, second.content["reason"]) == ("correction", first.id, "问题属于另一家企业")
    assert second.content["version"] == 2


def test_a_correction_must_be_complete_and_have_a_reason_and_cannot_undo_the_visit(town: Town) -> None:
    visit = town.visit
    town.approved(visit)
    with pytest.raises(Invalid):
        town.act(visits.correct, "leader", visit, entry=done(), reason=" ")
    with pytest.raises(Invalid) as caught:
        town.act(visits.correct, "leader", visit, entry=done(results=()), reason="改")
    assert "results" in caught.value.fields
    with pytest.raises(Refused) as refused:
        town.act(visits.correct, "leader", visit, entry=rules.VisitEntry("03", DAY, summary="停业"), reason="改")
    assert refused.value.code == "outcome-counted"


def test_a_correction_that_finds_a_problem_opens_it(town: Town) -> None:
    visit = town.visit
    town.approved(visit)
    town.act(visits.correct, "leader", visit, entry=problem(), reason="漏记问题")
    with town.database.read() as session:
        [found] = visits.problems(session, visit.id)
        assert found.state == "open" and found.rectify_by == date(2026, 12, 1)
        assert [fact.kind for fact in history.of(session, visit.unit_code)].count("visited") == 1


def test_a_unit_that_was_not_inspected_counts_no_inspection_and_publishes_its_outcome(town: Town) -> None:
    visit = town.visit
    town.approved(visit, rules.VisitEntry("03", DAY, summary="大门上锁"))
    entry = town.act(visits.publish, "publisher", visit)
    assert entry.content["outcome"] == "歇业或停产" and entry.content["results"] == []
    assert {row["found"] for row in entry.content["items"]} == {"未检查"}
    with town.database.read() as session:
        firm = session.get(Enterprise, visit.enterprise_id)
        assert firm is not None and firm.inspections_this_year == 0
        assert history.of(session, visit.unit_code) == []


def test_a_problem_is_closed_only_with_evidence_by_another_person_and_once(town: Town) -> None:
    visit = town.visit
    town.approved(visit, problem())
    cases, writer = town.people["cases"], town.team(visit)[0]
    day = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)
    with town.database.read() as session:
        found = visits.problems(session, visit.id)[0]

    def close(who: Any, on: date, evidence: str, version: int = found.version_id) -> Problem:
        with clock.at(day), town.database.write(who) as session:
            return visits.close_problem(session, who, found.id, version=version, rechecked_on=on, evidence=evidence)

    with pytest.raises(Invalid) as caught:
        close(cases, date(2026, 12, 3), " ")
    assert set(caught.value.fields) == {"evidence", "rechecked_on"}
    with pytest.raises(Invalid) as early:
        close(cases, date(2026, 11, 1), "照片")
    assert list(early.value.fields) == ["rechecked_on"]
    with pytest.raises(Refused):
        close(writer, date(2026, 12, 2), "照片")
    with pytest.raises(NotFound):
        close(town.people["far"], date(2026, 12, 2), "照片")
    with pytest.raises(Conflict):
        close(cases, date(2026, 12, 2), "照片", found.version_id + 1)
    assert close(cases, date(2026, 12, 2), "温度记录照片").state == "closed"
    with pytest.raises(Refused):
        close(cases, date(2026, 12, 2), "再来一次")


def test_a_result_near_the_end_of_its_term_is_warned_of_and_never_published_by_the_clock(town: Town) -> None:
    visit = town.visit
    town.approved(visit)
    for moment, expected in ((datetime(2026, 11, 20, 1, 0, tzinfo=UTC), 0), (datetime(2026, 12, 10, 1, 0, tzinfo=UTC), 1), (datetime(2027, 1, 5, 1, 0, tzinfo=UTC), 1)):
        with clock.at(moment), town.database.read() as session:
            assert len(visits.due_soon(session, town.people["publisher"])) == expected
            assert ledger.count(session, "results") == 0
    assert town.again(visit).state == "approved"


def test_a_term_that_reaches_into_an_unannounced_year_says_so(town: Town) -> None:
    visit = town.visit
    late = datetime(2026, 12, 18, 7, 0, tzinfo=UTC)
    day = date(2026, 12, 18)
    entry = done(visited_on=day, started_at=datetime(2026, 12, 18, 1, 0, tzinfo=UTC), ended_at=datetime(2026, 12, 18, 2, 0, tzinfo=UTC))
    who = town.team(visit)[0]
    town.paper(visit, who)
    with clock.at(late), town.database.write(who) as session:
        visits.record(session, who, visit.id, version=visit.version_id, entry=entry, submit=True)
    approved = town.act(visits.approve, "leader", visit, at=late)
    assert approved.publish_by is not None and approved.publish_by.year == 2027 and approved.publish_by_unannounced


def test_the_tasks_of_a_void_draw_stop(town: Town) -> None:
    from inspection.draws.models import Draw

    visit = town.visit
    with town.database.write(SYSTEM) as session:
        session.execute(update(Draw).values(state="void"))
    with pytest.raises(Refused) as caught:
        town.record(visit)
    assert caught.value.code == "draw-void"
    who = town.team(visit)[0]
    with town.database.read(who) as session:
        assert visits.number_of(session, who, *rules.OPEN, mine=True) == 0, "a stopped task waits for nobody"
    with clock.at(ISSUED), town.database.write(SYSTEM) as session, pytest.raises(Refused):
        visits.open_from_draw(session, SYSTEM, town.draw_id)


def test_an_unannounced_visit_is_known_to_its_team_the_leader_and_the_officer_only(town: Town) -> None:
    visit = town.visit
    with town.database.write(SYSTEM) as session:
        session.execute(update(Visit).values(announced=False))
    seen = {}
    for login in ("cases", "planner", "leader", "officer", "auditor"):
        who = town.people[login]
        with town.database.read(who) as session:
            seen[login] = len(session.scalars(visits.listing(who)).all())
    assert seen == {"cases": 0, "planner": 0, "leader": 8, "officer": 8, "auditor": 8}
    with town.database.read(town.people["cases"]) as session, pytest.raises(NotFound):
        visits.get(session, town.people["cases"], visit.id)
    town.approved(visit)
    with town.database.read(town.people["cases"]) as session:
        assert len(session.scalars(visits.listing(town.people["cases"])).all()) == 1

"""The verbs of a case on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from inspection import audit, clock
from inspection.actor import SYSTEM
from inspection.audit import AuditEvent
from inspection.errors import Conflict, Invalid, NotFound, Refused
from inspection.followups import service
from inspection.followups.models import Case, CaseStep
from inspection.plans.models import Plan
from inspection.results import service as results
from inspection.results.models import TestReport
from inspection.samples.models import Sample
from tests.inspection.followups.desk import LATER, OPENED, SERVED, Desk


def test_a_case_is_opened_for_each_failing_report_once_and_for_no_other(desk: Desk) -> None:
    case = desk.opened()
    with clock.at(OPENED), desk.database.write(desk.officer) as session:
        assert service.open_cases(session, desk.officer) == []
        assert [row.report_id for row in session.scalars(select(Case))] == [desk.report().id]
    assert (case.number, case.state) == ("HC2026-00001", "open")


def test_the_term_runs_from_the_failing_report_and_not_from_the_day_somebody_opened_the_case(desk: Desk) -> None:
    case = desk.opened(datetime(2026, 12, 1, 2, 0, tzinfo=UTC))
    assert case.due_on == date(2027, 1, 11), "90 days after 2026-10-12 is a Sunday of an unannounced year: it rolls and is marked"
    assert case.due_unannounced


def test_service_starts_the_objections_and_every_term_shows_its_marks(desk: Desk) -> None:
    case = desk.step(desk.opened(), "served", SERVED)
    assert case.objection_until == date(2026, 10, 23) and case.state == "noticed"
    with clock.at(OPENED), desk.database.read(desk.officer) as session:
        serve, object_, dispose = service.deadlines(session, service.get(session, case.id))
    assert (serve.due, serve.done_on, serve.verified, serve.state(SERVED)) == (date(2026, 10, 19), SERVED, False, "met")
    assert (object_.verified, object_.source, object_.state(date(2026, 10, 24))) == (True, "食品安全法第八十八条", "lapsed")
    assert not dispose.announced and not dispose.verified


def test_a_product_has_calendar_days_and_an_unknown_domain_has_no_term(desk: Desk) -> None:
    with desk.database.write(SYSTEM) as session:
        session.execute(update(Plan).values(domain="industrial"))
    case = desk.opened()
    assert case.due_on is None
    assert desk.step(case, "served", SERVED).objection_until == date(2026, 10, 29)


def test_without_a_rule_the_service_of_a_notice_is_refused_and_nothing_is_guessed(desk: Desk) -> None:
    with desk.database.write(SYSTEM) as session:
        session.execute(update(Plan).values(domain="drug"))
    case = desk.opened()
    with pytest.raises(Refused) as caught:
        desk.step(case, "served", SERVED)
    assert caught.value.code == "term-unknown"


def test_the_whole_case_is_closed_by_another_person(desk: Desk) -> None:
    case = desk.opened()
    desk.handled(case)
    with pytest.raises(Refused) as caught:
        desk.act(service.close, case, desk.leader, text="同意")
    assert "检验结论确定" in caught.value.message
    desk.act(service.make_final, case, desk.officer)
    with pytest.raises(Refused) as same:
        desk.act(service.close, case, desk.officer, text="同意")
    assert same.value.code == "same-person"
    closed = desk.act(service.close, case, desk.leader, text="同意结案")
    assert closed.state == "closed" and closed.closed_by == desk.leader.id and desk.report().final
    with pytest.raises(Refused):
        desk.step(case, "transfer", at=LATER)
    with desk.database.read() as session:
        verbs = list(session.scalars(select(AuditEvent.verb).where(AuditEvent.object_kind == "case").order_by(AuditEvent.seq)))
        assert verbs == ["case.open", "case.open_waiting", "case.served", "case.control", "case.cause", "case.no_penalty", "case.rectification",
                         "case.recheck", "case.final", "case.close"]  # fmt: skip
        assert audit.verify(session).ok
        assert [step.kind for step in service.steps(session, case.id)][-2:] == ["final", "closing"]


def test_a_step_can_never_be_rewritten(desk: Desk) -> None:
    desk.step(desk.opened(), "control")
    with pytest.raises(DatabaseError), desk.database.write(SYSTEM) as session:
        session.execute(text("UPDATE case_steps SET text = 'x'"))


def test_two_people_on_one_case_notice_each_other_even_when_the_state_stays(desk: Desk) -> None:
    case = desk.opened()
    seen = desk.step(case, "control").version_id
    desk.step(case, "cause", version=seen, text="原料污染")
    with pytest.raises(Conflict) as caught:
        desk.step(case, "transfer", version=seen)
    assert caught.value.changes[0][0] == "原因排查" and "原料污染" in caught.value.changes[0][2]


def test_a_running_objection_blocks_penalty_finality_and_closing_and_never_ends_by_the_clock(desk: Desk) -> None:
    case = desk.opened()
    desk.handled(case, "served", "control", "cause", "rectification", "recheck")
    desk.step(case, "objection", date(2026, 10, 20))
    much_later = datetime(2027, 6, 1, 2, 0, tzinfo=UTC)
    for attempt in (
        lambda: desk.step(case, "penalty", at=much_later),
        lambda: desk.act(service.make_final, case, desk.officer, at=much_later),
        lambda: desk.act(service.close, case, desk.leader, at=much_later, text="同意"),
    ):
        with pytest.raises(Refused):
            attempt()
    with desk.database.read() as session:
        assert [step.kind for step in service.steps(session, case.id)][-1] == "objection"
        assert not session.get(TestReport, case.report_id).final  # type: ignore[union-attr]
    desk.step(case, "objection_kept", date(2026, 10, 20))
    desk.act(service.make_final, case, desk.officer, at=OPENED)
    desk.step(case, "penalty", at=LATER)
    assert desk.act(service.close, case, desk.leader, text="同意").state == "closed"


def test_an_objection_after_the_term_is_refused(desk: Desk) -> None:
    case = desk.opened()
    desk.step(case, "served", date(2026, 10, 13))
    with pytest.raises(Refused) as caught:
        desk.step(case, "objection", date(2026, 10, 23), at=LATER)
    assert "2026-10-22 届满" in caught.value.message


def test_an_objection_that_changes_the_conclusion_waits_for_the_corrected_report_and_then_closes_the_case(desk: Desk) -> None:
    case = desk.opened()
    desk.handled(case, "served", "control")
    desk.step(case, "objection", date(2026, 10, 20))
    desk.step(case, "objection_changed", date(2026, 10, 20))
    with pytest.raises(Refused) as caught:
        desk.act(service.make_final, case, desk.officer)
    assert caught.value.code == "report-not-corrected"
    with clock.at(LATER), desk.database.write(desk.reviewer) as session:
        results.correct(session, desk.reviewer, case.report_id, version=desk.report().version_id, reason="复检合格")
    with pytest.raises(Refused) as open_:
        desk.act(service.make_final, case, desk.officer)
    assert open_.value.code == "report-open"
    with clock.at(LATER):
        with desk.database.read() as session:
            code = session.get(Sample, case.sample_id).code  # type: ignore[union-attr]
        with desk.database.write(desk.entry) as session:
            results.record(session, desk.entry, results.NewResult(code, "PB", "0.31", "mg/kg"))
    desk.sign()
    assert desk.report().conclusion == "pass"
    with pytest.raises(Refused) as passed:
        desk.act(service.make_final, case, desk.officer)
    assert passed.value.code == "report-not-failing"
    assert desk.act(service.close, case, desk.leader, text="复检合格，撤案").state == "closed"


def test_a_notice_cannot_be_served_before_the_report_nor_twice_nor_tomorrow(desk: Desk) -> None:
    case = desk.opened()
    for on, words in ((date(2026, 10, 11), "早于检验报告签发"), (date(2026, 10, 21), "不能晚于今天"), (date(2026, 9, 1), "早于抽样日期")):
        with pytest.raises(Invalid) as caught:
            desk.step(case, "served", on)
        assert words in caught.value.fields["done_on"][0]
    desk.step(case, "served", SERVED)
    with pytest.raises(Refused):
        desk.step(case, "served", SERVED)


def test_what_is_typed_is_checked_with_its_field(desk: Desk) -> None:
    case = desk.opened()
    for kind in ("closing", "final", "party"):
        with pytest.raises(Invalid) as caught:
            desk.step(case, kind)
        assert caught.value.fields == {"kind": ["处置环节请从列表中选择"]}
    with pytest.raises(Invalid) as blank:
        desk.step(case, "control", text=" ")
    assert blank.value.fields == {"text": ["办理情况必填"]}
    with pytest.raises(Invalid) as empty:
        desk.act(service.close, case, desk.leader, text="")
    assert empty.value.fields == {"text": ["审批意见必填"]}


def test_another_county_neither_lists_nor_opens_the_case(desk: Desk) -> None:
    case = desk.opened()
    with desk.database.read(desk.abroad) as session:
        assert session.scalars(service.listing()).all() == [] and service.overdue(session) == []
        with pytest.raises(NotFound):
            service.get(session, case.id)
    with pytest.raises(NotFound):
        desk.step(case, "control", by=desk.abroad)


def test_a_late_case_is_listed_and_stays_open(desk: Desk) -> None:
    case = desk.opened()
    for day, expected in ((datetime(2027, 1, 11, 2, 0, tzinfo=UTC), 0), (datetime(2027, 1, 12, 2, 0, tzinfo=UTC), 1)):
        with clock.at(day), desk.database.read(desk.officer) as session:
            assert len(service.overdue(session)) == expected
            assert service.get(session, case.id).state == "open"
            assert session.scalars(select(CaseStep)).all() == []

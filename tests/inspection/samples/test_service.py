"""Samples from the plan's cell to the laboratory's door."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from inspection import clock, history
from inspection.actor import SYSTEM
from inspection.audit import AuditEvent
from inspection.calendar import service as calendar
from inspection.db import Database
from inspection.errors import Conflict, Invalid, NotFound, Refused
from inspection.results import service as results
from inspection.samples import documents, rules
from inspection.samples import service as samples
from inspection.samples.models import Handover, Sample
from tests.inspection.samples.bench import CAKE, COUNTY, GREENS, OTHER, RECEIVED, SAMPLED, SOUND, TESTED, Bench
from tests.people import person


def test_a_cell_takes_exactly_its_quota_and_a_void_sample_gives_its_place_back_but_not_its_number(database: Database) -> None:
    bench = Bench(database, quota=2)
    first, second = bench.take(), bench.take()
    assert (first.number, second.number) == ("PJ2632090200001", "PJ2632090200002")
    with pytest.raises(Refused, match="计划 2 批次已抽满"):
        bench.take()
    with clock.at(SAMPLED), database.write(bench.sampler) as session:
        samples.void(session, bench.sampler, second.id, version=second.version_id, reason="商标写错")
        assert [fact.reference for fact in history.of(session, bench.firm_code, ["sample_void"])] == [second.number]  # no reason to leave the firm out of a draw
    third = bench.take()
    assert third.number == "PJ2632090200003"
    with pytest.raises(Refused, match="已抽满"):
        bench.take()
    assert bench.take(class_code=GREENS, product_code=GREENS).number == "PJ2632090200004"


def test_a_sample_keeps_purpose_terms_and_blind_code_and_is_told_to_the_past(database: Database) -> None:
    bench = Bench(database)
    sample = bench.take()
    assert (sample.purpose, sample.random, sample.state, sample.quarter) == ("evaluative", True, "sealed", 3)
    assert sample.deliver_by == date(2026, 9, 22)  # five working days; Sunday 20 September 2026 is one of them
    assert rules.is_code(sample.code) and sample.number not in sample.code
    with database.read() as session:
        assert [fact.reference for fact in history.of(session, bench.firm_code, ["sampled"])] == [sample.number]
        event = session.scalars(select(AuditEvent).where(AuditEvent.verb == "sample.take")).one()
        assert event.object_id == sample.number


def test_a_term_counted_before_its_year_was_announced_keeps_its_mark(sqlite_database: Database) -> None:
    bench = Bench(sqlite_database)
    with bench.database.write(SYSTEM) as session:
        session.execute(text("DELETE FROM calendar_days"))
        session.execute(text("DELETE FROM calendar_years"))
    sample = bench.take()
    assert (sample.deliver_by, sample.deliver_unannounced) == (date(2026, 9, 23), True)  # by the weekdays alone
    (code,) = bench.receive()
    with bench.database.write(SYSTEM) as session:
        assert samples.by_code(session, code).report_unannounced
        calendar.load_packaged(session, SYSTEM)
    with bench.database.read() as session:
        kept = samples.get(session, sample.id)
        assert (kept.deliver_by, kept.deliver_unannounced) == (date(2026, 9, 23), True)
        assert (paper := documents.day(session, kept.deliver_by, kept.deliver_unannounced)) and paper.provisional


def test_a_domain_without_a_rule_has_no_term_rather_than_that_of_food(sqlite_database: Database) -> None:
    bench = Bench(sqlite_database)
    with bench.database.write(SYSTEM) as session:
        session.execute(text("UPDATE plans SET domain = 'industrial'"))
    sample = bench.take()
    (code,) = bench.receive()
    with bench.database.read() as session:
        received = samples.by_code(session, code)
        assert (sample.deliver_by, received.report_by) == (None, None)
        with clock.at(datetime(2027, 3, 1, tzinfo=UTC)):
            assert samples.overdue(session) == []


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("taken_on", {"taken_on": date(2026, 9, 17)}),
        ("taken_on", {"taken_on": date(2025, 9, 16)}),
        ("sampler_names", {"sampler_names": ("抽样甲",)}),
        ("sampler_names", {"sampler_names": ("抽样甲", " 抽样甲 ")}),
        ("produced_on", {"produced_on": date(2026, 9, 17)}),
        ("quantity_unit", {"quantity": Decimal(2)}),
        ("product_code", {"product_code": "33.01"}),
        ("enterprise_code", {"enterprise_id": 99}),
    ],
)
def test_a_wrong_sheet_names_its_field_and_leaves_nothing(sqlite_database: Database, field: str, change: dict[str, object]) -> None:
    bench = Bench(sqlite_database)
    with pytest.raises(Invalid) as refused:
        bench.take(**change)
    assert field in refused.value.fields
    with sqlite_database.read() as session:
        assert session.scalars(select(Sample)).all() == []


def test_a_shop_on_the_net_may_stand_anywhere_but_not_outside_the_samplers_own_register(sqlite_database: Database) -> None:
    bench = Bench(sqlite_database)
    with pytest.raises(Invalid, match="没有这个被抽样单位"):
        bench.take(link="online", enterprise_id=bench.away)  # the sampler works in another county
    city = person(sqlite_database, "citysampler", "sampler", region_code="320900")
    with clock.at(SAMPLED), sqlite_database.write(city) as session:
        assert samples.take(session, city, bench.sheet(link="online", enterprise_id=bench.away)).region_code == OTHER
        with pytest.raises(Invalid, match="不在任务区域"):
            samples.take(session, city, bench.sheet(enterprise_id=bench.away))


def test_no_plan_no_cell_no_sample(sqlite_database: Database) -> None:
    bench = Bench(sqlite_database)
    with pytest.raises(NotFound):
        bench.take(plan_id=99)
    with pytest.raises(Refused, match="没有这个区域和类别"):
        bench.take(class_code="01", product_code="01")
    with clock.at(SAMPLED), sqlite_database.write() as session:
        session.execute(text("UPDATE plans SET state = 'draft'"))
    with pytest.raises(Refused, match="尚未批准"):
        bench.take()


def test_who_tests_does_not_sample(database: Database) -> None:
    bench = Bench(database)
    sample = bench.take(sampler_names=("抽样甲", bench.reviewer.name))
    with clock.at(SAMPLED), database.write(bench.sampler) as session, pytest.raises(Refused, match="不同机构"):
        samples.hand_over(session, bench.sampler, sample.id, version=sample.version_id, laboratory_id=bench.lab)


def test_a_laboratory_outside_its_scope_or_accreditation_gets_no_sample(database: Database) -> None:
    bench = Bench(database)
    sample = bench.take()
    with clock.at(SAMPLED), database.write(bench.sampler) as session:
        with pytest.raises(Refused, match="承检范围不含“糕点”"):
            samples.hand_over(session, bench.sampler, sample.id, version=sample.version_id, laboratory_id=bench.other_lab)
        with pytest.raises(Invalid, match="请选择"):
            samples.hand_over(session, bench.sampler, sample.id, version=sample.version_id)
    with database.write() as session:
        session.execute(text("UPDATE laboratories SET accreditation_expires_on = '2026-09-15'"))
    with clock.at(SAMPLED), database.write(bench.sampler) as session, pytest.raises(Refused, match="资质过期"):
        samples.hand_over(session, bench.sampler, sample.id, version=sample.version_id, laboratory_id=bench.lab)


def test_both_sides_of_a_hand_over_stay_on_record_and_the_term_of_the_report_starts(database: Database) -> None:
    bench = Bench(database)
    (code,) = bench.receive()
    with database.read() as session:
        sample = samples.by_code(session, code)
        assert (sample.state, sample.received_on, sample.report_by) == ("received", date(2026, 9, 18), date(2026, 10, 22))
        sent, got = sample.handovers
        assert (sent.kind, sent.by_name, got.kind, got.by_name) == ("sent", bench.sampler.name, "received", bench.entry.name)
        assert got.pieces == 2 and got.seal_intact and got.papers_match
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(text("UPDATE handovers SET seal_intact = false"))
    with clock.at(RECEIVED), database.write(bench.entry) as session, pytest.raises(Refused, match="不是待接收"):
        samples.receive(session, bench.entry, code, receipt=SOUND, accept=True)


def test_a_refused_sample_keeps_its_reason_and_is_replaced_once(database: Database) -> None:
    bench = Bench(database, quota=1)
    sample = bench.take()
    broken = rules.Receipt(2, False, True, True, True, True, True)
    with clock.at(SAMPLED), database.write(bench.sampler) as session:
        samples.hand_over(session, bench.sampler, sample.id, version=sample.version_id, laboratory_id=bench.lab)
    with clock.at(RECEIVED), database.write(bench.entry) as session:
        for accept in (True, False):
            with pytest.raises(Invalid) as refused:
                samples.receive(session, bench.entry, sample.code, receipt=broken, accept=accept)
            assert "reason" in refused.value.fields
        samples.receive(session, bench.entry, sample.code.lower(), receipt=broken, accept=False, reason="封条破损")
    with clock.at(RECEIVED), database.write(bench.sampler) as session:
        assert session.scalars(select(Handover.reason).where(Handover.kind == "refused")).one() == "封条破损"
        with pytest.raises(Refused, match="同一计划、区域和类别"):
            samples.take(session, bench.sampler, bench.sheet(class_code=GREENS, product_code=GREENS), replaces_id=sample.id)
        again = samples.take(session, bench.sampler, bench.sheet(), replaces_id=sample.id)
        assert again.replaces_id == sample.id and again.number != sample.number
        with pytest.raises(Refused, match="已经补样"):
            samples.take(session, bench.sampler, bench.sheet(), replaces_id=sample.id)
        with pytest.raises(Refused, match="未被拒收"):
            samples.take(session, bench.sampler, bench.sheet(), replaces_id=again.id)


def test_other_counties_and_other_laboratories_find_nothing_by_number_or_code(database: Database) -> None:
    bench = Bench(database)
    (code,) = bench.receive()
    stranger = person(database, "stranger", "sampler", region_code=OTHER)
    with database.read(bench.sampler) as session:
        sample = samples.by_code(session, code)
    with database.read(stranger) as session, pytest.raises(NotFound):
        samples.get(session, sample.id)
    with database.read(bench.elsewhere) as session, pytest.raises(NotFound, match="不属于本机构"):
        samples.by_code(session, code)


def test_two_samplers_at_one_sample_the_later_is_told(sqlite_database: Database) -> None:
    bench = Bench(sqlite_database)
    sample = bench.take(seal_number="")
    with clock.at(SAMPLED), sqlite_database.write(bench.sampler) as session:
        samples.seal(session, bench.sampler, sample.id, version=1, seal_number="FY7")
        with pytest.raises(Conflict):
            samples.seal(session, bench.sampler, sample.id, version=1, seal_number="FY8")


def test_late_samples_are_told(sqlite_database: Database) -> None:
    bench = Bench(sqlite_database)
    late = bench.take()
    bench.receive()
    for moment, expected in (("2026-09-22", 0), ("2026-09-23", 1), ("2026-10-22", 1), ("2026-10-23", 2)):
        with clock.at(clock.local(date.fromisoformat(moment), 9)), sqlite_database.read() as session:
            found = samples.overdue(session)
            assert len(found) == expected, moment
            assert not found or found[0].number == late.number


def test_a_sample_on_its_way_or_under_test_is_late_as_well_a_corrected_one_is_not(sqlite_database: Database) -> None:
    bench = Bench(sqlite_database)
    (done,) = bench.reported("0.1")
    (code,) = bench.receive()
    bench.enter(code)
    with clock.at(TESTED), sqlite_database.write(bench.signer) as session:
        results.correct(session, bench.signer, 1, version=results.get(session, 1).version_id, reason="单位写错")
        assert samples.by_code(session, done).state == samples.by_code(session, code).state == "tested"
    way = bench.take()
    with clock.at(SAMPLED), sqlite_database.write(bench.sampler) as session:
        samples.hand_over(session, bench.sampler, way.id, version=way.version_id, laboratory_id=bench.lab)
    with clock.at(clock.local(date(2026, 10, 23), 9)), sqlite_database.read() as session:
        assert [sample.code for sample in samples.overdue(session)] == [code, way.code]


def test_a_hand_over_is_taken_back_until_the_laboratory_answers_and_a_mistyped_seal_is_corrected(sqlite_database: Database) -> None:
    bench = Bench(sqlite_database)
    sample = bench.take()
    with clock.at(SAMPLED), sqlite_database.write(bench.sampler) as session:
        sample = samples.seal(session, bench.sampler, sample.id, version=sample.version_id, seal_number="FY002")
        with pytest.raises(Refused, match="不必撤回"):
            samples.recall(session, bench.sampler, sample.id, version=sample.version_id, reason="送错")
        sample = samples.hand_over(session, bench.sampler, sample.id, version=sample.version_id, laboratory_id=bench.lab)
        with pytest.raises(Refused, match="先撤回移交"):
            samples.seal(session, bench.sampler, sample.id, version=sample.version_id, seal_number="FY003")
        with pytest.raises(Invalid, match="理由"):
            samples.recall(session, bench.sampler, sample.id, version=sample.version_id, reason=" ")
        sample = samples.recall(session, bench.sampler, sample.id, version=sample.version_id, reason="送错机构")
        assert (sample.state, sample.seal_number, [row.kind for row in sample.handovers]) == ("sealed", "FY002", ["sent", "recalled"])
        assert documents.handed(sample, ("sent",)) is None
        samples.hand_over(session, bench.sampler, sample.id, version=sample.version_id, laboratory_id=bench.lab)
    with clock.at(RECEIVED), sqlite_database.write(bench.entry) as session:
        samples.receive(session, bench.entry, sample.code, receipt=SOUND, accept=True)
    with sqlite_database.write(bench.sampler) as session, pytest.raises(Refused, match="不允许这一步"):
        samples.recall(session, bench.sampler, sample.id, version=samples.get(session, sample.id).version_id, reason="晚了")


@given(st.text(rules.CODE_ALPHABET, min_size=9, max_size=9), st.integers(0, 9), st.sampled_from(rules.CODE_ALPHABET))
def test_one_mistyped_character_of_a_blind_code_is_noticed(body: str, place: int, other: str) -> None:
    code = body + rules.check_character(body)
    wrong = code[:place] + other + code[place + 1 :]
    assert rules.is_code(code) and (wrong == code or not rules.is_code(wrong))


def test_blind_codes_follow_no_order() -> None:
    codes = [rules.blind_code() for _ in range(500)]
    assert len(set(codes)) == 500 and sorted(codes) != codes
    assert all(re.fullmatch(r"[2-9A-HJ-NP-RT-Y]{10}", code) for code in codes)
    assert COUNTY not in "".join(codes) and CAKE

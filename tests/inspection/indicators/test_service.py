"""Counting by the rules R1–R7 and evaluating targets from the samples of the system."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from inspection import clock
from inspection.actor import SYSTEM
from inspection.db import Database
from inspection.errors import Invalid, NotFound
from inspection.indicators import service
from inspection.indicators.models import Aggregate, Indicator
from inspection.indicators.rules import Counts
from inspection.registers import service as registers
from inspection.samples import service as samples
from sampling.target import Verdict
from tests.inspection.samples.bench import OTHER, SAMPLED, Bench

YEAR = service.Scope(date(2026, 1, 1), date(2026, 12, 31))


def indicator(database: Database, code: str) -> Indicator:
    with database.write() as session:
        service.load_packaged(session, SYSTEM)
    with database.read() as session:
        return session.scalars(select(Indicator).where(Indicator.code == code)).one()


def evaluate(database: Database, code: str, until: date = date(2026, 12, 31)) -> service.Evaluation:
    found = indicator(database, code)
    with database.read() as session:
        return service.evaluate(session, found, date(2026, 1, 1), until)


def mixed(database: Database) -> Bench:
    """Two passing, one failing not final, one undetermined, one untested, one void, one refused-like in transit."""
    bench = Bench(database, quota=10)
    bench.reported("0.1", "0.2", "0.9")
    (unclear,) = bench.receive()
    bench.enter(unclear, "SUD", "<20", "μg/kg")
    bench.sign()
    bench.receive()
    void = bench.take()
    with clock.at(SAMPLED), database.write(bench.sampler) as session:
        samples.void(session, bench.sampler, void.id, version=void.version_id, reason="写错")
    return bench


def test_samples_are_counted_once_and_open_ones_stay_outside_n(database: Database) -> None:
    mixed(database)
    with database.read() as session:
        strict = service.count(session, YEAR)
        assert strict.total == Counts(passed=2, failed=0, undetermined=1, pending=2)
        assert strict.total.judged == 2 and strict.total.tested == 3 and list(strict.classes) == ["糕点"]
        loose = service.count(session, service.Scope(date(2026, 1, 1), date(2026, 12, 31), final_only=False))
        assert loose.total == Counts(passed=2, failed=1, undetermined=1, pending=1)
        assert strict.assessable and strict.purposes == {"evaluative"} and strict.digest == service.count(session, YEAR).digest
    with database.write() as session:
        session.execute(text("UPDATE test_reports SET final = true WHERE conclusion = 'fail'"))
    with database.read() as session:
        assert service.count(session, YEAR).total == loose.total and service.count(session, YEAR).digest != strict.digest


@pytest.mark.parametrize(
    "change",
    [{"since": date(2026, 9, 17)}, {"until": date(2026, 9, 15)}, {"region_code": OTHER}, {"purposes": ("supervision",)}, {"domain": "drug"}, {"link": "catering"}, {"plan_id": 99}],
)
def test_a_scope_leaves_out_what_does_not_belong(sqlite_database: Database, change: dict[str, object]) -> None:
    Bench(sqlite_database).reported("0.1")
    whole: dict[str, object] = {"since": date(2026, 9, 16), "until": date(2026, 9, 16), "region_code": "320900", "purposes": ("evaluative",)}
    with sqlite_database.read() as session:
        assert service.count(session, service.Scope(**whole)).total.passed == 1  # type: ignore[arg-type]
        empty = service.count(session, service.Scope(**{**whole, **change}))  # type: ignore[arg-type]
        assert empty.total == Counts() and not empty.assessable


def test_targeted_and_judgement_samples_carry_no_verdict(database: Database) -> None:
    Bench(database, purpose="supervision", random=False).reported("0.1")
    with database.read() as session:
        assert not service.count(session, YEAR).assessable


def test_the_rate_of_a_target_its_interval_verdict_and_what_is_needed(database: Database) -> None:
    mixed(database)
    value = evaluate(database, "yancheng.food")
    assert (value.value, value.verdict, value.label) == ("100.00%", Verdict.INCONCLUSIVE, "尚不能判定")
    assert value.rate is not None and value.rate.provisional and value.rate.batches_needed == 147 and value.rate.failures_allowed == -1
    assert "Wilson" in value.explanation and len(value.source) == 64
    untouched = evaluate(database, "kongtong.food")
    assert (untouched.value, untouched.verdict, untouched.label) == ("—", None, "无数据")


def test_purposes_are_never_pooled(database: Database) -> None:
    bench = Bench(database)
    bench.reported("0.1")
    with clock.at(SAMPLED):
        bench.plan = bench.approved_plan(4, "supervision", False)
    bench.reported("0.9")
    with database.write() as session:
        session.execute(text("UPDATE test_reports SET final = true"))
        session.execute(text("UPDATE indicators SET region_code = '320000'"))
    found = indicator(database, "sichuan.food")
    with database.write() as session:
        session.execute(text("UPDATE indicators SET region_code = '320000'"))
    value = evaluate(database, "sichuan.food")
    assert found.purposes == ["evaluative", "supervision"]
    assert value.value == "100.00%" and "监督抽检 0/1" in value.explanation


def test_the_yearly_quantity_is_undecided_until_the_year_is_over(database: Database) -> None:
    bench = mixed(database)
    with database.write() as session:
        registers.set_population(session, SYSTEM, region_code="320900", year=2020, kind="census", people=1000, source="普查")
    half = evaluate(database, "yancheng.quota", date(2026, 9, 30))
    assert (half.value, half.verdict) == ("5.00 批次/千人", Verdict.INCONCLUSIVE) and "全年应完成 7" in half.explanation
    assert evaluate(database, "yancheng.quota").verdict is Verdict.NOT_ATTAINED
    bench.receive(2)
    assert evaluate(database, "yancheng.quota", date(2026, 9, 30)).verdict is Verdict.ATTAINED
    missing = evaluate(database, "yancheng.monitoring")
    assert (missing.value, missing.verdict) == ("—", None) and "无法计数" in missing.explanation


def test_outside_values_are_entered_with_their_source_and_corrected_by_newer_rows(database: Database) -> None:
    target = indicator(database, "chongqing.competitiveness")
    assert evaluate(database, target.code).explanation == "外部值尚未录入"
    with database.write() as session:
        with pytest.raises(Invalid, match="来源"):
            service.enter_external(session, SYSTEM, target.id, period="2026", value=Decimal("91.99"), source=" ")
        with pytest.raises(NotFound):
            service.enter_external(session, SYSTEM, 9999, period="2026", value=Decimal(1), source="x")
        for given in ("91.99", "92.0"):
            service.enter_external(session, SYSTEM, target.id, period="2026", value=Decimal(given), source="国家统计局函")
    value = evaluate(database, target.code)
    assert (value.value, value.verdict, value.source) == ("92.0指数", Verdict.ATTAINED, "国家统计局函")
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(text("UPDATE external_values SET value = '99'"))


def test_a_snapshot_keeps_counts_rules_and_digest(database: Database) -> None:
    mixed(database)
    value = evaluate(database, "yancheng.food")
    with clock.at(datetime(2026, 10, 13, tzinfo=UTC)), database.write() as session:
        made = service.snapshot(session, SYSTEM, value, "2026")
    assert made.content["counts"]["n"] == 2 and made.content["counts"]["pending"] == 2 and made.content["counting"].startswith("R1-R7/")
    assert len(made.digest) == 64


def test_published_counts_of_others_are_kept_once_and_checked(database: Database) -> None:
    row = service.AggregateRow("糕点", 100, 2, "2.0%")
    with database.write() as session:
        first = service.record_aggregate(session, SYSTEM, name="甲", period="2019", purpose="supervision", source="公告", rows=[row])
        again = service.record_aggregate(session, SYSTEM, name="甲", period="2019", purpose="supervision", source="公告", rows=[row])
        assert first.id == again.id and service.aggregate_counts(first) == {"糕点": Counts(passed=98, failed=2)}
        for bad in (service.AggregateRow("肉制品", 5, 6), service.AggregateRow("肉制品", -1, -2)):
            with pytest.raises(Invalid, match="肉制品"):
                service.record_aggregate(session, SYSTEM, name="乙", period="2019", purpose="supervision", source="公告", rows=[bad])
        with pytest.raises(Invalid, match="没有数据行"):
            service.record_aggregate(session, SYSTEM, name="乙", period="2019", purpose="supervision", source="公告", rows=[])
        assert len(session.scalars(select(Aggregate)).all()) == 1

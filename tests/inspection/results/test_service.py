"""Item results and reports: judged by the limit in force, three signatures, corrections beside the old."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from inspection import clock, history
from inspection.actor import SYSTEM
from inspection.db import Database
from inspection.errors import Conflict, Invalid, NotFound, Refused
from inspection.registers import service as registers
from inspection.results import service as results
from inspection.results.models import ItemResult, TestReport
from inspection.samples import service as samples
from tests.inspection.samples.bench import CAKE, TESTED, Bench, limit


def test_a_result_keeps_value_limit_and_judgement_as_they_were(database: Database) -> None:
    bench = Bench(database)
    (code,) = bench.receive()
    row, fresh = bench.enter(code, "铅(以Pb计)", "<0.020", "ｍｇ/kg", tested_on=date(2026, 9, 28))
    assert fresh and (row.item_code, row.text, row.outcome) == ("PB", "<0.020", "pass")
    again, fresh = bench.enter(code, "PB", "<0.020")
    assert not fresh and again.id == row.id
    changed, fresh = bench.enter(code, "PB", "0.9", tested_on=date(2026, 9, 30))
    assert fresh and (changed.revision, changed.outcome, changed.reason) == (2, "fail", "0.9 > 0.5")
    with database.read() as session:
        rows = session.scalars(select(ItemResult).order_by(ItemResult.revision)).all()
        assert [(r.text, r.current) for r in rows] == [("<0.020", False), ("0.9", True)]
        assert rows[1].value == Decimal("0.9") and rows[1].limit["upper"] == "0.5" and rows[1].limit["judged_by"] == "测试标准"
        report = session.scalars(select(TestReport)).one()
        assert (report.tested_from, report.tested_to) == (date(2026, 9, 28), date(2026, 9, 30))
        assert samples.by_code(session, code).state == "tested"


def test_a_limit_that_changes_on_a_day_judges_two_samples_differently(database: Database) -> None:
    bench = Bench(database)
    with database.write() as session:
        registers.add_limit(session, SYSTEM, limit("PB", "mg/kg", "range", None, "0.2", None, valid_from=date(2026, 8, 20)))
        registers.add_limit(session, SYSTEM, limit("PB", "mg/kg", "range", None, "0.05", None, valid_from=date(2026, 9, 1), product_code="24"))
    old, middle, new, bought = (bench.receive(produced_on=on, date_kind=kind)[0] for on, kind in (
        (date(2026, 8, 19), "production"), (date(2026, 8, 31), "production"), (date(2026, 9, 1), "production"), (date(2026, 8, 1), "purchase")))
    found = [bench.enter(code, text="0.1")[0] for code in (old, middle, new, bought)]
    assert [(row.outcome, row.limit["upper"]) for row in found] == [("pass", "0.5"), ("pass", "0.2"), ("fail", "0.05"), ("fail", "0.05")]


@pytest.mark.parametrize(
    ("change", "field", "word"),
    [
        ({"item": "不存在"}, "item", "没有“不存在”"),
        ({"unit": "μg/kg"}, "unit", "不代为换算"),
        ({"unit": ""}, "unit", "（空）"),
        ({"text": "未检出"}, "detection_limit", "检出限"),
        ({"text": "-0.1"}, "text", "负数"),
        ({"text": "1E99"}, "text", "超出合理范围"),
        ({"text": "1E-99"}, "text", "超出合理范围"),
        ({"text": "2.2×102"}, "", "无法识别"),
        ({"text": "0.1", "claimed": "不合格"}, "claimed", "与数值不符"),
        ({"text": "0.9", "claimed": "合格"}, "claimed", "与数值不符"),
        ({"text": "0.1", "claimed": "合格的"}, "claimed", "规定的写法"),
        ({"tested_on": date(2026, 10, 13)}, "tested_on", "晚于今天"),
        ({"tested_on": date(2026, 9, 17)}, "tested_on", "早于收样日期"),
    ],
)  # fmt: skip
def test_a_wrong_row_names_its_column_and_leaves_nothing(sqlite_database: Database, change: dict[str, object], field: str, word: str) -> None:
    bench = Bench(sqlite_database)
    (code,) = bench.receive()
    with pytest.raises(Invalid, match=word) as refused:
        bench.enter(code, **change)
    assert field in ("", *refused.value.fields)
    with sqlite_database.read() as session:
        assert session.scalars(select(TestReport)).all() == []


def test_samples_that_are_not_there_not_received_or_elsewhere_take_no_result(sqlite_database: Database) -> None:
    bench = Bench(sqlite_database)
    (code,) = bench.receive()
    with pytest.raises(NotFound):
        bench.enter(code, by=bench.elsewhere)
    with pytest.raises(NotFound):
        bench.enter("ZZZZZZZZZZ")
    with pytest.raises(Invalid, match="没有检验项目"):
        bench.enter(bench.receive(class_code="33", product_code="33")[0])
    waiting = bench.take()
    with clock.at(TESTED), sqlite_database.write() as session, pytest.raises(Refused, match="尚未收样"):
        results.record(session, bench.entry, results.NewResult(waiting.code, "PB", "0.1", "mg/kg"))


def test_three_people_sign_and_the_approved_report_is_sealed(database: Database) -> None:
    bench = Bench(database)
    (code,) = bench.receive()
    bench.enter(code)
    with clock.at(TESTED), database.write() as session:
        with pytest.raises(Refused, match="当前状态"):
            results.review(session, bench.reviewer, 1, version=1)
        made = results.submit(session, bench.entry, 1, version=1)
        assert (made.state, made.conclusion) == ("entered", "pass")
        with pytest.raises(Refused, match="您录入过"):
            results.review(session, bench.entry, 1, version=2)
        with pytest.raises(Conflict):
            results.review(session, bench.reviewer, 1, version=1)
        results.review(session, bench.reviewer, 1, version=2)
        for somebody in (bench.entry, bench.reviewer):
            with pytest.raises(Refused, match="前面的环节签字"):
                results.approve(session, somebody, 1, version=3)
        results.approve(session, bench.signer, 1, version=3)
    with pytest.raises(Refused, match="已签发"):
        bench.enter(code, text="0.2")
    with database.read() as session:
        report = results.get(session, 1)
        assert (report.number, report.final) == ("JB2026-000001", True)
        (version,) = results.versions(session, 1)
        assert hashlib.sha256(version.content.encode()).hexdigest() == version.digest
        assert json.loads(version.content)["items"][0]["text"] == "0.1"
        assert samples.by_code(session, code).state == "reported"
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(text("UPDATE report_versions SET conclusion = 'fail'"))


def test_who_entered_one_value_may_neither_review_nor_approve(sqlite_database: Database) -> None:
    bench = Bench(sqlite_database)
    (code,) = bench.receive()
    bench.enter(code)
    bench.enter(code, "SUD", "ND", "μg/kg", by=bench.signer)
    with clock.at(TESTED), sqlite_database.write() as session:
        results.submit(session, bench.entry, 1, version=1)
        results.review(session, bench.reviewer, 1, version=2)
        with pytest.raises(Refused, match="不同的人"):
            results.approve(session, bench.signer, 1, version=3)


def test_returned_reports_keep_their_values_and_start_again(sqlite_database: Database) -> None:
    bench = Bench(sqlite_database)
    (code,) = bench.receive()
    bench.enter(code)
    with clock.at(TESTED), sqlite_database.write() as session:
        results.submit(session, bench.entry, 1, version=1)
        results.review(session, bench.reviewer, 1, version=2)
        with pytest.raises(Invalid, match="理由"):
            results.send_back(session, bench.signer, 1, version=3, reason=" ")
        back = results.send_back(session, bench.signer, 1, version=3, reason="称样量有误")
        assert (back.state, back.conclusion, back.reviewed_by, back.return_reason) == ("entering", None, None, "称样量有误")
    row, fresh = bench.enter(code, text="0.6")
    assert fresh and row.revision == 2
    bench.sign()
    with sqlite_database.read() as session:
        assert results.get(session, 1).conclusion == "fail" and not results.get(session, 1).final
        assert [fact.kind for fact in history.of(session, bench.firm_code, ["failed"])] == ["failed"]


def test_a_correction_is_a_new_version_beside_the_old(database: Database) -> None:
    bench = Bench(database)
    (code,) = bench.reported("0.1")
    with clock.at(TESTED), database.write() as session:
        version = results.get(session, 1).version_id
        with pytest.raises(Invalid, match="理由"):
            results.correct(session, bench.signer, 1, version=version, reason="")
        opened = results.correct(session, bench.signer, 1, version=version, reason="稀释倍数算错")
        assert (opened.state, opened.final, opened.number) == ("entering", False, "JB2026-000001")
        with pytest.raises(Refused, match="退回修改"):
            results.correct(session, bench.signer, 1, version=opened.version_id, reason="再来")
    bench.enter(code, text="0.7")
    bench.sign()
    with database.read() as session:
        report = results.get(session, 1)
        assert (report.number, report.conclusion, report.correction_reason) == ("JB2026-000001-2", "fail", "")
        old, new = results.versions(session, 1)
        assert (old.conclusion, old.reason, new.conclusion, new.reason) == ("pass", "", "fail", "稀释倍数算错")
        assert json.loads(old.content)["number"] == "JB2026-000001"
    for value, told in (("0.8", ["failed"]), ("0.2", ["overturned", "failed"])):  # a failure is told once, and what took it back
        with clock.at(TESTED), database.write() as session:
            results.correct(session, bench.signer, 1, version=results.get(session, 1).version_id, reason="复核")
        bench.enter(code, text=value)
        bench.sign()
        with database.read() as session:
            assert [fact.kind for fact in history.of(session, bench.firm_code, ["failed", "overturned"])] == told
    (other,) = bench.reported("0.2")
    with database.read() as session:
        assert results.get(session, 2).number == "JB2026-000002" and other


def test_a_report_without_values_is_not_submitted_and_strangers_find_nothing(sqlite_database: Database) -> None:
    bench = Bench(sqlite_database)
    (code,) = bench.receive()
    bench.enter(code)
    with sqlite_database.write() as session:
        session.execute(text("UPDATE item_results SET current = false"))
    with clock.at(TESTED), sqlite_database.write() as session, pytest.raises(Refused, match="没有检验数据"):
        results.submit(session, bench.entry, 1, version=1)
    with sqlite_database.read(bench.elsewhere) as session, pytest.raises(NotFound, match="不属于本机构"):
        results.get(session, 1)


def test_an_undetermined_item_leaves_the_sample_undetermined_never_passed(sqlite_database: Database) -> None:
    bench = Bench(sqlite_database)
    (code,) = bench.receive()
    bench.enter(code)
    bench.enter(code, "SUD", "<20", "μg/kg")
    bench.sign()
    with sqlite_database.read() as session:
        report = results.get(session, 1)
        assert (report.conclusion, report.final) == ("undetermined", False)


def test_the_year_of_a_report_number_is_the_year_of_approval(sqlite_database: Database) -> None:
    bench = Bench(sqlite_database)
    (code,) = bench.receive()
    bench.enter(code)
    with clock.at(datetime(2027, 1, 4, 2, tzinfo=UTC)), sqlite_database.write() as session:
        results.submit(session, bench.entry, 1, version=1)
        results.review(session, bench.reviewer, 1, version=2)
        assert results.approve(session, bench.signer, 1, version=3).number == "JB2027-000001"
    assert CAKE

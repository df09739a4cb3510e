"""Bulletins: drafted from one purpose, approved by another person, numbered without gaps, frozen, corrected, withdrawn."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from inspection import clock, ledger
from inspection.actor import SYSTEM, Actor
from inspection.db import Database
from inspection.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from inspection.indicators import service as indicators
from inspection.indicators.models import Indicator
from inspection.publications import service
from inspection.publications.models import Issue, Withdrawal
from inspection.settings import Settings
from reports import content, printed_text, verify
from tests.conftest import settings_for
from tests.inspection.samples.bench import AWAY, COUNTY, FIRM, OTHER, TESTED, Bench
from tests.people import person


class Press(Bench):
    """The county with a publisher; two passing reports and one failing that is final."""

    def __init__(self, database: Database, folder: Path, **settings: Any) -> None:
        super().__init__(database, quota=8)
        self.settings: Settings = settings_for(database, folder, office_name="亭湖区市场监督管理局", **settings)
        self.publisher = person(database, "publisher", "publisher", region_code=COUNTY)
        self.reported("0.1", "0.2", "0.9", brand="好味", lot="L1")
        self.finalise()
        with database.write() as session:
            indicators.load_packaged(session, SYSTEM)
            self.target = session.scalars(select(Indicator.id).where(Indicator.code == "yancheng.food")).one()

    def finalise(self) -> None:
        with self.database.write() as session:
            session.execute(text("UPDATE test_reports SET final = true WHERE state = 'approved'"))

    def new(self, **more: Any) -> service.NewBulletin:
        made = service.NewBulletin(
            title="关于2026年第三季度食品评价性抽检情况的通告", region_code=COUNTY, basis=("《中华人民共和国食品安全法》",),
            measures=("责令下架。",), period="2026年第三季度食品评价性", since=date(2026, 7, 1), until=date(2026, 9, 30), indicator_id=self.target,
        )  # fmt: skip
        return replace(made, **more)

    def draft(self, *, corrects_id: int | None = None, **more: Any) -> int:
        with clock.at(TESTED), self.database.write(self.publisher) as session:
            return service.draft(session, self.publisher, self.new(**more), self.settings, corrects_id=corrects_id).id

    def body(self, publication_id: int) -> content.Bulletin:
        with self.database.read() as session:
            return service.content_of(service.get(session, publication_id))

    def do(self, verb: Any, who: Actor, publication_id: int, *more: Any, **named: Any) -> Any:
        with clock.at(TESTED), self.database.write(who) as session:
            version = service.get(session, publication_id).version_id
            return verb(session, who, publication_id, *more, version=version, **named)

    def issue(self, **more: Any) -> int:
        """Drafted, submitted, approved, published."""
        made = self.draft(**more)
        self.approve(made)
        self.do(service.publish, self.publisher, made, self.settings)
        return made

    def approve(self, made: int) -> None:
        self.do(service.submit, self.publisher, made)
        self.do(service.approve, self.leader, made)


@pytest.fixture
def press(database: Database, tmp_path: Path) -> Press:
    return Press(database, tmp_path)


@pytest.fixture
def lone(sqlite_database: Database, tmp_path: Path) -> Press:
    return Press(sqlite_database, tmp_path)


def printed(data: bytes) -> str:
    return "".join("".join(page) for page in printed_text.read(data).pages())


def test_a_bulletin_says_what_was_counted_and_no_more(press: Press) -> None:
    press.receive()
    body = press.body(press.draft())
    assert (body.total.tested, body.total.passed, body.total.failed, body.left_out) == (3, 2, 1, 1)
    assert (body.total.pass_rate, body.total.verdict, body.purpose) == ("66.67%", "inconclusive", "evaluative")
    assert body.target is not None and "合格率保持98%以上" in body.target.source
    (row,) = body.failing
    assert row.failures == ("铅（以Pb计）║0.9mg/kg║≤0.5mg/kg",) and (row.unit, row.task, row.laboratory, row.identifier) == (FIRM, "评价性抽检", "A检验院", "1")
    assert len(body.passing) == 2 and body.passing[0].province == "江苏省" and body.passing[0].city == "盐城市"
    assert body.tested_items[0].items == ("铅（以Pb计）",) and body.tested_items[0].bases == ("测试标准",)
    assert "R1-R7/" in body.definition_version and body.per_hundred.startswith("每100批约有")
    with press.database.read() as session:
        text_ = printed(service.preview_pdf(service.get(session, 1)))
    assert "暂定数" in text_ and "草稿" in text_ and "好味" in text_
    codes = [row.identifier for row in body.failing]
    assert all(len(code) < 4 for code in codes)  # never the blind code of the laboratory


def test_number_digest_pdf_and_board_of_an_issue(press: Press) -> None:
    first, second = press.issue(), press.issue()
    with press.database.read() as session:
        issues = session.scalars(select(Issue).order_by(Issue.serial)).all()
        assert [issue.number for issue in issues] == ["市监通告〔2026〕1号", "市监通告〔2026〕2号"]
        for issue in issues:
            assert hashlib.sha256(issue.pdf).hexdigest() == issue.pdf_digest and len(issue.audit_head) == 64
            assert content.digest(service.content_of(service.get(session, issue.publication_id))) == issue.content_digest
            finding = verify.verify_pdf(issue.pdf)
            assert finding.ok and finding.digest == issue.content_digest
            (entry,) = ledger.of(session, "bulletins", issue.number)
            assert entry.file_digest == issue.pdf_digest and entry.content == issue.content
        assert issues[0].content["content"]["imprint"]["verify_url"].endswith("/public/check?digest=")
        assert issues[0].content["content"]["failing"][0]["notice_number"] == issues[0].number
    assert (first, second) == (1, 2)
    for statement in ("UPDATE issues SET title = 'x'", "DELETE FROM issues", "UPDATE ledger SET title = 'x'"):
        with pytest.raises(DBAPIError), press.database.write() as session:
            session.execute(text(statement))


def test_the_same_content_prints_the_same_bytes(lone: Press) -> None:
    made = lone.issue()
    from reports import bulletin

    with lone.database.read() as session:
        issue = session.get(Issue, made)
        assert issue is not None and bulletin.render(lone.body(made)) == issue.pdf


def test_numbers_have_no_gap_and_no_double_when_many_publish_at_once(press: Press) -> None:
    made = [press.draft() for _ in range(6)]
    for one in made:
        press.approve(one)
    refused = press.draft()
    faults: list[BaseException] = []

    def publish(publication_id: int) -> None:
        try:
            press.do(service.publish, press.publisher, publication_id, press.settings)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=publish, args=(one,)) for one in [*made, refused]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(fault) for fault in faults] == [Refused]  # the one that nobody approved took no number with it
    with press.database.read() as session:
        assert sorted(session.scalars(select(Issue.serial))) == [1, 2, 3, 4, 5, 6]


def test_no_person_approves_the_own_draft_or_publishes_the_own_approval(press: Press) -> None:
    made = press.draft()
    with pytest.raises(Refused, match="起草中"):
        press.do(service.approve, press.leader, made)
    press.do(service.submit, press.publisher, made)
    with pytest.raises(Refused, match="不能审批自己"):
        press.do(service.approve, press.publisher, made)
    with pytest.raises(Refused, match="待审批"):
        press.do(service.publish, press.publisher, made, press.settings)
    press.do(service.approve, press.leader, made)
    with pytest.raises(Refused, match="不能自己公布"):
        press.do(service.publish, press.leader, made, press.settings)
    with clock.at(TESTED), press.database.write() as session, pytest.raises(Conflict):
        service.publish(session, press.publisher, made, press.settings, version=1)


def test_what_was_returned_is_revised_and_computed_again(press: Press) -> None:
    made = press.draft()
    press.do(service.submit, press.publisher, made)
    with pytest.raises(Invalid, match="理由"):
        press.do(service.send_back, press.leader, made, reason="")
    press.do(service.send_back, press.leader, made, reason="标题不妥")
    press.reported("0.3")
    press.do(service.revise, press.publisher, made, press.new(title="关于抽检情况的通告"), press.settings)
    body = press.body(made)
    assert (body.title, body.total.passed) == ("关于抽检情况的通告", 3)
    press.approve(made)
    press.do(service.send_back, press.leader, made, reason="再核")
    with press.database.read() as session:
        assert service.get(session, made).approved_by_name == ""
    press.reported("0.4")
    press.do(service.refresh, press.publisher, made, press.settings)
    assert press.body(made).total.passed == 4
    press.approve(made)
    for verb, more in ((service.refresh, (press.settings,)), (service.revise, (press.new(), press.settings))):
        with pytest.raises(Refused, match="已批准"):
            press.do(verb, press.publisher, made, *more)


def test_failures_wait_for_the_final_result_unless_the_office_decides_otherwise(sqlite_database: Database, tmp_path: Path) -> None:
    press = Press(sqlite_database, tmp_path)
    press.reported("0.8")
    for switch, expected in ((True, (2, 1, 1)), (False, (2, 2, 0))):
        press.settings = settings_for(sqlite_database, tmp_path, publish_after_final_only=switch)
        body = press.body(press.draft())
        assert (body.total.passed, body.total.failed, body.left_out) == expected
        assert len(body.failing) == expected[1]


def test_a_correction_stands_beside_the_old_and_the_old_is_marked(press: Press) -> None:
    old = press.issue()
    with pytest.raises(Invalid, match="更正须写明理由"):
        press.draft(corrects_id=old)
    new, rival = (press.draft(corrects_id=old, reason="合格批次数有误") for _ in range(2))
    for one in (new, rival):
        press.approve(one)
    press.do(service.publish, press.publisher, new, press.settings)
    with pytest.raises(Refused, match="已更正或撤回"):
        press.do(service.publish, press.publisher, rival, press.settings)
    with press.database.read() as session:
        assert service.get(session, old).state == "corrected"
        gone = session.get(Withdrawal, old)
        assert gone is not None and (gone.kind, gone.reason, gone.replaced_by_id) == ("corrected", "合格批次数有误", new)
        assert "市监通告〔2026〕1号" in printed(session.get(Issue, new).pdf)  # type: ignore[union-attr]
        first, second = (ledger.of(session, "bulletins", f"市监通告〔2026〕{n}号")[0] for n in (1, 2))
        assert (second.kind, second.replaces_id) == ("correction", first.id) and first.file
    with pytest.raises(Refused, match="只有已公布"):
        press.draft(corrects_id=old, reason="再来")


def test_a_withdrawn_issue_stays_readable_with_its_public_reason(press: Press) -> None:
    made = press.issue()
    with pytest.raises(Invalid, match="撤回须写明理由"):
        press.do(service.withdraw, press.publisher, made, reason=" ")
    press.do(service.withdraw, press.publisher, made, reason="数据来源有误")
    with press.database.read() as session:
        entries = ledger.of(session, "bulletins", "市监通告〔2026〕1号")
        assert [entry.kind for entry in entries] == ["bulletin", "withdrawal"] and entries[1].content["reason"] == "数据来源有误"
        assert service.get(session, made).state == "withdrawn" and session.get(Issue, made) is not None
    with pytest.raises(Refused):
        press.do(service.withdraw, press.publisher, made, reason="再撤")


def test_purposes_are_not_pooled_and_risk_monitoring_is_not_published(press: Press) -> None:
    for purpose in ("supervision", "risk"):
        with clock.at(TESTED):
            press.plan = press.approved_plan(4, purpose, False)
        press.reported("0.9")
    press.finalise()
    with pytest.raises(Refused, match="性质不同的批次不能合并"):
        press.draft(indicator_id=None)
    with pytest.raises(Refused, match="风险监测结果不作不合格公布"):
        press.draft(indicator_id=None, purpose="risk")
    body = press.body(press.draft(indicator_id=None, purpose="supervision"))
    assert (body.purpose, body.target, body.total.verdict, body.total.tested) == ("supervision", None, "not_inferable", 1)
    assert "不能据此推断" in printed_of(press, 1) and "只反映抽样波动" in printed_of(press, 1)


def printed_of(press: Press, publication_id: int) -> str:
    with press.database.read() as session:
        return printed(service.preview_pdf(service.get(session, publication_id)))


WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"since": None}, Invalid, "数据来源"),
    ({"aggregate_id": 1}, Invalid, "数据来源"),
    ({"until": date(2026, 6, 30)}, Invalid, "早于开始日期"),
    ({"region_code": "999999"}, Invalid, "未登记"),
    ({"region_code": OTHER}, Forbidden, "不在您的辖区"),
    ({"indicator_id": 9999}, NotFound, "没有这个指标"),
    ({"plan_id": 9999, "indicator_id": None}, NotFound, "没有这个抽检计划"),
    ({"since": None, "aggregate_id": 77}, NotFound, "没有这份汇总数"),
    ({"since": date(2025, 1, 1), "until": date(2025, 12, 31)}, Refused, "没有已办结"),
    ({"title": "推荐十佳企业的通告"}, Invalid, "不得推荐"),
    ({"measures": ("给企业排名。",)}, Invalid, "排名"),
]


def test_a_wrong_order_names_its_reason_and_leaves_no_draft(lone: Press) -> None:
    for change, kind, word in WRONG:
        with pytest.raises(kind, match=word):
            lone.draft(**change)
    with lone.database.read() as session:
        assert session.scalars(service.listing()).all() == []


def test_published_counts_of_others_are_printed_without_inference(lone: Press) -> None:
    rows = [indicators.AggregateRow("糕点", 3000, 90, "3.0%"), indicators.AggregateRow("酒类", 500, 0, "0.0%")]
    with lone.database.write() as session:
        made = indicators.record_aggregate(session, SYSTEM, name="2019年下半年", period="2019年下半年", purpose="supervision", source="公告", rows=rows)
    body = lone.body(lone.draft(since=None, until=None, indicator_id=None, aggregate_id=made.id, decimals=1, period=""))
    assert [row.fail_rate for row in body.classes] == ["3.0%", "0.0%"] and body.total.verdict == "not_inferable"
    assert body.period == "2019年下半年" and "公告" in body.data_version and body.failing == ()


def test_strangers_of_another_county_find_no_draft(lone: Press) -> None:
    lone.draft()
    stranger = person(lone.database, "elsewhere2", "publisher", region_code=OTHER)
    with lone.database.read(stranger) as session, pytest.raises(NotFound):
        service.get(session, 1)
    assert AWAY

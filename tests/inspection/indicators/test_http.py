"""The page of targets, outside values and aggregates over HTTP."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from inspection import clock
from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.db import Database
from inspection.indicators import service
from inspection.indicators.models import Aggregate, Indicator, Snapshot
from inspection.intake.reader import read
from tests.conftest import settings_for
from tests.inspection.samples.bench import TESTED, Bench
from tests.people import Browser, sign_in

API = "/api/v1/indicators"


class Office(Bench):
    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database)
        self.reported("0.1", "0.2")
        self.receive()
        self.app = create_app(settings_for(database, folder), database)
        with database.write() as session:
            service.load_packaged(session, SYSTEM)
            self.ids = dict(session.execute(select(Indicator.code, Indicator.id)).all())

    def browser(self, login: str) -> Browser:
        return sign_in(self.app, login)


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    return Office(sqlite_database, tmp_path)


def test_every_target_shows_its_value_verdict_and_what_is_needed(office: Office) -> None:
    with clock.at(TESTED):
        browser = office.browser("planner")
        for place in ("平凉市崆峒区", "重庆市", "四川省", "辽宁省", "盐城市"):
            answer = browser.get(f"/indicators?place={place}")
            assert answer.status_code == 200 and place in answer.text
        page = browser.get("/indicators?place=盐城市").text
        assert "100.00%" in page and "尚不能判定" in page and "暂定，待结 1" in page and "至少再有 147 批" in page
        assert "<option selected>盐城市" in browser.get("/indicators").text, "the place of the county's own firms comes first"
        one = browser.get(f"/indicators/{office.ids['yancheng.food']}").text
        assert "合格率保持98%以上" in one and "2/2" not in one and "≥22.36%" in one and "暂定" in one
        assert "農産品品質安全例行監測合格率達到98.3%以上" in browser.get(f"/indicators/{office.ids['chongqing.agri']}").text
        for bad in ("since=yesterday", "since=2026-12-01&until=2026-01-01", "since=0001-01-01", "until=2026-02-30"):
            assert browser.get(f"/indicators?{bad}").status_code == 422, bad
        assert browser.get("/indicators/9999").status_code == 404


def test_outside_values_and_snapshots_are_kept(office: Office) -> None:
    target = office.ids["chongqing.competitiveness"]
    with clock.at(TESTED):
        browser = office.browser("planner")
        assert browser.get(f"/indicators/{target}").status_code == 200
        wrong = browser.post(f"/indicators/{target}/external", {"period": "2026", "value": "abc", "source": "统计局"})
        assert wrong.status_code == 422 and "应为数字" in wrong.text and "统计局" in wrong.text
        assert "必填" in browser.post(f"/indicators/{target}/external", {"period": "2026", "value": "92"}).text
        done = browser.post(f"/indicators/{target}/external", {"period": "2026", "value": "92", "source": "统计局"}, follow=True)
        assert "92指数" in done.text and "达标" in done.text
        saved = browser.post(f"/indicators/{office.ids['yancheng.food']}/snapshot?since=2026-01-01&until=2026-10-12", follow=True)
        assert "快照已保存" in saved.text
        with office.database.read() as session:
            assert session.scalars(select(Snapshot.period)).all() == ["2026-01-01/2026-10-12"]
        assert office.browser("leader").post(f"/indicators/{target}/external", {}).status_code == 403


def test_the_api_gives_values_and_takes_published_counts(office: Office) -> None:
    with clock.at(TESTED):
        browser = office.browser("planner")
        rows = {row["indicator"]["code"]: row for row in browser.json("GET", API).json}
        food = rows["yancheng.food"]
        assert (food["value"], food["verdict"], food["detail"]["n"], food["detail"]["provisional"]) == ("100.00%", "inconclusive", 2, True)
        assert rows["kongtong.food"]["verdict"] is None and rows["kongtong.food"]["value"] == "—"
        assert browser.json("GET", f"{API}?since=2026-05-01&until=2026-01-01").status_code == 422
        body = {"name": "全国", "period": "2019H2", "purpose": "supervision", "source": "公告", "rows": [{"name": "糕点", "tested": 100, "failed": 3}]}
        made = browser.json("POST", f"{API}/aggregates", body)
        assert made.status_code == 201 and len(made.json["digest"]) == 64
        assert browser.json("POST", f"{API}/aggregates", body).json == made.json
        for change in ({"rows": []}, {"rows": [{"name": "糕点", "tested": 1, "failed": 2}]}, {"purpose": "x"}, {"rows": [{"name": "a", "tested": 2**63, "failed": 0}]}, {"extra": 1}):
            assert browser.json("POST", f"{API}/aggregates", {**body, **change}).status_code == 422, change
        target = office.ids["chongqing.public_service"]
        assert browser.json("POST", f"{API}/{target}/external", {"period": "2026", "value": "82", "source": "调查报告"}).status_code == 201
        assert browser.json("POST", f"{API}/{target}/external", {"period": "2026", "value": 82.5, "source": "调查报告"}).status_code == 422


def _file(browser: Browser, text: str) -> Any:
    browser.get("/indicators/aggregates/import")
    sent = {"file": (io.BytesIO(text.encode()), "汇总.csv")}
    return browser.post("/indicators/aggregates/import", sent, content_type="multipart/form-data")


HEAD = {"name": "2019年下半年全国监督抽检", "period": "2019年下半年", "purpose": "supervision", "source": "总局2020年第5号通告"}


def test_published_counts_are_looked_at_confirmed_and_listed_with_their_source(office: Office) -> None:
    planner = office.browser("planner")
    assert planner.get("/indicators/aggregates/template.xlsx").status_code == 200
    at = _file(planner, "类别,抽检批次,不合格批次,公布的不合格率\n糕点,120,3,2.5%\n蔬菜,80,1,1.25%\n")
    assert at.status_code == 303, at.text
    page = planner.get(at.location).text
    assert "糕点" in page and "200" in page and "确认登记" in page
    refused = planner.post(at.location, {**HEAD, "source": ""})
    assert refused.status_code == 422 and "糕点" in refused.text
    kept = planner.post(at.location, HEAD)
    assert kept.status_code == 303 and "总局2020年第5号通告" in planner.get(kept.location).text
    assert planner.post(at.location, HEAD).location == kept.location, "the same file again changes nothing"
    leader = office.browser("leader")
    listed = leader.get("/indicators/aggregates").text
    assert HEAD["name"] in listed and HEAD["source"] in listed and "导入汇总数" not in listed
    assert "200" in leader.get("/indicators/aggregates?export=csv").data.decode("utf-8-sig")
    assert leader.get("/indicators/aggregates/99").status_code == 404
    assert office.browser("leader").get(at.location).status_code == 403


def test_a_file_with_one_bad_row_is_not_kept_and_the_row_comes_back_with_its_reason(office: Office) -> None:
    planner = office.browser("planner")
    at = _file(planner, "类别,抽检批次,不合格批次\n糕点,120,130\n蔬菜,80,1\n蔬菜,80,1\n")
    page = planner.get(at.location).text
    assert "不合理" in page and "与第 3 行重复" in page and "确认登记" not in page
    assert len(read(planner.get(f"{at.location}/errors.xlsx").data, "a.xlsx")) == 2
    refused = planner.post(at.location, HEAD)
    assert refused.status_code == 409 and "2 行有误" in refused.text
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Aggregate)) == 0
    assert _file(planner, "类别,抽检批次\n糕点,1\n").status_code == 422
    assert _file(planner, "类别,抽检批次,不合格批次\n").status_code == 422
    assert planner.post("/indicators/aggregates/import").status_code == 422

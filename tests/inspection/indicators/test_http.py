"""The page of targets, outside values and aggregates over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from inspection import clock
from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.db import Database
from inspection.indicators import service
from inspection.indicators.models import Indicator, Snapshot
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
        one = browser.get(f"/indicators/{office.ids['yancheng.food']}").text
        assert "合格率保持98%以上" in one and "2/2" not in one and "34.24–100.00%" in one and "暂定" in one
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

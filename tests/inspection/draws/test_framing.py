"""The frame on screen and as JSON: looked at before it is kept, who is left out and why, saved in versions; frames of other things than firms."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from inspection import clock, history
from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.audit import AuditEvent
from inspection.db import Database
from inspection.draws import frames, service, words
from inspection.draws.models import Draw, FrameSchemeVersion, Selection
from inspection.errors import Invalid
from inspection.registers import service as registers
from inspection.registers.models import CheckItem, Enterprise, EnterpriseTag, OutsideCheck
from sampling import bundle, frame, verify
from tests.conftest import DRAW_KEY, settings_for
from tests.inspection.draws.office import EMBARGO, LATER, PREPARED, Office, code
from tests.inspection.draws.test_http import API, BODY, FORM
from tests.inspection.draws.test_service import refused
from tests.inspection.registers import county
from tests.inspection.registers.test_imports import keep
from tests.people import person, sign_in

OUTSIDE = ["检查对象代码", "检查机关", "层级", "方式", "抽查事项编码", "产品分类代码", "日期", "起因", "数据来源"]


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return Office(sqlite_database, firms=12)


@pytest.fixture
def app(office: Office, tmp_path: Path) -> Any:
    return create_app(settings_for(office.database, tmp_path), office.database)


def test_checks_of_others_come_in_by_a_file_and_every_bad_row_says_why(office: Office) -> None:
    good = [code(1), "杭州市应急管理局", "市", "检查", "A01", "", "2026-02-03", "", "市平台"]
    bad = {
        "名录库中没有": [code(99), *good[1:]], "须填抽查事项编码": [*good[:4], "", *good[5:]], "抽查事项清单中没有": [*good[:4], "Z9", *good[5:]],
        "抽样须填产品分类代码": [*good[:3], "抽样", "", *good[5:]], "在今天之后": [*good[:6], "2026-03-03", "", ""], "日期太远": [*good[:3], "已抽中（未检查）", "A01", "", "2028-03-03", "", ""],
        "不在可选值中": [*good[:2], "乡", *good[3:]], "重复": good,
    }  # fmt: skip
    with office.at(PREPARED, office.officer) as session:
        session.info["actor"] = None
        upload = keep(session, "outside_checks", [OUTSIDE, good, *bad.values(), [code(2), *good[1:3], "抽样", "", "33.01", "2026-01-05", "投诉举报", ""]])
        done = registers.apply_import(session, SYSTEM, upload, all_or_nothing=False)
        assert (done.n_new, done.n_bad) == (2, len(bad))
        for word, problem in zip(bad, sorted(done.preview.problems, key=lambda p: p.row), strict=True):
            assert word in problem.reason, (word, problem)
        assert [(c.kind, c.cause, c.item_code, c.product_code) for c in session.scalars(select(OutsideCheck).order_by(OutsideCheck.on))] == [
            ("sample", "complaint", "", "33.01"), ("visit", "random", "A01", ""),
        ]  # fmt: skip
        again = registers.apply_import(session, SYSTEM, keep(session, "outside_checks", [OUTSIDE, [*good[:7], "专项或重点", "更正"]]), all_or_nothing=True)
        assert (again.n_new, again.n_changed) == (0, 1) and session.scalar(select(func.count(OutsideCheck.id))) == 2


def test_the_form_counts_before_a_draw_takes_a_number_and_the_page_lists_who_is_left_out(office: Office, app: Any) -> None:
    with office.at(PREPARED, SYSTEM) as session:
        history.note(session, "visited", code(4), "V-7", date(2026, 2, 1))
        for n in (5, 6):
            firm = registers.enterprise_by_code(session, code(n))
            assert firm is not None
            session.add(OutsideCheck(enterprise_id=firm.id, on=date(2026, 2, n), kind="visit", authority="市应急局", level="city", item_code="A01"))
    with clock.at(PREPARED):
        browser = sign_in(app, "officer")
        sent = {**FORM, "exclusions": ["YEAR"], "rates": "A 20%\nB 3户"}
        shown = browser.post("/draws/preview", sent)
        assert shown.status_code == 200 and all(word in shown.text for word in ("底册预览", "去重后 12 户", "3/6 = 50", "2 户同年已被其他部门或上级抽中", "本年度已检查"))
        assert 'value="页面上的抽取"' in shown.text and "B 3户" in shown.text
        assert "没有 Z 这些类别" in browser.post("/draws/preview", {**sent, "rates": "Z 1/2"}).text
        with office.database.read() as session:
            assert session.scalar(select(Draw.id)) is None
            assert session.scalar(select(func.count(AuditEvent.seq)).where(AuditEvent.verb == "draw.preview", AuditEvent.outcome == "ok")) == 1
        assert browser.post("/draws/new", sent).status_code == 303
        refusal = browser.post("/draws/1/freeze", {"version": "1"})
        assert refusal.status_code == 409 and "2 户同年已被其他部门或上级抽中或检查同一事项" in refusal.text
        listed = browser.get("/draws/1/frame").text
        assert code(4) in listed and "本年度已检查（YEAR）" in listed and "2026-02-01 V-7" in listed and code(5) not in listed
        kept = browser.get("/draws/1/frame?status=ELSEWHERE&export=csv").text
        assert [line.split(",")[0] for line in kept.splitlines()[1:]] == [code(5), code(6)] and "2026-02-05 市应急局 A01" in kept
        assert browser.get("/draws/1/frame?status=ALL").status_code == 422
        assert browser.post("/draws/1/edit", {**sent, "version": "1", "exclusions": ["YEAR", "OTHER"]}).status_code == 303
        assert browser.post("/draws/1/freeze", {"version": "2"}).status_code == 303
        frozen = browser.get("/draws/1/frame").text
        assert frozen.count("（OTHER）") == 2 and "以冻结的底册为准" in frozen and "西湖区第4食品有限公司" in frozen
        assert browser.get(f"/draws/1/frame?q={code(5)}&export=csv").text.count(code(5)) == 1


def test_words_beyond_a_page_are_found_and_what_was_decided_stays_on_a_refused_form(office: Office, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "SHOWN", 3)
    with office.at(PREPARED, SYSTEM) as session:
        firm = registers.enterprise_by_code(session, code(1))
        assert firm is not None
        session.add_all(EnterpriseTag(enterprise_id=firm.id, tag=f"专项{n}") for n in range(7))
        session.add(CheckItem(code="A09", name="旧事项", version=1, valid_from=date(2020, 1, 1), valid_to=date(2025, 12, 31)))
    with clock.at(PREPARED):
        browser = sign_in(app, "officer")
        ask = f"{API}/words?name=tags"
        first = browser.get(ask).get_json()
        assert first == {"words": ["专项0", "专项1", "专项2"], "total": 7, "next": "专项2"}
        assert browser.get(f"{ask}&after=专项5").get_json()["words"] == ["专项6"]
        assert browser.get(f"{ask}&find=6").get_json() == {"words": ["专项6"], "total": 1, "next": None}
        assert browser.get(f"{ask}&find=%25").get_json()["total"] == 0 and browser.get(f"{API}/words?name=title").status_code == 422
        sent = {name: value for name, value in FORM.items() if name not in ("announced", "period_to")}
        form = browser.get("/draws/new").text
        assert 'name="announced" value="true" checked' in form and "A09" not in form
        page = browser.post("/draws/new", {**sent, "tags": ["专项6"], "rates": "A 0%", "item_codes": ["A01", "A09"], "exclusions": []})
        assert page.status_code == 422 and 'value="专项6" checked' in page.text and "A09 没有有效版本" in page.text
        assert 'name="announced" value="true">' in page.text and 'value="YEAR" checked' not in page.text


def test_a_frame_is_saved_in_versions_used_again_and_retired(office: Office, app: Any) -> None:
    with clock.at(PREPARED):
        browser = sign_in(app, "officer")
        assert "还没有底册方案" in browser.get("/draws/schemes").text
        browser.post("/draws/new", FORM)
        assert browser.post("/draws/1/scheme", {"name": "年度双随机"}).headers["Location"].endswith("/draws/schemes/1")
        assert browser.post("/draws/1/scheme", {"name": "年度双随机"}).status_code == 409  # says the same
        assert browser.post("/draws/1/scheme", {"name": " "}).status_code == 422
        browser.post("/draws/1/edit", {**FORM, "rates": "A 1/3\nB 1/2", "version": "1"})
        browser.post("/draws/1/scheme", {"name": "年度双随机"})
        page = browser.get("/draws/schemes/1").text
        assert "A 20/100" in page and "A 1/3" in page and page.index("第 2 版") < page.index("第 1 版")
        form = browser.get("/draws/new?scheme=1").text
        assert "A 1/3" in form and 'name="scheme_version" value="2"' in form
        browser.post("/draws/new", {**FORM, "rates": "A 1/3\nB 1/2", "scheme_id": "1", "scheme_version": "2"})
        assert "年度双随机 第 2 版" in browser.get("/draws/2").text and "（有改动）" not in browser.get("/draws/2").text
        browser.post("/draws/2/edit", {**FORM, "scheme_id": "1", "scheme_version": "2", "version": "1"})
        assert "（有改动）" in browser.get("/draws/2").text
        assert browser.post("/draws/new", {**FORM, "scheme_id": "1", "scheme_version": "9"}).status_code == 422
        assert browser.post("/draws/schemes/1/retire", {"version": "9"}).status_code == 412
        assert browser.post("/draws/schemes/1/retire", {"version": "1"}).status_code == 303
        assert "已停用。" in browser.get("/draws").text
        assert "年度双随机" not in browser.get("/draws/schemes").text and "已停用" in browser.get("/draws/schemes?all=1").text
        assert browser.post("/draws/1/scheme", {"name": "年度双随机"}).status_code == 409
        person(office.database, "far", "draw_officer", region_code="330102")
        assert sign_in(app, "far").get("/draws/schemes/1").status_code == 404
    with pytest.raises(Exception, match="sealed"), office.database.write() as session:
        session.execute(FrameSchemeVersion.__table__.update().values(saved_by_name="别人"))  # type: ignore[attr-defined]


def test_the_frame_as_json(office: Office, app: Any) -> None:
    with office.at(PREPARED, SYSTEM) as session:
        for n in (2, 4, 6):
            history.note(session, "visited", code(n), f"V-{n}", date(2026, 2, 1))
    with clock.at(PREPARED):
        browser = sign_in(app, "officer")
        body = {**BODY, "exclusions": ["YEAR"], "rates": {"A": [1, 3], "B": 2}}
        seen = browser.json("POST", f"{API}/preview", body).json
        assert seen["strata"][1] == {"name": "B", "label": "B", "population": 6, "n": 2, "reserve": 1, "probability": "2/6"}
        assert (seen["total"], seen["excluded"], seen["kinds"], seen["frozen"]) == (12, {"YEAR": 3}, {"enterprise": 12}, False)
        assert browser.json("POST", f"{API}/preview", {**body, "rates": {"B": 7, "A": [1, 2]}}).json["too_large"] == ["B"]
        browser.json("POST", API, body)
        assert browser.get(f"{API}/1/frame").json["excluded"] == {"YEAR": 3}
        for turn in ("live", "frozen"):
            first = browser.get(f"{API}/1/frame/units?limit=2").json
            assert [u["code"] for u in first["units"]] == [code(2), code(4)] and first["units"][0]["status"] == "YEAR"
            rest = browser.get(f"{API}/1/frame/units?limit=2&after={first['next']}&status=YEAR").json
            assert [u["code"] for u in rest["units"]] == [code(6)] and rest["next"] is None, turn
            if turn == "live":
                assert browser.json("POST", f"{API}/1/freeze", None, If_Match='"1"').status_code == 200
        frozen = browser.get(f"{API}/1/frame").json
        assert (frozen["frozen"], frozen["total"], frozen["excluded"]) == (True, 12, {"YEAR": 3})
        made = browser.json("POST", f"{API}/1/scheme", {"name": "方案甲"})
        assert made.status_code == 201 and made.json["content"]["sizes"] == {"B": 2}
        assert [row["name"] for row in browser.get(f"{API}/schemes").json] == ["方案甲"] and len(browser.get(f"{API}/schemes/1").json) == 1
        assert browser.json("POST", f"{API}/schemes/1/retire", None, If_Match='"1"').json["retired_at"] and browser.get(f"{API}/schemes").json == []


def test_equipment_stalls_and_laboratories_are_drawn_by_their_internal_numbers(office: Office) -> None:
    header = ["内部编号", "名称", "行政区划代码", "对象类型"]
    rows = [[f"ELV-{n:03d}", f"电梯{n}", "330106001", "设备"] for n in range(1, 9)] + [["SF-1/A", "菜市场一号摊", "330106002", "摊位"], ["LAB.7", "某检测机构", "330106", "机构"], ["GC%1", "某工程", "330106", "项目"]]
    wrong = [["电梯一", "电梯", "330106001", "设备"], ["elv-001", "电梯", "330106001", "设备"], ["Elv-100", "电梯", "330106001", "设备"], ["ELV-100", "电梯", "330106001", "设备"]]
    with office.at(PREPARED, SYSTEM) as session:
        done = registers.apply_import(session, SYSTEM, keep(session, "enterprises", [header, *rows]), all_or_nothing=True)
        assert done.n_new == 11
        judged = registers.preview(session, SYSTEM, keep(session, "enterprises", [header, *wrong]))
        assert next(p.reason for p in judged.preview.problems).startswith("内部编号“电梯一”只能由") and judged.n_bad == 3
        assert [("只差大小写" in p.reason, "重复" in p.reason) for p in judged.preview.problems[1:]] == [(True, False), (False, True)]
        refused("enterprise-exists", lambda: registers.create_enterprise(session, SYSTEM, county.firm(code="elv-001", internal=True)))
        refused("inspector-exists", lambda: registers.create_inspector(session, SYSTEM, county.person(1, code="zf-001")))
        bad = registers.preview(session, SYSTEM, keep(session, "conflicts", [["人员编号", "检查对象代码", "回避理由"], ["ZF-404", "ELV-001", "亲属"], ["ZF-001", "ELV-999", "亲属"]]))
        assert bad.n_bad == 2
    draw = office.revealed(kinds=("equipment", "stall", "laboratory", "project"), stratify_by="area", rates={"330106001": (1, 4), "330106002": (1, 1), "U": (1, 2)})
    with office.database.read() as session:
        data = service.opened(session, draw, DRAW_KEY)[1]
        assert verify.check_bundle(data).outcome.n_selected == 4
        ids = {cells[0] for cells in frame.rows(bundle.unpack(data)["frame.tsv"])}
        assert ids == {row[0] for row in rows} and "ELV-001" in ids
        chosen = session.execute(select(Selection.unit_code, Enterprise.kind).join(Enterprise, Enterprise.id == Selection.enterprise_id).where(Selection.role == "selected")).all()
        assert {kind for _, kind in chosen} >= {"equipment", "stall"} and len(chosen) == 4


def test_a_draw_of_another_level_for_the_same_item_is_seen_once_its_list_is_public(office: Office) -> None:
    item = {"stratify_by": "none", "rates": {"ALL": (1, 3)}, "exclusions": ("OTHER",), "reserve_percent": 0, "seats": ()}
    upper = office.revealed(region_code="330100", embargo_until=EMBARGO, **item)
    lower = office.configured(**item)
    with office.database.read() as session:
        assert frames.preview(session, service.configuration_of(lower)).excluded == {}
    with office.at(LATER, office.officer) as session:
        service.publish(session, office.officer, upper.id, version=office.now(upper).version_id, draw_key=DRAW_KEY)
    with clock.at(LATER), office.database.read() as session:
        chosen = set(session.scalars(select(Selection.unit_code).where(Selection.draw_id == upper.id)))
        built = frames.build(session, service.configuration_of(lower))
        rows = {cells[0]: cells[3] for cells in frame.rows(built.files["frame.tsv"])}
        assert len(chosen) == 4 and {unit for unit, status in rows.items() if status == "OTHER"} == chosen
    assert refused("configuration-incomplete", lambda: office.configured(rates={"A": (0, 0)}), Invalid).fields["rates"] == ["A 类的比例 0/0 不合法"]

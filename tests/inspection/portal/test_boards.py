"""The four public boards: their columns, what finds a line, what a correction and a withdrawal leave, and the files."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select, text

from inspection import ledger
from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.db import Database
from inspection.portal import search
from inspection.portal.lines import COLUMNS
from inspection.portal.pages import boards
from inspection.portal.search import Wanted
from tests.conftest import settings_for

PLAN = {"plan_code": "JH-2026-01", "plan_title": "2026年度双随机抽查计划", "authority": "西湖区市场监督管理局", "version": 1}
TASK = {
    "task_code": "RW-2026-007", "task_title": "餐饮单位抽查", "check_type": "untargeted", "objects": "餐饮服务单位", "period_from": "2026-03-01",
    "period_to": "2026-04-30", "matters": [{"code": "B02", "name": "餐饮服务监督检查"}], "departments": ["市场监管局", "应急管理局"], "n_objects": 120,
}  # fmt: skip
HEADS = {  # word by word the columns of the public notices
    "items": "序号 抽查事项名称 抽查依据 抽查主体 抽查对象 抽查比例 抽查次数 抽查方式 抽查内容及要求 备注",
    "plan": "计划编号 计划名称 任务编号 任务名称 抽查类型 抽查事项 对象范围 检查日期自 检查日期至",
    "task": "计划编号 计划名称 任务编号 任务名称 抽查类型 抽查事项 对象范围 检查日期自 检查日期至 检查机关 抽查市场主体数量",
    "results": "序号 企业名称 统一社会信用代码/注册号 检查机关 检查时间 结果",
}
FORMULA = "=cmd|' /C calc'!A0"


def content(n: int, **more: Any) -> dict[str, Any]:
    return {
        "name": f"西湖区第{n}食品（杭州）有限公司", "unit_code": f"9133010600000{n:04d}X", "authority": ("市场监管局", "应急管理局")[n % 2], "draw": f"2026-00{n % 3 + 1}",
        "visited_on": f"2026-03-{n % 28 + 1:02d}", "outcome": "已完成检查", "outcome_code": "01", "results": ["未发现问题"], "follow_up": "", "version": 1, "reason": "",
        "items": [{"code": "A01", "name": "登记事项检查", "found": "未发现问题"}], **more,
    }  # fmt: skip


def publish(database: Database, board: str, kind: str, subject: str, facts: dict[str, Any], replaces: int | None = None) -> int:
    with database.write(SYSTEM) as session:
        title = str(facts.get("name") or facts.get("task_title") or "")
        return ledger.publish(session, SYSTEM, board=board, kind=kind, subject=subject, title=title, content=facts, replaces_id=replaces).id


@pytest.fixture(scope="module")
def room(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Any]]:
    """A reading room with sixty results, a plan with two tasks, a task and a list of items."""
    folder = tmp_path_factory.mktemp("room")
    (folder / "room.sqlite").write_bytes(migrated_sqlite.read_bytes())
    database = Database(f"sqlite:///{folder / 'room.sqlite'}")
    with database.write(SYSTEM) as session:
        for n in range(1, 61):
            ledger.publish(session, SYSTEM, board="results", kind="result", subject=f"2026-001-A-{n:04d}", title="", content=content(n))
    old = publish(database, "results", "result", "2026-001-A-0900", content(900, name=FORMULA, results=["发现问题已责令改正"]))
    publish(database, "results", "correction", "2026-001-A-0900", content(900, name=FORMULA, version=2, reason="结果类别有误"), old)
    publish(database, "plan", "check_plan", "JH-2026-01", {**PLAN, "tasks": [TASK, {**TASK, "task_code": "RW-2026-008", "task_title": "食品生产单位抽查"}]})
    publish(database, "task", "check_task", "RW-2026-007", {**PLAN, **TASK})
    gone = publish(database, "task", "check_task", "RW-2026-009", {**PLAN, **TASK, "task_code": "RW-2026-009", "task_title": "停办的抽查"})
    publish(database, "task", "withdrawal", "RW-2026-009", {"reason": "经费调整"}, gone)
    publish(database, "draws", "commitment", "2026-001", {"commitment": "{}", "digest": "0" * 64, "task_code": "RW-2026-007", "strata": []})
    items = [{"code": f"A0{n}", "name": f"事项{n}", "kind": "重点事项", "subject": ("市场监管局", "应急管理局")[n % 2], "basis": "食品安全法", "target": "食品生产者",
              "ratio": "5%", "frequency": "每年一次", "method": "实地核查", "content": "查台账", "skills": "食品", "version": 2, "valid_from": "2026-01-01"} for n in range(1, 4)]
    publish(database, "items", "items", "check-items", {"on": "2026-01-01", "columns": [], "items": items})
    app = create_app(settings_for(database, folder), database)
    yield database, app.test_client()
    database.dispose()


def test_each_board_has_exactly_the_columns_of_the_notice_and_becomes_cards(room: Any) -> None:
    _, client = room
    for board, heads in HEADS.items():
        page = client.get(f"/public/{board}").text
        assert re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', page) == heads.split(), board
        labels = set(re.findall(r'data-label="([^"]*)"', page))
        assert labels == set(heads.split()) and "table-cards" in page, board
        head = next(csv.reader(io.StringIO(client.get(f"/public/{board}?export=csv").data.decode("utf-8-sig"))))
        assert head == heads.split(), board


def found(client: Any, query: str, board: str = "results") -> int:
    answer = client.get(f"/public/{board}?{query}")
    assert answer.status_code == 200, answer.text
    return int(re.search(r"共 (\d+) 条", answer.text)[1])  # type: ignore[index]


def test_a_firm_is_found_by_part_of_its_name_or_its_code_in_any_width_and_case(room: Any) -> None:
    _, client = room
    assert found(client, "") == 61
    assert found(client, "q=第7食品") == 1 and found(client, "q=第７食品（杭 州）") == 1, "full width and blanks"
    assert found(client, "q=食品(杭州)有限") == 60 and found(client, "q=州杭") == 0
    assert found(client, "q=91330106000000007x") == found(client, "q=９１330106000000007Ｘ") == 1 and found(client, "q=9133010600000007X") == 0
    assert found(client, "q=食品区西") == 0, "its pieces stand elsewhere, but not in this order"
    assert found(client, "q=%25%25") == found(client, "q=__") == 0, "no pattern of the database"
    for bad, word in (("q=西", "两个字"), ("q=" + "长" * 101, "100 个字"), ("from=2026-02-30", "检查日期自"), ("from=2026-03-02&to=2026-03-01", "对调")):
        answer = client.get(f"/public/results?{bad}")
        assert answer.status_code == 422 and word in answer.text, bad


def test_lines_are_found_by_department_item_draw_and_days_and_paged(room: Any) -> None:
    _, client = room
    assert found(client, "department=应急管理局") == 30 and found(client, "department=没有的局") == 0
    assert found(client, "item=A01") == found(client, "item=登记事项检查") == 61 and found(client, "item=登记") == 0
    assert found(client, "draw=2026-002") == 20 and found(client, "draw=2026-002&department=应急管理局") == 10
    assert found(client, "from=2026-03-05&to=2026-03-06") == sum(n % 28 + 1 in (5, 6) for n in [*range(1, 61), 900]) == 6
    assert found(client, "from=2026-04-01") == 0
    assert found(client, "q=第7食品&department=市场监管局&from=2026-03-01") == 0
    first, second = client.get("/public/results?size=25").text, client.get("/public/results?size=25&page=3").text
    assert "rel=\"next\"" in first and re.findall(r'c-number num" data-label="序号">(\d+)<', second) == [str(n) for n in range(51, 62)]
    assert found(client, "from=2026-04-30", "task") == 2 and found(client, "to=2026-02-28", "task") == 0, "periods that overlap"
    assert found(client, "item=B02", "plan") == 1 and found(client, "q=RW-2026-008", "plan") == 1
    assert found(client, "department=应急管理局", "items") == 2 and found(client, "q=1", "items") == 1


def test_a_corrected_result_stands_once_and_its_old_version_stays_readable_and_marked(room: Any) -> None:
    _, client = room
    board = client.get("/public/results").text
    assert board.count("2026-001-A-0900") == 1 and "更正后第 2 版" in board
    page = client.get("/public/results/2026-001-A-0900").text
    now, old = page.split("以前的版本")
    assert "更正后的现行版本" in now and "未发现问题" in now and "结果类别有误" in now and "发现问题已责令改正" not in now
    assert "已被替代" in old and "第 1 版" in old and "发现问题已责令改正" in old and "<details" in old
    assert "登记事项检查" in now and "/public/draws/2026-001" in now and "/public/why?draw=2026-001" in now
    plain = client.get("/public/results/2026-001-A-0007").text
    assert "现行版本" in plain and "以前的版本" not in plain


def test_a_result_that_no_draw_selected_never_looks_random(sqlite_database: Database, tmp_path: Path) -> None:
    publish(sqlite_database, "results", "result", "R-1", content(1))
    publish(sqlite_database, "results", "result", "T-1", content(2, draw=""))
    client: Any = create_app(settings_for(sqlite_database, tmp_path), sqlite_database).test_client()
    first, second = re.findall(r"<tr>(<td.*?)</tr>", client.get("/public/results").text, re.S)
    assert "非随机" in first and "非随机" not in second
    assert "不能据以推断其他企业" in client.get("/public/results/T-1").text and "随机抽取 2026-002" in client.get("/public/results/R-1").text
    assert [line["draw"] for line in client.get("/api/v1/public/results").json["items"]] == ["", "2026-002"]


def test_a_withdrawn_task_stays_on_the_board_with_its_reason_and_a_task_leads_to_its_draw(room: Any) -> None:
    _, client = room
    board = client.get("/public/task?q=停办").text
    assert "停办的抽查" in board and "已撤回" in board and "餐饮服务单位" in board
    page = client.get("/public/task/RW-2026-009").text
    assert "已撤回" in page and "经费调整" in page and "以前的版本" in page
    task = client.get("/public/task/RW-2026-007").text
    assert "/public/draws/2026-001" in task and "餐饮服务监督检查" in task and "不定向" in task and "市场监管局、应急管理局" in task
    plan = client.get("/public/plan").text
    assert "RW-2026-007" in plan and "食品生产单位抽查" in plan
    assert client.get("/public/task/RW-1").status_code == 404


def test_the_files_hold_all_that_was_found_and_no_formula(room: Any) -> None:
    _, client = room
    body = client.get("/public/results?export=csv&draw=2026-002").data
    assert body.startswith(b"\xef\xbb\xbf") and len(list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))) == 21
    plain = client.get("/public/results?export=csv&bom=0").data
    assert not plain.startswith(b"\xef\xbb\xbf")
    assert f"'{FORMULA}" in plain.decode() and f"\r\n{FORMULA}" not in plain.decode() and f",{FORMULA}" not in plain.decode()
    sheet = openpyxl.load_workbook(io.BytesIO(client.get("/public/results?export=xlsx").data)).active
    cells = [cell for row in sheet.iter_rows() for cell in row]  # type: ignore[union-attr]
    assert len(cells) == 62 * 6 and not any(cell.data_type == "f" for cell in cells) and f"'{FORMULA}" in [cell.value for cell in cells]
    data = json.loads(client.get("/public/results?export=json&q=第7食品").data)
    assert [line["cells"]["result"] for line in data["items"]] == ["未发现问题"] and data["items"][0]["state"] == "standing"
    assert json.loads(client.get("/public/items?export=json").data)["items"][0]["cells"]["remark"] == "重点事项；所需资格：食品；第 2 版，自 2026-01-01 起施行"


def test_a_file_that_would_be_too_long_is_refused_with_the_cure(room: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, client = room
    monkeypatch.setitem(boards.FORMATS, "xlsx", 60)
    answer = client.get("/public/results?export=xlsx")
    assert answer.status_code == 409 and "有 61 条，这种文件一次最多 60 条" in answer.text and "CSV" in answer.text
    assert client.get("/public/results?export=xlsx&draw=2026-002").status_code == 200


def test_json_gives_a_board_part_by_part(room: Any) -> None:
    _, client = room
    seen, after = [], 0
    while True:
        part = client.get(f"/api/v1/public/results?limit=25&after={after}").json
        seen += [line["subject"] for line in part["items"]]
        if part["next"] is None:
            break
        after = part["next"]
    assert len(seen) == len(set(seen)) == part["total"] == 61 and seen[0] == "2026-001-A-0900"
    assert client.get("/api/v1/public/results?q=第7食品").json["total"] == 1
    assert client.get("/api/v1/public/results?from=2026-04-01").json == {"items": [], "total": 0, "next": None}
    assert [line["cells"]["task_code"] for line in client.get("/api/v1/public/plans").json["items"]] == ["RW-2026-007", "RW-2026-008"]
    tasks = client.get("/api/v1/public/tasks").json["items"]
    assert {line["subject"]: line["state"] for line in tasks} == {"RW-2026-007": "standing", "RW-2026-009": "withdrawn"} and tasks[0]["cells"]["n_objects"] == 120
    assert len(client.get("/api/v1/public/items?q=1").json["items"]) == 1
    for bad in ("limit=0", "limit=201", "after=x", "from=2026-13-01", "q=西"):
        assert client.get(f"/api/v1/public/results?{bad}").status_code == 422, bad


def test_every_condition_is_answered_by_an_index_on_both_databases(database: Database) -> None:
    """The planner would read a small table as a whole; with that switched off it must know another way."""
    for n in range(1, 4):
        publish(database, "results", "result", f"R-{n}", content(n))
    gone = publish(database, "task", "check_task", "RW-1", {**PLAN, **TASK})
    publish(database, "task", "withdrawal", "RW-1", {"reason": "经费调整"}, gone)
    publish(database, "task", "check_task", "RW-2", {**PLAN, **TASK})
    with database.read() as session:  # read in chunks, and in between the content of what was withdrawn
        assert [(f.kind, f.content["n_objects"], f.content.get("reason")) for f in search.facts(session, search.standing("task", Wanted("餐饮")).order_by(ledger.Entry.id))] == [
            ("withdrawal", 120, "经费调整"), ("check_task", 120, None),
        ]  # fmt: skip
    wanted = Wanted("第2食品", "市场监管局", "A01", "2026-003", "2026-03-01", "2026-03-31")
    with database.read() as session:
        assert [fact.subject for fact in search.facts(session, search.standing("results", wanted))] == ["R-2"]
        assert set(search.choices(session, "department")) == {"市场监管局", "应急管理局", "西湖区市场监督管理局"}
        query = search.standing("results", wanted).with_only_columns(ledger.Entry.id).order_by(ledger.Entry.id.desc()).limit(25)
        sql = str(query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})).replace("%%", "%")
        if database.is_sqlite:
            plan = [row.detail for row in session.execute(text(f"EXPLAIN QUERY PLAN {sql}".replace(":", "\\:")))]
            assert not [line for line in plan if line.startswith("SCAN")], plan
        else:
            session.execute(text("SET LOCAL enable_seqscan = off"))
            plan = [row[0] for row in session.execute(text(f"EXPLAIN {sql}".replace(":", "\\:")))]
            assert not [line for line in plan if "Seq Scan" in line], plan
        assert any("ix_ledger_keys_field_word" in line for line in plan) and any("ix_ledger_replaces_id" in line for line in plan), plan


def test_the_words_of_a_fact_are_sealed_with_it(database: Database) -> None:
    id_ = publish(database, "results", "result", "R-1", content(1))
    with database.read() as session:
        words = set(session.execute(select(ledger.Key.field, ledger.Key.word).where(ledger.Key.entry_id == id_)))
    assert {("code", "91330106000000001X"), ("draw", "2026-002"), ("item", "A01"), ("from", "2026-03-02"), ("part", "食品")} <= words
    with pytest.raises(Exception, match="sealed table ledger_keys"), database.write() as session:
        session.execute(text("DELETE FROM ledger_keys"))


def test_every_board_has_a_link_and_a_schema_for_each_column() -> None:
    from inspection.portal.lines import LINK
    from inspection.portal.schemas import LINE

    for board, columns in COLUMNS.items():
        keys = [column.key for column in columns]
        assert LINK[board] in keys
        assert set(LINE[board]().fields["cells"].schema.fields) == set(keys) - {"number"}, board  # type: ignore[attr-defined]

"""Bulletins over HTTP and on the console, by three different people."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from inspection import clock
from inspection.app import create_app
from inspection.cli import main
from inspection.db import Database
from inspection.publications import service
from inspection.publications.models import Issue
from tests.conftest import DRAW_KEY, SECRET
from tests.inspection.publications.test_service import Press, printed
from tests.inspection.samples.bench import COUNTY, FIRM, TESTED
from tests.people import Browser, sign_in

API = "/api/v1/publications"


class Office(Press):
    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database, folder)
        self.app = create_app(self.settings, database)

    def browser(self, login: str) -> Browser:
        return sign_in(self.app, login)

    def v(self, publication_id: int = 1) -> str:
        with self.database.read() as session:
            return str(service.get(session, publication_id).version_id)

    def form(self, **more: str) -> dict[str, str]:
        return {
            "title": "关于2026年第三季度食品评价性抽检情况的通告", "region_code": COUNTY, "basis": "《中华人民共和国食品安全法》\n《食品安全抽样检验管理办法》",
            "measures": "责令下架。", "period": "2026年第三季度食品评价性", "since": "2026-07-01", "until": "2026-09-30", "indicator_id": str(self.target),
            "decimals": "2", **more,
        }  # fmt: skip


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    return Office(sqlite_database, tmp_path)


def test_a_bulletin_goes_from_draft_to_the_public_board_and_is_corrected(office: Office) -> None:
    with clock.at(TESTED):
        publisher, leader = office.browser("publisher"), office.browser("leader")
        assert publisher.get("/publications/new").status_code == 200
        made = publisher.post("/publications/new", office.form())
        assert made.status_code == 303 and made.location == "/publications/1"
        shown = publisher.get(made.location).text
        assert "66.67%" in shown and "尚未编号" in shown
        assert "草稿" in printed(publisher.get("/publications/1/preview.pdf").data)
        assert publisher.post("/publications/1/refresh", {"version": office.v()}).status_code == 303
        publisher.post("/publications/1/submit", {"version": office.v()})
        assert "待审批的通告" in leader.get("/").text
        assert leader.post("/publications/1/return", {"version": office.v()}).status_code == 422
        assert "退回：标题过长" in leader.post("/publications/1/return", {"version": office.v(), "reason": "标题过长"}, follow=True).text
        edit = publisher.get("/publications/1/edit").text
        assert "《食品安全抽样检验管理办法》" in edit
        assert publisher.post("/publications/1/edit", {**office.form(title="抽检通告"), "version": "1"}).status_code == 412
        assert publisher.post("/publications/1/edit", {**office.form(title="抽检通告"), "version": office.v()}).status_code == 303
        publisher.post("/publications/1/submit", {"version": office.v()})
        assert leader.post("/publications/1/approve", {"version": office.v()}).status_code == 303
        assert "已编号并公布" in publisher.post("/publications/1/publish", {"version": office.v()}, follow=True).text
        book = zipfile.ZipFile(io.BytesIO(publisher.get("/publications/1/tables.xlsx").data))
        assert "66.67%" in book.read("xl/sharedStrings.xml").decode()
        public = Browser(office.app)
        board = public.get("/public/bulletins/市监通告〔2026〕1号")
        assert board.status_code == 200 and "抽检通告" in board.text
        assert "每100批约有" in board.text and "尚不能判定" in board.text
        with office.database.read() as session:
            issue = session.scalars(select(Issue)).one()
        found = public.get(f"/public/check?digest={issue.content_digest}").text  # the address of the QR symbol
        assert "抽检通告" in found and "没有公布过" not in found
        assert publisher.get("/publications/1/preview.pdf").data == issue.pdf
        assert "抽检通告" in publisher.get("/publications/1/correct").text
        assert publisher.post("/publications/1/correct", office.form()).status_code == 422
        assert publisher.post("/publications/1/correct", office.form(reason="漏列一批")).location == "/publications/2"
        assert "已撤回" in publisher.post("/publications/1/withdraw", {"version": office.v(), "reason": "数据有误"}, follow=True).text
        assert "数据有误" in public.get("/public/bulletins/市监通告〔2026〕1号").text
        gone = public.get(f"/public/check?digest={issue.content_digest}").text
        assert "已撤回" in gone and "公布过" not in gone.split("<main")[1]
        for data, words in ((issue.pdf, ("逐字节一致", "已撤回")), (issue.pdf + b" ", ("不能确认是原件",)), (b"%PDF-1.4", ("不能核验", "找不到附件"))):
            sent = {"file": (io.BytesIO(data), "x.pdf"), "csrf_token": public.token}
            answer = public.client.post("/public/check", data=sent, content_type="multipart/form-data").text
            assert all(word in answer for word in words), words
        assert "市监通告〔2026〕1号" in publisher.get("/publications?export=csv&sort=id").text


def test_wrong_fields_are_named_and_what_was_typed_stays(office: Office) -> None:
    with clock.at(TESTED):
        publisher = office.browser("publisher")
        for change, word in (
            ({"title": ""}, "必填"), ({"since": ""}, "数据来源"), ({"until": "2026-06-01"}, "早于开始日期"), ({"until": "2026-12-31"}, "晚于今天"), ({"region_code": "1"}, "未登记"), ({"decimals": "9"}, "应在"),
            ({"title": "质量排名"}, "排名"), ({"purpose": "fun"}, "应为以下之一"), ({"indicator_id": "99999999999"}, "应在"), ({"basis": "x" * 1001}, "不能超过"),
        ):  # fmt: skip
            answer = publisher.post("/publications/new", office.form(**change))
            assert answer.status_code == 422 and word in answer.text and "责令下架" in answer.text, change
        none = publisher.post("/publications/new", office.form(since="2025-01-01", until="2025-02-01"))
        assert none.status_code == 409 and "没有已办结" in none.text and "性质：评价性抽检" in none.text
        assert publisher.get("/publications/99").status_code == 404 and publisher.get("/publications/99/edit").status_code == 404


def test_the_api_goes_the_same_way(office: Office) -> None:
    with clock.at(TESTED):
        publisher, leader = office.browser("publisher"), office.browser("leader")
        body: dict[str, Any] = {**office.form(), "indicator_id": office.target, "decimals": 1}
        assert publisher.json("POST", API, {**body, "title": ""}).json["errors"].keys() == {"title"}
        assert publisher.json("POST", API, body).status_code == 201
        assert publisher.json("PUT", f"{API}/1", {**body, "title": "抽检通告"}, If_Match=office.v()).json["title"] == "抽检通告"
        assert publisher.json("POST", f"{API}/1/submit", {}, If_Match="9").status_code == 412
        publisher.json("POST", f"{API}/1/submit", {}, If_Match=office.v())
        assert leader.json("POST", f"{API}/1/return", {"reason": "再核"}, If_Match=office.v()).json["state"] == "draft"
        publisher.json("POST", f"{API}/1/submit", {}, If_Match=office.v())
        assert leader.json("POST", f"{API}/1/approve", {}, If_Match=office.v()).json["state"] == "approved"
        made = publisher.json("POST", f"{API}/1/publish", {}, If_Match=office.v()).json
        assert made["number"] == "市监通告〔2026〕1号" and len(made["pdf_digest"]) == 64
        full = publisher.json("GET", f"{API}/1").json
        assert full["content"]["content"]["total"]["failed"] == 1 and FIRM in str(full["content"])
        assert publisher.json("POST", f"{API}/1/correct", {**body, "reason": "漏列"}).json["corrects_id"] == 1
        assert publisher.json("POST", f"{API}/1/withdraw", {"reason": "数据有误"}, If_Match=office.v()).json["state"] == "withdrawn"
        assert [row["id"] for row in publisher.json("GET", API).json["items"]] == [1, 2]


def test_the_console_needs_three_people_too(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    given = {"SECRET_KEY": SECRET, "DRAW_KEY": DRAW_KEY, "DATABASE_URL": office.database.url, "DATA_DIR": str(tmp_path / "var"), "OFFICE_NAME": "亭湖区市场监督管理局"}
    for name, value in given.items():
        monkeypatch.setenv(f"HENGJIAN_{name}", value)
    monkeypatch.delenv("HENGJIAN_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    order = ["bulletin", "draft", "--as", "publisher", "--title", "抽检通告", "--region", COUNTY, "--basis", "《食品安全法》", "--since", "2026-07-01", "--until", "2026-09-30"]
    with clock.at(TESTED):
        assert main([*order, "--target", "no.such"]) == 3
        assert main([*order, "--purpose", "evaluative", "--title", "企业排名"]) == 2
        assert main(["bulletin", "draft", "--as", "leader", *order[4:]]) == 5
        assert main(["bulletin", "draft", "--as", "nobody", *order[4:]]) == 3
        assert main([*order, "--target", "yancheng.food"]) == 0
        assert "已起草通告 1" in capsys.readouterr().out
        assert main(["bulletin", "approve", "1", "--as", "leader"]) == 4
        assert main(["bulletin", "submit", "1", "--as", "publisher"]) == 0
        assert main(["bulletin", "return", "1", "--as", "leader", "--reason", "再核"]) == 0
        assert main(["bulletin", "submit", "1", "--as", "publisher"]) == 0
        assert main(["bulletin", "approve", "1", "--as", "publisher"]) == 5
        assert main(["bulletin", "approve", "1", "--as", "leader"]) == 0
        assert main(["bulletin", "publish", "1", "--as", "publisher"]) == 0
        assert "已公布 市监通告〔2026〕1号" in capsys.readouterr().out
        assert main(["bulletin", "list", "--state", "published"]) == 0 and "抽检通告" in capsys.readouterr().out
        assert main(["bulletin", "show", "1"]) == 0 and "66.67%" in capsys.readouterr().out
        assert main(["bulletin", "show", "9"]) == 3
        paper = tmp_path / "通告.pdf"
        assert main(["bulletin", "pdf", "1", "--out", str(paper)]) == 0
        assert main(["bulletin", "verify", str(paper)]) == 0
        assert "已公布：市监通告〔2026〕1号" in capsys.readouterr().out
        data = paper.read_bytes()
        paper.write_bytes(data[:-200] + b"0" * 10 + data[-190:])
        assert main(["bulletin", "verify", str(paper), "--offline"]) == 1
        assert main(["bulletin", "withdraw", "1", "--as", "publisher", "--reason", "数据有误"]) == 0
        paper.write_bytes(data)
        assert main(["bulletin", "verify", str(paper)]) == 1 and "已撤回" in capsys.readouterr().out
        counts = tmp_path / "汇总.csv"
        add = ["bulletin", "aggregate", str(counts), "--as", "planner", "--name", "全国", "--period", "2019年下半年", "--source", "公告"]
        counts.write_bytes("食品种类,抽检批次,不合格批次\n糕点,100,101\n糕点,x,1\n".encode("gb18030"))
        assert main(add) == 2 and "第 2 行【不合格批次】" in (told := capsys.readouterr().err) and "第 3 行" in told
        counts.write_bytes("食品种类,抽检批次,不合格批次,公布的不合格率\n糕点,3000,90,3.0%\n酒类,500,0,0.0%\n".encode("gb18030"))
        assert main(add) == 0 and main(add) == 0 and "汇总数 1：2 类" in capsys.readouterr().out
        assert main([*order[:-4], "--aggregate", "1", "--decimals", "1"]) == 0
        assert main(["bulletin", "show", "2"]) == 0 and "97.0%" in capsys.readouterr().out
        paper.write_bytes(b"no pdf")
        assert main(["bulletin", "verify", str(paper)]) == 1

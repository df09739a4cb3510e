"""The pages and JSON routes of the registers over HTTP."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from inspection import history
from inspection.actor import SYSTEM
from inspection.app import create_app
from inspection.audit import AuditEvent
from inspection.db import Database
from inspection.intake import credit_code
from inspection.intake.reader import read
from inspection.registers import service
from inspection.registers.entries import CheckItemEntry, LaboratoryEntry, LicenceEntry
from inspection.registers.imports import KINDS
from inspection.registers.models import Enterprise, Population
from tests.conftest import settings_for
from tests.inspection.intake.workbooks import xlsx
from tests.inspection.registers.county import build, firm, person
from tests.people import Browser, sign_in
from tests.people import person as account

API = "/api/v1/registers"


class Office:
    """The application with a county, a planner of it and an auditor."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.app = create_app(settings_for(database, folder), database)
        with database.write() as session:
            build(session)
            self.firm = service.create_enterprise(session, SYSTEM, firm(1, tags=("食堂",), licences=(LicenceEntry("食品经营许可证", "JY1"),))).id
            self.away = service.create_enterprise(session, SYSTEM, firm(2, region_code="330102")).id
            self.person = service.create_inspector(session, SYSTEM, person(1)).id
            self.lab = service.create_laboratory(session, SYSTEM, LaboratoryEntry("LAB-A", "甲检验院")).id
            service.create_test_item(session, SYSTEM, code="T1", name="毒死蜱", unit="mg/kg")
            service.set_population(session, SYSTEM, region_code="330106", year=2026, kind="registered", people=320_000)
            history.note(session, "visited", credit_code.make("330106", 1), "2026-001-A-0001", date(2026, 5, 6))
        account(database, "planner", "planner", region_code="330106")
        account(database, "auditor", "auditor")

    def signed_in(self, login: str) -> Browser:
        return sign_in(self.app, login)


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    return Office(sqlite_database, tmp_path)


def pages(office: Office) -> list[str]:
    shown = [f"/registers/{name}" for name in ("enterprises", "inspectors", "laboratories", "regions", "items", "products", "imports")]
    shown += [f"/registers/enterprises/{office.firm}", f"/registers/inspectors/{office.person}", f"/registers/laboratories/{office.lab}"]
    shown += ["/registers/regions?under=330106", "/registers/regions?q=街道", "/registers/items/1", "/registers/items?all=1"]
    shown += ["/registers/products?year=2019", "/registers/products?under=33", "/registers/products?domain=industrial"]
    shown += [f"/registers/enterprises/{office.firm}/edit", f"/registers/inspectors/{office.person}/edit", f"/registers/laboratories/{office.lab}/edit"]
    shown += [f"/registers/{name}/new" for name in ("enterprises", "inspectors", "laboratories", "regions", "items", "limits")]
    shown += ["/registers/items/new?after=A01", "/registers/enterprises?state=open&credit_class=B&tag=食堂&q=西湖"]
    return shown + [f"/registers/imports/{kind}" for kind in KINDS]


def test_every_page_opens_in_both_languages_without_inline_script(office: Office) -> None:
    browser = office.signed_in("planner")
    for language in ("zh", "en"):
        browser.post("/language", {"language": language, "next": "/"})
        for path in pages(office):
            answer = browser.get(path)
            assert answer.status_code == 200, (path, answer.text)
            assert " style=" not in answer.text and "onclick" not in answer.text, path
            for script in answer.text.split("<script")[1:]:
                assert script.startswith(" src="), path


def test_every_import_column_has_its_english(office: Office) -> None:
    from inspection.i18n import catalogue

    wanted = set()
    for kind in KINDS.values():
        wanted |= {kind.title, *(column.title_zh for column in kind.columns), *(column.help for column in kind.columns if column.help)}
        wanted |= {label for column in kind.columns for label in (column.choices or {}).values() if not label.isascii()}
        wanted |= {kind.note} - {""}
    assert sorted(text for text in wanted if not text.isascii() and text not in catalogue()) == []


def test_a_reader_sees_but_is_offered_no_change(office: Office) -> None:
    browser = office.signed_in("auditor")
    assert browser.get("/registers/enterprises").status_code == 200
    shown = browser.get(f"/registers/enterprises/{office.firm}").text
    assert "/edit" not in shown and "2026-001-A-0001" in shown and "JY1" in shown
    assert browser.get("/registers/enterprises/new").status_code == 403
    assert browser.get("/registers/imports").status_code == 403
    assert browser.post(f"/registers/enterprises/{office.firm}/state", {"state": "stopped", "version": "1"}).status_code == 403


def test_a_firm_of_another_county_is_not_found(office: Office) -> None:
    browser = office.signed_in("planner")
    assert browser.get(f"/registers/enterprises/{office.away}").status_code == 404
    assert browser.get(f"/registers/enterprises/{office.away}/edit").status_code == 404
    assert browser.json("GET", f"{API}/enterprises/{office.away}").status_code == 404
    listed = browser.json("GET", f"{API}/enterprises").json
    assert [row["id"] for row in listed["items"]] == [office.firm]


FORM = {"name": "新企业", "region_code": "330106001", "kind": "enterprise", "state": "open", "credit_class": "A", "tags": "食堂、冷库"}


def test_register_edit_stop_and_merge_a_firm(office: Office) -> None:
    browser = office.signed_in("planner")
    form = {**FORM, "code": credit_code.make("330106", 5), "licences": "食品经营许可证｜JY5｜2024-01-01｜2029-01-01\n药品经营许可证｜YP5"}
    made = browser.post("/registers/enterprises/new", form)
    assert made.status_code == 303
    path = made.location
    shown = browser.get(path).text
    assert "新企业" in shown and "YP5" in shown and "冷库" in shown
    again = browser.post("/registers/enterprises/new", form)
    assert again.status_code == 409 and "已在名录库中" in again.text and 'value="新企业"' in again.text
    wrong = browser.post("/registers/enterprises/new", {**form, "code": "91330106", "region_code": "999999"})
    assert wrong.status_code == 422 and "18 位" in wrong.text and "未登记" in wrong.text
    assert browser.post(f"{path}/edit", {**form, "address": "北山路 1 号", "version": "1"}).status_code == 303
    late = browser.post(f"{path}/edit", {**form, "address": "西溪路", "version": "1"})
    assert late.status_code == 412 and "北山路 1 号" in late.text and "西溪路" in late.text
    with office.database.read() as session:
        version = session.scalar(select(Enterprise.version_id).where(Enterprise.name == "新企业"))
    assert browser.post(f"{path}/state", {"state": "stopped", "reason": "停业通知", "version": str(version)}).status_code == 303
    assert "停业" in browser.get(path).text
    lost = browser.post(f"{path}/merge", {"other": "NOBODY", "reason": "重复"})
    assert lost.status_code == 422 and "NOBODY" in lost.text
    merged = browser.post(f"{path}/merge", {"other": credit_code.make("330106", 1).lower(), "reason": "重复登记"}, follow=True)
    assert "已并入" in merged.text
    assert "已并入" in browser.get(f"/registers/enterprises/{office.firm}").text
    with office.database.read() as session:
        verbs = set(session.scalars(select(AuditEvent.verb).where(AuditEvent.verb.startswith("registers.enterprise."))))
    assert {f"registers.enterprise.{verb}" for verb in ("create", "update", "state", "merge")} <= verbs


def test_inspectors_laboratories_regions_items_and_limits_by_form(office: Office) -> None:
    browser = office.signed_in("planner")
    person_form = {"code": "ZF-9", "name": "王五", "department_code": "SCJG", "region_code": "330106", "skills": "A01、B02", "active": "true"}
    assert browser.post("/registers/inspectors/new", person_form).status_code == 303
    assert "Z99" in browser.post("/registers/inspectors/new", {**person_form, "code": "ZF-10", "skills": "Z99"}).text
    edited = browser.post(f"/registers/inspectors/{office.person}/edit", {**person_form, "code": "ZF-001", "active": "false", "version": "1"})
    assert edited.status_code == 303
    conflict = {"enterprise": credit_code.make("330106", 1), "reason": "配偶持股"}
    assert "配偶持股" in browser.post(f"/registers/inspectors/{office.person}/conflicts", conflict, follow=True).text
    assert browser.post(f"/registers/inspectors/{office.person}/conflicts", {**conflict, "enterprise": "X"}).status_code == 422
    lab = f"/registers/laboratories/{office.lab}"
    assert browser.post("/registers/laboratories/new", {"code": "LAB-Z", "name": "丙"}).status_code == 303
    assert browser.post(f"{lab}/edit", {"code": "LAB-A", "name": "甲院", "suspended": "true", "version": "1"}).status_code == 303
    assert browser.post(f"{lab}/scope", {"product_classes": ["肉制品", "饮料"]}).status_code == 303
    assert browser.post(f"{lab}/capacity", {"year": "2027", "quarter": "1", "n_batches": "900", "price_fen": "123450"}).status_code == 303
    assert browser.post(f"{lab}/capacity", {"year": "2027", "quarter": "9", "n_batches": "900"}).status_code == 422
    shown = browser.get(lab).text
    assert "肉制品" in shown and "1234.50" in shown and "甲院" in shown
    assert 'value="其他食品"' in shown and 'value="食盐"' not in shown  # the newest tree, not the one of 2019
    assert browser.post("/registers/regions/new", {"code": "330106003", "name": "灵隐街道"}).status_code == 303
    assert browser.post("/registers/regions/new", {"code": "330108", "name": "滨江区"}).status_code == 403
    count = {"year": "2026", "kind": "registered", "people": "21000", "verified": "true"}
    assert "21,000" in browser.post("/registers/regions/330106003/population", count, follow=True).text
    item = {"code": "A01", "name": "事项A01（二版）", "kind": "key", "valid_from": "2027-01-01"}
    assert "第 2 版" in browser.post("/registers/items/new", item, follow=True).text
    assert browser.post("/registers/items/new", item).status_code == 409
    limit = {"item_code": "T1", "product_code": "33", "kind": "range", "upper": "0.05", "valid_from": "2022-06-30", "verified": "true"}
    assert "≤0.05" in browser.post("/registers/limits/new", limit, follow=True).text
    assert browser.post("/registers/limits/new", limit).status_code == 409
    assert browser.post("/registers/limits/new", {**limit, "upper": "", "valid_from": "2028-01-01"}).status_code == 422


def test_an_import_from_template_to_corrected_errors(office: Office) -> None:
    browser = office.signed_in("planner")
    template = browser.get("/registers/imports/enterprises/template")
    header = list(read(template.data, "模板.xlsx").header)[:4]
    good, bad = credit_code.make("330106", 11), credit_code.make("330106", 12)
    file = xlsx([[title.rstrip("*") for title in header], [good, "", "甲店", "330106001"], [bad[:-1] + "?", "", "乙店", "330106001"]])

    def send(content: bytes) -> Any:
        return browser.post("/registers/imports/enterprises", {"file": (io.BytesIO(content), "名单.xlsx")}, content_type="multipart/form-data")

    nothing = browser.post("/registers/imports/enterprises", {})
    assert nothing.status_code == 422 and "没有收到文件" in nothing.text
    assert send(b"not a workbook").status_code == 422
    kept = send(file)
    assert kept.status_code == 303
    shown = browser.get(kept.location).text
    assert "不允许的字符" in shown and "只导入正确的行" in shown
    with office.database.read() as session:
        assert session.scalar(select(func.count(Enterprise.id))) == 2
    refused = browser.post(f"{kept.location}/apply", {"all_or_nothing": "true"})
    assert refused.status_code == 409 and "一行也没有写入" in refused.text
    done = browser.post(f"{kept.location}/apply", {"all_or_nothing": "false"}, follow=True).text
    assert "新增 1 条" in done and "已经导入过" in done
    book = read(browser.get(f"{kept.location}/errors").data, "错误.xlsx")
    fixed = [list(book.header), [bad, *book.values[0][1:]]]
    again = send(xlsx(fixed)).location
    assert "新增 1 条" in browser.post(f"{again}/apply", {"all_or_nothing": "true"}, follow=True).text
    assert send(file).location == kept.location
    with office.database.read() as session:
        assert session.scalar(select(func.count(Enterprise.id))) == 4
    assert "名单.xlsx" in browser.get("/registers/imports").text


def test_json_create_update_and_page_through(office: Office) -> None:
    browser = office.signed_in("planner")
    body = {"code": credit_code.make("330106", 21), "name": "接口企业", "region_code": "330106", "tags": ["网络"]}
    made = browser.json("POST", f"{API}/enterprises", body)
    assert (made.status_code, made.json["version"], made.json["tags"], made.json["credit_class"]) == (201, 1, ["网络"], None)
    path = f"{API}/enterprises/{made.json['id']}"
    assert browser.json("PUT", path, {**body, "credit_class": "C"}).status_code == 422
    assert browser.json("PUT", path, {**body, "credit_class": "C"}, If_Match='"1"').json["credit_class"] == "C"
    late = browser.json("PUT", path, {**body, "credit_class": "D"}, If_Match='"1"')
    assert (late.status_code, late.json["code"], late.json["changes"][0]["current"]) == (412, "stale", "C")
    first = browser.json("GET", f"{API}/enterprises?limit=1").json
    second = browser.json("GET", f"{API}/enterprises?limit=1&after={first['next']}").json
    assert (first["items"][0]["id"], second["items"][0]["id"], second["next"]) == (office.firm, made.json["id"], None)
    assert [row["name"] for row in browser.json("GET", f"{API}/enterprises?q=接口").json["items"]] == ["接口企业"]
    assert browser.json("POST", f"{API}/enterprises", {**body, "colour": "red"}).json["errors"] == {"colour": ["没有这个字段"]}
    person_body = {"code": "ZF-7", "name": "赵六", "department_code": "SCJG", "region_code": "330106"}
    person_made = browser.json("POST", f"{API}/inspectors", person_body).json
    assert (person_made["active"], person_made["lead"]) == (True, False)
    changed = browser.json("PUT", f"{API}/inspectors/{person_made['id']}", {**person_body, "lead": True}, If_Match="1")
    assert changed.json["lead"] is True
    assert len(browser.json("GET", f"{API}/inspectors").json["items"]) == 2
    lab = browser.json("POST", f"{API}/laboratories", {"code": "LAB-J", "name": "接口检验院"}).json
    assert browser.json("PUT", f"{API}/laboratories/{lab['id']}/scope", {"product_classes": ["*"]}).json["scopes"] == ["*"]
    capacity = {"year": 2027, "quarter": 2, "n_batches": 5}
    assert browser.json("PUT", f"{API}/laboratories/{lab['id']}/capacity", capacity).json["n_batches"] == 5
    assert browser.json("GET", f"{API}/laboratories/{lab['id']}").json["capacities"][0]["quarter"] == 2
    renamed = browser.json("PUT", f"{API}/laboratories/{lab['id']}", {"code": "LAB-J", "name": "改名"}, If_Match="1")
    assert renamed.json["name"] == "改名"
    assert len(browser.json("GET", f"{API}/laboratories").json["items"]) == 2
    assert browser.json("POST", f"{API}/regions", {"code": "330106009", "name": "新街道"}).json["parent_code"] == "330106"
    assert browser.json("PUT", f"{API}/regions/330106009", {"name": "新街道办"}).json["name"] == "新街道办"
    assert [row["code"] for row in browser.json("GET", f"{API}/regions?under=330106").json][-1] == "330106009"
    count = {"year": 2026, "kind": "census", "people": 9}
    assert browser.json("PUT", f"{API}/regions/330106009/population", count).json["people"] == 9
    assert browser.json("GET", f"{API}/regions/330106009").json["populations"][0]["kind"] == "census"


def test_json_import(office: Office) -> None:
    browser = office.signed_in("planner")
    assert browser.get(f"{API}/imports/populations/template").data[:2] == b"PK"

    def send(content: bytes) -> Any:
        head = {"X-CSRFToken": browser.token, "Accept": "application/json"}
        return browser.client.post(f"{API}/imports/populations", data={"file": (io.BytesIO(content), "人口.csv")}, headers=head)

    text = "行政区划代码,年份,口径,人数\r\n330106001,2026,户籍,16000\r\n330102,2026,户籍,1\r\n"
    kept = send(text.encode("gb18030"))
    assert (kept.status_code, kept.json["n_new"], kept.json["n_bad"], kept.json["state"]) == (201, 1, 1, "open")
    assert kept.json["problems"][0]["row"] == 3 and "辖区" in kept.json["problems"][0]["reason"]
    path = f"{API}/imports/{kept.json['upload_id']}"
    assert browser.json("POST", f"{path}/apply", {"all_or_nothing": True}).json["code"] == "import-has-errors"
    done = browser.json("POST", f"{path}/apply", {"all_or_nothing": False}).json
    assert (done["state"], done["n_new"], done["repeated"]) == ("applied", 1, False)
    again = browser.json("POST", f"{path}/apply", {"all_or_nothing": False}).json
    assert (again["n_new"], again["n_unchanged"], again["repeated"]) == (0, 1, True)
    assert browser.get(path).json["n_unchanged"] == 1
    assert browser.get(f"{path}/errors").data[:2] == b"PK"
    assert send(b"").json["code"].startswith("upload-")
    assert browser.json("POST", f"{API}/imports/planets").json["code"] in ("file-missing", "import-kind")
    with office.database.read() as session:
        assert session.scalar(select(func.count(Population.id))) == 2


def test_tables_are_exported_whole(office: Office) -> None:
    browser = office.signed_in("planner")
    exported = browser.get("/registers/enterprises?export=csv")
    lines = exported.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 2 and credit_code.make("330106", 1) in lines[1]
    for path in ("inspectors", "laboratories", "regions", "items", "products"):
        assert browser.get(f"/registers/{path}?export=xlsx").status_code == 200
    for wrong in ("enterprises?state=nowhere", "products?year=99999999999999999999", "products?year=１２３４", "products?domain=sea"):
        assert browser.get(f"/registers/{wrong}").status_code == 422
    for odd in ("products?under=%25", "products?under=33.__", "regions?q=%25_", "enterprises?tag=%27&q=%5C"):
        assert browser.get(f"/registers/{odd}").status_code == 200
    assert browser.get("/registers/regions?under=999999").status_code == 404


def test_the_list_of_items_is_published_by_the_publisher_and_replaced_when_it_changes(office: Office) -> None:
    account(office.database, "publisher", "publisher")
    assert office.signed_in("planner").post("/registers/items/publish").status_code == 403
    browser = office.signed_in("publisher")
    assert "抽查事项清单有改动尚未公布" in browser.get("/").text
    shown = browser.get("/registers/items").text
    assert "现行清单尚未公布" in shown and "/items/new" not in shown
    assert browser.post("/registers/items/publish").status_code == 303
    assert "公众所见即现行清单" in browser.get("/registers/items").text
    assert browser.post("/registers/items/publish").status_code == 409
    with office.database.write() as session:
        first = service.last_published(session)
        assert [item["code"] for item in first.content["items"]] == ["A01", "B02"]
        assert "事项A01" in first.file.decode("utf-8-sig") and first.content["items"][0]["skills"] == ""
        service.create_check_item(session, SYSTEM, CheckItemEntry("C03", "新事项", date(2026, 2, 1), ratio="5%"))
        assert service.unpublished(session)
        second = service.publish_check_items(session, SYSTEM)
        assert (second.replaces_id, len(second.content["items"])) == (first.id, 3)


def test_every_text_of_pages_and_errors_has_its_english(office: Office) -> None:
    from inspection.i18n import catalogue

    texts = set()
    for path in Path("inspection/templates/registers").glob("*.html"):
        texts |= set(re.findall(r"_\('([^']+)'", path.read_text(encoding="utf-8")))
    for path in Path("inspection/registers").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        texts |= set(re.findall(r'\b(?:_|N_)\(\s*"([^"]+)"', source))
        texts |= set(re.findall(r'\b(?:Invalid|Refused|NotFound|Forbidden|Conflict)\(\s*"[a-z-]+",\s*"([^"]+)"', source))
    assert len(texts) > 250
    assert sorted(text for text in texts if not text.isascii() and text not in catalogue()) == []

"""Samples over HTTP: the sheet, its papers, the laboratory's blind desk, and what strangers get."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inspection import clock
from inspection.app import create_app
from inspection.db import Database
from inspection.intake.reader import read
from inspection.samples.models import Sample
from reports import printed_text
from tests.conftest import settings_for
from tests.inspection.samples.bench import AWAY, CAKE, COUNTY, FIRM, RECEIVED, SAMPLED, Bench
from tests.people import Browser, sign_in

API = "/api/v1/samples"


class Office(Bench):
    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database)
        self.app = create_app(settings_for(database, folder, office_name="亭湖区市场监督管理局", office_contact="食品抽检科", office_phone="0515-66660000"), database)

    def browser(self, login: str) -> Browser:
        return sign_in(self.app, login)

    def form(self, **more: str) -> dict[str, str]:
        return {
            "plan_id": str(self.plan), "region_code": COUNTY, "class_code": CAKE, "enterprise_code": self.firm_code, "link": "production",
            "product_name": "蛋糕", "date_kind": "production", "produced_on": "2026-09-01", "taken_on": "2026-09-16", "sampler_names": "抽样甲、抽样乙", **more,
        }  # fmt: skip

    def sample(self, sample_id: int = 1) -> Sample:
        with self.database.read() as session:
            found = session.get(Sample, sample_id)
            assert found is not None
            return found


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Office:
    return Office(sqlite_database, tmp_path)


FULL = {
    "place": "成品库（已检区）", "area_kind": "城市", "source": "加工/自制", "attribute": "普通食品", "kind": "工业加工食品", "brand": "好味", "barcode": "6901234567892",
    "specification": "500g/袋", "lot": "20260901A", "shelf_life": "30天", "standard": "GB/T 20977", "grade": "一级", "licence": "SC10132090200001",
    "unit_price": "12.50", "exported": "否", "imported": "否", "base_quantity": "200袋", "quantity": "8", "backup_quantity": "4", "quantity_unit": "袋",
    "form": "固体", "packaging": "预包装", "storage": "常温", "temperature": "25℃", "wrapping": "塑料袋", "method": "非无菌抽样", "producer_name": FIRM,
    "producer_address": "亭湖路1号", "producer_phone": "0515-1", "permit_kind": "食品生产许可证", "permit_number": "SC101", "remark": "无", "seal_number": "FY9",
}  # fmt: skip


def printed(answer: Any) -> str:
    assert answer.status_code == 200 and answer.mimetype == "application/pdf", answer.text
    return "".join("".join(page) for page in printed_text.read(answer.data).pages())


def test_a_sheet_is_filled_in_and_printed_with_every_block(office: Office) -> None:
    with clock.at(SAMPLED):
        browser = office.browser("sampler")
        assert browser.get("/samples/new").status_code == 200
        made = browser.post("/samples/new", office.form(**FULL))
        assert made.status_code == 303, made.text
        shown = browser.get(made.location).text
        assert FIRM in shown and "PJ2632090200001" in shown and "2026-09-22" in shown
        text = printed(browser.get("/samples/1/sheet.pdf")).replace("\n", "")
    for part in ("江苏省盐城市亭湖区亭湖路1号", "■成品库（已检区）", "■工业加工食品", "6901234567892", "■常温", "8袋", "4袋", "■评价性抽检", "第四联", "食品抽检科", "0515-66660000", FIRM, "SC10132090200001"):
        assert part in text, part


def test_a_sheet_printed_again_is_the_same_file_whatever_happened_meanwhile(office: Office) -> None:
    with clock.at(SAMPLED):
        browser = office.browser("sampler")
        browser.post("/samples/new", office.form())
        first = browser.get("/samples/1/sheet.pdf").data
        browser.post("/samples/new", office.form(product_name="饼干"))
        assert browser.get("/samples/1/sheet.pdf").data == first


def test_what_was_not_filled_in_prints_a_stroke_never_a_blank(office: Office) -> None:
    with clock.at(SAMPLED):
        browser = office.browser("sampler")
        browser.post("/samples/new", office.form())
        text = printed(browser.get("/samples/1/sheet.pdf"))
    assert text.count("／") >= 4 * 20


def test_a_sample_from_the_net_prints_platform_and_order(office: Office) -> None:
    with clock.at(SAMPLED):
        browser = office.browser("sampler")
        made = browser.post("/samples/new", office.form(link="online", platform="某平台", order_number="D1"))
        assert made.status_code == 303
        text = printed(browser.get("/samples/1/sheet.pdf"))
    assert "■网购" in text and "某平台" in text and "D1" in text


WRONG = (
    ({"enterprise_code": "91320902"}, "没有这个被抽样单位"),
    ({"taken_on": "2026-02-30"}, "真实的日期"),
    ({"sampler_names": "抽样甲"}, "不少于 2 人"),
    ({"place": "农贸市场"}, "抽样地点应为以下之一"),
    ({"source": "捡来"}, "应为以下之一"),
    ({"quantity": "-1", "quantity_unit": "袋"}, "应在"),
    ({"product_name": "x" * 201}, "不能超过 200"),
    ({"plan_id": "99999999999999999999"}, "应在"),
    ({"product_name": "蛋\u202e糕"}, "不能显示的字符"),
    ({"colour": "red"}, "没有这个字段"),
)  # fmt: skip


def test_a_wrong_field_is_named_and_what_was_typed_stays(office: Office) -> None:
    with clock.at(SAMPLED):
        browser = office.browser("sampler")
        for change, word in WRONG:
            answer = browser.post("/samples/new", office.form(**change))
            assert answer.status_code == 422 and word in answer.text, change
            assert "抽样甲" in answer.text


def test_the_form_says_how_many_batches_are_left_and_begins_from_a_cell(office: Office) -> None:
    with clock.at(SAMPLED):
        browser = office.browser("sampler")
        browser.post("/samples/new", office.form())
        page = browser.get("/samples/new").text
        left = {name: int(n) for name, n in re.findall(r">([^<]+)</a></td><td class=\"num\">(\d+)</td>", page)}
        assert left == {"糕点": 3, "食用农产品": 4} and 'value="2026-09-16"' in page
        chosen = browser.get(f"/samples/new?plan_id={office.plan}&region_code={COUNTY}&class_code={CAKE}").text
        assert f'<option value="{CAKE}" selected>' in chosen
        wrong = browser.post("/samples/new", office.form(enterprise_code=office.firm_code[:-1] + ("1" if office.firm_code[-1] != "1" else "2")))
        assert wrong.status_code == 422 and "校验" in wrong.text


def test_full_width_codes_find_the_firm(office: Office) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in office.firm_code.lower())
    with clock.at(SAMPLED):
        assert office.browser("sampler").post("/samples/new", office.form(enterprise_code=wide)).status_code == 303


def test_seal_hand_over_receive_and_the_papers_of_the_way(office: Office) -> None:
    with clock.at(SAMPLED):
        sampler = office.browser("sampler")
        sampler.post("/samples/new", office.form())
        assert sampler.post("/samples/1/seal", {"version": "1", "seal_number": ""}).status_code == 422
        assert sampler.post("/samples/1/seal", {"version": "1", "seal_number": "FY1"}).status_code == 303
        assert sampler.post("/samples/1/seal", {"version": "1", "seal_number": "FY2"}).status_code == 412
        refused = sampler.post("/samples/1/void", {"version": "1", "reason": "商标写错"})
        assert refused.status_code == 412 and "商标写错" in refused.text  # what was typed stays
        again = sampler.get("/samples/new?like=1").text
        assert office.firm_code in again and 'value="蛋糕"' in again and "抽样甲、抽样乙" in again and "FY1" not in again
        away = sampler.post("/samples/1/hand-over", {"version": "2", "laboratory_id": str(office.other_lab)})
        assert away.status_code == 409 and "承检范围" in away.text and FIRM in away.text
        assert sampler.post("/samples/1/hand-over", {"version": "2", "laboratory_id": str(office.lab)}).status_code == 303
        assert sampler.post("/samples/1/recall", {"version": "3", "reason": "件数点错"}).status_code == 303
        assert "撤回移交" in sampler.get("/samples/1").text
        assert sampler.post("/samples/1/hand-over", {"version": "4", "laboratory_id": str(office.lab)}).status_code == 303
    code = office.sample().code
    with clock.at(RECEIVED):
        desk = office.browser("entry")
        assert "/samples?overdue=1" not in desk.get("/").text
        assert code in desk.get("/samples/receiving").text
        missing = desk.post("/samples/receiving", {"code": code, "pieces": "2", "decision": "accept", "seal_intact": "true"})
        assert missing.status_code == 422 and "写明理由" in missing.text
        done = desk.post("/samples/receiving", {"code": code, "pieces": "2", "decision": "refuse", "reason": "封条破损", "package_intact": "true"})
        assert done.status_code == 303
        paper = printed(desk.get("/samples/1/handover.pdf"))
        assert "■破损" in paper and "■拒收" in paper and "封条破损" in paper and office.entry.name in paper
        unknown = desk.post("/samples/receiving", {"code": "ZZZZZZZZZZ", "pieces": "2", "decision": "accept"})
        assert unknown.status_code == 404 and "核对标签" in unknown.text
        sampler = office.browser("sampler")
        shown = sampler.get("/samples/1").text
        assert "封条破损" in shown and "/samples/new?replaces=1" in shown
        assert 'value="1"' in sampler.get("/samples/new?replaces=1").text
        assert sampler.post("/samples/new", office.form(taken_on="2026-09-18", replaces_id="1")).status_code == 303
        assert office.sample(2).replaces_id == 1


def test_the_laboratory_sees_what_waits_to_be_tested_until_when(office: Office) -> None:
    (code,) = office.receive()
    with clock.at(RECEIVED):
        desk = office.browser("entry")
        page = desk.get("/samples/receiving").text
        assert f"/results/enter?code={code}" in page and "2026-10-22" in page and "已逾期" not in page
        assert "待检验的样品" in desk.get("/").text and "报告逾期的样品" not in desk.get("/").text
    with clock.at(clock.local(date(2026, 10, 23), 9)):
        desk = office.browser("entry")
        assert "已逾期" in desk.get("/samples/receiving").text and "报告逾期的样品" in desk.get("/").text


def test_the_laboratory_never_reads_the_firm(office: Office) -> None:
    """Pages, exports, papers, file names and JSON of every laboratory role: code, product, items – no firm, no address, no sheet number."""
    codes = office.reported("0.1", "0.9", producer_name="某某生产厂", producer_address="某某路")
    waiting = office.take(producer_name="某某生产厂")
    with clock.at(SAMPLED), office.database.write(office.sampler) as session:
        from inspection.samples import service

        service.hand_over(session, office.sampler, waiting.id, version=waiting.version_id, laboratory_id=office.lab)
    secrets = [FIRM, AWAY, office.firm_code, "亭湖路1号", "某某生产厂", "某某路", office.sample().number]
    opened = 0
    with clock.at(RECEIVED):
        for login in ("entry", "reviewer", "signer"):
            browser = office.browser(login)
            for path in ("/", "/samples/receiving", "/results", "/results?export=csv", "/results/1", "/results/2", "/results/enter", "/results/import",
                         "/samples/1/handover.pdf", f"/samples/{waiting.id}/handover.pdf", "/api/v1/results", "/api/v1/samples", "/samples", "/samples/1",
                         "/samples/1/sheet.pdf", "/samples/1/label.pdf", "/registers/enterprises", "/results?export=xlsx"):
                answer = browser.get(path)
                assert answer.status_code in (200, 303, 403), path
                opened += answer.status_code == 200
                seen = answer.text if "pdf" not in answer.mimetype and "sheet" not in answer.mimetype else ""
                seen += str(answer.headers)
                if answer.mimetype == "application/pdf":
                    seen += printed(answer) + answer.data.decode("latin-1")
                if "spreadsheet" in answer.mimetype:
                    seen += str(read(answer.data, "x.xlsx").values)
                for secret in secrets:
                    assert secret not in seen, (login, path, secret)
    assert opened >= 25
    assert codes


def test_lists_filter_sort_and_export(office: Office) -> None:
    office.receive(2)
    with clock.at(RECEIVED):
        browser = office.browser("sampler")
        assert "PJ2632090200002" in browser.get("/samples?state=received").text
        assert "PJ2632090200002" not in browser.get("/samples?state=void").text
        assert "PJ2632090200001" in browser.get("/samples?export=csv&sort=number").text
        label = browser.get("/samples/1/label.pdf")
        assert office.sample().code in printed(label) and office.sample().number not in printed(label)


def test_the_api_walks_the_same_way(office: Office) -> None:
    with clock.at(SAMPLED):
        sampler = office.browser("sampler")
        made = sampler.json("POST", API, {**office.form(), "plan_id": office.plan, "storage": ["常温", "避光"]})
        assert made.status_code == 201 and made.json["number"] == "PJ2632090200001" and "producer_name" not in made.json
        assert sampler.json("GET", f"{API}/1").json["state"] == "taken"
        assert sampler.json("GET", f"{API}/77").status_code == 404
        assert sampler.json("POST", f"{API}/1/seal", {"seal_number": "F"}).status_code == 422  # no version
        assert sampler.json("POST", f"{API}/1/seal", {"seal_number": "F"}, If_Match="9").status_code == 412
        assert sampler.json("POST", f"{API}/1/seal", {"seal_number": "F"}, If_Match="1").json["version"] == 2
        assert sampler.json("POST", f"{API}/1/hand-over", {"laboratory_id": office.lab}, If_Match="2").json["state"] == "handed_over"
        assert sampler.json("POST", f"{API}/1/void", {"reason": "x"}, If_Match="3").status_code == 409
        second = sampler.json("POST", API, {**office.form(), "plan_id": office.plan}).json
        assert sampler.json("POST", f"{API}/2/void", {"reason": "写错"}, If_Match=str(second["version"])).json["state"] == "void"
        wrong = sampler.json("POST", API, {**office.form(), "plan_id": office.plan, "link": "moon"})
        assert wrong.status_code == 422 and list(wrong.json["errors"]) == ["link"]
        assert [row["id"] for row in sampler.json("GET", API).json["items"]] == [1, 2]
        first = sampler.json("GET", f"{API}?limit=1").json
        assert (len(first["items"]), first["next"]) == (1, 1) and sampler.json("GET", f"{API}?after=1").json["next"] is None
    with clock.at(RECEIVED):
        desk = office.browser("entry")
        code = office.sample().code
        body = {"code": code, "pieces": 2, "decision": "accept", "reason": "外箱略有变形"}
        assert desk.json("POST", f"{API}/receipts", body).json == {"code": code, "state": "received"}
        assert desk.json("POST", f"{API}/receipts", body).status_code == 409

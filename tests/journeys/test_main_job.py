"""The main job, from the plan to the public page, over HTTP, on both databases: each step by its role and refused to the others."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader
from sqlalchemy import select

from inspection import audit, clock
from inspection.actor import SYSTEM
from inspection.db import Database
from inspection.demo import drawing, laboratory, registers
from inspection.registers import service as register_service
from inspection.registers.entries import LaboratoryEntry
from inspection.registers.models import Enterprise
from inspection.samples.models import Sample
from inspection.settings import Settings
from tests.journeys.desk import Desk, number_of, text_of

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
COUNTY = "320902"
CLASSES = ((("A", 20), ("B", 12), ("C", 6), ("D", 4)), 2)
JANUARY = datetime(2026, 1, 12, 1, 0, tzinfo=UTC)
SEPTEMBER = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 8, 2, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
N_SAMPLES, N_GOOD = 6, 12
RECEIPT = dict.fromkeys(("seal_intact", "package_intact", "quantity_enough", "state_normal", "papers_complete", "papers_match"), "true")


@pytest.fixture
def desk(app: Any, database: Database) -> Desk:
    """A county with its registers: places, classes, items and limits by service, firms and people by import over HTTP."""
    with clock.at(JANUARY):
        registers.packaged(database, SYSTEM)
        registers.places(database, SYSTEM)
        registers.item_list(database, SYSTEM)
        with database.write(SYSTEM) as session:
            lab = register_service.create_laboratory(
                session, SYSTEM, LaboratoryEntry(code="LAB-A", name="县检验所", accreditation_number="CMA-1", accreditation_expires_on=date(2029, 12, 31))
            )
            register_service.set_scope(session, SYSTEM, lab.id, ["*"])
            for quarter in (1, 2, 3, 4):
                register_service.set_capacity(session, SYSTEM, lab.id, year=2026, quarter=quarter, n_batches=100, price_fen=80_000)
            for code, name, unit, upper, lod in registers.TEST_ITEMS:
                register_service.create_test_item(session, SYSTEM, code=code, name=name, unit=unit, microbiological=code == "TPC")
                for product in classes(session):
                    register_service.add_limit(session, SYSTEM, registers._limit(code, product, unit, upper, lod))
            lab_id = lab.id
        made = Desk(app, database)
        made.hire(lab_id=lab_id)
        for kind, name, data in (
            ("enterprises", "企业名录.csv", registers.enterprises_file(*CLASSES)),
            ("inspectors", "执法人员.csv", registers.inspectors_file()),
            ("conflicts", "回避登记.csv", registers.conflicts_file(40)),
        ):
            preview = made.upload("planner", f"/registers/imports/{kind}", name, data)
            made.act("planner", preview, "apply", all_or_nothing="true")
    return made


def classes(session: Any) -> list[str]:
    from inspection.demo import planning

    return planning.class_codes(session)[:3]


def test_the_whole_main_job(desk: Desk, settings: Settings, tmp_path: Path) -> None:
    with clock.at(JANUARY):
        plan_id = plan(desk)
    sampled = sample_and_test(desk, plan_id)
    draw_number = draw(desk, tmp_path)
    number = bulletin(desk, plan_id, sampled)
    public_sees(desk, draw_number, number)
    trail(desk, number)


# --- plan -------------------------------------------------------------------------------------------------------------


def plan(desk: Desk) -> int:
    """Quota, allocation, approval by another person, publication."""
    form = {
        "title": "亭湖区2026年食品评价性抽检计划", "year": "2026", "region_code": COUNTY, "purpose": "evaluative", "product_year": "2026",
        "rate_per_thousand": "0.05", "population_kind": "census", "population_year": "2020", "rounding": "up", "random": "true",
    }  # fmt: skip
    desk.refused("leader officer publisher sampler entry auditor", "/plans/new", **form)
    plan_id = number_of(desk.act("planner", "/plans/new", **form))
    page = f"/plans/{plan_id}"
    assert "895,000" in desk["planner"].get(page).text  # the population of the quota, shown with its year
    with desk.database.read() as session:
        codes = classes(session)
    desk.act("planner", page, "margins", regions=f"{COUNTY} 1", classes="\n".join(f"{code} 1" for code in codes), class_minimum="1")
    infeasible = desk.tried("planner", page, "allocate", bounds=f"{COUNTY} {codes[0]} 锁定 400")
    assert infeasible.status_code in (409, 422)
    assert "400" in text_of(infeasible) or "亭湖区" in text_of(infeasible)
    desk.act("planner", page, "allocate", bounds="")
    assert "每行每列合计准确" in desk["planner"].get(page).text
    desk.act("planner", page, "laboratories")
    desk.refused("leader officer auditor", page, "submit")
    desk.act("planner", page, "submit")
    desk.refused("planner publisher auditor", page, "approve")
    desk.act("leader", page, "approve")
    desk.refused("leader publisher auditor", page, "publish")
    desk.act("planner", page, "publish")
    desk.not_yet("planner", page, "margins", regions=f"{COUNTY} 1", classes=f"{codes[0]} 1")
    return plan_id


# --- samples and results ----------------------------------------------------------------------------------------------


def sample_and_test(desk: Desk, plan_id: int) -> list[str]:
    """Sheets on the spot, hand-over, receipt, a workbook with bad rows, its correction, three signatures."""
    with clock.at(SEPTEMBER):
        desk.morning()
        codes = [take(desk, plan_id, i) for i in range(N_SAMPLES)]
    with clock.at(laboratory.RECEIVED):
        desk.morning()
        desk.refused("sampler planner leader", "/samples/receiving", code=codes[0], pieces="2", decision="accept", **RECEIPT)
        for code in codes:
            desk.act("entry", "/samples/receiving", code=code, pieces="2", decision="accept", **RECEIPT)
    with clock.at(OCTOBER):
        desk.morning()
        import_results(desk, codes)
        sign(desk, codes)
    return codes


def take(desk: Desk, plan_id: int, i: int) -> str:
    with desk.database.read() as session:
        firms = session.scalars(select(Enterprise.code).where(Enterprise.region_code == COUNTY, Enterprise.state == "open").order_by(Enterprise.code)).all()
        code = classes(session)[i % 3]
    form = {
        "plan_id": str(plan_id), "region_code": COUNTY, "class_code": code, "enterprise_code": firms[i % len(firms)], "product_name": f"样品{i}", "taken_on": "2026-09-16",
        "sampler_names": "抽样甲、抽样乙", "link": "circulation", "date_kind": "production", "seal_number": f"F{i:04d}",
    }  # fmt: skip
    if i == 0:
        desk.refused("planner entry leader auditor", "/samples/new", **form)
        alone = desk.tried("sampler", "/samples/new", **{**form, "sampler_names": "抽样甲"})
        assert alone.status_code == 422
        assert "不少于 2 人" in alone.text
    made = number_of(desk.act("sampler", "/samples/new", **form))
    page = f"/samples/{made}"
    assert desk["sampler"].get(f"{page}/sheet.pdf").data.startswith(b"%PDF")
    desk.act("sampler", page, "hand-over", laboratory_id="1")
    with desk.database.read() as session:
        return session.get_one(Sample, made).code


def import_results(desk: Desk, codes: list[str]) -> None:
    """Four bad rows come back with reasons; the corrected file brings only what was missing; the same file nothing."""
    rows = laboratory.truth(codes, {2: "BA"})
    bad = [*rows[:-4], *(row.__class__(**{**{n: getattr(row, n) for n in row.__dataclass_fields__}, **change}) for row, change in zip(
        rows[-4:], ({"code": "ZZZZZZZZZZ"}, {"item": "没有的项目"}, {"unit": "μg/g"}, {"text": "-0.02"}), strict=True))]  # fmt: skip
    preview = desk.upload("entry", "/results/import", "结果.xlsx", laboratory.workbook(bad))
    shown = desk["entry"].get(preview).text
    assert f"正确 {len(rows) - 4} 行" in shown
    assert "有误 4 行" in shown
    for name in ("planner", "sampler", "reviewer"):
        assert desk[name].get(preview).status_code in (403, 404)
    errors = openpyxl.load_workbook(io.BytesIO(desk["entry"].get(f"{preview}/errors.xlsx").data)).active
    assert errors.max_row == 5
    assert all(row[-1] for row in errors.iter_rows(min_row=2, values_only=True)), "every row says why"
    desk.act("entry", preview, "apply", mode="good")
    corrected = desk.upload("entry", "/results/import", "结果-改正.xlsx", laboratory.workbook(rows))
    assert "有误 0 行" in desk["entry"].get(corrected).text
    for new in (4, 0):
        answer = desk.tried("entry", corrected, "apply", mode="all")
        assert answer.status_code in (303, 409)
        if answer.status_code == 303:
            assert f"新增 {new} 行" in desk["entry"].get(answer.location).text


def sign(desk: Desk, codes: list[str]) -> None:
    """Entered, reviewed, approved by three people, in this order and no other."""
    listed = desk["entry"].get("/results?size=50").text
    reports = sorted(set(re.findall(r'href="(/results/\d+)"', listed)))
    assert len(reports) == len(codes)
    assert all(code in listed for code in codes)
    for page in reports:
        desk.refused("reviewer signer planner", page, "submit")
        desk.not_yet("signer", page, "approve")
        desk.act("entry", page, "submit")
        desk.refused("entry signer", page, "review")
        desk.act("reviewer", page, "review")
        desk.refused("entry reviewer leader", page, "approve")
        desk.act("signer", page, "approve")


# --- draw -------------------------------------------------------------------------------------------------------------


def draw(desk: Desk, folder: Path) -> str:
    """Freeze, commit, reveal by two people; the bundle verifies on the standard library alone; notices go out."""
    form = {
        "title": "2026年食品生产经营双随机抽查", "region_code": "320900", "item_codes": registers.ITEM, "rates": "A 5/100\nB 10/100\nC 30/100\nD 50/100",
        "reserve_percent": "10", "stratify_by": "credit_class", "exclusions": "CLOSED", "seats": "other_unit", "kind": "planned", "announced": "true",
        "period_from": "2026-11-16", "period_to": "2026-12-18",
    }  # fmt: skip
    with clock.at(drawing.COMMITTED):
        desk.morning()
        desk.refused("planner leader publisher auditor", "/draws/new", **form)
        page = f"/draws/{number_of(desk.act('officer', '/draws/new', **form))}"
        desk.refused("planner leader auditor", page, "freeze")
        desk.act("officer", page, "freeze")
        promise = {
            "known-0": "kl8", "issue-0": "2026300", "drawn_at-0": "2026-11-10T21:30",
            "reveal_not_before": "2026-11-11T09:00", "reveal_by": "2026-11-13T17:00",
        }  # fmt: skip
        desk.refused("planner leader auditor", f"{page}/commit", **promise)
        desk.act("officer", f"{page}/commit", **promise)
        number = re.search(r"2026-\d{3}", desk["officer"].get(page).text)[0]  # type: ignore[index]
        value = {"public_value": drawing.demo_value(), "again": drawing.demo_value(), "witnesses": "公证员"}
        desk.not_yet("officer", f"{page}/reveal", **value)
    with clock.at(drawing.REVEALED):
        desk.morning()
        desk.refused("planner sampler auditor", f"{page}/reveal", **value)
        desk.act("officer", f"{page}/reveal", **value)
        desk.not_yet("officer", f"{page}/reveal", **value)  # the second person is another one
        assert "揭示时间" not in desk["officer"].get(page).text
        desk.act("leader", f"{page}/reveal", **value)
        bundle = folder / "draw.zip"
        bundle.write_bytes(desk["officer"].get(f"{page}/bundle.zip").data)
    verified = subprocess.run([sys.executable, "-S", "-m", "sampling", "verify", str(bundle)], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert verified.stdout.startswith("OK")
    notices(desk, page)
    return number


def notices(desk: Desk, page: str) -> None:
    """One visit and one notice for every firm drawn."""
    with clock.at(drawing.REVEALED):
        listed = desk["officer"].get(f"{page}/selection?size=100").text
        n_selected = int(re.search(r"共 (\d+) 条", listed)[1])  # type: ignore[index]
        desk.refused("planner auditor sampler", "/visits", "open", draw_id=page.rpartition("/")[2])
        desk.act("officer", "/visits", "open", draw_id=page.rpartition("/")[2])
        visits = desk["leader"].get("/visits?size=100").text
        assert f"共 {n_selected} 条" in visits
        first = re.search(r'href="(/visits/\d+)"', visits)[1]  # type: ignore[index]
        paper = PdfReader(io.BytesIO(desk["leader"].get(f"{first}/notice.pdf").data)).pages[0].extract_text()
        assert "通知书" in paper.replace(" ", "")


# --- bulletin ---------------------------------------------------------------------------------------------------------


def bulletin(desk: Desk, plan_id: int, codes: list[str]) -> str:
    """Drafted from the approved reports, approved by another person, numbered and published; gives its number."""
    form = {
        "title": "关于亭湖区2026年第三季度食品评价性抽检情况的通告", "region_code": COUNTY, "basis": "《中华人民共和国食品安全法》", "period": "2026年第三季度食品评价性",
        "since": "2026-07-01", "until": "2026-09-30", "plan_id": str(plan_id), "decimals": "2",
    }  # fmt: skip
    with clock.at(NOVEMBER):
        desk.morning()
        desk.refused("planner leader entry auditor", "/publications/new", **form)
        page = f"/publications/{number_of(desk.act('publisher', '/publications/new', **form))}"
        desk.act("publisher", page, "submit")
        desk.refused("publisher planner auditor", page, "approve")
        desk.not_yet("publisher", page, "publish")
        desk.act("leader", page, "approve")
        desk.refused("leader planner auditor", page, "publish")
        desk.act("publisher", page, "publish")
        shown = desk["publisher"].get(page).text
    found = re.search(r"市监通告〔2026〕\d+号", shown)
    assert found
    return found[0]


# --- the public and the auditor ---------------------------------------------------------------------------------------


def public_sees(desk: Desk, draw_number: str, number: str) -> None:
    """Without signing in: every board; the digest on the page is that of the file; the firm may ask why."""
    anonymous = desk.app.test_client()
    for path in ("/public", "/public/plans", "/public/draws", "/public/bulletins", f"/public/draws/{draw_number}"):
        assert anonymous.get(path).status_code == 200
    page = anonymous.get(f"/public/bulletins/{number}").text
    file = re.search(r'href="(/public/files/\d+)"', page)
    assert file
    pdf = anonymous.get(file[1]).data
    digest = hashlib.sha256(pdf).hexdigest()
    assert digest in page
    printed = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages)
    assert number in printed.replace(" ", "").replace("\n", "")
    assert "公布过" in anonymous.get(f"/public/check?digest={digest[:16]}").text
    firm = re.search(r"<code>(9\d{16}[0-9A-Z])</code>", anonymous.get(f"/public/draws/{draw_number}").text)
    assert firm
    assert "被抽中" in anonymous.get(f"/public/why?draw={draw_number}&code={firm[1]}").text
    assert anonymous.get("/plans", headers={"Accept": "application/json"}).status_code == 401


def trail(desk: Desk, number: str) -> None:
    """The auditor finds the chain whole and the head of the bulletin in it, and may change nothing."""
    with clock.at(NOVEMBER):
        desk.morning()
        desk.act("auditor", "/account/trail", "verify")
        assert "审计链完整" in desk["auditor"].get("/account/trail").text
        anonymous = desk.app.test_client()
        page = anonymous.get(f"/public/bulletins/{number}").text
        pdf = anonymous.get(re.search(r'href="(/public/files/\d+)"', page)[1]).data  # type: ignore[index]
        printed = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages).replace("\n", "")
    with desk.database.read() as session:
        assert audit.verify(session).ok
        hashes = set(session.scalars(select(audit.AuditEvent.hash)))
        verbs = set(session.scalars(select(audit.AuditEvent.verb).where(audit.AuditEvent.outcome == "refused")))
    heads = {found for found in re.findall(r"[0-9a-f]{12,64}", printed.replace(" ", "")) if any(h.startswith(found) for h in hashes)}
    assert heads, "the head of the chain printed on the bulletin is an event of the chain"
    assert "refused.plans.approve" in verbs

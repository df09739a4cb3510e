"""Sheets and labels of many samples: the right ones, in the order of the route, on both databases and over HTTP."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from inspection import clock
from inspection.app import create_app
from inspection.db import Database
from inspection.errors import NotFound, Refused
from inspection.intake import credit_code
from inspection.jobs import files, run_pending
from inspection.jobs.models import Job
from inspection.registers import service as registers
from inspection.registers.entries import EnterpriseEntry
from inspection.samples import printing, service
from inspection.samples.rules import Wanted
from tests.conftest import settings_for
from tests.inspection.samples.bench import COUNTY, SAMPLED, Bench
from tests.people import sign_in


@pytest.fixture
def bench(database: Database) -> Bench:
    """Four samples; the first taken lies in the township that is visited last."""
    made = Bench(database)
    with clock.at(SAMPLED), database.write() as session:
        for code, name in ((f"{COUNTY}001", "东街道"), (f"{COUNTY}002", "西街道")):
            registers.create_region(session, made.planner, code=code, name=name)
        firms = [
            registers.create_enterprise(session, made.planner, EnterpriseEntry(credit_code.make(COUNTY, n), f"{n}号食品店", f"{COUNTY}00{place}")).id
            for n, place in ((11, 2), (12, 1), (13, 2))
        ]
    samples = [made.take(enterprise_id=firm, product_name=f"蛋糕{n}") for n, firm in enumerate(firms, 1)]
    void = made.take(enterprise_id=firms[0], product_name="作废的蛋糕")
    with clock.at(SAMPLED), database.write(made.sampler) as session:
        service.void(session, made.sampler, void.id, version=void.version_id, reason="填错")
    assert [sample.number for sample in samples] == sorted(sample.number for sample in samples)
    return made


def printed(bench: Bench, folder: Path, wanted: Wanted) -> tuple[Job, PdfReader]:
    settings = settings_for(bench.database, folder)
    with clock.at(SAMPLED):
        with bench.database.write(bench.sampler) as session:
            job_id = printing.ask(session, bench.sampler, wanted).id
        assert run_pending(bench.database, settings) == 1
    with bench.database.read() as session:
        job = session.get_one(Job, job_id)
    assert job.state == "done", job.error
    return job, PdfReader(io.BytesIO(files.open_result(settings, job).read_bytes()))


def order(reader: PdfReader, each: int) -> list[str]:
    """The number behind 蛋糕 on every first page of a paper."""
    return [reader.pages[n].extract_text().split("蛋糕")[1][0] for n in range(0, len(reader.pages), each)]


def test_sheets_and_labels_come_by_township_then_number_without_the_void_ones(bench: Bench, tmp_path: Path) -> None:
    job, sheets = printed(bench, tmp_path, Wanted("sheets", bench.plan))
    assert job.result == {"样品数": 3} and job.result_filename.endswith(".pdf")
    assert len(sheets.pages) == 3 * 4 and order(sheets, 4) == ["2", "1", "3"]
    _, labels = printed(bench, tmp_path, Wanted("labels", bench.plan))
    assert len(labels.pages) == 3 and order(labels, 1) == ["2", "1", "3"]
    _, west = printed(bench, tmp_path, Wanted("labels", bench.plan, region_code=f"{COUNTY}002"))
    assert order(west, 1) == ["1", "3"]
    _, void = printed(bench, tmp_path, Wanted("labels", bench.plan, state="void"))
    assert len(void.pages) == 1 and "作废的蛋糕" in void.pages[0].extract_text()


def test_where_there_is_nothing_to_print_it_says_so(bench: Bench) -> None:
    with bench.database.write(bench.sampler) as session:
        with pytest.raises(Refused, match="没有符合所选区域和状态的样品"):
            printing.ask(session, bench.sampler, Wanted("sheets", bench.plan, state="received"))
        with pytest.raises(NotFound):
            printing.ask(session, bench.sampler, Wanted("sheets", 999))


def test_the_button_on_the_list_leads_to_the_file_and_laboratories_get_none(sqlite_database: Database, tmp_path: Path) -> None:
    bench = Bench(sqlite_database)
    app = create_app(settings_for(sqlite_database, tmp_path), sqlite_database)
    with clock.at(SAMPLED):
        browser = sign_in(app, "sampler")
        assert "/samples/papers" not in browser.get("/samples").text, "nothing to print yet"
        bench.take()
        page = browser.get(f"/samples?plan={bench.plan}").text
        assert 'action="/samples/papers"' in page and "亭湖区" in page and "<details class=\"mb-3\" open>" in page
        sent = browser.post("/samples/papers", {"paper": "sheets", "plan_id": str(bench.plan), "region_code": COUNTY, "state": ""})
        assert sent.status_code == 303, sent.text
        assert browser.get(f"{sent.location}/progress").json["total"] == 1
        assert run_pending(sqlite_database) == 1
        assert len(PdfReader(io.BytesIO(browser.get(f"{sent.location}/result").data)).pages) == 4
        refused = browser.post("/samples/papers", {"paper": "all", "plan_id": "x", "state": "lost"})
        assert refused.status_code == 422
        asked = browser.json("POST", "/api/v1/samples/papers", {"paper": "labels", "plan_id": bench.plan})
        assert asked.status_code == 202 and asked.json["title"].startswith("样品标签")
        assert sign_in(app, "entry").post("/samples/papers", {"paper": "sheets", "plan_id": str(bench.plan)}).status_code == 403

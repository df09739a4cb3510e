"""hengjian plan, as the person at the server types it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from inspection.cli import main
from inspection.db import Database
from inspection.plans import documents, service
from inspection.plans.annual import service as annual_plans
from tests.conftest import DRAW_KEY, SECRET, settings_for
from tests.inspection.plans import annual
from tests.inspection.plans.office import COUNTY, Office


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    for name, value in {"SECRET_KEY": SECRET, "DRAW_KEY": DRAW_KEY, "DATABASE_URL": sqlite_database.url, "DATA_DIR": str(tmp_path / "var")}.items():
        monkeypatch.setenv(f"HENGJIAN_{name}", value)
    monkeypatch.delenv("HENGJIAN_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return Office(sqlite_database)


def test_check_prints_ok_and_the_digest_printed_on_the_notice(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = office.approved()
    with office.database.read() as session:
        found = service.get(session, plan.id)
        paper = documents.notice(session, found, settings_for(office.database, tmp_path))
        digest = service.digest_of(found)
    printed = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages).replace("\n", "")
    assert digest in printed
    for name in ("2027", plan.code):
        assert main(["plan", "check", name]) == 0
        assert capsys.readouterr().out == f"OK  plan {plan.code}  2240 batches  {digest}\n"
    with office.database.write() as session:
        service.get(session, plan.id).cells[0].q1 += 1
    assert main(["plan", "check", "2027"]) == 1
    told = capsys.readouterr().out
    assert told.startswith("FAULT") and "季度" in told and "批准的第 1 版不符" in told
    assert main(["plan", "check", "2031"]) == 3
    assert "2027" not in capsys.readouterr().out


def test_allocate_fills_a_draft_and_keeps_its_bounds(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = office.margins(office.drafted())
    bounds = tmp_path / "bounds.txt"
    bounds.write_text(f"{COUNTY}001 31 锁定 9\n{COUNTY}002 31 至少 4\n", encoding="utf-8")
    assert main(["plan", "allocate", plan.code, "--bounds", str(bounds), "--laboratories"]) == 0
    first = capsys.readouterr().out
    assert "680 格  2240 批次" in first
    assert main(["plan", "allocate", plan.code, "--laboratories"]) == 0
    assert capsys.readouterr().out == first
    bounds.write_text(f"{COUNTY}001 31 锁定 400\n", encoding="utf-8")
    assert main(["plan", "allocate", plan.code, "--bounds", str(bounds)]) == 4
    assert "第01镇" in capsys.readouterr().err
    bounds.write_text("胡写\n", encoding="utf-8")
    assert main(["plan", "allocate", plan.code, "--bounds", str(bounds)]) == 2
    assert "第 1 行" in capsys.readouterr().err
    assert main(["plan", "show", plan.code]) == 0
    shown = capsys.readouterr().out
    assert "320,000 人 × 7 批次/千人" in shown and "地区  330106020  第20镇" in shown and "内容摘要" in shown
    assert main(["plan", "list", "--year", "2027"]) == 0
    assert capsys.readouterr().out.startswith(f"{plan.code}\t编制中\t2240 批次")


def test_annual_plans_are_listed_shown_and_checked_at_the_server(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    planning = annual.Office(office.database, build=False, logins=("annual-planner", "annual-above"))
    with office.database.write() as session:
        annual.items_and_departments(session)
    planning.leader = office.leader
    plan = planning.drafted()
    planning.task(plan)
    plan = planning.published(plan)
    assert main(["plan", "annual", "list", "--year", "2026"]) == 0
    assert capsys.readouterr().out == f"{plan.code}\t已公布\t1 项任务\t{plan.title}\n"
    assert main(["plan", "annual", "tasks"]) == 0
    assert capsys.readouterr().out.startswith("西市监抽查〔2026〕1号\t已下达\t双随机检查\t2026-03-05 至 2026-04-30\t6 户\t")
    assert main(["plan", "annual", "show", plan.code]) == 0
    assert "A 20/100 1/100 30/100 - 每年至多1次" in capsys.readouterr().out
    assert main(["plan", "annual", "check", plan.code]) == 0
    assert capsys.readouterr().out.startswith(f"OK  annual plan {plan.code}  ")
    with office.database.write() as session:
        found = annual_plans.get(session, plan.id)
        found.rates = [{**found.rates[0], "rows": []}]
    assert main(["plan", "annual", "check", plan.code]) == 1
    assert main(["plan", "annual", "show", "CC0"]) == 3

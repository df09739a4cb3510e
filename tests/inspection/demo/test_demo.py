"""The demonstration, once: the whole main job through the real services, and what it leaves in its folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from inspection import audit
from inspection.cli import main
from inspection.db import Database
from inspection.demo import commands, people, planning, run
from inspection.draws import service as draws
from inspection.draws.models import Draw
from inspection.intake.reader import read
from inspection.ledger import Entry
from inspection.publications.models import Issue
from inspection.visits import service as visits
from inspection.visits.models import Problem
from reports import bulletin, content, printed_text, verify

pytestmark = pytest.mark.slow
MARK = "演示数据，不具有法律效力"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made here, or the one that the run of the checks has just made with `make demo ONCE=1`."""
    if earlier := os.environ.get("DEMO_MADE"):
        return Path(earlier)
    made = tmp_path_factory.mktemp("demo") / "products"
    assert main(["demo", "--once", "--dir", str(made)]) == 0
    return made


@pytest.fixture(scope="module")
def database(folder: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{folder / 'hengjian.sqlite'}")
    yield made
    made.dispose()


def pages(path: Path) -> list[str]:
    return ["".join(page) for page in printed_text.read(path.read_bytes()).pages()]


def test_the_bundle_of_the_draw_verifies_by_the_command_alone(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(Path.cwd())!r}); sys.argv[1:] = ['verify', {str(folder / 'draw-2026-001.zip')!r}]\n"
         "import runpy; runpy.run_module('sampling', run_name='__main__')"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("OK") and "600" in done.stdout


def test_six_hundred_notices_in_one_volume_and_one_by_one(folder: Path) -> None:
    volume = (folder / "通知书-600份.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", volume)) == 600
    with zipfile.ZipFile(folder / "通知书-600份.zip") as archive:
        names = archive.namelist()
        assert len(set(names)) == 600
        first = archive.read(names[0])
    assert verify.verify_pdf(first).ok
    assert MARK in "".join(printed_text.read(first).pages()[0])


def test_three_thousand_rows_fourteen_bad_given_back_and_corrected(folder: Path) -> None:
    sizes = {name: len(read((folder / name).read_bytes(), name)) for name in ("检验结果-3000行.xlsx", "错误清单-14行.xlsx", "检验结果-改正.xlsx")}
    assert sizes == {"检验结果-3000行.xlsx": 3000, "错误清单-14行.xlsx": 14, "检验结果-改正.xlsx": 3000}


def test_the_first_bulletin_prints_every_published_percentage_and_infers_nothing(folder: Path) -> None:
    text = "".join(pages(folder / "通告-2019年下半年.pdf"))
    rows, _ = planning.published()
    assert len(rows) == 35 and sum(row.tested for row in rows) == 3_673_579 and sum(row.failed for row in rows) == 81_935
    for row in rows:
        line = f"{row.name}{row.tested}{row.tested - row.failed}{row.failed}{row.published}"
        assert line in text.replace("（样本少）", ""), line
    assert "36735793591644819352.2%" in text
    assert "不能据此推断市场上同类产品的总体合格水平" in text and "判定为达标" not in text


def test_the_county_bulletin_carries_a_verdict_against_its_target(folder: Path) -> None:
    text = "".join(pages(folder / "通告-亭湖区.pdf"))
    assert "98%以上”" in text and "尚不能判定" in text and "判定为达标" not in text and "暂定数" in text
    assert text.count("║") >= 14


def test_every_page_of_every_document_says_demonstration(folder: Path) -> None:
    for name in ("通告-2019年下半年.pdf", "通告-亭湖区.pdf", "抽检计划通知.pdf"):
        for number, page in enumerate(pages(folder / name), 1):
            assert MARK in page, (name, number)


def test_the_bulletins_are_rebuilt_byte_for_byte_from_what_is_kept(folder: Path, database: Database) -> None:
    import rfc8785

    with database.read() as session:
        issues = session.scalars(select(Issue).order_by(Issue.serial)).all()
        assert [issue.number for issue in issues] == ["市监通告〔2026〕1号", "市监通告〔2026〕2号"]
        for issue, name in zip(issues, ("通告-2019年下半年.pdf", "通告-亭湖区.pdf"), strict=True):
            assert bulletin.render(content.from_json(content.Bulletin, rfc8785.dumps(issue.content))) == (folder / name).read_bytes()
        chain = audit.verify(session)
        assert chain.ok and chain.events > 2000


def test_running_it_again_leaves_the_products_alone(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    served: list[str] = []
    monkeypatch.setattr(commands, "_serve", lambda target, bind: served.append(bind))
    assert main(["demo", "--dir", str(folder)]) == 0
    assert served == ["127.0.0.1:8000"] and "演示数据已在" in capsys.readouterr().out
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before and run.finished(folder) is not None


def test_it_leaves_results_public_corrected_and_waiting_and_problems_in_every_state(database: Database) -> None:
    leader, day = people.actor(database, "lingdao"), date(2026, 11, 25)
    with database.read(leader) as session:
        board = session.scalars(select(Entry).where(Entry.board == "results")).all()
        words = {word for entry in board for word in entry.content["results"]}
        waiting = [visit.publish_by for visit in session.scalars(visits.waiting(session, leader))]
        problems = session.scalars(select(Problem)).all()
        total = visits.completions(session, leader, day)[0]
        frame = draws.preview(session, session.scalars(select(Draw).where(Draw.state == "configured")).one())
        promised = session.scalars(select(Entry).where(Entry.kind == "commitment").order_by(Entry.id)).all()
    assert len(board) > 20 and sum(entry.kind == "correction" for entry in board) == 1 and len(words) >= 6
    assert min(waiting) < day < sorted(waiting)[1] and len(waiting) > 8  # one is over its term
    assert {problem.state for problem in problems} == {"open", "closed"} and 0 < total.closed < total.due and total.closed_late and total.open_late
    reasons = [{code for row in entry.content["strata"] for code in row["excluded"]} for entry in promised]
    assert reasons[0] == {"CAP", "CLOSED", "MOVED", "UPPER", "YEAR"} and reasons[1] == reasons[0] | {"CASE", "OTHER", "R6M"}
    assert all("（3209" in row["label"] for row in promised[1].content["strata"]) and frame.excluded["UPPER"] and frame.excluded["CASE"]

"""J2 and the draw part of J8 over HTTP: the joint draw of a city, every step on the page that a person uses, one run."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, text

from inspection import audit, clock
from inspection.app import create_app
from inspection.db import Database
from inspection.demo.drawing import demo_value
from inspection.draws.models import Commitment, DrawFile
from inspection.intake import credit_code
from inspection.jobs.runner import run_pending
from inspection.registers.models import Inspector
from inspection.visits.models import Visit, VisitResult
from sampling import bundle, frame
from tests.conftest import settings_for
from tests.inspection.indicators import reference_draw as reference
from tests.journeys import city
from tests.journeys.desk import Desk, text_of

VALUE = {"value-0": demo_value(), "again-0": demo_value(), "witnesses": "公证员丁、纪检戊"}
DRAW, PUBLIC = "/draws/2", "/public/draws/2026-002"
N_DRAWN, N_RESERVE = 600, 60


@pytest.fixture(scope="module")
def desk(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("city")
    shutil.copyfile(migrated_sqlite, folder / "city.sqlite")
    database = Database(f"sqlite:///{folder / 'city.sqlite'}")
    city.build(database)
    made = Desk(create_app(settings_for(database, folder, log_level="ERROR", office_name="杭州市市场监督管理局"), database), database)
    made.folder = folder  # type: ignore[attr-defined]
    yield made
    database.dispose()


def finish(desk: Desk, answer: Any) -> None:
    """A large draw is frozen and revealed by a job: the page of the job says so, and it is done."""
    assert "/jobs/" in answer.location, answer.location
    run_pending(desk.database, settings_for(desk.database, desk.folder))  # type: ignore[attr-defined]


def row(page: str, head: str) -> list[str]:
    """The cells of the line of a table that begins so."""
    found = re.search(rf"<tr><td>{head}</td>(.*?)</tr>", page, re.DOTALL)
    assert found, head
    return [re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", found[1], re.DOTALL)]


def shell(folder: Path, *arguments: str) -> tuple[int, str]:
    """verify.py as a citizen runs it: no package, no environment, nothing of ours on the path."""
    done = subprocess.run([sys.executable, "-I", "-S", *arguments], capture_output=True, text=True, cwd=folder, env={}, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


# The steps stand in the order of the journey and each begins where the last one ended.


def test_1_the_frame_counts_every_exclusion_and_the_rates_show_their_probability(desk: Desk) -> None:
    with clock.at(city.COMMITTED):
        first = desk.act("officer", "/draws/new", **{**city.FORM, "title": "写错了区域的方案", "region_code": "330106"}).location
        assert first == "/draws/1"
        assert desk.act("officer", "/draws/new", **city.FORM).location == DRAW
        page = desk["officer"].get(DRAW).text
        assert "登记对象 12,275 户，执法人员 31 人" in page and "将抽取 600 户，候补 60 户" in page
        assert f"：{city.VISITED}</li>" in page and f"：{city.CLOSED}</li>" in page
        chances = [row(page, name)[-1] for name in "ABCD"]
        assert chances == ["144/7200 = 2.00%", "216/3600 = 6.00%", "144/900 = 16.00%", "96/300 = 32.00%"]
        refused = desk.tried("officer", "/draws/new", **{**city.FORM, "rates": "A 0/100\nB 6/100\nC 16/100\nD 32/100"})
        assert refused.status_code == 422 and "每个对象都应有被抽中的机会" in refused.text  # the floor: nobody's chance is none
        finish(desk, desk.act("officer", DRAW, "freeze"))
        frozen = desk["officer"].get(DRAW).text
        with desk.database.read() as session:
            digests = dict(session.execute(select(DrawFile.name, DrawFile.digest).where(DrawFile.draw_id == 2)).all())
        assert set(digests) == {"frame.tsv", "inspectors.tsv", "conflicts.tsv", "rule.json"} and all(value in frozen for value in digests.values())
        rehearsal = desk["officer"].get(f"{DRAW}/rehearsal")
        assert rehearsal.status_code == 200 and "演练" in rehearsal.text


def test_3_the_promise_is_public_at_once_and_a_draw_is_void_only_with_a_public_reason(desk: Desk) -> None:
    with clock.at(city.COMMITTED):
        desk.act("officer", f"{DRAW}/commit", **city.PROMISE)
        with desk.database.read() as session:
            digest = session.get_one(Commitment, 2).digest
        public = desk.app.test_client().get(PUBLIC).text
        assert digest in public and "2026-11-09 09:00" in public and "2.00%" in public and "双色球、大乐透等之外的演示数" in public
        groups = "".join(re.findall(r"[0-9a-f]{4}", desk["officer"].get(f"{DRAW}/ceremony").text.split("<main>")[1]))
        assert digest in groups  # on the wall, in groups that can be read aloud
        board = desk.app.test_client().get("/public/draws").text
        assert "已承诺，待揭示" in board and re.search(r"尚未作出承诺：\s*2026-001", board)
        # a draft given up keeps its number, and its reason is public
        desk.refused("planner auditor", "/draws/1", "void-request", reason="区域写错")
        desk.act("officer", "/draws/1", "void-request", reason="区域写错，另行抽取")
        desk.refused("officer planner auditor", "/draws/1", "void")
        desk.act("leader", "/draws/1", "void")
        assert "区域写错，另行抽取" in desk.app.test_client().get("/public/draws/2026-001").text


def test_8_attempts_to_cheat_before_the_reveal_fail(desk: Desk) -> None:
    with clock.at(city.COMMITTED):
        again = desk.tried("officer", "/draws/new", **city.FORM, repeats_id="2")
        assert again.status_code == 409 and "作废" in text_of(again)
        desk.not_yet("officer", DRAW, "freeze")
        desk.not_yet("officer", f"{DRAW}/commit", **city.PROMISE)
        early = desk.tried("officer", f"{DRAW}/reveal", **VALUE)
        assert early.status_code == 409 and "尚未到公布的揭示时间" in early.text
        with desk.database.read() as session:
            before = dict(session.execute(select(DrawFile.name, DrawFile.digest).where(DrawFile.draw_id == 2)).all())
        firm = desk["planner"].get("/registers/enterprises/12").text
        version = re.search(r'name="version" value="(\d+)"', firm)
        assert version
        moved = desk["planner"].post("/registers/enterprises/12/state", {"version": version[1], "state": "deregistered", "reason": "核实注销"})
        assert moved.status_code == 303, moved.text
        with desk.database.read() as session:
            assert before == dict(session.execute(select(DrawFile.name, DrawFile.digest).where(DrawFile.draw_id == 2)).all())


def test_4_two_people_reveal_and_neither_can_alone(desk: Desk) -> None:
    with clock.at(city.REVEALED):
        desk.morning()
        desk.refused("planner auditor publisher", f"{DRAW}/reveal", **VALUE)
        first = desk.tried("leader", f"{DRAW}/reveal", **VALUE)
        assert first.status_code == 409 and "双随机管理员先录入" in first.text
        desk.act("officer", f"{DRAW}/reveal", **VALUE)
        alone = desk.tried("officer", f"{DRAW}/reveal", **VALUE)
        assert alone.status_code == 409 and "须由另一人再录入一次" in alone.text
        assert "officer某 已录入公开数" in desk["leader"].get(DRAW).text
        finish(desk, desk.act("leader", f"{DRAW}/reveal", **VALUE))
        page = desk["leader"].get(DRAW).text
        assert "已公布" in page and "种子 S" in page
        listed = desk["leader"].get(f"{DRAW}/selection").text
        assert f"共 {N_DRAWN} 条" in listed and f"共 {N_RESERVE} 条" in desk["leader"].get(f"{DRAW}/selection?role=reserve").text
        rows = list(csv.reader(io.StringIO(desk["leader"].get(f"{DRAW}/selection?export=csv").data.decode("utf-8-sig"))))
        assert len(rows) == 1 + N_DRAWN and all(re.fullmatch(r"[0-9a-f]{16}", line[-1]) for line in rows[1:])
        desk.not_yet("officer", f"{DRAW}/reveal", **VALUE)  # one promise, one draw


def test_5_every_team_is_lawful_and_the_loads_are_even(desk: Desk) -> None:
    with clock.at(city.REVEALED):
        files = bundle.unpack(desk["leader"].get(f"{DRAW}/bundle.zip").data)
    people = {cells[0]: cells for cells in frame.rows(files["inspectors.tsv"])}
    assert len(people) == city.PEOPLE - city.AWAY - city.LAPSED
    barred = {tuple(cells) for cells in frame.rows(files["conflicts.tsv"])}
    with desk.database.read() as session:
        own = set(session.scalars(select(Inspector.code).where(Inspector.station == "城东所")))
    assert len(own) == 2 and len(barred) > city.PAIRS  # those of the register, and the own stations
    teams: dict[str, list[str]] = {}
    for unit, _seat, person, _ticket in frame.rows(files["teams.tsv"]):
        teams.setdefault(unit, []).append(person)
    assert len(teams) == N_DRAWN
    for unit, team in teams.items():
        assert len(set(team)) == 2 and "" not in team, unit
        assert len({people[code][1] for code in team}) == 2, "two departments"
        assert people[team[0]][5] == "1", "a leader"
        assert not any((code, unit) in barred for code in team), unit
    loads = Counter(code for team in teams.values() for code in team)
    assert sum(loads.values()) == 2 * N_DRAWN and set(loads) == set(people)
    assert max(loads.values()) <= 1.1 * 2 * N_DRAWN / len(people), loads  # the least loaded first, as far as the rules allow


def test_6_tasks_are_handed_out_notices_printed_and_the_phone_pages_open(desk: Desk) -> None:
    with clock.at(city.ISSUED):
        desk.morning()
        desk.refused("planner auditor", "/visits", "open", draw_id="2")
        desk.act("officer", "/visits", "open", draw_id="2")
        assert f"共 {N_DRAWN} 条" in desk["leader"].get("/visits?draw=2026-002").text
        own = re.findall(r'href="/visits/(\d+)', desk["zf-001"].get("/visits/mine?state=open").text)
        assert own
        for page in (f"/visits/{own[0]}", f"/visits/{own[0]}/record"):
            assert desk["zf-001"].get(page).status_code == 200
        for paper in ("notice.pdf", "record.pdf"):
            assert desk["zf-001"].get(f"/visits/{own[0]}/{paper}").data.startswith(b"%PDF")
        stranger = next(n for n in range(1, N_DRAWN) if str(n) not in set(own))
        assert desk["zf-001"].get(f"/visits/{stranger}").status_code == 404
        asked = desk["officer"].post("/visits/notices", {"draw_id": "2", "form": "bound"})
        assert "/jobs/" in asked.location and "随机抽查通知书 2026-002" in desk["officer"].get(asked.location).text


def test_6_three_inspectors_are_swapped_by_one_person_and_another(desk: Desk) -> None:
    with clock.at(city.ISSUED):
        for visit_id, reason in ((11, "illness"), (12, "illness"), (13, "conflict")):
            page = f"/visits/{visit_id}"
            offered = re.findall(r'<option value="(ZF-\d{3})"', desk["officer"].get(f"{page}/swap").text)
            asked = {"seat": "2", "reason": reason, "evidence": "市一院病假条"}
            taken = next(code for code in offered if desk.tried("officer", f"{page}/swap", in_code=code, **asked).status_code == 303)
            decide = re.search(r"/visits/\d+/swaps/(\d+)/approve", desk["leader"].get(page).text)
            assert decide, taken
            desk.refused("officer planner auditor", page, f"swaps/{decide[1]}/approve")
            desk.act("leader", page, f"swaps/{decide[1]}/approve")


def published(desk: Desk, name: str) -> bytes:
    """The newest public file of the draw whose name matches."""
    anonymous = desk.app.test_client()
    found = re.findall(rf'href="(/public/files/\d+)">{name}<', anonymous.get(PUBLIC).text)
    assert found, name
    return bytes(anonymous.get(found[-1]).data)


def test_7_a_citizen_verifies_the_bundle_with_nothing_but_python_and_asks_why(desk: Desk, tmp_path: Path) -> None:
    anonymous = desk.app.test_client()
    page = anonymous.get(PUBLIC).text
    link = re.search(r'href="(/public/files/\d+)">draw-2026-002\.zip', page)
    command = re.search(r"verify\.py draw-2026-002\.zip --commitment ([0-9a-f]{64})", page)
    assert link and command
    (tmp_path / "bundle.zip").write_bytes(anonymous.get(link[1]).data)
    (tmp_path / "verify.py").write_bytes(anonymous.get("/public/verify.py").data)
    code, said = shell(tmp_path, "verify.py", "bundle.zip", "--commitment", command[1])
    assert (code, said.splitlines()[0]) == (0, "OK  draw 2026-002  600 selected  60 reserve  600 teams  0 unfilled"), said
    files = bundle.unpack((tmp_path / "bundle.zip").read_bytes())
    names = b"".join(files.values())
    assert "食品有限公司".encode() not in names and "检查员".encode() not in names and "officer某".encode() not in names
    # step 8: a firm edited after the promise is a difference of digests, and another promise is another one
    lines = files["frame.tsv"].split(b"\n")
    lines[5] = lines[5].replace(b"\tok\t", b"\tCLOSED\t")
    (tmp_path / "edited.zip").write_bytes(bundle.build({**files, "frame.tsv": b"\n".join(lines)}))
    code, said = shell(tmp_path, "verify.py", "edited.zip")
    assert code == 1 and "DIFFERENCE frame.tsv digest" in said
    code, said = shell(tmp_path, "verify.py", "bundle.zip", "--commitment", "0" * 64)
    assert code == 1 and "DIFFERENCE commitment.json digest" in said
    drawn = {cells[2] for cells in frame.rows(files["selection.tsv"])}
    for serial, words in ((12, "A"), (REGISTERED_FIRST_VISITED, "未参加抽取")):
        why = anonymous.get("/public/why", query_string={"draw": "2026-002", "code": credit_code.make("330106", serial)}).text
        assert words in why, serial
    firm = min(drawn)
    why = anonymous.get("/public/why", query_string={"draw": "2026-002", "code": firm}).text
    assert ("被抽中" in why or "候补" in why) and "sha256sum" in why
    english = anonymous.get(PUBLIC, headers={"Accept-Language": "en"})
    assert english.status_code == 200


REGISTERED_FIRST_VISITED = sum(city.CLASSES.values()) + 1


def test_9_figures_of_600_observed_and_of_561_with_the_reserves_called_in_order(desk: Desk, tmp_path: Path) -> None:
    with clock.at(city.DAY):
        desk.morning()
        reference.inspect(desk.database, 2)
        page = desk["planner"].get("/indicators/draws/2").text
        assert all(figure in page for figure in ("10.67%", "4.60%", "0.862", "3.18–6.62%", "Korn–Graubard", "应答率 100.00%"))
        assert "原始率 10.67% 只是被检查的 600 户中的比例" in page
        with desk.database.write() as session:
            session.execute(delete(VisitResult))
        reference.inspect(desk.database, 2, {"A": 9, "B": 15, "C": 9, "D": 6})
        assert "应答率 93.50%" in desk["planner"].get("/indicators/draws/2").text
        with desk.database.read() as session:
            gone = session.scalars(select(Visit.id).where(Visit.stratum == "D", Visit.outcome == "03").order_by(Visit.number)).all()
        assert len(gone) == 6
        desk.refused("planner auditor", f"/visits/{gone[0]}", "reserve")
        for visit_id in gone[:2]:
            desk.act("officer", f"/visits/{visit_id}", "reserve")
        desk.not_yet("officer", f"/visits/{gone[0]}", "reserve")  # replaced once
    for name, file in (("calls.tsv", r"calls-[0-9a-f]{12}-002\.tsv"), ("bundle.zip", r"draw-2026-002\.zip")):
        (tmp_path / name).write_bytes(published(desk, file))
    (tmp_path / "verify.py").write_bytes(desk.app.test_client().get("/public/verify.py").data)
    code, said = shell(tmp_path, "verify.py", "bundle.zip", "--calls", "calls.tsv")
    assert code == 0, said
    data = (tmp_path / "bundle.zip").read_bytes()
    reserves = [cells[2] for cells in frame.rows(bundle.unpack(data)["selection.tsv"]) if cells[0] == "D" and cells[4] == "reserve"]
    called = [line.split("\t")[4] for line in (tmp_path / "calls.tsv").read_text().splitlines()[1:]]
    assert called == reserves[:2]


def test_j8_the_auditor_reads_the_whole_draw_checks_it_at_home_and_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    with clock.at(city.DAY):
        desk.morning()
        auditor = desk["auditor"]
        page = auditor.get(DRAW).text
        assert "2026-11-09 09:00" in page and "2026-11-11 09:00" in page  # promised before the value could be known
        assert auditor.get(f"{DRAW}/certificate.pdf").data.startswith(b"%PDF")
        public = auditor.get(PUBLIC).text
        assert "公证员丁" in public and "纪检戊" in public and public.index("calls-") > 0
        assert "区域写错，另行抽取" in auditor.get("/draws/1").text
        for path in (f"{DRAW}/selection", f"{DRAW}/bundle.zip", "/visits?draw=2026-002", "/indicators/draws/2", "/account/trail?q=draw"):
            assert auditor.get(path).status_code == 200, path
        trail = auditor.get("/account/trail?q=2026-002&size=100").text
        assert all(words in trail for words in ("抽取·承诺", "抽取·录入公开数", "抽取·揭示", "检查·递补候补", "检查·更换检查人员"))
        files = ((r"draw-2026-002\.zip", "bundle.zip"), (r"calls-[0-9a-f]{12}-\d{3}\.tsv", "calls.tsv"), (r"swaps-[0-9a-f]{12}-003\.tsv", "swaps.tsv"))
        for name, kept in files:
            (tmp_path / kept).write_bytes(published(desk, name))
        (tmp_path / "verify.py").write_bytes(auditor.get("/public/verify.py").data)
        code, said = shell(tmp_path, "verify.py", "bundle.zip", "--calls", "calls.tsv", "--swaps", "swaps.tsv")
        assert code == 0 and said.startswith("OK  draw 2026-002"), said
        assert len((tmp_path / "swaps.tsv").read_text().splitlines()) == 1 + 3 and "illness" in (tmp_path / "swaps.tsv").read_text()
        buttons = re.findall(r'<form method="post" action="([^"]+)"', page)
        assert [action for action in buttons if "/draws/" in action or "/visits/" in action] == []
        with desk.database.read() as session:
            rows = session.execute(text("SELECT count(*), (SELECT count(*) FROM visits), (SELECT count(*) FROM draws) FROM reserve_calls")).one()
        for verb in ("freeze", "commit", "reveal", "publish", "void-request", "void"):
            desk.refused("auditor", DRAW, verb, **VALUE, reason="不该有")
        desk.refused("auditor", "/visits", "open", draw_id="2")
        with desk.database.read() as session:
            assert rows == session.execute(text("SELECT count(*), (SELECT count(*) FROM visits), (SELECT count(*) FROM draws) FROM reserve_calls")).one()
            assert audit.verify(session).ok
        desk.act("auditor", "/account/trail", "verify")
        assert "审计链完整" in auditor.get("/account/trail").text

"""After a draw: its certificate tells reserves called with how often a unit was left out, seats given to others, supplements."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select, update

from inspection import clock, ledger
from inspection.actor import SYSTEM
from inspection.draws import documents
from inspection.draws import service as draws
from inspection.draws.models import Reveal
from inspection.registers.models import CheckItem
from inspection.visits import service as visits
from inspection.visits.models import Visit
from sampling import bundle, frame
from tests.conftest import settings_for
from tests.inspection.visits.conftest import Office
from tests.inspection.visits.test_reserves import GONE, of_stratum
from tests.inspection.visits.test_swaps import approve, ask, others
from tests.inspection.visits.town import VISITED, Town, problem


def printed(town: Town, folder: Path) -> str:
    with clock.at(VISITED), town.database.read() as session:
        paper = documents.certificate(session, draws.get(session, town.draw_id), settings_for(town.database, folder))
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages).replace("\n", "")


def test_calls_with_their_skips_swaps_with_their_approver_and_attempts_stand_on_the_certificate(street: Town, tmp_path: Path) -> None:
    before = printed(street, tmp_path)
    assert "递补：无" in before and "更换检查人员：无" in before and "补充抽取：无" in before and "本次为第1次尝试" in before
    assert "抽中8个对象，备选4个" in before and "两人录入公开数并揭示" in before and "测试officer、测试leader" in before
    swapped = of_stratum(street, "B")[0]
    substitute = others(street, swapped, 1)[0]
    approve(street, swapped, ask(street, swapped, 1, substitute))
    gone = of_stratum(street, "A")[0]
    street.approved(gone, GONE)
    made = street.act(visits.call_reserve, "officer", gone)
    street.approved(made, GONE)
    again = street.act(visits.call_reserve, "officer", made)
    after = printed(street, tmp_path)
    assert after.count("歇业或停产") == 2 and after.count(made.unit_code) == 3 and after.count(again.unit_code) == 2
    assert substitute in after and "测试leader" in after and "递补：无" not in after and "更换检查人员：无" not in after
    with street.database.read() as session:
        assert [entry.content["skips"] for entry in ledger.of(session, "draws", "2026-001") if entry.kind == "call"] == [1, 1]


def test_a_list_too_long_for_a_paper_is_named_by_its_digest(street: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_LISTED", 10)
    with street.database.read() as session:
        files = bundle.unpack(session.get_one(Reveal, street.draw_id).bundle)
    paper = printed(street, tmp_path)
    assert "抽中8个对象，备选4个" in paper and frame.digest(files["selection.tsv"]) in paper and "抽取对象名单" not in paper


def test_departments_of_one_campaign_share_one_visit_and_each_item_says_whose_it_is(office: Office) -> None:
    town = office.town
    with clock.at(VISITED), town.database.write(SYSTEM) as session:
        for code, whose in (("A01", "市场监督管理局"), ("B02", "应急管理局")):
            session.execute(update(CheckItem).where(CheckItem.code == code).values(subject=whose))
    visit = town.visit
    with town.database.read() as session:
        assert session.scalar(select(func.count()).where(Visit.unit_code == visit.unit_code)) == 1
        assert {row.department_code for row in visits.team(session, town.again(visit))} == {"SCJG", "YJGL"}, "an inspector of each department"
    with clock.at(VISITED):
        form = office.signed_in(town.team(visit)[0].login).get(f"/visits/{visit.id}/record").text
        assert form.index("市场监督管理局</small>") < form.index("应急管理局</small>")
        town.submit(visit, problem())
        shown = office.signed_in("leader").get(f"/visits/{visit.id}").text
    mine, theirs = shown.split("应急管理局</small>", 1)
    assert "未发现问题" in mine.split("市场监督管理局</small>", 1)[1] and "冷藏柜温度超标" in theirs

"""The certificate of a draw tells what came after it: reserves called with how often a unit was left out, seats given to others, supplements."""

from __future__ import annotations

import io
from pathlib import Path

from pypdf import PdfReader

from inspection import clock, ledger
from inspection.draws import documents
from inspection.draws import service as draws
from inspection.visits import service as visits
from tests.conftest import settings_for
from tests.inspection.visits.test_reserves import GONE, of_stratum
from tests.inspection.visits.test_swaps import approve, ask, others
from tests.inspection.visits.town import VISITED, Town


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

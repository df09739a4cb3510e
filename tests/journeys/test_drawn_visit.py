"""From a revealed draw to the public board, over HTTP: tasks issued, recorded on a phone, returned, reviewed, published, corrected."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from inspection import audit, clock
from inspection.app import create_app
from inspection.db import Database
from tests.conftest import settings_for
from tests.inspection.visits.test_http import form, signed_on_paper, text_of
from tests.inspection.visits.town import ISSUED, VISITED, settle
from tests.people import Browser, sign_in


def hidden(page: str) -> str:
    """The version that the form on a page was read at."""
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found, "no form on the page"
    return found.group(1)


def test_a_drawn_firm_is_visited_and_its_result_is_read_by_the_public(sqlite_database: Database, tmp_path: Path) -> None:
    town = settle(sqlite_database, opened=False)
    app: Any = create_app(settings_for(sqlite_database, tmp_path), sqlite_database)
    with clock.at(ISSUED):
        officer = sign_in(app, "officer")
        page = officer.get("/visits").text
        assert "检查任务尚未下达" in page and "待下达检查任务的抽取" in officer.get("/").text
        assert "已下达 8 项检查任务" in officer.post("/visits/open", {"draw_id": str(town.draw_id)}, follow=True).text
        assert "已公示" in officer.get("/visits?draw=2026-001").text
    visit = town.visit
    with clock.at(VISITED):
        first, second = (sign_in(app, actor.login) for actor in town.team(visit))
        assert visit.number in first.get("/visits/mine").text and visit.number in second.get("/visits/mine").text
        notice = text_of(first.get(f"/visits/{visit.id}/notice.pdf").data)
        assert "检查员" in notice and visit.unit_code in notice
        phone = f"/visits/{visit.id}/record"
        assert first.post(phone, form(int(hidden(first.get(phone).text)), step="draft")).status_code == 303
        assert second.post(phone, form(int(hidden(second.get(phone).text)), recusal_answer="")).status_code == 422
        signed_on_paper(second, visit)
        assert second.post(phone, form(int(hidden(second.get(phone).text)))).status_code == 303
        leader, publisher = sign_in(app, "leader"), sign_in(app, "publisher")
        detail = f"/visits/{visit.id}"
        leader.post(f"{detail}/return", {"version": hidden(leader.get(detail).text), "reason": "请补现场照片说明"})
        assert "请补现场照片说明" in first.get(phone).text
        assert first.post(phone, form(int(hidden(first.get(phone).text)), summary="已附照片 3 张")).status_code == 303
        assert leader.post(f"{detail}/approve", {"version": hidden(leader.get(detail).text)}).status_code == 303
        public = Browser(app)
        assert public.get(f"/public/results/{visit.number}").status_code == 404, "approved is not yet public"
        assert publisher.post(f"{detail}/publish", {"version": hidden(publisher.get(detail).text)}).status_code == 303
        board = public.get(f"/public/results/{visit.number}").text
        assert "发现问题已责令改正" in board and "2026-11-18" in board
        kept = {k: v for k, v in form(int(hidden(leader.get(f"{detail}/correct").text))).items() if k != "step"}
        assert leader.post(f"{detail}/correct", {**kept, "reason": "结果类别有误", "results": ["pending"]}).status_code == 303
        assert "发现问题待后续处理" not in public.get(f"/public/results/{visit.number}").text
        assert publisher.post(f"{detail}/publish", {"version": hidden(publisher.get(detail).text)}).status_code == 303
        board = public.get(f"/public/results/{visit.number}").text
        assert "发现问题待后续处理" in board and "发现问题已责令改正" in board and "结果类别有误" in board, "the correction stands beside the old"
    with sqlite_database.read() as session:
        assert audit.verify(session).ok

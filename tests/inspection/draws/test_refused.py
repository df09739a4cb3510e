"""What a draw refuses over HTTP: in Chinese with the reason, an event in the trail, and not one row changed."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from inspection import clock
from inspection.app import create_app
from inspection.db import Database
from inspection.sealing import unseal_statements
from tests.architecture.office import House
from tests.conftest import settings_for
from tests.inspection.draws.office import (
    DRAWN,
    NOT_BEFORE,
    OTHER_VALUE,
    PREPARED,
    REVEAL_BY,
    REVEALED,
    VALUE,
    Office,
    code,
)
from tests.inspection.draws.test_http import FORM, PROMISE, local
from tests.people import Browser, person, sign_in

CHINESE = re.compile("[\u4e00-\u9fff]")
FROZEN, COMMITTED, TAMPERED = 1, 2, 3  # draws, by what was done to them
ENTRY = {"value-0": VALUE, "again-0": VALUE, "witnesses": "公证员丁"}
WIDE = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})


class Desk:
    """An office with a frozen and a committed draw, and one whose frame somebody changed behind the application."""

    def __init__(self, database: Database, folder: Path) -> None:
        office = Office(database)
        self.house = House(database, settings_for(database, folder, log_level="ERROR"), {"officer": office.officer, "leader": office.leader})
        with clock.at(PREPARED):
            person(database, "planner", "planner")
            assert office.frozen().id == FROZEN
            assert office.committed().id == COMMITTED
            assert office.frozen().id == TAMPERED
        with database.write() as session:
            for statement in unseal_statements("draw_files", "sqlite"):
                session.connection().execute(text(statement))
            kept = session.connection().execute(text("SELECT content FROM draw_files WHERE draw_id = 1 AND name = 'rule.json'")).scalar_one()
            session.connection().execute(text("UPDATE draw_files SET content = :other WHERE draw_id = 3 AND name = 'rule.json'"), {"other": kept})
        self.people: dict[tuple[str, Any], Browser] = {}

    def __call__(self, login: str, moment: Any) -> Browser:
        """The person at that moment; signed in once for each moment."""
        if (login, moment) not in self.people:
            self.people[login, moment] = sign_in(self.house.app, login)
        return self.people[login, moment]

    def version(self, draw_id: int) -> str:
        with self.house.database.read() as session:
            return str(session.execute(text("SELECT version_id FROM draws WHERE id = :id"), {"id": draw_id}).scalar_one())


@pytest.fixture(scope="module")
def desk(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("refused")
    shutil.copyfile(migrated_sqlite, folder / "office.sqlite")
    database = Database(f"sqlite:///{folder / 'office.sqlite'}")
    yield Desk(database, folder)
    database.dispose()


def refused(desk: Desk, answer: Any, before: tuple[str, int], said: str) -> None:
    """A clear refusal, an event, no change; `before` is the state of the database and the number of refusals."""
    told = re.search(r'(?s)<div class="alert alert-danger".*?</div>|<section class="error-page">.*?</section>', answer.text)
    assert answer.status_code in (409, 422) and told, answer.status_code
    plain = re.sub(r"<[^>]+>|\s+", " ", told[0])
    assert said in plain and CHINESE.search(plain), plain
    assert desk.house.state() == before[0]
    assert desk.house.refusals()[0] == before[1] + 1


def now(desk: Desk) -> tuple[str, int]:
    return desk.house.state(), desk.house.refusals()[0]


def source(**more: str) -> dict[str, str]:
    return {**PROMISE, **more}


PROMISES: dict[str, tuple[int, dict[str, str], str]] = {
    "one source of 24 bits": (FROZEN, source(**{"pick-0": "5"}), "至少须有 60 比特"),
    "many weak sources": (FROZEN, source(**{"pick-0": "2", "name-1": "骰子", "issue-1": "见证", "form-1": "digits", "pick-1": "9", "drawn_at-1": local(DRAWN)}), "至少须有 60 比特"),
    "more balls than there are": (FROZEN, source(**{"pick-0": "81"}), "个"),
    "no source": (FROZEN, {"reveal_not_before": local(NOT_BEFORE), "reveal_by": local(REVEAL_BY)}, "应有 1 至 10 项"),
    "a value that exists already": (FROZEN, source(**{"drawn_at-0": local(PREPARED)}), "承诺时间"),
    "the reveal before the value": (FROZEN, source(reveal_not_before=local(PREPARED)), "揭示"),
    "the end before the beginning": (FROZEN, source(reveal_by=local(DRAWN)), "揭示"),
    "a frame changed after the freeze": (TAMPERED, PROMISE, "与其摘要不符"),
    "a second promise": (COMMITTED, PROMISE, "不能办理这一步"),
}  # fmt: skip


@pytest.mark.parametrize("name", PROMISES)
def test_a_promise_that_does_not_bind_is_refused(desk: Desk, name: str) -> None:
    draw_id, form, said = PROMISES[name]
    with clock.at(PREPARED):
        officer, before = desk("officer", PREPARED), now(desk)
        refused(desk, officer.post(f"/draws/{draw_id}/commit", {**form, "version": desk.version(draw_id)}), before, said)


CONFIGURATIONS: dict[str, tuple[dict[str, Any], str]] = {
    "more than there are": ({"rates": "A 3/2\nB 1/2"}, "不合法"),
    "seats that cross": ({"seats": "lead_any,unit_any"}, "应为以下之一"),
    "a name for a region": ({"region_code": "西湖区"}, "区"),
    "an item nobody knows": ({"item_codes": ["Z9"]}, "没有有效版本"),
    "a draw to repeat that is not void": ({"repeats_id": str(COMMITTED)}, "作废"),
    "a draw to supplement that is not public": ({"supplements_id": str(COMMITTED)}, "尚未公布"),
    "a time that is none": ({"embargo_until": "明天"}, "时间"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_configuration_that_cannot_be_drawn_is_refused(desk: Desk, name: str) -> None:
    change, said = CONFIGURATIONS[name]
    with clock.at(PREPARED):
        officer, before = desk("officer", PREPARED), now(desk)
        refused(desk, officer.post("/draws/new", {**FORM, **change}), before, said)


VALUES: dict[str, tuple[Any, str, dict[str, str], str]] = {
    "before its moment": (PREPARED, "officer", ENTRY, "尚未到公布的揭示时间"),
    "after the last moment": (REVEAL_BY.replace(hour=10), "officer", ENTRY, "已过公布的最迟揭示时间"),
    "a number too few": (REVEALED, "officer", {**ENTRY, "value-0": VALUE[:-3], "again-0": VALUE[:-3]}, "公开数不符合公布的形式"),
    "not ascending": (REVEALED, "officer", {**ENTRY, "value-0": " ".join(reversed(VALUE.split())), "again-0": " ".join(reversed(VALUE.split()))}, "公开数不符合公布的形式"),
    "beyond the last ball": (REVEALED, "officer", {**ENTRY, "value-0": VALUE[:-2] + "81", "again-0": VALUE[:-2] + "81"}, "公开数不符合公布的形式"),
    "digits in another width": (REVEALED, "officer", {**ENTRY, "value-0": VALUE.translate(WIDE), "again-0": VALUE.translate(WIDE)}, "公开数不符合公布的形式"),
    "typed differently the second time": (REVEALED, "officer", {**ENTRY, "again-0": OTHER_VALUE}, "与第一次输入不同"),
    "a witness with characters that cannot be written": (REVEALED, "officer", {**ENTRY, "witnesses": "公证员\u3164"}, "字符"),
    "the witness before the officer": (REVEALED, "leader", ENTRY, "双随机管理员先录入"),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_a_public_value_of_the_wrong_form_or_moment_is_refused(desk: Desk, name: str) -> None:
    moment, login, form, said = VALUES[name]
    with clock.at(moment):
        browser, before = desk(login, moment), now(desk)
        refused(desk, browser.post(f"/draws/{COMMITTED}/reveal", form), before, said)


def upload(browser: Browser, kind: str, lines: str) -> Any:
    browser.get(f"/registers/imports/{kind}")
    return browser.post(f"/registers/imports/{kind}", {"file": (io.BytesIO(("\ufeff" + lines).encode()), "表.csv")}, content_type="multipart/form-data")


CONFLICTS = {
    "an inspector nobody knows": f"ZF-404,{code(1)},亲属", "a firm nobody knows": f"ZF-001,{code(99)},亲属", "a name where an id belongs": f"检查员1,{code(1)},亲属",
}


@pytest.mark.parametrize("name", CONFLICTS)
def test_a_conflict_that_names_an_unknown_id_is_a_bad_row_and_nothing_of_its_file_is_written(desk: Desk, name: str) -> None:
    with clock.at(PREPARED):
        planner = desk("planner", PREPARED)
        preview = upload(planner, "conflicts", f"人员编号,检查对象代码,回避理由\n{CONFLICTS[name]}\nZF-002,{code(2)},亲属\n").location
        shown, before = re.sub(r"<[^>]+>", " ", planner.get(preview).text), now(desk)
        assert re.search(r"第\s*2\s*行|2", shown) and ("没有" in shown or "不存在" in shown), shown
        refused(desk, planner.post(f"{preview}/apply", {"all_or_nothing": "true"}), before, "行")


def test_a_file_of_inspectors_names_nobody_twice_in_another_case(desk: Desk) -> None:
    with clock.at(PREPARED):
        planner = desk("planner", PREPARED)
        lines = "人员编号,姓名,部门代码,行政区划代码\nzf-001,另一人,SCJG,330106\nNEW-1,新人,SCJG,330106\nnew-1,新人,SCJG,330106\n"
        preview = upload(planner, "inspectors", lines).location
        shown = re.sub(r"<[^>]+>", " ", planner.get(preview).text)
        assert "只差大小写" in shown and "与第 3 行重复" in shown, shown
        before = now(desk)
        refused(desk, planner.post(f"{preview}/apply", {"all_or_nothing": "true"}), before, "2 行有误")


@pytest.mark.parametrize("typed", [code(1), code(1).lower(), code(1).translate(WIDE), f" {code(1)} "], ids=["same", "lower case", "full width", "blanks"])
def test_a_firm_is_registered_once_in_whatever_width_or_case(desk: Desk, typed: str) -> None:
    form = {"code": typed, "name": "另一个名字", "region_code": "330106001", "kind": "enterprise", "state": "open"}
    with clock.at(PREPARED):
        planner, before = desk("planner", PREPARED), now(desk)
        refused(desk, planner.post("/registers/enterprises/new", form), before, "已")


@pytest.mark.parametrize(("typed", "said"), [("ZF-001", "已"), ("ＺＦ－００１", "字母、数字"), ("张三", "字母、数字"), ("ZF 001", "字母、数字"), ("zf-001", "已"), ("Z" * 65, "不能超过 64 个字")])
def test_an_inspector_has_an_id_of_the_protocol_once_and_never_a_name(desk: Desk, typed: str, said: str) -> None:
    form = {"code": typed, "name": "新人", "department_code": "SCJG", "region_code": "330106"}
    with clock.at(PREPARED):
        planner, before = desk("planner", PREPARED), now(desk)
        refused(desk, planner.post("/registers/inspectors/new", form), before, said)


def test_one_person_cannot_be_two_and_a_lost_secret_gives_no_list(desk: Desk, tmp_path: Path) -> None:
    """The last test of the file: the first entry is made here."""
    with clock.at(REVEALED):
        officer = desk("officer", REVEALED)
        assert officer.post(f"/draws/{COMMITTED}/reveal", ENTRY).status_code == 303
        before = now(desk)
        refused(desk, officer.post(f"/draws/{COMMITTED}/reveal", ENTRY), before, "须由另一人再录入一次")
        # another draw key: the secret cannot be taken out, so the second entry makes no list – and is not kept
        other = create_app(settings_for(desk.house.database, tmp_path, draw_key="quite-another-key-0123456789-0123456789", log_level="ERROR"), desk.house.database)
        leader, before = sign_in(other, "leader"), now(desk)
        refused(desk, leader.post(f"/draws/{COMMITTED}/reveal", ENTRY), before, "密值无法取出")
        assert sign_in(desk.house.app, "leader").post(f"/draws/{COMMITTED}/reveal", ENTRY).status_code == 303  # with the right key it is revealed

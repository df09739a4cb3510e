"""The rulebook on screen, as a table and as JSON: who may change it, how a wrong entry is told, two editors at once."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import func, select

from inspection.actor import SYSTEM
from inspection.calendar import service as calendar
from inspection.db import Database
from inspection.rulebook import service
from inspection.rulebook.models import Rule
from tests.inspection.rulebook.test_rulebook import KEY, row
from tests.people import Browser, person, sign_in


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What the database does is tested beside the services, on both kinds; the pages need one."""
    return sqlite_database


@pytest.fixture
def book(database: Database) -> Database:
    with database.write() as session:
        calendar.load_packaged(session, SYSTEM)
        service.load_packaged(session, SYSTEM)
    return database


@pytest.fixture
def planner(app: Any, book: Database) -> Browser:
    person(book, "wang", "planner")
    person(book, "li", "publisher")
    return sign_in(app, "wang")


def body(**more: Any) -> dict[str, Any]:
    return {"value": "15", "unit": "workday", "source": "总局令第15号（2027年修订）第二十四条", "verified": "true", "valid_from": "2099-01-01", **more}


def test_the_list_is_searched_filtered_and_exported_with_the_mark(planner: Browser) -> None:
    page = planner.get("/rulebook").text
    assert "待核" in page
    assert "已核" in page
    found = planner.get("/rulebook?q=申请复检").text
    assert "食品安全法第八十八条" in found
    assert "浙江" not in found
    assert "产品质量法第十五条" not in planner.get("/rulebook?regime=食品&size=100").text
    table = list(csv.DictReader(io.StringIO(planner.get("/rulebook?export=csv").data.decode("utf-8-sig"))))
    marks = {line["编码"]: line["核实"] for line in table}
    assert (marks["deadline.food.report"], marks["deadline.food.danger"]) == ("已核", "待核")
    assert planner.get("/rulebook?export=xlsx").data[:2] == b"PK"


def test_versions_stand_beside_each_other(planner: Browser, book: Database) -> None:
    first = row(book)
    sent = planner.post(f"/rulebook/{first.id}/versions", body(version="1"))
    assert sent.status_code == 303, sent.text
    page = planner.get(sent.location).text
    assert "20 工作日" in page
    assert "15 工作日" in page
    assert "尚未生效" in page
    assert "2098-12-31" in page  # the last day of the version before
    assert planner.get("/rulebook?state=now&q=deadline.food.report").text.count("2099-01-01") == 0


WRONG: list[tuple[dict[str, str], str]] = [
    ({"value": "abc"}, "value"), ({"value": "1.5"}, "value"), ({"unit": "week"}, "unit"), ({"source": " "}, "source"),
    ({"valid_from": "2020-01-01"}, "valid_from"), ({"valid_from": "2099-02-30"}, "valid_from"), ({"extra": "x"}, "extra"),
    ({"source": "a\u202eb"}, "source"), ({"note": "x" * 2001}, "note"),
]  # fmt: skip


def test_bad_input_is_named_and_leaves_nothing(planner: Browser, book: Database) -> None:
    first = row(book)
    for wrong, field in WRONG:
        answer = planner.post(f"/rulebook/{first.id}/versions", body(version="1", **wrong))
        assert answer.status_code == 422, wrong
        assert f"#f-{field}" in answer.text, wrong
        asked = planner.json("POST", f"/api/v1/rulebook/rules/{first.id}/versions", body(**wrong), If_Match="1")
        assert (asked.status_code, field in asked.json["errors"]) == (422, True), wrong
    with book.read() as session:
        assert len(service.versions(session, KEY)) == 1


def test_two_editors_of_a_rule_do_not_overwrite_each_other(planner: Browser, book: Database) -> None:
    first = row(book)
    planner.post(f"/rulebook/{first.id}/versions", body(version="1"))
    answer = planner.post(f"/rulebook/{first.id}/versions", body(version="1", value="10", valid_from="2099-06-01"))
    assert answer.status_code == 412
    assert "15" in answer.text  # what the other one entered
    second = row(book)
    assert planner.post(f"/rulebook/{second.id}/versions", body(version="1", valid_from="2098-06-01")).status_code == 422
    assert planner.json("POST", f"/api/v1/rulebook/rules/{second.id}/versions", body()).status_code == 422  # no If-Match


def test_a_version_not_yet_in_force_is_withdrawn_and_one_in_force_is_not(planner: Browser, book: Database) -> None:
    first = row(book)
    planner.post(f"/rulebook/{first.id}/versions", body(version="1"))
    second = row(book)
    assert planner.post(f"/rulebook/{first.id}/withdraw", {"version": "1"}).status_code == 409
    assert planner.post(f"/rulebook/{second.id}/withdraw", {"version": "9"}).status_code == 412
    assert planner.post(f"/rulebook/{second.id}/withdraw", {"version": "1"}).status_code == 303
    assert row(book).id == first.id
    assert planner.get(f"/rulebook/{second.id}").status_code == 404


def test_json_lists_rules_and_codes_with_validity_and_mark(planner: Browser, book: Database) -> None:
    first = row(book)
    made = planner.json("POST", f"/api/v1/rulebook/rules/{first.id}/versions", {**body(), "verified": True}, If_Match="1")
    assert made.status_code == 201
    assert made.json["valid_to"] is None
    rules = {(r["key"], r["valid_from"]): r for r in planner.get("/api/v1/rulebook/rules?regime=食品").json["rules"]}
    assert rules[KEY, "2019-10-01"]["valid_to"] == "2098-12-31"
    assert rules["deadline.food.danger", "2019-10-01"]["verified"] is False
    assert {r["regime"] for r in rules.values()} == {"食品"}
    now = [r for r in planner.get("/api/v1/rulebook/rules?on=2026-09-16").json["rules"] if r["key"] == KEY]
    assert [r["value"] for r in now] == ["20"]
    assert planner.json("DELETE", f"/api/v1/rulebook/rules/{made.json['id']}", None, If_Match="1").json["id"] == first.id
    codes = planner.get("/api/v1/rulebook/codes").json["codes"]
    assert {c["list"] for c in codes} >= {"visit.outcome", "visit.result", "visit.follow_up", "draw.exclusion"}


def test_a_reader_sees_the_book_and_changes_nothing(planner: Browser, app: Any, book: Database) -> None:
    reader, first = sign_in(app, "li"), row(book)
    page = reader.get(f"/rulebook/{first.id}").text
    assert "另立一版" not in page
    assert reader.get("/rulebook/codes").status_code == 200
    assert reader.post(f"/rulebook/{first.id}/versions", body(version="1")).status_code == 403
    assert reader.post(f"/rulebook/{first.id}/withdraw", {"version": "1"}).status_code == 403
    with book.read() as session:
        assert session.scalar(select(func.count()).select_from(Rule).where(Rule.key == KEY)) == 1


def test_the_pages_are_complete_in_english(planner: Browser, book: Database) -> None:
    planner.post("/language", {"language": "en", "next": "/"})
    page = planner.get(f"/rulebook/{row(book).id}").text
    assert "New version" in page
    assert "verified" in page
    assert "Coded lists" in planner.get("/rulebook").text
    assert "No such stock" not in planner.get("/rulebook/codes").text

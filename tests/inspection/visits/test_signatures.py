"""Both sides sign the record on the screen: what counts as a signature, what it is bound to, and when a record may be submitted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from inspection import clock
from inspection.errors import Invalid
from inspection.visits import service as visits
from inspection.visits import signatures, strokes
from inspection.visits.models import Visit
from tests.inspection.visits.conftest import Office
from tests.inspection.visits.test_http import form, text_of
from tests.inspection.visits.town import VISITED, Town, done
from tests.people import Browser

DRAWN = [[50, 150, 120, 40, 190, 150], [80, 100, 160, 100], [300, 60, 420, 60, 420, 160]]


@pytest.fixture(autouse=True)
def _moment() -> Iterator[None]:
    with clock.at(VISITED):
        yield


def signed(town: Town, visit: Visit, signer: str, **more: Any) -> None:
    who = town.team(visit)[0]
    given = signatures.Signed(signer, **{"strokes": tuple(map(tuple, DRAWN)), **more})
    with town.database.write(who) as session:
        signatures.sign(session, who, visit.id, given, version=town.again(visit).version_id)


def lacking(town: Town, visit: Visit) -> list[str]:
    with town.database.read() as session:
        return signatures.lacking(session, town.again(visit))


def submit(town: Town, visit: Visit, **more: Any) -> Visit:
    who = town.team(visit)[0]
    with town.database.write(who) as session:
        return visits.record(session, who, visit.id, version=town.again(visit).version_id, entry=done(**more), submit=True)


def test_a_record_is_submitted_only_when_both_sides_signed_it_as_it_stands(town: Town) -> None:
    visit = town.visit
    with town.database.read() as session:
        first, second = (row.code for row in visits.team(session, town.again(visit)))
    town.record(visit)
    with pytest.raises(Invalid) as refused:
        submit(town, visit)
    assert len(refused.value.fields["signatures"]) == 3 and town.again(visit).state == "entered"
    signed(town, visit, first)
    signed(town, visit, second, strokes=(), not_drawn="手指受伤")
    assert lacking(town, visit) == ["被检查单位尚未签字；拒绝签字的，请勾选“被检查人拒绝签字”并写明见证人；走纸面的，请上传纸质记录扫描件"]
    signed(town, visit, "firm", name="王店长", role="店长")
    assert lacking(town, visit) == []
    town.record(visit, done(summary="又补了一句"))
    assert lacking(town, visit)[2] == "被检查单位签字后记录已改动，须重签"
    assert submit(town, visit).state == "submitted", "back to what was signed: the signatures hold again"
    town.act(visits.approve, "leader", visit)
    with town.database.read() as session:
        kept = json.loads(visits.versions(session, visit.id)[0].content)
    assert [row["signer"] for row in kept["signatures"]] == [first, second, "firm"] and kept["signatures"][1]["not_drawn"] == "手指受伤"


def test_a_refusal_to_sign_with_a_witness_stands_for_the_firm_and_a_firm_that_was_not_met_need_not_sign(street: Town) -> None:
    visit = street.visit
    with street.database.read() as session:
        team = [row.code for row in visits.team(session, street.again(visit))]
    for entry in (done(refused_signature=True, witness="网格员赵某"), done(outcome="02", summary="查无此址", results=(), items=())):
        street.record(visit, entry)
        for signer in team:
            signed(street, visit, signer)
        assert lacking(street, visit) == []
    street.record(visit, done(refused_signature=False))
    assert len(lacking(street, visit)) == 3


def test_dots_scribbles_and_lines_outside_the_box_are_no_signatures() -> None:
    assert strokes.fault_of(DRAWN) == ""
    for lines, words in (([[1, 1]], "太短"), ([[1, 1, 700, 5]], "超出"), ([[1, 2, 3]], "成对"), ([[-1, 2, 90, 90]], "超出"), ([[0, 0] * 3000] * 2, "笔画过多")):
        assert words in strokes.fault_of(lines), lines[0][:4]


def at_work(office: Office) -> tuple[Visit, Browser]:
    visit = office.town.visit
    return visit, office.signed_in(office.town.team(visit)[0].login)


def test_the_page_and_the_api_take_a_signature_once_and_show_and_print_it(office: Office) -> None:
    visit, browser = at_work(office)
    page, api = f"/visits/{visit.id}/signatures", f"/api/v1/visits/{visit.id}/signatures"
    sent = {"signer": "firm", "name": "王店长", "role": "店长", "strokes": DRAWN}
    assert browser.json("POST", api, sent, If_Match="1").status_code == 409, "nothing was recorded yet"
    browser.post(f"/visits/{visit.id}/record", form(1, step="draft"))
    assert browser.json("POST", api, sent, If_Match="1").status_code == 412
    first = browser.json("POST", api, sent, If_Match="2", Idempotency_Key="sign-0000000000001")
    assert first.status_code == 201 and first.json == browser.json("POST", api, sent, If_Match="2", Idempotency_Key="sign-0000000000001").json
    assert browser.json("POST", api, {**sent, "role": "员工"}, If_Match="2", Idempotency_Key="sign-0000000000001").status_code == 409
    code = browser.json("GET", api).json[0]["signer"]
    assert browser.post(page, {"version": "2", "signer": code, "strokes": json.dumps(DRAWN)}).location == f"/visits/{visit.id}/record#signatures"
    shown = browser.get(f"/visits/{visit.id}/record").text
    assert shown.count("<svg class=\"signature\"") == 2 and "M50 150L120 40L190 150" in shown and "已签字" in shown
    paper = text_of(browser.get(f"/visits/{visit.id}/record.pdf").data)
    assert "被检查单位：王店长店长" in paper and first.json["record_digest"] in paper and "检查人员：检查员" in paper
    browser.post(f"/visits/{visit.id}/record", form(2, step="draft", summary="改了"))
    assert "记录已改动，须重签" in browser.get(f"/visits/{visit.id}").text
    assert "王店长" not in text_of(browser.get(f"/visits/{visit.id}/record.pdf").data), "a signature of another content is never printed"


def test_bad_signatures_are_refused_by_field(office: Office) -> None:
    visit, browser = at_work(office)
    browser.post(f"/visits/{visit.id}/record", form(1, step="draft"))
    good = {"signer": "firm", "name": "王", "role": "店长", "strokes": DRAWN}
    for more, field in (
        ({"signer": "ZF-999"}, "signer"), ({"name": ""}, "name"), ({"role": ""}, "role"), ({"strokes": []}, "strokes"), ({"strokes": [[1, 1]]}, "strokes"),
        ({"strokes": [["a", 1]]}, "strokes.0.0"), ({"strokes": [[1.5, 2]]}, "strokes.0.0"), ({"strokes": "x"}, "strokes"), ({"not_drawn": "x" * 201}, "not_drawn"),
    ):  # fmt: skip
        answer = browser.json("POST", f"/api/v1/visits/{visit.id}/signatures", {**good, **more}, If_Match="2")
        assert answer.status_code == 422 and field in answer.json["errors"], (more, answer.json)
    assert browser.post(f"/visits/{visit.id}/signatures", {"version": "2", "signer": "firm", "strokes": "{"}).status_code == 422
    stranger = office.signed_in(office.town.outsider(visit).login)
    assert stranger.json("POST", f"/api/v1/visits/{visit.id}/signatures", good, If_Match="2").status_code == 404

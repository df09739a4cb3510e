"""A firm that cannot be reached: two attempts far enough apart, kept with the record, then passed on with a deadline."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from inspection import clock
from inspection.errors import Forbidden, Invalid, Refused
from inspection.visits import rules as records
from inspection.visits import service as visits
from inspection.visits.models import ContactAttempt, Visit
from inspection.visits.pursuits import TRANSFER
from inspection.visits.unreached import rules, service
from tests.inspection.visits.conftest import Office
from tests.inspection.visits.town import Town, done

FIRST, SECOND, LATER = (datetime(2026, month, day, 2, tzinfo=UTC) for month, day in ((11, 18), (12, 3), (12, 4)))
GONE = records.VisitEntry("02", date(2026, 12, 3), summary="登记地址两次无人，邻居称半年前搬走", results=("no_contact",), follow_up="other")
NEEDED = rules.Needed(2, 15)


def test_attempts_must_be_enough_far_enough_apart_and_before_the_day_of_the_record() -> None:
    first, near, far = date(2026, 11, 2), date(2026, 11, 16), date(2026, 11, 17)
    assert "只登记了 1 次" in rules.lacking([first], far, NEEDED) and "只登记了 1 次" in rules.lacking([first, far], near, NEEDED)
    assert "2026-11-17 或以后" in rules.lacking([first, near], near, NEEDED)
    assert rules.lacking([first, near, far], far, NEEDED) == "" and rules.earliest([], NEEDED) is None
    task = records.Task(None, None, 0, LATER)
    assert "结局不能是" in records.faults(replace(done(), results=("no_contact",)), [], task).fields["results"][0]


def tried(town: Town, visit: Visit, at: datetime, who: Any = None, **more: Any) -> ContactAttempt:
    actor = who or town.team(visit)[0]
    with clock.at(at), town.database.write(actor) as session:
        return service.note(session, actor, visit.id, **{"tried_on": clock.today(), "how": "visit", "evidence": "大门上锁", **more})


def submit(town: Town, visit: Visit, at: datetime) -> Visit:
    """Submitted on that day, signed on paper."""
    me = town.team(visit)[0]
    town.paper(visit, me)
    with clock.at(at), town.database.write(me) as session:
        return visits.record(session, me, visit.id, version=town.again(visit).version_id, entry=GONE, submit=True)


def test_the_outcome_needs_two_attempts_and_is_passed_on_by_another_person_in_time(town: Town) -> None:
    visit = town.visit
    wrong: list[tuple[type[Exception], dict[str, Any]]] = [
        (Invalid, {"tried_on": date(2026, 11, 19)}), (Invalid, {"tried_on": date(2026, 11, 1)}), (Invalid, {"how": "telepathy"}), (Forbidden, {"who": town.people["leader"]}),
    ]  # fmt: skip
    for kind, more in wrong:
        with pytest.raises(kind):
            tried(town, visit, FIRST, **more)
    tried(town, visit, FIRST)
    with pytest.raises(Invalid) as caught:
        submit(town, visit, SECOND)
    assert "只登记了 1 次" in caught.value.fields["contacts"][0]
    tried(town, visit, SECOND, how="letter", evidence="专用信函 EMS123 无人签收")
    assert submit(town, visit, SECOND).state == "submitted"
    with pytest.raises(Refused):
        tried(town, visit, LATER)
    town.act(visits.approve, "leader", visit, at=SECOND)
    with town.database.read() as session:
        row = visits.pursuit_of(session, TRANSFER, visit.id)
        assert row is not None and (row.state, row.due_on) == ("open", date(2026, 12, 17))  # ten working days after 3 December
        kept = visits.versions(session, visit.id)[0].content
    assert "EMS123" in kept and '"how":"邮寄专用信函"' in kept
    cases = town.people["cases"]
    with clock.at(LATER), town.database.write(cases) as session:
        closed = visits.settle(session, cases, TRANSFER, visit.id, version=1, measure="listed", evidence="列入决定书 12号")
        assert (closed.state, closed.closed_by_name) == ("closed", cases.name)


def test_the_pages_lead_from_the_record_to_the_attempts_to_the_transfer(office: Office) -> None:
    town, visit = office.town, office.town.visit
    with clock.at(FIRST):
        me = office.signed_in(town.team(visit)[0].login)
        path = f"/visits/{visit.id}/contacts"
        assert path in me.get(f"/visits/{visit.id}/record").text
        assert me.post(path, {"tried_on": "2026-11-18", "how": "visit"}).status_code == 422
        assert me.post(path, {"tried_on": "2026-11-18", "how": "visit", "evidence": "大门上锁"}).status_code == 303
        assert "再次联系：2026-12-03 起" in me.get(path).text
        assert office.signed_in(town.outsider(visit).login).get(path).status_code == 404
    with clock.at(SECOND):
        me = office.signed_in(town.team(visit)[0].login)
        assert me.json("POST", f"/api/v1/visits/{visit.id}/contacts", {"tried_on": "2026-12-03", "how": "phone", "evidence": "空号"}).status_code == 201
        assert [row["how"] for row in me.json("GET", f"/api/v1/visits/{visit.id}/contacts").json] == ["visit", "phone"]
        submit(town, visit, SECOND)
        town.act(visits.approve, "leader", visit, at=SECOND)
        cases = office.signed_in("cases")
        assert "待移送的无法联系" in cases.get("/").text and visit.number in cases.get("/visits?transfer=open").text
        page = cases.get(f"/visits/{visit.id}").text
        assert "无法联系的移送" in page and "2026-12-17" in page and "空号" in page
        given = {"measure": "listed", "evidence": "列入决定书", "version": "1"}
        assert cases.post(f"/visits/{visit.id}/transfer/close", given | {"measure": "nothing"}).status_code == 422
        assert cases.post(f"/visits/{visit.id}/transfer/close", given).status_code == 303
        assert cases.json("GET", f"/api/v1/visits/{visit.id}/transfer").json["state"] == "closed"
        assert visit.number not in cases.get("/visits?transfer=open").text
        cases.post("/language", {"language": "en", "next": "/"})
        english = cases.get(f"/visits/{visit.id}").text
        assert "Entered in the list of abnormal operations" in english and "Registered letter" not in english and "Phone" in english

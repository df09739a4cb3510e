"""Problems after the visit: cards by days late, the completion rate with its parts, re-checks, one extension by two people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from inspection import clock
from inspection.errors import DomainError, Invalid, Refused
from inspection.indicators.evaluating import evaluate
from inspection.indicators.models import Indicator
from inspection.visits import attachments
from inspection.visits import rules as records
from inspection.visits import service as visits
from inspection.visits.models import Problem, Visit
from inspection.visits.rectification import rules
from tests.inspection.visits.conftest import Office
from tests.inspection.visits.town import VISITED, Town, done, problem
from tests.people import person

LIMITS = rules.Thresholds(1, 15)
TERM = date(2026, 12, 1)


def test_a_card_follows_the_days_after_the_term_and_no_term_is_never_late() -> None:
    cards = [rules.card("open", TERM, date(2026, 12, day), LIMITS) for day in (1, 2, 15, 16)]
    assert cards == ["", "yellow", "yellow", "red"]
    assert rules.card("closed", TERM, date(2027, 1, 1), LIMITS) == rules.card("open", None, date(2027, 1, 1), LIMITS) == ""


def test_the_tally_keeps_closed_late_apart_from_open_late_and_calls_no_part_all() -> None:
    day = date(2026, 12, 10)
    rows = [rules.Due(TERM, TERM), rules.Due(TERM, date(2026, 12, 5)), rules.Due(TERM, None), rules.Due(day, None), rules.Due(None, None), rules.Due(None, day)]
    found = rules.tally(rows, day)
    assert (found.due, found.closed, found.closed_late, found.open_late, found.open, found.late) == (6, 3, 1, 1, 3, 2)
    assert (rules.share(found.closed, found.due), rules.share(2, 6), rules.share(0, 0), rules.share(999_999, 1_000_000)) == ("50.00%", "33.33%", "—", "99.99%")


def only(town: Town, visit: Visit) -> Problem:
    with town.database.read() as session:
        [found] = visits.problems(session, visit.id)
        return found


def act(town: Town, verb: Any, who: str, visit: Visit, on: datetime, **more: Any) -> Problem:
    actor, row = town.people[who], only(town, visit)
    with clock.at(on), town.database.write(actor) as session:
        found: Problem = verb(session, actor, row.id, version=row.version_id, **more)
        return found


def refused(code: str, kind: type[DomainError], call: Any) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.code == code


def test_an_extension_is_asked_once_in_time_and_decided_by_another_person(town: Town) -> None:
    visit, before, after = town.visit, datetime(2026, 11, 28, 2, tzinfo=UTC), datetime(2026, 12, 2, 2, tzinfo=UTC)
    town.approved(visit, problem())

    def ask(who: str, on: datetime = before, until: date = date(2026, 12, 11)) -> Problem:
        return act(town, visits.ask_extension, who, visit, on, until=until, reason="设备到货要两周")

    def decide(who: str, granted: bool, reason: str = "") -> Problem:
        return act(town, visits.decide_extension, who, visit, before, granted=granted, reason=reason)

    refused("no-extension-asked", Refused, lambda: decide("leader", True))
    refused("extension-too-short", Invalid, lambda: ask("cases", until=TERM))
    refused("term-over", Refused, lambda: ask("cases", after))
    ask("leader")
    refused("extension-asked", Refused, lambda: ask("cases"))
    refused("same-person", Refused, lambda: decide("leader", True))
    town.people["second"] = person(town.database, "second", "leader")
    refused("reason-missing", Invalid, lambda: decide("second", False))
    assert decide("second", False, "理由不足").rectify_by == TERM
    ask("cases")
    assert decide("second", True).rectify_by == date(2026, 12, 11)
    refused("extended-once", Refused, lambda: ask("cases", until=date(2026, 12, 20)))
    with town.database.read() as session:
        kinds = [step.kind for step in visits.steps(session, only(town, visit).id)]
    assert kinds == ["extension_asked", "extension_declined", "extension_asked", "extension_granted"]
    town.act(visits.correct, "leader", visit, at=after, entry=problem(summary="补充情况"), reason="补充")
    assert only(town, visit).rectify_by == date(2026, 12, 11), "a correction does not take the extension back"


def test_a_failed_recheck_leaves_it_open_and_the_rate_counts_closed_among_due(street: Town) -> None:
    town, visit = street, street.visit
    town.approved(visit, problem())
    late = datetime(2026, 12, 18, 2, tzinfo=UTC)
    refused("attachment-not-found", Invalid, lambda: act(town, visits.fail_recheck, "cases", visit, late, rechecked_on=date(2026, 12, 17), evidence="见附件 9"))
    with town.database.read() as session:
        assert attachments.may_add(session, town.people["cases"], town.again(visit)) == ("evidence",), "a re-check brings its evidence"
    act(town, visits.fail_recheck, "cases", visit, late, rechecked_on=date(2026, 12, 17), evidence="温度仍为 10℃")
    assert only(town, visit).state == "open"
    tallies = []
    for day in (date(2026, 11, 30), TERM, date(2026, 12, 18)):
        with town.database.read() as session:
            tallies.append(visits.completion(session, "330106", day))
    assert [(t.due, t.closed, t.open_late) for t in tallies] == [(0, 0, 0), (1, 0, 0), (1, 0, 1)]
    act(town, visits.close_problem, "cases", visit, late, rechecked_on=date(2026, 12, 18), evidence="温度 4℃")
    with town.database.read(town.people["leader"]) as session:
        total, areas, departments = visits.completions(session, town.people["leader"], date(2026, 12, 18))
        early = visits.completion(session, "330106", date(2026, 12, 17))
        target = evaluate(session, Indicator(name="整改", kind="coverage", product_scope="problems", region_code="330106", threshold=Decimal(100)), TERM, date(2026, 12, 17))
        elsewhere = visits.completion(session, "330102", date(2026, 12, 18))
    assert (total.due, total.closed, total.closed_late, total.open_late) == (1, 1, 1, 0)
    assert (target.value, target.explanation) == ("0.00%", "本系统登记的检查发现问题：已销号 0 / 应完成 1，其中逾期未销号 1"), "the target counts as the list does"
    assert (early.due, early.closed) == (1, 0), "what was closed later was open then"
    assert set(areas) == {"330106001"} and set(departments) <= {"SCJG", "YJGL"} and elsewhere.due == 0


def test_no_follow_up_needed_closes_what_was_put_right_on_the_spot(street: Town) -> None:
    entry = replace(problem(), follow_up="none", rectify_by=None)
    street.approved(street.visit, entry)
    row = only(street, street.visit)
    assert (row.state, row.rechecked_on) == ("closed", entry.visited_on) and row.evidence.startswith("无需后续处置")
    task, team = records.Task(None, None, 2, VISITED), [records.Member("a", "甲", date(2027, 1, 1)), records.Member("b", "乙", date(2027, 1, 1))]
    wrong = records.faults(done(items=entry.items, results=("pending",), follow_up="none"), team, task).fields
    assert list(wrong) == ["follow_up"]


def test_the_list_shows_card_rate_and_filters_and_one_problem_is_handled_on_its_page(office: Office) -> None:
    town, visit = office.town, office.town.visit
    town.approved(visit, problem())
    row = only(town, visit)
    with clock.at(datetime(2026, 11, 28, 2, tzinfo=UTC)):
        cases, leader = office.signed_in("cases"), office.signed_in("leader")
        path = f"/visits/problems/{row.id}"
        sent = {"version": "1", "until": "2026-12-11", "reason": "等设备"}
        assert cases.post(f"{path}/extension", sent | {"until": "2026-11-30"}).status_code == 422
        assert cases.post(f"{path}/extension", sent).status_code == 303
        assert "冷藏柜温度超标" in leader.get("/visits/problems?show=asked").text and "待批准的整改延期" in leader.get("/").text
        assert "批准延期" in leader.get(path).text and "批准延期</button>" not in cases.get(path).text
        assert leader.post(f"{path}/extension/decide", {"version": "2", "granted": "true"}).status_code == 303
    with clock.at(datetime(2026, 12, 28, 2, tzinfo=UTC)):
        cases, leader = office.signed_in("cases"), office.signed_in("leader")
        page = leader.get("/visits/problems?show=red").text
        assert "■ 红牌 · 逾期 17 天" in page and "整改完成率 0.00%" in page and "已销号 0 / 应完成 1" in page
        assert "冷藏柜" not in leader.get("/visits/problems?show=yellow").text and "逾期未销号的问题" in cases.get("/").text
        csv = leader.get("/visits/problems?show=late&export=csv")
        assert csv.mimetype == "text/csv" and "红牌" in csv.text and csv.text.count("\n") == 2
        listed = cases.json("GET", "/api/v1/problems?overdue=true").json["items"]
        assert [(item["id"], item["days_late"], item["card"]) for item in listed] == [(row.id, 17, "red")]
        assert cases.json("POST", f"/api/v1/problems/{row.id}/recheck", {"passed": False, "rechecked_on": "2026-12-27", "evidence": "未改"}, If_Match='"3"').status_code == 200
        closing = f"/visits/{visit.id}/problems/{row.id}/close"
        refused_ = cases.post(closing, {"version": "4", "rechecked_on": "2026-12-30", "evidence": "见复查照片\n温度 4℃"})
        assert refused_.status_code == 422 and "见复查照片\n温度 4℃</textarea>" in refused_.text and 'value="2026-12-30"' in refused_.text, "nobody types it twice"
        assert cases.post(f"{path}/recheck", {"version": "4", "passed": "true", "rechecked_on": "2026-12-28", "evidence": "照片"}).status_code == 303
        assert "复查不合格" in cases.get(path).text and "复查合格，销号" in cases.get(path).text
        rate = cases.json("GET", "/api/v1/problems/completion").json
        assert (rate["total"]["rate"], rate["total"]["late_rate"], rate["areas"]["330106001"]["closed_late"]) == ("100.00%", "100.00%", 1)
        assert office.signed_in(town.outsider(visit).login).get(path).status_code == 404
        cases.post("/language", {"language": "en", "next": "/"})
        assert "Rectified 100.00%" in cases.get("/visits/problems").text

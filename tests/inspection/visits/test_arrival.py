"""Arriving: the order of the way, the label at the door, check-in with position or reason, and the hours it gives the record."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from inspection import clock
from inspection.actor import SYSTEM
from inspection.errors import Forbidden, Invalid, Refused
from inspection.registers.models import Enterprise
from inspection.visits import service as visits
from inspection.visits.arrival import labels, rules, service
from inspection.visits.arrival.models import Arrival
from inspection.visits.models import Visit
from tests.conftest import SECRET
from tests.inspection.visits.conftest import Office
from tests.inspection.visits.town import VISITED, Town, done
from tests.people import Browser

HERE, NEAR = (Decimal("30.2500"), Decimal("120.1600")), {"latitude": Decimal("30.2510"), "longitude": Decimal("120.1600")}
EARLY = VISITED - timedelta(hours=6)  # 09:00 in Shanghai


@pytest.fixture(autouse=True)
def _moment() -> Iterator[None]:
    with clock.at(VISITED):
        yield


def test_the_way_goes_township_by_township_to_the_nearest_next_and_is_the_same_every_time() -> None:
    def stop(n: int, town: str, north: str | None) -> rules.Stop:
        return rules.Stop(n, town, f"{n}", (Decimal(north), Decimal("120.1")) if north else None)

    stops = [stop(1, "b", "30.01"), stop(2, "a", "30.30"), stop(3, "a", None), stop(4, "a", "30.10"), stop(5, "a", "30.28"), stop(6, "b", "30.09")]
    way = rules.route(stops)
    assert [s.visit_id for s, _ in way] == [2, 5, 4, 3, 6, 1]
    assert [m is None for _, m in way] == [True, False, False, True, False, False] and way[1][1] == 2224
    assert rules.route(reversed(stops)) == way
    assert [s.visit_id for s, _ in rules.route(stops, (Decimal("30.09"), Decimal("120.1")))][:2] == [4, 5]


def test_far_grants_the_inaccuracy_of_the_phone_and_an_unknown_distance_is_not_far() -> None:
    assert [rules.far(501, None, 500), rules.far(501, 20, 500), rules.far(None, None, 500)] == [True, False, False]
    assert list(rules.faults(rules.Given(), None, 500)) == ["no_position_reason"]
    assert list(rules.faults(rules.Given(latitude=Decimal(30)), None, 500)) == ["latitude"]


def test_a_label_code_belongs_to_one_unit_and_one_installation() -> None:
    code = rules.label_code("s" * 40, "91330106A")
    assert code != rules.label_code("s" * 40, "91330106B") != rules.label_code("t" * 40, "91330106B")
    typed = f"{code[:4]}-{code[4:].lower()}".replace("o", "0")
    assert rules.opens(rules.Given(how="qr", code=typed), "91330106A", code)
    assert rules.opens(rules.Given(how="manual", code="9133 0106a"), "91330106A", code)
    assert not rules.opens(rules.Given(how="qr", code="91330106A"), "91330106A", code) and not rules.opens(rules.Given(), "91330106A", code)


def firm(town: Town, visit: Visit) -> Enterprise:
    with town.database.read() as session:
        found = session.get(Enterprise, visit.enterprise_id)
        assert found is not None
        return found


def located(town: Town, visit: Visit) -> Enterprise:
    with town.database.write() as session:
        row = session.get_one(Enterprise, visit.enterprise_id)
        row.latitude, row.longitude = HERE
    return firm(town, visit)


def arrive(town: Town, who: Any, visit: Visit, at: Any = EARLY, **more: Any) -> Arrival:
    given = rules.Given(**{"how": "qr", "code": rules.label_code(SECRET, visit.unit_code), "no_position_reason": "室内", **more})
    with clock.at(at), town.database.write(who) as session:
        return service.arrive(session, who, visit.id, given, SECRET)


def test_a_check_in_is_kept_with_its_distance_and_cannot_be_changed(town: Town) -> None:
    visit = town.visit
    located(town, visit)
    me = town.team(visit)[0]
    row = arrive(town, me, visit, accuracy_m=12, **NEAR)
    assert (row.distance_m, row.no_position_reason, row.how, row.by_name) == (111, "", "qr", me.name)
    with pytest.raises(DBAPIError), town.database.write() as session:
        session.execute(text("UPDATE arrivals SET distance_m = 0"))


def test_who_may_check_in_where_and_in_which_order(street: Town) -> None:
    town, visit = street, street.visit
    located(town, visit)
    me, mate = town.team(visit)
    with town.database.read() as session:
        other = next(row for row in session.scalars(select(Visit).order_by(Visit.number)) if row.id != visit.id)
    wrong: list[tuple[str, type[Exception], dict[str, Any]]] = [
        ("wrong-door", Invalid, {"code": rules.label_code(SECRET, other.unit_code)}), ("arrival-incomplete", Invalid, {"no_position_reason": " "}),
        ("arrival-incomplete", Invalid, {"latitude": Decimal("30.26"), "longitude": Decimal("120.16")}), ("not-in", Refused, {"kind": "out"}),
        ("outside-term", Refused, {"at": VISITED + timedelta(days=40)}), ("outside-term", Refused, {"at": VISITED - timedelta(days=4)}),
    ]  # fmt: skip
    for code, kind, more in wrong:
        with pytest.raises(kind) as caught:
            arrive(town, me, visit, **more)
        assert caught.value.code == code  # type: ignore[attr-defined]
    with pytest.raises(Forbidden):
        arrive(town, town.people["leader"], visit)
    far = arrive(town, me, visit, latitude=Decimal("30.26"), longitude=Decimal("120.16"), far_reason="门店已搬到街对面")
    assert far.distance_m == 1112
    with pytest.raises(Refused) as again:
        arrive(town, me, visit)
    assert again.value.code == "already-in"
    arrive(town, mate, visit, EARLY + timedelta(minutes=3), how="manual", code=visit.unit_code)
    with town.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Arrival)) == 2, "what was refused left nothing"


def test_the_hours_of_the_record_are_those_of_the_check_ins(street: Town) -> None:
    town, visit = street, street.visit
    me, mate = town.team(visit)
    arrive(town, me, visit)
    arrive(town, mate, visit, EARLY + timedelta(minutes=3))
    arrive(town, me, visit, EARLY + timedelta(minutes=90), kind="out")
    with pytest.raises(Invalid) as caught:
        town.submit(visit, done(started_at=EARLY + timedelta(minutes=30)))
    assert list(caught.value.fields) == ["started_at", "ended_at"] and "09:00" in caught.value.fields["started_at"][0]
    sent = town.submit(visit, done(visited_on=None, started_at=None, ended_at=None))
    assert (sent.started_at, sent.ended_at, sent.visited_on) == (EARLY, EARLY + timedelta(minutes=90), clock.day_of(EARLY))
    town.act(visits.approve, "leader", visit)
    with town.database.read() as session:
        assert '"arrivals":[{' in visits.versions(session, visit.id)[0].content
    with pytest.raises(Refused) as closed:
        arrive(town, mate, visit, kind="out")
    assert closed.value.code == "visit-closed"


def test_the_phone_goes_from_the_label_to_the_check_in_to_the_record(office: Office) -> None:
    town, visit = office.town, office.town.visit
    name = located(town, visit).name
    me = office.signed_in(town.team(visit)[0].login)
    page = me.get("/visits/mine").text
    assert "今天已完成 0 家" in page and 'href="tel:057188880000"' in page and f'href="geo:{HERE[0]}' in page and f"/visits/{visit.id}/arrive" in page
    address = _scanned(office, visit)
    assert address.startswith("/visits/at?") and Browser(office.app).get(address).location.startswith("/account/sign-in?next=/visits/at")
    opened = me.get(address)
    assert opened.status_code == 303 and opened.location.startswith(f"/visits/{visit.id}/arrive?code=")
    assert "已扫描门口的企业二维码" in me.get(opened.location).text and name in me.get(opened.location).text
    stranger = office.signed_in(town.outsider(visit).login)
    wrong = stranger.get(address)
    assert wrong.status_code == 404 and f"您现在没有“{name}”的检查任务" in wrong.text
    assert me.get(address[:-2] + "AA").status_code == 422
    with clock.at(EARLY):
        sent = {"kind": "in", "how": "qr", "code": rules.label_code(SECRET, visit.unit_code)}
        far = me.post(f"/visits/{visit.id}/arrive", sent | {"latitude": "30.26", "longitude": "120.16"})
        assert far.status_code == 422 and "1.1 公里" in far.text and 'name="far_reason"' in far.text
        assert me.post(f"/visits/{visit.id}/arrive", sent | {"no_position_reason": "地下室"}).status_code == 303
    assert 'value="2026-11-18T09:00"' in me.get(f"/visits/{visit.id}/record").text and "签退" in me.get("/visits/mine").text
    assert me.json("POST", f"/api/v1/visits/{visit.id}/arrivals", {"kind": "out", "latitude": "30.25", "longitude": "120.16"}).json["distance_m"] == 0
    assert "今天已完成 1 家" in me.get("/visits/mine").text
    route = me.json("GET", "/api/v1/visits/today").json
    assert route["done"] == 1 and visit.id not in {stop["visit_id"] for stop in route["stops"]}
    assert "没有位置：地下室" in me.get(f"/visits/{visit.id}").text
    me.post("/language", {"language": "en", "next": "/"})
    assert "Today 1 done" in me.get("/visits/mine").text and "Check in" in me.get(f"/visits/{visit.id}/arrive").text
    with town.database.write(SYSTEM) as session:
        session.execute(update(Visit).where(Visit.id == visit.id).values(state="returned"))
    assert "Returned" in me.get("/visits/mine").text and "Check out" not in me.get("/visits/mine").text, "checked out is not checked in"


def _scanned(office: Office, visit: Visit) -> str:
    """What the camera reads from the printed label, as a path of the site."""
    planner = office.signed_in("planner")
    answer = planner.get(f"/visits/labels?q={visit.unit_code}")
    assert answer.mimetype == "application/pdf" and "签到码" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    assert planner.get("/visits/labels?q=没有这家").status_code == 404 and planner.get("/visits/labels?first=99").status_code == 422
    settings = office.app.extensions["hengjian"].settings
    found = labels.address(settings, visit.unit_code)
    assert len(found) < 130, "a symbol that a phone reads from half a metre"
    return found.removeprefix(settings.public_url)

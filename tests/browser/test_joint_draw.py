"""J2 and the draw part of J8 in Chromium: a draw from its form to a stranger's check, and the auditor who reads it and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inspection import clock
from inspection.actor import Actor
from inspection.demo import county, drawing, people
from inspection.demo.drawing import demo_value
from inspection.draws import service as draws
from inspection.draws.models import ReserveCall, Selection
from inspection.errors import Invalid
from inspection.registers.models import Inspector
from inspection.visits import service as visits
from inspection.visits.models import Visit
from tests.browser.conftest import Watched
from tests.browser.site import Chromium, Site, sign_in

Visitor = Callable[..., Any]
Person = Callable[[str], Any]


@pytest.fixture
def person(_chromium: Chromium, site: Site) -> Iterator[Person]:
    """`person(login)`: a watched page of somebody who signs in now, by whatever clock the server has."""
    contexts = []

    def arrive(login: str) -> Any:
        context = _chromium.new_context()
        contexts.append(context)
        watched = Watched(context, site.url)
        watched.page.on("dialog", lambda dialog: dialog.accept())
        sign_in(watched.page, site, login)
        return watched

    yield arrive
    for context in contexts:
        context.close()


def local(moment: datetime) -> str:
    return moment.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def promise(page: Any, now: datetime) -> None:
    """The form of the promise, one source of the catalogue."""
    page.get_by_role("link", name="作出承诺").click()
    source = page.locator("#f-known-0 option", has_text="快乐8").first.get_attribute("value")
    page.select_option("#f-known-0", source)
    page.fill("#f-issue-0", "2026318")
    page.fill("#f-drawn_at-0", local(now + timedelta(hours=1)))
    assert "够了" in page.inner_text("[data-total]")
    page.fill("#f-reveal_not_before", local(now + timedelta(hours=2)))
    page.fill("#f-reveal_by", local(now + timedelta(hours=9)))
    page.get_by_role("button", name="作出并公布承诺").click()
    page.wait_for_selector("text=承诺已作出并即时公布")


def enter(page: Any, path: str) -> None:
    """The public value, typed twice."""
    page.goto(path)
    page.get_by_role("link", name="录入公开数").click()
    for name in ("value-0", "again-0"):
        page.fill(f"#f-{name}", demo_value())
    page.fill("#f-witnesses", "公证员丁、纪检戊")
    page.get_by_role("button", name="录入").click()


def configured(page: Any, site: Site, title: str) -> str:
    """A new draw from its form; gives its address."""
    page.goto(f"{site.url}/draws/new")
    page.fill("#f-title", title)
    page.select_option("#f-region_code", "320900")
    page.locator("input[name=item_codes]").first.check()
    page.fill("#f-rates", "A 2/100\nB 6/100\nC 16/100\nD 32/100\nU 6/100")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_url(re.compile(r"/draws/\d+$"))
    return str(page.url)


def test_a_draw_from_its_form_to_a_strangers_check(person: Person, visitor: Visitor, site: Site) -> None:
    now = clock.now()
    officer = person("chouqu")
    page = officer.page
    path = configured(page, site, "2026年年末跨部门联合抽查")
    found = re.search(r"20\d\d-\d{3}", page.title())
    assert found
    number = found[0]
    assert "底册预览" in page.inner_text("main") and "入样概率" in page.inner_text("main")
    page.get_by_role("button", name="冻结底册").click()
    page.wait_for_selector("text=底册已冻结")
    page.get_by_role("link", name="演练分组").click()
    assert "演练" in page.inner_text("main")
    page.goto(path)
    promise(page, now)
    page.get_by_role("link", name="大屏").click()
    assert page.locator("[data-countdown]").is_visible() and number in page.inner_text("body")
    with site.hands.at(now + timedelta(hours=3)):
        officer, leader = person("chouqu"), person("lingdao")
        enter(officer.page, path)
        officer.page.wait_for_selector("text=等待另一人录入同样的公开数")
        enter(leader.page, path)
        leader.page.wait_for_selector("text=抽取已揭示")
        leader.page.get_by_role("link", name="抽中名单").click()
        drawn = re.search(r"9\d{16}[0-9A-Z]", leader.page.inner_text("main"))
        assert drawn and "检查组" in leader.page.inner_text("main")
        public = visitor()
        public.page.goto(f"{site.url}/public/draws/{number}")
        public.page.get_by_role("button", name="在本浏览器核验").click()
        public.page.wait_for_selector("output .verdict")
        assert "核验通过" in public.page.locator("output").inner_text() and f"OK draw {number}" in public.page.locator("output").inner_text()
        public.page.goto(f"{site.url}/public/why")
        for name, value in (("draw", number), ("code", drawn[0])):
            public.page.fill(f"input[name={name}]", value)
        public.page.press("input[name=code]", "Enter")
        public.page.wait_for_selector("text=被抽中")
        assert "sha256sum" in public.page.inner_text("main")
    assert [watched.faults for watched in (officer, leader, public)] == [[], [], []]


# --- the auditor -------------------------------------------------------------------------------------------------------


@contextmanager
def writing(site: Site, login: str) -> Iterator[tuple[Session, Actor]]:
    who = people.actor(site.database, login)
    with site.database.write(who) as session:
        yield session, who


def version(site: Site, visit_id: int) -> int:
    with site.database.read() as session:
        return session.get_one(Visit, visit_id).version_id


def aftermath(site: Site) -> int:
    """A draw made void with its reason, an inspector swapped, a reserve called, on visits that no other test looks at; gives the void draw."""
    with writing(site, "chouqu") as (session, officer):
        void = draws.create(session, officer, replace(drawing.food(county.RATES, "写错了区域的方案", date(2026, 11, 23), date(2026, 12, 25)), region_code="320902"), authority="演示").id
        draws.request_void(session, officer, void, reason="区域写错，另行抽取")
    with writing(site, "lingdao") as (session, leader):
        draws.approve_void(session, leader, void, version=draws.get(session, void).version_id)
    taken = {value for name, value in site.ids.items() if name.startswith("visit")}
    with site.database.read() as session:
        reserves = select(Selection.stratum).where(Selection.draw_id == site.ids["draw_published"], Selection.role == "reserve", Selection.unit_code.not_in(select(ReserveCall.in_code)))
        pending = select(Visit.id).where(Visit.state == "pending", Visit.id.not_in(taken), Visit.stratum.in_(reserves)).order_by(Visit.id.desc())
        gone, swapped, codes = *session.scalars(pending.limit(2)).all(), session.scalars(select(Inspector.code).order_by(Inspector.code)).all()
    swap(site, swapped, codes)
    with writing(site, "chouqu") as (session, officer):
        session.execute(update(Visit).where(Visit.id == gone).values(state="approved", outcome="03", formed_on=clock.today()))
        visits.call_reserve(session, officer, gone, version=version(site, gone))
    return void


def swap(site: Site, visit_id: int, codes: Sequence[str]) -> None:
    for code in codes:
        try:
            with writing(site, "chouqu") as (session, officer):
                given = {"seat": 2, "in_code": code, "reason": "illness", "evidence": "病假条"}
                asked = visits.request_swap(session, officer, visit_id, version=version(site, visit_id), **given).id
        except Invalid:
            continue
        with writing(site, "lingdao") as (session, leader):
            visits.approve_swap(session, leader, visit_id, asked, version=version(site, visit_id))
        return
    raise AssertionError("nobody may take the seat")


TRY = """async (path) => (await fetch(path, {method: 'POST', headers: {'X-CSRFToken': document.querySelector('[name=csrf_token]').value}})).status"""


def test_the_auditor_reads_the_draw_with_its_void_its_swap_and_its_call_verifies_the_trail_and_changes_nothing(person: Person, site: Site) -> None:
    void, draw = aftermath(site), site.ids["draw_published"]
    watched = person("jijian")
    page = watched.page
    page.goto(f"{site.url}/draws/{draw}")
    shown = page.inner_text("main")
    assert shown.index("承诺时间") < shown.index("揭示时间") and "种子 S" in shown
    actions = page.eval_on_selector_all("main form[method=post]", "all => all.map(form => form.action)")
    assert actions == [], "no button that changes anything"
    page.goto(f"{site.url}/draws/{void}")
    assert "作废" in page.inner_text("main") and "区域写错，另行抽取" in page.inner_text("main")
    page.goto(f"{site.url}/public/draws/2026-001")
    links = page.eval_on_selector_all("main a", "all => all.map(a => a.textContent.trim())")
    assert any(re.fullmatch(r"calls-[0-9a-f]{12}-001\.tsv", link) for link in links) and any(re.fullmatch(r"swaps-[0-9a-f]{12}-001\.tsv", link) for link in links)
    page.goto(f"{site.url}/account/trail?q=2026-001")
    assert "更换检查人员" in page.inner_text("main") and "递补候补" in page.inner_text("main")
    page.get_by_role("button", name="核验整条链").click()
    page.wait_for_selector("text=审计链完整")
    for path in (f"/draws/{draw}/void-request", f"/draws/{draw}/publish", f"/draws/{draw}/commit", f"/draws/{draw}/reveal", "/draws/new", "/visits/open"):
        assert page.evaluate(TRY, path) == 403, path
    assert watched.faults == []

"""The inspector's phone at 390 px: a visit recorded, photographed and signed without a network, sent once when it is back."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sqlalchemy import func, select

from inspection.audit import AuditEvent
from inspection.visits.evidence import Attachment, Receipt, Signature
from inspection.visits.models import Visit
from tests.browser import site as sites
from tests.inspection.visits.photos import photo

PHONE = {"width": 390, "height": 844}
TWICE = """async (version) => {
  const { csrf } = await hengjianOutbox.session();
  const form = document.querySelector('form[data-outbox=record]');
  const record = hengjianForms.recordData(form);
  const send = (more) => fetch(`/api/v1/visits/${form.dataset.visit}/record`, { method: 'PUT', body: JSON.stringify({ ...record, ...more }), headers: {
    'Content-Type': 'application/json', 'If-Match': String(version), 'X-CSRFToken': csrf, 'Idempotency-Key': 'browser-test-0123456789' } });
  const answers = [...(await Promise.all([send({}), send({})])), await send({ summary: '另一份' })];
  return Promise.all(answers.map(async (answer) => [answer.status, (await answer.json()).version || null]));
}"""

# the page opened anew, and its copy for the time without a network is the new one
ANEW = """document.querySelector('[data-explained]') === null
  && caches.open('hengjian-pages-1').then((c) => c.match(location.href)).then((r) => r.text()).then((text) => text.includes('%s'))"""

# the worker knows whose pages it keeps, and keeps this one
READY = "caches.open('hengjian-pages-1').then((c) => Promise.all([c.match('/visits/phone'), c.match(location.href)])).then((found) => found.every(Boolean))"
KEPT = "caches.open('hengjian-pages-1').then((c) => c.keys()).then((keys) => keys.some((one) => one.url.endsWith('/record')))"


def until(page: Any, script: str) -> None:
    """Wait for a script to be true; the page's policy forbids the waiting of Playwright itself, which evaluates text in the page."""
    from playwright.sync_api import Error

    for _ in range(150):
        with suppress(Error):  # a page that is just opening anew has no answer yet
            if page.evaluate(script):
                return
        page.wait_for_timeout(100)
    raise AssertionError(script)


def waits(page: Any, number: int) -> None:
    page.locator("[data-count]", has_text=f"{number} 项待发送").wait_for()


def draw(page: Any) -> None:
    """A signature with the mouse."""
    canvas = page.locator("[data-pad] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for start, end in (((0.1, 0.7), (0.3, 0.2)), ((0.3, 0.2), (0.5, 0.8)), ((0.6, 0.3), (0.9, 0.6))):
        page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=6)
        page.mouse.up()


def counts(site: sites.Site, visit_id: int) -> tuple[int, int, int]:
    """(attachments, signatures, receipts) on the server."""
    with site.database.read() as session:
        one, two, three = (
            session.scalar(select(func.count()).select_from(table).where(table.visit_id == visit_id)) or 0 for table in (Attachment, Signature, Receipt)
        )
    return one, two, three


def visit_of(site: sites.Site, visit_id: int) -> Visit:
    with site.database.read() as session:
        found = session.get(Visit, visit_id)
        assert found is not None
        return found


def arrived(page: Any, site: sites.Site, visit_id: int, words: str) -> None:
    """Wait until the server has it; the page opens anew when it was sent."""
    for _ in range(150):
        if visit_of(site, visit_id).summary == words:
            return
        page.wait_for_timeout(100)
    raise AssertionError(visit_of(site, visit_id).summary)


def phone(chromium: sites.Chromium, site: sites.Site, visit_id: int) -> Any:
    """The record page on a phone, under the control of its worker."""
    page = chromium.new_context(viewport=PHONE, service_workers="allow").new_page()
    page.set_default_timeout(15_000)
    page.on("dialog", lambda dialog: dialog.accept())
    sites.sign_in(page, site, "jiancha1")
    page.goto(f"{site.url}/visits/{visit_id}/record")
    until(page, "navigator.serviceWorker.controller !== null")
    until(page, READY)
    return page


def test_a_record_a_photo_and_a_signature_survive_a_lost_network_and_arrive_once(own_chromium: sites.Chromium, site: sites.Site) -> None:
    visit_id = site.ids["visit_mine"]
    page = phone(own_chromium, site, visit_id)
    context = page.context
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    before, started = visit_of(site, visit_id).version_id, counts(site, visit_id)

    context.set_offline(True)
    page.fill("#f-summary", "断网时写的情况")
    page.click("button[name=step][value=draft]")
    waits(page, 1)
    with page.expect_file_chooser() as chosen:
        page.click("#f-file")
    chosen.value.set_files({"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": photo(seed=7)})
    page.click("form[data-outbox=attachments] button")
    waits(page, 2)
    page.select_option("#f-signer", "firm")
    page.fill("#f-name", "王店长")
    page.fill("#f-role", "店长")
    draw(page)
    page.click("form[data-outbox=signatures] button:not([type])")
    waits(page, 3)
    page.reload()
    until(page, "document.querySelector('#f-summary').value === '断网时写的情况'")  # the page and what was typed are there without a network
    assert counts(site, visit_id) == started and visit_of(site, visit_id).version_id == before

    context.set_offline(False)
    page.click("[data-send]")
    until(page, "hengjianOutbox.all().then((entries) => entries.length === 0)")
    assert visit_of(site, visit_id).summary == "断网时写的情况" and visit_of(site, visit_id).version_id == before + 1
    assert counts(site, visit_id) == (started[0] + 1, started[1] + 1, started[2] + 3)
    page = context.new_page()  # the old one opens anew when its queue was sent
    page.goto(f"{site.url}/visits/{visit_id}/record")
    again = page.evaluate(TWICE, before + 1)
    assert again == [[200, before + 2], [200, before + 2], [409, None]], "two sendings of one key are one record, another content is refused"
    assert counts(site, visit_id) == (started[0] + 1, started[1] + 1, started[2] + 4)
    with site.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.verb == "visit.resend")) == 1
    page.goto(f"{site.url}/visits/{visit_id}/record")
    page.wait_for_selector("svg.signature")
    assert page.locator(".signers", has_text="已签字").count() == 1 and page.locator(".attachments img").count() == started[0] + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_colleagues_change_is_shown_and_an_ended_session_keeps_what_waits(own_chromium: sites.Chromium, site: sites.Site) -> None:
    visit_id = site.ids["visit_mine"]
    save = "button[name=step][value=draft]"
    page = phone(own_chromium, site, visit_id)
    other = page.context.new_page()
    other.goto(page.url)
    for number, writer in enumerate((other, page)):
        writer.fill("#f-summary", f"第 {number} 人写的")
        writer.click(save)
        writer.locator("#outbox [data-note], [data-explained]", has_text="已保存" if writer is other else "已被他人修改").first.wait_for()
    table = page.locator("[data-explained] table").inner_text()
    assert "第 1 人写的" in table and "第 0 人写的" in table and visit_of(site, visit_id).summary == "第 0 人写的"
    page.click("text=以我填的为准，保存")
    arrived(page, site, visit_id, "第 1 人写的")
    until(page, ANEW % "第 1 人写的")

    page.context.set_offline(True)
    page.fill("#f-summary", "登录过期前写的")
    page.click(save)
    waits(page, 1)
    page.context.clear_cookies()
    page.context.set_offline(False)
    page.click("[data-send]")
    page.click("[data-sign-in]")
    page.fill("#f-login", "jiancha1")
    page.fill("#f-password", site.password)
    page.press("#f-password", "Enter")
    page.wait_for_url(f"**/visits/{visit_id}/record")
    arrived(page, site, visit_id, "登录过期前写的")
    until(page, KEPT)
    page.context.clear_cookies()
    sites.sign_in(page, site, "jiancha2")  # on the same phone
    until(page, f"{KEPT}.then((kept) => !kept)")


# one entry is sent while a page saves anew; then something on the way answers with a page of its own
QUEUE = """async () => {
  const real = window.fetch;
  const given = (summary) => ({ account: 7, visit: 9, kind: 'record', submit: false, label: 'x', version: 3, body: JSON.stringify({ summary }) });
  const left = async () => (await hengjianOutbox.all()).map((entry) => [JSON.parse(entry.body).summary, entry.state, entry.version]);
  let answer = null;
  window.fetch = async (url) => (url === '/visits/phone' ? new Response('{"account": 7, "csrf": "c"}') : answer());
  try {
    await hengjianOutbox.add(given('first'));
    answer = async () => { await hengjianOutbox.add(given('second')); return new Response('{"id": 9, "version": 4}'); };
    const found = [(await hengjianOutbox.flush()).state, await left()];
    answer = () => new Response('<html>intercepted</html>', { status: 200 });
    found.push((await hengjianOutbox.flush()).state, await left());
    answer = () => new Response('<html>too large</html>', { status: 413 });
    found.push((await hengjianOutbox.flush()).state, await left());
    return found;
  } finally {
    window.fetch = real;
    for (const entry of await hengjianOutbox.all()) await hengjianOutbox.drop(entry.n);
  }
}"""


def test_a_page_without_https_submits_what_was_pressed_and_loses_nothing_when_the_session_ends(own_chromium: sites.Chromium, site: sites.Site) -> None:
    visit_id = site.ids["visit_mine"]
    page = own_chromium.new_context(viewport=PHONE).new_page()
    page.set_default_timeout(15_000)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    sites.sign_in(page, site, "jiancha1")
    page.goto(f"{site.url}/visits/{visit_id}/record")
    assert page.evaluate(QUEUE) == [
        "done", [["second", "waiting", 4]], "busy", [["second", "waiting", 4]], "done", [["second", "refused", 4]],
    ], "what was written during a sending is kept, and only an acknowledgement takes an entry out"  # fmt: skip

    page.fill("#f-summary", "还没有保存")
    page.click("form[data-outbox=signatures] button:not([type])")
    page.locator("#outbox [data-note]", has_text="先保存草稿").wait_for()
    page.click("button[name=step][value=submit]")
    page.locator("[role=alert]", has_text="记录还不能提交").wait_for()
    assert len(asked) == 1 and page.input_value("#f-summary") == "还没有保存"

    page.context.clear_cookies()
    page.click("button[name=step][value=draft]")
    page.locator("#outbox [data-note]", has_text="没有发送").wait_for()
    assert page.locator("[data-sign-in]").is_visible() and page.input_value("#f-summary") == "还没有保存"

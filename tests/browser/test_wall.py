"""The wall screen in Chromium at 1920 × 1080: everything on one screen, large; the list row by row; keys; no motion for who wants none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.site import Chromium, Site, sign_in

SIZE = {"width": 1920, "height": 1080}
SMALLEST = "Math.min(...[...document.querySelectorAll('main *')].filter(e => e.offsetParent && e.children.length === 0 && e.textContent.trim()).map(e => parseFloat(getComputedStyle(e).fontSize)))"


@pytest.fixture
def wall(_chromium: Chromium, site: Site) -> Any:
    """Opens the wall of a draw; with `still` for a visitor who wants no motion."""
    contexts = []

    def opened(name: str, *, still: bool = False) -> Any:
        context = _chromium.new_context(viewport=SIZE, reduced_motion="reduce" if still else "no-preference")
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
        sign_in(page, site, "chouqu")
        page.goto(site.url + site.path(f"/draws/{{{name}}}/ceremony"))
        return page

    yield opened
    for context in contexts:
        context.close()


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth"))


def test_the_countdown_runs_and_everything_fits_in_large_type(wall: Any) -> None:
    page = wall("draw_committed")
    before = page.inner_text("[data-countdown]")
    page.wait_for_function("text => document.querySelector('[data-countdown]').textContent !== text", arg=before)
    assert fits(page) and page.evaluate(SMALLEST) >= 28
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.groups')).fontSize)") >= 70
    assert page.faults == []


def test_the_list_appears_row_by_row_pauses_and_turns_by_keys_without_a_jump(wall: Any) -> None:
    page = wall("draw_published")
    page.wait_for_function("() => document.querySelectorAll('[data-roll] li:not(.off):not(.waits)').length >= 2")
    where = "JSON.stringify([...document.querySelectorAll('[data-roll] li:not(.off)')].slice(0, 2).map(e => e.getBoundingClientRect().top))"
    first = page.evaluate(where)
    page.keyboard.press(" ")
    shown = page.inner_text("[data-place]")
    page.wait_for_timeout(1500)
    assert page.inner_text("[data-place]") == shown and page.inner_text("[data-do=pause]") == "继续"
    assert page.evaluate(where) == first and fits(page)
    total = int(shown.split("/")[1])
    for _ in range(total):
        page.keyboard.press("ArrowRight")
    assert page.inner_text("[data-place]") == f"{total} / {total}"
    page.keyboard.press("Home")
    assert page.locator("[data-roll] li:visible").first.locator(".rank").inner_text() == "A-1"
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.list .name')).fontSize)") >= 38
    page.get_by_role("button", name="继续").click()
    assert page.inner_text("[data-do=pause]") == "暂停"
    assert page.faults == []


def test_nothing_moves_for_who_wants_no_motion(wall: Any) -> None:
    page = wall("draw_published", still=True)
    shown = page.inner_text("[data-place]")
    assert page.inner_text("[data-do=pause]") == "继续" and page.locator("[data-roll] li.waits").count() == page.locator("[data-roll] li.off.waits").count()
    page.wait_for_timeout(1200)
    assert page.inner_text("[data-place]") == shown

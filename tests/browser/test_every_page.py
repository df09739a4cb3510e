"""Every page of every role: accessible in both languages, silent in the console, complete in English, nothing from outside."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.browser.site import Site
from tests.browser.tour import STOPS, Stop

pytestmark = pytest.mark.slow
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# rules that the words of a language can break; all the others see the same page
OF_WORDS = ("html-has-lang", "html-lang-valid", "valid-lang", "document-title", "label", "select-name", "button-name", "link-name", "aria-input-field-name")
# what the software says; what the county's own data says (titles, classes, names) may be Chinese
WORDS = """() => [...document.querySelectorAll('h2, th[scope=col], label:not(.form-check-label):not(.btn), legend, a.btn, button:not([lang]), dt, .sidebar a, .public-nav a, .form-text, .filters a, .empty p')]
  .filter((e) => !e.closest('.matrix, .api-path, [data-own]') && !e.querySelector('code'))
  .map((e) => e.textContent.trim()).filter((t) => /[\u4e00-\u9fff]/.test(t) && !/[A-Za-z]{3}/.test(t) && !/^\\d+\\. /.test(t) && !/^\\S+\\.(json|zip|pdf)$/.test(t))"""
REFUSED = {"not-found": 404, "forbidden": 403}  # pages of the tour that are refusals
ROLES = list(dict.fromkeys(stop.login for stop in STOPS))
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter((e) => {
  if (!e.checkVisibility({ visibilityProperty: true }) || e.closest('[hidden], .skip, .btn-check') || e.type === 'hidden') return false;
  if (e.matches('a') && getComputedStyle(e).display === 'inline' && e.parentElement.textContent.trim() !== e.textContent.trim()) return false;
  const box = (e.matches('input[type=checkbox], input[type=radio]') ? e.closest('.form-check') || e : e).getBoundingClientRect();
  return box.width > 0 && (box.height < 39.5 || box.width < 39.5);
}).map((e) => `${e.tagName} ${e.textContent.trim().slice(0, 20)} ${Math.round(e.getBoundingClientRect().width)}×${Math.round(e.getBoundingClientRect().height)}`)"""


def axe(page: Any, only: Sequence[str] = ()) -> list[str]:
    """Violations on the page. The script enters through the debugger, because the policy of the page lets no script in.

    Parameters
    ----------
    only : rules to run; by default all of WCAG 2.1 A and AA.
    """
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE})
    chosen = {"type": "rule", "values": list(only)} if only else {"type": "tag", "values": TAGS}
    options = json.dumps({"runOnly": chosen, "resultTypes": ["violations"], "preload": False})
    answer = session.send(
        "Runtime.evaluate",
        {"expression": f"axe.run(document, {options}).then(r => JSON.stringify(r.violations))", "awaitPromise": True, "returnByValue": True},
    )
    session.detach()
    found = json.loads(answer["result"]["value"])
    return [f"{v['id']}: {node['target']} {node['failureSummary']}" for v in found for node in v["nodes"]]


def pages(login: str) -> list[Stop]:
    return [stop for stop in STOPS if stop.login == login]


@pytest.mark.parametrize("login", ROLES)
def test_every_page_is_accessible_silent_and_names_itself(visitor: Callable[..., Any], site: Site, login: str) -> None:
    watched = visitor(login)
    faults = []
    for stop in pages(login):
        answer = watched.page.goto(site.url + site.path(stop.path))
        assert answer.status == REFUSED.get(stop.name, 200), (stop, answer.status)
        faults += [f"{stop.name}: {fault}" for fault in axe(watched.page)]
        if watched.page.locator("h1").count() != 1:
            faults.append(f"{stop.name}: {watched.page.locator('h1').count()} headings of the first rank")
    faults += watched.faults
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("login", ROLES)
def test_every_page_is_accessible_and_complete_in_english(visitor: Callable[..., Any], site: Site, login: str) -> None:
    watched = visitor(login)
    page, faults = watched.page, []
    page.goto(f"{site.url}/account/sign-in" if not login else f"{site.url}/")
    page.click("button[name=language]")
    try:
        for stop in pages(login):
            page.goto(site.url + site.path(stop.path))
            assert page.get_attribute("html", "lang") == "en", stop
            faults += [f"{stop.name}: {fault}" for fault in axe(page, OF_WORDS)]
            faults += [f"{stop.name}: not in English: {text}" for text in chinese_labels(page)]
    finally:
        page.click("button[name=language]")
    assert not faults + watched.faults, "\n".join([*faults, *watched.faults])


def chinese_labels(page: Any) -> list[str]:
    """Words of the software (not of the data) that are still Chinese: headings, labels, buttons, the menu."""
    return page.evaluate(WORDS)


@pytest.mark.parametrize("login", [login for login in ROLES if any(stop.phone for stop in pages(login))])
def test_pages_of_the_field_and_of_the_public_fit_a_phone(visitor: Callable[..., Any], site: Site, login: str) -> None:
    watched = visitor(login, width=390, height=844)
    faults = []
    for stop in pages(login):
        if not stop.phone:
            continue
        watched.page.goto(site.url + site.path(stop.path))
        wide = watched.page.evaluate("document.scrollingElement.scrollWidth")
        if wide > 390:
            faults.append(f"{stop.name}: {wide} px wide")
        faults += [f"{stop.name}: small target {text}" for text in watched.page.evaluate(SMALL_TARGETS)] if login else []
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("login", ["jihua", "chouyang", ""])
def test_large_type_enlarges_and_still_fits(visitor: Callable[..., Any], site: Site, login: str) -> None:
    watched = visitor(login, width=390, height=844)
    page, faults = watched.page, []
    page.goto(f"{site.url}/public" if not login else f"{site.url}/")
    before = page.evaluate("parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)")
    page.click("button[name=theme]")
    try:
        assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)") > before * 1.25
        assert page.get_attribute("button[name=theme]", "aria-pressed") == "true"
        for stop in pages(login)[:12]:
            page.goto(site.url + site.path(stop.path))
            if (wide := page.evaluate("document.scrollingElement.scrollWidth")) > 390:
                faults.append(f"{stop.name}: {wide} px wide")
    finally:
        page.click("button[name=theme]")
    assert not faults, "\n".join(faults)


def test_a_state_is_a_shape_and_a_word_never_a_colour_alone(visitor: Callable[..., Any], site: Site) -> None:
    watched = visitor("jihua")
    seen: dict[str, set[str]] = {}
    for path in ("/plans/{plan_draft}", "/plans/{plan_approved}", "/registers/enterprises/{enterprise_open}", "/indicators"):
        watched.page.goto(site.url + site.path(path))
        for kind, mark, text in watched.page.eval_on_selector_all(
            ".state", "all => all.map(e => [e.className, e.firstElementChild ? e.firstElementChild.textContent : '', e.lastChild.textContent.trim()])"
        ):
            assert mark, f"{path}: {kind} has no shape"
            assert text, f"{path}: {kind} has no word"
            seen.setdefault(kind, set()).add(mark)
    assert len(seen) >= 2
    marks = [mark for found in seen.values() for mark in found]
    assert len(marks) == len(set(marks)), "two kinds of state share a shape"


def test_print_hides_the_frame_and_keeps_the_content(visitor: Callable[..., Any], site: Site) -> None:
    page = visitor("jihua").page
    page.goto(site.url + site.path("/plans/{plan_executing}"))
    page.emulate_media(media="print")
    shown = {name: page.locator(name).first.is_visible() for name in (".topbar", ".sidebar", ".crumbs", "main h1", ".matrix", ".foot")}
    assert shown == {".topbar": False, ".sidebar": False, ".crumbs": False, "main h1": True, ".matrix": True, ".foot": True}
    assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"

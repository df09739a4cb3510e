"""A person works: signs in, finds the way by role, fills forms with the keyboard alone, searches tables, watches a job."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from inspection.demo import people
from inspection.jobs import run_pending
from inspection.jobs import service as jobs
from tests.browser.site import Chromium, Site
from tests.inspection.jobs import kinds as kinds

Visitor = Callable[..., Any]
FOCUS = """() => { const e = document.activeElement, s = getComputedStyle(e);
  return [e.id || e.name || e.textContent.trim().slice(0, 20), s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2]; }"""


def tab_to(page: Any, name: str, limit: int = 80) -> list[str]:
    """Press Tab until the element of that id has the focus; gives what was passed. Focus must be seen at every step."""
    passed: list[str] = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        where, visible = page.evaluate(FOCUS)
        assert visible, f"the focus cannot be seen on {where}"
        if where == name:
            return passed
        passed.append(where)
    raise AssertionError(f"{name} is not reached with Tab: {passed}")


# --- the door ---------------------------------------------------------------------------------------------------------


def test_sign_in_by_keyboard_alone_and_out_again(_chromium: Chromium, site: Site) -> None:
    context = _chromium.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/plans")
    assert "/account/sign-in?next=/plans" in page.url
    assert tab_to(page, "f-login")[0] == "跳到正文"
    page.keyboard.type("jihua")
    page.keyboard.press("Tab")
    page.keyboard.type(site.password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/plans")
    page.click("text=退出")
    page.wait_for_url("**/account/sign-in")
    page.goto(f"{site.url}/plans")
    assert "/account/sign-in" in page.url
    context.close()


def test_wrong_credentials_are_told_where_they_were_typed(_chromium: Chromium, site: Site) -> None:
    context = _chromium.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/account/sign-in")
    page.fill("#f-login", "jihua")
    page.fill("#f-password", "not-the-password-1")
    page.press("#f-password", "Enter")
    alert = page.locator("[role=alert]")
    alert.wait_for()
    assert "口令" in alert.inner_text()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"  # announced and focused
    assert page.input_value("#f-login") == "jihua"
    assert page.input_value("#f-password") == ""
    context.close()


MENUS = {
    "jihua": {"检查对象", "抽检计划", "双随机抽取", "样品", "检验结果", "指标与达标", "公示与通告"},
    "luru": {"收样", "检验结果"},
    "chouyang": {"样品"},
    "xitong": {"账户"},
    "shenji": {"审计"},
}
NEVER = {"luru": {"检查对象", "双随机抽取", "账户"}, "chouyang": {"检验结果", "公示与通告"}, "xitong": {"审计", "抽检计划"}, "shenji": {"账户", "样品"}, "jihua": {"收样", "账户", "审计"}}


@pytest.mark.parametrize("login", sorted(MENUS))
def test_the_menu_shows_the_work_of_the_role_and_every_entry_opens(visitor: Visitor, site: Site, login: str) -> None:
    page = visitor(login).page
    page.goto(site.url)
    entries = dict(page.eval_on_selector_all(".sidebar li a", "all => all.map(a => [a.textContent.trim(), a.href])"))
    assert MENUS[login] <= set(entries)
    assert not NEVER[login] & set(entries)
    for label, href in entries.items():
        assert page.goto(href).status == 200, label
        assert page.inner_text(".sidebar a[aria-current=page]") == label
        assert label in page.inner_text(".crumbs")


def test_on_a_phone_the_menu_opens_and_closes(visitor: Visitor, site: Site) -> None:
    page = visitor("chouyang", width=390, height=844).page
    page.goto(site.url)
    assert not page.locator(".sidebar").is_visible()
    page.click("[data-bs-target='#sidebar'].btn")
    page.locator(".sidebar").wait_for()
    page.wait_for_timeout(400)
    page.click(".sidebar a:has-text('样品')")
    page.wait_for_url("**/samples")
    page.click("[data-bs-target='#sidebar'].btn")
    page.wait_for_timeout(400)
    page.keyboard.press("Escape")
    page.locator(".sidebar").wait_for(state="hidden")


def test_language_changes_stays_and_comes_back_to_the_same_page(visitor: Visitor, site: Site) -> None:
    page = visitor("qianfa").page
    page.goto(f"{site.url}/jobs?q=x")
    assert page.get_attribute("html", "lang") == "zh-CN"
    page.click("button[name=language]")
    assert page.url == f"{site.url}/jobs?q=x"
    assert page.inner_text("h1") == "Background jobs"
    page.goto(f"{site.url}/results")
    assert page.get_attribute("html", "lang") == "en"
    page.click("text=中文")
    assert page.get_attribute("html", "lang") == "zh-CN"


# --- forms ------------------------------------------------------------------------------------------------------------

FORMS = {
    ("jihua", "/plans/new"): ("f-title", "f-year", "f-region_code", "f-total"),
    ("jihua", "/registers/enterprises/new"): ("f-code", "f-name", "f-region_code"),
    ("chouqu", "/draws/new"): ("f-title", "f-region_code", "f-rates", "f-reserve_percent"),
    ("chouyang", "/samples/new"): ("f-plan_id", "f-taken_on", "f-enterprise_code", "f-product_name"),
    ("luru", "/samples/receiving"): ("f-code", "f-pieces", "f-decision"),
    ("luru", "/results/enter"): ("f-sample_code", "f-item", "f-text", "f-unit"),
    ("gongbu", "/publications/new"): ("f-title", "f-region_code", "f-period"),
}


@pytest.mark.parametrize(("login", "path"), sorted(FORMS))
def test_the_fields_of_a_form_are_reached_in_reading_order_with_the_focus_seen(visitor: Visitor, site: Site, login: str, path: str) -> None:
    page = visitor(login).page
    page.goto(site.url + path)
    page.focus("#main")
    for field in FORMS[login, path]:
        tab_to(page, field)
        assert page.locator(f"label[for={field}]").count() == 1
    assert tab_to(page, page.inner_text("main form button.btn-primary")) is not None


def test_a_wrong_field_is_marked_described_and_one_click_away(visitor: Visitor, site: Site) -> None:
    page = visitor("jihua").page
    page.goto(f"{site.url}/registers/enterprises/new")
    page.fill("#f-code", "91320902MA1X00000X")
    page.fill("#f-name", "校验码不对的企业")
    page.select_option("#f-region_code", "320902") if page.locator("select#f-region_code").count() else page.fill("#f-region_code", "320902")
    page.press("#f-name", "Enter")  # Enter submits
    alert = page.locator("[role=alert]")
    alert.wait_for()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert page.input_value("#f-name") == "校验码不对的企业"
    field = page.locator("[aria-invalid=true]").first
    described = page.locator(f"#{field.get_attribute('aria-describedby')} .invalid-feedback")
    assert described.inner_text().strip()
    link = alert.locator("a").first
    assert re.search("[\u4e00-\u9fff]", link.inner_text()), "the summary names the field as the form does"
    link.click()
    assert page.evaluate("document.activeElement.id") == field.get_attribute("id")


def choose(page: Any, field: str, label: str) -> None:
    """Go down a list with the arrow key until the wanted choice shows."""
    for _ in range(60):
        if label in page.eval_on_selector(f"#{field}", "list => list.selectedOptions[0].textContent"):
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{label} cannot be chosen in {field}")


def test_a_plan_is_drafted_allocated_and_handed_in_without_a_mouse(visitor: Visitor, site: Site) -> None:
    page = visitor("jihua").page
    page.goto(f"{site.url}/plans/new")
    for field, value in (("f-title", "键盘编制的计划"), ("f-year", "2027")):
        tab_to(page, field)
        page.keyboard.type(value)
    for field, value in (("f-region_code", "亭湖区"), ("f-purpose", "监督"), ("f-product_year", "2026")):
        tab_to(page, field)
        choose(page, field, value)
    tab_to(page, "f-total")
    page.keyboard.type("68")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/plans/\d+$"))
    for button, proof in (("确定边际", "边际已确定"), ("分配", "已分配到格"), ("提交审批", "已提交审批")):
        page.get_by_role("button", name=button, exact=True).focus()
        page.keyboard.press("Enter")
        page.locator(f".alert-success:has-text('{proof}')").wait_for()
    assert page.locator(".matrix tbody tr").count() == 2


def test_an_act_that_cannot_be_undone_asks_first(visitor: Visitor, site: Site) -> None:
    page = visitor("chouqu").page
    page.goto(site.url + site.path("/draws/{draw_configured}"))
    asked: list[str] = []

    def refuse(dialog: Any) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    page.click("button:has-text('冻结底册')")
    assert asked == ["冻结后不能再改，需要改动只能作废重来。"]
    page.reload()
    assert page.locator("button:has-text('冻结底册')").is_visible()


# --- tables -----------------------------------------------------------------------------------------------------------


def column(page: Any, number: int) -> list[str]:
    return [text.strip() for text in page.locator(f".table tbody td:nth-child({number})").all_inner_texts()]


def test_a_table_is_searched_sorted_paged_and_exported(visitor: Visitor, site: Site, tmp_path: Path) -> None:
    page = visitor("jihua").page
    page.goto(f"{site.url}/registers/enterprises")
    assert "共 144 条" in page.inner_text(".count")
    assert len(column(page, 1)) == 25
    page.click("th a:has-text('名称')")
    names = column(page, 2)
    assert names == sorted(names)
    assert page.get_attribute("th:has-text('名称')", "aria-sort") == "ascending"
    page.click("th a:has-text('名称')")
    assert column(page, 2)[0] == "演示企业00144有限公司"
    page.click("a[rel=next]")
    assert "第 26–50 条" in page.inner_text(".pager")
    assert column(page, 2)[0] == "演示企业00119有限公司"  # the order stays over the pages
    page.fill("#q", "企业00012")
    page.press("#q", "Enter")
    assert column(page, 2) == ["演示企业00012有限公司"]
    with page.expect_download() as waiting:
        page.click(".exports a:has-text('XLSX')")
    path = tmp_path / "export.xlsx"
    waiting.value.save_as(path)
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    assert [row[1] for row in rows] == ["名称", "演示企业00012有限公司"]
    page.fill("#q", "没有这家")
    page.press("#q", "Enter")
    assert "没有" in page.inner_text(".empty")


def test_a_filter_applies_when_chosen(visitor: Visitor, site: Site) -> None:
    page = visitor("jihua").page
    page.goto(f"{site.url}/registers/enterprises")
    page.select_option("#credit_class", "D")
    page.wait_for_url("**credit_class=D**")
    assert set(column(page, 6)) == {"D"}


# --- jobs -------------------------------------------------------------------------------------------------------------


def test_the_bar_of_a_job_moves_by_itself_and_ends_with_the_file(visitor: Visitor, site: Site) -> None:
    planner = people.actor(site.database, "jihua")
    with site.database.write(planner) as session:
        job_id = jobs.enqueue(session, planner, "test.count", {"steps": 8, "pause": 0.4}).id
    page = visitor("jihua").page
    page.goto(f"{site.url}/jobs/{job_id}")
    assert page.locator("progress").is_visible()
    worker = threading.Thread(target=run_pending, args=(site.database, site.settings))
    worker.start()
    page.locator("progress[value]:not([value='0'])").wait_for()
    assert "步" in page.inner_text("[data-note]")
    assert 0 < page.evaluate("document.querySelector('progress').value") <= 8
    page.locator("progress").wait_for(state="detached")  # the page reloads by itself when the job is done
    worker.join(20)
    with page.expect_download() as waiting:
        page.click("a:has-text('下载')")
    assert Path(waiting.value.path()).read_text(encoding="utf-8").splitlines()[-1] == "step-7"

"""A browser that stops answering costs one test its time, not the run its end."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import ENDED, patience
from tests.browser.site import Chromium

NEVER = "new Promise(() => {})"


def test_a_browser_that_does_not_answer_is_ended_and_the_next_one_is_new(own_chromium: Chromium) -> None:
    from playwright.sync_api import Error

    page = own_chromium.new_context().new_page()
    with pytest.raises(Error) as told, patience(own_chromium, 1.0):
        page.evaluate(NEVER)
    assert re.search(ENDED, str(told.value)), "what is said of it is what a second try goes by"
    assert own_chromium.new_context().new_page().evaluate("1 + 1") == 2

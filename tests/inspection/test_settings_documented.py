"""docs/settings.md names every setting with its default, and nothing else."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from pathlib import Path

from inspection.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def shown(value: object) -> str:
    """A default as the page writes it."""
    if value is MISSING:
        return "必填"
    if value == "":
        return "空"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def test_every_setting_is_documented_with_its_default_in_order() -> None:
    documented = [(name, default) for name, default, _chinese, _english in ROW.findall(PAGE.read_text(encoding="utf-8"))]
    assert documented == [(field.name, shown(field.default)) for field in fields(Settings)]


def test_every_setting_is_explained_in_both_languages() -> None:
    for name, _default, chinese, english in ROW.findall(PAGE.read_text(encoding="utf-8")):
        assert re.search("[一-鿿]{4}", chinese), name
        assert re.search("[a-z]{4}", english), name

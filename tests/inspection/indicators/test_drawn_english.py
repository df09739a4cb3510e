"""Every text of the figures of a draw has its English with the same places."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from inspection.i18n import catalogue

CHINESE = re.compile("[\u4e00-\u9fff]")
PLACES = re.compile(r"%\((\w+)\)s")


def texts() -> set[str]:
    """Texts marked in the templates and modules, and the messages of refusals."""
    found: set[str] = set()
    for name in ("draw", "draws"):
        found |= set(re.findall(r"_\(\s*'([^']+)'", Path(f"inspection/templates/indicators/{name}.html").read_text(encoding="utf-8")))
    for path in Path("inspection/indicators/drawn").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                place = {"_": 0, "N_": 0, "Refused": 1}.get(getattr(node.func, "id", ""))
                if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                    found.add(str(node.args[place].value))  # type: ignore[attr-defined]
    return {text for text in found if CHINESE.search(text)}


def test_every_text_has_its_english_with_the_same_places() -> None:
    found, english = texts(), catalogue()
    assert len(found) > 90
    assert sorted(text for text in found if text not in english) == []
    assert not [text for text in found if CHINESE.search(english[text])]
    assert not [text for text in found if sorted(PLACES.findall(text)) != sorted(PLACES.findall(english[text]))]

"""Every text of plans, draws and the portal has its English."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from inspection.i18n import catalogue

TABLES = {"STATES", "PURPOSES", "ROUNDINGS", "POPULATIONS", "SEAT_LABELS", "PRESENT", "KINDS", "BOARDS"}
REFUSALS = {"Invalid", "Refused", "NotFound", "Forbidden", "Conflict"}


def texts(stage: str) -> set[str]:
    """Texts marked in templates and modules, messages of refusals, labels of the tables of words."""
    found: set[str] = set()
    for path in Path(f"inspection/templates/{stage}").glob("*.html"):
        source = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"_\(\s*'([^']+)'", source)) | set(re.findall(r'_\(\s*"([^"]+)"', source))
    for path in Path(f"inspection/{stage}").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", "")
                given = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                found |= set(given[:1] if name in {"_", "N_"} else given[1:2] if name in REFUSALS else [])
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in TABLES and isinstance(node.value, ast.Dict):
                found |= {v.value for v in node.value.values if isinstance(v, ast.Constant)}
    return found


@pytest.mark.parametrize(("stage", "least"), [("plans", 100), ("draws", 140), ("portal", 80)])
def test_every_text_has_its_english(stage: str, least: int) -> None:
    found = {text for text in texts(stage) if not text.isascii()}
    assert len(found) >= least
    assert sorted(text for text in found if text not in catalogue()) == []
    for text in found:
        places = re.findall(r"%\((\w+)\)s", text)
        assert sorted(places) == sorted(re.findall(r"%\((\w+)\)s", catalogue()[text])), text

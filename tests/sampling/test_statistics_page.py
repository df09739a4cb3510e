"""The page for officials: its tables are those that the script computes, and what it names exists."""

from __future__ import annotations

import importlib
import re
import runpy
from pathlib import Path

import pytest

from sampling import __main__ as program

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")


def test_every_table_of_the_page_is_the_one_computed_again() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "coverage_tables.py"))
    assert tool["filled"](PAGE) == PAGE, "run python tools/coverage_tables.py --write"
    assert set(tool["TABLES"]) == set(re.findall(r"<!-- table (\w+) -->", PAGE))


def test_every_function_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`((?:intervals|target|estimate|monitor|allocate|size|acceptance|coverage)(?:\.\w+)*)`", PAGE))
    assert len(named) > 25
    for dotted in sorted(named):
        module, *rest = dotted.split(".")
        found = importlib.import_module(f"sampling.{module}")
        for name in rest:
            found = getattr(found, name) if hasattr(found, name) else importlib.import_module(f"{found.__name__}.{name}")


def test_every_calculation_that_the_page_shows_runs(capsys: pytest.CaptureFixture[str]) -> None:
    shown = re.findall(r"^python -m sampling (.*)$", PAGE, re.M)
    assert len(shown) >= 8
    for line in shown:
        if not line.startswith("verify"):
            assert program.main(line.split()) == 0, line
    assert capsys.readouterr().err == ""

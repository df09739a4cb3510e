"""The library against reference values of independent packages (tests/golden/README.md says where each comes from)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.golden import adapter, check

GOLDEN = Path(__file__).parent.parent / "golden"
DOCUMENT, EDGES = (json.loads((GOLDEN / name).read_text(encoding="utf-8")) for name in ("statistics.json", "edges.json"))
DATASETS = check.datasets_of(DOCUMENT)
CASES: dict[str, list[dict[str, Any]]] = {}
for _case in DOCUMENT["cases"] + EDGES["cases"]:
    CASES.setdefault(_case["function"], []).append(_case)


@pytest.mark.parametrize("function", CASES)
def test_every_reference_case_of_a_function_is_met(function: str) -> None:
    found = {case["id"]: check.difference(case, adapter.call, DATASETS) for case in CASES[function]}
    assert {name: message for name, message in found.items() if message} == {}


def test_the_runner_reports_every_case_as_passed(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main([str(GOLDEN / "statistics.json"), str(GOLDEN / "adapter.py"), "ci_hypergeometric", "oc_curve"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "total pass 33 fail 0 not implemented 0"


def test_the_reference_file_holds_all_its_cases() -> None:
    assert len(DOCUMENT["cases"]) == DOCUMENT["_meta"]["n_cases"] == 611
    assert len(EDGES["cases"]) == EDGES["_meta"]["n_cases"]


def test_the_runner_sees_a_wrong_number_a_wrong_verdict_and_a_missing_refusal() -> None:
    tolerance = {"abs": 1e-9, "rel": 1e-7}
    assert check.close({"lower": 0.5}, {"lower": 0.5000002}, tolerance)
    assert check.close({"verdict": "attained"}, {"verdict": "inconclusive"}, tolerance)
    assert check.close({"table": [1]}, {"table": [1, 2]}, tolerance)
    assert check.close({"lower": float("nan")}, {"lower": 0.5}, tolerance)
    refusing = {"function": "f", "inputs": {}, "expected": {"error": True}, "tolerance": {"exact": True}}
    assert check.difference(refusing, lambda *_: {"lower": 0.1}, {}) == "expected an error"

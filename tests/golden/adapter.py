"""The oracles' names for the public functions of `sampling`: maps, and computes nothing of its own.

`tests/golden/check.py` and `tests/sampling/test_oracles.py` run reference cases through `call`. The functions of estimation,
monitoring and allocation stand in `adapter_design.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sampling import target

try:
    from tests.golden.adapter_design import FUNCTIONS as DESIGN
except ModuleNotFoundError:
    DESIGN: dict[str, Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]] = {}


def judge_target(i: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    found = target.judge(i["x"], i["n"], i["target"], i["conf"])
    return {"lower": found.lower, "upper": found.upper, "verdict": found.verdict.value, "point_at_or_above": found.point_reaches}


FUNCTIONS: dict[str, Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]] = {**DESIGN, "judge_target": judge_target}


def call(function: str, inputs: dict[str, Any], datasets: dict[str, Any]) -> dict[str, Any]:
    """The answer of the library to one case; `ValueError` for invalid input."""
    if function not in FUNCTIONS:
        raise NotImplementedError(function)
    return FUNCTIONS[function](inputs, datasets)

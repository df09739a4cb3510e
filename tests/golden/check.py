"""Runs the reference cases of an oracle file through an adapter and says what differs.

    python tests/golden/check.py tests/golden/statistics.json tests/golden/adapter.py [FUNCTION …]

The adapter defines `call(function, inputs, datasets) -> dict`; it raises `NotImplementedError` for a function it does not have
and `ValueError` (or a subclass) for invalid input. Keys in the answer that the case does not expect are not compared.
"""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Call = Callable[[str, dict[str, Any], dict[str, Any]], dict[str, Any]]


def datasets_of(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The data sets of an oracle file as lists of rows."""
    return {name: [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]] for name, table in document["datasets"].items()}


def close(got: Any, expected: Any, tolerance: dict[str, Any], path: str = "") -> str | None:
    """None when `got` agrees with `expected`, else where and how it differs."""
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            return f"{path}: expected an object"
        named = ((key, value) for key, value in expected.items() if key != "properties")
        return _first(f"{path}.{key}: missing" if key not in got else close(got[key], value, tolerance, f"{path}.{key}") for key, value in named)
    if isinstance(expected, list):
        if not isinstance(got, list | tuple) or len(got) != len(expected):
            return f"{path}: length"
        return _first(close(a, b, tolerance, f"{path}[{i}]") for i, (a, b) in enumerate(zip(got, expected, strict=True)))
    if isinstance(expected, bool | str) or expected is None:
        return None if got == expected else f"{path}: got {got!r}, expected {expected!r}"
    return _close_number(got, expected, tolerance, path)


def _first(messages: Iterable[str | None]) -> str | None:
    return next((message for message in messages if message), None)


def _close_number(got: Any, expected: float, tolerance: dict[str, Any], path: str) -> str | None:
    try:
        number = float(got)
    except (TypeError, ValueError):
        return f"{path}: got {got!r}"
    relative = tolerance.get("rel", 0)
    if path.endswith((".alpha", ".beta")):
        relative = tolerance.get("alpha_beta_rel", relative)
    limit = 0 if tolerance.get("exact") else tolerance.get("abs", 0) + relative * abs(expected)
    if math.isfinite(number) and abs(number - expected) <= limit:
        return None
    return f"{path}: got {number!r}, expected {expected!r} (limit {limit:.1e})"


def _rounded_table(case: dict[str, Any], got: dict[str, Any]) -> str | None:
    """A rounded table need not be unique: its margins, its cells and its distance from the raked one are checked."""
    table, raked, inputs = got["table"], got["raked"], case["inputs"]
    if [sum(row) for row in table] != inputs["row_totals"]:
        return "row totals"
    if [sum(column) for column in zip(*table, strict=True)] != inputs["col_totals"]:
        return "column totals"
    distance = 0.0
    for whole, exact in ((n, q) for row in zip(table, raked, strict=True) for n, q in zip(*row, strict=True)):
        low = math.floor(exact + 1e-7)
        if whole != int(whole) or whole < 0 or whole not in (low, low if abs(exact - low) < 1e-7 else low + 1):
            return f"cell {whole} is not floor or ceil of {exact}"
        distance += abs(whole - exact)
    least = case["expected"]["min_total_abs_deviation"]
    return None if distance <= least * (1 + 1e-6) + case["tolerance"]["abs"] else f"objective {distance} > {least}"


def _neyman(case: dict[str, Any], got: dict[str, Any]) -> str | None:
    """An optimal allocation need not be unique: its sum, its bounds and its variance are checked."""
    expected, inputs, sizes = case["expected"], case["inputs"], got["integer"]
    low = inputs["lower"] or [1] * len(sizes)
    high = [min(pair) for pair in zip(inputs["N"], inputs["upper"] or inputs["N"], strict=True)]
    if sum(sizes) != inputs["n"] or any(not a <= size <= b for size, a, b in zip(sizes, low, high, strict=True)):
        return "sum or bounds"
    variance = sum(N * (N - n) * s * s / n for N, n, s in zip(inputs["N"], sizes, inputs["S"], strict=True))
    if variance > expected["integer_variance"] * (1 + 1e-9) + 1e-9:
        return f"variance {variance} > optimum {expected['integer_variance']}"
    return close(got, {"continuous": expected["continuous"]}, case["tolerance"])


SPECIAL = {"controlled_rounding": _rounded_table, "neyman_allocation": _neyman}


def difference(case: dict[str, Any], call: Call, datasets: dict[str, Any]) -> str | None:
    """None when the adapter answers the case as expected, else the first difference; `NotImplementedError` passes through."""
    refused = case["expected"].get("error")
    try:
        got = call(case["function"], json.loads(json.dumps(case["inputs"])), datasets)
    except ValueError as error:
        return None if refused else f"ValueError {error}"
    except NotImplementedError:
        raise
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if refused:
        return None if got is None or got.get("error") else "expected an error"
    if case["function"] in SPECIAL:
        return SPECIAL[case["function"]](case, got)
    return close(got, case["expected"], case["tolerance"])


def main(arguments: list[str]) -> int:
    """Print a line per function and the first forty differences; 0 when there is none."""
    document = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    spec = importlib.util.spec_from_file_location("adapter", arguments[1])
    assert spec and spec.loader, f"no module at {arguments[1]}"
    adapter = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(adapter)
    datasets = datasets_of(document)
    tally: dict[str, list[int]] = {}
    failures: list[str] = []
    for case in document["cases"]:
        if arguments[2:] and case["function"] not in arguments[2:]:
            continue
        counts = tally.setdefault(case["function"], [0, 0, 0])
        try:
            message = difference(case, adapter.call, datasets)
        except NotImplementedError:
            counts[2] += 1
            continue
        counts[bool(message)] += 1
        if message:
            failures.append(f"FAIL {case['id']} {message}")
    report(tally, failures)
    return 1 if failures else 0


def report(tally: dict[str, list[int]], failures: list[str]) -> None:
    """The table of results."""
    for function, (passed, failed, missing) in sorted(tally.items()):
        print(f"{function:32s} pass {passed:3d}  fail {failed:3d}  not implemented {missing:3d}")
    print("\n".join(failures[:40]), end="\n" if failures else "")
    passed, failed, missing = (sum(row[k] for row in tally.values()) for k in range(3))
    print("total pass", passed, "fail", failed, "not implemented", missing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

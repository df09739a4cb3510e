"""Every public function says what it takes, gives and refuses, by which formula, from which source, with an example that is run."""

from __future__ import annotations

import importlib
import inspect

import pytest

MODULES = (
    "sampling.intervals", "sampling.target", "sampling.target.sequential", "sampling.size", "sampling.acceptance", "sampling.counting",
    "sampling.hypergeometric", "sampling.coverage", "sampling.allocate", "sampling.estimate", "sampling.monitor",
)
SECTIONS = ("Parameters", "Returns", "Raises", "Notes", "References", "Examples")


def public(name: str) -> dict[str, object]:
    module = importlib.import_module(name)
    names = getattr(module, "__all__", None) or [n for n, v in vars(module).items() if getattr(v, "__module__", "") == name and n[0] != "_"]
    return {n: getattr(module, n) for n in names if inspect.isfunction(getattr(module, n))}


@pytest.mark.parametrize("name", MODULES)
def test_every_public_function_is_documented_in_full(name: str) -> None:
    functions = public(name)
    assert functions
    missing = {n: [s for s in SECTIONS if f"\n{s}\n{'-' * len(s)}\n" not in (inspect.getdoc(f) or "")] for n, f in functions.items()}
    assert {n: sections for n, sections in missing.items() if sections} == {}
    assert all(">>>" in (inspect.getdoc(f) or "") for n, f in functions.items())

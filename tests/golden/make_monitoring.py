"""Makes monitoring.json: thresholds, signals and funnels computed without the library and without numpy.

    python tests/golden/make_monitoring.py

Thresholds: the CUSUM since its last return to zero is known from two whole numbers, the periods m and the failures f; so the
mean run length follows exactly from one cycle (expected length of a cycle over the chance that it ends in an alarm), where the
library simulates. Signals: all ways are counted as whole numbers. Funnels: mid-p scores from exact binomial sums as fractions,
the between-region variance from its moment equation (DerSimonian & Laird 1986, doi:10.1016/0197-2456(86)90046-2).
"""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from statistics import NormalDist
from typing import Any

CHARTS = [(250, 0.02, 0.04, 40), (1000, 0.02, 0.03, 100), (120, 0.05, 0.1, 40), (560, 0.02, 0.03, 40)]
CELLS = {
    "tea, Fisher 1935": [[3, 4], [1, 4]],
    "one producer among eight": [[6, 20], *[[k % 2, 25] for k in range(7)]],
    "a rest without failures": [[2, 10], [0, 30], [0, 60]],
}
EVENTS = {"poisson.test of R, 11 in 800 and 21 in 3011 person-years": [[11, 800], [21, 3011]], "four regions": [[9, 100], [4, 120], [5, 90], [3, 150]]}
FUNNELS = {
    "eleven counties": [[2, 210], [6, 340], [14, 560], [9, 415], [17, 980], [7, 150], [11, 620], [24, 505], [15, 780], [0, 290], [8, 450]],
    "alike": [[4, 200], [6, 300], [2, 100], [9, 400]],
}


def run_length(n: int, p0: float, p1: float, h: float, periods: int = 400) -> float:
    """Mean in-control run length of the CUSUM with alarm at S ≥ h."""
    fail, clear = math.log(p1 / p0), math.log((1 - p1) / (1 - p0))
    mass = [math.comb(n, x) * p0**x * (1 - p0) ** (n - x) for x in range(min(n, 12 + int(n * p0 * 4)) + 1)]
    state, length, alarm = {0: 1.0}, 0.0, 0.0  # failures since the last zero → chance of being there
    for m in range(1, periods + 1):
        length += sum(state.values())
        after: dict[int, float] = {}
        for f, chance in state.items():
            for x, p in enumerate(mass):
                level = (f + x) * fail + (m * n - f - x) * clear
                if level >= h:
                    alarm += chance * p
                elif level > 0:
                    after[f + x] = after.get(f + x, 0.0) + chance * p
        state = after
    return length / alarm


def threshold(n: int, p0: float, p1: float, wanted: float) -> dict[str, float]:
    """The two attained values between which h must lie, and the run length there."""
    fail, clear = math.log(p1 / p0), math.log((1 - p1) / (1 - p0))
    values = sorted({s for m in range(1, 60) for f in range(m * n // 10 + 60) if 0 < (s := f * fail + (m * n - f) * clear) < 8})
    low, high = 0, len(values) - 2
    while high - low > 1:
        middle = (low + high) // 2
        if run_length(n, p0, p1, (values[middle] + values[middle + 1]) / 2) >= wanted:
            high = middle
        else:
            low = middle
    h = (values[high] + values[high + 1]) / 2
    before = run_length(n, p0, p1, (values[high - 1] + values[high]) / 2)
    return {"n": n, "p0": p0, "p1": p1, "wanted": wanted, "h": h, "run_length": run_length(n, p0, p1, h), "one_step_lower": before}


def counted(cells: list[list[int]]) -> list[float]:
    """P(X ≥ failed) of every cell given the total, hypergeometric."""
    bad, seen = (sum(column) for column in zip(*cells, strict=True))
    tails = []
    for x, n in cells:
        ways = sum(math.comb(bad, k) * math.comb(seen - bad, n - k) for k in range(x, min(n, bad) + 1))
        tails.append(float(Fraction(ways, math.comb(seen, n))))
    return tails


def conditional(cells: list[list[int]]) -> list[float]:
    """P(X ≥ events) of every cell given the total, binomial in its share of the exposure."""
    bad, seen = (sum(column) for column in zip(*cells, strict=True))
    tails = []
    for x, exposure in cells:
        share = Fraction(exposure, seen)
        tails.append(float(sum(math.comb(bad, k) * share**k * (1 - share) ** (bad - k) for k in range(x, bad + 1))))
    return tails


def raised(p: list[float]) -> list[float]:
    """Benjamini–Hochberg, by its definition: min over j ≥ i of m·p(j)/j."""
    order = sorted(range(len(p)), key=lambda i: p[i])
    return [min(min(1.0, len(p) * p[order[j]] / (j + 1)) for j in range(order.index(i), len(p))) for i in range(len(p))]


def funnel(cells: list[list[int]]) -> dict[str, Any]:
    """Scores, φ and τ² about the pooled rate."""
    rate = Fraction(sum(x for x, _ in cells), sum(n for _, n in cells))
    scores = []
    for x, n in cells:
        mass = [math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(x + 1)]
        scores.append(NormalDist().inv_cdf(float(sum(mass[:-1], Fraction(0)) + mass[-1] / 2)))
    weight = [n / (rate * (1 - rate)) for _, n in cells]
    excess = sum(w * (Fraction(x, n) - rate) ** 2 for w, (x, n) in zip(weight, cells, strict=True)) - (len(cells) - 1)
    tau2 = max(Fraction(0), excess / (sum(weight) - sum(w * w for w in weight) / sum(weight)))
    return {"cells": cells, "z": scores, "phi": sum(z * z for z in scores) / len(cells), "tau2": float(tau2)}


def main() -> None:
    made = {
        "made_by": "python tests/golden/make_monitoring.py",
        "thresholds": [threshold(*chart) for chart in CHARTS],
        "signals": [
            {"name": name, "model": model, "cells": cells, "p": (p := tail(cells)), "q": raised(p)}
            for model, tail, given in (("binomial", counted, CELLS), ("poisson", conditional, EVENTS))
            for name, cells in given.items()
        ],
        "funnels": {name: funnel(cells) for name, cells in FUNNELS.items()},
    }
    path = Path(__file__).with_name("monitoring.json")
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in made.items())
    path.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Makes sequential.json: boundaries of planned looks computed without the library, in exact fractions of whole numbers.

    python tests/golden/make_sequential.py

The library convolves binomial laws in floating point. Here every path is counted: the number of ways (weighted by the odds of
failing) to have k failures after n batches without having stopped before, one batch at a time, as a Python integer. The spending
function comes from the standard library's normal distribution.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from statistics import NormalDist
from typing import Any

PLANS: list[tuple[list[int], str, str]] = [
    ([560, 1120, 1680, 2240], "0.98", "0.95"),
    ([100, 200, 300, 400, 500, 600], "0.98", "0.95"),
    ([50, 120, 400], "0.9", "0.975"),
    ([30, 60, 90], "0.5", "0.9"),
    ([187, 374, 560, 747, 934, 1120, 1307, 1494, 1680, 1867, 2054, 2240], "0.98", "0.95"),
]
PUBLISHED = {  # one-sided 0.025, O'Brien–Fleming type spending, equally spaced looks: standardised boundaries
    "3": [3.7103, 2.5114, 1.9930],
    "5": [4.8769, 3.3569, 2.6803, 2.2898, 2.0310],
}


def spent(fraction: float, alpha: float) -> float:
    return 2 * NormalDist().cdf(NormalDist().inv_cdf(alpha / 2) / fraction**0.5)


def boundary(looks: list[int], rate: Fraction, alpha: float, few: bool) -> list[dict[str, Any]]:
    fail, ok = rate.numerator, rate.denominator - rate.numerator
    ways, n, used, rows = {0: 1}, 0, Fraction(0), []
    for look in looks:
        for _ in range(look - n):
            grown: dict[int, int] = {}
            for k, count in ways.items():
                grown[k] = grown.get(k, 0) + count * ok
                grown[k + 1] = grown.get(k + 1, 0) + count * fail
            ways = grown
        n = look
        left = Fraction(spent(look / looks[-1], alpha)) - used
        edge, found = (-1 if few else look + 1), Fraction(0)
        for k in sorted(ways, reverse=not few):
            more = found + Fraction(ways[k], rate.denominator**n)
            if more > left:
                break
            edge, found = k, more
        ways = {k: count for k, count in ways.items() if (k > edge if few else k < edge)}
        used += found
        rows.append({"n": look, "edge": edge, "error": float(used)})
    return rows


def main() -> None:
    cases = []
    for looks, target, conf in PLANS:
        rate, alpha = 1 - Fraction(target), float(1 - Fraction(conf))
        cases.append({
            "looks": looks, "target": target, "conf": conf,
            "attained": boundary(looks, rate, alpha, True), "not_attained": boundary(looks, rate, alpha, False),
        })
    document = {
        "source": {
            "published": "Reboussin, DeMets, Kim & Lan (1996/2000, doi:10.1016/S0197-2456(00)00057-X) for five looks; gsDesign sfLDOF for three",
            "cases": "tests/golden/make_sequential.py: exact path counting in whole numbers",
        },
        "published_z": PUBLISHED,
        "cases": cases,
    }
    Path(__file__).with_name("sequential.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

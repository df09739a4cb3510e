"""How fast intervals are computed for many cells, beside the usual way of computing them.

    python benchmarks/bench_intervals.py [CELLS]      # default 100000

The peer is what the documentation of statsmodels shows for one cell, `proportion_confint(count, nobs, method="beta")`, in a Python loop;
its vectorised form is printed as well, because it exists. All figures are CPU seconds in this process on one core. The ratio asked for is
at least 50 against the loop; the program fails below it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from statsmodels.stats.proportion import proportion_confint

from sampling import intervals

WANTED = 50


def measured(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds, best of three, and the last answer."""
    best, answer = float("inf"), None
    for _ in range(3):
        start = time.process_time()
        answer = work()
        best = min(best, time.process_time() - start)
    return best, answer


def cells(count: int, *, regional: bool) -> tuple[np.ndarray, np.ndarray]:
    """Cells of a national table: small ones that repeat (regional) or all sizes up to 5,000."""
    rng = np.random.default_rng(20260101)
    n = rng.integers(5, 80 if regional else 5000, count)
    return rng.binomial(n, 0.975), n


def line(name: str, seconds: float, loop: float) -> None:
    sys.stdout.write(f"{name:<46}{seconds:9.4f} s {loop / seconds:9.0f}x\n")


def compare(count: int, *, regional: bool) -> float:
    """Print one table and give the ratio against the loop."""
    x, n = cells(count, regional=regional)
    distinct = len(np.unique(np.stack([x, n]), axis=1).T)
    sys.stdout.write(f"{count} cells, {distinct} distinct\n")
    sample = min(count, 5000)  # the loop is measured on the first cells and scaled: its time is proportional
    slow, loop_answer = measured(lambda: [proportion_confint(int(a), int(b), method="beta") for a, b in zip(x[:sample], n[:sample], strict=True)])
    slow *= count / sample
    line("statsmodels, loop over the cells", slow, slow)
    line("statsmodels, arrays", measured(lambda: proportion_confint(x, n, method="beta"))[0], slow)
    fast, (low, high) = measured(lambda: intervals.clopper_pearson(x, n))
    line("sampling.intervals.clopper_pearson", fast, slow)
    for method in ("wilson", "jeffreys", "mid-p", "blaker"):
        line(f"sampling.intervals, {method}", measured(lambda method=method: intervals.interval(x, n, method))[0], slow)  # type: ignore[misc]
    expected = np.array(loop_answer)
    if not np.allclose(np.stack([low, high], axis=1)[:sample], expected, atol=1e-11):
        raise SystemExit("the two computations disagree")
    return slow / fast


def main(count: int) -> int:
    """Both tables; 1 when the ratio is below the one asked for."""
    ratios = [compare(count, regional=True), compare(count, regional=False)]
    sys.stdout.write(f"ratio against the loop: {min(ratios):.0f} (asked for: {WANTED})\n")
    return 0 if min(ratios) >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))

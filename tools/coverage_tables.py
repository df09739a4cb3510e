"""The tables of docs/statistics.md, computed again: what the intervals and the verdict rule promise and keep.

    python tools/coverage_tables.py          print the tables
    python tools/coverage_tables.py --write  put them into the page, between their marks

A test compares the page with what this script computes. Exact enumeration, except where a table says that it is simulated.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.special import ndtri
from scipy.stats import binom

from sampling import estimate, intervals, size, target
from sampling.errors import SamplingError
from sampling.target import sequential

PAGE = Path(__file__).resolve().parent.parent / "docs" / "statistics.md"
Limits = tuple[np.ndarray, np.ndarray]
TARGET = 0.98


def wald(x: np.ndarray, n: np.ndarray, conf: float) -> Limits:
    """The interval that is never used, for the comparison."""
    p = x / n
    half = float(ndtri(0.5 + conf / 2)) * np.sqrt(p * (1 - p) / n)
    return p - half, p + half


METHODS: dict[str, Callable[[np.ndarray, np.ndarray, float], Limits]] = {
    "Clopper–Pearson": intervals.clopper_pearson,
    "Wilson": intervals.wilson,
    "Jeffreys": intervals.jeffreys,
    "Agresti–Coull": intervals.agresti_coull,
    "mid-P": intervals.mid_p,
    "Wald": wald,
}


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


def share(value: float) -> str:
    return f"{100 * value:.1f} %"


def coverage() -> str:
    """Mean and least coverage of the 95 % interval over true rates 97.00 … 99.90 %, in steps of 0.01."""
    names = ["Clopper–Pearson", "Wilson", "Jeffreys", "Agresti–Coull", "Wald"]
    rates = np.arange(9700, 9991) / 10000
    rows = []
    for n in (50, 200, 1000):
        x = np.arange(n + 1)
        mass = binom.pmf(x[None, :], n, rates[:, None])
        row = [f"{n}"]
        for name in names:
            low, high = METHODS[name](x, np.full(n + 1, n), 0.95)
            kept = (mass * ((low[None, :] <= rates[:, None]) & (rates[:, None] <= high[None, :]))).sum(axis=1)
            row.append(f"{share(kept.mean())} / {share(kept.min())}")
        rows.append(row)
    return table(["批次 n", *names], rows)


Rule = Callable[[np.ndarray, np.ndarray], np.ndarray]  # x, n → whether it says "attained"


def _chances(sizes: list[int], rule: Rule) -> np.ndarray:
    """P(the rule says "attained") for every n when the true rate is the target; every rule is monotone in x."""
    first = [int(0.975 * n) for n in sizes]
    x = np.concatenate([np.arange(a, n + 1) for a, n in zip(first, sizes, strict=True)])
    widths = np.array([n + 1 - a for a, n in zip(first, sizes, strict=True)])
    says = np.add.reduceat(rule(x, np.repeat(sizes, widths)), np.cumsum(widths) - widths, dtype=np.int64)
    return binom.sf(np.array(sizes) - says, sizes, TARGET)


def wrong_verdict() -> str:
    """Chance of a wrong "attained" when the true rate stands exactly at 98 %."""

    def by_lower(name: str) -> Rule:
        return lambda x, n: METHODS[name](x, n, 0.90)[0] >= TARGET

    rules: dict[str, Rule] = {"样本率 ≥ 98 %": lambda x, n: x * 100 >= 98 * n}
    rules |= {name: by_lower(name) for name in ("Wald", "Jeffreys", "mid-P", "Wilson", "Clopper–Pearson")}
    sizes, worst = [100, 300, 1000], list(range(20, 2001))
    columns = [[share(v) for v in (*_chances(sizes, rule), _chances(worst, rule).max())] for rule in rules.values()]
    return table(["批次 n", *rules], [list(row) for row in zip(["100", "300", "1000", "20…2000 中最坏"], *columns, strict=True)])


def batches() -> str:
    """Batches with at most so many failures that show a target (one-sided 95 %)."""
    rows = [[goal, *(str(target.batches_to_show(goal, k)) for k in (0, 1, 2, 5))] for goal in ("95%", "98%", "99%", "99.8%")]
    return table(["目标", "0 批不合格", "1 批", "2 批", "5 批"], rows)


def power() -> str:
    """Chance of showing "at least 98 %" with n batches, and the n that first reaches 80 %."""
    truths = ("0.985", "0.99", "0.995")
    rows = [[f"{n}", *(share(target.power(n, "98%", float(p)).power) for p in truths)] for n in (200, 500, 1000, 2240, 5000)]
    found = [target.size_for_power("98%", float(p)) for p in truths]
    first = ["首次达到 80 %，此后不再跌破", *(f"n = {each.n}，{each.settled}" for each in found)]
    return table(["批次 n", "真实 98.5 %", "真实 99 %", "真实 99.5 %"], [*rows, first])


def looks() -> str:
    """Chance of ever saying "attained" wrongly when 560 batches are added every quarter and the true rate is 98 %."""
    rows = []
    for k in (1, 2, 4, 8, 12):
        at = [560 * (j + 1) for j in range(k)]
        planned = sequential.plan(at, "98%").looks
        rows.append([f"{k}", share(sequential.unplanned_error(at, "98%")), share(planned[-1].error_attained)])
    return table(["看几次", "每次都当作第一次", "按计划分配误差"], rows)


def two_rates() -> str:
    """Batches per year that show a rise with 80 % power (two-sided 5 %)."""
    pairs = [(0.97, 0.98), (0.98, 0.985), (0.98, 0.99), (0.95, 0.97)]
    return table(["从", "到", "每年批次"], [[share(a), share(b), f"{size.for_two_rates(a, b).n}"] for a, b in pairs])


def weighted() -> str:
    """Simulated: coverage of weighted 95 % intervals, three strata of rates 99, 98 and 95 %, 4,000 samples, seed 2026."""
    rng = np.random.default_rng(2026)
    population, rates = np.array([12000, 8000, 5000]), np.array([0.99, 0.98, 0.95])
    truth = float((population * rates).sum() / population.sum())
    rows = []
    for n in ([24, 16, 10], [60, 40, 25], [120, 80, 50]):
        kept = dict.fromkeys(("korn_graubard", "logit_t", "wald_t"), 0)
        for x in rng.binomial(n, rates, size=(4000, 3)):
            found = estimate.stratified_rate(population, n, x)
            for method in kept:
                kept[method] += _holds(found, truth, method)
        rows.append([f"{sum(n)}", *(share(v / 4000) for v in kept.values())])
    return table(["批次 n", "Korn–Graubard（默认）", "logit-t", "Wald-t"], rows)


def _holds(found: estimate.Rate, truth: float, method: str) -> bool:
    """Whether the interval holds the truth; one that does not exist holds nothing."""
    try:
        low, high = found.interval(0.95, method)
    except SamplingError:
        return False
    return low <= truth <= high


TABLES = {each.__name__: each for each in (coverage, wrong_verdict, batches, power, looks, two_rates, weighted)}


def filled(page: str) -> str:
    """The page with every table computed anew."""
    for name, make in TABLES.items():
        place = re.search(rf"<!-- table {name} -->\n(.*?)<!-- end -->", page, re.DOTALL)
        if place is None:
            raise SystemExit(f"{PAGE.name}: no place for the table {name}")
        page = f"{page[: place.start(1)]}{make()}\n{page[place.end(1) :]}"
    return page


def main(arguments: list[str]) -> int:
    if arguments == ["--write"]:
        PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        return 0
    for name, make in TABLES.items():
        print(f"{name}: {make.__doc__}\n\n{make()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

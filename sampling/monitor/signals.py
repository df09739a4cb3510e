"""Cluster signals 聚集性信号: is one item × producer × region worse than the rest of the network?"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binom, hypergeom

from sampling.arguments import Floats, Ints, one_of, passed_and_tested, probability, same_length
from sampling.errors import SamplingError
from sampling.monitor.compare import adjusted

MODELS = ("binomial", "poisson")


@dataclass(frozen=True, slots=True)
class Signal:
    """一个格: what was seen, what the rest of the network would give, the exact tail and its adjusted value."""

    cell: Hashable
    failed: int
    tested: int
    expected: float
    p: float
    q: float
    signal: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """一次扫描: all cells by adjusted value; `cells` of them were looked at, and that number belongs beside every signal."""

    rows: list[Signal]
    q: float
    model: str

    @property
    def cells(self) -> int:
        return len(self.rows)

    @property
    def signals(self) -> list[Signal]:
        return [row for row in self.rows if row.signal]


def tally(records: Iterable[tuple[Hashable, bool]]) -> dict[Hashable, tuple[int, int]]:
    """(failed, tested) per cell from records of (cell, failed).

    Parameters
    ----------
    records : pairs of a cell (any hashable) and whether that batch failed.

    Returns
    -------
    dict : cell → (failed, tested), in the order of first appearance.

    Raises
    ------
    nothing.

    Notes
    -----
    One record per batch: two failing items of one batch are one failure.

    References
    ----------
    Rule R1 of `sampling.counting`.

    Examples
    --------
    >>> tally([("a", True), ("a", False), ("b", False)])
    {'a': (1, 2), 'b': (0, 1)}
    """
    counts: dict[Hashable, tuple[int, int]] = {}
    for cell, failed in records:
        bad, seen = counts.get(cell, (0, 0))
        counts[cell] = bad + bool(failed), seen + 1
    return counts


def scan(cells: Mapping[Any, tuple[int, int]], *, within: Mapping[Any, Hashable] | None = None, q: float = 0.05, model: str = "binomial") -> Scan:
    """Compare every cell with the rest of the network.

    Parameters
    ----------
    cells : cell → (failed, tested), each tested ≥ 1; for "poisson" (failures, exposure) where failures may exceed no bound
        but exposure is still a whole number.
    within : cell → group; a cell is compared with the rest of its own group (its item), else with all.
    q : share of false signals accepted among the signals (Benjamini–Hochberg over all cells scanned).
    model : "binomial": failing batches, given the total the count of the cell is hypergeometric. "poisson": events, given the
        total it is binomial in the cell's share of the exposure.

    Returns
    -------
    Scan : sorted by adjusted value, then p, then the order given.

    Raises
    ------
    SamplingError : no cells, broken counts, more failures than batches, an unknown model, q outside (0, 1).

    Notes
    -----
    p = P(X ≥ failed) under "the cell is like the rest", exact, with the rest's rate unknown rather than taken as known: a rest
    without failures proves nothing by itself. Wrong as a statement about the market when the batches were targeted: a signal
    opens an inquiry, it proves no cause.

    References
    ----------
    Przyborowski & Wilenski (1940), doi:10.1093/biomet/31.3-4.313; Fisher (1935).

    Examples
    --------
    >>> found = scan({("毒死蜱", "P1"): (6, 10), ("毒死蜱", "P2"): (2, 100), ("毒死蜱", "P3"): (1, 90)})
    >>> [(row.cell[1], round(row.expected, 2), row.signal) for row in found.signals]
    [('P1', 0.16, True)]
    """
    one_of(model, MODELS, "模型 model")
    level = probability(q, "q")
    if not cells:
        raise SamplingError("没有可扫描的格；至少给一个")
    names = list(cells)
    failed, tested = _columns(cells, names, model)
    group = _groups(names, within)
    in_group = [np.bincount(group, weights=column)[group].astype(np.int64) for column in (failed, tested)]
    tail = _tails(failed, tested, in_group[0], in_group[1], model)
    expected = _expected(failed, tested, in_group[0], in_group[1])
    raised = adjusted(tail)
    order = sorted(range(len(names)), key=lambda i: (raised[i], tail[i], i))
    rows = [
        Signal(names[i], int(failed[i]), int(tested[i]), float(expected[i]), float(tail[i]), float(raised[i]), bool(raised[i] <= level))
        for i in order
    ]
    return Scan(rows, level, model)


def _columns(cells: Mapping[Any, tuple[int, int]], names: Sequence[Any], model: str) -> tuple[Ints, Ints]:
    pairs = np.array([cells[name] for name in names])
    if model == "binomial":
        failed, tested = passed_and_tested(pairs[:, 0], pairs[:, 1], "不合格数 failed", "批次数 tested")
    else:
        failed, _ = passed_and_tested(pairs[:, 0], np.full(len(names), 2**52), "事件数 failed", "上限")
        _, tested = passed_and_tested(np.zeros(len(names), dtype=np.int64), pairs[:, 1], "0", "暴露量 tested")
    same_length(failed=failed, tested=tested)
    return failed, tested


def _groups(names: Sequence[Any], within: Mapping[Any, Hashable] | None) -> Ints:
    if within is None:
        return np.zeros(len(names), dtype=np.int64)
    if missing := [name for name in names if name not in within]:
        raise SamplingError(f"这些格没有给组别 within：{missing[:5]}")
    number: dict[Hashable, int] = {}
    return np.array([number.setdefault(within[name], len(number)) for name in names], dtype=np.int64)


def _tails(failed: Ints, tested: Ints, all_failed: Ints, all_tested: Ints, model: str) -> Floats:
    if model == "binomial":
        tail = hypergeom.sf(failed - 1, all_tested, all_failed, tested)
    else:
        tail = binom.sf(failed - 1, all_failed, tested / all_tested)
    return np.asarray(np.clip(np.where(failed == 0, 1.0, tail), 0.0, 1.0), dtype=np.float64)


def _expected(failed: Ints, tested: Ints, all_failed: Ints, all_tested: Ints) -> Floats:
    """What the cell would show at the rate of the rest (0 where there is no rest to compare with: p is then 1)."""
    rest = all_tested - tested
    rate = np.divide(all_failed - failed, rest, out=np.zeros(rest.shape), where=rest > 0)
    return np.asarray(rate * tested, dtype=np.float64)

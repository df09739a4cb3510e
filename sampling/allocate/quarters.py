"""Quarters 季度分解: the cells of a table over four quarters, as two nested families of sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampling.allocate.apportion import hamilton
from sampling.allocate.margins import Table, two_margins
from sampling.arguments import Floats, counts, whole
from sampling.errors import SamplingError

_ALMOST = 1e-9


@dataclass(frozen=True, slots=True)
class Quarters:
    """季度分解: cells[region, class, quarter]; exact per cell, per class × quarter and per quarter; deviations of regions."""

    cells: Table
    deviations: list[tuple[int, int, float]]  # region, quarter, batches away from a quarter of the region's year when 1 or more


def split_quarters(table: Any, quarter_totals: Sequence[int] | None = None) -> Quarters:
    """Split a table over four quarters: class × quarter exact, region × quarter as near to a quarter as it goes.

    Parameters
    ----------
    table : (regions, classes) integers.
    quarter_totals : four totals of the year's total; equal ones (the earlier quarters larger) when left out.

    Returns
    -------
    Quarters

    Raises
    ------
    SamplingError : broken counts, a table that is not two-dimensional, quarters that do not add up to the year.

    Notes
    -----
    Cells over quarters, and classes over quarters inside the quarters' totals, are two nested families: whole solutions
    exist. Three sets of two-way margins at once need not have one (Cox & Ernst 1982), so regions are brought within one batch
    of their share by exchanges that keep the other sums, and every deviation that is left is listed.

    References
    ----------
    Cox & Ernst (1982), INFOR 20, 423–432.

    Examples
    --------
    >>> split_quarters([[4, 4], [4, 4]]).cells.sum(axis=(0, 1)).tolist()
    [4, 4, 4, 4]
    """
    year = counts(table, "年度表 table")
    if year.ndim != 2:
        raise SamplingError(f"年度表 table 应为 区域×类别 的整数表，收到形状 {year.shape}")
    total = int(year.sum())
    totals = hamilton(total, [1, 1, 1, 1]) if quarter_totals is None else [whole(v, "季度合计 quarter_totals") for v in quarter_totals]
    if len(totals) != 4 or sum(totals) != total:
        raise SamplingError(f"四个季度合计 {sum(totals)} 与全年 {total} 不相等")
    by_class = year.sum(axis=0)
    class_quarter = two_margins(by_class.tolist(), totals, np.outer(by_class, totals) if total else np.zeros((by_class.size, 4))).table
    share = np.outer(year.sum(axis=1), totals) / max(total, 1)
    cells = _by_class(year, class_quarter, share)
    away = _evened(cells, year, class_quarter, share)
    return Quarters(cells, [(int(i), int(k), float(away[i, k])) for i, k in np.argwhere(np.abs(away) >= 1 - _ALMOST)])


def _by_class(year: Table, class_quarter: Table, share: Floats) -> Table:
    """Class by class, the large ones first; what regions missed so far is asked for in the next class."""
    cells = np.zeros((*year.shape, 4), dtype=np.int64)
    done, planned = np.zeros_like(share), np.zeros_like(share)
    by_class = year.sum(axis=0)
    for j in np.argsort(-by_class, kind="stable"):
        if not by_class[j]:
            continue
        expected = np.outer(year[:, j], class_quarter[j]) / by_class[j]
        planned += expected
        wish = np.where(expected > 0, np.maximum(expected + 0.9 * (planned - expected - done), 1e-6), 0.0)
        cells[:, j, :] = two_margins(year[:, j].tolist(), class_quarter[j].tolist(), wish).table
        done += cells[:, j, :]
    return cells


def _evened(cells: Table, year: Table, class_quarter: Table, share: Floats) -> Floats:
    """Exchanges of two regions inside one class that bring a region nearer to its share; changes `cells`, gives what is left.

    Class × quarter and every cell's total stay, and no cell leaves the floor or ceiling of its own share.
    """
    exact = year[:, :, None] * (class_quarter / np.maximum(year.sum(axis=0), 1)[:, None])[None, :, :]
    away = cells.sum(axis=1) - share
    for i, k in np.argwhere(np.abs(away) >= 1 - _ALMOST):
        while abs(away[i, k]) >= 1 - _ALMOST and _exchanged(cells, exact, away, int(i), int(k)):
            pass
    return np.asarray(away, dtype=np.float64)


def _exchanged(cells: Table, exact: Floats, away: Floats, i: int, k: int) -> bool:
    """The exchange with one other region, class and quarter that lessens the squared deviations most, if any does."""
    sign = 1 if away[i, k] > 0 else -1  # 1: region i gives a batch of quarter k away and takes one of another
    give, take = ((np.abs(moved - exact) < 1 - _ALMOST) & (moved >= 0) for moved in (cells - sign, cells + sign))
    gain = 2 * sign * (away[i, k] - away[i][None, :] + away - away[:, k][:, None]) - 4  # by other region and quarter
    possible = (give[i, :, k] & take[i].T)[None, :, :] & give.transpose(0, 2, 1) & take[:, :, k][:, None, :]  # region, quarter, class
    possible[i], possible[:, k] = False, False
    gain = np.where(possible.any(axis=2), gain, 0.0)
    other, to = (int(v) for v in np.unravel_index(int(gain.argmax()), gain.shape))
    if gain[other, to] <= _ALMOST:
        return False
    j = int(possible[other, to].argmax())
    for region, way in ((i, sign), (other, -sign)):
        cells[region, j, k] -= way
        cells[region, j, to] += way
        away[region, k] -= way
        away[region, to] += way
    return True

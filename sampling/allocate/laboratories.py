"""Laboratories 承检机构: class × period batches to laboratories at least cost, within scope, capacity and bans."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import csc_matrix

from sampling.allocate.flow import cheapest, diagonal
from sampling.allocate.margins import Table
from sampling.arguments import Bools, Floats, counts, numbers, refuse_where, whole
from sampling.errors import SamplingError


@dataclass(frozen=True, slots=True)
class Laboratory:
    """承检机构 for the assignment: classes it may test (None = all), capacity per period and price per batch."""

    name: str
    capacity: Sequence[int]
    classes: frozenset[str] | None = None
    price: int = 0


@dataclass(frozen=True, slots=True)
class Assignment:
    """batches[class, period, laboratory], what could not be placed per (class, period), why, and the cost of what could."""

    batches: Table
    overflow: Table
    cost: int
    reasons: list[str] = field(default_factory=list)


def assign_laboratories(
    demand: Any, classes: Sequence[str], laboratories: Sequence[Laboratory], banned: Collection[tuple[str, str]] = ()
) -> Assignment:
    """Send class × period batches to laboratories at least cost within scope and capacity (minimum-cost flow).

    Parameters
    ----------
    demand : (classes, periods) whole numbers.
    classes : names of the rows of `demand`.
    laboratories : each with its capacity in every period.
    banned : pairs (laboratory, class) that must not meet, such as a laboratory testing what its owner makes.

    Returns
    -------
    Assignment : as much as possible is placed, then as cheaply as possible; of equally cheap ones, earlier classes go to
        earlier laboratories. `overflow` holds the rest and `reasons` the full scope or capacity that stopped it.

    Raises
    ------
    SamplingError : demand, classes and capacities of different length, negative prices, a ban on an unknown laboratory.

    Notes
    -----
    Periods are separate minimum-cost flows (totally unimodular). Wrong where a laboratory's capacity is for the year only:
    split it over the periods first.

    References
    ----------
    Ford & Fulkerson (1962), Flows in Networks.

    Examples
    --------
    >>> labs = [Laboratory("A", [5], None, 1), Laboratory("B", [9], frozenset({"肉制品"}), 2)]
    >>> assign_laboratories([[8], [3]], ["肉制品", "乳制品"], labs).batches[:, 0, :].tolist()
    [[2, 6], [3, 0]]
    """
    wanted = counts(demand, "需求 demand")
    if wanted.ndim != 2 or wanted.shape[0] != len(classes) or any(len(lab.capacity) != wanted.shape[1] for lab in laboratories):
        raise SamplingError(f"需求、类别和各机构能力的期数不一致：需求 {wanted.shape}，类别 {len(classes)} 个")
    if strange := sorted({lab for lab, _ in banned} - {lab.name for lab in laboratories}):
        raise SamplingError(f"回避表中的机构不在名单中：{'、'.join(strange)}")
    allowed = _allowed(classes, laboratories, banned)
    rows = [[whole(v, f"{lab.name} 的能力 capacity") for v in lab.capacity] for lab in laboratories]
    capacity = np.array(rows, dtype=np.int64).reshape(len(laboratories), wanted.shape[1])
    price = numbers([lab.price for lab in laboratories], "价格 price") if laboratories else np.zeros(0)
    refuse_where(price < 0, price, "价格 price", "不小于 0 的数")
    batches = np.zeros((*wanted.shape, len(laboratories)), dtype=np.int64)
    for k in range(wanted.shape[1]):
        batches[:, k, :] = _period(wanted[:, k], allowed, capacity[:, k], price)
    overflow = wanted - batches.sum(axis=2)
    cost = int(sum(batches[:, :, i].sum() * lab.price for i, lab in enumerate(laboratories)))
    return Assignment(batches, overflow, cost, _reasons(overflow, classes, laboratories, allowed))


def _allowed(classes: Sequence[str], laboratories: Sequence[Laboratory], banned: Collection[tuple[str, str]]) -> Bools:
    pairs = [[(lab.classes is None or c in lab.classes) and (lab.name, c) not in banned for lab in laboratories] for c in classes]
    return np.array(pairs, dtype=bool).reshape(len(classes), len(laboratories))


def _period(wanted: Table, allowed: Bools, capacity: Table, price: Floats) -> Table:
    """One period: cells, what nobody takes (dearer than any chain of exchanges), and what capacity is left over."""
    n_classes, n_labs = allowed.shape
    rows, labs = np.nonzero(allowed)
    size = rows.size
    at = np.arange(size + n_classes + n_labs)
    ends = np.concatenate([rows, np.arange(n_classes)]), np.concatenate([labs, np.arange(n_labs)])
    matrix = csc_matrix(
        (
            np.ones(2 * size + n_classes + n_labs),
            (np.concatenate([ends[0], n_classes + ends[1]]), np.concatenate([at[: size + n_classes], at[:size], at[size + n_classes :]])),
        ),
        shape=(n_classes + n_labs, at.size),
    )
    dear = (float(price.max(initial=0)) + 1) * (n_classes + n_labs + 1)
    cost = np.concatenate([price[labs], np.full(n_classes, dear), np.zeros(n_labs)])
    upper = np.concatenate([wanted[rows], wanted, capacity]).astype(np.float64)
    preference = np.concatenate([diagonal(rows, labs), np.zeros(n_classes + n_labs)])
    x = cheapest(matrix, np.concatenate([wanted, capacity]), cost, upper, preference)
    if x is None:
        raise SamplingError("检验机构分配求解失败：请检查需求和能力")
    result = np.zeros(allowed.shape, dtype=np.int64)
    result[rows, labs] = x[:size]
    return result


def _reasons(overflow: Table, classes: Sequence[str], laboratories: Sequence[Laboratory], allowed: Bools) -> list[str]:
    """Per class and period with batches left over: nobody may test it, or the laboratories that are full."""
    lines = []
    for j, k in np.argwhere(overflow > 0):
        able = [lab for lab, may in zip(laboratories, allowed[j], strict=True) if may]
        full = "、".join(f"{lab.name}（能力 {lab.capacity[k]}）" for lab in able)
        why = f"可检的机构已满：{full}" if able else "没有机构可检（不在检验范围内，或须回避）"
        lines.append(f"{classes[j]} 第 {k + 1} 期有 {overflow[j, k]} 批无处可送：{why}")
    return lines

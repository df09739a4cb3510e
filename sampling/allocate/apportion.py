"""Apportionment 按比例分配: whole batches to places, in exact arithmetic; ties to the larger weight, then the earlier place."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sampling.arguments import Exact, Floats, exact_fraction, one_of, whole
from sampling.errors import SamplingError

METHODS = ("hamilton", "webster", "huntington-hill", "jefferson")
_HALVINGS = 60
_CLEAR = 1 + 1e-9  # far above the rounding of a double, and costs at most a few batches given one by one


def apportion(
    total: int, weights: Sequence[Exact], method: str = "hamilton", minima: Sequence[int] | None = None, caps: Sequence[int | None] | None = None
) -> list[int]:
    """Whole numbers adding up to `total`, in proportion to `weights`.

    Parameters
    ----------
    total : batches to hand out.
    weights : (k,) non-negative, not all zero; a place of weight 0 gets more than its minimum only when all others are full.
    method : "hamilton" (largest remainder), "webster" (Sainte-Laguë), "huntington-hill" (equal proportions) or "jefferson".
    minima, caps : (k,) bounds per place; None is no cap.

    Returns
    -------
    list of int : (k,)

    Raises
    ------
    SamplingError : bounds that cannot add up to `total`, with the shortfall.

    Notes
    -----
    Hamilton keeps every share at the floor or ceiling of its quota but has the Alabama paradox: a larger total can give a
    place less. The others never do: use "webster" for bounded totals and for additional tasks.

    References
    ----------
    Balinski & Young (1982), Fair Representation.

    Examples
    --------
    >>> [apportion(10, [60, 60, 20], m) for m in METHODS]
    [[4, 4, 2], [5, 4, 1], [4, 4, 2], [5, 4, 1]]
    """
    one_of(method, METHODS, "分配方法 method")
    if method == "hamilton":
        return hamilton(total, weights, minima, caps)
    return by_divisor(total, weights, _DIVISORS[method], minima, caps)


def webster(total: int, weights: Sequence[Exact], minima: Sequence[int] | None = None, caps: Sequence[int | None] | None = None) -> list[int]:
    """Webster/Sainte-Laguë: the next batch to the largest weight/(2s+1).

    Parameters
    ----------
    total, weights, minima, caps : as in `apportion`.

    Returns
    -------
    list of int : (k,), adding up to `total`.

    Raises
    ------
    SamplingError : as `apportion`.

    Notes
    -----
    Never takes a batch back when the total grows; nearly always, not always, keeps every share at the floor or ceiling of
    its quota. The default for bounds and for additional tasks.

    References
    ----------
    Balinski & Young (1982), Fair Representation.

    Examples
    --------
    >>> webster(11, [60, 60, 20]), webster(10, [60, 60, 20], caps=[3, None, None])
    ([5, 5, 1], [3, 5, 2])
    """
    return apportion(total, weights, "webster", minima, caps)


def huntington_hill(
    total: int, weights: Sequence[Exact], minima: Sequence[int] | None = None, caps: Sequence[int | None] | None = None
) -> list[int]:
    """Huntington–Hill: the next batch to the largest weight/√(s(s+1)).

    Parameters
    ----------
    total, weights, minima, caps : as in `apportion`.

    Returns
    -------
    list of int : (k,), adding up to `total`.

    Raises
    ------
    SamplingError : as `apportion`.

    Notes
    -----
    Every place of positive weight gets one before any gets two.

    References
    ----------
    Huntington (1928), doi:10.1090/S0002-9947-1928-1501423-0.

    Examples
    --------
    >>> huntington_hill(3, [1000, 1, 1])
    [1, 1, 1]
    """
    return apportion(total, weights, "huntington-hill", minima, caps)


def jefferson(total: int, weights: Sequence[Exact], minima: Sequence[int] | None = None, caps: Sequence[int | None] | None = None) -> list[int]:
    """Jefferson (D'Hondt): the next batch to the largest weight/(s+1).

    Parameters
    ----------
    total, weights, minima, caps : as in `apportion`.

    Returns
    -------
    list of int : (k,), adding up to `total`.

    Raises
    ------
    SamplingError : as `apportion`.

    Notes
    -----
    Favours large places: wrong where small ones must not lose.

    References
    ----------
    Balinski & Young (1982), Fair Representation.

    Examples
    --------
    >>> jefferson(10, [60, 60, 20])
    [5, 4, 1]
    """
    return apportion(total, weights, "jefferson", minima, caps)


# --- largest remainder ------------------------------------------------------------------------------------------------


def hamilton(total: int, weights: Sequence[Exact], minima: Sequence[int] | None = None, caps: Sequence[int | None] | None = None) -> list[int]:
    """Largest remainder: every share is the floor or the ceiling of its quota unless a bound binds.

    Parameters
    ----------
    weights : non-negative, not all zero; ties of remainders go to the larger weight, then to the earlier place.
    minima, caps : bounds per place; bound places are fixed and the rest is shared anew.

    Returns
    -------
    list of int : (k,), adding up to `total`.

    Raises
    ------
    SamplingError : as `apportion`.

    Notes
    -----
    Has the Alabama paradox: with a larger total a place may get less. Use `webster` where that must not happen.

    References
    ----------
    Balinski & Young (1982), Fair Representation.

    Examples
    --------
    >>> hamilton(10, [60, 60, 20]), hamilton(11, [60, 60, 20])
    ([4, 4, 2], [5, 5, 1])
    """
    given = Bounds.of(total, weights, minima, caps)
    fixed: dict[int, int] = {}
    while True:
        free = [i for i in range(given.size) if i not in fixed]
        left = given.total - sum(fixed.values())
        weight = sum((given.weights[i] for i in free), Fraction(0))
        if not free or weight == 0:
            return given.fill({**fixed, **{i: given.low[i] for i in free}})
        exact = {i: left * given.weights[i] / weight for i in free}
        below = [i for i in free if exact[i] < given.low[i]]
        above = [i for i in free if exact[i] > given.high[i]]
        if not below and not above:
            return _round(given, exact, fixed, left)
        deficit = sum((given.low[i] - exact[i] for i in below), Fraction(0))
        surplus = sum((exact[i] - given.high[i] for i in above), Fraction(0))
        fixed.update({i: given.low[i] for i in below} if deficit >= surplus else {i: given.high[i] for i in above})


def _round(given: Bounds, exact: Mapping[int, Fraction], fixed: Mapping[int, int], left: int) -> list[int]:
    floors = {i: math.floor(v) for i, v in exact.items()}
    order = sorted(exact, key=lambda i: (floors[i] - exact[i], -given.weights[i], i))
    for i in order[: left - sum(floors.values())]:
        floors[i] += 1
    result = {**fixed, **floors}
    return [result[i] for i in range(given.size)]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Total, weights and bounds, checked; a missing cap is the whole total."""

    total: int
    weights: list[Fraction]
    low: list[int]
    high: list[int]

    @property
    def size(self) -> int:
        return len(self.weights)

    @classmethod
    def of(cls, batches: int, weights: Sequence[Exact], minima: Sequence[int] | None, caps: Sequence[int | None] | None) -> Bounds:
        total = whole(batches, "总数 total")
        shares = [exact_fraction(w, "权重 weights") for w in weights]
        if not shares or any(w < 0 for w in shares) or (sum(shares) == 0 and total > 0):
            raise SamplingError(f"权重 weights 不合法：{list(weights)!r}；应非负且不全为 0")
        low = [whole(v, "下限 minima") for v in (minima if minima is not None else [0] * len(shares))]
        high = [total if v is None else whole(v, "上限 caps") for v in (caps if caps is not None else [None] * len(shares))]
        if not len(low) == len(high) == len(shares):
            raise SamplingError(f"权重、下限、上限的个数不一致：{len(shares)}、{len(low)}、{len(high)}")
        if sum(low) > total:
            raise SamplingError(f"下限合计 {sum(low)} 大于总数 {total}，差 {sum(low) - total}")
        for i, (least, most) in enumerate(zip(low, high, strict=True), 1):
            if least > most:
                raise SamplingError(f"第 {i} 项的下限 {least} 大于上限 {most}")
        if sum(high) < total:
            raise SamplingError(f"上限合计 {sum(high)} 小于总数 {total}，差 {total - sum(high)}")
        return cls(total, shares, low, high)

    def fill(self, given: Mapping[int, int]) -> list[int]:
        """What is left when every place of positive weight is full: to the others in order, up to their caps."""
        result = [given[i] for i in range(self.size)]
        for i in range(self.size):
            result[i] += min(self.high[i] - result[i], self.total - sum(result))
        return result


# --- divisor methods --------------------------------------------------------------------------------------------------

Priority = Callable[[Fraction, int], tuple[int, Fraction]]  # of the next batch of a place that has s; the first part is "infinite"


@dataclass(frozen=True, slots=True)
class Divisor:
    """A divisor method: the exact priority of the next batch, and how many batches lie above a bar, the bar being weight/q."""

    priority: Priority
    above: Callable[[Floats], Floats]


def _equal_proportions(weight: Fraction, s: int) -> tuple[int, Fraction]:
    """Squared, so that it stays exact."""
    return (1, weight) if s == 0 and weight else (0, weight * weight / max(s * (s + 1), 1))


WEBSTER = Divisor(lambda weight, s: (0, weight / (2 * s + 1)), lambda q: (q - 1) / 2)
JEFFERSON = Divisor(lambda weight, s: (0, weight / (s + 1)), lambda q: q - 1)
HUNTINGTON_HILL = Divisor(_equal_proportions, lambda q: (np.sqrt(1 + 4 * q * q) - 1) / 2)
_DIVISORS = {"webster": WEBSTER, "huntington-hill": HUNTINGTON_HILL, "jefferson": JEFFERSON}


def by_divisor(
    total: int, weights: Sequence[Exact], method: Divisor, minima: Sequence[int] | None = None, caps: Sequence[int | None] | None = None
) -> list[int]:
    """One batch after the other to the place of highest priority, from the minima on, full places skipped.

    Places far from the end are brought near it in one step, which changes nothing: every batch so given has a priority
    strictly above all that remain.
    """
    given = Bounds.of(total, weights, minima, caps)
    if given.total == sum(given.low):
        return list(given.low)
    seats = _head_start(given, method)

    def entry(i: int) -> tuple[int, Fraction, Fraction, int]:
        infinite, priority = method.priority(given.weights[i], seats[i])
        return -infinite, -priority, -given.weights[i], i

    queue = [entry(i) for i in range(given.size) if seats[i] < given.high[i]]
    heapq.heapify(queue)
    for _ in range(given.total - sum(seats)):
        if not any(queue[0][:2]):  # only places of weight 0 are left
            return given.fill(dict(enumerate(seats)))
        i = heapq.heappop(queue)[3]
        seats[i] += 1
        if seats[i] < given.high[i]:
            heapq.heappush(queue, entry(i))
    return seats


def _head_start(given: Bounds, method: Divisor) -> list[int]:
    """For a bar as low as the total allows, everything whose priority lies above it by more than a double can be wrong."""
    largest = max(given.weights)
    share = np.array([float(w / largest) for w in given.weights])
    low, high = (np.array(bounds, dtype=np.float64) for bounds in (given.low, given.high))

    def seats(bar: float) -> Floats:
        return np.clip(np.ceil(method.above(share / bar)), low, high)

    enough, too_low = 2.0 * (given.total + 1), 0.25 / (given.total + given.size + 1)
    for _ in range(_HALVINGS):
        bar = math.sqrt(enough * too_low)
        enough, too_low = (bar, too_low) if seats(bar).sum() <= given.total else (enough, bar)
    found = seats(enough * _CLEAR)
    return [int(v) for v in found] if found.sum() <= given.total else list(given.low)

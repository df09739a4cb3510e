"""Apportionment 按比例分配: whole batches to places, in exact arithmetic; ties to the larger weight, then the earlier place."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.arguments import Exact, exact_fraction, one_of, whole
from sampling.errors import SamplingError

METHODS = ("hamilton", "webster", "huntington-hill", "jefferson")


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
    place less. The others never do: use "webster" for bounded totals and for additional tasks. Balinski & Young (1982),
    Fair Representation.

    Examples
    --------
    >>> [apportion(10, [60, 60, 20], m) for m in METHODS]
    [[4, 4, 2], [5, 4, 1], [4, 4, 2], [5, 4, 1]]
    """
    one_of(method, METHODS, "分配方法 method")
    if method == "hamilton":
        return hamilton(total, weights, minima, caps)
    return by_divisor(total, weights, _PRIORITIES[method], minima, caps)


def webster(total: int, weights: Sequence[Exact], minima: Sequence[int] | None = None, caps: Sequence[int | None] | None = None) -> list[int]:
    """Webster/Sainte-Laguë: the next batch to the largest weight/(2s+1).

    Parameters
    ----------
    total, weights, minima, caps : as in `apportion`.

    Notes
    -----
    Never takes a batch back when the total grows; nearly always, not always, keeps every share at the floor or ceiling of
    its quota. The default for bounds and for additional tasks. Balinski & Young (1982), Fair Representation.

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

    Notes
    -----
    Every place of positive weight gets one before any gets two. Huntington (1928), doi:10.1090/S0002-9947-1928-1501423-0.

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

    Notes
    -----
    Favours large places: wrong where small ones must not lose. Balinski & Young (1982), Fair Representation.

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

    Notes
    -----
    Has the Alabama paradox: with a larger total a place may get less. Use `webster` where that must not happen.

    Examples
    --------
    >>> hamilton(10, [60, 60, 20]), hamilton(11, [60, 60, 20])
    ([4, 4, 2], [5, 5, 1])
    """
    given = Bounds.of(total, weights, minima, caps)
    fixed: dict[int, int] = {}
    while True:
        free = [i for i in range(given.size) if i not in fixed]
        left = total - sum(fixed.values())
        weight = sum((given.weights[i] for i in free), Fraction(0))
        if not free or weight == 0:
            return given.fill({**fixed, **{i: given.low[i] for i in free}}, total)
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
    """Weights and bounds, checked; a missing cap is the whole total."""

    weights: list[Fraction]
    low: list[int]
    high: list[int]

    @property
    def size(self) -> int:
        return len(self.weights)

    @classmethod
    def of(cls, total: int, weights: Sequence[Exact], minima: Sequence[int] | None, caps: Sequence[int | None] | None) -> Bounds:
        whole(total, "总数 total")
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
        return cls(shares, low, high)

    def fill(self, given: Mapping[int, int], total: int) -> list[int]:
        """What is left when every place of positive weight is full: to the others in order, up to their caps."""
        result = [given[i] for i in range(self.size)]
        for i in range(self.size):
            result[i] += min(self.high[i] - result[i], total - sum(result))
        return result


# --- divisor methods --------------------------------------------------------------------------------------------------

Priority = Callable[[Fraction, int], tuple[int, Fraction]]  # of the next batch of a place that has s; the first part is "infinite"


def _sainte_lague(weight: Fraction, s: int) -> tuple[int, Fraction]:
    return 0, weight / (2 * s + 1)


def equal_proportions(weight: Fraction, s: int) -> tuple[int, Fraction]:
    """Squared, so that it stays exact."""
    return (1, weight) if s == 0 and weight else (0, weight * weight / max(s * (s + 1), 1))


def _dhondt(weight: Fraction, s: int) -> tuple[int, Fraction]:
    return 0, weight / (s + 1)


_PRIORITIES: dict[str, Priority] = {"webster": _sainte_lague, "huntington-hill": equal_proportions, "jefferson": _dhondt}


def by_divisor(
    total: int, weights: Sequence[Exact], priority: Priority, minima: Sequence[int] | None = None, caps: Sequence[int | None] | None = None
) -> list[int]:
    """One batch after the other to the place of highest priority, from the minima on, full places skipped.

    Places far from the end are brought near it in one step, which changes nothing: every batch so given has a priority
    strictly above all that remain.
    """
    given = Bounds.of(total, weights, minima, caps)
    if total == sum(given.low):
        return list(given.low)
    seats = _head_start(given, total, priority)
    queue = [(_descending(priority(given.weights[i], seats[i])), -given.weights[i], i) for i in range(given.size) if seats[i] < given.high[i]]
    heapq.heapify(queue)
    for _ in range(total - sum(seats)):
        if not any(queue[0][0]):  # only places of weight 0 are left
            return given.fill(dict(enumerate(seats)), total)
        i = heapq.heappop(queue)[2]
        seats[i] += 1
        if seats[i] < given.high[i]:
            heapq.heappush(queue, (_descending(priority(given.weights[i], seats[i])), -given.weights[i], i))
    return seats


def _descending(value: tuple[int, Fraction]) -> tuple[int, Fraction]:
    return -value[0], -value[1]


def _head_start(given: Bounds, total: int, priority: Priority) -> list[int]:
    """For a bar as low as the total allows, everything whose priority lies strictly above it."""
    low_bar, high_bar = Fraction(0), max(given.weights) * (total + 1)
    best = list(given.low)
    for _ in range(48):
        bar = _short((low_bar + high_bar) / 2)
        seats = [_above(priority, w, bar, least, most) for w, least, most in zip(given.weights, given.low, given.high, strict=True)]
        if sum(seats) > total:
            low_bar = bar
        else:
            best, high_bar = seats, bar
            if total - sum(seats) <= given.size:
                break
    return best


def _short(value: Fraction) -> Fraction:
    """A nearby fraction of few digits: the bar may be anywhere, long fractions only cost time."""
    return Fraction(float(value)).limit_denominator(10**9) or value


def _above(priority: Priority, weight: Fraction, bar: Fraction, least: int, most: int) -> int:
    """Seats from `least` on whose priority exceeds the bar: priorities fall, so bisect. The bar is on the scale of weight/s."""
    if weight == 0:
        return least
    edge = (0, bar * bar) if priority is equal_proportions else (0, bar)
    low, high = least - 1, most  # seat `low` is above the bar, seat `high` is not (or does not exist)
    guess = math.floor(weight / bar) + 1 if bar else most
    if low < guess < high and priority(weight, guess) <= edge:
        high = guess
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if priority(weight, middle) > edge else (low, middle)
    return high

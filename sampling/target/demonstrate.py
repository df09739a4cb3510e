"""How many batches show a target, with how many failures, and with what chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import betainc

from sampling.arguments import Exact, Floats, Ints, exact_tail, number, probability, target_rate, whole
from sampling.errors import SamplingError
from sampling.target.shown import few_failures, shows_attained, shows_attained_finite

_MOST_FAILURES = 20_000
_CHUNK = 256


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Smallest n in (low, high] with `holds(n)`, which turns from false to true once; true at `high`."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def failures_allowed(n: int, target: Exact, conf: float = 0.95) -> int:
    """Most failures among n batches with which the target is still shown; −1 when even none would not show it.

    Parameters
    ----------
    n : whole number ≥ 1; batches.
    target : rate in (0, 1]; "98%" is taken exactly.
    conf : confidence of the verdict, in (0, 1).

    Returns
    -------
    int : from −1 to n − 1.

    Raises
    ------
    SamplingError : n < 1, a target outside (0, 1], a confidence outside (0, 1).

    Notes
    -----
    max{k : P(at most k failures in n at the target) ≤ 1 − conf}. Holds for one planned judgement, not for every month anew.

    References
    ----------
    Clopper & Pearson (1934), doi:10.1093/biomet/26.4.404. The plans of a year, a quarter and a county of the example follow from it.

    Examples
    --------
    >>> [failures_allowed(n, "98%") for n in (2240, 560, 112)]
    [33, 5, -1]
    """
    return _failures_allowed(whole(n, "n", least=1), target_rate(target), exact_tail(conf))


@lru_cache(maxsize=4096)
def _failures_allowed(n: int, target: Fraction, alpha: Fraction) -> int:
    return _first(lambda k: not shows_attained(k, n, target, alpha), -1, n) - 1


def batches_to_show(target: Exact, failures: int = 0, conf: float = 0.95) -> int | None:
    """Smallest n with at most that many failures that shows the target; None for a target of 100 %.

    Parameters
    ----------
    target : rate in (0, 1]; "98%" is taken exactly.
    failures : whole number ≥ 0.
    conf : confidence of the verdict, in (0, 1).

    Returns
    -------
    int or None : None for a target of 100 %, which no number of batches shows.

    Raises
    ------
    SamplingError : a target outside (0, 1], broken or negative failures, a confidence outside (0, 1).

    Notes
    -----
    min{n : P(at most k failures in n at the target) ≤ 1 − conf}. Planning with it leaves no room for one failure more: see
    `size_for_power`.

    References
    ----------
    The classical 59, 149 and 299 for 95, 98 and 99 % (success-run theorem).

    Examples
    --------
    >>> [batches_to_show("98%", k) for k in (0, 1, 2, 5)]
    [149, 236, 313, 523]
    """
    return _batches_to_show(target_rate(target), whole(failures, "不合格数 failures"), exact_tail(conf))


@lru_cache(maxsize=4096)
def _batches_to_show(target: Fraction, failures: int, alpha: Fraction) -> int | None:
    if target >= 1:
        return None
    high = failures + 1
    while not shows_attained(failures, high, target, alpha):
        high *= 2
    return _first(lambda n: shows_attained(failures, n, target, alpha), failures, high)


def batches_to_show_finite(roster: int, target: Exact, failures: int = 0, conf: float = 0.95) -> int | None:
    """Smallest n out of a roster with at most that many failures that shows the target; None when so many failures miss it anyway.

    Parameters
    ----------
    roster : N, whole number ≥ 1.
    target : rate in (0, 1]; ⌈target · N⌉ units must pass.
    failures : whole number ≥ 0.
    conf : confidence of the verdict, in (0, 1).

    Returns
    -------
    int or None : None when so many failures miss the target even if all others pass.

    Raises
    ------
    SamplingError : a roster below 1, a target outside (0, 1], broken or negative failures, a confidence outside (0, 1).

    Notes
    -----
    min{n : P(at most k failures in n | one unit too many fails) ≤ 1 − conf}, hypergeometric. Wrong when the roster is not complete.

    References
    ----------
    Wright (1991), Exact Confidence Bounds when Sampling from Small Finite Universes, doi:10.1007/978-1-4612-3140-0.

    Examples
    --------
    >>> batches_to_show_finite(600, "98%"), batches_to_show_finite(100, "98%", 3)
    (123, None)
    """
    size, wanted, k, alpha = whole(roster, "名录数 roster", 1), target_rate(target), whole(failures, "不合格数 failures"), exact_tail(conf)
    required = -(-wanted.numerator * size // wanted.denominator)
    if k > size - required:
        return None
    return _first(lambda n: shows_attained_finite(k, n, size, required, alpha), k, size)


class Demonstration(NamedTuple):
    """Batches, failures allowed among them, and the chance that the target is shown at the assumed true rate."""

    n: int
    failures_allowed: int
    power: float


def power(n: int, target: Exact, true_rate: float, conf: float = 0.95) -> Demonstration:
    """The chance that n batches show the target when the true pass rate is `true_rate`.

    Parameters
    ----------
    n : whole number ≥ 1; batches.
    target : rate in (0, 1].
    true_rate : number in [0, 1].
    conf : confidence of the verdict, in (0, 1).

    Returns
    -------
    Demonstration : n, failures allowed, and the power in [0, 1] (0 when this n can never show the target).

    Raises
    ------
    SamplingError : n < 1, a target or a rate outside its range, a confidence outside (0, 1).

    Notes
    -----
    P(at most `failures_allowed` failures in n at the true rate), binomial. It is saw-toothed in n: more batches can have less
    power. Wrong for clustered batches; divide n by the design effect first.

    References
    ----------
    Chernick & Liu (2002), doi:10.1198/000313002317572835.

    Examples
    --------
    >>> round(power(1000, "98%", 0.99).power, 4), power(100, "98%", 0.99)
    (0.7925, Demonstration(n=100, failures_allowed=-1, power=0.0))
    """
    rate = _true_rate(true_rate)
    most = failures_allowed(n, target, conf)
    return Demonstration(int(n), most, few_failures(most, int(n), Fraction(rate)) if most >= 0 else 0.0)


def _true_rate(value: float) -> float:
    rate = number(value, "真实合格率 true_rate")
    if not 0 <= rate <= 1:
        raise SamplingError(f"真实合格率 true_rate 不合法：{value!r}；应在 0 与 1 之间")
    return rate


@dataclass(frozen=True, slots=True)
class SizeForPower:
    """First n that reaches a power, the teeth of the saw around it, and the n from which the power stays reached."""

    n: int
    failures_allowed: int
    power: float
    settled: int
    neighbours: tuple[Demonstration, ...]


def size_for_power(target: Exact, true_rate: float, power: float = 0.8, conf: float = 0.95) -> SizeForPower:
    """Batches with which the target is shown with a given chance.

    Parameters
    ----------
    true_rate : assumed pass rate, above the target and at most 1.
    power : in (1 − conf, 1).

    Returns
    -------
    SizeForPower : the power rises by jumps, where one more failure becomes allowed, and falls between them. `n` is the first that
        reaches the power, at a jump; `neighbours` lists top and bottom of the teeth around it; from `settled` on the power
        never falls below again, so plan with that when the number of batches is not certain.

    Raises
    ------
    SamplingError : a true rate not above the target, a power not above 1 − conf, the two rates too close to be told apart.

    Notes
    -----
    Exact binomial at every first and last n of k = 0, 1, … allowed failures. Wrong for clustered batches; multiply by the design
    effect.

    References
    ----------
    Chernick & Liu (2002), doi:10.1198/000313002317572835.

    Examples
    --------
    >>> found = size_for_power("98%", 0.99)
    >>> found.n, found.failures_allowed, found.settled
    (969, 12, 1091)
    """
    wanted, alpha = target_rate(target), exact_tail(conf)
    rate, level = _true_rate(true_rate), probability(power, "把握度 power")
    if Fraction(rate) <= wanted or level <= float(alpha):
        raise SamplingError(f"真实合格率 {true_rate!r} 应高于目标 {float(wanted)}，把握度 {power!r} 应大于 1−conf；否则任何批次数都达不到")
    tops, bottoms, top_power, bottom_power = _teeth(wanted, float(alpha), rate, level)
    first = int(np.argmax(top_power >= level))
    short = np.flatnonzero(bottom_power < level)
    settled = int(tops[short[-1] + 1]) if short.size else int(tops[0])
    around = range(max(0, first - 2), min(first + 3, tops.size - 1))
    return SizeForPower(
        int(tops[first]), first, float(top_power[first]), settled,
        tuple(tooth for k in around for tooth in (
            Demonstration(int(tops[k]), k, float(top_power[k])), Demonstration(int(bottoms[k]), k, float(bottom_power[k]))
        )),
    )


def _teeth(target: Fraction, alpha: float, rate: float, level: float) -> tuple[Ints, Ints, Floats, Floats]:
    """First and last n at which k failures are allowed, k = 0, 1, …, with the power there, well past the wanted level."""
    tops = np.empty(0, dtype=np.int64)
    enough = level + 0.5 * (1 - level)
    while tops.size <= _MOST_FAILURES:
        k = np.arange(tops.size, tops.size + _CHUNK, dtype=np.float64)
        tops = np.concatenate([tops, _smallest(k, float(target), alpha)])
        every = np.arange(tops.size - 1, dtype=np.float64)
        bottoms = tops[1:] - 1
        at_top, at_bottom = (betainc(n - every, every + 1, rate) for n in (tops[:-1], bottoms))
        if at_bottom[-_CHUNK // 4 :].min() >= enough:
            return tops, bottoms, at_top, at_bottom
    raise SamplingError(f"真实合格率 {rate} 与目标 {float(target)} 过近：允许不合格数超过 {_MOST_FAILURES} 仍达不到把握度 {level}；请拉开两者")


def _smallest(k: Floats, target: float, alpha: float) -> Ints:
    """Smallest n for each number of failures, by bisection over all of them at once."""
    low, high = k.copy(), k + 1
    while np.any(over := betainc(high - k, k + 1, target) > alpha):
        high = np.where(over, high * 2, high)
    while np.any(high - low > 1):
        middle = np.where(high - low > 1, np.floor((low + high) / 2), high)
        fits = betainc(middle - k, k + 1, target) <= alpha
        low, high = np.where(fits, low, middle), np.where(fits, middle, high)
    return high.astype(np.int64)

"""What it takes: the draws until a share of the units, or all of them, were visited; the smallest n for a number of draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sampling.arguments import confidence, probability, whole
from sampling.coverage.exact import chance_all, uncovered
from sampling.coverage.terms import LONGEST, NONE, checked
from sampling.errors import SamplingError


def draws_for_share(groups: Any, share: Any, quota: Any = NONE) -> int | None:
    """Fewest draws after which the expected share of visited units is at least `share`.

    Parameters
    ----------
    groups, quota : as in `uncovered`.
    share : of all units, in (0, 1).

    Returns
    -------
    int or None : None when 10 000 draws are not enough (a class from which nothing is drawn).

    Raises
    ------
    SamplingError : as in `uncovered`, and a share outside (0, 1).

    Notes
    -----
    Bisection on `uncovered`, which falls with every draw. Where that is a lower bound, so is this number. It speaks of the
    expectation: in half of the cases, about, the share is a little lower.

    References
    ----------
    As `uncovered`.

    Examples
    --------
    >>> from sampling.coverage import Group
    >>> draws_for_share(Group(7200, 144), 0.95)  # ln 0.05 / ln 0.98
    149
    """
    wanted = probability(share, "份额 share")
    if not 0 < wanted < 1:
        raise SamplingError(f"份额 share 应大于 0 且小于 1，收到 {share!r}")
    groups, _, shares = checked(groups, 0, quota)
    left = (1 - wanted) * sum(group.population for group in groups)
    return _fewest(lambda m: uncovered(groups, m, shares).value <= left * (1 + 1e-12))


def draws_for_all(groups: Any, conf: Any = 0.95) -> int | None:
    """Fewest draws without a quota after which all units were visited with probability `conf` or more.

    Parameters
    ----------
    groups : as in `uncovered`.
    conf : probability in (0, 1).

    Returns
    -------
    int or None : None when 10 000 draws are not enough.

    Raises
    ------
    SamplingError : as in `uncovered`, and a probability outside (0, 1).

    Notes
    -----
    Bisection on `chance_all`, which grows with every draw.

    References
    ----------
    As `chance_all`.

    Examples
    --------
    >>> from sampling.coverage import Group
    >>> draws_for_all(Group(7200, 144))
    587
    """
    wanted = confidence(conf)
    groups, _, _ = checked(groups, 0, NONE)
    return _fewest(lambda m: chance_all(groups, m).value >= wanted)


def _fewest(enough: Callable[[int], bool]) -> int | None:
    if enough(0):
        return 0
    high = 1
    while not enough(high):
        if high == LONGEST:
            return None
        high = min(high * 2, LONGEST)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def smallest_n(group: Any, draws: Any, quota: Any = NONE, conf: Any = 0.95) -> int:
    """Smallest n per draw with which all units of a class are visited within m draws.

    Parameters
    ----------
    group : the class; its `n` plays no part.
    draws : m ≥ 1.
    quota : with seats for units not visited yet the answer is certain, without them it holds with probability `conf`.
    conf : probability in (0, 1); for several classes together give each `conf ** (1 / number of classes)`.

    Returns
    -------
    int : between 0 (all were visited before) and N.

    Raises
    ------
    SamplingError : not one group, no draw, a quota with `last` > 0, a probability outside (0, 1).

    Notes
    -----
    With seats F = ⌈n·fresh⌉ for unvisited units: the smallest n with m·F ≥ N−v, that is n = ⌊(F₀−1)/fresh⌋+1 for F₀ = ⌈(N−v)/m⌉. For
    fresh = 1 this is ⌈(N−v)/m⌉. Without: bisection on `chance_all`, which grows with n. Wrong as `uncovered` is.

    References
    ----------
    As `chance_all`.

    Examples
    --------
    >>> from sampling.coverage import Group, Quota
    >>> smallest_n(Group(300, 0), 4, Quota(1)), smallest_n(Group(300, 0), 4, Quota("1/3")), smallest_n(Group(300, 0), 4)
    (75, 223, 266)
    """
    (one, *more), m, shares = checked(group, draws, quota)
    wanted = confidence(conf)
    whole(m, "抽取次数 draws", least=1)
    if more:
        raise SamplingError("一次只算一类；几类一起时每类用 conf^(1/类数)")
    if shares.last:
        raise SamplingError("补查份额按“近几次未查”划定时没有公式，只有模拟 simulate")
    if not one.uncovered:
        return 0
    if shares.fresh:
        seats = -(-one.uncovered // m)
        return min(int(one.population), int((seats - 1) / shares.fresh) + 1)
    low, high = 0, one.population
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if chance_all(replace(one, n=middle), m).value >= wanted else (middle, high)
    return high


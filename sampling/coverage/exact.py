"""Coverage by formula: how many units are still unvisited after m draws, and the chance that nobody is."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, fsum, log1p, prod
from typing import Any, NamedTuple

from sampling.coverage.terms import NONE, Group, Quota, checked
from sampling.errors import SamplingError

SURE = 12.0  # expected units uncovered above which inclusion–exclusion would cancel; P is then below e^-12


class Value(NamedTuple):
    """A number and which side it stands on: `side` is "exact", "at_least" or "at_most"."""

    value: float
    side: str


def uncovered(groups: Any, draws: Any, quota: Any = NONE) -> Value:
    """Expected number of units that were visited in none of m draws.

    Parameters
    ----------
    groups : one `Group` or several (classes that are drawn independently of each other).
    draws : m ≥ 0, draws one after another, each with new chances for everybody.
    quota : shares set aside (`Quota`); none when left out.

    Returns
    -------
    Value : exact, or "at_least" where the seats for unvisited units may find too few of them before the last draw.

    Raises
    ------
    SamplingError : not groups, a number of draws that is none, a quota with `last` > 0 (only `simulate` knows that).

    Notes
    -----
    Without a quota a unit stays unvisited with Π(1−π), so Σ_h (N_h−v_h)(1−n_h/N_h)^m. With F seats for unvisited units, B for
    visited ones and R = n−F−B others, u unvisited units become (u−F)(1−R/(N−F−B)) on average: linear while u ≥ F, so the
    mean follows the same line; below F it is max(0, u−F), which is convex, so the line then gives a lower bound (Jensen).
    Wrong when units come, go or change class between the draws, and when a selected unit is not inspected after all.

    References
    ----------
    Särndal, Swensson, Wretman (1992), Model Assisted Survey Sampling, 3.3 (π = n/N of a simple random sample).

    Examples
    --------
    >>> round(uncovered(Group(7200, 144), 10).value, 3)  # 7200 · 0.98^10
    5882.924
    >>> uncovered(Group(100, 10), 6, Quota("1/2"))[0] < uncovered(Group(100, 10), 6)[0]
    True
    """
    groups, m, shares = checked(groups, draws, quota)
    if shares.last:
        raise SamplingError("补查份额按“近几次未查”划定时没有公式，只有模拟 simulate")
    parts = [_after(group, m, shares) for group in groups]
    return Value(fsum(u for u, _ in parts), "exact" if all(exact for _, exact in parts) else "at_least")


def _after(group: Group, draws: int, quota: Quota) -> tuple[float, bool]:
    if group.n == group.population and draws:
        return 0.0, True
    fresh, most_again = quota.seats(group.n)
    if not fresh + most_again:
        return group.uncovered * (1 - group.n / group.population) ** draws, True
    u, least, exact = float(group.uncovered), group.uncovered, True
    for t in range(draws):
        again = min(most_again, group.visited) if t == 0 else most_again  # after one draw at least that many are visited
        exact = exact and (least >= fresh or u == 0)
        u = max(0.0, u - fresh) * (1 - (group.n - fresh - again) / (group.population - fresh - again))
        least = max(0, least - (group.n - again))
    return u, exact


def chance_all(groups: Any, draws: Any) -> Value:
    """Probability that every unit was visited at least once in m draws without a quota.

    Parameters
    ----------
    groups, draws : as in `uncovered`.

    Returns
    -------
    Value : exact (to 1e-8), or "at_most" below 1e-5 where the exact sum would cancel.

    Raises
    ------
    SamplingError : as in `uncovered`.

    Notes
    -----
    Inclusion–exclusion per class, P = Σ_r (−1)^r C(u, r) [C(N−r, n)/C(N, n)]^m with u = N−v, and the product over the classes.
    Where u(1−n/N)^m > 12 the bound [1−(1−n/N)^m]^u stands instead: the visits of a class are negatively associated, so all of
    them together are no more probable than if they were independent. Wrong as `uncovered` is.

    References
    ----------
    Stadje (1990), The collector's problem with group drawings, Adv. Appl. Prob. 22. Joag-Dev, Proschan (1983),
    doi:10.1214/aos/1176346079.

    Examples
    --------
    >>> round(chance_all(Group(3, 2), 2).value, 6)  # 1 − 3·(1/3)²
    0.666667
    >>> chance_all(Group(12, 3), 3)  # nine of twelve at most
    Value(value=0.0, side='exact')
    """
    groups, m, _ = checked(groups, draws, NONE)
    parts = [_all(group, m) for group in groups]
    impossible = any(value == 0.0 and exact for value, exact in parts)
    return Value(prod(value for value, _ in parts), "exact" if impossible or all(exact for _, exact in parts) else "at_most")


def _all(group: Group, draws: int) -> tuple[float, bool]:
    size, n, u = group.population, group.n, group.uncovered
    if u == 0 or (n == size and draws):
        return 1.0, True
    if n * draws < u:
        return 0.0, True
    missed = (1 - n / size) ** draws
    if u * missed > SURE:
        return exp(u * log1p(-missed)), False
    term, terms, r = 1.0, [1.0], 0
    while r < u and abs(term) > 1e-18:
        term *= -(u - r) / (r + 1) * (max(0, size - r - n) / (size - r)) ** draws
        terms.append(term)
        r += 1
    return min(1.0, max(0.0, fsum(terms))), True


def certain_draws(groups: Any, quota: Any) -> int | None:
    """Draws after which every unit has been visited for certain, thanks to the seats for unvisited units; None: never certain.

    Parameters
    ----------
    groups, quota : as in `uncovered`.

    Returns
    -------
    int or None : max over the classes of ⌈(N−v)/F⌉, F = ⌈n·fresh⌉.

    Raises
    ------
    SamplingError : as in `uncovered`.

    Notes
    -----
    Every draw visits at least min(F, u) of the u units that are left. With `last` > 0 the seats are shared with units that
    were visited long ago, so nothing is certain. Wrong as `uncovered` is.

    References
    ----------
    Pigeonhole; no source needed.

    Examples
    --------
    >>> certain_draws(Group(7200, 144), Quota("1/2")), certain_draws(Group(7200, 144), Quota())
    (100, None)
    """
    groups, _, shares = checked(groups, 0, quota)
    return _longest([_certain(group, shares) for group in groups])


def _certain(group: Group, quota: Quota) -> int | None:
    if group.uncovered == 0:
        return 0
    if group.n == group.population:
        return 1
    fresh = 0 if quota.last else quota.seats(group.n)[0]
    return -(-group.uncovered // fresh) if fresh else None


def _longest(found: Sequence[int | None]) -> int | None:
    known = [n for n in found if n is not None]
    return max(known) if len(known) == len(found) else None

"""What coverage is computed from: classes of units, and the shares of a draw that are set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from sampling.arguments import exact_fraction, shown, whole
from sampling.errors import SamplingError

LARGEST = 10**8  # units in all classes together
LONGEST = 10_000  # draws


@dataclass(frozen=True, slots=True)
class Group:
    """类: `population` units of which every draw takes `n`; `visited` of them were visited before the first draw."""

    population: int
    n: int
    visited: int = 0

    def __post_init__(self) -> None:
        whole(self.population, "户数 N", least=1)
        whole(self.n, "每次抽取数 n", least=0)
        whole(self.visited, "已查户数", least=0)
        if self.population > LARGEST:
            raise SamplingError(f"户数 N 应不大于 {LARGEST}，收到 {shown(self.population)}")
        if self.n > self.population:
            raise SamplingError(f"每次抽取数 n={shown(self.n)} 大于户数 N={self.population}；应不大于它")
        if self.visited > self.population:
            raise SamplingError(f"已查户数 {shown(self.visited)} 大于户数 N={self.population}；应不大于它")

    @property
    def uncovered(self) -> int:
        """Units that were not visited before the first draw."""
        return self.population - self.visited


@dataclass(frozen=True, slots=True)
class Quota:
    """份额: of the seats of every draw, a share for units that were not visited and a share for units that were.

    fresh : 补查份额, for units not visited yet; with `last` > 0 for units not visited in the last `last` draws.
    again : 回头看份额, for units visited before.

    Seats are ⌈n·fresh⌉ and ⌊n·again⌋ (never more than the rest). All other seats, and those for which too few units are
    there, are drawn from everybody else with equal chances.
    """

    fresh: Any = 0
    again: Any = 0
    last: int = 0

    def __post_init__(self) -> None:
        fresh, again = exact_fraction(self.fresh, "补查份额"), exact_fraction(self.again, "回头看份额")
        for value, name in ((fresh, "补查份额"), (again, "回头看份额")):
            if not 0 <= value <= 1:
                raise SamplingError(f"{name}应在 0 与 1 之间，收到 {shown(value)}")
        if fresh + again > 1:
            raise SamplingError(f"补查份额与回头看份额之和 {shown(fresh + again)} 大于 1；应不大于 1")
        if whole(self.last, "近几次", least=0) > LONGEST:
            raise SamplingError(f"近几次应不大于 {LONGEST}，收到 {shown(self.last)}")
        object.__setattr__(self, "fresh", fresh)
        object.__setattr__(self, "again", again)

    def seats(self, n: int) -> tuple[int, int]:
        """Seats set aside in a draw of n: (for units not visited, for units visited).

        >>> Quota("1/2", "1/4").seats(10), Quota(1).seats(7), Quota().seats(7)
        ((5, 2), (7, 0), (0, 0))
        """
        fresh = ceil(n * self.fresh)
        return fresh, min(floor(n * self.again), n - fresh)


NONE = Quota()


def checked(groups: Any, draws: Any, quota: Any) -> tuple[Sequence[Group], int, Quota]:
    """The arguments of every function of this package, or a refusal that names the wrong one."""
    if isinstance(groups, Group):
        groups = [groups]
    if not isinstance(groups, list | tuple) or not groups or not all(isinstance(group, Group) for group in groups):
        raise SamplingError(f"类 groups 应为一个或几个 Group，收到 {shown(groups)}")
    if sum(group.population for group in groups) > LARGEST:
        raise SamplingError(f"各类户数合计应不大于 {LARGEST}")
    if whole(draws, "抽取次数 draws", least=0) > LONGEST:
        raise SamplingError(f"抽取次数 draws 应不大于 {LONGEST}，收到 {shown(draws)}")
    if not isinstance(quota, Quota):
        raise SamplingError(f"份额 quota 应为 Quota，收到 {shown(quota)}")
    return groups, int(draws), quota

"""Selection 抽取: tickets, ranks, the selected and the reserve (section 5). Integers and SHA-256 only; standard library only.

Anyone can redo a ticket: ``printf '%s' "${SEED}:o:${ID}" | sha256sum``.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sampling.errors import SamplingError
from sampling.frame import Difference, Unit


def ticket(seed: str, id_: str) -> str:
    """Ticket of a unit: sha256hex(S + ":o:" + id)."""
    return hashlib.sha256(f"{seed}:o:{id_}".encode()).hexdigest()


def tickets(seed: str, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(ticket, id) of many units; the common beginning is hashed once."""
    start = hashlib.sha256(f"{seed}:o:".encode())
    for id_ in ids:
        state = start.copy()
        state.update(id_.encode())
        yield state.hexdigest(), id_


@dataclass(frozen=True, slots=True)
class Stratum:
    """层 of the rule: `rate` (p, q) or None; n and reserve in units."""

    method: str
    n: int
    population: int
    reserve: int = 0
    rate: tuple[int, int] | None = None

    @classmethod
    def of(cls, member: Mapping[str, Any]) -> Stratum:
        """From its member in rule.json."""
        rate = member["rate"]
        return cls(member["method"], member["n"], member["population"], member["reserve"], tuple(rate) if rate else None)

    def member(self) -> dict[str, Any]:
        """As it stands in rule.json."""
        return {
            "method": self.method,
            "n": self.n,
            "population": self.population,
            "rate": list(self.rate) if self.rate else None,
            "reserve": self.reserve,
        }


@dataclass(frozen=True, slots=True)
class Chosen:
    """A selected or reserve unit."""

    stratum: str
    rank: int
    id: str
    ticket: str
    role: str

    def cells(self) -> tuple[str, ...]:
        return self.stratum, str(self.rank), self.id, self.ticket, self.role


def size_of(population: int, rate: tuple[int, int]) -> int:
    """n = ceil(population · p / q), in integers.

    >>> size_of(7200, (2, 100)), size_of(30, (1, 100)), size_of(0, (1, 2))
    (144, 1, 0)
    """
    p, q = rate
    if not (0 <= p <= q and q >= 1):
        raise SamplingError(f"抽取比例 {p}/{q} 不合法；应满足 0 ≤ p ≤ q 且 q ≥ 1")
    return -(-population * p // q)


def check_strata(strata: Mapping[str, Stratum], populations: Mapping[str, int], weighted: Iterable[str]) -> None:
    """The rule against the frame: names, then per stratum rate, population, n, size, weight.

    Parameters
    ----------
    populations : eligible units (status ok) per stratum of the frame; strata without eligible units stand with 0.
    weighted : strata in which some row has a weight other than 1.
    """
    if missing := sorted(set(populations) - set(strata)):
        raise Difference("rule.json", None, "strata", " ".join(missing))
    uneven = set(weighted)
    for name in sorted(strata, key=str.encode):
        stratum = strata[name]
        if stratum.rate is not None and not (0 <= stratum.rate[0] <= stratum.rate[1] and stratum.rate[1] >= 1):
            raise Difference("rule.json", None, f"{name} rate")
        if stratum.population != populations.get(name, 0):
            raise Difference("rule.json", None, f"{name} population", str(populations.get(name, 0)))
        if stratum.rate is not None and stratum.n != size_of(stratum.population, stratum.rate):
            raise Difference("rule.json", None, f"{name} n", str(size_of(stratum.population, stratum.rate)))
        if stratum.n + stratum.reserve > stratum.population:
            raise Difference("rule.json", None, f"{name} size")
        if stratum.method == "srs" and name in uneven:
            raise Difference("rule.json", None, f"{name} weight")


def rank_srs(seed: str, ids: Iterable[str]) -> list[tuple[str, str]]:
    """(ticket, id) of a simple random stratum in rank order."""
    return sorted(tickets(seed, ids))


def rank_pareto(seed: str, weights: Iterable[tuple[str, int]], n: int) -> list[tuple[str, str]]:
    """(ticket, id) of a stratum drawn with probability proportional to weight (Pareto πps), in rank order.

    Parameters
    ----------
    weights : (id, weight), weights 1…1,000,000.
    n : units to select.

    Notes
    -----
    Units whose probability would exceed one are taken first. Rosén (1997), doi:10.1016/S0378-3758(96)00186-3. Measured
    inclusion probabilities differ from n·w/W by at most 0.3 %; use `inclusion_probability` for the nominal ones.
    """
    rows = list(weights)
    first = First(seed, Stratum("pareto", n, len(rows)), Counter(w for _, w in rows), most=len(rows))
    for id_, weight in rows:
        first.add(id_, weight)
    return first.ranked()


class First:
    """名次靠前者: the first units of a stratum while its rows stream by; about twice as many are held as are wanted.

    >>> first = First("0" * 64, Stratum("srs", 2, 10))
    >>> for k in range(10):
    ...     first.add(f"U{k}")
    >>> first.ranked() == rank_srs("0" * 64, [f"U{k}" for k in range(10)])[:2]
    True
    """

    def __init__(self, seed: str, stratum: Stratum, weights: Mapping[int, int] | None = None, most: int | None = None) -> None:
        """`weights`: how many eligible units have each weight (only `pareto` needs them)."""
        self.start = hashlib.sha256(f"{seed}:o:".encode())
        self.most = stratum.n + stratum.reserve if most is None else most
        self.bar = _take_all(weights or {}, stratum.n) if stratum.method == "pareto" else None
        self.held: list[tuple[int, str, str]] = []
        self.last: tuple[int, str, str] | None = None

    def add(self, id_: str, weight: int = 1) -> None:
        """One more eligible unit."""
        state = self.start.copy()
        state.update(id_.encode())
        signed = state.hexdigest()
        key = (0 if self.bar is None else self._place(signed, weight), signed, id_)
        if self.last is None or key < self.last:
            self.held.append(key)
            if len(self.held) > 2 * self.most + 1000:
                self._prune()

    def _place(self, signed: str, weight: int) -> int:
        """Take-all units first, the others by their key (section 5), which is never negative."""
        assert self.bar is not None
        least_certain, m, total = self.bar
        if least_certain is not None and weight >= least_certain:
            return -1
        u = 2 * int(signed[:8], 16) + 1
        return (u * (total - m * weight) * 2**32) // ((2**33 - u) * m * weight) if m > 0 else 0

    def _prune(self) -> None:
        self.held.sort()
        del self.held[self.most :]
        self.last = self.held[-1] if self.held else (-2, "", "")

    def ranked(self) -> list[tuple[str, str]]:
        """(ticket, id) in rank order, as many as were wanted."""
        self.held.sort()
        return [(signed, id_) for _, signed, id_ in self.held[: self.most]]


def _take_all(weights: Mapping[int, int], n: int) -> tuple[int | None, int, int]:
    """Least weight taken with certainty (None: none), places left for the others, their total weight."""
    least, m = None, n
    total = sum(w * k for w, k in weights.items())
    while True:
        new = [w for w in weights if (least is None or w < least) and m * w >= total] if m > 0 else []
        if not new:
            return least, m, total
        least = min(new)
        m -= sum(weights[w] for w in new)
        total -= sum(w * weights[w] for w in new)


def inclusion_probability(stratum: Stratum, weight: int, weights: Sequence[int]) -> float:
    """Nominal probability of a unit to be selected: n/N for `srs`, n·w/W outside the take-all part for `pareto`."""
    if stratum.population == 0:
        return 0.0
    if stratum.method == "srs":
        return stratum.n / stratum.population
    least_certain, m, total = _take_all(Counter(weights), stratum.n)
    if least_certain is not None and weight >= least_certain:
        return 1.0
    return m * weight / total if total else 0.0


def select(seed: str, strata: Mapping[str, Stratum], units: Iterable[Unit]) -> list[Chosen]:
    """Selected and reserve units of every stratum, by stratum bytes and rank.

    >>> units = [Unit(f"U{i}", "A") for i in range(10)]
    >>> [c.role for c in select("0" * 64, {"A": Stratum("srs", 2, 10, 1)}, units)]
    ['selected', 'selected', 'reserve']
    """
    members: dict[str, list[tuple[str, int]]] = {name: [] for name in strata}
    for unit in units:
        if unit.status == "ok":
            members[unit.stratum].append((unit.id, unit.weight))
    return [row for name in sorted(strata, key=str.encode) for row in select_stratum(seed, name, strata[name], members[name])]


def select_stratum(seed: str, name: str, stratum: Stratum, members: Iterable[tuple[str, int]]) -> list[Chosen]:
    """Selected and reserve units of one stratum from its eligible (id, weight)."""
    rows = list(members)
    first = First(seed, stratum, Counter(weight for _, weight in rows))
    for id_, weight in rows:
        first.add(id_, weight)
    return chosen(name, stratum, first)


def chosen(name: str, stratum: Stratum, first: First) -> list[Chosen]:
    """The rows of a stratum: the first n are selected, the next ones its reserve."""
    return [
        Chosen(name, rank, id_, signed, "selected" if rank <= stratum.n else "reserve") for rank, (signed, id_) in enumerate(first.ranked(), 1)
    ]

"""Bottlenecks of teams 检查组瓶颈: can the seats be filled at all, and who carries the load, before the draw is committed.

A maximum flow over the seats of a *marked dummy seed's* selection, so that the real one stays unknown. It needs scipy and
is therefore no part of the draw itself. The rule "another unit than the team so far" is left out of the flow: what the flow
cannot fill no rule can, what it can fill may still miss a seat for that reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from sampling.errors import SamplingError
from sampling.frame import Inspector
from sampling.teams import Seat, Served

Counts = npt.NDArray[np.int32]
_PLENTY = 2**30


@dataclass(frozen=True, slots=True)
class Tight:
    """瓶颈: seats that only these inspectors may fill."""

    seats: int
    inspectors: tuple[str, ...]
    areas: tuple[str, ...]
    needs: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]  # of the seats, from 1

    @property
    def each(self) -> float:
        """Visits per inspector that these seats alone ask for; infinite when nobody may fill them."""
        return self.seats / len(self.inspectors) if self.inspectors else float("inf")


@dataclass(frozen=True, slots=True)
class Report:
    """瓶颈报告: seats, how many can be filled, the least largest load, and what makes it so."""

    seats: int
    fillable: int
    blocked: list[Tight]
    least_load: int
    tight: Tight | None

    @property
    def short(self) -> int:
        return self.seats - self.fillable


def bottlenecks(
    objects: Iterable[Served], inspectors: Iterable[Inspector], conflicts: Iterable[tuple[str, str]], seats: Sequence[Seat],
    limits: Mapping[str, int] | None = None,
) -> Report:
    """Where the teams of a (dummy) selection are tight.

    Parameters
    ----------
    objects : the selected objects with area and needs.
    inspectors, conflicts, seats : as in the bundle.
    limits : most visits per inspector in this draw; no limit when left out.

    Returns
    -------
    Report : `blocked` are groups of seats that stay empty whatever is tried, with the inspectors they would compete for;
        `least_load` is the smallest possible largest number of visits while all fillable seats are filled, and `tight` the
        seats and inspectors that force it.

    Raises
    ------
    SamplingError : a limit that is negative or of an unknown inspector.

    Notes
    -----
    Maximum flow, minimum cut. Ford & Fulkerson (1956), doi:10.4153/CJM-1956-045-5.

    Examples
    --------
    >>> people = [Inspector("a", "U", lead=True), Inspector("b", "U"), Inspector("c", "V")]
    >>> visits = [Served(f"{i:064d}", f"F{i}") for i in range(6)]
    >>> found = bottlenecks(visits, people, [], [Seat(lead=True), Seat()])
    >>> found.seats, found.fillable, found.least_load, found.tight.inspectors
    (12, 12, 6, ('a',))
    """
    network = _Network(list(objects), list(inspectors), set(conflicts), list(seats))
    most = network.limits(limits or {})
    fillable, cut = network.flow(most)
    blocked = network.blocked(cut) if fillable < network.total else []
    if not fillable:
        return Report(network.total, 0, blocked, 0, None)
    low, high = 0, int(min(most.max(), network.total))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if network.flow(np.minimum(most, middle))[0] == fillable else (middle, high)
    return Report(network.total, fillable, blocked, high, network.group(network.flow(np.minimum(most, low))[1]))


class _Network:
    """Source → seats of alike objects → (alike objects, inspector) → inspector → sink."""

    def __init__(self, objects: list[Served], inspectors: list[Inspector], conflicts: set[tuple[str, str]], seats: list[Seat]) -> None:
        self.inspectors, self.seats = inspectors, seats
        barred: dict[str, set[str]] = {}
        for inspector, object_ in conflicts:
            barred.setdefault(object_, set()).add(inspector)
        self.groups = sorted(Counter((o.area, o.needs, tuple(sorted(barred.get(o.id, ())))) for o in objects).items())
        self.total = len(objects) * len(seats)
        self._edges()

    def _edges(self) -> None:
        """Node 0 is the source, 1 the sink; then inspectors, then seats of groups, then pairs."""
        people, edges, at = len(self.inspectors), [], 2 + len(self.inspectors)
        self.seat_nodes: dict[int, tuple[int, int]] = {}
        for g, ((area, needs, barred), many) in enumerate(self.groups):
            able = [k for k, i in enumerate(self.inspectors) if _may_visit(i, area, needs) and i.id not in barred]
            first, pairs = at, {k: at + len(self.seats) + j for j, k in enumerate(able)}
            at = first + len(self.seats) + len(able)
            edges += [(pairs[k], 2 + k, many) for k in able]
            for s, seat in enumerate(self.seats):
                self.seat_nodes[first + s] = (g, s)
                edges.append((0, first + s, many))
                edges += [(first + s, pairs[k], many) for k in able if _may_sit(self.inspectors[k], seat)]
        edges += [(2 + k, 1, 0) for k in range(people)]
        self.size = at
        table: Counts = np.array(edges, dtype=np.int32).reshape(-1, 3)
        self.tail, self.head, self.room = table[:, 0], table[:, 1], table[:, 2]

    def limits(self, given: Mapping[str, int]) -> Counts:
        if strange := sorted(set(given) - {i.id for i in self.inspectors}):
            raise SamplingError(f"上限表中的检查人员不在名单中：{'、'.join(strange[:5])}")
        if negative := {k: v for k, v in given.items() if v < 0}:
            raise SamplingError(f"检查次数上限不合法：{negative}；应不小于 0")
        return np.array([min(given.get(i.id, _PLENTY), _PLENTY) for i in self.inspectors], dtype=np.int32)

    def flow(self, most: Counts) -> tuple[int, set[int]]:
        """Seats filled when every inspector takes at most so many, and the nodes on the source's side of the cut."""
        if not self.total or not most.size:
            return 0, {0, *self.seat_nodes}
        room = self.room.copy()
        room[-most.size :] = most
        graph = csr_array((room, (self.tail, self.head)), shape=(self.size, self.size))
        found = maximum_flow(graph, 0, 1)
        left = csr_array(graph - found.flow)
        left.data = (left.data > 0).astype(np.int32)
        left.eliminate_zeros()
        return int(found.flow_value), set(breadth_first_order(left, 0, return_predecessors=False).tolist())

    def blocked(self, side: set[int]) -> list[Tight]:
        """Seats that nobody at all may take, by area and needs; then those whose few candidates have reached their limits."""
        alone = {node for node in self.seat_nodes if node in side and not np.any(self.tail == node)}
        places = sorted({self.groups[self.seat_nodes[node][0]][0][:2] for node in alone})
        found = [self.group({node for node in alone if self.groups[self.seat_nodes[node][0]][0][:2] == place}) for place in places]
        rest = side - alone
        return found + ([self.group(rest)] if rest & set(self.seat_nodes) else [])

    def group(self, side: set[int]) -> Tight:
        """The seats and inspectors on the source's side: these seats can go to nobody else."""
        cells = [self.seat_nodes[node] for node in sorted(side) if node in self.seat_nodes]
        people = tuple(i.id for k, i in enumerate(self.inspectors) if 2 + k in side)
        return Tight(
            sum(self.groups[g][1] for g, _ in cells), people, tuple(sorted({self.groups[g][0][0] for g, _ in cells})),
            tuple(sorted({self.groups[g][0][1] for g, _ in cells})), tuple(sorted({s + 1 for _, s in cells})),
        )


def _may_visit(inspector: Inspector, area: str, needs: tuple[str, ...]) -> bool:
    return (not area or inspector.areas == ("*",) or area in inspector.areas) and set(needs) <= set(inspector.skills)


def _may_sit(inspector: Inspector, seat: Seat) -> bool:
    return (inspector.lead or not seat.lead) and seat.unit in ("*", inspector.unit)

"""Allocation: tables exact on both margins, against the same problem given to HiGHS as a linear program, and large quotas.

Run: python benchmarks/bench_allocate.py [--long]. CPU seconds. The peer is scipy.optimize.linprog (HiGHS dual simplex, sparse
matrix, as its documentation recommends), started from the same fitted table; it needs minutes for 2,000 × 34 and is only run
on it with --long.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, eye_array, kron, vstack

from sampling import allocate


def spent(work: Callable[[], object]) -> tuple[float, object]:
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def problem(regions: int) -> tuple[list[int], list[int], np.ndarray]:
    rng = np.random.default_rng(1)
    total = regions * 34 * 3
    rows, columns = (allocate.hamilton(total, rng.lognormal(0, 1, size).tolist()) for size in (regions, 34))
    return rows, columns, np.outer(rows, columns) * rng.uniform(0.5, 1.5, (regions, 34))


def by_linprog(fitted: np.ndarray, rows: list[int], columns: list[int]) -> np.ndarray:
    floor = np.floor(fitted + 1e-7)
    part = np.where(fitted - floor > 1e-7, fitted - floor, 0.0)
    r, c = fitted.shape
    sums = vstack([kron(eye_array(r), np.ones((1, c))), kron(np.ones((1, r)), eye_array(c))])
    wanted = np.concatenate([rows - floor.sum(axis=1), columns - floor.sum(axis=0)])
    room = (part > 0).ravel().astype(float)
    found = linprog((1 - 2 * part).ravel(), A_eq=coo_matrix(sums).tocsc(), b_eq=wanted, bounds=np.column_stack([0 * room, room]), method="highs-ds")
    return floor + np.rint(found.x).reshape(r, c)


def main(arguments: list[str]) -> None:
    for regions, goal in ((34, 1), (200, 1), (2000, 60)):
        rows, columns, seed = problem(regions)
        ours, found = spent(lambda: allocate.two_margins(rows, columns, seed))  # noqa: B023
        line = f"two margins {regions:5d} × 34   {ours:6.2f} s (goal < {goal})"
        if regions < 2000 or "--long" in arguments:
            theirs, table = spent(lambda: by_linprog(found.fitted, rows, columns))  # noqa: B023
            same = np.isclose(np.abs(table - found.fitted).sum(), np.abs(found.table - found.fitted).sum(), atol=1e-4)
            line += f"   linprog {theirs:7.2f} s   ratio {theirs / ours:6.1f}   equally near: {bool(same)}"
        quarters, split = spent(lambda: allocate.split_quarters(found.table))  # noqa: B023
        print(f"{line}   quarters {quarters:6.2f} s, {len(split.deviations)} deviations")
    weights = np.random.default_rng(2).lognormal(0, 2, 3000).tolist()
    for method in allocate.METHODS:
        print(f"{method:16s} 46,968 batches to 3,000 places   {spent(lambda: allocate.apportion(46_968, weights, method))[0]:6.2f} s")  # noqa: B023
    print(f"neyman           100,000 batches to 300 strata   {spent(lambda: allocate.neyman(100_000, [10_000] * 300, weights[:300]))[0]:6.2f} s")


if __name__ == "__main__":
    main(sys.argv[1:])

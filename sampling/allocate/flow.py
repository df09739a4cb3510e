"""Transportation programs with whole solutions 运输问题, solved by HiGHS, and their ties broken by a stated preference.

The matrices are totally unimodular, so every vertex that the simplex method returns is whole. Among equally good solutions
the one least in `preference` is taken in a second program on the optimal face: what the first one left to chance in its
reduced costs alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_matrix

from sampling.arguments import Floats, Ints
from sampling.errors import SamplingError

_TIGHT = 1e-9


def cheapest(matrix: csc_matrix, wanted: Ints, cost: Floats, upper: Any, preference: Floats) -> Ints | None:
    """Whole x in [0, upper] with matrix·x = wanted, least in cost, then in preference; None when there is none."""
    if not cost.size:
        return None if np.any(wanted) else np.zeros(0, dtype=np.int64)
    found = _solve(matrix, wanted, cost, upper)
    if found is None:
        return None
    x = np.rint(found.x)
    tight = (np.abs(found.lower.marginals) <= _TIGHT) & (np.abs(found.upper.marginals) <= _TIGHT) & (upper > 0)
    if tight.sum() > matrix.shape[0] - 1:  # more than a basis: another vertex may be as good
        left = wanted - matrix[:, ~tight] @ x[~tight]
        again = _solve(matrix[:, tight], left, preference[tight], upper[tight])
        if again is not None:
            x[tight] = np.rint(again.x)
    if np.any(matrix @ x != wanted):
        raise SamplingError("求解器没有给出整数解；请检查上下限")
    return np.asarray(x, dtype=np.int64)


def _solve(matrix: csc_matrix, wanted: Any, cost: Floats, upper: Any) -> Any:
    found = linprog(cost, A_eq=matrix, b_eq=wanted, bounds=np.column_stack([np.zeros(cost.size), upper]), method="highs-ds")
    if found.status == 2:
        return None
    if found.status != 0:
        raise SamplingError(f"求解失败：{found.message}")
    return found


def diagonal(rows: Ints, columns: Ints) -> Floats:
    """A preference under which earlier rows get earlier columns: least when Σ row·√(column+2) is largest."""
    return np.asarray(-(rows + 1.0) * np.sqrt(columns + 2.0), dtype=np.float64)

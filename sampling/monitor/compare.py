"""Comparisons of several rates 多组比较: homogeneity, trend, and p-values adjusted for how many were looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc

from sampling.arguments import Floats, numbers, one_of, passed_and_tested, refuse_where, same_length
from sampling.errors import SamplingError


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """χ² 检验: statistic, degrees of freedom, p-value."""

    chi2: float
    df: int
    p: float


def homogeneity(x: Any, n: Any) -> ChiSquare:
    """Do k rates differ beyond chance? Pearson's chi-square on k − 1 degrees of freedom.

    Parameters
    ----------
    x, n : (k,) counts of k ≥ 2 groups.

    Returns
    -------
    ChiSquare : statistic, degrees of freedom and p.

    Raises
    ------
    SamplingError : fewer than two groups, or all rates 0 or 1 (nothing to compare).

    Notes
    -----
    Σ (x − n p̄)² / (n p̄ (1 − p̄)). An approximation: poor where an expected count is below about 5.

    References
    ----------
    Pearson (1900), doi:10.1080/14786440009463897.

    Examples
    --------
    >>> round(homogeneity([98, 97, 99, 95], [100, 100, 100, 100]).p, 4)
    0.3516
    """
    passed, tested, common = _groups(x, n)
    chi2 = float(((passed - tested * common) ** 2 / (tested * common * (1 - common))).sum())
    return ChiSquare(chi2, passed.size - 1, float(chdtrc(passed.size - 1, chi2)))


def trend(x: Any, n: Any, scores: Any = None) -> ChiSquare:
    """Does the rate rise or fall over ordered periods? Cochran–Armitage, two-sided, one degree of freedom.

    Parameters
    ----------
    x, n : (k,) counts.
    scores : (k,) positions of the periods, not all equal; 1…k when left out.

    Returns
    -------
    ChiSquare : statistic, one degree of freedom and p.

    Raises
    ------
    SamplingError : fewer than two groups, rates all 0 or 1, positions all equal or of another length.

    Notes
    -----
    T²/V with T = Σ s (x − n p̄), V = p̄(1−p̄) (Σ n s² − (Σ n s)²/Σ n). Armitage (1955), doi:10.2307/3001775. Wrong for seasonal
    figures: compare a quarter with the same quarter of last year.

    References
    ----------
    Armitage (1955), doi:10.2307/3001775.

    Examples
    --------
    >>> round(trend([970, 975, 981, 985], [1000, 1000, 1000, 1000]).p, 4)
    0.0145
    """
    passed, tested, common = _groups(x, n)
    at = np.arange(1.0, passed.size + 1) if scores is None else numbers(scores, "位置 scores")
    same_length(x=passed, scores=at)
    at = at - (tested * at).sum() / tested.sum()
    spread = float((tested * at**2).sum())
    if spread == 0:
        raise SamplingError("位置 scores 全部相同，没有趋势可言")
    chi2 = float((at * passed).sum()) ** 2 / (common * (1 - common) * spread)
    return ChiSquare(chi2, 1, float(chdtrc(1, chi2)))


def adjusted(p: Any, method: str = "bh") -> Floats:
    """P-values adjusted for a family of comparisons, in the order given.

    Parameters
    ----------
    p : (k,) p-values in [0, 1].
    method : "bh" (Benjamini–Hochberg: share of false alarms among the alarms) or "holm" (chance of any false alarm).

    Returns
    -------
    array : (k,) in [0, 1], never below the p given.

    Raises
    ------
    SamplingError : p outside [0, 1], none at all, an unknown method.

    Notes
    -----
    All regions of one report are one family.

    References
    ----------
    Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x; Holm (1979), Scandinavian Journal of Statistics 6, 65–70.

    Examples
    --------
    >>> adjusted([0.01, 0.02, 0.03, 0.5]).tolist(), [round(float(v), 4) for v in adjusted([0.045, 0.01, 0.04], "holm")]
    ([0.04, 0.04, 0.04, 0.5], [0.08, 0.03, 0.08])
    """
    one_of(method, ("bh", "holm"), "方法 method")
    values = numbers(p, "p")
    same_length(p=values)
    refuse_where((values < 0) | (values > 1), values, "p", "0 到 1 之间的数")
    order = np.argsort(values, kind="stable")
    rank = np.arange(1, values.size + 1)
    if method == "holm":
        raised = np.maximum.accumulate(values[order] * (values.size + 1 - rank))
    else:
        raised = np.minimum.accumulate((values[order] * values.size / rank)[::-1])[::-1]
    result = np.empty_like(values)
    result[order] = np.minimum(raised, 1.0)
    return result


def _groups(x: Any, n: Any) -> tuple[Floats, Floats, float]:
    passed, tested = passed_and_tested(x, n)
    same_length(x=passed, n=tested)
    if passed.size < 2:
        raise SamplingError("至少要有两组才能比较")
    common = float(passed.sum() / tested.sum())
    if common in (0, 1):
        raise SamplingError(f"各组的率都是 {common:g}，没有可比较的差别")
    return passed.astype(np.float64), tested.astype(np.float64), common

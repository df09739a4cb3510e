"""Verification of a declared quality level 声称质量水平核查 (GB/T 2828.4; small populations GB/T 2828.11): the risks, computed.

The tables of the two standards are not reproduced here; plans are entered as (n, L) and judged by their risks. "Not rejected" is not
"shown to conform", and verification is not acceptance of lots.
"""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import betainc

from sampling import hypergeometric
from sampling.arguments import number, positive, whole
from sampling.errors import SamplingError

MOST_FALSE_ALARM = 0.05
MOST_MISSED = 0.10


@dataclass(frozen=True, slots=True)
class Verification:
    """Risks of a verification plan: rejecting a population at its declared level, and passing one at the limiting level."""

    n: int
    limit: int
    false_alarm: float
    missed: float | None

    @property
    def keeps(self) -> bool:
        """Whether the false alarm stays within 5 % and, where a limiting level is given, the miss within 10 %."""
        return self.false_alarm <= MOST_FALSE_ALARM and (self.missed is None or self.missed <= MOST_MISSED)


def rejection_risk(n: int, limit: int, p: float) -> float:
    """P(X > limit) in n units of a large population with failing rate p in [0, 1].

    Parameters
    ----------
    n : whole number ≥ 1. limit : L, whole number in [0, n).
    p : failing rate in [0, 1].

    Returns
    -------
    float : probability.

    Raises
    ------
    SamplingError : a limit not below n, a rate outside [0, 1].

    Notes
    -----
    Binomial tail. For n above a tenth of the population use `verification_finite`.

    References
    ----------
    GB/T 2828.4 (MEM: risks as defined there, 5 % at the declared level).

    Examples
    --------
    >>> round(rejection_risk(20, 0, 0.0025), 4)
    0.0488
    """
    size, most = _plan(n, limit)
    rate = number(p, "不合格率 p")
    if not 0 <= rate <= 1:
        raise SamplingError(f"不合格率 p 不合法：{p!r}；应在 0 与 1 之间")
    return float(betainc(most + 1, size - most, rate))


def _plan(n: int, limit: int) -> tuple[int, int]:
    size, most = whole(n, "样本量 n", least=1), whole(limit, "不合格品限定数 L")
    if most >= size:
        raise SamplingError(f"不合格品限定数 L={most} 不合法；应小于样本量 n={size}")
    return size, most


def verification(n: int, limit: int, declared: float, quality_ratio: float | None = None) -> Verification:
    """Risks of a plan (n, L) for a declared level in a large population (GB/T 2828.4).

    Parameters
    ----------
    n, limit : the plan (n, L).
    declared : declared failing rate (DQL) in [0, 1].
    quality_ratio : limiting quality ratio (LQR) above 1; the population is then also taken at LQR × declared.

    Returns
    -------
    Verification : both risks, and whether they are kept (5 % and 10 %).

    Raises
    ------
    SamplingError : a limit not below n, a ratio ≤ 1, a level above 1.

    Notes
    -----
    A population that is not rejected has not been shown to conform.

    References
    ----------
    GB/T 2828.4 (MEM).

    Examples
    --------
    >>> verification(50, 1, 0.0065).keeps, round(verification(50, 1, 0.0065, 12).missed, 3)
    (True, 0.09)
    """
    false_alarm = rejection_risk(n, limit, declared)
    missed = None if quality_ratio is None else 1 - rejection_risk(n, limit, _ratio(quality_ratio) * declared)
    return Verification(int(n), int(limit), false_alarm, missed)


def _ratio(value: float) -> float:
    ratio = positive(value, "极限质量比 LQR")
    if ratio <= 1:
        raise SamplingError(f"极限质量比 LQR 不合法：{value!r}；应大于 1")
    return ratio


def verification_finite(n: int, limit: int, population: int, declared: int, limiting: int | None = None) -> Verification:
    """The same for a small population of known size (GB/T 2828.11): `declared` and `limiting` are numbers of failing units.

    Parameters
    ----------
    n, limit : the plan (n, L).
    population : N ≥ n.
    declared, limiting : failing units in the population, declared < limiting ≤ N.

    Returns
    -------
    Verification : both risks, and whether they are kept.

    Raises
    ------
    SamplingError : n or failing units above N, limiting not above declared.

    Notes
    -----
    Hypergeometric tails. A population that is not rejected has not been shown to conform.

    References
    ----------
    GB/T 2828.11 (MEM).

    Examples
    --------
    >>> round(verification_finite(13, 1, 120, 3).false_alarm, 4)
    0.0307
    """
    size, most = _plan(n, limit)
    total, level = whole(population, "总体量 N", least=1), whole(declared, "声称不合格品数 D")
    marks = [level] if limiting is None else [level, whole(limiting, "极限不合格品数", least=level + 1)]
    if size > total or max(marks) > total:
        raise SamplingError(f"n={size}、D={max(marks)} 不应大于总体量 N={total}")
    risks = [float(hypergeometric.at_least(most + 1, mark, size, total)) for mark in marks]
    return Verification(size, most, risks[0], 1 - risks[1] if limiting is not None else None)

"""Rosters of known size: every small one enumerated in exact fractions, large ones against scipy."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from scipy.stats import hypergeom

from sampling import hypergeometric, intervals
from sampling.errors import SamplingError


def at_least(x: int, D: int, n: int, N: int) -> Fraction:
    return Fraction(sum(comb(D, k) * comb(N - D, n - k) for k in range(x, min(n, D) + 1) if n - k <= N - D), comb(N, n))


def by_definition(x: int, n: int, N: int, tail: Fraction) -> tuple[int, int]:
    possible = range(x, N - (n - x) + 1)
    low = min(D for D in possible if at_least(x, D, n, N) > tail)
    high = max(D for D in possible if 1 - at_least(x + 1, D, n, N) > tail)
    return low, high


@pytest.mark.parametrize("N", range(1, 14))
def test_every_sample_of_every_small_roster_is_bounded_by_definition(N: int) -> None:
    cells = [(x, n) for n in range(1, N + 1) for x in range(n + 1)]
    for conf, tail in ((0.95, Fraction(1, 40)), (0.9, Fraction(1, 20)), (0.8, Fraction(1, 10)), (0.5, Fraction(1, 4))):
        low, high = intervals.finite_interval([x for x, _ in cells], [n for _, n in cells], N, conf)
        assert [(int(a), int(b)) for a, b in zip(low, high, strict=True)] == [by_definition(x, n, N, tail) for x, n in cells]


def test_a_tail_that_equals_alpha_is_decided_in_whole_numbers() -> None:
    for N, conf in ((20, 0.95), (10, 0.9), (40, 0.95), (100, 0.99), (1000, 0.999)):
        tail = 1 - Fraction(str(conf))
        assert int(intervals.finite_bound(1, 1, N, "lower", conf)) == int(tail * N) + 1  # P(X >= 1 | D) = D/N must exceed alpha


def test_a_census_is_its_count() -> None:
    for x in (0, 1, 97, 100):
        assert [int(v) for v in intervals.finite_interval(x, 100, 100)] == [x, x]


def test_coverage_over_all_rosters_of_sixty_is_kept() -> None:
    N, n = 60, 17
    low, high = intervals.finite_interval(np.arange(n + 1), n, N)
    for D in range(N + 1):
        chance = hypergeom.pmf(np.arange(n + 1), N, D, n)
        assert chance[(low <= D) & (high >= D)].sum() >= 0.95 - 1e-12


def test_tails_agree_with_scipy_over_many_sizes() -> None:
    rng = np.random.default_rng(3)
    N = rng.integers(1, 50_000, 400)
    n, D = rng.integers(0, N + 1), rng.integers(0, N + 1)
    k = np.clip(np.rint(n * D / N + rng.normal(0, 3, 400) * np.sqrt(n + 1) / 3), -1, n + 1).astype(int)
    assert np.allclose(hypergeometric.at_most(k, D, n, N), hypergeom.cdf(k, N, D, n), rtol=1e-7, atol=1e-12)
    assert np.allclose(hypergeometric.at_least(k, D, n, N), hypergeom.sf(k - 1, N, D, n), rtol=1e-7, atol=1e-12)


def test_a_roster_of_ten_million_is_answered() -> None:
    low, high = (int(v) for v in intervals.finite_interval(99_800, 100_000, 10**7))
    assert 9_977_000 < low < 9_980_000 < high < 9_983_000
    binomial = [float(v) for v in intervals.clopper_pearson(99_800, 100_000)]
    assert binomial[0] < low / 10**7 and high / 10**7 < binomial[1]


def test_impossible_rosters_are_refused() -> None:
    with pytest.raises(SamplingError, match="n 不合法：10"):
        intervals.finite_interval(3, 10, 9)
    with pytest.raises(SamplingError, match="side"):
        intervals.finite_bound(1, 2, 3, "both")
    for N in (0, -1, 2.5, float("nan")):
        with pytest.raises(SamplingError, match="N"):
            intervals.finite_interval(0, 1, N)
    with pytest.raises(SamplingError, match="形状"):
        hypergeometric.at_most([1, 2], [1, 2, 3], 3, 4)
    with pytest.raises(SamplingError, match="形状"):
        intervals.finite_interval([1, 1], [2, 2], [3, 3, 3])

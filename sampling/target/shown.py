"""The one question under every verdict: would so few failures be rarer than α if the rate stood exactly at the target?"""

from __future__ import annotations

from fractions import Fraction
from math import comb

from scipy.special import betainc

from sampling import hypergeometric

_NEAR = 1e-9
_LARGEST_EXACT = 2_000


def few_failures(failures: int, n: int, target: Fraction) -> float:
    """P(at most so many failures in n) when the pass rate is `target`."""
    return 1.0 if failures >= n else float(betainc(n - failures, failures + 1, float(target)))


def many_failures(failures: int, n: int, target: Fraction) -> float:
    """P(at least so many failures in n) when the pass rate is `target`."""
    return 1.0 if failures <= 0 else float(betainc(failures, n - failures + 1, float(1 - target)))


def shows_attained(failures: int, n: int, target: Fraction, alpha: Fraction) -> bool:
    """Whether the lower bound reaches the target: P(few failures) ≤ α; in whole numbers where a double cannot tell."""
    found = few_failures(failures, n, target)
    if n <= _LARGEST_EXACT and abs(found - float(alpha)) < _NEAR * float(alpha):
        return _exactly(failures, n, 1 - target) <= alpha
    return found <= float(alpha)


def shows_not_attained(failures: int, n: int, target: Fraction, alpha: Fraction) -> bool:
    """Whether the upper bound stays below the target: P(many failures) < α."""
    found = many_failures(failures, n, target)
    if n <= _LARGEST_EXACT and abs(found - float(alpha)) < _NEAR * float(alpha):
        return 1 - _exactly(failures - 1, n, 1 - target) < alpha
    return found < float(alpha)


def _exactly(most: int, n: int, rate: Fraction) -> Fraction:
    """P(X ≤ most) of the binomial law as an exact fraction."""
    a, b = rate.numerator, rate.denominator
    return Fraction(sum(comb(n, i) * a**i * (b - a) ** (n - i) for i in range(most + 1)), b**n)


def shows_attained_finite(failures: int, n: int, roster: int, required: int, alpha: Fraction) -> bool:
    """The same on a roster of which `required` units must pass: P(few failures | one unit short) ≤ α."""
    failing = roster - required + 1
    found = float(hypergeometric.at_most(failures, failing, n, roster))
    if hypergeometric.exact_is_quick(n, roster) and abs(found - float(alpha)) < _NEAR * float(alpha):
        return hypergeometric.exact_at_most(failures, failing, n, roster) <= alpha
    return found <= float(alpha)

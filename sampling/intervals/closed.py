"""Ends of intervals in closed form or as beta quantiles, on validated float arrays; counts need not be whole here.

Each function takes the passing count x, the size n and the probability `tail` left outside on each side, and gives both ends.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainccinv, betaincinv, ndtri

from sampling.arguments import Floats

Ends = tuple[Floats, Floats]


def normal(tail: float) -> float:
    """z with P(Z > z) = tail."""
    return -float(ndtri(tail))


def wilson(x: Floats, n: Floats, tail: float) -> Ends:
    z = normal(tail)
    p = x / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return np.where(x == 0, 0.0, np.maximum(centre - half, 0)), np.where(x == n, 1.0, np.minimum(centre + half, 1))


def wilson_cc(x: Floats, n: Floats, tail: float) -> Ends:
    z = normal(tail)
    p, q, scale = x / n, 1 - x / n, 2 * (n + z * z)
    inner_low = np.maximum(z * z - 2 - 1 / n + 4 * p * (n * q + 1), 0)
    inner_high = np.maximum(z * z + 2 - 1 / n + 4 * p * (n * q - 1), 0)
    low = (2 * x + z * z - 1 - z * np.sqrt(inner_low)) / scale
    high = (2 * x + z * z + 1 + z * np.sqrt(inner_high)) / scale
    return np.where(x == 0, 0.0, np.maximum(low, 0)), np.where(x == n, 1.0, np.minimum(high, 1))


def agresti_coull(x: Floats, n: Floats, tail: float) -> Ends:
    z = normal(tail)
    size = n + z * z
    p = (x + z * z / 2) / size
    half = z * np.sqrt(p * (1 - p) / size)
    return np.maximum(p - half, 0), np.minimum(p + half, 1)


def clopper_pearson(x: Floats, n: Floats, tail: float) -> Ends:
    return beta_lower(x, n, tail), beta_upper(x, n, tail)


def beta_lower(x: Floats, n: Floats, tail: float) -> Floats:
    """p with P(X ≥ x | p) = tail; 0 at x = 0."""
    return np.where(x == 0, 0.0, betaincinv(np.where(x == 0, 1, x), n - x + 1, tail))


def beta_upper(x: Floats, n: Floats, tail: float) -> Floats:
    """p with P(X ≤ x | p) = tail; 1 at x = n."""
    return np.where(x == n, 1.0, betainccinv(x + 1, np.where(x == n, 1, n - x), tail))


def jeffreys(x: Floats, n: Floats, tail: float) -> Ends:
    low = np.where(x == 0, 0.0, betaincinv(x + 0.5, n - x + 0.5, tail))
    return low, np.where(x == n, 1.0, betainccinv(x + 0.5, n - x + 0.5, tail))

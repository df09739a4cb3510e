"""Quota 任务量: batches of a year from a population, the rounding stated."""

from __future__ import annotations

from sampling.arguments import Exact, exact_fraction, one_of, whole
from sampling.errors import SamplingError


def quota(population: int, per_thousand: Exact, rounding: str = "up") -> int:
    """Batches from a population and a rate per thousand people, in exact arithmetic.

    Parameters
    ----------
    population : people, a whole number.
    per_thousand : batches per thousand people, ≥ 0; text like "6.5" is taken exactly.
    rounding : "up" (以上: at least, the default), "half_up" or "down".

    Returns
    -------
    int : population × rate / 1000, rounded as stated. Store and print the rule and the population's year and kind.

    Raises
    ------
    SamplingError : a population that is not a whole number, a negative rate, an unknown rounding.

    Notes
    -----
    Wrong with a population of another year or kind (resident, registered) than the target names.

    References
    ----------
    The example is 7 per thousand of a city of 6 709 600 people: 46 967.2 batches.

    Examples
    --------
    >>> quota(6_709_600, 7), quota(6_709_600, 7, "half_up"), quota(320_000, "7")
    (46968, 46967, 2240)
    """
    people = whole(population, "人口 population")
    rate = exact_fraction(per_thousand, "每千人批次 per_thousand")
    if rate < 0:
        raise SamplingError(f"每千人批次 per_thousand 不合法：{per_thousand!r}；应不小于 0")
    one_of(rounding, ("up", "half_up", "down"), "取整方式 rounding")
    exact = people * rate / 1000
    if rounding == "up":
        return -(-exact.numerator // exact.denominator)
    if rounding == "down":
        return exact.numerator // exact.denominator
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)

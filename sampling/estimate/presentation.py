"""Presentation 能否公布: the flags of the NCHS standards for proportions, and the complement rule."""

from __future__ import annotations

from sampling.arguments import passed_and_tested, positive, whole
from sampling.estimate.limits import Rate
from sampling.intervals import clopper_pearson

LABELS = {
    "Px": "样本不足以公布这个率（suppress）",
    "Pc": "率可公布，但不合格率的精度不足，须加注（complement）",
    "Pdf": "自由度不足 8，公布前须复核",
    "P0": "率为 0 或 100%，公布前须复核",
}
LEAST_SIZE, NARROW, WIDE, RELATIVE, LEAST_DF = 30, 0.05, 0.30, 1.30, 8


def flags(p: float, lower: float, upper: float, *, n: int, n_eff: float, df: int) -> list[str]:
    """Flags of one published rate; an empty list means: publish.

    Parameters
    ----------
    p, lower, upper : the rate and its 95 % limits, in [0, 1].
    n, n_eff, df : units, effective size (taken as at most n) and degrees of freedom.

    Returns
    -------
    list of str : "Px" alone when the rate must be suppressed; otherwise any of "Pc", "Pdf", "P0" (see `LABELS`).

    Raises
    ------
    nothing: the numbers come from the functions below, which check them.

    Notes
    -----
    At 0 and 100 % the effective size is n (the variance is 0 and says nothing) and the width counts as 0, as in R surveytable.
    Suppress: n or n_eff < 30, or width ≥ 0.30, or 0.05 < width < 0.30 and width/p > 1.30. Footnote: likewise with
    width/(1−p) > 1.30. Review: df < 8; rate 0 or 100 %. Parker et al. (2017), NCHS Vital Health Stat 2(175). The complement
    rule bites on nearly every high pass rate with n near 100: show the failing rate too.

    References
    ----------
    Parker et al. (2017), NCHS Vital Health Stat 2(175); R surveytable.

    Examples
    --------
    >>> flags(0.98, 0.9296, 0.9976, n=100, n_eff=100, df=20), flags(0.5, 0.27, 0.73, n=20, n_eff=20, df=20)
    (['Pc'], ['Px'])
    """
    extreme = p in (0, 1)
    width = 0.0 if extreme else upper - lower
    middle = NARROW < width < WIDE
    size = n if extreme else min(n, n_eff)
    if size < LEAST_SIZE or width >= WIDE or (middle and width > RELATIVE * p):
        return ["Px"]
    found = ["Pc"] if middle and width > RELATIVE * (1 - p) else []
    return found + ["Pdf"] * (df < LEAST_DF) + ["P0"] * extreme


def flags_of_counts(x: int, n: int, n_eff: float | None = None, df: int | None = None) -> list[str]:
    """Flags of x out of n with Clopper–Pearson limits on n.

    Parameters
    ----------
    x, n : counts, 0 ≤ x ≤ n, n ≥ 1.
    n_eff, df : effective size and degrees of freedom; n and n − 1 when left out.

    Returns
    -------
    list of str : as `flags`.

    Raises
    ------
    SamplingError : broken counts, x > n, n_eff ≤ 0, broken degrees of freedom.

    Notes
    -----
    `flags` of x/n with 95 % Clopper–Pearson limits on n. Wrong for clustered batches unless n_eff and df say so.

    References
    ----------
    Parker et al. (2017), NCHS Vital Health Stat 2(175).

    Examples
    --------
    >>> flags_of_counts(990, 1000), flags_of_counts(60, 60, n_eff=20), flags_of_counts(50, 100, df=5)
    ([], ['P0'], ['Pdf'])
    """
    passed, tested = (int(v) for v in passed_and_tested(whole(x, "x"), whole(n, "n", least=1)))
    low, high = (float(v) for v in clopper_pearson(passed, tested))
    size = float(tested) if n_eff is None else positive(n_eff, "有效样本量 n_eff")
    return flags(passed / tested, low, high, n=tested, n_eff=size, df=tested - 1 if df is None else whole(df, "自由度 df"))


def flags_of_rate(rate: Rate) -> list[str]:
    """Flags of a weighted rate with its capped Korn–Graubard limits; a complete count needs none.

    Parameters
    ----------
    rate : of `Design.rate` or `stratified_rate`; check `rate.failing()` too.

    Returns
    -------
    list of str : as `flags`.

    Raises
    ------
    SamplingError : a rate without degrees of freedom.

    Notes
    -----
    `flags` of the capped Korn–Graubard limits.

    References
    ----------
    Parker et al. (2017), NCHS Vital Health Stat 2(175).

    Examples
    --------
    >>> flags_of_rate(Rate(0.98908, 0.00444, 73, 195)), flags_of_rate(Rate(0.9825673, 0.0129754, 25, 36))
    ([], ['Pc'])
    """
    if rate.census:
        return []
    return flags(rate.value, *rate.interval(), n=rate.n, n_eff=rate.n_eff_adjusted(), df=rate.df)

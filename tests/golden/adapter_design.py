"""Maps the reference cases on designs, monitoring and allocation onto `sampling`; it computes nothing of its own.

`FUNCTIONS[name](inputs, datasets)` gives the members that the contract of that name lists. `datasets` holds lists of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sampling import allocate, estimate, monitor
from sampling.errors import SamplingError

Given = dict[str, Any]
Answer = dict[str, Any]
CONF = 0.95  # of the library


def named(given: Given, *same: str, **renamed: str) -> Given:
    """Arguments by name, for those that the case gives; what it leaves out takes the default of the library."""
    return {ours: given[theirs] for theirs, ours in {**{name: name for name in same}, **renamed}.items() if theirs in given}


def _ends(limits: tuple[float, float]) -> dict[str, float]:
    return {"lower": limits[0], "upper": limits[1]}


def _rate(rate: estimate.Rate, conf: float) -> Answer:
    answer: Answer = {"estimate": rate.value, "se": rate.se, "df": rate.df, "n": rate.n, "n_eff": rate.n_eff, "deff_replace": rate.deff}
    if rate.se == 0:
        return answer
    answer |= {method: _ends(rate.interval(conf, method)) for method in ("wald_t", "logit_t", "wilson_t")}
    return answer | {"korn_graubard": _ends(rate.interval(conf, capped=False))}


def _mean(found: estimate.Estimate, conf: float) -> Answer:
    answer: Answer = {"estimate": found.value, "se": found.se, "df": found.df}
    return answer | (_ends(found.interval(conf)) if found.se else {})


def _column(rows: list[dict[str, Any]], name: str | None) -> list[Any] | None:
    return None if name is None else [row[name] for row in rows]


def _design(given: Given, datasets: Mapping[str, Any]) -> tuple[estimate.Design, list[Any], list[bool] | None]:
    rows = datasets[given["dataset"]]
    made = estimate.design(
        _column(rows, given["weight"]), *(_column(rows, given.get(name)) for name in ("strata", "cluster", "fpc"))
    )
    domain = given.get("domain")
    where = None if domain is None else [row[domain["column"]] == domain["value"] for row in rows]
    return made, [row[given["y"]] for row in rows], where


def design_proportion(given: Given, datasets: Mapping[str, Any]) -> Answer:
    made, y, where = _design(given, datasets)
    rate, conf = made.rate(y, where), given.get("conf", CONF)
    capped = {"n_eff": rate.n_eff_adjusted(conf), **_ends(rate.interval(conf))}
    return _rate(rate, conf) | {"korn_graubard_nchs": capped}


def design_mean(given: Given, datasets: Mapping[str, Any]) -> Answer:
    made, y, where = _design(given, datasets)
    return _mean(made.mean(y, where), given.get("conf", CONF))


def poststratified_proportion(given: Given, datasets: Mapping[str, Any]) -> Answer:
    made, y, _ = _design(given, datasets)
    fitted = estimate.poststratify(made, [row[given["poststratum"]] for row in datasets[given["dataset"]]], given["totals"])
    return _rate(fitted.rate(y), given.get("conf", CONF)) | {"total_weight": float(fitted.weights.sum())}


def _strata(given: Given, *names: str) -> list[list[Any]]:
    if not given["strata"]:
        raise SamplingError("层 strata 为空；至少给一层")
    return [[stratum[name] for stratum in given["strata"]] for name in names]


def stratified_proportion(given: Given, _: Mapping[str, Any]) -> Answer:
    return _rate(estimate.stratified_rate(*_strata(given, "N", "n", "x"), **named(given, "fpc")), given.get("conf", CONF))


def stratified_mean(given: Given, _: Mapping[str, Any]) -> Answer:
    return _mean(estimate.stratified_mean(*_strata(given, "N", "n", "mean", "sd"), **named(given, "fpc")), given.get("conf", CONF))


def horvitz_thompson(given: Given, _: Mapping[str, Any]) -> Answer:
    found = estimate.expand(given["y"], given["pi"])
    return {"ht_total": found.total, "hajek_mean": found.mean, "N_hat": found.size}


def pps_inclusion_probabilities(given: Given, _: Mapping[str, Any]) -> Answer:
    return {"pi": estimate.inclusion_probabilities(given["size"], given["n"]).tolist()}


def beta_binomial_eb(given: Given, _: Mapping[str, Any]) -> Answer:
    found = estimate.shrink(given["x"], given["n"])
    return {"alpha": found.alpha, "beta": found.beta, "shrunk": found.rates.tolist()}


def nchs_presentation(given: Given, _: Mapping[str, Any]) -> Answer:
    return {"flags": estimate.flags_of_counts(**named(given, "x", "n", "n_eff", "df"))}


def adjust_pvalues(given: Given, _: Mapping[str, Any]) -> Answer:
    return {"adjusted": monitor.adjusted(**named(given, "p", "method")).tolist()}


def test_homogeneity(given: Given, _: Mapping[str, Any]) -> Answer:
    found = monitor.homogeneity(given["x"], given["n"])
    return {"chi2": found.chi2, "df": found.df, "p": found.p}


def test_trend(given: Given, _: Mapping[str, Any]) -> Answer:
    found = monitor.trend(**named(given, "x", "n", "scores"))
    return {"chi2": found.chi2, "p": found.p}


def funnel_limits(given: Given, _: Mapping[str, Any]) -> Answer:
    low, high = monitor.limits(**named(given, "target", "n", "level"))
    return {"lower": low.tolist(), "upper": high.tolist()}


def p_chart(given: Given, _: Mapping[str, Any]) -> Answer:
    chart = monitor.p_chart(given["x"], given["n"])
    return {"center": chart.center, "lcl": chart.lower.tolist(), "ucl": chart.upper.tolist()}


def laney_p_prime(given: Given, _: Mapping[str, Any]) -> Answer:
    chart = monitor.laney(given["x"], given["n"])
    return {"center": chart.center, "sigma_z": chart.sigma_z, "lcl": chart.lower.tolist(), "ucl": chart.upper.tolist()}


def ewma_chart(given: Given, _: Mapping[str, Any]) -> Answer:
    chart = monitor.ewma(**named(given, "x", "n", "target", lam="weight", nsigma="sigmas"))
    return {"z": chart.rates.tolist(), "lcl": chart.lower.tolist(), "ucl": chart.upper.tolist()}


def cusum_binomial(given: Given, _: Mapping[str, Any]) -> Answer:
    found = monitor.cusum(given["x"], given["n"], given["p0"], given["p1"], given["h"])
    return {"S": found.values.tolist(), "first_alarm": found.first_alarm}


def apportion(given: Given, _: Mapping[str, Any]) -> Answer:
    weights = given["weights"]
    return {"seats": dict(zip(weights, allocate.apportion(given["total"], list(weights.values()), **named(given, "method")), strict=True))}


def neyman_allocation(given: Given, _: Mapping[str, Any]) -> Answer:
    n, population, sd, lower, upper = (given.get(name) for name in ("n", "N", "S", "lower", "upper"))
    return {
        "continuous": allocate.neyman_shares(n, population, sd, minima=lower, caps=upper),
        "integer": allocate.neyman(n, population, sd, minima=1 if lower is None else lower, caps=upper),
    }


def power_allocation(given: Given, _: Mapping[str, Any]) -> Answer:
    return {"continuous": allocate.power_shares(given["n"], given["size"], given["cv"], given["q"])}


def rake_table(given: Given, _: Mapping[str, Any]) -> Answer:
    return {"table": allocate.fit_table(given["row_totals"], given["col_totals"], given["seed"]).tolist()}


def controlled_rounding(given: Given, _: Mapping[str, Any]) -> Answer:
    found = allocate.two_margins(given["row_totals"], given["col_totals"], given["seed"])
    return {"table": found.table.tolist(), "raked": found.fitted.tolist()}


FUNCTIONS: dict[str, Callable[[Given, Mapping[str, Any]], Answer]] = {
    each.__name__: each
    for each in (
        adjust_pvalues, apportion, beta_binomial_eb, controlled_rounding, cusum_binomial, design_mean, design_proportion, ewma_chart,
        funnel_limits, horvitz_thompson, laney_p_prime, nchs_presentation, neyman_allocation, p_chart, poststratified_proportion,
        power_allocation, pps_inclusion_probabilities, rake_table, stratified_mean, stratified_proportion, test_homogeneity, test_trend,
    )
}

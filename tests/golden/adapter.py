"""The oracles' names for the public functions of `sampling`: maps, and computes nothing of its own.

`tests/golden/check.py` and `tests/sampling/test_oracles.py` run reference cases through `call`. The functions of estimation,
monitoring and allocation stand in `adapter_design.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sampling import acceptance, counting, intervals, size, target
from tests.golden.adapter_design import FUNCTIONS as DESIGN
from tests.golden.adapter_design import named

Inputs = dict[str, Any]


def ci_proportion(i: Inputs, _: Inputs) -> Inputs:
    low, high = intervals.interval(i["x"], i["n"], **named(i, "method", "conf"))
    return {"lower": low, "upper": high}


def bound_proportion(i: Inputs, _: Inputs) -> Inputs:
    return {"bound": intervals.bound(i["x"], i["n"], i["side"], **named(i, "method", "conf"))}


def zero_failure_lower_bound(i: Inputs, _: Inputs) -> Inputs:
    return {"lower": intervals.zero_failure_bound(i["n"], **named(i, "conf")), "rule_of_three": intervals.rule_of_three(i["n"])}


def ci_proportion_deff(i: Inputs, _: Inputs) -> Inputs:
    size, low, high = intervals.with_design_effect(i["x"], i["n"], i["deff"], **named(i, "method", "conf"))
    return {"n_eff": size, "lower": low, "upper": high}


def ci_hypergeometric(i: Inputs, _: Inputs) -> Inputs:
    N, side = i["N"], i.get("side", "two-sided")
    if side == "two-sided":
        ends = dict(zip(("lower", "upper"), intervals.finite_interval(i["x"], i["n"], N, **named(i, "conf")), strict=True))
    else:
        ends = {side: intervals.finite_bound(i["x"], i["n"], N, side, **named(i, "conf"))}
    return {f"D_{end}": int(D) for end, D in ends.items()} | {f"p_{end}": int(D) / N for end, D in ends.items()}


def ci_difference(i: Inputs, _: Inputs) -> Inputs:
    return intervals.difference(i["x1"], i["n1"], i["x2"], i["n2"], **named(i, "method", "conf"))._asdict()


def test_two_proportions(i: Inputs, _: Inputs) -> Inputs:
    cells = i["x1"], i["n1"], i["x2"], i["n2"]
    z, p = intervals.score_test(*cells)
    return {"z": z, "p_score": p, "p_fisher": intervals.fisher_test(*cells)}


def ci_mean(i: Inputs, _: Inputs) -> Inputs:
    return intervals.mean_interval(i["scores"], **named(i, "conf"))._asdict()


def ci_mean_difference(i: Inputs, _: Inputs) -> Inputs:
    return intervals.welch_interval(**named(i, "m1", "s1", "n1", "m2", "s2", "n2", "conf"))._asdict()


def judge_target(i: Inputs, _: Inputs) -> Inputs:
    found = target.judge(i["x"], i["n"], i["target"], **named(i, "conf", "method"))
    return {"lower": found.lower, "upper": found.upper, "verdict": found.verdict.value, "point_at_or_above": found.point_reaches}


def judge_target_finite(i: Inputs, _: Inputs) -> Inputs:
    found = target.judge_finite(i["x"], i["n"], i["N"], i["target"], **named(i, "conf"))
    return {"D_lower": found.lower, "D_upper": found.upper, "D_required": found.required, "verdict": found.verdict.value}


def sample_size_demonstrate(i: Inputs, _: Inputs) -> Inputs:
    return {"n": size.for_target(i["target"], **named(i, "conf", max_failures="failures"))}


def power_demonstrate(i: Inputs, _: Inputs) -> Inputs:
    found = target.power(i["n"], i["target"], i["true_rate"], **named(i, "conf"))
    return {"max_failures": found.failures_allowed, "power": found.power}


def sample_size_demonstrate_power(i: Inputs, _: Inputs) -> Inputs:
    found = target.size_for_power(i["target"], i["true_rate"], **named(i, "power", "conf"))
    return {"n": found.n, "max_failures": found.failures_allowed}


def format_fail_rate(i: Inputs, _: Inputs) -> Inputs:
    return {"text": counting.rate_text(i["fail"], i["n"], **named(i, "decimals"))}


def format_and_compare(i: Inputs, _: Inputs) -> Inputs:
    text = counting.rate_text(i["x"], i["n"], **named(i, "decimals"))
    return {"text": text, "point_at_or_above": target.reaches(i["x"], i["n"], i["target"])}


def _sample(record: Inputs) -> counting.Sample:
    items = [counting.Item(item["item"], item["initial"], item.get("kind", "chemical"), item.get("reinspection")) for item in record["items"]]
    purpose, void = record.get("purpose", "supervision"), record.get("void", False)
    return counting.Sample(record["sample_no"], items, purpose, record.get("follow_up_of"), void)


def resolve_outcomes(i: Inputs, _: Inputs) -> Inputs:
    found = counting.count([_sample(record) for record in i["samples"]])
    return {
        "n": found.n, "failing": found.failed, "pending": found.pending, "excluded": found.excluded,
        "items": found.items, "items_failing": found.items_failed,
    }


def sample_size_margin(i: Inputs, _: Inputs) -> Inputs:
    found = size.for_margin(i["p"], i["margin"], **named(i, "conf", N="roster"))
    return {"n_raw": found.exact, "n": found.n}


def sample_size_wilson(i: Inputs, _: Inputs) -> Inputs:
    found = size.for_half_width(i["p"], i["halfwidth"], **named(i, "conf"))
    return {"n_raw": found.exact, "n": found.n}


def sample_size_two_proportions(i: Inputs, _: Inputs) -> Inputs:
    found = size.for_two_rates(i["p1"], i["p2"], **named(i, "alpha", "power"))
    return {"n_per_group_raw": found.exact, "n_per_group": found.n}


def iso2859_code_letter(i: Inputs, _: Inputs) -> Inputs:
    return {"code_letter": acceptance.code_letter(i["lot_size"], **named(i, "level"))}


def iso2859_single_plan(i: Inputs, _: Inputs) -> Inputs:
    return asdict(acceptance.single_plan(i["code_letter"], i["aql"], **named(i, "severity")))


def iso2859_switching(i: Inputs, _: Inputs) -> Inputs:
    found = acceptance.after_lots(i["lots"], **named(i, "start"))
    return {"state": found.state.value, "after_lot": found.after_lot}


def oc_curve(i: Inputs, _: Inputs) -> Inputs:
    plan = acceptance.Plan.of(i["n"], i["c"])
    return {"pa": acceptance.accept_probability(plan, i["p"], **named(i, type="kind", N="lot")).tolist()}


def find_single_plan(i: Inputs, _: Inputs) -> Inputs:
    found = acceptance.find_plan(i["p_producer"], i["pa_producer"], i["p_consumer"], i["pa_consumer"])
    return {"n": found.n, "c": found.ac}


def verification_risk(i: Inputs, _: Inputs) -> Inputs:
    if i.get("finite"):
        found = acceptance.verification_finite(i["n"], i["limit"], i["finite"]["N"], i["finite"]["D"])
        return {"p_reject": found.false_alarm}
    return {"p_reject": acceptance.rejection_risk(i["n"], i["limit"], i["p"])}


FUNCTIONS: dict[str, Callable[[Inputs, Inputs], Inputs]] = {
    **DESIGN,
    **{
        f.__name__: f
        for f in (
            ci_proportion, bound_proportion, zero_failure_lower_bound, ci_proportion_deff, ci_hypergeometric, ci_difference,
            test_two_proportions, ci_mean, ci_mean_difference, judge_target,
            judge_target_finite, sample_size_demonstrate, power_demonstrate, sample_size_demonstrate_power, format_fail_rate,
            format_and_compare, resolve_outcomes, sample_size_margin, sample_size_wilson, sample_size_two_proportions,
            iso2859_code_letter, iso2859_single_plan, iso2859_switching, oc_curve, find_single_plan, verification_risk,
        )
    },
}


def call(function: str, inputs: dict[str, Any], datasets: dict[str, Any]) -> dict[str, Any]:
    """The answer of the library to one case; `ValueError` for invalid input."""
    if function not in FUNCTIONS:
        raise NotImplementedError(function)
    return FUNCTIONS[function](inputs, datasets)

"""The calculators of the command line: `python -m sampling interval | verdict | looks | size | allocate | plan | oc …`.

Every answer is a list of lines "name: value" in Chinese, or one JSON object with `--json`. Exit codes: 0 computed, 2 bad input.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sampling import acceptance, allocate, intervals, size, target
from sampling.arguments import passed_and_tested
from sampling.command_line import parser
from sampling.errors import SamplingError
from sampling.target import sequential


class Line(NamedTuple):
    """One line of an answer: key of the JSON object, name and text for people, value for programs."""

    key: str
    name: str
    value: Any
    text: str | None = None


Options = Any
Answer = list[Line]


def _ends(low: Any, high: Any, method: str) -> Answer:
    lower, upper = float(low), float(high)
    return [
        Line("method", "方法", method),
        Line("lower", "下限", lower, f"{lower:.6f}（{target.bound_text(lower, lower=True)}）"),
        Line("upper", "上限", upper, f"{upper:.6f}（{target.bound_text(upper, lower=False)}）"),
    ]


def interval(o: Options) -> Answer:
    """Interval or bound of a rate."""
    if o.deff is not None and (o.side != "two-sided" or o.roster is not None):
        raise SamplingError("--deff 不能与 --side 或 --roster 同时使用；请只选一种")
    passed_and_tested(o.x, o.n)
    rate = [Line("rate", "合格率", o.x / o.n, target.rate_text(o.x, o.n))]
    if o.roster is not None:
        return rate + _roster(o)
    if o.side != "two-sided":
        return rate + _bound(o)
    if o.deff is not None:
        n_eff, low, high = intervals.with_design_effect(o.x, o.n, o.deff, o.method, o.conf)
        return [*rate, Line("n_eff", "有效样本量", float(n_eff)), *_ends(low, high, o.method)]
    exact = [Line("exact_lower", "零不合格精确下限", float(intervals.zero_failure_bound(o.n, o.conf)))] if o.x == o.n else []
    return [*rate, *_ends(*intervals.interval(o.x, o.n, o.method, o.conf), o.method), *exact]


def _bound(o: Options) -> Answer:
    bound = float(intervals.bound(o.x, o.n, o.side, o.method, o.conf))
    text = f"{bound:.6f}（{target.bound_text(bound, lower=o.side == 'lower')}）"
    return [Line("method", "方法", o.method), Line("bound", {"lower": "单侧下限", "upper": "单侧上限"}[o.side], bound, text)]


def _roster(o: Options) -> Answer:
    sides = {"two-sided": ("lower", "upper"), "lower": ("lower",), "upper": ("upper",)}[o.side]
    if o.side == "two-sided":
        found = dict(zip(sides, (int(v) for v in intervals.finite_interval(o.x, o.n, o.roster, o.conf)), strict=True))
    else:
        found = {o.side: int(intervals.finite_bound(o.x, o.n, o.roster, o.side, o.conf))}
    names = {"lower": "名录中合格数至少", "upper": "名录中合格数至多"}
    return [Line("method", "方法", "hypergeometric")] + [Line(f"D_{side}", names[side], value) for side, value in found.items()]


def verdict(o: Options) -> Answer:
    """Verdict against a target."""
    found, middle = _judged(o) if o.roster is None else _judged_finite(o)
    lines = [
        Line("verdict", "判定", found.verdict.value, target.LABELS[found.verdict]),
        Line("rate", "合格率", o.x / o.n, target.rate_text(o.x, o.n)),
        Line("failed", "不合格批次", o.n - o.x), *middle,
        Line("point_reaches", "点估计达到目标", found.point_reaches, "是" if found.point_reaches else "否"),
    ]
    if found.verdict is target.Verdict.INCONCLUSIVE:
        needed = found.batches_needed
        lines.append(Line("batches_needed", "若再无不合格还需批次", needed, "无法达到" if needed is None else None))
    return lines


def _judged(o: Options) -> tuple[target.Judgement, Answer]:
    found = target.judge(o.x, o.n, o.target, o.conf, assessable=not o.targeted)
    never = None if found.can_ever_show else "零不合格也不足以证明达标"
    return found, [
        Line("lower", "单侧下限", found.lower), Line("upper", "单侧上限", found.upper),
        Line("failures_allowed", "最多允许不合格批次", found.failures_allowed, never),
    ]


def _judged_finite(o: Options) -> tuple[target.FiniteJudgement, Answer]:
    found = target.judge_finite(o.x, o.n, o.roster, o.target, o.conf, assessable=not o.targeted)
    return found, [
        Line("required", "名录中应合格数", found.required), Line("D_lower", "至少", found.lower), Line("D_upper", "至多", found.upper)
    ]


def looks(o: Options) -> Answer:
    """A plan of looks, and the verdict after the failures so far."""
    found = sequential.plan(o.looks, o.target, o.conf, planned=o.planned, spending=o.spending)
    lines = [
        Line(f"look_{i}", f"第{i}次（累计 {look.n} 批）", look._asdict(), _look_text(look)) for i, look in enumerate(found.looks, start=1)
    ]
    if not o.failures:
        return lines
    reached, at = sequential.judge(found, o.failures)
    return [*lines, Line("verdict", "判定", reached.value, target.LABELS[reached]), Line("at_look", "判定于第几次", at, "尚未" if at is None else None)]


def _look_text(look: sequential.Look) -> str:
    low = f"不合格不多于 {look.attained_at_most} 批为达标" if look.attained_at_most >= 0 else "不能判达标"
    high = f"不少于 {look.not_attained_at_least} 批为未达标" if look.not_attained_at_least <= look.n else "不能判未达标"
    return f"{low}，{high}"


def size_margin(o: Options) -> Answer:
    return _size(size.for_margin(o.rate, o.margin, o.conf, o.roster, o.deff))


def size_half_width(o: Options) -> Answer:
    return _size(size.for_half_width(o.rate, o.halfwidth, o.conf, o.deff))


def size_compare(o: Options) -> Answer:
    return _size(size.for_two_rates(o.p1, o.p2, o.alpha, o.power), "每组批次")


def size_mean(o: Options) -> Answer:
    return _size(size.for_mean(o.sd, o.margin, o.conf, o.roster, o.deff), "份数")


def _size(found: size.Size, name: str = "批次") -> Answer:
    return [Line("n", name, found.n), Line("exact", "取整前", found.exact)]


def size_target(o: Options) -> Answer:
    """Batches that show a target: with so many failures, or with a stated power."""
    if o.true_rate is None:
        n = size.for_target(o.target, o.failures, o.conf, o.roster)
        return [Line("n", "批次", n), Line("failures", "最多不合格批次", o.failures)]
    found = target.size_for_power(o.target, o.true_rate, o.power, o.conf)
    teeth = [
        Line(f"at_{tooth.n}", f"{tooth.n} 批（允许 {tooth.failures_allowed}）把握度", tooth.power, f"{tooth.power:.4f}") for tooth in found.neighbours
    ]
    return [
        Line("n", "首次达到把握度的批次", found.n), Line("failures_allowed", "允许不合格批次", found.failures_allowed),
        Line("power", "把握度", found.power, f"{found.power:.4f}"), Line("settled", "此后把握度不再跌破的批次", found.settled), *teeth,
    ]


def size_budget(o: Options) -> Answer:
    found = size.for_budget(o.budget, o.cost, o.rate, o.fixed, o.conf)
    return [Line("n", "批次", found.n), Line("left", "余款", found.left), Line("half_width", "预期半宽", found.half_width)]


def shares(o: Options) -> Answer:
    """A total shared out by weights."""
    names = [name for name, _ in o.weights]
    if len(set(names)) != len(names):
        raise SamplingError("权重名称重复；每个名称只写一次")
    given = {"minima": o.minima or None, "caps": o.caps or None}
    for key, bounds in given.items():
        if bounds and len(bounds) != len(names):
            raise SamplingError(f"--{key} 有 {len(bounds)} 个数；应与权重同为 {len(names)} 个")
    found = allocate.apportion(o.total, [weight for _, weight in o.weights], o.method, o.minima or None, o.caps or None)
    return [Line(name, name, quota) for name, quota in zip(names, found, strict=True)]


def plan(o: Options) -> Answer:
    """A plan out of the tables for a lot, or the smallest one that keeps two risks."""
    if o.search:
        good, keep, bad, pass_ = o.search
        return _plan(acceptance.find_plan(good, keep, bad, pass_, o.kind, o.lot))
    if o.lot is None or o.aql is None:
        raise SamplingError("应给出批量和 AQL（plan 1000 1.0），或给出两个风险点（plan --search 0.01 0.95 0.05 0.10）")
    letter = acceptance.code_letter(o.lot, o.level)
    found = acceptance.plan_for_lot(o.lot, o.aql, o.level, o.severity)
    whole = "（全数检验）" if found.n == o.lot else ""
    return [Line("letter", "样本量字码", letter), *_plan(found, whole)]


def _plan(found: acceptance.Plan, note: str = "") -> Answer:
    return [Line("n", "样本量", found.n, f"{found.n}{note}"), Line("ac", "接收数 Ac", found.ac), Line("re", "拒收数 Re", found.re)]


def oc(o: Options) -> Answer:
    """Operating characteristic, outgoing quality and average sample number at some qualities."""
    found = acceptance.Plan.of(o.n, o.ac, o.re)
    accepted = acceptance.accept_probability(found, o.quality, o.kind, o.lot)
    outgoing = acceptance.aoq(found, o.quality, o.kind, o.lot)
    inspected = acceptance.asn(found, o.quality, o.kind, o.lot, curtailed=True)
    rows = zip(o.quality, accepted.tolist(), outgoing.tolist(), inspected.tolist(), strict=True)
    return [
        Line(f"p_{p:g}", f"p={p:g}", {"pa": pa, "aoq": out, "asn_curtailed": units}, f"接收概率 {pa:.4f}  检出质量 {out:.5f}  截尾平均样本量 {units:.1f}")
        for p, pa, out, units in rows
    ]


COMMANDS: dict[str, Callable[[Options], Answer]] = {
    "interval": interval, "verdict": verdict, "looks": looks, "size margin": size_margin, "size half-width": size_half_width,
    "size compare": size_compare, "size mean": size_mean, "size target": size_target, "size budget": size_budget,
    "allocate": shares, "plan": plan, "oc": oc,
}


def main(arguments: Sequence[str]) -> int:
    """Run one calculator; 0 computed, 2 bad input."""
    options = parser().parse_args(arguments)
    try:
        answer = COMMANDS[options.command](options)
    except SamplingError as error:
        print(f"错误：{error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({line.key: line.value for line in answer}, ensure_ascii=False))
    else:
        print("\n".join(f"{line.name}：{_shown(line)}" for line in answer))
    return 0


def _shown(line: Line) -> str:
    if line.text is not None:
        return line.text
    return f"{line.value:.6g}" if isinstance(line.value, float) else str(line.value)

"""What the data say about a target: value, verdict, and what stands behind it; — when there are no data, never zero."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import rfc8785
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.indicators import rules
from inspection.indicators.counting import Scope, class_names, count, within
from inspection.indicators.licensed import counting as licensed
from inspection.indicators.models import ExternalValue, Indicator, Snapshot
from inspection.registers.models import Population
from inspection.samples.documents import PURPOSES
from inspection.samples.models import Sample
from inspection.visits import service as visits
from sampling.counting import RULES
from sampling.target import LABELS, Verdict


@dataclass(frozen=True, slots=True)
class Evaluation:
    """指标现值: value as printed, verdict, and what stands behind it."""

    indicator: Indicator
    value: str
    verdict: Verdict | None
    rate: rules.Rate | None = None
    explanation: str = ""
    source: str = ""

    @property
    def label(self) -> str:
        return LABELS[self.verdict] if self.verdict else "无数据"


def evaluate(session: Session, indicator: Indicator, since: date, until: date) -> Evaluation:
    """What the data say about a target between two days (inclusive); — when there are no data, never zero."""
    match indicator.kind:
        case "rate" if indicator.threshold is not None:
            return _evaluate_rate(session, indicator, since, until)
        case "per_thousand" if indicator.threshold is not None:
            return _evaluate_quota(session, indicator, until)
        case "count" if indicator.threshold is not None:
            return _evaluate_count(session, indicator, until)
        case "coverage" if indicator.product_scope == "licensed" and indicator.threshold is not None:
            return _evaluate_licensed(session, indicator, until)
        case "coverage" if indicator.product_scope == "problems" and indicator.threshold is not None:
            return _evaluate_problems(session, indicator, until)
        case _:
            return _evaluate_external(session, indicator)


def _scope(indicator: Indicator, since: date, until: date, purpose: str = "") -> Scope:
    purposes = (purpose,) if purpose else tuple(indicator.purposes)
    return Scope(since, until, indicator.region_code, purposes, indicator.product_scope or "food", indicator.link)


def _evaluate_rate(session: Session, indicator: Indicator, since: date, until: date) -> Evaluation:
    """The rate of the first purpose; purposes are never pooled, the others stand beside it as counts."""
    first, *others = indicator.purposes or [""]
    counted = count(session, _scope(indicator, since, until, first))
    threshold = Fraction(indicator.threshold or 0) / 100
    rate = rules.rate(indicator.name, counted.total, threshold=threshold, assessable=counted.assessable)
    text = "样本合格率，Wilson 95% 区间（全部合格时为精确的单侧 95% 下限）；判定用单侧 95% Clopper–Pearson 界；按抽样日期统计" + _beside(session, indicator, since, until, others)
    return Evaluation(indicator, rate.text, rate.verdict if counted.total.judged else None, rate, text, counted.digest)


def _beside(session: Session, indicator: Indicator, since: date, until: date, purposes: Sequence[str]) -> str:
    parts = []
    for purpose in purposes:
        total = count(session, _scope(indicator, since, until, purpose)).total
        parts.append(f"{PURPOSES[purpose]} {total.passed}/{total.judged}")
    return f"；另列（不合并计算）：{'，'.join(parts)}" if parts else ""


def _batches(session: Session, indicator: Indicator, until: date) -> tuple[date, int | None]:
    """Batches of the calendar year up to a day; None when the product tree does not know the domain at all."""
    scope = _scope(indicator, date(until.year, 1, 1), until)
    codes = set(class_names(session, scope.domain))
    if not codes:
        return scope.since, None
    query = select(func.count()).select_from(Sample).where(*within(scope), Sample.class_code.in_(codes))
    return scope.since, session.scalar(query) or 0


def _evaluate_quota(session: Session, indicator: Indicator, until: date) -> Evaluation:
    people = session.scalars(
        select(Population).where(Population.region_code == indicator.region_code, Population.year <= until.year)
        .order_by(Population.year.desc(), Population.kind).limit(1)
    ).first()
    since, done = _batches(session, indicator, until)
    if people is None or done is None:
        return Evaluation(indicator, "—", None, explanation="人口库中没有该地区人口，或产品树中没有该领域，无法计算")
    threshold = indicator.threshold or Decimal(0)
    text, verdict = rules.per_thousand(done, people.people, threshold)
    needed = ceil(Fraction(threshold) * people.people / 1000)
    return Evaluation(
        indicator, f"{text} 批次/千人", rules.so_far(verdict, until), source=people.source,
        explanation=f"{since} 至 {until}：{done} 批次 ÷ {people.people:,} 人（{people.year} 年）；{rules.pace(done, needed, until)}",
    )


def _evaluate_count(session: Session, indicator: Indicator, until: date) -> Evaluation:
    since, done = _batches(session, indicator, until)
    if done is None:
        return Evaluation(indicator, "—", None, explanation="产品树中没有该领域，本系统无法计数")
    threshold = indicator.threshold or Decimal(0)
    verdict = rules.against(Decimal(done), indicator.comparator, threshold)
    text = f"{since} 至 {until} 的批次数；{rules.pace(done, ceil(threshold), until)}"
    return Evaluation(indicator, str(done), rules.so_far(verdict, until), explanation=text)


def _evaluate_problems(session: Session, indicator: Indicator, until: date) -> Evaluation:
    """Closed among those due by a day, counted as the list of problems counts them."""
    found = visits.completion(session, indicator.region_code, until)
    text, verdict = rules.full(found.closed, found.due, indicator.threshold or Decimal(100))
    said = f"本系统登记的检查发现问题：已销号 {found.closed} / 应完成 {found.due}，其中逾期未销号 {found.open_late}"
    return Evaluation(indicator, text, verdict if found.due else None, explanation=said)


def _evaluate_licensed(session: Session, indicator: Indicator, until: date) -> Evaluation:
    """Holders of the licences of the rulebook inspected in the year; an outside value while the register knows of no holder."""
    asked = licensed.Asked(until, licensed.kinds(session, until), indicator.region_code)
    found = licensed.coverage(session, asked)
    if not found.total:
        return _evaluate_external(session, indicator)
    text, verdict = rules.full(found.covered, found.total, indicator.threshold or licensed.ALL)
    said = f"{asked.since} 至 {until}：持有效{'、'.join(asked.kinds)}的企业 {found.total} 户，已检查 {found.covered} 户，未覆盖 {found.uncovered} 户"
    return Evaluation(indicator, text, rules.so_far(verdict, until), explanation=said)


def _evaluate_external(session: Session, indicator: Indicator) -> Evaluation:
    found = session.scalars(
        select(ExternalValue).where(ExternalValue.indicator_id == indicator.id).order_by(ExternalValue.id.desc()).limit(1)
    ).first()
    if found is None:
        return Evaluation(indicator, "—", None, explanation="外部值尚未录入")
    return Evaluation(indicator, f"{format(found.value, 'f')}{indicator.unit}", rules.against(found.value, indicator.comparator, indicator.threshold),
                      explanation=f"{found.period}，外部值", source=found.source)


def snapshot(session: Session, actor: Actor, evaluation: Evaluation, period: str) -> Snapshot:
    """Freeze an evaluation with its digest."""
    content = {
        "code": evaluation.indicator.code, "value": evaluation.value, "verdict": evaluation.verdict, "explanation": evaluation.explanation,
        "data": evaluation.source, "counting": RULES, "counts": explain(evaluation), "phrase": evaluation.indicator.phrase, "threshold": evaluation.indicator.threshold,
    }
    plain = audit.plain(content)
    made = Snapshot(
        indicator_id=evaluation.indicator.id, name=evaluation.indicator.name, period=period, content=plain,
        digest=hashlib.sha256(rfc8785.dumps(plain)).hexdigest(), made_by=actor.id, made_at=clock.now(),
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "indicator.snapshot", "indicator", evaluation.indicator.code, digest=made.digest)
    return made


def summary(values: Sequence[Evaluation]) -> dict[str, int]:
    """How many targets stand where."""
    result: dict[str, int] = {}
    for value in values:
        result[value.label] = result.get(value.label, 0) + 1
    return result


def explain(value: Evaluation) -> dict[str, Any]:
    """What stands behind a value, for the page and the API."""
    rate = value.rate
    return {
        "n": rate.counts.judged if rate else None,
        "failed": rate.counts.failed if rate else None,
        "undetermined": rate.counts.undetermined if rate else None,
        "pending": rate.counts.pending if rate else None,
        "provisional": rate.provisional if rate else None,
        "interval": rate.interval_text if rate else "",
        "failures_allowed": rate.failures_allowed if rate else None,
        "batches_needed": rate.batches_needed if rate else None,
    }

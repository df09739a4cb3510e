"""The verbs of indicators: load the policy targets, count, evaluate, take a snapshot, enter outside values and aggregates."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from typing import Any

import rfc8785
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import Invalid, NotFound
from inspection.indicators import rules
from inspection.indicators.models import Aggregate, ExternalValue, Indicator, Snapshot
from inspection.registers.models import Population, ProductCategory
from inspection.results.models import TestReport
from inspection.samples.models import Sample
from inspection.scope import region_prefix
from inspection.visits.models import Problem
from sampling.target import LABELS, Verdict

DATA = files("inspection.indicators") / "data"
LIVING = ("taken", "sealed", "handed_over", "received", "tested", "reported")

# --- targets ----------------------------------------------------------------------------------------------------------


def load_packaged(session: Session, actor: Actor) -> int:
    """Enter the targets of the five policy documents that are not there yet; gives the number of new ones."""
    titles = {row["key"]: row["title"] for row in _rows("documents.csv")}
    there = set(session.scalars(select(Indicator.code)))
    new = [_packaged(row, titles) for row in _rows("targets.csv") if row["code"] not in there]
    session.add_all(new)
    session.flush()
    if new:
        audit.record(session, actor, "indicator.load", "indicator", "packaged", n=len(new))
    return len(new)


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


def _packaged(row: dict[str, str], titles: dict[str, str]) -> Indicator:
    return Indicator(
        code=row["code"],
        name=row["name"],
        jurisdiction=row["jurisdiction"],
        region_code=row["region_code"],
        kind=row["kind"],
        product_scope=row["product_scope"],
        link=row["link"],
        purposes=row["purposes"].split(),
        comparator=row["comparator"],
        threshold=Decimal(row["threshold"]) if row["threshold"] else None,
        unit=row["unit"],
        target_year=int(row["year"]) if row["year"] else None,
        document=titles[row["document"]],
        phrase=row["phrase"],
    )


def listing() -> Select[Indicator]:
    return select(Indicator)


def get(session: Session, indicator_id: int) -> Indicator:
    found = session.get(Indicator, indicator_id)
    if found is None:
        raise NotFound("indicator-not-found", "没有这个指标。")
    return found


# --- counting ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """统计范围: which batches count."""

    since: date
    until: date
    region_code: str = ""
    purposes: tuple[str, ...] = ()
    domain: str = "food"
    link: str = ""
    plan_id: int | None = None
    final_only: bool = True


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts per class, how many final failures were left out as not final, whether all batches were drawn at random, the cut."""

    classes: dict[str, rules.Counts]
    left_out: int
    random: bool
    digest: str

    @property
    def total(self) -> rules.Counts:
        return rules.summed(self.classes)


def count(session: Session, scope: Scope) -> Counted:
    """Count batches by class: one sample number once, void and refused ones not at all, open ones as pending (R1–R7)."""
    query = (
        select(Sample.number, Sample.class_code, Sample.random, TestReport.state, TestReport.conclusion, TestReport.final)
        .outerjoin(TestReport, TestReport.sample_id == Sample.id)
        .where(Sample.state.in_(LIVING), Sample.taken_on >= scope.since, Sample.taken_on <= scope.until)
        .order_by(Sample.number)
    )
    if scope.plan_id is not None:
        query = query.where(Sample.plan_id == scope.plan_id)
    if scope.purposes:
        query = query.where(Sample.purpose.in_(scope.purposes))
    if scope.link:
        query = query.where(Sample.link == scope.link)
    if prefix := region_prefix(scope.region_code):
        query = query.where(Sample.region_code.startswith(prefix))
    names = _class_names(session, scope.domain)
    classes: dict[str, rules.Counts] = {}
    left_out, all_random, lines = 0, True, []
    for number, class_code, random, state, conclusion, final in session.execute(query):
        if class_code not in names:
            continue
        all_random = all_random and random
        one = _one(state, conclusion, final, scope.final_only)
        left_out += one.pending and state == "approved"
        classes[names[class_code]] = classes.get(names[class_code], rules.Counts()) + one
        lines.append(f"{number}\t{class_code}\t{state or ''}\t{conclusion or ''}\t{int(bool(final))}\n")
    return Counted(classes, left_out, all_random and bool(lines), hashlib.sha256("".join(lines).encode()).hexdigest())


def _one(state: str | None, conclusion: str | None, final: bool | None, final_only: bool) -> rules.Counts:
    if state != "approved" or conclusion is None:
        return rules.Counts(pending=1)
    if conclusion == "fail" and final_only and not final:
        return rules.Counts(pending=1)
    return rules.Counts(
        passed=conclusion == "pass", failed=conclusion == "fail", undetermined=conclusion == "undetermined"
    )


def _class_names(session: Session, domain: str) -> dict[str, str]:
    rows = session.execute(
        select(ProductCategory.code, ProductCategory.name)
        .where(ProductCategory.domain == domain, ProductCategory.level == 1)
        .order_by(ProductCategory.year, ProductCategory.position)
    )
    return dict(rows.all())


def class_order(session: Session, domain: str, names: Collection[str]) -> list[str]:
    """Names of classes in the official order of the newest year."""
    known = list(_class_names(session, domain).values())
    return [name for name in known if name in names] + sorted(set(names) - set(known))


# --- evaluating -------------------------------------------------------------------------------------------------------


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
            return _evaluate_quota(session, indicator, since, until)
        case "count" if indicator.threshold is not None:
            n = _batches(session, indicator, since, until)
            return Evaluation(indicator, str(n), rules.against(Decimal(n), indicator.comparator, indicator.threshold), explanation="批次计数")
        case "coverage" if indicator.product_scope == "problems" and indicator.threshold is not None:
            return _evaluate_problems(session, indicator)
        case _:
            return _evaluate_external(session, indicator)


def _scope(indicator: Indicator, since: date, until: date) -> Scope:
    return Scope(since, until, indicator.region_code, tuple(indicator.purposes), indicator.product_scope or "food", indicator.link)


def _evaluate_rate(session: Session, indicator: Indicator, since: date, until: date) -> Evaluation:
    counted = count(session, _scope(indicator, since, until))
    threshold = Fraction(indicator.threshold or 0) / 100
    rate = rules.rate(indicator.name, counted.total, threshold=threshold, assessable=counted.random)
    return Evaluation(indicator, rate.text, rate.verdict if counted.total.judged else None, rate,
                      "样本合格率，Wilson 95% 区间；判定用单侧 95% Clopper–Pearson 界", counted.digest)


def _batches(session: Session, indicator: Indicator, since: date, until: date) -> int:
    query = select(func.count()).select_from(Sample).where(
        Sample.state.in_(LIVING), Sample.taken_on >= since, Sample.taken_on <= until,
        Sample.region_code.startswith(region_prefix(indicator.region_code)),
    )
    if indicator.purposes:
        query = query.where(Sample.purpose.in_(indicator.purposes))
    return session.scalar(query) or 0


def _evaluate_quota(session: Session, indicator: Indicator, since: date, until: date) -> Evaluation:
    people = session.scalars(
        select(Population).where(Population.region_code == indicator.region_code, Population.year <= until.year)
        .order_by(Population.year.desc(), Population.kind).limit(1)
    ).first()
    done = _batches(session, indicator, since, until)
    if people is None:
        return Evaluation(indicator, "—", None, explanation="人口库中没有该地区人口，无法计算")
    text, verdict = rules.per_thousand(done, people.people, indicator.threshold or Decimal(0))
    return Evaluation(indicator, f"{text} 批次/千人", verdict, explanation=f"{done} 批次 ÷ {people.people:,} 人（{people.year} 年）", source=people.source)


def _evaluate_problems(session: Session, indicator: Indicator) -> Evaluation:
    total = session.scalar(select(func.count()).select_from(Problem).where(Problem.state != "withdrawn")) or 0
    done = session.scalar(select(func.count()).select_from(Problem).where(Problem.state == "closed")) or 0
    text, verdict = rules.full(done, total, indicator.threshold or Decimal(100))
    return Evaluation(indicator, text, verdict if total else None, explanation=f"已销号 {done} / 问题 {total}")


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
        "data": evaluation.source, "phrase": evaluation.indicator.phrase, "threshold": evaluation.indicator.threshold,
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


# --- from outside -----------------------------------------------------------------------------------------------------


def enter_external(session: Session, actor: Actor, indicator_id: int, *, period: str, value: Decimal, source: str) -> ExternalValue:
    """Type in a survey score, an index or a published figure with its source; a correction is a newer row."""
    indicator = get(session, indicator_id)
    if not source.strip():
        raise Invalid("source-missing", "外部值须注明来源文件。", fields={"source": ["必填"]})
    made = ExternalValue(
        indicator_id=indicator.id, period=period, value=value, source=source.strip(), entered_by=actor.id, entered_by_name=actor.name,
        entered_at=clock.now(),
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "indicator.enter_external", "indicator", indicator.code, value=value, period=period, source=source)
    return made


@dataclass(frozen=True, slots=True)
class AggregateRow:
    """A class of published counts."""

    name: str
    tested: int
    failed: int
    published: str = ""


def record_aggregate(
    session: Session, actor: Actor, *, name: str, period: str, purpose: str, source: str, rows: Sequence[AggregateRow]
) -> Aggregate:
    """Keep published counts of another authority; the same counts again give the row that is there."""
    wrong = [row.name for row in rows if not 0 <= row.failed <= row.tested]
    if wrong or not rows:
        raise Invalid("aggregate-counts", "汇总数不合理（不合格数应在 0 与抽检数之间）：%(names)s。", names="、".join(wrong) or "（没有数据行）")
    plain: list[dict[str, Any]] = [{"name": r.name, "tested": r.tested, "failed": r.failed, "published": r.published} for r in rows]
    digest = hashlib.sha256(rfc8785.dumps({"period": period, "purpose": purpose, "rows": plain})).hexdigest()
    found = session.scalar(select(Aggregate).where(Aggregate.name == name, Aggregate.digest == digest))
    if found is None:
        found = Aggregate(
            name=name, period=period, purpose=purpose, source=source, rows=plain, digest=digest, entered_by=actor.id, entered_at=clock.now()
        )
        session.add(found)
        session.flush()
    audit.record(session, actor, "aggregate.record", "aggregate", found.id, name=name, digest=digest)
    return found


def aggregate_counts(aggregate: Aggregate) -> dict[str, rules.Counts]:
    """Counts per class of an aggregate."""
    return {row["name"]: rules.Counts(passed=row["tested"] - row["failed"], failed=row["failed"]) for row in aggregate.rows}


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
        "pending": rate.counts.pending if rate else None,
        "interval": rate.interval_text if rate else "",
        "failures_allowed": rate.failures_allowed if rate else None,
        "batches_needed": rate.batches_needed if rate else None,
    }

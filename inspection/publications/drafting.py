"""Bulletins drafted from the data as they stand: own samples of one purpose, or published counts of another authority."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import Forbidden, Invalid, NotFound, Refused
from inspection.indicators import rules as counting
from inspection.indicators import service as indicators
from inspection.indicators.models import Aggregate, Indicator
from inspection.plans.models import Plan
from inspection.publications import annexes, bulletins, rules
from inspection.publications.found import digest, get, imprint, noted, plain, render, step
from inspection.publications.models import Issue, Publication
from inspection.registers.models import Region
from inspection.samples.documents import PURPOSES
from inspection.scope import covers
from inspection.settings import Settings
from reports import content, wording
from sampling.counting import RULES

DEFINITION = f"抽检合格率 v2（计数规则 {RULES}）：合格批次 ÷（合格批次 + 不合格批次），按抽样日期，未判定与未办结不计入"


@dataclass(frozen=True, slots=True)
class NewBulletin:
    """通告稿: which data it speaks of. Exactly one of `aggregate_id` and the period of own samples."""

    title: str
    region_code: str
    basis: tuple[str, ...]
    measures: tuple[str, ...] = ()
    period: str = ""
    since: date | None = None
    until: date | None = None
    plan_id: int | None = None
    indicator_id: int | None = None
    aggregate_id: int | None = None
    decimals: int = 2
    purpose: str = ""  # of own samples when neither target nor plan says it; purposes are never pooled
    reason: str = ""  # why an earlier bulletin is corrected


@dataclass(frozen=True, slots=True)
class _Data:
    """What a bulletin is computed from."""

    classes: dict[str, counting.Counts]
    order: Sequence[str]
    assessable: bool
    digest: str
    version: str
    period: str
    left_out: int = 0
    failing: tuple[content.FailingRow, ...] = ()
    passing: tuple[content.PassingRow, ...] = ()
    tested_items: tuple[content.TestedItems, ...] = ()


def draft(session: Session, actor: Actor, new: NewBulletin, settings: Settings, *, corrects_id: int | None = None) -> Publication:
    """Compute the content of a bulletin from the data as they stand and keep it as a draft."""
    _check(session, actor, new)
    if corrects_id is not None:
        if get(session, corrects_id).state != "published":
            raise Refused("not-published", "只有已公布的通告才能更正。")
        if not new.reason.strip():
            raise Invalid("reason-missing", "更正须写明理由，理由将公开。", fields={"reason": ["必填"]})
    publication = Publication(
        kind="bulletin", title=new.title, region_code=new.region_code, parameters=_parameters(new), corrects_id=corrects_id,
        created_by=actor.id, created_by_name=actor.name, created_at=clock.now(),
    )
    publication.draft = _compute(session, new, settings, publication)
    session.add(publication)
    session.flush()
    audit.record(session, actor, "publication.draft", "publication", publication.id, digest=digest(publication))
    return publication


def revise(session: Session, actor: Actor, publication_id: int, new: NewBulletin, settings: Settings, *, version: int) -> Publication:
    """Change a draft, e.g. one that was returned, and compute it again."""
    publication = step(session, publication_id, version, "draft", only="draft")
    _check(session, actor, new)
    publication.title, publication.region_code, publication.parameters = new.title, new.region_code, _parameters(new)
    publication.draft = _compute(session, new, settings, publication)
    return noted(session, actor, publication, "publication.revise")


def refresh(session: Session, actor: Actor, publication_id: int, settings: Settings, *, version: int) -> Publication:
    """Compute a draft again from the data of now."""
    publication = step(session, publication_id, version, "draft", only="draft")
    publication.draft = _compute(session, _new_of(publication), settings, publication)
    return noted(session, actor, publication, "publication.refresh")


def _check(session: Session, actor: Actor, new: NewBulletin) -> None:
    if (new.aggregate_id is None) == (new.since is None):
        raise Invalid("bulletin-source", "通告须且只须有一个数据来源：本单位样品（起止日期）或导入的汇总数。", fields={"since": ["二者选一"]})
    if new.since and new.until and new.until < new.since:
        raise Invalid("bad-period", "结束日期不能早于开始日期。", fields={"until": ["早于开始日期"]})
    if new.until and new.until > clock.today():
        raise Invalid("bad-period", "结束日期不能晚于今天：期间还没有过完，不能先作统计。", fields={"until": ["晚于今天"]})
    if session.get(Region, new.region_code) is None:
        raise Invalid("unknown-region", "行政区划 %(place)s 未登记。", fields={"region_code": ["未登记"]}, place=new.region_code)
    if not covers(actor, new.region_code):
        raise Forbidden("outside-region", "行政区划 %(place)s 不在您的辖区内，不能起草。", place=new.region_code)
    texts = {"title": new.title, "period": new.period, "basis": "\n".join(new.basis), "measures": "\n".join(new.measures)}
    fields = {name: [f"不得使用“{word}”"] for name, text in texts.items() if (word := rules.advertising(text))}
    if fields:
        raise Invalid("recommends", "通告不得推荐产品或给企业、产品排名（产品质量法第二十五条）。请删去有关字句。", fields=fields)


def _parameters(new: NewBulletin) -> dict[str, Any]:
    return audit.plain({name: getattr(new, name) for name in new.__dataclass_fields__})  # type: ignore[no-any-return]


def _new_of(publication: Publication) -> NewBulletin:
    kept = dict(publication.parameters)
    for name in ("since", "until"):
        kept[name] = date.fromisoformat(kept[name]) if kept.get(name) else None
    return NewBulletin(**{**kept, "basis": tuple(kept["basis"]), "measures": tuple(kept["measures"])})


def _compute(session: Session, new: NewBulletin, settings: Settings, publication: Publication) -> dict[str, Any]:
    indicator = session.get(Indicator, new.indicator_id) if new.indicator_id else None
    if new.indicator_id and indicator is None:
        raise NotFound("indicator-not-found", "没有这个指标。")
    data = _published_counts(session, new) if new.aggregate_id is not None else _own_samples(session, new, indicator, settings)
    threshold = Fraction(indicator.threshold) / 100 if indicator and indicator.threshold is not None and data.assessable else None
    table, total = bulletins.rows(data.classes, data.order, threshold=threshold, assessable=data.assessable, decimals=new.decimals)
    made = content.Bulletin(
        imprint=imprint(settings, number="（草稿，未编号）", issued_on=clock.today(), head=""),
        title=new.title, period=data.period, purpose="evaluative" if data.assessable else "supervision", basis=new.basis, total=total,
        classes=table, interval_method=counting.INTERVAL_METHOD, failing=data.failing, measures=new.measures, data_version=data.version,
        data_digest=data.digest, definition_version=DEFINITION, target=_target(indicator) if data.assessable else None,
        passing=data.passing, tested_items=data.tested_items, left_out=data.left_out,
        left_out_reason="检验尚未办结或异议期未满" if data.left_out else "",
        per_hundred=bulletins.per_hundred(total) if data.assessable else "", replaces=_replaced(session, publication),
    )
    render(made)
    return plain(made)


def _published_counts(session: Session, new: NewBulletin) -> _Data:
    """Counts of another authority: no sample of ours, nothing is inferred from them."""
    aggregate = session.get(Aggregate, new.aggregate_id)
    if aggregate is None:
        raise NotFound("aggregate-not-found", "没有这份汇总数。")
    classes = indicators.aggregate_counts(aggregate)
    version = f"{aggregate.name}；来源 {aggregate.source}"
    return _Data(classes, list(classes), False, aggregate.digest, version, new.period or aggregate.period)


def _own_samples(session: Session, new: NewBulletin, indicator: Indicator | None, settings: Settings) -> _Data:
    scope = _scope(session, new, indicator, settings)
    counted = indicators.count(session, scope)
    _one_purpose(counted)
    if not counted.total.tested:
        kinds = "、".join(PURPOSES[purpose] for purpose in scope.purposes) or "不限"
        raise Refused(
            "nothing-to-publish", "所选范围（%(since)s 至 %(until)s 抽样，性质：%(kinds)s）内没有已办结的检验结果，不能起草通告。请核对区域、日期、计划和目标。",
            since=scope.since.isoformat(), until=scope.until.isoformat(), kinds=kinds,
        )  # fmt: skip
    classes = {name: counts for name, counts in counted.classes.items() if counts.tested}
    return _Data(
        classes, indicators.class_order(session, scope.domain, list(classes)), counted.assessable, counted.digest,
        f"截至 {clock.stamp(clock.now())}", new.period or f"{wording.day(scope.since)}至{wording.day(scope.until)}", counted.total.pending,
        annexes.failing(session, scope), annexes.passing(session, scope), annexes.tested_items(session, scope),
    )


def _scope(session: Session, new: NewBulletin, indicator: Indicator | None, settings: Settings) -> indicators.Scope:
    plan = session.get(Plan, new.plan_id) if new.plan_id else None
    if new.plan_id and plan is None:
        raise NotFound("plan-not-found", "没有这个抽检计划。")
    purpose = indicator.purposes[0] if indicator and indicator.purposes else plan.purpose if plan else new.purpose
    since = new.since or clock.today()
    return indicators.Scope(
        since, new.until or clock.today(), new.region_code, (purpose,) if purpose else (),
        indicator.product_scope or "food" if indicator else "food", indicator.link if indicator else "", new.plan_id,
        settings.publish_after_final_only,
    )


def _one_purpose(counted: indicators.Counted) -> None:
    """Purposes are never pooled into one rate, and risk monitoring is no ground for a published failure."""
    if len(counted.purposes) > 1:
        names = "、".join(PURPOSES[purpose] for purpose in sorted(counted.purposes))
        raise Refused("mixed-purposes", "所选范围含有 %(names)s，性质不同的批次不能合并计算。请选择计划、目标或抽检性质。", names=names)
    if "risk" in counted.purposes:
        raise Refused("risk-monitoring", "风险监测结果不作不合格公布，不能起草通告。")


def _target(indicator: Indicator | None) -> content.Target | None:
    if indicator is None or indicator.threshold is None:
        return None
    return content.Target(
        name=indicator.name, threshold=f"{format(indicator.threshold, 'f')}%", threshold_ppm=int(indicator.threshold * 10_000),
        source=f"《{indicator.document}》：“{indicator.phrase}”",
    )


def _replaced(session: Session, publication: Publication) -> str:
    issue = session.get(Issue, publication.corrects_id) if publication.corrects_id else None
    return issue.number if issue else ""

"""The verbs of publications: drafted from data, approved by another person, frozen, numbered, corrected, withdrawn."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

import rfc8785
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from inspection import audit, clock, ledger
from inspection.actor import Actor
from inspection.errors import Conflict, Invalid, NotFound, Refused
from inspection.indicators import rules as counting
from inspection.indicators import service as indicators
from inspection.indicators.models import Aggregate, Indicator
from inspection.publications import bulletins, rules
from inspection.publications.models import Issue, Publication, Withdrawal
from inspection.registers.models import Enterprise, ProductCategory
from inspection.results.models import ItemResult, TestReport
from inspection.samples.models import Sample
from inspection.scope import region_prefix
from inspection.settings import Settings
from reports import bulletin as bulletin_document
from reports import content
from reports.errors import ReportError

SERIES = "市监通告"
DEFINITION = "抽检合格率 v1：合格批次 ÷（合格批次 + 不合格批次），未判定与未办结不计入"


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


# --- drafting ---------------------------------------------------------------------------------------------------------


def draft(session: Session, actor: Actor, new: NewBulletin, settings: Settings, *, corrects_id: int | None = None) -> Publication:
    """Compute the content of a bulletin from the data as they stand and keep it as a draft."""
    if (new.aggregate_id is None) == (new.since is None):
        raise Invalid("bulletin-source", "通告须且只须有一个数据来源：本单位样品（起止日期）或导入的汇总数。", fields={"since": ["二者选一"]})
    publication = Publication(
        kind="bulletin",
        title=new.title,
        region_code=new.region_code,
        parameters=audit.plain({name: getattr(new, name) for name in new.__dataclass_fields__}),
        corrects_id=corrects_id,
        created_by=actor.id,
        created_by_name=actor.name,
        created_at=clock.now(),
    )
    if corrects_id is not None:
        old = get(session, corrects_id)
        if old.state != "published":
            raise Refused("not-published", "只有已公布的通告才能更正。")
    publication.draft = _compute(session, new, settings, publication)
    session.add(publication)
    session.flush()
    audit.record(session, actor, "publication.draft", "publication", publication.id, digest=_digest(publication))
    return publication


def refresh(session: Session, actor: Actor, publication_id: int, settings: Settings, *, version: int) -> Publication:
    """Compute a draft again from the data of now."""
    publication = _step(session, publication_id, version, "draft", only="draft")
    publication.draft = _compute(session, _new_of(publication), settings, publication)
    session.flush()
    audit.record(session, actor, "publication.refresh", "publication", publication.id, digest=_digest(publication))
    return publication


def _new_of(publication: Publication) -> NewBulletin:
    kept = dict(publication.parameters)
    for name in ("since", "until"):
        kept[name] = date.fromisoformat(kept[name]) if kept.get(name) else None
    return NewBulletin(**{**kept, "basis": tuple(kept["basis"]), "measures": tuple(kept["measures"])})


def _compute(session: Session, new: NewBulletin, settings: Settings, publication: Publication) -> dict[str, Any]:
    indicator = session.get(Indicator, new.indicator_id) if new.indicator_id else None
    threshold = Fraction(indicator.threshold) / 100 if indicator and indicator.threshold is not None else None
    if new.aggregate_id is not None:
        aggregate = session.get(Aggregate, new.aggregate_id)
        if aggregate is None:
            raise NotFound("aggregate-not-found", "没有这份汇总数。")
        classes = indicators.aggregate_counts(aggregate)
        order, purpose, assessable, digest = list(classes), "supervision", False, aggregate.digest
        failing: tuple[content.FailingRow, ...] = ()
        left_out, period, version = 0, new.period or aggregate.period, f"{aggregate.name}；来源 {aggregate.source}"
    else:
        scope = indicators.Scope(
            new.since or clock.today(), new.until or clock.today(), new.region_code, plan_id=new.plan_id,
            purposes=tuple(indicator.purposes) if indicator else (), final_only=settings.publish_after_final_only,
        )
        counted = indicators.count(session, scope)
        if not counted.total.tested:
            raise Refused("nothing-to-publish", "所选范围内没有已办结的检验结果，不能起草通告。")
        classes, digest, left_out = counted.classes, counted.digest, counted.total.pending
        classes = {name: counts for name, counts in classes.items() if counts.tested}
        order = indicators.class_order(session, scope.domain, list(classes))
        assessable = counted.random
        purpose = "evaluative" if assessable else "supervision"
        failing = _failing(session, scope, settings)
        period, version = new.period or f"{scope.since} 至 {scope.until}", f"截至 {clock.stamp(clock.now())}"
    table, total = bulletins.rows(classes, order, threshold=threshold if assessable else None, assessable=assessable, decimals=new.decimals)
    made = content.Bulletin(
        imprint=_imprint(settings, number="（草稿，未编号）", issued_on=clock.today(), head=""),
        title=new.title, period=period, purpose=purpose, basis=new.basis, total=total, classes=table,
        interval_method=counting.INTERVAL_METHOD, failing=failing, measures=new.measures, data_version=version, data_digest=digest,
        definition_version=DEFINITION, target=_target(indicator) if assessable else None, left_out=left_out,
        left_out_reason="检验尚未办结或异议期未满" if left_out else "",
        per_hundred=bulletins.per_hundred(counting.rate("总计", counting.summed(classes), assessable=assessable)) if assessable else "",
        replaces=_replaced(session, publication),
    )
    _render(made)
    return _plain(made)


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


def _failing(session: Session, scope: indicators.Scope, settings: Settings) -> tuple[content.FailingRow, ...]:
    query = (
        select(Sample, TestReport, Enterprise.name, Enterprise.address, ProductCategory.name)
        .join(TestReport, TestReport.sample_id == Sample.id)
        .join(Enterprise, Enterprise.id == Sample.enterprise_id)
        .join(ProductCategory, (ProductCategory.code == Sample.class_code) & (ProductCategory.level == 1))
        .where(
            TestReport.state == "approved", TestReport.conclusion == "fail", Sample.taken_on >= scope.since, Sample.taken_on <= scope.until,
            Sample.state == "reported", Sample.region_code.startswith(region_prefix(scope.region_code)),
        )
        .order_by(Sample.number)
    )
    if scope.final_only:
        query = query.where(TestReport.final.is_(True))
    if scope.plan_id is not None:
        query = query.where(Sample.plan_id == scope.plan_id)
    if scope.purposes:
        query = query.where(Sample.purpose.in_(scope.purposes))
    seen: dict[str, content.FailingRow] = {}
    for sample, report, unit, address, category in session.execute(query):
        if sample.number not in seen:
            seen[sample.number] = _failing_row(session, sample, report, unit, address, category)
    return tuple(seen.values())


def _failing_row(session: Session, sample: Sample, report: TestReport, unit: str, address: str, category: str) -> content.FailingRow:
    items = session.scalars(
        select(ItemResult).where(ItemResult.report_id == report.id, ItemResult.current.is_(True), ItemResult.outcome == "fail")
        .order_by(ItemResult.item_code)
    )
    return content.FailingRow(
        sample_number=sample.number, identifier=sample.code, producer=sample.producer_name or "/", producer_address=sample.producer_address or "/",
        unit=unit, unit_address=address, product=sample.product_name, specification=sample.specification or "/", brand=sample.brand or "/",
        date_lot=f"{sample.produced_on or '/'}{'/' + sample.lot if sample.lot else ''}",
        failures=tuple(f"{item.item_name}║{item.text}{item.unit}║{_limit_text(item.limit)}" for item in items), category=category,
        task=sample.purpose,
    )


def _limit_text(limit: dict[str, Any]) -> str:
    if limit.get("kind") == "not_detected":
        return "不得检出"
    if plan := limit.get("plan"):
        return f"n={plan['n']}，c={plan['c']}，m={plan['m']}" + (f"，M={plan['M']}" if plan.get("M") else "")
    low = f"≥{limit['lower']}" if limit.get("lower") else ""
    high = f"≤{limit['upper']}" if limit.get("upper") else ""
    return f"{low}{'且' if low and high else ''}{high}{limit.get('unit', '')}"


# --- approval and issue -----------------------------------------------------------------------------------------------


def submit(session: Session, actor: Actor, publication_id: int, *, version: int) -> Publication:
    """Hand the draft to the leader."""
    publication = _step(session, publication_id, version, "submitted")
    publication.state, publication.submitted_at, publication.return_reason = "submitted", clock.now(), ""
    return _noted(session, actor, publication, "publication.submit")


def approve(session: Session, actor: Actor, publication_id: int, *, version: int) -> Publication:
    """Another person approves exactly the content that was submitted."""
    publication = _step(session, publication_id, version, "approved")
    if publication.created_by == actor.id:
        raise Refused("same-person", "起草人不能审批自己的通告，请另一位负责人审批。")
    publication.state, publication.approved_by, publication.approved_by_name = "approved", actor.id, actor.name
    publication.approved_at = clock.now()
    return _noted(session, actor, publication, "publication.approve")


def send_back(session: Session, actor: Actor, publication_id: int, *, version: int, reason: str) -> Publication:
    """Return it to its author with a reason."""
    if not reason.strip():
        raise Invalid("reason-missing", "退回须写明理由。", fields={"reason": ["必填"]})
    publication = _step(session, publication_id, version, "draft")
    publication.state, publication.return_reason = "draft", reason.strip()
    publication.approved_by = publication.approved_at = None
    return _noted(session, actor, publication, "publication.return", reason=reason)


def publish(session: Session, actor: Actor, publication_id: int, settings: Settings, *, version: int) -> Issue:
    """Number, freeze, render and put on the public board; an issue that corrects another says so on both."""
    publication = _step(session, publication_id, version, "published")
    if publication.approved_by == actor.id:
        raise Refused("same-person", "审批人不能自己公布，请公布专员办理。")
    year = clock.today().year
    serial = (session.scalar(select(func.max(Issue.serial)).where(Issue.series == SERIES, Issue.year == year)) or 0) + 1
    number = rules.number(SERIES, year, serial)
    head = audit.head(session)[1]
    final = replace(content_of(publication), imprint=_imprint(settings, number=number, issued_on=clock.today(), head=head))
    pdf = _render(final)
    issue = Issue(
        publication_id=publication.id, series=SERIES, year=year, serial=serial, number=number, kind=publication.kind, title=publication.title,
        region_code=publication.region_code, content=_plain(final), content_digest=content.digest(final), pdf=pdf,
        pdf_digest=_sha256(pdf), software_version=_version(), audit_head=head, issued_on=clock.today(), issued_at=clock.now(),
        issued_by=actor.id, issued_by_name=actor.name,
    )
    session.add(issue)
    publication.state = "published"
    session.flush()
    replaces = _take_back(session, actor, publication) if publication.corrects_id else None
    ledger.publish(
        session, actor, board="bulletins", kind="correction" if replaces else "bulletin", subject=number, title=publication.title,
        region_code=publication.region_code, content=issue.content, file=pdf, file_name=f"{number}.pdf", file_type="application/pdf",
        replaces_id=replaces,
    )
    _noted(session, actor, publication, "publication.publish", number=number, pdf=issue.pdf_digest)
    return issue


def _take_back(session: Session, actor: Actor, publication: Publication) -> int | None:
    old = session.get(Publication, publication.corrects_id)
    issue = session.get(Issue, publication.corrects_id)
    assert old is not None and issue is not None
    session.add(
        Withdrawal(
            publication_id=old.id, kind="corrected", reason=publication.title, replaced_by_id=publication.id, at=clock.now(), by_id=actor.id,
            by_name=actor.name,
        )
    )
    old.state = "corrected"
    session.flush()
    entries = ledger.of(session, "bulletins", issue.number)
    return entries[-1].id if entries else None


def withdraw(session: Session, actor: Actor, publication_id: int, *, version: int, reason: str) -> Withdrawal:
    """撤回 with a public reason; what was published stays readable and is marked."""
    if not reason.strip():
        raise Invalid("reason-missing", "撤回须写明理由，理由将公开。", fields={"reason": ["必填"]})
    publication = _step(session, publication_id, version, "withdrawn")
    issue = session.get(Issue, publication.id)
    assert issue is not None
    made = Withdrawal(publication_id=publication.id, kind="withdrawn", reason=reason.strip(), at=clock.now(), by_id=actor.id, by_name=actor.name)
    session.add(made)
    publication.state = "withdrawn"
    session.flush()
    entries = ledger.of(session, "bulletins", issue.number)
    ledger.publish(
        session, actor, board="bulletins", kind="withdrawal", subject=issue.number, title=issue.title, region_code=issue.region_code,
        content={"number": issue.number, "reason": made.reason}, replaces_id=entries[-1].id if entries else None,
    )
    _noted(session, actor, publication, "publication.withdraw", reason=reason)
    return made


# --- asking -----------------------------------------------------------------------------------------------------------


def listing() -> Select[Publication]:
    return select(Publication)


def get(session: Session, publication_id: int) -> Publication:
    publication = session.get(Publication, publication_id)
    if publication is None:
        raise NotFound("publication-not-found", "没有这份公示稿。")
    return publication


def preview_pdf(publication: Publication) -> bytes:
    """The draft as it would be printed, marked as a draft by its number."""
    return _render(content_of(publication))


def content_of(publication: Publication) -> content.Bulletin:
    """The content of the draft."""
    return content.from_json(content.Bulletin, rfc8785.dumps(publication.draft))


def _plain(made: content.Bulletin) -> dict[str, Any]:
    return json.loads(content.to_json(made))  # type: ignore[no-any-return]


def _digest(publication: Publication) -> str:
    return audit.digest(publication.draft)


def _render(made: content.Bulletin) -> bytes:
    try:
        return bulletin_document.render(made)
    except ReportError as error:
        raise Refused("document-refused", "文书不能生成：%(why)s", why=str(error)) from None


def _imprint(settings: Settings, *, number: str, issued_on: date, head: str) -> content.Imprint:
    return content.Imprint(
        authority=settings.office_name, number=number, issued_on=issued_on, verify_url=f"{settings.public_url.rstrip('/')}/public/check",
        audit_head=head, software=f"衡鉴 {_version()}", demo=settings.demo,
    )


def _version() -> str:
    from importlib.metadata import version

    return version("hengjian")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _step(session: Session, publication_id: int, version: int, to: str, *, only: str = "") -> Publication:
    publication = get(session, publication_id)
    if publication.version_id != version:
        raise Conflict("changed-meanwhile", "该公示稿已被他人修改。请刷新后重试。")
    if not rules.may(publication.state, to) or (only and publication.state != only):
        raise Refused("wrong-state", "公示稿现为“%(state)s”，不能办理这一步。", state=rules.STATES[publication.state])
    return publication


def _noted(session: Session, actor: Actor, publication: Publication, verb: str, **detail: Any) -> Publication:
    session.flush()
    audit.record(session, actor, verb, "publication", publication.id, digest=_digest(publication), **detail)
    return publication

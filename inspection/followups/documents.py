"""The papers of a case: 检验结果通知书 with its slip."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from inspection import clock
from inspection.calendar import service as calendar
from inspection.followups import service
from inspection.followups.models import Case
from inspection.followups.terms import length_of
from inspection.registers.models import Enterprise
from inspection.results.models import ItemResult
from inspection.results.rules import LABELS, Outcome
from inspection.results.service import current_items
from inspection.results.wording import limit_text, value_text
from inspection.samples.models import Sample
from inspection.samples.schemas import DATE_KINDS
from inspection.settings import Settings
from reports import content, result_notice

RIGHTS = ("收到本通知书后，应当立即采取封存、停止生产经营、召回等措施控制风险，并查明原因进行整改；提出异议期间不停止上述措施。",)


def notice(session: Session, case: Case, settings: Settings) -> bytes:
    """检验结果通知书 as PDF."""
    return result_notice.render(notice_content(session, case, settings))


def notice_content(session: Session, case: Case, settings: Settings) -> content.ResultNotice:
    """What stands on the notice: every value as it was judged; nothing unverified is quoted as a basis."""
    sample, report = service.sample_of(session, case), service.failing(service.report_of(session, case))
    firm = session.get(Enterprise, sample.enterprise_id, execution_options={"unscoped": True})
    assert firm is not None
    parties = [content.Contact(firm.name, firm.address)]
    if sample.producer_name and sample.producer_name != firm.name:
        parties.append(content.Contact(sample.producer_name, sample.producer_address))
    items = current_items(session, report.id)
    return content.ResultNotice(
        imprint=content.Imprint(
            authority=settings.office_name, number=case.number, issued_on=clock.day_of(case.opened_at),
            verify_url=f"{settings.public_url.rstrip('/')}/public/check?digest=", demo=settings.demo,
        ),
        addressees=tuple(parties),
        sample_number=sample.number,
        report_number=report.number,
        product=sample.product_name,
        brand=sample.brand,
        specification=sample.specification,
        date_lot=_date_lot(sample),
        grade=sample.form.get("grade", ""),
        sampled_on=sample.taken_on,
        sampled_at=firm.name,
        producer=sample.producer_name,
        conclusion=_conclusion(items),
        results=tuple(_row(item) for item in items),
        rights=RIGHTS,
        object_by=_day(session, case),
        object_to=content.Contact(settings.office_name, person=settings.office_contact, phone=settings.office_phone),
        object_within=length_of(session, sample, "object", clock.day_of(case.opened_at)),
    )  # fmt: skip


def _day(session: Session, case: Case) -> content.Day | None:
    until = case.objection_until
    return content.Day(until, until.year not in calendar.calendar(session).years) if until else None


def _date_lot(sample: Sample) -> str:
    day = f"{sample.produced_on}（{DATE_KINDS[sample.date_kind]}）" if sample.produced_on else ""
    return "　".join(part for part in (day, sample.lot) if part)


def _row(item: ItemResult) -> content.ItemResult:
    value = value_text(item.text, item.kind, item.unit, " ")
    return content.ItemResult(item.item_name, value, limit_text(item.limit, " "), LABELS[Outcome(item.outcome)], _quoted(item.limit))


def _quoted(limit: dict[str, Any]) -> str:
    return str(limit.get("judged_by") or "") if limit.get("verified") else ""


def _conclusion(items: list[ItemResult]) -> str:
    failing = [item for item in items if item.outcome == Outcome.FAIL]
    names = "、".join(item.item_name for item in failing)
    wanted = "、".join(dict.fromkeys(text for item in failing if (text := _quoted(item.limit)))) or "规定的限量"
    return f"经抽样检验，{names}项目不符合{wanted}要求，检验结论为不合格。"

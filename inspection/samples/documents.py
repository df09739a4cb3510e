"""The papers of a sample: 抽样单, 移交确认单, labels."""

from __future__ import annotations

from sqlalchemy.orm import Session

from inspection import audit
from inspection.calendar import service as calendar
from inspection.registers.models import Enterprise, Laboratory
from inspection.samples.models import Sample
from inspection.samples.schemas import DATE_KINDS, LINKS
from inspection.settings import Settings
from reports import content, handover, labels, sampling_sheet

PURPOSES = {"evaluative": "评价性抽检", "supervision": "监督抽检", "risk": "风险监测", "routine": "例行监测", "special": "专项抽检"}


def _imprint(session: Session, sample: Sample, settings: Settings) -> content.Imprint:
    return content.Imprint(
        authority=settings.office_name, number=sample.number, issued_on=sample.taken_on,
        verify_url=f"{settings.public_url.rstrip('/')}/public/check?digest=", audit_head=audit.head(session)[1], demo=settings.demo,
    )


def _enterprise(session: Session, sample: Sample) -> Enterprise:
    found = session.get(Enterprise, sample.enterprise_id, execution_options={"unscoped": True})
    assert found is not None
    return found


def sheet(session: Session, sample: Sample, settings: Settings) -> bytes:
    """抽样单 in four copies."""
    firm = _enterprise(session, sample)
    lab = session.get(Laboratory, sample.lab_id) if sample.lab_id else None
    unit = f"{sample.quantity_unit}" if sample.quantity_unit else ""
    deliver = None
    if sample.deliver_by:
        deliver = content.Day(sample.deliver_by, sample.deliver_by.year not in calendar.calendar(session).years)
    return sampling_sheet.render(
        content.SamplingSheet(
            imprint=_imprint(session, sample, settings),
            serial=sample.code,
            task_source=settings.office_name,
            task_kind=PURPOSES[sample.purpose],
            unit=content.SampledUnit(name=firm.name, code=firm.code, address=firm.address, legal_person=firm.legal_person, person=firm.contact, phone=firm.phone),
            stage=LINKS.get(sample.link, sample.link),
            place="",
            goods=content.SampleGoods(
                name=sample.product_name, brand=sample.brand or "/", specification=sample.specification or "/", lot=sample.lot or "/",
                date_kind=DATE_KINDS[sample.date_kind], date_text=str(sample.produced_on or "/"), shelf_life=sample.shelf_life or "/",
                sample_quantity=f"{sample.quantity}{unit}" if sample.quantity is not None else "/",
                backup_quantity=f"{sample.backup_quantity}{unit}" if sample.backup_quantity is not None else "/",
            ),
            producer=content.Contact(sample.producer_name or "/", sample.producer_address),
            organisation=content.Contact(settings.office_name),
            deliver_by=deliver,
            deliver_to=lab.name if lab else "",
            seal_numbers=(sample.seal_number,) if sample.seal_number else (),
            samplers=tuple(sample.sampler_names),
        )
    )


def transfer(session: Session, sample: Sample, settings: Settings) -> bytes:
    """移交确认单 for one sample; says nothing about the firm."""
    lab = session.get(Laboratory, sample.lab_id) if sample.lab_id else None
    return handover.render(
        content.Handover(
            imprint=_imprint(session, sample, settings),
            from_unit=content.Contact(settings.office_name),
            to_unit=content.Contact(lab.name if lab else "", lab.address if lab else ""),
            rows=(content.HandoverRow(sample_number=sample.code, name=sample.product_name, pieces="", seal_number=sample.seal_number),),
        )
    )


def label(sample: Sample, settings: Settings) -> bytes:
    """A label with the blind code."""
    preset = next(iter(labels.PRESETS)) if hasattr(labels, "PRESETS") else "60x40"
    return labels.render(content.LabelSheet(preset, (content.Label(sample.code, (sample.product_name[:16], f"封条 {sample.seal_number or '/'}")),), demo=settings.demo))

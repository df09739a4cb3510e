"""The papers of a sample: 抽样单, 移交确认单, labels. What goes to a laboratory names the blind code only."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection.calendar import service as calendar
from inspection.i18n import show_moment
from inspection.registers import rules as register_rules
from inspection.registers.models import Enterprise, Laboratory, Licence, ProductCategory, Region
from inspection.samples.models import Handover, Sample
from inspection.samples.schemas import DATE_KINDS, ONLINE_PLACE, STAGES
from inspection.settings import Settings
from reports import content, handover, labels, sampling_sheet

PURPOSES = {"evaluative": "评价性抽检", "supervision": "监督抽检", "risk": "风险监测", "routine": "例行监测", "special": "专项抽检"}
LABEL = "60x40"
PLACES = ("province", "city", "county", "town")  # of the address, from the outside in
CHECKS = {
    "seal": ("seal_intact", "完好", "破损"), "package": ("package_intact", "完好", "破损"), "quantity": ("quantity_enough", "满足", "不满足"),
    "state": ("state_normal", "正常", "异常"), "papers": ("papers_complete", "齐全", "不齐"), "matching": ("papers_match", "相符", "不符"),
}  # fmt: skip
GOODS = (
    "source", "attribute", "kind", "barcode", "standard", "grade", "licence", "unit_price", "exported", "imported", "origin",
    "base_quantity", "form", "packaging", "temperature", "wrapping", "method",
)  # fmt: skip


def _imprint(sample: Sample, settings: Settings, number: str) -> content.Imprint:
    """Nothing of the moment: the same sample prints the same bytes whatever else happens in the house meanwhile."""
    return content.Imprint(
        authority=settings.office_name, number=number, issued_on=sample.taken_on,
        verify_url=f"{settings.public_url.rstrip('/')}/public/check?digest=", demo=settings.demo,
    )


def day(session: Session, on: date | None, assumed: bool = False) -> content.Day | None:
    """A day with its mark when the holidays of its year are not announced, or were not when it was counted."""
    return content.Day(on, assumed or on.year not in calendar.calendar(session).years) if on else None


def _unit(session: Session, sample: Sample) -> content.SampledUnit:
    firm = session.get(Enterprise, sample.enterprise_id, execution_options={"unscoped": True})
    assert firm is not None
    licence = session.scalars(select(Licence).where(Licence.enterprise_id == firm.id).order_by(Licence.id).limit(1)).first()
    codes = [*register_rules.ancestors(firm.region_code), firm.region_code]
    names = session.scalars(select(Region.name).where(Region.code.in_(codes)).order_by(Region.code)).all()
    more = sample.form
    return content.SampledUnit(
        name=firm.name, code=firm.code, address=firm.address, legal_person=firm.legal_person, person=firm.contact, phone=firm.phone,
        permit_kind=more.get("permit_kind") or (licence.kind if licence else ""),
        permit_number=more.get("permit_number") or (licence.number if licence else ""),
        area_kind=more.get("area_kind", ""), annual_sales=more.get("annual_sales", ""), fax=more.get("fax", ""), postcode=more.get("postcode", ""),
        **dict(zip(PLACES, names, strict=False)),
    )


def _quantity(value: object, unit: str) -> str:
    return "" if value is None else f"{value}{unit}"


def _goods(session: Session, sample: Sample) -> content.SampleGoods:
    more = sample.form
    category = session.scalars(
        select(ProductCategory.name).where(ProductCategory.code == sample.product_code).order_by(ProductCategory.year.desc()).limit(1)
    ).first()
    return content.SampleGoods(
        name=sample.product_name, category=category or "", brand=sample.brand, specification=sample.specification, lot=sample.lot,
        date_kind=DATE_KINDS[sample.date_kind], date_text=str(sample.produced_on or ""), shelf_life=sample.shelf_life,
        sample_quantity=_quantity(sample.quantity, sample.quantity_unit), backup_quantity=_quantity(sample.backup_quantity, sample.quantity_unit),
        storage=tuple(more.get("storage", ())), **{name: more.get(name, "") for name in GOODS},
    )


def sheet(session: Session, sample: Sample, settings: Settings) -> bytes:
    """抽样单 in four copies; whatever was not filled in prints ／."""
    return sampling_sheet.render(sheet_content(session, sample, settings))


def sheet_content(session: Session, sample: Sample, settings: Settings) -> content.SamplingSheet:
    """What stands on the 抽样单."""
    lab = session.get(Laboratory, sample.lab_id) if sample.lab_id else None
    more = sample.form
    online = sample.link == "online"
    entruster = more.get("entruster_name", "")
    return content.SamplingSheet(
        imprint=_imprint(sample, settings, sample.number),
        serial=sample.code,
        task_source=settings.office_name,
        task_kind=PURPOSES[sample.purpose],
        unit=_unit(session, sample),
        stage=STAGES[sample.link],
        place=more.get("place", "") or (ONLINE_PLACE if online else ""),
        goods=_goods(session, sample),
        producer=content.Contact(sample.producer_name, sample.producer_address, more.get("producer_contact", ""), more.get("producer_phone", "")),
        organisation=content.Contact(settings.office_name, person=settings.office_contact, phone=settings.office_phone),
        deliver_by=day(session, sample.deliver_by, sample.deliver_unannounced),
        deliver_to=f"{lab.name}　{lab.address}".strip() if lab else "",
        online=content.OnlineOrder(more.get("platform", ""), "", more.get("shop", ""), more.get("url", ""), more.get("order_number", "")) if online else None,
        entruster=content.Contact(entruster, more.get("entruster_address", "")) if entruster else None,
        remark=more.get("remark", ""),
        seal_numbers=(sample.seal_number,) if sample.seal_number else (),
        samplers=tuple(sample.sampler_names),
    )


def handed(sample: Sample, kinds: tuple[str, ...]) -> Handover | None:
    """The newest row of those kinds, unless the sample was taken back since."""
    newest = next((row for row in reversed(sample.handovers) if row.kind in (*kinds, "recalled")), None)
    return newest if newest and newest.kind in kinds else None


def _row(sample: Sample, answer: Handover | None) -> content.HandoverRow:
    """What the laboratory found; boxes stay open until it has answered."""
    row = content.HandoverRow(sample_number=sample.code, name=sample.product_name, pieces="", seal_number=sample.seal_number)
    if answer is None:
        return row
    found = {name: yes if getattr(answer, column) else no for name, (column, yes, no) in CHECKS.items()}
    return content.HandoverRow(
        sample_number=row.sample_number, name=row.name, pieces=f"{answer.pieces}件", seal_number=row.seal_number,
        decision="接受" if answer.kind == "received" else "拒收", reason=answer.reason, **found,
    )


def transfer(session: Session, sample: Sample, settings: Settings) -> bytes:
    """移交确认单 for one sample; says nothing about the firm."""
    lab = session.get(Laboratory, sample.lab_id) if sample.lab_id else None
    sent, answer = handed(sample, ("sent",)), handed(sample, ("received", "refused"))
    return handover.render(
        content.Handover(
            imprint=_imprint(sample, settings, f"YJ-{sample.code}"),
            from_unit=content.Contact(settings.office_name, person=settings.office_contact, phone=settings.office_phone),
            to_unit=content.Contact(lab.name if lab else "", lab.address if lab else ""),
            rows=(_row(sample, answer),),
            received_at=show_moment(answer.at) if answer else "",
            handed_by=sent.by_name if sent else "",
            received_by=answer.by_name if answer else "",
        )
    )


def label(sample: Sample, settings: Settings) -> bytes:
    """A label with the blind code."""
    return labels.render(content.LabelSheet(LABEL, (label_content(sample),), demo=settings.demo))


def label_content(sample: Sample) -> content.Label:
    """What stands on it."""
    return content.Label(sample.code, (sample.product_name[:16], f"封条 {sample.seal_number or '/'}"))

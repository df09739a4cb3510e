"""附件 of a bulletin: failing and passing products, tested items, in the columns of the national tables."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection.indicators import service as indicators
from inspection.registers.models import Enterprise, Laboratory, Region
from inspection.results.models import ItemResult, TestReport
from inspection.results.wording import limit_text, value_text
from inspection.samples.documents import PURPOSES
from inspection.samples.models import Sample
from inspection.samples.schemas import DATE_KINDS
from reports import content

Counted = tuple[Sample, TestReport, Enterprise, str | None]


def failing(session: Session, scope: indicators.Scope) -> tuple[content.FailingRow, ...]:
    """不合格产品信息; the column ID is the place in the list, never the blind code of the laboratory."""
    kinds = indicators.class_names(session, scope.domain)
    rows = _reported(session, scope, "fail", final=scope.final_only)
    return tuple(_failing_row(session, number, row, kinds) for number, row in enumerate(rows, 1))


def passing(session: Session, scope: indicators.Scope) -> tuple[content.PassingRow, ...]:
    """合格产品信息."""
    kinds = indicators.class_names(session, scope.domain)
    places = dict(session.execute(select(Region.code, Region.name)).all())
    return tuple(_passing_row(number, row, kinds, places) for number, row in enumerate(_reported(session, scope, "pass"), 1))


def tested_items(session: Session, scope: indicators.Scope) -> tuple[content.TestedItems, ...]:
    """本次检验项目 by class, with the standards they were judged by."""
    kinds = indicators.class_names(session, scope.domain)
    query = (
        select(Sample.class_code, ItemResult.item_name, ItemResult.limit)
        .join(TestReport, TestReport.sample_id == Sample.id)
        .join(ItemResult, (ItemResult.report_id == TestReport.id) & ItemResult.current.is_(True))
        .where(*indicators.within(scope), Sample.class_code.in_(kinds), TestReport.state == "approved")
        .order_by(Sample.class_code, ItemResult.item_code)
    )
    items: dict[str, dict[str, None]] = {}
    bases: dict[str, dict[str, None]] = {}
    for class_code, name, limit in session.execute(query):
        items.setdefault(class_code, {})[name] = None
        if limit.get("judged_by"):
            bases.setdefault(class_code, {})[limit["judged_by"]] = None
    return tuple(content.TestedItems(kinds[code], tuple(bases.get(code, ())) or ("／",), tuple(names)) for code, names in items.items())


def _reported(session: Session, scope: indicators.Scope, conclusion: str, *, final: bool = False) -> list[Counted]:
    """The very batches that were counted with that conclusion, by number."""
    query = (
        select(Sample, TestReport, Enterprise, Laboratory.name.label("laboratory"))
        .join(TestReport, TestReport.sample_id == Sample.id)
        .join(Enterprise, Enterprise.id == Sample.enterprise_id)
        .outerjoin(Laboratory, Laboratory.id == Sample.lab_id)
        .where(
            *indicators.within(scope), Sample.class_code.in_(indicators.class_names(session, scope.domain)),
            TestReport.state == "approved", TestReport.conclusion == conclusion,
        )
        .order_by(Sample.number)
    )  # fmt: skip
    found = session.execute(query.where(TestReport.final.is_(True)) if final else query)
    return [(sample, report, firm, laboratory) for sample, report, firm, laboratory in found]


def _date_lot(sample: Sample) -> str:
    """2019-04-20（购进日期）/L1, the kind of date only when it is not the production date."""
    kind = f"（{DATE_KINDS[sample.date_kind]}）" if sample.produced_on and sample.date_kind != "production" else ""
    return "/".join(part for part in (f"{sample.produced_on or ''}{kind}", sample.lot) if part) or "/"


def _failing_row(session: Session, number: int, row: Counted, kinds: dict[str, str]) -> content.FailingRow:
    sample, report, firm, laboratory = row
    items = session.scalars(
        select(ItemResult).where(ItemResult.report_id == report.id, ItemResult.current.is_(True), ItemResult.outcome == "fail")
        .order_by(ItemResult.item_code)
    )
    return content.FailingRow(
        sample_number=sample.number, identifier=str(number), producer=sample.producer_name or "/", producer_address=sample.producer_address or "/",
        unit=firm.name, unit_address=firm.address, product=sample.product_name, specification=sample.specification or "/", brand=sample.brand or "/",
        date_lot=_date_lot(sample), failures=tuple(f"{item.item_name}║{value_text(item.text, item.kind, item.unit)}║{limit_text(item.limit)}" for item in items),
        category=kinds.get(sample.class_code, ""), task=PURPOSES[sample.purpose], laboratory=laboratory or "",
    )


def _passing_row(number: int, row: Counted, kinds: dict[str, str], places: dict[str, str]) -> content.PassingRow:
    sample, _report, firm, _laboratory = row
    code = firm.region_code
    province, city = places.get(f"{code[:2]}0000", ""), places.get(f"{code[:4]}00", "")
    return content.PassingRow(
        sample_number=sample.number, identifier=str(number), producer=sample.producer_name or "/", producer_address=sample.producer_address or "/",
        unit=firm.name, province=province, product=sample.product_name, specification=sample.specification or "/",
        date_lot=_date_lot(sample), category=kinds.get(sample.class_code, ""), task=PURPOSES[sample.purpose], city=city,
    )

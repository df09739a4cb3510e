"""Sampling and laboratory work of the demonstration: 252 samples, a workbook of 3,000 rows with 14 bad ones, its correction."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import xlsxwriter
from sqlalchemy import select

from inspection import clock
from inspection.actor import Actor
from inspection.db import Database
from inspection.demo.registers import TEST_ITEMS
from inspection.followups import service as followups
from inspection.plans.models import Plan
from inspection.registers.models import Enterprise, Laboratory, ProductCategory
from inspection.results import imports
from inspection.results import service as results
from inspection.results.models import TestReport
from inspection.samples import rules as sample_rules
from inspection.samples import service as samples

SAMPLED = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
RECEIVED = datetime(2026, 9, 18, 2, 0, tzinfo=UTC)
TESTED = datetime(2026, 10, 8, 2, 0, tzinfo=UTC)
APPROVED = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
SERVED = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)
FINAL = datetime(2026, 10, 30, 2, 0, tzinfo=UTC)
N_SAMPLES = 252  # one approved before the import, one sent to another laboratory, 250 in the workbook
HEAD = [column.title_zh for column in imports.COLUMNS]
FAILING = {7: "PB", 31: "SO2", 66: "BA", 103: "DHA", 158: "SACC", 201: "SUD", 240: "TPC"}
UNITS = {code: unit for code, _, unit, _, _ in TEST_ITEMS}
NAMES = {code: name for code, name, *_ in TEST_ITEMS}
LIMITS = {code: lod for code, _, _, _, lod in TEST_ITEMS}
GOOD = {"PB": "0.12", "CD": "<0.002", "AS": "0.05", "BA": "0.31", "SA": "未检出", "DHA": "0.04", "SUD": "ND", "SO2": "0.02", "AFB1": "<0.1",
        "POV": "0.11", "SACC": "0.02", "TPC": "10/20/<10/2.2×10²/1.0E2"}
BAD = {"PB": "0.83", "SO2": "0.35", "BA": "1.6", "DHA": "0.72", "SACC": "0.21", "SUD": "34", "TPC": "2.5×10⁵/10/10/10/10"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the workbook."""

    code: str
    item: str
    text: str
    unit: str
    detection_limit: str = ""
    claimed: str = ""
    tested_on: str = "2026-09-28"
    numeric_code: float | None = None

    def cells(self) -> list[str]:
        return [self.code, self.item, self.text, self.unit, self.detection_limit, "演示方法", self.claimed, self.tested_on]


def take_samples(database: Database, sampler: Actor, plan_id: int, n: int = N_SAMPLES, hand_over: int | None = None) -> list[str]:
    """Samples against the county's plan, sealed and (the first `hand_over`, else all) handed over; gives their blind codes in order."""
    with clock.at(SAMPLED), database.write(sampler) as session:
        plan = session.get(Plan, plan_id)
        assert plan is not None
        firms = session.scalars(select(Enterprise).where(Enterprise.region_code == "320902", Enterprise.state == "open").order_by(Enterprise.code).limit(400)).all()
        names = dict(session.execute(select(ProductCategory.code, ProductCategory.name).where(ProductCategory.year == 2026)).all())
        slots = [(c.region_code, c.class_code) for c in sorted(plan.cells, key=lambda c: c.class_code) for _ in range(c.n_batches)]
        labs = dict(session.execute(select(Laboratory.code, Laboratory.id)).all())
        codes = []
        for i, (region, class_code) in enumerate(slots[:n]):
            sample = samples.take(session, sampler, _sheet(plan.id, region, class_code, names[class_code], firms[i % len(firms)].id, i))
            if hand_over is None or i < hand_over:
                samples.hand_over(session, sampler, sample.id, version=sample.version_id, laboratory_id=labs["LAB-B" if i == 1 else "LAB-A"])
            codes.append(sample.code)
    return codes


def _sheet(plan_id: int, region: str, class_code: str, product: str, firm: int, i: int) -> sample_rules.NewSample:
    return sample_rules.NewSample(
        plan_id=plan_id, region_code=region, class_code=class_code, enterprise_id=firm, product_name=f"演示{product}{i % 9 + 1}号",
        product_code=class_code, taken_on=date(2026, 9, 16), sampler_names=("演示抽样甲", "演示抽样乙"), producer_name=f"演示生产企业{i % 40 + 1}",
        producer_address="演示路", specification="500g", lot=f"2026{i:04d}", produced_on=date(2026, 8, 20), seal_number=f"YS{i + 1:05d}",
    )


def receive(database: Database, person: Actor, codes: Sequence[str]) -> None:
    """The laboratory takes its samples in; the one sent elsewhere is not its own."""
    sound = sample_rules.Receipt(2, True, True, True, True, True, True)
    with clock.at(RECEIVED), database.write(person) as session:
        for i, code in enumerate(codes):
            if i != 1:
                samples.receive(session, person, code, receipt=sound, accept=True)


def approve_first(database: Database, entry: Actor, reviewer: Actor, signer: Actor, code: str) -> None:
    """One report is entered by hand and approved before the workbook comes."""
    with clock.at(TESTED), database.write(entry) as session:
        for row in truth([code]):
            results.record(session, entry, results.NewResult(code, row.item, row.text, row.unit, detection_limit=_decimal(row.detection_limit)))
    sign(database, entry, reviewer, signer)


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def truth(codes: Iterable[str], failing: dict[int, str] | None = None) -> list[Row]:
    """The rows that are right: twelve items of every sample."""
    found = []
    for i, code in enumerate(codes):
        for item in NAMES:
            bad = (failing or {}).get(i) == item
            text = BAD[item] if bad else GOOD[item]
            lod = LIMITS[item] or ""
            found.append(Row(code, NAMES[item], text, UNITS[item], lod if text in ("未检出", "ND") else "", "不合格" if bad else ""))
    return found


def with_faults(rows: Sequence[Row], approved: str, elsewhere: str) -> list[Row]:
    """The same rows with the last fourteen spoiled, one way each."""
    good, last = list(rows[:-14]), list(rows[-14:])
    spoiled = [
        replace(last[0], code="ZZZZZZZZZZ"),
        replace(last[1], code="YYYYYYYYYY"),
        replace(last[2], code=elsewhere),
        replace(last[3], item="不存在的项目甲"),
        replace(last[4], item="不存在的项目乙"),
        replace(last[5], unit="μg/g"),
        replace(last[6], text="未检出", detection_limit=""),
        replace(last[7], text="-0.02"),
        replace(last[8], tested_on="2026-12-31"),
        replace(good[0]),
        replace(last[10], code=approved, text="0.07"),
        replace(last[11], claimed="不合格"),
        replace(last[12], text=BAD["SACC"], item=NAMES["SACC"], unit=UNITS["SACC"], detection_limit="", claimed="合格"),
        replace(last[13], numeric_code=1.23e12),
    ]
    return good + spoiled


def workbook(rows: Sequence[Row]) -> bytes:
    """The rows as an XLSX file, every cell text but the one whose code was kept as a number."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 10, 8, tzinfo=UTC).replace(tzinfo=None)})
    sheet = book.add_worksheet("检验结果")
    text = book.add_format({"num_format": "@"})
    sheet.write_row(0, 0, HEAD)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row.cells()):
            sheet.write_string(number, column, value, text)
        if row.numeric_code is not None:
            sheet.write_number(number, 0, row.numeric_code)
    book.close()
    return out.getvalue()


def import_workbook(database: Database, entry: Actor, name: str, data: bytes) -> tuple[int, int, int, bytes | None]:
    """Import as a user would: keep, preview, good rows only; gives (new, unchanged, refused, error workbook)."""
    with clock.at(TESTED), database.write(entry) as session:
        upload = imports.keep_upload(session, entry, filename=name, content=data)
        found = imports.preview(session, entry, upload.id)
        errors = imports.errors(session, entry, upload.id) if found.n_bad else None
        return (*imports.apply(session, entry, upload.id, all_or_nothing=False), errors)


def sign(database: Database, entry: Actor, reviewer: Actor, signer: Actor) -> int:
    """Three people sign every open report; gives how many."""
    with clock.at(APPROVED):
        for person, state, verb in ((entry, "entering", results.submit), (reviewer, "entered", results.review), (signer, "reviewed", results.approve)):
            with database.write(person) as session:
                waiting = session.scalars(select(TestReport).where(TestReport.state == state).order_by(TestReport.id)).all()
                for report in waiting:
                    verb(session, person, report.id, version=report.version_id)
    return len(waiting)


def follow_up(database: Database, officer: Actor) -> int:
    """Cases of the failing samples: opened, served, and final after the term for objections."""
    with clock.at(SERVED), database.write(officer) as session:
        cases = followups.open_cases(session, officer)
        for case in cases:
            followups.add_step(session, officer, case.id, version=case.version_id, kind="served", done_on=clock.today(), text="当面送达检验结果通知书（演示）")
    with clock.at(FINAL), database.write(officer) as session:
        for case in session.scalars(followups.listing()).all():
            followups.make_final(session, officer, case.id, version=case.version_id)
    return len(cases)

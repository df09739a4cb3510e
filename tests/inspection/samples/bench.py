"""A county with an approved plan, two firms, two laboratories, four items with limits, and one person per role."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from inspection import clock
from inspection.actor import SYSTEM, Actor
from inspection.calendar import service as calendar
from inspection.db import Database
from inspection.intake import credit_code
from inspection.plans import rules as plan_rules
from inspection.plans import service as plans
from inspection.registers import service as registers
from inspection.registers.entries import EnterpriseEntry, LaboratoryEntry, LimitEntry
from inspection.results import service as results
from inspection.results.models import TestReport
from inspection.rulebook import service as rulebook
from inspection.samples import service as samples
from inspection.samples.models import Sample
from inspection.samples.rules import NewSample, Receipt
from tests.people import person

SAMPLED = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
RECEIVED = datetime(2026, 9, 18, 2, 0, tzinfo=UTC)
TESTED = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
COUNTY, OTHER = "320902", "320903"
CAKE, GREENS = "24", "33"
FIRM, AWAY = "亭湖好味食品厂", "盐都市场三号摊"
SOUND = Receipt(2, True, True, True, True, True, True)
# code, name, unit, kind, lower, upper, detection limit
LIMITS = (
    ("PB", "铅（以Pb计）", "mg/kg", "range", None, "0.5", "0.02"),
    ("SUD", "苏丹红Ⅰ", "μg/kg", "not_detected", None, None, "10"),
    ("PRO", "蛋白质", "g/100g", "range", "2.9", None, None),
    ("TPC", "菌落总数", "CFU/g", "plan", None, None, None),
)  # fmt: skip


class Bench:
    """Numbers and people of the county; `take`, `receive`, `report` walk a sample along."""

    def __init__(self, database: Database, *, quota: int = 4, purpose: str = "evaluative", random: bool = True) -> None:
        self.database = database
        with clock.at(SAMPLED):
            with database.write(SYSTEM) as session:
                calendar.load_packaged(session, SYSTEM)
                rulebook.load_packaged(session, SYSTEM)
                registers.load_packaged(session, SYSTEM)
                self._register(session)
            self.sampler = person(database, "sampler", "sampler", region_code=COUNTY)
            self.planner = person(database, "planner", "planner")
            self.leader = person(database, "leader", "leader")
            self.entry = person(database, "entry", "lab_entry", lab_id=self.lab)
            self.reviewer = person(database, "reviewer", "lab_review", lab_id=self.lab)
            self.signer = person(database, "signer", "lab_sign", lab_id=self.lab)
            self.elsewhere = person(database, "elsewhere", "lab_entry", lab_id=self.other_lab)
            self.plan = self.approved_plan(quota, purpose, random)

    def _register(self, session: Any) -> None:
        for code, name in (("320000", "江苏省"), ("320900", "盐城市"), (COUNTY, "亭湖区"), (OTHER, "盐都区")):
            registers.create_region(session, SYSTEM, code=code, name=name)
        entry = EnterpriseEntry(credit_code.make(COUNTY, 1), FIRM, COUNTY, address="亭湖路1号", legal_person="王厂长", link="production")
        self.firm = registers.create_enterprise(session, SYSTEM, entry).id
        self.firm_code = entry.code
        self.away = registers.create_enterprise(session, SYSTEM, replace(entry, code=credit_code.make(OTHER, 2), name=AWAY, region_code=OTHER)).id
        labs = [registers.create_laboratory(session, SYSTEM, LaboratoryEntry(f"LAB-{k}", f"{k}检验院", address="检验路9号")) for k in "AB"]
        registers.set_scope(session, SYSTEM, labs[0].id, ["*"])
        registers.set_scope(session, SYSTEM, labs[1].id, ["食用农产品"])
        self.lab, self.other_lab = labs[0].id, labs[1].id
        for code, name, unit, kind, lower, upper, lod in LIMITS:
            registers.create_test_item(session, SYSTEM, code=code, name=name, unit=unit, microbiological=kind == "plan")
            registers.add_limit(session, SYSTEM, limit(code, unit, kind, lower, upper, lod))

    def approved_plan(self, quota: int, purpose: str, random: bool) -> int:
        """A plan of two classes with `quota` batches each."""
        with self.database.write(self.planner) as session:
            new = plan_rules.NewPlan(title="亭湖区2026年食品抽检计划", year=2026, region_code=COUNTY, purpose=purpose, product_year=2026, total=2 * quota, random=random)
            plan = plans.create(session, self.planner, new)
            classes = {CAKE: Decimal(1), GREENS: Decimal(1)}
            plans.set_margins(session, self.planner, plan.id, version=plan.version_id, regions={COUNTY: Decimal(1)}, classes=classes)
            plans.allocate_cells(session, self.planner, plan.id, version=plan.version_id)
            plans.submit(session, self.planner, plan.id, version=plan.version_id)
        with self.database.write(self.leader) as session:
            plans.approve(session, self.leader, plan.id, version=plans.get(session, plan.id).version_id)
        return plan.id

    def sheet(self, **more: Any) -> NewSample:
        """A sampling sheet of the cake class."""
        new = NewSample(
            plan_id=self.plan, region_code=COUNTY, class_code=CAKE, enterprise_id=self.firm, product_name="蛋糕", product_code=CAKE,
            taken_on=date(2026, 9, 16), sampler_names=("抽样甲", "抽样乙"), produced_on=date(2026, 9, 1), seal_number="FY001",
        )  # fmt: skip
        return replace(new, **more)

    def take(self, **more: Any) -> Sample:
        """A sealed sample."""
        with clock.at(SAMPLED), self.database.write(self.sampler) as session:
            return samples.take(session, self.sampler, self.sheet(**more))

    def receive(self, count: int = 1, **more: Any) -> list[str]:
        """Samples taken, handed over and received by laboratory A; gives their blind codes."""
        taken = [self.take(**more) for _ in range(count)]
        with clock.at(SAMPLED), self.database.write(self.sampler) as session:
            for sample in taken:
                samples.hand_over(session, self.sampler, sample.id, version=sample.version_id, laboratory_id=self.lab)
        with clock.at(RECEIVED), self.database.write(self.entry) as session:
            for sample in taken:
                samples.receive(session, self.entry, sample.code, receipt=SOUND, accept=True)
        return [sample.code for sample in taken]

    def enter(self, code: str, item: str = "PB", text: str = "0.1", unit: str = "mg/kg", *, by: Actor | None = None, **more: Any) -> Any:
        """One item result."""
        who = by or self.entry
        with clock.at(TESTED), self.database.write(who) as session:
            return results.record(session, who, results.NewResult(code, item, text, unit, **more))

    def sign(self) -> None:
        """Three people sign every report that waits."""
        with clock.at(TESTED):
            steps = ((self.entry, "entering", results.submit), (self.reviewer, "entered", results.review), (self.signer, "reviewed", results.approve))
            for who, state, verb in steps:
                with self.database.write(who) as session:
                    for report in session.scalars(select(TestReport).where(TestReport.state == state)).all():
                        verb(session, who, report.id, version=report.version_id)

    def reported(self, *texts: str, **more: Any) -> list[str]:
        """Approved reports, one per lead value given."""
        codes = self.receive(len(texts), **more)
        for code, text in zip(codes, texts, strict=True):
            self.enter(code, text=text)
        self.sign()
        return codes


def limit(code: str, unit: str, kind: str, lower: str | None, upper: str | None, lod: str | None, **more: Any) -> LimitEntry:
    """A limit for cakes from 2020 on."""
    plan = {"n": 5, "c": 2, "m": Decimal(10_000), "big_m": Decimal(100_000)} if kind == "plan" else {}
    values: dict[str, Any] = {"lower": lower and Decimal(lower), "upper": upper and Decimal(upper), "detection_limit": lod and Decimal(lod)}
    made = LimitEntry(item_code=code, product_code=CAKE, valid_from=date(2020, 1, 1), kind=kind, unit=unit, judged_by="测试标准", source="测试数据", **values, **plan)
    return replace(made, **more)

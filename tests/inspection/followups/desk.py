"""A county with one failing report, one passing one, and a case officer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from inspection import clock
from inspection.actor import Actor
from inspection.db import Database
from inspection.followups import service
from inspection.followups.models import Case
from inspection.results.models import TestReport
from tests.inspection.samples.bench import COUNTY, OTHER, Bench
from tests.people import person

OPENED = datetime(2026, 10, 20, 2, 0, tzinfo=UTC)
SERVED = date(2026, 10, 14)
LATER = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


class Desk(Bench):
    """A county with one failing report (lead 0.83 mg/kg), one passing one, a case officer."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.officer = person(database, "cases", "case_officer", region_code=COUNTY)
        self.abroad = person(database, "abroad", "case_officer", region_code=OTHER)
        self.reported("0.83", "0.12")

    def opened(self, at: datetime = OPENED) -> Case:
        with clock.at(at), self.database.write(self.officer) as session:
            [case] = service.open_cases(session, self.officer)
            return case

    def step(self, case: Case, kind: str, on: date = date(2026, 10, 19), *, at: datetime = OPENED, by: Actor | None = None, version: int | None = None, text: str = "已办") -> Case:
        who = by or self.officer
        with clock.at(at), self.database.write(who) as session:
            wanted = service.get(session, case.id).version_id if version is None else version
            return service.add_step(session, who, case.id, version=wanted, kind=kind, done_on=on, text=text)

    def act(self, verb: Any, case: Case, who: Actor, *, at: datetime = LATER, **more: Any) -> Case:
        with clock.at(at), self.database.write(who) as session:
            made: Case = verb(session, who, case.id, version=service.get(session, case.id).version_id, **more)
            return made

    def handled(self, case: Case, *kinds: str) -> None:
        for kind in kinds or ("served", "control", "cause", "no_penalty", "rectification", "recheck"):
            self.step(case, kind)

    def report(self) -> TestReport:
        with self.database.read() as session:
            return session.scalars(select(TestReport).order_by(TestReport.id)).all()[0]

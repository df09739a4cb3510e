"""What rows of results speak of, read once and remembered."""

from __future__ import annotations

import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection.errors import Invalid
from inspection.registers.models import Limit, TestItem
from inspection.results import rules
from inspection.results.found import current_items
from inspection.results.models import ItemResult, TestReport
from inspection.rulebook.rules import in_force
from inspection.samples import service as samples
from inspection.samples.models import Sample


class Known:
    """What rows of results speak of, read once and remembered: samples, items, limits, reports and their present values."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._samples: dict[str, Sample] = {}
        self._items: dict[str, TestItem] = {}
        self._limits: dict[int, list[Limit]] = {}
        self._reports: dict[int, TestReport] = {}
        self._values: dict[int, dict[str, ItemResult]] = {}

    def sample(self, code: str) -> Sample:
        key = code.strip().upper()
        if key not in self._samples:
            self._samples[key] = samples.by_code(self.session, key)
        return self._samples[key]

    def item(self, text: str) -> TestItem:
        if not self._items:
            for row in self.session.scalars(select(TestItem).order_by(TestItem.id.desc())):
                self._items[folded(row.name)] = row
            for row in list(self._items.values()):
                self._items[folded(row.code)] = row
        found = self._items.get(folded(text))
        if found is None:
            raise Invalid("unknown-item", "检验项目库中没有“%(item)s”。请按项目库的名称填写。", fields={"item": ["没有这个检验项目"]}, item=text.strip()[:60])
        return found

    def limit(self, item: TestItem, sample: Sample) -> Limit | None:
        """The limit in force for the sample's product on its relevant day: the deepest node of the tree that has one."""
        if item.id not in self._limits:
            self._limits[item.id] = list(self.session.scalars(select(Limit).where(Limit.item_id == item.id)))
        on = rules.relevant_day(sample.date_kind, sample.produced_on, sample.taken_on)
        rows = self._limits[item.id]
        holding = {row.product_code for row in rows if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)}
        code = rules.chosen_code(sample.product_code, holding)
        return in_force([row for row in rows if row.product_code == code], on) if code else None

    def report(self, sample: Sample) -> TestReport | None:
        if sample.id not in self._reports:
            found = self.session.scalar(select(TestReport).where(TestReport.sample_id == sample.id))
            if found is None:
                return None
            self._reports[sample.id] = found
        return self._reports[sample.id]

    def opened(self, sample: Sample) -> TestReport:
        """The report of a sample, made when there is none yet."""
        report = self.report(sample)
        if report is None:
            report = TestReport(sample_id=sample.id, lab_id=sample.lab_id)
            self.session.add(report)
            self.session.flush()
            self._reports[sample.id] = report
        return report

    def value(self, report: TestReport, item_code: str) -> ItemResult | None:
        return self._current(report.id).get(item_code)

    def remember(self, made: ItemResult) -> None:
        self._current(made.report_id)[made.item_code] = made

    def _current(self, report_id: int) -> dict[str, ItemResult]:
        if report_id not in self._values:
            self._values[report_id] = {row.item_code: row for row in current_items(self.session, report_id)}
        return self._values[report_id]


def folded(text: str) -> str:
    """A name as it is compared: half-width, no blanks.

    >>> folded(" 铅（以Pb计）") == folded("铅(以Pb计)")
    True
    """
    return "".join(unicodedata.normalize("NFKC", text).split())

"""Which batches count, and how: one number once, void and refused ones not at all, open ones as pending (rules R1–R7)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from inspection.indicators import rules
from inspection.registers.models import ProductCategory
from inspection.results.models import TestReport
from inspection.samples.models import Sample
from inspection.scope import region_prefix

LIVING = ("taken", "sealed", "handed_over", "received", "tested", "reported")


@dataclass(frozen=True, slots=True)
class Scope:
    """统计范围: which batches count."""

    since: date
    until: date
    region_code: str = ""
    purposes: tuple[str, ...] = ()
    domain: str = "food"
    link: str = ""
    plan_id: int | None = None
    final_only: bool = True


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts per class, the purposes met, whether all batches were drawn at random, the digest of the cut."""

    classes: dict[str, rules.Counts]
    purposes: frozenset[str]
    random: bool
    digest: str

    @property
    def total(self) -> rules.Counts:
        return rules.summed(self.classes)

    @property
    def assessable(self) -> bool:
        """Whether the batches speak for the market: a probability sample, taken to estimate and not to find faults."""
        return self.random and bool(self.purposes) and self.purposes <= rules.ESTIMATING


def count(session: Session, scope: Scope) -> Counted:
    """Count batches by class: one sample number once, void and refused ones not at all, open ones as pending (R1–R7)."""
    names = class_names(session, scope.domain)
    classes: dict[str, rules.Counts] = {}
    purposes, all_random, lines = set(), True, []
    for number, class_code, purpose, random, state, conclusion, final in session.execute(_query(scope)):
        if class_code not in names:
            continue
        all_random = all_random and random
        purposes.add(purpose)
        name = names[class_code]
        classes[name] = classes.get(name, rules.Counts()) + _one(state, conclusion, final, scope.final_only)
        lines.append(f"{number}\t{class_code}\t{state or ''}\t{conclusion or ''}\t{int(bool(final))}\n")
    return Counted(classes, frozenset(purposes), all_random and bool(lines), hashlib.sha256("".join(lines).encode()).hexdigest())


def _query(scope: Scope) -> Select[str, str, str, bool, str, str | None, bool]:
    return (
        select(Sample.number, Sample.class_code, Sample.purpose, Sample.random, TestReport.state, TestReport.conclusion, TestReport.final)
        .outerjoin(TestReport, TestReport.sample_id == Sample.id)
        .where(*within(scope))
        .order_by(Sample.number)
    )


def within(scope: Scope) -> list[ColumnElement[bool]]:
    """The living samples of a scope, as conditions; by day of sampling, both days included."""
    found = [Sample.state.in_(LIVING), Sample.taken_on >= scope.since, Sample.taken_on <= scope.until]
    if scope.plan_id is not None:
        found.append(Sample.plan_id == scope.plan_id)
    if scope.purposes:
        found.append(Sample.purpose.in_(scope.purposes))
    if scope.link:
        found.append(Sample.link == scope.link)
    if prefix := region_prefix(scope.region_code):
        found.append(Sample.region_code.startswith(prefix))
    return found


def _one(state: str | None, conclusion: str | None, final: bool | None, final_only: bool) -> rules.Counts:
    if state != "approved" or conclusion is None:
        return rules.Counts(pending=1)
    if conclusion == "fail" and final_only and not final:
        return rules.Counts(pending=1)
    return rules.Counts(
        passed=conclusion == "pass", failed=conclusion == "fail", undetermined=conclusion == "undetermined"
    )


def class_names(session: Session, domain: str) -> dict[str, str]:
    """Code → name of the first-level classes of a domain; the newest year's name where years differ."""
    rows = session.execute(
        select(ProductCategory.code, ProductCategory.name)
        .where(ProductCategory.domain == domain, ProductCategory.level == 1)
        .order_by(ProductCategory.year, ProductCategory.position)
    )
    return dict(rows.all())


def class_order(session: Session, domain: str, names: Collection[str]) -> list[str]:
    """Names of classes in the official order of the newest year."""
    known = list(class_names(session, domain).values())
    return [name for name in known if name in names] + sorted(set(names) - set(known))

"""Reasons 排除理由: what leaves a unit out of a frame, each a condition that the database answers for all units at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, exists, false, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from inspection import clock
from inspection.draws import rules, supplements
from inspection.draws.models import Draw, ReserveCall, Selection
from inspection.history import Fact, told
from inspection.registers.entries import CHECK_LEVELS
from inspection.registers.models import CheckItem, Enterprise, EnterpriseTag, OutsideCheck
from inspection.registers.rules import region_level
from inspection.rulebook import service as rulebook
from inspection.rulebook.rules import in_force

OPEN_CASE_TAG = "立案"
LEVELS = tuple(CHECK_LEVELS)  # the highest first
NEVER: ColumnElement[bool] = false()


@dataclass(frozen=True, slots=True)
class Reason:
    """理由: what of the unit itself leaves it out, or the ids of the units that are left out."""

    own: ColumnElement[bool] = NEVER
    ids: Select[Any] | CompoundSelect[Any] | None = None


def reasons(session: Session, given: rules.Configuration) -> dict[str, Reason]:
    """The reasons that the configuration asks, and OTHER, which is always counted."""
    asked = _Past(session, given)
    found = {code: getattr(asked, code.lower())() for code in given.exclusions}
    found["OTHER"] = found.get("OTHER") or asked.other()
    if given.supplements_id is not None:
        found[rules.DRAWN] = _of_codes(supplements.drawn_before(session, given.supplements_id))
    return found


class _Past:
    """The conditions by code, all seen from the first day on which the units may be visited."""

    def __init__(self, session: Session, given: rules.Configuration) -> None:
        self.session, self.given = session, given
        start, today = given.period_from or clock.today(), clock.today()
        months = [rulebook.number(session, key, today) for key in ("period.product.resample", "period.food_check.repeat")]
        self.window = rules.window(start, *months)
        self.until = given.period_to or start.replace(month=12, day=31)

    def moved(self) -> Reason:
        return Reason(Enterprise.state == "moved")

    def closed(self) -> Reason:
        return Reason(Enterprise.state != "open")

    def case(self) -> Reason:
        """Tagged as under investigation, or with a case of this office that is not closed."""
        ended = aliased(Fact)
        closed = exists().where(ended.kind == "case_closed", ended.subject == Fact.subject, ended.reference == Fact.reference)
        facts = _facts(Fact.kind == "case", ~closed, told())
        tagged = select(EnterpriseTag.enterprise_id.label("id")).where(EnterpriseTag.tag == OPEN_CASE_TAG)
        return _of_ids([facts, tagged])

    def year(self) -> Reason:
        return _of_ids([_facts(Fact.kind == "visited", Fact.on >= self.window.year, told())])

    def cap(self) -> Reason:
        """Visits of this office and, complaints apart, of others; a cap of the unit's own goes before the rulebook's."""
        own = _facts(Fact.kind == "visited", Fact.on >= self.window.year, told())
        outside = _outside(OutsideCheck.kind == "visit", OutsideCheck.on >= self.window.year, OutsideCheck.cause != "complaint")
        every, firm = own.union_all(outside).subquery(), aliased(Enterprise)
        general = rulebook.number(self.session, "count.visit.yearly_cap", clock.today())
        cap = func.coalesce(firm.inspection_cap, general)
        reached = select(firm.id).join(every, every.c.id == firm.id).group_by(firm.id, firm.inspection_cap).having(func.count() >= cap)
        return Reason(func.coalesce(Enterprise.inspection_cap, general) == 0, reached)

    def r6m(self) -> Reason:
        """The same product, or one of its class, was sampled at the unit by anybody, and the sample was not voided."""
        ended = aliased(Fact)
        void = exists().where(ended.kind == "sample_void", ended.subject == Fact.subject, ended.reference == Fact.reference)
        sampled = _facts(Fact.kind == "sampled", Fact.on >= self.window.product, _under(Fact.detail, self.given.product_codes), ~void, told())
        outside = _outside(
            OutsideCheck.kind == "sample", OutsideCheck.on >= self.window.product, _under(OutsideCheck.product_code, self.given.product_codes)
        )
        return _of_ids([sampled, outside])

    def upper(self) -> Reason:
        """A food item of this draw was checked by a higher level."""
        items, level = self._food_items(), region_level(self.given.region_code)
        if not items:
            return Reason()
        higher = LEVELS[: LEVELS.index(level)]
        outside = _outside(
            OutsideCheck.kind == "visit", OutsideCheck.on >= self.window.higher, OutsideCheck.level.in_(higher), OutsideCheck.item_code.in_(items)
        )
        draws = [draw.id for draw in self._draws(items) if region_level(draw.region_code) in higher]
        own = _facts(Fact.kind == "visited", Fact.on >= self.window.higher, Fact.draw_id.in_(draws), told())
        return _of_ids([outside, own])

    def other(self) -> Reason:
        """Drawn or visited in the year for one of the items of this draw, by another department or for another level."""
        items = set(self.given.item_codes)
        outside = _outside(
            OutsideCheck.kind.in_(("visit", "drawn")), OutsideCheck.on >= self.window.year, OutsideCheck.on <= self.until, OutsideCheck.item_code.in_(items)
        )
        draws = [draw.id for draw in self._draws(items) if draw.region_code != self.given.region_code and self._same_time(draw)]
        selected = select(Selection.unit_code.label("code")).where(Selection.draw_id.in_(draws), Selection.role == "selected")
        called = select(ReserveCall.in_code.label("code")).where(ReserveCall.draw_id.in_(draws))
        both = union(selected, called).subquery()
        return _of_ids([outside, select(_kept().label("id")).select_from(both).join(Enterprise, Enterprise.code == both.c.code)])

    def _food_items(self) -> set[str]:
        """Codes of the draw's items that the list in force places in the domain of food."""
        rows = self.session.scalars(select(CheckItem).where(CheckItem.code.in_(self.given.item_codes))).all()
        versions = [in_force([row for row in rows if row.code == code], clock.today()) for code in self.given.item_codes]
        return {row.code for row in versions if row is not None and row.domain == "food"}

    def _draws(self, items: Collection[str]) -> list[Draw]:
        """Published draws, of every region, for one of the items."""
        query = select(Draw).where(Draw.state == "published").execution_options(unscoped=True)
        return [draw for draw in self.session.scalars(query) if set(draw.item_codes) & set(items)]

    def _same_time(self, draw: Draw) -> bool:
        """Whether its visits fall into the year of this one; without days of its own, by the year of its number."""
        if not draw.period_to:
            return draw.year == self.window.year.year
        return draw.period_to >= self.window.year.isoformat() and (draw.period_from or draw.period_to) <= self.until.isoformat()


# --- sets of units ----------------------------------------------------------------------------------------------------


def _kept() -> ColumnElement[int]:
    """The unit that a row of the register stands for: itself, or what it was merged into."""
    return func.coalesce(Enterprise.merged_into_id, Enterprise.id)


def _facts(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(_kept().label("id")).select_from(Fact).join(Enterprise, Enterprise.code == Fact.subject).where(*conditions)


def _outside(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(_kept().label("id")).select_from(OutsideCheck).join(Enterprise, Enterprise.id == OutsideCheck.enterprise_id).where(*conditions)


def _under(column: Any, codes: Iterable[str]) -> ColumnElement[bool]:
    """A code of the product tree that is one of these or stands below it."""
    return or_(false(), *(or_(column == code, column.startswith(f"{code}.", autoescape=True)) for code in codes))


def _of_ids(parts: list[Select[Any]]) -> Reason:
    return Reason(ids=union(*parts) if len(parts) > 1 else parts[0].distinct())


def _of_codes(codes: CompoundSelect[Any]) -> Reason:
    listed = codes.subquery()
    return _of_ids([select(_kept().label("id")).select_from(listed).join(Enterprise, Enterprise.code == listed.c.code)])

"""Holders of a valid licence and the visits of a year: counted on the register, never estimated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from inspection.history import Fact, told
from inspection.registers.models import Enterprise, Licence, Region
from inspection.rulebook import service as rulebook
from inspection.scope import region_prefix

ALL = Decimal(100)  # every holder, every year
KINDS = "licence.covered"  # coded list: kinds of licence whose holders are all to be inspected every year


@dataclass(frozen=True, slots=True)
class Asked:
    """统计口径: which holders, and until which day; visits count from the first of January of that year."""

    until: date
    kinds: tuple[str, ...]
    region_code: str = ""

    @property
    def since(self) -> date:
        return date(self.until.year, 1, 1)


@dataclass(frozen=True, slots=True)
class Part:
    """Holders of one place or one kind: inspected, of all."""

    key: str
    label: str
    covered: int
    total: int

    @property
    def uncovered(self) -> int:
        return self.total - self.covered


@dataclass(frozen=True, slots=True)
class Coverage:
    """覆盖: exact counts; what is not in the roster, and why, stands beside them."""

    covered: int
    total: int
    undated: int  # holders whose licence has no recorded end: counted as valid
    closed: int  # holders that are stopped, deregistered, revoked or moved: not in the roster
    lapsed: int  # open firms whose licences of these kinds ended within the year: not in the roster
    places: Sequence[Part] = ()
    kinds: Sequence[Part] = ()

    @property
    def uncovered(self) -> int:
        return self.total - self.covered


def kinds(session: Session, on: date) -> tuple[str, ...]:
    """The kinds of licence that the policy counts, from the rulebook."""
    return tuple(row.label for row in rulebook.codes(session, KINDS, on))


def coverage(session: Session, asked: Asked, *, parts: bool = False) -> Coverage:
    """Count the roster; `parts` by place and by kind of licence as well."""
    if not asked.kinds:
        return Coverage(0, 0, 0, 0, 0)
    seen, roster = visited(asked), [*_where(asked), Enterprise.state == "open", _holds(_valid(asked))]

    def count(*more: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(Enterprise).where(*more)) or 0

    undated = count(*roster, ~_holds(_valid(asked), Licence.expires_on.is_not(None)))
    closed = count(*_where(asked), Enterprise.state != "open", _holds(_valid(asked)))
    ended = _holds(Licence.kind.in_(asked.kinds), Licence.expires_on >= asked.since, Licence.expires_on < asked.until)
    lapsed = count(*_where(asked), Enterprise.state == "open", ended, ~_holds(_valid(asked)))
    places, of_kinds = (_places(session, asked), _kinds(session, asked)) if parts else ([], [])
    return Coverage(count(*roster, seen), count(*roster), undated, closed, lapsed, places, of_kinds)


def uncovered(asked: Asked, *, place: str = "") -> Select[Enterprise, str | None, date | None]:
    """(holder, name of its place, last visit ever) of those not inspected this year."""
    last = select(func.max(Fact.on)).where(Fact.kind == "visited", Fact.subject == Enterprise.code, told()).scalar_subquery()
    query = select(Enterprise, Region.name, last).outerjoin(Region, Region.code == Enterprise.region_code)
    found = query.where(*_where(asked), Enterprise.state == "open", _holds(_valid(asked)), ~visited(asked)).options(selectinload(Enterprise.licences))
    return found.where(Enterprise.region_code == place) if place else found


def visited(asked: Asked) -> ColumnElement[bool]:
    """Inspected in the year up to the day, as approved records say; what comes from a draw that is not public counts for nobody yet."""
    within = (Fact.kind == "visited", Fact.subject == Enterprise.code, Fact.on >= asked.since, Fact.on <= asked.until)
    return exists().where(*within, told())


def _where(asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Enterprise.merged_into_id.is_(None)]
    if prefix := region_prefix(asked.region_code):
        found.append(Enterprise.region_code.startswith(prefix))
    return found


def _valid(asked: Asked) -> ColumnElement[bool]:
    """A licence of these kinds in force on the day; without a recorded start or end it is taken to be."""
    return and_(
        Licence.kind.in_(asked.kinds), or_(Licence.issued_on.is_(None), Licence.issued_on <= asked.until),
        or_(Licence.expires_on.is_(None), Licence.expires_on >= asked.until),
    )  # fmt: skip


def _holds(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Licence.enterprise_id == Enterprise.id, *conditions)


def _places(session: Session, asked: Asked) -> list[Part]:
    """Per place as the register knows it: the township, else the county."""
    labels = dict(session.execute(select(Region.code, Region.name)).all())
    seen = case((visited(asked), 1), else_=0)
    query = select(Enterprise.region_code, func.sum(seen), func.count()).where(*_where(asked), Enterprise.state == "open", _holds(_valid(asked)))
    rows = session.execute(query.group_by(Enterprise.region_code).order_by(Enterprise.region_code))
    return [Part(code, labels.get(code, code), int(covered), total) for code, covered, total in rows]


def _kinds(session: Session, asked: Asked) -> list[Part]:
    """Per kind of licence; a firm with two kinds stands in both."""
    found = [(kind, coverage(session, replace(asked, kinds=(kind,)))) for kind in asked.kinds]
    return [Part(kind, kind, one.covered, one.total) for kind, one in found]

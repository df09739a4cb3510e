"""随机抽查通知书 of a draw: the frozen content of every notice, from registers, draw and rulebook."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Select, select, true
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.calendar import service as calendar
from inspection.draws.models import Draw, Selection
from inspection.errors import NotFound, Refused
from inspection.registers.models import CheckItem, Enterprise, Inspector
from inspection.rulebook import service as rulebook
from inspection.settings import Settings
from inspection.visits import assignments
from inspection.visits.models import Visit, VisitMember
from reports import content

AT_ONCE = 500
PAPERS = ("营业执照", "食品生产经营许可证", "进货查验记录", "从业人员健康证明")
DUTIES = ("请安排负责人在场，如实提供有关资料。", "拒绝、阻挠检查的，将依法处理并公示。")
RIGHTS = ("检查人员应出示执法证件，少于两人或未出示证件的，有权拒绝检查。", "认为检查人员与本单位有利害关系的，有权申请回避。", "检查不收取任何费用。")


def each(session: Session, draw_id: int, settings: Settings, actor: Actor | None = None, *, only: int | None = None) -> Iterator[content.Notice]:
    """The notices of an announced draw by number, one at a time: what the actor may see, everything without one, or one visit."""
    draw = session.get(Draw, draw_id)
    if draw is None:
        raise NotFound("draw-not-found", "没有这次抽取。")
    check(draw)
    shared = _Shared(
        draw, items_of(session, draw.item_codes), _teams(session, draw_id), rulebook.number(session, "count.visit.yearly_cap", clock.today()),
        audit.head(session)[1], frozenset(calendar.calendar(session).years), settings,
    )  # fmt: skip
    rows = session.execute(
        select(Visit, Enterprise, Selection.ticket)
        .join(Enterprise, Enterprise.id == Visit.enterprise_id)
        .join(Selection, (Selection.draw_id == Visit.draw_id) & (Selection.unit_code == Visit.unit_code))
        .where(Visit.draw_id == draw_id, Visit.id == only if only is not None else true())
        .where(Visit.id.in_(visible(actor, draw_id)) if actor is not None else true())
        .order_by(Visit.number)
        .execution_options(unscoped=only is not None, yield_per=AT_ONCE)
    )
    for visit, firm, ticket in rows:
        yield _notice(shared, visit, firm, ticket)


def check(draw: Draw) -> None:
    """Refuse a draw whose firms are not told beforehand."""
    if not draw.announced:
        raise Refused("not-announced", "该次抽查不预先通知企业，不生成通知书。")


def visible(actor: Actor, draw_id: int) -> Select[Any]:
    """Ids of the visits of a draw that the actor may see."""
    return assignments.listing(actor).where(Visit.draw_id == draw_id).with_only_columns(Visit.id)


def of_visit(session: Session, visit: Visit, settings: Settings) -> content.Notice:
    """The notice of one visit."""
    if visit.draw_id is None:
        raise Refused("no-draw", "这项检查任务不是抽取产生的，没有随机抽查通知书。")
    return next(each(session, visit.draw_id, settings, only=visit.id))


def items_of(session: Session, codes: Collection[str]) -> list[CheckItem]:
    """Items of the list in their newest version."""
    query = select(CheckItem).where(CheckItem.code.in_(codes)).order_by(CheckItem.code, CheckItem.version.desc())
    return [next(versions) for _, versions in groupby(session.scalars(query), key=lambda item: item.code)]


def _teams(session: Session, draw_id: int) -> dict[int, tuple[str, ...]]:
    rows = session.execute(
        select(VisitMember.visit_id, Inspector.name)
        .join(Inspector, Inspector.id == VisitMember.inspector_id)
        .join(Visit, Visit.id == VisitMember.visit_id)
        .where(Visit.draw_id == draw_id)
        .order_by(VisitMember.visit_id, VisitMember.seat)
        .execution_options(unscoped=True)
    )
    found: dict[int, list[str]] = {}
    for visit_id, name in rows:
        found.setdefault(visit_id, []).append(name)
    return {visit_id: tuple(names) for visit_id, names in found.items()}


@dataclass(frozen=True, slots=True)
class _Shared:
    """What every notice of a draw has in common."""

    draw: Draw
    items: list[CheckItem]
    people: dict[int, tuple[str, ...]]
    cap: int
    head: str
    announced_years: frozenset[int]
    settings: Settings


def _notice(shared: _Shared, visit: Visit, firm: Enterprise, ticket: str) -> content.Notice:
    draw, items, settings = shared.draw, shared.items, shared.settings
    return content.Notice(
        imprint=content.Imprint(
            authority=draw.authority, number=visit.number, issued_on=clock.today(),
            verify_url=f"{settings.public_url.rstrip('/')}/public/check?digest=", audit_head=shared.head, demo=settings.demo,
        ),
        addressee=firm.name,
        code=firm.code,
        address=firm.address,
        basis=tuple(dict.fromkeys(item.basis for item in items if item.basis)),
        task_number=draw.number,
        task_name=draw.title,
        task_source="双随机抽查",
        matters=tuple(content.Matter(item.name, item.content) for item in items),
        begins=_day(shared, visit.due_from),
        ends=_day(shared, visit.due_to),
        methods=tuple(dict.fromkeys(item.method for item in items if item.method)) or ("现场检查",),
        papers=PAPERS,
        duties=DUTIES,
        rights=RIGHTS,
        contact=content.Contact(draw.authority, person=settings.office_contact, phone=settings.office_phone),
        visits_this_year=firm.visits_towards_cap,
        visit_cap=firm.inspection_cap if firm.inspection_cap is not None else shared.cap,
        inspectors=shared.people.get(visit.id, ()),
        draw_number=draw.number,
        ticket=ticket,
    )


def _day(shared: _Shared, day: date | None) -> content.Day:
    on = day or clock.today()
    return content.Day(on, on.year not in shared.announced_years)

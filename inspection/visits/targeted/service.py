"""One firm to be visited without a draw: from which source, by whom, for which items; and whether it counts to the yearly cap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import Invalid, Refused, Said
from inspection.i18n import show_code
from inspection.intake import credit_code
from inspection.registers import service as registers
from inspection.registers.models import CheckItem, Enterprise, Inspector
from inspection.rulebook import service as rulebook
from inspection.rulebook.models import Code
from inspection.scope import covers
from inspection.visits import recording
from inspection.visits import rules as records
from inspection.visits.models import Visit, VisitItem, VisitMember

SOURCES = "visit.source"
UNCAPPED = "uncapped"  # parent of the sources that stand outside the yearly cap
LIVING = ("open", "stopped")


@dataclass(frozen=True, slots=True)
class Order:
    """交办: everything that opens a visit without a draw."""

    unit_code: str
    source: str
    basis: str
    items: tuple[str, ...]
    inspectors: tuple[str, ...]
    due_from: date
    due_to: date
    announced: bool = False


def sources(session: Session, on: date | None = None) -> list[Code]:
    """Where a visit without a draw may come from."""
    return rulebook.codes(session, SOURCES, on or clock.today())


def uncapped(session: Session, visit: Visit) -> bool:
    """Whether this visit stands outside the yearly cap."""
    return any(row.code == visit.source and row.parent == UNCAPPED for row in sources(session))


def source_of(session: Session, visit: Visit) -> str:
    """The source in the language of the page, "" for a drawn visit."""
    return next((show_code(row) for row in sources(session) if row.code == visit.source), visit.source)


def task_name(session: Session, visit: Visit) -> str:
    """What a paper calls the task of a visit without a draw: where it comes from, in Chinese as all papers are."""
    return next((row.label for row in sources(session) if row.code == visit.source), "")


def open_visit(session: Session, actor: Actor, order: Order, *, authority: str) -> Visit:
    """Open one visit without a draw, its team named by hand.

    Raises
    ------
    Invalid : by field, what is unknown or does not fit.  Refused : the firm has reached its yearly cap and the source counts to it.
    """
    firm = session.scalar(select(Enterprise).where(Enterprise.code.in_((order.unit_code, credit_code.normalise(order.unit_code)))))
    team = list(session.scalars(select(Inspector).where(Inspector.code.in_(order.inspectors)).order_by(Inspector.code).execution_options(unscoped=True)))
    known = {row.code: row for row in registers.check_items(session, clock.today())}
    chosen = next((row for row in sources(session) if row.code == order.source), None)
    wrong = _wrong(session, actor, order, firm, team, known, chosen)
    visit = _made(order, firm, team, known, authority) if firm is not None and not wrong else None
    if visit is None:
        raise Invalid("order-invalid", "任务没有下达，有 %(n)s 处需要改正。", fields=wrong, n=len(wrong))
    messages = [text for person in recording.standing(session, visit, team, order.due_from) for text in records.unfit(person, order.due_from)]
    if messages:
        raise Invalid("order-invalid", "任务没有下达，有 %(n)s 处需要改正。", fields={"inspectors": messages}, n=1)
    _within_cap(session, firm, chosen)
    visit.number = _number(session)
    session.add(visit)
    session.flush()
    audit.record(session, actor, "visit.create", "visit", visit.number, unit=visit.unit_code, source=order.source, basis=order.basis, team=list(order.inspectors))
    return visit


def _wrong(
    session: Session, actor: Actor, order: Order, firm: Enterprise | None, team: Sequence[Inspector], known: dict[str, CheckItem], chosen: Code | None
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if firm is None or not covers(actor, firm.region_code):
        found["unit_code"] = ["名录库中没有这个代码的检查对象，或它不在您的辖区"]
    elif firm.state not in LIVING or firm.merged_into_id is not None:
        found["unit_code"] = [Said("“%(name)s”已注销、迁出、吊销或并入他户，不能下达检查任务", name=firm.name)]
    if chosen is None:
        found["source"] = ["任务来源须从列表中选择"]
    if missing := [code for code in order.items if code not in known]:
        found["items"] = [Said("抽查事项清单中没有现行有效的 %(codes)s", codes="、".join(missing))]
    there, least = {row.code for row in team}, rulebook.number(session, "count.visit.inspectors", clock.today())
    if missing := [code for code in order.inspectors if code not in there]:
        found["inspectors"] = [Said("检查人员名录中没有 %(codes)s", codes="、".join(missing))]
    elif len(there) < least:
        found["inspectors"] = [Said("检查人员至少 %(n)s 人", n=least)]
    if order.due_to < max(order.due_from, clock.today()):
        found["due_to"] = ["截止日期不能早于开始日期，也不能早于今天"]
    return found


def _made(order: Order, firm: Enterprise, team: Sequence[Inspector], known: dict[str, CheckItem], authority: str) -> Visit:
    return Visit(
        number="", enterprise_id=firm.id, region_code=firm.region_code, unit_code=firm.code, announced=order.announced, due_from=order.due_from,
        due_to=order.due_to, source=order.source, basis=order.basis.strip(), authority=authority,
        members=[VisitMember(seat=seat, inspector_id=row.id) for seat, row in enumerate(team, 1)],
        items=[VisitItem(position=i, item_code=code, name=known[code].name) for i, code in enumerate(dict.fromkeys(order.items), 1)],
    )  # fmt: skip


def _within_cap(session: Session, firm: Enterprise | None, chosen: Code | None) -> None:
    if firm is None or chosen is None or chosen.parent == UNCAPPED:
        return
    cap = rulebook.number(session, "count.visit.yearly_cap", clock.today()) if firm.inspection_cap is None else firm.inspection_cap
    if firm.visits_towards_cap >= cap:
        raise Refused(
            "cap-reached", "“%(name)s”本年已检查 %(n)s 次，达到年度频次上限 %(cap)s 次，不能再下达。投诉举报、上级交办等不受上限限制的，请如实选择任务来源。",
            name=firm.name, n=firm.visits_towards_cap, cap=cap,
        )  # fmt: skip


def _number(session: Session) -> str:
    """The next number of the year; gaps never close, so that none is used twice."""
    head = f"{clock.today().year}-T"
    last: Any = session.scalar(select(func.max(Visit.number)).where(Visit.number.startswith(head)).execution_options(unscoped=True))
    return f"{head}{int(last.removeprefix(head)) + 1 if last else 1:05d}"

"""Verbs on inspectors 执法检查人员 and their conflicts of interest 回避."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inspection import audit
from inspection.actor import Actor
from inspection.errors import Invalid, Refused
from inspection.registers import found, rules
from inspection.registers.enterprises import enterprise
from inspection.registers.entries import InspectorEntry
from inspection.registers.models import CheckItem, ConflictOfInterest, Department, Enterprise, Inspector, Region

LABELS = {
    "name": "姓名", "department_code": "部门", "region_code": "行政区划", "station": "所", "certificate_number": "执法证号",
    "certificate_expires_on": "执法证有效期至", "areas": "检查区域", "skills": "可检查事项", "lead": "可任组长", "active": "在岗",
    "leave_from": "请假自", "leave_to": "请假至", "phone": "电话",
}  # fmt: skip


def inspectors(*, active_only: bool = False) -> Select[Any]:
    """Inspectors of the register as a query."""
    query = select(Inspector)
    return query.where(Inspector.active.is_(True)) if active_only else query


def inspector(session: Session, inspector_id: int) -> Inspector:
    """One inspector by number."""
    return found.one(session, Inspector, inspector_id, "检查人员")


def create_inspector(session: Session, actor: Actor, entry: InspectorEntry) -> Inspector:
    """Register an inspector under the id that the draw protocol will publish."""
    fault = rules.id_fault(entry.code, "人员编号")
    found.refuse_faults([*([("code", fault)] if fault else []), *_faults(session, entry)])
    found.in_reach(session, entry.region_code)
    there = session.scalar(select(Inspector.code).where(found.same_id(Inspector.code, entry.code)).execution_options(unscoped=True))
    if there is not None:
        raise Refused("inspector-exists", "人员编号 %(person)s 已在名录库中。请修改原有记录。", person=there)
    row = Inspector(code=entry.code, **_columns(entry))
    session.add(row)
    session.flush()
    audit.record(session, actor, "registers.inspector.create", "inspector", row.code, after=row)
    return row


def update_inspector(session: Session, actor: Actor, inspector_id: int, *, version: int, entry: InspectorEntry) -> Inspector:
    """Change an inspector read at `version`; the id stays."""
    row = inspector(session, inspector_id)
    found.same_version(row, version, _columns(entry), LABELS)
    if entry.code != row.code:
        raise Invalid("code-fixed", "人员编号登记后不能修改，它已写入抽取记录。", fields={"code": ["不能修改"]})
    found.refuse_faults(_faults(session, entry))
    found.in_reach(session, entry.region_code)
    before = audit.state_of(row)
    for name, value in _columns(entry).items():
        setattr(row, name, value)
    session.flush()
    audit.record(session, actor, "registers.inspector.update", "inspector", row.code, before=before, after=row)
    return row


def add_conflict(
    session: Session,
    actor: Actor,
    *,
    inspector_id: int,
    enterprise_id: int,
    reason: str,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> ConflictOfInterest:
    """A person who must not visit an object; entered again, reason and period are replaced."""
    person, firm = inspector(session, inspector_id), enterprise(session, enterprise_id)
    fault = rules.period_fault(valid_from, valid_to)
    found.refuse_faults([*([] if reason.strip() else [("reason", "必填")]), *([("valid_to", fault)] if fault else [])])
    row = session.scalar(
        select(ConflictOfInterest).where(
            ConflictOfInterest.inspector_id == person.id, ConflictOfInterest.enterprise_id == firm.id
        )
    )
    before = audit.state_of(row) if row else None
    if row is None:
        row = ConflictOfInterest(inspector_id=person.id, enterprise_id=firm.id)
        session.add(row)
    row.reason, row.valid_from, row.valid_to = reason.strip(), valid_from, valid_to
    session.flush()
    audit.record(session, actor, "registers.conflict.add", "inspector", person.code, before=before, after=row, firm=firm.code)
    return row


def conflicts(session: Session, person: Inspector) -> list[tuple[ConflictOfInterest, str, str]]:
    """回避 of an inspector: the row, code and name of the object."""
    rows = session.execute(
        select(ConflictOfInterest, Enterprise.code, Enterprise.name)
        .join(Enterprise, Enterprise.id == ConflictOfInterest.enterprise_id)
        .where(ConflictOfInterest.inspector_id == person.id)
        .order_by(Enterprise.code)
    )
    return [(row, code, name) for row, code, name in rows]


def entry_of(row: Inspector) -> InspectorEntry:
    """The row as it was typed, to show in a form."""
    values: dict[str, Any] = {name: getattr(row, name) for name in LABELS}
    values |= {"areas": tuple(row.areas), "skills": tuple(row.skills)}
    return InspectorEntry(code=row.code, **values)


def known_skills(session: Session) -> set[str]:
    """Codes that an inspector may hold: items of the list, and the qualifications that items ask for."""
    known: set[str] = set()
    for code, skills in session.execute(select(CheckItem.code, CheckItem.skills)):
        known |= {code, *skills}
    return known


def _columns(entry: InspectorEntry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in LABELS}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _faults(session: Session, entry: InspectorEntry) -> Iterable[rules.Fault]:
    if not entry.name.strip():
        yield "name", "必填"
    if session.get(Department, entry.department_code) is None:
        yield "department_code", f"部门 {entry.department_code} 未登记"
    for name, codes in (("region_code", (entry.region_code,)), ("areas", entry.areas)):
        for code in codes:
            if session.get(Region, code) is None:
                yield name, f"行政区划 {code} 未登记"
    unknown = sorted(set(entry.skills) - known_skills(session)) if entry.skills else []
    if unknown:
        yield "skills", f"抽查事项清单中没有 {'、'.join(unknown)}"
    if fault := rules.period_fault(entry.leave_from, entry.leave_to):
        yield "leave_to", fault

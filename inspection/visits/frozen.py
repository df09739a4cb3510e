"""The record as plain data: for digests, for the trail, for the version that is kept, and for what a colleague changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import rfc8785
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import Conflict
from inspection.registers.models import Inspector
from inspection.visits import rules, words
from inspection.visits.arrival import service as arrivals
from inspection.visits.models import Problem, Visit, VisitItem, VisitRecord
from inspection.visits.unreached import service as unreached

# fields of the record in the order of the paper
LABELS = {
    "outcome": "检查结局",
    "outcome_note": "结局说明",
    "visited_on": "检查日期",
    "started_at": "开始时间",
    "ended_at": "结束时间",
    "place": "检查地点",
    "methods": "检查方式",
    "recusal_asked": "已告知并询问回避",
    "recusal_answer": "对回避的回答",
    "summary": "主要检查情况",
    "results": "检查结果类别",
    "follow_up": "后续处置",
    "rectify_by": "改正期限",
    "opinion": "当事人意见",
    "refused_signature": "拒绝签字",
    "refusal_note": "拒签情况",
    "witness": "见证人",
}
PLAIN = tuple(name for name in LABELS if name not in ("results", "methods"))


def content(visit: Visit) -> dict[str, Any]:
    """Everything the record says."""
    return {
        "number": visit.number,
        "unit_code": visit.unit_code,
        "state": visit.state,
        **{name: getattr(visit, name) for name in PLAIN},
        "methods": list(visit.methods),
        "results": [{"code": row.code, "version": row.code_version} for row in visit.results],
        "members": [member.inspector_id for member in visit.members],
        "items": [
            {
                "position": item.position, "code": item.item_code, "name": item.name, "found": item.found, "problem": item.problem,
                "measure": item.measure, "not_checked_reason": item.not_checked_reason,
            }
            for item in visit.items
        ],
    }  # fmt: skip


def signed_digest(visit: Visit) -> str:
    """SHA-256 of what both sides sign: everything the record says, but not where it stands in its course."""
    return audit.digest({name: value for name, value in content(visit).items() if name != "state"})


def team(session: Session, visit: Visit) -> list[Inspector]:
    """The inspectors of a visit in the order of their seats."""
    seats = {member.inspector_id: member.seat for member in visit.members}
    rows = session.scalars(select(Inspector).where(Inspector.id.in_(seats)).execution_options(unscoped=True))
    return sorted(rows, key=lambda row: seats[row.id])


def freeze(session: Session, actor: Actor, visit: Visit, reason: str, beside: Mapping[str, Any]) -> VisitRecord:
    """Keep the record as it was approved, with the certificates it rests on, its words, and what is `beside` it, as the next version."""
    session.flush()
    kept = {
        **content(visit),
        **beside,
        "team": [
            {"code": row.code, "name": row.name, "certificate": row.certificate_number, "expires_on": row.certificate_expires_on}
            for row in team(session, visit)
        ],
        "arrivals": arrivals.plain(session, visit.id),
        "contacts": unreached.plain(session, visit.id),
        "words": {"outcome": words.outcome(session, visit), "results": words.results(session, visit), "follow_up": words.follow_up(session, visit)},
    }
    text = rfc8785.dumps(audit.plain(kept)).decode()
    last = session.scalar(select(func.max(VisitRecord.version)).where(VisitRecord.visit_id == visit.id)) or 0
    made = VisitRecord(
        visit_id=visit.id, version=last + 1, content=text, digest=hashlib.sha256(text.encode()).hexdigest(), reason=reason,
        approved_by=actor.id, approved_by_name=actor.name, approved_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def versions(session: Session, visit_id: int) -> list[VisitRecord]:
    """The approved versions of a record, oldest first."""
    return list(session.scalars(select(VisitRecord).where(VisitRecord.visit_id == visit_id).order_by(VisitRecord.version)))


# --- what somebody else changed ---------------------------------------------------------------------------------------


def same_version(visit: Visit, version: int, entry: rules.VisitEntry | None = None) -> None:
    """Refuse to go on from another version than the present one, telling field by field what differs now.

    Raises
    ------
    Conflict : with (label, yours, theirs) of what was typed.
    """
    if visit.version_id != version:
        raise Conflict(
            "changed-meanwhile", "这条记录已被他人修改（您看到的是第 %(yours)s 版，现为第 %(now)s 版）。请核对下列差异，刷新后重新填写。",
            changes=differences(visit, entry) if entry else (), yours=version, now=visit.version_id,
        )  # fmt: skip


def same_row(row: Problem, version: int) -> None:
    """The same for a problem, which is closed in one step."""
    if row.version_id != version:
        raise Conflict("changed-meanwhile", "这条问题已被他人办理。请刷新后核对。")


def differences(visit: Visit, entry: rules.VisitEntry) -> list[tuple[str, str, str]]:
    """(label, as typed, as it stands now) of every field and item that differs."""
    now: dict[str, object] = {name: getattr(visit, name) for name in LABELS if name != "results"}
    now["results"] = [row.code for row in visit.results]
    yours = {name: getattr(entry, name) for name in LABELS}
    yours["results"] = sorted(entry.results)
    found = [(label, _shown(yours[name]), _shown(now[name])) for name, label in LABELS.items()]
    typed = {item.position: item for item in entry.items}
    found += [(f"第 {i.position} 项 {i.name}", _said(typed[i.position]), _said(i)) for i in visit.items if i.position in typed]
    return [row for row in found if row[1] != row[2]]


def _said(item: VisitItem | rules.ItemEntry) -> str:
    said = rules.FOUND.get(item.found or "", "未填")
    return " · ".join(part for part in (said, item.problem, item.measure, item.not_checked_reason) if part)


def _shown(value: object) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "是"
        case datetime():
            return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case str():
            return value
        case Sequence():
            return "、".join(str(part) for part in value)
        case _:
            return str(value)

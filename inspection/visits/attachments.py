"""附件: photos, the scanned paper record and pieces of evidence of a visit: added, taken back with a reason, never changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.auth.roles import Permission as P
from inspection.draws.models import Draw
from inspection.errors import Forbidden, Invalid, NotFound, Refused, Said
from inspection.visits import assignments, rules
from inspection.visits.evidence import Attachment, AttachmentContent, AttachmentFacts, AttachmentVoid
from inspection.visits.models import Problem, Refusal, Transfer, Visit
from inspection.visits.pictures import PDF, SUFFIX, Found

KINDS = {"photo": "现场照片", "paper": "纸质记录扫描件", "evidence": "证据材料"}
_NAMED = re.compile(r"附件\s*(\d{1,4})")


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was sent and what was found in it."""

    found: Found
    original_digest: str
    filename: str
    kind: str
    item: int | None = None
    caption: str = ""


def attach(session: Session, actor: Actor, visit_id: int, sent: Sent, *, most: int) -> Attachment:
    """Keep a file with a visit; the same file again is the attachment that is already there.

    Raises
    ------
    Forbidden : not of the team.  Refused : the record is closed, too many files.  Invalid : kind and bytes do not fit, unknown item.
    """
    visit = assignments.get(session, actor, visit_id)
    _may_add(session, actor, visit, sent.kind)
    _fits(visit, sent)
    there = of_visit(session, visit.id)
    for row in there:
        if row.original_digest == sent.original_digest and row.void is None:
            audit.record(session, actor, "visit.attach_again", "visit", visit.number, no=row.no, digest=row.digest)
            return row
    if len(there) >= most:
        raise Refused("attachments-full", "这项任务已有 %(n)s 个附件，达到上限。请只留有用的照片，或请系统管理员调整 visit_attachments_max。", n=len(there))
    return _kept(session, actor, visit, sent, len(there) + 1)


def _kept(session: Session, actor: Actor, visit: Visit, sent: Sent, no: int) -> Attachment:
    found, facts = sent.found, sent.found.facts
    row = Attachment(
        visit_id=visit.id, no=no, kind=sent.kind, item=sent.item, caption=sent.caption, filename=sent.filename[-200:], content_type=found.content_type,
        size=len(found.content), digest=hashlib.sha256(found.content).hexdigest(), original_digest=sent.original_digest, added_by=actor.id,
        added_by_name=actor.name, added_at=clock.now(), void=None,
        facts=AttachmentFacts(taken_at=facts.taken_at, latitude=facts.latitude, longitude=facts.longitude, device=facts.device) if facts else None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add(AttachmentContent(attachment_id=row.id, content=found.content))
    audit.record(
        session, actor, "visit.attach", "visit", visit.number, no=no, kind=sent.kind, type=found.content_type, digest=row.digest, original=row.original_digest
    )
    return row


def take_back(session: Session, actor: Actor, visit_id: int, no: int, *, reason: str) -> Attachment:
    """作废 an attachment: it stays, with the reason beside it.

    Raises
    ------
    NotFound : no such attachment.  Forbidden, Refused : as for adding; already taken back.
    """
    visit = assignments.get(session, actor, visit_id)
    row = one(session, visit, no)
    _may_add(session, actor, visit, row.kind)
    if row.void is not None:
        raise Refused("attachment-void", "附件 %(no)s 已经作废。", no=no)
    row.void = AttachmentVoid(reason=reason, voided_by=actor.id, voided_by_name=actor.name, voided_at=clock.now())
    session.flush()
    audit.record(session, actor, "visit.void_attachment", "visit", visit.number, no=no, digest=row.digest, reason=reason)
    return row


# --- who and what -----------------------------------------------------------------------------------------------------


def may_add(session: Session, actor: Actor, visit: Visit) -> Sequence[str]:
    """The kinds of attachment this person may add now."""
    if assignments.is_member(actor, visit):
        stopped = visit.state not in rules.OPEN or actor.lab_id is not None or not actor.can(P.VISIT_RECORD)
        return () if stopped or _draw_void(session, visit) else tuple(KINDS)
    waits = visit.state in assignments.FORMED and (actor.can(P.VISIT_REVIEW) or actor.can(P.CASE_HANDLE))
    return ("evidence",) if waits and _pursued(session, visit) else ()


def _pursued(session: Session, visit: Visit) -> bool:
    """Whether a refusal, a transfer or a problem of this visit waits to be dealt with, and so for evidence."""
    rows = [session.get(Refusal, visit.id), session.get(Transfer, visit.id)]
    problem = select(Problem.id).where(Problem.visit_id == visit.id, Problem.state == "open").limit(1)
    return any(row is not None and row.state == "open" for row in rows) or session.scalar(problem) is not None


def _may_add(session: Session, actor: Actor, visit: Visit, kind: str) -> None:
    if kind in may_add(session, actor, visit):
        return
    if not assignments.is_member(actor, visit):
        raise Forbidden("not-in-team", "您不是该任务的检查人员；其他人员只能在办理后续处理期间添加证据材料。")
    raise Refused("visit-closed", "该记录已提交、已审核或已停止，不能再增减附件。需要更正请走退回或更正程序。")


def _draw_void(session: Session, visit: Visit) -> bool:
    draw = session.get(Draw, visit.draw_id, execution_options={"unscoped": True}) if visit.draw_id else None
    return draw is not None and draw.state == "void"


def _fits(visit: Visit, sent: Sent) -> None:
    if sent.kind == "photo" and sent.found.content_type == PDF:
        raise Invalid("photo-kind", "现场照片应为 JPEG 或 PNG；PDF 请选“纸质记录扫描件”或“证据材料”。", fields={"kind": ["现场照片应为 JPEG 或 PNG"]})
    if sent.item is not None and sent.item not in {item.position for item in visit.items}:
        raise Invalid("unknown-item", "任务中没有第 %(n)s 项检查事项。", fields={"item": [Said("没有第 %(n)s 项检查事项", n=sent.item)]}, n=sent.item)


def sees_facts(actor: Actor, visit: Visit) -> bool:
    """Whether this person may know when and where a photo was taken: the team, who reviews, who audits."""
    return assignments.is_member(actor, visit) or actor.can(P.VISIT_REVIEW) or actor.can(P.AUDIT_READ)


# --- asking -----------------------------------------------------------------------------------------------------------


def of_visit(session: Session, visit_id: int) -> list[Attachment]:
    """Every attachment in the order of the numbers, those taken back too."""
    return list(session.scalars(select(Attachment).where(Attachment.visit_id == visit_id).order_by(Attachment.no)))


def live(session: Session, visit_id: int) -> list[Attachment]:
    """The attachments that stand."""
    return [row for row in of_visit(session, visit_id) if row.void is None]


def one(session: Session, visit: Visit, no: int) -> Attachment:
    """An attachment by its number, or NotFound."""
    row = session.scalar(select(Attachment).where(Attachment.visit_id == visit.id, Attachment.no == no))
    if row is None:
        raise NotFound("attachment-not-found", "这项任务没有附件 %(no)s。", no=no)
    return row


def content(session: Session, row: Attachment) -> bytes:
    """The bytes that are kept."""
    return session.scalars(select(AttachmentContent.content).where(AttachmentContent.attachment_id == row.id)).one()


def file_name(visit: Visit, row: Attachment) -> str:
    """A name of our own for the download; the name it came with is only shown."""
    return f"{visit.number}-附件{row.no}.{SUFFIX[row.content_type]}"


def check_named(session: Session, visit: Visit, text: str, field: str = "evidence") -> list[str]:
    """The digests of the attachments a text speaks of (“附件 2”).

    Raises
    ------
    Invalid : it speaks of one that is not there or was taken back.
    """
    there = {row.no: row.digest for row in live(session, visit.id)}
    named = [int(number) for number in _NAMED.findall(text)]
    if missing := [str(no) for no in named if no not in there]:
        message = Said("文中提到的附件 %(no)s 不存在或已作废，请先上传或改正编号", no="、".join(missing))
        raise Invalid("attachment-not-found", "这项任务没有附件 %(no)s。", fields={field: [message]}, no="、".join(missing))
    return [there[no] for no in dict.fromkeys(named)]

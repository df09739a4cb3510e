"""签字: both sides sign the content of the record; who signed another content must sign again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.errors import Forbidden, Invalid, Refused
from inspection.visits import assignments, attachments, frozen, rules, strokes
from inspection.visits.evidence import Signature
from inspection.visits.models import Visit

FIRM = "firm"


@dataclass(frozen=True, slots=True)
class Signed:
    """签字 as it was given: drawn, or typed with the reason why."""

    signer: str
    name: str = ""
    role: str = ""
    strokes: tuple[Sequence[int], ...] = ()
    not_drawn: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who has to sign, what he signed last, and whether that is the record as it stands."""

    signer: str
    name: str
    signature: Signature | None
    holds: bool


def sign(session: Session, actor: Actor, visit_id: int, given: Signed, *, version: int) -> Signature:
    """Keep a signature for the record as it stands at that version.

    Raises
    ------
    Forbidden : not of the team.  Refused : closed, or nothing recorded yet.  Conflict : the record changed meanwhile.
    Invalid : unknown signer, neither drawn nor typed with a reason.
    """
    visit = assignments.get(session, actor, visit_id)
    if not assignments.is_member(actor, visit):
        raise Forbidden("not-in-team", "您不是该任务抽中的检查人员，不能办理签字。")
    if not attachments.may_add(session, actor, visit):
        raise Refused("visit-closed", "该记录已提交或已审核，不能再改。需要更正请走退回或更正程序。")
    if visit.state == "pending":
        raise Refused("nothing-to-sign", "记录还没有保存，没有可签的内容。请先保存草稿，双方看过后再签字。")
    frozen.same_version(visit, version)
    names = {person.code: person.name for person in frozen.team(session, visit)}
    _check(given, names)
    row = Signature(
        visit_id=visit.id, signer=given.signer, name=names.get(given.signer, given.name), role=given.role if given.signer == FIRM else "",
        strokes=[list(line) for line in given.strokes], not_drawn=given.not_drawn, record_digest=frozen.signed_digest(visit), taken_by=actor.id,
        taken_by_name=actor.name, signed_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, actor, "visit.sign", "visit", visit.number, signer=given.signer, drawn=bool(given.strokes), record=row.record_digest)
    return row


def _check(given: Signed, names: dict[str, str]) -> None:
    wrong: dict[str, list[str]] = {}
    if given.signer != FIRM and given.signer not in names:
        wrong["signer"] = ["签字人应为本组检查人员或被检查单位，请从列表中选择"]
    if given.signer == FIRM:
        wrong |= {name: [message] for name, message in (("name", "请填写被检查单位签字人的姓名"), ("role", "请填写签字人的职务或与单位的关系")) if not getattr(given, name)}
    if not given.strokes and not given.not_drawn:
        wrong["strokes"] = ["请在签字框内手写签字；确实不能手写的，写明原因"]
    if given.strokes and (fault := strokes.fault_of(given.strokes)):
        wrong["strokes"] = [fault]
    if wrong:
        raise Invalid("signature-incomplete", "签字没有保存，有 %(n)s 处需要改正。", fields=wrong, n=len(wrong))


# --- asking -----------------------------------------------------------------------------------------------------------


def newest(session: Session, visit_id: int) -> dict[str, Signature]:
    """The last signature of every signer."""
    rows = session.scalars(select(Signature).where(Signature.visit_id == visit_id).order_by(Signature.id))
    return {row.signer: row for row in rows}


def standing(session: Session, visit: Visit) -> list[Standing]:
    """The inspectors by seat, then the firm: what each signed last, and whether it holds."""
    kept, digest = newest(session, visit.id), frozen.signed_digest(visit)
    people = [(person.code, person.name) for person in frozen.team(session, visit)]
    return [
        Standing(signer, name, row := kept.get(signer), row is not None and row.record_digest == digest)
        for signer, name in [*people, (FIRM, kept[FIRM].name if FIRM in kept else "")]
    ]


def lacking(session: Session, visit: Visit) -> list[str]:
    """What is missing before the record may be submitted; the scanned paper record stands for all signatures."""
    if any(row.kind == "paper" for row in attachments.live(session, visit.id)):
        return []
    firm_signs = visit.outcome == rules.DONE and not visit.refused_signature
    found = []
    for row in standing(session, visit):
        who = "被检查单位" if row.signer == FIRM else f"检查人员{row.name}"
        if row.holds or (row.signer == FIRM and not firm_signs):
            continue
        if row.signature is not None:
            found.append(f"{who}签字后记录已改动，须重签")
        elif row.signer == FIRM:
            found.append("被检查单位尚未签字；拒绝签字的，请勾选“被检查人拒绝签字”并写明见证人；走纸面的，请上传纸质记录扫描件")
        else:
            found.append(f"{who}尚未签字")
    return found


def beside(session: Session, visit: Visit) -> dict[str, Any]:
    """What is kept with the approved record: the attachments that stand and the signatures, by digest."""
    files = [{"no": row.no, "kind": row.kind, "item": row.item, "digest": row.digest, "original": row.original_digest} for row in attachments.live(session, visit.id)]
    signed = [
        {"signer": row.signer, "name": row.name, "role": row.role, "at": row.signed_at, "record": row.record_digest, "drawn": bool(row.strokes),
         "digest": audit.digest(row.strokes), "not_drawn": row.not_drawn}
        for row in newest(session, visit.id).values()
    ]  # fmt: skip
    return {"attachments": files, "signatures": signed}

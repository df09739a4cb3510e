"""The papers of a visit: 检查记录表, prefilled before the visit, filled from the record afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.draws.models import Draw
from inspection.registers.models import CheckItem, Enterprise
from inspection.settings import Settings
from inspection.visits import frozen, notices, rules, signatures, words
from inspection.visits.models import Visit, VisitItem
from inspection.visits.targeted import service as targeted
from inspection.visits.unreached import service as unreached
from reports import content, notice, record_sheet

BLANK_STATES = ("pending",)


def sheet(session: Session, visit: Visit, settings: Settings) -> bytes:
    """检查记录表 as PDF: blanks to fill in by hand while nothing was recorded, else what was recorded."""
    return record_sheet.render(sheet_content(session, visit, settings))


def sheet_content(session: Session, visit: Visit, settings: Settings) -> content.RecordSheet:
    """What stands on the 检查记录表."""
    firm = session.get(Enterprise, visit.enterprise_id, execution_options={"unscoped": True})
    assert firm is not None
    draw = session.get(Draw, visit.draw_id, execution_options={"unscoped": True}) if visit.draw_id else None
    details = {item.code: item for item in notices.items_of(session, [item.item_code for item in visit.items])}
    return content.RecordSheet(
        imprint=content.Imprint(
            authority=draw.authority if draw else visit.authority or settings.office_name, number=visit.number, issued_on=visit.visited_on or clock.today(),
            verify_url=f"{settings.public_url.rstrip('/')}/public/check?digest=", audit_head=audit.head(session)[1], demo=settings.demo,
        ),
        task_number=draw.number if draw else visit.number,
        task_name=draw.title if draw else targeted.task_name(session, visit),
        unit=content.SampledUnit(
            name=firm.name, code=firm.code, address=firm.address, legal_person=firm.legal_person, person=firm.contact, phone=firm.phone
        ),
        inspectors=tuple(content.Matter(person.name, person.certificate_number) for person in frozen.team(session, visit)),
        items=tuple(_item(item, details.get(item.item_code), blank=visit.state in BLANK_STATES) for item in visit.items),
        place=visit.place,
        begun=_moment(visit.started_at),
        ended=_moment(visit.ended_at),
        recusal=_recusal(visit),
        methods=tuple(visit.methods),
        outcome=words.outcome(session, visit),
        summary="\n".join([visit.summary, *_contacts(session, visit)]),
        result=tuple(words.results(session, visit)),
        follow_up=words.follow_up(session, visit),
        rectify_by=visit.rectify_by,
        opinion=visit.opinion,
        refusal=(visit.refusal_note or "被检查单位拒绝签名") if visit.refused_signature else "",
        witness=visit.witness,
        drawn=draw is not None,
        **_signed(session, visit),
    )  # fmt: skip


def _signed(session: Session, visit: Visit) -> dict[str, Any]:
    """The signatures that hold for the record as it stands, empty boxes for the others; one given for another content is never printed."""
    rows = signatures.standing(session, visit)
    if not any(row.holds for row in rows):
        return {}
    return {"signatures": tuple(_box(row) for row in rows), "signed_digest": frozen.signed_digest(visit)}


def _box(row: signatures.Standing) -> content.ScreenSignature:
    label, given = "被检查单位" if row.signer == signatures.FIRM else "检查人员", row.signature
    if given is None or not row.holds:
        return content.ScreenSignature(label, "" if row.signer == signatures.FIRM else row.name, "")
    name = " ".join(part for part in (given.name, given.role) if part)
    return content.ScreenSignature(label, name, _moment(given.signed_at), tuple(tuple(line) for line in given.strokes), given.not_drawn)


def _item(item: VisitItem, known: CheckItem | None, *, blank: bool) -> content.CheckItem:
    matter = content.CheckItem(item.name, known.content if known else "")
    if blank:
        return matter
    if item.found is None:
        return content.CheckItem(item.name, matter.item, "否：" + (item.not_checked_reason or "未填"), "／", "／")
    found = rules.FOUND[item.found]
    return content.CheckItem(item.name, matter.item, "是" if item.found != "not_applicable" else found, item.problem or "无", item.measure or "无")


def _contacts(session: Session, visit: Visit) -> list[str]:
    """联系经过, a line each."""
    return [f"联系经过：{row['tried_on']} {row['how']}，{row['evidence']}（{row['by_name']}）" for row in unreached.plain(session, visit.id)]


def _recusal(visit: Visit) -> str:
    if not visit.recusal_asked:
        return ""
    return visit.recusal_answer or "未作回答"


def _moment(value: datetime | None) -> str:
    return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else ""


def notice_of(session: Session, visit: Visit, settings: Settings) -> bytes:
    """随机抽查通知书 of one announced visit as PDF."""
    return notice.render(notices.of_visit(session, visit, settings))

"""Verbs on objects of inspection 检查对象."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from inspection import audit, clock, history
from inspection.actor import Actor
from inspection.errors import Invalid, Refused
from inspection.registers import entries, found, rules
from inspection.registers.entries import EnterpriseEntry, LicenceEntry
from inspection.registers.models import ConflictOfInterest, Enterprise, EnterpriseTag, Licence, Region

LABELS = {
    "name": "名称", "region_code": "行政区划", "kind": "对象类型", "address": "地址", "station": "监管所", "state": "状态",
    "credit_class": "信用等级", "food_risk_grade": "食品风险等级", "industry": "行业", "link": "环节", "contact": "联系人",
    "phone": "电话", "legal_person": "法定代表人", "latitude": "纬度", "longitude": "经度", "inspection_cap": "年度检查上限",
}  # fmt: skip


def enterprises(*, state: str = "", credit_class: str = "", tag: str = "", merged: bool = False) -> Select[Any]:
    """Objects of the register as a query: duplicates that were merged away only when asked for."""
    query = select(Enterprise)
    if not merged:
        query = query.where(Enterprise.merged_into_id.is_(None))
    if state:
        query = query.where(Enterprise.state == state)
    if credit_class:
        query = query.where(Enterprise.credit_class.is_(None) if credit_class == "-" else Enterprise.credit_class == credit_class)
    if tag:
        query = query.where(Enterprise.tags.any(EnterpriseTag.tag == tag))
    return query


def enterprise(session: Session, enterprise_id: int) -> Enterprise:
    """One object by its number."""
    return found.one(session, Enterprise, enterprise_id, "检查对象")


def enterprise_by_code(session: Session, text: str) -> Enterprise | None:
    """One object by its code in any spelling (full-width, spaced, lower case), or None."""
    wanted = {text, rules.enterprise_code(text, internal=False)[0]}
    return session.scalars(select(Enterprise).where(Enterprise.code.in_(wanted))).first()


def create_enterprise(session: Session, actor: Actor, entry: EnterpriseEntry) -> Enterprise:
    """Register an object.

    Raises
    ------
    Invalid : what is wrong, by field.  Refused : `enterprise-exists`, the code is registered already (perhaps elsewhere).
    """
    code, fault = rules.enterprise_code(entry.code, internal=entry.internal)
    faults = [("code", fault)] if fault else []
    found.refuse_faults([*faults, *_faults(session, entry)])
    found.in_reach(session, entry.region_code)
    same = found.same_id(Enterprise.code, code) if entry.internal else Enterprise.code == code
    there = session.scalar(select(Enterprise.code).where(same).execution_options(unscoped=True))
    if there is not None:
        raise Refused("enterprise-exists", "%(firm)s 已在名录库中（可能登记在别处）。请查找后修改，不要重复登记。", firm=there)
    now = clock.now()
    row = Enterprise(
        code=code, code_kind="internal" if entry.internal else "uscc", created_at=now, updated_at=now, **_columns(entry)
    )
    session.add(row)
    session.flush()
    _set_tags(row, entry.tags)
    _set_licences(session, row, entry.licences)
    session.flush()
    audit.record(session, actor, "registers.enterprise.create", "enterprise", code, after=content(row))
    return row


def update_enterprise(session: Session, actor: Actor, enterprise_id: int, *, version: int, entry: EnterpriseEntry) -> Enterprise:
    """Change an object read at `version`; its code stays.

    Raises
    ------
    Conflict : somebody else changed it meanwhile.  Refused : it was merged away.
    """
    row = enterprise(session, enterprise_id)
    found.same_version(row, version, _columns(entry), LABELS)
    _not_merged(row)
    if rules.enterprise_code(entry.code, internal=entry.internal)[0] != row.code:
        raise Invalid("code-fixed", "代码登记后不能修改。代码有误时请另行登记，再合并重复的对象。", fields={"code": ["不能修改"]})
    found.refuse_faults(_faults(session, entry))
    found.in_reach(session, entry.region_code)
    before = content(row)
    for name, value in _columns(entry).items():
        setattr(row, name, value)
    _set_tags(row, entry.tags)
    _set_licences(session, row, entry.licences)
    row.updated_at = clock.now()
    session.flush()
    audit.record(session, actor, "registers.enterprise.update", "enterprise", row.code, before=before, after=content(row))
    return row


def set_state(session: Session, actor: Actor, enterprise_id: int, *, version: int, state: str, reason: str = "") -> Enterprise:
    """开业, 停业, 注销, 迁出 or 吊销, with the reason in the trail."""
    row = enterprise(session, enterprise_id)
    found.same_version(row, version, {"state": state}, LABELS)
    _not_merged(row)
    if state not in entries.STATES:
        raise Invalid("bad-state", "没有这种状态。请从列表中选择。", fields={"state": ["不在可选值中"]})
    before = row.state
    row.state, row.updated_at = state, clock.now()
    session.flush()
    audit.record(
        session, actor, "registers.enterprise.state", "enterprise", row.code, before=before, after=state, reason=reason
    )
    return row


def merge_enterprises(session: Session, actor: Actor, *, kept_id: int, merged_id: int, reason: str) -> Enterprise:
    """Two rows are one firm: tags, licences and conflicts go to the kept row, the other points to it and is never drawn again.

    The merged row stays, so that papers which name its code can still be read.
    """
    kept, merged = enterprise(session, kept_id), enterprise(session, merged_id)
    if not reason.strip():
        raise Invalid("reason-missing", "合并须写明理由。", fields={"reason": ["必填"]})
    if kept.id == merged.id:
        raise Invalid("merge-itself", "不能把对象并入自己。", fields={"merged_id": ["请选择另一个对象"]})
    _not_merged(kept)
    _not_merged(merged)
    before = [content(kept), content(merged)]
    _move(session, kept, merged)
    merged.merged_into_id = kept.id
    _follow(session, kept, merged)
    kept.updated_at = merged.updated_at = clock.now()
    session.flush()
    audit.record(
        session, actor, "registers.enterprise.merge", "enterprise", kept.code,
        before=before, after=[content(kept), content(merged)], merged=merged.code, reason=reason.strip(),
    )  # fmt: skip
    return kept


def _move(session: Session, kept: Enterprise, merged: Enterprise) -> None:
    licences = [_licence_entry(row) for row in (*kept.licences, *merged.licences)]
    _set_tags(kept, tuple(sorted({row.tag for row in (*kept.tags, *merged.tags)})))
    merged.tags.clear()
    merged.licences.clear()
    session.flush()
    _set_licences(session, kept, tuple(licences))
    there = set(session.scalars(select(ConflictOfInterest.inspector_id).where(ConflictOfInterest.enterprise_id == kept.id)))
    for conflict in session.scalars(select(ConflictOfInterest).where(ConflictOfInterest.enterprise_id == merged.id)):
        if conflict.inspector_id not in there:
            conflict.enterprise_id = kept.id


def _follow(session: Session, kept: Enterprise, merged: Enterprise) -> None:
    """What was merged into the merged row before points to the kept row as well, so that no past is lost."""
    query = select(Enterprise).where(Enterprise.merged_into_id == merged.id).execution_options(unscoped=True)
    for earlier in session.scalars(query):
        earlier.merged_into_id = kept.id


def past(session: Session, row: Enterprise) -> list[history.Fact]:
    """往绩 of an object and of the duplicates merged into it, newest first."""
    codes = [row.code, *session.scalars(select(Enterprise.code).where(Enterprise.merged_into_id == row.id))]
    facts = [fact for code in codes for fact in history.of(session, code)]
    return sorted(facts, key=lambda fact: (fact.on, fact.id), reverse=True)


def content(row: Enterprise) -> dict[str, Any]:
    """The object with its tags and licences as plain values, for digests and answers."""
    state = audit.state_of(row)
    state["tags"] = sorted(tag.tag for tag in row.tags)
    state["licences"] = [asdict(_licence_entry(licence)) for licence in sorted(row.licences, key=lambda x: (x.kind, x.number))]
    return state


def entry_of(row: Enterprise) -> EnterpriseEntry:
    """The row as it was typed, to show in a form."""
    values = {name: getattr(row, name) for name in LABELS}
    return EnterpriseEntry(
        code=row.code,
        internal=row.code_kind == "internal",
        tags=tuple(tag.tag for tag in row.tags),
        licences=tuple(_licence_entry(licence) for licence in row.licences),
        **values,
    )


def _licence_entry(row: Licence) -> LicenceEntry:
    return LicenceEntry(row.kind, row.number, row.issued_on, row.expires_on, row.issuer)


def _columns(entry: EnterpriseEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in LABELS}


def _not_merged(row: Enterprise) -> None:
    if row.merged_into_id is not None:
        raise Refused("enterprise-merged", "%(firm)s 已并入另一个对象，不能再改。请修改合并后的对象。", firm=row.code)


def _faults(session: Session, entry: EnterpriseEntry) -> list[rules.Fault]:
    faults: list[rules.Fault] = []
    if not entry.name.strip():
        faults.append(("name", "必填"))
    place = session.get(Region, entry.region_code)
    if place is None:
        faults.append(("region_code", f"行政区划 {entry.region_code} 未登记"))
    elif place.level == "province":
        faults.append(("region_code", "应填到县（区）或乡镇（街道）"))
    for name, choices in (("state", entries.STATES), ("kind", entries.OBJECT_KINDS)):
        if getattr(entry, name) not in choices:
            faults.append((name, "不在可选值中"))
    for name in ("credit_class", "food_risk_grade"):
        if getattr(entry, name) not in (None, *entries.CREDIT_CLASSES):
            faults.append((name, "应为 A、B、C、D，或不填"))
    if entry.link not in ("", *entries.LINKS):
        faults.append(("link", "不在可选值中"))
    return [*faults, *rules.place_faults(entry.latitude, entry.longitude), *_licence_faults(session, entry)]


def _licence_faults(session: Session, entry: EnterpriseEntry) -> list[rules.Fault]:
    faults: list[rules.Fault] = []
    seen: set[tuple[str, str]] = set()
    for place, licence in enumerate(entry.licences):
        key = (licence.kind, licence.number)
        if key in seen:
            faults.append((f"licences.{place}", "同一许可证写了两次"))
        seen.add(key)
        if fault := rules.period_fault(licence.issued_on, licence.expires_on):
            faults.append((f"licences.{place}", fault))
    return faults


def _set_tags(row: Enterprise, tags: tuple[str, ...]) -> None:
    there = {tag.tag: tag for tag in row.tags}
    wanted = list(dict.fromkeys(tags))
    row.tags[:] = [there.get(tag) or EnterpriseTag(tag=tag) for tag in wanted]


def _set_licences(session: Session, row: Enterprise, licences: tuple[LicenceEntry, ...]) -> None:
    """Make the licences of a row those of the entry; a number that stands with another object is refused."""
    there = {(licence.kind, licence.number): licence for licence in row.licences}
    wanted: list[Licence] = []
    for entry in licences:
        licence = there.get((entry.kind, entry.number))
        if licence is None:
            _free(session, entry)
            licence = Licence(kind=entry.kind, number=entry.number)
        licence.issued_on, licence.expires_on, licence.issuer = entry.issued_on, entry.expires_on, entry.issuer
        wanted.append(licence)
    row.licences[:] = wanted


def _free(session: Session, entry: LicenceEntry) -> None:
    holder = session.scalar(
        select(Enterprise.code)
        .join(Licence, Licence.enterprise_id == Enterprise.id)
        .where(Licence.kind == entry.kind, Licence.number == entry.number)
        .execution_options(unscoped=True)
    )
    if holder is not None:
        raise Refused("licence-taken", "%(kind)s %(number)s 已登记在 %(firm)s 名下。请核对证号。", kind=entry.kind, number=entry.number, firm=holder)

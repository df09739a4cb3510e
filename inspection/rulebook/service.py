"""The verbs of the rulebook: which rule holds, when a term ends by it, which codes a list has."""

from __future__ import annotations

import csv
from datetime import date, datetime
from importlib.resources import files

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from inspection import audit, clock
from inspection.actor import Actor
from inspection.calendar import service as calendar
from inspection.calendar.rules import Term, add_hours
from inspection.errors import Conflict, Invalid, NotFound, Refused
from inspection.rulebook.models import Code, Rule
from inspection.rulebook.rules import NewVersion, faults_of, in_force

DATA = files("inspection.rulebook") / "data"


def rule(session: Session, key: str, on: date) -> Rule:
    """The rule in force on a day.

    Raises
    ------
    NotFound : no row of that key holds on that day; nothing is assumed in its place.
    """
    found = in_force(session.scalars(select(Rule).where(Rule.key == key)), on)
    if found is None:
        raise NotFound("rule-missing", "规则库中没有 %(on)s 有效的规则 %(key)s。请规则管理员补录后再办理。", key=key, on=on.isoformat())
    return found


def due(session: Session, key: str, start: date) -> Term:
    """The last day of the term that the rule gives from `start`, with its mark when a year is unannounced.

    Raises
    ------
    NotFound : no such rule on that day.
    Refused : the rule counts in hours (`due_moment`) or is no term at all.
    """
    found = rule(session, key, start)
    if found.unit not in ("workday", "day", "month", "year"):
        raise Refused("rule-not-in-days", "规则 %(key)s 不以日、工作日、月或年计，不能据此推算到期日。请规则管理员核对。", key=key)
    return calendar.add(session, start, int(found.value), found.unit)  # type: ignore[arg-type]


def due_moment(session: Session, key: str, start: datetime) -> datetime:
    """The moment a term in hours ends; it runs through nights and holidays."""
    found = rule(session, key, clock.day_of(start))
    if found.unit != "hour":
        raise Refused("rule-not-in-hours", "规则 %(key)s 不以小时计，不能据此推算到期时刻。请规则管理员核对。", key=key)
    return add_hours(start, int(found.value))


def number(session: Session, key: str, on: date) -> int:
    """A whole number that the rule sets (a cap, a count)."""
    return int(rule(session, key, on).value)


def codes(session: Session, name: str, on: date) -> list[Code]:
    """The words of a coded list in the version in force, in order."""
    rows = session.scalars(select(Code).where(Code.list == name).order_by(Code.position)).all()
    current = in_force(rows, on)
    return [row for row in rows if current and row.version == current.version]


def code(session: Session, name: str, value: str, on: date) -> Code:
    """One word of a list, refused when the list in force does not hold it."""
    for row in codes(session, name, on):
        if row.code == value:
            return row
    raise NotFound("code-missing", "代码表 %(name)s 中没有 %(value)s。请从列表中选择。", name=name, value=value)


# --- the book itself --------------------------------------------------------------------------------------------------


def rules(*, regime: str = "", on: date | None = None) -> Select[Rule]:
    """Rows of the book: of one regime, or only those in force on a day."""
    query = select(Rule)
    if regime:
        query = query.where(Rule.regime == regime)
    if on is not None:
        newer = aliased(Rule)
        query = query.where(
            Rule.valid_from <= on,
            (Rule.valid_to.is_(None)) | (Rule.valid_to >= on),
            ~select(newer.id).where(newer.key == Rule.key, newer.valid_from <= on, newer.valid_from > Rule.valid_from).exists(),
        )
    return query


def regimes(session: Session) -> list[str]:
    """The regimes that have rules."""
    return list(session.scalars(select(Rule.regime).distinct().order_by(Rule.regime)))


def get(session: Session, rule_id: int) -> Rule:
    """One version of a rule."""
    found = session.get(Rule, rule_id)
    if found is None:
        raise NotFound("rule-not-found", "没有这条规则。请从规则库中选择。")
    return found


def versions(session: Session, key: str) -> list[Rule]:
    """Every version of a rule, oldest first."""
    return list(session.scalars(select(Rule).where(Rule.key == key).order_by(Rule.valid_from)))


def add_version(session: Session, actor: Actor, rule_id: int, new: NewVersion, *, version: int) -> Rule:
    """Enter what a rule says from a day on; the versions before stay as they are.

    Parameters
    ----------
    rule_id, version : the newest version that the actor saw.

    Raises
    ------
    Conflict : somebody entered a newer version, or changed this one, meanwhile.
    Invalid : the value does not fit its unit, or the day lies in the past or before the newest version.
    """
    seen = get(session, rule_id)
    newest = versions(session, seen.key)[-1]
    if (newest.id, newest.version_id) != (seen.id, version):
        raise Conflict("rule-changed", "您读取之后，规则 %(key)s 已有更新的版本。请核对后再提交。", changes=_changes(new, newest), key=seen.key)
    if faults := faults_of(new, newest.valid_from, clock.today()):
        raise Invalid("rule-invalid", "新版本有 %(count)s 处需要改正。", fields=faults, count=len(faults))
    row = Rule(
        key=newest.key, regime=newest.regime, starts=newest.starts, action=newest.action, value=new.value, unit=new.unit,
        source=new.source, verified=new.verified, valid_from=new.valid_from, note=new.note,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(session, actor, "rulebook.add_version", "rule", row.key, before=newest, after=row, valid_from=row.valid_from, value=row.value)
    return row


def _changes(new: NewVersion, newest: Rule) -> list[tuple[str, str, str]]:
    shown = (("value", "数值"), ("unit", "单位"), ("source", "来源"), ("valid_from", "生效日期"))
    pairs = [(label, str(getattr(new, name)), str(getattr(newest, name))) for name, label in shown]
    return [(label, yours, theirs) for label, yours, theirs in pairs if yours != theirs]


def withdraw_version(session: Session, actor: Actor, rule_id: int, *, version: int) -> Rule:
    """Take back a version that has not come into force; gives the version before it.

    Raises
    ------
    Refused : it holds or has held already, or nothing would remain.
    """
    row = get(session, rule_id)
    if row.version_id != version:
        raise Conflict("rule-changed", "您读取之后，规则 %(key)s 已被修改。请核对后再提交。", key=row.key)
    if row.valid_from <= clock.today():
        raise Refused("rule-in-force", "规则 %(key)s 的这一版已经生效，不能撤回。请另立一版。", key=row.key)
    others = [other for other in versions(session, row.key) if other.id != row.id]
    if not others:
        raise Refused("rule-only-version", "规则 %(key)s 只有这一版，不能撤回。", key=row.key)
    session.delete(row)
    session.flush()
    audit.record(session, actor, "rulebook.withdraw_version", "rule", row.key, before=row, valid_from=row.valid_from, value=row.value)
    return others[-1]


def code_lists(session: Session) -> list[Code]:
    """Every word of every coded list, by list, version and place."""
    return list(session.scalars(select(Code).order_by(Code.list, Code.valid_from, Code.version, Code.position)))


# --- what ships with the software -------------------------------------------------------------------------------------


def load_packaged(session: Session, actor: Actor) -> tuple[int, int]:
    """Enter the rules and codes that ship with the software and are not there yet; never overwrites an edited row."""
    rules = {(r.key, r.valid_from) for r in session.scalars(select(Rule))}
    words = {(c.list, c.version, c.code) for c in session.scalars(select(Code))}
    new_rules = [r for r in _packaged_rules() if (r.key, r.valid_from) not in rules]
    new_codes = [c for c in _packaged_codes() if (c.list, c.version, c.code) not in words]
    session.add_all([*new_rules, *new_codes])
    session.flush()
    if new_rules or new_codes:
        audit.record(session, actor, "rulebook.load", "rulebook", "packaged", rules=len(new_rules), codes=len(new_codes))
    return len(new_rules), len(new_codes)


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


def _packaged_rules() -> list[Rule]:
    return [
        Rule(
            key=row["key"],
            regime=row["regime"],
            starts=row["starts"],
            action=row["action"],
            value=row["value"],
            unit=row["unit"],
            source=row["source"],
            verified=row["mark"] == "FOUND",
            valid_from=date.fromisoformat(row["valid_from"]),
            note=row["note"],
        )
        for row in _rows("rules.csv")
    ]


def _packaged_codes() -> list[Code]:
    positions: dict[tuple[str, str], int] = {}
    result = []
    for row in _rows("codes.csv"):
        at = positions[row["list"], row["version"]] = positions.get((row["list"], row["version"]), 0) + 1
        result.append(
            Code(
                list=row["list"],
                version=row["version"],
                code=row["code"],
                position=at,
                label=row["label"],
                label_en=row["label_en"],
                parent=row["parent"],
                source=row["source"],
                verified=row["mark"] == "FOUND",
                valid_from=date.fromisoformat(row["valid_from"]),
            )
        )
    return result
